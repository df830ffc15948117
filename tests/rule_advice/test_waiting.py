"""Does what is most urgent lie over a weekend? Counted by hand from Northbridge's hours."""

from datetime import date
from typing import Any

import pytest

from mash.rule_advice.waiting import holidays, waiting
from tests.support.hub import northbridge, northbridge_with

JUNE = date(2026, 6, 1)
LOOK, DECISION = "clocks__first_look__by_suggestion__red", "clocks__decision__by_rating__red"
ONE_WORKING_HOUR = {LOOK: {"due": "1 working_hours"}, DECISION: {"due": "4 working_hours"}}
EASTER = {"bank_holidays": {"2027-03-26": "Good Friday", "2027-03-29": "Easter Monday"}}
CUT_OFF = {"before_closing": "30 min", "clocks": "first_look"}


def sentences(changes: dict[str, Any], today: date = JUNE) -> list[str]:
    return [one.text for one in waiting(northbridge_with(**changes), today)]


def test_northbridge_leaves_no_red_contact_to_monday() -> None:
    assert not list(waiting(northbridge(), JUNE))


@pytest.mark.parametrize(
    ("today", "changes", "arrives", "due"),
    [
        # Christmas Eve closes at 15:00; Friday to Monday are shut; Tuesday opens at 09:00.
        (JUNE, {}, "Thursday 24 December 2026 15:00", "Tuesday 29 December 2026 10:00"),
        # Christmas of 2027: Friday closes at 17:00, Monday and Tuesday are substitute days, Wednesday opens at 09:00.
        (date(2027, 1, 2), {}, "Friday 24 December 2027 17:00", "Wednesday 29 December 2027 10:00"),
        # Maundy Thursday closes at 17:15, the Tuesday after Easter opens at 09:00.
        (date(2027, 1, 2), EASTER, "Thursday 25 March 2027 17:15", "Tuesday 30 March 2027 10:00"),
        # An hour by the clock, which a cut-off lets begin at the next opening.
        (
            date(2027, 1, 2),
            {**EASTER, LOOK: {"due": "1 clock_hours"}, "intake": {"calendar": "hub", "cut_off": CUT_OFF}},
            "Thursday 25 March 2027 17:15",
            "Tuesday 30 March 2027 10:00",
        ),
    ],
)
def test_the_worst_case_is_named(today: date, changes: dict[str, Any], arrives: str, due: str) -> None:
    (text,) = sentences({**ONE_WORKING_HOUR, **changes}, today)
    assert f"arrives on {arrives} is not due before {due} (“First look”)" in text


def test_a_day_by_the_clock_ends_within_any_weekend_and_two_days_do_not() -> None:
    """From Sunday morning a day ends on Monday, whatever one writes: that is not told."""
    rules = {**EASTER, DECISION: {"due": "4 working_hours"}}
    assert not sentences({**rules, LOOK: {"due": "24 clock_hours"}}, date(2027, 1, 2))
    (text,) = sentences({**rules, LOOK: {"due": "48 clock_hours"}}, date(2027, 1, 2))
    assert "arrives on Saturday 2 January 2027 10:00 is not due before Monday 4 January 2027 10:00" in text


@pytest.mark.parametrize(
    "changes",
    [
        {LOOK: {"due": "1 clock_hours"}},
        {DECISION: {"due": "4 clock_hours"}},
        {DECISION: {"due": "72 clock_hours", "at_closing": "hand_to_edt"}},
        {"clocks__acknowledgement__timescale": {"due": "12 clock_hours"}},
        {"clocks__new": {"label": "New", "from": "receipt", "to": "rated", "timescale": {"due": "8 clock_hours"}}},
    ],
)
def test_something_that_is_due_meanwhile_or_a_duty_team_is_enough(changes: dict[str, Any]) -> None:
    assert sentences(ONE_WORKING_HOUR)
    assert not sentences({**ONE_WORKING_HOUR, **changes})


def test_a_cut_off_that_is_not_for_the_colour_lets_nothing_wait() -> None:
    cut_off = {"intake": {"calendar": "hub", "cut_off": {**CUT_OFF, "not_for": "red"}}}
    assert not sentences({**ONE_WORKING_HOUR, LOOK: {"due": "1 clock_hours"}, **cut_off})


@pytest.mark.parametrize(
    "more",
    [
        {"owner": "referrer"},
        {"only_for": {"channels": "phone"}},
        {"to": "handover_accepted"},
    ],
)
def test_a_deadline_that_is_not_the_hub_s_for_every_red_contact_does_not_help(more: dict[str, Any]) -> None:
    clock = {"label": "New", "from": "receipt", "to": "rated", "timescale": {"due": "8 clock_hours"}, **more}
    assert sentences({**ONE_WORKING_HOUR, "clocks__new": clock})


def test_a_colour_lower_than_the_highest_may_wait() -> None:
    assert "amber" not in northbridge().lowest
    assert not sentences({"clocks__decision__by_rating__amber": {"due": "5 working_days_close"}})


@pytest.mark.parametrize(
    ("last", "today", "told"),
    [
        ("2026-12-28", "2026-06-28", False),
        ("2026-12-28", "2026-06-29", True),
        ("2026-12-28", "2027-03-01", True),
    ],
)
def test_a_list_of_bank_holidays_that_ends_within_half_a_year(last: str, today: str, told: bool) -> None:
    rules = northbridge_with(bank_holidays={"2026-12-25": "Christmas Day", last: "Boxing Day (substitute day)"})
    found = list(holidays(rules, date.fromisoformat(today)))
    assert [one.text.split(",")[0] for one in found] == [
        "These rules know no bank holiday after 28 December 2026"
    ] * told


def test_rules_without_bank_holidays_are_told_unless_nobody_keeps_them() -> None:
    (found,) = holidays(northbridge_with(bank_holidays={}), JUNE)
    assert "no bank holiday at all" in found.text
    always = {f"calendars__{name}__bank_holidays": "open" for name in northbridge().calendars}
    assert not list(holidays(northbridge_with(bank_holidays={}, **always), JUNE))
