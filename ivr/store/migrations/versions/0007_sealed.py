"""A column for secrets that are sealed. The console seals those of before when it starts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("sealed", sa.String(250)))
