"""What instant does a cell mean? Formats in plain words, never a guess; London time unless the map says so. Pure.

A format is written with the words `day`, `month`, `month_name`, `year`, `short_year`, `hour`, `minute`, `second`,
`fraction`, `am_pm` and `offset`, such as `day/month/year hour:minute`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from mash.clock import LONDON
from mash.vocabulary import Labelled

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PATTERNS = {
    "month_name": r"(?P<month_name>[A-Za-z]{3,9})",
    "short_year": r"(?P<short_year>\d\d)",
    "am_pm": r"(?P<am_pm>[AaPp]\.?[Mm]\.?)",
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>\d{1,2})",
    "day": r"(?P<day>\d{1,2})",
    "hour": r"(?P<hour>\d{1,2})",
    "minute": r"(?P<minute>\d\d)",
    "second": r"(?P<second>\d\d)",
    "fraction": r"(?P<fraction>\d{1,9})",
    "offset": r"(?P<offset>Z|[+-]\d\d:?\d\d)",
}
WORDS = tuple(_PATTERNS)
_WORD = re.compile("|".join(WORDS))
_DATE = ({"day"}, {"month", "month_name"}, {"year", "short_year"})
_FULL = "january february march april may june july august september sept october november december"
_NAMES = frozenset({*_FULL.split(), *_MONTHS})


class Zone(Labelled):
    """By which wall clock times are written, where a cell has no offset of its own."""

    LONDON = "london", "London time"
    UTC = "utc", "UTC"


class DoubledHour(Labelled):
    """What 01:30 means in the October night in which it comes twice."""

    REFUSE = "refuse", "the row is refused"
    FIRST = "first", "the first of the two, summer time"
    SECOND = "second", "the second of the two, winter time"


class Unclear(ValueError):
    """The cell does not give one instant. Its text says why and what to do, and holds nothing of the cell."""


@dataclass(frozen=True)
class Format:
    """One way in which a cell can be written."""

    text: str
    pattern: re.Pattern[str]
    has_time: bool


def format_of(text: str) -> Format:
    """The format in plain words, ready for reading. Raises ValueError with what is wrong with it."""
    words = _WORD.findall(text)
    if twice := next((word for word in words if words.count(word) > 1), None):
        raise ValueError(f"`{twice}` stands in it twice. Remove one of the two")
    if not all(len(part & set(words)) == 1 for part in _DATE):
        raise ValueError("say day, month and year once each, like `day/month/year hour:minute`")
    strange = re.sub(r"\bat\b|T|Z", "", _WORD.sub("", text))
    if re.search(r"[A-Za-z]", strange):
        raise ValueError(f"is not understood. The words are {', '.join(WORDS)}")
    of_a_time = set(words) & {"hour", "minute", "second", "fraction", "am_pm"}
    if of_a_time and not {"hour", "minute"} <= of_a_time:
        raise ValueError("a time of day has an hour and a minute, like `hour:minute`")
    return Format(text, re.compile(_pattern(text.strip())), "hour" in words)


def _pattern(text: str) -> str:
    found, at = "", 0
    for word in _WORD.finditer(text):
        found += _literal(text[at : word.start()]) + _PATTERNS[word[0]]
        at = word.end()
    return found + _literal(text[at:])


def _literal(text: str) -> str:
    return r"\s+".join(re.escape(part) for part in re.split(r"\s+", text))


@dataclass(frozen=True)
class Reading:
    """How the cells of one file are read."""

    formats: tuple[Format, ...]
    zone: Zone = Zone.LONDON
    doubled_hour: DoubledHour = DoubledHour.REFUSE

    def day(self, cell: str) -> date:
        """The date in a cell; a time beside it is left aside. Raises Unclear."""
        return self._one(cell)[0].date()

    def instant(self, cell: str, whole_day: time | None = None) -> tuple[datetime, bool]:
        """The instant in UTC, whole seconds, and whether its time of day was not in the cell. Raises Unclear.

        `whole_day`: the time of day for a date alone; without one such a cell is unclear.
        """
        wall, has_time = self._one(cell)
        if not has_time:
            if whole_day is None:
                raise Unclear(
                    "is a date without a time of day. Export the time too, or say in the map under `whole_days` "
                    "which time to count with."
                )
            wall = wall.replace(hour=whole_day.hour, minute=whole_day.minute)
        return self._in_utc(wall), not has_time

    def _one(self, cell: str) -> tuple[datetime, bool]:
        found = {wall: form.has_time for form in self.formats if (wall := _read(form, cell)) is not None}
        if not found:
            wanted = " or ".join(f"`{form.text}`" for form in self.formats)
            raise Unclear(f"is not a date written as {wanted}. Correct the cell, or add its format to the map.")
        if len(found) > 1:
            raise Unclear("fits two formats of the map that read it differently. Keep the one that the council uses.")
        return next(iter(found.items()))

    def _in_utc(self, wall: datetime) -> datetime:
        if wall.tzinfo is not None:
            return wall.astimezone(UTC)
        if self.zone is Zone.UTC:
            return wall.replace(tzinfo=UTC)
        first = wall.replace(tzinfo=LONDON, fold=0)
        second = wall.replace(tzinfo=LONDON, fold=1)
        if first.utcoffset() == second.utcoffset():
            return first.astimezone(UTC)
        if first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != wall:
            raise Unclear("is a time that never was: the clocks went forward that night. Correct the cell.")
        if self.doubled_hour is DoubledHour.REFUSE:
            raise Unclear(
                "is a time that came twice that night, when the clocks went back. Write `doubled_hour: first` or "
                "`second` in the map, or export times with their offset."
            )
        return (first if self.doubled_hour is DoubledHour.FIRST else second).astimezone(UTC)


def _read(form: Format, cell: str) -> datetime | None:
    """The wall-clock time, with an offset only where the cell has one; None where it is not written so."""
    found = form.pattern.fullmatch(cell)
    if found is None:
        return None
    given = found.groupdict()
    try:
        day = date(_year(given), _month(given), int(given["day"]))
        return datetime.combine(day, _time(given), _offset(given.get("offset")))
    except ValueError:
        return None


def _year(given: dict[str, str]) -> int:
    year = int(given["year"]) if "year" in given else 2000 + int(given["short_year"])
    if not 1900 <= year <= 2200:
        raise ValueError
    return year


def _month(given: dict[str, str]) -> int:
    if "month" in given:
        return int(given["month"])
    name = given["month_name"].lower()
    if name not in _NAMES:
        raise ValueError
    return _MONTHS.index(name[:3]) + 1


def _time(given: dict[str, str]) -> time:
    hour = int(given.get("hour") or 0)
    if half := given.get("am_pm"):
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    return time(hour, int(given.get("minute") or 0), int(given.get("second") or 0))


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def shape_of(cell: str) -> str:
    """What a cell looks like, without giving away words or long numbers that a wrong column may hold.

    Dates stay as they are: `31/02/2025 10:00`; `Smith, 4857773456` becomes `xxxxx, ##########`.
    """

    def masked(word: re.Match[str]) -> str:
        text = word[0]
        if text.isdigit():
            return text if len(text) <= 4 else "#" * len(text)
        return text if text.lower() in {*_NAMES, "am", "pm", "t", "z"} else "x" * len(text)

    shown = re.sub(r"[^\W\d_]+|\d+", masked, " ".join(cell.split()))
    return shown if len(shown) <= 30 else f"{shown[:29]}…"
