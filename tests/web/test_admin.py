"""Who is let in, as what, and who no longer: the administrator's pages."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, update

from mash import audit_check, clock, rulebook
from mash.accounts import administration, operator, sessions
from mash.accounts.users import create_user
from mash.db import Database
from mash.errors import BadInput, Refused
from mash.models.accounts import User, UserBorough
from mash.models.audit import AuditEntry
from mash.permissions import Actor
from mash.vocabulary import Role
from tests.support.hub import northbridge
from tests.support.telephone import code, enrolled
from tests.web.browsing import Browser, parsed
from tests.web.conftest import PASSWORD, QUICK_HASH, VAULT
from tests.web.front_door import main_of
from tests.web.test_signing_in import CODES, KEY

NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
LINK = re.compile(r"https://front-door\.test(/invitation/[\w-]+)")


@pytest.fixture
def live(live: Database) -> Database:
    """With the rules of Northbridge and two administrators, Bea and Ben."""
    rulebook.install(live, [northbridge()])
    for username, name in (("bea", "Bea Thorne"), ("ben", "Ben Ashby")):
        create_user(live, username, name, Role.ADMINISTRATOR, ["northbridge"])
    with live.transaction() as tx:
        tx.execute(update(User).where(User.username.in_(("bea", "ben"))).values(password_hash=QUICK_HASH))
    enrolled(live, VAULT, ("bea", "ben"))
    return live


@pytest.fixture
def bea(app: FastAPI) -> Browser:
    browser = Browser(app)
    assert browser.sign_in("bea", PASSWORD).status_code == 303
    browser.get("/admin/users")
    return browser


def id_of(db: Database, username: str) -> str:
    with db.reading() as look:
        return look.execute(select(User.id).where(User.username == username)).scalar_one()


def said(db: Database, action: str) -> list[tuple[str | None, dict[str, object]]]:
    """By whom, and what about, each entry of this kind."""
    with db.reading() as look:
        query = select(AuditEntry.actor_id, AuditEntry.facts).where(AuditEntry.action == action)
        return [(row.actor_id, json.loads(row.facts)) for row in look.execute(query.order_by(AuditEntry.seq))]


def test_an_administrator_begins_with_the_users_and_sees_no_contact(bea: Browser) -> None:
    assert bea.get("/").headers["location"] == "/admin/users"
    page = bea.get("/admin/users").text
    assert [a.text for a in parsed(page).findall(".//nav//a")] == ["Rules", "Users", "Sessions", "Desks", "Sources"]
    for path in ("/queue", "/alerts", "/contacts/new", "/desk"):
        assert bea.get(path).status_code == 403


def test_somebody_new_is_added_sets_up_the_account_and_comes_in(app: FastAPI, bea: Browser, live: Database) -> None:
    bea.get("/admin/users/new")
    fields = {"name": "Nell Arden", "username": "Nell", "role": "screener", "registered": "yes"}
    answer = bea.post("/admin/users/new", **fields, boroughs="northbridge")
    link = LINK.search(answer.text)
    assert answer.status_code == 200 and link
    nell = Browser(app)
    assert "nell" in nell.get(link[1]).text
    after = nell.post(link[1], new_password="four words make a password").headers["location"]
    key = KEY.search(nell.get(after).text)
    assert key and nell.get("/queue").status_code == 303
    assert len(CODES.findall(nell.post("/sign-in/set-up", code=code(key[1].replace(" ", ""))).text)) == 10
    assert nell.get("/try/queue").status_code == 200
    assert bea.get(link[1]).status_code == 404, "the link works once"
    (created,) = [entry for entry in said(live, "user_created") if entry[0]]
    assert created[0] == id_of(live, "bea")
    assert created[1] | {"role": "screener", "registered": True, "boroughs": ["northbridge"]} == created[1]
    assert audit_check.verify(live) == []


@pytest.mark.parametrize(
    ("fields", "at", "reason"),
    [
        ({"role": ""}, "role", "Choose a role."),
        ({"role": "screener"}, "role", "registered social workers only"),
        ({"role": "service_manager"}, "role", "registered social workers only"),
        ({"role": "system"}, "role", "Choose a role."),
        ({"role": "desk"}, "desk", "needs the agency"),
        ({"role": "desk", "desk": "astrology"}, "desk", "has no agency"),
        ({"boroughs": "atlantis"}, "boroughs", "not a borough that you administer"),
        ({"username": "sam"}, "username", "already"),
        ({"username": ""}, "username", "needs a username"),
        ({"name": " "}, "name", "needs a name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_typed_is_lost(
    bea: Browser, live: Database, fields: dict[str, str], at: str, reason: str
) -> None:
    bea.get("/admin/users/new")
    given = {"name": "Nell Arden", "username": "nell", "role": "contact_officer", "boroughs": "northbridge"} | fields
    answer = bea.post("/admin/users/new", **given)
    assert answer.status_code == 422
    (problem,) = parsed(answer.text).findall(".//*[@id='problems']//li/a")
    assert problem.attrib["href"] == f"#{at}" and reason in problem.text
    assert len(parsed(answer.text).findall(f".//*[@id='{at}']")) == 1, "the link leads to the field"
    if fields.get("name") != " ":
        assert 'value="Nell Arden"' in answer.text
    assert LINK.search(answer.text) is None
    with live.reading() as look:
        assert look.execute(select(User.id).where(User.username == "nell")).first() is None


def test_the_list_tells_how_everybody_stands_and_can_be_narrowed(bea: Browser, live: Database) -> None:
    operator.set_active(live, "pat", False)
    with live.transaction() as tx:
        tx.execute(update(User).where(User.username == "sam").values(created_at=NINE - timedelta(days=900)))
    words = main_of(bea.get("/admin/users").text)
    for line in (
        "Sam Whitlock sam Screener Registered social worker Northbridge Dormant",
        "Pat Lindqvist pat Agency desk, Health Northbridge Deactivated",
        "Nobody nopassword Screener Registered social worker Northbridge Not set up yet",
        "Ben Ashby ben Administrator Northbridge Active Second factor: Yes Last seen: Never",
    ):
        assert line in words
    for fields, found in (
        ({"words": "WHIT sam"}, ["sam"]),
        ({"role": "administrator"}, ["bea", "ben"]),
        ({"standing": "deactivated"}, ["pat"]),
        ({"words": "zz"}, []),
    ):
        tree = parsed(bea.post("/admin/users", **fields).text)
        small = [e.text for e in tree.findall(".//tbody/tr/th/span")]
        assert sorted(small) == found, fields


def test_a_change_of_role_is_on_record_and_ends_what_was_open(bea: Browser, sam: Browser, live: Database) -> None:
    path = f"/admin/users/{id_of(live, 'sam')}"
    bea.get(path)
    given = {"role": "decision_maker", "registered": "yes", "boroughs": "northbridge"}
    assert bea.post(path, **given).headers["location"] == f"{path}?done=changed"
    assert sam.get("/account").status_code == 303
    assert bea.post(path, **given).headers["location"] == f"{path}?done=unchanged"
    ((who, facts),) = said(live, "user_changed")
    assert who == id_of(live, "bea")
    assert (facts["from"]["role"], facts["to"]["role"]) == ("screener", "decision_maker")  # type: ignore[index]


def test_who_is_not_registered_cannot_be_given_a_role_that_decides(bea: Browser, live: Database) -> None:
    path = f"/admin/users/{id_of(live, 'sam')}"
    bea.get(path)
    answer = bea.post(path, role="decision_maker", boroughs="northbridge")
    assert answer.status_code == 422 and "for registered social workers only" in answer.text
    for role in (Role.SCREENER, Role.EDT):
        with pytest.raises(BadInput, match="registered social workers only"):
            create_user(live, "new", "New", role, ["northbridge"])


def test_who_is_let_out_is_out_at_the_next_request_and_can_be_let_in_again(
    app: FastAPI, bea: Browser, sam: Browser, live: Database
) -> None:
    path = f"/admin/users/{id_of(live, 'sam')}"
    bea.get(path)
    assert bea.post(f"{path}/deactivate").headers["location"] == f"{path}?done=deactivate"
    assert sam.get("/account").status_code == 303
    assert Browser(app).sign_in("sam", PASSWORD).status_code == 401
    assert bea.post(f"{path}/invite").status_code == 409
    assert bea.post(f"{path}/activate").status_code == 303
    assert Browser(app).sign_in("sam", PASSWORD).status_code == 303
    assert [who for who, _ in said(live, "user_deactivated")] == [id_of(live, "bea")]


def test_a_lost_telephone_is_reset_loudly(app: FastAPI, bea: Browser, sam: Browser, live: Database) -> None:
    path = f"/admin/users/{id_of(live, 'sam')}"
    bea.get(path)
    assert bea.post(f"{path}/reset-factor").status_code == 303
    assert sam.get("/account").status_code == 303
    assert bea.post(f"{path}/reset-factor").status_code == 409
    assert said(live, "second_factor_reset") == [(id_of(live, "bea"), {"user_id": id_of(live, "sam")})]
    browser = Browser(app)
    browser.get("/sign-in")
    after = browser.post("/sign-in", username="sam", password=PASSWORD).headers["location"]
    page = browser.get(after).text
    assert "Your second factor was taken away on" in page and "If you did not ask for that" in page
    key = KEY.search(page)
    assert key
    browser.post("/sign-in/set-up", code=code(key[1].replace(" ", "")))
    assert "Taken away by an administrator" in browser.get("/account").text


def test_nobody_changes_themselves(bea: Browser, live: Database) -> None:
    own = f"/admin/users/{id_of(live, 'bea')}"
    assert "Nobody changes their own rights" in bea.get(own).text
    for act in ("deactivate", "reset-factor", "end-sessions"):
        assert bea.post(f"{own}/{act}").status_code == 403
    assert bea.post(own, role="service_manager", registered="yes", boroughs="northbridge").status_code == 403


def test_a_borough_keeps_an_administrator_who_can_sign_in(bea: Browser, live: Database) -> None:
    """Bea's account is about to fall asleep: without Ben there would be nobody."""
    ben = f"/admin/users/{id_of(live, 'ben')}"
    bea.get(ben)
    with live.transaction() as tx:
        long_ago = clock.now() - timedelta(days=100)
        tx.execute(update(User).where(User.username == "bea").values(created_at=long_ago, last_signed_in_at=long_ago))
    for path, fields in ((f"{ben}/deactivate", {}), (ben, {"role": "contact_officer", "boroughs": "northbridge"})):
        answer = bea.post(path, **fields)
        assert answer.status_code == 409 and "Northbridge would have no administrator left." in unescape(answer.text)
    with live.transaction() as tx:
        tx.execute(update(User).where(User.username == "bea").values(last_signed_in_at=clock.now()))
    assert bea.post(f"{ben}/deactivate").status_code == 303


def test_of_two_administrators_who_let_each_other_out_at_once_one_stays(live: Database) -> None:
    people = {name: Actor(id_of(live, name), name, Role.ADMINISTRATOR, "northbridge") for name in ("bea", "ben")}

    def let_out(by: str, whom: str) -> str:
        try:
            administration.deactivate(live, people[by], people[whom].user_id)
        except Refused:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(let_out, ("bea", "ben"), ("ben", "bea")))
    assert sorted(outcomes) == ["done", "refused"]


def test_who_also_works_elsewhere_is_not_for_one_boroughs_administrator_to_change(bea: Browser, live: Database) -> None:
    with live.transaction() as tx:
        tx.execute(insert(UserBorough).values(user_id=id_of(live, "sam"), borough="westmere"))
    path = f"/admin/users/{id_of(live, 'sam')}"
    assert "also works in a borough that you do not administer" in bea.get(path).text
    for act in ("", "/deactivate", "/reset-factor", "/invite", "/end-sessions", "/activate"):
        answer = bea.post(path + act, role="contact_officer", boroughs="northbridge")
        assert answer.status_code == 403, act


def test_administering_asks_for_the_password_again_after_a_quarter_of_an_hour(app: FastAPI, live: Database) -> None:
    browser, path = Browser(app), f"/admin/users/{id_of(live, 'sam')}"
    with clock.at(NINE):
        with live.transaction() as tx:
            tx.execute(update(User).values(created_at=NINE))
        browser.sign_in("bea", PASSWORD)
    with clock.at(NINE + timedelta(minutes=10)):
        browser.get("/admin/users")
    with clock.at(NINE + timedelta(minutes=15)):
        for ask in (path, "/admin/users/new"):
            assert browser.get(ask).headers["location"] == f"/account/confirm?next={ask}"
        for act in ("", "/invite", "/deactivate", "/activate", "/reset-factor", "/end-sessions"):
            assert browser.post(path + act).headers["location"] == f"/account/confirm?next={path}", act
        assert browser.post("/admin/users/new").headers["location"].startswith("/account/confirm")
        assert browser.post("/admin/sessions").headers["location"].startswith("/account/confirm")
        assert browser.get("/admin/users").status_code == 200
    assert said(live, "user_deactivated") == []


def test_sessions_are_seen_and_one_is_ended(bea: Browser, sam: Browser, live: Database) -> None:
    words = main_of(bea.get("/admin/sessions").text)
    assert "2 browsers are signed in" in words and "Sam Whitlock" in words and "This browser" in words
    theirs = sessions.hash_of(sam.client.cookies["__Host-mash"])
    assert bea.post("/admin/sessions", session=theirs).status_code == 303
    assert sam.get("/account").status_code == 303
    assert bea.post("/admin/sessions", session=theirs).status_code == 409
    assert "One browser is signed in" in main_of(bea.get("/admin/sessions").text)
    ended = [facts for who, facts in said(live, "session_ended") if who == id_of(live, "bea")]
    assert ended == [{"user_id": id_of(live, "sam"), "why": "ended_by_administrator"}]


def test_a_session_that_is_idle_or_not_whole_is_not_listed(app: FastAPI, bea: Browser, live: Database) -> None:
    half = Browser(app)
    half.get("/sign-in")
    half.post("/sign-in", username="sam", password=PASSWORD)
    assert "Sam Whitlock" not in bea.get("/admin/sessions").text


def test_a_desk_without_anybody_is_said_loudly(bea: Browser, live: Database) -> None:
    agencies = {code: agency.label for code, agency in northbridge().agencies.items()}
    words = main_of(bea.get("/admin/desks").text)
    for code_, label in agencies.items():
        assert (f"Nobody can answer for {label}." in words) is (code_ != "health"), label
    assert "Pat Lindqvist" in words
    operator.set_active(live, "pat", False)
    words = unescape(main_of(bea.get("/admin/desks").text))
    assert f"Nobody can answer for {agencies['health']}." in words and "Pat Lindqvist Deactivated" in words
    page = parsed(bea.get("/admin/users/new?desk=health&borough=northbridge").text)
    chosen = [e.attrib["value"] for e in page.findall(".//*[@checked]")] + [
        e.attrib["value"] for e in page.findall(".//option[@selected]")
    ]
    assert chosen == ["desk", "northbridge", "health"]
