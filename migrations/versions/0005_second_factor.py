"""A second factor, invitations, who is a registered social worker, and when an account was last used.

Sessions that were opened with a password alone end with this: none of them has a second factor.
"""

import sqlalchemy as sa
from alembic import op

from mash import clock
from mash.db import UtcDateTime

revision = "0005"
down_revision = "0004"

ACTED_AS_REGISTERED = ("screener", "decision_maker", "edt", "service_manager")


def upgrade() -> None:
    users()
    sessions()
    half_sign_ins()
    recovery_codes()
    invitations()
    keep_who_is_there()


def users() -> None:
    op.add_column("users", sa.Column("registered", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("users", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("totp_step", sa.Integer(), nullable=True))
    for name in ("woken_at", "last_signed_in_at", "factor_set_at", "factor_reset_at"):
        op.add_column("users", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def sessions() -> None:
    op.add_column("sessions", sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sessions", sa.Column("password_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("pending_secret", sa.Text(), nullable=True))


def half_sign_ins() -> None:
    op.create_table(
        "half_sign_ins",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending_secret", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_half_sign_ins_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_half_sign_ins"),
    )


def recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"], unique=False)


def invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_invitations_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_invitations"),
    )


def keep_who_is_there() -> None:
    """Whoever rated or decided so far goes on, and nobody is dormant for a time in which nothing was counted."""
    users = sa.table("users", sa.column("role"), sa.column("registered"), sa.column("woken_at", UtcDateTime()))
    op.execute(users.update().values(woken_at=clock.now()))
    op.execute(users.update().where(users.c.role.in_(ACTED_AS_REGISTERED)).values(registered=sa.true()))


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
