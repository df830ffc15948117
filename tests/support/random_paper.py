"""The stages of a contact on paper: what the replay format, section 2, lets be done and where it leads.

Typed from the text of the format. It shares nothing with the engine but the rule set and two tables that are typed from
the same text. Of the clocks it only takes what is stored, to judge whether one may be paused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mash.clock import LONDON
from mash.rules.ruleset import Rerating, RuleSet
from mash.vocabulary import Agreement, Role, Verb
from tests.support.random_acts import Act
from tests.test_permissions import MAY
from tests.workflow.test_states import ALLOWED_IN


@dataclass(frozen=True)
class Running:
    """A stored deadline that is neither met nor cancelled."""

    clock: str
    agency: str
    paused: bool
    breached: bool


@dataclass
class Sheet:
    """One contact."""

    rules: RuleSet
    kind: str
    keyed_by: Role
    anonymous: bool
    agreement: str
    concerns: set[str]
    children: dict[str, bool]
    state: str = "received"
    rag: str | None = None
    suggested: str | None = None
    outcome: str | None = None
    asked_or_waived: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    acknowledged: bool = False
    handover_accepted: bool = False
    reading_confirmed: bool = False
    decided_by: str | None = None
    stands: bool = False
    stood: bool = False
    told: bool = False
    away: bool = False
    before_transfer: str = ""

    @property
    def required(self) -> set[str]:
        """Agencies required for the colour and the concerns, and neither asked nor waived yet."""
        if self.rag is None or self.rules.colours[self.rag].asks_nobody:
            return set()
        wanted = {
            code
            for code, agency in self.rules.agencies.items()
            if self.rag in agency.required_for or self.concerns & set(agency.required_for_concerns)
        }
        return wanted - self.asked_or_waived

    @property
    def settled(self) -> str:
        return "gathering" if self.awaited else "ready" if self.asked_or_waived else "rated"

    def height(self, colour: str | None) -> int:
        return -1 if colour is None else list(self.rules.colours).index(colour)


def opened(rules: RuleSet, act: Act) -> Sheet:
    """The contact as it was keyed."""
    d = act.details
    children = {child.label: child.open_case for child in d.children}
    sheet = Sheet(rules, d.kind.value, act.role, d.referrer.anonymous, d.agreement.status, set(d.concerns), children)
    if rules.open_cases.pass_on and all(children.values()):
        sheet.state = "with_allocated_worker"
    return sheet


# -- what is refused --------------------------------------------------------------------------------------------------


def against(act: Act, sheet: Sheet, running: Sequence[Running]) -> list[str]:
    """Every reason of the format against the act."""
    d, found = act.details, []
    if act.verb.value not in MAY[act.role].split():
        found.append("the role may not do it")
    if act.role not in sheet.rules.who_may.get(act.verb, (act.role,)):
        found.append("the rule set leaves it to others")
    if sheet.state not in ALLOWED_IN[act.verb.value].split():
        return [*found, f"not possible in {sheet.state}"]
    if judge := _AGAINST.get(act.verb):
        found += [reason for reason, holds in judge(act, sheet, d) if holds]
    if act.verb in (Verb.PAUSE_CLOCK, Verb.RESUME_CLOCK):
        found += [reason for reason, holds in _of_clock(act, sheet, running) if holds]
    return found


def against_receiving(act: Act, rules: RuleSet) -> list[str]:
    """The same for a contact that is not there yet."""
    d = act.details
    labels = [child.label for child in d.children]
    reasons = {
        "the role may not do it": "receive_contact" not in MAY[act.role].split(),
        "the rule set leaves it to others": act.role not in rules.who_may.get(act.verb, (act.role,)),
        "received in the future": d.received_at is not None and d.received_at > act.at,
        "a child stands twice": len(set(labels)) != len(labels),
        "unknown concern": not set(d.concerns) <= set(rules.concerns),
        **dict(_bad_agreement(d.agreement)),
    }
    return [reason for reason, holds in reasons.items() if holds]


Judged = Iterator[tuple[str, bool]]


def _bad_agreement(d: Any) -> Judged:
    yield "unknown status", d.status not in set(Agreement)
    yield "not required without a reason", d.status == "not_required" and not d.reason


def _add_facts(act: Act, sheet: Sheet, d: Any) -> Judged:
    labels = [child.label for child in d.children]
    yield "nothing is added", not (d.children or d.adults or d.concerns)
    yield "a child is there already", bool(set(labels) & set(sheet.children)) or len(set(labels)) != len(labels)
    yield "unknown concern", not set(d.concerns) <= set(sheet.rules.concerns)


def _record_agreement(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "no status", "status" not in d.model_fields_set
    yield from _bad_agreement(d)


def _acknowledge(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "already acknowledged", sheet.acknowledged
    yield "anonymous", sheet.anonymous


def _accept_handover(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "not keyed by edt", sheet.keyed_by is not Role.EDT
    yield "already accepted", sheet.handover_accepted


def _confirm_read(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "already confirmed", sheet.reading_confirmed


def _rate(act: Act, sheet: Sheet, d: Any) -> Judged:
    rag, rule = d.rag or sheet.suggested, sheet.rules.rating.rerating
    if rag is None or rag not in sheet.rules.colours:
        yield "no colour, or one that is not known", True
        return
    lower = sheet.height(rag) < sheet.height(sheet.suggested)
    yield "lower than suggested without a rationale", sheet.state == "screening" and lower and not d.rationale
    if sheet.rag is None:
        return
    changes = rag != sheet.rag
    yield "colours are never changed", changes and rule is Rerating.FORBIDDEN
    fell = sheet.height(rag) < sheet.height(sheet.rag)
    yield "colours only rise", fell and rule is Rerating.UPWARD_WITH_REASON
    asked_why = (changes or sheet.state != "screening") and rule is not Rerating.FREE
    yield "no rationale", asked_why and not d.rationale


def _request(act: Act, sheet: Sheet, d: Any) -> Judged:
    rules, early = sheet.rules, sheet.state == "screening"
    yield "unknown agency", not set(d.agencies) <= set(rules.agencies)
    yield "nobody to ask", not d.agencies and (early or not sheet.required)
    yield "not before rating", early and not rules.sharing.before_rating
    yield "nobody for this kind", early and rules.kinds[sheet.kind].may_close_early  # type: ignore[index]
    yield "the colour asks nobody", sheet.rag is not None and rules.colours[sheet.rag].asks_nobody
    gate = (sheet.rag or sheet.suggested or next(iter(rules.colours))) in rules.sharing.agreement_needed_for
    agreed = sheet.agreement in ("given", "not_required")
    dispensed = d.without_agreement_because and act.role in rules.sharing.agreement_waived_by
    yield "the agreement gate", gate and not agreed and not dispensed


def _return(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "unknown agency", d.agency not in sheet.rules.agencies
    yield "another agency's desk", act.role is Role.DESK and act.desk != d.agency
    yield "unknown colour", d.risk is not None and d.risk not in sheet.rules.colours


def _proceed_without(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "no rationale", not d.rationale
    yield "nobody waits for one of them", not d.agencies or not set(d.agencies) <= sheet.awaited | sheet.required


def _decide(act: Act, sheet: Sheet, d: Any) -> Judged:
    outcomes = {d.outcome, *d.children.values()}
    yield "no rationale", not d.rationale
    yield "unknown outcome", not outcomes <= set(sheet.rules.outcomes)
    yield "unknown child", not set(d.children) <= set(sheet.children)
    yield "unknown agency", not set(d.without) <= set(sheet.rules.agencies)
    rule = sheet.rules.outcomes.get(d.outcome or "")
    waits = rule is None or rule.waits_for_replies
    yield "somebody is waited for", waits and not sheet.awaited | sheet.required <= set(d.without)


def _reason(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "no reason", not d.reason


def _sign_off(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "by the person who decided", act.by == sheet.decided_by
    yield "not agreed without a comment", not d.agree and not d.comment


def _give_feedback(act: Act, sheet: Sheet, d: Any) -> Judged:
    there_is_one = sheet.stands or sheet.state == "transferred"
    yield "anonymous", sheet.anonymous
    yield "there is none", not there_is_one
    yield "already given", there_is_one and sheet.told


def _record_event(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "unknown code", d.event not in sheet.rules.events
    yield "in the future", d.occurred_at is not None and d.occurred_at > act.at


def _pause(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "no reason", not d.reason
    yield "no end", d.until is None or d.until <= act.at
    if d.until is not None:
        longest = timedelta(days=sheet.rules.pausing.longest_days)
        yield "too long", _london(d.until) - _london(act.at) > longest
    known = sheet.rules.clocks.get(d.clock)
    yield "not pausable in this colour", known is not None and sheet.rag not in known.pausable_for


def _transfer_out(act: Act, sheet: Sheet, d: Any) -> Judged:
    yield "no rationale", not d.rationale
    yield "to nobody", not d.to  # not in the format, but an engine may well ask


def _close(act: Act, sheet: Sheet, d: Any) -> Judged:
    early = sheet.state in ("received", "screening")
    yield "not this kind", early and not sheet.rules.kinds[sheet.kind].may_close_early  # type: ignore[index]
    yield "no reason", early and not d.reason
    yield "not read yet", sheet.state == "with_allocated_worker" and not sheet.reading_confirmed
    owed = sheet.stands and not sheet.told and not sheet.anonymous
    yield "feedback is owed", sheet.rules.closing.feedback_first and owed


def _of_clock(act: Act, sheet: Sheet, running: Sequence[Running]) -> Judged:
    own = [one for one in running if one.clock == act.details.clock]
    if act.verb is Verb.PAUSE_CLOCK:
        yield "nothing to pause", not any(not one.paused and not one.breached for one in own)
    else:
        yield "not paused", not any(one.paused for one in own)


def _london(at: datetime) -> Any:
    return at.astimezone(LONDON).date()


_AGAINST: dict[Verb, Callable[[Act, Sheet, Any], Judged]] = {
    Verb.ADD_FACTS: _add_facts,
    Verb.RECORD_AGREEMENT: _record_agreement,
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.ACCEPT_HANDOVER: _accept_handover,
    Verb.CONFIRM_READ: _confirm_read,
    Verb.RATE_CONTACT: _rate,
    Verb.REQUEST_INFORMATION: _request,
    Verb.RETURN_INFORMATION: _return,
    Verb.PROCEED_WITHOUT: _proceed_without,
    Verb.RECORD_DECISION: _decide,
    Verb.WITHDRAW_DECISION: _reason,
    Verb.SIGN_OFF: _sign_off,
    Verb.GIVE_FEEDBACK: _give_feedback,
    Verb.RECORD_EVENT: _record_event,
    Verb.PAUSE_CLOCK: _pause,
    Verb.RETURN_TO_REFERRER: _reason,
    Verb.TRANSFER_OUT: _transfer_out,
    Verb.TRANSFER_REFUSED: _reason,
    Verb.REOPEN: _reason,
    Verb.CLOSE: _close,
}
OF_THE_FORMAT = frozenset(_AGAINST) | {
    Verb.RECEIVE_CONTACT,
    Verb.START_SCREENING,
    Verb.RESUME_CLOCK,
    Verb.RESUBMIT,
    Verb.TRANSFER_ACCEPTED,
    Verb.ANNOUNCE_BANK_HOLIDAY,
}
"""Of these verbs the format says everything; a further one may have reasons of its own, and leaves the stage alone."""


# -- what is worth trying ---------------------------------------------------------------------------------------------


def makes_sense(verb: Verb, sheet: Sheet) -> bool:
    """Whether there is anything to do it to."""
    early, told = sheet.state in ("received", "screening"), sheet.told or sheet.anonymous
    kind = sheet.rules.kinds[sheet.kind]  # type: ignore[index]
    asks_nobody = sheet.rag is not None and sheet.rules.colours[sheet.rag].asks_nobody
    possible = {
        Verb.ACKNOWLEDGE: not sheet.acknowledged and not sheet.anonymous,
        Verb.ACCEPT_HANDOVER: sheet.keyed_by is Role.EDT and not sheet.handover_accepted,
        Verb.CONFIRM_READ: not sheet.reading_confirmed,
        Verb.GIVE_FEEDBACK: (sheet.stands or sheet.state == "transferred") and not told,
        Verb.CLOSE: not early or kind.may_close_early,
        Verb.PROCEED_WITHOUT: bool(sheet.awaited | sheet.required),
        Verb.REQUEST_INFORMATION: not asks_nobody and (not early or sheet.rules.sharing.before_rating),
    }
    return possible.get(verb, True)


def clocks_for(verb: Verb, sheet: Sheet, running: Sequence[Running]) -> list[str]:
    """The clocks that could be paused, resumed or lifted."""
    if verb is Verb.RESUME_CLOCK:
        return [one.clock for one in running if one.paused]
    if verb is Verb.PAUSE_CLOCK:
        going = [one.clock for one in running if not one.paused and not one.breached]
        return [name for name in going if sheet.rag in sheet.rules.clocks[name].pausable_for]
    lifted = {name for rule in sheet.rules.exceptions.values() for name in rule.lifts}
    return [one.clock for one in running if one.clock in lifted]


# -- where it leads ---------------------------------------------------------------------------------------------------


def done(act: Act, sheet: Sheet) -> None:
    """Write down what the act did."""
    if effect := _EFFECTS.get(act.verb):
        effect(act, sheet, act.details)


def _facts_added(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.concerns |= set(d.concerns)
    sheet.children |= {child.label: child.open_case for child in d.children}
    if sheet.state == "with_allocated_worker" and not all(child.open_case for child in d.children):
        _reopened(act, sheet, d)


def _agreement_recorded(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.agreement = d.status


def _rated(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.rag = d.rag or sheet.suggested
    if sheet.rules.kinds[sheet.kind].may_close_early:  # type: ignore[index]
        sheet.kind = "referral"
    if sheet.state == "screening":
        sheet.state = sheet.settled


def _requested(act: Act, sheet: Sheet, d: Any) -> None:
    asked = set(d.agencies) or sheet.required
    sheet.awaited |= asked
    sheet.asked_or_waived |= asked
    if sheet.state != "screening":
        sheet.state = "gathering"


def _returned(act: Act, sheet: Sheet, d: Any) -> None:
    if d.reply.value != "partial" or sheet.rules.sharing.partial_reply_stops_clock:
        sheet.awaited.discard(d.agency)
    if sheet.state == "gathering" and not sheet.awaited:
        sheet.state = "ready"


def _waived(sheet: Sheet, agencies: Sequence[str]) -> None:
    waived = set(agencies) & (sheet.awaited | sheet.required)
    sheet.asked_or_waived |= waived
    sheet.awaited -= waived


def _proceeded(act: Act, sheet: Sheet, d: Any) -> None:
    _waived(sheet, d.agencies)
    sheet.state = sheet.settled


def _decided(act: Act, sheet: Sheet, d: Any) -> None:
    _waived(sheet, d.without)
    rules = [sheet.rules.outcomes[code] for code in {d.outcome, *d.children.values()}]
    oversight = any("always" in rule.oversight_for or sheet.rag in rule.oversight_for for rule in rules)
    sheet.state = "awaiting_sign_off" if oversight else "decided"
    sheet.outcome, sheet.decided_by, sheet.told = d.outcome, act.by, False
    sheet.stands = not oversight or sheet.rules.outcomes[d.outcome].stands_at_once
    sheet.stood |= sheet.stands


def _undone(sheet: Sheet, state: str) -> None:
    sheet.outcome, sheet.decided_by, sheet.stands, sheet.state = None, None, False, state


def _signed(act: Act, sheet: Sheet, d: Any) -> None:
    if d.agree:
        sheet.stands, sheet.stood, sheet.state = True, True, "decided"
    else:
        _undone(sheet, sheet.settled)


def _reopened(act: Act, sheet: Sheet, d: Any) -> None:
    _undone(sheet, "screening")
    sheet.stood = False


def _offered(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.before_transfer, sheet.state = sheet.state, "transferring"


def _taken_back(act: Act, sheet: Sheet, d: Any) -> None:
    before = sheet.before_transfer
    sheet.state = sheet.settled if before in ("rated", "gathering", "ready") else before


def _transferred(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.state, sheet.told = "transferred", False


def _came_back(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.state, sheet.away = "received", False


def _sent_back(act: Act, sheet: Sheet, d: Any) -> None:
    sheet.state, sheet.away = "returned", True


def _sets(**fields: Any) -> Callable[[Act, Sheet, Any], None]:
    def effect(act: Act, sheet: Sheet, d: Any) -> None:
        for name, value in fields.items():
            setattr(sheet, name, value)

    return effect


_EFFECTS: dict[Verb, Callable[[Act, Sheet, Any], None]] = {
    Verb.ADD_FACTS: _facts_added,
    Verb.RECORD_AGREEMENT: _agreement_recorded,
    Verb.ACKNOWLEDGE: _sets(acknowledged=True),
    Verb.ACCEPT_HANDOVER: _sets(handover_accepted=True),
    Verb.CONFIRM_READ: _sets(reading_confirmed=True),
    Verb.START_SCREENING: _sets(state="screening"),
    Verb.RATE_CONTACT: _rated,
    Verb.REQUEST_INFORMATION: _requested,
    Verb.RETURN_INFORMATION: _returned,
    Verb.PROCEED_WITHOUT: _proceeded,
    Verb.RECORD_DECISION: _decided,
    Verb.WITHDRAW_DECISION: lambda act, sheet, d: _undone(sheet, sheet.settled),
    Verb.SIGN_OFF: _signed,
    Verb.GIVE_FEEDBACK: _sets(told=True),
    Verb.RETURN_TO_REFERRER: _sent_back,
    Verb.RESUBMIT: _came_back,
    Verb.TRANSFER_OUT: _offered,
    Verb.TRANSFER_ACCEPTED: _transferred,
    Verb.TRANSFER_REFUSED: _taken_back,
    Verb.REOPEN: _reopened,
    Verb.CLOSE: _sets(state="closed"),
}
