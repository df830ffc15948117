"""The page of what to consider: what is in force, what is to come, in sentences, for whoever may see the rules."""

import re
from datetime import date

from mash import rulebook
from mash.db import Database
from tests.support.hub import northbridge_with, nothing_to_consider
from tests.web.front_door import FrontDoor, main_of

PATH = "/rules/check"


def test_each_piece_stands_under_the_part_that_it_is_about(database: Database) -> None:
    page = main_of(FrontDoor(database).get(PATH, "manager"))
    agencies, suggestions = page.index("Agencies"), page.index("What suggests a colour")
    assert agencies < page.index("Nobody has to ask Housing, Probation or Early help") < suggestions
    assert suggestions < page.index("No rule mentions these concerns: no recourse to public funds")
    assert "Version 1, in force since 1 January 2026" in page
    assert "Where: agencies.housing" in page
    assert "Timescales" not in page and "Nothing to consider." not in page


def test_a_version_to_come_is_there_and_one_that_was_is_not(database: Database) -> None:
    door = FrontDoor(database, northbridge_with(clocks__feedback__unless_anonymous=False))
    door.get(PATH, "manager")
    to_come = nothing_to_consider(3, date(2026, 12, 1))
    rulebook.install(database, [northbridge_with(version=2, in_force_from="2026-11-09"), to_come])
    page = main_of(door.get(PATH, "manager"))
    assert re.findall(r"Version \d, in force \w+ \d+ \w+ \d+", page) == [
        "Version 2, in force since 9 November 2026",
        "Version 3, in force from 1 December 2026",
    ]
    assert "the referrer is anonymous" not in page
    assert page.endswith("Version 3, in force from 1 December 2026 Nothing to consider.")


def test_words_to_write_are_set_apart_from_the_sentence(database: Database) -> None:
    page = FrontDoor(database).get(PATH, "manager")
    assert "<code>required_for</code>" in page and "`" not in main_of(page)


def test_whoever_may_see_the_rules_finds_the_page_from_there(database: Database) -> None:
    door = FrontDoor(database)
    for who in ("manager", "administrator", "screener", "officer", "edt"):
        assert 'href="/rules/check"' in door.get("/rules", who)
        assert "Nobody has to ask" in door.get(PATH, who)
    door.get(PATH, "health", expect=403)
