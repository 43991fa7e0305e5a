"""What has been mailed to whom, so that nobody gets the same thing daily."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Engine, and_, delete, select, update

from ivr.store.tables import REMINDERS, insert

KEPT: Final = timedelta(days=60)
"""After which a matter that is not so any more is forgotten."""

Key = tuple[str, str, str, str, str]
"""Recipient (a digest), slug, kind, place, mark: the primary key of the table."""
_COLUMNS: Final = ("recipient", "municipality", "kind", "place", "mark")


@dataclass(frozen=True, slots=True)
class Reminders:
    """The table of what has been mailed. All methods raise what the database raises."""

    engine: Engine

    def all(self) -> dict[Key, tuple[date, date]]:
        """Return what is remembered → the days on which it was mailed last, and was seen to be so last."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(REMINDERS)).all()
        return {
            (row.recipient, row.municipality, row.kind, row.place, row.mark): (row.mailed, row.seen)
            for row in rows
        }

    def tidy(self, today: date) -> None:
        """Forget what has not been so for KEPT. Writes, so that it shows whether the table can be written."""
        with self.engine.begin() as connection:
            connection.execute(delete(REMINDERS).where(REMINDERS.c.seen < today - KEPT))

    def saw(self, keys: Iterable[Key], today: date) -> None:
        """Note that what was mailed earlier is still so."""
        with self.engine.begin() as connection:
            for key in keys:
                connection.execute(update(REMINDERS).where(_is(key)).values(seen=today))

    def mailed(self, keys: Iterable[Key], today: date) -> None:
        """Note what was mailed."""
        days = {"mailed": today, "seen": today}
        with self.engine.begin() as connection:
            for key in keys:
                row = insert(connection, REMINDERS).values(dict(zip(_COLUMNS, key, strict=True)) | days)
                connection.execute(row.on_conflict_do_update(index_elements=_COLUMNS, set_=days))


def _is(key: Key) -> ColumnElement[bool]:
    return and_(*(REMINDERS.c[name] == value for name, value in zip(_COLUMNS, key, strict=True)))
