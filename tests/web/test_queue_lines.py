"""What can be done from a line of the queue, how the queue is narrowed down, and what a refresh of it does."""

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from mash import clock
from mash.db import Database
from mash.models.accounts import Session
from mash.models.audit import AccessEntry
from mash.permissions import PERMISSIONS, Permission
from mash.vocabulary import Role, State, Verb
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.queue import PAGE, one_row
from tests.support.hub import northbridge_with
from tests.web.front_door import FrontDoor, main_of
from tests.web.test_queue import reference, references


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def press(door: FrontDoor, path: str, who: str = "screener", back: str = "", *, expect: int = 303) -> str:
    """Press a button of a line on the queue filtered like this."""
    door.get(f"/queue?{back}", who)
    return door.send(path, who, expect=expect, back=back)


def test_taking_on_what_nobody_looks_at_starts_screening_for_those_who_may(door: FrontDoor) -> None:
    ours, officers = door.hub.receive(), door.hub.receive()
    assert press(door, f"/queue/{ours}/claim") == f"/queue?done={ours}"
    assert door.state(ours) is State.SCREENING
    page = main_of(door.get(f"/queue?done={ours}"))
    assert f"{reference(door, ours)} is yours now. Stage: Screening." in page
    press(door, f"/queue/{officers}/claim", "officer")
    assert door.state(officers) is State.RECEIVED, "a contact officer does not screen"
    assert "Stage: Received." in main_of(door.get(f"/queue?done={officers}", "officer"))


def test_taking_on_what_is_rated_leaves_its_stage(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    press(door, f"/queue/{contact_id}/claim")
    assert door.state(contact_id) is State.RATED


def test_who_comes_second_is_told_who_was_first_and_stays_where_they_were(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    door.hub.do("decider", Verb.CLAIM, contact_id)
    page = press(door, f"/queue/{contact_id}/claim", back="stage=received", expect=409)
    assert "This cannot be done now" in main_of(page) and "Decider has it" in main_of(page)
    assert 'value="stage=received"' in page and door.state(contact_id) is State.RECEIVED


def test_where_the_rules_leave_screening_to_others_taking_on_stands_alone(database: Database) -> None:
    door = FrontDoor(database, northbridge_with(who_may={"start_screening": ["decision_maker"]}))
    contact_id = door.hub.receive()
    assert press(door, f"/queue/{contact_id}/claim") == f"/queue?done={contact_id}"
    assert door.state(contact_id) is State.RECEIVED
    assert "Stage: Received." in main_of(door.get(f"/queue?done={contact_id}"))


def test_a_contact_goes_back_to_the_same_filtered_queue_and_out_of_the_hands(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    back = urlencode({"who": "me", "stage": "screening"})
    press(door, f"/queue/{contact_id}/claim", back=back)
    assert references(door.get(f"/queue?{back}")) == [reference(door, contact_id)]
    assert press(door, f"/queue/{contact_id}/release", back=back) == f"/queue?{back}&done={contact_id}"
    assert references(door.get(f"/queue?{back}")) == []
    assert f"{reference(door, contact_id)} is back in the queue." in main_of(door.get(f"/queue?done={contact_id}"))


def test_a_line_offers_only_what_this_person_could_do(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    for who in ("officer", "screener", "decider", "manager", "edt"):
        page = door.get("/queue", who)
        assert f'/queue/{contact_id}/claim"' in page and f'/queue/{contact_id}/release"' not in page
    door.hub.do("screener", Verb.CLAIM, contact_id)
    offered = {
        who: f'/queue/{contact_id}/release"' in door.get("/queue", who) for who in ("screener", "officer", "decider")
    }
    assert offered == {"screener": True, "officer": False, "decider": True}
    assert f'href="/contacts/{contact_id}/hand_to"' in door.get("/queue")
    assert "Who has it: Screener" in main_of(door.get("/queue", "officer"))


def test_filters_combine_and_lead_back_to_themselves(door: FrontDoor) -> None:
    mine = door.hub.screened("red", concerns=["sexual_abuse"])
    door.hub.do("screener", Verb.CLAIM, mine)
    asked = door.hub.screened("red", concerns=["sexual_abuse"])
    door.hub.do("screener", Verb.REQUEST_INFORMATION, asked, agencies=["health"])
    unrated = door.hub.receive()
    names = {
        name: reference(door, contact_id) for name, contact_id in (("mine", mine), ("asked", asked), ("un", unrated))
    }

    def shown(query: str) -> set[str]:
        found = set(references(door.get(f"/queue?{query}")))
        return {name for name, own in names.items() if own in found}

    assert shown("") == {"mine", "asked", "un"}
    assert shown("who=me") == {"mine"} and shown("who=nobody") == {"asked", "un"}
    assert shown("colour=red") == {"mine", "asked"} and shown("colour=not_rated") == {"un"}
    assert shown("colour=red&who=nobody") == {"asked"} == shown("waiting=health")
    assert shown("waiting=police") == set() and shown("stage=gathering&who=me") == set()
    assert shown("closing=yes") == {"mine", "asked", "un"}
    page = door.get("/queue?colour=red&who=nobody")
    assert "1 of 3 open contacts: with nobody, red." in main_of(page)
    assert '<option value="red" selected>' in page and '<option value="nobody" selected>' in page
    assert "0 of 3 open contacts: waiting for Police." in main_of(door.get("/queue?waiting=police"))
    empty = main_of(door.get("/queue?colour=red&stage=received"))
    assert "No open contact is like this now." in empty and "Show all open contacts" in empty


@pytest.mark.parametrize("query", ["who=x", "colour=%00", "stage=closed", "waiting=" + "x" * 500, "page=-1", "page=²"])
def test_what_cannot_be_read_in_an_address_harms_nobody(door: FrontDoor, query: str) -> None:
    door.hub.receive()
    door.get(f"/queue?{query}")
    door.get(f"/queue?show=closed&before={query}")


def test_the_queue_says_what_is_due_before_closing_and_whom_it_waits_for(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["health"])
    words = main_of(door.get("/queue"))
    assert "Due before we close at 5:15pm: 1" in words
    assert f"4pm {reference(door, contact_id)} Amber. Health: Reply. Tiana Mockford, 11. Nobody has it" in words
    assert '<details class="govuk-details app-closing" id="live-closing">' in door.get("/queue")
    door.hub.later(hours=5, minutes=15)
    assert '<details class="govuk-details app-closing" id="live-closing" open>' in door.get("/queue")
    door.hub.later(hours=10)
    assert "The hub is closed and opens 9am. Due before it closes 5:15pm: 1" in main_of(door.get("/queue"))


def test_a_bank_holiday_announced_late_moves_the_next_opening(door: FrontDoor) -> None:
    holiday = AnnounceBankHoliday(borough="northbridge", date=date(2026, 11, 10), name="Day of mourning")
    with clock.at(door.hub.at):
        door.hub.office.announce(door.hub.actors["manager"], holiday)
    door.hub.later(hours=10)
    assert "opens Wednesday 9am" in main_of(door.get("/queue")) and "opens Wednesday 9am" in main_of(door.get("/board"))


def test_nothing_is_offered_on_a_finished_contact(door: FrontDoor) -> None:
    contact_id = door.hub.decided()
    door.hub.do("screener", Verb.CLOSE, contact_id)
    hub = door.hub
    row = one_row(hub.db, hub.office.rulebook, hub.actors["manager"], hub.at, contact_id)
    assert row is not None and row.may == frozenset()


def test_a_long_queue_comes_in_pages_and_counts_all(door: FrontDoor) -> None:
    many = [door.hub.receive() for _ in range(PAGE + 2)]
    first, second, beyond = (door.get(f"/queue?page={page}") for page in (1, 2, 9))
    assert len(references(first)) == PAGE and len(references(second)) == 2
    assert {*references(first), *references(second)} == {reference(door, contact_id) for contact_id in many}
    assert f"{PAGE + 2} All open" in main_of(first) and references(beyond) == references(second)
    assert f"51 to {PAGE + 2} of {PAGE + 2}, most urgent first" in main_of(second)
    assert 'href="/queue?page=2"' in first and 'rel="prev" href="/queue"' in second


def test_finished_contacts_come_in_pages_without_a_gap(door: FrontDoor) -> None:
    closed = []
    for number in range(PAGE + 3):
        if number % 2:
            door.hub.later(minutes=1)
        contact_id = door.hub.receive(kind="advice")
        door.hub.do("screener", Verb.CLOSE, contact_id, reason="Advice given.")
        closed.append(reference(door, contact_id))
    first = door.get("/queue?show=closed")
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more
    second = door.get(more[1])
    assert len(references(first)) == PAGE and 'rel="next"' not in second
    assert sorted(references(first) + references(second)) == sorted(closed)


def looks(door: FrontDoor) -> int:
    with door.hub.db.reading() as look:
        return int(look.execute(select(func.count()).select_from(AccessEntry)).scalar_one())


def live_of(page: str) -> str:
    found = re.search(r'data-live="([^"]+)"', page)
    assert found
    return found[1]


def refreshed(door: FrontDoor, path: str, who: str = "screener") -> str:
    with clock.at(door.hub.at):
        answer = door.browsers[who].client.get(path)
    assert answer.status_code == 200
    return str(answer.text).replace("&amp;", "&")


def test_a_refresh_is_on_record_only_where_it_shows_somebody_new(door: FrontDoor) -> None:
    door.hub.receive()
    path = live_of(door.get("/queue"))
    before = looks(door)
    again = live_of(refreshed(door, path))
    assert looks(door) == before, "the same contacts to the same session"
    door.hub.receive()
    third = live_of(refreshed(door, again))
    assert looks(door) == before + 1
    refreshed(door, third)
    assert looks(door) == before + 1
    refreshed(door, re.sub("seen=.*", "seen=invented", path))
    assert looks(door) == before + 2


@pytest.mark.parametrize("page", ["/queue", "/alerts", "/board"])
def test_a_page_that_refreshes_itself_does_not_keep_the_session(door: FrontDoor, page: str) -> None:
    path = live_of(door.get(page))
    for _ in range(14):
        door.hub.later(minutes=1)
        refreshed(door, path)
    door.hub.later(minutes=2)
    with clock.at(door.hub.at):
        gone = door.browsers["screener"].client.get(path)
    assert gone.status_code == 303 and gone.headers["location"].startswith("/sign-in")
    with door.hub.db.reading() as look:
        assert look.execute(select(func.count()).select_from(Session).where(Session.ended_at.is_not(None))).scalar()


def test_a_refresh_shows_what_the_page_would_show(door: FrontDoor) -> None:
    for rag in ("red", "green"):
        door.hub.screened(rag, agreement={"status": "given"})
    page = door.get("/queue?colour=red")
    part = refreshed(door, live_of(page))
    assert references(part) == references(page) and len(references(part)) == 1
    assert "<html" not in part and "<h1" not in part


def test_the_keys_can_be_switched_off_and_on_again(door: FrontDoor) -> None:
    assert 'data-keys="on"' in door.get("/queue")
    door.get("/queue?who=me")
    assert door.send("/queue/keys", "screener", keys="off", back="who=me") == "/queue?who=me"
    assert 'data-keys="off"' in door.get("/queue")
    door.send("/queue/keys", "screener", keys="on")
    assert 'data-keys="on"' in door.get("/queue")


def test_the_form_of_a_line_leads_nowhere_else(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    where = press(door, f"/queue/{contact_id}/claim", back="//elsewhere.test/?stage=rated&x=https://elsewhere.test")
    assert where.startswith("/queue?") and "elsewhere" not in where


def test_every_role_that_sees_the_queue_may_take_on_from_it() -> None:
    hub = [role for role in Role if Permission.VIEW_QUEUE in PERMISSIONS[role]]
    assert all(Permission.CLAIM in PERMISSIONS[role] for role in hub) and len(hub) == 5


def test_a_session_that_ended_while_a_line_was_pressed_changes_nothing(door: FrontDoor) -> None:
    contact_id = door.hub.receive()
    door.get("/queue")
    door.hub.at += timedelta(minutes=16)
    with clock.at(door.hub.at):
        answer = door.browsers["screener"].post(f"/queue/{contact_id}/claim", back="")
    assert answer.status_code == 401 and door.state(contact_id) is State.RECEIVED
