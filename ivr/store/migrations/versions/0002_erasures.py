"""Rename the table wishes to erasures, the term used everywhere else."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.rename_table("wishes", "erasures")
