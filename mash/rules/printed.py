"""How does a whole rule set read as lines of text? The words are those of plainly, one below another."""

from collections.abc import Iterator
from datetime import date

from mash.rules import plainly
from mash.rules.ruleset import RuleSet


def lines(rules: RuleSet, since: date) -> Iterator[str]:
    """Everything that the pages of rules say; of dates with hours of their own those from `since` on."""
    yield f"{rules.title}, version {rules.version}, for contacts received from {rules.in_force_from:%-d %B %Y} on"
    yield f"Source: {rules.source}"
    yield from _part("Timescales", _clocks(rules))
    yield from _part("Hours", _hours(rules, since))
    yield from _part(
        "Agencies",
        (
            f"{one.label}: asked for {one.required}; replies by the hours of {one.hours}"
            for one in plainly.agencies(rules)
        ),
    )
    yield from _part("Outcomes", (_outcome(one) for one in plainly.outcomes(rules)))
    yield from _part("What suggests a colour", (f"{one.label}: {one.because}" for one in plainly.suggestions(rules)))
    yield from _part("What else is settled", iter(plainly.practice(rules)))


def _part(heading: str, inner: Iterator[str]) -> Iterator[str]:
    yield from ("", heading)
    yield from (f"  {line}" for line in inner)


def _clocks(rules: RuleSet) -> Iterator[str]:
    for clock in plainly.clocks(rules):
        yield clock.label
        yield f"  {clock.span} Whose it is: {clock.whose}. {clock.hours}"
        for target in clock.targets:
            alerts = [f"; warned before: {target.warned}"] if target.warned else []
            alerts += [f"; told after: {target.told}"] if target.told else []
            yield f"  {target.what}: {target.due}{''.join(alerts)}"
        yield from (f"  {note}" for note in clock.notes)


def _hours(rules: RuleSet, since: date) -> Iterator[str]:
    for calendar in plainly.hours(rules, since):
        yield calendar.name
        yield from (f"  {day}: {hours}" for day, hours in calendar.week)
        yield f"  Bank holidays: {calendar.bank_holidays}"
        yield from (f"  {day:%-d %B %Y}: {hours}" for day, hours in calendar.dates)


def _agency(agency: plainly.AgencyInWords) -> str:
    return f"{agency.label}: asked for {agency.required}; replies by the hours of {agency.hours}"


def _outcome(outcome: plainly.OutcomeInWords) -> str:
    leads_to = f"goes to {outcome.leads_to}; " if outcome.leads_to else ""
    return f"{outcome.label}: {leads_to}management oversight {outcome.oversight}"
