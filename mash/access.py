"""Who looked? A row for every page with case data, committed before its first byte."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from mash import clock
from mash.db import Database
from mash.models.audit import AccessEntry
from mash.models.base import into, new_id
from mash.permissions import Actor

_LOOKED = into(AccessEntry)
SAME_SITTING = timedelta(hours=1)
"""For so long a list that renews itself while somebody works shows them nothing new."""


def shown_to(db: Database, actor: Actor, contact_ids: Sequence[str], page: str, request_id: str) -> None:
    """Record that a list is about to show these contacts; once in a sitting. If this fails, nothing is shown."""
    if not contact_ids:
        return
    lately = select(AccessEntry.contact_id).where(
        AccessEntry.borough == actor.borough,
        AccessEntry.contact_id.in_(contact_ids),
        AccessEntry.at > clock.now() - SAME_SITTING,
        AccessEntry.user_id == actor.user_id,
        AccessEntry.page == page,
    )
    with db.reading() as look:
        known = set(look.execute(lately).scalars())
    for contact_id in dict.fromkeys(contact_ids):
        if contact_id not in known:
            looked_at(db, actor, contact_id, page, request_id)


def looked_at(db: Database, actor: Actor, contact_id: str | None, page: str, request_id: str) -> None:
    """Record that the actor is about to see the page. If this fails, nothing is shown."""
    row = {
        "id": new_id(),
        "at": clock.now(),
        "user_id": actor.user_id,
        "role": actor.role,
        "desk": actor.desk,
        "borough": actor.borough,
        "contact_id": contact_id,
        "page": page,
        "request_id": request_id,
    }
    with db.transaction() as tx:
        tx.execute(_LOOKED, row)
