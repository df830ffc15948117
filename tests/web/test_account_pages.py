"""What everybody may see and change of their own account, and when the password is asked for again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select

from mash import clock
from mash.accounts import own_account, sessions
from mash.db import Database
from mash.errors import NotPermitted
from mash.models.accounts import User, UserBorough
from tests.support.telephone import code
from tests.web.browsing import Browser
from tests.web.conftest import PASSWORD, VAULT, opened, settings
from tests.web.front_door import main_of
from tests.web.test_signing_in import CODES, KEY

NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
NEW = "four words make a password"


def test_the_account_says_who_one_is_and_a_desk_has_one_too(sam: Browser, pat: Browser) -> None:
    words = main_of(sam.get("/account").text)
    for said in ("Sam Whitlock", "Screener, registered social worker", "Northbridge", "0 recovery codes left"):
        assert said in words
    assert "Agency desk, Health" in main_of(pat.get("/account").text)


def test_a_new_password_needs_the_current_one_and_ends_the_other_sessions(app: FastAPI, sam: Browser) -> None:
    other = Browser(app)
    other.sign_in("sam", PASSWORD)
    sam.get("/account/password")
    old = sam.client.cookies["__Host-mash"]
    for password, new, said in (
        ("wrong", NEW, "This is not your current password."),
        (PASSWORD, "short", "15 characters"),
        (PASSWORD, "", "The password is empty."),
    ):
        answer = sam.post("/account/password", password=password, new_password=new)
        assert answer.status_code == 422 and said in answer.text
    assert sam.post("/account/password", password=PASSWORD, new_password=NEW).status_code == 303
    assert sam.client.cookies["__Host-mash"] != old
    assert "Your password is changed." in sam.get("/account?done=password").text
    assert other.get("/account").status_code == 303
    assert Browser(app).sign_in("sam", PASSWORD).status_code == 401
    assert Browser(app).sign_in("sam", NEW).status_code == 303


def test_five_wrong_current_passwords_are_told_to_wait(sam: Browser) -> None:
    sam.get("/account/password")
    statuses = [sam.post("/account/password", password="wrong", new_password=NEW).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_a_new_telephone_replaces_the_old_only_when_it_is_confirmed(app: FastAPI, live: Database, sam: Browser) -> None:
    other = Browser(app)
    other.sign_in("sam", PASSWORD)
    sam.get("/account/second-factor")
    assert sam.post("/account/second-factor/new").status_code == 303
    found = KEY.search(sam.get("/account/second-factor").text)
    assert found
    secret = found[1].replace(" ", "")
    assert Browser(app).sign_in("sam", PASSWORD).status_code == 303, "the old one is good until then"
    assert sam.post("/account/second-factor", code="000000").status_code == 422
    assert len(CODES.findall(sam.post("/account/second-factor", code=code(secret)).text)) == 10
    assert other.get("/account").status_code == 303 and sam.get("/account").status_code == 200
    assert Browser(app).sign_in("sam", PASSWORD).status_code == 401, "the old telephone is worth nothing"
    assert sam.post("/account/second-factor", code=code(secret)).status_code == 409
    assert len(CODES.findall(sam.post("/account/recovery-codes").text)) == 10


CHANGES: tuple[Callable[[Browser], object], ...] = (
    lambda browser: browser.get("/account/second-factor"),
    lambda browser: browser.post("/account/second-factor/new"),
    lambda browser: browser.post("/account/second-factor", code="000000"),
    lambda browser: browser.post("/account/recovery-codes"),
)


def test_a_quarter_of_an_hour_after_the_password_it_is_asked_for_again(browser: Browser) -> None:
    with clock.at(NINE):
        browser.sign_in("sam", PASSWORD)
    for minutes in (10, 15):
        with clock.at(NINE + timedelta(minutes=minutes)):
            browser.get("/account")
            for change in CHANGES:
                answer = change(browser)
                location = getattr(answer, "headers", {}).get("location", "")
                assert location.startswith("/account/confirm") is (minutes == 15)
    with clock.at(NINE + timedelta(minutes=15)):
        before = browser.client.cookies["__Host-mash"]
        browser.get("/account/confirm?next=/account/second-factor")
        assert browser.post("/account/confirm", password="wrong", next="/account").status_code == 422
        answer = browser.post("/account/confirm", password=PASSWORD, next="/account/second-factor")
        assert answer.headers["location"] == "/account/second-factor"
        after = browser.client.cookies["__Host-mash"]
        assert after != before, "a new token at each step up"
        assert browser.get("/account/second-factor").status_code == 200
        browser.client.cookies.set("__Host-mash", before, domain="front-door.test")
        assert browser.get("/account").status_code == 303


def test_without_a_recent_password_the_domain_itself_changes_no_second_factor(live: Database, sam: Browser) -> None:
    token = sam.client.cookies["__Host-mash"]
    actor = sessions.session_actor(live, token, settings())
    assert actor is not None
    own_account.begin_factor(live, VAULT, actor, token)
    with clock.at(clock.now() + sessions.PROOF_LASTS):
        for change in (
            lambda: own_account.begin_factor(live, VAULT, actor, token),
            lambda: own_account.confirm_factor(live, VAULT, actor, token, "000000"),
            lambda: own_account.renew_recovery_codes(live, actor, token),
        ):
            with pytest.raises(NotPermitted, match="Give your password again"):
                change()


def test_confirming_leads_to_no_other_site(sam: Browser) -> None:
    sam.get("/account/confirm?next=//elsewhere.test")
    answer = sam.post("/account/confirm", password=PASSWORD, next="https://elsewhere.test")
    assert answer.headers["location"] == "/"


def test_one_sees_ones_own_sessions_only_and_ends_the_others(app: FastAPI, sam: Browser, pat: Browser) -> None:
    other = Browser(app)
    other.sign_in("sam", PASSWORD)
    words = main_of(sam.get("/account").text)
    assert words.count("This browser") == 1 and words.count("Another browser") == 1
    assert sam.post("/account/sessions").status_code == 303
    assert "Another browser" not in sam.get("/account").text
    assert other.get("/account").status_code == 303 and pat.get("/account").status_code == 200


def test_who_works_in_two_boroughs_switches_between_them_and_into_no_other(browser: Browser, live: Database) -> None:
    with live.transaction() as tx:
        user_id = tx.execute(select(User.id).where(User.username == "sam")).scalar_one()
        tx.execute(insert(UserBorough).values(user_id=user_id, borough="westmere"))
    browser.sign_in("sam", PASSWORD)
    assert "Act in Westmere" in browser.get("/account").text
    assert browser.post("/account/borough", borough="atlantis").status_code == 422
    assert browser.post("/account/borough", borough="westmere").status_code == 303
    page = browser.get("/account").text
    assert "Act in Northbridge" in page and '<span class="app-header__borough">Westmere</span>' in page


def test_in_a_demonstration_one_sets_a_password_without_having_had_one(demo: Database) -> None:
    browser = Browser(opened(demo))
    browser.sign_in("nopassword")
    browser.get("/account/password")
    assert browser.post("/account/password", new_password="tryout").status_code == 303
    browser.get("/account/password")
    assert browser.post("/account/password", new_password="another").status_code == 422
    assert Browser(opened(demo)).sign_in("nopassword", "tryout").status_code == 303


@pytest.mark.parametrize("field", ["password", "new_password", "code"])
def test_secrets_that_were_typed_too_late_are_not_shown_again(sam: Browser, live: Database, field: str) -> None:
    with clock.at(clock.now() + timedelta(hours=1)):
        answer = sam.post("/account/password", **{field: "the secret that was typed"})
    assert answer.status_code == 401 and "the secret" not in answer.text
