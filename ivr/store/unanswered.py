"""Ring checks that a contact did not confirm. `ivr ring-check` writes them, and `ivr remind` reads them.

No number is stored. A contact is known by four hexadecimal digits of a digest of its number: they tell the
contacts of a municipality apart, and thousands of numbers have the same ones.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Engine, delete, select

from ivr.store.tables import UNANSWERED, insert

KEPT: Final = timedelta(days=120)
"""After which a ring check no longer counts: by then its number is to be confirmed anyway."""


def mark(slug: str, number: str) -> str:
    """Return the four digits that stand for a contact. `number`: as `numbers.tidy` returns it."""
    return sha256(f"{slug} {number}".encode()).hexdigest()[:4]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The table of ring checks without an answer. All methods raise what the database raises."""

    engine: Engine

    def note(self, slug: str, number: str, day: date, *, confirmed: bool) -> None:
        """Record how the ring check of a contact ended; what was recorded of it earlier is replaced."""
        contact = mark(slug, number)
        mine = (UNANSWERED.c.municipality == slug) & (UNANSWERED.c.contact == contact)
        with self.engine.begin() as connection:
            connection.execute(delete(UNANSWERED).where(mine | (UNANSWERED.c.day < day - KEPT)))
            if not confirmed:
                row = insert(connection, UNANSWERED).values(municipality=slug, contact=contact, day=day)
                connection.execute(row.on_conflict_do_nothing())

    def all(self) -> dict[tuple[str, str], date]:
        """Return slug and mark of a contact → the day of its last ring check, if nobody confirmed it."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(UNANSWERED)).all()
        return {(row.municipality, row.contact): row.day for row in rows}
