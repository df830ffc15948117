"""Where can a child's contact lie for ever without any deadline? Found by doing the acts, with the real verbs. Pure.

At every stage all is done that stops a clock and leaves the contact where it is: it is acknowledged, what the clocks
wait for is recorded. What no deadline watches then can be forgotten. Each finding is a story that can really happen.

Asked of kinds of contact that are not closed before somebody has decided: a request for information, or a call for
advice, is nobody's case until it is rated. A contact is at rest where it waits for a person: nothing is asked of what
is decided once the referrer has been told, and nothing of what has been closed or taken over.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mash.errors import Refused
from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rule_advice.story import NOTHING, Judge, Story, received
from mash.rules.clockrules import Moment
from mash.rules.plainly import either
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, Reply, State
from mash.workflow.details import (
    AddFacts,
    Child,
    Details,
    GiveFeedback,
    RateContact,
    Reason,
    RecordDecision,
    RecordEvent,
    RequestInformation,
    ReturnInformation,
    SignOff,
    TransferOut,
)
from mash.workflow.verbs import after, deciding, intake, screening, sharing

_WHY = "Because."
_AGAIN = "again after it was reopened"
_UNDONE = "again after its decision was taken back"


class Rest(NamedTuple):
    """When a contact rests, as the end of a sentence; its colour, which is suggested or rated."""

    when: str
    colour: str | None
    rated: bool


def resting(rules: RuleSet) -> Iterator[Advice]:
    """When some contact can stand without a clock that has a target: one piece of advice for each sort of contact."""
    alike = _kinds(rules)
    who: dict[Rest, list[Kind]] = defaultdict(list)
    for kinds in alike:
        for rest in dict.fromkeys(_rests(rules, kinds[0])):
            who[rest] += kinds
    for which, whens in _by_sort(rules, who, sum(map(len, alike))).items():
        text = (
            f"{which} can lie without any deadline {either(whens)}: if it is forgotten then, nobody is told. Give a "
            "target to a clock that runs until it goes on."
        )
        yield Advice(AdviceKind.REST_WITHOUT_CLOCK, ("clocks",), text)


def _by_sort(rules: RuleSet, who: Mapping[Rest, list[Kind]], every: int) -> dict[str, list[str]]:
    """When each sort of contact rests: those of the same kinds and colours together."""
    colours: dict[tuple[str, tuple[Kind, ...]], list[Rest]] = defaultdict(list)
    for rest, kinds in who.items():
        colours[rest.when, tuple(kinds)].append(rest)
    found: dict[str, list[str]] = defaultdict(list)
    for (when, own), rests in colours.items():
        noun = "contact" if len(own) == every else either(kind.label.lower() for kind in own)
        found[_which(rules, noun, rests)].append(f"when {when}")
    return found


def _which(rules: RuleSet, noun: str, rests: list[Rest]) -> str:
    """`A red or amber contact`, `A contact suggested green`, or just `A contact`."""
    colours = [rules.colours[rest.colour].label.lower() for rest in rests if rest.colour]
    if len(colours) < len(rests) or (rests[0].rated and len(colours) == len(rules.colours)):
        what = noun
    else:
        what = f"{either(colours)} {noun}" if rests[0].rated else f"{noun} suggested {either(colours)}"
    return f"{'An' if what[0] in 'aeiou' else 'A'} {what}"


def _kinds(rules: RuleSet) -> list[list[Kind]]:
    """Kinds that are closed after a decision only, together where they have the same clocks."""
    alike: dict[tuple[str, ...] | None, list[Kind]] = defaultdict(list)
    for kind, own in rules.kinds.items():
        if not own.may_close_early:
            alike[own.clocks].append(kind)
    return list(alike.values())


def _rests(rules: RuleSet, kind: Kind) -> Iterator[Rest]:
    suggested = dict.fromkeys(rule.colour for rule in rules.suggestions.values())
    for colour in (None, *suggested):
        yield from _before_rating(received(rules, kind, colour), colour)
    if rules.open_cases.pass_on:
        yield from _with_worker(received(rules, kind, open_case=True))
    looked_at = received(rules, kind).after(screening.start_screening)
    for colour in rules.colours:
        rated = looked_at.after(screening.rate_contact, RateContact(rag=colour, rationale=_WHY))
        yield from _once_rated(rated, colour)


def _before_rating(story: Story, colour: str | None) -> Iterator[Rest]:
    yield from _at_rest(story, "nobody has looked at it", colour)
    story = story.after(screening.start_screening)
    yield from _at_rest(story, "it is being screened", colour)
    yield from _offered(story, colour)
    story = story.after(screening.return_to_referrer, Reason(reason=_WHY))
    yield from _at_rest(story, "it has been returned to the referrer", colour)
    yield from _at_rest(story.after(intake.resubmit), "it has come back from the referrer", colour)


def _with_worker(story: Story) -> Iterator[Rest]:
    yield from _at_rest(story, "it has been passed on to an allocated worker who has not read it yet", None)
    further = AddFacts(children=(Child(forename="another"),))
    change = intake.add_facts
    again = story.after(lambda s, a, d: change(s, a, d, history=lambda _: (), new_id=lambda: "another"), further)
    yield from _at_rest(again, "it has come back to the hub from an allocated worker", None)


def _once_rated(story: Story, colour: str) -> Iterator[Rest]:
    rules = story.rules
    yield from _at_rest(story, "it has been rated", colour)
    yield from _offered(story, colour)
    for agency in rules.agencies if not rules.colours[colour].asks_nobody else ():
        asked = story.after(sharing.request_information, RequestInformation(agencies=(agency,)))
        yield from _at_rest(asked, f"it waits for {rules.agencies[agency].label}", colour)
        reply = ReturnInformation(agency=agency, reply=Reply.NOTHING_KNOWN)
        yield from _at_rest(asked.after(sharing.return_information, reply), "it is ready to be decided", colour)
    for outcome in _outcomes(rules, colour):
        without = rules.required_for(colour, frozenset())
        decision = RecordDecision(outcome=outcome, rationale=_WHY, without=without)
        yield from _once_decided(story.after(deciding.record_decision, decision), colour)


def _offered(story: Story, colour: str | None) -> Iterator[Rest]:
    offered = story.after(screening.transfer_out, TransferOut(to="Elsewhere", rationale=_WHY))
    yield from _at_rest(offered, "another authority has been asked to take it", colour)


def _outcomes(rules: RuleSet, colour: str) -> Iterator[str]:
    """Outcomes; of several that no clock and no oversight tells apart the first."""
    seen = []
    named = {name for clock in rules.clocks.values() if clock.only_for for name in clock.only_for.outcomes or ()}
    for code, outcome in rules.outcomes.items():
        own = (rules.oversight_needed({code}, colour), outcome.stands_at_once, outcome.level, code in named and code)
        if own not in seen:
            seen.append(own)
            yield code


def _once_decided(story: Story, colour: str) -> Iterator[Rest]:
    if story.stage is State.AWAITING_SIGN_OFF:
        yield from _at_rest(story, "it waits for management oversight", colour)
        refused = story.after(deciding.sign_off, SignOff(agree=False, comment=_WHY))
        yield from _at_rest(refused, f"it is to be decided {_UNDONE}", colour)
        withdrawn = story.after(deciding.withdraw_decision, Reason(reason=_WHY))
        yield from _at_rest(withdrawn, f"it is to be decided {_UNDONE}", colour)
        story = story.after(deciding.sign_off, SignOff(agree=True))
    if story.situation.picture.feedback_owed:
        yield from _at_rest(story, "it has been decided and its referrer has not been told yet", colour)
    reopened = story.after(screening.reopen, Reason(reason=_WHY))
    yield from _at_rest(reopened, f"it is being screened {_AGAIN}", colour)
    rated = reopened.after(screening.rate_contact, RateContact(rag=colour, rationale=_WHY))
    yield from _at_rest(rated, f"it is to be decided {_AGAIN}", colour)


# -- what can be done while it lies there -----------------------------------------------------------------------------


def _at_rest(story: Story, when: str, colour: str | None) -> Iterator[Rest]:
    """The rest, if no deadline runs there once everything is done that keeps it there."""
    if not any(episode.running for episode in _seen_to(story).timeline.episodes):
        yield Rest(when, colour, story.contact.rag is not None)


def _seen_to(story: Story) -> Story:
    """Everything done that can be done without its going anywhere: acknowledged, told, events recorded."""
    story = _if_possible(story, intake.acknowledge)
    clocks = {episode.clock for episode in story.timeline.episodes if episode.running}
    stops = {story.rules.clocks[name].stop for name in clocks}
    for event in (code for code in story.rules.events if code in stops):
        story = _if_possible(story, after.record_event, RecordEvent(event=event))
    tells = Moment.REFERRER_TOLD in stops and story.stage is State.AWAITING_SIGN_OFF
    return _if_possible(story, after.give_feedback, GiveFeedback()) if tells else story


def _if_possible(story: Story, judge: Judge, details: Details = NOTHING) -> Story:
    try:
        return story.after(judge, details)
    except Refused:
        return story
