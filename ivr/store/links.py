"""Links with which somebody sets a password: good once, and for a day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, delete, select

from ivr.store import tokens
from ivr.store.tables import LINKS

GOOD: Final = 24 * 3600
"""Seconds for which a link is good."""


@dataclass(frozen=True, slots=True)
class Links:
    """All methods raise what the database raises."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""

    def make(self, account: int) -> str:
        """Return the token of a new link. Earlier links of the account end."""
        token = tokens.make()
        row = {"hash": tokens.hashed(token), "account": account, "ends": int(self.now()) + GOOD}
        with self.engine.begin() as connection:
            connection.execute(delete(LINKS).where(LINKS.c.account == account))
            connection.execute(delete(LINKS).where(LINKS.c.ends < self.now()))
            connection.execute(LINKS.insert().values(**row))
        return token

    def account(self, hashed: str) -> int | None:
        """Return the account of a link that is good, or None. The link stays good. `hashed`: its token."""
        good = (LINKS.c.hash == hashed) & (LINKS.c.ends > self.now())
        with self.engine.connect() as connection:
            found: int | None = connection.scalar(select(LINKS.c.account).where(good))
        return found

    def take(self, hashed: str) -> int | None:
        """Return the account of a link that is good, or None. The link ends. `hashed`: its token."""
        good = (LINKS.c.hash == hashed) & (LINKS.c.ends > self.now())
        with self.engine.begin() as connection:
            found: int | None = connection.scalar(delete(LINKS).where(good).returning(LINKS.c.account))
        return found
