"""What happened, said in words? Events as sentences for the timeline. Pure; free text stays with its event."""

from collections.abc import Callable, Mapping

from mash.rules.ruleset import RuleSet
from mash.vocabulary import Agreement, Cause, Handling, Reply, Verb
from mash.workflow.change import in_words
from mash.workflow.history import Event

WORD_LABELS = {
    "narrative": "What was reported",
    "agreement_reason": "About agreement",
    "parents_informed_reason": "About informing the parents",
    "reason": "Reason",
    "rationale": "Rationale",
    "question": "Question",
    "without_agreement_because": "Asked without agreement because",
    "summary": "What they said",
    "given_by": "Given by",
    "comment": "Comment",
    "note": "Note",
    "remedy": "What was done",
    "to": "To",
}
"""What each kind of free text is called on screen."""


def tell(event: Event, rules: RuleSet) -> str:
    """One sentence: what was done."""
    teller = _TELLERS.get(event.verb)
    return teller(event, rules) if teller else _PLAIN[event.verb]


def labelled(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Free text with what it is called, in the order of the labels."""
    return [(label, words[key]) for key, label in WORD_LABELS.items() if key in words]


def _agencies(event: Event, rules: RuleSet) -> str:
    return in_words([rules.agencies[code].label for code in event.facts["agencies"]])


def _received(event: Event, rules: RuleSet) -> str:
    suggested = event.facts["suggested"]
    said = f"{rules.colours[suggested].label} suggested" if suggested else "no rule matched, so nothing is suggested"
    return f"Contact recorded; {said}."


def _added(event: Event, rules: RuleSet) -> str:
    facts = event.facts
    parts = []
    if facts["children"]:
        parts.append(_count(len(facts["children"]), "child", "children"))
    if facts["adults"]:
        parts.append(_count(facts["adults"], "adult", "adults"))
    parts += [rules.concerns.get(code, code) for code in facts["concerns"]]
    reopened = " Passed back to the hub." if facts["reopens"] else ""
    return f"Added: {in_words(parts)}.{reopened}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _agreement(event: Event, rules: RuleSet) -> str:
    return f"Agreement to a service: {Agreement(event.facts['status']).label.lower()}."


def _rated(event: Event, rules: RuleSet) -> str:
    rag, was = event.facts["rag"], event.facts["was"]
    before = f" (was {rules.colours[was].label.lower()})" if was and was != rag else ""
    suggested = event.facts["suggested"]
    other = f"; {rules.colours[suggested].label.lower()} was suggested" if suggested and suggested != rag else ""
    return f"Rated {rules.colours[rag].label.lower()}{before}{other}."


def _asked(event: Event, rules: RuleSet) -> str:
    return f"Asked {_agencies(event, rules)}."


def _replied(event: Event, rules: RuleSet) -> str:
    facts = event.facts
    label = rules.agencies[facts["agency"]].label
    unasked = " without being asked" if facts["volunteered"] else ""
    handling = Handling(facts["handling"]).label.lower()
    return f"{label} answered{unasked}: {Reply(facts['reply']).label.lower()}. Handling: {handling}."


def _without(event: Event, rules: RuleSet) -> str:
    return f"No longer waiting for {_agencies(event, rules)}."


def _decided(event: Event, rules: RuleSet) -> str:
    facts = event.facts
    level = f", level {facts['threshold_level']}" if facts["threshold_level"] else ""
    without = f" Decided without {_agencies(event, rules)}." if facts["agencies"] else ""
    oversight = ""
    if facts["oversight"]:
        oversight = " It stands; oversight follows." if facts["stands"] else " It waits for management oversight."
    return f"Decision: {rules.outcomes[facts['outcome']].label.lower()}{level}.{without}{oversight}"


def _signed(event: Event, rules: RuleSet) -> str:
    return "Management oversight: agreed." if event.facts["agree"] else "Management oversight: not agreed."


def _happened(event: Event, rules: RuleSet) -> str:
    return f"Event: {rules.events[event.facts['event']]}."


def _clock(verb: str) -> Callable[[Event, RuleSet], str]:
    def told(event: Event, rules: RuleSet) -> str:
        return f"Clock {verb}: {rules.clocks[event.facts['clock']].label}."

    return told


def _lifted(event: Event, rules: RuleSet) -> str:
    exception = rules.exceptions[event.facts["exception"]].label
    return f"Deadline lifted: {rules.clocks[event.facts['clock']].label}. Exception: {exception.lower()}."


def _taken(event: Event, rules: RuleSet) -> str:
    return f"Alert taken on: {rules.clocks[event.facts['clock']].label}."


def _alert_handed(event: Event, rules: RuleSet) -> str:
    return f"Alert handed to a colleague: {rules.clocks[event.facts['clock']].label}."


def _resolved(event: Event, rules: RuleSet) -> str:
    return f"Why out of timescale: {_whose_clock(event, rules)}. {Cause(event.facts['cause']).label}."


def _whose_clock(event: Event, rules: RuleSet) -> str:
    agency = rules.agencies.get(event.facts["agency"])
    return f"{f'{agency.label}: ' if agency else ''}{rules.clocks[event.facts['clock']].label}"


def _annulled(event: Event, rules: RuleSet) -> str:
    return f"“Out of timescale” annulled: {_whose_clock(event, rules)}."


_TELLERS: dict[Verb, Callable[[Event, RuleSet], str]] = {
    Verb.RECEIVE_CONTACT: _received,
    Verb.ADD_FACTS: _added,
    Verb.RECORD_AGREEMENT: _agreement,
    Verb.RATE_CONTACT: _rated,
    Verb.REQUEST_INFORMATION: _asked,
    Verb.RETURN_INFORMATION: _replied,
    Verb.PROCEED_WITHOUT: _without,
    Verb.RECORD_DECISION: _decided,
    Verb.SIGN_OFF: _signed,
    Verb.RECORD_EVENT: _happened,
    Verb.PAUSE_CLOCK: _clock("paused"),
    Verb.RESUME_CLOCK: _clock("resumed"),
    Verb.LIFT_DEADLINE: _lifted,
    Verb.TAKE_ALERT: _taken,
    Verb.HAND_ALERT_TO: _alert_handed,
    Verb.RESOLVE_BREACH: _resolved,
    Verb.ANNUL_BREACH: _annulled,
}
_PLAIN = {
    Verb.CLAIM: "Taken on.",
    Verb.RELEASE: "Put back in the queue.",
    Verb.HAND_TO: "Handed to a colleague.",
    Verb.ADD_NOTE: "Note added.",
    Verb.ACKNOWLEDGE: "Acknowledged to the referrer.",
    Verb.ACCEPT_HANDOVER: "Hand-over from the emergency duty team accepted.",
    Verb.CONFIRM_READ: "Read by the allocated worker.",
    Verb.START_SCREENING: "Screening started.",
    Verb.WITHDRAW_DECISION: "Decision withdrawn.",
    Verb.GIVE_FEEDBACK: "The referrer was told the outcome.",
    Verb.RETURN_TO_REFERRER: "Returned to the referrer.",
    Verb.RESUBMIT: "Came back from the referrer.",
    Verb.TRANSFER_OUT: "Offered to another authority. It is still ours.",
    Verb.TRANSFER_ACCEPTED: "Transfer accepted by the other authority.",
    Verb.TRANSFER_REFUSED: "Transfer taken back.",
    Verb.REOPEN: "Reopened.",
    Verb.CLOSE: "Closed.",
}
