"""How do facts read on a page? The template environment and its filters. Knows no database and no request."""

from datetime import date, datetime, timedelta
from gettext import NullTranslations

import segno
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

from mash import clock

_TIME = Markup('<time datetime="{}">{}</time>')
_TAG = Markup('<strong class="govuk-tag govuk-tag--{}">{}</strong>')
_SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
TAG_COLOURS = frozenset({"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"})


def environment() -> Environment:
    """Our templates, the GOV.UK macros under their own prefix, and the filters. Everything is escaped."""
    macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    templates = Environment(
        loader=ChoiceLoader([PackageLoader("web"), macros]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.policies["ext.i18n.trimmed"] = True
    templates.install_gettext_translations(NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    filters = (when, left, ago, short, soon, day, tag, moment, words, lower_first, utc, qr)
    templates.filters.update({filter.__name__: filter for filter in filters})
    return templates


def when(instant: datetime) -> Markup:
    """The instant on a London wall clock, as `<time>` with the instant in UTC for machines."""
    return _TIME.format(clock.iso(instant), moment(instant))


def moment(instant: datetime) -> str:
    """`Friday 13 November, 4:40pm`, London time; with the year where that is not this one.

    In the hour that an October night has twice, it says which of the two.
    """
    there = instant.astimezone(clock.LONDON)
    this_year = clock.london_date(clock.now()).year
    day = f"{there:%A} {there.day} {there:%B}" + (f" {there.year}" if there.year != this_year else "")
    return f"{day}, {_time_of_day(there)}" + (f" {there:%Z}" if _is_doubled(there) else "")


def _is_doubled(there: datetime) -> bool:
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def _time_of_day(there: datetime) -> str:
    if there.minute == 0 and there.hour in (0, 12):
        return "midday" if there.hour else "midnight"
    minutes = f":{there.minute:02}" if there.minute else ""
    return f"{there.hour % 12 or 12}{minutes}{'pm' if there.hour >= 12 else 'am'}"


def short(instant: datetime, now: datetime | None = None) -> str:
    """`2:20pm` today, `Tuesday 2:20pm` within six days, else `10 November, 2:20pm`; London time."""
    there = instant.astimezone(clock.LONDON)
    days = (there.date() - clock.london_date(now or clock.now())).days
    if abs(days) > 6 or _is_doubled(there):
        return moment(instant).split(" ", 1)[1]
    return f"{there:%A} {_time_of_day(there)}" if days else _time_of_day(there)


def soon(instant: datetime, now: datetime | None = None) -> Markup:
    """`short`, as `<time>` with the instant in UTC for machines."""
    return _TIME.format(clock.iso(instant), short(instant, now))


def ago(instant: datetime, now: datetime | None = None) -> str:
    """`2 hours ago`, `3 days ago`: the largest part only."""
    past = (now or clock.now()) - instant
    return f"{' '.join(_span(past).split()[:2])} ago" if past >= timedelta(minutes=1) else "just now"


def day(date: date) -> Markup:
    """The date in words, as `<time>` with the date for machines: `13 November 2026`."""
    return _TIME.format(date.isoformat(), f"{date.day} {date:%B %Y}")


def left(due_at: datetime, now: datetime | None = None) -> str:
    """`1 hour 20 minutes left` until the instant, `35 minutes late` after it; of days, hours, minutes the first two."""
    remaining = due_at - (now or clock.now())
    return f"{_span(abs(remaining))} {'late' if remaining < timedelta(0) else 'left'}"


def _span(span: timedelta) -> str:
    seconds, words = int(span.total_seconds()), []
    for size, name in _SPANS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(words[:2]) or "less than a minute"


def tag(word: str | None, colour: str | None) -> Markup:
    """A tag that says its word; the colour only repeats it. Without a word: not rated."""
    return _TAG.format(colour if colour in TAG_COLOURS else "grey", word or "Not rated")


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
