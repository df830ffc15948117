"""The count of a deadline in sentences is the count that was made: step by step, every day left out with its reason."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mash.rules import counting
from mash.rules.clockrules import Timescale
from mash.rules.counting import Question, count, explain, london_instant, when
from mash.rules.ruleset import RuleSet
from tests.support.hub import northbridge_with

CLOCK = {"label": "Plan", "from": ["receipt"], "to": "closed", "calendar": "hub", "timescale": {"due": "none"}}
WAYS = [
    {"due": "4 clock_hours"},
    {"due": "30.5 working_hours"},
    {"due": "7 run_through_hours", "warn": ["2 h"]},
    {"due": "3 working_days_close", "escalate": ["1 h", "4 h to service_manager"]},
    {"due": "1 working_days_close rolled_to_opening"},
    {"due": "2 working_days_same_time"},
    {"due": "end_of_same_working_day"},
    {"due": "by_time_next_working_day 10:00"},
    {"due": "5 calendar_days_same_time roll_back"},
    {"due": "2 calendar_weeks roll_forward"},
    {"due": "5 working_days_close", "no_later_than": "72 clock_hours"},
]
NEAR = [datetime(2026, 12, 23, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 3, 27, tzinfo=UTC)]


def rules() -> RuleSet:
    return northbridge_with(clocks__plan=CLOCK)


RULES = rules()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(WAYS), st.sampled_from(NEAR), st.integers(0, 7200), st.integers(0, 600), st.integers(0, 4000))
def test_the_sentences_end_at_the_deadline(
    way: dict[str, object], near: datetime, minutes: int, until: int, away: int
) -> None:
    scale, start = Timescale.model_validate(way), int((near + timedelta(minutes=minutes)).timestamp())
    pause = [(start + 60 * until, start + 60 * (until + away))] if away % 2 else []
    question = Question(RULES, "plan")
    due_at = count(question, scale, start, pause).due_at
    lines = explain(question, scale, start, pause)
    assert f"Due {when(due_at)}." in lines
    assert lines[0].startswith(f"Starts {when(start)}")
    left = [line for line in lines if line.endswith(" left.")]
    if "working_hours" in str(way["due"]):
        assert left[-1].endswith("; 0 min left.")


@pytest.mark.parametrize(("way", "days"), [(WAYS[3], 3), (WAYS[4], 1), (WAYS[5], 2)])
@pytest.mark.parametrize("start", ["2026-12-24T10:00", "2026-12-26T02:00", "2026-04-02T16:59"])
def test_working_days_are_numbered_and_the_others_say_why_not(way: dict[str, object], days: int, start: str) -> None:
    lines = explain(Question(RULES, "plan"), Timescale.model_validate(way), london_instant(start))
    numbers = [int(found[1]) for line in lines if (found := re.search(r"working day (\d+)\.", line))]
    assert numbers == list(range(1, days + 1))
    assert any("bank holiday" in line for line in lines) or start.startswith("2026-12-26")


def test_a_pause_a_cut_off_and_a_late_bank_holiday_are_told() -> None:
    cut_off = {"before_closing": "30 min", "clocks": ["plan"]}
    own = northbridge_with(clocks__plan=CLOCK, intake__cut_off=cut_off)
    late = frozenset({datetime(2026, 11, 10, tzinfo=UTC).date()})
    question, scale = Question(own, "plan", late=late), Timescale.model_validate({"due": "2 working_hours"})
    start = london_instant("2026-11-09T16:50")
    paused = (london_instant("2026-11-11T09:30"), london_instant("2026-11-11T10:00"))
    assert explain(question, scale, start, [paused]) == [
        "Starts Monday 9 November 2026 16:50, in hours.",
        "That is after the intake cut-off: it counts as Wednesday 11 November 2026 09:00, the next working day.",
        "Paused from Wednesday 11 November 2026 09:30 to Wednesday 11 November 2026 10:00: not counted.",
        "Wednesday 11 November: open 09:00 to 09:30 and 10:00 to 11:30; 0 min left.",
        "Due Wednesday 11 November 2026 11:30.",
    ]
    late_day = explain(Question(RULES, "plan", late=late), Timescale.model_validate(WAYS[4]), start)
    assert "Tuesday 10 November: not counted, a bank holiday announced late." in late_day


def test_of_two_timescales_both_are_shown_and_a_roll_is_told() -> None:
    both = explain(Question(RULES, "plan"), Timescale.model_validate(WAYS[10]), london_instant("2026-11-13T10:00"))
    assert both[-3:] == [
        "72 clock hours, nights and weekends included: Monday 16 November 2026 10:00.",
        "The earlier of the two counts.",
        "Due Monday 16 November 2026 10:00.",
    ]
    back = explain(
        Question(RULES, "plan"),
        Timescale.model_validate({"due": "6 calendar_weeks roll_back"}),
        london_instant("2026-11-13T10:00"),
    )
    assert back[1:] == [
        "42 days (6 weeks) later at the same time of day, weekends included.",
        "That would be Friday 25 December 2026 10:00, outside the working day: it moves back to the closing before.",
        "Due Thursday 24 December 2026 15:00.",
    ]


def test_the_doubled_hour_is_told_apart_and_a_naive_time_is_london_s_first() -> None:
    assert when(london_instant("2026-10-25T01:30")) == "Sunday 25 October 2026 01:30 BST"
    assert when(london_instant("2026-10-25T01:30+00:00")) == "Sunday 25 October 2026 01:30 GMT"
    assert counting.hours_in_words(RULES, "police").startswith("mon to fri 08:00-18:00, sat to sun 08:00-16:00; bank")


def test_a_very_long_count_leaves_out_its_middle() -> None:
    lines = explain(
        Question(RULES, "plan"),
        Timescale.model_validate({"due": "45 working_days_close"}),
        london_instant("2026-11-02T10:00"),
    )
    assert len(lines) < 50 and any("further days" in line for line in lines)
    assert lines[-1] == "Due Thursday 7 January 2027 17:15."
