"""How many contacts of a source usually come, hour by hour? From its own past; pure: knows no table and no page.

Hours are whole hours since 1970 in UTC, instants are seconds since then. Which weekday and which hour of the day it is
is asked in London.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import accumulate
from math import ceil

from mash.rules.calendars import instant, london

HOUR = 3_600
PAST, RECENT = 84, 28
"""Days from which is learnt: twelve weeks, and the last four of them."""
HORIZON = 28
"""Days over which a silence is looked at: what comes so seldom that it needs longer says nothing by not coming."""

SUNDAY = 6
Kind = Callable[[date], int]
"""Of which kind a day is: its weekday, 0 to 6; a day off counts as a Sunday."""
STEADY = 10
"""So many contacts count as having come as promised: else the last four weeks of a small source would sway it."""


@dataclass(frozen=True)
class Usual:
    """What is usual of one source on a day, learnt from the days before it.

    `means` holds how many contacts come on a kind of day in an hour of it. `learnt` is how many contacts that rests on,
    `unevenness` how much its days differ beyond chance: the square of the coefficient of variation of a day's mean.
    """

    kind: Kind
    day: date
    days: int
    learnt: int
    means: Sequence[Sequence[float]]
    unevenness: float

    @property
    def is_known(self) -> bool:
        """Whether the past is long enough to tell."""
        return self.days >= RECENT

    @cached_property
    def a_month(self) -> float:
        """How many are usual in four ordinary weeks."""
        return 4 * sum(map(sum, self.means))

    @property
    def begins(self) -> int:
        """The earliest instant of which `between` and `reached` know: four weeks before the day."""
        return self._first * HOUR

    def between(self, since: int, until: int) -> float:
        """How many are usual from one instant to another, at most four weeks after the day."""
        return self._until(until) - self._until(since)

    def reached(self, since: int, number: float) -> int | None:
        """The instant by which so many are usual since another; None where it is more than four weeks after the day."""
        total = self._until(since) + number
        hour = bisect_left(self._sums, total)
        if hour == len(self._sums):
            return None
        part = (total - self._sums[hour - 1]) / (self._sums[hour] - self._sums[hour - 1]) if hour else 1.0
        return self.begins + ceil((hour - 1 + part) * HOUR)

    @cached_property
    def _first(self) -> int:
        return instant(self.day, 0) // HOUR - HORIZON * 24

    @cached_property
    def _sums(self) -> list[float]:
        hours = (london_hour(self._first + n) for n in range((2 * HORIZON + 1) * 24))
        return list(accumulate((self.means[self.kind(day)][hour] for day, hour in hours), initial=0.0))

    def _until(self, at: int) -> float:
        hour, seconds = divmod(min(max(at - self.begins, 0), (len(self._sums) - 2) * HOUR), HOUR)
        return self._sums[hour] + (self._sums[hour + 1] - self._sums[hour]) * seconds / HOUR


def learn(counts: Mapping[int, int], kind: Kind, day: date, begun: date) -> Usual:
    """What was usual before `day`: from the contacts of each hour, in the twelve weeks before, as far as `begun`.

    Where the last four weeks brought fewer than the twelve promise, so much less is usual: a flow that shrinks is not
    silence.
    """
    days = [day - timedelta(days=n) for n in range(PAST, 0, -1) if day - timedelta(days=n) >= begun]
    by_day = {one: [0] * 24 for one in days}
    for hour, came in counts.items():
        on, at = london_hour(hour)
        if on in by_day:
            by_day[on][at] += came
    means = _means(by_day, kind)
    recent = days[-RECENT:]
    came, promised = sum(sum(by_day[one]) for one in recent), sum(sum(means[kind(one)]) for one in recent)
    level = min(1.0, (came + STEADY) / (promised + STEADY))
    learnt, scaled = sum(map(sum, by_day.values())), [[mean * level for mean in hours] for hours in means]
    return Usual(kind, day, len(days), learnt, scaled, _unevenness(by_day, kind))


def _means(by_day: Mapping[date, Sequence[int]], kind: Kind) -> list[list[float]]:
    """By kind of day and hour; nothing on a kind of day that was not there yet."""
    sums, number = [[0] * 24 for _ in range(7)], [0] * 7
    for day, hours in by_day.items():
        number[kind(day)] += 1
        for hour, came in enumerate(hours):
            sums[kind(day)][hour] += came
    return [[one / max(n, 1) for one in row] for row, n in zip(sums, number, strict=True)]


def _unevenness(by_day: Mapping[date, Sequence[int]], kind: Kind) -> float:
    """By moments: how far the counts of like days scatter beyond what chance does to an even flow."""
    beyond = squares = 0.0
    for k in range(7):
        counts = [sum(hours) for day, hours in by_day.items() if kind(day) == k]
        if len(counts) > 1:
            mean = sum(counts) / len(counts)
            beyond += sum((n - mean) ** 2 for n in counts) * len(counts) / (len(counts) - 1) - mean * len(counts)
            squares += mean**2 * len(counts)
    return max(0.0, beyond / squares) if squares else 0.0


@cache
def london_hour(hour: int) -> tuple[date, int]:
    """The London date and hour of the day of an hour."""
    there = london(hour * HOUR)
    return there.date(), there.hour
