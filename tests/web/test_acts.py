"""Every act through its form, from receipt to close; and what a form does when it is refused."""

from typing import Any

import pytest

from mash.db import Database
from mash.vocabulary import State, Verb
from mash.workflow.details import DETAILS
from tests.support.hub import northbridge_with
from tests.web.front_door import FrontDoor, main_of

CONTACT_VERBS = [v for v in DETAILS if v not in (Verb.RECEIVE_CONTACT, Verb.ANNOUNCE_BANK_HOLIDAY)]


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


Step = tuple[str, str, dict[str, Any], State]

MAIN: list[Step] = [
    ("officer", "acknowledge", {}, State.RECEIVED),
    ("screener", "start_screening", {}, State.SCREENING),
    ("screener", "record_agreement", {"status": "given", "reason": "Mother, by phone."}, State.SCREENING),
    ("screener", "rate_contact", {"rag": "amber", "rationale": "Neglect."}, State.RATED),
    ("screener", "request_information", {"agencies": ["health", "education"]}, State.GATHERING),
    (
        "officer",
        "return_information",
        {"agency": "health", "reply": "nothing_known", "handling": "hub_only", "given_by": "Duty nurse"},
        State.GATHERING,
    ),
    ("decider", "proceed_without", {"agencies": "education", "rationale": "Half-term."}, State.READY),
    (
        "decider",
        "record_decision",
        {"outcome": "no_further_action", "threshold_level": "2", "rationale": "Support is in place."},
        State.AWAITING_SIGN_OFF,
    ),
    ("second_decider", "sign_off", {"agree": "yes", "comment": ""}, State.DECIDED),
    ("officer", "give_feedback", {"note": "By phone."}, State.DECIDED),
    ("screener", "close", {}, State.CLOSED),
]
LATER: list[Step] = [
    ("screener", "reopen", {"reason": "The school rang again."}, State.SCREENING),
    ("screener", "add_facts", {"concerns": "missing", "adults-0-name": "Dean Fielding"}, State.SCREENING),
    ("screener", "rate_contact", {"rag": "red", "rationale": "Missing since morning."}, State.READY),
    ("screener", "rate_contact", {"rag": "amber", "rationale": "She is back."}, State.READY),
    (
        "decider",
        "pause_clock",
        {"clock": "decision", "until-date": "11/11/2026", "until-time": "9am", "reason": "Away."},
        State.READY,
    ),
    ("screener", "resume_clock", {"clock": "decision", "reason": "Back."}, State.READY),
    ("screener", "record_event", {"event": "police_protection_begun"}, State.READY),
    ("decider", "transfer_out", {"to": "Westhaven", "rationale": "They moved."}, State.TRANSFERRING),
    ("decider", "transfer_refused", {"reason": "They came back."}, State.READY),
    (
        "decider",
        "record_decision",
        {"outcome": "no_further_action", "rationale": "Again.", "without": ["police"]},
        State.AWAITING_SIGN_OFF,
    ),
    ("decider", "withdraw_decision", {"reason": "More has come in."}, State.READY),
    ("decider", "transfer_out", {"to": "Westhaven", "rationale": "They moved."}, State.TRANSFERRING),
    ("decider", "transfer_accepted", {}, State.TRANSFERRED),
]
EARLY: list[Step] = [
    ("decider", "return_to_referrer", {"reason": "Say who saw it."}, State.RETURNED),
    ("officer", "resubmit", {}, State.RECEIVED),
    ("screener", "accept_handover", {}, State.RECEIVED),
]
PASSED_ON: list[Step] = [
    ("screener", "confirm_read", {}, State.WITH_ALLOCATED_WORKER),
    ("screener", "close", {"reason": ""}, State.CLOSED),
]


def play(door: FrontDoor, contact_id: str, steps: list[Step]) -> None:
    for who, verb, fields, state in steps:
        door.hub.later(minutes=1)
        led_to = door.act(who, verb, contact_id, **fields)
        assert led_to == f"/contacts/{contact_id}?done={verb}"
        assert door.state(contact_id) is state, verb
        assert "Success" in door.get(led_to, who)


def test_a_contact_goes_from_receipt_to_close_and_on_through_the_forms(door: FrontDoor) -> None:
    contact_id = door.record(concerns=["neglect"])
    play(door, contact_id, MAIN)
    play(door, contact_id, LATER)
    page = main_of(door.get(f"/contacts/{contact_id}"))
    assert "Transfer accepted by the other authority." in page and "Missing since morning." in page


def test_a_contact_is_sent_back_and_a_night_is_handed_over(door: FrontDoor) -> None:
    play(door, door.record("edt"), EARLY)


def test_a_contact_passed_to_the_allocated_worker_is_read_and_closed(door: FrontDoor) -> None:
    play(door, door.record(**{"children-0-open_case": "yes"}), PASSED_ON)


IN_HAND: list[Step] = [
    ("officer", "claim", {}, State.RECEIVED),
    ("officer", "release", {"reason": "Not mine."}, State.RECEIVED),
    ("officer", "add_note", {"note": "Tried mum 14:10, no answer."}, State.RECEIVED),
]


def test_a_contact_is_taken_on_put_back_and_handed_on_through_the_forms(door: FrontDoor) -> None:
    contact_id = door.record()
    play(door, contact_id, IN_HAND)
    decider = door.hub.actors["decider"].user_id
    play(door, contact_id, [("officer", "hand_to", {"to": decider, "note": ""}, State.RECEIVED)])
    assert "Who has it Decider" in main_of(door.get(f"/contacts/{contact_id}"))
    door.hub.later(hours=30)
    door.hub.sweep()
    taken = {"clock": "statutory_decision//1"}
    play(door, contact_id, [("manager", "take_alert", taken, State.RECEIVED)])
    assert "Alert taken on: Decision within one working day." in main_of(door.get(f"/contacts/{contact_id}"))


def test_a_manager_annuls_what_should_not_have_been_out_of_timescale_and_the_page_says_so(door: FrontDoor) -> None:
    contact_id = door.record()
    door.hub.later(hours=5)
    door.hub.sweep()
    answer = {"clock": "first_look//1", "reason": "The office was evacuated."}
    play(door, contact_id, [("manager", "annul_breach", answer, State.RECEIVED)])
    page = main_of(door.get(f"/contacts/{contact_id}", "officer"))
    assert "“Out of timescale” annulled: First look." in page
    assert "“Out of timescale” annulled by Manager, service manager, 3:01pm: The office was evacuated." in page
    assert "1 ended" in page and "1 ended, 1 out of timescale" not in page
    form = main_of(door.get(f"/contacts/{contact_id}/annul_breach", "manager"))
    assert "First look" not in form.partition("What should not have been")[2].partition("Reason")[0]


EXCEPTION: list[Step] = [
    (
        "decider",
        "lift_deadline",
        {"clock": "decision", "exception": "fabricated_illness", "reason": "The chronology comes first."},
        State.RATED,
    ),
]


def test_a_deadline_is_lifted_by_an_exception_of_the_rules(database: Database) -> None:
    exception = {"label": "Fabricated illness", "lifts": ["decision"]}
    door = FrontDoor(database, northbridge_with(exceptions={"fabricated_illness": exception}))
    contact_id = door.hub.screened("amber")
    play(door, contact_id, EXCEPTION)
    page = main_of(door.get(f"/contacts/{contact_id}"))
    assert "Deadline lifted: Decision. Exception: fabricated illness." in page
    form = main_of(door.get(f"/contacts/{contact_id}/lift_deadline", "decider"))
    assert "No exception of the rules lifts a clock that runs." in form


def test_every_act_was_done_through_its_form() -> None:
    done = {verb for steps in (MAIN, LATER, EARLY, PASSED_ON, EXCEPTION, IN_HAND) for _, verb, _, _ in steps}
    assert done | {"hand_to", "take_alert", "hand_alert_to", "resolve_breach", "annul_breach"} == set(CONTACT_VERBS)


def test_a_form_shows_what_is_asked_or_why_it_is_not_possible(door: FrontDoor) -> None:
    waiting = door.hub.screened("amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, waiting, agencies=["health"])
    for contact_id in (waiting, door.hub.decided()):
        for option in door.hub.page(contact_id, "manager").verbs:
            page = main_of(door.get(f"/contacts/{contact_id}/{option.verb}", "manager"))
            assert page.startswith(option.verb.label)
            assert all(reason in page for reason in option.reasons)
            assert ("Not possible now" in page) is not option.possible


def test_a_refused_act_gives_every_reason_and_keeps_what_was_typed(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["health"])
    page = door.act(
        "decider",
        "record_decision",
        contact_id,
        expect=409,
        outcome="early_help",
        threshold_level="3",
        rationale="Long & careful <thought>\r\nin two lines.",
    )
    assert "Health has not answered yet. Wait, or decide without Health." in page
    assert "Education must be asked for amber and has not been." in page
    assert "Long & careful <thought>\nin two lines.</textarea>" in page.replace("\r\n", "\n")
    assert page.count(" checked>") + page.count(" checked ") == 2
    assert door.state(contact_id) is State.GATHERING


def test_a_button_pressed_twice_does_it_once_and_says_so(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    door.act("officer", "acknowledge", contact_id)
    page = door.send(f"/contacts/{contact_id}/acknowledge", "officer", expect=409)
    assert "The contact has already been acknowledged." in page


def test_what_is_missing_is_said_at_its_field(door: FrontDoor) -> None:
    contact_id = door.hub.screened()
    page = door.act("screener", "rate_contact", contact_id, expect=422, rationale="I think so.")
    assert "Error: Rate" in page and '<a href="#rag">Choose a colour.</a>' in page and "I think so." in page


def test_somebody_else_was_quicker_and_nothing_typed_is_lost(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber", concerns=["neglect"])
    seen = door.hub.page(contact_id).version
    door.hub.do("officer", Verb.ADD_FACTS, contact_id, concerns=["missing"])
    fields = {"rag": "green", "rationale": "Seen at home, all well."}
    page = door.act("screener", "rate_contact", contact_id, expect=409, version=str(seen), **fields)
    assert "The contact has changed" in page and "Added: Missing." in page
    assert "Seen at home, all well." in page and "Rated amber" not in main_of(page)
    assert door.hub.page(contact_id).rag == "amber"
    door.act("screener", "rate_contact", contact_id, **fields)
    assert door.hub.page(contact_id).rag == "green"


def test_a_form_that_does_not_say_what_was_seen_is_not_accepted(door: FrontDoor) -> None:
    contact_id = door.hub.screened()
    for version in ("", "two", "²"):
        door.act("screener", "rate_contact", contact_id, expect=422, version=version, rag="green", rationale="No.")
    assert door.hub.page(contact_id).rag is None


def test_a_role_without_the_verb_is_told_so(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    page = main_of(door.get(f"/contacts/{contact_id}/record_decision", "screener", expect=403))
    assert page.startswith("You may not do this") and "Screener" in page
    assert "Record the decision" not in main_of(door.get(f"/contacts/{contact_id}", "screener"))


def test_a_desk_sees_and_does_nothing_here(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["health"])
    door.browser("health")
    for path in ("", "/return_information", "/add_facts", "/rate_contact"):
        door.get(f"/contacts/{contact_id}{path}", "health", expect=403)
    given = {"agency": "health", "reply": "nothing_known"}
    door.send(f"/contacts/{contact_id}/return_information", "health", expect=403, **given)
    door.send("/contacts/new", "health", expect=403, **{"children-0-forename": "Tiana"})
    assert door.state(contact_id) is State.GATHERING


def test_agencies_that_must_be_asked_are_ticked_and_a_link_names_the_one_that_answers(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    page = door.get(f"/contacts/{contact_id}/request_information")
    assert page.count(" checked>") + page.count(" checked ") == 2
    chosen = door.get(f"/contacts/{contact_id}/return_information?agency=education")
    assert 'value="education" checked' in chosen


def test_without_agreement_only_a_decision_maker_may_ask_for_green(door: FrontDoor) -> None:
    contact_id = door.hub.screened("green")
    fields = {"agencies": "health", "without_agreement_because": "Mother cannot be reached."}
    page = door.act("screener", "request_information", contact_id, expect=409, **fields)
    assert "Mother cannot be reached." in page and "Agreement now: not sought" in main_of(page)
    door.act("decider", "request_information", contact_id, **fields)


def test_siblings_may_have_outcomes_of_their_own(door: FrontDoor) -> None:
    contact_id = door.hub.screened("green", children=[{"forename": "Tiana"}, {"forename": "Jaden"}])
    fields = {"outcome": "early_help", "children-1": "information_and_advice", "rationale": "They differ."}
    door.act("decider", "record_decision", contact_id, **fields)
    assert [child.outcome for child in door.hub.page(contact_id).children] == ["Early help", "Information and advice"]


def test_people_are_added_to_a_form_without_script_and_a_sibling_to_the_contact(door: FrontDoor) -> None:
    contact_id = door.hub.screened()
    page = door.act("screener", "add_facts", contact_id, expect=200, change="add_children", concerns="missing")
    assert 'id="children-0-forename"' in page and 'value="missing" checked' in page
    door.act("screener", "add_facts", contact_id, **{"children-0-forename": "Jaden"})
    assert [child.name for child in door.hub.page(contact_id).children] == ["Tiana Mockford", "Jaden"]


def test_the_date_of_an_event_is_read_in_london_time(door: FrontDoor) -> None:
    contact_id = door.hub.screened()
    when = {"occurred_at-date": "25/10/2026", "occurred_at-time": "1.30am"}
    page = door.act("screener", "record_event", contact_id, expect=422, event="police_protection_begun", **when)
    assert "this time came twice. Say which of the two." in page and "First (summer time)" in page
    door.act(
        "screener",
        "record_event",
        contact_id,
        event="police_protection_begun",
        **when,
        **{"occurred_at-which": "second"},
    )
    begun = next(c for c in door.hub.page(contact_id).clocks if c.clock == "police_protection")
    assert begun.due_at.isoformat() == "2026-10-28T01:30:00+00:00"
