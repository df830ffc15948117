"""A rule file that is wrong is refused with file, line, key and remedy; a right one means what it says."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from mash.errors import BadInput
from mash.rules.facts import ChildFacts, Facts
from mash.rules.loader import fingerprint, from_text, load_file, load_folder, resolved_text
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import NOTHING_FITS, suggest
from tests.support.hub import CONFIG, MONDAY, northbridge

NOT_RATED = "clocks.decision.by_rating.not_rated"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def changed(config: Path, old: str, new: str) -> tuple[Path, int]:
    """Northbridge's file with one thing changed, and the line where it stands."""
    file = config / "boroughs" / "northbridge.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("rating: {rerating", "ratng: {rerating", "ratng", "Did you mean `rating`?"),
        ("required_for: red}", "required_for: rde}", "agencies.police.required_for", "`rde` is not a colour"),
        ("{calendar: police,", "{calendar: polise,", "agencies.police.calendar", "`polise` is not a calendar"),
        ("mon: 09:00-17:15", "mon: 17:15-09:00", "calendars.hub.mon", "closes before it opens"),
        ("mon: 09:00-17:15", "mon: 09:00-25:15", "calendars.hub.mon", "`25:15` is not a time of day"),
        ("mon: 09:00-17:15", "mon: 09:00-12:00, 11:00-17:00", "calendars.hub.mon", "overlaps the window before it"),
        ("due: 4 clock_hours", "due: 4 parsecs", "clocks.decision.by_rating.red.due", "write an amount and a unit"),
        ("due: 4 clock_hours", "due: clock_hours", "clocks.decision.by_rating.red.due", "say how many"),
        ("to: handover_accepted", "to: hand_over_accepted", "clocks.edt_handover.to", "is not a moment or event"),
        ("warn: 30 min, escalate: 30 min", "warn: 2 h", "clocks.first_look.by_suggestion.red.warn", "Warn closer"),
        ("escalate: [1 h, 4 h]", "escalate: [4 h, 1 h]", "clocks.decision.by_rating.red.escalate", "must grow"),
        ("strategy_discussion_held:", "rated:", "events.rated", "Give the event another code"),
        ("    on_rerating: keeps_start", "    on_return: fixed", "clocks.decision.on_return", "'continue', 'pause'"),
        ("to: referrer_told", "to: referrer_told\n    on_return: pause", "clocks.feedback.on_return", "Remove it"),
        ("to: signed_off", "to: signed_off\n    restarts_on: reopen", "clocks.sign_off.restarts_on", "Remove it"),
        (
            "by_rating:\n      red:   {due: 4",
            "by_rating:\n      not_rated: {due: none}\n      red:   {due: 4",
            NOT_RATED,
            "waits",
        ),
        ("colour: red\n", "colour: rouge\n", "suggestions.S1.colour", "`rouge` is not a colour"),
        ("{child_under: 5}", "{child_undr: 5}", "suggestions.S2.when.all.1.child_undr", "`child_under`"),
        ("version: 1\n", "version: one\n", "version", "valid integer"),
        ("title: Northbridge\n", "", "title", "Add `title:`"),
    ],
)
def test_a_mistake_is_named_with_its_line_key_and_remedy(config: Path, old: str, new: str, key: str, said: str) -> None:
    file, line = changed(config, old, new)
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    problem = next(reason for reason in refused.value.reasons if f": {key}: " in reason)
    assert said in problem
    named = int(problem.removeprefix(f"{file}:").split(":")[0])
    assert abs(named - line) <= 2 or key == "title"


def test_all_problems_are_told_at_once(config: Path) -> None:
    changed(config, "mon: 09:00-17:15", "mon: 9-5")
    changed(config, "due: 4 clock_hours", "due: soon")
    file, _ = changed(config, "rating:", "raging:")
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    assert len(refused.value.reasons) == 3


def test_a_key_that_stands_twice_broken_yaml_and_circles_are_refused(config: Path) -> None:
    file, line = changed(config, "title: Northbridge", "title: Northbridge\ntitle: Again")
    with pytest.raises(BadInput, match=f"{file}:{line + 1}: title: stands here a second time"):
        load_file(file, config)
    file.write_text("name: [}", encoding="utf-8")
    with pytest.raises(BadInput, match=r"northbridge.yaml:1: cannot be read as YAML"):
        load_file(file, config)
    file.write_text("inherits: northbridge\n", encoding="utf-8")
    with pytest.raises(BadInput, match="goes round in a circle"):
        load_file(file, config)
    with pytest.raises(BadInput, match="cannot be read"):
        load_file(config / "boroughs" / "atlantis.yaml", config)


def test_a_calendar_without_working_time_is_refused(config: Path) -> None:
    file = config / "boroughs" / "northbridge.yaml"
    text = file.read_text(encoding="utf-8")
    start, end = text.index("  education:\n    mon"), text.index("  partners:")
    file.write_text(text[:start] + "  education: {bank_holidays: open}\n" + text[end:], encoding="utf-8")
    with pytest.raises(BadInput, match=r"calendars.education: no weekday has a window"):
        load_file(file, config)


def test_a_borough_inherits_the_statutory_minimum_and_replaces_what_it_names() -> None:
    rules = northbridge()
    assert rules.clocks["acknowledgement"].timescale is not None
    assert rules.clocks["acknowledgement"].timescale.due.words == "1 working day, until closing"
    assert rules.clocks["acknowledgement"].timescale.warn == (7200,)
    assert rules.kinds["advice"].clocks == ("acknowledgement",)  # type: ignore[index]
    assert rules.agencies["early_help"].label == "Early help"


def test_what_is_kept_in_the_database_reads_back_the_same() -> None:
    (rules,) = load_folder(CONFIG)
    again: RuleSet = from_text(resolved_text(rules))
    assert again == rules
    assert fingerprint(resolved_text(again)) == fingerprint(resolved_text(rules))


def facts(*concerns: str, children: tuple[ChildFacts, ...] = (ChildFacts(),)) -> Facts:
    day = MONDAY.date()
    return Facts(day, "referral", "phone", "1B", "given", frozenset(concerns), children)


def test_a_suggestion_says_why_and_where_nothing_fits_you_judge() -> None:
    rules = northbridge()
    assert suggest(rules, facts("bereavement")).because == (NOTHING_FITS,)
    both = suggest(rules, facts("physical_abuse"))
    assert both.rag == "red" and len(both.because) == 2
    assert both.because[0] == "Red: Physical abuse, and a child is under 5 or of unknown age."


@pytest.mark.parametrize(
    ("born", "rag"), [("2021-11-10", "red"), ("2021-11-09", "amber"), ("2026-11-09", "red"), (None, "red")]
)
def test_under_five_ends_on_the_fifth_birthday(born: str | None, rag: str) -> None:
    child = ChildFacts(date.fromisoformat(born) if born else None)
    assert suggest(northbridge(), facts("physical_abuse", children=(child,))).rag == rag


def test_an_unborn_child_is_not_under_five_and_is_named_where_meant() -> None:
    unborn = ChildFacts(expected_date_of_delivery=MONDAY.date())
    assert suggest(northbridge(), facts("physical_abuse", children=(unborn,))).rag == "amber"
    assert suggest(northbridge(), facts("domestic_abuse", children=(unborn,))).rag == "red"
