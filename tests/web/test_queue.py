"""What the triage queue and the alerts show, and in which order."""

import re
from dataclasses import replace

import pytest

from mash import clock
from mash.db import Database
from mash.vocabulary import Verb
from mash.workflow.queue import triage_queue
from tests.web.front_door import FrontDoor, main_of


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def references(page: str) -> list[str]:
    """Of the contacts that have a line, in order."""
    return re.findall(r"data-open>(NB-\w{4}-\w{4})", page)


def reference(door: FrontDoor, contact_id: str) -> str:
    return door.hub.page(contact_id).reference


def test_the_most_urgent_stands_first_and_nothing_sinks_for_want_of_a_rating(door: FrontDoor) -> None:
    green = door.hub.screened("green")
    amber = door.hub.screened("amber", concerns=["neglect"])
    unrated = door.hub.receive(concerns=["bereavement"])
    red = door.hub.screened("red", concerns=["sexual_abuse"])
    page = door.get("/queue")
    wanted = [reference(door, contact_id) for contact_id in (unrated, red, amber, green)]
    assert references(page) == wanted
    door.hub.later(hours=4, minutes=30)
    new = door.hub.receive(concerns=["bereavement"])
    late = {reference(door, unrated), reference(door, red)}
    first, second, third, *_ = references(door.get("/queue"))
    assert {first, second} == late and third == reference(door, new)


def test_a_row_says_who_what_since_when_and_what_is_waited_for(door: FrontDoor) -> None:
    contact_id = door.hub.receive(
        concerns=["neglect"],
        source="2A",
        children=[{"forename": "Tiana", "date_of_birth": "2015-06-22"}, {"label": "b"}],
    )
    row = main_of(door.get("/queue"))
    assert "Not rated Amber suggested" in row and "Tiana, 11; Name not known, age not known Neglect" in row
    assert "just now School Received First look 4 hours left" in row
    door.hub.do("screener", Verb.START_SCREENING, contact_id)
    door.hub.do("screener", Verb.RATE_CONTACT, contact_id, rag="amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["health"])
    assert "Amber NB" in main_of(door.get("/queue")) and "Waits for Health, due 4pm" in main_of(door.get("/queue"))
    door.hub.later(hours=7)
    row = main_of(door.get("/queue"))
    assert "7 hours ago" in row and "Waits for Health, out of timescale since 4pm" in row
    assert "Out of timescale Health: Reply 1 hour late Was due 4pm" in row


def test_a_line_has_the_rating_and_the_time_left_as_the_macros_of_other_pages_have_them(door: FrontDoor) -> None:
    door.hub.receive(concerns=["bereavement"])
    door.hub.later(hours=5)
    door.hub.receive(concerns=["neglect"])
    door.hub.screened("amber")
    hub, templates = door.hub, door.app.state.house.templates
    queue = triage_queue(hub.db, hub.office.rulebook, hub.actors["screener"], hub.at)
    paused = [replace(row, late=False, worst=row.worst._replace(paused=True)) for row in queue.rows if row.worst]
    assert len(paused) == 3 and {row.late for row in queue.rows} == {True, False}
    with clock.at(hub.at):
        for row in (*queue.rows, *paused):
            line = templates.get_template("queue/parts.html").module.contact_table([row], hub.at, "", "")
            rating = templates.get_template("facts.html").module.rating(row).strip()
            left = templates.get_template("live.html").module.time_left(row.worst, hub.at).strip()
            assert f'app-rating">{rating}</td>' in line and left in line


def test_the_counts_lead_to_one_stage_or_to_what_is_out_of_timescale(door: FrontDoor) -> None:
    late = door.hub.receive()
    door.hub.later(hours=5)
    rated = door.hub.screened("green")
    page = main_of(door.get("/queue"))
    assert "2 All open 0 Mine 2 Nobody has it 1 Out of timescale" in page and "1 Received 1 Rated" in page
    assert references(door.get("/queue?stage=rated")) == [reference(door, rated)]
    assert references(door.get("/queue?late=yes")) == [reference(door, late)]
    assert references(door.get("/queue?stage=nonsense")) == references(door.get("/queue"))
    assert "No open contact is like this now." in main_of(door.get("/queue?stage=decided"))


def test_finished_contacts_are_found_again_the_last_changed_first(door: FrontDoor) -> None:
    first, second = door.hub.decided(), door.hub.decided()
    for contact_id in (second, first):
        door.hub.later(minutes=5)
        door.hub.do("screener", Verb.CLOSE, contact_id)
    assert references(door.get("/queue")) == []
    page = door.get("/queue?show=closed")
    assert references(page) == [reference(door, first), reference(door, second)]
    assert 'href="/queue"' in page and f'href="/contacts/{first}"' in page


def test_an_empty_queue_says_what_to_do(door: FrontDoor) -> None:
    assert "Nothing waits." in main_of(door.get("/queue"))
    assert 'href="/contacts/new"' in door.get("/queue", "officer")
    assert "No contact has been closed" in main_of(door.get("/queue?show=closed"))


def test_alerts_are_one_line_per_contact_out_of_timescale_first(door: FrontDoor) -> None:
    assert "Nothing is out of timescale" in main_of(door.get("/alerts"))
    late = door.hub.receive()
    door.hub.later(hours=2)
    soon = door.hub.receive()
    door.hub.later(hours=3, minutes=1)
    door.hub.sweep()
    page = door.get("/alerts", "manager")
    assert references(page) == [reference(door, late), reference(door, soon)]
    words = main_of(page)
    assert "1 out of timescale, 1 due soon." in words
    assert "Out of timescale First look 1 hour 1 minute late Was due 2pm" in words
    assert (
        "Due soon First look 59 minutes left Due 4pm" in words
        and "Out of timescale, 2pm, for Decider and Second Decider 1 before, the first 1pm" in words
    )


def test_a_desk_has_no_queue_and_no_alerts(door: FrontDoor) -> None:
    for path in ("/queue", "/alerts", "/queue?show=closed"):
        door.get(path, "health", expect=403)
