"""How was that deadline counted, step by step? Pure: a clock of a rule set, a start, and what is known since.

`count` is the one way from a timescale to a deadline, used by the fold; `explain` says the same in sentences, day by
day. Instants are whole seconds since 1970 in UTC, sentences use London time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from mash.rules import timescales
from mash.rules.calendars import WorkingTime, instant, london, london_day
from mash.rules.clockrules import Timescale
from mash.rules.notation import WEEKDAYS, duration_text, windows_text
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import CALENDAR, ELAPSED, Pauses, Roll, Span, Unit
from mash.rules.year import why_shut

_MOST_STEPS = 40


@dataclass(frozen=True)
class Counted:
    """One counting: what it was counted from (`begun`, once the cut-off is past), by which span, and the deadline."""

    begun: int
    due_at: int
    span: Span


@dataclass(frozen=True)
class Question:
    """A clock of a contact, as far as counting goes. `late` are bank holidays announced since the rules were loaded."""

    rules: RuleSet
    clock: str
    agency: str = ""
    colour: str | None = None
    late: frozenset[date] = frozenset()

    @property
    def calendar(self) -> str | None:
        """The calendar that it counts by."""
        return self.rules.calendar_of(self.clock, self.agency)

    @property
    def hours(self) -> WorkingTime | None:
        """Its opening hours, as known now."""
        name = self.calendar
        return self.rules.working_times(self.late)[name] if name else None

    def hours_on(self, day: date) -> bool:
        """Whether its calendar has a window on the date."""
        return self.hours is not None and bool(self.hours.windows_on(day))


def count(question: Question, scale: Timescale, start: int, pauses: Pauses) -> Counted:
    """When the timescale that began at `start` is due, and by which of its spans. It has to have a target."""
    hours, begun = question.hours, start
    cut_off = question.rules.intake.cut_off
    if cut_off and hours and question.clock in cut_off.clocks and question.colour not in cut_off.not_for:
        begun = cut_off.counted_from(start, hours)
    found = timescales.earliest(scale.spans, begun, pauses, hours)
    assert found is not None
    return Counted(begun, *found)


def explain(question: Question, scale: Timescale, start: int, pauses: Pauses = ()) -> list[str]:
    """The counting in sentences, in order; the last ones are the deadline and the alerts."""
    if not scale.has_target:
        return [f"Starts {when(start)}.", "No target: no deadline and no alert."]
    counted = count(question, scale, start, pauses)
    told = alerts(scale, counted, start, question.hours)
    return [*steps(question, scale, start, pauses), *told, *beyond_what_is_known(question, counted.due_at)]


def steps(question: Question, scale: Timescale, start: int, pauses: Pauses = ()) -> list[str]:
    """The counting alone, of a timescale that has a target: the last sentence is `Due …`."""
    counted = count(question, scale, start, pauses)
    lines = [f"Starts {when(start)}{_whether_open(start, question.hours, counted.span)}."]
    if counted.begun != start:
        lines.append(f"That is after the intake cut-off: it counts as {when(counted.begun)}, the next working day.")
    lines += [f"Paused from {when(begun)} to {when(ended)}: not counted." for begun, ended in pauses]
    for span in scale.spans:
        own = timescales.due(span, counted.begun, pauses, question.hours)
        assert own is not None
        lines += _shortened(list(_steps(question, span, counted.begun, pauses, own)))
        if len(scale.spans) > 1:
            lines.append(f"{_capital(span.words)}: {when(own)}.")
    if len(scale.spans) > 1:
        lines.append("The earlier of the two counts.")
    return [*lines, f"Due {when(counted.due_at)}."]


def beyond_what_is_known(question: Question, at: int) -> Iterator[str]:
    """A remark where an instant is later than the last bank holiday of the rules."""
    last = max(question.rules.bank_holidays, default=None)
    if question.calendar and last is not None and london_day(at) > last:
        yield f"These rules know no bank holidays after {last:%-d %B %Y}: check the date."


def when(at: int) -> str:
    """`Monday 16 November 2026 09:00`; in the two nights when clocks change with the zone, as `01:30 BST`."""
    wall = london(at)
    noon = wall.replace(hour=12, minute=0)
    zone = f" {wall.tzname()}" if (noon - timedelta(days=1)).utcoffset() != noon.utcoffset() else ""
    return f"{wall:%A %-d %B %Y %H:%M}{zone}"


def hours_in_words(rules: RuleSet, calendar: str) -> str:
    """`mon to thu 09:00-17:15, fri 09:00-17:00, sat to sun closed; bank holidays closed`."""
    entry = rules.calendars[calendar]
    runs = [
        (windows, [day for day, _ in run]) for windows, run in groupby(zip(WEEKDAYS, entry.week, strict=True), _own)
    ]
    days = ", ".join(f"{' to '.join(dict.fromkeys((d[0], d[-1])))} {windows_text(w)}" for w, d in runs)
    working = f"; working days as {entry.working_days}" if entry.working_days else ""
    own = len(entry.dates) + len(entry.closed_on)
    dates = f"; {own} {'date' if own == 1 else 'dates'} of its own" if own else ""
    return f"{days}; bank holidays {entry.bank_holidays}{dates}{working}"


def _own(day: tuple[str, tuple[tuple[int, int], ...]]) -> tuple[tuple[int, int], ...]:
    return day[1]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _whether_open(at: int, hours: WorkingTime | None, span: Span) -> str:
    if hours is None or span.unit in ELAPSED - {Unit.RUN_THROUGH_HOURS}:
        return ""
    return ", in hours" if hours.is_open(at) else ", out of hours"


def _shortened(lines: list[str]) -> list[str]:
    """Not more than can be read: the middle of a very long count is left out, and said to be."""
    if len(lines) <= _MOST_STEPS:
        return lines
    half = _MOST_STEPS // 2
    return [*lines[:half], f"… {len(lines) - 2 * half} further days …", *lines[-half:]]


def _steps(question: Question, span: Span, start: int, pauses: Pauses, due_at: int) -> Iterator[str]:
    hours, begun = question.hours, start
    rolls = span.rolled or span.unit in (Unit.RUN_THROUGH_HOURS, Unit.WORKING_DAYS_SAME_TIME)
    if hours is not None and (rolls or span.unit is Unit.END_OF_SAME_WORKING_DAY):
        begun = hours.next_opening(start)
        if begun != start:
            yield f"Out of hours it counts from the next opening, {when(begun)}."
    if span.unit in ELAPSED:
        yield f"{duration_text(span.amount)} later by the clock, nights and weekends included{_change(begun, due_at)}."
    elif span.unit is Unit.WORKING_HOURS and hours is not None:
        yield from _open_time(question, begun, due_at, pauses, span.amount)
    elif span.unit in CALENDAR:
        weeks = f" ({span.amount} weeks)" if span.unit is Unit.CALENDAR_WEEKS else ""
        days = span.amount * (7 if weeks else 1)
        yield f"{days} days{weeks} later at the same time of day, weekends included{_days_more(pauses)}."
    elif hours is not None:
        yield from _days(question, span, begun, due_at, timescales.days_put_back(pauses, hours))
    if span.roll is not None and (straight := timescales.due(_unrolled(span), start, pauses, hours)) != due_at:
        assert straight is not None
        where = "on to the next opening" if span.roll is Roll.FORWARD else "back to the closing before"
        yield f"That would be {when(straight)}, outside the working day: it moves {where}."


def _unrolled(span: Span) -> Span:
    return replace(span, roll=None)


def _days_more(pauses: Pauses) -> str:
    more = timescales.calendar_days_put_back(pauses)
    return f"; put back by {more} {'day' if more == 1 else 'days'}, for the time paused" if more else ""


def _change(start: int, end: int) -> str:
    """A remark where clocks change on the way."""
    shift = (london(end).utcoffset() or timedelta()) - (london(start).utcoffset() or timedelta())
    if not shift:
        return ""
    return "; the clocks go " + ("forward" if shift > timedelta() else "back") + " on the way"


def _open_time(question: Question, start: int, end: int, pauses: Pauses, amount: int) -> Iterator[str]:
    """The open time of each day, how much is left after it, and why the days between do not count."""
    hours, left, expected = question.hours, amount, london_day(start)
    assert hours is not None
    counted = _by_day(_without(hours.open_spans(start, end), pauses))
    for day, spans in groupby(counted, lambda span: london_day(span[0])):
        while expected < day:
            yield f"{_named(expected)}: not counted{_why_not(question, expected)}."
            expected += timedelta(days=1)
        expected = day + timedelta(days=1)
        parts = list(spans)
        left -= sum(until - since for since, until in parts)
        times = " and ".join(f"{london(since):%H:%M} to {_end_of(since, until)}" for since, until in parts)
        yield f"{_named(day)}: open {times}; {duration_text(left)} left."


def _by_day(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Open time that goes over midnight, day by day."""
    for since, until in spans:
        at = since
        while (midnight := instant(london_day(at) + timedelta(days=1), 0)) < until:
            yield at, midnight
            at = midnight
        yield at, until


def _named(day: date) -> str:
    return f"{day:%A %-d %B}"


def _end_of(since: int, until: int) -> str:
    return "24:00" if london_day(until) != london_day(since) else f"{london(until):%H:%M}"


def _without(spans: Sequence[tuple[int, int]], pauses: Pauses) -> Iterator[tuple[int, int]]:
    for since, until in spans:
        at = since
        for begun, ended in sorted(pauses):
            if ended <= at or begun >= until:
                continue
            if begun > at:
                yield at, begun
            at = max(at, ended)
        if at < until:
            yield at, until


def _days(question: Question, span: Span, start: int, due_at: int, put_back: int) -> Iterator[str]:
    """Every date from the start to the deadline: which count, and why the others do not."""
    hours, first, last = question.hours, london_day(start), london_day(due_at - 1)
    assert hours is not None
    number, own = 0, hours.working_days_between(first, last) - put_back
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        works = hours.is_working_day(day)
        if offset == 0:
            yield f"{_named(day)}: the day it counts from{'' if works else _why_not(question, day)}."
        elif works:
            number += 1
            yield f"{_named(day)}: working day {number}{', put back for a day paused' if number > own else ''}."
        else:
            yield f"{_named(day)}: not counted{_why_not(question, day)}."
    if span.unit is Unit.WORKING_DAYS_CLOSE or span.unit is Unit.END_OF_SAME_WORKING_DAY:
        yield f"That day closes at {_end_of(due_at - 1, due_at)}."
    moved = span.unit is Unit.WORKING_DAYS_SAME_TIME and london(due_at).time() != london(start).time()
    if moved:
        yield f"At {london(start):%H:%M} it is shut that day: the closing before counts, or else the first opening."


def _why_not(question: Question, day: date) -> str:
    why = why_shut(question.rules, question.calendar, day, question.late)
    return f", {why}" if why else ", outside hours" if question.hours_on(day) else ", not a working day"


def alerts(scale: Timescale, counted: Counted, start: int, hours: WorkingTime | None) -> Iterator[str]:
    """The warnings and escalations that a deadline has where nobody acts, in sentences."""
    for level, rung in enumerate(scale.warn, 1):
        at = timescales.warn_at(counted.span, counted.due_at, rung.seconds, hours)
        whom = f", to {rung.to.label.lower()}" if rung.to else ""
        early = ", at once, as that is before the start" if at < start else ""
        yield f"Warning {level}, {duration_text(rung.seconds)} before: {when(at)}{early}{whom}."
    for level, rung in enumerate(scale.escalate, 2):
        at = timescales.escalate_at(counted.span, counted.due_at, rung.seconds, hours)
        whom = f", to {rung.to.label.lower()}" if rung.to else ""
        yield f"Escalation level {level}, {duration_text(rung.seconds)} after, if still nobody acted: {when(at)}{whom}."


def london_instant(text: str) -> int:
    """`2026-11-13T16:30` by a London clock (of two equal times the first), or with an offset. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None:
        return int(at.astimezone(UTC).timestamp())
    return instant(at.date(), 60 * at.hour + at.minute) + at.second
