"""Two rule sets beside each other on a page: what differs, for whom; nobody else waits for it, and it has no names."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mash import rulebook
from mash.comparing.apart import BUSY, Apart, Question
from mash.comparing.sources import compare_record
from mash.db import Database
from mash.errors import Refused
from mash.rules.loader import resolved_text
from mash.rules.ruleset import RuleSet
from tests.support.hub import Hub, northbridge, northbridge_with
from tests.test_compare import digest
from tests.web.front_door import FrontDoor, main_of

ADDRESS = "/rules/compare"
BOTH = f"{ADDRESS}?old=northbridge%401&new=northbridge%402&since=2026-11-01"
FOUR_HOURS = {"due": "4 clock_hours", "warn": "1 h", "escalate": "2 h"}


def coming() -> RuleSet:
    """Amber within four hours, for contacts received from December on."""
    changes = {"version": 2, "in_force_from": "2026-12-01", "clocks__decision__by_rating__amber": FOUR_HOURS}
    return northbridge_with(**changes)


@pytest.fixture
def door(database: Database) -> FrontDoor:
    """On Monday at ten an amber contact was rated; now it is Tuesday morning, and no decision has been taken."""
    door = FrontDoor(database)
    door.app.state.house.comparisons.patience_seconds = 120
    rulebook.install(database, [coming()])
    door.hub.screened("amber", children=[{"forename": "Tiana", "surname": "Mockford"}])
    door.hub.later(hours=23)
    return door


def test_the_version_in_force_and_the_one_that_comes_are_offered_first(door: FrontDoor) -> None:
    page = door.get(ADDRESS, "manager")
    assert '<option value="northbridge@1" selected>' in page and '<option value="northbridge@2" selected>' in page
    assert page.index("Old rules") < page.index('"northbridge@1" selected') < page.index("New rules")
    assert 'value="13/10/2026"' in page
    assert "Something differs" not in page


def test_what_differs_is_shown_with_totals_and_leads_to_the_contact(door: FrontDoor) -> None:
    page = door.get(BOTH, "manager")
    told = main_of(page)
    assert "Something differs for 1 of 1 contacts." in told
    assert (
        "Decision: due Mon 9 Nov 2026 14:00 instead of Tue 10 Nov 2026 10:00, 20 h earlier. "
        "Out of timescale under the new rules only, from Mon 9 Nov 2026 14:00." in told
    )
    assert "Decision Amber 1 → 1 0 → 1 1 0 1 0 0" in told
    assert 'href="/contacts/' in page
    assert "Tiana" not in page and "Mockford" not in page


def test_an_administrator_sees_the_same_without_a_way_to_the_contact(door: FrontDoor) -> None:
    page = door.get(BOTH, "administrator")
    assert "Something differs for 1 of 1 contacts." in main_of(page)
    assert 'href="/contacts/' not in page


def test_nobody_else_compares(door: FrontDoor) -> None:
    for who in ("officer", "screener", "edt", "health"):
        door.get(BOTH, who, expect=403)
    assert ADDRESS not in door.get("/rules", "screener")
    assert ADDRESS in door.get("/rules", "manager")


def test_looking_writes_nothing_but_that_somebody_looked(door: FrontDoor) -> None:
    door.get("/rules", "manager")
    before = without_looks(door.hub.db)
    door.get(BOTH, "manager")
    assert without_looks(door.hub.db) == before


def without_looks(db: Database) -> list[list[str]]:
    return [
        rows for rows in digest(db) if rows and "rules/compare" not in repr(rows) and "sessions" not in repr(rows)[:40]
    ]


def test_nothing_differs_and_no_past_work_are_said_plainly(door: FrontDoor) -> None:
    same = BOTH.replace("northbridge%402", "northbridge%401")
    assert "Nothing differs, for the one contact received." in main_of(door.get(same, "manager"))
    later = BOTH.replace("2026-11-01", "2026-11-10")
    assert "there is no past work to compare" in main_of(door.get(later, "manager"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("old=northbridge%409&new=northbridge%401", "Choose one of the versions."),
        ("old=eastmere%401&new=northbridge%401", "Choose one of the versions."),
        ("old=northbridge%401&new=northbridge%402&since=soon", "Write the date like 22/6/2015."),
        ("old=northbridge%401&new=northbridge%402&since=2026-11-11", "The date lies in the future."),
        ("old=northbridge%401&new=northbridge%402&since=1/11/2025", "Choose a date within the last 366 days."),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(door: FrontDoor, asked: str, said: str) -> None:
    page = door.get(f"{ADDRESS}?{asked}", "manager", expect=422)
    assert page.count(said) == 2 and "There is a problem" in page


def test_many_contacts_come_page_by_page_the_most_important_first(door: FrontDoor) -> None:
    for _ in range(50):
        door.hub.screened("amber")
    door.hub.later(minutes=1)
    first, second = door.get(BOTH, "manager"), door.get(f"{BOTH}&page=2", "manager")
    assert first.count('<li class="app-rule">') == 50 and second.count('<li class="app-rule">') == 1
    assert "Out of timescale under the new rules only" in first and "Page 2 of 2." in main_of(second)
    assert "Out of timescale under the new rules only" not in second


# -- apart ------------------------------------------------------------------------------------------------------------


def question(hub: Hub, **changes: Any) -> Question:
    given: dict[str, Any] = {
        "url": hub.db.url.render_as_string(hide_password=False),
        "old": resolved_text(northbridge()),
        "new": resolved_text(coming()),
        "since": hub.at.date() - timedelta(days=7),
        "until": hub.at,
        "head": (1,),
    }
    return Question(**(given | changes))


def patient() -> Apart:
    return Apart(patience_seconds=120)


def test_what_is_worked_out_apart_is_what_it_would_be_here(database: Database) -> None:
    hub = Hub(database)
    hub.screened("amber")
    asked = question(hub)
    there = patient().ask(asked)
    assert there is not None
    assert there == compare_record(database, northbridge(), coming(), asked.since, asked.until)


def test_an_answer_is_kept_until_the_record_changes(database: Database) -> None:
    apart, hub = patient(), Hub(database)
    first = apart.ask(question(hub))
    assert apart.ask(question(hub, until=hub.at + timedelta(minutes=5))) is first
    assert apart.ask(question(hub, head=(2,))) is not first


def test_one_is_worked_out_at_a_time_and_whoever_asks_the_same_waits_with_the_first(database: Database) -> None:
    apart, hub = Apart(patience_seconds=0), Hub(database)
    assert apart.ask(question(hub)) is None
    with pytest.raises(Refused) as refused:
        apart.ask(question(hub, head=(2,)))
    assert refused.value.reasons == (BUSY,)
    apart.patience_seconds = 120
    assert apart.ask(question(hub)) is not None
    assert apart.ask(question(hub, head=(2,))) is not None


def test_what_takes_too_long_is_given_up_and_may_be_tried_again(database: Database) -> None:
    apart, hub = Apart(limit_seconds=0.05, patience_seconds=120), Hub(database)
    with pytest.raises(Refused, match="was given up"):
        apart.ask(question(hub))
    apart.limit_seconds = 120
    assert apart.ask(question(hub)) is not None


def test_what_fails_in_the_other_process_is_one_sentence_here(database: Database, tmp_path: Path) -> None:
    hub = Hub(database)
    for broken in (question(hub, url=f"sqlite:///{tmp_path}/none.db"), question(hub, new="no rules")):
        with pytest.raises(Refused, match="could not be worked out"):
            patient().ask(broken)


def test_the_page_says_that_it_is_still_being_worked_out(door: FrontDoor) -> None:
    apart: Apart = door.app.state.house.comparisons
    apart.patience_seconds = 0
    assert "This is still being worked out." in main_of(door.get(BOTH, "manager"))
    assert BUSY in door.get(BOTH.replace("2026-11-01", "2026-11-02"), "manager", expect=409)
    apart.patience_seconds = 120
    assert "Something differs for 1 of 1 contacts." in main_of(door.get(BOTH, "manager"))


def test_an_act_on_any_contact_makes_an_answer_old(door: FrontDoor) -> None:
    assert "for 1 of 1 contacts" in main_of(door.get(BOTH, "manager"))
    door.hub.receive()
    assert "for 1 of 2 contacts" in main_of(door.get(BOTH, "manager"))
