"""What explains a contact's deadlines and colour? Reads the record; tells of nobody reported. Writes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mash.agencies.visibility import visible_contacts
from mash.db import Database
from mash.errors import BadInput, NotFound
from mash.models.accounts import User
from mash.models.contact import Contact
from mash.people import matching
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.rules.facts import AdultFacts, ChildFacts, Facts
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, Role, State, Verb
from mash.workflow import rows
from mash.workflow.clocks import BankHoliday, timeline
from mash.workflow.episodes import Timeline
from mash.workflow.explaining import TimeExplained, explain_times
from mash.workflow.history import Event, picture
from mash.workflow.suggested import SUGGESTING, ColourExplained, explain_colour


@dataclass(frozen=True)
class Explanation:
    """Everything that explains one contact at an instant: its rules, its colour, its deadlines."""

    contact_id: str
    reference: str
    received_at: datetime
    at: datetime
    state: State
    rules: RuleSet
    colour: ColourExplained
    times: tuple[TimeExplained, ...]


def why(db: Database, actor: Actor, now: datetime, contact_id: str) -> Explanation:
    """The explanation as of now. Raises NotPermitted for a desk, NotFound for what this person may not know of."""
    require(actor, Permission.VIEW_CONTACT)
    with db.reading() as look:
        own = select(Contact.__table__).where(
            Contact.borough == actor.borough, Contact.id == contact_id, Contact.id.in_(visible_contacts(actor))
        )
        row = look.execute(own).first()
        if row is None:
            raise NotFound("There is no such contact, or you may not see it.")
        return _Reading(look, row, now, known_at=None).explanation()


def why_by_reference(
    db: Database, reference: str, now: datetime, *, at: datetime | None = None, borough: str | None = None
) -> Explanation:
    """For whoever runs the service: as of now, or as it stood at an instant. Raises BadInput where none is meant."""
    with db.reading() as look:
        own = select(Contact.__table__).where(Contact.reference == reference)
        found = list(look.execute(own.where(Contact.borough == borough) if borough else own))
        if not found:
            raise BadInput(f"There is no contact {reference}. Copy the reference from the contact's page.")
        if len(found) > 1:
            there = " and ".join(sorted(row.borough for row in found))
            raise BadInput(f"There is a contact {reference} in {there}. Say which: --borough.")
        (row,) = found
        if at is not None and at < row.keyed_at:
            raise BadInput(f"--at: {reference} was not recorded yet. Give a later instant.")
        return _Reading(look, row, at or now, known_at=at).explanation()


class _Reading:
    """Reads what explains one contact. `known_at` is None for all that is on record."""

    def __init__(self, look: Connection, row: Row[Any], until: datetime, known_at: datetime | None) -> None:
        self.look, self.row, self.until = look, row, until
        rulebook = Rulebook()
        self.rules = rulebook.version(look, row.rule_set, row.rule_set_version)
        self.all_events = rows.events_of(look, [row.id])[row.id]
        self.events = [event for event in self.all_events if known_at is None or event.at <= known_at]
        self.holidays = [
            holiday
            for holiday in rulebook.late_holidays(look, row.borough)
            if known_at is None or holiday.announced_at <= known_at
        ]
        self.names = {user.id: user.name for user in look.execute(select(User.id, User.name))}

    def explanation(self) -> Explanation:
        line: Timeline = timeline(self.rules, self.events, self.holidays, self.until)
        recorded = tuple(self.row.suggested_because) if self._is_latest() else None
        by = [self._who(event.actor_id, event.role, event.desk) for event in self.events]
        return Explanation(
            contact_id=self.row.id,
            reference=self.row.reference,
            received_at=self.row.received_at,
            at=self.until,
            state=self.events[-1].state,
            rules=self.rules,
            colour=explain_colour(self.rules, self.events, self._facts(), recorded, by),
            times=explain_times(self.rules, self.events, line, self._who),
        )

    def _is_latest(self) -> bool:
        """Whether the suggestion of these events is the one whose reasons are stored."""
        return not any(event.verb in SUGGESTING for event in self.all_events[len(self.events) :])

    def _who(self, user_id: str, role: str, desk: str | None) -> str:
        name = self.names.get(user_id)
        title = f"{self.rules.agencies[desk].label} desk" if desk in self.rules.agencies else Role(role).label
        return f"{name}, {title if desk else title.lower()}" if name else title

    # -- the facts by which the latest suggestion was worked out ------------------------------------------------------

    def _facts(self) -> Facts:
        last = max(n for n, event in enumerate(self.events) if event.verb in SUGGESTING)
        until = self.events[: last + 1]
        first, so_far = until[0].facts, picture(until)
        return Facts(
            received_at=self.row.received_at,
            kind=self._kind(until),
            channel=first["channel"] or "",
            source=first["source"],
            agreement=so_far.agreement,
            concerns=so_far.concerns,
            children=self._children(until),
            adults=self._adults(until),
            anonymous=so_far.anonymous,
            parents_informed=so_far.parents_informed,
            late_holidays=_known(self.holidays, until[-1]),
        )

    def _kind(self, until: list[Event]) -> Kind:
        """As keyed; what is rated is a referral from then on."""
        kind = Kind(until[0].facts["kind"])
        rated = any(event.verb is Verb.RATE_CONTACT for event in until)
        return Kind.REFERRAL if rated and self.rules.kinds[kind].may_close_early else kind

    def _children(self, until: list[Event]) -> tuple[ChildFacts, ...]:
        """Those known by then. Their earlier contacts are as the record has them today."""
        there = {child for event in until if event.verb in SUGGESTING for child in event.facts["children"]}
        return tuple(
            ChildFacts(
                child.date_of_birth,
                child.expected_date_of_delivery,
                matching.earlier(self.look, self.row.borough, child.nhs_number, child.match_key, self.row.number),
                child.open_case,
            )
            for child in rows.children_of(self.look, self.row.borough, self.row.id)
            if child.id in there
        )

    def _adults(self, until: list[Event]) -> tuple[AdultFacts, ...]:
        """Those of the contact but for those added later."""
        added = (event for event in self.all_events if event.seq > until[-1].seq and event.verb is Verb.ADD_FACTS)
        later = sum(int(event.facts["adults"]) for event in added)
        known = rows.adults_of(self.look, self.row.borough, self.row.id)
        return known[: len(known) - later]


def _known(holidays: list[BankHoliday], event: Event) -> frozenset[date]:
    return frozenset(holiday.day for holiday in holidays[: event.facts["calendar_version"]])
