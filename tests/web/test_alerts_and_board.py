"""Taking an alert on from its line, and a board that names nobody."""

import re

import pytest

from mash import clock
from mash.db import Database
from mash.vocabulary import Verb
from tests.web.front_door import FrontDoor, main_of
from tests.web.test_queue import reference, references


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


@pytest.fixture
def late(door: FrontDoor) -> str:
    contact_id = door.hub.receive(children=[{"forename": "Tiana", "surname": "Mockford"}])
    door.hub.later(hours=5)
    return contact_id


def deadline(page: str, contact_id: str) -> str:
    found = re.search(rf'/alerts/{contact_id}/take" name="deadline" value="([^"]+)"', page)
    assert found
    return found[1]


def test_one_press_takes_the_worst_alert_on_and_leads_back_to_the_list(door: FrontDoor, late: str) -> None:
    page = door.get("/alerts?who=nobody", "manager")
    assert references(page) == [reference(door, late)]
    where = door.send(f"/alerts/{late}/take", "manager", back="nobody", deadline=deadline(page, late))
    assert where == f"/alerts?who=nobody&done={late}"
    after = main_of(door.get(where, "manager"))
    assert f"You have taken on the alert of {reference(door, late)}." in after
    assert "1 All alerts 0 Nobody has taken on" in after and "Somebody has taken on every alert." in after
    assert "Who has taken it on: You 3pm" in main_of(door.get("/alerts", "manager"))
    assert "Who has taken it on: Manager 3pm" in main_of(door.get("/alerts", "decider"))
    taken = [entry for entry in door.hub.page(late).timeline if entry.verb is Verb.TAKE_ALERT]
    assert len(taken) == 1


def test_what_is_out_of_timescale_is_listed_and_can_be_taken_on_before_the_sweep_has_been(
    door: FrontDoor, late: str
) -> None:
    page = door.get("/alerts", "decider")
    assert "1 out of timescale, 0 due soon." in main_of(page) and "None raised yet" in main_of(page)
    door.send(f"/alerts/{late}/take", "decider")
    assert "0 Nobody has taken on" in main_of(door.get("/alerts", "decider"))


def test_who_may_not_take_an_alert_on_sees_no_button(door: FrontDoor, late: str) -> None:
    for who in ("officer", "screener"):
        page = door.get("/alerts", who)
        assert references(page) == [reference(door, late)] and f"/alerts/{late}/take" not in page
        door.send(f"/alerts/{late}/take", who, expect=403)


def test_what_was_done_meanwhile_is_refused_in_words_on_the_list(door: FrontDoor, late: str) -> None:
    page = door.get("/alerts", "manager")
    door.hub.do("screener", Verb.START_SCREENING, late)
    words = door.send(f"/alerts/{late}/take", "manager", expect=409, deadline=deadline(page, late))
    assert "This cannot be done now" in words and "has been done, or is no longer asked" in words


def test_the_board_names_no_child_no_reference_and_no_contact(door: FrontDoor, late: str) -> None:
    door.hub.screened("red")
    for path in ("/board", "/board/figures"):
        with clock.at(door.hub.at):
            page = str(door.browser("officer").get(path).text)
        for secret in ("Tiana", "Mockford", reference(door, late), late, "Silva", "NB-"):
            assert secret not in page, (path, secret)
    words = main_of(door.get("/board"))
    assert "2 open 2 nobody has it 1 out of timescale" in words
    assert "The hub closes at 5:15pm." in words and "Last refreshed 3pm" in words
    assert "1 Red" in words and "1 Not rated 1 out of timescale" in words


def test_each_figure_of_the_board_leads_to_the_queue_that_it_counts(door: FrontDoor, late: str) -> None:
    asked = door.hub.screened("amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, asked, agencies=["health"])
    board = door.get("/board", "manager")
    links = re.findall(r'href="(/queue[^"]*)"[^>]*><span class="app-(?:figure__number|board__count)">(\d+)', board)
    assert len(links) >= 8
    for path, count in links:
        assert len(references(door.get(path, "manager"))) == int(count), path


def test_an_empty_board_is_all_noughts(door: FrontDoor) -> None:
    words = main_of(door.get("/board"))
    assert "0 open 0 nobody has it 0 out of timescale 0 due before we close" in words
    assert "Nothing waits." in words and "No reply is awaited." in words
