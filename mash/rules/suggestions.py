"""Which colour do the rules suggest, and why? Pure: facts in, colour and reasons out. No rule fits: nothing is suggested."""

from dataclasses import dataclass
from datetime import timedelta

from mash.rules.facts import ChildFacts, Facts
from mash.rules.ruleset import Condition, ContactDays, RuleSet

NOTHING_FITS = "No rule matched: you judge."


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
    wanted = getattr(condition, key)
    match key:
        case "all":
            return all(fits(part, facts) for part in wanted)
        case "any":
            return any(fits(part, facts) for part in wanted)
        case "not_":
            return not fits(wanted, facts)
        case "any_concern":
            return not facts.concerns.isdisjoint(wanted)
        case "every_concern":
            return facts.concerns.issuperset(wanted)
        case "different_concerns":
            return len(facts.concerns) >= wanted
        case "child_under":
            return any(child.under(wanted, facts.received_on) for child in facts.children)
        case "unborn_child":
            return any(child.unborn for child in facts.children) == wanted
        case "contact_days":
            return any(_seen_often(child, wanted, facts) for child in facts.children)
        case "kind" | "channel" | "source" | "agreement":
            return getattr(facts, key) in wanted
    raise AssertionError(f"The condition {key} has no meaning yet.")


def _seen_often(child: ChildFacts, wanted: ContactDays, facts: Facts) -> bool:
    since = facts.received_on - timedelta(days=wanted.within_days)
    days = {day for day in child.seen_on if since <= day <= facts.received_on} | {facts.received_on}
    return len(days) >= wanted.at_least
