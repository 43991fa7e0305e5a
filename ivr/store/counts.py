"""Counts: gathered in memory, brought to the database now and then."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Table, select

from ivr.counted import Anonymous, Count, Outcome
from ivr.store.tables import ANONYMOUS, COUNTS, insert


class Pending:
    """What was counted and is not stored yet. It grows with the kinds of things counted, not with calls."""

    def __init__(self) -> None:
        self._times: Counter[tuple[date, Count | Anonymous]] = Counter()
        self._lock = Lock()

    def add(self, counts: Iterable[Count | Anonymous], day: date) -> None:
        with self._lock:
            for count in counts:
                # Not even in memory has an anonymous count a day.
                self._times[day.replace(day=1) if isinstance(count, Anonymous) else day, count] += 1

    def __len__(self) -> int:
        return self._times.total()

    def store(self, engine: Engine) -> None:
        """Store all of it, or nothing, and then it stays pending. Raises what the database raises."""
        with self._lock:
            taken, self._times = self._times, Counter()
        if not taken:
            return
        try:
            with engine.begin() as connection:
                # In one order everywhere, so that two processes never wait for each other's rows.
                for (day, count), times in sorted(taken.items(), key=repr):
                    _add(connection, *_row(day, count), times)
        except BaseException:
            with self._lock:
                self._times.update(taken)
            raise


def _row(day: date, count: Count | Anonymous) -> tuple[Table, dict[str, Any]]:
    match count:
        case Anonymous(outcome):
            return ANONYMOUS, {"month": day, "outcome": outcome.value}
        case Count(municipality, item, outcome):
            key = {"day": day, "municipality": municipality, "item": item, "outcome": outcome.value}
            return COUNTS, key


def _add(connection: Connection, table: Table, key: dict[str, Any], times: int) -> None:
    row = insert(connection, table).values(**key, times=times)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={"times": table.c.times + row.excluded.times}
        )
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
