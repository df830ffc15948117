"""Which bank holidays were there before those that a rule set knows? For contacts older than its list. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from mash.clock import LONDON
from mash.rules.ruleset import RuleSet
from mash.rules.yamlfile import read_yaml

_FILE = Path(__file__).with_name("past_holidays.yaml")


@dataclass(frozen=True)
class Past:
    """A rule set that may judge past contacts. `earliest`: no bank holidays are known before; None where none count."""

    rules: RuleSet
    earliest: datetime | None


def for_the_past(rules: RuleSet) -> Past:
    """The same rules with the bank holidays of earlier years, where its own list goes on from there."""
    if not rules.bank_holidays:
        return Past(rules, None)
    known = min(rules.bank_holidays).year
    before = {day: name for day, name in _before().items() if day.year < known}
    if known > max(_before()).year + 1:
        return Past(rules, _new_year(known))
    fields = {name: getattr(rules, name) for name in RuleSet.model_fields}
    fields["bank_holidays"] = before | rules.bank_holidays
    return Past(RuleSet.model_construct(**fields), _new_year(min(fields["bank_holidays"]).year))


@cache
def _before() -> dict[date, str]:
    listed = read_yaml(_FILE).data["bank_holidays"]
    return {date.fromisoformat(day): name for day, name in listed.items()}


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=LONDON).astimezone(UTC)
