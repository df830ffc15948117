"""Have we heard of this child before? Exact matches only; a belief that two reports are one person can be undone."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, select, union, update
from sqlalchemy.orm import InstrumentedAttribute

from mash.clock import london_date
from mash.errors import NotFound
from mash.models.audit import AuditEntry
from mash.models.base import into, new_id
from mash.models.contact import Contact
from mash.models.people import ContactChild, Person, PersonLink
from mash.people.keys import match_key, nhs_number
from mash.permissions import Actor
from mash.rules.facts import EarlierContact
from mash.vocabulary import State, Verb
from mash.workflow.details import Child

_PERSON, _LINK = into(Person), into(PersonLink)
_NONE_LATER = 1 << 60
"""Above the number of any contact."""


def _same_child(column: InstrumentedAttribute[str], *, by_number: bool, by_key: bool) -> Any:
    """Of the same child: equal NHS numbers or, where one has none, equal names and birth. Replay format, 5.

    A union, for SQLite looks up neither side of an `or` by its index.
    """
    own = select(column).where(ContactChild.borough == bindparam("borough"))
    number = own.where(ContactChild.nhs_number == bindparam("nhs_number"))
    key = own.where(ContactChild.match_key == bindparam("match_key"))
    if not by_number:
        return key
    return union(number, key.where(ContactChild.nhs_number.is_(None))) if by_key else number


def earlier(
    tx: Connection, borough: str, number: str | None, key: str | None, before: int | None
) -> tuple[EarlierContact, ...]:
    """Contacts about the same child; only those keyed before contact number `before`."""
    if not (number or key):
        return ()
    given = {"borough": borough, "nhs_number": number, "match_key": key, "before": before or _NONE_LATER}
    found = tx.execute(_earlier(by_number=bool(number), by_key=bool(key)), given).all()
    closed = _closed_on(tx, [row.id for row in found if row.state == State.CLOSED])
    return tuple(
        EarlierContact(london_date(row.received_at), frozenset(row.concerns), closed.get(row.id)) for row in found
    )


@cache
def _earlier(*, by_number: bool, by_key: bool) -> Select[*tuple[Any, ...]]:
    return select(Contact.id, Contact.received_at, Contact.concerns, Contact.state).where(
        Contact.borough == bindparam("borough"),
        Contact.id.in_(_same_child(ContactChild.contact_id, by_number=by_number, by_key=by_key)),
        Contact.number < bindparam("before"),
    )


def _closed_on(tx: Connection, contact_ids: list[str]) -> dict[str, date]:
    """The London date on which each was closed, the last time."""
    if not contact_ids:
        return {}
    closings = select(AuditEntry.stream, func.max(AuditEntry.at)).where(
        AuditEntry.stream.in_(contact_ids), AuditEntry.action == Verb.CLOSE.value
    )
    return {stream: london_date(at) for stream, at in tx.execute(closings.group_by(AuditEntry.stream))}


def link(tx: Connection, borough: str, children: Iterable[tuple[str, Child]], at: datetime) -> None:
    """Tie each reported child to the person whom an exact match shows, or to a new person."""
    for reported_id, child in children:
        number, key = nhs_number(child), match_key(child)
        person = _person_of(tx, borough, number, key, reported_id)
        basis = "exact_match" if person else "first_report"
        if person is None:
            person = new_id()
            tx.execute(_PERSON, {"borough": borough, "id": person, "created_at": at})
        row = {"borough": borough, "id": new_id(), "reported_id": reported_id, "person_id": person}
        tx.execute(_LINK, {**row, "basis": basis, "linked_at": at})


def _person_of(tx: Connection, borough: str, number: str | None, key: str | None, other_than: str) -> str | None:
    if not (number or key):
        return None
    given = {"borough": borough, "nhs_number": number, "match_key": key, "other_than": other_than}
    return tx.execute(_linked(by_number=bool(number), by_key=bool(key)), given).scalar()


@cache
def _linked(*, by_number: bool, by_key: bool) -> Select[str]:
    """The person to whom the same child was tied first."""
    same = _same_child(ContactChild.id, by_number=by_number, by_key=by_key)
    tied = select(PersonLink.person_id).where(
        PersonLink.borough == bindparam("borough"),
        PersonLink.undone_at.is_(None),
        PersonLink.reported_id.in_(same),
        PersonLink.reported_id != bindparam("other_than"),
    )
    return tied.order_by(PersonLink.linked_at).limit(1)


def undo_link(tx: Connection, actor: Actor, reported_id: str, at: datetime) -> None:
    """This reported child is not that person after all: the link stays on record, undone. Raises NotFound."""
    rows = update(PersonLink).where(
        PersonLink.borough == actor.borough, PersonLink.reported_id == reported_id, PersonLink.undone_at.is_(None)
    )
    if tx.execute(rows.values(undone_at=at, undone_by=actor.user_id)).rowcount == 0:
        raise NotFound("There is no such link.")
    person = new_id()
    tx.execute(_PERSON, {"borough": actor.borough, "id": person, "created_at": at})
    row = {"borough": actor.borough, "id": new_id(), "reported_id": reported_id, "person_id": person}
    tx.execute(_LINK, {**row, "basis": "unlinked", "linked_at": at, "linked_by": actor.user_id})


def earlier_contacts(tx: Connection, borough: str, contact_id: str) -> list[tuple[str, str, datetime, str]]:
    """Other contacts about the same persons, the newest first: (id, reference, received_at, stage)."""
    own = (
        select(PersonLink.person_id)
        .join(ContactChild, and_(ContactChild.borough == PersonLink.borough, ContactChild.id == PersonLink.reported_id))
        .where(PersonLink.borough == borough, ContactChild.contact_id == contact_id, PersonLink.undone_at.is_(None))
    )
    rows = (
        select(Contact.id, Contact.reference, Contact.received_at, Contact.state)
        .join(ContactChild, and_(ContactChild.borough == Contact.borough, ContactChild.contact_id == Contact.id))
        .join(PersonLink, and_(PersonLink.borough == Contact.borough, PersonLink.reported_id == ContactChild.id))
        .where(
            Contact.borough == borough,
            Contact.id != contact_id,
            PersonLink.undone_at.is_(None),
            PersonLink.person_id.in_(own),
        )
        .distinct()
        .order_by(Contact.received_at.desc())
    )
    return [(row.id, row.reference, row.received_at, row.state) for row in tx.execute(rows)]
