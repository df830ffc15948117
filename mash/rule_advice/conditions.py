"""What does a condition of a suggestion say, as a tree of plain statements? Knows no contact and finds nothing out.

`certainly` keeps to the three answers that a condition may have (suggestions.py): yes, no, and, where one in Python
fails, neither. A rule fits where its condition is certainly true; `negated` of that is all the rest.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import product
from typing import Any

from mash.rules.conditions import AdultCondition, Condition
from mash.rules.notation import WEEKDAYS
from mash.vocabulary import AdultRole, Relationship

UNBORN, UNKNOWN, OLDEST = -2, -1, 26
AGES = frozenset(range(UNBORN, OLDEST + 1))
"""Completed years, the oldest standing for all that are older; and two for children without: unborn, of unknown age.
A date of birth that is later than the day of receipt is to every condition what an unknown age is."""

ADULTS = frozenset(product((None, *AdultRole), (None, *Relationship)))
"""Every adult that there can be, as far as conditions go: role and relationship."""


@dataclass(frozen=True)
class Atom:
    """One statement about one part of a contact, and whether it is so."""

    part: str
    what: Hashable
    true: bool


@dataclass(frozen=True)
class Every:
    """All of these."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True)
class Some:
    """At least one of these."""

    parts: tuple["Formula", ...]


Formula = Atom | Every | Some


def certainly(condition: Condition, wanted: bool = True) -> Formula:
    """That the answer to the condition is yes; or no, where that is wanted."""
    ((key, value),) = condition.named.items()
    if key == "not_":
        return certainly(_condition(value), not wanted)
    if key in ("all", "any"):
        parts = tuple(certainly(part, wanted) for part in getattr(condition, key))
        return Every(parts) if (key == "all") == wanted else Some(parts)
    if key == "python":
        return Atom("python", (value, wanted), True)
    plain = _PLAIN[key](value)
    return plain if wanted else negated(plain)


def negated(formula: Formula) -> Formula:
    """That it is not so."""
    if isinstance(formula, Atom):
        return Atom(formula.part, formula.what, not formula.true)
    parts = tuple(negated(part) for part in formula.parts)
    return Some(parts) if isinstance(formula, Every) else Every(parts)


def _condition(value: object) -> Condition:
    assert isinstance(value, Condition)
    return value


def _adults(wanted: AdultCondition) -> frozenset[Hashable]:
    return frozenset(
        (role, relationship)
        for role, relationship in ADULTS
        if (wanted.role is None or role in wanted.role)
        and (wanted.relationship is None or relationship in wanted.relationship)
    )


def _one_of(part: str) -> Callable[[Any], Formula]:
    return lambda codes: Atom(part, frozenset(codes), True)


def _concerns(names: tuple[str, ...]) -> tuple[Atom, ...]:
    return tuple(Atom("concerns", name, True) for name in names)


_PLAIN: dict[str, Callable[[Any], Formula]] = {
    "any_concern": lambda names: Some(_concerns(names)),
    "every_concern": lambda names: Every(_concerns(names)),
    "different_concerns": lambda number: Atom("concerns", number, True),
    "child_under": lambda years: Atom("children", frozenset(range(UNKNOWN, years)), True),
    "child_aged": lambda ages: Atom("children", frozenset(range(ages.at_least, ages.at_most + 1)), True),
    "unborn_child": lambda wanted: Atom("children", frozenset({UNBORN}), wanted),
    "children": lambda number: Atom("children", number, True),
    "open_case": lambda wanted: Atom("open_case", None, wanted),
    "adult": lambda wanted: Atom("adults", _adults(wanted), True),
    "contact_days": lambda days: Atom("contact_days", days, True),
    "closed_within": lambda days: Atom("closed_within", days, True),
    "anonymous": lambda wanted: Atom("anonymous", frozenset({wanted}), True),
    "parents_informed": lambda wanted: Atom("parents_informed", frozenset({wanted}), True),
    "received_between": lambda part_of_day: Atom("time", part_of_day, True),
    "received_on": lambda days: Atom("time", frozenset(map(WEEKDAYS.index, days)), True),
    "outside_hours_of": lambda calendar: Atom("time", calendar, True),
    **{key: _one_of(key) for key in ("kind", "channel", "source", "agreement")},
}
"""What each key of a condition says of a contact; its meaning is in suggestions.py."""
