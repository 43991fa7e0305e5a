"""The sessions of who is signed in, or is about to be."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine, delete, select, update

from ivr.store import tokens
from ivr.store.tables import SESSIONS


class Stage(StrEnum):
    SETUP = "setup"
    """A link was opened and a password chosen; the second factor is to be set up."""
    PASSWORD = "password"  # noqa: S105 - a stage of signing in
    """The password was right; the second factor is awaited."""
    FULL = "full"
    """Signed in."""


SECONDS: Final = {Stage.SETUP: 3600, Stage.PASSWORD: 600, Stage.FULL: 12 * 3600}
"""How long a session in each stage lasts. It is never prolonged."""


@dataclass(frozen=True, slots=True)
class Session:
    token: str
    account: int
    stage: Stage
    begun: int
    data: Mapping[str, Any]
    """What the next step of signing in needs: a challenge, a secret that is being set up."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """All methods raise what the database raises."""

    engine: Engine
    now: Callable[[], float]
    """Returns seconds since 1970."""

    def begin(self, account: int, stage: Stage, data: Mapping[str, Any] | None = None) -> str:
        """Begin a session, and return its token. Sessions that have ended are deleted."""
        token, now = tokens.make(), int(self.now())
        row = {
            "hash": tokens.hashed(token),
            "account": account,
            "stage": stage.value,
            "begun": now,
            "ends": now + SECONDS[stage],
            "data": json.dumps(dict(data or {})),
        }
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.ends <= now))
            connection.execute(SESSIONS.insert().values(**row))
        return token

    def find(self, token: str) -> Session | None:
        """Return the session with a token, unless it has ended."""
        good = (SESSIONS.c.hash == tokens.hashed(token)) & (SESSIONS.c.ends > self.now())
        with self.engine.connect() as connection:
            row = connection.execute(select(SESSIONS).where(good)).one_or_none()
        if row is None:
            return None
        return Session(token, row.account, Stage(row.stage), row.begun, json.loads(row.data))

    def keep(self, session: Session, data: Mapping[str, Any]) -> None:
        """Replace the data of a session."""
        mine = SESSIONS.c.hash == tokens.hashed(session.token)
        with self.engine.begin() as connection:
            connection.execute(update(SESSIONS).where(mine).values(data=json.dumps(dict(data))))

    def end(self, token: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == tokens.hashed(token)))

    def end_all(self, account: int, *, but: str = "") -> None:
        """End the sessions of an account, except the one with the token `but`."""
        others = (SESSIONS.c.account == account) & (SESSIONS.c.hash != tokens.hashed(but))
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(others))
