"""What does an agency's desk see? What it is asked, about whom, and what it gave; nothing of another agency's."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mash.agencies.visibility import visible_contacts
from mash.clock import london_date
from mash.db import Database
from mash.errors import NotFound
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.information import InformationRequest, InformationReturn
from mash.models.people import ContactAdult, ContactChild
from mash.models.time import Deadline
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.vocabulary import Handling, Relationship, Reply
from mash.workflow.queries import age_on, child_name
from mash.workflow.telling import labelled


@dataclass(frozen=True)
class AskedAbout:
    """A person whom the desk is asked about. A withheld address is not shown to a desk."""

    name: str
    about: str
    born: str
    address: str | None
    address_withheld: bool


@dataclass(frozen=True)
class Given:
    """What this desk said before."""

    at: datetime
    reply: Reply
    handling: Handling
    volunteered: bool
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DeskRequest:
    """One contact about which the desk is or was asked, or told unasked."""

    contact_id: str
    reference: str
    asked_at: datetime | None
    due_at: datetime | None
    late: bool
    awaited: bool
    waived: bool
    questions: tuple[str, ...]
    concerns: tuple[str, ...]
    children: tuple[AskedAbout, ...]
    adults: tuple[AskedAbout, ...]
    given: tuple[Given, ...]


@dataclass(frozen=True)
class DeskList:
    """A desk's own work: what awaits its reply, the first due first, and what it has dealt with."""

    agency: str
    awaited: tuple[DeskRequest, ...]
    dealt_with: tuple[DeskRequest, ...]


def desk_list(db: Database, actor: Actor, now: datetime) -> DeskList:
    """The list of the actor's desk. Raises NotPermitted for anybody who is not a desk."""
    require(actor, Permission.VIEW_DESK)
    with db.reading() as look:
        found = _Desk(look, actor, now).requests(None)
        label = agency_label(look, actor, now)
    awaited = sorted((r for r in found if r.awaited), key=lambda r: r.due_at or r.asked_at or now)
    done = sorted((r for r in found if not r.awaited), key=_last_act, reverse=True)
    return DeskList(label, tuple(awaited), tuple(done[:50]))


def desk_request(db: Database, actor: Actor, now: datetime, contact_id: str) -> DeskRequest:
    """One contact as the desk sees it. Raises NotPermitted, and NotFound for what the desk may not know of."""
    require(actor, Permission.VIEW_DESK)
    with db.reading() as look:
        found = _Desk(look, actor, now).requests(contact_id)
    if not found:
        raise NotFound("There is no such contact, or you may not see it.")
    return found[0]


def agency_label(look: Connection, actor: Actor, now: datetime) -> str:
    """The name of the actor's agency in the rules in force."""
    rules = Rulebook().in_force(look, actor.borough, london_date(now))
    agency = rules.agencies.get(actor.desk or "")
    return agency.label if agency else str(actor.desk)


def _last_act(request: DeskRequest) -> datetime:
    moments = [given.at for given in request.given] + [request.asked_at]
    return max(moment for moment in moments if moment is not None)


class _Desk:
    """Reads for one desk. Every select names its own agency or goes through visible_contacts."""

    def __init__(self, look: Connection, actor: Actor, now: datetime) -> None:
        self.look, self.actor, self.now = look, actor, now
        self.rulebook = Rulebook()

    def requests(self, contact_id: str | None) -> list[DeskRequest]:
        asked, given = self._own(InformationRequest), self._own(InformationReturn)
        ids = sorted(set(asked) | set(given)) if contact_id is None else [contact_id]
        visible = select(Contact.__table__).where(
            Contact.borough == self.actor.borough, Contact.id.in_(visible_contacts(self.actor)), Contact.id.in_(ids)
        )
        contacts = list(self.look.execute(visible))
        words = self._words([contact.id for contact in contacts], asked, given)
        return [self._request(c, asked.get(c.id, []), given.get(c.id, []), words) for c in contacts]

    def _own(self, table: Any) -> dict[str, list[Row[Any]]]:
        own = select(table.__table__).where(table.borough == self.actor.borough, table.agency == self.actor.desk)
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self.look.execute(own.order_by(table.seq)):
            found[row.contact_id].append(row)
        return found

    def _words(
        self, ids: list[str], asked: dict[str, list[Row[Any]]], given: dict[str, list[Row[Any]]]
    ) -> dict[tuple[str, int], dict[str, str]]:
        """The words of this desk's own questions and answers, and of nothing else."""
        own = {(r.contact_id, r.seq) for rows in (*asked.values(), *given.values()) for r in rows}
        found: dict[tuple[str, int], dict[str, str]] = {}
        for table in (EventWords, HubOnlyWords):
            columns = select(table.contact_id, table.seq, table.words)
            rows = columns.where(table.borough == self.actor.borough, table.contact_id.in_(ids))
            for row in self.look.execute(rows):
                if (row.contact_id, row.seq) in own:
                    found[row.contact_id, row.seq] = row.words
        return found

    def _request(
        self,
        contact: Row[Any],
        asked: list[Row[Any]],
        given: list[Row[Any]],
        words: dict[tuple[str, int], dict[str, str]],
    ) -> DeskRequest:
        rules = self.rulebook.version(self.look, contact.rule_set, contact.rule_set_version)
        awaited = any(row.answered_at is None and row.waived_at is None for row in asked)
        due_at = self._due_at(contact.id) if awaited else None
        questions = [words.get((row.contact_id, row.seq), {}).get("question") for row in asked]
        return DeskRequest(
            contact_id=contact.id,
            reference=contact.reference,
            asked_at=max((row.asked_at for row in asked), default=None),
            due_at=due_at,
            late=due_at is not None and due_at < self.now,
            awaited=awaited,
            waived=bool(asked) and not awaited and asked[-1].waived_at is not None,
            questions=tuple(question for question in questions if question),
            concerns=tuple(rules.concerns.get(code, code) for code in contact.concerns),
            children=tuple(map(self._child, self._people(ContactChild, contact.id))),
            adults=tuple(map(self._adult, self._people(ContactAdult, contact.id))),
            given=tuple(self._given(row, words.get((row.contact_id, row.seq), {})) for row in reversed(given)),
        )

    def _due_at(self, contact_id: str) -> datetime | None:
        return self.look.execute(
            select(Deadline.due_at)
            .where(
                Deadline.borough == self.actor.borough,
                Deadline.contact_id == contact_id,
                Deadline.agency == self.actor.desk,
                Deadline.met_at.is_(None),
                Deadline.cancelled_at.is_(None),
            )
            .order_by(Deadline.due_at)
            .limit(1)
        ).scalar()

    def _people(self, table: Any, contact_id: str) -> list[Row[Any]]:
        own = select(table.__table__).where(table.borough == self.actor.borough, table.contact_id == contact_id)
        return list(self.look.execute(own.order_by(table.position)))

    def _child(self, child: Row[Any]) -> AskedAbout:
        about = age_on(child.date_of_birth, child.expected_date_of_delivery, london_date(self.now))
        name = child_name(child)
        return AskedAbout(name, about, _born(child), _address(child), child.address_withheld)

    def _adult(self, adult: Row[Any]) -> AskedAbout:
        relationship = Relationship(adult.relationship).label if adult.relationship else "Adult"
        name = adult.name or "Name not known"
        return AskedAbout(name, relationship, _born(adult), adult.address, adult.address_withheld)

    @staticmethod
    def _given(row: Row[Any], words: dict[str, str]) -> Given:
        shown = tuple(labelled(words))
        return Given(row.returned_at, Reply(row.reply), Handling(row.handling), row.volunteered, shown)


def _born(person: Row[Any]) -> str:
    return f"{person.date_of_birth:%-d %B %Y}" if person.date_of_birth else "not known"


def _address(child: Row[Any]) -> str | None:
    return ", ".join(part for part in (child.address, child.postcode) if part) or None
