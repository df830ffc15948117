"""Rules that nobody has confirmed are never in real use unnoticed: kept out, said to be, marked wherever counted."""

import json
import shutil
from pathlib import Path

import pytest

from mash import rulebook
from mash.db import Database
from mash.rules.loader import load_folder
from tests.support.hub import CONFIG
from tests.test_cli import environment, mash

__all__ = ["environment"]

SIX = "Gloucestershire, Islington, Merton, Oxfordshire, St Helens, Surrey"


def boroughs(environment: dict[str, str]) -> list[str]:
    db = Database(environment["MASH_DATABASE_URL"])
    with db.reading() as look:
        found = rulebook.Rulebook().boroughs(look)
    db.close()
    return found


@pytest.fixture
def config(environment: dict[str, str], tmp_path: Path) -> Path:
    """A configuration of one's own, as an authority has it."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    environment["MASH_CONFIG"] = str(folder)
    return folder


def test_a_live_database_keeps_out_what_nobody_has_confirmed_and_says_how_to_adopt_it(
    environment: dict[str, str],
) -> None:
    done = mash(environment, "migrate")
    assert done.returncode == 0 and boroughs(environment) == []
    assert f"Kept out, as nobody there has confirmed the figures: {SIX}." in done.stderr
    assert "copy its file, have every figure confirmed, replace `unconfirmed: true` by `confirmed_by:`" in done.stderr
    assert "No borough of yours has rules here yet" in done.stderr


def test_a_demonstration_holds_the_invented_borough_alone(environment: dict[str, str]) -> None:
    done = mash(environment, "demo", "--fill-only")
    assert done.returncode == 0, done.stderr
    assert boroughs(environment) == ["northbridge"] and "Kept out" not in done.stderr


def test_what_an_authority_has_confirmed_goes_into_its_database(environment: dict[str, str], config: Path) -> None:
    file = config / "boroughs" / "riverside.yaml"
    text = (CONFIG.parent / "docs" / "add-a-borough.md").read_text(encoding="utf-8")
    text = text.split("```yaml\n# file: riverside.yaml\n")[1].split("```")[0]
    sources = "sources: {paper: {title: Threshold document, url: https://example.org/paper, read: March 2026}}\n"
    grounds = "basis: {clocks.decision: {published: paper}}\n"
    file.write_text(f"{text}{sources}{grounds}confirmed_by: Head of service, 9 March 2026\n", encoding="utf-8")
    done = mash(environment, "migrate")
    assert done.returncode == 0, done.stderr
    assert boroughs(environment) == ["riverside"]
    assert SIX in done.stderr and "Riverside" not in done.stderr.split("Kept out")[1].split(".")[0]


def test_the_flag_alone_keeps_rules_out(environment: dict[str, str], config: Path) -> None:
    merton = next(rules for rules in load_folder(config) if rules.name == "merton")
    adopted = merton.model_copy(update={"unconfirmed": False})
    invented = merton.model_copy(update={"unconfirmed": False, "invented": True})
    for demonstration, kept in ((False, [True, False, True]), (True, [True, False, False])):
        found = [rulebook.kept_out(rules, demonstration=demonstration) for rules in (merton, adopted, invented)]
        assert found == kept


def test_the_check_and_a_counted_deadline_say_that_nobody_has_confirmed_it(environment: dict[str, str]) -> None:
    done = mash(environment, "rules", "check")
    assert done.returncode == 0 and done.stdout.count("confirmed by nobody") == 6
    asked = ["rules", "due", "decision", "--borough", "oxfordshire", "--start", "2026-11-13T15:30", "--colour", "red"]
    done = mash(environment, *asked)
    assert "due_at 2026-11-13T19:30:00Z" in done.stdout
    assert "Published: Oxfordshire children's services procedures manual, Contacts and Referrals (undated, read" in (
        done.stdout
    )
    assert "Assumed: From receipt, by the clock: only red is in hours." in done.stdout
    assert "nobody at Oxfordshire has confirmed" in done.stdout


def test_a_replay_holds_only_the_boroughs_that_its_recording_is_about(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """So who announces a bank holiday to all does not depend on which other authorities there are."""
    kept = environment | {"MASH_DATABASE_URL": f"sqlite:///{tmp_path}/kept.db"}
    received = {"borough": "northbridge", "contact": "NB-1", "children": [{"label": "a"}]}
    holiday = {"date": "2026-11-10", "name": "A day of mourning"}
    lines = [
        {"at": "2026-11-09T09:00+00:00", "do": "receive_contact", "by": "contact_officer", **received},
        {"at": "2026-11-09T09:30+00:00", "do": "announce_bank_holiday", "by": "system", **holiday},
        {"at": "2026-11-09T10:00+00:00", "do": "end_of_record", "by": "system"},
    ]
    recording = tmp_path / "recording.jsonl"
    recording.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    words = ["replay", str(recording), "--out", str(tmp_path / "out"), "--database", kept["MASH_DATABASE_URL"]]
    done = mash(environment, *words)
    assert done.returncode == 0, done.stderr
    assert boroughs(kept) == ["northbridge"]


def test_a_recording_about_an_authority_is_replayed_under_its_rules(
    environment: dict[str, str], tmp_path: Path
) -> None:
    received = {"borough": "oxfordshire", "contact": "OX-1", "children": [{"label": "a"}]}
    lines = [
        {"at": "2026-11-13T15:30+00:00", "do": "receive_contact", "by": "contact_officer", **received},
        {"at": "2026-11-14T15:30+00:00", "do": "end_of_record", "by": "system"},
    ]
    recording, out = tmp_path / "recording.jsonl", tmp_path / "out"
    recording.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert mash(environment, "replay", str(recording), "--out", str(out)).returncode == 0
    results = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    screening = [line["due_at"] for line in results if line.get("clock") == "screening" and "due_at" in line]
    assert screening == ["2026-11-16T15:30:00Z"]
