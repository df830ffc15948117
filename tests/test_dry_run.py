"""Recorded work played in memory alone gives what the database path gives, and what was calculated independently."""

from datetime import date

import pytest

from mash import dry_run, recording_file, replay, rulebook
from mash.clock import london_date
from mash.db import Database
from mash.dry_run import DryRun
from mash.export import export_events
from mash.workflow.results import result_lines
from tests.support.by_hand import arrival, line
from tests.support.databases import SqliteFiles
from tests.support.hub import northbridge
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
    play(InMemory, houses_on_files(sqlite_files), programs=25)


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
