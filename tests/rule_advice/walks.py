"""Contacts to which anything happens that can happen: what is said of clocks is held against them."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from mash.errors import Refused
from mash.rule_advice.story import Story, received
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, Reply, Verb
from mash.workflow.details import DETAILS
from mash.workflow.write import VERBS

Make = Callable[[Story, random.Random], dict[str, Any]]


def _nothing(story: Story, dice: random.Random) -> dict[str, Any]:
    return {}


def _reason(story: Story, dice: random.Random) -> dict[str, Any]:
    return {"reason": "Because."}


def _agency(story: Story, dice: random.Random) -> str:
    return dice.choice(sorted(story.situation.picture.awaited) or list(story.rules.agencies))


def _decision(story: Story, dice: random.Random) -> dict[str, Any]:
    level = dice.choice((None, 1, 2, 3, 4))
    return {
        "outcome": dice.choice(list(story.rules.outcomes)),
        "threshold_level": level,
        "rationale": "Because.",
        "without": list(story.rules.agencies),
    }


ACTS: dict[Verb, Make] = {
    **dict.fromkeys((Verb.ACKNOWLEDGE, Verb.ACCEPT_HANDOVER, Verb.CONFIRM_READ), _nothing),
    **dict.fromkeys((Verb.START_SCREENING, Verb.RESUBMIT, Verb.TRANSFER_ACCEPTED, Verb.GIVE_FEEDBACK), _nothing),
    **dict.fromkeys((Verb.RETURN_TO_REFERRER, Verb.TRANSFER_REFUSED, Verb.REOPEN, Verb.CLOSE), _reason),
    Verb.WITHDRAW_DECISION: _reason,
    Verb.RATE_CONTACT: lambda s, dice: {"rag": dice.choice(list(s.rules.colours)), "rationale": "Because."},
    Verb.REQUEST_INFORMATION: lambda s, dice: {"agencies": [dice.choice(list(s.rules.agencies))]},
    Verb.RETURN_INFORMATION: lambda s, dice: {"agency": _agency(s, dice), "reply": dice.choice(list(Reply))},
    Verb.RECORD_DECISION: _decision,
    Verb.SIGN_OFF: lambda s, dice: {"agree": dice.random() < 0.6, "comment": "Because."},
    Verb.TRANSFER_OUT: lambda s, dice: {"to": "Elsewhere", "rationale": "Because."},
    Verb.RECORD_EVENT: lambda s, dice: {"event": dice.choice(list(s.rules.events))},
}


def walk(rules: RuleSet, seed: int, acts: int = 24) -> Iterator[Story]:
    """One contact after each of its acts, as the seed has it."""
    dice = random.Random(seed)
    kind, open_case = dice.choice(list(Kind)), dice.random() < 0.25
    story = received(rules, kind, dice.choice([None, *rules.colours]), open_case=open_case)
    yield story
    for _ in range(acts):
        verb = dice.choice([verb for verb in ACTS if rules.events or verb is not Verb.RECORD_EVENT])
        details = DETAILS[verb].model_validate(ACTS[verb](story, dice))
        try:
            story = story.after(VERBS[verb], details)
        except Refused:
            continue
        yield story
