"""When is it due, and how was that counted? The units of the replay format, section 3.2; knows no events.

Instants are whole seconds since 1970 in UTC, amounts of hours are seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
    BY_TIME_NEXT_WORKING_DAY = "by_time_next_working_day", "by a time of day on the next working day"
    NONE = "none", "no target"


ELAPSED = frozenset({Unit.CLOCK_HOURS, Unit.RUN_THROUGH_HOURS})
"""Units whose warnings and escalations count elapsed minutes; all others count open minutes."""

HOURS = ELAPSED | {Unit.WORKING_HOURS}


@dataclass(frozen=True)
class Span:
    """An amount of one unit: seconds for hours, days for working days, the minute of day for a time of day."""

    unit: Unit
    amount: int = 0

    @property
    def words(self) -> str:
        """The timescale in words."""
        if self.unit is Unit.BY_TIME_NEXT_WORKING_DAY:
            return f"by {self.amount // 60:02}:{self.amount % 60:02} on the next working day"
        if self.unit in (Unit.END_OF_SAME_WORKING_DAY, Unit.NONE):
            return self.unit.label
        count = f"{self.amount / 3600:.4g}" if self.unit in HOURS else str(self.amount)
        label = self.unit.label
        if count == "1":
            label = label.replace("hours,", "hour,").replace("days,", "day,").replace("working hours", "working hour")
        return f"{count} {label}"


def due(span: Span, start: int, pauses: Pauses, hours: WorkingTime | None) -> int | None:
    """When the span that began at `start` has run out, its pauses not counted; None where there is no target.

    Raises ValueError for a unit that needs a calendar and has none.
    """
    if span.unit is Unit.NONE:
        return None
    if span.unit is Unit.CLOCK_HOURS:
        return _elapse(start, span.amount, pauses)
    if hours is None:
        raise ValueError(f"The unit {span.unit} needs a calendar.")
    if span.unit is Unit.RUN_THROUGH_HOURS:
        return _elapse(hours.next_opening(start), span.amount, pauses)
    if span.unit is Unit.WORKING_HOURS:
        return _work(start, span.amount, pauses, hours)
    return _in_days(span, start, _days_put_back(pauses, hours), hours)


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


def _days_put_back(pauses: Pauses, hours: WorkingTime) -> int:
    return sum(hours.working_days_between(london_day(begun), london_day(ended)) for begun, ended in pauses)


def _in_days(span: Span, start: int, put_back: int, hours: WorkingTime) -> int:
    if span.unit is Unit.WORKING_DAYS_CLOSE:
        return hours.last_closing(hours.working_day_after(london_day(start), span.amount + put_back))
    if span.unit is Unit.WORKING_DAYS_SAME_TIME:
        opened = hours.next_opening(start)
        day = hours.working_day_after(london_day(opened), span.amount + put_back)
        return _same_time(opened, day, hours)
    if span.unit is Unit.END_OF_SAME_WORKING_DAY:
        day = london_day(hours.next_opening(start))
        return hours.last_closing(hours.working_day_after(day, put_back))
    day = london_day(start)
    while not (hours.is_working_day(day) and instant(day, span.amount) > start):
        day += timedelta(days=1)
    return instant(hours.working_day_after(day, put_back), span.amount)


def _same_time(opened: int, day: date, hours: WorkingTime) -> int:
    wall = london(opened)
    at = instant(day, 60 * wall.hour + wall.minute) + wall.second
    if hours.is_open(at):
        return at
    earlier = [closing for closing in hours.closings(day) if closing <= at]
    return earlier[-1] if earlier else hours.first_opening(day)
