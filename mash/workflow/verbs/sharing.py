"""Agencies are asked and answer. Pure."""

from mash.permissions import Actor
from mash.vocabulary import Agreement, Handling, Reply, Role, State, Verb
from mash.workflow.change import Change, Reasons, Situation, move, said
from mash.workflow.details import ProceedWithout, RequestInformation, ReturnInformation


def request_information(s: Situation, actor: Actor, d: RequestInformation) -> Change:
    """Ask agencies; where none is named, those that the colour still requires. All or nothing."""
    before_rating = s.contact.state is State.SCREENING
    agencies = sorted(set(d.agencies)) or ([] if before_rating else list(s.required_agencies))
    reasons = Reasons(Verb.REQUEST_INFORMATION, s.contact.state)
    _check_agencies(reasons, s, agencies)
    if reasons.stage_allows:
        if before_rating:
            reasons.add(not s.rules.sharing.before_rating, "The rules do not let agencies be asked before rating.")
            reasons.add(s.rules.kinds[s.contact.kind].may_close_early, NOBODY_FOR_THIS_KIND)
            reasons.add(not agencies, "Before rating, name the agencies to ask.")
        else:
            reasons.add(not agencies, "There is nobody left to ask for this colour: name an agency.")
        rag = s.contact.rag
        asks_nobody = rag is not None and s.rules.colours[rag].asks_nobody
        reasons.add(asks_nobody, f"For {s.rules.colour_label(rag).lower()} nobody is asked.")
        _check_agreement(reasons, s, actor, d)
    reasons.refuse_if_any()
    return Change(
        verb=Verb.REQUEST_INFORMATION,
        state=move(s, Verb.REQUEST_INFORMATION),
        facts={"agencies": agencies, "without_agreement": bool(d.without_agreement_because)},
        words=said(question=d.question, without_agreement_because=d.without_agreement_because),
    )


NOBODY_FOR_THIS_KIND = "There is nobody to ask: a contact of this kind is not asked about until it is rated."


def _check_agreement(reasons: Reasons, s: Situation, actor: Actor, d: RequestInformation) -> None:
    """For some colours agencies are asked only with the family's agreement, or on a decision maker's word."""
    colour = s.contact.rag or s.picture.suggested or s.rules.lowest
    if colour not in s.rules.sharing.agreement_needed_for:
        return
    if s.picture.agreement in (Agreement.GIVEN, Agreement.NOT_REQUIRED):
        return
    dispensed = bool(d.without_agreement_because) and actor.role in s.rules.sharing.agreement_waived_by
    label = s.rules.colours[colour].label.lower()
    reasons.add(
        not dispensed,
        f"For {label}, agencies are asked with the family's agreement. Record it, or a decision maker says why not.",
    )


def return_information(s: Situation, actor: Actor, d: ReturnInformation) -> Change:
    """An agency answers, or tells unasked. A reply that stops the clock answers every request to that agency."""
    reasons = Reasons(Verb.RETURN_INFORMATION, s.contact.state)
    _check_agencies(reasons, s, [d.agency])
    own = actor.role is not Role.DESK or actor.desk == d.agency
    reasons.add(not own, "A desk answers for its own agency only.")
    reasons.add(d.risk is not None and d.risk not in s.rules.colours, f"“{d.risk}” is not a colour of these rules.")
    reasons.refuse_if_any()
    volunteered = d.agency not in s.picture.awaited
    stops = d.reply is not Reply.PARTIAL or s.rules.sharing.partial_reply_stops_clock
    left = s.picture.without([d.agency]) if stops else s.picture.awaited
    return Change(
        verb=Verb.RETURN_INFORMATION,
        state=move(s, Verb.RETURN_INFORMATION, awaiting_reply=bool(left)),
        facts={
            "agency": d.agency,
            "reply": d.reply.value,
            "handling": d.handling.value,
            "risk": d.risk,
            "volunteered": volunteered,
            "stops_clock": stops,
        },
        words=said(summary=d.summary, given_by=d.given_by),
        hub_only=d.handling is Handling.HUB_ONLY,
    )


def proceed_without(s: Situation, actor: Actor, d: ProceedWithout) -> Change:
    """The decision maker stops waiting for these replies."""
    reasons = Reasons(Verb.PROCEED_WITHOUT, s.contact.state)
    reasons.add(not d.agencies, "Name the agencies that are not waited for.")
    reasons.add(not d.rationale, "Say why it is right to go on without them.")
    _check_agencies(reasons, s, d.agencies)
    waited_for = s.picture.awaited | set(s.required_agencies)
    for agency in d.agencies:
        if agency in s.rules.agencies:
            label = s.rules.agencies[agency].label
            reasons.add(agency not in waited_for, f"Nobody is waiting for {label}.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.PROCEED_WITHOUT,
        state=move(s, Verb.PROCEED_WITHOUT, awaiting_reply=bool(s.picture.without(d.agencies)), asked_or_waived=True),
        facts={"agencies": sorted(set(d.agencies))},
        words=said(rationale=d.rationale),
    )


def _check_agencies(reasons: Reasons, s: Situation, agencies: list[str] | tuple[str, ...]) -> None:
    for agency in agencies:
        reasons.add(agency not in s.rules.agencies, f"{s.rules.title} has no agency “{agency}”.")
