"""Which contacts could not be worked out, and when is each tried again? Writes and reads the rows of `set_aside`.

A contact on which the fold fails must not cost each sweep, nor hold up the others, nor be forgotten: it stands aside,
is tried again after a while, ever longer, and is told of on the page of alerts until it works again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError, NoResultFound, SQLAlchemyError, StatementError

from mash.agencies.visibility import visible_contacts
from mash.errors import where_raised
from mash.models.contact import Contact
from mash.models.time import SetAside
from mash.permissions import Actor
from mash.workflow import rows

FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(minutes=15)
"""It is tried again after the one; then after twice as long each time, up to the other."""

OPEN: ColumnElement[bool] = SetAside.ended_at.is_(None)
IS_ASIDE: ColumnElement[bool] = exists().where(
    SetAside.borough == Contact.borough, SetAside.contact_id == Contact.id, OPEN
)
"""In a select of contacts: those that stand aside."""


@dataclass(frozen=True)
class Aside:
    """A contact that stands aside: since when, how often it was tried and where in the program it failed."""

    contact_id: str
    reference: str
    since: datetime
    tries: int
    error: str


def is_its_own_fault(error: Exception) -> bool:
    """Whether it fails by what one contact holds, and not because the database or the machine cannot do its work."""
    if isinstance(error, DataError | IntegrityError | NoResultFound) or type(error) is StatementError:
        return True
    return not isinstance(error, SQLAlchemyError | OSError | MemoryError)


def put(tx: Connection, contact: Row[Any], error: Exception, now: datetime) -> None:
    """Let a contact, whose row is locked, stand aside; or, where it does, count one more try that failed."""
    own = (SetAside.borough == contact.borough, SetAside.contact_id == contact.id, OPEN)
    tries = (tx.execute(select(SetAside.tries).where(*own)).scalar() or 0) + 1
    tried = {"tries": tries, "tried_at": now, "retry_at": now + _wait(tries), "error": where_raised(error)}
    if tries > 1:
        tx.execute(update(SetAside).where(*own).values(tried))
    else:
        tx.execute(insert(SetAside).values(borough=contact.borough, contact_id=contact.id, since=now, **tried))


def _wait(tries: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(tries - 1, 10)), LAST_RETRY)


def end(tx: Connection, contact: Row[Any], now: datetime) -> None:
    """It works again. Its row is locked."""
    own = (SetAside.borough == contact.borough, SetAside.contact_id == contact.id, OPEN)
    tx.execute(update(SetAside).where(*own).values(ended_at=now))


def to_retry(tx: Connection, now: datetime, limit: int) -> list[Row[Any]]:
    """Contacts that are to be tried again now, locked; those that somebody else has locked are passed over."""
    own = (SetAside.borough == Contact.borough) & (SetAside.contact_id == Contact.id)
    ripe = rows.contact_rows().join(SetAside, own).where(OPEN, SetAside.retry_at <= now)
    wanted = ripe.order_by(SetAside.retry_at).limit(limit)
    return list(tx.execute(wanted.with_for_update(of=Contact, skip_locked=True)))


def standing_aside(look: Connection, actor: Actor | None = None) -> Sequence[Aside]:
    """Those that stand aside now, the longest first: all, or those that the actor may know of."""
    found = select(SetAside.contact_id, Contact.reference, SetAside.since, SetAside.tries, SetAside.error)
    found = found.join(Contact, (Contact.borough == SetAside.borough) & (Contact.id == SetAside.contact_id))
    if actor is not None:
        found = found.where(Contact.id.in_(visible_contacts(actor)))
    return [Aside(*row) for row in look.execute(found.where(OPEN).order_by(SetAside.since, Contact.number))]


def count(look: Connection) -> int:
    """How many stand aside."""
    return look.execute(select(func.count()).select_from(SetAside).where(OPEN)).scalar_one()
