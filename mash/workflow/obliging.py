"""What would other rules have wanted first? An act that was done, tried under rules that would have refused it so.

Who compares rules plays what people did by rules of their day. They gave no reason where none was asked for, asked no
agency that was not required, and nobody signed what needed no signature. Had other rules held, they would have: so it
is taken as given, at the same instant. What no reason and no signature makes possible stays refused. Pure.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from mash.errors import MashError
from mash.permissions import Actor, allowed
from mash.vocabulary import Role, State, Verb
from mash.workflow.change import Change
from mash.workflow.details import Details, RecordDecision, SignOff
from mash.workflow.on_paper import Around, Paper

_WORDS = ("reason", "rationale", "comment", "without_agreement_because")
_GIVEN = "Taken as given."
OVERSIGHT = "A second person has to look at it."


def oblige(paper: Paper, actor: Actor, verb: Verb, now: datetime, details: Details, around: Around) -> Change | None:
    """The act with what these rules want besides, kept on the paper; None where they do not allow it at all.

    Reasons are given, agencies that were not asked are set aside, concerns that these rules do not know are left out,
    a decision is overseen by another person, and what the rules leave to another role is done by that role.
    """
    for signed in (False, True):
        trial = paper.copy()
        if signed and not oversee(trial, now, around):
            break
        if change := _by_somebody(trial, actor, verb, now, _completed(trial, details), around):
            paper.take_over(trial)
            return change
    return None


def is_needless(paper: Paper, details: Details) -> bool:
    """Whether the act only gave what these rules do not ask for: agreement to a decision that nobody has to sign."""
    return isinstance(details, SignOff) and details.agree and paper.contact.state is State.DECIDED


def _by_somebody(
    paper: Paper, actor: Actor, verb: Verb, now: datetime, details: Details, around: Around
) -> Change | None:
    for somebody in _who(paper, actor, verb):
        try:
            return paper.do(somebody, verb, now, details, around)
        except MashError:
            continue
    return None


def _who(paper: Paper, actor: Actor, verb: Verb) -> Iterator[Actor]:
    """Whoever did it; else somebody in a role to whom these rules leave the act, or the doing without agreement."""
    yield actor
    roles = list(paper.rules.who_may.get(verb, ()))
    if verb is Verb.REQUEST_INFORMATION:
        roles += paper.rules.sharing.agreement_waived_by
    others = (replace(actor, role=role, desk=None) for role in roles)
    yield from (other for other in others if allowed(other, verb))


def oversee(paper: Paper, now: datetime, around: Around) -> bool:
    """Another person agrees to the decision, where it waits for that."""
    if paper.contact.state is not State.AWAITING_SIGN_OFF:
        return False
    manager = Actor("another person", "Another person", Role.SERVICE_MANAGER, paper.contact.borough)
    return _by_somebody(paper, manager, Verb.SIGN_OFF, now, SignOff(agree=True), around) is not None


def _completed(paper: Paper, details: Details) -> Details:
    fields, rules = type(details).model_fields, paper.rules
    wanted = [name for name in _WORDS if name in fields and getattr(details, name) is None]
    update: dict[str, Any] = dict.fromkeys(wanted, _GIVEN)
    if "concerns" in fields:
        update["concerns"] = tuple(code for code in getattr(details, "concerns", ()) if code in rules.concerns)
    if isinstance(details, RecordDecision):
        outcome = rules.outcomes.get(details.outcome or "")
        if outcome is not None and outcome.waits_for_replies:
            update["without"] = tuple(dict.fromkeys((*details.without, *paper.waited_for)))
    return details.model_copy(update=update)
