"""Create the tables of the console. An act cannot be changed, and not be removed within a year."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

HASH = 64
YEAR = 365 * 24 * 3600


def upgrade() -> None:
    accounts()
    sessions()
    acts()
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("account", sa.Integer),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("base", sa.String(HASH), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("saved", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_file", "drafts", ["file"])


def accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("mail", sa.String(254), nullable=False),
        sa.Column("manager", sa.Boolean, nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("totp", sa.String(64)),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("subject", sa.String(600)),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("signed_in", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    local = sa.text("subject IS NULL")
    op.create_index(
        "ix_accounts_mail", "accounts", ["mail"], unique=True, sqlite_where=local, postgresql_where=local
    )
    op.create_index("ix_accounts_subject", "accounts", ["subject"], unique=True)
    op.create_table(
        "account_municipalities",
        sa.Column("account", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("slug", sa.String(100), primary_key=True),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential", sa.String(1400), primary_key=True),
        sa.Column("account", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    op.create_table(
        "links",
        sa.Column("hash", sa.String(HASH), primary_key=True),
        sa.Column("account", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_links_account", "links", ["account"])


def sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(HASH), primary_key=True),
        sa.Column("account", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("begun", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table(
        "attempts",
        sa.Column("hash", sa.String(HASH), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "handshakes",
        sa.Column("hash", sa.String(HASH), primary_key=True),
        sa.Column("ends", sa.BigInteger, nullable=False),
    )


def acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("account", sa.Integer),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("object", sa.String(200), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(45), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_acts_moment", "acts", ["moment"])
    if op.get_context().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'acts are append-only'); END"
        op.execute(f"CREATE TRIGGER acts_update BEFORE UPDATE ON acts {refuse}")
        young = f"OLD.moment > CAST(strftime('%s', 'now') AS INTEGER) - {YEAR}"
        op.execute(f"CREATE TRIGGER acts_delete BEFORE DELETE ON acts WHEN {young} {refuse}")
    else:
        op.execute(
            "CREATE FUNCTION acts_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'acts are append-only'; END $$"
        )
        run = "EXECUTE FUNCTION acts_append_only()"
        op.execute(f"CREATE TRIGGER acts_update BEFORE UPDATE ON acts FOR EACH ROW {run}")
        young = f"OLD.moment > extract(epoch from now()) - {YEAR}"
        op.execute(f"CREATE TRIGGER acts_delete BEFORE DELETE ON acts FOR EACH ROW WHEN ({young}) {run}")
        op.execute(f"CREATE TRIGGER acts_truncate BEFORE TRUNCATE ON acts {run}")
