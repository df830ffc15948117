"""Whom do the alerts of a rule set reach, and can those do anything about it? Pure."""

from collections.abc import Iterator

from mash.permissions import PERMISSIONS, Permission
from mash.rule_advice.course import brings, may_do
from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rules.clockrules import ClockRules, Timescale
from mash.rules.names import Route
from mash.rules.plainly import either, for_what
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Role, Verb


def telling(rules: RuleSet) -> Iterator[Advice]:
    """Clocks whose breach nobody is reminded of, and alerts for roles that do not see them or cannot act."""
    yield from _never_again(rules)
    for name, clock in rules.clocks.items():
        yield from _not_again(rules, name, clock)
        for route, scale in _scales(name, clock):
            yield from _in_vain(rules, clock, route, scale)


def _scales(name: str, clock: ClockRules) -> Iterator[tuple[Route, Timescale]]:
    """Every timescale that has a target, and where it stands."""
    for key, scale in clock.timescales:
        if scale.has_target:
            yield ("clocks", name, clock.way, *([key] if key else [])), scale
    for agency, own in clock.for_agency.items():
        yield from ((("clocks", name, "for_agency", agency, key), own[key]) for key in own if own[key].has_target)


def _without(name: str, clock: ClockRules) -> tuple[list[Route], bool]:
    """Where its targets have no escalation, and whether none of them has."""
    scales = list(_scales(name, clock))
    without = [route for route, scale in scales if not scale.escalate]
    return without, len(without) == len(scales)


def _never_again(rules: RuleSet) -> Iterator[Advice]:
    """All clocks without any escalation in one sentence: a borough that has none has none for all."""
    found = {name: _without(name, clock) for name, clock in rules.clocks.items()}
    named = [name for name, (without, none_has) in found.items() if without and none_has]
    if named:
        labels = either(f"“{rules.clocks[name].label}”" for name in named)
        yield Advice(AdviceKind.NOBODY_TOLD_AGAIN, found[named[0]][0][0], _told_once(labels))


def _not_again(rules: RuleSet, name: str, clock: ClockRules) -> Iterator[Advice]:
    """A clock with an escalation for some colours and not for others, with what it lacks one for."""
    without, none_has = _without(name, clock)
    if without and not none_has:
        what = either(_for(rules, clock, route) for route in without)
        yield Advice(AdviceKind.NOBODY_TOLD_AGAIN, without[0], _told_once(f"“{clock.label}” ({what})"))


def _told_once(what: str) -> str:
    return (
        f"When {what} is out of timescale, that is said once, and nobody hears of it again however long it lasts. Add "
        "`escalate: 2 h`, or as long as you would wait."
    )


def _for(rules: RuleSet, clock: ClockRules, route: Route) -> str:
    what = for_what(rules, clock, route[-1]).lower()
    return f"{rules.agencies[route[3]].label}, {what}" if route[2] == "for_agency" else what


def _in_vain(rules: RuleSet, clock: ClockRules, route: Route, scale: Timescale) -> Iterator[Advice]:
    for key in ("warn", "escalate"):
        for role in dict.fromkeys(rung.to for rung in getattr(scale, key)):
            if role is not None and (why := _why_in_vain(rules, clock, role)):
                text = (
                    f"An alert of “{clock.label}” is for the {role.label.lower()}, who {why}. Name another role: "
                    f"{either(other.value for other in Role if _why_in_vain(rules, clock, other) is None)}."
                )
                yield Advice(AdviceKind.TOLD_IN_VAIN, (*route, key), text)


def _why_in_vain(rules: RuleSet, clock: ClockRules, role: Role) -> str | None:
    """Why it is no use to tell this role; None where it sees alerts and can take one on, or do what stops the clock."""
    if Permission.VIEW_ALERTS not in PERMISSIONS[role]:
        return "does not see the page of alerts"
    acts = (Verb.TAKE_ALERT, *brings(clock.stop))
    if not any(may_do(rules, role, act) for act in acts):
        return "can neither take it on nor stop the clock"
    return None
