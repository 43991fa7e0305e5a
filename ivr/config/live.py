"""The configuration in use: the last reading without errors. A thread reads changed files."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from secrets import token_bytes
from threading import Event, Lock
from typing import TYPE_CHECKING, Protocol

from ivr import translations
from ivr.checks.confirmations import Confirmations, confirmations
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

if TYPE_CHECKING:
    # Not at run time: every command imports this module, and few need git.
    from ivr.config.keeper import Keeper

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""Returns the current time, with a time zone."""


class NoLine(Exception):
    """No reading without errors exists. `findings` has the errors."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.code for finding in findings})))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that one response needs. Immutable: a request uses one snapshot from start to end."""

    line: Line
    clips: Clips
    read_at: datetime
    """When the line was read. For a line from the archive: when the archive was saved."""
    findings: tuple[Finding, ...]
    """Of the last look at the files and the clips. They may be newer than `line`, and may hold errors."""
    version: str
    """Identifies the content of the files of `line` (see `Reading.version`); empty for a draft."""
    document: Callable[[Reply, str], bytes]
    """Reply, and public URL of the line → TwiML document. Cached, because many callers get the same reply."""

    @property
    def degraded(self) -> bool:
        """Whether a file or a clip has an error, so that `line` may be older than the files."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


class Readings(Protocol):
    """Where the web application takes the snapshot for an answer: a `Live`, or a `Fixed` for trying calls."""

    @property
    def snapshot(self) -> Snapshot: ...

    @property
    def late(self) -> bool: ...

    @property
    def looks(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """One snapshot that stays, such as that of a draft."""

    snapshot: Snapshot
    late: bool = False
    looks: int = 0


class Live:
    """Holds the snapshot of the last reading without errors.

    One thread (`watch`) looks at the files; any number of threads read `snapshot`.
    """

    def __init__(  # noqa: PLR0913 - each part of the outside world is an argument
        self,
        home: Home,
        clock: Clock,
        *,
        public: bool,
        erases: bool = False,
        secret: bytes | None = None,
        last_good: LastGood | None = None,
        keeper: "Keeper | None" = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the home, or the archive. Raises NoLine where neither can be read without errors.

        `public`: an example municipality is an error. `erases`: records of anonymous calls are erased at
        Twilio. `secret`: key for the names of clips in URLs; all machines of a line must have the same one
        (see `clips.naming_secret`). By default a random one.
        """
        self._home = home
        self._clock = clock
        self._public, self._erases = public, erases
        self._secret = token_bytes(32) if secret is None else secret
        self._last_good = last_good
        self._keeper = keeper
        self._unkept: Finding | None = None
        """The keeper's finding, as far as the snapshot has it."""
        self._monotonic = monotonic
        self._looked: float | None = None
        """When `watch` started or finished its last look (monotonic seconds). None before it starts."""
        self.looks = 0
        """Number of finished looks. Another thread can poll it to detect the next look."""
        self._cache = Cache()
        self._lock = Lock()
        self._seen: tuple[object, ...] | None = None
        """Fingerprints and `_date_and_closed` of the last reading. None: the next look reads the files."""
        self._snapshot: Snapshot | None = None
        self._found: tuple[Finding, ...] = ()
        """Findings of the last reading."""
        self._confirmations = Confirmations()
        """Of the last good reading."""
        self._good = False
        """Whether the last reading gave a line."""
        self._good_files: Fingerprint | None = None
        """Fingerprint of the last good reading; None where a later reading has an error."""
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
        """Whether the last look is more than SLOW_LOOK_SECONDS ago, so that changes are not seen."""
        return self._looked is not None and self._monotonic() - self._looked > SLOW_LOOK_SECONDS

    @property
    def snapshot(self) -> Snapshot:
        """The current snapshot. Takes no lock."""
        if self._snapshot is None:
            raise AssertionError("a Live without a good reading is never built")
        return self._snapshot

    def refresh(self) -> None:
        """Read the files if something changed. Raises OSError, or NoLine if there is no line to keep."""
        with self._lock:
            now, files, audio = self._clock(), self._home.fingerprint(), self._audio()
            if (files, audio, *self._date_and_closed(now)) != self._seen:
                self._read(now)
                # A file that could not be read may become readable without a change of its stamp.
                unread = any(finding.code in {UNREAD, UNSEEN} for finding in self._found)
                self._seen = None if unread else (files, audio, *self._date_and_closed(now))
            self._good_files = files if self._good else None
            if self._last_good is not None and self._good:
                self._last_good.save(self._home, files, self._confirmations)

    def look(self, *, forked: bool = False) -> None:
        """Refresh. Where that fails, the snapshot stays and gets a finding. Raises nothing.

        `forked`: the first look of a process after its fork. Another process may have saved a newer archive.
        """
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - no error of a file system may stop the line
            self._report(unseen(error))
        known = self.snapshot
        if forked and known.degraded:
            with self._lock, suppress(Exception):  # the snapshot from before the fork is good enough
                self._recall(tuple(each for each in known.findings if each not in known.clips.findings))
        self._tell_of_versions()
        self.looks += 1

    def watch(self, stop: Event) -> None:
        """Look at the files every RELOAD_SECONDS, until `stop` is set."""
        self._looked = self._monotonic()
        while not stop.wait(RELOAD_SECONDS):
            self.look()
            self._looked = self._monotonic()

    def keep_versions(self, stop: Event) -> None:
        """Make each good reading a version, until `stop` is set. Runs in a thread of its own."""
        while self._keeper and not stop.wait(RELOAD_SECONDS):
            if seen := self._good_files:
                self._keeper.keep(seen)

    def _tell_of_versions(self) -> None:
        """Bring the keeper's finding into the snapshot, and into the log when it begins."""
        finding = self._keeper.finding if self._keeper else None
        with self._lock:
            known = self.snapshot.findings
            others = tuple(each for each in known if each != self._unkept)
            findings = (*others, finding) if finding else others
            if finding and finding not in known:
                log.error("a good reading could not be kept as a version: %s", finding.values["why"])
            if findings != known:
                self._snapshot = replace(self.snapshot, findings=findings)
            self._unkept = finding

    def _date_and_closed(self, now: datetime) -> tuple[object, ...]:
        """Return what else changes the findings: the date, and whether the line is closed."""
        line = self._snapshot and self._snapshot.line
        return (now.astimezone(line.settings.timezone).date(), line.closed(now)) if line else ()

    def _read(self, now: datetime) -> None:
        before = self._last_good and self._last_good.confirmations()
        reading = self._reading(self._home, now, self._cache, before or self._confirmations)
        self._found, self._good = reading.findings, reading.line is not None
        if reading.line is not None:
            self._snapshot = snapshot_of(
                reading.line, self._clips(), now, reading.findings, version=reading.version
            )
            today = now.astimezone(reading.line.settings.timezone).date()
            known = before or self._confirmations
            self._confirmations = confirmations(reading.line.municipalities, known, today)
            log.info("configuration read: %d municipalities", len(reading.line.municipalities))
        elif self._recall(reading.findings):
            pass  # the archive of another process is newer than the snapshot, or there is no snapshot
        elif self._snapshot is not None:
            self._keep_on(self._snapshot, reading.findings)
        else:
            raise NoLine(reading.findings)

    def _keep_on(self, snapshot: Snapshot, findings: tuple[Finding, ...]) -> None:
        """Keep the line of a snapshot, with the findings of newer files with errors; log the new errors."""
        for finding in findings:
            if finding.severity is Severity.ERROR and finding not in snapshot.findings:
                fact = translations.fact(finding, "en")
                log.error("not read: %s:%d [%s] %s", finding.file, finding.line, finding.code, fact)
        self._snapshot = snapshot_of(
            snapshot.line, self._clips(), snapshot.read_at, findings, version=snapshot.version
        )

    def _recall(self, findings: tuple[Finding, ...]) -> bool:
        """Use the archive if it is newer than the snapshot; return whether it is. `findings`: of the home."""
        now, own = self._clock(), self._snapshot
        archived = self._last_good and self._last_good.load(lambda home: self._reading(home, now, Cache()))
        if not archived or (own and own.read_at >= archived[2]):
            return False
        line, version, saved_at = archived
        log.warning("what was good last is in use, of %s", saved_at.isoformat(timespec="seconds"))
        self._keep_on(snapshot_of(line, self._clips(), saved_at, version=version), findings)
        return True

    def _report(self, failure: Finding) -> None:
        """Add a finding that the files could not be looked at. The next look reads all files."""
        with self._lock:
            self._seen = None
            if failure not in self.snapshot.findings:
                log.error("the files could not be looked at: %s", failure.values["why"])
                self._snapshot = replace(self.snapshot, findings=(*self.snapshot.findings, failure))

    def _audio(self) -> Fingerprint:
        damaged = self._snapshot.clips.damaged_built if self._snapshot else ()
        return Clips.fingerprint(self._home.audio, damaged)

    def _reading(
        self, home: Home, now: datetime, cache: Cache, before: Confirmations | None = None
    ) -> Reading:
        return read(home, now, cache, before=before, public=self._public, erases=self._erases)

    def _clips(self) -> Clips:
        try:
            return Clips.read(self._home.audio, self._secret)
        except Exception as error:  # noqa: BLE001 - no error of the clips may keep a new number out of use
            known = self._snapshot.clips if self._snapshot else Clips()
            return replace(known, findings=(broken(self._home.audio.name, error),))


def snapshot_of(
    line: Line, clips: Clips, read_at: datetime, findings: tuple[Finding, ...] = (), *, version: str = ""
) -> Snapshot:
    """Make the snapshot of a line, with documents that are written once."""

    @lru_cache(maxsize=DOCUMENTS_KEPT)
    def document(reply: Reply, public_url: str) -> bytes:
        return documents.write(reply, line.settings.voices, clips.sound, public_url).encode()

    return Snapshot(line, clips, read_at, (*findings, *clips.findings), version, document)
