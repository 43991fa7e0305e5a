"""Create the tables for counts, erasures (then called wishes) and ring-check answers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counts",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("municipality", sa.String(100), primary_key=True),
        sa.Column("item", sa.String(100), primary_key=True),
        sa.Column("outcome", sa.String(20), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "anonymous_counts",
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("outcome", sa.String(20), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_table(
        "wishes",
        sa.Column("sid", sa.String(34), primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_wishes_due", "wishes", ["due"])
    op.create_table(
        "rings",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("rings", "wishes", "anonymous_counts", "counts"):
        op.drop_table(table)
