"""Counts: gathered in memory, brought to the database now and then."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, select

from ivr.counted import Anonymous, Count, Outcome
from ivr.store.tables import ANONYMOUS, COUNTS, insert

T = TypeVar("T")


class Pending:
    """What was counted and is not stored yet. Gathered, it grows with the kinds of things, not with calls.

    Any thread adds; one alone stores.
    """

    def __init__(self) -> None:
        # An answer takes no lock: threads that wait for one cost more than the answer.
        self._added: deque[tuple[date, tuple[Count | Anonymous, ...]]] = deque()
        self._times: Counter[tuple[date, Count | Anonymous]] = Counter()

    def add(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        self._added.append((day, tuple(counts)))

    def __len__(self) -> int:
        return len(self._added) + self._times.total()

    def store(self, engine: Engine) -> None:
        """Store all of it, or nothing, and then it stays pending. Raises what the database raises."""
        self.gather()
        if not self._times:
            return
        with engine.begin() as connection:
            # In one order everywhere, so that two processes never wait for each other's rows.
            rows = [
                (*_row(day, count), times) for (day, count), times in sorted(self._times.items(), key=repr)
            ]
            for table in (COUNTS, ANONYMOUS):
                _add(connection, table, [key | {"times": times} for of, key, times in rows if of is table])
        self._times.clear()

    def gather(self) -> None:
        """Add up what came since the last time."""
        for day, counts in taken(self._added):
            for count in counts:
                # Past this second not even memory has a day for what is anonymous.
                self._times[day.replace(day=1) if isinstance(count, Anonymous) else day, count] += 1


def taken(waiting: deque[T]) -> Iterator[T]:
    """Take all that waits, while others add to it."""
    for _ in range(len(waiting)):
        yield waiting.popleft()


def _row(day: date, count: Count | Anonymous) -> tuple[Table, dict[str, Any]]:
    match count:
        case Anonymous(outcome):
            return ANONYMOUS, {"month": day, "outcome": outcome.value}
        case Count(municipality, item, outcome):
            key = {"day": day, "municipality": municipality, "item": item, "outcome": outcome.value}
            return COUNTS, key


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Add to the rows of a table, with one statement for all: callers wait for a processor meanwhile."""
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
    """How often something was counted in a month."""

    month: date
    """Its first day."""
    municipality: str | None
    """None for an anonymous destination: all municipalities together."""
    item: str | None
    outcome: Outcome
    times: int


def by_month(engine: Engine, month: date | None = None) -> Iterator[Counted]:
    """All counts of one month, or of each, in order. Raises what the database raises."""
    months: Counter[tuple[date, str, str, str]] = Counter()
    with engine.connect() as connection:
        for day, municipality, item, outcome, times in connection.execute(select(COUNTS)):
            months[day.replace(day=1), municipality, item, outcome] += times
        anonymous = list(connection.execute(select(ANONYMOUS).order_by(*ANONYMOUS.primary_key)))
    for (first, municipality, item, outcome), times in sorted(months.items()):
        if month in {None, first}:
            yield Counted(first, municipality, item, Outcome(outcome), times)
    for first, outcome, times in anonymous:
        if month in {None, first}:
            yield Counted(first, None, None, Outcome(outcome), times)
