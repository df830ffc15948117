"""A contact is recorded with whatever is known; its page answers who, what, how urgent, and what can be done."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mash.db import Database
from mash.models.audit import AccessEntry
from mash.vocabulary import State, Verb
from tests.web.front_door import FrontDoor, main_of

FAMILY = {
    "kind": "referral",
    "received_at-date": "9 Nov 2026",
    "received_at-time": "9:04am",
    "channel": "phone",
    "source": "2A",
    "referrer-name": "Yara Silva",
    "referrer-role": "Teacher",
    "referrer-shielded": "yes",
    "children-0-forename": "Tiana",
    "children-0-surname": "Mockford",
    "children-0-date_of_birth": "22/6/2015",
    "children-0-address": "14 Sample Street",
    "children-0-postcode": "NB1 4QQ",
    "children-0-address_withheld": "yes",
    "children-1-forename": "",
    "children-2-forename": "",
    "children-2-expected_date_of_delivery": "3.2.2027",
    "adults-0-name": "Dean Fielding",
    "adults-0-relationship": "partner_of_parent",
    "adults-0-role": "alleged_perpetrator",
    "adults-1-name": " ",
    "concerns": ["neglect", "domestic_abuse"],
    "narrative": "“He locks the kitchen,” she said.",
    "agreement-status": "not_required",
    "agreement-reason": "It would put her at risk.",
    "parents_informed": "no",
    "parents_informed_reason": "Not safe.",
}


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def test_a_family_is_recorded_as_it_was_told(door: FrontDoor) -> None:
    contact_id = door.record(**FAMILY)
    page = door.hub.page(contact_id)
    assert [f"{child.name}, {child.about}" for child in page.children] == [
        "Tiana Mockford, 11",
        "Name not known, age not known",
        "Unborn child, expected 3 Feb 2027",
    ]
    assert [(adult.name, adult.about) for adult in page.adults] == [
        ("Dean Fielding", "Partner of a parent, Person said to pose the risk")
    ]
    assert page.received_at == datetime(2026, 11, 9, 9, 4, tzinfo=UTC)
    assert page.keyed_at == door.hub.at
    assert (page.referrer_shielded, dict(page.referrer)["Name"]) == (True, "Yara Silva")
    assert page.children[0].address_withheld and not page.children[1].address_withheld
    shown = main_of(door.get(f"/contacts/{contact_id}"))
    for words in (
        "Not rated Red suggested",
        "Neglect" if "Neglect, Domestic" in shown else "Domestic abuse, Neglect",
        "“He locks the kitchen,” she said.",
        "Shielded The family must never learn who it was.",
        "Withheld 14 Sample Street, NB1 4QQ.",
        "Monday 9 November, 9:04am Keyed 10am",
        "About agreement: It would put her at risk.",
        "Parents informed: no.",
    ):
        assert words in shown, words


def test_the_reference_is_there_for_the_referrer(door: FrontDoor) -> None:
    contact_id = door.record()
    page = door.get(f"/contacts/{contact_id}?done=receive_contact", "officer")
    reference = door.hub.page(contact_id).reference
    assert f"Success The contact is recorded. Reference for the referrer: {reference}" in main_of(page)
    assert f"<title>{reference} – Front door</title>" in page
    assert "Success" not in door.get(f"/contacts/{contact_id}?done=close", "officer")


def test_a_consultation_without_names_needs_nothing_but_the_button(door: FrontDoor) -> None:
    contact_id = door.record(kind="advice", **{"children-0-forename": ""})
    assert [child.name for child in door.hub.page(contact_id).children] == ["Name not known"]


def test_the_time_of_receipt_is_filled_in_and_may_be_corrected(door: FrontDoor) -> None:
    page = door.get("/contacts/new", "officer")
    assert 'value="9/11/2026"' in page and 'value="10:00"' in page
    door.hub.at = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
    page = door.get("/contacts/new", "edt")
    assert 'value="01:20"' in page and 'value="second" checked' in page


def test_the_doubled_hour_of_the_october_night_is_asked_for(door: FrontDoor) -> None:
    door.hub.at = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    night = {"received_at-date": "25/10/2026", "received_at-time": "01:30", "children-0-forename": "Tiana"}
    page = door.post("/contacts/new", "edt", expect=422, **night)
    assert '<a href="#received_at-which">' in page and "First (summer time)" in page and "Second (winter time)" in page
    for which, hour in (("first", 0), ("second", 1)):
        contact_id = door.record("edt", **night, **{"received_at-which": which})
        assert door.hub.page(contact_id).received_at == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "typed", "at", "says"),
    [
        ("received_at-date", "yesterday", "received_at-date", "Write the date like 22/6/2015."),
        ("received_at-date", "31/11/2026", "received_at-date", "There is no such date."),
        ("received_at-time", "half past", "received_at-time", "Write the time like 9:04, 16:40 or 4:40pm."),
        ("received_at-time", "", "received_at-time", "Write the time like"),
        ("received_at-time", "23:59", "received_at-time", "This time is still to come."),
        ("children-0-date_of_birth", "22/6/15", "children-0-date_of_birth", "Write the year with four digits"),
        ("children-0-date_of_birth", "1/1/2027", "children-0-date_of_birth", "This date is still to come."),
        ("children-0-forename", "x" * 301, "children-0-forename", "Shorten this to 300 characters or less."),
        ("narrative", "x" * 50_001, "narrative", "Shorten this to 50000 characters or less."),
        ("source", "99", "source", "Choose one of these."),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_typed_is_lost(
    door: FrontDoor, field: str, typed: str, at: str, says: str
) -> None:
    page = door.post("/contacts/new", "officer", expect=422, **{**FAMILY, field: typed})
    assert f'<a href="#{at}">{says}' in page and f'id="{at}"' in page
    kept = {name: value for name, value in FAMILY.items() if name not in (field, "concerns") and value}
    for value in (*kept.values(), typed if field != "source" else ""):
        assert str(value).strip() in page, value
    assert page.count("checked") >= 2 + 4
    assert door.contacts() == 0


def test_what_the_rules_refuse_is_said_and_nothing_typed_is_lost(door: FrontDoor) -> None:
    page = door.post("/contacts/new", "officer", expect=409, **{**FAMILY, "agreement-reason": ""})
    assert "Say why the family's agreement is not required." in page and "He locks the kitchen" in page


def test_people_are_added_and_removed_without_script(door: FrontDoor) -> None:
    page = door.post("/contacts/new", "officer", expect=200, **FAMILY, change="add_children")
    assert 'id="children-3-forename"' in page and "14 Sample Street" in page and "There is a problem" not in page
    page = door.post("/contacts/new", "officer", expect=200, **FAMILY, change="remove_children_1")
    assert 'name="children-1-expected_date_of_delivery" type="text" spellcheck="false" value="3.2.2027"' in page
    assert 'id="children-2-forename"' not in page and "Tiana" in page
    page = door.post("/contacts/new", "officer", expect=200, **FAMILY, change="stay")
    assert "He locks the kitchen" in page
    assert door.contacts() == 0


def test_without_a_child_there_is_no_contact(door: FrontDoor) -> None:
    page = door.get("/contacts/new", "officer")
    assert page
    fields = {"received_at-date": "9/11/2026", "received_at-time": "9:30", "narrative": "A worry."}
    page = door.send("/contacts/new", "officer", expect=422, **fields)
    assert '<a href="#children">Add a child.' in page and "A worry." in page


def test_a_form_sent_twice_is_one_contact(door: FrontDoor) -> None:
    door.get("/contacts/new", "officer")
    sent = {**FAMILY, "form_key": "k" * 22}
    first, again = (door.send("/contacts/new", "officer", **sent) for _ in range(2))
    assert first == again and door.contacts() == 1
    page = door.send("/contacts/new", "officer", expect=409, **{**sent, "narrative": "Something else."})
    assert "This form was sent before with other content." in page and "Something else." in page


def test_the_page_says_what_is_next_what_else_is_possible_and_what_is_not(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber", concerns=["neglect"])
    page = main_of(door.get(f"/contacts/{contact_id}", "decider"))
    assert "Next Ask agencies" in page and "Record the decision" in page
    assert "Management oversight No decision has been recorded yet." in page
    officer = main_of(door.get(f"/contacts/{contact_id}", "officer"))
    assert "What you can do" in officer and "Ask agencies" not in officer


def test_replies_stand_side_by_side_and_silence_is_seen(door: FrontDoor) -> None:
    hub = door.hub
    contact_id = hub.screened("amber", concerns=["neglect"])
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["health", "education"])
    hub.do(
        "education", Verb.RETURN_INFORMATION, contact_id, agency="education", reply="information_held", summary="71%"
    )
    hub.later(hours=9)
    page = main_of(door.get(f"/contacts/{contact_id}"))
    assert "Health No reply yet. Asked 10am, out of timescale since 4pm." in page
    assert "Information held Hub only 71% 10am, Education, Education desk" in page
    assert "Education answered: information held. Handling: hub only. Hub only" in page
    assert "Out of timescale Health: Reply 3 hours late" in page
    assert "Why this time?" in page and "counted from" in page


def test_late_keying_earlier_contacts_and_an_anonymous_referrer_are_marked(door: FrontDoor) -> None:
    first = door.record(**{**FAMILY, "received_at-time": "7:00"})
    assert "Keyed late" in main_of(door.get(f"/contacts/{first}"))
    second = door.record(**{**FAMILY, "referrer-anonymous": "yes"})
    page = main_of(door.get(f"/contacts/{second}"))
    assert f"{door.hub.page(first).reference}, Monday 9 November, 7am, received" in page
    assert "Anonymous Wants to stay unknown." in page


def test_whoever_looks_is_on_record_before_the_page_is_seen(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    for path in ("", "/rate_contact"):
        door.get(f"/contacts/{contact_id}{path}")
    door.get("/contacts/nothing-like-it", expect=404)
    door.get("/queue")
    with door.hub.db.reading() as look:
        seen = look.execute(select(AccessEntry.page, AccessEntry.contact_id).order_by(AccessEntry.page)).all()
    assert sorted(map(tuple, seen), key=str) == sorted(
        [("contact", contact_id), ("rate_contact", contact_id), ("queue", None)], key=str
    )


def test_a_closed_contact_says_what_is_still_owed(door: FrontDoor) -> None:
    contact_id = door.hub.decided()
    door.hub.do("screener", Verb.CLOSE, contact_id)
    page = main_of(door.get(f"/contacts/{contact_id}"))
    assert door.state(contact_id) is State.CLOSED
    assert "Next Tell the referrer the outcome" in page and "Reopen" in page
    assert "Decision Early help" in page and "Support offered." in page


def test_whoever_types_longer_than_the_session_lasts_gets_the_words_back(door: FrontDoor) -> None:
    door.get("/contacts/new", "officer")
    door.browser("officer").client.cookies.clear()
    page = door.send("/contacts/new", "officer", expect=401, **FAMILY)
    assert "You are signed out" in page and "“He locks the kitchen,” she said." in page and "csrf" not in page
    assert door.contacts() == 0
