"""Sources that have gone quiet."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("came", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_by", sa.Text(), nullable=True),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("borough", "source", "raised_at", name=op.f("pk_silences")),
    )
    still_lasts = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_silences_open",
        "silences",
        ["borough", "source"],
        unique=True,
        postgresql_where=still_lasts,
        sqlite_where=still_lasts,
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
