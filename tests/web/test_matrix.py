"""Every route × every role × every method: nothing opens for anybody whom the table of permissions does not name."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mash import clock, rulebook
from mash.accounts.users import create_user
from mash.db import Database, metadata
from mash.models.accounts import User
from mash.permissions import PERMISSIONS, Actor, Permission
from mash.vocabulary import Role, Verb
from mash.workflow.details import AnnounceBankHoliday, ReceiveContact
from tests.conftest import MakeDatabase
from tests.support.hub import PEOPLE, Hub, northbridge
from tests.web.browsing import FROM_HERE, Browser
from tests.web.conftest import settings
from web.app import all_routes, create_app
from web.security import HEADERS

STRANGERS = ("signed out", "junk cookie")
EVERYBODY = (*PEOPLE, *STRANGERS)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
DECLARED = [row for row in all_routes() if not row[1].startswith("/static")]
PATHS = sorted({path for _, path, _ in DECLARED})
SITE = "https://front-door.test"
NOWHERE = "/nowhere"
UNKNOWN = "0" * 22
OPEN = frozenset({200, 303, 409, 422})
"""What somebody gets who may: the page, a redirection, or a refusal in words."""


@dataclass
class Ward:
    """A hub with people at their screens. `ours` was asked of police and health; `foreign` is another borough's.

    `spare` is a user on whom an administrator may try everything, `day` a bank holiday that was announced late.
    """

    hub: Hub
    browsers: dict[str, Browser]
    ours: str
    foreign: str
    day: date
    spare: str = ""

    def ask(self, who: str, method: str, path: str, **fields: str) -> Any:
        """Send it as this person's browser would, token and all, and look at the headers of what comes back."""
        browser, headers = self.browsers[who], {} if method in ("GET", "HEAD") else FROM_HERE
        data = {"csrf_token": browser.token, **fields} if method in ("POST", "PUT", "PATCH") else None
        path = path.replace("{user_id}", self.spare).replace("{token}", UNKNOWN)
        path = path.replace("{day}", self.day.isoformat())
        response = browser.client.request(method, SITE + path, data=data, headers=headers)
        assert_shielded(response)
        return response


@pytest.fixture
def ward(make_database: MakeDatabase) -> Ward:
    db = make_database("demo")
    hub = Hub(db, clock.now())
    ours = hub.screened("red", concerns=["neglect"], narrative="They were alone.")
    hub.do("screener", Verb.REQUEST_INFORMATION, ours, agencies=["police", "health"], question="Known?")
    day = clock.london_date(hub.at) + timedelta(days=3)
    with clock.at(hub.at):
        late = AnnounceBankHoliday(date=day, name="State funeral", borough="northbridge")
        hub.office.announce(hub.actors["manager"], late)
    app = create_app(settings=settings(), db=db)
    browsers = {who: Browser(app) for who in EVERYBODY}
    for who, browser in browsers.items():
        browser.get("/sign-in")
        if who in PEOPLE:
            assert browser.post("/sign-in/demo", username=who).status_code == 303
            browser.get(browser.get("/").headers["location"])
            assert browser.token
    browsers["junk cookie"].client.cookies.set("__Host-mash", "junk", domain="front-door.test")
    spare = create_user(db, "spare", "Spare", Role.CONTACT_OFFICER, ["northbridge"])
    return Ward(hub, browsers, ours, elsewhere(hub), day, spare)


def elsewhere(hub: Hub) -> str:
    """A contact of a borough in which none of our people work, known to desks of the same agencies."""
    rules = northbridge().model_copy(update={"name": "eastmere", "title": "Eastmere", "reference_prefix": "EM"})
    rulebook.install(hub.db, [rules])
    user_id = create_user(hub.db, "elsewhere", "Elsewhere", Role.DECISION_MAKER, ["eastmere"], registered=True)
    actor = Actor(user_id, "Elsewhere", Role.DECISION_MAKER, "eastmere")
    with clock.at(hub.at):
        there = ReceiveContact.model_validate({"children": [{"forename": "Rosalind"}]})
        contact_id = hub.office.receive(actor, there).contact_id
    hub.actors["elsewhere"] = actor
    hub.do("elsewhere", Verb.START_SCREENING, contact_id)
    hub.do("elsewhere", Verb.RATE_CONTACT, contact_id, rag="red", rationale="Seen.")
    hub.do("elsewhere", Verb.REQUEST_INFORMATION, contact_id, agencies=["police", "health"])
    return contact_id


def assert_shielded(response: Any) -> None:
    assert all(response.headers.get(name) == value for name, value in HEADERS.items())
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["strict-transport-security"].startswith("max-age=")
    assert re.fullmatch(r"[0-9a-f]{16}", response.headers["x-request-id"])


_HUB_FORMS = {("POST", "/contacts/new"), ("POST", "/advice")}
"""Forms for which receiving a contact is not enough: a desk has one of its own."""


def may(who: str, method: str, path: str, permission: str) -> bool:
    """Whether the tables let this person in. A desk never stands at the hub's pages, nor the hub at a desk's."""
    if permission == "public":
        return True
    if who in STRANGERS:
        return False
    needed = {Permission(permission)}
    if path.startswith("/contacts/{") or (method, path) in _HUB_FORMS:
        needed.add(Permission.VIEW_CONTACT)
    return needed <= PERMISSIONS[PEOPLE[who][0]]


def at(path: str, contact_id: str) -> str:
    return path.replace("{contact_id}", contact_id)


def same(response: Any) -> tuple[int, str]:
    """What anybody could compare: without what is new in every page or is tied to the session."""
    text = re.sub(r'nonce="[^"]*"|name="csrf_token" value="[^"]*"|name="form_key" value="[^"]*"', "", response.text)
    return response.status_code, text


def rows(db: Database) -> dict[str, Any]:
    """Everything that is stored, but for when somebody was last seen."""
    with db.reading() as look:
        tables = [table for table in metadata.sorted_tables if table.name != "sessions"]
        found = {table.name: sorted(map(repr, look.execute(select(table)))) for table in tables}
        sessions = metadata.tables["sessions"]
        return found | {"sessions": look.execute(select(func.count()).select_from(sessions)).scalar()}


ANY_DATABASE = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)
"""For what no database has a say in."""
SESSION_FORMS = {
    (method, path)
    for method, path, permission in DECLARED
    if method == "POST" and (permission == "public" or path in ("/sign-out", "/account/confirm"))
}
"""Forms that begin, end or renew a session: test_session_views, test_signing_in, test_account_pages."""


def test_every_route_opens_for_those_whom_the_table_names_and_for_nobody_else(ward: Ward) -> None:
    for who in EVERYBODY:
        for method, path, permission in DECLARED:
            if (method, path) not in SESSION_FORMS:
                status = ward.ask(who, method, at(path, ward.ours)).status_code
                assert status in expected(who, method, path, permission), (who, method, path, status)


LINKS = {"/invitation/{token}", "/wall/{token}", "/wall/{token}/figures", "/board/wall/{link_id}"}
LINKS |= {path for path in PATHS if path.startswith(("/rules/versions/{", "/rules/proposals/{"))}
"""Addresses of what is not there: links, versions of rules, proposals."""


FOR_MACHINES = {"/readyz": frozenset({200, 503}), "/metrics": frozenset({404})}
"""The figures are for this machine or for who holds a token: test_health."""


def expected(who: str, method: str, path: str, permission: str) -> frozenset[int]:
    if not may(who, method, path, permission):
        return frozenset({303 if method == "GET" else 401} if who in STRANGERS else {403})
    if path in LINKS or (who == "education" and path == "/desk/{contact_id}"):
        return frozenset({404})
    return FOR_MACHINES.get(path, OPEN)


def test_a_stranger_is_led_to_sign_in_and_a_form_of_theirs_is_not_taken(ward: Ward) -> None:
    for who in STRANGERS:
        for method, path, permission in DECLARED:
            if permission != "public":
                response = ward.ask(who, method, at(path, ward.ours))
                assert response.status_code == (303 if method == "GET" else 401), (who, method, path)
                if method == "GET":
                    assert response.headers["location"].startswith("/sign-in")


@ANY_DATABASE
def test_head_answers_as_get_does_without_a_body(ward: Ward) -> None:
    for who in ("manager", "police", "signed out"):
        for method, path, _ in DECLARED:
            if method == "GET":
                got, headed = (ward.ask(who, m, at(path, ward.ours)) for m in ("GET", "HEAD"))
                assert (headed.status_code, headed.content) == (got.status_code, b""), (who, path)


@ANY_DATABASE
def test_no_method_works_that_is_not_declared(ward: Ward) -> None:
    declared = {(method, path) for method, path, _ in DECLARED}
    declared |= {("HEAD", path) for method, path in declared if method == "GET"}
    before = rows(ward.hub.db)
    for who in EVERYBODY:
        for path in PATHS:
            for method in METHODS:
                if (method, path) not in declared:
                    status = ward.ask(who, method, at(path, ward.ours)).status_code
                    assert status == 405, (who, method, path, status)
    assert rows(ward.hub.db) == before


VARIANTS = (
    lambda path: path + "/",
    lambda path: "/" + path,
    lambda path: path.replace("/", "//"),
    lambda path: "/%2e" + path,
    lambda path: "/x/%2e%2e" + path,
    lambda path: path + "/%2e",
    lambda path: path + "%2f",
    lambda path: path + ";x",
    lambda path: path + "%00",
    lambda path: "/sign-in/%2e%2e" + path,
    lambda path: path.upper() if path != path.upper() else path + "/",
)


@ANY_DATABASE
def test_no_other_spelling_of_an_address_leads_anywhere(ward: Ward) -> None:
    before = rows(ward.hub.db)
    for who in ("manager", "police", "signed out"):
        nowhere = same(ward.ask(who, "GET", NOWHERE))
        others = [vary(at(path, ward.ours)) for path in PATHS for vary in VARIANTS]
        for other in others:
            for method in ("GET", "POST"):
                response = ward.ask(who, method, other)
                assert response.status_code in (403, 404, 405) or _is_sent_away(response), (who, method, other)
                assert response.status_code != 404 or same(response) == nowhere, (who, method, other)
    assert rows(ward.hub.db) == before


def _is_sent_away(response: Any) -> bool:
    location = response.headers.get("location", "")
    return response.status_code == 401 or (response.status_code == 303 and location.startswith("/sign-in"))


def test_what_one_may_not_know_of_looks_like_what_is_not_there(ward: Ward) -> None:
    """Another borough's contact, one of which a desk was not asked, and an unknown one: byte for byte the same."""
    before = rows(ward.hub.db)
    for who in PEOPLE:
        nowhere = same(ward.ask(who, "GET", NOWHERE))
        for method, path, permission in DECLARED:
            if "{contact_id}" not in path:
                continue
            hidden = [ward.foreign, *([ward.ours] if who == "education" else []), "%2e%2e", "a" * 500, "é"]
            unknown = same(ward.ask(who, method, at(path, UNKNOWN)))
            assert unknown == (nowhere if may(who, method, path, permission) else (403, unknown[1])), (who, path)
            for contact_id in hidden:
                assert same(ward.ask(who, method, at(path, contact_id))) == unknown, (who, method, path, contact_id)
    assert rows(ward.hub.db) == before


def test_a_user_of_another_borough_looks_to_an_administrator_like_nobody(ward: Ward) -> None:
    with ward.hub.db.reading() as look:
        stranger = look.execute(select(User.id).where(User.username == "elsewhere")).scalar_one()
    before = rows(ward.hub.db)
    for method, path, _ in DECLARED:
        if "{user_id}" in path:
            unknown = same(ward.ask("administrator", method, path.replace("{user_id}", UNKNOWN)))
            assert unknown[0] == 404
            for user_id in (stranger, "%2e%2e", "é"):
                assert same(ward.ask("administrator", method, path.replace("{user_id}", user_id))) == unknown
    assert rows(ward.hub.db) == before


FORGERIES: dict[str, tuple[dict[str, str], str | None]] = {
    "without a token": (FROM_HERE, ""),
    "with an invented token": (FROM_HERE, "x" * 43),
    "with somebody else's token": (FROM_HERE, "stolen"),
    "from another site": ({"origin": "https://elsewhere.test", "sec-fetch-site": "cross-site"}, None),
    "from another origin": ({"origin": "https://elsewhere.test"}, None),
    "from nowhere": ({}, None),
}


@ANY_DATABASE
def test_no_forged_form_changes_anything(ward: Ward) -> None:
    before = rows(ward.hub.db)
    for who in PEOPLE:
        for method, path, permission in DECLARED:
            if method == "POST" and may(who, method, path, permission):
                for how in FORGERIES:
                    response = _forged(ward, who, at(path, ward.ours), how)
                    assert response.status_code == 403, (who, path, how)
    assert rows(ward.hub.db) == before


def _forged(ward: Ward, who: str, path: str, how: str) -> Any:
    headers, token = FORGERIES[how]
    if token == "stolen":
        token = ward.browsers["edt" if who != "edt" else "manager"].token
    fields = {"reply": "nothing_known", "reason": "x", "rationale": "x", "username": "manager"}
    path = path.replace("{user_id}", ward.spare).replace("{token}", UNKNOWN)
    response = ward.browsers[who].post(path, headers, token, **fields)
    assert_shielded(response)
    return response


@ANY_DATABASE
def test_a_session_that_was_ended_opens_nothing(ward: Ward) -> None:
    for who in PEOPLE:
        browser = ward.browsers[who]
        cookie = browser.client.cookies["__Host-mash"]
        assert ward.ask(who, "POST", "/sign-out").status_code == 303
        browser.client.cookies.set("__Host-mash", cookie, domain="front-door.test")
        for method, path, permission in DECLARED:
            if permission != "public":
                assert _is_sent_away(ward.ask(who, method, at(path, ward.ours))), (who, method, path)
