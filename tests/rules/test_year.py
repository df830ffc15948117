"""The coming year of a calendar, and the timescales that a borough publishes: days and words by hand from the rules."""

from datetime import date
from typing import Any

import pytest

from mash.rules import published
from mash.rules.year import Day, Year, usual_bank_holidays, year_of
from tests.support.hub import northbridge, northbridge_with
from tests.support.random_house import rule_sets

TODAY = date(2026, 11, 16)


def the(day: date, year: Year) -> Day:
    (one,) = (one for month in year.months for one in month.days if one.date == day)
    return one


def test_a_year_is_twelve_months_from_today_and_each_day_says_when_it_is_open_or_why_not() -> None:
    year = year_of(northbridge(), "hub", TODAY, {})
    assert (len(year.months), year.months[0].days[0].date, year.ends) == (12, TODAY, date(2027, 10, 31))
    assert sum(len(month.days) for month in year.months) == (date(2027, 11, 1) - TODAY).days
    for day, hours, why in (
        (date(2026, 11, 16), "09:00 to 17:15", ""),
        (date(2026, 11, 20), "09:00 to 17:00", ""),
        (date(2026, 11, 21), "", "weekend"),
        (date(2026, 12, 24), "09:00 to 15:00", "hours of its own"),
        (date(2026, 12, 25), "", "Christmas Day"),
        (date(2026, 12, 28), "", "Boxing Day (substitute day)"),
        (date(2027, 3, 26), "", "Good Friday"),
    ):
        found = the(day, year)
        assert (found.hours, found.why, found.is_open) == (hours, why, bool(hours))


def test_days_unlike_others_of_their_weekday_stand_out() -> None:
    unusual = [day.date for day in year_of(northbridge(), "hub", TODAY, {}).unusual]
    assert unusual[:5] == [
        date(2026, 12, 24),
        date(2026, 12, 25),
        date(2026, 12, 28),
        date(2026, 12, 31),
        date(2027, 1, 1),
    ]
    schools = year_of(northbridge(), "education", TODAY, {})
    assert the(date(2026, 12, 21), schools).why == "closed on this date"


def test_a_calendar_that_is_open_on_bank_holidays_and_one_announced_late() -> None:
    police = year_of(northbridge(), "police", TODAY, {})
    assert (the(date(2026, 12, 28), police).hours, the(date(2026, 12, 28), police).why) == (
        "08:00 to 18:00",
        "Boxing Day (substitute day)",
    )
    assert not the(date(2026, 12, 28), police).unusual
    assert the(date(2026, 12, 25), police).why == "Christmas Day; closed on this date"
    late = year_of(northbridge(), "hub", TODAY, {date(2026, 12, 7): "Jubilee"})
    assert (the(date(2026, 12, 7), late).hours, the(date(2026, 12, 7), late).why) == ("", "Jubilee, announced late")
    shut = northbridge_with(calendars__hub__dates={"2026-11-19": "closed"})
    assert the(date(2026, 11, 19), year_of(shut, "hub", TODAY, {})).why == "closed on this date"
    part_time = northbridge_with(calendars__hub__wed="closed")
    assert the(date(2026, 11, 18), year_of(part_time, "hub", TODAY, {})).why == "closed on Wednesdays"


@pytest.mark.parametrize(
    ("last", "known", "months"),
    [("2027-12-28", True, 13), ("2027-08-30", True, 9), ("2027-05-31", False, 6), ("2026-12-28", False, 1)],
)
def test_it_is_said_how_far_bank_holidays_are_known(last: str, known: bool, months: int) -> None:
    rules = northbridge_with(bank_holidays={last: "The last known"})
    year = year_of(rules, "hub", TODAY, {})
    assert (year.is_known_throughout, year.months_known) == (known, months)


def test_bank_holidays_are_expected_when_the_published_list_has_them() -> None:
    """Where 1 January, 25 or 26 December is a Saturday or Sunday the list has a later day, and nothing before it."""
    listed = [day for day in northbridge().bank_holidays if day.year in (2025, 2026, 2027)]
    expected = [day for year in (2025, 2026, 2027) for day in usual_bank_holidays(year)]
    assert len(listed) == len(expected) == 24
    assert all(
        day <= other and (day == other or day.weekday() > 4)
        for day, other in zip(expected, listed, strict=True)
        if day != date(2027, 12, 26)
    )


def test_none_known_is_said() -> None:
    year = year_of(northbridge_with(bank_holidays={}), "hub", TODAY, {})
    assert (year.known_until, year.months_known, year.is_known_throughout) == (None, 0, False)


# ---- Published timescales -------------------------------------------------------------------------------------------


def told(label: str, **changes: Any) -> list[tuple[int, str]]:
    rules = northbridge_with(**changes)
    (row,) = (row for row in published.rows(rules) if row.label == label)
    assert sum(cell.columns for cell in row.cells) == len(rules.colours)
    return [(cell.columns, cell.text) for cell in row.cells]


def test_timescales_are_told_by_colour_the_highest_first_and_once_where_they_are_the_same() -> None:
    assert told("Decision") == [
        (1, "4 clock hours, nights and weekends included"),
        (1, "1 working day, until the same time of day"),
        (1, "3 working days, until closing"),
    ]
    assert told("Decision within one working day") == [(3, "1 working day, until closing")]
    assert told("First look (by the colour that is suggested)") == [
        (1, "1 clock hour, nights and weekends included"),
        (2, "4 working hours"),
    ]
    assert told("Reply (before rating)") == [(3, "4 working hours")]
    assert told("Decision", clocks__decision__by_rating__green={"due": "none"})[-1] == (1, "No target")


def test_levels_agencies_and_what_has_no_target() -> None:
    by_level = {level: {"due": "none" if level == "1" else f"{level} working_days_close"} for level in "1234"}
    plan = {"label": "Plan", "from": "rated", "to": "closed", "calendar": "hub", "by_level": by_level}
    labels = [row.label for row in published.rows(northbridge_with(clocks__plan=plan))]
    assert [label for label in labels if label.startswith("Plan")] == [
        "Plan (level 2)",
        "Plan (level 3)",
        "Plan (level 4)",
    ]
    police = {colour: {"due": "1 working_hours"} for colour in ("red", "amber", "green", "not_rated")}
    own = northbridge_with(clocks__agency_return__for_agency={"police": police})
    assert [row.label for row in published.rows(own) if "(Police" in row.label] == [
        "Reply (Police)",
        "Reply (Police, before rating)",
    ]


def test_nothing_internal_is_published() -> None:
    ladder = {"due": "4 clock_hours", "warn": ["1 h to service_manager"], "escalate": ["1 h to service_manager"]}
    rules = northbridge_with(clocks__decision__by_rating__red=ladder, clocks__decision__owner="manager")
    assert "manager" not in repr(published.rows(rules)).lower()
    assert "warn" not in repr(published.rows(rules)).lower()


def test_what_out_of_hours_means_follows_from_the_units() -> None:
    assert published.out_of_hours(northbridge()) == (
        "Working hours and working days count while the service is open, and stand still while it is closed.",
        "Clock hours, days and weeks with weekends run day and night, on bank holidays too.",
    )
    handed = northbridge_with(
        clocks__decision__by_rating__red={"due": "6 run_through_hours", "at_closing": "hand_to_edt"},
        intake__cut_off={"before_closing": "30 min", "clocks": ["decision"]},
    )
    assert published.out_of_hours(handed)[2:] == (
        "Hours from opening begin when the service next opens, and then run on past closing.",
        "What still runs at closing time is looked after by the emergency duty team until opening.",
        "What arrives after 30 min before closing counts for “Decision” as the next working day's.",
    )


def test_every_rule_set_has_a_page_of_timescales() -> None:
    for rules in rule_sets():
        rows = published.rows(rules)
        assert rows and all(sum(cell.columns for cell in row.cells) == len(rules.colours) for row in rows)
