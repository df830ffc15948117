"""What is said of suggestions is true: held against the suggestions themselves, on every contact of a small world."""

from datetime import UTC, date, datetime
from itertools import combinations, combinations_with_replacement, product
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mash.rule_advice.conditions import certainly, negated
from mash.rule_advice.kinds import AdviceKind
from mash.rule_advice.suggesting import suggesting
from mash.rule_advice.together import Together
from mash.rules.conditions import Condition
from mash.rules.contract import invented_facts
from mash.rules.facts import ChildFacts, Facts
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import fits, suggest
from tests.support.hub import northbridge, northbridge_with

AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
CONCERNS = ("a", "b", "c")
SLOW = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def born(years: int) -> date:
    return date(2026 - years, 6, 1)


CHILDREN = (
    ChildFacts(),
    ChildFacts(expected_date_of_delivery=date(2027, 1, 1)),
    *(ChildFacts(date_of_birth=born(years)) for years in (0, 3, 7, 15)),
)
"""One child of each sort that the conditions below can tell apart; no contact needs more than three."""

WORLD = [
    Facts(AT, concerns=frozenset(concerns), children=children, anonymous=anonymous)
    for concerns in (some for size in range(4) for some in combinations(CONCERNS, size))
    for size in (1, 2, 3)
    for children in combinations_with_replacement(CHILDREN, size)
    for anonymous in (False, True)
]

SIMPLE = st.one_of(
    st.sets(st.sampled_from(CONCERNS), min_size=1).map(lambda names: {"any_concern": sorted(names)}),
    st.sets(st.sampled_from(CONCERNS), min_size=1).map(lambda names: {"every_concern": sorted(names)}),
    st.integers(1, 3).map(lambda number: {"different_concerns": number}),
    st.sampled_from(({"child_under": 1}, {"child_under": 5}, {"unborn_child": True}, {"unborn_child": False})),
    st.sampled_from(((0, 4), (5, 11))).map(lambda ages: {"child_aged": {"at_least": ages[0], "at_most": ages[1]}}),
    st.integers(1, 3).map(lambda number: {"children": number}),
    st.booleans().map(lambda said: {"anonymous": said}),
)


def combined(simple: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def more(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(parts, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda found: {"all": found}),
            several.map(lambda found: {"any": found}),
            parts.map(lambda part: {"not": part}),
        )

    return st.recursive(simple, more, max_leaves=5)


def rules_of(conditions: list[tuple[str, Any]], concerns: tuple[str, ...] = CONCERNS) -> RuleSet:
    suggestions = {
        f"R{n}": {"colour": colour, "when": when, "because": "Because it is so."}
        for n, (colour, when) in enumerate(conditions)
    }
    return northbridge_with(concerns={name: name.upper() for name in concerns}, suggestions=suggestions)


def told(rules: RuleSet) -> dict[str, AdviceKind]:
    """What is said of each rule, by its name."""
    return {one.route[1]: one.kind for one in suggesting(rules) if one.route[0] == "suggestions"}


def really(rules: RuleSet, world: list[Facts]) -> dict[str, AdviceKind]:
    """The same, by trying every contact of the world."""
    fitting = {
        name: {n for n, f in enumerate(world) if fits(r.when, rules, f)} for name, r in rules.suggestions.items()
    }
    found: dict[str, AdviceKind] = {}
    for name, rule in rules.suggestions.items():
        others = [(other, rules.order[r.colour] - rules.order[rule.colour]) for other, r in rules.suggestions.items()]
        higher = set[int]().union(*(fitting[other] for other, height in others if height > 0))
        earlier = [other for other, height in others[: list(rules.suggestions).index(name)] if height == 0]
        if not fitting[name]:
            found[name] = AdviceKind.RULE_NEVER_FITS
        elif fitting[name] <= higher:
            found[name] = AdviceKind.RULE_NEVER_DECIDES
        elif any(fitting[other] == fitting[name] for other in earlier):
            found[name] = AdviceKind.RULE_SAID_TWICE
    return found


COLOURED = st.lists(st.tuples(st.sampled_from(("red", "amber", "green")), combined(SIMPLE)), min_size=1, max_size=4)


@SLOW
@given(COLOURED)
def test_among_simple_conditions_exactly_what_has_no_effect_is_told(conditions: list[tuple[str, Any]]) -> None:
    rules = rules_of(conditions)
    assert told(rules) == really(rules, WORLD)


OTHERS = st.one_of(
    SIMPLE,
    st.sets(st.sampled_from(("referral", "notification", "advice")), min_size=1).map(lambda k: {"kind": sorted(k)}),
    st.sets(st.sampled_from(("phone", "email", "letter")), min_size=1).map(lambda c: {"channel": sorted(c)}),
    st.sets(st.sampled_from(("given", "refused", "not_sought")), min_size=1).map(lambda a: {"agreement": sorted(a)}),
    st.sets(st.sampled_from(("mon", "wed", "sat", "sun")), min_size=1).map(lambda days: {"received_on": sorted(days)}),
    st.sampled_from(("17:00-09:00", "09:00-12:00", "02:00-02:30")).map(lambda part: {"received_between": part}),
    st.sampled_from(("hub", "police", "education")).map(lambda name: {"outside_hours_of": name}),
    st.tuples(st.integers(2, 4), st.sampled_from((5, 60, 400)), st.sampled_from((None, "a", "b"))).map(
        lambda d: {"contact_days": {"at_least": d[0], "within_days": d[1]} | ({"concerns": d[2]} if d[2] else {})}
    ),
    st.sampled_from(("1 week", "12 weeks")).map(lambda period: {"closed_within": period}),
    st.booleans().map(lambda said: {"open_case": said}),
    st.booleans().map(lambda said: {"parents_informed": said}),
    st.sampled_from(({"role": "carer"}, {"relationship": "mother"}, {"role": "carer", "relationship": "mother"})).map(
        lambda adult: {"adult": adult}
    ),
)


@SLOW
@given(
    st.lists(st.tuples(st.sampled_from(("red", "amber")), combined(OTHERS)), min_size=2, max_size=5),
    st.integers(0, 1000),
)
def test_no_contact_contradicts_what_is_told(conditions: list[tuple[str, Any]], seed: int) -> None:
    rules = rules_of(conditions)
    said = told(rules)
    for facts in invented_facts(rules, seed):
        fitting = {name for name, rule in rules.suggestions.items() if fits(rule.when, rules, facts)}
        for name in fitting & said.keys():
            assert said[name] is not AdviceKind.RULE_NEVER_FITS
            if said[name] is AdviceKind.RULE_NEVER_DECIDES:
                assert suggest(rules, facts).rag != rules.suggestions[name].colour


NEVER, OUTSHONE, TWICE = AdviceKind.RULE_NEVER_FITS, AdviceKind.RULE_NEVER_DECIDES, AdviceKind.RULE_SAID_TWICE
UNDER_5, UNDER_2 = {"child_under": 5}, {"child_under": 2}


@pytest.mark.parametrize(
    ("higher", "lower", "kind"),
    [
        (UNDER_5, UNDER_2, OUTSHONE),
        (UNDER_2, UNDER_5, None),
        ({"child_aged": {"at_least": 0, "at_most": 17}}, {"child_aged": {"at_least": 3, "at_most": 4}}, OUTSHONE),
        (UNDER_5, {"child_aged": {"at_least": 3, "at_most": 4}}, OUTSHONE),
        ({"child_aged": {"at_least": 0, "at_most": 4}}, UNDER_5, None),  # a child of unknown age
        (
            {"contact_days": {"at_least": 2, "within_days": 60}},
            {"contact_days": {"at_least": 3, "within_days": 42}},
            OUTSHONE,
        ),
        (
            {"contact_days": {"at_least": 2, "within_days": 60, "concerns": "a"}},
            {"contact_days": {"at_least": 3, "within_days": 42}},
            None,
        ),
        (
            {"contact_days": {"at_least": 2, "within_days": 60, "concerns": ["a", "b"]}},
            {"contact_days": {"at_least": 2, "within_days": 60, "concerns": "b"}},
            OUTSHONE,
        ),
        (
            {"contact_days": {"at_least": 2, "within_days": 42}},
            {"contact_days": {"at_least": 3, "within_days": 60}},
            None,
        ),
        ({"closed_within": "12 weeks"}, {"closed_within": "2 weeks"}, OUTSHONE),
        ({"closed_within": "2 weeks"}, {"closed_within": "12 weeks"}, None),
        ({"adult": {"role": "carer"}}, {"adult": {"role": "carer", "relationship": "mother"}}, OUTSHONE),
        ({"adult": {"role": "carer", "relationship": "mother"}}, {"adult": {"role": "carer"}}, None),
        ({"kind": ["referral", "notification", "information_request", "advice"]}, {"any_concern": "a"}, OUTSHONE),
        ({"channel": ["phone", "email"]}, {"channel": "phone"}, OUTSHONE),
        ({"received_on": ["sat", "sun"]}, {"received_on": "sun"}, OUTSHONE),
        ({"received_between": "17:00-09:00"}, {"received_between": "22:00-06:00"}, OUTSHONE),
        ({"outside_hours_of": "hub"}, {"received_on": "sun"}, OUTSHONE),
        ({"outside_hours_of": "hub"}, {"received_between": "17:15-09:00"}, OUTSHONE),
        ({"outside_hours_of": "hub"}, {"received_between": "17:00-09:00"}, None),  # open until 17:15
        ({"outside_hours_of": "police"}, {"received_on": "sun"}, None),
        ({"children": 2}, {"all": [{"unborn_child": True}, UNDER_2]}, OUTSHONE),
        ({"children": 2}, {"all": [UNDER_5, UNDER_2]}, None),
    ],
)
def test_one_condition_within_another(higher: Any, lower: Any, kind: AdviceKind | None) -> None:
    assert told(rules_of([("red", higher), ("amber", lower)])).get("R1") is kind


@pytest.mark.parametrize(
    "parts",
    [
        [UNDER_2, {"not": UNDER_5}],
        [{"kind": "advice"}, {"kind": "referral"}],
        [{"not": {"children": 2}}, {"unborn_child": True}, UNDER_2],
        [{"received_on": "sun"}, {"not": {"outside_hours_of": "hub"}}],
        [{"received_between": "22:00-23:00"}, {"not": {"outside_hours_of": "police"}}],
        [{"anonymous": True}, {"anonymous": False}],
        [{"parents_informed": True}, {"parents_informed": False}],
        [{"open_case": True}, {"open_case": False}],
        [{"every_concern": ["a", "b"]}, {"not": {"different_concerns": 2}}],
        [{"not": {"children": 1}}],
    ],
)
def test_what_cannot_be_so_at_once(parts: list[Any]) -> None:
    assert told(rules_of([("red", {"all": parts})])) == {"R0": NEVER}
    assert not told(rules_of([("red", {"any": parts})])) or len(parts) == 1


def test_a_condition_in_python_may_be_neither_true_nor_false() -> None:
    """It stands in no package here, so it cannot be worked out: what hangs on it fits nothing."""
    fails, everything = {"python": "nowhere.at_all"}, {"children": 1}
    conditions = {
        "R0": {"colour": "red", "when": {"any": [fails, {"not": fails}]}, "because": "Either one or the other."},
        "R1": {"colour": "amber", "when": everything, "because": "Whatever it is about."},
        "R2": {"colour": "amber", "when": {"all": [fails, {"not": fails}]}, "because": "Both at the same time."},
        "R3": {"colour": "green", "when": {"all": [everything, {"not": fails}]}, "because": "Not what Python says."},
    }
    whole = northbridge().model_dump(by_alias=True, mode="json", exclude_none=True)
    rules = RuleSet.model_validate({**whole, "suggestions": conditions})
    assert suggest(rules, Facts(AT, children=(ChildFacts(),))).rag == "amber"
    assert told(rules) == {"R2": NEVER, "R3": OUTSHONE}


def test_what_would_take_too_long_to_work_out_is_not_told() -> None:
    """One of each of fourteen pairs, and not fourteen: impossible, but not one of 16,384 ways says so early."""
    pairs = [{"any_concern": [f"c{n}", f"d{n}"]} for n in range(14)]
    names = tuple(f"{letter}{n}" for n in range(14) for letter in "cd")
    few = {"all": [*pairs[:4], {"not": {"different_concerns": 4}}]}
    many = {"all": [*pairs, {"not": {"different_concerns": 14}}]}
    assert told(rules_of([("red", few)], names)) == {"R0": NEVER}
    assert told(rules_of([("red", many)], names)) == {}


def test_every_pair_of_simple_conditions_is_judged_as_it_is() -> None:
    simple: list[Any] = [
        {"any_concern": ["a", "b"]},
        {"every_concern": ["a", "b"]},
        {"different_concerns": 2},
        UNDER_5,
        {"child_under": 1},
        {"unborn_child": True},
        {"children": 2},
        {"not": {"any_concern": "a"}},
        {"all": [{"any_concern": "a"}, {"child_aged": {"at_least": 5, "at_most": 11}}]},
    ]
    few = [facts for facts in WORLD if not facts.anonymous]
    for one, other in product(simple, repeat=2):
        rules = rules_of([("red", one), ("amber", other), ("red", other)])
        assert told(rules) == really(rules, few), (one, other)


def test_every_key_of_a_condition_can_be_reasoned_about() -> None:
    for key, field in Condition.model_fields.items():
        value = yaml.load((field.examples or [])[0], yaml.BaseLoader)  # every word is text, as in a rule file
        condition, together = certainly(Condition.model_validate({field.alias or key: value})), Together(northbridge())
        assert together.possible([condition]), key
        assert together.possible([negated(condition)]), key
        assert together.possible([condition, negated(condition)]) is False, key
