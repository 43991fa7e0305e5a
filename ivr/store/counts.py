"""Counts: gathered in memory, brought to the database now and then."""

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, select

from ivr.dialogue.usage import Anonymous, Count, Outcome
from ivr.store.tables import ANONYMOUS, COUNTS, insert

T = TypeVar("T")


class GivenUp(Exception):
    """What was to be stored is kept by somebody else."""


class Pending:
    """What was counted and is not stored yet. Gathered, it grows with the kinds of things, not with calls.

    Any thread adds; one alone stores; another may give up what that one cannot store in time.
    """

    def __init__(self) -> None:
        # An answer takes no lock: threads that wait for one cost more than the answer.
        self._added: deque[tuple[date, tuple[Count | Anonymous, ...]]] = deque()
        self._times: Counter[tuple[date, Count | Anonymous]] = Counter()
        self._lock = Lock()
        """Held while what was added is gathered, and while it is committed."""
        self._given_up = False

    def add(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        self._added.append((day, tuple(counts)))

    def __len__(self) -> int:
        return len(self._added) + self._times.total()

    def store(self, engine: Engine) -> None:
        """Store all of it, or nothing; then it stays pending. Raises what the database raises, or GivenUp."""
        self.gather()
        rows = self._rows()
        if not rows:
            return
        with engine.connect() as connection:
            for table in (COUNTS, ANONYMOUS):
                _add(connection, table, [row for of, row in rows if of is table])
            with self._lock:
                if self._given_up:
                    raise GivenUp
                connection.commit()
                self._times.clear()

    def _rows(self) -> list[tuple[Table, dict[str, Any]]]:
        # In one order everywhere, so that two processes never wait for each other's rows.
        pending = sorted(self._times.items(), key=repr)
        return [(table, key | {"times": times}) for at, times in pending for table, key in [_row(*at)]]

    def give_up(self, seconds: float) -> str:
        """What is not stored, as text for `take_up`; empty where all is. From now on nothing is stored.

        A commit that is under way is waited for so long; one that succeeds even later is counted twice.
        """
        got = self._lock.acquire(timeout=seconds)
        try:
            self._given_up = True
            self._gather()
            rows = [row for _, row in self._rows()]
        finally:
            if got:
                self._lock.release()
        return json.dumps(rows, default=date.isoformat) if rows else ""

    def take_up(self, text: str) -> None:
        """Add what was given up. Raises ValueError for a text that makes no sense, and adds nothing of it."""
        try:
            found = Counter({_key(row): int(row["times"]) for row in json.loads(text)})
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(type(error).__name__) from None
        with self._lock:
            self._times += found

    def gather(self) -> None:
        """Add up what came since the last time."""
        with self._lock:
            self._gather()

    def _gather(self) -> None:
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


def _key(row: dict[str, Any]) -> tuple[date, Count | Anonymous]:
    outcome = Outcome(row["outcome"])
    if "month" in row:
        return date.fromisoformat(row["month"]), Anonymous(outcome)
    return date.fromisoformat(row["day"]), Count(str(row["municipality"]), str(row["item"]), outcome)


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
