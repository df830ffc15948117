"""Does the most urgent contact lie over a weekend, and until when are bank holidays known? Pure; it is told the date.

Counted with the real counting, for a contact of the highest colour that arrives when the front door closes before a day
on which it stays shut, or on a day off with another one to come, within a year. What the colour asks for counts from
the arrival, as if somebody rated it at once: a contact that nobody has rated may wait for longer.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rules.calendars import WorkingTime, instant, london_day
from mash.rules.clockrules import OF_AGENCY, AtClosing, ClockRules, Moment, Owner, Timescale
from mash.rules.counting import Question, count, when
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind

_YEAR, _AFTER_CLOSING, _MORNING = 366, 300, 600
_SOON = timedelta(days=183)
_OTHERS = frozenset({Moment.HANDOVER_ACCEPTED, Moment.READING_CONFIRMED})
"""Clocks to these moments are for contacts of the duty team, and for what is passed on."""


class _Wait(NamedTuple):
    length: int
    arrives: int
    due_at: int
    clock: str


def waiting(rules: RuleSet, today: date) -> Iterator[Advice]:
    """A contact of the highest colour that may wait for the next working day, with the longest wait."""
    since = max(today, rules.in_force_from)
    found = max(_waits(rules, since), key=lambda wait: (wait.length, -wait.arrives), default=None)
    if found is not None:
        colour, clock = next(reversed(rules.colours.values())), rules.clocks[found.clock]
        text = (
            f"A {colour.label.lower()} contact that arrives on {when(found.arrives)} is not due before "
            f"{when(found.due_at)} (“{clock.label}”), and nothing else is due in between. Write a timescale in "
            "`clock_hours` that ends before, with `at_closing: hand_to_edt` if the duty team takes over."
        )
        yield Advice(AdviceKind.HIGHEST_COLOUR_WAITS, ("clocks", found.clock, clock.way), text)


def _waits(rules: RuleSet, since: date) -> Iterator[_Wait]:
    """Every arrival of which nothing is due before the front door opens again."""
    running = dict(_running(rules))
    calendar = rules.intake.calendar or next((c for name in running if (c := rules.clocks[name].calendar)), None)
    if calendar is None or not running or any(scale.at_closing is AtClosing.HAND_TO_EDT for scale in running.values()):
        return
    hours = rules.working_times(frozenset())[calendar]
    highest = next(reversed(rules.colours))
    for arrives in _arrivals(hours, since):
        due = {
            name: count(Question(rules, name, "", highest), own, arrives, ()).due_at for name, own in running.items()
        }
        first = min(due, key=lambda name: (due[name], rules.clocks[name].stop == Moment.ACKNOWLEDGED))
        opening = hours.first_opening(hours.working_day_after(london_day(arrives), 1))
        if due[first] >= opening:
            yield _Wait(due[first] - arrives, arrives, due[first], first)


def _running(rules: RuleSet) -> Iterator[tuple[str, Timescale]]:
    """The clocks of the hub that begin when a referral of the highest colour arrives, whatever it is about."""
    code, colour = next(reversed(rules.colours.items()))
    own = rules.kinds[Kind.REFERRAL].clocks
    suggested = code if any(rule.colour == code for rule in rules.suggestions.values()) else None
    for name, clock in rules.clocks.items():
        if not _is_of_the_hub(clock) or (own is not None and name not in own) or colour.type_of_work:
            continue
        scale = clock.timescale_for(code, suggested, colour.level)
        if scale is not None and scale.has_target:
            yield name, scale


def _is_of_the_hub(clock: ClockRules) -> bool:
    ours = clock.whose in (Owner.HUB, Owner.MANAGER, Owner.EDT) and clock.calendar != OF_AGENCY
    return ours and clock.counts_from_receipt and clock.only_for is None and clock.stop not in _OTHERS


def _arrivals(hours: WorkingTime, since: date) -> Iterator[int]:
    """At closing and five minutes later before a day off, and in the morning of a day off that another one follows."""
    for day in (since + timedelta(days=n) for n in range(_YEAR)):
        if hours.is_working_day(day + timedelta(days=1)):
            continue
        if hours.is_working_day(day):
            yield hours.last_closing(day)
            yield hours.last_closing(day) + _AFTER_CLOSING
        else:
            yield instant(day, _MORNING)


def holidays(rules: RuleSet, today: date) -> Iterator[Advice]:
    """A list of bank holidays that ends within half a year, where any calendar is closed on them."""
    if all(calendar.bank_holidays == "open" for calendar in rules.calendars.values()):
        return
    last = max(rules.bank_holidays, default=None)
    if last is not None and last >= max(today, rules.in_force_from) + _SOON:
        return
    after = f"after {last:%-d %B %Y}" if last else "at all"
    text = (
        f"These rules know no bank holiday {after}, and count what comes then as ordinary days: deadlines would fall "
        "on days when nobody is there. Add the dates of the coming years, and give the rules a new version."
    )
    yield Advice(AdviceKind.BANK_HOLIDAYS_END, ("bank_holidays",), text)
