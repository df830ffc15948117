"""Which days of the coming year is a calendar shut, and why? A rule set and a date in, twelve months out. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from mash.rules.plainly import DAYS, hours_in_words
from mash.rules.ruleset import RuleSet

MONTHS = 12


@dataclass(frozen=True)
class Day:
    """One date: its hours, empty where it is shut; why it is shut, or what is unusual; whether it is worth telling."""

    date: date
    hours: str
    why: str
    unusual: bool

    @property
    def is_open(self) -> bool:
        """Whether there are hours."""
        return bool(self.hours)


@dataclass(frozen=True)
class Month:
    """The days of one month, from today on."""

    first: date
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Year:
    """Twelve months of a calendar. `known_until` is the last bank holiday known; `ends` the last day shown."""

    calendar: str
    months: tuple[Month, ...]
    known_until: date | None
    ends: date

    @property
    def unusual(self) -> tuple[Day, ...]:
        """Days that are not as their weekday is: shut, or with hours of their own."""
        return tuple(day for month in self.months for day in month.days if day.unusual)

    @property
    def is_known_throughout(self) -> bool:
        """Whether bank holidays are known as far as one is to be expected in what is shown."""
        expected = (day for year in (self.ends.year - 1, self.ends.year) for day in usual_bank_holidays(year))
        last = max(day for day in expected if day <= self.ends)
        return self.known_until is not None and self.known_until >= last

    @property
    def months_known(self) -> int:
        """For how many whole months bank holidays are known."""
        first = self.months[0].days[0].date
        until = self.known_until
        if until is None or until < first:
            return 0
        return (until.year - first.year) * 12 + until.month - first.month - (until.day < first.day)


def year_of(rules: RuleSet, calendar: str, today: date, late: Mapping[date, str]) -> Year:
    """The coming year. `late` are bank holidays announced since the rules were loaded, by date, with their names."""
    end = date(today.year + 1, today.month, 1)
    dates = [today + timedelta(days=number) for number in range((end - today).days)]
    days = [_day(rules, calendar, one, late) for one in dates]
    months = [
        Month(date(*key, 1), tuple(own)) for key, own in groupby(days, lambda day: (day.date.year, day.date.month))
    ]
    known = max({*rules.bank_holidays, *late}, default=None)
    return Year(calendar, tuple(months), known, dates[-1])


def easter(year: int) -> date:
    """Easter Sunday. Source: the anonymous Gregorian computus, as published in Nature, 20 April 1876."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    ell = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * ell) // 451
    month, day = divmod(h + ell - 7 * m + 114, 31)
    return date(year, month, day + 1)


def usual_bank_holidays(year: int) -> tuple[date, ...]:
    """When bank holidays of England and Wales fall in any year, at the earliest: a substitute day may be later."""
    of_easter = (easter(year) + timedelta(days=days) for days in (-2, 1))
    may, june, september = (date(year, month, 1) for month in (5, 6, 9))
    mondays = (may + timedelta(days=-may.weekday() % 7), _monday_before(june), _monday_before(september))
    return (date(year, 1, 1), *of_easter, *mondays, date(year, 12, 25), date(year, 12, 26))


def _monday_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 1) % 7 + 1)


def why_shut(rules: RuleSet, calendar: str | None, day: date, late: Collection[date]) -> str:
    """Why the calendar has no hours on a date, or why it is no working day; empty where its own rules do not say."""
    if day in late:
        return "a bank holiday announced late"
    if day in rules.bank_holidays:
        return f"a bank holiday ({rules.bank_holidays[day]})"
    entry = rules.calendars[calendar] if calendar else None
    if entry and not entry.week[day.weekday()]:
        return f"closed by the hours of {calendar}"
    closed = entry is not None and (day in entry.closed_on or entry.dates.get(day) == ())
    return "closed that day" if closed else ""


def _day(rules: RuleSet, calendar: str, day: date, late: Mapping[date, str]) -> Day:
    windows = rules.working_times(frozenset(late))[calendar].windows_on(day)
    usual = rules.calendars[calendar].week[day.weekday()]
    return Day(day, hours_in_words(windows) if windows else "", _why(rules, calendar, day, late), windows != usual)


def _why(rules: RuleSet, calendar: str, day: date, late: Mapping[date, str]) -> str:
    """Why it is shut, or which bank holiday it is although it is open, or that it has hours of its own."""
    return "; ".join(_reasons(rules, calendar, day, late))


def _reasons(rules: RuleSet, calendar: str, day: date, late: Mapping[date, str]) -> Iterator[str]:
    entry = rules.calendars[calendar]
    if day in rules.bank_holidays:
        yield rules.bank_holidays[day]
    elif day in late:
        yield f"{late[day]}, announced late"
    if day in entry.closed_on or entry.dates.get(day) == ():
        yield "closed on this date"
    elif day in entry.dates:
        yield "hours of its own"
    elif not entry.week[day.weekday()]:
        yield "weekend" if day.weekday() > 4 else f"closed on {DAYS[day.weekday()]}s"
