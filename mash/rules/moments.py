"""Which instants are worth asking about? Closing time, Christmas, Easter, the nights when clocks change. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from mash.rules.calendars import WorkingTime, instant, london_day
from mash.rules.counting import when


@dataclass(frozen=True)
class Choice:
    """An instant to ask about, and what it is called."""

    label: str
    at: int


def worth_asking(now: int, hours: WorkingTime) -> tuple[Choice, ...]:
    """Now and what is hard to count in the coming year, in order of time."""
    rest = sorted((one for one in _coming(now, hours) if one.at > now), key=lambda one: one.at)
    return (Choice("Now", now), *rest)


def _coming(now: int, hours: WorkingTime) -> Iterator[Choice]:
    today = london_day(now)
    days = [today + timedelta(days=number) for number in range(60)]
    yield from _first(now, "Tonight at 23:00", (instant(day, 23 * 60) for day in days))
    closings = (hours.last_closing(day) for day in days if day.weekday() == 4 and hours.is_working_day(day))
    for one in _first(now, "Friday at closing", closings):
        yield Choice(f"{one.label}, {when(one.at)[-5:]}", one.at)
    yield from _first(now, "Saturday at noon", (instant(day, 12 * 60) for day in days if day.weekday() == 5))
    for year in (today.year, today.year + 1):
        yield from _of_year(year, today)


def _first(now: int, label: str, instants: Iterable[int]) -> Iterator[Choice]:
    """The next of them, where there is one."""
    yield from (Choice(label, at) for at in islice((at for at in instants if at > now), 1))


def _of_year(year: int, today: date) -> Iterator[Choice]:
    """What comes once a year, where it comes within a year of today."""
    forward, back = last_sunday(year, 3), last_sunday(year, 10)
    after = instant(back, 60)  # of two equal times the first: 01:00 in summer time
    found = (
        (date(year, 12, 24), "24 December at 16:50", instant(date(year, 12, 24), 16 * 60 + 50)),
        (easter(year), "The Thursday before Easter at 16:50", instant(easter(year) - timedelta(days=3), 16 * 60 + 50)),
        (forward, "The night when the clocks go forward, 00:30", instant(forward, 30)),
        (back, "The night when the clocks go back, 01:30 the first time", after + 1800),
        (back, "The night when the clocks go back, 01:30 the second time", after + 3600 + 1800),
    )
    for day, label, at in found:
        if today <= day <= today + timedelta(days=366):
            yield Choice(f"{label} ({year})", at)


def easter(year: int) -> date:
    """Easter Sunday. Source: the anonymous Gregorian computus, as published in Nature, 20 April 1876."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    ell = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * ell) // 451
    month, day = divmod(h + ell - 7 * m + 114, 31)
    return date(year, month, day + 1)


def last_sunday(year: int, month: int) -> date:
    """The day on which clocks change: in March forward, in October back."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
