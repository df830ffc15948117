"""Every rule set that we ship keeps the contract, and the contract notices those that do not."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mash.rules.calendars import WorkingTime
from mash.rules.contract import broken, invented_facts
from mash.rules.loader import load_file
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import Span, Unit
from tests.plugins.installing import PROJECT, on_path, write
from tests.support.hub import CONFIG, northbridge, northbridge_with

SHIPPED = sorted(file for file in (CONFIG / "boroughs").glob("*.yaml") if not file.name.startswith("_"))
UNITS = (
    "4 clock_hours",
    "13 working_hours",
    "4 run_through_hours",
    "3 working_days_close",
    "1 working_days_close rolled_to_opening",
    "1 working_days_same_time",
    "end_of_same_working_day",
    "by_time_next_working_day 01:30",
    "1 calendar_days_same_time",
    "1 calendar_weeks rolled_to_opening",
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """An empty folder of installed packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    with on_path(folder):
        yield folder


def with_condition(python: str) -> RuleSet:
    rule = {"colour": "red", "when": {"python": python}, "because": "It was written in Python."}
    return northbridge_with(suggestions__P1=rule)


def with_calendar(kind: type[WorkingTime], **changes: object) -> RuleSet:
    """Northbridge by a calendar of the hub that counts as it likes; of the clocks only the one named."""
    rules = northbridge_with(**changes)
    calendars = rules.working_times(frozenset())
    calendars["hub"] = kind(rules.calendars["hub"].calendar(), frozenset(rules.bank_holidays))
    return rules


# -- who keeps it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_rule_set_that_we_ship_keeps_the_contract(file: Path, seed: int) -> None:
    assert broken(load_file(file, CONFIG), seed) == []


def test_the_rule_set_of_a_package_keeps_it_by_the_same_measure(fresh: Path) -> None:
    source = (PROJECT / "riverside_rules" / "__init__.py").read_text(encoding="utf-8")
    rules_file = write(fresh, "riverside_rules", source.replace('"riverside.yaml"', '"rules.yaml"')) / "rules.yaml"
    rules_file.write_text((PROJECT / "riverside_rules" / "riverside.yaml").read_text(encoding="utf-8"), "utf-8")
    assert broken(load_file(rules_file, CONFIG)) == []


@pytest.mark.parametrize("roll", ["", " roll_forward", " roll_back"])
def test_every_unit_keeps_order_at_a_hub_that_never_closes_and_at_one_open_at_night(roll: str) -> None:
    always = dict.fromkeys(DAYS, "00:00-24:00") | {"bank_holidays": "open"}
    calendars = {
        "always": always,
        "always_with_days_off": always | {"working_days": "hub"},
        "nights": dict.fromkeys(DAYS, "00:00-02:15, 22:00-24:00"),
        "an_hour_a_week": dict.fromkeys(DAYS, "closed") | {"wed": "10:00-11:00"},
    }
    changes: dict[str, object] = {f"calendars__{name}": hours for name, hours in calendars.items()}
    for name in calendars:
        for n, unit in enumerate(UNITS):
            scale = {"due": unit + roll, "warn": ["20 min", "5 min"], "escalate": ["10 min", "2 h"]}
            clock = {"label": "Plan", "from": "receipt", "to": "closed", "calendar": name, "timescale": scale}
            changes[f"clocks__{name}_{n}"] = clock
    assert broken(northbridge_with(**changes)) == []


def test_a_cut_off_is_part_of_it() -> None:
    cut_off = {"at": "16:30", "clocks": ["screening", "decision"], "not_for": "red"}
    assert broken(northbridge_with(intake={"calendar": "hub", "cut_off": cut_off})) == []


def test_the_same_seed_tries_the_same_facts_and_they_are_as_varied_as_contacts_are() -> None:
    cases = invented_facts(northbridge(), 7)
    assert cases == invented_facts(northbridge(), 7) != invented_facts(northbridge(), 8)
    children = [child for facts in cases for child in facts.children]
    assert {child.unborn for child in children} == {True, False}
    assert any(child.age(date(2026, 1, 1)) is None and not child.unborn for child in children)
    assert any(len(child.earlier) > 3 for child in children) and any(not child.earlier for child in children)
    assert {len(facts.concerns) for facts in cases} >= {0, 1, 2, 3, 5}
    assert {facts.parents_informed for facts in cases} == {None, True, False}
    assert all(facts.children for facts in cases)


# -- what it notices --------------------------------------------------------------------------------------------------


WRONG = """
import time
from random import random

asked, seen = [], set()

def raises(facts):
    return facts.children[7].open_case

def takes_nothing():
    return True

def ends(facts):
    raise SystemExit

def counts(facts):
    return len(facts.concerns)

def says_nothing(facts):
    pass

def tosses(facts):
    return random() < 0.5

def tires(facts):
    asked.append(facts)
    return len(asked) > 60

def remembers(facts):
    seen.add(id(facts))
    asked.append(facts)
    return len(seen) % 2 == 0

def dawdles(facts):
    time.sleep(0.06)
    return True

ALL = (raises, takes_nothing, ends, counts, says_nothing, tosses, tires, remembers, dawdles)
RULES = PythonRuleSet(conditions={condition.__name__: condition for condition in ALL})
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raises", "raises IndexError in __init__.py, line 11, for number 0"),
        ("takes_nothing", "raises TypeError in contract.py"),
        ("ends", "raises SystemExit in __init__.py, line 17"),
        ("counts", "gives int instead of True or False"),
        ("says_nothing", "gives NoneType instead of True or False"),
        ("tosses", "is not always the same"),
        ("tires", "is not always the same"),
        ("remembers", "is not always the same"),
        ("dawdles", "takes too long: a contact waits for it"),
    ],
)
def test_a_condition_that_no_contact_should_meet_is_named(fresh: Path, name: str, said: str) -> None:
    write(fresh, "wrong", WRONG)
    (sentence,) = broken(with_condition(f"riverside.{name}"))
    assert sentence.startswith(f"The condition riverside.{name} {said}")
    assert sentence.endswith(" of invented_facts.")


def test_a_condition_is_tried_wherever_it_stands_and_told_of_once(fresh: Path) -> None:
    write(fresh, "wrong", 'RULES = PythonRuleSet(conditions={"bad": lambda facts: 1, "good": lambda facts: True})\n')
    bad, good = {"python": "riverside.bad"}, {"python": "riverside.good"}
    deep = {"all": [{"anonymous": "true"}, {"not": {"any": [good, bad]}}]}
    rule = {"colour": "green", "because": "It was written in Python."}
    rules = northbridge_with(suggestions={"A": rule | {"when": deep}, "B": rule | {"when": bad}})
    assert [sentence.split(" gives ")[0] for sentence in broken(rules)] == ["The condition riverside.bad"]


def test_what_the_checker_would_refuse_is_not_tried() -> None:
    rules = northbridge()
    gone = rules.model_copy(update={"open_cases": rules.open_cases.model_copy(update={"clocks": ("gone",)})})
    (sentence,) = broken(gone)
    assert sentence.startswith("open_cases.clocks") and "`gone` is not a clock" in sentence


def test_a_rule_set_that_does_not_read_back_is_named() -> None:
    rules = northbridge()
    feedback = rules.clocks["feedback"]
    assert feedback.timescale is not None
    backwards = feedback.timescale.model_copy(update={"due": Span(Unit.CLOCK_HOURS, -3600), "warn": ()})
    clocks = rules.clocks | {"feedback": feedback.model_copy(update={"timescale": backwards})}
    assert broken(rules.model_copy(update={"clocks": clocks})) == [
        "What is stored of the rule set does not read back the same."
    ]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (("mauve", "Mauve it is.", lambda facts: True), "is `mauve`, which is no colour of the scheme"),
        (("red", "", lambda facts: True), "has no reason"),
        (("red", "It is so.", lambda facts: facts.nothing), "raises AttributeError"),
        (("red", "It is so.", lambda facts: bool(facts.concerns)), "is not always the same, or another once"),
    ],
)
def test_a_suggestion_that_nobody_could_use_is_named(sentence: object, said: str) -> None:
    rules = northbridge_with()
    rules.prepared["sentences"] = lambda concerns: [sentence]
    (found,) = broken(rules)
    assert found.startswith(f"The suggestion {said}")


class GoesBack(WorkingTime):
    """Counts open time backwards."""

    def forward(self, start: int, seconds: int) -> int:
        return start - seconds


class Jumps(WorkingTime):
    """The more of the day is gone, the sooner it is done."""

    def forward(self, start: int, seconds: int) -> int:
        return start + 2 * (86_400 - start % 86_400)


class WarnsLate(WorkingTime):
    """Warns when it is over."""

    def back(self, end: int, seconds: int) -> int:
        return end + seconds


class Unrolled(WorkingTime):
    """Rolls forward what is to go back, and back what is to go forward."""

    def rolled(self, at: int, *, forward: bool) -> int:
        return super().rolled(at, forward=not forward)


class OpensYesterday(WorkingTime):
    """Its first opening is always a week ago."""

    def first_opening(self, day: date) -> int:
        return super().first_opening(day) - 7 * 86_400


CUT_OFF = {"calendar": "hub", "cut_off": {"at": "10:00", "clocks": ["screening"]}}


@pytest.mark.parametrize(
    ("kind", "due", "said"),
    [
        (GoesBack, "4 working_hours", "it is due before it begins."),
        (Jumps, "4 working_hours", "it is due earlier than what began before."),
        (WarnsLate, "4 working_hours", "a warning does not come before the breach, or not in order."),
        (GoesBack, "3 working_days_close", "an escalation does not come after the breach, or not in order."),
        (Unrolled, "4 clock_hours roll_back", "it is rolled the wrong way."),
        (Unrolled, "4 clock_hours roll_forward", "it is rolled the wrong way."),
        (OpensYesterday, "3 clock_hours", "the cut-off makes it count as earlier."),
    ],
)
def test_a_deadline_that_makes_no_sense_is_named_with_its_key(kind: type[WorkingTime], due: str, said: str) -> None:
    scale = {"due": due, "warn": "1 h", "escalate": "1 h"}
    rules = with_calendar(kind, clocks__screening__timescale=scale, intake=CUT_OFF)
    (sentence,) = [line for line in broken(rules) if line.startswith("clocks.screening.timescale: ")]
    assert sentence.endswith(said)


def test_a_rule_set_is_tried_in_less_than_a_second() -> None:
    rules, began = northbridge_with(), time.perf_counter()
    broken(rules)
    assert time.perf_counter() - began < 1
