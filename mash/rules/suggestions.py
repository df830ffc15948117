"""Which colour do the rules suggest, and why? Pure: facts in, colour and reasons out. No rule fits: you judge.

A rule set's conditions are turned into plain functions once; `plugins.py` supplies those that are written in Python.
Such a one may fail. A rule that hangs on it does not fit and is named among the reasons, so that somebody judges.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from mash.rules.conditions import AdultCondition, Ages, Condition, ContactDays
from mash.rules.facts import ChildFacts, Facts
from mash.rules.notation import WEEKDAYS
from mash.rules.plugins import safe_condition
from mash.rules.ruleset import RuleSet

NOTHING_FITS = "No rule matched: you judge."
NOT_WORKED_OUT = "This rule could not be worked out: you judge."
Test = Callable[[Facts], bool | None]
"""Whether a condition is true; None where that cannot be told."""


@dataclass(frozen=True)
class Suggested:
    """A colour with the reasons of every rule that fits, highest first; or None and why."""

    rag: str | None
    because: tuple[str, ...]


def suggest(rules: RuleSet, facts: Facts) -> Suggested:
    """The highest colour of the rules that fit. Source: replay format, section 5."""
    fitting: list[tuple[str, str]] = []
    doubts: list[str] = []
    for colour, because, test in _worth_asking(rules)(facts.concerns):
        answer = test(facts)
        if answer:
            fitting.append((colour, because))
        elif answer is None:
            doubts.append(f"{NOT_WORKED_OUT} {because}")
    if not fitting:
        return Suggested(None, (NOTHING_FITS, *doubts))
    return Suggested(fitting[0][0], (*(because for _, because in fitting), *doubts))


def raised_only(rules: RuleSet, before: Suggested, after: Suggested) -> Suggested:
    """What is suggested now, where the rules say that a suggestion never falls. Source: rule set, `rating`."""
    if rules.rating.suggestion_never_falls and rules.order[after.rag] < rules.order[before.rag]:
        doubts = [line for line in after.because if line.startswith(NOT_WORKED_OUT) and line not in before.because]
        return Suggested(before.rag, (*before.because, *doubts))
    return after


def fits(condition: Condition, rules: RuleSet, facts: Facts) -> bool:
    """Whether the condition is true of these facts."""
    return _test(condition, rules)(facts) is True


def answer(condition: Condition, rules: RuleSet, facts: Facts) -> bool | None:
    """Whether the condition is true of these facts; None where that cannot be told."""
    return _test(condition, rules)(facts)


Sentence = tuple[str, str, Test]
"""The colour, the reason and the test of a suggestion."""


def _worth_asking(rules: RuleSet) -> Callable[[frozenset[str]], list[Sentence]]:
    """Gives the suggestions that could be true with these concerns, the highest colour first.

    Most rules are about a concern that is not there. Worked out once for a rule set, and kept for concerns met before.
    """
    if "sentences" not in rules.prepared:
        in_order = sorted(rules.suggestions.values(), key=lambda rule: -rules.order[rule.colour])
        label = {code: colour.label for code, colour in rules.colours.items()}
        every = [(r.colour, f"{label[r.colour]}: {r.because}", _test(r.when, rules), _needed(r.when)) for r in in_order]

        def found(concerns: frozenset[str]) -> list[Sentence]:
            return [one[:3] for one in every if one[3] is None or not one[3].isdisjoint(concerns)]

        rules.prepared["sentences"] = lru_cache(1024)(found)
    asked: Callable[[frozenset[str]], list[Sentence]] = rules.prepared["sentences"]
    return asked


def _needed(condition: Condition) -> frozenset[str] | None:
    """Concerns of which one has to be there for the condition to be true; None where it can be true without any."""
    if condition.any_concern or condition.every_concern:
        return frozenset(condition.any_concern or (condition.every_concern or ())[:1])
    if condition.all:
        return min((found for part in condition.all if (found := _needed(part)) is not None), key=len, default=None)
    parts = [_needed(part) for part in condition.any or ()]
    if not parts or None in parts:
        return None
    return frozenset[str]().union(*(part for part in parts if part is not None))


def _test(condition: Condition, rules: RuleSet) -> Test:
    ((key, wanted),) = condition.named.items()
    return _MEANINGS[key](wanted, rules)


def _effort(condition: Condition) -> int:
    """What costs little is asked first: the answer is the same in any order."""
    (key,) = condition.model_fields_set
    return {"python": 3, "contact_days": 2, "outside_hours_of": 2}.get(key, int(key in _OF_PEOPLE))


_OF_PEOPLE = frozenset({"child_under", "child_aged", "unborn_child", "adult", "open_case", "all", "any", "not_"})


def _all(parts: tuple[Condition, ...], rules: RuleSet) -> Test:
    tests = [_test(part, rules) for part in sorted(parts, key=_effort)]

    def every(facts: Facts) -> bool | None:
        doubt: bool | None = True
        for test in tests:
            answer = test(facts)
            if answer is False:
                return False
            doubt = doubt and answer
        return doubt

    return every


def _any(parts: tuple[Condition, ...], rules: RuleSet) -> Test:
    tests = [_test(part, rules) for part in sorted(parts, key=_effort)]

    def some(facts: Facts) -> bool | None:
        doubt: bool | None = False
        for test in tests:
            answer = test(facts)
            if answer is True:
                return True
            doubt = None if answer is None else doubt
        return doubt

    return some


def _not(part: Condition, rules: RuleSet) -> Test:
    test = _test(part, rules)

    def reverse(facts: Facts) -> bool | None:
        answer = test(facts)
        return None if answer is None else not answer

    return reverse


def _some_child(fits: Callable[[ChildFacts, Facts], bool]) -> Test:
    def some(facts: Facts) -> bool:
        for child in facts.children:  # noqa: SIM110 (a generator would take twice as long)
            if fits(child, facts):
                return True
        return False

    return some


def _any_concern(names: Collection[str], rules: RuleSet) -> Test:
    wanted = frozenset(names)
    return lambda facts: not wanted.isdisjoint(facts.concerns)


def _every_concern(names: Collection[str], rules: RuleSet) -> Test:
    wanted = frozenset(names)
    return lambda facts: wanted <= facts.concerns


def _child_under(years: int, rules: RuleSet) -> Test:
    return _some_child(lambda child, facts: child.under(years, facts.received_on))


def _child_aged(ages: Ages, rules: RuleSet) -> Test:
    def aged(child: ChildFacts, facts: Facts) -> bool:
        age = child.age(facts.received_on)
        return age is not None and ages.at_least <= age <= ages.at_most

    return _some_child(aged)


def _adult(wanted: AdultCondition, rules: RuleSet) -> Test:
    roles, relationships = wanted.role, wanted.relationship
    return lambda facts: any(
        (roles is None or adult.role in roles) and (relationships is None or adult.relationship in relationships)
        for adult in facts.adults
    )


def _contact_days(wanted: ContactDays, rules: RuleSet) -> Test:
    named = frozenset(wanted.concerns) if wanted.concerns else None
    others, span = wanted.at_least - 1, timedelta(days=wanted.within_days)

    def often(child: ChildFacts, facts: Facts) -> bool:
        if len(child.earlier) < others:
            return False
        until = facts.received_on
        since = until - span
        days = {
            earlier.received_on
            for earlier in child.earlier
            if since <= earlier.received_on <= until and (named is None or not named.isdisjoint(earlier.concerns))
        }
        if named is None or not named.isdisjoint(facts.concerns):
            days.add(until)
        return len(days) > others

    return _some_child(often)


def closed_lately(days: int, facts: Facts) -> bool:
    """Whether an earlier contact about one of the children was closed at most so many days before this one's date."""
    closed = [earlier.closed_on for child in facts.children for earlier in child.earlier if earlier.closed_on]
    return any(0 <= (facts.received_on - day).days <= days for day in closed)


def _closed_within(days: int, rules: RuleSet) -> Test:
    return lambda facts: closed_lately(days, facts)


def in_part_of_day(part_of_day: tuple[int, int], minute: int) -> bool:
    """Whether a minute of the day lies in a part of it that may go over midnight; the last minute is out."""
    since, until = part_of_day
    return since <= minute < until if since < until else minute >= since or minute < until


def _received_between(part_of_day: tuple[int, int], rules: RuleSet) -> Test:
    def between(facts: Facts) -> bool:
        wall = facts.received_in_london
        return in_part_of_day(part_of_day, 60 * wall.hour + wall.minute)

    return between


def _received_on(days: Collection[str], rules: RuleSet) -> Test:
    wanted = {WEEKDAYS.index(day) for day in days}
    return lambda facts: facts.received_on.weekday() in wanted


def _outside_hours_of(calendar: str, rules: RuleSet) -> Test:
    def shut(facts: Facts) -> bool:
        hours = rules.working_times(facts.late_holidays)[calendar]
        return not hours.is_open(int(facts.received_at.timestamp()))

    return shut


def _is_one_of(key: str) -> Callable[[Any, RuleSet], Test]:
    def meaning(wanted: Collection[str], rules: RuleSet) -> Test:
        codes = frozenset(wanted)
        return lambda facts: getattr(facts, key) in codes

    return meaning


_MEANINGS: dict[str, Callable[[Any, RuleSet], Test]] = {
    "all": _all,
    "any": _any,
    "not_": _not,
    "any_concern": _any_concern,
    "every_concern": _every_concern,
    "different_concerns": lambda wanted, _: lambda facts: len(facts.concerns) >= wanted,
    "child_under": _child_under,
    "child_aged": _child_aged,
    "unborn_child": lambda wanted, _: lambda facts: any(child.unborn for child in facts.children) == wanted,
    "children": lambda wanted, _: lambda facts: len(facts.children) >= wanted,
    "open_case": lambda wanted, _: lambda facts: any(child.open_case for child in facts.children) == wanted,
    "adult": _adult,
    "contact_days": _contact_days,
    "closed_within": _closed_within,
    "anonymous": lambda wanted, _: lambda facts: facts.anonymous == wanted,
    "parents_informed": lambda wanted, _: lambda facts: facts.parents_informed is wanted,
    "received_between": _received_between,
    "received_on": _received_on,
    "outside_hours_of": _outside_hours_of,
    "python": lambda name, _: safe_condition(name),
    **{key: _is_one_of(key) for key in ("kind", "channel", "source", "agreement")},
}
