"""Which outcomes of a rule set lead to nobody, and which agencies has nobody to ask? Pure.

An outcome that ends the matter rightly has no destination. It is told of where the rules themselves say that more is
needed (threshold level 2 or higher, takes effect at once, does not wait for replies), or where nobody takes it on and
nobody looks at it either, in no colour. `level: 1` says that it ends here; a clock that is only for it says that
somebody has to act. Where no outcome has a destination the borough does not use them.
"""

from collections.abc import Iterator

from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rules.plainly import either
from mash.rules.ruleset import OutcomeRules, RuleSet
from mash.workflow.change import in_words


def reaching(rules: RuleSet) -> Iterator[Advice]:
    """What is foolish about outcomes and agencies."""
    if any(outcome.destination for outcome in rules.outcomes.values()):
        yield from _outcomes(rules)
    yield from _agencies(rules)
    yield from _replies(rules)


def _outcomes(rules: RuleSet) -> Iterator[Advice]:
    watched = {name for clock in rules.clocks.values() if clock.only_for for name in clock.only_for.outcomes or ()}
    for code, outcome in rules.outcomes.items():
        if outcome.destination or code in watched:
            continue
        if more := _needs_more(outcome):
            text = (
                f"Nobody takes on what is decided as “{outcome.label}”, although {more}. Write its `destination`: the "
                "team that acts on it."
            )
        elif outcome.level != 1 and not any(rules.oversight_needed({code}, colour) for colour in rules.colours):
            text = (
                f"What is decided as “{outcome.label}” goes to nobody, and nobody looks at the decision. Write its "
                "`destination`, or `oversight_for`; or `level: 1` if nothing more is needed."
            )
        else:
            continue
        yield Advice(AdviceKind.OUTCOME_WITHOUT_ROUTE, ("outcomes", code), text)


def _needs_more(outcome: OutcomeRules) -> str | None:
    """What in the rules says that somebody has to act on it."""
    if outcome.level is not None and outcome.level > 1:
        return f"it means threshold level {outcome.level}"
    if outcome.stands_at_once:
        return "it takes effect at once"
    return None if outcome.waits_for_replies else "it does not wait for agencies"


def _agencies(rules: RuleSet) -> Iterator[Advice]:
    """All of them in one sentence: each may be asked by hand."""
    idle = [code for code, own in rules.agencies.items() if not own.required_for and not own.required_for_concerns]
    if idle:
        whom = either(rules.agencies[code].label for code in idle)
        text = (
            f"Nobody has to ask {whom}, in no colour and for no concern: "
            "that is done when somebody thinks of it. Write `required_for` or `required_for_concerns`, or leave it if "
            "that is meant."
        )
        yield Advice(AdviceKind.AGENCY_NEVER_REQUIRED, ("agencies", idle[0]), text)


def _replies(rules: RuleSet) -> Iterator[Advice]:
    """Agencies that must be asked in a colour in which no clock gives their reply a deadline."""
    for code, agency in rules.agencies.items():
        late = [colour for colour in agency.required_for if not _has_deadline(rules, code, colour)]
        if late:
            colours = in_words([rules.colours[colour].label.lower() for colour in late])
            text = (
                f"{agency.label} must be asked for {colours}, and no clock says until when they answer: they are never "
                "late. Give a clock `from: agency_asked` a target for it."
            )
            yield Advice(AdviceKind.REPLY_WITHOUT_DEADLINE, ("agencies", code, "required_for"), text)


def _has_deadline(rules: RuleSet, agency: str, colour: str) -> bool:
    for clock in rules.clocks.values():
        if not clock.of_agencies or (clock.only_for and agency not in (clock.only_for.agencies or rules.agencies)):
            continue
        level = rules.level_of(colour)
        if clock.by_level is not None and level is None:
            return True  # the level may be known from an earlier decision
        suggested = [colour, *rules.colours, None] if clock.by_suggestion is not None else [None]
        scales = [clock.timescale_for(colour, one, level, agency) for one in suggested]
        if any(scale is not None and scale.has_target for scale in scales):
            return True
    return False
