"""Contacts that could not be worked out, and what a heartbeat tells besides its time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "set_aside",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"],
            ["contacts.borough", "contacts.id"],
            name=op.f("fk_set_aside_borough_contact_id_contacts"),
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", "since", name=op.f("pk_set_aside")),
    )
    op.create_index(
        "ix_set_aside_open",
        "set_aside",
        ["borough", "contact_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("heartbeats", sa.Column("took_seconds", sa.Double(), nullable=True))
    op.add_column("heartbeats", sa.Column("every_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("heartbeats", sa.Column("clock_ahead", sa.Double(), server_default="0", nullable=False))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
