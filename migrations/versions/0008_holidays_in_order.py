"""The order in which late bank holidays became known, also within one second."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("late_bank_holidays", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE late_bank_holidays SET number = (SELECT count(*) FROM late_bank_holidays AS earlier "
        "WHERE earlier.borough = late_bank_holidays.borough "
        "AND (earlier.announced_at < late_bank_holidays.announced_at "
        "OR (earlier.announced_at = late_bank_holidays.announced_at AND earlier.day <= late_bank_holidays.day)))"
    )


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
