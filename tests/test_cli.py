"""What the command line promises: one message and a status for every mistake, and the seams that operators rely on."""

import json
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mash import clock, rulebook
from mash.db import Database
from mash.rules.loader import resolved_text
from mash.settings import ROOT, Settings
from tests.support import command
from tests.support.hub import CONFIG, Hub, northbridge, nothing_to_consider
from tests.support.recordings import essence, events_file, expected


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    secret = "a-secret-that-is-long-enough-for-a-test"
    return command.environment(MASH_DATABASE_URL=f"sqlite:///{tmp_path}/hub.db", MASH_SECRET_KEY=secret)


def mash(environment: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return command.mash(*words, environment=environment, stdin=stdin)


def test_a_new_database_is_migrated_swept_examined_anchored_and_verified(
    environment: dict[str, str], tmp_path: Path
) -> None:
    for words, said in [
        (["migrate"], "The database is up to date."),
        (["sweep", "--once"], "0 contacts looked at, 0 alerts raised."),
        (["sweep", "--once", "--at", "2026-11-09T09:00+00:00"], "0 alerts raised."),
        (["doctor"], "Nothing is adrift."),
        (["audit", "anchor", "--file", str(tmp_path / "anchors")], "chains anchored in"),
        (["audit", "verify", "--anchor", str(tmp_path / "anchors")], "Every chain is whole."),
        (["export-events"], ""),
        (["migrate", "--check"], "in step"),
        (["rules", "check"], "Northbridge, version 1"),
    ]:
        done = mash(environment, *words)
        assert done.returncode == 0, (words, done.stderr)
        assert said in done.stdout


def test_a_sweep_raises_nothing_that_is_still_to_come_unless_the_work_is_too(environment: dict[str, str]) -> None:
    assert mash(environment, "migrate").returncode == 0
    done = mash(environment, "sweep", "--once", "--at", "2199-01-01T00:00+00:00")
    assert done.returncode == 2 and "--at: lies in the future." in done.stderr
    db = Database(environment["MASH_DATABASE_URL"])
    hub = Hub(db, datetime(2198, 12, 10, 10, 0, tzinfo=UTC))
    hub.receive()
    done = mash(environment, "sweep", "--once", "--at", "2199-01-01T00:00+00:00")
    assert done.returncode == 0 and not done.stdout.startswith("0 contacts"), done.stderr
    hub.at = clock.now()
    hub.receive()
    db.close()
    for at, status in (("2198-12-10T10:00+00:00", 0), ("2198-12-10T10:01+00:00", 2)):
        assert mash(environment, "sweep", "--once", "--at", at).returncode == status


def test_a_database_that_was_not_migrated_is_one_message(environment: dict[str, str]) -> None:
    done = mash(environment, "doctor")
    assert done.returncode == 2 and "Run `mash migrate`" in done.stderr and "Traceback" not in done.stderr


def test_a_live_database_never_becomes_a_demonstration(environment: dict[str, str]) -> None:
    assert mash(environment, "migrate").returncode == 0
    for words in (["demo", "--fill-only"], ["demo", "--fill-only", "--fresh"]):
        done = mash(environment, *words)
        assert done.returncode == 2 and "demonstration" in done.stderr.lower()
    assert mash(environment, "doctor").returncode == 0


def test_a_demonstration_of_other_rules_says_how_to_begin_anew(environment: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    assert mash(environment | {"MASH_CONFIG": str(config)}, "demo", "--fill-only").returncode == 0
    file = config / "boroughs" / "northbridge.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("label: Decision\n", "label: Decided\n"), encoding="utf-8")
    done = mash(environment | {"MASH_CONFIG": str(config)}, "demo", "--fill-only")
    assert done.returncode == 2 and "make run FRESH=1" in done.stderr and "version: 2" in done.stderr
    assert mash(environment | {"MASH_CONFIG": str(config)}, "demo", "--fill-only", "--fresh").returncode == 0


def test_a_recording_is_replayed_into_a_file_of_results(environment: dict[str, str], tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    done = mash(environment, "replay", str(events_file("clocks")), "--out", str(results))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert "summary" in lines[-1]
    assert essence(lines) == essence(expected("clocks"))


def test_a_malformed_recording_writes_nothing_and_says_where(environment: dict[str, str], tmp_path: Path) -> None:
    file, results = tmp_path / "bad.jsonl", tmp_path / "results.jsonl"
    file.write_text('{"at": "2026-11-09T09:00+00:00", "do": "dance", "by": "system"}', encoding="utf-8")
    done = mash(environment, "replay", str(file), "--out", str(results))
    assert done.returncode == 2 and done.stderr.startswith(f"{file}:1: do: “dance”")
    assert not results.exists()


def test_a_bad_rule_file_and_a_bad_instant_are_one_message_each(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "atlantis.yaml"
    file.write_text("inherits: _baseline\nname: atlantis\n", encoding="utf-8")
    done = mash(environment, "rules", "check", str(file))
    assert done.returncode == 2 and f"{file}:2: title: is missing. Add `title:`." in done.stderr
    assert mash(environment, "sweep", "--once", "--at", "noon").returncode == 2


def test_what_is_valid_and_foolish_is_told_and_counts_only_where_that_is_asked(
    environment: dict[str, str], tmp_path: Path
) -> None:
    text = (
        "inherits: northbridge\nversion: 2\nclocks:\n  feedback:\n    to: referrer_told\n    unless_anonymous: false\n"
    )
    file = tmp_path / "foolish.yaml"
    file.write_text(text, encoding="utf-8")
    done = mash(environment, "rules", "check", str(file))
    checked, *considered = done.stdout.splitlines()
    assert done.returncode == 0 and checked.endswith("No problems.")
    told = f"{file}:5: “Tell the referrer the outcome” is stopped by nobody where the referrer is anonymous"
    assert len(considered) == 3 and all(line.startswith("Consider: ") for line in considered)
    assert any(line.startswith(f"Consider: {told}") for line in considered)
    strict = mash(environment, "rules", "check", "--strict", str(file))
    assert strict.returncode == 2 and "Consider:" not in strict.stdout
    assert len(strict.stderr.splitlines()) == 3 and told in strict.stderr


def test_where_there_is_nothing_to_consider_a_strict_check_is_passed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "sound.yaml"
    file.write_text(resolved_text(nothing_to_consider(2, date(2026, 12, 1))), encoding="utf-8")  # JSON is YAML
    done = mash(environment, "rules", "check", "--strict", str(file))
    assert (done.returncode, done.stderr) == (0, "") and len(done.stdout.splitlines()) == 1


def test_a_deadline_is_counted_step_by_step(environment: dict[str, str]) -> None:
    asked = ["rules", "due", "decision", "--borough", "northbridge", "--start", "2026-12-24T16:30", "--colour", "amber"]
    done = mash(environment, *asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Decision, Northbridge version 1, amber",
        "Timescale: 1 working day, until the same time of day.",
        "Whose: the front door.",
        "Hours of hub: mon to thu 09:00-17:15, fri 09:00-17:00, sat to sun closed; bank holidays closed; "
        "2 dates of its own.",
        "  1. Starts Thursday 24 December 2026 16:30, out of hours.",
        "  2. Out of hours it counts from the next opening, Tuesday 29 December 2026 09:00.",
        "  3. Tuesday 29 December: the day it counts from.",
        "  4. Wednesday 30 December: working day 1.",
        "  5. Due Wednesday 30 December 2026 09:00.",
        "  6. Warning 1, 2 h before: Tuesday 29 December 2026 15:15.",
        "  7. Escalation level 2, 2 h after, if still nobody acted: Wednesday 30 December 2026 11:00.",
        "  8. Escalation level 3, 8 h after, if still nobody acted: Wednesday 30 December 2026 17:00.",
        "due_at 2026-12-30T09:00:00Z",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["decision", "--start", "2026-12-24T16:30"],
            "--colour: say which, for this clock goes by it: red, amber, green.",
        ),
        (["decision", "--start", "2026-12-24T16:30", "--colour", "mauve"], "--colour: `mauve` is not a colour"),
        (["decision", "--start", "Christmas", "--colour", "red"], "--start: `Christmas` is not an instant."),
        (["decision", "--start", "2025-12-24", "--colour", "red"], "The first begin on 2026-01-01."),
        (["dithering", "--start", "2026-12-24"], "`dithering` is not a clock of northbridge@1. It has"),
        (["agency_return", "--start", "2026-12-24", "--colour", "red"], "--agency: say which"),
        (["agency_return", "--start", "2026-12-24", "--colour", "red", "--agency", "x"], "`x` is not an agency"),
        (["decision", "--start", "2026-12-24", "--version", "7"], "--version: `northbridge` has no version 7 here."),
        (["decision", "--start", "2026-12-24", "--borough", "atlantis"], "There are gloucestershire, islington, "),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_write(
    environment: dict[str, str], words: list[str], said: str
) -> None:
    done = mash(environment, "rules", "due", "--borough", "northbridge", *words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_rules_come_from_a_lone_file_and_from_a_plain_folder_of_files(
    environment: dict[str, str], tmp_path: Path
) -> None:
    text = (ROOT / "config" / "boroughs" / "northbridge.yaml").read_text(encoding="utf-8")
    for name, version in (("northbridge", 1), ("northbridge-2", 2)):
        own = text.replace("version: 1", f"version: {version}").replace("2026-01-01", f"2026-0{version}-01")
        own = own.replace("due: 4 clock_hours", f"due: {4 - version} clock_hours")
        (tmp_path / f"{name}.yaml").write_text(own, encoding="utf-8")
    for path, found in ((tmp_path / "northbridge.yaml", 1), (tmp_path, 2)):
        done = mash(environment, "rules", "check", str(path))
        assert done.returncode == 0 and done.stdout.count("Northbridge, version") == found
    asked = ["rules", "due", "decision", "--borough", "northbridge", "--colour", "red", "--rules", str(tmp_path)]
    for start, due in (("2026-01-31T23:00", "2026-02-01T02:00:00Z"), ("2026-02-01T00:00", "2026-02-01T02:00:00Z")):
        assert f"due_at {due}" in mash(environment, *asked, "--start", start).stdout
    (tmp_path / "northbridge-2.yaml").write_text(text, encoding="utf-8")
    done = mash(environment, "rules", "check", str(tmp_path))
    assert done.returncode == 2 and "northbridge@1 is also in" in done.stderr


def test_routes_say_what_each_of_them_needs(environment: dict[str, str]) -> None:
    rows = json.loads(mash(environment, "routes", "--json").stdout)
    found = {(row["method"], row["route"]): row["permission"] for row in rows}
    assert found["GET", "/queue"] == "view_queue"
    assert found["POST", "/contacts/{contact_id}/rate_contact"] == "rate_contact"
    assert found["GET", "/healthz"] == "public"


def test_every_setting_is_documented_for_the_operator() -> None:
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"MASH_{name.upper()}" in page
    named = set(re.findall(r"MASH_[A-Z_]+[A-Z]", page)) - {"MASH_TEST_POSTGRES", "MASH_TEST_BROWSER"}
    assert named <= {f"MASH_{name.upper()}" for name in Settings.model_fields}


NELL = ("users", "add", "nell", "--name", "Nell Arden", "--borough", "northbridge")
TYPED = "four words make a password\n" * 2


def test_the_first_administrator_is_made_on_the_command_line(environment: dict[str, str]) -> None:
    assert mash(environment, "migrate").returncode == 0
    with_rules(environment)
    done = mash(environment, *NELL, "--role", "administrator", stdin=TYPED)
    assert done.returncode == 0, done.stderr
    for words, said in (
        (["disable", "nell"], "may no longer sign in"),
        (["enable", "nell"], "may sign in"),
        (["forget-factor", "nell"], "sets up a new second factor"),
        (["forget-lost-factors"], "0 second factors"),
        (["invite", "nell"], "/invitation/"),
    ):
        done = mash(environment, "users", *words)
        assert done.returncode == 0 and said in done.stdout, (words, done.stderr)


def test_a_user_who_makes_no_sense_is_refused_before_a_password_is_asked_for(environment: dict[str, str]) -> None:
    assert mash(environment, "migrate").returncode == 0
    with_rules(environment)
    for words, said in (
        (["--role", "screener"], "registered social workers only"),
        (["--role", "desk"], "needs the agency's desk"),
        (["--role", "desk", "--desk", "astrology"], "has no agency"),
        (["--role", "administrator", "--borough", "atlantis"], "has no rules here"),
    ):
        done = mash(environment, *NELL, *words)
        assert done.returncode == 2 and said in done.stderr and "Password" not in done.stdout, words
    done = mash(environment, *NELL, "--role", "screener", "--registered", stdin=TYPED)
    assert done.returncode == 0, done.stderr


def with_rules(environment: dict[str, str]) -> None:
    """Rules of a live database: those of Northbridge are for demonstrations, so they are put in by hand."""
    db = Database(environment["MASH_DATABASE_URL"])
    rulebook.install(db, [northbridge()])
    db.close()


def test_the_rules_of_any_day_are_shown_in_words_and_as_they_were_loaded(environment: dict[str, str]) -> None:
    assert mash(environment, "migrate").returncode == 0
    with_rules(environment)
    done = mash(environment, "rules", "show", "northbridge", "--on", "2026-03-27")
    assert done.returncode == 0, done.stderr
    for said in (
        "Northbridge, version 1, for contacts received from 1 January 2026 on",
        "    Amber: 1 working day, until the same time of day; warned before: 2 h; told after: 2 h, then 8 h",
        "    24 December 2026: 09:00 to 15:00",
        "  Red: Physical abuse, and a child is under 5 or of unknown age.",
    ):
        assert said in done.stdout.splitlines()
    done = mash(environment, "rules", "show", "northbridge", "--version", "1", "--as-loaded")
    assert done.stdout == resolved_text(northbridge())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["northbridge", "--on", "2025-12-31"], "--on: No rules of “northbridge” are in force on 31 December 2025."),
        (["northbridge", "--on", "Christmas"], "--on: `Christmas` is not a date. Write it like 2026-12-07."),
        (["northbridge", "--version", "7"], "--version: `northbridge` has no version 7 in this database."),
        (["northbridge", "--version", "1", "--on", "2026-03-27"], "give one of the two"),
        (["atlantis"], "`atlantis`: no rules of this borough are in this database. There are northbridge."),
    ],
)
def test_rules_that_are_not_there_are_one_message(environment: dict[str, str], words: list[str], said: str) -> None:
    assert mash(environment, "migrate").returncode == 0
    with_rules(environment)
    done = mash(environment, "rules", "show", *words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
