"""Who has a contact in hand, and who has taken an alert on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("held_by", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("held_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deadlines", sa.Column("taken_by", sa.Text(), nullable=True))
    op.add_column("deadlines", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
