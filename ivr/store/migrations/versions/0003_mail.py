"""Create the tables for what has been mailed and for ring checks without an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("recipient", sa.String(16), primary_key=True),
        sa.Column("municipality", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("place", sa.String(200), primary_key=True),
        sa.Column("mark", sa.String(40), primary_key=True),
        sa.Column("mailed", sa.Date, nullable=False),
        sa.Column("seen", sa.Date, nullable=False),
    )
    op.create_table(
        "unanswered",
        sa.Column("municipality", sa.String(100), primary_key=True),
        sa.Column("contact", sa.String(4), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
    )


def downgrade() -> None:
    for table in ("unanswered", "reminders"):
        op.drop_table(table)
