"""A rule set that was stored by another program than this one is read, and what cannot be read is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from mash.rules import earlier
from mash.rules.loader import from_text, resolved_text, same
from tests.support.hub import northbridge

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))
"""Texts as programs of earlier days stored them. One is added whenever keys are added; none is ever changed."""


def of_another_shape(*route: str, value: Any) -> str:
    """Northbridge as a program would have stored it that has one key more; None: one that lacks it."""
    data = json.loads(resolved_text(northbridge()))
    part = data
    for step in route[:-1]:
        part = part[step]
    part[route[-1]] = value
    if value is None:
        del part[route[-1]]
    return json.dumps(data)


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_what_an_earlier_program_stored_is_read_whole(file: Path) -> None:
    rules, aside = earlier.read(file.read_text(encoding="utf-8"))
    assert aside == ()
    assert rules.name == "northbridge" and rules.clocks["decision"].by_rating is not None
    assert rules.clocks["decision"].by_rating["red"].words.startswith("4 clock hours")
    assert same(from_text(resolved_text(rules)), rules)


@pytest.mark.parametrize(
    "route",
    [
        ("rating", "suggestion_never_falls"),
        ("clocks", "decision", "for_agency"),
        ("clocks", "decision", "unless_anonymous"),
        ("clocks", "first_look", "by_suggestion", "otherwise", "escalate"),
        ("calendars", "hub", "closed_on"),
        ("colours", "green", "asks_nobody"),
        ("who_may",),
        ("exceptions",),
    ],
    ids=".".join,
)
def test_a_key_that_came_later_has_its_default(route: tuple[str, ...]) -> None:
    data = json.loads(resolved_text(northbridge()))
    for step in route[:-1]:
        data = data[step]
    is_default = data[route[-1]] in (False, [], {})
    rules, aside = earlier.read(of_another_shape(*route, value=None))
    assert aside == () and same(rules, northbridge()) == is_default


@pytest.mark.parametrize(
    "route",
    [
        ("moon",),
        ("rating", "moon"),
        ("clocks", "decision", "moon"),
        ("clocks", "decision", "by_rating", "amber", "moon"),
        ("colours", "green", "moon"),
        ("calendars", "hub", "moon"),
    ],
    ids=".".join,
)
def test_a_key_that_this_program_does_not_have_is_set_aside_and_named(route: tuple[str, ...]) -> None:
    rules, aside = earlier.read(of_another_shape(*route, value={"phase": "full"}))
    assert aside == (".".join(route),)
    assert same(rules, northbridge())


def test_a_suggestion_that_asks_what_cannot_be_asked_any_more_is_not_asked_at_all() -> None:
    when = {"all": [{"moon": "full"}, {"child_under": 5}]}
    rules, aside = earlier.read(of_another_shape("suggestions", "S2", "when", value=when))
    assert aside == ("suggestions.S2.when.all.0.moon",)
    assert set(northbridge().suggestions) - set(rules.suggestions) == {"S2"}


def test_a_part_of_which_nothing_is_left_is_left_out() -> None:
    rules, aside = earlier.read(of_another_shape("clocks", "decision", "only_for", value={"moon": "full"}))
    assert aside[0] == "clocks.decision.only_for.moon"
    assert same(rules, northbridge())


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "no JSON",
        of_another_shape("clocks", "decision", "on_rerating", value="by_moonlight"),
        of_another_shape("clocks", "decision", "label", value=None),
        of_another_shape("colours", value={}),
    ],
)
def test_what_is_not_a_rule_set_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a rule set|Expecting value"):
        earlier.read(text)
