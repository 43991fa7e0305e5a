"""Drafts: changed files that are not published yet. Each person has one draft of a file at most."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, select

from ivr.store.tables import DRAFTS


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    file: str
    """Relative to the home."""
    account: int | None
    """Of its author; None for the demo's."""
    author: str
    base: str
    """What identifies the content that the draft was made from, such as its SHA-256."""
    content: str
    """Of the whole file."""
    reason: str
    waiting: bool
    """Whether somebody else is to look at it and publish it."""
    saved: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """All methods raise what the database raises."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""

    def save(  # noqa: PLR0913 - the columns
        self,
        file: str,
        content: str,
        *,
        base: str,
        author: str,
        account: int | None,
        reason: str = "",
        waiting: bool = False,
    ) -> int:
        """Save a draft in place of an earlier one by the same author, and return its id."""
        row = {
            "file": file,
            "account": account,
            "author": author,
            "base": base,
            "content": content,
            "reason": reason,
            "waiting": waiting,
            "saved": int(self.now()),
        }
        with self.engine.begin() as connection:
            mine = (DRAFTS.c.file == file) & DRAFTS.c.account.is_not_distinct_from(account)
            connection.execute(delete(DRAFTS).where(mine))
            (draft,) = connection.execute(DRAFTS.insert().values(**row)).inserted_primary_key or (0,)
        return int(draft)

    def by_id(self, draft: int) -> Draft | None:
        return next(iter(self._found(DRAFTS.c.id == draft)), None)

    def of(self, file: str) -> list[Draft]:
        """Return the drafts of a file, the newest first."""
        return self._found(DRAFTS.c.file == file)

    def all(self) -> list[Draft]:
        """Return all drafts, the newest first."""
        return self._found(DRAFTS.c.id.is_not(None))

    def remove(self, draft: int) -> bool:
        """Remove a draft. Returns whether it was there."""
        with self.engine.begin() as connection:
            return bool(connection.execute(delete(DRAFTS).where(DRAFTS.c.id == draft)).rowcount)

    def _found(self, condition: object) -> list[Draft]:
        found = select(DRAFTS).where(condition).order_by(DRAFTS.c.saved.desc(), DRAFTS.c.id.desc())  # type: ignore[arg-type]
        with self.engine.connect() as connection:
            return [Draft(**row._mapping) for row in connection.execute(found)]  # noqa: SLF001 - SQLAlchemy's public name
