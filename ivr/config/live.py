"""The reading that is in use: the last good one, kept up to date with the files."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from secrets import token_bytes
from threading import Event, Lock

from ivr import translations
from ivr.config.home import Fingerprint, Home
from ivr.config.last_good import LastGood
from ivr.config.reading import UNSEEN, Cache, Reading, read, unseen
from ivr.config.source import UNREAD
from ivr.dialogue.call import Reply
from ivr.model.findings import Finding, Severity, broken
from ivr.model.limits import DOCUMENTS_KEPT, RELOAD_SECONDS, SLOW_LOOK_SECONDS
from ivr.model.line import Line
from ivr.speech.clips import Clips
from ivr.twiml import documents

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
    """Of the last look at the files and the clips, which may be later and may have found errors."""
    document: Callable[[Reply], bytes]
    """Writes a reply; the same reply to the next caller is not written again."""

    @property
    def degraded(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


class Live:
    """Keeps the last good reading of a home in use while people edit its files."""

    def __init__(  # noqa: PLR0913 - the outside world, handed in piece by piece
        self,
        home: Home,
        clock: Clock,
        *,
        public: bool,
        erases: bool = False,
        secret: bytes | None = None,
        last_good: LastGood | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the home, or what was kept of it. Raises NoLine where neither gives a good reading.

        `public`: examples are findings. `erases`: the records of anonymous calls are erased at Twilio.
        `secret`: keys the names of clips in addresses, and is the same on all machines of a line
        (see `clips.naming_secret`); by default nobody else knows them.
        """
        self._home = home
        self._clock = clock
        self._public, self._erases = public, erases
        self._secret = token_bytes(32) if secret is None else secret
        self._last_good = last_good
        self._monotonic = monotonic
        self._looked: float | None = None
        """When the watcher finished its last look, once there is one."""
        self.looks = 0
        """Looks that are finished: whoever waits for the next one sees this change."""
        self._cache = Cache()
        self._lock = Lock()
        self._seen: tuple[object, ...] | None = None
        self._snapshot: Snapshot | None = None
        self._found: tuple[Finding, ...] = ()
        self._good = False
        """Of the last reading: what it found, and whether it gave a line."""
        try:
            self.refresh()
        except NoLine:
            raise
        except Exception as error:
            found = (unseen(error),)
            if not self._recall(found):
                raise NoLine(found) from error

    @property
    def late(self) -> bool:
        """Whether the watcher has been at one look for so long that changes are not seen."""
        return self._looked is not None and self._monotonic() - self._looked > SLOW_LOOK_SECONDS

    @property
    def snapshot(self) -> Snapshot:
        """What answers are made of; whoever asks for it waits for nobody."""
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
                unread = any(finding.code in {UNREAD, UNSEEN} for finding in self._found)
                self._seen = None if unread else (files, audio, *self._times(now))
            if self._last_good is not None and self._good:
                self._last_good.keep(self._home, files)

    def look(self, *, born: bool = False) -> None:
        """Refresh; where the files cannot be looked at, tell that and keep what there is.

        `born`: this process has just been born, and other ones may have had a good reading in between.
        """
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - the line must outlive whatever a file system can do
            self._tell(unseen(error))
        known = self.snapshot
        if born and known.degraded:
            with self._lock, suppress(Exception):  # what it was born with does as well
                self._recall(tuple(each for each in known.findings if each not in known.clips.findings))
        self.looks += 1

    def watch(self, stop: Event) -> None:
        """Look at the files now and then, until told to stop."""
        self._looked = self._monotonic()
        while not stop.wait(RELOAD_SECONDS):
            self.look()
            self._looked = self._monotonic()

    def _times(self, now: datetime) -> tuple[object, ...]:
        """What changes the findings while the files stay the same: the day, and a closure that ends."""
        line = self._snapshot and self._snapshot.line
        return (now.astimezone(line.settings.timezone).date(), line.closed(now)) if line else ()

    def _read(self, now: datetime) -> None:
        reading = self._of(self._home, now, self._cache)
        self._found, self._good = reading.findings, reading.line is not None
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
        for finding in findings:
            if finding.severity is Severity.ERROR and finding not in snapshot.findings:
                fact = translations.fact(finding, "en")
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

    def _tell(self, away: Finding) -> None:
        """The files could not be looked at: the next look reads them, whatever they look like."""
        with self._lock:
            self._seen = None
            if away not in self.snapshot.findings:
                log.error("the files could not be looked at: %s", away.values["why"])
                self._snapshot = replace(self.snapshot, findings=(*self.snapshot.findings, away))

    def _audio(self) -> Fingerprint:
        besides = self._snapshot.clips.unfinished if self._snapshot else ()
        return Clips.fingerprint(self._home.audio, besides)

    def _of(self, home: Home, now: datetime, cache: Cache) -> Reading:
        return read(home, now, cache, public=self._public, erases=self._erases)

    def _clips(self) -> Clips:
        try:
            return Clips.read(self._home.audio, self._secret)
        except Exception as error:  # noqa: BLE001 - a new number is taken, whatever the clips are like
            known = self._snapshot.clips if self._snapshot else Clips()
            return replace(known, findings=(broken(self._home.audio.name, error),))


def _snapshot(line: Line, clips: Clips, read_at: datetime, findings: tuple[Finding, ...]) -> Snapshot:
    @lru_cache(maxsize=DOCUMENTS_KEPT)
    def document(reply: Reply) -> bytes:
        return documents.write(reply, line.settings.voices, clips.sound).encode()

    return Snapshot(line, clips, read_at, (*findings, *clips.findings), document)
