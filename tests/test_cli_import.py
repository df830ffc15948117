"""Shadow mode on the command line: the draft of a map; the report on screen, in a file, for a program; refusals."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import command
from tests.support.exports import EXAMPLES
from tests.support.hub import CONFIG

MAP = """times: {formats: day/month/year hour:minute}
columns: {reference: Ref, received: When, colour: RAG, rated: Rated}
"""
ROWS = "Ref,When,RAG,Rated\n1,03/03/2025 10:00,red,03/03/2025 15:00\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "c.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    return tmp_path


def mash(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    if words[0] == "import" and "--borough" not in words:
        words += ("--borough", "northbridge")
    environment = command.environment(COLUMNS="80", MASH_DATABASE_URL=f"sqlite:///{folder}/no.db")
    return command.mash(*words, environment=environment, folder=folder)


def imported(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return mash(folder, "import", "c.csv", "--map", "map.yaml", *words)


def test_the_report_of_the_example_is_the_one_that_is_shown() -> None:
    done = mash(EXAMPLES, "import", "contacts.csv", "--map", "map.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (EXAMPLES / "report.txt").read_text(encoding="utf-8")


def test_what_is_all_imported_ends_well_and_touches_no_database(folder: Path) -> None:
    done = imported(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 contacts would have been out of timescale, with 1 of 1 deadlines." in done.stdout
    assert sorted(file.name for file in folder.iterdir()) == ["c.csv", "map.yaml"]


def test_the_report_is_written_as_csv_and_the_recording_can_be_replayed(folder: Path) -> None:
    done = imported(folder, "--report", "report.csv", "--out", "events.jsonl", "--until", "2025-03-04T12:00+00:00")
    assert done.returncode == 0, done.stderr
    report = (folder / "report.csv").read_text(encoding="utf-8-sig")
    assert "1,2,Red,Rated,,2025-03-03 14:00,2025-03-03 15:00,done out of timescale,60" in report
    rules = (CONFIG / "boroughs" / "northbridge.yaml").read_text(encoding="utf-8")
    (folder / "rules.yaml").write_text(rules.replace("2026-01-01", "2025-01-01", 1), encoding="utf-8")
    done = mash(folder, "replay", "events.jsonl", "--rules", "rules.yaml", "--out", "results.jsonl")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    (rated,) = [line for line in lines if line.get("clock") == "screening" and "due_at" in line]
    assert (rated["due_at"], rated["met_at"]) == ("2025-03-03T14:00:00Z", "2025-03-03T15:00:00Z")
    assert lines[-1]["summary"]["until"] == "2025-03-04T12:00:00Z"


def test_a_program_gets_json(folder: Path) -> None:
    with (folder / "c.csv").open("a", encoding="utf-8") as file:
        file.write("2,soon,,\n")
    done = imported(folder, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["rules"] == "northbridge@1" and found["until"] == "2025-03-03T15:00:00Z"
    assert found["rows"] == [{"file": "c.csv", "read": 2, "imported": 1, "further": 0, "refused": 1, "empty": 0}]
    (late,) = found["worst"]
    assert (late["reference"], late["late"], late["due_at"]) == ("1", 3600, "2025-03-03T14:00:00Z")


def test_every_refused_row_is_listed_where_no_file_is_written(folder: Path) -> None:
    with (folder / "c.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{n},soon,,\n" for n in range(2, 42))
    shown = imported(folder).stdout
    assert shown.count("`xxxx` is not a date") == 40
    short = imported(folder, "--report", "report.csv").stdout
    assert short.count("`xxxx` is not a date") == 30 and "… and 10 more: all of them are in report.csv." in short
    assert (folder / "report.csv").read_text(encoding="utf-8-sig").count("`xxxx` is not a date") == 40


def test_a_draft_of_a_map_is_printed(folder: Path) -> None:
    done = mash(folder, "import", "c.csv", "--suggest-map")
    assert done.returncode == 0 and '  reference: "Ref"' not in done.stdout
    assert '  colour: "RAG"  # confirm: the rating' in done.stdout and '#   "When"' in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "c.csv"], "--map: name the file that says which column holds what."),
        (["import", "none.csv", "--map", "map.yaml"], "none.csv: is not there, or is not a file."),
        (["import", "c.csv", "--map", "none.yaml"], "none.yaml:1: is not there."),
        (["import", "c.csv", "--map", "c.csv"], "c.csv:1: "),
        (
            ["import", "c.csv", "--map", "map.yaml", "--borough", "atlantis"],
            "--borough: there are no rules of `atlantis`",
        ),
        (["import", "c.csv", "--map", "map.yaml", "--version", "9"], "--version: `northbridge` has no version 9 here."),
        (["import", "c.csv", "--map", "map.yaml", "--until", "noon"], "noon: write an instant with its offset"),
        (["import", "c.csv", "--map", "map.yaml", "--out", "no/o.jsonl"], "no: there is no such folder to write into."),
        (["import", "c.csv", "--map", "map.yaml", "--until", "2025-03-01T00:00Z"], "c.csv: no contact could be read."),
    ],
)
def test_what_cannot_be_done_is_one_message(folder: Path, words: list[str], said: str) -> None:
    done = mash(folder, *words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == "" and not (folder / "o.jsonl").exists()
