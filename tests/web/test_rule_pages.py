"""What if a contact arrived then, the coming year, and the timescales to print: pages of the borough's rules."""

import re

import pytest

from mash import clock, rulebook
from mash.db import Database
from mash.workflow.details import AnnounceBankHoliday
from tests.support.hub import northbridge_with
from tests.web.front_door import FrontDoor, main_of

CHRISTMAS = "/rules/what-if?when-date=24%2F12%2F2026&when-time=16%3A50"


def test_what_would_be_due_now_and_at_an_instant_that_is_typed(database: Database) -> None:
    door = FrontDoor(database)  # Monday 9 November 2026, 10:00
    now, then = main_of(door.get("/rules/what-if")), main_of(door.get(CHRISTMAS))
    assert "A contact that arrives Monday 9 November, 10am" in now
    assert re.search(r"Decision Not for: .*? Monday 9 November, 2pm in 4 hours", now)
    assert "A contact that arrives Thursday 24 December, 4:50pm" in then
    assert "Thursday 31 December, 3pm in 6 days 22 hours" in then
    assert "Friday 25 December: not counted, a bank holiday (Christmas Day)." in then


def test_the_ready_made_instants_are_links_that_lead_to_what_they_say(database: Database) -> None:
    door = FrontDoor(database)
    links = re.findall(r'href="(/rules/what-if\?[^"]+)"', door.get("/rules/what-if"))
    assert len(links) == 9
    arrives = [
        re.search(r"A contact that arrives (.*?) By the rules", main_of(door.get(link.replace("&amp;", "&"))))
        for link in links
    ]
    assert [found and found[1] for found in arrives] == [
        "Monday 9 November, 10am",
        "Monday 9 November, 11pm",
        "Friday 13 November, 5pm",
        "Saturday 14 November, midday",
        "Thursday 24 December, 4:50pm",
        "Thursday 25 March 2027, 4:50pm",
        "Sunday 28 March 2027, 12:30am",
        "Sunday 31 October 2027, 1:30am BST",
        "Sunday 31 October 2027, 1:30am GMT",
    ]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("when-date=31/10/2027&when-time=01:30", "this time came twice. Say which of the two."),
        ("when-date=28/3/2027&when-time=01:30", "this time did not exist."),
        ("when-date=24+Dec&when-time=16:50", "Write the date like 22/6/2015."),
        ("when-date=24/12/2026&when-time=soon", "Write the time like 9:04, 16:40 or 4:40pm."),
        ("when-date=24/12/2024&when-time=16:50", "No rules of “northbridge” are in force on 24 December 2024."),
    ],
)
def test_an_instant_that_is_none_is_refused_with_what_to_do(database: Database, asked: str, says: str) -> None:
    page = main_of(FrontDoor(database).get(f"/rules/what-if?{asked}", expect=422))
    assert says in page and "Counted from its arrival" not in page


def test_of_the_doubled_hour_either_may_be_meant(database: Database) -> None:
    door = FrontDoor(database)
    for which, due in (("first", "4:30am"), ("second", "5:30am")):
        page = main_of(door.get(f"/rules/what-if?when-date=31/10/2027&when-time=01:30&when-which={which}"))
        assert f"Sunday 31 October 2027, {due} in 4 hours" in page


def test_a_version_that_is_coming_may_be_asked_about(database: Database) -> None:
    door = FrontDoor(database)
    coming = northbridge_with(
        version=2, in_force_from="2027-01-01", clocks__decision__by_rating__red={"due": "2 clock_hours"}
    )
    rulebook.install(database, [coming])
    assert "Thursday 24 December, 8:50pm in 4 hours" in main_of(door.get(CHRISTMAS))
    assert "Thursday 24 December, 6:50pm in 2 hours" in main_of(door.get(f"{CHRISTMAS}&version=2"))
    later = "/rules/what-if?when-date=5/1/2027&when-time=10:00"
    assert "version 2, in force from 1 January 2027" in main_of(door.get(later))
    assert "There is no such version of these rules." in main_of(door.get(f"{CHRISTMAS}&version=7", expect=422))


def test_the_coming_year_says_each_closing_and_what_was_announced_late(database: Database) -> None:
    door = FrontDoor(database)
    with clock.at(door.hub.at):
        told = AnnounceBankHoliday.model_validate({"date": "2026-12-07", "name": "Jubilee"})
        door.hub.office.announce(door.hub.actors["manager"], told)
    page = main_of(door.get("/rules/calendar"))
    assert page.index("Monday 7 December 2026 Closed: Jubilee, announced late") < page.index("November 2026 Day Hours")
    assert "Fri 25 closed, Christmas Day" in page and "Sat 14 closed weekend" in page
    police = main_of(door.get("/rules/calendar?of=police"))
    assert "Mon 28 08:00 to 18:00, Boxing Day (substitute day)" in police
    assert main_of(door.get("/rules/calendar?of=nobody")).startswith(page[:40])


def test_it_warns_where_bank_holidays_are_known_for_some_months_only(database: Database) -> None:
    known = "Bank holidays are known for 4 months only, until 26 March 2027."
    rules = northbridge_with(bank_holidays={"2027-03-26": "Good Friday"})
    assert known in main_of(FrontDoor(database, rules).get("/rules/calendar"))


def test_it_does_not_warn_where_they_are_known_for_the_year(database: Database) -> None:
    assert "Bank holidays are known" not in main_of(FrontDoor(database).get("/rules/calendar"))


def test_the_timescales_to_publish_hold_nothing_internal(database: Database) -> None:
    door = FrontDoor(database)
    whole = door.get("/rules/timescales", "manager")
    page = main_of(whole)
    for said in (
        "Timescales of the front door: Northbridge",
        "Version 1, for contacts received from 1 January 2026 on.",
        "4 clock hours, nights and weekends included 1 working day, until the same time of day 3 working days, until",
        "It counts by the hours of the agency asked.",
        "Monday 09:00 to 17:15",
        "stand still while it is closed.",
    ):
        assert said in page, said
    assert "Warned" not in page and "service manager" not in page
    assert "Printed by Manager" in whole and "about children" not in whole


@pytest.mark.parametrize("path", ["/rules/what-if", "/rules/calendar", "/rules/timescales"])
def test_who_may_see_the_rules_may_see_these_and_a_desk_may_not(database: Database, path: str) -> None:
    door = FrontDoor(database)
    assert f'href="{path}"' in door.get("/rules", "administrator")
    door.get(path, "administrator")
    door.get(path, "health", expect=403)
