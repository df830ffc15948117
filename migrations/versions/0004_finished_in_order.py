"""Finished contacts in the order in which they changed, a page at a time."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_contacts_changed", "contacts", ["borough", "changed_at", "id"])


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
