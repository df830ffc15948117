"""Coming in, going out, and what is shown to whom."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from mash import clock
from mash.accounts import operator
from mash.db import Database
from mash.models.accounts import Session
from tests.support.telephone import code
from tests.web.browsing import Browser, parsed
from tests.web.conftest import PASSWORD, opened

NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(browser: Browser) -> None:
    assert browser.get("/").headers["location"] == "/sign-in"
    asked = browser.get("/try/queue?words=secret")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/try/queue")
    assert 'name="next" value="/try/queue"' in browser.get(asked.headers["location"]).text
    entered = browser.post("/sign-in", username="sam", password=PASSWORD, next="/try/queue")
    assert (entered.status_code, entered.headers["location"]) == (303, "/sign-in/code?next=/try/queue")
    assert 'name="next" value="/try/queue"' in browser.get(entered.headers["location"]).text
    entered = browser.post("/sign-in/code", code=code(), next="/try/queue")
    assert (entered.status_code, entered.headers["location"]) == (303, "/try/queue")


@pytest.mark.parametrize("role", ["sam", "pat"])
def test_each_role_begins_on_its_own_page(app: FastAPI, role: str) -> None:
    browser = Browser(app)
    browser.sign_in(role, PASSWORD)
    assert browser.get("/").headers["location"] == {"sam": "/queue", "pat": "/desk"}[role]


@pytest.mark.parametrize(
    "address",
    [
        "//elsewhere.test",
        "https://elsewhere.test",
        "/\\elsewhere.test",
        "javascript:alert(1)",
        "/a\r\nb",
        "/a?b=c",
        "/é\n",
    ],
)
def test_signing_in_leads_to_no_other_site(browser: Browser, address: str) -> None:
    assert browser.sign_in("sam", PASSWORD, after=address).headers["location"] == "/"


def test_a_wrong_password_is_said_in_words_and_nothing_is_opened(browser: Browser) -> None:
    browser.get("/sign-in")
    response = browser.post("/sign-in", username='"><b>sam', password="wrong", next="/")
    assert response.status_code == 401
    assert "The username or the password is wrong." in response.text
    assert "<b>sam" not in response.text
    assert "__Host-mash=" not in response.headers["set-cookie"]
    assert parsed(response.text).find("head/title").text.startswith("Error: ")


def test_too_many_wrong_passwords_are_told_to_wait(browser: Browser) -> None:
    browser.get("/sign-in")
    statuses = [browser.post("/sign-in", username="sam", password="wrong").status_code for _ in range(5)]
    response = browser.post("/sign-in", username="sam", password=PASSWORD)
    assert (statuses, response.status_code) == ([401] * 5, 429)
    assert response.headers["retry-after"] == "900"


def test_a_new_sign_in_ends_the_old_session(sam: Browser, live: Database) -> None:
    old = sam.client.cookies["__Host-mash"]
    sam.sign_in("sam", PASSWORD)
    assert sam.client.cookies["__Host-mash"] != old
    with live.reading() as look:
        assert len(look.execute(select(Session.id_hash).where(Session.ended_at.is_(None))).all()) == 1


def test_after_signing_out_the_cookie_is_worth_nothing(sam: Browser) -> None:
    cookie = sam.client.cookies["__Host-mash"]
    response = sam.post("/sign-out")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert response.headers["clear-site-data"] == '"cache"'
    assert "__Host-mash" not in sam.client.cookies
    sam.client.cookies.set("__Host-mash", cookie, domain="front-door.test")
    assert sam.get("/try/queue").status_code == 303


def test_signing_out_is_not_a_link(sam: Browser) -> None:
    assert sam.client.get("/sign-out").status_code == 405
    assert sam.get("/try/queue").status_code == 200


def test_a_form_after_the_session_has_ended_is_told_so(sam: Browser, live: Database) -> None:
    operator.set_active(live, "sam", False)
    response = sam.post("/form", text="words")
    assert response.status_code == 401
    assert "You are signed out" in response.text


def test_an_idle_session_ends_and_refreshing_pages_do_not_keep_it(browser: Browser) -> None:
    with clock.at(NINE):
        browser.sign_in("sam", PASSWORD)
    with clock.at(NINE + timedelta(minutes=14)):
        assert browser.get("/try/poll").status_code == 200
    with clock.at(NINE + timedelta(minutes=15)):
        assert browser.get("/try/poll").status_code == 303


def test_the_page_says_who_is_signed_in_and_offers_what_they_may(sam: Browser, pat: Browser) -> None:
    hub, desk = sam.get("/try/refused").text, pat.get("/try/queue").text
    assert "Sam Whitlock, screener" in hub and "Northbridge" in hub
    assert "Pat Lindqvist, agency desk (Health)" in desk
    links = {page: [a.text for a in parsed(page).findall(".//nav//a")] for page in (hub, desk)}
    assert links[hub] == [
        "Triage queue",
        "Record a contact",
        "Advice call",
        "Overnight",
        "Alerts",
        "Live board",
        "Rules",
    ]
    assert links[desk] == ["Requests", "What we gave", "Report a concern"]


def test_every_page_is_valid_and_its_title_holds_its_heading(sam: Browser, demo_page: str) -> None:
    paths = (
        "/sign-in",
        "/try/queue",
        "/try/missing",
        "/try/refused",
        "/try/conflict",
        "/try/crash",
        "/try/no-database",
    )
    for text in [*(sam.get(path).text for path in paths), sam.post("/form", token="").text, demo_page]:
        page = parsed(text)
        (heading,) = page.findall(".//h1")
        assert page.find("head/title").text == f"{heading.text} – Front door"
        assert page.attrib["lang"] == "en"


@pytest.fixture
def demo_page(demo: Database) -> str:
    return str(Browser(opened(demo)).get("/sign-in").text)


def test_the_demonstration_says_so_and_offers_its_people(demo: Database) -> None:
    browser = Browser(opened(demo))
    page = browser.get("/sign-in").text
    assert "Every name is invented" in page
    assert [form.attrib["action"] for form in parsed(page).findall(".//form")].count("/sign-in/demo") == 3
    browser.sign_in("pat")
    assert "Every name is invented" in browser.get("/try/queue").text


def test_on_a_live_database_there_is_nobody_to_sign_in_as(browser: Browser, live: Database) -> None:
    page = browser.get("/sign-in").text
    assert "emonstration" not in page and "Sam" not in page
    response = browser.sign_in("sam")
    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    with live.reading() as look:
        assert look.execute(select(Session.id_hash)).all() == []
