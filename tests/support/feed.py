"""A year of contacts from five kinds of source in two boroughs, as a seed draws it: when each was recorded, no more.

Invented, after the shape of real ones: police day and night, schools in term time, a hospital that never closes, the
public, a housing service that writes once a day. Each flow has hours of its own, grows or shrinks over the year, has
good and bad days beyond chance, and brothers and sisters reported minutes apart. Knows nothing of what is tested.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp
from pathlib import Path
from random import Random

import yaml

from mash.clock import LONDON
from mash.vocabulary import Source

CONFIG = Path(__file__).resolve().parents[2] / "config"
_LISTED = yaml.safe_load((CONFIG / "calendars.yaml").read_text(encoding="utf-8"))["bank_holidays"]["england"]
LATE_HOLIDAY, ANNOUNCED = date(2026, 9, 21), date(2026, 9, 17)
"""A Monday that becomes a bank holiday four days before."""
HOLIDAYS = frozenset({LATE_HOLIDAY, *(day for day in _LISTED if isinstance(day, date))})
BEGINS, YEAR, ENDS = date(2025, 10, 9), date(2026, 1, 1), date(2027, 1, 1)
"""Twelve weeks of past, then the year."""
NO_SCHOOL = (
    (date(2025, 10, 27), date(2025, 10, 31)),
    (date(2025, 12, 22), date(2026, 1, 2)),
    (date(2026, 2, 16), date(2026, 2, 20)),
    (date(2026, 3, 30), date(2026, 4, 10)),
    (date(2026, 5, 25), date(2026, 5, 29)),
    (date(2026, 7, 22), date(2026, 8, 31)),
    (date(2026, 10, 26), date(2026, 10, 30)),
    (date(2026, 12, 21), date(2026, 12, 31)),
)
UNEVEN, TOGETHER = 0.2, 0.08
"""How far the mean of a day strays (coefficient of variation), and how often a contact brings a second one along."""


@dataclass(frozen=True)
class Feed:
    """One source: contacts on a working day and on a day off, by hour, and how that changes over the year."""

    borough: str
    name: str
    source: Source
    working_day: float
    day_off: float
    hours: tuple[float, ...]
    growth: float = 0.0
    at_christmas: float = 1.0
    in_school_holidays: float = 1.0

    @property
    def title(self) -> str:
        return f"{self.borough} {self.name}"

    def mean(self, day: date) -> float:
        """How many contacts a day brings, good and bad days apart."""
        off = day.weekday() >= 5 or day in HOLIDAYS
        mean = (self.day_off if off else self.working_day) * (1 + self.growth * (day - YEAR).days / 365)
        christmas = (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 3)
        school = self.in_school_holidays if any(first <= day <= last for first, last in NO_SCHOOL) else 1.0
        return mean * school * (self.at_christmas if christmas else 1.0)

    def drawn(self, seed: int) -> list[int]:
        """When each contact was recorded, in seconds, in order."""
        return sorted(self._draw(Random(f"{seed} {self.title}")))

    def _draw(self, dice: Random) -> Iterator[int]:
        whole, day = sum(self.hours), BEGINS
        while day < ENDS:
            good = dice.gammavariate(UNEVEN**-2, UNEVEN**2) / (1 + TOGETHER)
            midnight = at(day, 0)
            for hour, share in enumerate(self.hours):
                for _ in range(poisson(dice, self.mean(day) * good * share / whole)):
                    second = midnight + hour * 3600 + dice.randrange(3600)
                    yield second
                    if dice.random() < TOGETHER:
                        yield second + dice.randrange(600)
            day += timedelta(days=1)


_POLICE = (0.3,) * 7 + (1, 2, 6, 5, 4, 3, 3, 3, 3, 3, 2, 1, 1, 1, 1, 1, 0.5)
_SCHOOL = (0,) * 8 + (1, 2, 2, 2, 2, 2, 3, 4, 2) + (0,) * 7
_HOSPITAL = (0.4,) * 7 + (0.6, 1, 2, 2, 2, 1.5, 1.5, 1.5, 1.5, 1.5, 1, 1, 1, 0.8, 0.6, 0.5, 0.5)
_PUBLIC = (0.05,) * 8 + (1, 2, 2, 2, 1.5, 1.5, 2, 2, 2, 0.8, 0.5, 0.5, 0.3, 0.3, 0.2, 0.1)
_OFFICE = (0,) * 9 + (1, 1, 1, 0.8, 0.8, 1, 1, 1) + (0,) * 7


def _of_borough(borough: str, size: float, growth: float) -> Iterator[Feed]:
    yield Feed(borough, "police", Source.POLICE, 44 * size, 20 * size, _POLICE, growth, 0.8)
    yield Feed(borough, "schools", Source.SCHOOLS, 28 * size, 0.4 * size, _SCHOOL, -growth / 2, 1.0, 0.03)
    yield Feed(borough, "hospital", Source.EMERGENCY_DEPARTMENT, 24 * size, 18 * size, _HOSPITAL, growth / 2, 0.9)
    yield Feed(borough, "public", Source.ACQUAINTANCE, 14 * size, 5 * size, _PUBLIC, 0.0, 0.7)
    yield Feed(borough, "housing", Source.HOUSING, 2 * size, 0.05 * size, _OFFICE, 0.0, 0.3)


FEEDS = (*_of_borough("north", 1.0, 0.2), *_of_borough("east", 0.5, -0.3))
"""About 33,000 contacts a year in the north and 14,000 in the east."""


def at(day: date, hour: int, minute: int = 0) -> int:
    """The instant of a London time of day, in seconds."""
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON).timestamp())


def poisson(dice: Random, mean: float) -> int:
    """A number drawn for a mean that is small."""
    limit, product, number = exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        number += 1
    return number
