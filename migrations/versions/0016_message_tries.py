"""Of a message: when it was last tried, until when somebody has it to send, how often it failed by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("messages", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("refused", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
