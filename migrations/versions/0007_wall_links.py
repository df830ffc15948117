"""Links that show the live board on a wall."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "wall_links",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("borough", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_wall_links_made_by_users")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_wall_links")),
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
