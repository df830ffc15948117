"""When is it due, and how was that counted? The units of the replay format, section 3.2; knows no events.

Instants are whole seconds since 1970 in UTC, amounts of hours are seconds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mash.rules.calendars import WorkingTime, instant, london, london_day
from mash.vocabulary import Labelled

Pauses = Sequence[tuple[int, int]]


class Unit(Labelled):
    """How a timescale is counted; the label completes "4 …"."""

    CLOCK_HOURS = "clock_hours", "clock hours, nights and weekends included"
    WORKING_HOURS = "working_hours", "working hours"
    RUN_THROUGH_HOURS = "run_through_hours", "hours from opening, running on past closing"
    WORKING_DAYS_CLOSE = "working_days_close", "working days, until closing"
    WORKING_DAYS_SAME_TIME = "working_days_same_time", "working days, until the same time of day"
    END_OF_SAME_WORKING_DAY = "end_of_same_working_day", "until closing on the same working day"
    WORKING_DAYS_AT_TIME = "working_days_at_time", "working days, until a time of day"
    BY_TIME_NEXT_WORKING_DAY = (
        "by_time_next_working_day",
        "by a time of day, on the first working day that still has it",
    )
    CALENDAR_DAYS_SAME_TIME = "calendar_days_same_time", "days, weekends included, until the same time of day"
    CALENDAR_WEEKS = "calendar_weeks", "weeks, until the same day and time"
    NONE = "none", "no target"


class Roll(StrEnum):
    """Where a due time goes that falls on no working day, or beyond the day's edge."""

    FORWARD = "roll_forward"
    BACK = "roll_back"


ELAPSED = frozenset({Unit.CLOCK_HOURS, Unit.RUN_THROUGH_HOURS})
"""Units whose warnings and escalations count elapsed minutes; all others count open minutes."""

HOURS = ELAPSED | {Unit.WORKING_HOURS}
CALENDAR = frozenset({Unit.CALENDAR_DAYS_SAME_TIME, Unit.CALENDAR_WEEKS})
WITHOUT_HOURS = CALENDAR | {Unit.CLOCK_HOURS, Unit.NONE}
"""Units that can be counted without opening hours."""


@dataclass(frozen=True)
class Span:
    """An amount of one unit: seconds for hours, days for days; `at` is a minute of the day, where the unit has one.

    `rolled`: a start outside hours counts as the next opening. `roll`: a due time outside the working day is moved.
    """

    unit: Unit
    amount: int = 0
    at: int | None = None
    rolled: bool = False
    roll: Roll | None = None

    @property
    def needs_hours(self) -> bool:
        """Whether it cannot be counted without opening hours."""
        return self.unit not in WITHOUT_HOURS or self.rolled or self.roll is not None

    @property
    def words(self) -> str:
        """The timescale in words."""
        words = self._words
        if self.rolled:
            words += "; received out of hours, it counts from the next opening"
        if self.roll:
            words += "; " + _ROLLING[self.roll]
        return words

    @property
    def _words(self) -> str:
        if self.unit is Unit.BY_TIME_NEXT_WORKING_DAY:
            return f"by {_wall_time(self.at)}, on the first working day on which that is still to come"
        if self.unit in (Unit.END_OF_SAME_WORKING_DAY, Unit.NONE):
            return self.unit.label
        count = f"{self.amount / 3600:.4g}" if self.unit in HOURS else str(self.amount)
        label = self.unit.label
        if count == "1":
            label = re.sub(r"\b(hour|day|week)s\b", r"\1", label, count=1)
        return f"{count} {label}".replace("a time of day", _wall_time(self.at))


def _wall_time(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


_ROLLING = {
    Roll.FORWARD: "before opening, or on no working day, the next opening",
    Roll.BACK: "after closing, or on no working day, the closing before",
}


def due(span: Span, start: int, pauses: Pauses, hours: WorkingTime | None) -> int | None:
    """When the span that began at `start` has run out, its pauses not counted; None where there is no target.

    Raises ValueError for a unit that needs a calendar and has none.
    """
    if span.unit is Unit.NONE:
        return None
    if hours is None and span.needs_hours:
        raise ValueError(f"The unit {span.unit} needs a calendar.")
    begun = hours.next_opening(start) if hours is not None and span.rolled else start
    at = _due(span, begun, pauses, hours)
    return hours.rolled(at, forward=span.roll is Roll.FORWARD) if hours is not None and span.roll else at


def _due(span: Span, start: int, pauses: Pauses, hours: WorkingTime | None) -> int:
    if span.unit is Unit.CLOCK_HOURS:
        return _elapse(start, span.amount, pauses)
    if span.unit in CALENDAR:
        return _in_calendar_days(span, start, pauses)
    assert hours is not None
    if span.unit is Unit.RUN_THROUGH_HOURS:
        return _elapse(hours.next_opening(start), span.amount, pauses)
    if span.unit is Unit.WORKING_HOURS:
        return _work(start, span.amount, pauses, hours)
    return _in_days(span, start, days_put_back(pauses, hours), hours)


def earliest(spans: Sequence[Span], start: int, pauses: Pauses, hours: WorkingTime | None) -> tuple[int, Span] | None:
    """The earliest of several deadlines, and the span that gives it: it says how alerts count. None without target."""
    found = [(at, n) for n, span in enumerate(spans) if (at := due(span, start, pauses, hours)) is not None]
    if not found:
        return None
    at, n = min(found)
    return at, spans[n]


def warn_at(span: Span, due_at: int, seconds: int, hours: WorkingTime | None) -> int:
    """The instant so much before `due_at`, counted backwards in the clock's own minutes."""
    if span.unit in ELAPSED or hours is None:
        return due_at - seconds
    return hours.back(due_at, seconds)


def escalate_at(span: Span, breached_at: int, seconds: int, hours: WorkingTime | None) -> int:
    """The instant so much after the breach, counted in the clock's own minutes."""
    if span.unit in ELAPSED or hours is None:
        return breached_at + seconds
    return hours.forward(breached_at, seconds)


def _elapse(start: int, amount: int, pauses: Pauses) -> int:
    at, left = start, amount
    for begun, ended in pauses:
        if ended <= at:
            continue
        gone = max(0, begun - at)
        if gone > left:
            break
        at, left = ended, left - gone
    return at + left


def _work(start: int, amount: int, pauses: Pauses, hours: WorkingTime) -> int:
    at, left = start, amount
    for begun, ended in pauses:
        if ended <= at:
            continue
        if begun > at:
            if hours.forward(at, left) < begun:
                break
            left -= hours.open_between(at, begun)
        at = ended
    return hours.forward(at, left)


def days_put_back(pauses: Pauses, hours: WorkingTime) -> int:
    """By how many working days a clock in working days is put back for its pauses."""
    return sum(hours.working_days_between(london_day(begun), london_day(ended)) for begun, ended in pauses)


def calendar_days_put_back(pauses: Pauses) -> int:
    """By how many days a clock in days or weeks is put back for its pauses."""
    return sum((london_day(ended) - london_day(begun)).days for begun, ended in pauses)


def _in_calendar_days(span: Span, start: int, pauses: Pauses) -> int:
    days = span.amount * (7 if span.unit is Unit.CALENDAR_WEEKS else 1)
    put_back = calendar_days_put_back(pauses)
    wall = london(start)
    return instant(wall.date() + timedelta(days=days + put_back), 60 * wall.hour + wall.minute) + wall.second


def _in_days(span: Span, start: int, put_back: int, hours: WorkingTime) -> int:
    if span.unit is Unit.WORKING_DAYS_CLOSE:
        return hours.last_closing(hours.working_day_after(london_day(start), span.amount + put_back))
    if span.unit is Unit.WORKING_DAYS_AT_TIME:
        assert span.at is not None
        return instant(hours.working_day_after(london_day(start), span.amount + put_back), span.at)
    if span.unit is Unit.WORKING_DAYS_SAME_TIME:
        opened = hours.next_opening(start)
        day = hours.working_day_after(london_day(opened), span.amount + put_back)
        return _same_time(opened, day, hours)
    if span.unit is Unit.END_OF_SAME_WORKING_DAY:
        day = hours.working_day_from(london_day(hours.next_opening(start)))
        return hours.last_closing(hours.working_day_after(day, put_back))
    assert span.at is not None
    day = london_day(start)
    while not (hours.is_working_day(day) and instant(day, span.at) > start):
        day += timedelta(days=1)
    return instant(hours.working_day_after(day, put_back), span.at)


def _same_time(opened: int, day: date, hours: WorkingTime) -> int:
    wall = london(opened)
    at = instant(day, 60 * wall.hour + wall.minute) + wall.second
    if hours.is_open(at):
        return at
    earlier = [closing for closing in hours.closings(day) if closing <= at]
    return earlier[-1] if earlier else hours.first_opening(day)
