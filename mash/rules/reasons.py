"""Which facts did each suggestion rule go by? Pure: rules and facts in, sentences out. Names nobody.

Of a rule that fits it tells the facts that made it fit, of one that does not those that kept it from fitting.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mash.rules.conditions import AdultCondition, Condition, ContactDays
from mash.rules.facts import AdultFacts, ChildFacts, Facts
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import answer
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Relationship, Source


@dataclass(frozen=True)
class Asked:
    """One suggestion rule put to the facts. `fits` is None where that cannot be told; `found` is what it went by."""

    name: str
    colour: str
    because: str
    fits: bool | None
    found: tuple[str, ...]


def asked(rules: RuleSet, facts: Facts) -> tuple[Asked, ...]:
    """Every suggestion rule, in the order in which their reasons are given: the highest colour first."""
    in_order = sorted(rules.suggestions.items(), key=lambda named: -rules.order[named[1].colour])
    return tuple(
        Asked(name, rule.colour, rule.because, answer(rule.when, rules, facts), _all_found(rule.when, rules, facts))
        for name, rule in in_order
    )


def _all_found(condition: Condition, rules: RuleSet, facts: Facts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_found(condition, rules, facts)))


def _found(condition: Condition, rules: RuleSet, facts: Facts) -> Iterator[str]:
    """What decided it: of several parts those whose answer is that of the whole."""
    ((key, wanted),) = condition.named.items()
    if key == "not_":
        assert isinstance(wanted, Condition)
        yield from _found(wanted, rules, facts)
    elif key in ("all", "any"):
        whole = answer(condition, rules, facts)
        parts: Iterable[Condition] = wanted  # type: ignore[assignment]
        for part in parts:
            if answer(part, rules, facts) is whole:
                yield from _found(part, rules, facts)
    else:
        yield _SAID[key](wanted, rules, facts)


def _concerns(codes: Collection[str], rules: RuleSet, facts: Facts) -> str:
    there = [rules.concerns[code] for code in codes if code in facts.concerns]
    return f"Concerns: {', '.join(there)}." if there else "None of the concerns that it asks for."


def _every_concern(codes: Collection[str], rules: RuleSet, facts: Facts) -> str:
    missing = [rules.concerns[code] for code in codes if code not in facts.concerns]
    return f"Not among the concerns: {', '.join(missing)}." if missing else _concerns(codes, rules, facts)


def _ages(wanted: object, rules: RuleSet, facts: Facts) -> str:
    ages = [_age(child, facts.received_on) for child in facts.children]
    return f"Children, by age on the day of receipt: {', '.join(ages) or 'none'}."


def _age(child: ChildFacts, on: date) -> str:
    age = child.age(on)
    return "unborn" if child.unborn else "age not known" if age is None else str(age)


def _adults(wanted: AdultCondition, rules: RuleSet, facts: Facts) -> str:
    return f"Adults: {', '.join(map(_adult, facts.adults)) or 'none recorded'}."


def _adult(adult: AdultFacts) -> str:
    relationship = Relationship(adult.relationship).label.lower() if adult.relationship else "relationship not known"
    role = AdultRole(adult.role) if adult.role else AdultRole.OTHER
    return relationship if role is AdultRole.OTHER else f"{relationship} ({role.label.lower()})"


def _contact_days(wanted: ContactDays, rules: RuleSet, facts: Facts) -> str:
    since = facts.received_on - timedelta(days=wanted.within_days)
    named = frozenset(wanted.concerns) if wanted.concerns else None
    of_children = [
        {
            one.received_on
            for one in child.earlier
            if since <= one.received_on <= facts.received_on and (named is None or not named.isdisjoint(one.concerns))
        }
        for child in facts.children
    ]
    most = max(of_children, key=len, default=set())
    kind = f" with {_either([rules.concerns[code] for code in wanted.concerns])}" if wanted.concerns else ""
    days = ", ".join(f"{day:%-d %B %Y}" for day in sorted(most)) or "none"
    return f"Earlier contacts about the same child{kind} since {since:%-d %B %Y}: {days}."


def _closed_within(days: int, rules: RuleSet, facts: Facts) -> str:
    closed = {one.closed_on for child in facts.children for one in child.earlier if one.closed_on}
    lately = sorted(day for day in closed if 0 <= (facts.received_on - day).days <= days)
    told = ", ".join(f"{day:%-d %B %Y}" for day in lately) or "none"
    return f"Earlier contacts about these children closed in the {days} days before: {told}."


def _received(wanted: object, rules: RuleSet, facts: Facts) -> str:
    return f"Received {facts.received_in_london:%A %-d %B %Y %H:%M}."


def _workers(wanted: object, rules: RuleSet, facts: Facts) -> str:
    number = sum(child.open_case for child in facts.children)
    return f"Children with an allocated worker: {number or 'none'}."


def _informed(wanted: object, rules: RuleSet, facts: Facts) -> str:
    said = {None: "not recorded", True: "yes", False: "no"}[facts.parents_informed]
    return f"Parents informed: {said}."


def _either(names: list[str]) -> str:
    *first, last = [name[:1].lower() + name[1:] for name in names]
    return f"{', '.join(first)} or {last}" if first else last


_SAID: dict[str, Callable[[Any, RuleSet, Facts], str]] = {
    "any_concern": _concerns,
    "every_concern": _every_concern,
    "different_concerns": lambda _, rules, facts: f"Different concerns: {len(facts.concerns)}.",
    "child_under": _ages,
    "child_aged": _ages,
    "unborn_child": _ages,
    "children": lambda _, rules, facts: f"Children: {len(facts.children)}.",
    "open_case": _workers,
    "adult": _adults,
    "contact_days": _contact_days,
    "closed_within": _closed_within,
    "kind": lambda _, rules, facts: f"Kind: {Kind(facts.kind).label}.",
    "channel": lambda _, rules, facts: f"Channel: {Channel(facts.channel).label if facts.channel else 'not recorded'}.",
    "source": lambda _, rules, facts: f"Source: {Source(facts.source).label if facts.source else 'not recorded'}.",
    "agreement": lambda _, rules, facts: f"Agreement: {Agreement(facts.agreement).label.lower()}.",
    "anonymous": lambda _, rules, facts: f"Referrer anonymous: {'yes' if facts.anonymous else 'no'}.",
    "parents_informed": _informed,
    "received_between": _received,
    "received_on": _received,
    "outside_hours_of": _received,
    "python": lambda name, rules, facts: f"A condition written in Python: {name}.",
}
