"""Who looked? A row for every page with case data, committed before its first byte."""

from sqlalchemy import insert

from mash import clock
from mash.db import Database
from mash.models.audit import AccessEntry
from mash.models.base import new_id
from mash.permissions import Actor


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
        tx.execute(insert(AccessEntry).values(row))
