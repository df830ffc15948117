"""By what a suggestion rule went: of one that fits what made it fit, of another what kept it from fitting."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mash.rules.conditions import Condition
from mash.rules.facts import AdultFacts, ChildFacts, EarlierContact, Facts
from mash.rules.reasons import Asked, asked
from mash.rules.suggestions import suggest
from tests.support.hub import northbridge_with

BEFORE = (
    EarlierContact(date(2026, 5, 28), frozenset({"missing"}), date(2026, 5, 30)),
    EarlierContact(date(2026, 6, 3), frozenset({"neglect"})),
)
FACTS = Facts(
    received_at=datetime(2026, 6, 8, 17, 30, tzinfo=UTC),  # Monday 18:30 in London
    kind="referral",
    channel="phone",
    source="6",
    agreement="given",
    concerns=frozenset({"neglect", "missing"}),
    children=(
        ChildFacts(date(2022, 6, 9), earlier=BEFORE),
        ChildFacts(None, date(2026, 9, 1)),
        ChildFacts(open_case=True),
    ),
    adults=(AdultFacts(None, "mother"), AdultFacts("alleged_perpetrator", None)),
    anonymous=False,
    parents_informed=False,
)


def rule(**condition: Any) -> Asked:
    """One rule put to the facts."""
    because = "A rule that is made up for this test."
    rules = northbridge_with(suggestions={"K": {"colour": "red", "when": condition, "because": because}})
    (one,) = asked(rules, FACTS)
    assert one.fits == (suggest(rules, FACTS).rag == "red")
    return one


AGES = "Children, by age on the day of receipt: 3, unborn, age not known."
CASES: list[tuple[dict[str, Any], bool, str]] = [
    ({"any_concern": ["neglect", "trafficking"]}, True, "Concerns: Neglect."),
    ({"any_concern": "trafficking"}, False, "None of the concerns that it asks for."),
    ({"every_concern": ["neglect", "missing"]}, True, "Concerns: Neglect, Missing."),
    ({"every_concern": ["neglect", "trafficking"]}, False, "Not among the concerns: Trafficking."),
    ({"different_concerns": 3}, False, "Different concerns: 2."),
    ({"child_under": 3}, True, AGES),
    ({"child_aged": {"at_least": 4, "at_most": 5}}, False, AGES),
    ({"unborn_child": True}, True, AGES),
    ({"children": 3}, True, "Children: 3."),
    ({"open_case": False}, False, "Children with an allocated worker: 1."),
    (
        {"adult": {"relationship": "mother"}},
        True,
        "Adults: mother, relationship not known (person said to pose the risk).",
    ),
    (
        {"contact_days": {"at_least": 3, "within_days": 14}},
        True,
        "Earlier contacts about the same child since 25 May 2026: 28 May 2026, 3 June 2026.",
    ),
    (
        {"contact_days": {"at_least": 3, "within_days": 14, "concerns": "missing"}},
        False,
        "Earlier contacts about the same child with missing since 25 May 2026: 28 May 2026.",
    ),
    (
        {"closed_within": "2 weeks"},
        True,
        "Earlier contacts about these children closed in the 14 days before: 30 May 2026.",
    ),
    (
        {"closed_within": "5 days"},
        False,
        "Earlier contacts about these children closed in the 5 days before: none.",
    ),
    ({"kind": "advice"}, False, "Kind: Referral."),
    ({"channel": "phone"}, True, "Channel: Phone."),
    ({"source": "6"}, True, "Source: Police."),
    ({"agreement": "refused"}, False, "Agreement: given."),
    ({"anonymous": True}, False, "Referrer anonymous: no."),
    ({"parents_informed": False}, True, "Parents informed: no."),
    ({"received_between": "17:00-09:00"}, True, "Received Monday 8 June 2026 18:30."),
    ({"received_on": ["sat", "sun"]}, False, "Received Monday 8 June 2026 18:30."),
    ({"outside_hours_of": "hub"}, True, "Received Monday 8 June 2026 18:30."),
]


@pytest.mark.parametrize(("condition", "fits", "said"), CASES)
def test_each_condition_says_what_it_went_by(condition: dict[str, Any], fits: bool, said: str) -> None:
    one = rule(**condition)
    assert (one.fits, one.found) == (fits, (said,))


def test_every_condition_has_a_sentence() -> None:
    tried = {"not_" if key == "not" else key for condition, _, _ in CASES for key in condition}
    assert set(Condition.model_fields) == tried | {"all", "any", "not_", "python"}


def test_of_several_parts_those_are_told_that_decide() -> None:
    here, not_here = {"any_concern": "neglect"}, {"any_concern": "trafficking"}
    neglect, none, children = "Concerns: Neglect.", "None of the concerns that it asks for.", "Children: 3."
    three, four = {"children": 3}, {"children": 4}
    assert rule(any=[here, not_here, four]).found == (neglect,)
    assert rule(any=[not_here, four]).found == (none, children)
    assert rule(all=[here, three]).found == (neglect, children)
    assert rule(all=[here, three, not_here]).found == (none,)
    assert rule(**{"not": {"any": [not_here, four]}}).found == (none, children)
    assert rule(all=[{"child_under": 5}, {"unborn_child": True}]).found == (AGES,)


def test_a_condition_in_python_that_is_not_there_is_told_as_one_that_cannot_be_told() -> None:
    because = "A rule that is made up for this test."
    rules = northbridge_with(suggestions={"K": {"colour": "red", "when": {"child_under": 1}, "because": because}})
    gone = rules.suggestions["K"].model_copy(update={"when": Condition.model_construct({"python"}, python="not.there")})
    (one,) = asked(rules.model_copy(update={"suggestions": {"K": gone}}), FACTS)
    assert (one.fits, one.found) == (None, ("A condition written in Python: not.there.",))
