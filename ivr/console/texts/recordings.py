"""Recordings that come from a browser: tried first, then put in use, or removed.

A recording that is tried is in the console's state, at telephone quality, and no caller hears it.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from ivr.disk import reading
from ivr.disk.writing import write_whole
from ivr.model.limits import RECORDING_BYTES, TEXT_BYTES
from ivr.speech import Unsuitable
from ivr.speech.build import bind
from ivr.speech.wav import as_wav

KEPT_SECONDS: Final = 24 * 3600
"""After which a recording that was tried and not used is removed: it holds a voice."""
_MODE: Final = 0o666
"""Permissions of a recording in use, before the umask. The line may run as another user."""
_decoding: Final = BoundedSemaphore(1)
"""Recordings that a worker decodes at the same time: one takes up to 100 MB."""
_PATIENCE: Final = 20.0
"""Seconds for which a request waits for its turn."""


class NotHeard(Exception):
    """A file in which no sound can be heard, or of a kind that is not known."""


class TooLong(Exception):
    """A sound that is longer than a recording may be, or with an odd rate or number of channels."""


class Changed(Exception):
    """The text is not any more that of the recording."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording of one prompt, tried or in use. `prompt`: an id that the line has."""

    state: Path
    """The console's folder of data."""
    audio: Path
    """The home's audio folder."""
    language: str
    prompt: str

    @property
    def tried(self) -> Path:
        return self.state / "recordings" / f"{self.language}-{self.prompt}.wav"

    @property
    def used(self) -> Path:
        return self.audio / "recordings" / self.language / f"{self.prompt}.wav"

    def try_out(self, content: bytes, text: str, now: float) -> None:
        """Bring a sound file to the line's format, and keep it with the text that it says.

        `now`: seconds since 1970. Raises NotHeard, TooLong and OSError.
        """
        wav = converted(content)
        self.tried.parent.mkdir(mode=0o700, exist_ok=True)
        sweep(self.tried.parent, now)
        # The text first: a recording without one is none.
        write_whole(self.tried.with_suffix(".txt"), text.encode())
        write_whole(self.tried, wav)

    def heard(self, text: str) -> bytes | None:
        """Return the recording (WAV) that is tried for a text; None where there is none."""
        try:
            said = reading.read(self.tried.with_suffix(".txt"), TEXT_BYTES).decode()
            return reading.read(self.tried, RECORDING_BYTES) if said == text else None
        except (OSError, UnicodeDecodeError):
            return None

    def use(self, text: str) -> None:
        """Put the recording that is tried in use. Raises Changed and OSError."""
        wav = self.heard(text)
        if wav is None:
            raise Changed
        self.used.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.used, wav, mode=_MODE)
        bind(self.audio, self.language, self.prompt, text)
        with suppress(OSError):  # it goes after a day
            self.drop()

    def drop(self) -> None:
        """Remove the recording that is tried. Raises OSError."""
        for path in (self.tried, self.tried.with_suffix(".txt")):
            path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the recording that is in use. Raises OSError."""
        self.used.unlink(missing_ok=True)
        self.used.with_suffix(".txt").unlink(missing_ok=True)


def converted(content: bytes) -> bytes:
    """Return a sound file as WAV in the line's format, levelled and without silence at its ends.

    Raises NotHeard and TooLong.
    """
    # Imported here, because it loads numpy, which few pages need.
    from ivr.speech.sound import telephone_quality  # noqa: PLC0415

    if not content or len(content) > RECORDING_BYTES or not _decoding.acquire(timeout=_PATIENCE):
        raise NotHeard
    try:
        return as_wav(telephone_quality(content))
    except Unsuitable:
        raise TooLong from None
    except Exception:  # noqa: BLE001 - a decoder may raise anything for what somebody sends
        raise NotHeard from None
    finally:
        _decoding.release()


def sweep(folder: Path, now: float) -> None:
    """Remove recordings that were tried long ago. `now`: seconds since 1970. Raises nothing."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            with suppress(OSError):
                if path.stat().st_mtime < now - KEPT_SECONDS:
                    path.unlink()
