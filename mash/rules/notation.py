"""How is an amount written in a rule file? Text to numbers and back; every type of value that a key can have.

Once read, durations are seconds, times of day minutes of the London day, and periods days. Each error is a sentence
that says what to write.
"""

import difflib
import re
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from mash.rules.calendars import Window
from mash.rules.timescales import CALENDAR, HOURS, Roll, Span, Unit
from mash.vocabulary import Role

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DURATION = re.compile(r"(?:(?P<h>\d{1,4}) ?h)?(?:^|\b|(?<=h)) ?(?:(?P<m>\d{1,5}) ?min)?")
_CLOCK_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_AMOUNT = re.compile(r"\d+(\.\d{1,4})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PERIOD = re.compile(r"(\d{1,5}) (day|week)s?")
_ROLLED = "rolled_to_opening"
_MAY_ROLL_START = frozenset({Unit.WORKING_DAYS_CLOSE, Unit.WORKING_DAYS_AT_TIME}) | CALENDAR
_WITHOUT_AMOUNT = frozenset({Unit.NONE, Unit.END_OF_SAME_WORKING_DAY, Unit.BY_TIME_NEXT_WORKING_DAY})
_ROLES = tuple(role.value for role in Role if role not in (Role.SYSTEM, Role.ADMINISTRATOR))


LACKS = "lacks"
"""Type of the error that a part raises where a key is missing that only some need; its context says which."""


def lacking(key: str, sentence: str) -> PydanticCustomError:
    """The error that says so; `key` may be that of a part within the part, with a dot."""
    return PydanticCustomError(LACKS, "{sentence}", {"key": key, "sentence": sentence})


class Ladder(NamedTuple):
    """One rung: so many seconds before it is due, or after the breach, and the role to tell if one is named."""

    seconds: int
    to: Role | None = None


def _shown(value: Any) -> str:
    """What was written, at the beginning of a sentence about it; nothing of a list or keys."""
    return f"`{value.strip()[:60]}` " if isinstance(value, str) else ""


def _duration(value: Any) -> Any:
    """`1 h`, `30 min`, `1 h 30 min` → seconds."""
    if isinstance(value, int):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not (found["h"] or found["m"]):
        raise ValueError(f"{_shown(value)}is not a duration. Write it like `2 h`, `30 min` or `1 h 30 min`")
    return 3600 * int(found["h"] or 0) + 60 * int(found["m"] or 0)


def duration_text(seconds: int) -> str:
    """`1 h 30 min`."""
    hours, rest = divmod(seconds // 60, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def _rung(value: Any) -> Any:
    """`1 h`, `4 h to service_manager` → Ladder."""
    if isinstance(value, Ladder):
        return value
    amount, to, role = value.partition(" to ") if isinstance(value, str) else (value, "", "")
    if to and role.strip() not in _ROLES:
        raise ValueError(f"{_shown(role)}is not a role. Roles are {', '.join(_ROLES)}")
    return Ladder(_duration(amount), Role(role.strip()) if to else None)


def _rung_text(rung: Ladder) -> str:
    return duration_text(rung.seconds) + (f" to {rung.to}" if rung.to else "")


def minute_of_day(text: Any) -> Any:
    """`17:15` → 1035; `24:00` is allowed. Raises ValueError."""
    if isinstance(text, int):
        return text
    found = _CLOCK_TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    minute = 60 * int(found[1]) + int(found[2]) if found else 1441
    if minute > 1440:
        raise ValueError(f"{_shown(text)}is not a time of day: write it like 09:00 or 17:15")
    return minute


def minute_text(minute: int) -> str:
    """1035 → `17:15`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _span(value: Any) -> Any:
    """`4 working_hours`, `1 working_days_close rolled_to_opening`, `6 calendar_weeks roll_back`, `none` → Span."""
    if isinstance(value, Span):
        return value
    words = value.split() if isinstance(value, str) else []
    units = [word for word in words if word in set(Unit)]
    turns = [word for word in words if word in set(Roll)]
    times = [word for word in words if ":" in word]
    rest = [word for word in words if word not in (*units, *turns, *times, _ROLLED)]
    if len(units) != 1 or len(rest) > 1 or len(turns) > 1 or len(times) > 1:
        raise ValueError(f"write an amount and a unit, like `4 working_hours`. {_units_meant(rest)}")
    unit = Unit(units[0])
    if _ROLLED in words and unit not in _MAY_ROLL_START:
        raise ValueError(f"`{_ROLLED}` goes with {', '.join(sorted(_MAY_ROLL_START))} only")
    if turns and unit is Unit.NONE:
        raise ValueError("`none` has no due time that could be moved")
    roll = Roll(turns[0]) if turns else None
    amount = _amount(unit, rest[0] if rest else None)
    return Span(unit, amount, _time_of(unit, times[0] if times else None), _ROLLED in words, roll)


def _time_of(unit: Unit, text: str | None) -> int | None:
    """The time of day, for the units that have one."""
    like = {
        Unit.BY_TIME_NEXT_WORKING_DAY: "by_time_next_working_day 10:00",
        Unit.WORKING_DAYS_AT_TIME: "1 working_days_at_time 15:00",
    }
    if (unit in like) != (text is not None):
        raise ValueError(f"say the time, like `{like[unit]}`" if unit in like else f"`{unit}` takes no time of day")
    return None if text is None else int(minute_of_day(text))


_HOURS_MEANT = "`clock_hours`, where nights and weekends count, or `working_hours`, where only open time does"
_DAYS_MEANT = "`working_days_close`, `working_days_same_time` or `calendar_days_same_time`"
_MEANT = {
    **dict.fromkeys(("h", "hour", "hours", "min", "minutes"), _HOURS_MEANT),
    **dict.fromkeys(("d", "day", "days", "working_day", "working_days"), _DAYS_MEANT),
    **dict.fromkeys(("week", "weeks"), "`calendar_weeks`"),
    **dict.fromkeys(("rolled_back", "rollback"), "`roll_back`"),
    **dict.fromkeys(("rolled_forward", "rolled"), "`roll_forward` for the deadline, `rolled_to_opening` for the start"),
}


def _units_meant(words: list[str]) -> str:
    for word in words:
        close = difflib.get_close_matches(word, list(Unit), 1, 0.8)
        if word in _MEANT or close:
            return f"Instead of {_shown(word).strip()} write {_MEANT.get(word) or f'`{close[0]}`'}"
    return f"Units are {', '.join(Unit)}"


def _amount(unit: Unit, text: str | None) -> int:
    if unit in _WITHOUT_AMOUNT:
        if text:
            raise ValueError(f"`{unit}` takes no amount")
        return 0
    if not text:
        raise ValueError(f"say how many, like `4 {unit}`")
    return _number(unit, text)


def _number(unit: Unit, text: str) -> int:
    if not _AMOUNT.fullmatch(text) or float(text) <= 0:
        raise ValueError(f"{_shown(text)}is not an amount. Write a number above zero, like `4 {unit}`")
    whole = round(float(text[:20]) * (3600 if unit in HOURS else 1), 4)
    if whole > _MOST[unit in HOURS]:
        raise ValueError("is longer than a deadline can be: write at most 9999 hours, 999 days or 999 weeks")
    if whole != int(whole) or (unit in HOURS and whole % 60):
        raise ValueError(f"{_shown(text)}is not whole. Write whole days or weeks, or hours that come to whole minutes")
    return int(whole)


_MOST = {True: 9999 * 3600, False: 999}


def span_text(span: Span) -> str:
    """As it is written in a rule file."""
    amount = f"{span.amount / 3600 if span.unit in HOURS else span.amount:.8g}"
    words = [*[amount] * (span.unit not in _WITHOUT_AMOUNT), span.unit.value]
    words += [] if span.at is None else [minute_text(span.at)]
    return " ".join([*words, *[_ROLLED] * span.rolled, *([span.roll.value] if span.roll else [])])


def _windows(value: Any) -> Any:
    """`09:00-12:00, 13:00-17:00` → windows; `closed` → none."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise ValueError("write opening hours in one text, `09:00-12:00, 13:00-17:00`, in quotation marks if in `{…}`")
    if value.strip() == "closed":
        return ()
    windows: list[Window] = []
    for part in value.replace("–", "-").split(","):
        opening, closing = _hours(part)
        if opening >= closing:
            night = f"write a night as two windows, like `00:00-{minute_text(closing)}, {minute_text(opening)}-24:00`"
            raise ValueError(f"`{part.strip()}` closes before it opens, or at once; {night}")
        if windows and opening < windows[-1][1]:
            raise ValueError(f"`{part.strip()}` overlaps the window before it; write windows in order")
        windows.append((opening, closing))
    return tuple(windows)


def _hours(text: str) -> tuple[int, int]:
    if text.count("-") != 1:
        wanted = "write opening hours like `09:00-17:15`, several with commas, or `closed`"
        raise ValueError(f"{_shown(text)}is not understood: {wanted}")
    opening, closing = text.split("-")
    return minute_of_day(opening), minute_of_day(closing)


def windows_text(windows: tuple[Window, ...]) -> str:
    """`09:00-12:00, 13:00-17:00`, or `closed`."""
    return ", ".join(f"{minute_text(a)}-{minute_text(b)}" for a, b in windows) or "closed"


def _time_range(value: Any) -> Any:
    """`17:00-09:00` → two minutes of day; it may go over midnight."""
    if isinstance(value, (list, tuple)) and all(isinstance(minute, int) for minute in value):
        return tuple(value)
    if not isinstance(value, str):
        raise ValueError("write a part of the day, like `17:00-09:00`")
    since, until = _hours(value.replace("–", "-"))
    if since == until:
        raise ValueError(f"`{value}` begins when it ends; write a part of the day, like `17:00-09:00`")
    return since, until


def _dates(value: Any) -> Any:
    """`2026-10-26 to 2026-10-30` or one date, several with commas or in a list → dates."""
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(value, tuple):
        return value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError("write dates like `2026-10-26` or `2026-10-26 to 2026-10-30`, several with commas")
    days: list[date] = []
    for part in parts:
        ends = [_date(end) for end in part.split(" to ")]
        if len(ends) > 2 or ends[0] > ends[-1] or (ends[-1] - ends[0]).days > 366:
            wanted = "write a date like `2026-10-26`, or the first and the last like `2026-10-26 to 2026-10-30`"
            raise ValueError(f"{_shown(part)}is not understood: {wanted}, at most a year")
        days += [ends[0] + timedelta(days=n) for n in range((ends[-1] - ends[0]).days + 1)]
    return tuple(days)


def _date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(value.strip()) if _DATE.fullmatch(str(value).strip()) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise ValueError(f"{_shown(value)}is not a date from 2000 to 2100: write it like 2026-12-24")
    return day


def _period(value: Any) -> Any:
    """`12 weeks`, `84 days` → days."""
    if isinstance(value, int):
        return value
    found = _PERIOD.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or int(found[1]) == 0:
        raise ValueError(f"{_shown(value)}is not a period: write it like `84 days` or `12 weeks`")
    return int(found[1]) * (7 if found[2] == "week" else 1)


def _yes_or_no(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError(f"{_shown(value)}is not known here: write `true` or `false`")
        return value == "true"
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{1,6}", value):
        raise ValueError(f"{_shown(value)}is not a number that can stand here: write a whole number, like 3")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("is empty. Write a few words")
    return value


def listed(value: Any) -> Any:
    """One item may stand without a list; nothing may stand in it twice."""
    items = (value,) if isinstance(value, (str, int)) else value
    known = items if isinstance(items, (list, tuple)) else ()
    if twice := next((item for n, item in enumerate(known) if item in known[:n]), None):
        raise ValueError(f"`{twice}` stands twice in the list. Remove one of the two")
    return items


def some(value: Any) -> Any:
    """As `listed`, and there has to be one."""
    items = listed(value)
    if isinstance(items, (list, tuple)) and not items:
        raise ValueError("is an empty list. Name at least one, or leave the key out")
    return items


def _write(function: Any) -> PlainSerializer:
    return PlainSerializer(function, when_used="json")


Duration = Annotated[int, BeforeValidator(_duration), _write(duration_text)]
Rung = Annotated[Ladder, BeforeValidator(_rung), _write(_rung_text)]
Rungs = Annotated[tuple[Rung, ...], BeforeValidator(listed)]
AnySpan = Annotated[Span, BeforeValidator(_span), _write(span_text)]
ClockTime = Annotated[int, BeforeValidator(minute_of_day), _write(minute_text)]
TimeRange = Annotated[tuple[int, int], BeforeValidator(_time_range)]
Windows = Annotated[tuple[Window, ...], BeforeValidator(_windows), _write(windows_text)]
Day = Annotated[date, BeforeValidator(_date)]
Days = Annotated[tuple[date, ...], BeforeValidator(_dates)]
Period = Annotated[int, BeforeValidator(_period), _write(lambda days: f"{days} days")]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, BeforeValidator(_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
SomeNames = Annotated[tuple[str, ...], BeforeValidator(some)]
