"""Is a source that stops found, and is none called quiet that goes on? A year of contacts with six stoppages planted.

`python -m tests.faults.silence --seed 1 --seeds 20`: the judging of the product over `tests.support.feed`, looked at
whenever the bell rings. Besides the stoppages there are two traps: a half-term, and a bank holiday announced four days
before; and what every year has, Easter, Christmas and a long summer. The rules of the north know when schools are
closed, those of the east do not.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from statistics import median

from mash.clock import LONDON
from mash.silence.days import kind_of_days
from mash.silence.flows import Flow
from mash.silence.usual import HOUR, PAST, Kind, Usual, learn, london_hour
from mash.silence.watch import EVERY_SECONDS
from tests.support import feed
from tests.support.feed import Feed, at
from tests.support.hub import northbridge_with

HOURS = northbridge_with().working_times(frozenset())["hub"]
"""The working hours in which it is counted how long it took."""


@dataclass(frozen=True)
class Stoppage:
    """A time in which of one source's contacts only so many come through."""

    what: str
    title: str
    begins: int
    ends: int
    through: float = 0.0

    def spare(self, arrivals: Sequence[int], dice: Random) -> list[int]:
        """The contacts that come nevertheless."""
        return [one for one in arrivals if not self.begins <= one < self.ends or dice.random() < self.through]


@dataclass(frozen=True)
class Alarm:
    """A source that was called quiet, and until when."""

    title: str
    raised_at: int
    ended_at: int


def stoppages(seed: int) -> tuple[Stoppage, ...]:
    """One of each kind, in a week and at an hour that the seed draws."""
    dice = Random(f"{seed} stoppages")

    def planted(what: str, title: str, first: date, hour: int, days: int, through: float = 0.0) -> Stoppage:
        begins = at(first, hour, dice.randrange(60) if hour else 0)
        return Stoppage(what, title, begins, begins + days * 24 * HOUR, through)

    def some(first: date, weeks: int, weekdays: Sequence[int]) -> date:
        return first + timedelta(days=7 * dice.randrange(weeks) + dice.choice(weekdays))

    spring, summer, autumn = date(2026, 1, 26), date(2026, 6, 1), date(2026, 9, 28)
    return (
        planted("stops in the day", "north police", some(spring, 8, range(4)), dice.randrange(10, 15), 3),
        planted("loses 87 of 100", "north police", some(summer, 6, range(5)), dice.randrange(9, 17), 10, 0.13),
        planted("stops for the weekend", "east police", some(autumn, 6, [4]), 18, 4),
        planted("one a day stops", "east housing", some(autumn, 3, range(5)), dice.randrange(9, 17), 42),
        planted("stops at night", "north hospital", some(date(2026, 4, 13), 5, range(1, 4)), 1, 3),
        planted("stops after a bank holiday", "north schools", date(2026, 5, 5), 0, 3),
    )


def kind_of(one: Feed) -> Kind:
    """Days off as the product sees them."""
    closed = [f"{first} to {last}" for first, last in feed.NO_SCHOOL] if one.borough == "north" else []
    rules = northbridge_with(calendars__education__closed_on=", ".join(closed) or None)
    return kind_of_days(rules, "hub", {feed.LATE_HOLIDAY}, one.source)


class Watched:
    """One source through the year: looked at after each contact, and when it would be called quiet before the next."""

    def __init__(self, one: Feed, arrivals: Sequence[int]) -> None:
        self.feed, self.arrivals, self.kind = one, arrivals, kind_of(one)
        self.counts = Counter(arrival // HOUR for arrival in arrivals)
        self.usual: Usual | None = None

    def alarms(self) -> Iterator[Alarm]:
        """Every time it was called quiet."""
        begins, flow = at(feed.YEAR, 0), None
        for number, arrival in enumerate(self.arrivals):
            if arrival < begins:
                continue
            flow = self._flow(number, flow)
            if flow.is_back(arrival):
                assert flow.raised_at
                yield Alarm(self.feed.title, flow.raised_at, arrival)
                flow = replace(flow, raised_at=None, ended_at=arrival)
            coming = self.arrivals[number + 1] if number + 1 < len(self.arrivals) else at(feed.ENDS, 0)
            shows_at = None if flow.raised_at else flow.judged(arrival).shows_at
            if shows_at is not None and (rings_at := rung(max(shows_at, arrival))) < coming:
                assert flow.begins_to_be_quiet(rings_at)
                flow = replace(flow, raised_at=rings_at)
        if flow and flow.raised_at:
            yield Alarm(self.feed.title, flow.raised_at, at(feed.ENDS, 0))

    def _flow(self, number: int, before: Flow | None) -> Flow:
        hour = self.arrivals[number] // HOUR
        day = london_hour(hour)[0]
        if self.usual is None or self.usual.day != day:
            past = range(hour - (PAST + 1) * 24, hour)
            self.usual = learn({h: self.counts[h] for h in past if h in self.counts}, self.kind, day, feed.BEGINS)
        arrivals = tuple(self.arrivals[max(0, number - 12) : number + 1][::-1])
        if before is None:
            return Flow(self.feed.source, self.usual, arrivals)
        return replace(before, usual=self.usual, arrivals=arrivals)


def rung(at: int) -> int:
    """When the bell rings next."""
    return -(-at // EVERY_SECONDS) * EVERY_SECONDS


@dataclass(frozen=True)
class Found:
    """A stoppage with the alarm that told of it, and how many contacts had been lost by then."""

    stoppage: Stoppage
    alarm: Alarm | None
    lost: int

    @property
    def working_hours(self) -> float:
        """How many working hours had gone by."""
        assert self.alarm
        raised_at = max(self.alarm.raised_at, self.stoppage.begins)
        return HOURS.open_between(self.stoppage.begins, raised_at) / HOUR

    @property
    def sentence(self) -> str:
        told = f"{self.stoppage.what} ({self.stoppage.title}), {shown(self.stoppage.begins)}: "
        if self.alarm is None:
            return told + "NOT FOUND"
        by_clock = max(0, self.alarm.raised_at - self.stoppage.begins) / HOUR
        return told + f"{self.working_hours:.1f} working hours, {by_clock:.1f} by the clock, {self.lost} contacts lost"


@dataclass(frozen=True)
class Year:
    """What one seed came to: each stoppage, and alarms where nothing had stopped."""

    seed: int
    found: tuple[Found, ...]
    false: tuple[Alarm, ...]

    @property
    def false_by_month(self) -> Counter[tuple[str, int]]:
        return Counter((one.title, datetime.fromtimestamp(one.raised_at, LONDON).month) for one in self.false)


def year(seed: int, feeds: Sequence[Feed] = feed.FEEDS) -> Year:
    """Draw it, stop what is to be stopped, and watch."""
    planted, alarms, lost = stoppages(seed), [], {}
    for one in feeds:
        arrivals = one.drawn(seed)
        for stoppage in planted:
            if stoppage.title == one.title:
                left = stoppage.spare(arrivals, Random(f"{seed} {stoppage.what}"))
                lost[stoppage] = sorted(set(arrivals) - set(left))
                arrivals = left
        alarms += list(Watched(one, arrivals).alarms())
    found = []
    for stoppage in lost:
        told = [one for one in alarms if _tells_of(one, stoppage)]
        by_then = sum(one < told[0].raised_at for one in lost[stoppage]) if told else len(lost[stoppage])
        found.append(Found(stoppage, told[0] if told else None, by_then))
    false = [one for one in alarms if not any(s.begins <= one.raised_at < s.ends for s in lost if s.title == one.title)]
    return Year(seed, tuple(found), tuple(false))


def _tells_of(alarm: Alarm, stoppage: Stoppage) -> bool:
    """Also one that was raised before and had not ended."""
    return alarm.title == stoppage.title and alarm.raised_at < stoppage.ends and alarm.ended_at > stoppage.begins


def shown(at: int) -> str:
    return f"{datetime.fromtimestamp(at, LONDON):%a %-d %b %H:%M}"


def report(years: Sequence[Year]) -> Iterator[str]:
    """Each stoppage over all seeds, false alarms by source and by month."""
    if len(years) == 1:
        yield from (one.sentence for one in years[0].found)
    else:
        for kind in zip(*(one.found for one in years), strict=True):
            hours = [one.working_hours for one in kind if one.alarm]
            lost = [one.lost for one in kind if one.alarm]
            within = sum(one <= 4 for one in hours)
            yield (
                f"{kind[0].stoppage.what} ({kind[0].stoppage.title}): found {len(hours)} of {len(kind)}, within 4 "
                f"working hours {within}; median {median(hours):.1f}, worst {max(hours):.1f}; "
                f"contacts lost by then: median {median(lost):.0f}, worst {max(lost)}"
            )
    for title in sorted({one.title for one in feed.FEEDS}):
        of_year = [sum(alarm.title == title for alarm in one.false) for one in years]
        yield f"false alarms, {title}: {sum(of_year) / len(years):.2f} a year, at most {max(of_year)}"
    months = Counter(month for one in years for _, month in one.false_by_month.elements())
    yield "false alarms by month: " + ", ".join(f"{date(2026, m, 1):%b} {months[m]}" for m in range(1, 13))
    by_month = Counter(number for one in years for number in one.false_by_month.values())
    whole = len(years) * len(feed.FEEDS) * 12
    more = sum(count for number, count in by_month.items() if number > 1)
    yield f"of {whole} months of a source, {by_month[1]} had one false alarm and {more} more than one"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5, help="how many years, from this seed on")
    chosen = parser.parse_args()
    started = time.monotonic()
    years = [year(chosen.seed + n) for n in range(chosen.seeds)]
    sys.stdout.write("".join(f"{line}\n" for line in report(years)))
    missed = [f"seed {one.seed}: {found.sentence}" for one in years for found in one.found if found.alarm is None]
    sys.stdout.write("".join(f"{line}\n" for line in missed))
    sys.stdout.write(f"seed {chosen.seed}, {chosen.seeds} years, {time.monotonic() - started:.0f} s\n")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
