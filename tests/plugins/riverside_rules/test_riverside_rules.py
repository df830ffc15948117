"""Riverside's rules say what Riverside means, and keep what every rule set must keep."""

from datetime import UTC, datetime, timedelta

from riverside_rules import RULES, closer_together

from mash.rules.contract import broken
from mash.rules.facts import ChildFacts, EarlierContact, Facts
from mash.rules.loader import load_files
from mash.settings import Settings

NOON = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)


def reported(*days_ago: int) -> Facts:
    """A report about a child who was reported so many days ago as well."""
    earlier = tuple(EarlierContact((NOON - timedelta(days=days)).date()) for days in days_ago)
    return Facts(received_at=NOON, children=(ChildFacts(earlier=earlier),))


def test_reports_come_closer_together_when_every_gap_is_shorter_than_the_one_before() -> None:
    assert closer_together(reported(60, 20, 5))
    assert closer_together(reported(300, 60, 20, 5))


def test_reports_do_not_when_there_are_too_few_or_a_gap_is_as_long() -> None:
    assert not closer_together(reported())
    assert not closer_together(reported(20, 5))
    assert not closer_together(reported(30, 20, 10))
    assert not closer_together(reported(60, 20, 20, 0))


def test_riverside_keeps_what_every_rule_set_must_keep() -> None:
    (rules,) = load_files(RULES.files, Settings().config)
    assert broken(rules) == []
