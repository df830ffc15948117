"""Where alerts reach people is theirs to say, and that messages do not get out is on every page of who must know."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from mash import clock, doctor
from mash.db import Database
from mash.messages import outbox
from mash.messages.carriers import set_up
from mash.models.accounts import User
from mash.vocabulary import Carrier, Verb
from tests.support.receiving import MailServer, mail_server, with_addresses
from tests.web.front_door import FrontDoor, main_of
from tests.web.test_queue import reference


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


@pytest.fixture
def server(door: FrontDoor) -> Iterator[MailServer]:
    """A mail server, set up."""
    with mail_server() as found:
        with clock.at(door.hub.at):
            set_up(door.hub.db, {Carrier.EMAIL: found.mail()})
        yield found


def ring(door: FrontDoor, server: MailServer) -> None:
    door.hub.sweep()
    with clock.at(door.hub.at):
        outbox.ring(door.hub.db, door.hub.office.rulebook, {Carrier.EMAIL: server.mail()})


def test_everybody_says_where_alerts_reach_them_and_when_they_want_quiet(door: FrontDoor) -> None:
    assert "Only on the page of alerts" in main_of(door.get("/account"))
    for typed, said in (
        ({"email": "sam@council"}, "This is not an e-mail address."),
        ({"email": "sam@council.example\r\nBcc: all@elsewhere.example"}, "This is not an e-mail address."),
        ({"email": "", "quiet_from": "22:00"}, "Quiet hours need a beginning and an end."),
        ({"email": "", "quiet_from": "22", "quiet_to": "7am"}, "Write quiet hours as times of day"),
        ({"email": "", "quiet_from": "7:00", "quiet_to": "07:00"}, "begin and end at the same time"),
    ):
        assert said in door.post("/account/messages", expect=422, **typed)
    door.post("/account/messages", email="sam@council.example", quiet_from="22:00", quiet_to="7:00")
    words = main_of(door.get("/account?done=reach"))
    assert "By e-mail to sam@council.example. Quiet from 22:00 to 07:00." in words
    assert 'value="07:00"' in door.get("/account/messages")


def test_an_administrator_enters_an_address_for_a_new_person_and_changes_it(door: FrontDoor) -> None:
    new = {"name": "Ola Park", "username": "ola", "role": "contact_officer", "boroughs": "northbridge"}
    assert "This is not an e-mail address." in door.post(
        "/admin/users/new", "administrator", expect=422, **new, email="ola"
    )
    door.post("/admin/users/new", "administrator", expect=200, **new, email="ola@council.example")
    with door.hub.db.reading() as look:
        user_id, email = look.execute(select(User.id, User.email).where(User.username == "ola")).one()
    assert email == "ola@council.example"
    page = door.get(f"/admin/users/{user_id}", "administrator")
    assert 'value="ola@council.example"' in page
    where = door.send(f"/admin/users/{user_id}/address", "administrator", email="o.park@council.example")
    assert 'value="o.park@council.example"' in door.get(where, "administrator")
    door.send(f"/admin/users/{user_id}/address", "screener", expect=403, email="")
    wrong = door.send(f"/admin/users/{user_id}/address", "administrator", expect=422, email="o.park")
    assert "This is not an e-mail address." in wrong and 'value="o.park"' in wrong


def test_a_carrier_that_fails_is_on_every_page_of_managers_and_administrators_at_once(
    door: FrontDoor, server: MailServer
) -> None:
    with_addresses(door.hub.db)
    contact_id = door.hub.receive()
    door.hub.do("screener", Verb.CLAIM, contact_id)
    server.mood = "dies"
    door.hub.later(hours=3, minutes=5)
    ring(door, server)
    manager, administrator = door.get("/queue", "manager"), door.get("/admin/users", "administrator")
    assert "<strong>E-mail fails</strong>, last tried" in manager
    assert "tell an administrator" in manager and 'href="/admin/messages"' in administrator
    assert "E-mail fails" not in door.get("/queue", "decider")
    page = main_of(door.get("/admin/messages", "administrator"))
    assert "Fails, last tried 1:05pm. The mail server could not be used" in page
    assert f"Screener screener@council.example {reference(door, contact_id)}" in page and "Tried once" in page
    assert "Tiana" not in page
    with clock.at(door.hub.at):
        report = door.browser("manager").get("/readyz").json()
    assert report["messages_waiting"] == 1 and report["oldest_message_seconds"] == 0
    assert any("E-mail fails" in finding.sentence for finding in doctor.examine(door.hub.db, door.hub.at))
    server.mood = "accepts"
    (again,) = {part.split('"')[0] for part in door.get("/admin/messages", "administrator").split('action="')[1:]} - {
        "/sign-out"
    }
    assert door.send(again, "administrator") == "/admin/messages?done=again"
    ring(door, server)
    assert "Works, last used 1:05pm." in main_of(door.get("/admin/messages", "administrator"))
    assert "messages-fail" not in door.get("/queue", "manager")
    door.get("/admin/messages", "manager", expect=403)


def test_timers_that_send_nothing_are_on_the_page_within_two_minutes(door: FrontDoor, server: MailServer) -> None:
    with_addresses(door.hub.db)
    door.hub.receive()
    door.hub.later(hours=3, minutes=5)
    door.hub.sweep()
    assert "messages-fail" not in door.get("/alerts", "manager")
    door.hub.later(minutes=2, seconds=1)
    door.hub.sweep()
    assert "Messages about alerts have waited for 2 minutes" in door.get("/alerts", "manager")


def test_a_role_that_nobody_fills_is_named_where_its_alerts_fell_to_others(door: FrontDoor, server: MailServer) -> None:
    with_addresses(door.hub.db, "decider", "second_decider")
    door.hub.receive()
    door.hub.later(hours=3, minutes=5)
    ring(door, server)
    assert server.recipients == ["manager@council.example"]
    found = [f"{one.reference}: {one.sentence}" for one in doctor.examine(door.hub.db, door.hub.at)]
    assert found == [
        "northbridge: Nobody here has an e-mail address as decision maker: 2 alerts have fallen to others. "
        "Enter one, or add somebody, under Users."
    ]


def test_the_page_of_alerts_says_whom_each_is_for_and_where_nobody_is_there(door: FrontDoor) -> None:
    door.hub.receive()
    door.hub.later(hours=3, minutes=5)
    door.hub.sweep()
    assert "for Decider and Second Decider" in main_of(door.get("/alerts"))
    for who in ("decider", "second_decider"):
        with door.hub.db.reading() as look:
            user_id = look.execute(select(User.id).where(User.username == who)).scalar_one()
        door.get(f"/admin/users/{user_id}", "administrator")
        door.send(f"/admin/users/{user_id}/deactivate", "administrator")
    words = main_of(door.get("/alerts"))
    assert "for Manager" in words and "There is no decision maker." in words


def test_an_alert_whose_taker_has_left_is_nobody_s_again(door: FrontDoor) -> None:
    contact_id = door.hub.screened("red")
    door.hub.later(hours=5)
    door.hub.sweep()
    door.hub.do("decider", Verb.TAKE_ALERT, contact_id, clock="decision")
    assert "0 Nobody has taken on" in main_of(door.get("/alerts", "manager"))
    user_id = door.hub.actors["decider"].user_id
    door.get(f"/admin/users/{user_id}", "administrator")
    door.send(f"/admin/users/{user_id}/deactivate", "administrator")
    page = door.get("/alerts", "manager")
    assert "1 Nobody has taken on" in main_of(page) and f"/alerts/{contact_id}/take" in page


def test_what_was_late_and_is_done_is_listed_until_somebody_says_why(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    door.hub.later(hours=5)
    door.hub.do("screener", Verb.START_SCREENING, contact_id)
    assert "1 was late, is done, and nobody has said why" in main_of(door.get("/alerts", "decider"))
    assert "nobody has said why" not in main_of(door.get("/alerts", "screener"))
    answer = {"clock": "first_look//1", "cause": "capacity", "remedy": "A second screener from Monday on."}
    door.act("decider", "resolve_breach", contact_id, **answer)
    assert "nobody has said why" not in main_of(door.get("/alerts", "decider"))
    page = main_of(door.get(f"/contacts/{contact_id}"))
    assert "Not enough people, or too much at once." in page
    assert "Said by Decider, decision maker, 3pm: A second screener from Monday on." in page


def test_an_alert_is_handed_to_a_colleague_by_its_form(door: FrontDoor) -> None:
    contact_id = door.hub.screened("red")
    door.hub.later(hours=5)
    door.hub.sweep()
    colleague = door.hub.actors["second_decider"].user_id
    door.act("manager", "hand_alert_to", contact_id, clock="decision//1", to=colleague, note="You know the family.")
    assert "Second Decider answers for it" in main_of(door.get(f"/contacts/{contact_id}"))
