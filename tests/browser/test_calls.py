"""Taking a call by keyboard alone, with and without script; advice in seconds; the desk and the night in few clicks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from mash import clock
from mash.db import Database
from mash.models.contact import Contact
from mash.vocabulary import State, Verb
from tests.browser.conftest import WITH_AND_WITHOUT_SCRIPT, Door
from tests.support.hub import Hub
from tests.support.watching import Person

MakePerson = Callable[..., Person]


@dataclass
class Keyboard:
    """Somebody's hands on the keys: letters are what has to be said anyhow, presses are what the form costs."""

    page: Page
    letters: int = 0
    presses: int = 0
    said: list[str] = field(default_factory=list)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
            self.presses += 1

    @property
    def at(self) -> str:
        """The name of the field that has the focus."""
        return str(self.page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))

    def tab_to(self, name: str, most: int = 60) -> None:
        for _ in range(most):
            if self.at == name:
                return
            self.press("Tab")
        raise AssertionError(f"{name} cannot be reached; the focus is at {self.at}")


def contacts(db: Database) -> list[tuple[str, str]]:
    with db.reading() as look:
        return [tuple(row) for row in look.execute(select(Contact.kind, Contact.state).order_by(Contact.number))]


FAMILY = {
    "children": [{"forename": "Tianna", "surname": "Mockford", "date_of_birth": "2015-06-22"}],
    "adults": [{"name": "Dana Mockford"}],
}


def hub_of(door: Door) -> Hub:
    return Hub(door.db, clock.now() - timedelta(days=30))


def test_a_simple_call_by_keyboard_alone_with_earlier_contacts_beside_it(door: Door, person: MakePerson) -> None:
    hub_of(door).receive(**FAMILY)
    officer = person("Nadia Quill")
    officer.go("/contacts/new")
    keys, panel = Keyboard(officer.page), officer.page.locator("#earlier")
    assert keys.at == "referrer-name", "typing begins at once"
    keys.type("Yara Silva")
    keys.press("Tab")
    keys.type("020 7946 0101")
    keys.press("Tab")
    keys.type("Teacher")
    keys.tab_to("source")
    keys.type("Sch")
    keys.tab_to("children-0-forename")
    keys.type("Tiana")
    keys.press("Tab")
    keys.type("Mockford")
    keys.press("Tab")
    before = officer.page.locator('[name="children-0-date_of_birth"]').bounding_box()
    expect(panel).to_contain_text("Name nearly the same: Tianna Mockford")
    after = officer.page.locator('[name="children-0-date_of_birth"]').bounding_box()
    assert before == after and keys.at == "children-0-date_of_birth", "the panel moves nothing and takes no focus"
    keys.type("22/6/2015")
    expect(panel).to_contain_text("Same date of birth, name nearly the same: Tianna Mockford")
    officer.look()
    officer.page.locator('[name="children-0-date_of_birth"]').focus()
    keys.tab_to("narrative")
    keys.type("Came to school hungry again, third time this month.")
    keys.press("Tab")
    assert keys.at == "concerns"
    keys.press("n")
    keys.press("Space")
    keys.press("Control+Enter")
    officer.page.wait_for_url("**/contacts/*done=receive_contact")
    words = officer.words()
    assert "The contact is recorded." in words and "Tiana Mockford" in words and "Neglect" in words
    assert keys.presses <= 40, keys


def test_the_panel_opens_an_earlier_contact_in_a_new_tab_and_keeps_what_was_typed(
    door: Door, person: MakePerson
) -> None:
    hub_of(door).receive(**FAMILY)
    officer = person("Nadia Quill")
    officer.go("/contacts/new")
    officer.fill(**{"adults-0-name": "Dana Mockford"})
    link = officer.page.locator("#earlier a")
    expect(link).to_have_count(1)
    with officer.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert "Tianna Mockford" in opened.value.locator("main").inner_text()
    assert officer.page.locator('[name="adults-0-name"]').input_value() == "Dana Mockford"
    assert "Mockford" not in opened.value.url and "Mockford" not in officer.page.url


def test_the_same_call_without_script(door: Door, person: MakePerson) -> None:
    hub_of(door).receive(**FAMILY)
    officer = person("Nadia Quill", scripted=False)
    officer.go("/contacts/new")
    said = {"children-0-forename": "Tiana", "children-0-surname": "Mockford", "referrer-name": "Yara Silva"}
    officer.fill(**said, narrative="Hungry again.")
    officer.press("Look for earlier contacts")
    assert "Name nearly the same: Tianna Mockford" in officer.words("#earlier")
    for name, text in said.items():
        assert officer.page.locator(f'[name="{name}"]').input_value() == text
    keys = Keyboard(officer.page)
    officer.page.locator('[name="narrative"]').focus()
    keys.tab_to("Record the contact", most=60)
    with officer.page.expect_event("load"):
        keys.press("Enter")
    officer.look()
    assert "The contact is recorded." in officer.words()


@WITH_AND_WITHOUT_SCRIPT
def test_an_advice_call_is_recorded_and_closed_by_keyboard(door: Door, person: MakePerson, scripted: bool) -> None:
    screener = person("Sam Whitlock", scripted=scripted)
    screener.go("/advice")
    keys = Keyboard(screener.page)
    assert keys.at == "asked"
    keys.type("A boy of seven hits others. What can a school do?")
    keys.press("Tab")
    keys.type("Speak to the parents; early help if it goes on.")
    if scripted:
        keys.press("Control+Enter")
    else:
        keys.tab_to("Record and close")
        keys.press("Enter")
    screener.page.wait_for_url("**/contacts/*done=close")
    screener.look()
    assert contacts(door.db) == [("advice", "closed")]
    assert keys.presses <= (2 if scripted else 5), keys


@WITH_AND_WITHOUT_SCRIPT
def test_nothing_known_for_three_children_in_two_clicks(door: Door, person: MakePerson, scripted: bool) -> None:
    hub = Hub(door.db, clock.now() - timedelta(minutes=5))
    names = ("Tiana", "Kofi", "Ines")
    contact_id = hub.screened("red", children=[{"forename": name, "surname": "Mockford"} for name in names])
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police"], question="Any call-outs?")
    police = person("Jo Harker", scripted=scripted)
    police.go("/desk")
    police.page.locator(".app-nothing summary").click()
    assert "Tiana Mockford, Kofi Mockford, Ines Mockford." in police.words(".app-nothing")
    police.look()
    with police.page.expect_event("load"):
        police.page.get_by_role("button", name="Yes: nothing known").click()
    police.look()
    assert "is with the hub: nothing known." in police.words()
    assert "Nothing awaits your reply." in police.words()
    police.follow("Search by reference or name")
    police.fill(sought="Tianna Mokford")
    police.press("Search")
    assert "1 found" in police.words()


def test_a_desk_that_is_left_open_hears_of_a_new_request_and_nothing_moves(door: Door, person: MakePerson) -> None:
    hub = Hub(door.db, clock.now() - timedelta(minutes=5))
    police = person("Jo Harker")
    police.page.clock.install()
    police.go("/desk")
    contact_id = hub.screened("red", concerns=["neglect"])
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police"], question="Any call-outs?")
    police.page.clock.fast_forward(30_000)
    expect(police.page.locator("[data-news]")).to_contain_text("1 request has come in or was asked again.")
    assert "Tiana" not in police.page.content()
    police.follow("Show it")
    assert "Tiana" in police.words() and police.page.locator("[data-news]").is_hidden()


@WITH_AND_WITHOUT_SCRIPT
def test_the_night_is_accepted_in_the_morning_one_press_a_line(door: Door, person: MakePerson, scripted: bool) -> None:
    hub = Hub(door.db, clock.now() - timedelta(hours=2))
    ids = [hub.receive("edt", children=[{"forename": name}]) for name in ("Tiana", "Kofi", "Ines")]
    screener = person("Sam Whitlock", scripted=scripted)
    screener.follow("Overnight")
    assert "3 contacts from the emergency duty team await acceptance." in screener.words()
    order = [line.get_attribute("id") for line in screener.page.locator(".app-night").all()]
    for left in (2, 1, 0):
        screener.page.get_by_role("button", name="Accept").first.click()
        expect(screener.page.get_by_role("button", name="Accept")).to_have_count(left)
        screener.look()
    assert "Everything from the emergency duty team has been accepted." in screener.words()
    assert [line.get_attribute("id") for line in screener.page.locator(".app-night").all()] == order
    assert all(hub.page(contact_id).picture.handover_accepted for contact_id in ids)
    assert contacts(door.db) == [("referral", State.RECEIVED.value)] * 3


def test_the_new_pages_are_free_of_barriers(door: Door, person: MakePerson) -> None:
    hub_of(door).receive(**FAMILY)
    screener, police, duty = person("Sam Whitlock"), person("Jo Harker"), person("Iris Calloway")
    for path in ("/overnight", "/advice", "/contacts/new"):
        screener.go(path)
    screener.go("/advice")
    screener.press("Record and close")
    assert "Say what was asked." in screener.words()
    police.go("/desk/given")
    police.press("Search")
    assert "Nothing found." in police.words()
    duty.go("/overnight")
