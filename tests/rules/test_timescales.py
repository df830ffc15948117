"""Every unit agrees with a walk minute by minute, through clock changes, leap days and Christmas."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mash.rules import timescales
from mash.rules.calendars import Calendar, WorkingTime
from mash.rules.timescales import Span, Unit
from mash.workflow.episodes import as_instant, seconds
from tests.rules.walk import LONDON, Walk

NINE_TO_FIVE = [(540, 1020)]
CALENDARS = {
    "office": dict.fromkeys(range(5), NINE_TO_FIVE),
    "short friday": {**{day: [(540, 1035)] for day in range(4)}, 4: [(540, 1020)]},
    "lunch": {day: [(540, 720), (780, 1020)] for day in range(5)},
    "seven days": {**{day: [(480, 1080)] for day in range(5)}, 5: [(480, 960)], 6: [(480, 960)]},
    "always": {day: [(0, 1440)] for day in range(7)},
    "nights": {day: [(0, 135), (1320, 1440)] for day in range(7)},
    "one day": {2: [(600, 615)]},
}
CLOSED = {
    date(2026, 12, 25),
    date(2026, 12, 28),
    date(2027, 1, 1),
    date(2028, 2, 29),
    date(2026, 4, 3),
    date(2026, 4, 6),
}
NEAR = [
    datetime(2026, 3, 28, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 12, 23, tzinfo=UTC),
    datetime(2028, 2, 27, tzinfo=UTC),
    datetime(2026, 4, 2, tzinfo=UTC),
    datetime(2026, 11, 9, tzinfo=UTC),
]
starts = st.builds(lambda near, minutes: near + timedelta(minutes=minutes), st.sampled_from(NEAR), st.integers(0, 5760))
calendars = st.sampled_from(sorted(CALENDARS))
WORKING = {
    name: WorkingTime(Calendar(tuple(tuple(week.get(day, ())) for day in range(7))), frozenset(CLOSED))
    for name, week in CALENDARS.items()
}


def due(unit: Unit, amount: int, start: datetime, calendar: str) -> datetime | None:
    return as_instant(timescales.due(Span(unit, amount), seconds(start), (), WORKING[calendar]))


def walk(calendar: str) -> Walk:
    return Walk(CALENDARS[calendar], CLOSED)


@settings(max_examples=300, deadline=None)
@given(starts, calendars, st.integers(1, 900))
def test_working_hours_are_open_minutes(start: datetime, calendar: str, minutes: int) -> None:
    minutes = min(minutes, 20) if calendar == "one day" else minutes
    assert due(Unit.WORKING_HOURS, 60 * minutes, start, calendar) == walk(calendar).working_hours(start, minutes)


@settings(max_examples=200, deadline=None)
@given(starts, calendars, st.integers(1, 5))
def test_working_days_end_at_closing_or_at_the_same_time(start: datetime, calendar: str, days: int) -> None:
    last = walk(calendar).last_closing(walk(calendar).nth_after(start.astimezone(LONDON).date(), days))
    assert due(Unit.WORKING_DAYS_CLOSE, days, start, calendar) == last
    assert due(Unit.WORKING_DAYS_SAME_TIME, days, start, calendar) == walk(calendar).same_time(start, days)


@settings(max_examples=200, deadline=None)
@given(starts, calendars, st.integers(0, 1439))
def test_end_of_day_by_time_and_run_through(start: datetime, calendar: str, minute: int) -> None:
    opened = walk(calendar).opening(start)
    day = opened.astimezone(LONDON).date()
    assert due(Unit.END_OF_SAME_WORKING_DAY, 0, start, calendar) == walk(calendar).last_closing(day)
    assert due(Unit.BY_TIME_NEXT_WORKING_DAY, minute, start, calendar) == walk(calendar).by_time(start, minute)
    assert due(Unit.RUN_THROUGH_HOURS, 7200, start, calendar) == opened + timedelta(hours=2)
    assert due(Unit.CLOCK_HOURS, 7200, start, calendar) == start + timedelta(hours=2)


@settings(max_examples=200, deadline=None)
@given(starts, calendars, st.integers(1, 600))
def test_warnings_count_open_minutes_backwards(end: datetime, calendar: str, minutes: int) -> None:
    minutes = min(minutes, 20) if calendar == "one day" else minutes
    span = Span(Unit.WORKING_HOURS, 3600)
    warned = as_instant(timescales.warn_at(span, seconds(end), 60 * minutes, WORKING[calendar]))
    assert warned == walk(calendar).back(end, minutes)


def test_an_hour_before_half_past_nine_on_monday_is_half_an_hour_before_friday_s_closing() -> None:
    def warned(hour: int, minute: int) -> datetime | None:
        at = datetime(2026, 11, 16, hour, minute, tzinfo=UTC)
        return as_instant(timescales.warn_at(Span(Unit.WORKING_HOURS, 1), seconds(at), 3600, WORKING["office"]))

    assert warned(9, 30) == datetime(2026, 11, 13, 16, 30, tzinfo=UTC)
    assert warned(10, 0) == datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def test_paused_minutes_are_never_counted() -> None:
    start = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
    pause = (seconds(start + timedelta(hours=1)), seconds(start + timedelta(hours=26)))

    def paused(unit: Unit, amount: int) -> datetime | None:
        return as_instant(timescales.due(Span(unit, amount), seconds(start), [pause], WORKING["office"]))

    assert paused(Unit.CLOCK_HOURS, 4 * 3600) == datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
    assert paused(Unit.WORKING_HOURS, 4 * 3600) == datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
    assert paused(Unit.WORKING_DAYS_CLOSE, 1) == datetime(2026, 11, 11, 17, 0, tzinfo=UTC)


def test_no_target_is_neither_zero_nor_unknown() -> None:
    assert due(Unit.NONE, 0, NEAR[0], "office") is None
