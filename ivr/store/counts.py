"""Usage counts: collected in memory, added to the database every STORE_SECONDS, and read by month."""

import json
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Table, extract, func, select

from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.store.tables import ANONYMOUS, COUNTS, NAME_LENGTH, insert

T = TypeVar("T")

_TIMES: Final = 10**9
"""How often a key may occur in a text for `restore`, at most. A larger number may not fit the column."""


class Closed(Exception):
    """`PendingCounts.close` has handed the counts to its caller, so they must not be committed as well."""


class PendingCounts:
    """Counts that are not in the database yet.

    `gather` adds them up by key (day, municipality, item, outcome). So their size depends on the number of
    different keys, and on the calls since the last `gather`.
    Any thread may call `add`; one thread calls `store`; another may call `close` while `store` runs.
    """

    def __init__(self) -> None:
        # `add` takes no lock, because it runs on the event loop. deque.append is atomic.
        self._added: deque[tuple[date, tuple[Count | Anonymous, ...]]] = deque()
        self._totals: Counter[tuple[date, Count | Anonymous]] = Counter()
        self._lock = Lock()
        """Held while `_added` moves to `_totals`, and during the commit."""
        self._closed = False

    def add(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        self._added.append((day, tuple(counts)))

    def __len__(self) -> int:
        """Return how many counts are pending."""
        return len(self._added) + self._totals.total()

    def store(self, engine: Engine) -> None:
        """Add all counts to the database in one transaction.

        Raises what the database raises, or Closed. The counts then stay pending.
        """
        self.gather()
        rows = self._rows()
        if not rows:
            return
        with engine.connect() as connection:
            for table in (COUNTS, ANONYMOUS):
                _add(connection, table, [row for of, row in rows if of is table])
            with self._lock:
                if self._closed:
                    raise Closed
                connection.commit()
                self._totals.clear()

    def _rows(self) -> list[tuple[Table, dict[str, Any]]]:
        # In one order, because two processes that lock rows in different orders can deadlock.
        pending = sorted(self._totals.items(), key=repr)
        return [(table, key | {"times": times}) for at, times in pending for table, key in [_row(*at)]]

    def close(self, seconds: float) -> str:
        """Return the counts that are not stored, as text for `restore`; empty if there are none.

        After this, `store` commits nothing. A commit that is running is waited for `seconds` at most; if it
        succeeds later than that, its counts are stored twice.
        """
        got = self._lock.acquire(timeout=seconds)
        try:
            self._closed = True
            self._gather()
            rows = [row for _, row in self._rows()]
        finally:
            if got:
                self._lock.release()
        return json.dumps(rows, default=date.isoformat) if rows else ""

    def restore(self, text: str) -> None:
        """Add the counts in a text from `close`. Raises ValueError for any other text, and then adds none."""
        try:
            found = Counter({_key(row): _times(row["times"]) for row in json.loads(text)})
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(type(error).__name__) from None
        with self._lock:
            self._totals += found

    def gather(self) -> None:
        """Move what `add` received to the totals by key."""
        with self._lock:
            self._gather()

    def _gather(self) -> None:
        for day, counts in drain(self._added):
            for count in counts:
                # An anonymous count keeps its month only, in memory too.
                self._totals[day.replace(day=1) if isinstance(count, Anonymous) else day, count] += 1


def drain(waiting: deque[T]) -> Iterator[T]:
    """Yield the elements that are in a deque now, and remove them. Other threads may add to it meanwhile."""
    for _ in range(len(waiting)):
        yield waiting.popleft()


def _row(day: date, count: Count | Anonymous) -> tuple[Table, dict[str, Any]]:
    match count:
        case Anonymous(outcome):
            return ANONYMOUS, {"month": day, "outcome": outcome.value}
        case Count(municipality, item, outcome):
            key = {"day": day, "municipality": municipality, "item": item, "outcome": outcome.value}
            return COUNTS, key


def _key(row: dict[str, Any]) -> tuple[date, Count | Anonymous]:
    outcome = Outcome(row["outcome"])
    if "month" in row:
        return date.fromisoformat(row["month"]), Anonymous(outcome)
    return date.fromisoformat(row["day"]), Count(_word(row["municipality"]), _word(row["item"]), outcome)


def _word(text: object) -> str:
    """Return a text that the database takes. Raises ValueError for anything else."""
    if not isinstance(text, str) or not text.isprintable() or len(text) > NAME_LENGTH:
        raise ValueError("no name of a municipality or an item")
    return text


def _times(number: object) -> int:
    """Return a number of counts. Raises ValueError for anything else, such as true or Infinity."""
    if type(number) is not int or not 0 < number <= _TIMES:
        raise ValueError("no number of counts")
    return number


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Add counts to the rows of a table, in one statement: it takes the least CPU time, which calls need."""
    if not rows:
        return
    row = insert(connection, table)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={"times": table.c.times + row.excluded.times}
        ),
        rows,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """How often an outcome occurred in a month."""

    month: date
    """The first day of the month."""
    municipality: str | None
    """The slug. None for anonymous destinations, which are counted for all municipalities together."""
    item: str | None
    """The menu item. None for anonymous destinations."""
    outcome: Outcome
    times: int
    """How often it occurred."""


def by_month(
    engine: Engine,
    month: date | None = None,
    *,
    since: date | None = None,
    municipalities: Collection[str] | None = None,
) -> Iterator[Counted]:
    """Yield the counts of one month (its first day), or of all months, summed by month.

    `since`: the first day of the earliest month. `municipalities`: slugs, where not all are wanted. The order
    is month, municipality, item, outcome; anonymous counts come last. Raises what the database raises.
    """
    first, end = month or since, following(month) if month else None
    days = [
        *([COUNTS.c.day >= first] if first else []),
        *([COUNTS.c.day < end] if end else []),
        *([COUNTS.c.municipality.in_(municipalities)] if municipalities is not None else []),
    ]
    # The database adds up: of 200 municipalities there can be a million rows of days.
    keys = (
        extract("year", COUNTS.c.day),
        extract("month", COUNTS.c.day),
        *(COUNTS.c[name] for name in ("municipality", "item", "outcome")),
    )
    months = [
        *([ANONYMOUS.c.month >= first] if first else []),
        *([ANONYMOUS.c.month < end] if end else []),
    ]
    with engine.connect() as connection:
        own = connection.execute(select(*keys, func.sum(COUNTS.c.times)).where(*days).group_by(*keys)).all()
        of_all = select(ANONYMOUS).where(*months).order_by(*ANONYMOUS.primary_key)
        anonymous = connection.execute(of_all).all()
    for year, number, municipality, item, outcome, times in sorted(tuple(row) for row in own):
        yield Counted(date(int(year), int(number), 1), municipality, item, Outcome(outcome), int(times))
    for first_day, outcome, times in anonymous:
        yield Counted(first_day, None, None, Outcome(outcome), times)


def months(engine: Engine) -> list[date]:
    """Return the first day of each month with counts, the earliest first. Raises what the database raises.

    Each is sought in the index: the rows are not read.
    """
    found: set[date] = set()
    with engine.connect() as connection:
        for column in (COUNTS.c.day, ANONYMOUS.c.month):
            day = connection.scalar(select(func.min(column)))
            while day is not None:
                found.add(day.replace(day=1))
                day = connection.scalar(select(func.min(column)).where(column >= following(day)))
    return sorted(found)


def following(day: date) -> date:
    """Return the first day of the month after that of a day."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
