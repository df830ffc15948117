"""Is this rule set whole? Checks across its parts, once each part is well formed. Pure.

Yields (route, sentence): where in the rule set, what is wrong and what to write.
"""

import re
from collections.abc import Collection, Iterator

from mash.permissions import PERMISSIONS, Permission
from mash.rules import basis, plugins
from mash.rules.clockrules import (
    AFTER_DECISION,
    LEVELS,
    NOT_RATED,
    OF_AGENCY,
    OTHERWISE,
    AtClosing,
    ClockRules,
    Moment,
    OnReturn,
    Timescale,
)
from mash.rules.conditions import Condition, ContactDays
from mash.rules.hours import CalendarRules
from mash.rules.names import GROUPS, Declared, Problem, Route
from mash.rules.notation import WEEKDAYS, Ladder
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import HOURS, Span, Unit
from mash.vocabulary import Kind, Role, Verb

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_DAYS_AT_MOST = {Unit.WORKING_DAYS_CLOSE: 2, Unit.WORKING_DAYS_SAME_TIME: 2, Unit.END_OF_SAME_WORKING_DAY: 1}
"""Days of opening hours that can be left when a clock starts, beside those of its amount."""
_RESERVED: dict[str, Collection[str]] = {
    "colours": {NOT_RATED, OTHERWISE, "always", "never"},
    "calendars": {OF_AGENCY},
    "events": set(Moment),
}


def problems(rules: RuleSet, declared: Declared | None = None) -> Iterator[Problem]:
    """Everything that names something which does not exist, or could never work."""
    known = declared or Declared(rules.model_dump(by_alias=True))
    yield from _codes(rules)
    yield from _colours(rules)
    yield from _kinds(rules, known)
    yield from _calendars(rules, known)
    yield from _intake(rules, known)
    yield from _agencies(rules, known)
    yield from _outcomes(rules, known)
    yield from _who_may(rules)
    for name, clock in rules.clocks.items():
        yield from _clock(rules, known, ("clocks", name), clock)
    yield from _without_a_clock(rules) if known.whole(("clocks",)) else ()
    yield from _exceptions(rules, known)
    yield from _suggestions(rules, known)
    known.check(rules.open_cases.clocks, "clocks", ("open_cases", "clocks"))
    yield from basis.problems(rules, known)
    yield from known.unknown()


def _codes(rules: RuleSet) -> Iterator[Problem]:
    for group in (*GROUPS, "suggestions"):
        for code in getattr(rules, group):
            if not _CODE.fullmatch(code):
                yield (group, code), "is not a code: write letters, digits, hyphens and underscores, no blanks."
            if code in _RESERVED.get(group, ()):
                yield (group, code), "is a word that the program uses itself here. Give it another code."


def _colours(rules: RuleSet) -> Iterator[Problem]:
    urgent = False
    for code, colour in rules.colours.items():
        if urgent and colour.type_of_work:
            text = "a colour that is a type of work is lower than all others: put it first."
            yield ("colours", code, "type_of_work"), text
        urgent = urgent or not colour.type_of_work


def _kinds(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    for kind in Kind:
        if kind not in rules.kinds and not known.says(("kinds",), kind):
            yield ("kinds", kind.value), f"is missing. Add `{kind}: {{}}`, or say what is different for it."
    for kind, entry in rules.kinds.items():
        route = ("kinds", kind.value, "clocks")
        known.check(entry.clocks or (), "clocks", route)
        for name in entry.clocks or ():
            clock = rules.clocks.get(name)
            if clock and _knows_starts(known, name, clock) and not clock.counts_from_receipt:
                yield route, f"`{name}` does not start with `receipt`: it begins for every kind. Leave it out here."


def _calendars(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    for name, calendar in rules.calendars.items():
        route = ("calendars", name)
        unsaid = [day for day in WEEKDAYS if day not in calendar.model_fields_set and not known.says(route, day)]
        if unsaid:
            also = f" The same goes for {', '.join(unsaid[1:])}." if unsaid[1:] else ""
            yield (*route, unsaid[0]), f"is missing. Write the hours of that weekday, or `closed`.{also}"
        if twice := [day for n, day in enumerate(calendar.closed_on) if day in calendar.closed_on[:n]]:
            yield (*route, "closed_on"), f"{twice[0]} stands in it twice. Remove one, or end a span earlier."
        yield from _working_days(rules, known, name, calendar)


def _working_days(rules: RuleSet, known: Declared, name: str, calendar: CalendarRules) -> Iterator[Problem]:
    if calendar.working_days is None:
        return
    route, whose = ("calendars", name, "working_days"), calendar.working_days
    known.check((whose,), "calendars", route)
    other = rules.calendars.get(whose)
    if other is None or not known.whole(("calendars", name)) or not known.whole(("calendars", whose)):
        return
    if other.working_days:
        further = other.working_days
        yield route, f"`{whose}` itself takes its working days from `{further}`. Write `{further}`."
    elif not calendar.calendar(other.calendar()).has_working_time:
        yield route, f"no weekday is open here and in `{whose}`: nothing could ever fall due. Name another calendar."


def _intake(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    intake = rules.intake
    if intake.calendar is not None:
        known.check((intake.calendar,), "calendars", ("intake", "calendar"))
    if intake.cut_off is None:
        return
    route = ("intake", "cut_off")
    known.check(intake.cut_off.not_for, "colours", (*route, "not_for"))
    known.check(intake.cut_off.clocks, "clocks", (*route, "clocks"))
    for name in intake.cut_off.clocks:
        unhoured = name in rules.clocks and rules.clocks[name].calendar is None
        if unhoured and known.whole(("clocks", name, "calendar")):
            yield (*route, "clocks"), f"`{name}` has no `calendar`, so nothing could be tomorrow's. Give it one."


def _agencies(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    for code, agency in rules.agencies.items():
        route = ("agencies", code)
        known.check((agency.calendar,), "calendars", (*route, "calendar"))
        known.check(agency.required_for, "colours", (*route, "required_for"))
        known.check(agency.required_for_concerns, "concerns", (*route, "required_for_concerns"))
        for colour in agency.required_for:
            if colour in rules.colours and rules.colours[colour].asks_nobody:
                text = f"for `{colour}` nobody is asked. Remove it here or `asks_nobody` there."
                yield (*route, "required_for"), text
    needed = ("sharing", "agreement_needed_for")
    known.check(rules.sharing.agreement_needed_for, "colours", needed)


def _outcomes(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    for code, outcome in rules.outcomes.items():
        route, words = ("outcomes", code, "oversight_for"), outcome.oversight_for
        known.check(words, "colours", route, also=("always", "never"))
        if len(words) > 1 and {"always", "never"} & set(words):
            yield route, "`always` and `never` stand alone. Name colours, or one of the two."


def _who_may(rules: RuleSet) -> Iterator[Problem]:
    for verb, roles in rules.who_may.items():
        route = ("who_may", verb.value)
        could = [role.value for role in Role if Permission(verb.value) in PERMISSIONS[role]]
        if verb is Verb.ANNOUNCE_BANK_HOLIDAY:
            yield route, "is not about one contact. Remove it."
            continue
        for role in roles:
            if role not in could:
                yield route, f"`{role}` may not do this anyway. Of {', '.join(could)} name those who may."


def _clock(rules: RuleSet, known: Declared, route: Route, clock: ClockRules) -> Iterator[Problem]:
    moments = list(Moment)
    known.check(clock.starts, "events", (*route, "from"), also=moments)
    known.check((clock.stop,), "events", (*route, "to"), also=moments)
    if clock.stop in clock.starts and clock.stop in list(Moment):
        yield (*route, "to"), "is also what starts it. Name another moment, or an event: that may come round again."
    if clock.calendar is not None and clock.calendar != OF_AGENCY:
        also = (OF_AGENCY,) if Moment.AGENCY_ASKED in clock.starts else ()
        known.check((clock.calendar,), "calendars", (*route, "calendar"), also=also)
    if _knows_starts(known, route[-1], clock):
        yield from _starts(route, clock)
    yield from _only_for(known, (*route, "only_for"), clock)
    known.check(clock.pausable_for, "colours", (*route, "pausable_for"))
    yield from _every_key(rules, known, route, clock)
    hours = known.whole((*route, "calendar")) and known.whole(("calendars", clock.calendar or ""))
    yield from _level_in_time(rules, route, clock) if known.whole(("colours",)) else ()
    yield from _for_agency(rules, known, (*route, "for_agency"), clock)
    scales = [((*route, clock.way, key) if key else (*route, clock.way), scale) for key, scale in clock.timescales]
    scales += [((*route, "for_agency", a, key), s) for a, keys in clock.for_agency.items() for key, s in keys.items()]
    for own, timescale in scales:
        yield from _handed_on(rules, own, clock, timescale)
        yield from _spans(own, clock, timescale) if known.whole((*route, "calendar")) else ()
        yield from _alerts(own, timescale, _longest(rules, clock, timescale) if hours else None)


def _knows_starts(known: Declared, name: str, clock: ClockRules) -> bool:
    """Whether what starts it is well known: else nothing follows from it."""
    return known.whole(("clocks", name, "from")) and known.knows(clock.starts, "events", list(Moment))


def _every_key(rules: RuleSet, known: Declared, route: Route, clock: ClockRules) -> Iterator[Problem]:
    """A colour or level that is forgotten would silently have no target: each has to be named."""
    route = (*route, clock.way)
    wanted: Collection[str] = ()
    if clock.by_suggestion is not None:
        for key in clock.by_suggestion:
            known.check((key,), "colours", (*route, key), also=(OTHERWISE,))
    if clock.by_rating is not None:
        for key in clock.by_rating:
            known.check((key,), "colours", (*route, key), also=(NOT_RATED,))
        wanted = [*[NOT_RATED] * (clock.of_agencies and rules.sharing.before_rating), *(known.names("colours") or ())]
    if clock.by_level is not None:
        for key in sorted(set(clock.by_level) - set(LEVELS)):
            yield (*route, key), "is not a threshold level. Levels are 1, 2, 3 and 4."
        wanted = LEVELS
    if unsaid := [key for key in wanted if not known.says(route, key)]:
        also = f" The same goes for {', '.join(unsaid[1:])}." if unsaid[1:] else ""
        yield (*route, unsaid[0]), f"is missing. Give it a timescale, or `{{due: none}}`.{also}"


def _level_in_time(rules: RuleSet, route: Route, clock: ClockRules) -> Iterator[Problem]:
    before = clock.stop in (Moment.DECISION_RECORDED, Moment.RATED, Moment.SCREENING_STARTED)
    if clock.by_level is not None and before and not any(colour.level for colour in rules.colours.values()):
        text = "no level is known before the decision: give the colours a `level`, or stop with a later moment."
        yield (*route, "by_level"), text


def _for_agency(rules: RuleSet, known: Declared, route: Route, clock: ClockRules) -> Iterator[Problem]:
    if clock.for_agency and (not clock.of_agencies or clock.by_rating is None):
        yield route, "goes with clocks that start with `agency_asked` and have `by_rating`. Remove it."
        return
    for agency, scales in clock.for_agency.items():
        known.check((agency,), "agencies", (*route, agency))
        for key in scales:
            known.check((key,), "colours", (*route, agency, key), also=(NOT_RATED,))
        for key in clock.by_rating or ():
            if not known.says((*route, agency), key):
                yield (*route, agency, key), "is missing. Give it a timescale, or `{due: none}`."


def _handed_on(rules: RuleSet, route: Route, clock: ClockRules, timescale: Timescale) -> Iterator[Problem]:
    without = clock.calendar is None and rules.intake.calendar is None
    if timescale.at_closing is AtClosing.HAND_TO_EDT and without:
        text = "needs hours that close. Give the clock a `calendar`, or `intake` one."
        yield (*route, "at_closing"), text


def _without_a_clock(rules: RuleSet) -> Iterator[Problem]:
    """Where some requests have a deadline, an agency whose requests have none would never be late."""
    own = [clock.only_for.agencies if clock.only_for else None for clock in rules.clocks.values() if clock.of_agencies]
    for code in rules.agencies if own else ():
        if not any(agencies is None or code in agencies for agencies in own):
            text = "no clock is for requests to it, so it is never late. Name it under `only_for` of a clock."
            yield ("agencies", code), text


def _starts(route: Route, clock: ClockRules) -> Iterator[Problem]:
    """What goes only with some ways to start."""
    if Moment.AGENCY_ASKED in clock.starts and not clock.of_agencies:
        yield (*route, "from"), "`agency_asked` stands alone: make another clock for the other moments."
        return
    if clock.calendar == OF_AGENCY and not clock.of_agencies:
        yield (*route, "calendar"), "only a clock that starts with `agency_asked` has an agency's calendar. Name one."
    if clock.restarts_on and not clock.counts_from_receipt:
        yield (*route, "restarts_on"), "only a clock that starts with `receipt` can be made to run again. Remove it."
    if clock.on_return is not OnReturn.CONTINUE and not clock.counts_from_receipt:
        yield (*route, "on_return"), "only a clock that starts with `receipt` does anything but continue. Remove it."
    if NOT_RATED in (clock.by_rating or ()) and not clock.of_agencies:
        yield (
            (*route, "by_rating", NOT_RATED),
            "is for requests made before rating; this clock waits for a colour. Remove it.",
        )


def _only_for(known: Declared, route: Route, clock: ClockRules) -> Iterator[Problem]:
    only = clock.only_for
    if only is None:
        return
    known.check(only.concerns or (), "concerns", (*route, "concerns"))
    known.check(only.outcomes or (), "outcomes", (*route, "outcomes"))
    known.check(only.agencies or (), "agencies", (*route, "agencies"))
    for level in only.levels or ():
        if level not in LEVELS:
            yield (*route, "levels"), f"`{level}` is not a threshold level. Levels are 1, 2, 3 and 4."
    if not _knows_starts(known, route[1], clock):
        return
    late = set(clock.starts) <= AFTER_DECISION | set(known.names("events") or ())
    for key in ("outcomes", "levels"):
        if getattr(only, key) and not late:
            yield (*route, key), "is not known yet when this clock starts. Use `by_level`, or start with the decision."
    if only.agencies and not clock.of_agencies:
        yield (*route, "agencies"), "goes with clocks that start with `agency_asked`. Remove it."


def _alerts(route: Route, timescale: Timescale, longest: int | None) -> Iterator[Problem]:
    """Warnings before the deadline and after the start, escalations after it; `longest` as `_longest` has it."""
    if not timescale.has_target:
        for key in ("no_later_than", "warn", "escalate", "at_closing"):
            if getattr(timescale, key):
                yield (*route, key), "a clock without a target has no such thing. Remove it, or give it a target."
        return
    yield from _ladder((*route, "warn"), timescale.warn, descending=True)
    yield from _ladder((*route, "escalate"), timescale.escalate, descending=False)
    if longest is not None and any(rung.seconds >= longest for rung in timescale.warn):
        yield (*route, "warn"), "warns when the clock starts, or before. Warn closer to the deadline."


def _spans(route: Route, clock: ClockRules, timescale: Timescale) -> Iterator[Problem]:
    for key, span in (("due", timescale.due), ("no_later_than", timescale.no_later_than)):
        if span is not None and span.needs_hours and clock.calendar is None:
            yield (*route, key), f"`{span.unit}` needs opening hours. Give the clock a `calendar`."
    if timescale.no_later_than is not None and timescale.no_later_than.unit is Unit.NONE:
        yield (*route, "no_later_than"), "`none` is never the earlier of two. Remove it."


def _ladder(route: Route, rungs: tuple[Ladder, ...], *, descending: bool) -> Iterator[Problem]:
    times = [rung.seconds for rung in rungs]
    if 0 in times:
        yield route, "is at the deadline itself: the breach says that already. Give it some time."
    elif times != sorted(set(times), reverse=descending):
        order = "go from the earliest warning to the last one: the longest time first" if descending else "grow"
        yield route, f"must {order}" + ("." if descending else ": each escalation later than the one before.")


def _longest(rules: RuleSet, clock: ClockRules, timescale: Timescale) -> int | None:
    """The most that can be left when the clock starts, in the seconds in which its warnings count; None: any time."""
    known = [most for span in timescale.spans if (most := _most(rules, clock, span)) is not None]
    return min(known, default=None)


def _most(rules: RuleSet, clock: ClockRules, span: Span) -> int | None:
    if span.unit in HOURS:
        return span.amount
    calendar = rules.calendars.get(clock.calendar or "")
    if calendar is None or span.unit not in _DAYS_AT_MOST:
        return None
    days = [*calendar.week, *calendar.dates.values()]
    longest = max(60 * sum(closing - opening for opening, closing in windows) for windows in days)
    return (span.amount + _DAYS_AT_MOST[span.unit]) * longest


def _exceptions(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    for code, exception in rules.exceptions.items():
        route = ("exceptions", code, "lifts")
        known.check(exception.lifts, "clocks", route)
        for name in exception.lifts:
            if name in rules.clocks and rules.clocks[name].is_statutory:
                yield route, f"`{name}` is the statutory clock: nothing lifts it. Remove it."


def _suggestions(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    for name, rule in rules.suggestions.items():
        known.check((rule.colour,), "colours", ("suggestions", name, "colour"))
        yield from _condition(known, ("suggestions", name, "when"), rule.when)


def _condition(known: Declared, route: Route, condition: Condition) -> Iterator[Problem]:
    for key in ("any_concern", "every_concern"):
        known.check(getattr(condition, key) or (), "concerns", (*route, key))
    if condition.contact_days:
        yield from _contact_days(known, (*route, "contact_days"), condition.contact_days)
    concerns, different = known.names("concerns"), condition.different_concerns
    if different and concerns is not None and different > len(concerns):
        text = f"can never be: there are {len(concerns)} concerns. Write a smaller number."
        yield (*route, "different_concerns"), text
    if condition.outside_hours_of is not None:
        known.check((condition.outside_hours_of,), "calendars", (*route, "outside_hours_of"))
    yield from _python((*route, "python"), condition.python)
    for key in ("all", "any"):
        for n, part in enumerate(getattr(condition, key) or ()):
            yield from _condition(known, (*route, key, str(n)), part)
    if condition.not_:
        yield from _condition(known, (*route, "not"), condition.not_)


def _python(route: Route, name: str | None) -> Iterator[Problem]:
    if name is not None and name not in (names := plugins.condition_names()):
        yield route, f"no installed package has the condition `{name}`. There are: {', '.join(names) or 'none'}."


def _contact_days(known: Declared, route: Route, days: ContactDays) -> Iterator[Problem]:
    known.check(days.concerns or (), "concerns", (*route, "concerns"))
    if days.at_least > days.within_days + 1:
        yield (*route, "at_least"), "can never be: there are not so many dates in that time. Write a smaller number."
