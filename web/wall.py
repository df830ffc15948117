"""Which day, or which instant, did somebody type? London wall time as people write it. Knows no form and no page."""

import re
from datetime import UTC, date, datetime, time, timedelta

from mash.clock import LONDON
from web.words import marked

FIRST, SECOND = "first", "second"
"""The two hours of an October night that read alike: summer time, then winter time."""

_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[\s./-]+([0-9]{1,2}|[a-z]{3,9})[\s.,/-]+([0-9]{2,4})", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = {"midday": time(12), "noon": time(12), "midnight": time(0)}


class Unreadable(Exception):
    """What was typed cannot be read. Says what to do."""


class Doubled(Unreadable):
    """The time came twice that night, and nobody said which of the two is meant."""


def read_day(text: str) -> date:
    """`22/6/2015`, `22 June 2015` or `2015-06-22`. Raises Unreadable."""
    how = marked("Write the date like 22/6/2015.")
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY.fullmatch(text):
        if len(found[3]) != 4:
            raise Unreadable(marked("Write the year with four digits, like 22/6/2015."))
        day, month, year = int(found[1]), _month(found[2]), int(found[3])
    else:
        raise Unreadable(how)
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(marked("There is no such date. Write the date like 22/6/2015.")) from None


_YEAR = re.compile(r"(?:about|around|circa|ca?\.?|born(?: in)?|in)?\s*((?:19|20)[0-9]{2})", re.IGNORECASE)
_AGE = re.compile(
    r"(?:about|around|aged?)?\s*([0-9]{1,2})\s*(?:(weeks?|months?)|(?:years?|yrs?|y\.?o?\.?))?(?: old)?", re.I
)
_YEAR_OF_DAYS = 365


def read_about(text: str, today: date) -> tuple[date, date]:
    """The first and the last day on which somebody may have been born: the day itself, or `about 2014`, `aged 9`.

    Of a year, one more on either side. Raises Unreadable.
    """
    if found := _YEAR.fullmatch(text):
        year = int(found[1])
        return date(year - 1, 1, 1), date(year + 1, 12, 31)
    if found := _AGE.fullmatch(text):
        young = found[2] or ""
        days = int(found[1]) * (7 if young.startswith("week") else 30 if young else _YEAR_OF_DAYS)
        slack = 60 if young else _YEAR_OF_DAYS
        return today - timedelta(days=days + 2 * slack), today - timedelta(days=max(0, days - slack))
    born = read_day(text)
    return born, born


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return _MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in _MONTHS else 0


def read_time(text: str) -> time:
    """`9:04`, `09.04`, `1640`, `4:40pm` or `4pm`. Raises Unreadable."""
    how = marked("Write the time like 9:04, 16:40 or 4:40pm.")
    if named := _NAMED.get(text.lower()):
        return named
    found = _TIME.fullmatch(text)
    if not found or not (found[2] or found[3]):
        raise Unreadable(how)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half == "a":
        raise Unreadable(how)
    if hour > 23 or minute > 59:
        raise Unreadable(marked("There is no such time. Write the time like 9:04, 16:40 or 4:40pm."))
    return time(hour, minute)


def read_instant(day: date, at: time, which: str = "") -> datetime:
    """The instant in UTC when a wall clock in London showed this. Raises Unreadable, or Doubled without `which`."""
    first, second = (datetime.combine(day, at, tzinfo=LONDON).replace(fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None and after is not None
    if before == after:
        return first.astimezone(UTC)
    if before < after:
        raise Unreadable(marked("The clocks went forward that night: this time did not exist."))
    if which not in (FIRST, SECOND):
        raise Doubled(marked("The clocks went back that night and this time came twice. Say which of the two."))
    return (first if which == FIRST else second).astimezone(UTC)


def written(instant: datetime) -> tuple[str, str, str]:
    """The instant as somebody would type it: day, time and, where it came twice, which of the two."""
    there = instant.astimezone(LONDON)
    is_doubled = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    which = (SECOND if there.fold else FIRST) if is_doubled else ""
    return f"{there.day}/{there.month}/{there.year}", f"{there:%H:%M}", which
