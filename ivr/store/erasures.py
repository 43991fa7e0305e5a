"""Erasures: requests to delete a call's records at Twilio. Only the call's SID is stored.

A webhook writes the erasure to a file in the spool before its document is sent. A background thread moves it
to the database. There one process at a time claims it and tries the deletion, until that succeeds.
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
"""Seconds before the first try: Twilio does not delete a call that has only just ended
(https://www.twilio.com/docs/api/errors/20009)."""
LONGEST: Final = 6 * 3600
"""The longest pause between two tries, in seconds. In rare cases a call can be deleted only after 14 days
(the same page)."""
LEASE: Final = 300
"""Seconds for which a claim is valid. If the process dies, another can claim the erasure after that."""
BROKEN: Final = 60
"""Age in seconds from which an unfinished file is taken as left by a process that died."""
CLAIMS: Final = 20
"""Erasures that `claim_due` yields at most."""
_ENDINGS: Final = (".erasure", ".wish")
"""Endings of the files of erasures. An earlier version wrote `.wish`."""
_SID: Final = re.compile(r"CA[0-9a-f]{32}")


def is_sid(text: str) -> bool:
    """Whether a text is the SID of a call (CA and 32 hexadecimal digits)."""
    return bool(_SID.fullmatch(text))


class Spool:
    """A folder with one file for each erasure, under a random name. Files ending in .counts hold counts."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        """`now`: returns seconds since 1970."""
        self._folder = folder
        self._now = now

    def put(self, text: str, kind: str = "erasure") -> Path:
        """Write a file. When this returns, the file survives the end of the process. Raises OSError.

        `text`: a SID, or for the kind `counts` a text from `PendingCounts.close`.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{token_hex(8)}.{kind}"
        # `sync` calls fsync later. fsync may take seconds, and the file must exist before that.
        write_whole(path, text.encode(), durable=False)
        return path

    def sync(self, paths: Iterable[Path]) -> None:
        """Call fsync, so that files survive a power failure too. Raises OSError."""
        for path in (*paths, self._folder):
            with suppress(FileNotFoundError):  # already moved to the table
                _sync(path)

    def touch(self) -> None:
        """Set the folder's times to now, so that they do not tell when an anonymous call was made."""
        with suppress(FileNotFoundError):
            os.utime(self._folder)

    def waiting(self) -> list[Path]:
        """Return the files of erasures, including unfinished files whose writer has died (see BROKEN)."""
        now = self._now()
        # A time far in the future was written before the clock was set back.
        broken = (
            path
            for path in self._folder.glob(f"*{UNFINISHED}")
            if abs((_written(path) or now) - now) > BROKEN
        )
        whole = (path for ending in _ENDINGS for path in self._folder.glob(f"*{ending}"))
        return sorted([*whole, *broken])

    def erasures(self) -> dict[str, float]:
        """Return SID → time of request (seconds since 1970), for the files that can be read."""
        found: dict[str, float] = {}
        for path in self.waiting():
            with suppress(OSError):
                if erasure := self.read(path):
                    found[erasure[0]] = erasure[1]
        return found

    def read(self, path: Path) -> tuple[str, float] | None:
        """Read SID and time of request from a file; None if it holds no SID. Raises OSError."""
        sid, since = path.read_text("ascii", "replace"), path.stat().st_mtime
        return (sid, min(since, self._now())) if is_sid(sid) else None

    def take_counts(self) -> Iterator[str]:
        """Yield the texts of the files of counts. Each file is deleted first, so nobody else counts it."""
        for path in sorted(self._folder.glob("*.counts")):
            try:
                text = path.read_text("utf-8", "replace")
                path.unlink()
            except OSError:
                continue  # another process has deleted it first
            yield text


def _written(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:  # another process has just moved it
        return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def add(engine: Engine, sid: str, since: float) -> None:
    """Insert an erasure into the table, unless its SID is there. Raises what the database raises.

    `since`: the time of the request, in seconds since 1970.
    """
    with engine.begin() as connection:
        row = insert(connection, ERASURES).values(sid=sid, since=int(since), tries=0, due=int(since) + FIRST)
        connection.execute(row.on_conflict_do_nothing())


def move_to_table(engine: Engine, spool: Spool) -> None:
    """Move all erasures from the spool to the table. Raises what the database raises; the rest then stays."""
    for path in spool.waiting():
        try:
            erasure = spool.read(path)
        except OSError:
            continue  # another process has moved it, or it cannot be read now
        if erasure:
            add(engine, *erasure)
        path.unlink(missing_ok=True)
    spool.touch()


def claim_due(engine: Engine, now: Callable[[], float]) -> Iterator[tuple[str, int]]:
    """Claim erasures that are due. Yields the SID and the number of earlier tries of each.

    No other process can claim the same erasure for LEASE seconds. Each is claimed just before it is yielded,
    because the caller may need long for the one before. Raises what the database raises.
    """
    with engine.connect() as connection:
        due = select(ERASURES).where(ERASURES.c.due <= int(now())).order_by(ERASURES.c.due).limit(CLAIMS)
        found = connection.execute(due).all()
    for erasure in found:
        mine = update(ERASURES).where(ERASURES.c.sid == erasure.sid, ERASURES.c.due == erasure.due)
        with engine.begin() as connection:
            got = connection.execute(mine.values(due=int(now()) + LEASE, tries=erasure.tries + 1)).rowcount
        if got:
            yield erasure.sid, erasure.tries


def remove(engine: Engine, sid: str) -> None:
    """Delete a completed erasure from the table. Raises what the database raises."""
    with engine.begin() as connection:
        connection.execute(delete(ERASURES).where(ERASURES.c.sid == sid))


def correct_future_times(engine: Engine, now: float) -> None:
    """Reset the times of erasures that were requested or postponed while the clock was ahead.

    `now`: seconds since 1970. Raises what the database raises.
    """
    ahead = or_(ERASURES.c.due > int(now) + LONGEST, ERASURES.c.since > int(now) + LEASE)
    with engine.connect() as connection:
        if not connection.execute(select(ERASURES.c.sid).where(ahead).limit(1)).all():
            return  # the usual case takes no write lock
        connection.execute(update(ERASURES).where(ahead).values(since=int(now), due=int(now) + FIRST))
        connection.commit()


def postpone(engine: Engine, sid: str, tries: int, now: float) -> None:
    """Set the time of the next try. The pause doubles with each try. Raises what the database raises.

    `tries`: the number of tries before the one that has just failed. `now`: seconds since 1970.
    """
    pause = min(FIRST * 2 ** min(tries, 20), LONGEST)
    with engine.begin() as connection:
        connection.execute(update(ERASURES).where(ERASURES.c.sid == sid).values(due=int(now) + pause))


def waiting(engine: Engine) -> dict[str, float]:
    """Return SID → time of request (seconds since 1970) of all erasures in the table.

    Raises what the database raises.
    """
    with engine.connect() as connection:
        return {
            sid: float(since) for sid, since in connection.execute(select(ERASURES.c.sid, ERASURES.c.since))
        }
