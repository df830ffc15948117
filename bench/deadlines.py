"""How fast is a deadline in working hours, beside pandas and beside nothing but two bisections?

All three give the same answer for every item of the sample, which is checked first. Where the deadline is exactly at
closing, pandas moves on to the next opening and we do not: such items are left out. What can be made beforehand is
made beforehand for all three: the calendar, the amounts, the form in which each takes its start.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from random import Random

import pandas as pd

from bench.measuring import Figure, Side, ratio
from mash.clock import LONDON
from mash.rules.calendars import DAY, Calendar, WorkingTime, instant, london
from mash.rules.timescales import Span, Unit, due
from tests.support.hub import northbridge

WEEK = 5 * (((9 * 60, 17 * 60),),) + ((), ())
ITEMS = 300
MOST_HOURS = 40
Item = tuple[int, int]
"""A start as an instant, and an amount of hours."""


def figures() -> Iterator[Figure]:
    """Beside pandas, then beside the bare arithmetic."""
    holidays = frozenset(northbridge().bank_holidays)
    hours = WorkingTime(Calendar(WEEK), holidays)
    items = list(_drawn(hours))
    ours, theirs, bare = _ours(hours, items), _pandas(holidays, items), _bare(hours, items)
    yield ratio("deadline in working hours: pandas over ours", theirs, ours, 20, at_least=True)
    yield ratio("deadline in working hours: ours over two bisections", ours, bare, 3)


def _drawn(hours: WorkingTime) -> Iterator[Item]:
    """Starts at any minute of the year, also when shut, and amounts; none whose deadline is exactly at closing."""
    random, begins, found = Random(40), instant(date(2026, 1, 1), 0), 0
    while found < ITEMS:
        start, amount = begins + 60 * random.randrange(365 * DAY // 60), random.randint(1, MOST_HOURS)
        if hours.is_open(hours.forward(start, 3600 * amount)):
            found += 1
            yield start, amount


def _ours(hours: WorkingTime, items: Iterable[Item]) -> Side:
    spans = [Span(Unit.WORKING_HOURS, 3600 * amount) for amount in range(MOST_HOURS + 1)]
    sample = [(start, spans[amount]) for start, amount in items]

    def do(sample: list[tuple[int, Span]]) -> None:
        for start, span in sample:
            due(span, start, (), hours)

    return Side(lambda: sample, do)


def _pandas(holidays: Iterable[date], items: list[Item]) -> Side:
    """`CustomBusinessHour` on timestamps without a zone, in which it is quickest: no clock change meets these hours."""
    hours = WorkingTime(Calendar(WEEK), frozenset(holidays))
    offsets = [_offset(amount, holidays) for amount in range(1, MOST_HOURS + 1)]
    sample = [(pd.Timestamp(_wall(start)), offsets[amount - 1]) for start, amount in items]
    for (start, amount), (begun, offset) in zip(items, sample, strict=True):
        wanted = due(Span(Unit.WORKING_HOURS, 3600 * amount), start, (), hours)
        assert wanted is not None and begun + offset == _wall(wanted), (begun, amount)

    def do(sample: list[tuple[pd.Timestamp, pd.offsets.CustomBusinessHour]]) -> None:
        for start, offset in sample:
            start + offset

    return Side(lambda: sample, do)


def _offset(amount: int, holidays: Iterable[date]) -> pd.offsets.CustomBusinessHour:
    return pd.offsets.CustomBusinessHour(n=amount, start="09:00", end="17:00", holidays=sorted(holidays))


def _wall(at: int) -> datetime:
    return london(at).astimezone(LONDON).replace(tzinfo=None)


def _bare(hours: WorkingTime, items: list[Item]) -> Side:
    forward = _two_bisections(hours)
    sample = [(start, 3600 * amount) for start, amount in items]
    for start, seconds in sample:
        assert forward(start, seconds) == due(Span(Unit.WORKING_HOURS, seconds), start, (), hours), (start, seconds)

    def do(sample: list[Item]) -> None:
        for start, seconds in sample:
            forward(start, seconds)

    return Side(lambda: sample, do)


def _two_bisections(hours: WorkingTime) -> Callable[[int, int], int]:
    """The least that could do: two lists, for three years around, and no class."""
    opens, before = [], [0]
    for number in range(date(2025, 1, 1).toordinal(), date(2028, 1, 1).toordinal()):
        day = date.fromordinal(number)
        for opening, closing in hours.windows_on(day):
            opens.append(instant(day, opening))
            before.append(before[-1] + 60 * (closing - opening))

    def forward(start: int, seconds: int) -> int:
        i = bisect_right(opens, start) - 1
        goal = min(before[i] + start - opens[i], before[i + 1]) + seconds
        j = bisect_left(before, goal) - 1
        return opens[j] + goal - before[j]

    return forward
