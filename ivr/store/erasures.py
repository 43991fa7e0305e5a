"""Erasures: calls whose records at Twilio are to be erased, each told by its SID and by nothing else.

An erasure is a file before the document that dials is answered, so that it survives whatever comes. It moves
to the table when that can be reached, and is taken from there by one process at a time, until it is done.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import Engine, delete, or_, select, update

from ivr.disk.writing import UNFINISHED, write_whole
from ivr.store.tables import ERASURES, insert

FIRST: Final = 60
"""Seconds before the first try: a call that has just ended is refused
(https://www.twilio.com/docs/api/errors/20009)."""
LONGEST: Final = 6 * 3600
"""Seconds between two tries at most; in rare cases Twilio wants up to 14 days (the same page)."""
LEASE: Final = 300
"""Seconds for which a process has an erasure to itself; if it dies meanwhile, another takes it after that."""
BROKEN: Final = 60
"""Seconds after which a file that is still unfinished will never be finished."""
AT_ONCE: Final = 20
"""Erasures that a process takes in one go."""
_SID: Final = re.compile(r"CA[0-9a-f]{32}")


def is_sid(text: str) -> bool:
    """Whether it is the SID of a call; anything else is not written down."""
    return bool(_SID.fullmatch(text))


class Spool:
    """Erasures as files, each under a name that says nothing."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._folder = folder
        self._now = now

    def put(self, text: str, kind: str = "erasure") -> Path:
        """Write an erasure down: when this returns it outlives the process. Raises OSError.

        `kind`: `counts` for counts that the database could not take.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{token_hex(8)}.{kind}"
        # `sync` calls fsync: the file must be visible before that, as fsync may take seconds.
        write_whole(path, text.encode(), durable=False)
        return path

    def sync(self, paths: Iterable[Path]) -> None:
        """See to it that erasures outlive a loss of power too. Raises OSError where the disk fails."""
        for path in (*paths, self._folder):
            with suppress(FileNotFoundError):  # brought to the table already
                _sync(path)

    def touch(self) -> None:
        """Leave no time on the folder at which somebody was put through."""
        with suppress(FileNotFoundError):
            os.utime(self._folder)

    def waiting(self) -> list[Path]:
        """The erasures written down; one whose writing broke off counts as soon as nobody can be at it."""
        now = self._now()
        # A time that is ahead is of before the clock was put right.
        broken = (
            path
            for path in self._folder.glob(f"*{UNFINISHED}")
            if abs((_written(path) or now) - now) > BROKEN
        )
        return sorted([*self._folder.glob("*.erasure"), *broken])

    def erasures(self) -> dict[str, float]:
        """The SID of each that can be read, and when it was written (seconds since 1970)."""
        found: dict[str, float] = {}
        for path in self.waiting():
            with suppress(OSError):
                if erasure := self.read(path):
                    found[erasure[0]] = erasure[1]
        return found

    def read(self, path: Path) -> tuple[str, float] | None:
        """An erasure as written down; None where that makes no sense. Raises OSError."""
        sid, since = path.read_text("ascii", "replace"), path.stat().st_mtime
        return (sid, min(since, self._now())) if is_sid(sid) else None

    def counts(self) -> Iterator[str]:
        """Take the counts that were written down, each for this process alone."""
        for path in sorted(self._folder.glob("*.counts")):
            try:
                text = path.read_text("utf-8", "replace")
                path.unlink()
            except OSError:
                continue  # another process has just taken it
            yield text


def _written(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:  # another process has just brought it
        return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store(engine: Engine, sid: str, since: float) -> None:
    """Put an erasure into the table; one that is there stays as it is. Raises what the database raises."""
    with engine.begin() as connection:
        row = insert(connection, ERASURES).values(sid=sid, since=int(since), tries=0, due=int(since) + FIRST)
        connection.execute(row.on_conflict_do_nothing())


def bring(engine: Engine, spool: Spool) -> None:
    """Move what is in the spool to the table. Raises what the database raises; then it stays in the spool."""
    for path in spool.waiting():
        try:
            erasure = spool.read(path)
        except OSError:
            continue  # another process has just brought it; or it cannot be read now, and stays
        if erasure:
            store(engine, *erasure)
        path.unlink(missing_ok=True)
    spool.touch()


def taken(engine: Engine, now: Callable[[], float]) -> Iterator[tuple[str, int]]:
    """Take erasures that are due, for this process alone: the SID of each, and the tries before.

    Each is taken when its turn comes: Twilio may be slow with those before it.
    """
    with engine.connect() as connection:
        due = select(ERASURES).where(ERASURES.c.due <= int(now())).order_by(ERASURES.c.due).limit(AT_ONCE)
        found = connection.execute(due).all()
    for erasure in found:
        mine = update(ERASURES).where(ERASURES.c.sid == erasure.sid, ERASURES.c.due == erasure.due)
        with engine.begin() as connection:
            got = connection.execute(mine.values(due=int(now()) + LEASE, tries=erasure.tries + 1)).rowcount
        if got:
            yield erasure.sid, erasure.tries


def fulfil(engine: Engine, sid: str) -> None:
    """Forget an erasure that is fulfilled."""
    with engine.begin() as connection:
        connection.execute(delete(ERASURES).where(ERASURES.c.sid == sid))


def put_right(engine: Engine, now: float) -> None:
    """See to it that a clock that was ahead keeps no erasure waiting any longer than a refusal does."""
    ahead = or_(ERASURES.c.due > int(now) + LONGEST, ERASURES.c.since > int(now) + LEASE)
    with engine.connect() as connection:
        if not connection.execute(select(ERASURES.c.sid).where(ahead).limit(1)).all():
            return  # mostly: nothing is written then
        connection.execute(update(ERASURES).where(ahead).values(since=int(now), due=int(now) + FIRST))
        connection.commit()


def postpone(engine: Engine, sid: str, tries: int, now: float) -> None:
    """Try again later: after each try twice as long."""
    pause = min(FIRST * 2 ** min(tries, 20), LONGEST)
    with engine.begin() as connection:
        connection.execute(update(ERASURES).where(ERASURES.c.sid == sid).values(due=int(now) + pause))


def waiting(engine: Engine) -> dict[str, float]:
    """The erasures of the table: the SID of each, and since when it waits (seconds since 1970)."""
    with engine.connect() as connection:
        return {
            sid: float(since) for sid, since in connection.execute(select(ERASURES.c.sid, ERASURES.c.since))
        }
