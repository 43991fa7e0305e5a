"""Links with which clerks practise without an account: one for each municipality at a time."""

from dataclasses import dataclass

from sqlalchemy import Engine, select, update

from ivr.store.tables import PRACTICE, insert


@dataclass(frozen=True, slots=True)
class PracticeLinks:
    """All methods raise what the database raises."""

    engine: Engine

    def number(self, slug: str) -> int | None:
        """Return the number of the link that is good, or None. Links with another number are not."""
        good = select(PRACTICE.c.number).where((PRACTICE.c.municipality == slug) & PRACTICE.c.good)
        with self.engine.connect() as connection:
            found: int | None = connection.scalar(good)
        return found

    def renew(self, slug: str) -> int:
        """Return the number of a new link. The earlier one ends."""
        with self.engine.begin() as connection:
            row = insert(connection, PRACTICE).values(municipality=slug, number=1, good=True)
            more = {"number": PRACTICE.c.number + 1, "good": True}
            new = row.on_conflict_do_update(index_elements=["municipality"], set_=more)
            number: int = connection.scalar(new.returning(PRACTICE.c.number))
        return number

    def end(self, slug: str) -> None:
        """End the link."""
        with self.engine.begin() as connection:
            connection.execute(update(PRACTICE).where(PRACTICE.c.municipality == slug).values(good=False))
