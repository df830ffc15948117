"""Every unit agrees with a walk minute by minute, through clock changes, leap days and Christmas."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mash.rules import timescales
from mash.rules.calendars import DAY, Calendar, WorkingTime, instant
from mash.rules.timescales import Span, Unit
from mash.workflow.episodes import as_instant, seconds
from tests.faults.deadlines import BANK_HOLIDAYS, UNITS, Case, by_walking, cases, difference
from tests.rules.walk import Hours, london, shown_on
from tests.support.hub import northbridge

CASES = list(cases(seed=1, number=1500))
OFFICE = WorkingTime(Calendar((*[((540, 1020),)] * 5, (), ())), frozenset())


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_agrees_with_a_walk_minute_by_minute(unit: str) -> None:
    differences = filter(None, (difference(case) for case in CASES if case.unit == unit))
    assert next(differences, None) is None


def test_every_unit_with_a_target_is_walked() -> None:
    assert {*UNITS, "none"} == set(Unit)


def hours_of(case: Case) -> Hours:
    return case.ground.hours or Hours(((),) * 7)


def starts_on(*days: str) -> Callable[[Case], bool]:
    return lambda case: str(london(case.start).date()) in days


def is_due_on(day: str) -> Callable[[Case], bool]:
    return lambda case: str(london(by_walking(case).due).date()) == day


CORNERS: dict[str, Callable[[Case], bool]] = {
    "rolled to opening": lambda case: case.amounts[0].rolled,
    "rolled forward": lambda case: case.amounts[0].roll == "roll_forward",
    "rolled back": lambda case: case.amounts[0].roll == "roll_back",
    "earlier of two": lambda case: len(case.amounts) == 2,
    "cut-off by weekday": lambda case: bool(case.cut_off and case.cut_off.at),
    "cut-off before closing": lambda case: bool(case.cut_off and case.cut_off.before_closing),
    "one pause": lambda case: len(case.pauses) == 1,
    "several pauses": lambda case: len(case.pauses) > 1,
    "no calendar": lambda case: case.ground.hours is None,
    "working days of another calendar": lambda case: hours_of(case).working_days is not None,
    "open on bank holidays": lambda case: hours_of(case).open_on_holidays,
    "received on a bank holiday": lambda case: london(case.start).date() in BANK_HOLIDAYS,
    "dates with hours of their own": lambda case: any(hours_of(case).dates.values()),
    "closed dates": lambda case: () in hours_of(case).dates.values(),
    "split days": lambda case: any(len(windows) > 1 for windows in hours_of(case).week),
    "never shut": lambda case: hours_of(case).week == (((0, 1440),),) * 7,
    "over midnight": lambda case: any(b == 1440 for windows in hours_of(case).week for _, b in windows),
    "not on a whole minute": lambda case: case.start % 60 > 0,
    "clocks go forward": starts_on("2026-03-28", "2027-03-27", "2028-03-25"),
    "clocks go back": starts_on("2026-10-24", "2027-10-30", "2028-10-28"),
    "in the hour shown twice": lambda case: london(case.start).fold == 1,
    "Christmas": starts_on("2026-12-24", "2027-12-24"),
    "Maundy Thursday": starts_on("2026-04-02", "2027-03-25", "2028-04-13"),
    "leap day": is_due_on("2028-02-29"),
}


@pytest.mark.parametrize("corner", CORNERS)
def test_the_cases_reach_every_corner(corner: str) -> None:
    assert any(map(CORNERS[corner], CASES))


def test_an_hour_before_half_past_nine_on_monday_is_half_an_hour_before_friday_s_closing() -> None:
    def warned(hour: int, minute: int) -> datetime | None:
        at = datetime(2026, 11, 16, hour, minute, tzinfo=UTC)
        return as_instant(timescales.warn_at(Span(Unit.WORKING_HOURS, 1), seconds(at), 3600, OFFICE))

    assert warned(9, 30) == datetime(2026, 11, 13, 16, 30, tzinfo=UTC)
    assert warned(10, 0) == datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def test_paused_minutes_are_never_counted() -> None:
    start = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
    pause = (seconds(start + timedelta(hours=1)), seconds(start + timedelta(hours=26)))

    def paused(unit: Unit, amount: int) -> datetime | None:
        return as_instant(timescales.due(Span(unit, amount), seconds(start), [pause], OFFICE))

    assert paused(Unit.CLOCK_HOURS, 4 * 3600) == datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
    assert paused(Unit.WORKING_HOURS, 4 * 3600) == datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
    assert paused(Unit.WORKING_DAYS_CLOSE, 1) == datetime(2026, 11, 11, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("unit", [Unit.CLOCK_HOURS, Unit.WORKING_HOURS])
def test_what_is_paused_at_the_instant_at_which_it_is_due_is_due_when_it_goes_on(unit: Unit) -> None:
    start = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
    resumed = start + timedelta(hours=5)
    pause = (seconds(start + timedelta(hours=4)), seconds(resumed))
    assert as_instant(timescales.due(Span(unit, 4 * 3600), seconds(start), [pause], OFFICE)) == resumed


@pytest.mark.parametrize(
    ("roll", "day", "hour"), [(timescales.Roll.BACK, 13, 17), (timescales.Roll.FORWARD, 16, 9), (None, 14, 10)]
)
def test_a_day_that_ends_on_a_saturday_stays_there_unless_it_is_rolled(
    roll: timescales.Roll | None, day: int, hour: int
) -> None:
    start = seconds(datetime(2026, 11, 11, 10, 0, tzinfo=UTC))
    due = timescales.due(Span(Unit.CALENDAR_DAYS_SAME_TIME, 3, roll=roll), start, (), OFFICE)
    assert as_instant(due) == datetime(2026, 11, day, hour, 0, tzinfo=UTC)


@pytest.mark.parametrize("roll", timescales.Roll)
def test_a_deadline_exactly_at_closing_is_not_rolled(roll: timescales.Roll) -> None:
    friday_three = seconds(datetime(2026, 11, 13, 15, 0, tzinfo=UTC))
    due = timescales.due(Span(Unit.CLOCK_HOURS, 7200, roll=roll), friday_three, (), OFFICE)
    assert as_instant(due) == datetime(2026, 11, 13, 17, 0, tzinfo=UTC)


def test_what_needs_opening_hours_cannot_be_counted_without() -> None:
    with pytest.raises(ValueError, match="needs a calendar"):
        timescales.due(Span(Unit.WORKING_HOURS, 3600), 0, (), None)


def test_no_target_is_neither_zero_nor_unknown() -> None:
    monday = seconds(datetime(2026, 11, 9, 10, 0, tzinfo=UTC))
    assert timescales.due(Span(Unit.NONE), monday, (), OFFICE) is None
    assert timescales.earliest([Span(Unit.NONE)], monday, (), OFFICE) is None


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-06-21", 24), ("2026-10-25", 25)])
def test_the_walk_goes_through_23_24_or_25_hours(day: str, hours: int) -> None:
    assert len(shown_on(date.fromisoformat(day))) == 60 * hours


class Shared(WorkingTime):
    """A calendar of which another thread keeps other years as soon as this one has looked."""

    def _around(self, *instants: int) -> Any:
        found = super()._around(*instants)
        self._compiled = self._compile(instant(date(2019, 1, 1), 0) // DAY, instant(date(2030, 1, 1), 0) // DAY)
        return found


def test_what_another_thread_looks_at_changes_no_answer() -> None:
    calendar, holidays = northbridge().calendars["hub"].calendar(), frozenset(northbridge().bank_holidays)
    own, shared = WorkingTime(calendar, holidays), Shared(calendar, holidays)
    monday, at = date(2026, 11, 9), instant(date(2026, 11, 9), 600)
    for count in (1, 3, 400, 1_500):
        assert shared.working_day_after(monday, count) == own.working_day_after(monday, count)
    assert shared.open_between(at, at + 900 * DAY) == own.open_between(at, at + 900 * DAY)
    assert shared.open_spans(at, at + 9 * DAY) == own.open_spans(at, at + 9 * DAY)
    assert shared.forward(at, 10**7) == own.forward(at, 10**7) and shared.back(at, 10**7) == own.back(at, 10**7)
