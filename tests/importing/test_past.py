"""Bank holidays of earlier years are added where a rule set's own list goes on from there; its own years stay."""

from datetime import UTC, date, datetime

from mash.importing.past import for_the_past
from tests.support.hub import northbridge, northbridge_with


def test_earlier_years_are_added_and_the_rules_keep_their_own() -> None:
    past = for_the_past(northbridge())
    assert past.earliest == datetime(2019, 1, 1, tzinfo=UTC)
    added = set(past.rules.bank_holidays) - set(northbridge().bank_holidays)
    assert date(2020, 5, 8) in added and date(2020, 5, 4) not in added and date(2022, 9, 19) in added
    assert {day.year for day in added} == set(range(2019, 2025))
    assert [sum(day.year == year for day in added) for year in range(2019, 2025)] == [8, 8, 8, 10, 9, 8]
    assert northbridge().bank_holidays.items() <= past.rules.bank_holidays.items()
    assert past.rules.model_copy(update={"bank_holidays": northbridge().bank_holidays}) == northbridge()


def test_of_a_year_that_the_rules_know_nothing_is_added() -> None:
    rules = northbridge_with(bank_holidays={"2023-12-25": "Christmas Day"})
    past = for_the_past(rules)
    assert [day for day in past.rules.bank_holidays if day.year == 2023] == [date(2023, 12, 25)]
    assert date(2022, 6, 3) in past.rules.bank_holidays


def test_a_list_that_does_not_meet_the_earlier_years_is_where_the_past_begins() -> None:
    rules = northbridge_with(bank_holidays={"2026-12-25": "Christmas Day"})
    assert for_the_past(rules).earliest == datetime(2026, 1, 1, tzinfo=UTC)
    assert for_the_past(rules).rules is rules


def test_rules_without_bank_holidays_have_none_in_the_past_either() -> None:
    past = for_the_past(northbridge_with(bank_holidays={}))
    assert past.earliest is None and not past.rules.bank_holidays
