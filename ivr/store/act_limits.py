"""How often acts that are alike are added to the log of acts.

What is refused is recorded too, and can be tried without end: it must not fill the disk, or hide the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select, text

from ivr.store.tables import ACTS


@dataclass(frozen=True, slots=True)
class Limit:
    """An act is not added if, within some time, there were already so many that are alike."""

    acts: int
    seconds: int
    alike: tuple[str, ...]
    """The columns that are the same."""


_SAME: Final = ("account", "who", "action", "object", "result", "origin", "changed")

ONCE_A_MINUTE: Final = (Limit(1, 60, _SAME), Limit(60, 60, ("account", "action", "result")))
"""For what is refused. All who are not signed in count as one account."""
ONCE_AN_HOUR: Final = (Limit(1, 3600, _SAME),)
"""For what is looked at."""
FEW_FROM_AN_ADDRESS: Final = (
    Limit(5, 60, ("action", "result", "origin", "changed")),
    Limit(60, 60, ("action", "result")),
)
"""For attempts to sign in that have to wait. The account does not matter: adding an act takes time, and who
measures it must not learn which accounts exist."""


def is_reached(connection: Connection, limits: Sequence[Limit], row: Mapping[str, Any]) -> bool:
    """Whether one of the limits keeps an act from being added in this transaction. `row`: its columns.

    Other processes wait until it ends: in SQLite for any that writes, in PostgreSQL for this lock.
    """
    if limits and connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(2612)"))  # an arbitrary number
    return any(_alike(connection, each, row) >= each.acts for each in limits)


def _alike(connection: Connection, limit: Limit, row: Mapping[str, Any]) -> int:
    same = [ACTS.c[name].is_not_distinct_from(row[name]) for name in limit.alike]
    since = ACTS.c.moment > row["moment"] - limit.seconds
    found: int | None = connection.scalar(select(func.count()).select_from(ACTS).where(since, *same))
    return found or 0
