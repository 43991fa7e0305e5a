"""Which line is called on the desk phone: the one that is live, or that of a draft."""

from collections.abc import Callable
from threading import Lock
from typing import Final, cast

from flask import current_app

from ivr.config.home import Fingerprint, Home
from ivr.console.context import reading
from ivr.model.line import Line
from ivr.speech.clips import Clips

LIVE: Final = "live"
"""The source that is not a draft. The source of a draft is its id."""


class PhoneLines:
    """The line that is live, and the clips of the home. Any number of threads may ask."""

    def __init__(self, home: Home, key: bytes) -> None:
        """`key`: for the names of clips, which leave this process in no way."""
        self._home = home
        self._key = key
        self._lock = Lock()
        self._live: Line | None = None
        self._clips = Clips()
        self._seen: Fingerprint | None = None
        """Of the sounds, when `_clips` were read."""

    def live(self, found: Line | None) -> Line | None:
        """Return the line as it was read now, or else the last one, as the line itself uses it."""
        with self._lock:
            self._live = found or self._live
            return self._live

    def clips(self) -> Clips:
        """Return the clips as the files are now. Without them the phone speaks with espeak-ng."""
        try:
            seen = Clips.fingerprint(self._home.audio)
            with self._lock:
                if seen != self._seen:
                    self._clips, self._seen = Clips.read(self._home.audio, self._key), seen
                return self._clips
        except Exception:  # noqa: BLE001 - whatever is wrong with the sounds, the phone speaks
            return Clips()


def phone_lines() -> PhoneLines:
    return cast("PhoneLines", current_app.extensions["phone-lines"])


def line_of(source: str, slug: str) -> Line | None:
    """Return the line to be called, or None where there is none.

    `source`: LIVE, or the id of a draft. `slug`: of the municipality; a draft must be of its file.
    """
    if source == LIVE:
        return phone_lines().live(reading().line)
    of_draft = cast("OfDraft | None", current_app.extensions.get("line-of-draft"))
    return of_draft(source, slug) if of_draft else None


OfDraft = Callable[[str, str], Line | None]
"""Id of a draft, and slug of a municipality → the line with that draft, or None: no such draft, or an error
in its files. The pages that edit drafts put it into `app.extensions["line-of-draft"]`."""
