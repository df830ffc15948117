"""Which instants are worth asking about? Closing time, Christmas, Easter, the nights when clocks change. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from mash.rules.calendars import WorkingTime, instant, london_day
from mash.rules.counting import when
from mash.rules.year import easter


@dataclass(frozen=True)
class Choice:
    """An instant to ask about, and what it is called."""

    label: str
    at: int


def worth_asking(now: int, hours: WorkingTime) -> tuple[Choice, ...]:
    """Now, and of all that is hard to count the next time that it comes, in order."""
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
    for label, of_year in _YEARLY.items():
        for one in _first(now, label, map(of_year, (today.year, today.year + 1))):
            yield Choice(f"{one.label} ({london_day(one.at).year})", one.at)


def _first(now: int, label: str, instants: Iterable[int]) -> Iterator[Choice]:
    """The next of them, where there is one."""
    yield from (Choice(label, at) for at in islice((at for at in instants if at > now), 1))


def last_sunday(year: int, month: int) -> date:
    """The day on which clocks change: in March forward, in October back."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


_YEARLY: dict[str, Callable[[int], int]] = {
    "24 December at 16:50": lambda year: instant(date(year, 12, 24), 16 * 60 + 50),
    "The Thursday before Easter at 16:50": lambda year: instant(easter(year) - timedelta(days=3), 16 * 60 + 50),
    "The night when the clocks go forward, 00:30": lambda year: instant(last_sunday(year, 3), 30),
    "The night when the clocks go back, 01:30 the first time": lambda year: instant(last_sunday(year, 10), 90),
    "The night when the clocks go back, 01:30 the second time": lambda year: instant(last_sunday(year, 10), 90) + 3600,
}
"""What comes once a year. Of two equal times in October `instant` gives the first."""
