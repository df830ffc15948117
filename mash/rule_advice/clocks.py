"""Which clocks of a rule set never start, are stopped by nobody, or have no deadline while somebody waits? Pure."""

from collections.abc import Collection, Iterator

from mash.rule_advice.course import Course
from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rules.clockrules import AFTER_DECISION, ClockRules, Moment, RestartsOn
from mash.rules.plainly import either, moment_in_words
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, Source, State

ONCE = frozenset({Moment.ACKNOWLEDGED, Moment.HANDOVER_ACCEPTED})
"""Moments that come once in the life of a contact, whatever happens to it afterwards."""

WITH_WORKER = State.WITH_ALLOCATED_WORKER

OF_REFERRER = frozenset({Moment.ACKNOWLEDGED, Moment.REFERRER_TOLD})
"""Moments that need a referrer whom somebody can reach."""


def clocks(rules: RuleSet) -> Iterator[Advice]:
    """What is foolish about the course of each clock."""
    course = Course(rules)
    for name, clock in rules.clocks.items():
        if why := _never_starts(course, name, clock):
            text = f"“{clock.label}” never starts: {why}."
            yield Advice(AdviceKind.CLOCK_NEVER_STARTS, ("clocks", name, "from"), text)
            continue
        if without := _without_deadline(course, name, clock):
            yield without
        if has_target(clock):
            yield from _never_stops(course, name, clock)
            yield from _outlives_closing(course, name, clock)
            yield from _outlives_passing_on(course, name, clock)


def has_target(clock: ClockRules) -> bool:
    """Whether it has a deadline for anything at all."""
    own = [scale for scales in clock.for_agency.values() for scale in scales.values()]
    return any(scale.has_target for scale in (*(scale for _, scale in clock.timescales), *own))


# -- never starts -----------------------------------------------------------------------------------------------------


def _never_starts(course: Course, name: str, clock: ClockRules) -> str | None:
    """Why no contact ever has it, and what to do about it; None where one can have it."""
    comes = [moment for moment in clock.starts if course.can_come(moment)]
    if not comes:
        return f"{_why_never(course, clock.starts[0])}. Remove it, or let it start with something else"
    if clock.stop == Moment.SIGNED_OFF and Moment.RECEIPT not in comes and not course.oversight:
        return f"{_why_never(course, Moment.SIGNED_OFF)}. Remove it, or give an outcome `oversight_for`"
    return _no_receipt_counts(course, name, clock) if comes == [Moment.RECEIPT] else None


def _no_receipt_counts(course: Course, name: str, clock: ClockRules) -> str | None:
    rules = course.rules
    if clock.stop == Moment.HANDOVER_ACCEPTED and not course.edt_receives:
        return (
            f"{_why_never(course, Moment.HANDOVER_ACCEPTED)}. Name `edt` under `who_may.receive_contact`, or remove it"
        )
    if not any(kind.clocks is None or name in kind.clocks for kind in rules.kinds.values()):
        return f"no kind of contact has it. Name `{name}` under `clocks` of one of the `kinds`, or remove it"
    if clock.stop != Moment.READING_CONFIRMED:
        return None
    if not rules.open_cases.pass_on:
        return f"{_why_never(course, Moment.READING_CONFIRMED)}. Write `open_cases: {{pass_on: true}}`, or remove it"
    if name not in rules.open_cases.clocks:
        return f"it is for what is passed on, and not among its clocks. Name `{name}` under `open_cases.clocks`"
    return None


def _why_never(course: Course, moment: str) -> str:
    if moment in (Moment.AGENCY_ASKED, Moment.AGENCY_REPLIED):
        return "these rules let nobody be asked"
    if moment == Moment.SIGNED_OFF:
        return "no outcome needs oversight in any colour"
    if moment == Moment.HANDOVER_ACCEPTED:
        return "these rules do not let the emergency duty team record contacts, and there is nothing to hand over"
    if moment == Moment.READING_CONFIRMED:
        return "nothing is passed on to an allocated worker"
    return f"it never comes to it that {_said(course, moment)}"


# -- has no deadline --------------------------------------------------------------------------------------------------


def _without_deadline(course: Course, name: str, clock: ClockRules) -> Advice | None:
    route = ("clocks", name, clock.way)
    if not has_target(clock):
        text = (
            f"“{clock.label}” has no deadline for anything: nobody is ever told of it. Give it a target, or remove it."
        )
        return Advice(AdviceKind.CLOCK_WITHOUT_DEADLINE, route, text)
    known_at_rating = clock.by_rating is not None or (
        clock.by_level is not None and any(colour.level for colour in course.rules.colours.values())
    )
    waits = clock.stop in (Moment.SCREENING_STARTED, Moment.RATED) and clock.counts_from_receipt
    if not (known_at_rating and waits):
        return None
    until = "is rated" if clock.stop == Moment.RATED else "is looked at"
    text = (
        f"“{clock.label}” goes by the colour, which is not known before a contact is rated: until it {until} there is "
        "no deadline, and nobody hears of one that lies about. Write `timescale` or `by_suggestion` in the place of "
        f"`{clock.way}`."
    )
    return Advice(AdviceKind.CLOCK_WITHOUT_DEADLINE, route, text)


# -- nobody stops it --------------------------------------------------------------------------------------------------


def _never_stops(course: Course, name: str, clock: ClockRules) -> Iterator[Advice]:
    """The first reason for which a clock that has started would run for ever."""
    for why in _reasons(course, clock):
        text = f"“{clock.label}” is stopped by nobody{why}"
        yield Advice(AdviceKind.CLOCK_NEVER_STOPS, ("clocks", name, "to"), text)
        return


def _reasons(course: Course, clock: ClockRules) -> Iterator[str]:
    starts = [start for start in clock.starts if course.can_come(start)]
    if not course.can_come(clock.stop):
        yield f": {_why_never(course, clock.stop)}. Let it stop with something that can happen."
    for start in starts:
        if not course.can_follow(course.lands(start), clock.stop, roundabout=False):
            yield _only_roundabout(course, f"when {_said(course, start)}", clock.stop, course.lands(start))
    yield from _after_reopening(course, clock)
    if others := [start for start in starts if start != Moment.RECEIPT]:
        yield from _begun_too_late(course, clock, others[0])
    if clock.stop == Moment.SIGNED_OFF:
        yield from _unsigned(course, starts)
    if clock.stop in OF_REFERRER and not clock.unless_anonymous and _may_be_anonymous(clock):
        yield " where the referrer is anonymous, for there is nobody to tell. Add `unless_anonymous: true`."


def _begun_too_late(course: Course, clock: ClockRules, start: str) -> Iterator[str]:
    """A clock that begins after what comes once may have come, or where it cannot come at all."""
    begins = _said(course, start)
    if clock.stop == Moment.HANDOVER_ACCEPTED:
        yield (
            f" where the day staff recorded the contact: it starts when {begins}, and nothing is there to hand over. "
            "Let it start with `receipt`."
        )
    if clock.stop in ONCE:
        done = _said(course, clock.stop)
        yield f" where {done} before {begins}: that comes only once. Let it start with `receipt`."


def _unsigned(course: Course, starts: Collection[str]) -> Iterator[str]:
    """A clock to the oversight of decisions that need none, or that have had it."""
    remedy = "Let it start with `decision_recorded`."
    if not set(starts) <= AFTER_DECISION and course.without_oversight:
        yield f" where the decision needs no oversight. {remedy}"
    if Moment.DECISION_STANDS in starts and course.signed_first:
        yield f" where the decision stands only once it is signed, for it starts then. {remedy}"


def _only_roundabout(course: Course, when: str, stop: str, stages: set[str]) -> str:
    done = _said(course, stop)
    if not course.can_follow(stages, stop):
        return f" {when}: it can never come to it afterwards that {done}. Let it stop with something else."
    return (
        f" {when}, unless the contact is sent back, transferred or reopened: only after that can it come to it that "
        f"{done}. Let it start, or stop, with something else."
    )


def _after_reopening(course: Course, clock: ClockRules) -> Iterator[str]:
    """A clock that a reopening starts again; those of a hand-over to a worker it does not."""
    if RestartsOn.REOPEN not in clock.restarts_on or clock.stop == Moment.READING_CONFIRMED:
        return
    reopened = course.lands(Moment.REOPENED)
    if reopened and not course.can_follow(reopened, clock.stop, roundabout=False):
        yield _only_roundabout(course, "when a contact is reopened", clock.stop, reopened)
    elif clock.stop in ONCE:
        yield (
            f" when a contact is reopened that had come so far that {_said(course, clock.stop)}: that comes only once. "
            "Remove `restarts_on: reopen`."
        )


def _may_be_anonymous(clock: ClockRules) -> bool:
    sources = clock.only_for.sources if clock.only_for else None
    return sources is None or Source.ANONYMOUS in sources


# -- runs on after closing --------------------------------------------------------------------------------------------


def _outlives_closing(course: Course, name: str, clock: ClockRules) -> Iterator[Advice]:
    """What may be closed before it is rated is closed with its clocks running: those that nobody stops then."""
    if not clock.counts_from_receipt or clock.waits_to_be_known or clock.stop in course.rules.events:
        return
    if clock.stop in (Moment.HANDOVER_ACCEPTED, Moment.READING_CONFIRMED, Moment.CLOSED):
        return
    if course.can_follow([State.CLOSED], clock.stop, roundabout=False) and clock.stop != Moment.REFERRER_TOLD:
        return
    kinds = [kind for kind, own in course.rules.kinds.items() if own.may_close_early and _has(course, kind, name)]
    if kinds:
        text = (
            f"When {either(_a(kind) for kind in kinds)} is closed early, “{clock.label}” runs on, falls out of "
            f"timescale and is stopped by nobody. Leave `{name}` out of `kinds.{kinds[0].value}.clocks`."
        )
        yield Advice(AdviceKind.CLOCK_OUTLIVES_CLOSING, ("kinds", kinds[0].value), text)


def _outlives_passing_on(course: Course, name: str, clock: ClockRules) -> Iterator[Advice]:
    """What is passed on to an allocated worker is neither looked at nor decided by the hub."""
    if not course.rules.open_cases.pass_on or name not in course.rules.open_cases.clocks:
        return
    if clock.counts_from_receipt and not course.can_follow([WITH_WORKER], clock.stop, roundabout=False):
        text = (
            f"When a contact is passed on to an allocated worker, “{clock.label}” begins and is stopped by nobody: the "
            f"hub only hears of it again with new facts. Leave `{name}` out of `open_cases.clocks`."
        )
        yield Advice(AdviceKind.CLOCK_NEVER_STOPS, ("open_cases", "clocks"), text)


def _has(course: Course, kind: Kind, name: str) -> bool:
    own = course.rules.kinds[kind].clocks
    return own is None or name in own


def _a(kind: Kind) -> str:
    return f"{'an' if kind.label[0] in 'AEIOU' else 'a'} {kind.label.lower()}"


def _said(course: Course, moment: str) -> str:
    """A moment as the end of a sentence."""
    return moment_in_words(course.rules, moment)
