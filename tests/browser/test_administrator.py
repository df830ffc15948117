"""An administrator adds somebody, who sets up an account, comes in, and is let out again."""

import re
from collections.abc import Callable

import pytest

from mash import audit_check
from tests.browser.conftest import Door
from tests.support.telephone import code
from tests.support.watching import Person

MakePerson = Callable[..., Person]
NEW = "four words make a password"


@pytest.mark.parametrize("scripted", [True, False], ids=["with-script", "without-script"])
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
