"""The page that explains a contact: from each deadline and from the suggestion, for hub staff, on record, on paper."""

import re

import pytest
from sqlalchemy import select

from mash.db import Database
from mash.models.audit import AccessEntry
from mash.models.time import Deadline
from mash.vocabulary import Verb
from tests.web.front_door import FrontDoor, main_of

V = Verb


def test_each_deadline_and_the_suggestion_lead_to_their_place_on_the_page(database: Database) -> None:
    door = FrontDoor(database)
    contact_id = door.hub.screened("amber", concerns=["neglect"])
    door.hub.do("screener", V.REQUEST_INFORMATION, contact_id)
    page = door.get(f"/contacts/{contact_id}")
    links = re.findall(rf'href="/contacts/{contact_id}/why#([\w-]+)"', page)
    with database.reading() as look:
        stored = look.execute(select(Deadline.clock, Deadline.agency, Deadline.episode)).all()
    wanted = {"-".join(filter(None, (row.clock, row.agency, str(row.episode)))) for row in stored}
    assert set(links) == {"colour", *wanted} and len(wanted) > 5
    explained = door.get(f"/contacts/{contact_id}/why")
    assert all(f'id="{place}"' in explained for place in links)


def test_the_page_says_the_rule_the_count_the_moves_and_the_colour_and_names_nobody(database: Database) -> None:
    door = FrontDoor(database)
    contact_id = door.hub.screened("green", concerns=["neglect"], agreement={"status": "given"})
    door.hub.later(hours=1)
    door.hub.do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")
    page = main_of(door.get(f"/contacts/{contact_id}/why", "manager"))
    for said in (
        "It follows the rules of Northbridge, version 1, in force from 1 January 2026, to the end.",
        "Amber A concern of harm that needs more than advice. Rule S6. Concerns: Neglect.",
        "The colour changed: from Thursday 12 November 2026 17:15 to Tuesday 10 November 2026 10:00.",
        "Rated amber (was green). Screener, screener, Monday 9 November 2026 11:00.",
        "clocks.decision.by_rating.amber",
        "Tuesday 10 November: working day 1.",
        "Warning 1: Monday 9 November 2026 16:15, for the front door, if nobody acts before.",
    ):
        assert said in page, said
    assert "Tiana" not in page and "Mockford" not in page


def test_a_look_is_on_record_and_a_desk_or_a_stranger_sees_nothing(database: Database) -> None:
    door = FrontDoor(database)
    contact_id = door.hub.receive()
    door.get(f"/contacts/{contact_id}/why")
    door.get(f"/contacts/{contact_id}/why", "health", expect=403)
    door.get(f"/contacts/{contact_id}/why", "administrator", expect=403)
    door.get("/contacts/nothing/why", expect=404)
    with database.reading() as look:
        looks = look.execute(select(AccessEntry.page, AccessEntry.contact_id)).all()
    assert [row for row in looks if row.page == "contact_why"] == [("contact_why", contact_id)]


def test_an_alert_leads_to_the_reason_of_its_time(database: Database) -> None:
    door = FrontDoor(database)
    contact_id = door.hub.receive()
    door.hub.later(days=3)
    door.hub.sweep()
    assert f'href="/contacts/{contact_id}/why#first_look-1"' in door.get("/alerts")


@pytest.mark.parametrize("who", ["officer", "screener", "decider", "manager", "edt"])
def test_everybody_at_the_front_door_may_ask_why(database: Database, who: str) -> None:
    door = FrontDoor(database)
    assert "No rule matched: you judge." in door.get(f"/contacts/{door.hub.receive()}/why", who)
