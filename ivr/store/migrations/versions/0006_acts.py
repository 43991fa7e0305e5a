"""What an act changed, and the version of the files that it made."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name, length in (("changed", 500), ("version", 40)):
        op.add_column("acts", sa.Column(name, sa.String(length), nullable=False, server_default=""))
