"""What people are found by: names as they sound, days of birth, places. Made for those who are there already."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from mash.people.keys import keys_of_adult, keys_of_child

revision = "0006"
down_revision = "0005"

_KEYS = sa.table("lookup_keys", *(sa.column(name) for name in ("borough", "kind", "key", "reported_id", "contact_id")))
_CHILDREN = ("forename", "surname", "date_of_birth", "expected_date_of_delivery", "postcode", "address")
_ADULTS = ("name", "date_of_birth", "address")
_BATCH = 5_000


def upgrade() -> None:
    op.create_table(
        "lookup_keys",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reported_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_lookup_keys_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "kind", "key", "reported_id", name="pk_lookup_keys"),
    )
    op.create_index("ix_contacts_changed", "contacts", ["borough", "changed_at", "id"])
    _fill("contact_children", _CHILDREN, keys_of_child)
    _fill("contact_adults", _ADULTS, keys_of_adult)


def _fill(table: str, columns: tuple[str, ...], keys_of: Any) -> None:
    days = {"date_of_birth": sa.Date(), "expected_date_of_delivery": sa.Date()}
    names = ("borough", "id", "contact_id", *columns)
    people = sa.table(table, *(sa.column(name, days.get(name, sa.Text())) for name in names))
    connection, last = op.get_bind(), ("", "")
    while True:
        after = sa.tuple_(people.c.borough, people.c.id) > sa.tuple_(sa.literal(last[0]), sa.literal(last[1]))
        found = connection.execute(
            sa.select(people).where(after).order_by(people.c.borough, people.c.id).limit(_BATCH)
        ).all()
        rows = [
            {"borough": row.borough, "contact_id": row.contact_id, "reported_id": row.id, "kind": kind, "key": key}
            for row in found
            for kind, key in keys_of(row)
        ]
        if rows:
            connection.execute(sa.insert(_KEYS), rows)
        if len(found) < _BATCH:
            return
        last = (found[-1].borough, found[-1].id)


def downgrade() -> None:
    raise RuntimeError("There is no way back: restore the backup that was made before the migration.")
