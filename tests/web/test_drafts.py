"""What somebody begins to type is kept for them alone, offered again in the same form, and gone once it has served."""

from datetime import timedelta

import pytest

from mash import clock
from mash.db import Database
from mash.vocabulary import Verb
from tests.web.front_door import FrontDoor, main_of

V = Verb


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def rating(door: FrontDoor) -> str:
    return f"/contacts/{door.hub.screened()}/rate_contact"


def type_into(door: FrontDoor, form: str, who: str = "screener", *, expect: int = 200, **fields: str) -> None:
    """What the script of a page sends while somebody types."""
    door.get(form, who)
    with clock.at(door.hub.at):
        answer = door.browser(who).post("/drafts", draft=form, **fields)
    assert answer.status_code == expect, answer.text


def test_what_was_typed_is_offered_again_to_whoever_typed_it(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rag="amber", rationale="Seen at home, and the", version="2")
    door.hub.later(hours=3)  # long enough for the session to end
    page = door.get(form)
    assert "Seen at home, and the" in page
    assert "You began this form and did not send it" in page
    assert 'value="amber" checked' in page
    assert "Seen at home" not in door.get(form, "decider")
    assert "Rate: " in main_of(door.get("/drafts"))
    assert "Nothing." in main_of(door.get("/drafts", "decider"))


def test_a_form_that_was_sent_is_begun_no_longer(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rag="amber", rationale="Neglect.", version="2")
    door.post(form, rag="amber", rationale="Neglect.")
    assert "Nothing." in main_of(door.get("/drafts"))


def test_a_form_that_was_refused_stays_begun(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rag="", rationale="Neglect.", version="2")
    door.post(form, expect=422, rag="", rationale="Neglect.")
    assert "Neglect." in door.get(form)


def test_what_is_thrown_away_is_gone(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rationale="A slip.", version="2")
    door.get(form)
    assert door.send("/drafts/discard", "screener", draft=form) == form
    assert "A slip." not in door.get(form)


def test_what_changed_since_it_was_begun_stands_beside_it(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rag="green", rationale="Nothing of note.", version="2")
    contact_id = form.split("/")[2]
    door.hub.do(
        "police",
        V.RETURN_INFORMATION,
        contact_id,
        agency="police",
        reply="information_held",
        summary="Called out twice.",
    )
    page = main_of(door.get(form))
    assert "New since you opened this form" in page
    assert "Called out twice." in page[page.index("New since") :]


def test_every_page_says_how_many_forms_are_ones_own_and_not_two_weeks_old(door: FrontDoor) -> None:
    type_into(door, rating(door), rag="amber", version="2")
    assert "1 form not sent" in door.get("/queue") and "not sent" not in door.get("/queue", "decider")
    door.hub.later(days=13)
    type_into(door, rating(door), rag="red", version="2")
    assert "2 forms not sent" in door.get("/queue")
    door.hub.later(days=1)
    assert "1 form not sent" in door.get("/queue")


def test_two_weeks_are_the_longest(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rationale="Old.", version="2")
    door.hub.later(days=14)
    assert "Old." not in door.get(form)
    assert "Nothing." in main_of(door.get("/drafts"))


def test_a_form_in_which_nothing_is_typed_is_not_kept(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rationale="Something", version="2")
    type_into(door, form, rationale="", rag="")
    assert "Nothing." in main_of(door.get("/drafts"))


@pytest.mark.parametrize(
    "form", ["https://elsewhere.example/", "//elsewhere.example", "/sign-out", "/contacts/../x", ""]
)
def test_only_our_own_forms_are_kept(door: FrontDoor, form: str) -> None:
    door.get("/queue")
    door.send("/drafts", "screener", expect=422, draft=form, rationale="x")
    door.send("/drafts/discard", "screener", expect=422, draft=form)


def test_what_is_too_long_is_refused(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, expect=422, rationale="x" * 210_000)


def test_typing_counts_as_being_there(door: FrontDoor) -> None:
    form = rating(door)
    type_into(door, form, rationale="On the telephone")
    browser = door.browser("screener")
    for minutes, expect in ((14, 200), (28, 200), (44, 401)):
        with clock.at(door.hub.at + timedelta(minutes=minutes)):
            answer = browser.post("/drafts", draft=form, rationale="Still on the telephone")
        assert answer.status_code == expect


@pytest.mark.parametrize(
    ("path", "who", "title", "fields"),
    [
        ("/contacts/new", "officer", "Record a contact", {"narrative": "Heard through the wall."}),
        ("/advice", "screener", "Record an advice call", {"asked": "Heard through the wall."}),
        ("/desk/report", "health", "Report a concern", {"narrative": "Heard through the wall."}),
    ],
)
def test_of_what_is_new_several_may_be_begun(
    door: FrontDoor, path: str, who: str, title: str, fields: dict[str, str]
) -> None:
    for key in ("a" * 16, "b" * 16):
        form = f"{path}?form_key={key}"
        type_into(door, form, who, form_key=key, **fields | {"note": key})
    assert "Heard through the wall." not in door.get(path, who)
    assert "2 forms not sent" in door.get(path, who)
    assert "Heard through the wall." in door.get(form, who) and f'name="form_key" value="{key}"' in door.get(form, who)
    assert main_of(door.get("/drafts", who)).count(title) >= 2


def test_a_contact_that_was_recorded_is_begun_no_longer(door: FrontDoor) -> None:
    form = "/contacts/new?form_key=" + "c" * 16
    type_into(door, form, "officer", form_key="c" * 16, narrative="Heard through the wall.")
    when = {"received_at-date": "9/11/2026", "received_at-time": "9:30"}
    door.post(
        "/contacts/new", "officer", **when, **{"children-0-forename": "Tiana", "draft": form, "form_key": "c" * 16}
    )
    assert "Nothing." in main_of(door.get("/drafts", "officer"))


def test_a_desk_goes_on_with_its_reply(door: FrontDoor) -> None:
    contact_id = door.hub.screened("red")
    door.hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["health"], question="Known?")
    form = f"/desk/{contact_id}"
    type_into(door, form, "health", summary="Seen by the health visitor")
    assert "Seen by the health visitor" in door.get(form, "health")
    assert "Reply: NB-" in main_of(door.get("/drafts", "health"))
    door.post(form, "health", reply="information_held", handling="hub_only", summary="Seen.")
    assert "Nothing." in main_of(door.get("/drafts", "health"))
