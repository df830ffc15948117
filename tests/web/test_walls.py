"""The live board on a wall: figures without anybody signed in, for as long as its maker may see them."""

import re
from datetime import timedelta

import pytest

from mash import clock
from mash.accounts import administration
from mash.db import Database
from tests.web.browsing import Browser
from tests.web.front_door import FrontDoor, main_of

LINK = re.compile(r'id="link">https?://[^/]+(/wall/[\w-]+)<')


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def link(door: FrontDoor) -> str:
    door.get("/board", "manager")
    found = LINK.search(door.send("/board/wall", "manager", expect=200))
    assert found
    return found[1]


def seen(door: FrontDoor, path: str) -> tuple[int, str]:
    """What a browser without a session sees."""
    with clock.at(door.hub.at):
        answer = Browser(door.app).get(path)
    return answer.status_code, answer.text


def test_a_wall_shows_the_figures_and_nobody_s_name(door: FrontDoor) -> None:
    door.hub.screened("red")
    path = link(door)
    status, page = seen(door, path)
    assert status == 200 and "1 open" in main_of(page) and "Northbridge" in page
    assert "Tiana" not in page and "NB-" not in page and "Manager" not in page
    assert "Sign out" not in page and "/contacts/new" not in page
    assert f'data-live="{path}/figures"' in page
    status, part = seen(door, f"{path}/figures")
    assert status == 200 and "<html" not in part
    door.hub.later(days=89)
    assert seen(door, path)[0] == 200


def test_it_says_when_the_timers_have_stopped(door: FrontDoor) -> None:
    path = link(door)
    assert "The timers have stopped." in seen(door, f"{path}/figures")[1]
    door.hub.sweep()
    assert "The timers have stopped." not in seen(door, f"{path}/figures")[1]
    door.hub.later(minutes=3)
    assert "The timers have stopped." in seen(door, f"{path}/figures")[1]


def test_a_link_ends_when_it_is_taken_down(door: FrontDoor) -> None:
    path, other = link(door), link(door)
    page = door.get("/board", "manager")
    assert page.count("Put up by Manager") == 2
    ends = re.findall(r'action="(/board/wall/[\w-]+)"', page)
    door.send(ends[0], "manager")
    assert sorted(seen(door, one)[0] for one in (path, other)) == [200, 404]
    door.get("/board", "manager")
    door.send(ends[0], "manager", expect=404)


def test_a_link_ends_after_ninety_days(door: FrontDoor) -> None:
    path = link(door)
    door.hub.at += timedelta(days=90)
    assert seen(door, path)[0] == seen(door, f"{path}/figures")[0] == 404


def test_a_link_ends_with_its_maker_s_right(door: FrontDoor) -> None:
    path = link(door)
    with clock.at(door.hub.at):
        administration.deactivate(door.hub.db, door.hub.actors["administrator"], door.hub.actors["manager"].user_id)
    assert seen(door, path)[0] == 404


def test_a_guess_shows_nothing(door: FrontDoor) -> None:
    link(door)
    assert seen(door, "/wall/guess")[0] == 404


def test_only_a_manager_puts_it_up(door: FrontDoor) -> None:
    assert "On a wall screen" not in door.get("/board", "screener")
    door.send("/board/wall", "screener", expect=403)
