"""When would a contact that arrives at some instant be due? A rule set and an instant in, clocks by colours out. Pure.

Takes any rule set: one in force, one that is coming, one that somebody only proposes. What is shown of a colour holds
for a contact of which that colour is suggested and given, and to which everything happens at that one instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mash.rules import counting, plainly
from mash.rules.clockrules import LEVELS, OF_AGENCY, ClockRules, Moment, Timescale
from mash.rules.counting import Question
from mash.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Would:
    """One cell. `due_at` is None where there is no target; `because` is the timescale in words."""

    due_at: int | None
    because: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class WouldBe:
    """One clock. `which` names the agency or the level that it is for, `starts` what starts it, but for receipt.

    `cells` has one for each colour of the table, None where the clock has no deadline as long as that is all that is
    known.
    """

    clock: str
    label: str
    which: str
    starts: str
    only: str
    cells: tuple[Would | None, ...]

    @property
    def is_same_for_all(self) -> bool:
        """Whether no colour makes a difference."""
        return all(cell == self.cells[0] for cell in self.cells)


@dataclass(frozen=True)
class WhatIf:
    """The table for an instant. `colours` are codes, the highest first; the last is None: nothing is known."""

    rules: RuleSet
    at: int
    colours: tuple[str | None, ...]
    clocks: tuple[WouldBe, ...]

    @property
    def from_receipt(self) -> tuple[WouldBe, ...]:
        """Clocks that receipt starts."""
        return tuple(one for one in self.clocks if not one.starts)

    @property
    def from_later(self) -> tuple[WouldBe, ...]:
        """Clocks that something else starts: counted as if that happened at the same instant."""
        return tuple(one for one in self.clocks if one.starts)


def what_if(rules: RuleSet, at: int, late: frozenset[date] = frozenset()) -> WhatIf:
    """What would be due, with bank holidays announced since the rules were loaded."""
    colours = (*reversed(rules.colours), None)
    clocks = (line for code, clock in rules.clocks.items() for line in _lines(rules, code, clock, at, late, colours))
    return WhatIf(rules, at, colours, tuple(clocks))


def how_long(seconds: int) -> str:
    """`2 days 3 hours`, `45 minutes`: the first two parts that there are."""
    parts = []
    for size, one, many in ((86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    return " ".join(parts[:2]) or "less than a minute"


def _lines(
    rules: RuleSet, code: str, clock: ClockRules, at: int, late: frozenset[date], colours: tuple[str | None, ...]
) -> Iterator[WouldBe]:
    for agencies, level in _kinds(rules, clock):
        agency = agencies[0]
        scales = [_scale(rules, clock, colour, level, agency) for colour in colours]
        yield WouldBe(
            clock=code,
            label=clock.label,
            which=", ".join(rules.agencies[one].label for one in agencies if one)
            or (f"Level {level}" if level else ""),
            starts="" if clock.counts_from_receipt else plainly.starts(rules, clock),
            only=plainly.only_for(rules, code, clock),
            cells=tuple(
                _cell(Question(rules, code, agency, colour, late), scale, at)
                for colour, scale in zip(colours, scales, strict=True)
            ),
        )


def _kinds(rules: RuleSet, clock: ClockRules) -> list[tuple[tuple[str, ...], int | None]]:
    """The agencies that are alike to the clock, or the levels, for which it differs; else it is one line."""
    if clock.by_level is not None and any(rules.level_of(colour) is None for colour in rules.colours):
        return [(("",), int(level)) for level in LEVELS if level in clock.by_level]
    if not (clock.of_agencies or clock.calendar == OF_AGENCY):
        return [(("",), None)]
    only = clock.only_for.agencies if clock.only_for else None
    alike: dict[tuple[str, str], tuple[str, ...]] = {}
    for agency, rule in rules.agencies.items():
        if only is None or agency in only:
            key = (rule.calendar if clock.calendar == OF_AGENCY else "", agency if agency in clock.for_agency else "")
            alike[key] = (*alike.get(key, ()), agency)
    return [(agencies, None) for agencies in alike.values()]


def _scale(rules: RuleSet, clock: ClockRules, colour: str | None, level: int | None, agency: str) -> Timescale | None:
    return clock.timescale_for(colour, colour, rules.level_of(colour) if level is None else level, agency)


def _cell(question: Question, scale: Timescale | None, at: int) -> Would | None:
    if scale is None:
        return None
    steps = tuple(counting.explain(question, scale, at))
    due_at = counting.count(question, scale, at, ()).due_at if scale.has_target else None
    return Would(due_at, scale.words if due_at is not None else "no target", steps)


def main_calendar(rules: RuleSet) -> str:
    """The hours that people mean when they say that the front door is open."""
    if rules.intake.calendar is not None:
        return rules.intake.calendar
    own = (clock.calendar for clock in rules.clocks.values() if Moment.RECEIPT in clock.starts)
    return next((name for name in own if name is not None and name != OF_AGENCY), next(iter(rules.calendars)))
