"""The store as the web knows it, and the threads that bring to the database what the web left."""

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
from ivr.store.counts import Pending
from ivr.store.erasures import Spool
from ivr.store.opening import hide_times, migrate
from ivr.store.rings import Rings

log = logging.getLogger(__name__)

Erase = Callable[[str], None]
"""Erases a call's records at Twilio by its SID. Raises whatever keeps it from that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the keeping goes."""

    reachable: bool = True
    """Whether the store could be reached when it was last tried."""
    erasures: tuple[float, ...] = ()
    """Seconds that each erasure to erase a call at Twilio has waited, as far as is known."""


class Store:
    """Keeps counts and erasures. Only the two threads that `start` starts wait for the database."""

    def __init__(
        self, engine: Engine, spool: Spool, now: Callable[[], float], erase: Erase | None = None
    ) -> None:
        """`now`: seconds since 1970. `erase`: None without an account: then nothing is to be erased."""
        self._engine = engine
        self._spool = spool
        self._now = now
        self._erase = erase
        self._pending = Pending()
        self._unwritten: dict[str, float] = {}
        """Erasures that are in no file: the disk was full, or slow."""
        self._lock = Lock()
        self._writer = ThreadPoolExecutor(1, "spool")
        self._noter = ThreadPoolExecutor(1, "rings")
        self._rings = Rings(engine, now)
        self._stop = Event()
        self._threads: dict[str, Thread] = {}
        self._away: set[Callable[[], None]] = set()
        """What was tried last and failed."""
        self._spooled: dict[str, float] = {}
        self._table: dict[str, float] = {}
        """What is in spool and table, as last seen by who may wait for them."""

    def count(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        self._pending.add(counts, day)

    def request_erasure(self, *sids: str) -> None:
        """Write erasures down; where that takes too long or cannot be, they wait in memory."""
        good = [sid for sid in sids if erasures.is_sid(sid)]
        if self._erase is None or not good:
            return
        with self._lock:
            self._unwritten |= dict.fromkeys(good, self._now())
        # What goes wrong is not logged: a line with a time would tell when somebody called.
        wait([self._writer.submit(self._write, good)], ERASURE_SECONDS)

    def note(self, token: str) -> None:
        """Note the answer to a ring check. Raises where that cannot be done, or takes too long."""
        self._noter.submit(self._rings.note, token).result(NOTE_SECONDS)

    def _write(self, sids: list[str]) -> None:
        paths = [self._spool.put(sid) for sid in sids]
        with self._lock:
            self._spooled |= {sid: self._unwritten.pop(sid) for sid in sids if sid in self._unwritten}
        self._spool.sync(paths)

    def state(self) -> Kept:
        """How the keeping goes; waits for neither disk nor database, as callers wait for who asks."""
        with self._lock:
            waiting = {**self._table, **self._spooled, **self._unwritten}
        now = self._now()
        return Kept(not self._away, tuple(max(now - since, 0) for since in waiting.values()))

    def start(self) -> None:
        """Start bringing things to the database, and erasing where there is an account."""
        work = [("store", STORE_SECONDS, self.bring)]
        if self._erase is not None:
            work.append(("erase", ERASE_SECONDS, self.erase_due))
        for name, seconds, step in work:
            thread = Thread(target=self._repeat, args=(seconds, step), name=name, daemon=True)
            thread.start()
            self._threads[name] = thread

    def stop(self) -> None:
        """Stop the threads, after a last try to bring what waits; counts that are left are written down."""
        end = monotonic() + STOP_SECONDS
        self._stop.set()
        self._threads["store"].join(STOP_SECONDS * 0.8)
        left = self._pending.give_up(STOP_SECONDS * 0.1)
        if left:
            wait([self._writer.submit(self._leave, left)], max(end - monotonic(), 0))
        for thread in self._threads.values():
            thread.join(max(end - monotonic(), 0))

    def _leave(self, left: str) -> None:
        try:
            self._spool.sync([self._spool.put(left, "counts")])
            self._spool.touch()
        except OSError as error:
            log.error("the last counts are lost: %s", error.strerror)  # noqa: TRY400 - the rest says no more

    def bring(self) -> None:
        """Bring to the database all that waits. Raises what the database raises; then it waits on."""
        self._pending.gather()
        try:
            migrate(self._engine)
            self._bring_unwritten()
        finally:
            self._look_into_the_spool()  # also while the database is away: it is told what waits
        erasures.bring(self._engine, self._spool)
        self._look_into_the_spool()
        erasures.put_right(self._engine, self._now())
        self._table = erasures.waiting(self._engine)
        self._take_up_counts()
        self._pending.store(self._engine)

    def _take_up_counts(self) -> None:
        """Only now: the database can be reached, and takes them at once."""
        if self._stop.is_set():
            return  # or it would take what was written down a moment ago
        for text in self._spool.counts():
            try:
                self._pending.take_up(text)
            except ValueError:
                log.warning("a file of counts in the spool makes no sense, and is gone")

    def _bring_unwritten(self) -> None:
        with self._lock:
            unwritten = list(self._unwritten.items())
        for sid, since in unwritten:
            erasures.store(self._engine, sid, min(since, self._now()))
            with self._lock:
                self._unwritten.pop(sid, None)

    def _look_into_the_spool(self) -> None:
        found = self._spool.erasures()
        with self._lock:
            self._spooled = found

    def erase_due(self) -> None:
        """Try to fulfil the erasures that are due."""
        if self._erase is None:
            return
        for sid, tries in erasures.taken(self._engine, self._now):
            try:
                self._erase(sid)
            except Exception:  # noqa: BLE001 - refused, or nobody there: each is a reason to try again later
                # Not logged: a line with a time would tell when somebody called.
                erasures.postpone(self._engine, sid, tries, self._now())
            else:
                erasures.fulfil(self._engine, sid)

    def _repeat(self, seconds: float, step: Callable[[], None]) -> None:
        while not self._stop.wait(seconds):
            self._try(step)
        if step == self.bring:
            self._try(step)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - the database may do anything, and the next try follows
            with self._lock:
                first = not self._away
                self._away.add(step)
            if first:
                log.error("the store is away: %s", type(error).__name__)  # noqa: TRY400 - its text has the address
        else:
            with self._lock:
                back = self._away == {step}
                self._away.discard(step)
            if back:
                log.info("the store is back")
        finally:
            hide_times(self._engine)
