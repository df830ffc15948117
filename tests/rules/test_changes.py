"""Every difference between two rule sets is a sentence, and there is no sentence without a difference."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from mash.rules.changes import changes
from mash.rules.linter import problems
from mash.rules.loader import from_text, load_files, load_text, resolved_text, same
from mash.rules.ruleset import RuleSet
from mash.rules.written import as_file
from tests.support.hub import CONFIG, northbridge, northbridge_with

BOROUGHS = Path(__file__).resolve().parents[1] / "support" / "boroughs"


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every rule set that there is in the repository."""
    files = [*(CONFIG / "boroughs").glob("[a-z]*.yaml"), *BOROUGHS.glob("*.yaml")]
    return tuple(load_files(sorted(files), CONFIG))


NAMES = [rules.full_name for rules in rule_sets()]


def test_the_sentence_of_a_shorter_timescale() -> None:
    amber = {"due": "4 working_hours", "warn": ["2 h"], "escalate": ["2 h", "8 h"]}
    assert changes(northbridge(), northbridge_with(clocks__decision__by_rating__amber=amber)) == [
        "Decision, amber: 1 working day, until the same time of day → 4 working hours."
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "Version: 1 → 2."),
        ({"in_force_from": "2026-11-16"}, "In force from: 1 January 2026 → 16 November 2026."),
        ({"calendars__hub__fri": "09:00-12:30, 13:30-16:00"}, "09:00 to 17:00 → 09:00 to 12:30, 13:30 to 16:00."),
        (
            {"calendars__hub__dates": {"2026-12-24": "09:00-12:00", "2026-12-31": "09:00-15:00"}},
            "Opening hours “Hub”, 24 December 2026: 09:00 to 15:00 → 09:00 to 12:00.",
        ),
        ({"agencies__police__required_for": ["red", "amber"]}, "Agency “Police”, must be asked for: Red → Red, Amber."),
        ({"agencies__police__required_for": []}, "Agency “Police”, must be asked for: Red → none."),
        (
            {"outcomes__early_help__destination": None},
            "Outcome “Early help”, goes to: Early help team → nothing said.",
        ),
        (
            {"clocks__first_look__owner": "manager"},
            "First look, whose it is: nothing said → The service manager.",
        ),
        (
            {"clocks__feedback__from": ["decision_stands"]},
            "Tell the referrer the outcome, from: the decision stands: recorded, and signed where it has to be signed "
            "first, another authority took it over → the decision stands: recorded, and signed where it has to be "
            "signed first.",
        ),
        ({"concerns__slavery": "Modern slavery"}, "New: concern “Modern slavery”."),
        (
            {"who_may": {"rate_contact": ["service_manager"]}},
            "New: act left to certain roles “Rate”: Service manager.",
        ),
        ({"events__police_protection_ended": "Protection over"}, "Police protection ended → Protection over."),
        (
            {"suggestions__S2__when": {"any_concern": ["neglect"]}},
            "Suggestion “S2”, when: (any concern: Physical abuse, and child under: 5) → any concern: Neglect.",
        ),
        (
            {"suggestions__S8": None},
            "Removed: suggestion “S8”: suggests: Amber; when: different concerns: 3; reason: Three or more different "
            "concerns.",
        ),
        (
            {"clocks__visit": {"label": "Seen", "from": "receipt", "to": "closed", "timescale": {"due": "none"}}},
            "New: timescale “Seen”: from: the contact arrived, whenever it was keyed; to: it was closed; no target.",
        ),
    ],
)
def test_what_is_said_of_each_kind_of_change(change: dict[str, Any], said: str) -> None:
    (sentence,) = changes(northbridge(), northbridge_with(**change))
    assert said in sentence


def test_of_a_long_list_only_what_came_and_went_is_said() -> None:
    closed = ["2026-10-26", "2026-10-27", "2026-10-28", "2027-02-15", "2027-02-16"]
    assert changes(northbridge(), northbridge_with(calendars__education__closed_on=closed)) == [
        "Opening hours “Education”, closed on: also 15 February 2027 to 16 February 2027; no longer 29 October 2026 to "
        "30 October 2026, 21 December 2026 to 24 December 2026, 29 December 2026 to 31 December 2026."
    ]


def test_colours_in_another_order_are_another_scheme() -> None:
    upside_down = northbridge_with(colours=dict(reversed(json.loads(resolved_text(northbridge()))["colours"].items())))
    assert not same(upside_down, northbridge())
    assert changes(northbridge(), upside_down) == ["Colours, the lowest first: Green, Amber, Red → Red, Amber, Green."]


def test_amounts_that_read_alike_are_told_apart() -> None:
    one, other = (
        northbridge_with(clocks__first_look__by_suggestion__otherwise={"due": f"{hours} clock_hours"})
        for hours in ("1234.5", "1234.25")
    )
    (sentence,) = changes(one, other)
    assert "1234.5" in sentence and "1234.25" in sentence


# ---- Whatever is changed --------------------------------------------------------------------------------------------


Route = tuple[str | int, ...]


def leaves(data: Any, route: Route = ()) -> list[tuple[Route, Any]]:
    """Every value that is no mapping, with its place."""
    if isinstance(data, dict):
        return [leaf for key, value in data.items() for leaf in leaves(value, (*route, key))]
    return [(route, data)]


def values(name: str | int) -> list[Any]:
    """What stands under a key of this name anywhere, each value once."""
    found = [
        value for rules in rule_sets() for route, value in leaves(json.loads(resolved_text(rules))) if route[-1] == name
    ]
    return [value for n, value in enumerate(found) if value not in found[:n]]


def put(data: dict[str, Any], route: Route, value: Any) -> dict[str, Any]:
    """The same with another value there; without the key, where the value is None."""
    data = deepcopy(data)
    part: Any = data
    for step in route[:-1]:
        part = part[step]
    if value is None:
        del part[route[-1]]
    else:
        part[route[-1]] = value
    return data


@st.composite
def changed_in_one_place(draw: st.DrawFn) -> tuple[int, Route, Any]:
    """A rule set by its number, a place in it, and what stands elsewhere under the same key; None for nothing."""
    number = draw(st.integers(0, len(rule_sets()) - 1))
    places = [route for route, _ in leaves(json.loads(resolved_text(rule_sets()[number]))) if "when" not in route]
    route = draw(st.sampled_from(places))
    return number, route, draw(st.sampled_from([*values(route[-1]), None]))


@given(changed_in_one_place())
def test_one_change_is_one_sentence_and_no_change_is_none(change: tuple[int, Route, Any]) -> None:
    number, route, value = change
    old = rule_sets()[number]
    try:
        new = RuleSet.model_validate(put(json.loads(resolved_text(old)), route, value))
    except ValidationError:
        assume(False)
        raise
    assume(not any(problems(new)))
    there, back = changes(old, new), changes(new, old)
    assert len(there) == len(back) == (0 if same(old, new) else 1), there
    for sentence in there:
        assert sentence.startswith(("New:", "Removed:")) or _differ(sentence), sentence


def _differ(sentence: str) -> bool:
    """Whether what was and what is read differently."""
    was, arrow, now = sentence.rstrip(".").partition(" → ")
    return not arrow or not was.endswith(f": {now}")


@given(st.data())
def test_another_order_of_names_is_a_sentence(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from(rule_sets()))
    whole = json.loads(resolved_text(rules))
    group = data.draw(st.sampled_from(["colours", "agencies", "outcomes", "clocks", "concerns", "calendars", "events"]))
    names = data.draw(st.permutations(list(whole[group])))
    whole[group] = {name: whole[group][name] for name in names}
    other = RuleSet.model_validate(whole)
    assert bool(changes(rules, other)) == (not same(rules, other)) == (list(names) != list(getattr(rules, group)))


@pytest.mark.parametrize("old", rule_sets(), ids=NAMES)
@pytest.mark.parametrize("new", rule_sets(), ids=NAMES)
def test_no_sentence_is_said_of_equals_and_some_of_all_others(old: RuleSet, new: RuleSet) -> None:
    found = changes(old, new)
    assert bool(found) == (old is not new)
    assert len(set(found)) == len(found)


# ---- As a file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", rule_sets(), ids=NAMES)
def test_a_rule_set_written_as_a_file_is_read_back_the_same(rules: RuleSet) -> None:
    text = as_file(rules)
    assert same(load_text(text, "text", CONFIG), rules)
    assert same(load_text(resolved_text(rules), "text", CONFIG), rules), "JSON is YAML"
    assert max(len(line) for line in text.splitlines()) < 200


def test_one_change_in_the_file_is_one_changed_line() -> None:
    amber = {"due": "4 working_hours", "warn": ["2 h"], "escalate": ["2 h", "8 h"]}
    old = as_file(northbridge()).splitlines()
    new = as_file(northbridge_with(clocks__decision__by_rating__amber=amber)).splitlines()
    assert [(a.strip(), b.strip()) for a, b in zip(old, new, strict=True) if a != b] == [
        (
            "amber: {due: 1 working_days_same_time, warn: [2 h], escalate: [2 h, 8 h]}",
            "amber: {due: 4 working_hours, warn: [2 h], escalate: [2 h, 8 h]}",
        )
    ]


def test_a_stored_text_reads_back_as_what_was_stored() -> None:
    for rules in rule_sets():
        assert same(from_text(resolved_text(rules)), rules)
