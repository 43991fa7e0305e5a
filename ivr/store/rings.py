"""Answers to a ring check: the web hears the key that a contact presses, and the command waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, delete

from ivr.store.tables import RINGS, insert

KEPT: Final = 24 * 3600
"""Seconds after which an answer that nobody fetched is thrown away."""


@dataclass(frozen=True, slots=True)
class Rings:
    """Which ring checks were answered with key 1, each known by a token of its own."""

    engine: Engine
    now: Callable[[], float]
    """Seconds since 1970."""

    def note(self, token: str) -> None:
        """Note that this one was. Raises what the database raises."""
        now = int(self.now())
        with self.engine.begin() as connection:
            connection.execute(delete(RINGS).where(RINGS.c.since < now - KEPT))
            row = insert(connection, RINGS).values(token=token, since=now)
            connection.execute(row.on_conflict_do_nothing())

    def taken(self, token: str) -> bool:
        """Whether it was; asked once, it is forgotten. Raises what the database raises."""
        with self.engine.begin() as connection:
            return bool(connection.execute(delete(RINGS).where(RINGS.c.token == token)).rowcount)
