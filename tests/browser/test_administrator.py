"""An administrator adds somebody, who sets up an account, comes in, and is let out again; and changes the rules."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

from mash import audit_check, clock
from mash.clock import LONDON
from mash.vocabulary import Verb
from mash.workflow.contact_page import contact_page
from mash.workflow.details import DETAILS, NoDetails, ReceiveContact
from tests.browser.conftest import WITH_AND_WITHOUT_SCRIPT, Door
from tests.support.hub import northbridge
from tests.support.telephone import code
from tests.support.watching import Person

MakePerson = Callable[..., Person]
NEW = "four words make a password"


@WITH_AND_WITHOUT_SCRIPT
def test_somebody_new_is_added_enrols_and_signs_in(door: Door, person: MakePerson, scripted: bool) -> None:
    """In a demonstration, whose administrator comes in by one click; the newcomer goes the whole way."""
    administrator = person("Bea Thorne", scripted=scripted)
    link = added(administrator)
    newcomer = person(None, scripted=scripted)
    newcomer.go(link)
    newcomer.fill(new_password=NEW)
    newcomer.press("Continue")
    secret = newcomer.words(".app-key").replace(" ", "")
    assert newcomer.page.locator(".app-qr-frame svg").bounding_box()
    newcomer.fill(code="000000")
    newcomer.press("Confirm")
    assert "This code is wrong" in newcomer.words()
    newcomer.fill(code=code(secret))
    newcomer.press("Confirm")
    codes = newcomer.page.locator(".app-codes li").all_inner_texts()
    assert len(codes) == 10
    newcomer.press("I have kept them, continue")
    assert newcomer.page.locator("h1").inner_text() == "Triage queue"
    signs_in_again(newcomer, secret, codes)
    seen_and_let_out(administrator, newcomer)
    assert audit_check.verify(door.db) == []


def added(administrator: Person) -> str:
    """The path of the link."""
    administrator.press("Add a user")
    administrator.press("Add the user")
    assert "Choose a role." in administrator.words("#problems")
    administrator.fill(name="Nell Arden", username="nell")
    administrator.choose("Role", "Screener")
    administrator.press("Add the user")
    assert "for registered social workers only" in administrator.words("#problems")
    administrator.page.get_by_label("Registered social worker").check()
    administrator.press("Add the user")
    assert administrator.page.locator("h1").inner_text() == "A link for Nell Arden"
    found = re.fullmatch(r"http://[^/]+(/invitation/[\w-]+)", administrator.words("#link"))
    assert found
    return found[1]


def signs_in_again(newcomer: Person, secret: str, codes: list[str]) -> None:
    """With the next code; then, without the telephone, with a recovery code."""
    newcomer.press("Sign out")
    newcomer.page.get_by_role("textbox", name="Username").fill("nell")
    newcomer.fill(password=NEW)
    newcomer.page.locator('form[action="/sign-in"]').get_by_role("button", name="Sign in").click()
    assert newcomer.page.locator("h1").inner_text() == "Your code"
    newcomer.look()
    newcomer.fill(code=code(secret, steps=1))
    newcomer.press("Continue")
    assert newcomer.page.locator("h1").inner_text() == "Triage queue"
    newcomer.press("Sign out")
    newcomer.page.get_by_role("textbox", name="Username").fill("nell")
    newcomer.fill(password=NEW)
    newcomer.page.locator('form[action="/sign-in"]').get_by_role("button", name="Sign in").click()
    newcomer.page.get_by_text("I do not have my telephone").click()
    newcomer.fill(recovery_code=codes[0])
    newcomer.press("Use the recovery code")
    assert "9 recovery codes left" in newcomer.words()


def seen_and_let_out(administrator: Person, newcomer: Person) -> None:
    administrator.follow("Sessions")
    assert "Nell Arden" in administrator.words()
    administrator.follow("Nell Arden")
    assert "In one browser" in administrator.words()
    administrator.press("Deactivate")
    assert "can no longer sign in" in administrator.words()
    newcomer.go("/queue")
    assert newcomer.page.locator("h1").inner_text() == "Sign in"


def test_the_pages_of_an_administrator_and_of_an_account(door: Door, person: MakePerson) -> None:
    administrator, police = person("Bea Thorne"), person("Jo Harker")
    for path in ("/admin/users", "/admin/users/new", "/admin/sessions", "/admin/desks", "/queue"):
        administrator.go(path)
    assert "Nobody can answer for" in visited(administrator, "/admin/desks")
    administrator.go("/admin/users")
    administrator.follow("Sam Whitlock")
    administrator.press("Make a link")
    administrator.go("/admin/users")
    administrator.follow("Bea Thorne")
    assert "This is you." in administrator.words()
    for path in ("/account", "/account/password", "/account/confirm", "/account/second-factor"):
        police.go(path)
    police.press("Set up a second factor")
    police.press("Confirm")
    assert "This code is wrong" in police.words()


def visited(someone: Person, path: str) -> str:
    someone.go(path)
    return someone.words()


def test_an_administrator_makes_a_timescale_shorter_from_a_monday_on(door: Door, person: MakePerson) -> None:
    """A mistake first, mended; what changes, in words; in force from Monday; a manager sees it; contacts follow it."""
    administrator, monday = person("Bea Thorne"), next_monday()
    administrator.go("/rules")
    administrator.follow("Change the rules")
    administrator.follow("put their text into the box")
    text = administrator.page.locator("#text").input_value()
    assert "amber: {due: 1 working_days_same_time" in text
    mistaken = text.replace("amber: {due: 1 working_days_same_time", "amber: {due: 4 working_hous")
    administrator.fill(text=mistaken)
    administrator.press("Look at what it would change")
    line = next(n for n, line in enumerate(mistaken.splitlines(), 1) if "working_hous" in line)
    told = administrator.words("#problems")
    assert f"Line {line}: clocks.decision.by_rating.amber.due: write an amount and a unit" in told
    assert "Instead of `working_hous` write `working_hours`" in told
    mends(administrator, line)
    assert "Decision, amber: 1 working day, until the same time of day → 4 working hours." in administrator.words()
    administrator.fill(**{"from": f"{monday.day}/{monday.month}/{monday.year}"})
    administrator.press("Next: what exactly will happen")
    assert f"On Monday {monday:%-d %B %Y}, at midnight in London, version 2 comes into force" in administrator.words()
    administrator.press("Put version 2 in force")
    assert "The version is on record." in administrator.words()
    row = administrator.words("tbody tr:first-child")
    assert "Version 2 Still to come" in row and f"from {monday:%-d %B %Y}" in row and "by Bea Thorne" in row
    seen_by_a_manager(person("Grace Hollow"), monday)
    followed_by_contacts(door, monday)


def next_monday() -> date:
    """The next one on which people work, as they do on the Friday before."""
    today, holidays = clock.london_date(clock.now()), northbridge().bank_holidays
    mondays = (today + timedelta(days=7 * weeks - today.weekday()) for weeks in count(1))
    return next(day for day in mondays if not {day, day - timedelta(days=3)} & holidays.keys())


def mends(administrator: Person, line: int) -> None:
    """In the box, where the whole text still stands: the link of the problem leads to its line."""
    administrator.page.get_by_role("link", name=f"Line {line}:").click()
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    box = administrator.page.locator("#text")
    assert "working_hous" in box.evaluate(chosen)
    administrator.fill(text=box.input_value().replace("working_hous,", "working_hours,"))
    administrator.press("Look at what it would change")


def seen_by_a_manager(manager: Person, monday: date) -> None:
    manager.go("/rules")
    assert "Amber 1 working day, until the same time of day" in manager.words()
    manager.follow("Versions")
    assert "Still to come" in manager.words()
    manager.follow("Version 2")
    assert "Decision, amber: 1 working day, until the same time of day → 4 working hours." in manager.words()
    assert f"For contacts received from {monday:%-d %B %Y} on." in manager.words()
    assert "Withdraw" not in manager.words() and "Change the rules" not in manager.words()


def followed_by_contacts(door: Door, monday: date) -> None:
    """One that came before keeps a working day; one that comes on that Monday has four working hours."""
    at = datetime(monday.year, monday.month, monday.day, 10, tzinfo=LONDON)
    friday = at - timedelta(days=3)
    due = {when: due_when_amber(door, when, at + timedelta(minutes=1)) for when in (friday, at)}
    assert due[at] == at + timedelta(hours=4)
    assert due[friday] == at
    assert audit_check.verify(door.db) == []


def due_when_amber(door: Door, received_at: datetime, now: datetime) -> datetime:
    """When the decision is due on a contact that was received then and is rated amber now."""
    officer, screener = door.actors["Nadia Quill"], door.actors["Sam Whitlock"]
    with clock.at(now):
        told = {"children": [{"forename": "Tiana"}], "received_at": received_at.isoformat()}
        contact_id = door.office.receive(officer, ReceiveContact.model_validate(told)).contact_id
        door.office.perform(screener, Verb.START_SCREENING, contact_id, NoDetails())
        rated = DETAILS[Verb.RATE_CONTACT].model_validate({"rag": "amber", "rationale": "Threshold document applied."})
        door.office.perform(screener, Verb.RATE_CONTACT, contact_id, rated)
        page = contact_page(door.db, screener, now, contact_id)
    (found,) = [one.due_at for one in page.clocks if one.clock == "decision"]
    assert found is not None
    return found.astimezone(LONDON)
