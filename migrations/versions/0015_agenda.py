"""What each deadline will say if nobody acts. Of those that are there already it is not known until they are swept."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("deadlines", sa.Column("agenda", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
