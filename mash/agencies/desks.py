"""What does an agency's desk see? What it is asked, about whom, and what it gave; nothing of another agency's."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from mash.agencies.visibility import visible_contacts
from mash.clock import london_date
from mash.db import Database
from mash.errors import NotFound
from mash.models.audit import AuditEntry
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.information import InformationRequest, InformationReturn
from mash.models.people import ContactAdult, ContactChild
from mash.models.time import Deadline
from mash.people.lookup import near_names
from mash.people.names import Likeness, Name, likeness
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Handling, Relationship, Reply, Role
from mash.workflow.queries import RunningClock, age_on, child_name, running_clocks


@dataclass(frozen=True)
class AskedAbout:
    """A person whom the desk is asked about. A withheld address is not shown to a desk."""

    id: str
    name: str
    about: str
    in_words: str
    address: str | None
    address_withheld: bool


@dataclass(frozen=True)
class Given:
    """What this desk said before; `given_by` where the hub typed it for somebody of the agency."""

    at: datetime
    reply: Reply
    handling: Handling
    risk: str | None
    volunteered: bool
    summary: str | None
    given_by: str | None


@dataclass(frozen=True)
class DeskRequest:
    """One contact about which the desk is or was asked, or that it told of unasked.

    Of a contact about which it was never asked, a desk sees only the people whom it named itself. `colours` are those
    that it may give as its own view of the risk: code and label, lowest first. `asked_before` are the earlier times at
    which it was asked about the same contact, the first first.
    """

    contact_id: str
    reference: str
    asked_at: datetime | None
    asked_before: tuple[datetime, ...]
    reported_at: datetime | None
    due_at: datetime | None
    late: bool
    awaited: bool
    waived: bool
    questions: tuple[str, ...]
    concerns: tuple[str, ...]
    children: tuple[AskedAbout, ...]
    adults: tuple[AskedAbout, ...]
    given: tuple[Given, ...]
    colours: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DeskList:
    """A desk's own work: what awaits its reply, the first due first, and the latest that it has dealt with."""

    agency: str
    awaited: tuple[DeskRequest, ...]
    dealt_with: tuple[DeskRequest, ...]


LATEST = 50
"""How many contacts that are dealt with a list shows."""


def desk_list(db: Database, actor: Actor, now: datetime) -> DeskList:
    """The list of the actor's desk. Raises NotPermitted for anybody who is not a desk."""
    require(actor, Permission.VIEW_DESK)
    with db.reading() as look:
        found = _Desk(look, actor, now).work()
        label = agency_label(look, actor, now)
    awaited = sorted((r for r in found if r.awaited), key=lambda r: r.due_at or r.asked_at or now)
    done = sorted((r for r in found if not r.awaited), key=_last_act, reverse=True)
    return DeskList(label, tuple(awaited), tuple(done[:LATEST]))


def desk_request(db: Database, actor: Actor, now: datetime, contact_id: str) -> DeskRequest:
    """One contact as the desk sees it. Raises NotPermitted, and NotFound for what the desk may not know of."""
    require(actor, Permission.VIEW_DESK)
    with db.reading() as look:
        found = _Desk(look, actor, now).requests([contact_id])
    if not found:
        raise NotFound("There is no such contact, or you may not see it.")
    return found[0]


def desk_search(db: Database, actor: Actor, now: datetime, text: str) -> tuple[DeskRequest, ...]:
    """The desk's own requests, replies and reports by reference, or by the name of somebody whom it sees there.

    The latest first. Raises NotPermitted for anybody who is not a desk.
    """
    require(actor, Permission.VIEW_DESK)
    reference = "".join(re.findall(r"[0-9A-Z]+", text.upper()))
    if len(reference) < _SHORTEST:
        return ()
    with db.reading() as look:
        bare = func.replace(Contact.reference, "-", "")
        by_reference = select(Contact.id).where(
            Contact.borough == actor.borough, Contact.id.in_(visible_contacts(actor)), bare.contains(reference)
        )
        referred = set(look.execute(by_reference).scalars()) if len(reference) >= _PART_OF_A_REFERENCE else set()
        found = _Desk(look, actor, now).requests(sorted(referred | near_names(look, actor, text)))
    # The index knows everybody of a contact; what may be found is only whom this desk sees.
    shown = [one for one in found if one.contact_id in referred or _names_near(one, text)]
    return tuple(sorted(shown, key=_last_act, reverse=True)[:LATEST])


_SHORTEST, _PART_OF_A_REFERENCE = 2, 4
"""Fewer letters than these find nothing."""


def _names_near(request: DeskRequest, text: str) -> bool:
    """Whether somebody whom the desk sees has this name, or nearly; one word may be forename or surname."""
    sought = Name.whole(text)
    for person in (*request.children, *request.adults):
        known = Name.whole(person.name)
        alone = Name(sought.forenames), Name(surnames=sought.forenames)
        near = likeness(sought, known) > Likeness.PART
        if near or (not sought.is_whole and any(likeness(one, known) for one in alone)):
            return True
    return False


def agency_label(look: Connection, actor: Actor, now: datetime) -> str:
    """The name of the actor's agency in the rules in force."""
    rules = Rulebook().in_force(look, actor.borough, london_date(now))
    agency = rules.agencies.get(actor.desk or "")
    return agency.label if agency else str(actor.desk)


def _last_act(request: DeskRequest) -> datetime:
    moments = [given.at for given in request.given] + [request.asked_at, request.reported_at]
    return max(moment for moment in moments if moment is not None)


_Words = dict[tuple[str, int], dict[str, str]]
_Rows = dict[str, list[Row[Any]]]


class _Desk:
    """Reads for one desk. Every select names its own agency or goes through visible_contacts."""

    def __init__(self, look: Connection, actor: Actor, now: datetime) -> None:
        self.look, self.actor, self.now = look, actor, now
        self.today = london_date(now)
        self.rulebook = Rulebook()

    def work(self) -> list[DeskRequest]:
        """What awaits this desk, and the latest that does not."""
        asked, given = self._own(InformationRequest), self._own(InformationReturn)
        waits = asked.where(InformationRequest.answered_at.is_(None), InformationRequest.waived_at.is_(None))
        newest = (
            asked.order_by(InformationRequest.asked_at.desc()),
            given.order_by(InformationReturn.returned_at.desc()),
            self._own_reports().order_by(AuditEntry.at.desc()),
        )
        ids = set(self.look.execute(waits).scalars())
        for rows in newest:
            ids.update(self.look.execute(rows.limit(2 * LATEST)).scalars())
        return self.requests(sorted(ids))

    def requests(self, ids: list[str]) -> list[DeskRequest]:
        """Those of these contacts that the desk may know of."""
        visible = select(Contact.__table__).where(
            Contact.borough == self.actor.borough, Contact.id.in_(visible_contacts(self.actor)), Contact.id.in_(ids)
        )
        contacts = list(self.look.execute(visible.order_by(Contact.number)))
        about = _About.read(self, [contact.id for contact in contacts])
        return [self._request(contact, about) for contact in contacts]

    def _own(self, table: Any) -> Select[str]:
        own = select(table.contact_id).where(table.borough == self.actor.borough)
        return own.where(table.agency == self.actor.desk)

    def _own_reports(self) -> Select[str]:
        own = select(AuditEntry.stream).where(AuditEntry.seq == 1, *self.own_acts())
        return own.join(Contact, (Contact.id == AuditEntry.stream) & (Contact.keyed_role == Role.DESK))

    def own_acts(self) -> tuple[Any, ...]:
        """What this desk did itself."""
        here = AuditEntry.borough == self.actor.borough
        return here, AuditEntry.role == Role.DESK, AuditEntry.desk == self.actor.desk

    def _request(self, contact: Row[Any], about: "_About") -> DeskRequest:
        rules = self.rulebook.version(self.look, contact.rule_set, contact.rule_set_version)
        asked, given = about.asked.get(contact.id, []), about.given.get(contact.id, [])
        awaited = any(row.answered_at is None and row.waived_at is None for row in asked)
        clock = _first_due(rules, about.clocks.get(contact.id, [])) if awaited else None
        told = {row.seq: row.at for row in about.acts.get(contact.id, [])}
        children, adults = (
            [row for row in people.get(contact.id, []) if asked or row.seq in told]
            for people in (about.children, about.adults)
        )
        return DeskRequest(
            contact_id=contact.id,
            reference=contact.reference,
            asked_at=max((row.asked_at for row in asked), default=None),
            asked_before=tuple(sorted(row.asked_at for row in asked)[:-1]),
            reported_at=told.get(1),
            due_at=clock.due_at if clock else None,
            late=clock is not None and clock.late(self.now),
            awaited=awaited,
            waived=bool(asked) and not awaited and asked[-1].waived_at is not None,
            questions=tuple(filter(None, (about.said(row).get("question") for row in reversed(asked)))),
            concerns=tuple(rules.concerns.get(code, code) for code in contact.concerns) if asked else (),
            children=tuple(map(self._child, children)),
            adults=tuple(map(self._adult, adults)),
            given=tuple(_given(row, about.said(row), rules) for row in reversed(given)),
            colours=tuple((code, colour.label) for code, colour in rules.colours.items()),
        )

    def _child(self, child: Row[Any]) -> AskedAbout:
        about = age_on(child.date_of_birth, child.expected_date_of_delivery, self.today)
        if child.date_of_birth:
            in_words = f"Aged {about}, born {_day(child.date_of_birth)}"
        elif child.expected_date_of_delivery:
            in_words = f"Not yet born, expected {_day(child.expected_date_of_delivery)}"
        else:
            in_words = "Age and date of birth not known"
        return AskedAbout(child.id, child_name(child), about, in_words, _address(child), child.address_withheld)

    def _adult(self, adult: Row[Any]) -> AskedAbout:
        about = Relationship(adult.relationship).label if adult.relationship else "Adult"
        born = f"born {_day(adult.date_of_birth)}" if adult.date_of_birth else "date of birth not known"
        name = adult.name or "Name not known"
        return AskedAbout(adult.id, name, about, f"{about}, {born}", adult.address, adult.address_withheld)


@dataclass(frozen=True)
class _About:
    """What belongs to a set of contacts and may be read by one desk."""

    asked: _Rows
    given: _Rows
    acts: _Rows
    clocks: _Rows
    children: _Rows
    adults: _Rows
    words: _Words

    @classmethod
    def read(cls, desk: _Desk, ids: list[str]) -> "_About":
        actor = desk.actor

        def rows(table: Any, *wanted: Any, order: Any) -> _Rows:
            own = select(table.__table__).where(table.borough == actor.borough, table.contact_id.in_(ids), *wanted)
            return _grouped(desk, own.order_by(order))

        def own(table: Any) -> _Rows:
            return rows(table, table.agency == actor.desk, order=table.seq)

        running = (Deadline.agency == actor.desk, Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None))
        acts = select(AuditEntry.stream.label("contact_id"), AuditEntry.seq, AuditEntry.at)
        asked, given = own(InformationRequest), own(InformationReturn)
        return cls(
            asked,
            given,
            _grouped(desk, acts.where(AuditEntry.stream.in_(ids), *desk.own_acts())),
            rows(Deadline, *running, order=Deadline.due_at),
            rows(ContactChild, order=ContactChild.position),
            rows(ContactAdult, order=ContactAdult.position),
            _own_words(desk, ids, (*asked.values(), *given.values())),
        )

    def said(self, row: Row[Any]) -> dict[str, str]:
        """The words of a request or a reply of this desk."""
        return self.words.get((row.contact_id, row.seq), {})


def _grouped(desk: _Desk, rows: Any) -> _Rows:
    found: _Rows = defaultdict(list)
    for row in desk.look.execute(rows):
        found[row.contact_id].append(row)
    return found


def _own_words(desk: _Desk, ids: list[str], rows: Iterable[list[Row[Any]]]) -> _Words:
    """The words of this desk's own questions and answers, and of nothing else."""
    own = {(row.contact_id, row.seq) for some in rows for row in some}
    seqs = {seq for _, seq in own}
    found: _Words = {}
    for table in (EventWords, HubOnlyWords):
        columns = select(table.contact_id, table.seq, table.words)
        wanted = columns.where(table.borough == desk.actor.borough, table.contact_id.in_(ids), table.seq.in_(seqs))
        found |= {(row.contact_id, row.seq): row.words for row in desk.look.execute(wanted)}
    return {key: words for key, words in found.items() if key in own}


def _first_due(rules: RuleSet, rows: list[Row[Any]]) -> RunningClock | None:
    return min(running_clocks(rules, rows), key=lambda clock: clock.due_at, default=None)


def _given(row: Row[Any], words: dict[str, str], rules: RuleSet) -> Given:
    risk = rules.colours[row.risk].label if row.risk else None
    said = words.get("summary"), words.get("given_by")
    return Given(row.returned_at, Reply(row.reply), Handling(row.handling), risk, row.volunteered, *said)


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _address(child: Row[Any]) -> str | None:
    return ", ".join(part for part in (child.address, child.postcode) if part) or None
