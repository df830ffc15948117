"""Somebody looks, rates, and may send a contact elsewhere. Pure."""

from mash.permissions import Actor
from mash.rules.ruleset import Rerating
from mash.vocabulary import Kind, State, Verb
from mash.workflow.change import Change, Reasons, Situation, move, said
from mash.workflow.details import NoDetails, RateContact, Reason, TransferOut


def start_screening(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """Somebody has begun to look at it."""
    Reasons(Verb.START_SCREENING, s.contact.state).refuse_if_any()
    return Change(verb=Verb.START_SCREENING, state=move(s, Verb.START_SCREENING))


def rate_contact(s: Situation, actor: Actor, d: RateContact) -> Change:
    """A registered social worker sets the colour, or accepts the suggestion; lower than suggested needs a reason."""
    present, suggested = s.contact.rag, s.picture.suggested
    rag = d.rag or suggested
    reasons = Reasons(Verb.RATE_CONTACT, s.contact.state)
    reasons.add(rag is None, "No colour is suggested: choose one yourself.")
    known = rag in s.rules.colours
    reasons.add(rag is not None and not known, f"“{rag}” is not a colour of {s.rules.title}'s rules.")
    if known and reasons.stage_allows:
        _check_rationale(reasons, s, rag, present, d.rationale)
    reasons.refuse_if_any()
    return Change(
        verb=Verb.RATE_CONTACT,
        state=move(s, Verb.RATE_CONTACT),
        facts={"rag": rag, "was": present, "suggested": suggested},
        words=said(rationale=d.rationale),
        contact={"rag": rag, **_as_referral(s)},
    )


def _as_referral(s: Situation) -> dict[str, object]:
    """A contact of a kind that may be closed early is a referral once somebody rates it."""
    return {"kind": Kind.REFERRAL} if s.rules.kinds[s.contact.kind].may_close_early else {}


def _check_rationale(
    reasons: Reasons, s: Situation, rag: str | None, present: str | None, rationale: str | None
) -> None:
    order, rule = s.rules.order, s.rules.rating.rerating
    lower = order[rag] < order[s.picture.suggested]
    screening = s.contact.state is State.SCREENING
    if lower and screening:
        reasons.add(not rationale, "The colour is lower than suggested: say why.")
    if present is None:
        return
    changes = rag != present
    reasons.add(changes and rule is Rerating.FORBIDDEN, "The rules do not let a colour be changed.")
    lowered = order[rag] < order[present]
    reasons.add(lowered and rule is Rerating.UPWARD_WITH_REASON, "The rules only let a rating be raised.")
    needs_reason = rule is not Rerating.FREE and (changes or not screening)
    reasons.add(needs_reason and not rationale, "Say why the colour is changed.")


def return_to_referrer(s: Situation, actor: Actor, d: Reason) -> Change:
    """Sent back for more; what the clocks do meanwhile is for the rule set."""
    return _with_reason(s, Verb.RETURN_TO_REFERRER, d, "Say what the referrer has to do.")


def reopen(s: Situation, actor: Actor, d: Reason) -> Change:
    """Something new has arrived. Colour, suggestion and replies stay; the outcome is empty again."""
    change = _with_reason(s, Verb.REOPEN, d, "Say why it is reopened.")
    return Change(verb=change.verb, state=change.state, words=change.words, contact=NO_OUTCOME)


def transfer_out(s: Situation, actor: Actor, d: TransferOut) -> Change:
    """Offered to another authority. It stays ours until they accept."""
    reasons = Reasons(Verb.TRANSFER_OUT, s.contact.state)
    reasons.add(not d.to, "Say to which authority.")
    reasons.add(not d.rationale, "Say why it is theirs.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.TRANSFER_OUT,
        state=move(s, Verb.TRANSFER_OUT),
        words=said(to=d.to, rationale=d.rationale),
    )


def transfer_accepted(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """The other authority has taken it."""
    Reasons(Verb.TRANSFER_ACCEPTED, s.contact.state).refuse_if_any()
    return Change(verb=Verb.TRANSFER_ACCEPTED, state=move(s, Verb.TRANSFER_ACCEPTED))


def transfer_refused(s: Situation, actor: Actor, d: Reason) -> Change:
    """The other authority has not taken it, or we take it back."""
    return _with_reason(s, Verb.TRANSFER_REFUSED, d, "Say why it comes back.")


def _with_reason(s: Situation, verb: Verb, d: Reason, missing: str) -> Change:
    reasons = Reasons(verb, s.contact.state)
    reasons.add(not d.reason, missing)
    reasons.refuse_if_any()
    return Change(verb=verb, state=move(s, verb), words=said(reason=d.reason))


NO_OUTCOME: dict[str, object] = {"outcome": None, "threshold_level": None, "child_outcomes": {}}
