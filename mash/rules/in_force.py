"""Which of several versions of a borough's rules is in force on a day? Pure."""

from collections.abc import Iterable
from datetime import date

from mash.errors import Refused
from mash.rules.ruleset import RuleSet


def in_force(versions: Iterable[RuleSet], borough: str, on: date) -> RuleSet:
    """The version in force on a London date. Raises Refused where there is none yet."""
    own = [rules for rules in versions if rules.name == borough]
    begun = [rules for rules in own if rules.in_force_from <= on]
    if not begun:
        raise none_in_force(borough, on, min((rules.in_force_from for rules in own), default=None))
    return max(begun, key=lambda rules: (rules.in_force_from, rules.version))


def none_in_force(borough: str, on: date, first: date | None) -> Refused:
    """What is said of a day on which a borough has no rules yet; `first` is that on which they begin, if they do."""
    since = f"The first are in force from {first:%-d %B %Y}" if first else "There are none here"
    return Refused(f"No rules of “{borough}” are in force on {on:%-d %B %Y}. {since}: check the date.")
