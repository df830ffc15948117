"""Is this rule set whole? Checks across its parts, once each part is well formed. Pure.

Yields (route, sentence): where in the rule set, what is wrong and what to write.
"""

from collections.abc import Collection, Iterator

from mash.rules.ruleset import ClockRules, Condition, Moment, OnReturn, RuleSet, Timescale
from mash.rules.timescales import ELAPSED, Unit
from mash.vocabulary import Kind

Problem = tuple[tuple[str, ...], str]
NOT_RATED = "not_rated"
OTHERWISE = "otherwise"
OF_AGENCY = "agency"


def problems(rules: RuleSet) -> Iterator[Problem]:
    """Everything that names something which does not exist, or could never work."""
    yield from _kinds(rules)
    yield from _agencies(rules)
    yield from _outcomes(rules)
    for name, clock in rules.clocks.items():
        yield from _clock(rules, ("clocks", name), clock)
    for name, rule in rules.suggestions.items():
        route = ("suggestions", name)
        yield from _unknown((rule.colour,), rules.colours, (*route, "colour"), "a colour")
        yield from _condition(rules, (*route, "when"), rule.when)
    for code in rules.events:
        if code in list(Moment):
            yield (
                ("events", code),
                "is the name of a moment that the program knows itself. Give the event another code.",
            )
    yield from _unknown(rules.open_cases.clocks, rules.clocks, ("open_cases", "clocks"), "a clock")


def _unknown(names: Collection[str], known: Collection[str], route: tuple[str, ...], what: str) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield route, f"`{name}` is not {what} of this rule set. It has {', '.join(known)}."


def _kinds(rules: RuleSet) -> Iterator[Problem]:
    for kind in Kind:
        if kind not in rules.kinds:
            yield ("kinds",), f"says nothing about `{kind}`. Add `{kind}: {{}}`."
    for kind, entry in rules.kinds.items():
        yield from _unknown(entry.clocks or (), rules.clocks, ("kinds", kind, "clocks"), "a clock")


def _agencies(rules: RuleSet) -> Iterator[Problem]:
    for code, agency in rules.agencies.items():
        yield from _unknown((agency.calendar,), rules.calendars, ("agencies", code, "calendar"), "a calendar")
        yield from _unknown(agency.required_for, rules.colours, ("agencies", code, "required_for"), "a colour")
    yield from _unknown(
        rules.sharing.agreement_needed_for, rules.colours, ("sharing", "agreement_needed_for"), "a colour"
    )


def _outcomes(rules: RuleSet) -> Iterator[Problem]:
    for code, outcome in rules.outcomes.items():
        if outcome.oversight_for not in (("always",), ("never",)):
            yield from _unknown(
                outcome.oversight_for,
                rules.colours,
                ("outcomes", code, "oversight_for"),
                "a colour (or always, never)",
            )


def _clock(rules: RuleSet, route: tuple[str, ...], clock: ClockRules) -> Iterator[Problem]:
    moments = [*Moment, *rules.events]
    yield from _unknown(clock.starts, moments, (*route, "from"), "a moment or event")
    yield from _unknown((clock.stop,), moments, (*route, "to"), "a moment or event")
    if clock.calendar is not None and clock.calendar != OF_AGENCY:
        yield from _unknown((clock.calendar,), rules.calendars, (*route, "calendar"), "a calendar")
    yield from _starts(route, clock)
    yield from _unknown(clock.pausable_for, rules.colours, (*route, "pausable_for"), "a colour")
    keys = {"by_rating": {*rules.colours, NOT_RATED}, "by_suggestion": {*rules.colours, OTHERWISE}}
    for field, known in keys.items():
        yield from _unknown(getattr(clock, field) or (), sorted(known), (*route, field), "a key here")
    for key, timescale in clock.timescales:
        field = "timescale" if clock.timescale else "by_rating" if clock.by_rating else "by_suggestion"
        yield from _timescale((*route, field, key) if key else (*route, field), clock, timescale)


def _starts(route: tuple[str, ...], clock: ClockRules) -> Iterator[Problem]:
    """What goes only with some ways to start."""
    of_agencies = clock.starts == (Moment.AGENCY_ASKED,)
    if clock.calendar == OF_AGENCY and not of_agencies:
        yield (*route, "calendar"), "only a clock that starts with `agency_asked` alone has an agency's calendar."
    if clock.restarts_on and not clock.counts_from_receipt:
        yield (*route, "restarts_on"), "only a clock that starts with `receipt` can be made to run again. Remove it."
    if clock.on_return is not OnReturn.CONTINUE and not clock.counts_from_receipt:
        yield (*route, "on_return"), "only a clock that starts with `receipt` does anything but continue. Remove it."
    if NOT_RATED in (clock.by_rating or ()) and not of_agencies:
        yield (*route, "by_rating", NOT_RATED), "is for requests made before rating: this clock waits for a colour."


def _timescale(route: tuple[str, ...], clock: ClockRules, timescale: Timescale) -> Iterator[Problem]:
    unit = timescale.due.unit
    if unit not in (Unit.CLOCK_HOURS, Unit.NONE) and clock.calendar is None:
        yield (*route, "due"), f"`{unit}` needs opening hours. Give the clock a `calendar`."
    if unit is Unit.NONE and (timescale.warn or timescale.escalate):
        yield (
            (*route, "due"),
            "a clock without a target has nothing to warn of. Remove `warn` and `escalate`.",
        )
    if unit in ELAPSED or unit is Unit.WORKING_HOURS:
        for lead in timescale.warn:
            if lead >= timescale.due.amount:
                yield (*route, "warn"), "warns when the clock starts, or before. Warn closer to the deadline."
    if list(timescale.warn) != sorted(set(timescale.warn), reverse=True):
        yield (*route, "warn"), "must go from the earliest warning to the last one: the longest time first."
    if list(timescale.escalate) != sorted(set(timescale.escalate)):
        yield (*route, "escalate"), "must grow: each escalation later than the one before."


def _condition(rules: RuleSet, route: tuple[str, ...], condition: Condition) -> Iterator[Problem]:
    for key in ("any_concern", "every_concern"):
        yield from _unknown(getattr(condition, key) or (), rules.concerns, (*route, key), "a concern")
    for key in ("all", "any"):
        for n, part in enumerate(getattr(condition, key) or ()):
            yield from _condition(rules, (*route, key, str(n)), part)
    if condition.not_:
        yield from _condition(rules, (*route, "not"), condition.not_)
