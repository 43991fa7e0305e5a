"""The configuration as the files hold it now. With an error, it is newer than what the line uses."""

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from ivr.checks.confirmations import Confirmations, confirmations
from ivr.config.confirmation_history import ConfirmationHistory
from ivr.config.home import Fingerprint, Home
from ivr.config.live import Clock
from ivr.config.reading import Cache, Reading, known_names, read, unseen
from ivr.config.restoring import reading_with
from ivr.model.findings import Finding
from ivr.model.settings import Settings
from ivr.speech.clips import Clips
from ivr.speech.inventory import unplayed

USUAL_ZONE: Final[ZoneInfo] = Settings.model_fields["timezone"].default
"""The line's time zone while its settings have an error."""


class CurrentReading:
    """Reads the files of a home when they have changed. Any number of threads may ask."""

    def __init__(self, home: Home, clock: Clock, *, public: bool, erases: bool) -> None:
        self._home = home
        self._clock = clock
        self._public, self._erases = public, erases
        self._cache = Cache()
        self._lock = Lock()
        self._seen: tuple[object, ...] | None = None
        """Fingerprints, and what else findings depend on, when `_reading` was made."""
        self._heard: Fingerprint | None = None
        """Of the sounds when `_unplayed` was made."""
        self._unplayed: tuple[Finding, ...] = ()
        self._reading = Reading(None, ())
        self._history = ConfirmationHistory(home)
        self._known = Confirmations()
        """What is known of the contacts since `_reading`."""

    def __call__(self) -> Reading:
        """Return the reading of this moment, with the findings of the recordings. Raises nothing."""
        with self._lock:
            try:
                files, audio = self._home.fingerprint(), Clips.fingerprint(self._home.audio)
                if (files, audio, *self._date_and_closed()) != self._seen:
                    self._reading = self._read(audio)
                    self._seen = (files, audio, *self._date_and_closed())
            except Exception as error:  # noqa: BLE001 - the page says what happened, whatever it is
                self._seen = None
                return Reading(None, (unseen(error),))
            return self._reading

    def names(self) -> dict[str, str]:
        """Return slug → name of each municipality as its file says, also of one with an error."""
        with self._lock:
            return known_names(self._cache)

    def with_texts(self, texts: Mapping[str, bytes | None]) -> Reading:
        """Return the reading as it would be with other texts of some files. Raises OSError."""
        with self._lock:
            cache, known = Cache(dict(self._cache.parts)), self._known
        return reading_with(self._home, texts, lambda home: self._found(home, cache, known))

    def _date_and_closed(self) -> tuple[object, ...]:
        now, line = self._clock(), self._reading.line
        return (now.astimezone(line.settings.timezone).date(), line.closed(now)) if line else (now.date(),)

    def _found(self, home: Home, cache: Cache, before: Confirmations) -> Reading:
        return read(home, self._clock(), cache, before=before, public=self._public, erases=self._erases)

    def _read(self, audio: Fingerprint) -> Reading:
        line = self._reading.line
        now = self._clock().astimezone(line.settings.timezone if line else USUAL_ZONE)
        self._known = self._history(now) or self._known
        found = self._found(self._home, self._cache, self._known)
        if found.line is None:
            return found
        self._known = confirmations(found.line.municipalities, self._known, now.date())
        if audio != self._heard or found.line.prompts != (self._reading.line and self._reading.line.prompts):
            # It reads every built clip.
            self._unplayed, self._heard = tuple(unplayed(found.line, self._home.audio)), audio
        return replace(found, findings=(*found.findings, *self._unplayed))
