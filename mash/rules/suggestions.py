"""Which colour do the rules suggest, and why? Pure: facts in, colour and reasons out. No rule fits: you judge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mash.rules.facts import ChildFacts, Facts
from mash.rules.ruleset import Condition, ContactDays, RuleSet

NOTHING_FITS = "No rule matched: you judge."
Meaning = Callable[[Any, Facts], bool]


@dataclass(frozen=True)
class Suggested:
    """A colour with the reasons of every rule that fits, highest first; or None and why."""

    rag: str | None
    because: tuple[str, ...]


def suggest(rules: RuleSet, facts: Facts) -> Suggested:
    """The highest colour of the rules that fit. Source: replay format, section 5."""
    fitting = [rule for rule in rules.suggestions.values() if fits(rule.when, facts)]
    if not fitting:
        return Suggested(None, (NOTHING_FITS,))
    fitting.sort(key=lambda rule: -rules.order[rule.colour])
    reasons = tuple(f"{rules.colours[rule.colour].label}: {rule.because}" for rule in fitting)
    return Suggested(fitting[0].colour, reasons)


def fits(condition: Condition, facts: Facts) -> bool:
    """Whether the condition is true of these facts."""
    (key,) = condition.model_fields_set
    return _MEANINGS[key](getattr(condition, key), facts)


def _is_one_of(key: str) -> Meaning:
    return lambda wanted, facts: getattr(facts, key) in wanted


def _seen_often(child: ChildFacts, wanted: ContactDays, facts: Facts) -> bool:
    since = facts.received_on - timedelta(days=wanted.within_days)
    days = {day for day in child.seen_on if since <= day <= facts.received_on} | {facts.received_on}
    return len(days) >= wanted.at_least


_MEANINGS: dict[str, Meaning] = {
    "all": lambda parts, facts: all(fits(part, facts) for part in parts),
    "any": lambda parts, facts: any(fits(part, facts) for part in parts),
    "not_": lambda part, facts: not fits(part, facts),
    "any_concern": lambda wanted, facts: not facts.concerns.isdisjoint(wanted),
    "every_concern": lambda wanted, facts: facts.concerns.issuperset(wanted),
    "different_concerns": lambda wanted, facts: len(facts.concerns) >= wanted,
    "child_under": lambda age, facts: any(child.under(age, facts.received_on) for child in facts.children),
    "unborn_child": lambda wanted, facts: any(child.unborn for child in facts.children) == wanted,
    "contact_days": lambda wanted, facts: any(_seen_often(child, wanted, facts) for child in facts.children),
    **{key: _is_one_of(key) for key in ("kind", "channel", "source", "agreement")},
}
