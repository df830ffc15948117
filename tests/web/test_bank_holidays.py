"""A manager makes a late bank holiday known: sees first what would move, and afterwards what has moved."""

import pytest

from mash.db import Database
from tests.web.front_door import FrontDoor, main_of

PATH = "/rules/bank-holidays"
DAY = {"date": "10/11/2026", "name": "State funeral"}


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def test_what_would_move_is_shown_before_it_is_announced(door: FrontDoor) -> None:
    contact_id = door.hub.screened("amber")
    reference = door.hub.page(contact_id).reference
    page = main_of(door.post(PATH, "manager", expect=200, **DAY, step="preview"))
    assert f"{reference} Decision" in page and "3 deadlines move" in page
    assert "None. The rules know their bank holidays" in main_of(door.get(PATH, "manager"))
    door.post(PATH, "manager", **DAY, step="announce")
    done = main_of(door.get(f"{PATH}/2026-11-10?done=announced", "manager"))
    assert "3 deadlines were moved" in done and f"{reference} Decision" in done
    assert "State funeral" in main_of(door.get(PATH, "manager"))
    assert "a bank holiday became known late" in main_of(door.get(f"/contacts/{contact_id}"))


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(door: FrontDoor) -> None:
    page = main_of(door.post(PATH, "manager", expect=422, date="31/11/2026", name="Funeral", step="preview"))
    assert "There is a problem" in page
    page = main_of(door.post(PATH, "manager", expect=409, date="9/11/2026", name="Funeral", step="preview"))
    assert "the date is not in the future" in page
    raw = door.post(PATH, "manager", expect=200, **DAY, step="change")
    assert 'value="State funeral"' in raw and 'value="10/11/2026"' in raw


def test_only_a_manager_announces(door: FrontDoor) -> None:
    for who in ("decider", "administrator", "police"):
        door.get(PATH, who, expect=403)
    door.get(f"{PATH}/2026-11-10", "manager", expect=404)
    door.get(f"{PATH}/tomorrow", "manager", expect=404)
