"""The store as the web application uses it, and the background threads that write to the database."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date
from threading import Event, Lock, Thread
from time import monotonic

from sqlalchemy import Engine

from ivr.dialogue.usage import Anonymous, Count
from ivr.model.limits import ERASE_SECONDS, ERASURE_SECONDS, NOTE_SECONDS, STOP_SECONDS, STORE_SECONDS
from ivr.store import erasures
from ivr.store.counts import PendingCounts
from ivr.store.erasures import Spool
from ivr.store.opening import hide_times, migrate
from ivr.store.ring_check_answers import RingCheckAnswers

log = logging.getLogger(__name__)

Erase = Callable[[str], None]
"""Deletes a call's records at Twilio by its SID. Raises any exception where that fails."""


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The state of the store, as last seen by this process."""

    reachable: bool
    """Whether the last run of each background step succeeded."""
    erasure_ages: tuple[float, ...]
    """For each known erasure, the seconds since it was requested."""


class Store:
    """Records counts, erasures and ring-check answers. Implements `ivr.web.recorder.CallRecorder`.

    The methods that webhooks call return within a fixed time. Other threads access the database.
    """

    def __init__(
        self, engine: Engine, spool: Spool, now: Callable[[], float], erase: Erase | None = None
    ) -> None:
        """`now`: returns seconds since 1970. `erase`: None without an account; requests are then ignored."""
        self._engine = engine
        self._spool = spool
        self._now = now
        self._erase = erase
        self._pending = PendingCounts()
        self._unwritten: dict[str, float] = {}
        """SID → time of request, for erasures that are in no file yet, because the disk is full or slow."""
        self._lock = Lock()
        self._writer = ThreadPoolExecutor(1, "spool")
        self._answer_writer = ThreadPoolExecutor(1, "rings")
        self._answers = RingCheckAnswers(engine, now)
        self._stop = Event()
        self._threads: dict[str, Thread] = {}
        self._failing: set[Callable[[], None]] = set()
        """The steps of the background threads whose last run failed."""
        self._spooled: dict[str, float] = {}
        """SID → time of request, for erasures in the spool, as last known."""
        self._table: dict[str, float] = {}
        """SID → time of request, for erasures in the database, as last read."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        self._pending.add(counts, day)

    def request_erasure(self, *sids: str) -> None:
        """Write to the spool a request to delete these calls. Text that is no call SID is ignored.

        Returns after ERASURE_SECONDS at most. A request that is not in a file by then waits in memory, and is
        lost if the process is killed.
        """
        good = [sid for sid in sids if erasures.is_sid(sid)]
        if self._erase is None or not good:
            return
        with self._lock:
            self._unwritten |= dict.fromkeys(good, self._now())
        # A failure is not logged: the log entry's time would be the time of an anonymous call.
        wait([self._writer.submit(self._write, good)], ERASURE_SECONDS)

    def note_acceptance(self, token: str) -> None:
        """Record that the contact of a ring check pressed 1.

        Raises what the database raises, or TimeoutError after NOTE_SECONDS.
        """
        self._answer_writer.submit(self._answers.add, token).result(NOTE_SECONDS)

    def _write(self, sids: list[str]) -> None:
        paths = [self._spool.put(sid) for sid in sids]
        with self._lock:
            self._spooled |= {sid: self._unwritten.pop(sid) for sid in sids if sid in self._unwritten}
        self._spool.sync(paths)

    def status(self) -> StoreStatus:
        """Return the status from memory, without access to the disk or the database."""
        with self._lock:
            waiting = {**self._table, **self._spooled, **self._unwritten}
        now = self._now()
        return StoreStatus(not self._failing, tuple(max(now - since, 0) for since in waiting.values()))

    def start(self) -> None:
        """Start the background threads: one writes to the database; with an account, one deletes calls."""
        work = [("store", STORE_SECONDS, self.flush)]
        if self._erase is not None:
            work.append(("erase", ERASE_SECONDS, self.erase_due))
        for name, seconds, step in work:
            thread = Thread(target=self._repeat, args=(seconds, step), name=name, daemon=True)
            thread.start()
            self._threads[name] = thread

    def stop(self) -> None:
        """Flush once more and stop the threads, within about STOP_SECONDS.

        Counts that the database did not take in time go to a file in the spool.
        """
        end = monotonic() + STOP_SECONDS
        self._stop.set()
        self._threads["store"].join(STOP_SECONDS * 0.8)
        unstored = self._pending.close(STOP_SECONDS * 0.1)
        if unstored:
            wait([self._writer.submit(self._spool_counts, unstored)], max(end - monotonic(), 0))
        for thread in self._threads.values():
            thread.join(max(end - monotonic(), 0))

    def _spool_counts(self, counts: str) -> None:
        try:
            self._spool.sync([self._spool.put(counts, "counts")])
            self._spool.touch()
        except OSError as error:
            log.error("the last counts are lost: %s", error.strerror)  # noqa: TRY400 - a traceback adds nothing

    def flush(self) -> None:
        """Write pending counts and erasures to the database.

        Raises what the database or the disk raises. What is not written by then stays pending.
        """
        self._pending.gather()
        try:
            migrate(self._engine)
            self._flush_unwritten()
        finally:
            self._read_spool()  # also without a database: `status` reports what waits
        erasures.move_to_table(self._engine, self._spool)
        self._read_spool()
        erasures.correct_future_times(self._engine, self._now())
        self._table = erasures.waiting(self._engine)
        self._restore_counts()
        self._pending.store(self._engine)

    def _restore_counts(self) -> None:
        """Move counts from the spool to memory.

        The files are deleted here, so the database must have answered just before.
        """
        if self._stop.is_set():
            return  # counts that `stop` has just written must stay in the spool
        for text in self._spool.take_counts():
            try:
                self._pending.restore(text)
            except ValueError:
                log.warning("a file of counts in the spool was invalid, and is deleted")

    def _flush_unwritten(self) -> None:
        with self._lock:
            unwritten = list(self._unwritten.items())
        for sid, since in unwritten:
            erasures.add(self._engine, sid, min(since, self._now()))
            with self._lock:
                self._unwritten.pop(sid, None)

    def _read_spool(self) -> None:
        found = self._spool.erasures()
        with self._lock:
            self._spooled = found

    def erase_due(self) -> None:
        """Delete at Twilio the calls whose erasure is due. A deletion that fails is tried again later."""
        if self._erase is None:
            return
        for sid, tries in erasures.claim_due(self._engine, self._now):
            try:
                self._erase(sid)
            except Exception:  # noqa: BLE001 - after any failure the deletion is tried again
                # Not logged: the log entry's time would be near that of an anonymous call.
                erasures.postpone(self._engine, sid, tries, self._now())
            else:
                erasures.remove(self._engine, sid)

    def _repeat(self, seconds: float, step: Callable[[], None]) -> None:
        while not self._stop.wait(seconds):
            self._try(step)
        if step == self.flush:
            self._try(step)

    def _try(self, step: Callable[[], None]) -> None:
        """Run a step. Log when the first step begins to fail, and when no step fails any more."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - any database error; the step runs again soon
            with self._lock:
                first = not self._failing
                self._failing.add(step)
            if first:
                log.error("the database cannot be used: %s", type(error).__name__)  # noqa: TRY400 - its text has the URL
        else:
            with self._lock:
                back = self._failing == {step}
                self._failing.discard(step)
            if back:
                log.info("the database can be used again")
        finally:
            hide_times(self._engine)
