"""The reading that is in use: the last good one, kept up to date with the files."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Event, Lock

from ivr import twiml, words
from ivr.call import Reply
from ivr.config.home import Fingerprint, Home
from ivr.config.kept import Kept
from ivr.config.reading import Cache, Reading, read
from ivr.finding import Finding, Level
from ivr.limits import DOCUMENTS_KEPT, RELOAD_SECONDS
from ivr.model import Line
from ivr.speech.clips import Clips

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""Tells the moment, with its time zone."""


class NoLine(Exception):
    """There has never been a good reading; the findings say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.code for finding in findings})))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one answer needs, of one moment; a request takes one and keeps to it."""

    line: Line
    clips: Clips
    read_at: datetime
    """When this line was read."""
    findings: tuple[Finding, ...]
    """Of the last look at the files, which may be later and may have found errors."""
    document: Callable[[Reply], bytes]
    """Writes a reply; the same reply to the next caller is not written again."""

    @property
    def degraded(self) -> bool:
        return any(finding.level is Level.ERROR for finding in self.findings)


class Live:
    """Keeps the last good reading of a home in use while people edit its files."""

    def __init__(
        self, home: Home, clock: Clock, *, public: bool, erases: bool = False, kept: Kept | None = None
    ) -> None:
        """Read the home, or what was kept of it. Raises NoLine where neither gives a good reading.

        `public`: examples are findings. `erases`: the records of anonymous calls are erased at Twilio.
        """
        self._home = home
        self._clock = clock
        self._public, self._erases = public, erases
        self._kept = kept
        self._cache = Cache()
        self._lock = Lock()
        self._seen: tuple[object, ...] | None = None
        self._snapshot: Snapshot | None = None
        self.refresh()

    @property
    def snapshot(self) -> Snapshot:
        if self._snapshot is None:
            raise AssertionError("a Live without a good reading is never built")
        return self._snapshot

    def refresh(self) -> None:
        """Look at the files, and read them anew where something changed."""
        with self._lock:
            now = self._clock()
            seen = (self._home.fingerprint(), self._audio(), now.date())
            if (*seen, self._closed(now)) == self._seen:
                return
            self._read(now, seen[0])
            self._seen = (*seen, self._closed(now))

    def look(self, *, born: bool = False) -> None:
        """Refresh; where the files cannot be looked at, log that and keep what there is.

        `born`: this process has just been born, and other ones may have had a good reading in between.
        """
        try:
            self.refresh()
            with self._lock:
                if born and self.snapshot.degraded:
                    self._recall(self.snapshot.findings)
        except Exception as error:  # noqa: BLE001 - the line must outlive whatever a file system can do
            log.error("the files could not be looked at: %s", type(error).__name__)  # noqa: TRY400

    def watch(self, stop: Event) -> None:
        """Look at the files now and then, until told to stop."""
        while not stop.wait(RELOAD_SECONDS):
            self.look()

    def _closed(self, now: datetime) -> bool:
        """Whether the line in use is closed: its findings change when it opens by itself."""
        return self._snapshot is not None and self._snapshot.line.closed(now)

    def _audio(self) -> Fingerprint:
        return Clips.fingerprint(self._home.audio)

    def _read(self, now: datetime, seen: Fingerprint) -> None:
        reading = self._of(self._home, now, self._cache)
        if reading.line is not None:
            self._snapshot = _snapshot(reading.line, self._clips(), now, reading.findings)
            log.info("configuration read: %d municipalities", len(reading.line.municipalities))
            if self._kept is not None:
                self._kept.keep(self._home, seen)
            return
        if self._snapshot is None:
            self._recall(reading.findings)
        else:
            older = self._snapshot
            self._snapshot = _snapshot(older.line, self._clips(), older.read_at, reading.findings)
        if self._snapshot is None:
            raise NoLine(reading.findings)
        for finding in reading.errors:
            fact = words.fact(finding, "en")
            log.error("not read: %s:%d [%s] %s", finding.file, finding.line, finding.code, fact)

    def _recall(self, findings: tuple[Finding, ...]) -> None:
        """Use what was kept last, if there is anything."""
        now = self._clock()
        kept = self._kept and self._kept.line(lambda home: self._of(home, now, Cache()))
        if kept:
            line, since = kept
            self._snapshot = _snapshot(line, self._clips(), since, findings)
            log.warning("the last good reading is in use, of %s", since.isoformat(timespec="seconds"))

    def _of(self, home: Home, now: datetime, cache: Cache) -> Reading:
        return read(home, now.date(), cache, public=self._public, erases=self._erases, moment=now)

    def _clips(self) -> Clips:
        return Clips.read(self._home.audio)


def _snapshot(line: Line, clips: Clips, read_at: datetime, findings: tuple[Finding, ...]) -> Snapshot:
    @lru_cache(maxsize=DOCUMENTS_KEPT)
    def document(reply: Reply) -> bytes:
        return twiml.write(reply, line.settings.voices, clips.name).encode()

    return Snapshot(line, clips, read_at, findings, document)
