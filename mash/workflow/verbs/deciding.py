"""A decision is taken, overseen, or taken back. Pure."""

from mash.permissions import Actor
from mash.vocabulary import Verb
from mash.workflow.change import Change, Reasons, Situation, move, said
from mash.workflow.details import Reason, RecordDecision, SignOff
from mash.workflow.verbs.screening import NO_OUTCOME


def record_decision(s: Situation, actor: Actor, d: RecordDecision) -> Change:
    """The outcome, level and rationale, for each child where siblings differ.

    It stands at once where it needs no oversight, or where the rules let this outcome stand with oversight afterwards.
    """
    reasons = Reasons(Verb.RECORD_DECISION, s.contact.state)
    reasons.add(not d.rationale, "Give the rationale for the decision.")
    reasons.add(not d.outcome, "Choose an outcome.")
    _check_codes(reasons, s, d)
    if reasons.stage_allows:
        _check_replies(reasons, s, d)
    reasons.refuse_if_any()
    assert d.outcome is not None
    level = d.threshold_level or s.rules.outcomes[d.outcome].level
    waived = sorted(set(d.without) & (s.picture.awaited | set(s.required_agencies)))
    oversight = s.rules.oversight_needed({d.outcome, *d.children.values()}, s.contact.rag)
    own = {child.id: d.children[child.label] for child in s.children if child.label in d.children}
    outcomes = {child.id: own.get(child.id, d.outcome) for child in s.children}
    stands = not oversight or s.rules.outcomes[d.outcome].stands_at_once
    return Change(
        verb=Verb.RECORD_DECISION,
        state=move(s, Verb.RECORD_DECISION, needs_oversight=oversight),
        facts={
            "outcome": d.outcome,
            "threshold_level": level,
            "agencies": waived,
            "children": own,
            "oversight": oversight,
            "stands": stands,
        },
        words=said(rationale=d.rationale),
        contact={"outcome": d.outcome, "threshold_level": level, "child_outcomes": outcomes},
    )


def _check_codes(reasons: Reasons, s: Situation, d: RecordDecision) -> None:
    for outcome in [d.outcome, *d.children.values()]:
        unknown = outcome is not None and outcome not in s.rules.outcomes
        reasons.add(unknown, f"“{outcome}” is not an outcome of {s.rules.title}'s rules.")
    known = {child.label for child in s.children}
    reasons.add(not known.issuperset(d.children), "An outcome names a child who is not part of this contact.")
    for agency in d.without:
        reasons.add(agency not in s.rules.agencies, f"{s.rules.title} has no agency “{agency}”.")


def _check_replies(reasons: Reasons, s: Situation, d: RecordDecision) -> None:
    outcome = s.rules.outcomes.get(d.outcome or "")
    if outcome is not None and not outcome.waits_for_replies:
        return
    for agency in sorted(s.picture.without(d.without)):
        label = s.rules.agencies[agency].label
        reasons.add(True, f"{label} has not answered yet. Wait, or decide without {label}.")
    for agency in s.required_agencies:
        label, colour = s.rules.agencies[agency].label, s.rules.colour_label(s.contact.rag).lower()
        missing = agency not in d.without
        reasons.add(missing, f"{label} must be asked for {colour} and has not been. Ask, or decide without {label}.")


def withdraw_decision(s: Situation, actor: Actor, d: Reason) -> Change:
    """Taken back before it was signed; the outcome is empty again."""
    reasons = Reasons(Verb.WITHDRAW_DECISION, s.contact.state)
    reasons.add(not d.reason, "Say why the decision is withdrawn.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.WITHDRAW_DECISION,
        state=move(s, Verb.WITHDRAW_DECISION),
        words=said(reason=d.reason),
        contact=NO_OUTCOME,
    )


def sign_off(s: Situation, actor: Actor, d: SignOff) -> Change:
    """Management oversight by a second person. Not agreed, the outcome is empty again and the clocks run on."""
    reasons = Reasons(Verb.SIGN_OFF, s.contact.state)
    own = actor.user_id == s.picture.decided_by
    reasons.add(own, "You recorded this decision: oversight is for another person.")
    reasons.add(not d.agree and not d.comment, "Say why you do not agree.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.SIGN_OFF,
        state=move(s, Verb.SIGN_OFF, agrees=d.agree),
        facts={"agree": d.agree, "stands": d.agree and not s.picture.stands},
        words=said(comment=d.comment),
        contact={} if d.agree else NO_OUTCOME,
    )
