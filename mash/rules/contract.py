"""What must every rule set keep, whoever wrote it, in YAML or in Python? Tried on invented facts and starts. Pure.

Package authors call `broken` from their tests: docs/python-rule-sets.md. The same seed tries the same things.
"""

import random
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

from mash.rules import timescales
from mash.rules.calendars import WorkingTime, instant, london, london_day
from mash.rules.clockrules import OF_AGENCY, ClockRules, Timescale
from mash.rules.conditions import Condition
from mash.rules.counting import Question, count
from mash.rules.facts import AdultFacts, ChildFacts, EarlierContact, Facts
from mash.rules.linter import problems
from mash.rules.loader import from_text, resolved_text
from mash.rules.plugins import FAILURES, PythonCondition, python_condition, what_failed
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import suggest
from mash.rules.timescales import CALENDAR, Roll, Span, Unit
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Relationship, Source

LONGEST = 0.05
"""Seconds that one condition may take: a contact waits for it."""
_CASES, _DAYS = 120, 24
_HOUR = 3600
_BY_WALL_CLOCK = CALENDAR | {Unit.WORKING_DAYS_SAME_TIME}
"""Units that keep the time of day: in a night when the clocks change, order may turn by the hour lost or won."""


def broken(rules: RuleSet, seed: int = 1) -> list[str]:
    """What the rule set does not keep, in sentences; empty where all is well.

    What is stored of it reads back the same. A suggestion is a colour of the scheme, or None with a reason; for the
    same facts the same; no condition raises or takes long. No deadline lies before its start, but by a roll back; a
    later start has no earlier deadline; warnings come before the breach, escalations after it, in order. A cut-off only
    puts off: what it makes of a start is a start like any other, so starts on both sides of it are not compared.
    """
    if found := [f"{'.'.join(route)}: {text}" for route, text in problems(rules)] or list(_stored(rules)):
        return found
    cases = invented_facts(rules, seed)
    suggesting = [*_conditions(rules, cases)] or [*_suggestions(rules, cases)]
    return [*suggesting, *_clocks(rules, random.Random(seed))]


def _stored(rules: RuleSet) -> Iterator[str]:
    text = resolved_text(rules)
    try:
        again = from_text(text)
        same = again == rules and resolved_text(again) == text
    except ValueError:
        same = False
    if not same:
        yield "What is stored of the rule set does not read back the same."


# -- suggestions ------------------------------------------------------------------------------------------------------


def invented_facts(rules: RuleSet, seed: int = 1) -> list[Facts]:
    """Facts about nobody, as varied as contacts are: what `broken` tries the suggestions on."""
    dice = random.Random(seed)
    return [_facts(rules, dice) for _ in range(_CASES)]


def _facts(rules: RuleSet, dice: random.Random) -> Facts:
    on = rules.in_force_from + timedelta(days=dice.randrange(730))
    at = datetime.fromtimestamp(instant(on, dice.randrange(1440)) + dice.randrange(60), UTC)
    return Facts(
        received_at=at,
        kind=dice.choice(list(Kind)),
        channel=dice.choice(["", *Channel]),
        source=dice.choice([None, *Source]),
        agreement=dice.choice(list(Agreement)),
        concerns=_concerns(rules, dice),
        children=tuple(_child(rules, on, dice) for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 6)))),
        adults=tuple(_adult(dice) for _ in range(dice.randrange(4))),
        anonymous=dice.random() < 0.2,
        parents_informed=dice.choice((None, True, False)),
        late_holidays=frozenset({rules.in_force_from} if dice.random() < 0.1 else ()),
    )


def _concerns(rules: RuleSet, dice: random.Random) -> frozenset[str]:
    known = list(rules.concerns)
    return frozenset(dice.sample(known, min(len(known), dice.choice((0, 1, 1, 2, 2, 3, 5)))))


def _child(rules: RuleSet, on: date, dice: random.Random) -> ChildFacts:
    kind = dice.choice(("unknown", "unborn", "born", "born", "born", "born"))
    born = (
        on - timedelta(days=dice.choice((0, 1, dice.randrange(366), dice.randrange(6575)))) if kind == "born" else None
    )
    expected = on + timedelta(days=dice.randrange(-20, 270)) if kind == "unborn" else None
    earlier = tuple(_earlier(rules, on, dice) for _ in range(dice.choice((0, 0, 1, 2, 4, 8))))
    return ChildFacts(born, expected, earlier, open_case=dice.random() < 0.2)


def _earlier(rules: RuleSet, on: date, dice: random.Random) -> EarlierContact:
    """Keyed before; it may have been received on the same date, or even a later one."""
    received = on - timedelta(days=dice.choice((0, dice.randrange(-3, 60), dice.randrange(800))))
    closed = received + timedelta(days=dice.randrange(90)) if dice.random() < 0.7 else None
    return EarlierContact(received, _concerns(rules, dice), closed)


def _adult(dice: random.Random) -> AdultFacts:
    return AdultFacts(dice.choice([None, *AdultRole]), dice.choice([None, *Relationship]))


def _conditions(rules: RuleSet, cases: Sequence[Facts]) -> Iterator[str]:
    named = (name for rule in rules.suggestions.values() for name in _python_names(rule.when))
    for name in dict.fromkeys(named):
        if fault := _fault_of_condition(python_condition(name), cases):
            yield f"The condition {name} {fault}"


def _python_names(condition: Condition) -> Iterator[str]:
    if condition.python:
        yield condition.python
    for part in (*(condition.all or ()), *(condition.any or ()), *([condition.not_] if condition.not_ else ())):
        yield from _python_names(part)


def _fault_of_condition(condition: PythonCondition, cases: Sequence[Facts]) -> str | None:
    """The first thing that is wrong with it, asked twice about everything, the second time in another order."""
    first: list[object] = []
    for n, facts in [*enumerate(cases), *reversed(list(enumerate(cases)))]:
        answer, fault = _asked(condition, facts)
        if n == len(first):
            first.append(answer)
        if fault or answer is not first[n]:
            return f"{fault or 'is not always the same'}, {_for(n)}"
    return None


def _asked(condition: PythonCondition, facts: Facts, tries: int = 3) -> tuple[object, str | None]:
    """Its answer, and what is wrong with it. Slow is what is slow again and again: others use the machine too."""
    began = time.perf_counter()
    try:
        answer: object = condition(replace(facts))
    except FAILURES as error:
        return None, f"raises {what_failed(error)}"
    if not isinstance(answer, bool):
        return answer, f"gives {type(answer).__name__} instead of True or False"
    if time.perf_counter() - began <= LONGEST:
        return answer, None
    return _asked(condition, facts, tries - 1) if tries > 1 else (answer, "takes too long: a contact waits for it")


def _for(number: int) -> str:
    return f"for number {number} of invented_facts."


def _suggestions(rules: RuleSet, cases: Sequence[Facts]) -> Iterator[str]:
    stored = from_text(resolved_text(rules))
    for n, facts in enumerate(cases):
        if fault := _fault_of_suggestion(rules, stored, facts):
            yield f"The suggestion {fault}, {_for(n)}"
            return


def _fault_of_suggestion(rules: RuleSet, stored: RuleSet, facts: Facts) -> str | None:
    try:
        found, again = suggest(rules, facts), suggest(stored, facts)
    except Exception as error:  # whatever it is, no contact could be received
        return f"raises {what_failed(error)}"
    if found.rag not in rules.order:
        return f"is `{found.rag}`, which is no colour of the scheme"
    if not found.because or not all(found.because):
        return "has no reason"
    return None if found == again else "is not always the same, or another once the rule set is stored"


# -- clocks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Deadline:
    """One timescale, as one agency's calendar or the clock's own has it."""

    place: str
    scale: Timescale
    question: Question
    hours: WorkingTime | None

    def complaint(self, start: int, text: str) -> str:
        return f"{self.place}: begun {london(start):%a %-d %b %Y %H:%M:%S}, {text}"


def _clocks(rules: RuleSet, dice: random.Random) -> Iterator[str]:
    """The first thing that is wrong with each timescale."""
    starts = _starts(rules, dice)
    for deadline in _deadlines(rules):
        yield from islice(_faults(deadline, starts), 1)


def _deadlines(rules: RuleSet) -> Iterator[_Deadline]:
    for name, clock in rules.clocks.items():
        for key, scale in clock.timescales:
            place = ".".join(("clocks", name, clock.way, key)).rstrip(".")
            for agency in _one_for_each_calendar(rules, clock) if scale.has_target else ():
                question = Question(rules, name, agency, key if key in rules.colours else None)
                yield _Deadline(place, scale, question, question.hours)


def _one_for_each_calendar(rules: RuleSet, clock: ClockRules) -> Collection[str]:
    """Agencies with different hours, where the clock counts by those; else none in particular."""
    if clock.calendar != OF_AGENCY:
        return ("",)
    return {agency.calendar: code for code, agency in rules.agencies.items()}.values()


def _starts(rules: RuleSet, dice: random.Random) -> list[int]:
    """Instants in order, many of them close to what is out of the ordinary: clock changes, holidays, opening hours."""
    years = (rules.in_force_from.year, rules.in_force_from.year + 1)
    nights = [_last_sunday(year, month) for year in years for month in (3, 10)]
    odd = {day for calendar in rules.calendars.values() for day in (*calendar.dates, *calendar.closed_on)}
    odd |= {*rules.bank_holidays, *(date(year, 2, 28) for year in years)}
    special = sorted(day for day in odd if day.year in years)
    days = [*nights, *dice.sample(special, min(len(special), _DAYS))]
    edges = [m for c in rules.calendars.values() for windows in c.week for window in windows for m in window]
    near = [day + timedelta(days=n) for day in days for n in (-1, 0, 1)]
    any_time = [instant(day, dice.randrange(1440)) + dice.randrange(60) for day in near]
    at_edges = [instant(day, dice.choice(edges)) + dice.choice((-1, 0, 1)) for day in near]
    small_hours = [instant(night, 0) + n * _HOUR // 4 for night in nights for n in range(14)]
    return sorted({*any_time, *at_edges, *small_hours})


def _last_sunday(year: int, month: int) -> date:
    end = date(year, month, 31)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def _faults(deadline: _Deadline, starts: Sequence[int]) -> Iterator[str]:
    for span in deadline.scale.spans:
        counted = [(start, *_due(span, start, deadline.hours)) for start in starts]
        yield from _misplaced(deadline, span, counted)
        yield from _out_of_order(deadline, span, (c for c in counted if not _on_a_day_off(c[0], span, deadline.hours)))
    for start in starts:
        yield from _misplaced_alerts(deadline, start)


def _due(span: Span, start: int, hours: WorkingTime | None) -> tuple[int, int]:
    """When it is due before it is rolled, and after."""
    plain = timescales.due(replace(span, roll=None), start, (), hours)
    rolled = timescales.due(span, start, (), hours) if span.roll else plain
    assert plain is not None and rolled is not None
    return plain, rolled


def _misplaced(deadline: _Deadline, span: Span, counted: Iterable[tuple[int, int, int]]) -> Iterator[str]:
    for start, plain, rolled in counted:
        if plain < start:
            yield deadline.complaint(start, "it is due before it begins.")
        if rolled > plain if span.roll is Roll.BACK else rolled < plain:
            yield deadline.complaint(start, "it is rolled the wrong way.")


def _on_a_day_off(start: int, span: Span, hours: WorkingTime | None) -> bool:
    """Whether a hub is open then though it is no working day. From Saturday ten o'clock the next working day at the
    same time is Monday ten o'clock, from Friday three o'clock it is Monday three o'clock: the later of the two."""
    if hours is None or span.unit is not Unit.WORKING_DAYS_SAME_TIME:
        return False
    return not hours.is_working_day(london_day(hours.next_opening(start)))


def _out_of_order(deadline: _Deadline, span: Span, counted: Iterable[tuple[int, int, int]]) -> Iterator[str]:
    """Where a later start has an earlier deadline."""
    may_turn = _HOUR if span.unit in _BY_WALL_CLOCK or span.roll else 0
    latest = latest_rolled = 0
    for start, plain, rolled in counted:
        if plain < latest - may_turn or (plain >= latest and rolled < latest_rolled - may_turn):
            yield deadline.complaint(start, "it is due earlier than what began before.")
        if plain >= latest:
            latest, latest_rolled = plain, rolled


def _misplaced_alerts(deadline: _Deadline, start: int) -> Iterator[str]:
    counted = count(deadline.question, deadline.scale, start, ())
    due_at, span, breach = counted.due_at, counted.span, max(counted.due_at, start)
    warnings = [timescales.warn_at(span, due_at, rung.seconds, deadline.hours) for rung in deadline.scale.warn]
    after = [timescales.escalate_at(span, breach, rung.seconds, deadline.hours) for rung in deadline.scale.escalate]
    if counted.begun < start:
        yield deadline.complaint(start, "the cut-off makes it count as earlier.")
    if not _ascending([*warnings, due_at]):
        yield deadline.complaint(start, "a warning does not come before the breach, or not in order.")
    if not _ascending([breach, *after]):
        yield deadline.complaint(start, "an escalation does not come after the breach, or not in order.")


def _ascending(instants: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(instants))
