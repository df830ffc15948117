"""Whom an alert is for: whose deadline it was, and the role that the rung of the ladder names."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("owner", sa.String(length=60), server_default="hub", nullable=False))
    op.add_column("alerts", sa.Column("for_role", sa.Text(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
