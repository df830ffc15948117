"""The engine agrees with recorded work whose results were calculated independently, on both databases."""

import json
from pathlib import Path

import pytest

from mash import recording_file, replay, rulebook
from mash.db import Database
from mash.dry_run import DryRun
from mash.errors import BadInput
from tests.support.hub import northbridge
from tests.support.recordings import NAMES, differences, essence, events_file, expected, lines_of, without_readings

RECEIVED = {
    "at": "2026-11-09T09:04+00:00",
    "do": "receive_contact",
    "by": "contact_officer",
    "contact": "A",
    "borough": "northbridge",
    "children": [{"label": "a"}],
}


def written(tmp_path: Path, *lines: object) -> Path:
    file = tmp_path / "recording.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return file


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_comes_out_as_calculated_and_the_same_in_memory(name: str, database: Database) -> None:
    rulebook.install(database, [northbridge()])
    lines = recording_file.read(events_file(name), ["northbridge"])
    *found, _ = replay.results(database, replay.Replay(database).play(lines))
    assert not differences(essence(found), essence(expected(name)))
    run = DryRun([northbridge()])
    run.play(lines)
    assert not differences(without_readings(lines_of(run)), without_readings(found))


def test_a_replay_stops_where_it_is_told_and_leaves_what_falls_due_later(database: Database) -> None:
    rulebook.install(database, [northbridge()])
    lines = recording_file.read(events_file("clocks"), ["northbridge"])
    halfway = lines[len(lines) // 2].at
    progress = replay.Replay(database).play(lines, halfway)
    assert progress.until == halfway
    assert progress.events == sum(line.at <= halfway for line in lines)
    for line in replay.results(database, progress):
        if "alert" in line:
            assert line["at"] <= halfway.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not an object"),
        ({**RECEIVED, "at": "2026-11-09T09:04"}, "at: write an instant with its offset"),
        ({**RECEIVED, "at": 12}, "at: write an instant with its offset"),
        ({**RECEIVED, "do": "conjure"}, "“conjure” is not a verb"),
        ({**RECEIVED, "by": "wizard"}, "“wizard” is not a role"),
        ({**RECEIVED, "by": "desk"}, "a desk is written desk:police"),
        ({**RECEIVED, "borough": "atlantis"}, "“atlantis” has no rules here"),
        ({**RECEIVED, "contact": None}, "contact: is missing"),
        ({**RECEIVED, "children": []}, "children: Field required"),
        ({**RECEIVED, "surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({**RECEIVED, "received_at": "2026-11-09T10:00+00:00"}, "received_at: lies later than `at`"),
        ({**RECEIVED, "do": "close"}, "“A” is not known"),
    ],
)
def test_a_malformed_line_is_one_message_with_file_and_line(tmp_path: Path, line: object, said: str) -> None:
    end = {"at": "2026-11-09T09:00+00:00", "do": "end_of_record", "by": "system"}
    file = written(tmp_path, end, line)
    with pytest.raises(BadInput) as refused:
        recording_file.read(file, ["northbridge"])
    assert len(refused.value.reasons) == 1
    assert str(refused.value).startswith(f"{file}:2: ")
    assert said in str(refused.value)


def test_time_that_runs_backwards_and_labels_used_twice_are_malformed(tmp_path: Path) -> None:
    earlier = {**RECEIVED, "at": "2026-11-09T09:03+00:00", "contact": "B"}
    with pytest.raises(BadInput, match="runs backwards"):
        recording_file.read(written(tmp_path, RECEIVED, earlier), ["northbridge"])
    with pytest.raises(BadInput, match="a second time"):
        recording_file.read(written(tmp_path, RECEIVED, RECEIVED), ["northbridge"])


def test_what_the_engine_refuses_is_reported_and_replay_goes_on(tmp_path: Path, database: Database) -> None:
    rulebook.install(database, [northbridge()])
    rated = {"at": "2026-11-09T09:05+00:00", "do": "rate_contact", "by": "contact_officer", "contact": "A"}
    closed = {"at": "2026-11-09T09:06+00:00", "do": "close", "by": "screener", "contact": "A"}
    lines = recording_file.read(written(tmp_path, RECEIVED, rated, closed), ["northbridge"])
    *_, first, second, summary = replay.results(database, replay.Replay(database).play(lines))
    assert first["refused"] == 2 and "your role (Contact officer) may not" in first["reasons"][0]
    assert second["refused"] == 3 and len(second["reasons"]) == 2
    assert summary["summary"]["refused"] == 2
