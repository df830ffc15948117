"""The transition table says what the replay format says, and every move has exactly one destination."""

from itertools import product
from pathlib import Path

import pytest

from mash.errors import Refused
from mash.vocabulary import State, Verb
from mash.workflow import states
from mash.workflow.states import NEW, TRANSITIONS, Move, blockers, fire

STATES_PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"

ALL_BUT_TRANSFERRED = (
    "received screening rated gathering ready awaiting_sign_off decided closed returned transferring "
    "with_allocated_worker"
)
OPEN = ALL_BUT_TRANSFERRED.replace("closed ", "")
ALLOWED_IN = {
    "receive_contact": "new",
    "add_facts": ALL_BUT_TRANSFERRED,
    "record_agreement": ALL_BUT_TRANSFERRED,
    "acknowledge": ALL_BUT_TRANSFERRED,
    "accept_handover": ALL_BUT_TRANSFERRED,
    "confirm_read": "with_allocated_worker",
    "start_screening": "received",
    "rate_contact": "screening rated gathering ready",
    "request_information": "screening rated gathering ready",
    "return_information": ALL_BUT_TRANSFERRED + " transferred",
    "proceed_without": "rated gathering ready",
    "record_decision": "rated gathering ready",
    "withdraw_decision": "awaiting_sign_off",
    "sign_off": "awaiting_sign_off",
    "give_feedback": "decided closed transferred awaiting_sign_off",
    "record_event": ALL_BUT_TRANSFERRED,
    "pause_clock": ALL_BUT_TRANSFERRED,
    "resume_clock": ALL_BUT_TRANSFERRED,
    "lift_deadline": ALL_BUT_TRANSFERRED,
    "resolve_breach": ALL_BUT_TRANSFERRED + " transferred",
    "annul_breach": ALL_BUT_TRANSFERRED + " transferred",
    "take_alert": ALL_BUT_TRANSFERRED,
    "hand_alert_to": ALL_BUT_TRANSFERRED,
    "add_note": ALL_BUT_TRANSFERRED,
    "claim": OPEN,
    "release": OPEN,
    "hand_to": OPEN,
    "return_to_referrer": "received screening",
    "resubmit": "returned",
    "transfer_out": "received screening rated gathering ready returned",
    "transfer_accepted": "transferring",
    "transfer_refused": "transferring",
    "reopen": "decided closed with_allocated_worker",
    "close": "decided with_allocated_worker received screening",
    "announce_bank_holiday": "",
}
"""The table of the replay format, section 2, typed from its text."""


@pytest.mark.parametrize("verb", list(Verb))
def test_each_verb_is_possible_in_the_stages_that_the_format_names(verb: Verb) -> None:
    possible = {state for state in [NEW, *(s.value for s in State)] if states.possible(verb, state)}
    assert possible == set(ALLOWED_IN[verb.value].split())


@pytest.mark.parametrize(("verb", "source"), sorted({(t.verb, t.source) for t in TRANSITIONS}))
def test_routing_conditions_are_exclusive_and_exhaustive(verb: Verb, source: str) -> None:
    routes = [t for t in TRANSITIONS if (t.verb, t.source) == (verb, source)]
    befores = ("received", "screening", "rated", "gathering", "ready", "returned")
    for facts in product(
        [False, True], [False, True], [False, True], [False, True], [False, True], [False, True], befores
    ):
        move = Move(source, *facts)
        assert sum(all(condition(move) for condition in route.when) for route in routes) == 1


@pytest.mark.parametrize(
    ("verb", "source", "facts", "dest"),
    [
        ("receive_contact", "new", {}, "received"),
        ("receive_contact", "new", {"passed_on": True}, "with_allocated_worker"),
        ("add_facts", "with_allocated_worker", {"needs_hub": True}, "screening"),
        ("add_facts", "with_allocated_worker", {}, "with_allocated_worker"),
        ("add_facts", "closed", {"needs_hub": True}, "closed"),
        ("start_screening", "received", {}, "screening"),
        ("rate_contact", "screening", {}, "rated"),
        ("rate_contact", "screening", {"asked_or_waived": True}, "ready"),
        ("rate_contact", "screening", {"awaiting_reply": True, "asked_or_waived": True}, "gathering"),
        ("rate_contact", "gathering", {"asked_or_waived": True}, "gathering"),
        ("request_information", "rated", {"awaiting_reply": True, "asked_or_waived": True}, "gathering"),
        ("request_information", "screening", {"awaiting_reply": True, "asked_or_waived": True}, "screening"),
        ("return_information", "gathering", {"asked_or_waived": True}, "ready"),
        ("return_information", "gathering", {"awaiting_reply": True, "asked_or_waived": True}, "gathering"),
        ("return_information", "transferred", {}, "transferred"),
        ("proceed_without", "gathering", {"asked_or_waived": True}, "ready"),
        ("record_decision", "ready", {"needs_oversight": True}, "awaiting_sign_off"),
        ("record_decision", "rated", {}, "decided"),
        ("withdraw_decision", "awaiting_sign_off", {"asked_or_waived": True}, "ready"),
        ("sign_off", "awaiting_sign_off", {"agrees": True, "awaiting_reply": True}, "decided"),
        ("sign_off", "awaiting_sign_off", {"agrees": False}, "rated"),
        ("give_feedback", "closed", {}, "closed"),
        ("return_to_referrer", "screening", {}, "returned"),
        ("resubmit", "returned", {}, "received"),
        ("transfer_out", "gathering", {}, "transferring"),
        ("transfer_accepted", "transferring", {}, "transferred"),
        ("transfer_refused", "transferring", {"before_transfer": "screening"}, "screening"),
        ("transfer_refused", "transferring", {"before_transfer": "returned"}, "returned"),
        ("transfer_refused", "transferring", {"before_transfer": "gathering", "asked_or_waived": True}, "ready"),
        ("reopen", "closed", {}, "screening"),
        ("close", "decided", {}, "closed"),
        ("close", "received", {}, "closed"),
    ],
)
def test_an_act_leads_where_the_format_says(verb: str, source: str, facts: dict[str, object], dest: str) -> None:
    assert fire(Verb(verb), Move(source, **facts)) == dest  # type: ignore[arg-type]


def test_what_is_not_possible_is_refused_in_words_and_moves_nothing() -> None:
    move = Move("closed")
    with pytest.raises(Refused, match="Closed"):
        fire(Verb.RATE_CONTACT, move)
    assert move.state == "closed"


@pytest.mark.parametrize(("verb", "state"), list(product([v for v in Verb if v is not Verb.RECEIVE_CONTACT], State)))
def test_every_impossible_act_has_a_reason_and_every_possible_one_has_none(verb: Verb, state: State) -> None:
    reasons = blockers(verb, state)
    assert bool(reasons) != states.possible(verb, state.value)
    for reason in reasons:
        assert reason.endswith(".") and "_" not in reason


def test_the_page_of_states_is_in_step_with_the_table() -> None:
    assert STATES_PAGE.read_text(encoding="utf-8") == states.as_markdown()
