"""What do the rows say? Reads a contact and its history into a Situation. Writes nothing."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, null, outerjoin, select, true

from mash.audit import Head
from mash.db import SERVER_TIME
from mash.models.accounts import User, UserBorough
from mash.models.audit import AuditEntry
from mash.models.base import among_ids
from mash.models.contact import Contact
from mash.models.people import ContactAdult, ContactChild
from mash.models.time import Alert, Deadline, LateBankHoliday
from mash.permissions import PERMISSIONS, Permission
from mash.rules.facts import AdultFacts, ChildFacts
from mash.vocabulary import Kind, Role, State, Verb
from mash.workflow.change import ContactRow, ReportedChild
from mash.workflow.history import Event
from mash.workflow.turns import counting_with_others

BATCH = 200
"""How many contacts are read at once where there may be many."""
DeadlineKey = tuple[str, str, int]
AlertKey = tuple[str, str, int, str, int]

CONTACT_COLUMNS = (
    Contact.number,
    Contact.id,
    Contact.borough,
    Contact.reference,
    Contact.kind,
    Contact.channel,
    Contact.source,
    Contact.state,
    Contact.rag,
    Contact.outcome,
    Contact.received_at,
    Contact.suggested_because,
    Contact.version,
    Contact.rule_set,
    Contact.rule_set_version,
    Contact.chain_seq,
    Contact.chain_hash,
    Contact.next_due_at,
)


_EVENTS = select(
    AuditEntry.stream,
    AuditEntry.seq,
    AuditEntry.action,
    AuditEntry.at,
    AuditEntry.actor_id,
    AuditEntry.role,
    AuditEntry.desk,
    AuditEntry.state_before,
    AuditEntry.state,
    AuditEntry.facts,
)
_EVENTS_OF: Select[*tuple[Any, ...]] = _EVENTS.where(among_ids(AuditEntry.stream)).order_by(
    AuditEntry.stream, AuditEntry.seq
)
_ANNOUNCED = select(func.count().label("announced")).where(LateBankHoliday.borough == bindparam("borough")).subquery()
_LATER = and_(AuditEntry.stream == bindparam("contact_id"), AuditEntry.seq > bindparam("known"))
_HISTORY: Select[*tuple[Any, ...]] = (
    _EVENTS.add_columns(_ANNOUNCED.c.announced, AuditEntry.previous_hash, AuditEntry.hash)
    .select_from(outerjoin(_ANNOUNCED, AuditEntry, _LATER))
    .order_by(AuditEntry.seq)
)
_HISTORY_AND_TIME = {
    "sqlite": _HISTORY.add_columns(null().label("server_time")),
    "postgresql": _HISTORY.add_columns(SERVER_TIME.label("server_time")),
}
DEADLINE_VALUES = (
    "due_at",
    "met_at",
    "breached_at",
    "cancelled_at",
    "paused_at",
    "taken_by",
    "taken_at",
    "cause",
    "resolved_by",
    "resolved_at",
    "annulled_by",
    "annulled_at",
    "calendar_version",
    "agenda",
)
"""What may change of a deadline that is there."""
_DEADLINES_OF = select(
    Deadline.contact_id,
    Deadline.clock,
    Deadline.agency,
    Deadline.episode,
    *(getattr(Deadline, name) for name in DEADLINE_VALUES),
).where(Deadline.borough == bindparam("borough"), among_ids(Deadline.contact_id))
_ALERTS_OF = select(Alert.contact_id, Alert.clock, Alert.agency, Alert.episode, Alert.kind, Alert.level).where(
    Alert.borough == bindparam("borough"), among_ids(Alert.contact_id)
)
_CHILDREN_OF = (
    select(
        ContactChild.id,
        ContactChild.label,
        ContactChild.date_of_birth,
        ContactChild.expected_date_of_delivery,
        ContactChild.nhs_number,
        ContactChild.match_key,
        ContactChild.open_case,
        ContactChild.position,
    )
    .where(ContactChild.borough == bindparam("borough"), ContactChild.contact_id == bindparam("contact_id"))
    .order_by(ContactChild.position)
)
_ADULTS_OF = (
    select(ContactAdult.role, ContactAdult.relationship)
    .where(ContactAdult.borough == bindparam("borough"), ContactAdult.contact_id == bindparam("contact_id"))
    .order_by(ContactAdult.position)
)
_ONE = select(*CONTACT_COLUMNS).where(Contact.borough == bindparam("borough"), Contact.id == bindparam("contact_id"))
_LOCKED = {
    "sqlite": _ONE.add_columns(_ANNOUNCED.c.announced).join(_ANNOUNCED, true()),
    "postgresql": _ONE.add_columns(
        null().label("announced"), counting_with_others(bindparam("borough"))
    ).with_for_update(),
}


class Entry(NamedTuple):
    """An act on record: the hash of the entry that it follows, and where the chain ends with it."""

    event: Event
    follows: str
    head: Head


class Later(NamedTuple):
    """Entries, how many bank holidays were announced late to the borough, and on PostgreSQL the server's time then."""

    entries: list[Entry]
    announced: int
    server_time: datetime | None


def of_each_borough(found: Sequence[Row[Any]]) -> Iterator[tuple[str, list[Row[Any]]]]:
    """Rows of contacts, at most so many of one borough at a time."""
    for borough in sorted({row.borough for row in found}):
        own = [row for row in found if row.borough == borough]
        yield from ((borough, own[n : n + BATCH]) for n in range(0, len(own), BATCH))


def contact_rows() -> Select[*tuple[Any, ...]]:
    """Select of what the write path needs of contacts."""
    return select(*CONTACT_COLUMNS)


def as_contact(row: Row[Any]) -> ContactRow:
    """The row as the verbs see it."""
    return ContactRow(
        id=row.id,
        borough=row.borough,
        reference=row.reference,
        kind=Kind(row.kind),
        channel=row.channel,
        source=row.source,
        state=State(row.state),
        rag=row.rag,
        outcome=row.outcome,
        received_at=row.received_at,
        version=row.version,
    )


def locked(tx: Connection, borough: str, contact_id: str) -> Row[Any] | None:
    """One contact; until the transaction ends nobody changes it, nor announces a bank holiday to its borough.

    `announced` is how many were announced late; None on PostgreSQL, where that may have changed while this waited.
    """
    return tx.execute(_LOCKED[tx.dialect.name], {"borough": borough, "contact_id": contact_id}).first()


def history_after(tx: Connection, borough: str, contact_id: str, known: Head) -> Later:
    """What is on record of a contact after a known entry."""
    own = {"borough": borough, "contact_id": contact_id, "known": known.seq}
    found = tx.execute(_HISTORY_AND_TIME[tx.dialect.name], own).all()
    entries = [_entry(row) for row in found if row.seq is not None]
    return Later(entries, int(found[0].announced), found[0].server_time)


def events_of(tx: Connection, contact_ids: Sequence[str]) -> dict[str, list[Event]]:
    """The history of each contact, in order."""
    found: dict[str, list[Event]] = defaultdict(list)
    for row in tx.execute(_EVENTS_OF, {"ids": contact_ids}):
        found[row.stream].append(_event(row))
    return found


def _entry(row: Row[Any]) -> Entry:
    return Entry(_event(row), row.previous_hash, Head(row.seq, row.hash))


def _event(row: Row[Any]) -> Event:
    return Event(
        seq=row.seq,
        verb=Verb(row.action),
        at=row.at,
        actor_id=row.actor_id,
        role=Role(row.role),
        desk=row.desk,
        state_before=State(row.state_before) if row.state_before else None,
        state=State(row.state),
        facts=json.loads(row.facts),
    )


def children_of(tx: Connection, borough: str, contact_id: str) -> list[Row[Any]]:
    """The children as reported, in order."""
    return list(tx.execute(_CHILDREN_OF, {"borough": borough, "contact_id": contact_id}))


def adults_of(tx: Connection, borough: str, contact_id: str) -> tuple[AdultFacts, ...]:
    """What the rules may know of the adults."""
    return tuple(AdultFacts(*row) for row in tx.execute(_ADULTS_OF, {"borough": borough, "contact_id": contact_id}))


STAFF = tuple(role.value for role in Role if Permission.VIEW_CONTACT in PERMISSIONS[role])
"""Roles of the people of the front door: no desks, and no administrators, who see no contact."""


def staff_of(tx: Connection, borough: str) -> dict[str, str]:
    """The people of the front door who may act in a borough, with their names."""
    found = select(User.id, User.name).join(UserBorough, UserBorough.user_id == User.id)
    there = found.where(UserBorough.borough == borough, User.active, User.role.in_(STAFF))
    return {row.id: row.name for row in tx.execute(there.order_by(User.name))}


def as_children(rows: Iterable[Row[Any]], facts: Iterable[ChildFacts] | None = None) -> tuple[ReportedChild, ...]:
    """The rows as the verbs see them."""
    known = list(facts) if facts is not None else [ChildFacts()] * len(rows := list(rows))
    return tuple(ReportedChild(r.id, r.label, f, r.open_case) for r, f in zip(rows, known, strict=True))


def deadlines_of(tx: Connection, borough: str, contact_ids: Sequence[str]) -> dict[str, dict[DeadlineKey, Row[Any]]]:
    """Stored deadlines of each contact."""
    found: dict[str, dict[DeadlineKey, Row[Any]]] = defaultdict(dict)
    for row in tx.execute(_DEADLINES_OF, {"borough": borough, "ids": contact_ids}):
        found[row.contact_id][row.clock, row.agency, row.episode] = row
    return found


def values_of(deadline: Row[Any]) -> tuple[Any, ...]:
    """What may change of it, in the order of `DEADLINE_VALUES`."""
    return tuple(deadline[4:])


def alerts_of(tx: Connection, borough: str, contact_ids: Sequence[str]) -> dict[str, set[AlertKey]]:
    """Keys of the alerts already raised for each contact."""
    found: dict[str, set[AlertKey]] = defaultdict(set)
    for row in tx.execute(_ALERTS_OF, {"borough": borough, "ids": contact_ids}):
        found[row.contact_id].add((row.clock, row.agency, row.episode, row.kind, row.level))
    return found
