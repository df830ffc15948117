"""What happened, as a recording? Writes the record of a database so that `mash replay` makes the same of it again.

An export holds personal data, withheld addresses and shielded referrers among it: it is for the hub alone.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mash.clock import iso
from mash.db import Database
from mash.models.accounts import User
from mash.models.audit import AuditEntry
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.people import ContactAdult, ContactChild, Referrer, ShieldedReferrer, WithheldAddress
from mash.vocabulary import Role, Verb
from mash.workflow.rows import events_of

_CHILD = (
    "label",
    "forename",
    "surname",
    "date_of_birth",
    "expected_date_of_delivery",
    "sex",
    "ethnicity",
    "nhs_number",
    "address",
    "postcode",
)
_ADULT = ("label", "name", "date_of_birth", "relationship", "role", "address")
_REFERRER = ("name", "organisation", "role", "phone", "email")
_COPIED: dict[Verb, tuple[str, ...]] = {
    Verb.RECORD_AGREEMENT: ("status",),
    Verb.RATE_CONTACT: ("rag",),
    Verb.REQUEST_INFORMATION: ("agencies",),
    Verb.RETURN_INFORMATION: ("agency", "reply", "handling", "risk"),
    Verb.PROCEED_WITHOUT: ("agencies",),
    Verb.RECORD_DECISION: ("outcome", "threshold_level"),
    Verb.SIGN_OFF: ("agree",),
    Verb.GIVE_FEEDBACK: ("to",),
    Verb.RECORD_EVENT: ("event", "occurred_at"),
    Verb.PAUSE_CLOCK: ("clock", "until"),
    Verb.RESUME_CLOCK: ("clock",),
    Verb.LIFT_DEADLINE: ("clock", "exception"),
    Verb.HAND_TO: ("to",),
    Verb.TAKE_ALERT: ("clock", "agency", "episode"),
}
"""Fields of each act that stand in its facts under the same name."""


def export_events(db: Database) -> Iterator[str]:
    """The whole record as lines of JSON, in time order. Labels of contacts are their references."""
    with db.reading() as look:
        lines = [*_Record(look).lines(), *_announcements(look)]
        people = {user.id: user for user in look.execute(select(User.id, User.role, User.desk))}
    lines.sort(key=lambda line: line[0])
    names = _Names()
    for (at, *_), (actor_id, role, desk, borough), fields in lines:
        by = names.by(actor_id, role, desk, borough)
        if fields["do"] == Verb.HAND_TO:
            to = people[fields["to"]]
            fields["to"] = names.by(to.id, to.role, to.desk, borough)
        yield json.dumps({"at": iso(at), "do": fields.pop("do"), "by": by, **fields}, ensure_ascii=False)


_Who = tuple[str, str, str | None, str]
_Placed = tuple[tuple[datetime, int, int, int, int], _Who, dict[str, Any]]
"""What sets a line in order: the instant; of one instant what came before and after a bank holiday was announced, as
each act tells by how many it knew of; which act on another contact it could know of, as its own turn or that of the
one before tells; then the number of the contact and of the act.
"""


class _Names:
    """`by` as the format writes it: the role, and a number for the second person in it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[str]] = {}

    def by(self, actor_id: str, role: str, desk: str | None, borough: str) -> str:
        name = f"{role}:{desk}" if role == Role.DESK else role
        people = self._known.setdefault((name, borough), [])
        if actor_id not in people:
            people.append(actor_id)
        number = people.index(actor_id) + 1
        return name if number == 1 else f"{name}#{number}"


@dataclass
class _Record:
    """Reads contacts with their history."""

    look: Connection

    def lines(self) -> Iterator[_Placed]:
        people = {table: self._by_contact(table) for table in (ContactChild, ContactAdult)}
        single = {table: self._by_contact(table) for table in (Referrer, ShieldedReferrer)}
        withheld = {row.reported_id: row for row in self.look.execute(select(WithheldAddress.__table__))}
        words = self._words()
        for contact in self.look.execute(select(Contact.number, Contact.id, Contact.reference, Contact.borough)):
            children, adults = people[ContactChild].get(contact.id, []), people[ContactAdult].get(contact.id, [])
            labels = {child.id: child.label for child in children}
            turn = 0
            for event in events_of(self.look, [contact.id])[contact.id]:
                turn = event.facts.get("turn", turn)
                fields: dict[str, Any] = {"do": event.verb.value, "contact": contact.reference}
                fields |= {name: event.facts[name] for name in _COPIED.get(event.verb, ())}
                fields |= words.get((contact.id, event.seq), {})
                if event.verb in (Verb.RECEIVE_CONTACT, Verb.ADD_FACTS):
                    fields["children"] = [_person(c, _CHILD, withheld) for c in children if c.seq == event.seq]
                    fields["adults"] = [_person(a, _ADULT, withheld) for a in adults if a.seq == event.seq]
                    fields["concerns"] = event.facts["concerns"]
                if event.verb is Verb.RECEIVE_CONTACT:
                    fields |= _arrival(event.facts, fields, contact.borough)
                    fields["referrer"] = _referrer(*(rows.get(contact.id, []) for rows in single.values()))
                if event.verb is Verb.RECORD_DECISION:
                    fields["without"] = event.facts["agencies"]
                    fields["children"] = {labels[c]: outcome for c, outcome in event.facts["children"].items()}
                who = (event.actor_id, event.role.value, event.desk, contact.borough)
                known = 2 * event.facts["calendar_version"]
                yield (event.at, known, turn, contact.number, event.seq), who, _given(fields)

    def _by_contact(self, table: Any) -> dict[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = {}
        for row in self.look.execute(select(table.__table__)):
            found.setdefault(row.contact_id, []).append(row)
        for rows in found.values():
            rows.sort(key=lambda row: getattr(row, "position", 0))
        return found

    def _words(self) -> dict[tuple[str, int], dict[str, str]]:
        found: dict[tuple[str, int], dict[str, str]] = {}
        for table in (EventWords, HubOnlyWords):
            for row in self.look.execute(select(table.contact_id, table.seq, table.words)):
                found[row.contact_id, row.seq] = row.words
        return found


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}


def _person(row: Row[Any], names: tuple[str, ...], withheld: Mapping[str, Row[Any]]) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in names}
    if row.address_withheld:
        hidden = withheld.get(row.id)
        own = {name: getattr(hidden, name) for name in ("address", "postcode") if hidden and name in names}
        fields |= own | {"address_withheld": True}
    if getattr(row, "open_case", False):
        fields["open_case"] = True
    return _given({name: str(v) if name.startswith(("date", "expected")) and v else v for name, v in fields.items()})


def _arrival(facts: Mapping[str, Any], fields: dict[str, Any], borough: str) -> dict[str, Any]:
    copied = {name: facts[name] for name in ("kind", "received_at", "channel", "source", "parents_informed")}
    agreement = _given({"status": facts["agreement"], "reason": fields.pop("agreement_reason", None)})
    return {"borough": borough, **copied, "agreement": agreement}


def _referrer(plain: list[Row[Any]], shielded: list[Row[Any]]) -> dict[str, Any]:
    if not plain:
        return {}
    told = shielded[0] if shielded else plain[0]
    flags = {
        "anonymous": plain[0].anonymous or None,
        "shielded": (plain[0].shielded and not plain[0].anonymous) or None,
    }
    return _given({name: getattr(told, name) for name in _REFERRER} | flags)


def _announcements(look: Connection) -> Iterator[_Placed]:
    entries = select(
        AuditEntry.at, AuditEntry.actor_id, AuditEntry.role, AuditEntry.desk, AuditEntry.borough, AuditEntry.facts
    )
    wanted = entries.where(AuditEntry.action == Verb.ANNOUNCE_BANK_HOLIDAY.value)
    known: Counter[str] = Counter()
    for row in look.execute(wanted.order_by(AuditEntry.stream, AuditEntry.seq)):
        known[row.borough] += 1
        facts = json.loads(row.facts)
        fields = {"do": Verb.ANNOUNCE_BANK_HOLIDAY.value, "borough": row.borough, **facts}
        yield (row.at, 2 * known[row.borough] - 1, 0, 0, 0), (row.actor_id, row.role, row.desk, row.borough), fields
