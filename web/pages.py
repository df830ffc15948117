"""How do facts read on a page? The template environment and its filters. Knows no database and no request."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

import segno
from babel.dates import format_date
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

from mash import clock
from web.words import ENGLISH, Language

_SPANS = ((86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes"))
TAG_COLOURS = frozenset({"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"})


def environment(language: Language = ENGLISH) -> Environment:
    """Our templates in a language, the GOV.UK macros under their own prefix, and the filters. Everything is escaped."""
    macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    templates = Environment(
        loader=ChoiceLoader([PackageLoader("web"), macros]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    templates.policies["ext.i18n.trimmed"] = True
    templates.install_gettext_translations(language.catalogue, newstyle=True)  # type: ignore[attr-defined]
    templates.globals.update(
        language=language, said=language.said, plurals=language.plurals, wrong=partial(wrong, language)
    )
    spoken: tuple[Callable[..., Any], ...] = (when, left, ago, soon, day, whole_day, month, tag, moment, minutes)
    templates.filters.update({filter.__name__: partial(filter, language=language) for filter in spoken})
    plain: tuple[Callable[..., Any], ...] = (language.said, words, lower_first, utc, qr)
    templates.filters.update({filter.__name__: filter for filter in plain})
    return templates


def when(instant: datetime, language: Language = ENGLISH) -> Markup:
    """The instant on a London wall clock, as `<time>` with the instant in UTC for machines."""
    return _time(clock.iso(instant), moment(instant, language))


def moment(instant: datetime, language: Language = ENGLISH) -> str:
    """`Friday 13 November, 4:40pm`, London time; with the year where that is not this one.

    In the hour that an October night has twice, it says which of the two.
    """
    return _moment(instant, "EEEE d MMMM", language)


def _moment(instant: datetime, pattern: str, language: Language) -> str:
    there = instant.astimezone(clock.LONDON)
    year = "" if there.year == clock.london_date(clock.now()).year else " y"
    on, at = _date(there.date(), pattern + year, language), _time_of_day(there, language)
    return f"{on}, {at}" + (f" {there:%Z}" if _is_doubled(there) else "")


def _time(machine: str, text: str) -> Markup:
    """`<time>`. By hand, for a page has hundreds: `Markup.format` takes ten times as long."""
    return Markup(f'<time datetime="{machine}">{escape(text)}</time>')


@lru_cache(maxsize=2_000)
def _date(day: date, pattern: str, language: Language) -> str:
    """The date in words, by Unicode's pattern. A page has few dates, and many instants on each."""
    return format_date(day, pattern, language.locale)


def _is_doubled(there: datetime) -> bool:
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def _time_of_day(there: datetime, language: Language) -> str:
    if there.minute == 0 and there.hour in (0, 12):
        return language.said("midday" if there.hour else "midnight")
    minutes = f":{there.minute:02}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes}{'pm' if there.hour >= 12 else 'am'}"


def short(instant: datetime, now: datetime | None = None, language: Language = ENGLISH) -> str:
    """`2:20pm` today, `Tuesday 2:20pm` within six days, else `10 November, 2:20pm`; London time."""
    there = instant.astimezone(clock.LONDON)
    days = (there.date() - clock.london_date(now or clock.now())).days
    if abs(days) > 6 or _is_doubled(there):
        return _moment(instant, "d MMMM", language)
    at = _time_of_day(there, language)
    return f"{_date(there.date(), 'EEEE', language)} {at}" if days else at


def soon(instant: datetime, now: datetime | None = None, language: Language = ENGLISH) -> Markup:
    """`short`, as `<time>` with the instant in UTC for machines."""
    return _time(clock.iso(instant), short(instant, now, language))


def ago(instant: datetime, now: datetime | None = None, language: Language = ENGLISH) -> str:
    """`2 hours ago`, `3 days ago`: the largest part only."""
    past = (now or clock.now()) - instant
    if past < timedelta(minutes=1):
        return language.said("just now")
    return language.said("{span} ago").replace("{span}", _span(past, language, parts=1))


def day(date: date, language: Language = ENGLISH) -> Markup:
    """The date in words, as `<time>` with the date for machines: `13 November 2026`."""
    return _time(date.isoformat(), _date(date, "d MMMM y", language))


def month(date: date, language: Language = ENGLISH) -> str:
    """The month of the date: `November 2026`."""
    return _date(date, "LLLL y", language)


def whole_day(date: date, language: Language = ENGLISH) -> Markup:
    """The date with its weekday, as `<time>`: `Friday 13 November 2026`."""
    return _time(date.isoformat(), _date(date, "EEEE d MMMM y", language))


def left(due_at: datetime, now: datetime | None = None, language: Language = ENGLISH) -> str:
    """`1 hour 20 minutes left` until the instant, `35 minutes late` after it; of days, hours, minutes the first two."""
    remaining = due_at - (now or clock.now())
    sentence = language.said("{span} late" if remaining < timedelta(0) else "{span} left")
    return sentence.replace("{span}", _span(abs(remaining), language))


def minutes(seconds: int, language: Language = ENGLISH) -> str:
    """So many seconds in words: `3 minutes`, `2 hours 5 minutes`."""
    return _span(timedelta(seconds=seconds), language)


def _span(span: timedelta, language: Language, parts: int = 2) -> str:
    seconds, words = int(span.total_seconds()), []
    for size, one, many in _SPANS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {language.counted(one, many, count)}")
    return " ".join(words[:parts]) or language.said("less than a minute")


def tag(word: str | None, colour: str | None, language: Language = ENGLISH) -> Markup:
    """A tag that says its word; the colour only repeats it. Without a word: not rated."""
    shown = colour if colour in TAG_COLOURS else "grey"
    text = language.said(word) if word else language.said("Not rated")
    return Markup(f'<strong class="govuk-tag govuk-tag--{shown}">{escape(text)}</strong>')


def wrong(language: Language, text: str | None) -> dict[str, str] | None:
    """What is wrong with a field, as the GOV.UK macros take it."""
    return {"text": language.said(text), "visuallyHiddenText": language.said("Error")} if text else None


def utc(instant: datetime) -> str:
    """The instant for machines, as `2026-11-09T09:04:00Z`."""
    return clock.iso(instant)


def qr(text: str) -> Markup:
    """The text as a QR code, drawn in the page: nothing is fetched, and nothing is stored."""
    drawn = segno.make(text, error="m").svg_inline(border=4, omitsize=True, svgclass="app-qr", lineclass=None)
    return Markup(drawn)


def words(code: str) -> str:
    """A code as words: `early_help` reads `Early help`."""
    return code.replace("_", " ").capitalize()


def lower_first(text: str) -> str:
    """The text as it reads in the middle of a sentence."""
    return text[:1].lower() + text[1:]
