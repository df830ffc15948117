"""Which verb judges an act, and to whom do a borough's rules leave it? Pure: knows no database."""

from collections.abc import Callable
from datetime import date, datetime

from mash.clock import london_date
from mash.errors import NotPermitted, Refused
from mash.permissions import Actor
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from mash.workflow.change import Change
from mash.workflow.verbs import after, deciding, holding, intake, screening, sharing

VERBS: dict[Verb, Callable[..., Change]] = {
    verb: getattr(module, verb.value)
    for module in (intake, holding, screening, sharing, deciding, after)
    for verb in Verb
    if hasattr(module, verb.value)
}

OF_COLLEAGUES = frozenset({Verb.CLAIM, Verb.RELEASE, Verb.HAND_TO})
"""Verbs that speak of who else is there."""

OF_CHILDREN = frozenset({Verb.ADD_FACTS, Verb.RECORD_DECISION})
"""Verbs that speak of each child of the contact."""


def require_by_rules(rules: RuleSet, actor: Actor, verb: Verb) -> None:
    """Raises NotPermitted where the borough's rules leave the act to other roles."""
    if not rules.lets(actor.role, verb):
        who = " or ".join(role.label.lower() for role in rules.who_may[verb])
        raise NotPermitted(f"{verb.label}: {rules.title}'s rules leave this to {who}; your role is {actor.title}.")


def require_still_to_come(day: date, now: datetime) -> None:
    """Raises Refused for a bank holiday that is not later than today: it is announced before it comes."""
    if day <= london_date(now):
        raise Refused("A bank holiday is announced before it comes: the date is not in the future.")
