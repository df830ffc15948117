"""What did somebody answer about their front door? Words typed at a prompt to what a rule file holds. Pure.

Each function reads one answer. Raises ValueError with one sentence that says what to write instead.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mash.rules.clockrules import NOT_RATED, OTHERWISE
from mash.rules.names import listing
from mash.rules.notation import WEEKDAYS, AnySpan, Day, Windows, span_text, windows_text

TAGS = ("grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow")
_NAME, _PREFIX = re.compile(r"[a-z][a-z0-9-]{1,40}"), re.compile(r"[A-Z]{2,4}")
_TAKEN = {NOT_RATED, OTHERWISE, "always", "never"}
_AMOUNT = r"(\d+(?:\.\d+)?)"
_SAID = (
    (r"no target", "none"),
    (rf"{_AMOUNT} clock hours?", "{} clock_hours"),
    (rf"{_AMOUNT} working hours?", "{} working_hours"),
    (rf"{_AMOUNT} hours? from opening", "{} run_through_hours"),
    (r"(\d+) working days? until closing", "{} working_days_close"),
    (r"(\d+) working days? until the same time", "{} working_days_same_time"),
    (r"(\d+) calendar days?", "{} calendar_days_same_time"),
    (r"(\d+) weeks?", "{} calendar_weeks"),
    (r"end of the (?:same )?working day", "end_of_same_working_day"),
)
_LEFT_OPEN = (
    (
        rf"{_AMOUNT} ?(?:h|hours?)",
        "Say which hours: `{0} clock hours`, nights and weekends too, or `{0} working hours`.",
    ),
    (r"(\d+ working days?)", "Say until when: `{0} until closing`, or `{0} until the same time`."),
    (r"(\d+) (days?)", "Say which days: `{0} calendar {1}`, weekends too, or `{0} working {1} until closing`."),
)
LIKE = "`4 clock hours`, `4 working hours`, `1 working day until closing`, `5 calendar days` or `none`"


@dataclass(frozen=True)
class Grade:
    """A colour or level of the scheme."""

    code: str
    label: str
    tag: str
    level: int | None = None
    asks_nobody: bool = False


SCHEMES: dict[str, tuple[Grade, ...]] = {
    "rag": (Grade("green", "Green", "green"), Grade("amber", "Amber", "orange"), Grade("red", "Red", "red")),
    "brag": (
        Grade("blue", "Blue", "blue", asks_nobody=True),
        Grade("green", "Green", "green"),
        Grade("amber", "Amber", "orange"),
        Grade("red", "Red", "red"),
    ),
    "levels": tuple(
        Grade(f"level_{n}", f"Level {n}", tag, level=n) for n, tag in enumerate(("grey", "green", "orange", "red"), 1)
    ),
}


def slug(text: str) -> str:
    """The borough's short name."""
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"`{text}` is not a short name: use 2 to 41 small letters, digits and hyphens, a letter first."
        )
    return text


def words(text: str) -> str:
    """Some words on one line."""
    if not text.strip() or not text.isprintable():
        raise ValueError("Write a few words, on one line.")
    return text.strip()


def prefix(text: str, taken: Collection[str] = ()) -> str:
    """Two to four capital letters that no other borough has."""
    found = text.strip()
    if not _PREFIX.fullmatch(found):
        raise ValueError(f"`{found}` is not a prefix: use two to four capital letters, like RS.")
    if found in taken:
        raise ValueError(f"`{found}` begins the references of another borough already: use other letters.")
    return found


def day(text: str) -> date:
    """A date."""
    found: date = _read(Day, text)
    return found


def opening_hours(text: str) -> str:
    """The windows of one weekday, or `closed`, as a file writes them."""
    return windows_text(_read(Windows, text.strip()))


def week(lines: Sequence[str]) -> dict[str, str]:
    """Every weekday's hours from `mon-thu 09:00-17:15`, `fri 09:00-17:00`, `sat-sun closed`."""
    found: dict[str, str] = {}
    for line in lines:
        days, _, hours = line.strip().partition(" ")
        first, _, last = days.lower().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS or not hours:
            raise ValueError(f"`{line}` is not understood: write it like `mon-thu 09:00-17:15`, or `sat-sun closed`.")
        span = WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1]
        found |= dict.fromkeys(span, opening_hours(hours))
    if missing := [one for one in WEEKDAYS if one not in found]:
        raise ValueError(f"The hours of {listing(missing)} are missing: write them, or `closed`.")
    return {one: found[one] for one in WEEKDAYS}


def open_some_day(hours: dict[str, str]) -> dict[str, str]:
    """The same. A hub that never opens could keep no deadline."""
    if set(hours.values()) == {"closed"}:
        raise ValueError("No weekday is open: nothing could ever fall due. Give at least one its hours.")
    return hours


def yes_or_no(text: str) -> bool:
    """`yes` or `no`."""
    if text.strip().lower() not in ("y", "yes", "n", "no"):
        raise ValueError("Write `yes` or `no`.")
    return text.strip().lower().startswith("y")


def scheme(text: str) -> tuple[Grade, ...]:
    """`RAG`, `BRAG`, `levels`, or names of one's own with commas, the lowest first."""
    if known := SCHEMES.get(text.strip().lower()):
        return known
    labels = [label.strip() for label in text.split(",")]
    codes = [code_of(label) for label in labels]
    if len(labels) < 2:
        raise ValueError(
            "Write `RAG`, `BRAG`, `levels`, or colours of your own with commas, like `green, yellow, red`."
        )
    if "" in codes or len(set(codes)) < len(codes) or _TAKEN & set(codes):
        raise ValueError("Each colour needs a name of its own in letters, and not `always`, `never` or `otherwise`.")
    return tuple(
        Grade(code, label[:1].upper() + label[1:], _tag(code)) for code, label in zip(codes, labels, strict=True)
    )


def _tag(code: str) -> str:
    return {"amber": "orange"}.get(code, code if code in TAGS else "grey")


def code_of(label: str) -> str:
    """`Women's Aid` → `womens_aid`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"['’]", "", label.lower())).strip("_")[:60]


def time_allowed(text: str) -> str:
    """An amount in words, or as a file writes it, as a file writes it. What can be read in two ways is refused."""
    said = " ".join(text.lower().split())
    for pattern, written in _SAID:
        if found := re.fullmatch(pattern, said):
            return span_text(_read(AnySpan, written.format(*found.groups())))
    for pattern, sentence in _LEFT_OPEN:
        if found := re.fullmatch(pattern, said):
            raise ValueError(sentence.format(*found.groups()))
    try:
        return span_text(_read(AnySpan, said))
    except ValueError:
        raise ValueError(f"`{text.strip()[:60]}` is not understood: write it like {LIKE}.") from None


def names(text: str) -> list[str]:
    """Names with commas; `none` is none."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    return [] if found in (["none"], ["None"]) else found


def agencies(text: str) -> dict[str, str]:
    """Agencies with commas: their names by code."""
    found = {code_of(name): words(name) for name in names(text)}
    if "" in found:
        raise ValueError("Each agency needs a name in letters, like `police, health, Women's Aid`.")
    return found


def grades_of(text: str, known: Sequence[Grade]) -> tuple[str, ...]:
    """Some colours of the scheme, by code or by label; `none` is none. Those that ask nobody are none of them."""
    codes = {key.lower(): g.code for g in known if not g.asks_nobody for key in (g.code, g.label)}
    wanted = [name.lower() for name in names(text)]
    if unknown := [name for name in wanted if name not in codes]:
        there = listing([g.code for g in known if not g.asks_nobody])
        raise ValueError(f"`{unknown[0]}` is no colour for which agencies are asked: write some of {there}, or `none`.")
    return tuple(g.code for g in known if g.code in {codes[name] for name in wanted})


def _read(hint: Any, text: str) -> Any:
    try:
        return TypeAdapter(hint).validate_python(text.strip())
    except ValidationError as error:
        sentence = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ValueError(f"{sentence[:1].upper()}{sentence[1:]}.") from None
