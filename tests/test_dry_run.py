"""Recorded work played in memory alone gives what the database path gives, and what was calculated independently."""

from datetime import date

import pytest

from mash import dry_run, recording_file, replay, rulebook
from mash.clock import london_date
from mash.db import Database
from mash.dry_run import DryRun
from mash.export import export_events
from mash.rules.ruleset import RuleSet
from mash.workflow.results import result_lines
from tests.support.by_hand import arrival, line
from tests.support.databases import SqliteFiles
from tests.support.hub import northbridge, northbridge_with
from tests.support.random_house import SECOND, boroughs, houses_on_files, rule_sets
from tests.support.random_play import Play, play
from tests.support.recordings import (
    NAMES,
    differences,
    essence,
    events_file,
    expected,
    lines_of,
    without_readings,
)


@pytest.mark.parametrize("name", NAMES)
def test_verbs_and_fold_alone_give_every_result_of_a_recording(name: str) -> None:
    run = DryRun([northbridge()])
    run.play(recording_file.read(events_file(name), ["northbridge"]))
    assert not differences(essence(lines_of(run)), essence(expected(name)))


class InMemory(Play):
    def at_the_end(self) -> None:
        self.house.sweep(self.at + SECOND)
        run = DryRun(rule_sets())
        run.play(recording_file.checked(export_events(self.house.db), boroughs(), "the export"), self.at)
        stored = (line for _, line in result_lines(self.house.db))
        assert not differences(without_readings(lines_of(run)), without_readings(stored))


def test_a_random_history_played_in_memory_is_what_the_record_says(sqlite_files: SqliteFiles) -> None:
    play(InMemory, houses_on_files(sqlite_files), programs=15)


@pytest.mark.parametrize("day", ["2026-11-10", "2026-11-12", "2026-11-19"])
def test_contacts_since_a_day_come_out_as_if_all_had_been_played(day: str) -> None:
    since = date.fromisoformat(day)
    lines = recording_file.read(events_file("main"), ["northbridge"])
    whole, later = DryRun([northbridge()]), DryRun([northbridge()], since)
    whole.play(lines)
    later.play(lines)
    wanted = [played for played in whole.results() if london_date(played.received_at) >= since]
    assert later.results() == wanted
    assert 0 < len(wanted) < len(whole.results())


WHAT_GOES_WRONG = (
    arrival("09T09:00", "A"),
    arrival("09T09:01", "B", concerns=["witchcraft"]),
    arrival("09T09:02", "C", received_at="2019-01-01T09:00+00:00"),
    arrival("09T09:03", "D", by="decision_maker", concerns=["neglect"]),
    line("09T09:04", "start_screening", "screener", "B"),
    line("09T09:05", "start_screening", "contact_officer", "A"),
    line("09T09:06", "rate_contact", "screener", "A", rag="amber"),
    line("09T09:07", "claim", "screener", "A"),
    line("09T09:08", "claim", "screener#2", "A"),
    line("09T09:09", "release", "contact_officer", "A"),
    line("09T09:10", "hand_to", "screener", "A", to="desk:police"),
    line("09T09:11", "hand_to", "screener", "A", to="decision_maker"),
    line("09T09:12", "hand_to", "decision_maker", "A", to="decision_maker"),
    line("09T09:13", "announce_bank_holiday", "service_manager", date="2026-11-09", name="Today"),
    line("09T09:14", "announce_bank_holiday", "screener", date="2026-11-10", name="Tomorrow"),
    line("09T09:15", "announce_bank_holiday", "system", date="2026-11-10", name="Tomorrow"),
    line(
        "09T09:16", "announce_bank_holiday", "service_manager", borough="northbridge", date="2026-11-10", name="Again"
    ),
    line("09T09:17", "start_screening", "screener", "D"),
    line("09T09:18", "rate_contact", "screener", "D", rag="green", rationale="Read with the school."),
    line("09T09:19", "record_decision", "decision_maker", "D", outcome="strategy_discussion", rationale="Harm."),
    line("09T09:20", "sign_off", "decision_maker", "D", agree=True),
    line(
        "09T09:21",
        "pause_clock",
        "decision_maker",
        "D",
        clock="nothing",
        reason="None.",
        until="2026-11-10T09:00+00:00",
    ),
    line("09T09:22", "take_alert", "decision_maker", "D", clock="decision"),
    line("09T09:23", "lift_deadline", "decision_maker", "D", clock="decision", exception="none", reason="None."),
    line("20T09:00", "end_of_record", "system"),
)


def test_what_is_refused_is_refused_for_the_same_reasons_as_into_a_database(database: Database) -> None:
    lines = recording_file.checked(WHAT_GOES_WRONG, ["northbridge"], "lines")
    rulebook.install(database, [northbridge()])
    player = replay.Replay(database)
    *found, _ = replay.results(database, player.play(lines))
    run = DryRun([northbridge()])
    run.play(lines)
    assert not differences(without_readings(lines_of(run)), without_readings(found))
    assert [refusal.line for refusal in run.refusals] == [2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 21, 22, 23, 24]
    assert [played.reference for played in dry_run.play(lines, [northbridge()])] == ["A", "D"]


TWICE = {"at_least": 2, "within_days": 90}


def often_reported() -> RuleSet:
    """Red for a child reported on two days, or again soon after a contact was closed."""
    again = {
        "colour": "red",
        "when": {"contact_days": {"at_least": 2, "within_days": 90}},
        "because": "Reported again.",
    }
    lately = {"colour": "amber", "when": {"closed_within": "4 weeks"}, "because": "Closed not long ago."}
    return northbridge_with(suggestions={"R1": again, "R2": lately})


KIT = {"label": "k", "forename": "Kit", "surname": "Mockford", "date_of_birth": "2014-02-03"}
ANN = {"label": "n", "forename": "Ann", "surname": "Mockford", "nhs_number": "943 476 5919"}
OF_THE_SAME_CHILDREN = (
    arrival("09T09:00", "A", kind="advice", children=[KIT]),
    line("09T10:00", "start_screening", "screener", "A"),
    line("09T11:00", "close", "screener", "A", reason="Advice given."),
    arrival("09T12:00", "same-day-and-closed", children=[{**KIT, "forename": " KIT "}]),
    line("10T09:00", "reopen", "screener", "A", reason="They rang again."),
    arrival("10T10:00", "open-again", children=[KIT]),
    arrival("10T11:00", "another-child", children=[{**KIT, "date_of_birth": "2014-02-04"}]),
    line("11T09:00", "add_facts", "screener", "another-child", children=[{**ANN, "label": "n2"}]),
    arrival("11T10:00", "by-number", children=[{**ANN, "surname": "Other", "nhs_number": "9434765919"}]),
    arrival("11T12:00", "keyed-late", received_at="2026-11-08T09:00+00:00", children=[KIT]),
    line("12T09:00", "add_facts", "screener", "another-child", concerns=["neglect"]),
    line("12T10:00", "add_facts", "screener", "A", concerns=["neglect"]),
)
"""What is suggested: of A nothing, as no other had been keyed before it; amber while A is closed, on the same day; red
on a second day. What is keyed later never counts, though it arrived a day before. The child of another birth is another
child, and Ann is known by her number, whatever her surname.
"""


RED, AMBER, NOTHING = "Red: Reported again.", "Amber: Closed not long ago.", "No rule matched: you judge."
SUGGESTED = {
    "A": [NOTHING],
    "same-day-and-closed": [AMBER],
    "keyed-late": [NOTHING],
    "open-again": [RED],
    "another-child": [NOTHING],
    "by-number": [RED],
}


@pytest.mark.parametrize("since", [None, date(2026, 11, 10)])
def test_earlier_contacts_count_by_when_they_were_keyed_closed_and_reopened(
    since: date | None, database: Database
) -> None:
    lines = recording_file.checked(OF_THE_SAME_CHILDREN, ["northbridge"], "lines")
    run = DryRun([often_reported()], since)
    run.play(lines)
    assert not run.refusals
    found = {played.reference: list(played.suggested.because) for played in run.results()}
    assert found == (dict(list(SUGGESTED.items())[3:]) if since else SUGGESTED)
    rulebook.install(database, [often_reported()])
    results = replay.results(database, replay.Replay(database).play(lines))
    assert {line["contact"]: line["suggested"]["because"] for line in results if "suggested" in line} == SUGGESTED
