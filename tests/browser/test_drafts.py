"""What is being typed outlives the browser, and who is signed out is told that it does not."""

from collections.abc import Callable

from mash.permissions import Actor
from mash.vocabulary import Verb
from mash.workflow.details import NoDetails, ReceiveContact
from tests.browser.conftest import Door
from tests.support.watching import Person

MakePerson = Callable[..., Person]
WORDS = "Seen at home with both children."


def rating(door: Door) -> str:
    screener: Actor = door.actors["Sam Whitlock"]
    details = ReceiveContact.model_validate({"children": [{"forename": "Tiana"}]})
    contact_id = door.office.receive(door.actors["Nadia Quill"], details).contact_id
    door.office.perform(screener, Verb.START_SCREENING, contact_id, NoDetails())
    return f"/contacts/{contact_id}/rate_contact"


def test_a_browser_that_crashes_loses_nothing(door: Door, person: MakePerson) -> None:
    sam, form = person("Sam Whitlock"), rating(door)
    sam.go(form)
    sam.page.locator("#rationale").press_sequentially(WORDS)
    sam.page.get_by_text("Kept for you at").wait_for()
    sam.page.close()  # without a word to the server

    later = person("Sam Whitlock")
    later.follow("1 form not sent")
    later.follow(later.page.locator(".app-begun a").inner_text())
    assert later.page.locator("#rationale").input_value() == WORDS
    later.choose("Rating", "Amber")
    later.press("Rate")
    assert later.page.get_by_text("form not sent").count() == 0


def test_who_is_signed_out_meanwhile_is_told_at_once(door: Door, person: MakePerson) -> None:
    sam, form = person("Sam Whitlock"), rating(door)
    sam.go(form)
    sam.context.clear_cookies()
    sam.page.locator("#rationale").press_sequentially(WORDS)
    sam.page.get_by_text("You are signed out").wait_for()
    assert sam.page.locator("#rationale").input_value() == WORDS
    sam.complaints.clear()  # the console tells of the refusal


def test_without_a_script_the_form_is_the_same(door: Door, person: MakePerson) -> None:
    sam = person("Sam Whitlock", scripted=False)
    sam.go(rating(door))
    sam.choose("Rating", "Amber")
    sam.fill(rationale=WORDS)
    sam.press("Rate")
    assert WORDS in sam.words()
