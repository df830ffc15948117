"""A simple contact is rated, decided and closed by one short form: every act on record, or none."""

from typing import Any

import pytest

from mash.db import Database
from mash.vocabulary import State, Verb
from tests.web.front_door import FrontDoor, main_of

ANSWER = {
    "rag": "green",
    "outcome": "information_and_advice",
    "rationale": "The school has it in hand.",
    "feedback": "told",
    "note": "By phone.",
}


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def verbs_of(door: FrontDoor, contact_id: str) -> list[Verb]:
    return [entry.verb for entry in reversed(door.hub.page(contact_id).timeline)]


def screen_out(door: FrontDoor, contact_id: str, who: str = "decider", expect: int = 303, **other: Any) -> str:
    return door.post(f"/contacts/{contact_id}/screen_out", who, expect=expect, **(ANSWER | other))


def test_a_new_contact_is_closed_by_one_form_with_every_act_on_record(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    assert "Screen out in one go" in door.get(f"/contacts/{contact_id}", "decider")
    assert screen_out(door, contact_id) == f"/contacts/{contact_id}?done=close"
    assert verbs_of(door, contact_id)[1:] == [
        Verb.START_SCREENING,
        Verb.RATE_CONTACT,
        Verb.RECORD_DECISION,
        Verb.GIVE_FEEDBACK,
        Verb.CLOSE,
    ]
    page = door.hub.page(contact_id)
    assert (page.state, page.rag, page.decision and page.decision.rationale) == (
        State.CLOSED,
        "green",
        "The school has it in hand.",
    )


def test_who_is_not_told_yet_stays_to_be_told(door: FrontDoor) -> None:
    contact_id = door.hub.screened()
    screen_out(door, contact_id, feedback="later")
    assert Verb.GIVE_FEEDBACK not in verbs_of(door, contact_id)
    assert "Tell the referrer the outcome" in [c.label for c in door.hub.page(contact_id).clocks if not c.ended]


def test_of_an_anonymous_referrer_nobody_asks_whether_they_were_told(door: FrontDoor) -> None:
    contact_id = door.hub.receive(referrer={"anonymous": True})
    assert "The referrer" not in main_of(door.get(f"/contacts/{contact_id}/screen_out", "decider")).split("Suggests")[0]
    fields = {name: value for name, value in ANSWER.items() if name not in ("feedback", "note")}
    door.post(f"/contacts/{contact_id}/screen_out", "decider", **fields)
    assert door.state(contact_id) is State.CLOSED


@pytest.mark.parametrize("left_out", ["rag", "outcome", "rationale", "feedback"])
def test_every_question_has_to_be_answered(door: FrontDoor, left_out: str) -> None:
    contact_id = door.hub.receive()
    page = screen_out(door, contact_id, expect=422, **{left_out: ""})
    assert f'href="#{left_out}"' in page
    assert door.state(contact_id) is State.RECEIVED


def test_what_needs_a_second_person_does_not_close_in_one_go(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    page = screen_out(door, contact_id, expect=422, rag="amber", outcome="no_further_action")
    assert "needs management oversight for amber" in page
    assert verbs_of(door, contact_id) == [Verb.RECEIVE_CONTACT]


def test_where_one_act_is_refused_none_is_done(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    page = screen_out(door, contact_id, expect=409, rag="amber", outcome="information_and_advice")
    assert "Health must be asked for amber" in page
    assert "The school has it in hand." in page
    assert verbs_of(door, contact_id) == [Verb.RECEIVE_CONTACT]


def test_who_comes_second_sees_what_the_first_did(door: FrontDoor) -> None:
    contact_id = door.hub.screened()
    path = f"/contacts/{contact_id}/screen_out"
    version = str(door.hub.page(contact_id).version)
    door.get(path, "decider")
    door.hub.do("officer", Verb.ADD_NOTE, contact_id, note="Mum rang again.")
    page = door.send(path, "decider", expect=409, **ANSWER, version=version)
    assert "Officer changed this contact while you were looking at it" in page
    assert "Mum rang again." in main_of(page)
    assert door.state(contact_id) is State.SCREENING


def test_it_is_not_offered_where_somebody_has_to_be_asked(door: FrontDoor) -> None:
    contact_id = door.hub.receive(concerns=["unexplained_injury"])
    assert "Screen out in one go" not in door.get(f"/contacts/{contact_id}", "decider")
    page = door.get(f"/contacts/{contact_id}/screen_out", "decider")
    assert "By what the rules suggest, Police and Health and Education must be asked." in page
    assert "Take it step by step" in page
    door.get(f"/contacts/{contact_id}", "decider")
    assert "Take it step by step" in door.send(
        f"/contacts/{contact_id}/screen_out", "decider", expect=409, **ANSWER, version="1"
    )


def test_a_screener_cannot(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    assert "Screen out in one go" not in door.get(f"/contacts/{contact_id}", "screener")
    door.get(f"/contacts/{contact_id}/screen_out", "screener", expect=403)
