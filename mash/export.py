"""What happened, as a recording? Writes the record of a database so that `mash replay` makes the same of it again.

An export holds personal data, withheld addresses and shielded referrers among it: it is for the hub alone.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, true

from mash.clock import iso
from mash.db import Database
from mash.models.accounts import User
from mash.models.audit import AuditEntry
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.people import ContactAdult, ContactChild, Referrer, ShieldedReferrer, WithheldAddress
from mash.vocabulary import Role, Verb
from mash.workflow.history import Event
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
    Verb.ANNUL_BREACH: ("clock", "agency", "episode"),
    Verb.HAND_TO: ("to",),
    Verb.TAKE_ALERT: ("clock", "agency", "episode"),
    Verb.HAND_ALERT_TO: ("clock", "agency", "episode", "to"),
    Verb.RESOLVE_BREACH: ("clock", "agency", "episode", "cause"),
}
"""Fields of each act that stand in its facts under the same name."""

_ASKED_OF_CHILDREN = frozenset(_CHILD) - {"sex", "ethnicity", "address", "postcode"} | {"open_case"}
_ASKED_OF_ADULTS = frozenset({"relationship", "role"})
_OF_EARLIER = frozenset({Verb.RECEIVE_CONTACT, Verb.ADD_FACTS, Verb.CLOSE, Verb.REOPEN})
"""What later contacts about the same child may ask of an earlier one."""
_BATCH = 500


def export_events(db: Database) -> Iterator[str]:
    """The whole record as lines of JSON, in time order. Labels of contacts are their references."""
    with db.reading() as look:
        yield from _told(look, [*_Record(look).lines(), *_announcements(look)])


def export_since(db: Database, borough: str, since: datetime) -> Iterator[str]:
    """The record of a borough's contacts received since an instant, as far as rules judge by it.

    No words, addresses and referrers. Of earlier contacts those about the same children: whom and what they are about,
    and whether they are closed.
    """
    with db.reading() as look:
        own = Contact.borough == borough
        later, before = own & (Contact.received_at >= since), own & (Contact.received_at < since)
        lines = [*_Record(look, later, bare=True).lines(), *_announcements(look)]
        for batch in _batches(_about_the_same(look, later, before)):
            lines += _Record(look, own & Contact.id.in_(batch), _OF_EARLIER, bare=True).lines()
        yield from _told(look, [line for line in lines if line[1][3] == borough])


def _told(look: Connection, lines: list["_Placed"]) -> Iterator[str]:
    people = {user.id: user for user in look.execute(select(User.id, User.role, User.desk))}
    lines.sort(key=lambda line: line[0])
    names = _Names()
    for (at, *_), (actor_id, role, desk, borough), fields in lines:
        by = names.by(actor_id, role, desk, borough)
        if fields["do"] in (Verb.HAND_TO, Verb.HAND_ALERT_TO):
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
    """Reads contacts with their history: those that a condition is true of, and of them perhaps only some acts.

    `bare` leaves out what no rule asks about, and of words says only that there are some.
    """

    look: Connection
    which: ColumnElement[bool] = field(default_factory=true)
    verbs: frozenset[Verb] = frozenset(Verb)
    bare: bool = False

    def lines(self) -> Iterator[_Placed]:
        people = {table: self._by_contact(table) for table in (ContactChild, ContactAdult)}
        single = {table: self._by_contact(table) for table in (Referrer, ShieldedReferrer)}
        withheld = {row.reported_id: row for rows in self._by_contact(WithheldAddress).values() for row in rows}
        words = self._words()
        for contact, events in self._histories():
            children, adults = people[ContactChild].get(contact.id, []), people[ContactAdult].get(contact.id, [])
            labels = {child.id: child.label for child in children}
            turn = 0
            for event in events:
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
                fields = _without_what_no_rule_asks(fields) if self.bare else fields
                yield (event.at, known, turn, contact.number, event.seq), who, _given(fields)

    def _histories(self) -> Iterator[tuple[Row[Any], list[Event]]]:
        wanted = select(Contact.number, Contact.id, Contact.reference, Contact.borough).where(self.which)
        for batch in _batches(self.look.execute(wanted.order_by(Contact.number)).all()):
            events = events_of(self.look, [row.id for row in batch])
            for row in batch:
                yield row, [event for event in events[row.id] if event.verb in self.verbs]

    def _by_contact(self, table: Any) -> dict[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = {}
        for row in self.look.execute(self._of_contacts(select(table.__table__), table)):
            found.setdefault(row.contact_id, []).append(row)
        for rows in found.values():
            rows.sort(key=lambda row: getattr(row, "position", 0))
        return found

    def _words(self) -> dict[tuple[str, int], dict[str, str]]:
        found: dict[tuple[str, int], dict[str, str]] = {}
        for table in (EventWords, HubOnlyWords):
            rows = self._of_contacts(select(table.contact_id, table.seq, table.words), table)
            for row in self.look.execute(rows):
                found[row.contact_id, row.seq] = dict.fromkeys(row.words, "On record.") if self.bare else row.words
        return found

    def _of_contacts(self, rows: Select[Any], table: Any) -> Select[Any]:
        return rows.join(Contact, (Contact.borough == table.borough) & (Contact.id == table.contact_id)).where(
            self.which
        )


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    yield from (items[n : n + _BATCH] for n in range(0, len(items), _BATCH))


def _about_the_same(look: Connection, later: ColumnElement[bool], earlier: ColumnElement[bool]) -> list[str]:
    """Of the earlier contacts those that may be about a child of a later one."""
    keys = select(ContactChild.contact_id, ContactChild.nhs_number, ContactChild.match_key).join(
        Contact, (Contact.borough == ContactChild.borough) & (Contact.id == ContactChild.contact_id)
    )
    known = {key for row in look.execute(keys.where(later)) for key in row[1:] if key}
    return sorted({row.contact_id for row in look.execute(keys.where(earlier)) if not known.isdisjoint(row[1:])})


def _without_what_no_rule_asks(fields: dict[str, Any]) -> dict[str, Any]:
    kept = dict(fields)
    for name, wanted in (("children", _ASKED_OF_CHILDREN), ("adults", _ASKED_OF_ADULTS)):
        if isinstance(kept.get(name), list):
            kept[name] = [{key: value for key, value in one.items() if key in wanted} for one in kept[name]]
    if "referrer" in kept:
        kept["referrer"] = {"anonymous": kept["referrer"].get("anonymous")}
    return kept


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
