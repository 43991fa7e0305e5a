"""The states of OpenID Connect with which somebody has come back from the provider: each is good once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, delete

from ivr.store import tokens
from ivr.store.tables import HANDSHAKES, insert

GOOD: Final = 600
"""Seconds in which somebody has to come back."""


@dataclass(frozen=True, slots=True)
class Handshakes:
    """All methods raise what the database raises."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""

    def use(self, state: str) -> bool:
        """Record that a state was used. Returns False if it was used before."""
        now = int(self.now())
        with self.engine.begin() as connection:
            connection.execute(delete(HANDSHAKES).where(HANDSHAKES.c.ends <= now))
            row = insert(connection, HANDSHAKES).values(hash=tokens.hashed(state), ends=now + GOOD)
            # Not by rowcount: psycopg does not tell it of an INSERT.
            new = row.on_conflict_do_nothing().returning(HANDSHAKES.c.hash)
            return connection.scalar(new) is not None
