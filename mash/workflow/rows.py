"""What do the rows say? Reads a contact and its history into a Situation. Writes nothing."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from mash.models.accounts import User, UserBorough
from mash.models.audit import AuditEntry
from mash.models.contact import Contact
from mash.models.people import ContactAdult, ContactChild
from mash.models.time import Alert, Deadline
from mash.permissions import PERMISSIONS, Permission
from mash.rules.facts import AdultFacts, ChildFacts
from mash.vocabulary import Kind, Role, State, Verb
from mash.workflow.change import ContactRow, ReportedChild
from mash.workflow.history import Event

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


def events_of(tx: Connection, contact_ids: Sequence[str]) -> dict[str, list[Event]]:
    """The history of each contact, in order."""
    rows = select(
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
    found: dict[str, list[Event]] = defaultdict(list)
    wanted = rows.where(AuditEntry.stream.in_(contact_ids)).order_by(AuditEntry.stream, AuditEntry.seq)
    for row in tx.execute(wanted):
        found[row.stream].append(
            Event(
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
        )
    return found


def children_of(tx: Connection, borough: str, contact_id: str) -> list[Row[Any]]:
    """The children as reported, in order."""
    rows = select(
        ContactChild.id,
        ContactChild.label,
        ContactChild.date_of_birth,
        ContactChild.expected_date_of_delivery,
        ContactChild.nhs_number,
        ContactChild.match_key,
        ContactChild.open_case,
        ContactChild.position,
    )
    of_contact = rows.where(ContactChild.borough == borough, ContactChild.contact_id == contact_id)
    return list(tx.execute(of_contact.order_by(ContactChild.position)))


def adults_of(tx: Connection, borough: str, contact_id: str) -> tuple[AdultFacts, ...]:
    """What the rules may know of the adults."""
    of_contact = (ContactAdult.borough == borough, ContactAdult.contact_id == contact_id)
    found = select(ContactAdult.role, ContactAdult.relationship).where(*of_contact).order_by(ContactAdult.position)
    return tuple(AdultFacts(*row) for row in tx.execute(found))


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
    columns: tuple[Any, ...] = (
        Deadline.contact_id,
        Deadline.clock,
        Deadline.agency,
        Deadline.episode,
        Deadline.due_at,
        Deadline.met_at,
        Deadline.breached_at,
        Deadline.cancelled_at,
        Deadline.paused_at,
        Deadline.taken_by,
        Deadline.taken_at,
        Deadline.cause,
        Deadline.resolved_by,
        Deadline.resolved_at,
        Deadline.annulled_by,
        Deadline.annulled_at,
        Deadline.calendar_version,
    )
    found: dict[str, dict[DeadlineKey, Row[Any]]] = defaultdict(dict)
    rows = select(*columns).where(Deadline.borough == borough, Deadline.contact_id.in_(contact_ids))
    for row in tx.execute(rows):
        found[row.contact_id][row.clock, row.agency, row.episode] = row
    return found


def alerts_of(tx: Connection, borough: str, contact_ids: Sequence[str]) -> dict[str, set[AlertKey]]:
    """Keys of the alerts already raised for each contact."""
    columns = (Alert.contact_id, Alert.clock, Alert.agency, Alert.episode, Alert.kind, Alert.level)
    found: dict[str, set[AlertKey]] = defaultdict(set)
    rows = select(*columns).where(Alert.borough == borough, Alert.contact_id.in_(contact_ids))
    for row in tx.execute(rows):
        found[row.contact_id].add((row.clock, row.agency, row.episode, row.kind, row.level))
    return found
