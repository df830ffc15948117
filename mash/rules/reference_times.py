"""When is it due, for three starts? The worked examples of docs/rule-set-reference.md, counted by the engine. Pure."""

from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from mash.rules import notation as n
from mash.rules import timescales
from mash.rules.calendars import WorkingTime, instant, london
from mash.rules.clockrules import Timescale
from mash.rules.hours import CalendarRules, CutOff

HOLIDAYS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
STARTS = ("2026-11-09T10:00", "2026-11-13T16:30", "2026-11-14T02:00")
_OFFICE = dict.fromkeys(n.WEEKDAYS[:4], "09:00-17:15") | {"fri": "09:00-17:00"}
_HOURS = {
    "hub": _OFFICE,
    "seven days": dict.fromkeys(n.WEEKDAYS[:5], "08:00-18:00") | {"sat": "08:00-16:00", "sun": "08:00-16:00"},
    "always": {**dict.fromkeys(n.WEEKDAYS, "00:00-24:00"), "bank_holidays": "open", "working_days": "hub"},
}


class Worked(NamedTuple):
    """A table of due times: by whose hours, which timescales, and from which intake cut-off on."""

    calendar: str
    timescales: tuple[str, ...]
    cut_off: str | None = None


_DAYS = ("1 working_days_close", "1 working_days_close rolled_to_opening", "1 working_days_same_time")
_ENDS = (
    "end_of_same_working_day",
    "by_time_next_working_day 09:00",
    "by_time_next_working_day 15:00",
    "1 working_days_at_time 15:00",
    "1 working_days_at_time 15:00 rolled_to_opening",
)
_ROLLS = ("4 clock_hours roll_forward", "24 clock_hours roll_back")
_LONG = ("5 calendar_days_same_time", "5 calendar_days_same_time roll_forward", "5 calendar_days_same_time roll_back")
_WEEKS = ("6 calendar_weeks", "6 calendar_weeks roll_forward", "6 calendar_weeks roll_back")
_EARLIER = (
    "1 working_days_close, no_later_than: 1 working_days_same_time",
    "5 working_days_close, no_later_than: 7 calendar_days_same_time",
)
_HOURLY = ("4 clock_hours", "4 working_hours", "4 run_through_hours")
WORKED = {
    "hub": Worked("hub", (*_HOURLY, *_DAYS, *_ENDS, *_ROLLS, *_LONG, *_WEEKS, *_EARLIER, "none")),
    "cut-off": Worked("hub", (*_HOURLY, *_DAYS, *_ENDS), cut_off="16:30"),
    "seven days": Worked("seven days", ("4 working_hours", *_DAYS, "end_of_same_working_day")),
    "always": Worked("always", ("4 working_hours", *_DAYS, "end_of_same_working_day")),
}


@cache
def _working_time(name: str) -> WorkingTime:
    rules = {key: CalendarRules.model_validate(value) for key, value in _HOURS.items()}
    other = rules.get(rules[name].working_days or "")
    return WorkingTime(rules[name].calendar(other.calendar() if other else None), HOLIDAYS)


def due(worked: Worked, text: str, start: str) -> str:
    """When it is due that began then, as the table shows it."""
    hours, at = _working_time(worked.calendar), _instant(start)
    if worked.cut_off:
        at = CutOff.model_validate({"at": worked.cut_off, "clocks": "x"}).counted_from(at, hours)
    found = timescales.earliest(_scale(text).spans, at, (), hours)
    return _when(found[0]) if found else "no target"


def _scale(text: str) -> Timescale:
    due_, _, later = text.partition(", no_later_than: ")
    return Timescale.model_validate({"due": due_} | ({"no_later_than": later} if later else {}))


ALERTS = (
    ("4 working_hours", "1 h", ("2 h", "6 h")),
    ("4 clock_hours", "1 h", ("2 h", "6 h")),
    ("1 working_days_close", "2 h", ("30 min", "4 h")),
    ("3 calendar_days_same_time", "8 h", ("1 h", "4 h")),
    ("by_time_next_working_day 09:30", "1 h", ("1 h", "9 h")),
)


def alert_row(text: str, warn: str, escalate: tuple[str, ...]) -> tuple[str, ...]:
    """When the hub's alerts come for what began on the Friday, as the table shows it."""
    hours = _working_time("hub")
    scale = Timescale.model_validate({"due": text, "warn": warn, "escalate": list(escalate)})
    found = timescales.earliest(scale.spans, _instant(STARTS[1]), (), hours)
    assert found is not None
    at, counted = found
    warned = timescales.warn_at(counted, at, scale.warn[0].seconds, hours)
    later = [_when(timescales.escalate_at(counted, at, rung.seconds, hours)) for rung in scale.escalate]
    return (f"`{text}`", _when(at), f"`{warn}`", _when(warned), f"`[{', '.join(escalate)}]`", *later)


def _instant(text: str) -> int:
    wall = datetime.fromisoformat(text)
    return instant(wall.date(), 60 * wall.hour + wall.minute)


def _when(at: int) -> str:
    return f"{london(at):%a %-d %b %H:%M}"


def start_in_words(start: str) -> str:
    """`Monday 9 November 10:00`."""
    return f"{london(_instant(start)):%A %-d %B %H:%M}"
