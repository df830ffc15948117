"""A rule file that is wrong is refused with file, line, key and remedy; a right one means what it says."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from mash.errors import BadInput
from mash.rules.facts import ChildFacts, Facts
from mash.rules.loader import fingerprint, from_text, load_file, load_folder, resolved_text
from mash.rules.notation import Ladder
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import NOTHING_FITS, suggest
from tests.support.hub import CONFIG, MONDAY, northbridge

NOT_RATED = "clocks.decision.by_rating.not_rated"
WORKING_DAYS = "calendars.hub.working_days"
SUNDAYS = ", ".join(f"{day}: closed" for day in ("mon", "tue", "wed", "thu", "fri", "sat")) + ", sun: 09:00-17:00"
CUT_OFF = "intake: {{calendar: hub, cut_off: {}}}\nclosing: {{"
REQUIRED = "agencies.police.required_for_concerns"
WHO = "who_may.{}"
LIFTS = "exceptions.fii.lifts"
RETURN = "clocks.agency_return.by_rating.{}"
SIGNED = "    to: signed_off"
SIGN_OFF = "clocks.sign_off.timescale.warn"
AMBER = "clocks.decision.by_rating.amber.warn"


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
        ("strategy_discussion_held:", "rated:", "events.rated", "Give it another code"),
        ("    on_rerating: keeps_start", "    on_return: fixed", "clocks.decision.on_return", "continue, pause, reset"),
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
        ("version: 1\n", "version: one\n", "version", "write a whole number"),
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


COULD_NEVER_WORK = [
    ("  S1:\n", "  Süd:\n", "suggestions.Süd", "is not a code"),
    (
        "  partners: *office_hours",
        "  partners: *office_hours\n  agency: *office_hours",
        "calendars.agency",
        "uses itself",
    ),
    (
        "  red:   {label: Red,",
        "  red:   {type_of_work: Advice, label: Red,",
        "colours.red.type_of_work",
        "put it first",
    ),
    ("open_cases:", "kinds: {advice: ~}\nopen_cases:", "kinds.advice", "Add `advice: {}`"),
    ("open_cases:", "kinds: {advice: {clocks: feedback}}\nopen_cases:", "kinds.advice.clocks", "begins for every kind"),
    ("    sun: closed\n    dates", "    dates", "calendars.hub.sun", "Write the hours of that weekday"),
    ("    sun: closed\n    dates", "    sun: closed\n    working_days: hbu\n    dates", WORKING_DAYS, "`hbu` is not"),
    (
        "  police:\n",
        f"  fair: {{{SUNDAYS}, working_days: hub}}\n  police:\n",
        "calendars.fair.working_days",
        "no weekday",
    ),
    (
        "  police:\n",
        f"  fair: {{{SUNDAYS}, working_days: fete}}\n  fete: {{{SUNDAYS}, working_days: police}}\n  police:\n",
        "calendars.fair.working_days",
        "Write `police`",
    ),
    ("closing: {", "intake: {calendar: hubb}\nclosing: {", "intake.calendar", "Did you mean `hub`?"),
    ("closing: {", "intake: {in_hours: Day team}\nclosing: {", "intake", "`in_hours` needs a `calendar`"),
    ("closing: {", CUT_OFF.format("{at: 16:30, clocks: feedback}"), "intake.cut_off.clocks", "has no `calendar`"),
    ("closing: {", CUT_OFF.format("{at: 16:30, clocks: [screening, ratd]}"), "intake.cut_off.clocks.1", "not a clock"),
    (
        "closing: {",
        CUT_OFF.format("{at: 16:30, clocks: screening, not_for: rde}"),
        "intake.cut_off.not_for",
        "not a colour",
    ),
    ("closing: {", CUT_OFF.format("{clocks: screening}"), "intake.cut_off", "exactly one of `at` and `before_closing`"),
    (
        "calendar: police, required_for: red",
        "calendar: police, required_for_concerns: abuse",
        REQUIRED,
        "not a concern",
    ),
    (
        "agreement_needed_for: green",
        "agreement_needed_for: gren",
        "sharing.agreement_needed_for",
        "Did you mean `green`?",
    ),
    (
        "oversight_for: red}",
        "oversight_for: [red, always]}",
        "outcomes.information_and_advice.oversight_for",
        "stand alone",
    ),
    (
        "closing: {",
        "who_may: {announce_bank_holiday: edt}\nclosing: {",
        WHO.format("announce_bank_holiday"),
        "not about one",
    ),
    (
        "closing: {",
        "who_may: {rate_contact: contact_officer}\nclosing: {",
        WHO.format("rate_contact"),
        "may not do this",
    ),
    ("closing: {", "exceptions: {fii: {label: FII, lifts: statutory_decision}}\nclosing: {", LIFTS, "nothing lifts it"),
    ("closing: {", "exceptions: {fii: {label: FII, lifts: ack}}\nclosing: {", LIFTS, "is not a clock"),
    ("to: signed_off", "to: decision_recorded", "clocks.sign_off.to", "is also what starts it"),
    (
        "to: rated\n    calendar: hub",
        "to: rated\n    calendar: agency",
        "clocks.screening.calendar",
        "agency's calendar",
    ),
    ("from: agency_asked", "from: [agency_asked, rated]", "clocks.agency_return.from", "stands alone"),
    (
        "      not_rated: {due: 4 working_hours, warn: 1 h, escalate: 2 h}\n",
        "",
        RETURN.format("not_rated"),
        "a timescale",
    ),
    ("      green:     {due: 12 working_hours, warn: 2 h, escalate: 4 h}\n", "", RETURN.format("green"), "a timescale"),
    (SIGNED, f"{SIGNED}\n    pausable_for: rde", "clocks.sign_off.pausable_for", "not a colour"),
    (SIGNED, f"{SIGNED}\n    only_for: {{levels: 5}}", "clocks.sign_off.only_for.levels", "not a threshold level"),
    (SIGNED, f"{SIGNED}\n    only_for: {{agencies: police}}", "clocks.sign_off.only_for.agencies", "Remove it"),
    (SIGNED, f"{SIGNED}\n    only_for: {{outcomes: help}}", "clocks.sign_off.only_for.outcomes", "not an outcome"),
    (SIGNED, f"{SIGNED}\n    only_for: {{}}", "clocks.sign_off.only_for", "Say for which contacts"),
    ("to: rated\n", "to: rated\n    only_for: {levels: 4}\n", "clocks.screening.only_for.levels", "is not known yet"),
    (
        "{due: 72 clock_hours, escalate: 24 h}",
        "{due: none, escalate: 24 h}",
        "clocks.feedback.timescale.escalate",
        "no such",
    ),
    (
        "due: 72 clock_hours, escalate",
        "due: 72 working_hours, escalate",
        "clocks.feedback.timescale.due",
        "needs opening hours",
    ),
    ("24 h}", "24 h, no_later_than: none}", "clocks.feedback.timescale.no_later_than", "never the earlier"),
    ("24 h}", "24 h, at_closing: pause}", "clocks.feedback.timescale", "runs on past closing"),
    ("due: end_of_same_working_day, warn: 1 h", "due: end_of_same_working_day, warn: 9 h", SIGN_OFF, "Warn closer"),
    ("due: 1 working_days_same_time, warn: 2 h", "due: 1 working_days_same_time, warn: 30 h", AMBER, "Warn closer"),
    (
        "due: 1 working_days_same_time, warn: 2 h",
        "due: 1 working_days_same_time, warn: 0 h",
        AMBER,
        "Give it some time",
    ),
    (
        "due: 1 working_days_same_time, warn: 2 h",
        "due: 1 working_days_same_time, warn: [1 h, 2 h]",
        AMBER,
        "the longest time",
    ),
    (
        "escalate: [2 h, 8 h]",
        "escalate: [2 h to nobody]",
        "clocks.decision.by_rating.amber.escalate.0",
        "is not a role",
    ),
    ("{child_under: 5}", "{outside_hours_of: hbu}", "suggestions.S2.when.all.1.outside_hours_of", "not a calendar"),
    ("{child_under: 5}", "{not: {any_concern: abuse}}", "suggestions.S2.when.all.1.not.any_concern", "not a concern"),
    ("{child_under: 5}", "{child_aged: {at_least: 9, at_most: 3}}", "suggestions.S2.when.all.1.child_aged", "no child"),
    (
        "within_days: 365}",
        "within_days: 365, concerns: abuse}",
        "suggestions.S9.when.contact_days.concerns",
        "not a concern",
    ),
    (
        "{child_under: 5}",
        "{received_between: 09:00-09:00}",
        "suggestions.S2.when.all.1.received_between",
        "begins when it ends",
    ),
    ("{child_under: 5}", "{child_under: 5, children: 2}", "suggestions.S2.when.all.1", "exactly one key"),
    ("pass_on: true, clocks: [ack", "pass_on: true, clocks: [rated, ack", "open_cases.clocks.0", "not a clock"),
]


@pytest.mark.parametrize(("old", "new", "key", "said"), COULD_NEVER_WORK)
def test_what_could_never_work_is_refused(config: Path, old: str, new: str, key: str, said: str) -> None:
    file, _ = changed(config, old, new)
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    (problem,) = refused.value.reasons
    assert f": {key}: " in problem and said in problem


def test_an_agency_is_not_required_for_a_colour_that_asks_nobody(config: Path) -> None:
    file, _ = changed(config, "label: Red, tag", "label: Red, asks_nobody: true, tag")
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    keys = [reason.split(": ")[1] for reason in refused.value.reasons]
    assert keys == [f"agencies.{code}.required_for" for code in ("police", "health", "education")]
    assert all("for `red` nobody is asked" in reason for reason in refused.value.reasons)


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
    with pytest.raises(BadInput, match=r"northbridge.yaml:1: cannot be read: a bracket opens in this line"):
        load_file(file, config)
    file.write_text("inherits: northbridge\n", encoding="utf-8")
    with pytest.raises(BadInput, match="goes round in a circle"):
        load_file(file, config)
    with pytest.raises(BadInput, match=r"atlantis.yaml:1: is not there"):
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
    assert rules.clocks["acknowledgement"].timescale.warn == (Ladder(7200),)
    assert rules.kinds["advice"].clocks == ("acknowledgement",)  # type: ignore[index]
    assert rules.agencies["early_help"].label == "Early help"


def test_what_is_kept_in_the_database_reads_back_the_same() -> None:
    for rules in load_folder(CONFIG):
        again: RuleSet = from_text(resolved_text(rules))
        assert again == rules
        assert fingerprint(resolved_text(again)) == fingerprint(resolved_text(rules))


def facts(*concerns: str, children: tuple[ChildFacts, ...] = (ChildFacts(),)) -> Facts:
    return Facts(MONDAY, "referral", "phone", "1B", "given", frozenset(concerns), children)


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
