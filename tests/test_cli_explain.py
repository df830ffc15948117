"""`mash rules explain` and `mash rules what-if`: what they print, and one message for every mistake."""

import subprocess
from pathlib import Path

import pytest

from mash.vocabulary import Verb
from tests.support.databases import SqliteFiles
from tests.support.hub import Hub
from tests.test_cli import environment, mash

__all__ = ["environment"]


@pytest.fixture(scope="module")
def explained(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A database with a contact that was rated green and then amber: its address, and the reference."""
    file = tmp_path_factory.mktemp("explained") / "hub.db"
    with sqlite_files.copy("live") as db:
        hub = Hub(db)  # Monday 9 November 2026, 10:00
        contact_id = hub.screened("green", concerns=["neglect"], agreement={"status": "given"})
        hub.later(hours=1)
        hub.do("screener", Verb.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")
        reference = hub.page(contact_id).reference
        db.close()
        Path(file).write_bytes(Path(str(db.url.database)).read_bytes())
    return f"sqlite:///{file}", reference


def explain(environment: dict[str, str], where: tuple[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return mash(environment | {"MASH_DATABASE_URL": where[0]}, "rules", "explain", where[1], *words)


def test_a_contact_is_explained_by_its_reference(environment: dict[str, str], explained: tuple[str, str]) -> None:
    done = explain(environment, explained)
    assert done.returncode == 0, done.stderr
    for said in (
        "It follows the rules of Northbridge, version 1, in force from 1 January 2026, to the end.",
        "S6: Amber: A concern of harm that needs more than advice.",
        "Rules that do not fit:",
        "In the rule set: clocks.decision.by_rating.amber",
        "The colour changed: from Thursday 12 November 2026 17:15 to Tuesday 10 November 2026 10:00.",
        "before: Due Thursday 12 November 2026 17:15.",
        "Due Tuesday 10 November 2026 10:00.",
    ):
        assert said in done.stdout, said
    assert "Tiana" not in done.stdout and "Mockford" not in done.stdout


def test_one_clock_as_it_stood_then(environment: dict[str, str], explained: tuple[str, str]) -> None:
    done = explain(environment, explained, "--clock", "decision", "--at", "2026-11-09T10:30")
    assert "Due Thursday 12 November 2026 17:15." in done.stdout and "Moved" not in done.stdout
    assert "First look" not in done.stdout and "suggested, since" not in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--clock", "no_such"], "--clock: `no_such` is not a clock of northbridge@1: acknowledgement,"),
        (["--at", "yesterday"], "--at: `yesterday` is not an instant. Write it like 2026-11-13T16:30."),
        (["--at", "2199-01-01T00:00"], "--at: lies in the future."),
        (["--at", "2026-11-09T09:00"], "was not recorded yet. Give a later instant."),
        (["--at", "2026-10-25T01:30"], "came twice. Write 2026-10-25T01:30+01:00 for summer time"),
        (["--borough", "eastmere"], "There is no contact"),
    ],
)
def test_a_mistake_is_one_message(
    environment: dict[str, str], explained: tuple[str, str], words: list[str], says: str
) -> None:
    done = explain(environment, explained, *words)
    assert done.returncode == 2 and says in done.stderr and done.stdout == "" and "Traceback" not in done.stderr


def test_what_would_be_due_is_printed_from_the_files(environment: dict[str, str]) -> None:
    done = mash(environment, "rules", "what-if", "northbridge", "--at", "2026-12-24T16:50")
    assert "Red         Thursday 24 December 2026 20:50, in 4 hours" in done.stdout
    assert "All         Tuesday 29 December 2026 10:00, in 4 days 17 hours" in done.stdout
    one = mash(environment, "rules", "what-if", "northbridge", "--at", "2026-10-25T01:30+00:00", "--clock", "decision")
    assert "Red         Sunday 25 October 2026 05:30 GMT, in 4 hours" in one.stdout
    assert "  1. Starts Sunday 25 October 2026 01:30 GMT." in one.stdout and "First look" not in one.stdout
    now = mash(environment, "rules", "what-if", "northbridge")
    assert "Also worth asking" in now.stdout and "24 December at 16:50" in now.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["nowhere"],
            "BOROUGH: there are no rules of `nowhere`. "
            "There are gloucestershire, islington, merton, northbridge, oxfordshire, st-helens, surrey.",
        ),
        (["northbridge", "--version", "9"], "--version: `northbridge` has no version 9 here."),
        (["northbridge", "--at", "2027-03-28T01:30"], "the clocks went forward that night"),
        (["northbridge", "--at", "2024-03-28T01:30"], "--at: no rules of `northbridge` are in force then."),
        (["northbridge", "--clock", "no_such"], "--clock: `no_such` is not a clock of northbridge@1"),
    ],
)
def test_a_question_that_has_no_answer_is_one_message(environment: dict[str, str], words: list[str], says: str) -> None:
    done = mash(environment, "rules", "what-if", *words)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
