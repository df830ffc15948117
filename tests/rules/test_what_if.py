"""What would be due if a contact arrived then is what is due where one arrives then; some by hand from the format."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from mash import clock
from mash.db import Database
from mash.rules.calendars import london_day
from mash.rules.counting import london_instant, when
from mash.rules.moments import last_sunday, worth_asking
from mash.rules.ruleset import RuleSet
from mash.rules.what_if import WhatIf, WouldBe, how_long, main_calendar, what_if
from mash.rules.year import easter
from mash.vocabulary import Verb
from mash.workflow import rows
from mash.workflow.details import AnnounceBankHoliday
from tests.support.databases import SqliteFiles
from tests.support.hub import Hub, northbridge, northbridge_with
from tests.support.random_house import rule_sets

V = Verb
LEVELS = {level: {"due": f"{level} working_days_close"} for level in "1234"}


def line(found: WhatIf, clock: str, which: str = "") -> WouldBe:
    (one,) = (one for one in found.clocks if one.clock == clock and one.which.startswith(which))
    return one


def due(found: WhatIf, clock: str, which: str = "") -> dict[str | None, str | None]:
    cells = zip(found.colours, line(found, clock, which).cells, strict=True)
    return {colour: when(cell.due_at) if cell and cell.due_at is not None else None for colour, cell in cells}


# ---- By hand --------------------------------------------------------------------------------------------------------


def test_a_contact_on_christmas_eve_after_closing() -> None:
    """Northbridge closes at 15:00 on 24 December 2026; 25 and 28 December are bank holidays, 26 and 27 a weekend."""
    found = what_if(northbridge(), london_instant("2026-12-24T16:50"))
    assert due(found, "decision") == {
        "red": "Thursday 24 December 2026 20:50",  # four hours by the clock
        "amber": "Wednesday 30 December 2026 09:00",  # from opening on the 29th, one working day
        "green": "Thursday 31 December 2026 15:00",  # working days 29, 30, 31; that one closes at 15:00
        None: None,  # not before it is rated
    }
    assert set(due(found, "edt_handover").values()) == {"Tuesday 29 December 2026 10:00"}
    assert due(found, "agency_return", "Police")["red"] == "Saturday 26 December 2026 08:50"  # 70 min on the 24th
    assert line(found, "agency_return", "Police").starts.startswith("an agency was asked")


def test_in_the_night_with_the_doubled_hour_both_instants_count_their_own_hours() -> None:
    first, second = (what_if(northbridge(), london_instant(f"2026-10-25T01:30{zone}")) for zone in ("+01:00", "+00:00"))
    assert due(first, "decision")["red"] == "Sunday 25 October 2026 04:30 GMT"
    assert due(second, "decision")["red"] == "Sunday 25 October 2026 05:30 GMT"


def test_the_night_without_an_hour_and_the_days_of_easter() -> None:
    """The clocks go forward on 28 March 2027, Easter Sunday; 26 and 29 March are bank holidays."""
    found = what_if(northbridge(), london_instant("2027-03-28T00:30"))
    assert due(found, "decision")["red"] == "Sunday 28 March 2027 05:30 BST"
    thursday = what_if(northbridge(), london_instant("2027-03-25T16:50"))
    assert due(thursday, "statutory_decision")["red"] == "Tuesday 30 March 2027 17:15"
    assert due(thursday, "screening")["red"] == "Tuesday 30 March 2027 12:35"  # 25 minutes on Thursday


def test_a_bank_holiday_announced_late_counts_and_levels_and_agencies_have_lines_of_their_own() -> None:
    rules = northbridge_with(
        clocks__plan={"label": "Plan", "from": "rated", "to": "closed", "calendar": "hub", "by_level": LEVELS}
    )
    at = london_instant("2026-06-08T10:00")
    late = what_if(rules, at, frozenset({date(2026, 6, 9)}))
    assert due(what_if(rules, at), "statutory_decision")["red"] == "Tuesday 9 June 2026 17:15"
    assert due(late, "statutory_decision")["red"] == "Wednesday 10 June 2026 17:15"
    assert [one.which for one in late.clocks if one.clock == "plan"] == ["Level 1", "Level 2", "Level 3", "Level 4"]
    assert [one.which for one in late.clocks if one.clock == "agency_return"] == [
        "Police",
        "Health",
        "Education",
        "Housing, Probation, Early help",
    ]
    assert due(late, "plan", "Level 2")["green"] == "Thursday 11 June 2026 17:15"


def test_the_steps_of_a_cell_end_at_its_time_and_how_long_is_said_in_two_parts() -> None:
    found = what_if(northbridge(), london_instant("2026-06-12T16:30"))
    (red, *_) = line(found, "screening").cells
    assert red is not None
    assert red.steps[-3] == "Due Monday 15 June 2026 12:30."
    assert how_long(2 * 86_400 + 3 * 3600 + 240) == "2 days 3 hours"
    assert (how_long(45 * 60), how_long(86_400), how_long(0)) == ("45 minutes", "1 day", "less than a minute")


# ---- What the engine stores -----------------------------------------------------------------------------------------

INSTANTS = [
    *("2026-10-23T16:58", "2026-10-24T23:30", "2026-10-25T00:15", "2026-10-25T01:30+01:00", "2026-10-25T01:30+00:00"),
    *("2026-10-25T02:01", "2026-12-23T17:14", "2026-12-24T14:59", "2026-12-24T15:00", "2026-12-24T16:50"),
    *("2026-12-25T12:00", "2026-12-31T23:59", "2027-03-25T16:50", "2027-03-26T10:00", "2027-03-28T00:59"),
    *("2027-03-28T02:00", "2027-03-29T09:00", "2027-03-30T08:59", "2027-05-28T16:59", "2027-06-16T11:11"),
]
VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "with a cut-off": {
        "intake__cut_off": {"before_closing": "30 min", "clocks": ["screening", "decision"], "not_for": ["red"]},
        "clocks__screening__timescale": {"due": "1 working_days_close"},
    },
    "with other units": {
        "clocks__decision__by_rating": {
            "red": {"due": "6 run_through_hours"},
            "amber": {"due": "2 working_days_close rolled_to_opening", "no_later_than": "60 clock_hours"},
            "green": {"due": "10 calendar_days_same_time roll_back"},
        },
        "clocks__screening__timescale": {"due": "end_of_same_working_day"},
        "clocks__first_look__by_suggestion": {"red": {"due": "none"}, "otherwise": {"due": "1 working_hours"}},
    },
}
CONCERNS = {"red": ["sexual_abuse"], "amber": ["neglect"], "green": []}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_contact_that_arrives_then_is_due_then(sqlite_files: SqliteFiles, variant: str) -> None:
    rules = northbridge_with(**VARIANTS[variant])
    with sqlite_files.copy("live") as db:
        hub = Hub(db, datetime(2026, 6, 1, 9, 0, tzinfo=UTC), rules)
        compared = sum(agrees(hub, rules, text, colour) for text in INSTANTS for colour in rules.colours)
    assert compared > 8 * len(INSTANTS) * len(rules.colours)


def test_it_is_so_on_either_database_and_after_a_late_bank_holiday(database: Database) -> None:
    hub = Hub(database, datetime(2026, 12, 21, 9, 0, tzinfo=UTC), northbridge())
    with clock.at(hub.at):
        told = AnnounceBankHoliday.model_validate({"date": "2026-12-29", "name": "Jubilee"})
        hub.office.announce(hub.actors["manager"], told)
    for text in ("2026-12-24T14:30", "2026-12-28T01:00"):
        assert agrees(hub, northbridge(), text, "amber", frozenset({date(2026, 12, 29)})) > 8


def agrees(hub: Hub, rules: RuleSet, text: str, colour: str, late: frozenset[date] = frozenset()) -> int:
    """Let a contact arrive then, with all that follows at that instant; how many deadlines were compared."""
    at = london_instant(text)
    hub.at = datetime.fromtimestamp(at, UTC)
    contact_id = hub.receive(concerns=CONCERNS[colour], agreement={"status": "given"})
    hub.do("screener", V.START_SCREENING, contact_id)
    hub.do("screener", V.RATE_CONTACT, contact_id, rag=colour, rationale="Threshold document applied.")
    asked = list(rules.agencies)
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=asked)
    fields = {"outcome": "information_and_advice", "rationale": "Help.", "without": asked}
    hub.do("decider", V.RECORD_DECISION, contact_id, **fields)
    found = what_if(rules, at, late)
    with hub.db.reading() as look:
        stored = rows.deadlines_of(look, "northbridge", [contact_id])[contact_id]
    column = found.colours.index(colour)
    for (name, agency, _), row in stored.items():
        which = rules.agencies[agency].label if agency else ""
        (one,) = (one for one in found.clocks if one.clock == name and which in one.which)
        cell = one.cells[column]
        assert cell is not None and cell.due_at == int(row.due_at.timestamp()), (text, colour, name, agency)
    return len(stored)


def test_every_clock_of_every_rule_set_can_be_asked_about() -> None:
    for rules in rule_sets():
        found = what_if(rules, london_instant("2026-12-24T16:50"))
        assert {one.clock for one in found.clocks} == set(rules.clocks)
        for one in found.clocks:
            for cell in one.cells:
                assert cell is None or (cell.due_at is None) == (cell.because == "no target")


# ---- What is worth asking -------------------------------------------------------------------------------------------


def test_the_ready_made_instants_are_those_of_the_calendar() -> None:
    hours = northbridge().working_times(frozenset())[main_calendar(northbridge())]
    now = london_instant("2026-06-10T10:00")  # a Wednesday
    assert [(one.label, when(one.at)) for one in worth_asking(now, hours)] == [
        ("Now", "Wednesday 10 June 2026 10:00"),
        ("Tonight at 23:00", "Wednesday 10 June 2026 23:00"),
        ("Friday at closing, 17:00", "Friday 12 June 2026 17:00"),
        ("Saturday at noon", "Saturday 13 June 2026 12:00"),
        ("The night when the clocks go back, 01:30 the first time (2026)", "Sunday 25 October 2026 01:30 BST"),
        ("The night when the clocks go back, 01:30 the second time (2026)", "Sunday 25 October 2026 01:30 GMT"),
        ("24 December at 16:50 (2026)", "Thursday 24 December 2026 16:50"),
        ("The Thursday before Easter at 16:50 (2027)", "Thursday 25 March 2027 16:50"),
        ("The night when the clocks go forward, 00:30 (2027)", "Sunday 28 March 2027 00:30 GMT"),
    ]


@pytest.mark.parametrize("day", range(0, 366, 7))
def test_what_is_worth_asking_is_always_still_to_come(day: int) -> None:
    hours = northbridge().working_times(frozenset())["hub"]
    now = london_instant("2026-01-01T23:30") + day * 86_400
    found = [one.at for one in worth_asking(now, hours)]
    assert all(one < other for one, other in pairwise(found)) and found[0] == now
    assert london_day(found[-1]) <= london_day(now) + timedelta(days=390)
    assert len(found) == 9


def test_easter_and_the_clock_changes_are_as_published() -> None:
    """Easter: the table in the Book of Common Prayer. Clock changes: the government's page of their dates."""
    published = {2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2028: (4, 16), 2030: (4, 21), 2038: (4, 25)}
    assert {year: (easter(year).month, easter(year).day) for year in published} == published
    assert [last_sunday(year, 3).day for year in (2025, 2026, 2027)] == [30, 29, 28]
    assert [last_sunday(year, 10).day for year in (2025, 2026, 2027)] == [26, 25, 31]
