"""When does the hub close, and when does it open next? From the rules in force and the bank holidays known."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from mash.clock import LONDON, london_date
from mash.errors import Refused
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.rules.calendars import london_day
from mash.rules.ruleset import RuleSet


@dataclass(frozen=True)
class HubDay:
    """The closing that comes next; `opens_at` only while the hub is closed. `known`: the rules say its hours."""

    opens_at: datetime | None
    closes_at: datetime
    known: bool = True


def hub_day(look: Connection, rulebook: Rulebook, actor: Actor, now: datetime) -> HubDay:
    """The hub's day of the actor's borough at an instant. Without opening hours a day ends at midnight in London."""
    try:
        rules = rulebook.in_force(look, actor.borough, london_date(now))
    except Refused:
        return _until_midnight(now)
    late = frozenset(holiday.day for holiday in rulebook.late_holidays(look, actor.borough))
    return day_by(rules, late, now)


def day_by(rules: RuleSet, late: frozenset[date], now: datetime) -> HubDay:
    """The same by these rules. A lunch closure is part of the day; at closing time to the minute it is over."""
    calendar = hub_calendar(rules)
    if calendar is None:
        return _until_midnight(now)
    times, at = rules.working_times(late)[calendar], int(now.timestamp())
    is_open = times.is_open(at) or times.within_working_day(at)
    opening = at if is_open else times.next_opening(at)
    closing = times.closings(london_day(opening))[-1]
    return HubDay(None if is_open else _instant(opening), _instant(closing))


def hub_calendar(rules: RuleSet) -> str | None:
    """The hub's opening hours: those that tell in hours from out of hours, else those of most of its own clocks."""
    if rules.intake.calendar is not None:
        return rules.intake.calendar
    own = Counter(clock.calendar for clock in rules.clocks.values() if clock.calendar in rules.calendars)
    return own.most_common(1)[0][0] if own else None


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _until_midnight(now: datetime) -> HubDay:
    tomorrow = london_date(now) + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=LONDON)
    return HubDay(None, midnight, known=False)
