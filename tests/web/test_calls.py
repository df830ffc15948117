"""Taking a call: earlier contacts beside the form, nothing typed is lost, and advice in one press."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock
from mash.db import Database
from mash.models.audit import AccessEntry
from mash.models.contact import Contact
from mash.models.people import ContactChild
from mash.vocabulary import Kind, State
from tests.support.hub import northbridge_with
from tests.web.front_door import FrontDoor, main_of
from web.earlier import sought
from web.fields import Typed

FAMILY: dict[str, Any] = {
    "children": [{"forename": "Tianna", "surname": "Mockford", "date_of_birth": "2015-06-22", "postcode": "NB1 2AB"}],
    "adults": [{"name": "Dana Mockford"}],
    "narrative": "Canary narrative",
}
SAID = {"children-0-forename": "Tiana", "children-0-surname": "Mockford", "children-0-date_of_birth": "22/6/2015"}


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def panel(door: FrontDoor, who: str = "officer", expect: int = 200, **fields: str) -> str:
    """What the panel says for these fields."""
    with clock.at(door.hub.at):
        browser = door.browser(who)
        browser.get("/contacts/new")
        answer = browser.post("/earlier-contacts", **fields)
    assert answer.status_code == expect
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def shown(door: FrontDoor) -> list[str | None]:
    with door.hub.db.reading() as look:
        pages = select(AccessEntry.contact_id).where(AccessEntry.page == "earlier_contacts")
        return list(look.execute(pages).scalars())


# ---- Earlier contacts -----------------------------------------------------------------------------------------------


def test_an_earlier_contact_appears_with_its_reason_stage_and_no_narrative(door: FrontDoor) -> None:
    contact_id = door.hub.receive(**FAMILY)
    words = panel(door, **SAID)
    assert "1 earlier contact may be about this family." in words
    assert "Monday 9 November, 10am Same date of birth, name nearly the same: Tianna Mockford" in words
    assert "Referral. Stage: received." in words and "Canary" not in words
    assert "nothing is linked by looking" in words
    assert shown(door) == [contact_id]


def test_what_was_shown_is_on_record_once_in_a_sitting_and_what_was_not_shown_is_not(door: FrontDoor) -> None:
    contact_id = door.hub.receive(**FAMILY)
    door.hub.receive(children=[{"forename": "Rosa", "surname": "Swift"}])
    for _ in range(3):
        panel(door, **SAID)
    panel(door, **{"children-0-forename": "Zelda"})
    assert shown(door) == [contact_id]
    panel(door, "screener", **SAID)
    assert shown(door) == [contact_id] * 2
    door.hub.later(hours=2)
    panel(door, **SAID)
    assert shown(door) == [contact_id] * 3


def test_a_desk_and_a_stranger_have_no_such_lookup(door: FrontDoor) -> None:
    door.hub.receive(**FAMILY)
    with clock.at(door.hub.at):
        browser = door.browser("police")
        browser.get("/desk")
        answer = browser.post("/earlier-contacts", **SAID)
    assert answer.status_code == 403 and "Tianna" not in answer.text
    assert shown(door) == []


def test_a_withheld_address_is_neither_found_nor_told(door: FrontDoor) -> None:
    place = {"address": "14 Larch Walk", "postcode": "NB1 2AB"}
    door.hub.receive(children=[{"forename": "Tianna", "surname": "Mockford", "address_withheld": True, **place}])
    asked = {f"children-0-{field}": text for field, text in place.items()}
    assert "Nothing near so far." in panel(door, **asked)
    words = panel(door, **SAID, **asked)
    assert "Name nearly the same: Tianna Mockford" in words
    assert "Larch" not in words and "address" not in words and "Same postcode" not in words


def test_without_script_the_button_looks_and_keeps_all_that_was_typed(door: FrontDoor) -> None:
    door.hub.receive(**FAMILY)
    typed = {**SAID, "narrative": "Hungry again.", "referrer-name": "Yara", "children-0-date_of_birth": "22/6/2015"}
    page = door.post("/contacts/new", "officer", expect=200, change="stay", **typed)
    assert "Same date of birth, name nearly the same: Tianna Mockford" in page
    for text in ("Hungry again.", 'value="Yara"', 'value="Tiana"', 'value="22/6/2015"'):
        assert text in page
    assert door.contacts() == 1


def test_a_form_with_an_error_shows_earlier_contacts_too(door: FrontDoor) -> None:
    door.hub.receive(**FAMILY)
    page = door.post("/contacts/new", "officer", expect=422, **SAID, **{"received_at-time": "25:99"})
    assert "name nearly the same: Tianna Mockford" in page


def test_nothing_that_is_typed_stands_in_an_address(door: FrontDoor) -> None:
    page = door.get("/contacts/new", "officer")
    assert 'data-earlier="/earlier-contacts"' in page and 'formaction="#earlier"' in page
    with clock.at(door.hub.at):
        assert door.browser("officer").get("/earlier-contacts?children-0-forename=Tiana").status_code == 405


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("22/6/2015", "2015-06-22", "2015-06-22"),
        ("2014", "2013-01-01", "2015-12-31"),
        ("about 2014", "2013-01-01", "2015-12-31"),
        ("aged 9", "2015-11-12", "2018-11-11"),
        ("9", "2015-11-12", "2018-11-11"),
        ("about 9 years old", "2015-11-12", "2018-11-11"),
        ("22/6/", None, None),
        ("nine", None, None),
    ],
)
def test_a_time_of_birth_may_be_uncertain(text: str, first: str | None, last: str | None) -> None:
    today = clock.london_date(clock.now()).replace(2026, 11, 9)
    (person,) = sought(Typed({"children-0-date_of_birth": (text,)}), today)
    born = [day.isoformat() if day else None for day in (person.born_from, person.born_until)]
    assert born == [first, last]


def test_about_2014_is_kept_in_words_and_not_made_into_a_date(door: FrontDoor) -> None:
    fields = {
        **SAID,
        "children-0-date_of_birth": "about 2014",
        "narrative": "Hungry.",
        "children-1-date_of_birth": "aged 3",
    }
    contact_id = door.record(**fields)
    assert door.hub.page(contact_id).narrative == (
        "Hungry.\n\nAge of Tiana Mockford as given: about 2014.\nAge of child 2 as given: aged 3."
    )
    with door.hub.db.reading() as look:
        assert set(look.execute(select(ContactChild.date_of_birth)).scalars()) == {None}


def test_a_call_is_by_phone_and_now_unless_somebody_says_otherwise(door: FrontDoor) -> None:
    contact_id = door.post(
        "/contacts/new", "officer", **SAID, **{"received_at-date": "9/11/2026", "received_at-time": "10:00"}
    )
    page = door.get("/contacts/new", "officer")
    assert re.search(r'name="channel" type="radio" value="phone" checked', page)
    assert 'value="10:00"' in page and "autofocus" in page
    key = re.findall(r'name="form_key" value="([\w-]+)"', page)[0]
    sent = {"form_key": key, "channel": "phone", "received_at-date": "9/11/2026", "received_at-time": "10:00"}
    contact_id = door.send("/contacts/new", "officer", **SAID, **sent).split("?")[0].removeprefix("/contacts/")
    assert door.hub.page(contact_id).channel == "Phone"


# ---- Advice ---------------------------------------------------------------------------------------------------------

CALL = {"asked": "A boy of seven hits others at school.", "advised": "Speak to the parents first."}


def stored(door: FrontDoor) -> Any:
    with door.hub.db.reading() as look:
        return look.execute(select(Contact.kind, Contact.state, Contact.id)).one()


@pytest.mark.parametrize("who", ["screener", "decider", "manager", "edt"])
def test_an_advice_call_is_recorded_and_closed_in_one_press(door: FrontDoor, who: str) -> None:
    assert "Record and close" in door.get("/advice", who)
    led_to = door.post("/advice", who, **CALL)
    kind, state, contact_id = stored(door)
    assert (kind, state) == (Kind.ADVICE, State.CLOSED)
    assert led_to == f"/contacts/{contact_id}?done=close"
    words = main_of(door.get(led_to, who))
    assert "A boy of seven hits others at school." in words and "Advised: Speak to the parents first." in words
    assert contact_id not in door.get("/queue", who)


def test_a_contact_officer_records_it_and_a_social_worker_closes_it(door: FrontDoor) -> None:
    page = door.get("/advice", "officer")
    assert "A social worker closes it." in page and "Record and close" not in page
    door.post("/advice", "officer", **CALL)
    assert stored(door)[:2] == (Kind.ADVICE, State.RECEIVED)


def test_where_the_rules_do_not_close_advice_early_it_stays_open(database: Database) -> None:
    rules = northbridge_with(kinds__advice__may_close_early=False)
    door = FrontDoor(database, rules=rules)
    door.post("/advice", "screener", **CALL)
    assert stored(door)[:2] == (Kind.ADVICE, State.RECEIVED)


def test_sent_twice_it_is_stored_once_and_stays_closed(door: FrontDoor) -> None:
    page = door.get("/advice")
    key = re.findall(r'name="form_key" value="([\w-]+)"', page)[0]
    assert len({door.send("/advice", "screener", form_key=key, **CALL) for _ in range(2)}) == 1
    assert door.contacts() == 1


def test_what_is_missing_is_said_and_what_was_typed_is_kept(door: FrontDoor) -> None:
    page = door.post("/advice", expect=422, asked="A boy of seven", advised="")
    assert page.count("Say what you advised.") == 2 and "A boy of seven</textarea>" in page
    page = door.post("/advice", expect=422, asked="x" * 20_001, advised="y")
    assert "Shorten this to 20000 characters or less." in page
    page = door.post("/advice", expect=200, change="stay", **CALL)
    assert CALL["asked"] in page
    assert door.contacts() == 0


def test_names_are_discouraged_and_a_desk_is_led_to_its_own_form(door: FrontDoor) -> None:
    assert "No names: “a boy of seven”. If a child is named, record a contact instead." in door.get("/advice")
    with clock.at(door.hub.at):
        assert door.browser("police").get("/advice").headers["location"] == "/desk/report"
