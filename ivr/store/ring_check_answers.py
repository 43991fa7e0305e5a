"""Answers to ring checks. The web application writes them, and the command `ivr ring-check` reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, delete

from ivr.store.tables import RINGS, insert

KEPT: Final = 24 * 3600
"""Seconds after which an answer that no command has read is deleted."""


@dataclass(frozen=True, slots=True)
class RingCheckAnswers:
    """The ring checks that a contact accepted with key 1. Each ring check has a random token."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""

    def add(self, token: str) -> None:
        """Record that a ring check was accepted. Raises what the database raises."""
        now = int(self.now())
        with self.engine.begin() as connection:
            connection.execute(delete(RINGS).where(RINGS.c.since < now - KEPT))
            row = insert(connection, RINGS).values(token=token, since=now)
            connection.execute(row.on_conflict_do_nothing())

    def take(self, token: str) -> bool:
        """Return whether a ring check was accepted; delete the answer. Raises what the database raises."""
        with self.engine.begin() as connection:
            return bool(connection.execute(delete(RINGS).where(RINGS.c.token == token)).rowcount)
