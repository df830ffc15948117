"""Who put rules in force, which versions were withdrawn before they came into force, and what is proposed."""

import sqlalchemy as sa
from alembic import op

from mash import guards

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("rule_sets", sa.Column("loaded_by", sa.Text(), nullable=True))
    op.create_table(
        "rule_set_withdrawals",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slug", "version"],
            ["rule_sets.slug", "rule_sets.version"],
            name=op.f("fk_rule_set_withdrawals_slug_version_rule_sets"),
        ),
        sa.PrimaryKeyConstraint("slug", "version", name=op.f("pk_rule_set_withdrawals")),
    )
    guards.install(op.get_bind(), "rule_set_withdrawals")
    op.create_table(
        "rule_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("borough", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("resolved", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_proposals")),
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
