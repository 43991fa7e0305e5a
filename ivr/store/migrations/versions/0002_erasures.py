"""The table of requests to erase a call's records has the name that they have everywhere."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.rename_table("wishes", "erasures")
