"""What each act does and why it is refused, in words that a social worker can act on."""

from typing import Any

import pytest

from mash.db import Database
from mash.errors import NotPermitted, Refused
from mash.vocabulary import State, Verb
from tests.support.hub import MONDAY, Hub

V = Verb


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def refused(hub: Hub, who: str, verb: Verb, contact_id: str, **fields: Any) -> tuple[str, ...]:
    before = hub.page(contact_id)
    with pytest.raises(Refused) as error:
        hub.do(who, verb, contact_id, **fields)
    assert hub.page(contact_id) == before
    return error.value.reasons


def test_a_contact_goes_from_receipt_to_close(hub: Hub) -> None:
    contact_id = hub.receive(concerns=["neglect"])
    states = []
    for who, verb, fields in [
        ("officer", V.ACKNOWLEDGE, {}),
        ("screener", V.START_SCREENING, {}),
        ("screener", V.RATE_CONTACT, {}),
        ("screener", V.REQUEST_INFORMATION, {}),
        ("health", V.RETURN_INFORMATION, {"agency": "health", "reply": "nothing_known"}),
        ("education", V.RETURN_INFORMATION, {"agency": "education", "reply": "information_held", "summary": "Well."}),
        ("decider", V.RECORD_DECISION, {"outcome": "no_further_action", "rationale": "No harm found."}),
        ("second_decider", V.SIGN_OFF, {"agree": True}),
        ("officer", V.GIVE_FEEDBACK, {"note": "Told by phone."}),
        ("screener", V.CLOSE, {}),
    ]:
        hub.later(minutes=10)
        states.append(hub.do(who, verb, contact_id, **fields).state.value)
    assert states == [
        "received",
        "screening",
        "rated",
        "gathering",
        "gathering",
        "ready",
        "awaiting_sign_off",
        "decided",
        "decided",
        "closed",
    ]


def test_health_that_has_not_answered_is_named_and_so_is_who_was_never_asked(hub: Hub) -> None:
    contact_id = hub.screened("red")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["health"])
    reasons = refused(hub, "decider", V.RECORD_DECISION, contact_id, outcome="early_help", rationale="Support.")
    assert "Health has not answered yet. Wait, or decide without Health." in reasons
    assert "Police must be asked for red and has not been. Ask, or decide without Police." in reasons
    assert len(reasons) == 3


def test_a_decision_without_health_is_one_act_and_is_on_the_record(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id)
    agencies = ["health", "education", "housing"]
    done = hub.do("decider", V.RECORD_DECISION, contact_id, outcome="early_help", rationale="Safe.", without=agencies)
    assert done.state is State.DECIDED
    shown = {agency.code: agency for agency in hub.page(contact_id).agencies}
    assert shown["health"].waived and not shown["health"].awaited
    assert "housing" not in shown


def test_a_strategy_discussion_waits_for_nobody_and_stands_at_once(hub: Hub) -> None:
    contact_id = hub.screened("red")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id)
    fields = {"outcome": "strategy_discussion", "rationale": "Likely significant harm."}
    assert hub.do("decider", V.RECORD_DECISION, contact_id, **fields).state is State.AWAITING_SIGN_OFF
    page = hub.page(contact_id)
    assert page.decision and page.decision.stands
    assert {a.code for a in page.agencies if a.awaited} == {"police", "health", "education"}
    hub.do("officer", V.GIVE_FEEDBACK, contact_id)


def test_nobody_signs_off_a_decision_of_their_own(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    fields = {"outcome": "no_further_action", "rationale": "None.", "without": ["health", "education"]}
    hub.do("decider", V.RECORD_DECISION, contact_id, **fields)
    reasons = refused(hub, "decider", V.SIGN_OFF, contact_id, agree=True)
    assert reasons == ("You recorded this decision: oversight is for another person.",)
    assert refused(hub, "manager", V.SIGN_OFF, contact_id, agree=False) == ("Say why you do not agree.",)
    undone = hub.do("manager", V.SIGN_OFF, contact_id, agree=False, comment="Ask the school first.")
    assert undone.state is State.READY
    assert hub.page(contact_id).decision is None


def test_siblings_may_have_outcomes_of_their_own(hub: Hub) -> None:
    children = [{"label": "ann", "forename": "Ann"}, {"label": "bo", "forename": "Bo"}]
    contact_id = hub.screened("green", children=children, agreement={"status": "given"})
    fields = {"outcome": "early_help", "rationale": "They differ.", "children": {"bo": "no_further_action"}}
    hub.do("decider", V.RECORD_DECISION, contact_id, **fields)
    assert [child.outcome for child in hub.page(contact_id).children] == ["Early help", "No further action"]


def test_rating_needs_a_reason_below_the_suggestion_and_a_judgement_where_nothing_is_suggested(hub: Hub) -> None:
    suggested_red = hub.screened(concerns=["sexual_abuse"])
    said = "The colour is lower than suggested: say why."
    assert refused(hub, "screener", V.RATE_CONTACT, suggested_red, rag="amber") == (said,)
    hub.do("screener", V.RATE_CONTACT, suggested_red)
    assert hub.page(suggested_red).rag == "red"
    assert refused(hub, "screener", V.RATE_CONTACT, suggested_red, rag="amber") == ("Say why the colour is changed.",)
    nothing_fits = hub.screened(concerns=["bereavement"])
    said = "No colour is suggested: choose one yourself."
    assert refused(hub, "screener", V.RATE_CONTACT, nothing_fits) == (said,)
    hub.do("screener", V.RATE_CONTACT, nothing_fits, rag="green")
    assert refused(hub, "screener", V.RATE_CONTACT, nothing_fits, rag="violet", rationale="?") == (
        "“violet” is not a colour of Northbridge's rules.",
    )


def test_agencies_are_asked_with_agreement_for_green_or_on_a_decision_makers_word(hub: Hub) -> None:
    contact_id = hub.screened("green")
    reasons = refused(hub, "screener", V.REQUEST_INFORMATION, contact_id, agencies=["housing"])
    assert "agencies are asked with the family's agreement" in reasons[0]
    because = "The child could be at risk."
    fields = {"agencies": ["housing"], "without_agreement_because": because}
    assert refused(hub, "screener", V.REQUEST_INFORMATION, contact_id, **fields)
    assert hub.do("decider", V.REQUEST_INFORMATION, contact_id, **fields).state is State.GATHERING
    assert refused(hub, "screener", V.REQUEST_INFORMATION, hub.screened("green"))[0].startswith("There is nobody left")


def test_asking_is_all_or_nothing(hub: Hub) -> None:
    contact_id = hub.screened("red")
    reasons = refused(hub, "screener", V.REQUEST_INFORMATION, contact_id, agencies=["health", "wizards"])
    assert reasons == ("Northbridge has no agency “wizards”.",)
    assert not [agency for agency in hub.page(contact_id).agencies if agency.asked_at]


def test_what_nobody_asked_for_is_kept_and_a_partial_reply_is_still_awaited(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    hub.do("police", V.RETURN_INFORMATION, contact_id, agency="police", reply="information_held", summary="Seen.")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["health"])
    hub.do("health", V.RETURN_INFORMATION, contact_id, agency="health", reply="partial", summary="More to come.")
    shown = {agency.code: agency for agency in hub.page(contact_id).agencies}
    assert shown["police"].replies[0].volunteered
    assert shown["health"].awaited and len(shown["health"].replies) == 1


def test_a_desk_answers_for_its_own_agency_only(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    reasons = refused(hub, "police", V.RETURN_INFORMATION, contact_id, agency="health", reply="nothing_known")
    assert reasons == ("A desk answers for its own agency only.",)


def test_all_reasons_are_given_at_once(hub: Hub) -> None:
    contact_id = hub.receive()
    reasons = refused(hub, "decider", V.RECORD_DECISION, contact_id, outcome="magic")
    assert set(reasons) == {
        "The contact has not been rated yet.",
        "Give the rationale for the decision.",
        "“magic” is not an outcome of Northbridge's rules.",
    }


def test_a_role_that_may_not_is_told_so_whatever_the_stage(hub: Hub) -> None:
    with pytest.raises(NotPermitted, match="Contact officer"):
        hub.do("officer", V.RATE_CONTACT, hub.receive())


def test_an_anonymous_referrer_is_neither_acknowledged_nor_told(hub: Hub) -> None:
    contact_id = hub.receive(referrer={"anonymous": True})
    assert "anonymous" in refused(hub, "officer", V.ACKNOWLEDGE, contact_id)[0]
    assert not [clock for clock in hub.page(contact_id).clocks if clock.label == "Acknowledge to the referrer"]


def test_open_cases_go_to_the_allocated_worker_and_come_back_when_a_sibling_has_none(hub: Hub) -> None:
    known = hub.receive(children=[{"label": "k", "forename": "Kit", "open_case": True}])
    page = hub.page(known)
    assert page.state is State.WITH_ALLOCATED_WORKER
    assert {clock.label for clock in page.clocks} == {"Acknowledge to the referrer", "Read by the allocated worker"}
    assert "not confirmed the reading" in refused(hub, "screener", V.CLOSE, known)[0]
    assert hub.do("officer", V.ADD_FACTS, known, children=[{"label": "new"}]).state is State.SCREENING
    mixed = hub.receive(children=[{"open_case": True}, {"forename": "No worker"}])
    assert hub.page(mixed).state is State.RECEIVED


def test_a_request_for_information_is_closed_early_with_a_reason_and_a_referral_is_not(hub: Hub) -> None:
    request = hub.receive(kind="information_request")
    assert refused(hub, "screener", V.CLOSE, request) == ("Say why it is closed without a decision.",)
    assert hub.do("screener", V.CLOSE, request, reason="Answered by e-mail.").state is State.CLOSED
    referral = hub.receive()
    assert "closed after a decision" in refused(hub, "screener", V.CLOSE, referral, reason="Busy.")[0]


def test_a_clock_is_paused_in_words_that_say_what_is_wrong(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    tomorrow = "2026-11-10T12:00+00:00"
    for fields, said in [
        ({"clock": "decision", "until": tomorrow}, "Say why the clock is paused."),
        ({"clock": "decision", "reason": "Away."}, "Say until when: a time later than now."),
        ({"clock": "decision", "reason": "Away.", "until": "2026-11-30T12:00+00:00"}, "The longest pause is 5 days."),
        ({"clock": "statutory_decision", "reason": "Away.", "until": tomorrow}, "cannot be paused in this colour"),
        ({"clock": "sundial", "reason": "Away.", "until": tomorrow}, "“sundial” is not a clock"),
        ({"clock": "sign_off", "reason": "Away.", "until": tomorrow}, "“Management oversight” is not running"),
    ]:
        assert any(said in reason for reason in refused(hub, "decider", V.PAUSE_CLOCK, contact_id, **fields))
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Family abroad.", until=tomorrow)
    assert [clock.paused for clock in hub.page(contact_id).clocks if clock.label == "Decision"] == [True]


def test_a_transfer_stays_ours_until_it_is_accepted(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    hub.do("decider", V.TRANSFER_OUT, contact_id, to="Southmere", rationale="They live there.")
    assert [c for c in hub.page(contact_id).clocks if not c.cancelled_at and not c.met_at]
    assert "Being transferred" in refused(hub, "screener", V.RATE_CONTACT, contact_id, rag="red", rationale="New.")[0]
    assert hub.do("decider", V.TRANSFER_REFUSED, contact_id, reason="Not theirs.").state is State.RATED


def test_a_contact_of_the_future_is_refused_and_nothing_is_stored(hub: Hub) -> None:
    with pytest.raises(Refused, match="future"):
        hub.receive(received_at="2026-11-09T10:01+00:00")
    with pytest.raises(Refused, match="No rules of “northbridge” are in force on 31 December 2025"):
        hub.receive(received_at="2025-12-31T10:00+00:00")
    with pytest.raises(Refused, match="“mischief” is not a concern"):
        hub.receive(concerns=["mischief"])
    assert hub.receive(received_at=MONDAY.isoformat())


def test_a_child_without_a_name_is_kept_and_an_unborn_one_is_named_so(hub: Hub) -> None:
    children = [{"expected_date_of_delivery": "2027-01-15"}, {"forename": "Sol"}, {"sex": "U"}]
    shown = hub.page(hub.receive(children=children)).children
    assert [(c.name, c.about) for c in shown] == [
        ("Unborn child", "expected 15 Jan 2027"),
        ("Sol", "age not known"),
        ("Name not known", "age not known"),
    ]


def test_a_third_contact_about_the_same_child_is_suggested_amber_and_earlier_ones_are_shown(hub: Hub) -> None:
    child = {"forename": "Ayo", "surname": "Specimen", "date_of_birth": "2012-03-04"}
    references = []
    for again in (child, {**child, "forename": " AYO "}, child):
        contact_id = hub.receive(children=[again], concerns=["bereavement"])
        references.append(hub.page(contact_id).reference)
        hub.later(days=1)
    page = hub.page(contact_id)
    assert page.suggested == "amber"
    assert "three or more dates" in page.because[0]
    assert [reference for _, reference, _, _ in page.earlier] == [references[1], references[0]]
