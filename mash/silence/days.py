"""Which days does a source not keep its usual hours? Bank holidays, and what the borough's calendars say; pure."""

from collections.abc import Collection
from datetime import date

from mash.rules.ruleset import RuleSet
from mash.silence.usual import SUNDAY, Kind
from mash.vocabulary import Source

_AGENCIES = {
    Source.SCHOOLS: "education",
    Source.EDUCATION: "education",
    Source.SCHOOL_NURSE: "education",
    Source.GP: "health",
    Source.HEALTH_VISITOR: "health",
    Source.OTHER_PRIMARY_HEALTH: "health",
    Source.EMERGENCY_DEPARTMENT: "health",
    Source.OTHER_HEALTH: "health",
    Source.HOUSING: "housing",
    Source.EARLY_HELP: "early_help",
    Source.POLICE: "police",
}
"""By whose calendar a source works, where the borough asks that agency: school nurses by the schools'."""


def kind_of_days(rules: RuleSet, hub: str | None, late: Collection[date], source: Source) -> Kind:
    """Weekdays, and days off as Sundays: bank holidays, and dates on which the hub or the agency has other hours.

    `hub` is the name of the hub's calendar, `late` the bank holidays announced late.
    """
    agency = rules.agencies.get(_AGENCIES.get(source, ""))
    off = {*rules.bank_holidays, *late}
    for name in {hub, agency.calendar if agency else None} - {None}:
        off |= {*rules.calendars[str(name)].dates, *rules.calendars[str(name)].closed_on}
    return lambda day: SUNDAY if day in off else day.weekday()
