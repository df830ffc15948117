"""What happened while the hub was closed, and what of it has nobody accepted yet? Reads only."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select

from mash.agencies.visibility import visible_contacts
from mash.clock import london_date
from mash.db import Database
from mash.models.accounts import User
from mash.models.audit import AuditEntry
from mash.models.contact import Contact
from mash.models.information import InformationRequest
from mash.models.people import ContactChild
from mash.models.time import Deadline
from mash.permissions import Actor, Permission, allowed, require
from mash.rulebook import Rulebook
from mash.rules.calendars import WorkingTime
from mash.rules.clockrules import Moment
from mash.rules.ruleset import RuleSet
from mash.vocabulary import FINISHED, Role, State, Verb
from mash.workflow import rows
from mash.workflow.episodes import as_instant
from mash.workflow.history import Event, picture
from mash.workflow.queries import RunningClock, age_on, child_name, running_clocks
from mash.workflow.telling import tell

_LONGEST_CLOSURE = 31
_A_MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Night:
    """From closing until opening, or until now where the hub is still closed (`opened_at` None)."""

    closed_at: datetime
    opened_at: datetime | None


@dataclass(frozen=True)
class Happened:
    """One act: when, who and what, in a sentence."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True)
class NightLine:
    """One contact with which something happened overnight, or that still waits to be accepted.

    `awaits_acceptance`: keyed by the emergency duty team, and nobody of the day staff has taken it over. `accept_by` is
    the clock of that. `next_clock` is the first deadline of all; `worker_to_read`: passed on, and nobody has confirmed
    that the allocated worker has read it. `acts` are those that this person may do in the line.
    """

    contact_id: str
    reference: str
    received_at: datetime
    state: State
    rag: str | None
    rag_label: str
    rag_tag: str
    suggested_label: str | None
    children: tuple[str, ...]
    happened: tuple[Happened, ...]
    awaiting: tuple[str, ...]
    next_clock: RunningClock | None
    accept_by: RunningClock | None
    handed_over: bool
    awaits_acceptance: bool
    accepted: Happened | None
    worker_to_read: bool
    acts: tuple[Verb, ...]
    colours_above: int


@dataclass(frozen=True)
class Overnight:
    """The lines, most urgent first; accepting one moves none."""

    night: Night
    lines: tuple[NightLine, ...]

    @property
    def waiting(self) -> int:
        """How many contacts nobody has accepted yet."""
        return sum(line.awaits_acceptance for line in self.lines)

    def late(self, now: datetime) -> int:
        """How many of these are out of timescale."""
        waiting = (line.accept_by for line in self.lines if line.awaits_acceptance)
        return sum(clock is not None and clock.late(now) for clock in waiting)


def overnight(db: Database, actor: Actor, now: datetime) -> Overnight:
    """The last night, or weekend, as one list. Raises NotPermitted for a desk."""
    require(actor, Permission.VIEW_QUEUE)
    with db.reading() as look:
        rulebook = Rulebook()
        rules = rulebook.in_force(look, actor.borough, london_date(now))
        late = frozenset(holiday.day for holiday in rulebook.late_holidays(look, actor.borough))
        night = night_before(hub_hours(rules, late), now)
        found = _contacts(look, actor, night, now)
        lines = _Lines(look, actor, rulebook, night, now, found).all()
    return Overnight(night, tuple(sorted(lines, key=_urgency)))


def hub_hours(rules: RuleSet, late: frozenset[date]) -> WorkingTime:
    """The hours of the hub: those of intake, else of the clock of the hand-over, else the first calendar."""
    handover = (c.calendar for c in rules.clocks.values() if c.stop == Moment.HANDOVER_ACCEPTED)
    times = rules.working_times(late)
    named = [name for name in (rules.intake.calendar, *handover) if name in times]
    return times[named[0] if named else next(iter(times))]


def night_before(hours: WorkingTime, now: datetime) -> Night:
    """The closure that this moment belongs to, or that ended with this working day's opening."""
    at, today = int(now.timestamp()), london_date(now)
    if hours.is_working_day(today) and at >= hours.last_closing(today):
        return Night(_instant(hours.last_closing(today)), None)
    closed_at = hours.last_closing(_working_day_before(hours, today))
    opened = hours.is_working_day(today) and at >= hours.first_opening(today)
    return Night(_instant(closed_at), _instant(hours.first_opening(today)) if opened else None)


def _working_day_before(hours: WorkingTime, day: date) -> date:
    days = (day - timedelta(days=back) for back in range(1, _LONGEST_CLOSURE))
    return next((one for one in days if hours.is_working_day(one)), day - timedelta(days=1))


def _instant(seconds: int) -> datetime:
    found = as_instant(seconds)
    assert found is not None
    return found


def _contacts(look: Connection, actor: Actor, night: Night, now: datetime) -> list[Row[Any]]:
    """Received or worked on in the night, or keyed by the emergency duty team and not accepted yet.

    What was done with while nobody accepted it is left out after a month; what is open, never.
    """
    end = night.opened_at or now + timedelta(seconds=1)
    own_act = (AuditEntry.stream == Contact.id) & (AuditEntry.borough == actor.borough)
    taken_over = AuditEntry.action.in_((Verb.ACCEPT_HANDOVER.value, Verb.CONFIRM_READ.value))  # since opening, too
    by_night = (AuditEntry.at < end) | taken_over
    acted = exists().where(own_act, AuditEntry.at >= night.closed_at, by_night)
    accepted = exists().where(own_act, AuditEntry.action == Verb.ACCEPT_HANDOVER.value)
    arrived = (Contact.received_at >= night.closed_at) & (Contact.received_at < end)
    lately = Contact.state.not_in(FINISHED) | (Contact.changed_at >= now - _A_MONTH)
    handed_over = (Contact.keyed_role == Role.EDT) & (Contact.state != State.TRANSFERRED) & lately & ~accepted
    tonight = (Contact.changed_at >= night.closed_at) & or_(arrived, acted)
    wanted = select(Contact.__table__).where(
        Contact.borough == actor.borough, Contact.id.in_(visible_contacts(actor)), or_(tonight, handed_over)
    )
    return list(look.execute(wanted))


def _urgency(line: NightLine) -> tuple[object, ...]:
    """By colour, unrated as the highest; within it as they arrived. Accepting one, or a reply, moves no line."""
    return (line.colours_above, line.received_at, line.reference)


class _Lines:
    """Reads what belongs to the contacts of a night in one go."""

    def __init__(
        self, look: Connection, actor: Actor, rulebook: Rulebook, night: Night, now: datetime, found: list[Row[Any]]
    ) -> None:
        self.look, self.actor, self.rulebook, self.night, self.now = look, actor, rulebook, night, now
        self.contacts, ids = found, [row.id for row in found]
        self.events = rows.events_of(look, ids)
        self.names = {row.id: row for row in look.execute(select(User.id, User.name, User.role))}
        self.children = self._by_contact(ContactChild, ids, order=ContactChild.position)
        running = (Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None))
        self.clocks = self._by_contact(Deadline, ids, *running, order=Deadline.due_at)
        unanswered = (InformationRequest.answered_at.is_(None), InformationRequest.waived_at.is_(None))
        self.asked = self._by_contact(InformationRequest, ids, *unanswered, order=InformationRequest.agency)

    def _by_contact(self, table: Any, ids: list[str], *wanted: Any, order: Any) -> Mapping[str, list[Row[Any]]]:
        own = select(table.__table__).where(table.borough == self.actor.borough, table.contact_id.in_(ids), *wanted)
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self.look.execute(own.order_by(order)):
            found[row.contact_id].append(row)
        return found

    def all(self) -> list[NightLine]:
        """A line for each contact."""
        return [self._line(row) for row in self.contacts]

    def _line(self, row: Row[Any]) -> NightLine:
        rules = self.rulebook.version(self.look, row.rule_set, row.rule_set_version)
        events = self.events[row.id]
        known = picture(events)
        running = running_clocks(rules, self.clocks.get(row.id, []))
        counting = [clock for clock in running if not clock.paused]
        accept_by = next((c for c in running if rules.clocks[c.clock].stop == Moment.HANDOVER_ACCEPTED), None)
        handed_over = known.keyed_role is Role.EDT
        awaits = handed_over and not known.handover_accepted and row.state != State.TRANSFERRED
        to_read = row.state == State.WITH_ALLOCATED_WORKER and not known.reading_confirmed
        accepted = next((event for event in events if event.verb is Verb.ACCEPT_HANDOVER), None)
        return NightLine(
            contact_id=row.id,
            reference=row.reference,
            received_at=row.received_at,
            state=State(row.state),
            rag=row.rag,
            rag_label=rules.colour_label(row.rag),
            rag_tag=rules.colours[row.rag].tag if row.rag else "grey",
            suggested_label=rules.colours[row.suggested_rag].label if row.suggested_rag else None,
            children=self._names(row.id),
            happened=tuple(self._said(event, rules) for event in events if self._belongs(event, handed_over)),
            awaiting=tuple(dict.fromkeys(rules.agencies[r.agency].label for r in self.asked.get(row.id, []))),
            next_clock=min(counting, key=lambda clock: clock.due_at, default=None),
            accept_by=accept_by,
            handed_over=handed_over,
            awaits_acceptance=awaits,
            accepted=self._said(accepted, rules) if accepted else None,
            worker_to_read=to_read,
            acts=self._acts(rules, awaits=awaits, to_read=to_read),
            colours_above=len(rules.colours) - 1 - rules.order[row.rag] if row.rag else 0,
        )

    def _belongs(self, event: Event, handed_over: bool) -> bool:
        """What was done in the night; of a contact that was handed over also what the duty team did before it."""
        by_night = self.night.closed_at <= event.at < (self.night.opened_at or self.now + timedelta(seconds=1))
        return by_night or (handed_over and event.role is Role.EDT)

    def _acts(self, rules: RuleSet, *, awaits: bool, to_read: bool) -> tuple[Verb, ...]:
        wanted = {Verb.ACCEPT_HANDOVER: awaits, Verb.CONFIRM_READ: to_read}
        role = self.actor.role
        return tuple(
            verb for verb, is_open in wanted.items() if is_open and allowed(self.actor, verb) and rules.lets(role, verb)
        )

    def _said(self, event: Event, rules: RuleSet) -> Happened:
        return Happened(event.at, self._who(event, rules), tell(event, rules))

    def _who(self, event: Event, rules: RuleSet) -> str:
        user = self.names.get(event.actor_id)
        agency = rules.agencies.get(event.desk or "")
        place = f"{agency.label} desk" if agency else event.role.label.lower()
        return f"{user.name}, {place}" if user else place[0].upper() + place[1:]

    def _names(self, contact_id: str) -> tuple[str, ...]:
        today = london_date(self.now)
        return tuple(
            f"{child_name(c)}, {age_on(c.date_of_birth, c.expected_date_of_delivery, today)}"
            for c in self.children.get(contact_id, [])
        )
