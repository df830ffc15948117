"""What does a bank holiday that becomes known late do to deadlines? Before it is announced, and after. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from mash.agencies.visibility import visible_contacts
from mash.clock import london_date
from mash.db import Database
from mash.errors import NotFound, Refused
from mash.models.accounts import User
from mash.models.contact import Contact
from mash.models.time import Deadline, LateBankHoliday
from mash.permissions import Actor, require
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from mash.workflow.clocks import BankHoliday, timeline
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.episodes import Episode, Why, as_instant
from mash.workflow.history import Event
from mash.workflow.judging import require_still_to_come
from mash.workflow.rows import BATCH, events_of


@dataclass(frozen=True)
class MovedDeadline:
    """One deadline, and from when to when it moves or was moved. Instants in UTC."""

    contact_id: str
    reference: str
    clock: str
    due_before: datetime
    due_after: datetime


@dataclass(frozen=True)
class Announced:
    """A bank holiday that became known late: which, since when it counts, and who said so."""

    day: date
    name: str
    at: datetime
    by: str


def would_move(
    db: Database, rulebook: Rulebook, actor: Actor, details: AnnounceBankHoliday, now: datetime
) -> tuple[MovedDeadline, ...]:
    """The deadlines that the announcement would move, were it made now; of the actor's borough, the next due first.

    Raises NotPermitted, and Refused where nothing can come of it: not in the future, or a bank holiday already.
    """
    require(actor, Verb.ANNOUNCE_BANK_HOLIDAY)
    require_still_to_come(details.date, now)
    with db.reading() as look:
        known = rulebook.late_holidays(look, actor.borough)
        in_force = rulebook.in_force(look, actor.borough, london_date(now))
        if details.date in {*in_force.bank_holidays, *(holiday.day for holiday in known)}:
            raise Refused(f"{details.date:%-d %B %Y} is a bank holiday already: no deadline would move.")
        holidays = [*known, BankHoliday(now, details.date)]
        running = and_(Contact.next_due_at.is_not(None), Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None))
        return _moved(look, rulebook, actor, holidays, running, now)


def moved(db: Database, rulebook: Rulebook, actor: Actor, day: date, now: datetime) -> tuple[MovedDeadline, ...]:
    """The deadlines that the announcement of this day has moved. Raises NotPermitted; NotFound for another day."""
    require(actor, Verb.ANNOUNCE_BANK_HOLIDAY)
    with db.reading() as look:
        holidays = rulebook.late_holidays(look, actor.borough)
        number = next((n for n, holiday in enumerate(holidays, 1) if holiday.day == day), None)
        if number is None:
            raise NotFound("No bank holiday on this date was announced late.")
        announced_at = holidays[number - 1].announced_at
        ran = and_(
            Deadline.started_at <= announced_at,
            or_(Deadline.met_at.is_(None), Deadline.met_at >= announced_at),
            or_(Deadline.cancelled_at.is_(None), Deadline.cancelled_at >= announced_at),
        )
        return _moved(look, rulebook, actor, holidays, ran, now, number)


def announced(db: Database, actor: Actor) -> tuple[Announced, ...]:
    """What was announced late to the actor's borough, the latest day first. Raises NotPermitted."""
    require(actor, Verb.ANNOUNCE_BANK_HOLIDAY)
    rows = (
        select(LateBankHoliday.day, LateBankHoliday.name, LateBankHoliday.announced_at, User.name)
        .outerjoin(User, User.id == LateBankHoliday.announced_by)
        .where(LateBankHoliday.borough == actor.borough)
        .order_by(LateBankHoliday.day.desc())
    )
    with db.reading() as look:
        return tuple(Announced(day, name, at, by or "The operator") for day, name, at, by in look.execute(rows))


def _moved(
    look: Connection,
    rulebook: Rulebook,
    actor: Actor,
    holidays: Sequence[BankHoliday],
    which: ColumnElement[bool],
    now: datetime,
    number: int | None = None,
) -> tuple[MovedDeadline, ...]:
    """What the bank holiday of this number, counted from 1 (the last one where absent), moves or has moved."""
    found: list[MovedDeadline] = []
    for row, events in _with_events(look, actor, which):
        rules = rulebook.version(look, row.rule_set, row.rule_set_version)
        for episode in timeline(rules, events, holidays, now).episodes:
            found += _of_episode(row, rules, episode, number or len(holidays))
    return tuple(sorted(found, key=lambda one: (one.due_before, one.reference, one.clock)))


def _with_events(look: Connection, actor: Actor, which: ColumnElement[bool]) -> Iterator[tuple[Row[Any], list[Event]]]:
    """The contacts with such a deadline, so many at a time."""
    contacts = visible_contacts(actor).with_only_columns(
        Contact.id, Contact.reference, Contact.rule_set, Contact.rule_set_version
    )
    its_own = and_(Deadline.borough == Contact.borough, Deadline.contact_id == Contact.id)
    found: list[Row[Any]] = list(look.execute(contacts.join(Deadline, its_own).where(which).distinct()))
    for first in range(0, len(found), BATCH):
        some = found[first : first + BATCH]
        events = events_of(look, [row.id for row in some])
        for row in some:
            yield row, events[row.id]


def _of_episode(row: Row[Any], rules: RuleSet, episode: Episode, number: int) -> Iterator[MovedDeadline]:
    agency = rules.agencies.get(episode.agency)
    named = f"{agency.label}: " if agency else ""
    for move in episode.moves:
        by_this_one = move.why is Why.BANK_HOLIDAY and len(move.basis_before.late) == number - 1
        before, after = as_instant(move.due_before), as_instant(move.due_after)
        if by_this_one and before != after and before and after:
            label = named + rules.clocks[episode.clock].label
            yield MovedDeadline(row.id, row.reference, label, before, after)
