"""What the command line promises: one message and a status for every mistake, and the seams that operators rely on."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mash.settings import ROOT, Settings
from tests.support.recordings import essence, events_file, expected


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MASH_")}
    secret = "a-secret-that-is-long-enough-for-a-test"
    return kept | {"MASH_DATABASE_URL": f"sqlite:///{tmp_path}/hub.db", "MASH_SECRET_KEY": secret}


def mash(environment: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from mash.cli import main; main()", *words]
    return subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, cwd=ROOT, timeout=120)


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


def test_a_database_that_was_not_migrated_is_one_message(environment: dict[str, str]) -> None:
    done = mash(environment, "doctor")
    assert done.returncode == 2 and "Run `mash migrate`" in done.stderr and "Traceback" not in done.stderr


def test_a_live_database_never_becomes_a_demonstration(environment: dict[str, str]) -> None:
    assert mash(environment, "migrate").returncode == 0
    for words in (["demo", "--fill-only"], ["demo", "--fill-only", "--fresh"]):
        done = mash(environment, *words)
        assert done.returncode == 2 and "demonstration" in done.stderr.lower()
    assert mash(environment, "doctor").returncode == 0


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
    assert done.returncode == 2 and f"{file}:1: title: is missing. Add `title:`." in done.stderr
    assert mash(environment, "sweep", "--once", "--at", "noon").returncode == 2


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
