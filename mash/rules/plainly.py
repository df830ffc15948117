"""What does a rule set say, in words for those who work by it? Its timescales, hours, agencies, outcomes, suggestions.

Says what the rules say and adds nothing: every line stands on one key of the rule set, and `route` says which.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mash.rules.basis import timescale_route
from mash.rules.clockrules import (
    LEVELS,
    NOT_RATED,
    OF_AGENCY,
    OTHERWISE,
    AtClosing,
    ClockRules,
    Moment,
    OnlyFor,
    OnReturn,
    Timescale,
)
from mash.rules.hours import CalendarRules
from mash.rules.names import Route
from mash.rules.notation import Ladder, duration_text, windows_text
from mash.rules.ruleset import RuleSet

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Target:
    """One line of a timescale: for what, how long, who is warned before it is due, who is told after."""

    what: str
    colour: str | None
    due: str
    warned: str
    told: str
    route: Route


@dataclass(frozen=True)
class ClockInWords:
    """One clock: from when to when, whose it is, by whose hours, its targets, and what else holds."""

    code: str
    label: str
    span: str
    whose: str
    hours: str
    targets: tuple[Target, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class HoursInWords:
    """One calendar: its name, its week, and the dates of its own that are still to come."""

    name: str
    week: tuple[tuple[str, str], ...]
    bank_holidays: str
    dates: tuple[tuple[date, str], ...]
    route: Route


@dataclass(frozen=True)
class AgencyInWords:
    """One agency: for what it must be asked, and by whose hours its replies fall due."""

    label: str
    required: str
    hours: str
    route: Route


@dataclass(frozen=True)
class OutcomeInWords:
    """One outcome: where it leads, and when a second person must look."""

    label: str
    leads_to: str
    oversight: str
    route: Route


@dataclass(frozen=True)
class SuggestionInWords:
    """One sentence that suggests a colour."""

    label: str
    tag: str
    because: str
    route: Route


def clocks(rules: RuleSet) -> tuple[ClockInWords, ...]:
    """Every clock, in the order of the file."""
    return tuple(
        ClockInWords(
            code,
            clock.label,
            span(rules, clock),
            clock.whose.label,
            hours_of(clock),
            tuple(_targets(rules, code, clock)),
            tuple(_notes(rules, code, clock)),
        )
        for code, clock in rules.clocks.items()
    )


def hours(rules: RuleSet, today: date) -> tuple[HoursInWords, ...]:
    """Every calendar; of dates with hours of their own those from today on."""
    return tuple(
        HoursInWords(
            calendar_name(name),
            tuple(zip(DAYS, map(hours_in_words, calendar.week), strict=True)),
            "open as on any such weekday" if calendar.bank_holidays == "open" else "closed",
            tuple(_dates(calendar, today)),
            ("calendars", name),
        )
        for name, calendar in rules.calendars.items()
    )


def agencies(rules: RuleSet) -> tuple[AgencyInWords, ...]:
    """Every agency that may be asked."""
    found = []
    for code, agency in rules.agencies.items():
        when = [rules.colours[colour].label.lower() for colour in agency.required_for]
        when += [rules.concerns[concern].lower() for concern in agency.required_for_concerns]
        required, route = either(when) or "when it is useful", ("agencies", code)
        found.append(AgencyInWords(agency.label, required, calendar_name(agency.calendar), route))
    return tuple(found)


def outcomes(rules: RuleSet) -> tuple[OutcomeInWords, ...]:
    """Every decision that can be taken."""
    return tuple(
        OutcomeInWords(outcome.label, outcome.destination or "", _oversight(rules, code), ("outcomes", code))
        for code, outcome in rules.outcomes.items()
    )


def suggestions(rules: RuleSet) -> tuple[SuggestionInWords, ...]:
    """Every sentence that suggests a colour, the highest colour first."""
    found = sorted(rules.suggestions.items(), key=lambda one: -rules.order[one[1].colour])
    return tuple(
        SuggestionInWords(_colour(rules, s.colour), rules.colours[s.colour].tag, s.because, ("suggestions", code))
        for code, s in found
    )


def practice(rules: RuleSet) -> tuple[str, ...]:
    """What else these rules settle, a sentence each."""
    return tuple(_practice(rules))


def _practice(rules: RuleSet) -> Iterator[str]:
    yield f"A colour may be changed: {rules.rating.rerating.label}."
    if rules.rating.suggestion_never_falls:
        yield "A colour once suggested stays suggested when later facts would suggest a lower one."
    yield f"Agencies may be asked before rating: {_yes(rules.sharing.before_rating)}."
    if needed := rules.sharing.agreement_needed_for:
        who = either(role.label.lower() for role in rules.sharing.agreement_waived_by)
        colours = either(_colour(rules, code).lower() for code in needed)
        yield f"For {colours} the family's agreement is asked before agencies are, unless {who} gives a reason without."
    partly = "counts as the reply" if rules.sharing.partial_reply_stops_clock else "does not stop the clock"
    yield f"A reply that is only a part {partly}."
    if rules.open_cases.pass_on:
        yield "A contact all of whose children have an allocated worker goes to that worker at once."
    told_first = "the referrer has been told" if rules.closing.feedback_first else ""
    yield (
        f"A contact is closed only when {told_first}."
        if told_first
        else ("A contact may be closed before the referrer is told; it stays on the list of who is to be told.")
    )
    for verb, roles in rules.who_may.items():
        yield f"“{verb.label}” is left to {either(role.label.lower() for role in roles)}."
    for one in rules.exceptions.values():
        lifted = either(rules.clocks[code].label for code in one.lifts)
        yield f"{one.label}: a decision maker may lift “{lifted}”, with a reason."
    yield from _intake(rules)


def _intake(rules: RuleSet) -> Iterator[str]:
    intake = rules.intake
    if intake.calendar:
        yield f"A new contact is for: {intake.in_hours}, in the hours of {calendar_name(intake.calendar)}."
        yield f"At any other time it is for: {intake.out_of_hours}."
    if intake.re_referral:
        yield f"Within {intake.re_referral.within} of closing, a child's next contact is for: {intake.re_referral.to}."
    yield from cut_off(rules)


def cut_off(rules: RuleSet) -> Iterator[str]:
    """From when on what arrives is tomorrow's, where these rules say so."""
    if cut := rules.intake.cut_off:
        named = either(f"“{rules.clocks[code].label}”" for code in cut.clocks)
        at = f"{duration_text(cut.before_closing)} before closing" if cut.before_closing is not None else "the cut-off"
        but = f", but not for {either(_colour(rules, c).lower() for c in cut.not_for)}" if cut.not_for else ""
        yield f"What arrives after {at} counts for {named} as the next working day's{but}."


# ---- Clocks ---------------------------------------------------------------------------------------------------------


def _targets(rules: RuleSet, code: str, clock: ClockRules) -> Iterator[Target]:
    for key, scale in clock.timescales:
        yield _target(rules, for_what(rules, clock, key), key, scale, timescale_route(code, clock, key))
    for agency, own in clock.for_agency.items():
        for key, scale in own.items():
            what = f"{rules.agencies[agency].label}, {for_what(rules, clock, key).lower()}"
            yield _target(rules, what, key, scale, timescale_route(code, clock, key, agency))


def _target(rules: RuleSet, what: str, key: str, scale: Timescale, route: Route) -> Target:
    due = scale.words if scale.has_target else "no target"
    if scale.at_closing is AtClosing.HAND_TO_EDT:
        due += "; at closing time it passes to the emergency duty team"
    return Target(what, key if key in rules.colours else None, due, _rungs(scale.warn), _rungs(scale.escalate), route)


def for_what(rules: RuleSet, clock: ClockRules, key: str) -> str:
    """For what a timescale of the clock is, by its key: a colour, a level, all."""
    suggested = " suggested" if clock.by_suggestion is not None else ""
    if key in rules.colours:
        return _colour(rules, key) + suggested
    if key in LEVELS:
        return f"Level {key}"
    return {"": "All", NOT_RATED: "Not rated yet", OTHERWISE: "Otherwise"}[key]


def _notes(rules: RuleSet, code: str, clock: ClockRules) -> Iterator[str]:
    if clock.is_statutory:
        yield "The statutory clock: nothing pauses it or lifts it."
    yield from _only(rules, code, clock)
    yield from changes(rules, clock)


def _only(rules: RuleSet, code: str, clock: ClockRules) -> Iterator[str]:
    if clock.unless_anonymous:
        yield "Not for anonymous referrers."
    if clock.only_for:
        yield f"Only for: {'; '.join(_only_for(rules, clock.only_for))}."
    if clock.counts_from_receipt and clock.stop == Moment.HANDOVER_ACCEPTED:
        yield "Only for what the emergency duty team records."
    if clock.counts_from_receipt and clock.stop == Moment.READING_CONFIRMED:
        yield "Only for what goes to an allocated worker at once."
    if clock.stop == Moment.SIGNED_OFF:
        yield "Only where management oversight is needed."
    kinds = [
        kind.label.lower() for kind, own in rules.kinds.items() if own.clocks is not None and code not in own.clocks
    ]
    if clock.counts_from_receipt and kinds:
        yield f"Not for: {either(kinds)}."
    yield from changes(rules, clock)


def span(rules: RuleSet, clock: ClockRules) -> str:
    """From when to when the clock runs."""
    return f"From: {moments(rules, clock.starts)}. To: {moments(rules, (clock.stop,))}."


def starts(rules: RuleSet, clock: ClockRules) -> str:
    """What starts the clock."""
    return moments(rules, clock.starts)


def only_for(rules: RuleSet, code: str, clock: ClockRules) -> str:
    """Which contacts the clock is for; nothing where it is for all."""
    return " ".join(_only(rules, code, clock))


def changes(rules: RuleSet, clock: ClockRules) -> Iterator[str]:
    """What a new colour, a return, a pause or a reopening does to the clock, a sentence each."""
    if clock.waits_to_be_known:
        what = clock.on_rerating.label.replace("`not_rated`", "the time for “not rated yet”")
        yield f"When the colour or level changes it {what}."
    if clock.on_return is not OnReturn.CONTINUE:
        yield f"When the contact is returned to the referrer it {clock.on_return.label}."
    if clock.pausable_for:
        colours = either(_colour(rules, c).lower() for c in clock.pausable_for)
        yield f"May be paused for {colours}, at most {rules.pausing.longest_days} days, with a reason."
    for cause in clock.restarts_on:
        yield f"Runs again when {cause.label}."


def _only_for(rules: RuleSet, only: OnlyFor) -> Iterator[str]:
    said = {
        "channel": [channel.label.lower() for channel in only.channels or ()],
        "source": [source.label for source in only.sources or ()],
        "concern": [rules.concerns[code].lower() for code in only.concerns or ()],
        "outcome": [rules.outcomes[code].label.lower() for code in only.outcomes or ()],
        "threshold level": list(only.levels or ()),
        "agency": [rules.agencies[code].label for code in only.agencies or ()],
    }
    for what, names in said.items():
        if names:
            yield f"{what} {either(names)}"


def moment_in_words(rules: RuleSet, code: str) -> str:
    """`it was acknowledged to the referrer`: what a moment is, or an event, within a sentence."""
    name = Moment(code).label if code in set(Moment) else rules.events[code]
    return f"{name[0].lower()}{name[1:]}"


def moments(rules: RuleSet, codes: Iterable[str]) -> str:
    """Moments and events in words, as alternatives."""
    return either(moment_in_words(rules, code) for code in codes)


def hours_of(clock: ClockRules) -> str:
    """By whose hours the clock counts."""
    if clock.calendar is None:
        return "It runs day and night."
    whose = "the agency asked" if clock.calendar == OF_AGENCY else f"“{calendar_name(clock.calendar)}”"
    return f"It counts by the hours of {whose}."


def _rungs(rungs: Iterable[Ladder]) -> str:
    return ", then ".join(
        duration_text(rung.seconds) + (f" (to the {rung.to.label.lower()})" if rung.to else "") for rung in rungs
    )


# ---- The rest -------------------------------------------------------------------------------------------------------


def _oversight(rules: RuleSet, code: str) -> str:
    outcome = rules.outcomes[code]
    needing = [rules.colours[c].label.lower() for c in rules.colours if rules.oversight_needed({code}, c)]
    if not needing:
        return "not needed"
    when = "always" if len(needing) == len(rules.colours) else f"for {either(needing)}"
    return f"{when}, afterwards: it takes effect at once" if outcome.stands_at_once else when


def _dates(calendar: CalendarRules, today: date) -> Iterator[tuple[date, str]]:
    own = {day: hours_in_words(windows) for day, windows in calendar.dates.items()} | dict.fromkeys(
        calendar.closed_on, "closed"
    )
    yield from sorted((day, text) for day, text in own.items() if day >= today)


def hours_in_words(windows: tuple[tuple[int, int], ...]) -> str:
    """`09:00 to 17:15`, `all day`, `closed`."""
    return opened(windows_text(windows))


def opened(windows: str) -> str:
    """Opening hours as a file has them, in words."""
    return windows.replace("-", " to ").replace("00:00 to 24:00", "all day")


def _colour(rules: RuleSet, code: str) -> str:
    return rules.colours[code].label


def calendar_name(calendar: str) -> str:
    """The calendar as people read it."""
    return calendar.replace("_", " ").capitalize()


def either(names: Iterable[str]) -> str:
    """`Police, Health or Education`."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} or {last}" if first else last


def _yes(said: bool) -> str:
    return "yes" if said else "no"
