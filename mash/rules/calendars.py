"""When is somebody at work? Integer arithmetic on open seconds; knows nothing of clocks or contacts.

Instants here are whole seconds since 1970 in UTC. Windows are London wall-clock minutes that hold their opening and not
their closing minute. A calendar is compiled once into sorted openings and prefix sums, a few years at a time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property

from mash.clock import LONDON

Window = tuple[int, int]
"""Opening and closing minute of a London day, 0 to 1440."""

DAY = 86_400


@dataclass(frozen=True)
class Calendar:
    """Opening hours: windows for Monday to Sunday, dates with hours of their own, and what bank holidays do.

    `working_days` is another calendar where opening hours and working days differ (a hub that never closes): a date is
    a working day when both have a window on it.
    """

    week: tuple[tuple[Window, ...], ...]
    dates: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    open_on_bank_holidays: bool = False
    working_days: "Calendar | None" = None

    @property
    def has_working_time(self) -> bool:
        """Whether some weekday is a working day: else nothing could ever fall due."""
        days = self.working_days.week if self.working_days else self.week
        return any(own and other for own, other in zip(self.week, days, strict=True))


def instant(day: date, minute: int) -> int:
    """The instant of a London wall-clock minute; of two equal ones in October the first."""
    base = datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(minutes=minute)
    return int(base.timestamp())


def london(seconds: int) -> datetime:
    """The instant as London wall-clock time."""
    return datetime.fromtimestamp(seconds, LONDON)


def london_day(seconds: int) -> date:
    """The London date of an instant."""
    return london(seconds).date()


class WorkingTime:
    """A calendar with the bank holidays known, ready for counting. Public methods take and give instants in seconds."""

    def __init__(self, calendar: Calendar, bank_holidays: frozenset[date]) -> None:
        if not calendar.has_working_time:
            raise ValueError("A calendar without working time has no deadlines. Give at least one weekday a window.")
        self._calendar = calendar
        self._holidays = bank_holidays
        self._days = WorkingTime(calendar.working_days, bank_holidays) if calendar.working_days else None
        self._compiled = _Compiled((), (), (), (), 0, 0)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows of a London date; dates with hours of their own keep them on bank holidays too."""
        if day in self._calendar.dates:
            return self._calendar.dates[day]
        if day in self._holidays and not self._calendar.open_on_bank_holidays:
            return ()
        return self._calendar.week[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        """Whether the date has a window, and is a working day of the other calendar where one says so."""
        return bool(self.windows_on(day)) and (self._days is None or self._days.is_working_day(day))

    def first_opening(self, day: date) -> int:
        """The first opening of a working day. Raises IndexError on another day."""
        return instant(day, self.windows_on(day)[0][0])

    def last_closing(self, day: date) -> int:
        """The last closing of a working day. Raises IndexError on another day."""
        return instant(day, self.windows_on(day)[-1][1])

    def closings(self, day: date) -> list[int]:
        """All closings of the date, in order."""
        return [instant(day, closing) for _, closing in self.windows_on(day)]

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day later than `day`; `day` itself when count is 0."""
        if count == 0:
            return day
        begins = ahead = instant(day, 0)
        compiled = self._around(begins)
        while (wanted := bisect_right(compiled.days, day.toordinal()) + count - 1) >= len(compiled.days):
            ahead += 366 * DAY
            compiled = self._around(begins, ahead)
        return date.fromordinal(compiled.days[wanted])

    def working_day_from(self, day: date) -> date:
        """The day itself when it is a working day, else the next one."""
        return day if self.is_working_day(day) else self.working_day_after(day, 1)

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days are later than `after` and not later than `until`."""
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return sum(map(self.is_working_day, days))

    def is_open(self, at: int) -> bool:
        """Whether a window holds the instant."""
        compiled = self._around(at)
        i = bisect_right(compiled.opens, at) - 1
        return i >= 0 and at < compiled.closes[i]

    def next_opening(self, at: int) -> int:
        """The instant itself when open, else the next opening."""
        if self.is_open(at):
            return at
        compiled = self._around(at)
        while (i := bisect_left(compiled.opens, at)) == len(compiled.opens):
            compiled = self._around(compiled.until * DAY + DAY)
        return compiled.opens[i]

    def rolled(self, at: int, *, forward: bool) -> int:
        """Back: at the latest the last closing before. Forward: at the earliest the next opening of a working day.

        During a working day it stays: before opening it is not moved back, after closing not forward, at lunch neither.
        """
        day = london_day(at)
        if self.is_working_day(day):
            return max(at, self.first_opening(day)) if forward else min(at, self.last_closing(day))
        eve = day - timedelta(days=1)
        if self.is_working_day(eve) and at == self.last_closing(eve):
            return at
        while not self.is_working_day(day):
            day += timedelta(days=1 if forward else -1)
        return self.first_opening(day) if forward else self.last_closing(day)

    def within_working_day(self, at: int) -> bool:
        """Whether it lies between the first opening and the last closing of a working day: lunch is part of the day."""
        day = london_day(at)
        return self.is_working_day(day) and self.first_opening(day) <= at < self.last_closing(day)

    def open_between(self, start: int, end: int) -> int:
        """Open seconds from start to end."""
        compiled = self._around(start, end)
        return compiled.total(end) - compiled.total(start)

    def open_spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The open time from start to end, window by window."""
        compiled = self._around(start, end)
        first = max(bisect_right(compiled.opens, start) - 1, 0)
        spans = zip(compiled.opens[first:], compiled.closes[first:], strict=True)
        found = []
        for opening, closing in spans:
            if opening >= end:
                break
            if closing > start:
                found.append((max(opening, start), min(closing, end)))
        return found

    def forward(self, start: int, seconds: int) -> int:
        """When so many open seconds have gone by: used up exactly at closing, that closing. With 0, the start."""
        if seconds == 0:
            return start
        compiled = self._around(start)
        while (goal := compiled.total(start) + seconds) > compiled.total_of_all:
            compiled = self._around(compiled.until * DAY + DAY)
        i = bisect_left(compiled.before, goal) - 1
        return compiled.opens[i] + goal - compiled.before[i]

    def back(self, end: int, seconds: int) -> int:
        """The latest instant from which so many open seconds remain until `end`. With 0, the end."""
        if seconds == 0:
            return end
        compiled = self._around(end)
        while (goal := compiled.total(end) - seconds) < 0:
            compiled = self._around(compiled.since * DAY - DAY)
        i = bisect_right(compiled.before, goal) - 1
        return compiled.opens[i] + goal - compiled.before[i]

    def _around(self, *instants: int) -> "_Compiled":
        """The compiled calendar, grown so that it holds the instants with a year to spare on either side.

        What is kept may be another one a moment later: threads share a calendar.
        """
        compiled = self._compiled
        for at in instants:
            compiled = self._grown(compiled, at // DAY)
        self._compiled = compiled
        return compiled

    def _grown(self, compiled: "_Compiled", day: int) -> "_Compiled":
        if compiled.since + 370 <= day <= compiled.until - 370:
            return compiled
        known = compiled.until > compiled.since
        since = min(compiled.since, day - 740) if known else day - 740
        until = max(compiled.until, day + 740) if known else day + 740
        return self._compile(since, until)

    def _compile(self, since: int, until: int) -> "_Compiled":
        opens: list[int] = []
        closes: list[int] = []
        days: list[int] = []
        epoch = date(1970, 1, 1)
        for number in range(since, until + 1):
            day = epoch + timedelta(days=number)
            windows = self.windows_on(day)
            if self.is_working_day(day):
                days.append(day.toordinal())
            if windows:
                for opening, closing in _intervals(day, windows):
                    if closes and opening <= closes[-1]:
                        closes[-1] = max(closing, closes[-1])
                    else:
                        opens.append(opening)
                        closes.append(closing)
        return _Compiled(tuple(opens), tuple(closes), tuple(days), _prefix_sums(opens, closes), since, until)


@dataclass(frozen=True)
class _Compiled:
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    days: tuple[int, ...]
    before: tuple[int, ...]
    since: int
    until: int

    @cached_property
    def total_of_all(self) -> int:
        return self.before[-1] + self.closes[-1] - self.opens[-1]

    def total(self, at: int) -> int:
        """Open seconds before the instant, counted from the first compiled opening."""
        i = bisect_right(self.opens, at) - 1
        if i < 0:
            return 0
        return self.before[i] + min(at, self.closes[i]) - self.opens[i]


def _prefix_sums(opens: list[int], closes: list[int]) -> tuple[int, ...]:
    sums, total = [], 0
    for opening, closing in zip(opens, closes, strict=True):
        sums.append(total)
        total += closing - opening
    return tuple(sums)


def _intervals(day: date, windows: tuple[Window, ...]) -> list[tuple[int, int]]:
    """The day's windows as instants. In the two nights when clocks change, what the wall clock shows decides."""
    base = _midnight(day)
    if base is not None:
        return [(base + 60 * a, base + 60 * b) for a, b in windows]
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    morning = midnight + timedelta(hours=12)
    first, later = midnight.utcoffset(), morning.utcoffset()
    change = _change(int(midnight.timestamp()), int(morning.timestamp()))
    zero = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    end = int((midnight + timedelta(days=1)).timestamp())
    spans = []
    for offset, since, until in ((first, int(midnight.timestamp()), change), (later, change, end)):
        assert offset is not None
        shift = zero - int(offset.total_seconds())
        spans += [(max(shift + 60 * a, since), min(shift + 60 * b, until)) for a, b in windows]
    return sorted(span for span in spans if span[0] < span[1])


@cache
def _midnight(day: date) -> int | None:
    """The instant at which the London date begins; None where clocks change on it. The same for every calendar."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    noon = midnight + timedelta(hours=12)
    return int(midnight.timestamp()) if midnight.utcoffset() == noon.utcoffset() else None


def _change(low: int, high: int) -> int:
    """The instant between the two at which London's offset changes, to the second."""
    offset = london(low).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if london(middle).utcoffset() == offset else (low, middle)
    return high
