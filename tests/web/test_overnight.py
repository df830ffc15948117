"""The night as one list: what came in while the hub was closed, who did what, and what nobody has accepted yet."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mash import clock
from mash.db import Database
from mash.rules.calendars import Calendar, WorkingTime
from mash.vocabulary import Verb
from mash.workflow.overnight import night_before
from tests.web.front_door import FrontDoor, main_of

TWO_AT_NIGHT = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 10, 9, 5, tzinfo=UTC)
OFFICE = (((9 * 60, 12 * 60), (13 * 60, 17 * 60)),) * 5 + ((), ())


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def by_night(door: FrontDoor, rag: str = "red", **fields: Any) -> str:
    """Keyed, rated and asked about by the emergency duty team at two in the morning."""
    door.hub.at = max(door.hub.at, TWO_AT_NIGHT)
    contact_id = door.hub.receive("edt", concerns=["physical_abuse"], narrative="Canary words", **fields)
    door.hub.do("edt", Verb.START_SCREENING, contact_id)
    door.hub.do("edt", Verb.RATE_CONTACT, contact_id, rag=rag, rationale="Canary rationale")
    door.hub.do(
        "edt",
        Verb.REQUEST_INFORMATION,
        contact_id,
        agencies=["police"],
        question="Canary question",
        without_agreement_because="Night.",
    )
    return contact_id


def lines(page: str) -> list[str]:
    """The ids of the lines, in order."""
    return [part.split('"')[0] for part in page.split('id="line-')[1:]]


def test_the_morning_shows_who_did_what_when_and_what_still_waits(door: FrontDoor) -> None:
    contact_id = by_night(door)
    door.hub.at = NINE
    words = main_of(door.get("/overnight"))
    assert "From closing on Monday 9 November, 5:15pm until opening on Tuesday 10 November, 9am." in words
    assert "1 contact from the emergency duty team awaits acceptance." in words
    for text in (
        "Red Tiana Mockford, 11 Stage: gathering information",
        "2am Rated red; amber was suggested. Edt, emergency duty team",
        "2am Asked Police. Edt, emergency duty team",
        "Awaiting reply: Police",
        "decision, 3 hours 5 minutes late (6am)",
        "Not accepted yet, 55 minutes left (10am)",
    ):
        assert text in words, text
    assert "Canary" not in words
    assert f'action="/overnight/{contact_id}"' in door.get("/overnight")


def test_it_is_accepted_line_by_line_and_the_list_stays_in_place(door: FrontDoor) -> None:
    first, second, third = by_night(door), by_night(door, "amber"), by_night(door, "green")
    door.hub.at = NINE
    before = lines(door.get("/overnight"))
    assert before == [first, second, third]
    assert door.send(f"/overnight/{second}", "screener") == f"/overnight#line-{second}"
    page = door.get("/overnight")
    assert lines(page) == before
    words = main_of(page)
    assert "2 contacts from the emergency duty team await acceptance." in words
    assert "Accepted by Screener, screener, 9:05am" in words
    for contact_id in (first, third):
        door.send(f"/overnight/{contact_id}", "screener")
    assert "Everything from the emergency duty team has been accepted." in main_of(door.get("/overnight"))
    assert door.hub.page(second).picture.handover_accepted


def test_of_two_who_accept_at_once_the_second_is_told_and_keeps_the_list(door: FrontDoor) -> None:
    contact_id = by_night(door)
    door.hub.at = NINE
    door.get("/overnight", "decider")
    door.get("/overnight")
    door.send(f"/overnight/{contact_id}", "screener")
    page = door.send(f"/overnight/{contact_id}", "decider", expect=409)
    assert "The hand-over has already been accepted." in page and lines(page) == [contact_id]


def test_what_nobody_accepted_stays_on_the_list_and_is_loud(door: FrontDoor) -> None:
    contact_id = by_night(door)
    door.hub.at = NINE
    door.hub.later(days=2)
    door.hub.sweep()
    words = main_of(door.get("/overnight", "edt"))
    assert "1 is out of timescale." in words and "Not accepted: out of timescale" in words
    door.get("/overnight")
    door.send(f"/overnight/{contact_id}", "screener")
    assert lines(door.get("/overnight")) == [contact_id], "accepted this morning: it stays in place until the next"
    door.hub.later(days=1)
    assert lines(door.get("/overnight")) == []


def test_the_duty_team_sees_what_it_handed_over_and_cannot_accept_it_itself(door: FrontDoor) -> None:
    contact_id = by_night(door)
    words = main_of(door.get("/overnight", "edt"))
    assert "Since the hub closed on Monday 9 November, 5:15pm." in words and "Not accepted yet" in words
    assert "Accept NB" not in words
    with clock.at(door.hub.at):
        assert door.browser("edt").post(f"/overnight/{contact_id}").status_code == 403
        assert door.browser("officer").post(f"/overnight/{contact_id}").status_code == 403


def test_what_arrived_or_was_done_by_night_without_the_duty_team_is_on_the_list(door: FrontDoor) -> None:
    by_day = door.hub.screened("amber")
    door.hub.do("screener", Verb.REQUEST_INFORMATION, by_day, agencies=["police"], question="?")
    untouched = door.hub.receive()
    door.hub.at = TWO_AT_NIGHT
    door.hub.do("police", Verb.RETURN_INFORMATION, by_day, agency="police", reply="nothing_known")
    reported = door.hub.receive("police")
    door.hub.at = NINE
    keyed_later = door.hub.receive("officer", received_at=TWO_AT_NIGHT.isoformat())
    page = door.get("/overnight")
    assert set(lines(page)) == {by_day, reported, keyed_later} and untouched not in page
    words = main_of(page)
    assert "2am Police answered: nothing known. Handling: hub only. Police, Police desk" in words
    assert "Screening started" not in words, "that was by day"
    assert "2am Arrived; keyed later." in words


def test_an_open_case_that_was_passed_on_is_confirmed_as_read_in_its_line(door: FrontDoor) -> None:
    door.hub.at = TWO_AT_NIGHT
    contact_id = door.hub.receive("edt", children=[{"forename": "Tiana", "open_case": True}])
    door.hub.at = NINE
    assert "The worker has read it" in door.get("/overnight")
    door.send(f"/overnight/{contact_id}/read", "screener")
    words = main_of(door.get("/overnight"))
    assert "The worker has read it" not in words and "Read by the allocated worker" not in words.split("Stage")[0]
    assert door.hub.page(contact_id).picture.reading_confirmed


def test_a_quiet_night_says_what_to_do(door: FrontDoor) -> None:
    door.hub.at = NINE
    assert "Nothing was received or done while the hub was closed." in main_of(door.get("/overnight"))
    door.get("/overnight", "police", expect=403)


@pytest.mark.parametrize(
    ("now", "closed", "opened"),
    [
        ("2026-11-10T02:00", "2026-11-09T17:00", None),
        ("2026-11-10T09:00", "2026-11-09T17:00", "2026-11-10T09:00"),
        ("2026-11-10T12:30", "2026-11-09T17:00", "2026-11-10T09:00"),
        ("2026-11-10T17:00", "2026-11-10T17:00", None),
        ("2026-11-15T12:00", "2026-11-13T17:00", None),
        ("2026-11-16T09:30", "2026-11-13T17:00", "2026-11-16T09:00"),
        ("2026-12-29T09:30", "2026-12-24T17:00", "2026-12-29T09:00"),
    ],
)
def test_a_night_goes_from_closing_to_opening_over_lunch_weekend_and_holidays(
    now: str, closed: str, opened: str | None
) -> None:
    hours = WorkingTime(Calendar(OFFICE), frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
    night = night_before(hours, datetime.fromisoformat(f"{now}+00:00"))
    assert night.closed_at == datetime.fromisoformat(f"{closed}+00:00")
    assert night.opened_at == (datetime.fromisoformat(f"{opened}+00:00") if opened else None)
