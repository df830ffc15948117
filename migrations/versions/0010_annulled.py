"""Who annulled a breach that should not have been, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("deadlines", sa.Column("annulled_by", sa.Text(), nullable=True))
    op.add_column("deadlines", sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
