"""The database tables.

For privacy, the anonymous counts have no column for a day, a municipality or an item.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

VERSION: Final = "0007"
"""Alembic revision of the tables in this module: the last one in migrations/versions."""

NAME_LENGTH: Final = 100
"""Characters of a municipality's slug or of an item, at most."""

METADATA: Final = MetaData()

COUNTS: Final = Table(
    "counts",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("municipality", String(NAME_LENGTH), primary_key=True),
    Column("item", String(NAME_LENGTH), primary_key=True),
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

# What the console keeps. All times are in seconds since 1970.

_NAME: Final = 100
_MAIL: Final = 254
_HASH: Final = 64
"""Length of a SHA-256 in hexadecimal digits. A token itself is stored nowhere."""

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(_NAME), nullable=False),
    Column("mail", String(_MAIL), nullable=False),
    Column("manager", Boolean, nullable=False),
    Column("password", String(200)),  # argon2's hash with its salt and parameters
    Column("totp", String(64)),  # the secret shared with an authenticator app, until it is sealed
    Column("totp_step", BigInteger, nullable=False),  # the last half minute of which a code was used
    Column("subject", String(600)),  # issuer and subject of an account of OpenID Connect
    Column("made", BigInteger, nullable=False),
    Column("signed_in", BigInteger),  # the last time
    Column("sealed", String(250)),  # the secret shared with an authenticator app (see `sealing`)
    # A mail address identifies an account that has a password here. A provider's is not checked by us.
    Index(
        "ix_accounts_mail",
        "mail",
        unique=True,
        sqlite_where=text("subject IS NULL"),
        postgresql_where=text("subject IS NULL"),
    ),
    Index("ix_accounts_subject", "subject", unique=True),
    sqlite_autoincrement=True,  # an id is never given to somebody else
)

_ACCOUNT: Final = "accounts.id"

ACCOUNT_MUNICIPALITIES: Final = Table(
    "account_municipalities",
    METADATA,
    Column("account", Integer, ForeignKey(_ACCOUNT), primary_key=True),
    Column("slug", String(_NAME), primary_key=True),
)

PASSKEYS: Final = Table(
    "passkeys",
    METADATA,
    Column("credential", String(1400), primary_key=True),  # base64url
    Column("account", Integer, ForeignKey(_ACCOUNT), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("used", BigInteger, nullable=False),  # the authenticator's signature counter
    Column("name", String(_NAME), nullable=False),
    Column("made", BigInteger, nullable=False),
)

LINKS: Final = Table(
    "links",
    METADATA,
    Column("hash", String(_HASH), primary_key=True),
    Column("account", Integer, ForeignKey(_ACCOUNT), nullable=False, index=True),
    Column("ends", BigInteger, nullable=False),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("hash", String(_HASH), primary_key=True),
    Column("account", Integer, ForeignKey(_ACCOUNT), nullable=False, index=True),
    Column("stage", String(20), nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("data", Text, nullable=False),  # JSON: what the next step of signing in needs
)

ATTEMPTS: Final = Table(
    "attempts",
    METADATA,
    Column("hash", String(_HASH), primary_key=True),  # of a mail or IP address, with a key that is not here
    Column("failures", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
)

HANDSHAKES: Final = Table(
    "handshakes",
    METADATA,
    Column("hash", String(_HASH), primary_key=True),  # of the state of OpenID Connect
    Column("ends", BigInteger, nullable=False),
)

ACTS: Final = Table(
    "acts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("moment", BigInteger, nullable=False, index=True),
    Column("account", Integer),  # no foreign key: an act outlives the account
    Column("who", String(_NAME), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(200), nullable=False),
    Column("result", String(20), nullable=False),
    Column("origin", String(45), nullable=False),  # IP address, or "terminal"
    Column("changed", String(500), nullable=False, server_default=""),  # settings, or rights; no value
    Column("version", String(40), nullable=False, server_default=""),  # id of the version of the files
    sqlite_autoincrement=True,
)

DRAFTS: Final = Table(
    "drafts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("file", String(200), nullable=False, index=True),  # relative to the home
    Column("account", Integer),
    Column("author", String(_NAME), nullable=False),
    Column("base", String(_HASH), nullable=False),  # of the file that the draft was made from
    Column("content", Text, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("waiting", Boolean, nullable=False),  # for somebody else to publish it
    Column("saved", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

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

PRACTICE: Final = Table(
    "practice_links",
    METADATA,
    Column("municipality", String(100), primary_key=True),
    Column("number", Integer, nullable=False),  # how many links were made; a link has its own in it
    Column("good", Boolean, nullable=False),  # whether the last one may still be used
)


def insert(connection: Connection, table: Table) -> Any:
    """Make an INSERT that supports ON CONFLICT, in the dialect of the connection."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
