"""The database tables.

For privacy, the anonymous counts have no column for a day, a municipality or an item.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Date, Integer, MetaData, String, Table
from sqlalchemy.dialects import postgresql, sqlite

VERSION: Final = "0003"
"""Alembic revision of the tables in this module: the last one in migrations/versions."""

METADATA: Final = MetaData()

COUNTS: Final = Table(
    "counts",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("municipality", String(100), primary_key=True),
    Column("item", String(100), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("times", Integer, nullable=False),
)

ANONYMOUS: Final = Table(
    "anonymous_counts",
    METADATA,
    Column("month", Date, primary_key=True),  # the first day of the month
    Column("outcome", String(20), primary_key=True),
    Column("times", Integer, nullable=False),
)

ERASURES: Final = Table(
    "erasures",
    METADATA,
    Column("sid", String(34), primary_key=True),
    Column("since", BigInteger, nullable=False),  # the time of the request, in seconds since 1970
    Column("tries", Integer, nullable=False),
    Column("due", BigInteger, nullable=False, index=True),  # the time of the next try, in seconds since 1970
)

RINGS: Final = Table(
    "rings",
    METADATA,
    Column("token", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),  # when the contact pressed 1, in seconds since 1970
)
"""Accepted ring checks that no command has read yet."""

REMINDERS: Final = Table(
    "reminders",
    METADATA,
    Column("recipient", String(16), primary_key=True),  # a digest of the mail address
    Column("municipality", String(100), primary_key=True),  # empty: the whole line
    Column("kind", String(20), primary_key=True),
    Column("place", String(200), primary_key=True),
    Column("mark", String(40), primary_key=True),
    Column("mailed", Date, nullable=False),
    Column("seen", Date, nullable=False),
)

UNANSWERED: Final = Table(
    "unanswered",
    METADATA,
    Column("municipality", String(100), primary_key=True),
    Column("contact", String(4), primary_key=True),  # the start of a digest of the number
    Column("day", Date, nullable=False),
)


def insert(connection: Connection, table: Table) -> Any:
    """Make an INSERT that supports ON CONFLICT, in the dialect of the connection."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
