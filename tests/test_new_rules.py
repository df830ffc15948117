"""`mash rules new`: whatever is answered, the file loads and counts as answered; nothing is overwritten."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mash.cli import app
from mash.errors import BadInput
from mash.rules import answers
from mash.rules.calendars import london
from mash.rules.contract import broken
from mash.rules.counting import Question, count, london_instant
from mash.rules.loader import load_file
from mash.rules.ruleset import RuleSet
from mash.settings import ROOT
from tests.support.hub import CONFIG

START = "2026-11-13T16:30"
"""A Friday, half an hour before closing."""
GIVEN = {
    "--title": "Riverside",
    "--prefix": "RS",
    "--in-force-from": "2026-04-01",
    "--confirms": "the head of service",
    "--bank-holidays": "no",
    "--colours": "RAG",
    "--acknowledgement": "1 working day until closing",
    "--feedback": "none",
    "--agencies": "none",
}
HOURS = ("mon-thu 09:00-17:15", "fri 09:00-17:00", "sat-sun closed")
TIMES = ("red=4 clock hours", "amber=1 working day until closing", "green=3 working days until closing")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of one's own."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    monkeypatch.setenv("MASH_CONFIG", str(folder))
    return folder


def words(*, hours: tuple[str, ...] = HOURS, times: tuple[str, ...] = TIMES, **given: str | None) -> list[str]:
    """Every question answered by an option, but for those that are None."""
    said = GIVEN | {f"--{key.replace('_', '-')}": answer for key, answer in given.items()}
    repeated = [*(("--hours", line) for line in hours), *(("--time", line) for line in times)]
    pairs = [*((option, answer) for option, answer in said.items() if answer is not None), *repeated]
    return [word for pair in pairs for word in pair]


def new(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["rules", "new", "riverside", *arguments], input=typed)


def made(config: Path, *arguments: str, typed: str = "") -> RuleSet:
    done = new(*arguments, typed=typed)
    assert done.exit_code == 0, (done.output, done.exception)
    rules = load_file(config / "boroughs" / "riverside.yaml", config)
    assert not broken(rules)
    return rules


def refused(*arguments: str, typed: str = "") -> str:
    done = new(*arguments, typed=typed)
    assert isinstance(done.exception, BadInput), (done.output, done.exception)
    (reason,) = done.exception.reasons
    return reason


def due(rules: RuleSet, clock: str, colour: str | None = None, start: str = START) -> str:
    scale = rules.clocks[clock].timescale_for(colour, None, None)
    assert scale is not None
    asked = Question(rules, clock, "police" if "return" in clock else "", colour)
    return f"{london(count(asked, scale, london_instant(start), ()).due_at):%d %b %H:%M}"


# -- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("4 clock hours", "13 Nov 20:30"),
        ("4 working hours", "16 Nov 12:30"),
        ("1 working hour", "16 Nov 09:30"),
        ("4 hours from opening", "13 Nov 20:30"),
        ("1 working day until closing", "16 Nov 17:15"),
        ("3 working days until closing", "18 Nov 17:15"),
        ("1 working day until the same time", "16 Nov 16:30"),
        ("5 calendar days", "18 Nov 16:30"),
        ("2 weeks", "27 Nov 16:30"),
        ("end of the working day", "13 Nov 17:00"),
        ("1 Working Day  until closing", "16 Nov 17:15"),
        ("by_time_next_working_day 09:00", "16 Nov 09:00"),
    ],
)
def test_a_deadline_is_what_was_answered(said: str, wanted: str, config: Path) -> None:
    times = (f"red={said}", *TIMES[1:])
    rules = made(config, *words(times=times, acknowledgement=said, feedback=said))
    assert [due(rules, "decision", "red"), due(rules, "acknowledgement"), due(rules, "feedback")] == [wanted] * 3
    assert due(rules, "decision", "green") == "18 Nov 17:15"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("4 hours", "Say which hours: `4 clock hours`, nights and weekends too, or `4 working hours`."),
        ("1 working day", "Say until when: `1 working day until closing`, or `1 working day until the same time`."),
        ("5 days", "Say which days: `5 calendar days`, weekends too, or `5 working days until closing`."),
        ("soon", "`soon` is not understood: write it like `4 clock hours`, "),
        ("0 clock hours", "`0` is not an amount. Write a number above zero, like `4 clock_hours`."),
    ],
)
def test_a_time_that_can_be_read_in_two_ways_is_asked_again(said: str, told: str, config: Path) -> None:
    arguments = words(times=TIMES[1:])
    done = new(*arguments, typed=f"{said}\n4 clock hours\n")
    assert done.exit_code == 0 and told in done.output
    file = config / "boroughs" / "riverside.yaml"
    assert due(load_file(file, config), "decision", "red") == "13 Nov 20:30"
    file.unlink()
    assert told in refused(*words(times=(f"red={said}", *TIMES[1:])))


# -- colours, hours, agencies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colours", "codes"),
    [
        ("RAG", ["green", "amber", "red"]),
        ("brag", ["blue", "green", "amber", "red"]),
        ("levels", ["level_1", "level_2", "level_3", "level_4"]),
        ("white, sunset yellow, Red", ["white", "sunset_yellow", "red"]),
    ],
)
@pytest.mark.parametrize("agencies", ["none", "police, Women's Aid"])
@pytest.mark.parametrize("feedback", ["none", "24 clock hours"])
def test_every_scheme_gives_a_sound_file(
    colours: str, codes: list[str], agencies: str, feedback: str, config: Path
) -> None:
    top, low = codes[-1], codes[0]
    times = tuple(f"{code}={'none' if code == low else f'{n} working hours'}" for n, code in enumerate(codes))
    asked = ["--ask", f"police={top}", "--ask", "Women's Aid=none"] if agencies != "none" else []
    rules = made(config, *words(colours=colours, agencies=agencies, feedback=feedback, times=times), *asked)
    assert list(rules.colours) == codes and rules.unconfirmed
    lowest = rules.clocks["decision"].timescale_for(low, None, None)
    assert lowest is not None and not lowest.has_target
    assert due(rules, "decision", codes[1]) == "16 Nov 09:30"  # half an hour on Friday, half an hour on Monday
    assert ("feedback" in rules.clocks) == (feedback != "none")
    if agencies == "none":
        assert not rules.agencies and "agency_return" not in rules.clocks
    else:
        assert {code: agency.label for code, agency in rules.agencies.items()} == {
            "police": "Police",
            "womens_aid": "Women's Aid",
        }
        assert rules.agencies["police"].required_for == (top,) and not rules.agencies["womens_aid"].required_for
        assert due(rules, "agency_return", codes[1]) == "16 Nov 09:30"


def test_colours_that_stand_for_levels_or_ask_nobody_say_so(config: Path) -> None:
    rules = made(config, *words(colours="levels", times=tuple(f"level_{n}=none" for n in range(1, 5))))
    assert [colour.level for colour in rules.colours.values()] == [1, 2, 3, 4]
    (config / "boroughs" / "riverside.yaml").unlink()
    rules = made(config, *words(colours="BRAG", times=("blue=none", *TIMES)))
    assert [code for code, colour in rules.colours.items() if colour.asks_nobody] == ["blue"]


@pytest.mark.parametrize(("opened", "wanted"), [("yes", "04 May 09:00"), ("no", "05 May 09:30")])
def test_the_hours_and_bank_holidays_are_those_answered(opened: str, wanted: str, config: Path) -> None:
    """From Thursday 30 April 2026 16:45; Monday 4 May is a bank holiday. Half an hour, then closed on Friday."""
    hours = ("mon 08:30-12:00, 13:00-16:30", "tue-thu 09:00-17:15", "fri-sun closed")
    times = ("red=1 working hours", *TIMES[1:])
    rules = made(config, *words(hours=hours, times=times, bank_holidays=opened))
    assert due(rules, "decision", "red", "2026-04-30T16:45") == wanted


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (words(title=" "), "--title: Write a few words, on one line."),
        (words(prefix="rs"), "--prefix: `rs` is not a prefix: use two to four capital letters, like RS."),
        (words(prefix="NB"), "--prefix: `NB` begins the references of another borough already: use other letters."),
        (words(in_force_from="May"), "--in-force-from: `May` is not a date from 2000 to 2100"),
        (words(bank_holidays="perhaps"), "--bank-holidays: Write `yes` or `no`."),
        (words(colours="red"), "--colours: Write `RAG`, `BRAG`, `levels`, or colours of your own with commas"),
        (words(colours="red, Red"), "--colours: Each colour needs a name of its own in letters"),
        (words(colours="green, always"), "--colours: Each colour needs a name of its own in letters"),
        (words(hours=("mon-fri 09:00-17:00",)), "--hours: The hours of sat, sun are missing"),
        (words(hours=("mon-sun closed",)), "--hours: No weekday is open"),
        (words(hours=("mon-sun 9-5",)), "--hours: `9` is not a time of day: write it like 09:00 or 17:15."),
        (words(hours=("weekdays 09:00-17:00",)), "--hours: `weekdays 09:00-17:00` is not understood"),
        (words(times=("mauve=none",)), "--time: `mauve=none` is not understood. Write one of green, amber, red, `=`"),
        ([*words(agencies="police"), "--ask", "police=mauve"], "--ask: `mauve` is no colour for which agencies"),
        ([*words(agencies="police"), "--ask", "health=red"], "--ask: `health=red` is not understood. Write one of"),
    ],
)
def test_a_wrong_option_is_one_message_and_nothing_is_written(arguments: list[str], told: str, config: Path) -> None:
    assert told in refused(*arguments)
    assert not (config / "boroughs" / "riverside.yaml").exists()


# -- the dialogue -----------------------------------------------------------------------------------------------------

DIALOGUE = """\

rs
RS
soon
2026-04-01
the head of service
traffic lights
RAG
9-5
09:00-17:15



09:00-17:00


maybe
no
4 hours
4 clock hours
1 working day until closing
3 working days until closing


police
mauve
amber, red
"""


def test_the_dialogue_asks_again_until_it_understands(config: Path) -> None:
    rules = made(config, typed=DIALOGUE)
    assert (rules.title, rules.reference_prefix, rules.source) == (
        "Riverside",
        "RS",
        "To be confirmed by the head of service",
    )
    assert [due(rules, "decision", colour) for colour in ("red", "amber", "green")] == [
        "13 Nov 20:30",
        "16 Nov 17:15",
        "18 Nov 17:15",
    ]
    assert rules.agencies["police"].required_for == ("amber", "red")


def test_the_file_is_for_people_to_read(config: Path) -> None:
    made(config, typed=DIALOGUE)
    text = (config / "boroughs" / "riverside.yaml").read_text(encoding="utf-8")
    assert text.count("# ----") == 7 and "docs/add-a-borough.md" in text
    assert "      red:   {due: 4 clock_hours}\n      amber: {due: 1 working_days_close}\n" in text
    assert all(len(line) <= 120 for line in text.splitlines())


def test_what_is_next_is_said(config: Path) -> None:
    done = new(*words())
    for command in ("mash rules check", "mash rules due", "mash rules compare", "mash import", "docs/authorities.md"):
        assert command in done.output


def test_when_it_is_broken_off_nothing_is_there(config: Path) -> None:
    before = sorted(config.rglob("*"))
    done = new(typed="Riverside\nRS\n")
    assert done.exit_code == 1
    command = [sys.executable, "-c", "from mash.cli import main; main()", "rules", "new", "riverside"]
    environment = os.environ | {"MASH_CONFIG": str(config)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.read(5) == b"The b"  # the first question
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 1
    assert sorted(config.rglob("*")) == before


def test_a_file_that_is_there_is_never_touched(config: Path) -> None:
    elsewhere = config / "elsewhere.yaml"
    elsewhere.write_text("# mine\n", encoding="utf-8")
    for arguments in ([], words()):
        done = new(*arguments, "--out", str(elsewhere))
        assert isinstance(done.exception, BadInput) and "is there already: nothing was written" in str(done.exception)
        assert done.output == ""  # before anything is asked
    assert elsewhere.read_text(encoding="utf-8") == "# mine\n"
    assert "there is no such folder" in refused(*words(), "--out", str(config / "nowhere" / "riverside.yaml"))


def test_a_name_that_is_taken_or_not_a_name_is_refused_before_anything_is_asked(config: Path) -> None:
    for name, told in (("northbridge", "There are rules of `northbridge` already."), ("River", "is not a short name")):
        done = CliRunner().invoke(app, ["rules", "new", name])
        assert isinstance(done.exception, BadInput) and told in str(done.exception) and not done.output


# -- from an authority ------------------------------------------------------------------------------------------------

SIX = ("gloucestershire", "islington", "merton", "oxfordshire", "st-helens", "surrey")


@pytest.mark.parametrize("other", SIX)
def test_it_can_begin_from_an_authority(other: str, config: Path) -> None:
    theirs = load_file(CONFIG / "boroughs" / f"{other}.yaml", CONFIG)
    own = {"title": "Riverside: a “new” town", "prefix": "RS", "in_force_from": "2026-04-01", "confirms": "D. O'Brien"}
    arguments = [word for key, value in own.items() for word in (f"--{key.replace('_', '-')}", value)]
    rules = made(config, "--from", other, *arguments)
    assert (rules.name, rules.title, rules.reference_prefix) == ("riverside", own["title"], "RS")
    assert (
        rules.unconfirmed and rules.source == f"To be confirmed by D. O'Brien; begun from the rules of {theirs.title}"
    )
    renamed: dict[str, Any] = {key: getattr(rules, key) for key in ("name", "title", "reference_prefix", "source")}
    assert rules == theirs.model_copy(update=renamed | {"in_force_from": rules.in_force_from})
    head = (config / "boroughs" / "riverside.yaml").read_text(encoding="utf-8").splitlines()[:2]
    assert theirs.title.upper() in head[1] and "begun from the rules of" in head[0]


def test_only_an_authority_can_be_begun_from(config: Path) -> None:
    for other in ("northbridge", "_published", "atlantis"):
        assert f"--from: `{other}` is none of the authorities to begin from: {', '.join(SIX)}." in refused(
            "--from", other
        )


def test_an_answer_is_read_as_the_rule_file_reads_it() -> None:
    assert answers.time_allowed("No target") == answers.time_allowed("none") == "none"
    assert answers.day("2026-04-01") == date(2026, 4, 1)
    assert answers.agencies("police, Early help") == {"police": "police", "early_help": "Early help"}
