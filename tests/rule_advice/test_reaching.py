"""Outcomes that lead to nobody, agencies that nobody has to ask, replies that are never late."""

from typing import Any

import pytest

from mash.rule_advice.kinds import AdviceKind
from mash.rule_advice.reaching import reaching
from tests.support.hub import northbridge, northbridge_with

OUTCOME = "outcomes__early_help__"
LED_NOWHERE = {OUTCOME + "destination": None}


def told(kind: AdviceKind, **changes: Any) -> list[str]:
    return [one.text for one in reaching(northbridge_with(**changes)) if one.kind is kind]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "goes to nobody, and nobody looks at the decision"),
        ({OUTCOME + "level": 2, OUTCOME + "oversight_for": ["always"]}, "although it means threshold level 2"),
        ({OUTCOME + "stands_at_once": True, OUTCOME + "level": 1}, "although it takes effect at once"),
        ({OUTCOME + "waits_for_replies": False, OUTCOME + "oversight_for": ["red"]}, "does not wait for agencies"),
    ],
)
def test_an_outcome_that_leads_to_nobody(changes: dict[str, Any], why: str) -> None:
    (text,) = told(AdviceKind.OUTCOME_WITHOUT_ROUTE, **LED_NOWHERE, **changes)
    assert "“Early help”" in text and why in text


WATCHED = {"label": "New", "from": "decision_stands", "to": "closed", "timescale": {"due": "72 clock_hours"}}


@pytest.mark.parametrize(
    "changes",
    [
        {OUTCOME + "oversight_for": ["red"]},
        {OUTCOME + "level": 1},
        {"clocks__new": {**WATCHED, "only_for": {"outcomes": "early_help"}}},
        {f"outcomes__{name}__destination": None for name in ("child_and_family_assessment", "strategy_discussion")},
    ],
)
def test_an_outcome_that_ends_here_is_looked_at_or_said_to_need_nothing(changes: dict[str, Any]) -> None:
    assert not told(AdviceKind.OUTCOME_WITHOUT_ROUTE, **LED_NOWHERE, **changes)


def test_agencies_are_named_together() -> None:
    kind = AdviceKind.AGENCY_NEVER_REQUIRED
    assert "ask Housing, Probation or Early help, in no" in told(kind)[0]
    others = {"agencies__probation__required_for": ["red"], "agencies__early_help__required_for_concerns": ["neglect"]}
    assert "ask Housing, in no" in told(kind, **others)[0]
    assert not told(kind, **others, agencies__housing__required_for=["green"])


RETURN = "clocks__agency_return__by_rating__"
NONE = {"due": "none"}


def test_an_agency_that_must_answer_and_is_never_late() -> None:
    kind = AdviceKind.REPLY_WITHOUT_DEADLINE
    assert not told(kind)
    assert told(kind, **{RETURN + "green": NONE}) == []
    amber = told(kind, **{RETURN + "amber": NONE})
    assert [text.split(" and no clock")[0] for text in amber] == [
        "Health must be asked for amber,",
        "Education must be asked for amber,",
    ]
    both = told(kind, **{RETURN + "amber": NONE, RETURN + "red": NONE})
    assert "Health must be asked for red and amber, and" in both[1]


def test_an_agency_s_own_timescale_counts_and_so_does_a_clock_that_is_only_for_others() -> None:
    kind, own = (
        AdviceKind.REPLY_WITHOUT_DEADLINE,
        {colour: {"due": "2 clock_hours"} for colour in northbridge().colours},
    )
    police = {"clocks__agency_return__for_agency": {"police": {**own, "not_rated": NONE}}}
    told_of = [text.split(" must")[0] for text in told(kind, **{RETURN + "red": NONE}, **police)]
    assert told_of == ["Health", "Education"]


def test_without_any_clock_for_replies_whoever_must_be_asked_is_told_of() -> None:
    assert len(told(AdviceKind.REPLY_WITHOUT_DEADLINE, clocks__agency_return=None)) == 3
