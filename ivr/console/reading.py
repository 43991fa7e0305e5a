"""The configuration as the files hold it now. With an error, it is newer than what the line uses."""

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

from ivr.config.home import Fingerprint, Home
from ivr.config.live import Clock
from ivr.config.reading import Cache, Reading, known_names, read, unseen
from ivr.config.restoring import reading_with
from ivr.model.findings import Finding
from ivr.speech.clips import Clips
from ivr.speech.inventory import unplayed


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
            cache = Cache(dict(self._cache.parts))
        return reading_with(self._home, texts, lambda home: self._found(home, cache))

    def _date_and_closed(self) -> tuple[object, ...]:
        now, line = self._clock(), self._reading.line
        return (now.astimezone(line.settings.timezone).date(), line.closed(now)) if line else (now.date(),)

    def _found(self, home: Home, cache: Cache) -> Reading:
        return read(home, self._clock(), cache, public=self._public, erases=self._erases)

    def _read(self, audio: Fingerprint) -> Reading:
        found = self._found(self._home, self._cache)
        if found.line is None:
            return found
        if audio != self._heard or found.line.prompts != (self._reading.line and self._reading.line.prompts):
            # It reads every built clip.
            self._unplayed, self._heard = tuple(unplayed(found.line, self._home.audio)), audio
        return replace(found, findings=(*found.findings, *self._unplayed))
