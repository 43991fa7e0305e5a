"""The reading that is in use: the last good one, kept up to date with the files."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from threading import Event, Lock

from ivr import twiml, words
from ivr.call import Reply
from ivr.config.home import Fingerprint, Home
from ivr.config.last_good import LastGood
from ivr.config.reading import Cache, Reading, read
from ivr.config.source import UNREAD
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
        self,
        home: Home,
        clock: Clock,
        *,
        public: bool,
        erases: bool = False,
        last_good: LastGood | None = None,
    ) -> None:
        """Read the home, or what was kept of it. Raises NoLine where neither gives a good reading.

        `public`: examples are findings. `erases`: the records of anonymous calls are erased at Twilio.
        """
        self._home = home
        self._clock = clock
        self._public, self._erases = public, erases
        self._last_good = last_good
        self._cache = Cache()
        self._lock = Lock()
        self._seen: tuple[object, ...] | None = None
        self._snapshot: Snapshot | None = None
        self.looks = 0
        try:
            self.refresh()
        except OSError as error:
            unseen = (_unseen(error),)
            if not self._recall(unseen):
                raise NoLine(unseen) from error

    @property
    def snapshot(self) -> Snapshot:
        if self._snapshot is None:
            raise AssertionError("a Live without a good reading is never built")
        return self._snapshot

    def refresh(self) -> None:
        """Look at the files, and read them anew where something changed. Raises OSError where that fails."""
        with self._lock:
            now, files, audio = self._clock(), self._home.fingerprint(), self._audio()
            if (files, audio, *self._times(now)) != self._seen:
                self._read(now)
                # A file that could not be read may be there again without a change to it.
                unread = any(finding.code == UNREAD for finding in self.snapshot.findings)
                self._seen = None if unread else (files, audio, *self._times(now))
            if self._last_good is not None and not self.snapshot.degraded:
                self._last_good.keep(self._home, files)

    def look(self, *, born: bool = False) -> None:
        """Refresh; where the files cannot be looked at, tell that and keep what there is.

        `born`: this process has just been born, and other ones may have had a good reading in between.
        """
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - the line must outlive whatever a file system can do
            self._tell(_unseen(error))
        self.looks += 1
        if born and self.snapshot.degraded:
            with self._lock, suppress(Exception):  # what it was born with does as well
                self._recall(self.snapshot.findings)

    def watch(self, stop: Event) -> None:
        """Look at the files now and then, until told to stop."""
        while not stop.wait(RELOAD_SECONDS):
            self.look()

    def _times(self, now: datetime) -> tuple[object, ...]:
        """What changes the findings while the files stay the same: the day, and a closure that ends."""
        line = self._snapshot and self._snapshot.line
        return (now.astimezone(line.settings.timezone).date(), line.closed(now)) if line else ()

    def _read(self, now: datetime) -> None:
        reading = self._of(self._home, now, self._cache)
        if reading.line is not None:
            self._snapshot = _snapshot(reading.line, self._clips(), now, reading.findings)
            log.info("configuration read: %d municipalities", len(reading.line.municipalities))
        elif self._recall(reading.findings):
            pass  # another process had a later good reading, or one before this process was born
        elif self._snapshot is not None:
            self._keep_on(self._snapshot, reading.findings)
        else:
            raise NoLine(reading.findings)

    def _keep_on(self, snapshot: Snapshot, findings: tuple[Finding, ...]) -> None:
        """Use a reading on, although the files have errors now."""
        if findings != snapshot.findings:
            for finding in findings:
                if finding.level is Level.ERROR:
                    fact = words.fact(finding, "en")
                    log.error("not read: %s:%d [%s] %s", finding.file, finding.line, finding.code, fact)
        self._snapshot = _snapshot(snapshot.line, self._clips(), snapshot.read_at, findings)

    def _recall(self, findings: tuple[Finding, ...]) -> bool:
        """Use what was kept last, if it is later than what there is; whether it was."""
        now, own = self._clock(), self._snapshot
        kept = self._last_good and self._last_good.line(lambda home: self._of(home, now, Cache()))
        if not kept or (own and own.read_at >= kept[1]):
            return False
        line, since = kept
        log.warning("what was good last is in use, of %s", since.isoformat(timespec="seconds"))
        self._keep_on(_snapshot(line, self._clips(), since, ()), findings)
        return True

    def _tell(self, unseen: Finding) -> None:
        """The files could not be looked at: the next look reads them, whatever they look like."""
        with self._lock:
            self._seen = None
            if unseen not in self.snapshot.findings:
                log.error("the files could not be looked at: %s", unseen.values["why"])
                self._snapshot = replace(self.snapshot, findings=(*self.snapshot.findings, unseen))

    def _audio(self) -> Fingerprint:
        besides = self._snapshot.clips.unfinished if self._snapshot else ()
        return Clips.fingerprint(self._home.audio, besides)

    def _of(self, home: Home, now: datetime, cache: Cache) -> Reading:
        return read(home, now, cache, public=self._public, erases=self._erases)

    def _clips(self) -> Clips:
        return Clips.read(self._home.audio)


def _unseen(error: Exception) -> Finding:
    return Finding("home-unseen", ".", values={"why": type(error).__name__})


def _snapshot(line: Line, clips: Clips, read_at: datetime, findings: tuple[Finding, ...]) -> Snapshot:
    @lru_cache(maxsize=DOCUMENTS_KEPT)
    def document(reply: Reply) -> bytes:
        return twiml.write(reply, line.settings.voices, clips.name).encode()

    return Snapshot(line, clips, read_at, findings, document)
