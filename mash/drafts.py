"""What has somebody begun to type and not sent? Kept until it is sent, thrown away or two weeks old.

A draft is its writer's alone: nobody else is ever shown it, and no record is made of it. Words in it may be about
anybody, so it is deleted as soon as it has served.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, select

from mash import clock
from mash.agencies.visibility import visible_contacts
from mash.db import Database
from mash.errors import BadInput
from mash.models.base import INSERTS, rows_of
from mash.models.contact import Contact
from mash.models.drafts import Draft
from mash.permissions import Actor

KEPT = timedelta(days=14)
LONGEST = 200_000
"""Characters of one draft: more than any form takes."""

_HOW_MANY = select(func.count()).where(
    Draft.user_id == bindparam("user_id"), Draft.borough == bindparam("borough"), Draft.saved_at > bindparam("since")
)

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Unsent:
    """A form as it was left: which one, about which contact, what was in its fields, when that was last kept (UTC).

    `reference` is that of the contact, while the writer may see it.
    """

    form: str
    reference: str | None
    fields: Fields
    saved_at: datetime


def keep(db: Database, actor: Actor, form: str, fields: Fields, contact_id: str | None = None) -> datetime:
    """Keep this in the place of what was kept of the form before. When that was (UTC).

    `form` is any name of it. Of a form in which nothing is typed nothing is kept. Raises BadInput for what is too long.
    """
    typed = {name: list(given) for name, given in fields.items() if any(given)}
    if len(form) + sum(len(name) + sum(map(len, given)) for name, given in typed.items()) > LONGEST:
        raise BadInput("This is too long to be kept while you type. Send it, or shorten it.")
    now = clock.now()
    with db.transaction() as tx:
        tx.execute(delete(Draft).where(Draft.user_id == actor.user_id, Draft.saved_at <= now - KEPT))
        if not typed:
            tx.execute(delete(Draft).where(_own(actor, form)))
            return now
        row = {"user_id": actor.user_id, "borough": actor.borough, "form": form}
        changed = {"contact_id": contact_id, "fields": typed, "saved_at": now}
        new = INSERTS[tx.dialect.name](rows_of(Draft)).values(**row, **changed)
        tx.execute(new.on_conflict_do_update(index_elements=list(row), set_=changed))
    return now


def kept(db: Database, actor: Actor, form: str) -> Unsent | None:
    """What the actor left in this form, if that is less than two weeks ago."""
    return next((draft for draft in unsent(db, actor) if draft.form == form), None)


def unsent(db: Database, actor: Actor) -> list[Unsent]:
    """Everything that the actor has begun in this borough, the latest first."""
    visible = and_(
        Contact.borough == Draft.borough, Contact.id == Draft.contact_id, Contact.id.in_(visible_contacts(actor))
    )
    rows = (
        select(Draft.form, Contact.reference, Draft.fields, Draft.saved_at)
        .outerjoin(Contact, visible)
        .where(Draft.user_id == actor.user_id, Draft.borough == actor.borough, Draft.saved_at > clock.now() - KEPT)
        .order_by(Draft.saved_at.desc())
    )
    with db.reading() as look:
        return [Unsent(row.form, row.reference, row.fields, row.saved_at) for row in look.execute(rows)]


def count(look: Connection, actor: Actor) -> int:
    """How many forms the actor has begun in this borough."""
    whose = {"user_id": actor.user_id, "borough": actor.borough, "since": clock.now() - KEPT}
    return look.execute(_HOW_MANY, whose).scalar_one()


def discard(db: Database, actor: Actor, form: str) -> None:
    """It was sent, or is not wanted. Nothing happens where there is none."""
    with db.transaction() as tx:
        tx.execute(delete(Draft).where(_own(actor, form)))


def _own(actor: Actor, form: str) -> ColumnElement[bool]:
    return and_(Draft.user_id == actor.user_id, Draft.borough == actor.borough, Draft.form == form)
