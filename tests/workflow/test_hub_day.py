"""When the hub closes, and which deadlines must be met before."""

from datetime import UTC, date, datetime

import pytest

from mash.rules.ruleset import RuleSet
from mash.workflow.hub_day import HubDay, day_by, hub_calendar
from tests.support.hub import northbridge, northbridge_with

NONE: frozenset[date] = frozenset()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2026-11-09T10:00", None, "2026-11-09T17:15"),
        ("2026-11-09T07:00", "2026-11-09T09:00", "2026-11-09T17:15"),
        ("2026-11-09T17:14", None, "2026-11-09T17:15"),
        ("2026-11-09T17:15", "2026-11-10T09:00", "2026-11-10T17:15"),
        ("2026-11-13T20:00", "2026-11-16T09:00", "2026-11-16T17:15"),
        ("2026-12-24T20:00", "2026-12-29T09:00", "2026-12-29T17:15"),
    ],
    ids=["open", "before opening", "last minute", "closing to the minute", "weekend", "Christmas"],
)
def test_outside_hours_the_next_opening_and_its_closing_count(now: str, opens: str | None, closes: str) -> None:
    assert day_by(northbridge(), NONE, at(now)) == HubDay(at(opens) if opens else None, at(closes))


def test_a_bank_holiday_announced_late_is_no_day_of_the_hub() -> None:
    day = day_by(northbridge(), frozenset({date(2026, 11, 16)}), at("2026-11-13T20:00"))
    assert day.opens_at == at("2026-11-17T09:00")


def test_a_lunch_closure_is_part_of_the_day() -> None:
    hours = "09:00-12:30, 13:30-17:00"
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), hours) | {"sat": "closed", "sun": "closed"}
    rules = northbridge_with(calendars__hub=week)
    assert day_by(rules, NONE, at("2026-11-09T13:00")) == HubDay(None, at("2026-11-09T17:00"))


def test_the_intake_hours_are_those_of_the_hub_where_the_rules_name_them() -> None:
    assert hub_calendar(northbridge()) == "hub"
    assert hub_calendar(northbridge_with(intake__calendar="police")) == "police"


def test_without_opening_hours_a_day_ends_at_midnight_in_london() -> None:
    clocks = {code: clock.model_copy(update={"calendar": None}) for code, clock in northbridge().clocks.items()}
    rules: RuleSet = northbridge().model_copy(update={"clocks": clocks})
    day = day_by(rules, NONE, datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    assert not day.known and day.opens_at is None
    assert day.closes_at == datetime(2026, 7, 1, 23, 0, tzinfo=UTC)
