"""Which of several versions of a borough's rules is in force on a day? Pure."""

from collections.abc import Iterable
from datetime import date

from mash.errors import Refused
from mash.rules.ruleset import RuleSet


def in_force(versions: Iterable[RuleSet], borough: str, on: date) -> RuleSet:
    """The version in force on a London date. Raises Refused where there is none yet."""
    begun = [rules for rules in versions if rules.name == borough and rules.in_force_from <= on]
    if not begun:
        raise none_in_force(borough, on)
    return max(begun, key=lambda rules: (rules.in_force_from, rules.version))


def none_in_force(borough: str, on: date) -> Refused:
    """What is said of a day on which a borough has no rules yet."""
    return Refused(f"No rules of “{borough}” are in force on {on:%-d %B %Y}.")
