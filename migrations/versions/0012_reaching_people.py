"""How people are reached: what goes out and through what, their addresses; and why something was out of timescale."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ALERT = ("borough", "contact_id", "clock", "agency", "episode", "kind", "level")


def upgrade() -> None:
    for column in ("cause", "resolved_by"):
        op.add_column("deadlines", sa.Column(column, sa.Text(), nullable=True))
    op.add_column("deadlines", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
    for column in ("email", "quiet_from", "quiet_to"):
        op.add_column("users", sa.Column(column, sa.Text(), nullable=True))
    op.add_column("alerts", sa.Column("addressed_at", sa.DateTime(timezone=True), nullable=True))
    _partial_index("ix_alerts_unaddressed", "alerts", "raised_at", "addressed_at IS NULL")
    op.create_table(
        "carriers",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_carriers")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("borough", sa.String(length=60), nullable=False),
        sa.Column("carrier", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_messages_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_ending_borough_ended_at", "messages", ["ending", "borough", "ended_at"])
    _partial_index("ix_messages_waiting", "messages", "try_at", "ending IS NULL")
    op.create_table(
        "message_lines",
        sa.Column("message_id", sa.Text(), nullable=False),
        *(sa.Column(n, sa.Integer() if n in ("episode", "level") else sa.Text(), nullable=False) for n in _ALERT),
        sa.ForeignKeyConstraint(_ALERT, [f"alerts.{column}" for column in _ALERT], name=op.f("fk_message_lines_alert")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_lines_message_id")),
        sa.PrimaryKeyConstraint("message_id", *_ALERT, name=op.f("pk_message_lines")),
    )
    op.create_index("ix_message_lines_alert", "message_lines", list(_ALERT))


def _partial_index(name: str, table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], postgresql_where=condition, sqlite_where=condition)


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
