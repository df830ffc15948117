"""The units of the replay format counted minute by minute on the wall clock: slow, plain, and written apart.

Knows nothing of the engine. Instants are whole seconds since 1970 in UTC; pauses begin and end with whole minutes.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
Window = tuple[int, int]
Pauses = Sequence[tuple[int, int]]
ELAPSED = {"clock_hours", "run_through_hours"}
CALENDAR = {"calendar_days_same_time": 1, "calendar_weeks": 7}


@dataclass(frozen=True)
class Hours:
    """Opening hours: windows in minutes of the London day for Monday to Sunday, and what departs from them.

    `working_days` are the opening hours of somebody else, without whom no date is a working day.
    """

    week: tuple[tuple[Window, ...], ...]
    dates: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    open_on_holidays: bool = False
    working_days: "Hours | None" = None

    def windows(self, day: date) -> tuple[Window, ...]:
        if day in self.dates:
            return self.dates[day]
        closed = day in self.holidays and not self.open_on_holidays
        return () if closed else self.week[day.weekday()]


class Amount(NamedTuple):
    """So many of a unit: minutes of an hours unit, days, weeks; `at` is the minute of day by which it is due."""

    unit: str
    number: int = 0
    rolled: bool = False
    roll: str | None = None
    at: int = 0


class CutOff(NamedTuple):
    """The minute of day for each weekday that has one, or the minutes before the last closing."""

    at: Mapping[int, int]
    before_closing: int | None = None


class Walk:
    """Counts on a calendar; None is no calendar at all."""

    def __init__(self, hours: Hours | None) -> None:
        self.hours = hours or Hours(((),) * 7)
        self.counts_open_minutes = hours is not None
        self.days: dict[date, list[int]] = {}

    # -- minutes ------------------------------------------------------------------------------------------------------

    def open(self, at: int) -> bool:
        shown = london(at)
        minute = 60 * shown.hour + shown.minute
        return any(a <= minute < b for a, b in self.hours.windows(shown.date()))

    def at_work(self, at: int) -> bool:
        return self.open(at) and self.working_day(london(at).date())

    def open_minutes(self, day: date) -> list[int]:
        """The open minutes of a date, each by its number since 1970."""
        if day not in self.days:
            held = {minute for a, b in self.hours.windows(day) for minute in range(a, b)}
            self.days[day] = [minute for minute, shown in face(day) if shown in held] if held else []
        return self.days[day]

    def minutes_from(self, at: int) -> Iterator[int]:
        day = london(at).date()
        while True:
            yield from (minute for minute in self.open_minutes(day) if 60 * minute + 60 > at)
            day += timedelta(days=1)

    def minutes_before(self, at: int) -> Iterator[int]:
        day = london(at).date()
        while True:
            yield from (minute for minute in reversed(self.open_minutes(day)) if 60 * minute < at)
            day -= timedelta(days=1)

    def opening(self, at: int) -> int:
        return max(at, 60 * next(self.minutes_from(at)))

    # -- days ---------------------------------------------------------------------------------------------------------

    def working_day(self, day: date) -> bool:
        other = self.hours.working_days
        return bool(self.hours.windows(day)) and (other is None or bool(other.windows(day)))

    def working_days_after(self, day: date) -> Iterator[date]:
        while True:
            day += timedelta(days=1)
            if self.working_day(day):
                yield day

    def nth_after(self, day: date, number: int) -> date:
        for later, _ in zip(self.working_days_after(day), range(number), strict=False):
            day = later
        return day

    def first_opening(self, day: date) -> int:
        return wall(day, self.hours.windows(day)[0][0])

    def last_closing(self, day: date) -> int:
        return wall(day, self.hours.windows(day)[-1][1])

    def put_back(self, pauses: Pauses) -> int:
        return sum(self.working_day(day) for day in days_of(pauses))

    # -- deadlines ----------------------------------------------------------------------------------------------------

    def due(self, amount: Amount, start: int, pauses: Pauses = ()) -> int:
        start = self.opening(start) if amount.rolled else start
        at = self._due(amount, start, pauses)
        return self.rolled(at, amount.roll) if amount.roll else at

    def _due(self, amount: Amount, start: int, pauses: Pauses) -> int:
        if amount.unit == "clock_hours":
            return use_up(60 * amount.number, count(start // 60), start, pauses)
        if amount.unit == "run_through_hours":
            opened = self.opening(start)
            return use_up(60 * amount.number, count(opened // 60), opened, pauses)
        if amount.unit == "working_hours":
            return use_up(60 * amount.number, self.minutes_from(start), start, pauses)
        if amount.unit in CALENDAR:
            days = CALENDAR[amount.unit] * amount.number + len(list(days_of(pauses)))
            return same_time(start, london(start).date() + timedelta(days=days))
        ends = {
            "working_days_close": self.close,
            "working_days_same_time": self.same_time,
            "end_of_same_working_day": self.end_of_day,
        }
        if amount.unit == "by_time_next_working_day":
            return self.by_time(amount.at, start, self.put_back(pauses))
        if amount.unit == "working_days_at_time":
            return wall(self.nth_after(london(start).date(), amount.number + self.put_back(pauses)), amount.at)
        return ends[amount.unit](amount.number, start, self.put_back(pauses))

    def close(self, number: int, start: int, put_back: int) -> int:
        return self.last_closing(self.nth_after(london(start).date(), number + put_back))

    def same_time(self, number: int, start: int, put_back: int) -> int:
        opened = self.opening(start)
        day = self.nth_after(london(opened).date(), number + put_back)
        at = same_time(opened, day)
        if self.open(at):
            return at
        before = [closing for _, b in self.hours.windows(day) if (closing := wall(day, b)) <= at]
        return before[-1] if before else self.first_opening(day)

    def end_of_day(self, _: int, start: int, put_back: int) -> int:
        yesterday = london(self.opening(start)).date() - timedelta(days=1)
        return self.last_closing(self.nth_after(yesterday, 1 + put_back))

    def by_time(self, minute: int, start: int, put_back: int) -> int:
        yesterday = london(start).date() - timedelta(days=1)
        first = next(day for day in self.working_days_after(yesterday) if wall(day, minute) > start)
        return wall(self.nth_after(first, put_back), minute)

    def earlier_of(self, amounts: Sequence[Amount], start: int, pauses: Pauses) -> tuple[int, Amount]:
        """The earliest deadline, and which amount gave it; of equal ones the first."""
        return min(((self.due(amount, start, pauses), amount) for amount in amounts), key=lambda pair: pair[0])

    def rolled(self, at: int, roll: str) -> int:
        """Not beyond the day's edge, nor on another day; a closing at midnight belongs to the day that it closes."""
        day = london(at).date()
        eve = day - timedelta(days=1)
        if self.working_day(eve) and at == self.last_closing(eve) and not self.working_day(day):
            return at
        if self.working_day(day) and roll == "roll_back":
            return min(at, self.last_closing(day))
        if self.working_day(day):
            return max(at, self.first_opening(day))
        if roll == "roll_forward":
            return self.first_opening(self.nth_after(day, 1))
        while not self.working_day(day):
            day -= timedelta(days=1)
        return self.last_closing(day)

    def counted_from(self, start: int, cut_off: CutOff) -> int:
        """What a start counts as where there is an intake cut-off, which is a time of day."""
        day = london(start).date()
        if not self.working_day(day):
            return start
        minute = cut_off.at.get(day.weekday())
        if cut_off.before_closing is not None:
            minute = max(0, self.hours.windows(day)[-1][1] - cut_off.before_closing)
        if minute is None or start < wall(day, minute):
            return start
        return self.first_opening(self.nth_after(day, 1))

    # -- alerts -------------------------------------------------------------------------------------------------------

    def warned(self, amount: Amount, due: int, minutes: int) -> int:
        if amount.unit in ELAPSED or not self.counts_open_minutes:
            return due - 60 * minutes
        left = 60 * minutes
        for minute in self.minutes_before(due):
            here = min(60 * minute + 60, due) - 60 * minute
            if left <= here:
                return 60 * minute + here - left
            left -= here
        raise AssertionError

    def escalated(self, amount: Amount, breached: int, minutes: int) -> int:
        if amount.unit in ELAPSED or not self.counts_open_minutes:
            return breached + 60 * minutes
        return use_up(60 * minutes, self.minutes_from(breached), breached, ())


def use_up(seconds: int, minutes: Iterator[int], start: int, pauses: Pauses) -> int:
    """When so many seconds of these minutes have gone by since the start, the paused ones not counted."""
    for minute in minutes:
        if any(begun <= 60 * minute < ended for begun, ended in pauses):
            continue
        begun = max(60 * minute, start)
        if seconds <= 60 * minute + 60 - begun:
            return when_resumed(begun + seconds, pauses)
        seconds -= 60 * minute + 60 - begun
    raise AssertionError


def when_resumed(at: int, pauses: Pauses) -> int:
    """A clock that is paused at the very instant at which it is due has nothing left when the pause ends."""
    for begun, ended in pauses:
        at = ended if at == begun else at
    return at


def days_of(pauses: Pauses) -> Iterator[date]:
    """Each date that is later than that of a pause and not later than that of its end."""
    for begun, ended in pauses:
        first, last = london(begun).date(), london(ended).date()
        yield from (first + timedelta(days=n) for n in range(1, (last - first).days + 1))


def face(day: date) -> Iterator[tuple[int, int]]:
    """Each minute of a London date by its number since 1970, with the minute of day that the wall clock shows."""
    return zip(count(wall(day, 0) // 60), shown_on(day), strict=False)


@cache
def shown_on(day: date) -> "array[int]":
    """What the wall clock shows in the 1380, 1440 or 1500 minutes of a London date."""
    minutes = range(wall(day, 0), wall(day + timedelta(days=1), 0), 60)
    return array("H", (60 * shown.hour + shown.minute for shown in map(london, minutes)))


def same_time(at: int, day: date) -> int:
    """What the wall clock shows then, on another date."""
    shown = london(at)
    return wall(day, 60 * shown.hour + shown.minute) + shown.second


def london(at: int) -> datetime:
    return datetime.fromtimestamp(at, LONDON)


def wall(day: date, minute: int) -> int:
    """A wall-clock minute of London; of two equal ones the first."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    return int((midnight + timedelta(minutes=minute)).astimezone(UTC).timestamp())
