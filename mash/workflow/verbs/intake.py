"""A contact arrives, and more becomes known about it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mash.clock import iso
from mash.permissions import Actor
from mash.rules.facts import AdultFacts, ChildFacts, EarlierContact, Facts
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import Suggested, closed_lately, raised_only, suggest
from mash.vocabulary import Agreement, State, Verb
from mash.workflow.change import Change, Reasons, Situation, move, said
from mash.workflow.details import AddFacts, Adult, AgreementDetails, Child, NoDetails, ReceiveContact
from mash.workflow.states import NEW, Move, fire

NewId = Callable[[], str]
History = Callable[[Child], tuple[EarlierContact, ...]]
"""Earlier contacts about the same child."""


@dataclass(frozen=True)
class Arrival:
    """What `receive_contact` judges by: the rules in force on the day of receipt, and what was known before."""

    rules: RuleSet
    now: datetime
    history: History
    new_id: NewId
    late_holidays: frozenset[date]


def receive_contact(arrival: Arrival, actor: Actor, d: ReceiveContact) -> Change:
    """A contact is keyed. Where every child has an allocated worker and the rules pass it on, it goes there at once."""
    received_at = d.received_at or arrival.now
    reasons = Reasons(Verb.RECEIVE_CONTACT)
    reasons.add(received_at > arrival.now, "The time of receipt lies in the future.")
    _check_people(reasons, arrival.rules, d.children, d.concerns)
    _check_agreement(reasons, d.agreement)
    reasons.refuse_if_any()
    children = tuple((arrival.new_id(), child) for child in d.children)
    passed_on = arrival.rules.open_cases.pass_on and all(child.open_case for child in d.children)
    facts = Facts(
        received_at=received_at,
        kind=d.kind,
        channel=d.channel or "",
        source=d.source,
        agreement=d.agreement.status,
        concerns=frozenset(d.concerns),
        children=tuple(child_facts(child, arrival.history(child)) for child in d.children),
        adults=tuple(adult_facts(adult) for adult in d.adults),
        anonymous=d.referrer.anonymous,
        parents_informed=d.parents_informed,
        late_holidays=arrival.late_holidays,
    )
    suggested = suggest(arrival.rules, facts)
    return Change(
        verb=Verb.RECEIVE_CONTACT,
        state=fire(Verb.RECEIVE_CONTACT, Move(NEW, passed_on=passed_on)),
        facts={
            "kind": d.kind.value,
            "received_at": iso(received_at),
            "channel": d.channel.value if d.channel else None,
            "source": d.source.value if d.source else None,
            "anonymous": d.referrer.anonymous,
            "children": [child_id for child_id, _ in children],
            "passed_on": passed_on,
            "concerns": sorted(set(d.concerns)),
            "agreement": d.agreement.status,
            "parents_informed": d.parents_informed,
            "suggested": suggested.rag,
            "team": _team(arrival.rules, facts),
        },
        words=said(
            narrative=d.narrative,
            agreement_reason=d.agreement.reason,
            parents_informed_reason=d.parents_informed_reason,
        ),
        contact={
            "kind": d.kind,
            "channel": d.channel,
            "source": d.source,
            "received_at": received_at,
            "agreement": d.agreement.status,
            "parents_informed": d.parents_informed,
            **_suggestion_columns(suggested, frozenset(d.concerns)),
        },
        children=children,
        adults=tuple((arrival.new_id(), adult) for adult in d.adults),
        referrer=d.referrer,
    )


def _team(rules: RuleSet, facts: Facts) -> str | None:
    """Whose it is: of those who knew the child lately, else of who is there at the instant of receipt."""
    again = rules.intake.re_referral
    if again and closed_lately(again.within, facts):
        return again.to
    return rules.team_at(int(facts.received_at.timestamp()), facts.late_holidays)


def add_facts(s: Situation, actor: Actor, d: AddFacts, *, history: History, new_id: NewId) -> Change:
    """More children, adults or concerns. The suggestion is worked out again; the rating stays as it is."""
    reasons = Reasons(Verb.ADD_FACTS, s.contact.state)
    concerns = s.picture.concerns | set(d.concerns)
    reasons.add(not (d.children or d.adults or d.concerns), "Nothing is added: name a child, an adult or a concern.")
    known = {child.label for child in s.children}
    for child in d.children:
        reasons.add(child.label in known, "One of these children is already part of this contact.")
    _check_people(reasons, s.rules, d.children, d.concerns)
    reasons.refuse_if_any()
    children = tuple((new_id(), child) for child in d.children)
    needs_hub = any(not child.open_case for child in d.children)
    now_known = _facts_with(s, concerns, [child_facts(c, history(c)) for c in d.children], d.adults)
    before = Suggested(s.picture.suggested, s.suggested_because)
    suggested = raised_only(s.rules, before, suggest(s.rules, now_known))
    state = move(s, Verb.ADD_FACTS, needs_hub=needs_hub)
    return Change(
        verb=Verb.ADD_FACTS,
        state=state,
        facts={
            "children": [child_id for child_id, _ in children],
            "adults": len(d.adults),
            "concerns": sorted(set(d.concerns)),
            "suggested": suggested.rag,
            "reopens": s.contact.state is State.WITH_ALLOCATED_WORKER and needs_hub,
        },
        contact=_suggestion_columns(suggested, concerns),
        children=children,
        adults=tuple((new_id(), adult) for adult in d.adults),
    )


def record_agreement(s: Situation, actor: Actor, d: AgreementDetails) -> Change:
    """What the family says to a service."""
    reasons = Reasons(Verb.RECORD_AGREEMENT, s.contact.state)
    reasons.add("status" not in d.model_fields_set, "Say what the family's agreement is.")
    _check_agreement(reasons, d)
    reasons.refuse_if_any()
    return Change(
        verb=Verb.RECORD_AGREEMENT,
        state=move(s, Verb.RECORD_AGREEMENT),
        facts={"status": d.status},
        words=said(reason=d.reason),
        contact={"agreement": d.status},
    )


def acknowledge(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """The referrer knows that the contact has arrived."""
    reasons = Reasons(Verb.ACKNOWLEDGE, s.contact.state)
    reasons.add(s.picture.acknowledged, "The contact has already been acknowledged.")
    reasons.add(s.picture.anonymous, "The referrer is anonymous: there is nobody to acknowledge to.")
    return _plain(s, Verb.ACKNOWLEDGE, reasons)


def accept_handover(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """The day staff take over what the emergency duty team keyed."""
    reasons = Reasons(Verb.ACCEPT_HANDOVER, s.contact.state)
    reasons.add(s.picture.keyed_role != "edt", "The emergency duty team did not key this contact.")
    reasons.add(s.picture.handover_accepted, "The hand-over has already been accepted.")
    return _plain(s, Verb.ACCEPT_HANDOVER, reasons)


def confirm_read(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """The allocated worker or team has read it."""
    reasons = Reasons(Verb.CONFIRM_READ, s.contact.state)
    reasons.add(s.picture.reading_confirmed, "The reading has already been confirmed.")
    return _plain(s, Verb.CONFIRM_READ, reasons)


def resubmit(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """The referrer sends it again."""
    return _plain(s, Verb.RESUBMIT, Reasons(Verb.RESUBMIT, s.contact.state))


def _plain(s: Situation, verb: Verb, reasons: Reasons) -> Change:
    reasons.refuse_if_any()
    return Change(verb=verb, state=move(s, verb))


def child_facts(child: Child, earlier: tuple[EarlierContact, ...]) -> ChildFacts:
    """What the rules may know of a child."""
    return ChildFacts(child.date_of_birth, child.expected_date_of_delivery, earlier, child.open_case)


def adult_facts(adult: Adult) -> AdultFacts:
    """What the rules may know of an adult."""
    return AdultFacts(adult.role, adult.relationship)


def _facts_with(
    s: Situation, concerns: frozenset[str], children: Sequence[ChildFacts], adults: Sequence[Adult]
) -> Facts:
    return Facts(
        received_at=s.contact.received_at,
        kind=s.contact.kind,
        channel=s.contact.channel or "",
        source=s.contact.source,
        agreement=s.picture.agreement,
        concerns=concerns,
        children=(*(child.facts for child in s.children), *children),
        adults=(*s.adults, *map(adult_facts, adults)),
        anonymous=s.picture.anonymous,
        parents_informed=s.picture.parents_informed,
        late_holidays=frozenset(holiday.day for holiday in s.holidays),
    )


def _suggestion_columns(suggested: Suggested, concerns: frozenset[str]) -> dict[str, object]:
    return {
        "suggested_rag": suggested.rag,
        "suggested_because": list(suggested.because),
        "concerns": sorted(concerns),
    }


def _check_people(reasons: Reasons, rules: RuleSet, children: Sequence[Child], concerns: Sequence[str]) -> None:
    labels = [child.label for child in children if child.label]
    reasons.add(len(labels) != len(set(labels)), "The same child is named twice.")
    for child in children:
        both = child.date_of_birth is not None and child.expected_date_of_delivery is not None
        reasons.add(both, "A child has a date of birth or an expected date of delivery, not both.")
    for code in concerns:
        reasons.add(code not in rules.concerns, f"“{code}” is not a concern of {rules.title}'s rules.")


def _check_agreement(reasons: Reasons, d: AgreementDetails) -> None:
    reasons.add(d.status not in set(Agreement), f"“{d.status}” is not a kind of agreement.")
    reasons.add(d.status == Agreement.NOT_REQUIRED and not d.reason, "Say why the family's agreement is not required.")
