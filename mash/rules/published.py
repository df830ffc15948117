"""Which timescales does a borough publish? Clocks by colours in plain words, without who is warned or told. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from mash.rules import plainly
from mash.rules.clockrules import NOT_RATED, OTHERWISE, AtClosing, ClockRules, Timescale
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import CALENDAR, ELAPSED, Unit
from mash.rules.what_if import main_calendar

NO_TARGET = "No target"


@dataclass(frozen=True)
class Cell:
    """What holds for so many colours beside each other."""

    columns: int
    text: str


@dataclass(frozen=True)
class Row:
    """One timescale: what must have happened, from when to when, what else holds, and its time for each colour."""

    label: str
    span: str
    notes: str
    cells: tuple[Cell, ...]


def rows(rules: RuleSet) -> tuple[Row, ...]:
    """Every clock that has a target for some colour, in the order of the file; colours from the highest down."""
    found = (row for code, clock in rules.clocks.items() for row in _rows(rules, code, clock))
    return tuple(row for row in found if any(cell.text != NO_TARGET for cell in row.cells))


def out_of_hours(rules: RuleSet) -> tuple[str, ...]:
    """What being closed means for these timescales, a sentence each."""
    return tuple(_out_of_hours(rules))


def _rows(rules: RuleSet, code: str, clock: ClockRules) -> Iterator[Row]:
    for which, scales in _kinds(rules, clock):
        label = clock.label + (f" ({which})" if which else "")
        yield Row(label, plainly.span(rules, clock), _notes(rules, code, clock), _cells(scales))


def _notes(rules: RuleSet, code: str, clock: ClockRules) -> str:
    """By whose hours it counts, where not by those of the front door, and which contacts it is for."""
    others = "" if clock.calendar in (None, main_calendar(rules)) else plainly.hours_of(clock)
    return " ".join(filter(None, (others, plainly.only_for(rules, code, clock))))


def _kinds(rules: RuleSet, clock: ClockRules) -> Iterator[tuple[str, list[Timescale]]]:
    """Each way in which the clock differs, with a timescale for each colour."""
    colours = list(reversed(rules.colours))
    if clock.timescale is not None:
        yield "", [clock.timescale] * len(colours)
    elif clock.by_suggestion is not None:
        by = clock.by_suggestion
        yield "by the colour that is suggested", [by.get(code, by[OTHERWISE]) for code in colours]
    elif clock.by_level is not None:
        levels = [rules.level_of(code) for code in colours]
        if None in levels:
            yield from ((f"level {level}", [scale] * len(colours)) for level, scale in clock.by_level.items())
        else:
            yield "", [clock.by_level[str(level)] for level in levels]
    elif clock.by_rating is not None:
        yield from _by_rating(rules, "", clock.by_rating, colours)
        for agency, own in clock.for_agency.items():
            yield from _by_rating(rules, rules.agencies[agency].label, own, colours)


def _by_rating(
    rules: RuleSet, which: str, own: dict[str, Timescale], colours: list[str]
) -> Iterator[tuple[str, list[Timescale]]]:
    yield which, [own[code] for code in colours]
    if NOT_RATED in own:
        yield f"{which}, before rating" if which else "before rating", [own[NOT_RATED]] * len(colours)


def _cells(scales: list[Timescale]) -> tuple[Cell, ...]:
    """Neighbours that say the same are one cell."""
    texts = [_text(scale) for scale in scales]
    return tuple(Cell(len(list(same)), text) for text, same in groupby(texts))


def _text(scale: Timescale) -> str:
    words = scale.words if scale.has_target else NO_TARGET
    return f"{words[:1].upper()}{words[1:]}"


def _out_of_hours(rules: RuleSet) -> Iterator[str]:
    scales = [scale for clock in rules.clocks.values() for scale in _all(clock) if scale.has_target]
    units = {span.unit for scale in scales for span in scale.spans}
    if units - ELAPSED - CALENDAR:
        yield "Working hours and working days count while the service is open, and stand still while it is closed."
    if units & ({Unit.CLOCK_HOURS} | CALENDAR):
        yield "Clock hours, days and weeks with weekends run day and night, on bank holidays too."
    if Unit.RUN_THROUGH_HOURS in units:
        yield "Hours from opening begin when the service next opens, and then run on past closing."
    if any(scale.at_closing is AtClosing.HAND_TO_EDT for scale in scales):
        yield "What still runs at closing time is looked after by the emergency duty team until opening."
    if rules.intake.calendar:
        yield f"Outside these hours a new contact goes to: {rules.intake.out_of_hours}."
    yield from plainly.cut_off(rules)


def _all(clock: ClockRules) -> Iterator[Timescale]:
    yield from (scale for _, scale in clock.timescales)
    yield from (scale for own in clock.for_agency.values() for scale in own.values())
