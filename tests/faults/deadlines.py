"""Are deadlines right? Random timescales on random calendars, by the engine and by a walk: `make faults`.

Each case is written in the words of a rule set, read as a rule set is read, and counted twice: by the engine, and
minute by minute by `tests.rules.walk`, which shares no arithmetic with it.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

from mash.rules import timescales
from mash.rules.calendars import WorkingTime
from mash.rules.clockrules import Timescale
from mash.rules.hours import CalendarRules
from mash.rules.hours import CutOff as CutOffRules
from tests.rules.walk import CALENDAR, ELAPSED, LONDON, Amount, CutOff, Hours, Pauses, Walk, Window, london, wall

UNITS = (
    "clock_hours",
    "working_hours",
    "run_through_hours",
    "working_days_close",
    "working_days_same_time",
    "end_of_same_working_day",
    "working_days_at_time",
    "by_time_next_working_day",
    "calendar_days_same_time",
    "calendar_weeks",
)
WITHOUT_HOURS = {"clock_hours", *CALENDAR}
HOURS = {*ELAPSED, "working_hours"}
MAY_ROLL_START = {"working_days_close", "working_days_at_time", *CALENDAR}
WITH_TIME = {"by_time_next_working_day", "working_days_at_time"}
WITHOUT_NUMBER = {"by_time_next_working_day", "end_of_same_working_day"}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CASES_ON_A_CALENDAR = 10

_CONFIG = Path(__file__).resolve().parents[2] / "config"
_LISTED = yaml.safe_load((_CONFIG / "calendars.yaml").read_text(encoding="utf-8"))["bank_holidays"]["england"]
BANK_HOLIDAYS = frozenset(day for day in _LISTED if isinstance(day, date))
CLOCK_CHANGES = (
    *(date(2026, 3, 29), date(2027, 3, 28), date(2028, 3, 26), date(2029, 3, 25)),
    *(date(2026, 10, 25), date(2027, 10, 31), date(2028, 10, 29), date(2029, 10, 28)),
)
NEAR = (
    *(day for day in CLOCK_CHANGES if day.year < 2029),
    *(date(2026, 12, 25), date(2027, 12, 27), date(2028, 1, 1)),
    *(date(2026, 4, 3), date(2027, 3, 29), date(2028, 4, 14)),
    date(2028, 2, 29),
)
"""Dates near which counting is hard: both clock changes, Christmas and New Year, Easter, the leap day."""


@dataclass(frozen=True)
class Ground:
    """A calendar as plain data, and compiled by the engine; None is a clock without one."""

    hours: Hours | None

    @cached_property
    def walk(self) -> Walk:
        return Walk(self.hours)

    @cached_property
    def engine(self) -> WorkingTime | None:
        if self.hours is None:
            return None
        other = self.hours.working_days
        days = rules_of(other).calendar() if other else None
        return WorkingTime(rules_of(self.hours).calendar(days), self.hours.holidays)

    @cached_property
    def open_minutes_a_week(self) -> int:
        return sum(b - a for windows in self.hours.week for a, b in windows) if self.hours else 0


@dataclass(frozen=True)
class Case:
    """One clock that begins: where it counts, what, from when, and what is said how long before and after."""

    ground: Ground
    amounts: tuple[Amount, ...]
    start: int
    pauses: Pauses
    cut_off: CutOff | None
    warn: int
    escalate: int
    late: int

    @property
    def unit(self) -> str:
        return self.amounts[0].unit


class Answer(NamedTuple):
    """When it is due, warned of and, breached so many minutes later, escalated."""

    due: int
    warned: int
    escalated: int


# -- two ways to count ------------------------------------------------------------------------------------------------


def by_walking(case: Case) -> Answer:
    walk = case.ground.walk
    start = walk.counted_from(case.start, case.cut_off) if case.cut_off else case.start
    due, amount = walk.earlier_of(case.amounts, start, case.pauses)
    warned, breached = walk.warned(amount, due, case.warn), due + 60 * case.late
    return Answer(due, warned, walk.escalated(amount, breached, case.escalate))


def by_the_engine(case: Case) -> Answer:
    hours, start = case.ground.engine, case.start
    if case.cut_off and hours:
        start = CutOffRules.model_validate(cut_off_text(case.cut_off)).counted_from(start, hours)
    scale = Timescale.model_validate(timescale_text(case))
    found = timescales.earliest(scale.spans, start, case.pauses, hours)
    assert found is not None
    due, span = found
    warned = timescales.warn_at(span, due, scale.warn[0].seconds, hours)
    escalated = timescales.escalate_at(span, due + 60 * case.late, scale.escalate[0].seconds, hours)
    return Answer(due, warned, escalated)


# -- in the words of a rule set ---------------------------------------------------------------------------------------


def timescale_text(case: Case) -> dict[str, str]:
    keys = dict(zip(("due", "no_later_than"), map(amount_text, case.amounts), strict=False))
    return {**keys, "warn": f"{case.warn} min", "escalate": f"{case.escalate} min"}


def amount_text(amount: Amount) -> str:
    unit, number = amount.unit, str(amount.number)
    if unit in HOURS:
        number = f"{amount.number / 60:g}"
    words = [unit] if unit in WITHOUT_NUMBER else [number, unit]
    words += [time_text(amount.at)] if unit in WITH_TIME else []
    return " ".join([*words, *["rolled_to_opening"] * amount.rolled, *([amount.roll] if amount.roll else [])])


def time_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def windows_text(windows: tuple[Window, ...]) -> str:
    return ", ".join(f"{time_text(a)}-{time_text(b)}" for a, b in windows) or "closed"


def calendar_text(hours: Hours) -> dict[str, Any]:
    text: dict[str, Any] = dict(zip(WEEKDAYS, map(windows_text, hours.week), strict=True))
    text["bank_holidays"] = "open" if hours.open_on_holidays else "closed"
    text["dates"] = {str(day): windows_text(windows) for day, windows in hours.dates.items() if windows}
    text["closed_on"] = [str(day) for day, windows in hours.dates.items() if not windows]
    return text


def cut_off_text(cut_off: CutOff) -> dict[str, Any]:
    if cut_off.before_closing is not None:
        return {"clocks": "any", "before_closing": f"{cut_off.before_closing} min"}
    return {"clocks": "any", "at": {WEEKDAYS[day]: time_text(minute) for day, minute in cut_off.at.items()}}


def rules_of(hours: Hours) -> CalendarRules:
    return CalendarRules.model_validate(calendar_text(hours))


def described(case: Case) -> str:
    """The case as one would write it down, with London times."""
    hours = case.ground.hours
    lines = {
        "calendar": calendar_text(hours) if hours else "none",
        "working days": calendar_text(hours.working_days) if hours and hours.working_days else "its own",
        "bank holidays": ", ".join(["England's", *map(str, sorted(hours.holidays - BANK_HOLIDAYS))]) if hours else "",
        "timescale": timescale_text(case),
        "cut-off": cut_off_text(case.cut_off) if case.cut_off else "none",
        "start": instant_text(case.start),
        "pauses": "; ".join(f"{instant_text(a)} to {instant_text(b)}" for a, b in case.pauses) or "none",
        "breached": f"{case.late} minutes after it was due",
    }
    return "\n".join(f"  {key}: {value}" for key, value in lines.items())


def instant_text(at: int) -> str:
    return f"{london(at):%a %Y-%m-%d %H:%M:%S %Z}"


def difference(case: Case) -> str | None:
    """Where the engine and the walk disagree: the case in full and both answers."""
    engine, walk = by_the_engine(case), by_walking(case)
    if engine == walk:
        return None
    pairs = zip(Answer._fields, map(instant_text, engine), map(instant_text, walk), strict=True)
    answers = "\n".join(f"  {name}: engine {by_it}, walk {on_foot}" for name, by_it, on_foot in pairs)
    return f"{described(case)}\n{answers}"


# -- random cases -----------------------------------------------------------------------------------------------------

DAY_HOURS = ((540, 1020),)
OFFICE = (*[DAY_HOURS] * 5, (), ())
WEEKS = (
    OFFICE,
    (*[((540, 1035),)] * 4, DAY_HOURS, (), ()),
    (*[((540, 720), (780, 1020))] * 5, (), ()),
    (*[((480, 1080),)] * 5, ((480, 960),), ((480, 960),)),
    (((0, 1440),),) * 7,
    (((0, 135), (1320, 1440)),) * 7,
    (((0, 540), (1020, 1440)),) * 5 + (((0, 1440),),) * 2,
    ((), (), ((600, 615),), (), (), (), ()),
    (((540, 720), (720, 1020)), (), ((450, 1200),), (), ((0, 60), (900, 1440)), ((0, 240),), ()),
)
"""Office hours, a short Friday, a lunch break, seven days, always, nights, out of hours, one window a week, uneven."""


def cases(seed: int, number: int) -> Iterator[Case]:
    """So many cases, the units in turn; the same for the same seed."""
    dice, ground = Random(seed), Ground(None)
    for n in range(number):
        if n % CASES_ON_A_CALENDAR == 0:
            ground = Ground(_hours(dice))
        yield _case(dice, UNITS[n % len(UNITS)], ground)


def _case(dice: Random, unit: str, ground: Ground) -> Case:
    if unit in WITHOUT_HOURS and dice.random() < 0.1:
        ground = Ground(None)
    amounts = [_amount(dice, unit, ground)]
    if dice.random() < 0.25:
        others = sorted(WITHOUT_HOURS) if ground.hours is None else UNITS
        amounts.append(_amount(dice, dice.choice(others), ground))
    cut_off = _cut_off(dice) if ground.hours and dice.random() < 0.3 else None
    start = _start(dice, ground.hours, _times_of_day(amounts[0], cut_off))
    longest = min(360, 2 * ground.open_minutes_a_week or 360)
    return Case(
        ground,
        tuple(amounts),
        start,
        _pauses(dice, start, ground.walk.due(amounts[0], start)),
        cut_off,
        warn=dice.randint(1, longest),
        escalate=dice.randint(1, longest),
        late=dice.choice((0, 0, dice.randint(1, 3000))),
    )


def _amount(dice: Random, unit: str, ground: Ground) -> Amount:
    rolled = unit in MAY_ROLL_START and ground.hours is not None and dice.random() < 0.4
    roll = dice.choice((None, None, "roll_forward", "roll_back")) if ground.hours is not None else None
    at = dice.choice((dice.randint(0, 1440), 30 * dice.randint(0, 48))) if unit in WITH_TIME else 0
    return Amount(unit, _number(dice, unit, ground.open_minutes_a_week), rolled, roll, at)


def _number(dice: Random, unit: str, a_week: int) -> int:
    if unit in HOURS:
        most = min(2400, 3 * a_week) if unit == "working_hours" else 6000
        return 3 * dice.randint(1, most // 3) if dice.random() < 0.5 else min(60 * dice.randint(1, 12), most)
    if unit in WITHOUT_NUMBER:
        return 0
    return dice.choice((1, 1, 2, 3, 5, dice.randint(1, 12), 15 if unit == "calendar_weeks" else 45))


def _times_of_day(amount: Amount, cut_off: CutOff | None) -> list[int]:
    """Those at which the clock's own rules turn."""
    by_time = [amount.at] if amount.unit in WITH_TIME else []
    return by_time + sorted(cut_off.at.values() if cut_off else ())


def _start(dice: Random, hours: Hours | None, turns: list[int]) -> int:
    """Often near a date that matters, and to the minute when something opens, closes or turns."""
    if dice.random() < 0.05:
        return wall(dice.choice(CLOCK_CHANGES[:3] + CLOCK_CHANGES[4:7]), 0) + 60 * dice.randint(0, 240)
    if dice.random() < 0.7:
        day = dice.choice(NEAR) + timedelta(days=dice.randint(-6, 2))
    else:
        day = date(2026, 1, 5) + timedelta(days=dice.randrange(1000))
    edges = [edge for window in (hours.windows(day) if hours else ()) for edge in window]
    if (moments := turns or edges) and dice.random() < 0.4:
        return wall(day, dice.choice(moments)) + 60 * dice.choice((-1, 0, 0, 1))
    second = dice.choice((0, 0, 0, 0, dice.randint(1, 59)))
    return wall(day, 0) + 60 * dice.randint(0, 1499) + second


def _pauses(dice: Random, start: int, due: int) -> Pauses:
    """None, one or some, each after the one before; the first now and then at the very instant when it is due."""
    pauses: list[tuple[int, int]] = []
    after = -(-start // 60) * 60
    while dice.random() < 0.3:
        begun = after + 60 * dice.choice((0, dice.randint(0, 600), dice.randint(0, 4000)))
        if not pauses and dice.random() < 0.3 and due % 60 == 0:
            begun = max(after, due)
        after = begun + 60 * dice.choice((dice.randint(0, 600), dice.randint(0, 7200)))
        pauses.append((begun, after))
    return pauses


def _cut_off(dice: Random) -> CutOff:
    if dice.random() < 0.5:
        return CutOff({}, dice.choice((15, 30, 60, 95)))
    days = range(7) if dice.random() < 0.5 else sorted(dice.sample(range(7), 3))
    return CutOff({day: dice.choice((720, 900, 960, 990, 1000)) for day in days})


def _hours(dice: Random) -> Hours:
    week = dice.choice(WEEKS) if dice.random() < 0.5 else tuple(_random_week(dice))
    holidays = BANK_HOLIDAYS | {dice.choice(NEAR) + timedelta(days=dice.randint(-3, 9)) for _ in range(3)}
    other = Hours(OFFICE, _dates(dice), holidays) if dice.random() < 0.3 and any(week[:5]) else None
    return Hours(week, _dates(dice), holidays, open_on_holidays=dice.random() < 0.3, working_days=other)


def _random_week(dice: Random) -> Iterator[tuple[Window, ...]]:
    open_day = dice.randrange(5)
    for day in range(7):
        yield _random_windows(dice) if day == open_day or dice.random() < 0.7 else ()


def _random_windows(dice: Random) -> tuple[Window, ...]:
    grid = dice.choice((1, 5, 15, 30))
    edges = sorted(dice.sample(range(0, 1441, grid), 2 * dice.choice((1, 1, 2, 3))))
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _dates(dice: Random) -> dict[date, tuple[Window, ...]]:
    """Some dates with hours of their own, some closed, often near those that matter anyway."""
    dates: dict[date, tuple[Window, ...]] = {}
    for _ in range(dice.randint(0, 8)):
        first = dice.choice(NEAR) + timedelta(days=dice.randint(-5, 7))
        windows = _random_windows(dice) if dice.random() < 0.5 else ()
        dates |= {first + timedelta(days=n): windows for n in range(dice.choice((1, 1, 2, 5)))}
    return dates


# -- the long run -----------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=datetime.now(LONDON).toordinal())
    chosen = parser.parse_args()
    counts, differences, started = Counter[str](), 0, time.monotonic()
    for number, case in enumerate(cases(chosen.seed, chosen.cases)):
        counts[case.unit] += 1
        if found := difference(case):
            differences += 1
            sys.stdout.write(f"case {number} of seed {chosen.seed}:\n{found}\n")
    for unit, number in counts.items():
        sys.stdout.write(f"{unit}: {number}\n")
    seconds = time.monotonic() - started
    sys.stdout.write(f"{chosen.cases} cases, seed {chosen.seed}, {seconds:.0f} s, {differences} differences\n")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
