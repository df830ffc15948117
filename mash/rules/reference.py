"""How is a rule set written? Makes the tables of docs/rule-set-reference.md from the models themselves. Pure.

The prose stands in the page; what is between `<!-- made: … -->` and `<!-- end -->` comes from here. `make docs` writes
it, and a test keeps it in step, complete and true.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Le, MinLen
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from mash.permissions import PERMISSIONS, Permission
from mash.rules import notation as n
from mash.rules import reference_times as times
from mash.rules.clockrules import (
    AtClosing,
    ClockRules,
    Moment,
    OnlyFor,
    OnRerating,
    OnReturn,
    Owner,
    RestartsOn,
    Timescale,
)
from mash.rules.conditions import AdultCondition, Ages, Condition, ContactDays, Suggestion
from mash.rules.hours import CalendarRules, CutOff, CutOffTime, IntakeRules, ReReferral
from mash.rules.part import Part
from mash.rules.ruleset import (
    AgencyRules,
    ClosingRules,
    Colour,
    ExceptionRules,
    KindRules,
    OpenCaseRules,
    OutcomeRules,
    PausingRules,
    Rerating,
    RuleSet,
    SharingRules,
)
from mash.rules.ruleset import RatingRules as Rating
from mash.rules.sourced import Basis, Publication
from mash.rules.timescales import ELAPSED, WITHOUT_HOURS, Span, Unit
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Labelled, Relationship, Role, Source, Verb


class Value(NamedTuple):
    """A type of value: what it is called, how it is written, and examples in YAML."""

    type: Any
    words: str
    how: str
    examples: tuple[str, ...]


VALUES = (
    Value(n.Text, "text", "Some words.", ("Early help", '"Level 4: acute"')),
    Value(n.YesNo, "`true` or `false`", "Nothing else, and not `yes` or `no`.", ("true", "false")),
    Value(n.Whole, "a whole number", "Digits.", ("3",)),
    Value(n.Names, "names", "One, or several in a list. Nothing twice.", ("red", "[amber, red]")),
    Value(
        n.AnySpan,
        "an amount",
        "A number and a [unit](#units). Hours may have a fraction that comes to whole minutes; days and weeks are "
        "whole. `none` is no target.",
        (
            "4 working_hours",
            "1.5 clock_hours",
            "1 working_days_at_time 15:00",
            "by_time_next_working_day 09:00",
            "1 working_days_close rolled_to_opening",
            "6 calendar_weeks roll_back",
            "none",
        ),
    ),
    Value(n.Duration, "a duration", "Hours, minutes or both.", ("2 h", "30 min", "1 h 30 min")),
    Value(
        n.Rungs,
        "durations",
        "One, or several in a list. Each may say for whom, with ` to ` and a [role](#roles-and-acts).",
        ("2 h", "[4 h, 1 h to service_manager]"),
    ),
    Value(n.Period, "a period", "Days or weeks.", ("42 days", "12 weeks")),
    Value(n.ClockTime, "a time of day", "London time, 00:00 to 24:00.", ("09:00", "24:00")),
    Value(
        CutOffTime,
        "a time of day, or one for each weekday",
        "A weekday that is not named has none.",
        ("16:30", "{mon: 16:30, fri: 16:00}"),
    ),
    Value(
        n.Windows,
        "opening hours",
        "One window, several with commas in their order, or `closed`. A window holds its opening minute and not its "
        "closing minute. A night is two windows.",
        ("09:00-17:15", "09:00-12:30, 13:30-17:00", "00:00-09:00, 17:00-24:00", "00:00-24:00", "closed"),
    ),
    Value(
        n.TimeRange,
        "a part of the day",
        "From the first minute to before the last; it may go over midnight.",
        ("17:00-09:00",),
    ),
    Value(n.Day, "a date", "Year, month, day.", ("2026-12-24",)),
    Value(
        n.Days,
        "dates",
        "Dates and spans of dates (first and last included, at most a year) with commas, or in a list.",
        ("2026-12-24", "2026-10-26 to 2026-10-30, 2026-12-24"),
    ),
)
_NAMED = (*VALUES, VALUES[3]._replace(type=n.SomeNames))

PARTS: dict[type[Part], tuple[str, str]] = {
    RuleSet: ("a rule set", "the-whole-rule-set"),
    CalendarRules: ("a calendar", "calendars"),
    IntakeRules: ("intake", "intake"),
    ReReferral: ("a re-referral", "re-referral"),
    CutOff: ("a cut-off", "cut-off"),
    Colour: ("a colour", "colours"),
    Rating: ("rating", "rating-and-re-rating"),
    KindRules: ("a kind", "kinds-of-contact"),
    AgencyRules: ("an agency", "agencies"),
    SharingRules: ("sharing", "sharing"),
    OpenCaseRules: ("open cases", "open-cases"),
    OutcomeRules: ("an outcome", "outcomes"),
    ClosingRules: ("closing", "closing"),
    ClockRules: ("a clock", "clocks"),
    Timescale: ("a timescale", "timescales"),
    OnlyFor: ("`only_for`", "only_for"),
    PausingRules: ("pausing", "pausing"),
    ExceptionRules: ("an exception", "exceptions"),
    Suggestion: ("a suggestion", "suggestions"),
    Condition: ("a condition", "conditions"),
    Ages: ("ages", "ages"),
    AdultCondition: ("an adult", "adults"),
    ContactDays: ("contact days", "contact-days"),
    Publication: ("a source", "where-figures-come-from"),
    Basis: ("a basis", "where-figures-come-from"),
}
"""What each part is called, and the heading under which the page shows it."""

_UNSAID: dict[tuple[type[Part], str], str] = {
    (RuleSet, "kinds"): "given by `_baseline`",
    (RuleSet, "bank_holidays"): "given by `_baseline`",
    (RuleSet, "clocks"): "two given by `_baseline`",
    (KindRules, "clocks"): "all",
    (AgencyRules, "label"): "that of `agencies.yaml`",
    (ClockRules, "owner"): "`agency` or `hub`",
    (ClockRules, "only_for"): "all",
    (Timescale, "at_closing"): "follows from the unit",
    (ContactDays, "concerns"): "all",
    **{(Basis, key): "one of the two, or both" for key in Basis.model_fields},
    **{(CalendarRules, day): "required" for day in n.WEEKDAYS},
    **{(CutOff, key): "one of the two" for key in ("at", "before_closing")},
    **{(ClockRules, key): "one of the four" for key in ("timescale", "by_rating", "by_suggestion", "by_level")},
    **{(OnlyFor, key): "all" for key in OnlyFor.model_fields},
    **{(AdultCondition, key): "any" for key in AdultCondition.model_fields},
    **{(Condition, key): "exactly one key" for key in Condition.model_fields},
}
"""What holds where a key is left out, where the default itself does not say it."""

_EACH = "each with the keys of [a timescale](#timescales)"
_WRITE: dict[tuple[type[Part], str], str] = {
    (RuleSet, "name"): "small letters, digits, hyphens",
    (RuleSet, "reference_prefix"): "capital letters",
    (RuleSet, "basis"): "keys of this file with dots, each with the keys of [a basis](#where-figures-come-from)",
    (Publication, "url"): "an address",
    (RuleSet, "kinds"): "all four [kinds](#kinds-of-contact), each with the keys of a kind",
    (RuleSet, "bank_holidays"): "the name of a list; or dates, each with text",
    (SharingRules, "agreement_waived_by"): "one or several of `decision_maker`, `edt`, `service_manager`",
    (ClockRules, "calendar"): "the name of a calendar, or `agency`",
    (ClockRules, "by_rating"): f"every colour, and perhaps `not_rated`, {_EACH}",
    (ClockRules, "for_agency"): f"codes of agencies, each with every colour, and perhaps `not_rated`, {_EACH}",
    (ClockRules, "by_suggestion"): f"colours and `otherwise`, {_EACH}",
    (ClockRules, "by_level"): f"`1`, `2`, `3` and `4`, {_EACH}",
    (OnlyFor, "levels"): "one or several of `1`, `2`, `3`, `4`",
}
"""What stands after the colon, where the type does not say it all."""


# -- keys -------------------------------------------------------------------------------------------------------------


def keys_of(part: type[Part]) -> Iterator[tuple[str, FieldInfo]]:
    """The keys of a part, as a file has them."""
    yield from ((field.alias or name, field) for name, field in part.model_fields.items())


def adapter(field: FieldInfo) -> TypeAdapter[Any]:
    """Reads a value of the field alone."""
    return TypeAdapter(_whole_hint(field))


def _whole_hint(field: FieldInfo) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _keys(part: type[Part]) -> str:
    rows = []
    for key, field in keys_of(part):
        name = next(name for name, f in part.model_fields.items() if f is field)
        examples = "<br>".join(f"`{example}`" for example in field.examples or ())
        write = _WRITE.get((part, name)) or to_write(_whole_hint(field))
        cells = (f"`{key}`", write, _default(part, name, field), field.description or "")
        rows.append((*cells, examples))
    return _table(("key", "write", "left out", "meaning", "example"), rows)


def _default(part: type[Part], name: str, field: FieldInfo) -> str:
    if (part, name) in _UNSAID:
        return _UNSAID[part, name]
    if field.is_required():
        return "required"
    default = field.default
    if isinstance(default, Part):
        return "its defaults"
    if isinstance(default, tuple) and default:
        return ", ".join(f"`{item}`" for item in default)
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "none" if default in (None, (), {}) else f"`{default}`"


def _bare(hint: Any) -> tuple[Any, list[Any]]:
    """The type without `None` and without what is said about it, and what is said about it."""
    marks: list[Any] = []
    while get_origin(hint) in (Union, UnionType, Annotated):
        inner, *said = get_args(hint)
        if get_origin(hint) is Annotated:
            marks += [m for mark in said for m in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        hint = inner
    return hint, marks


def to_write(hint: Any) -> str:
    """What stands after the colon, in words."""
    base, marks = _bare(hint)
    for value in _NAMED:
        type_, own = _bare(value.type)
        if base == type_ and marks[: len(own)] == own and (own or not marks):
            return _link(value.words, "how-values-are-written") + _limits(marks)
    if base is str:
        return _link("text", "how-values-are-written") if any(isinstance(m, MinLen) for m in marks) else "a name"
    return _compound(base)


def _limits(marks: Sequence[Any]) -> str:
    low = [str(mark.ge) for mark in marks if isinstance(mark, Ge)]
    high = [str(mark.le) for mark in marks if isinstance(mark, Le)]
    return (f", from {low[0]}" if low else "") + (f" to {high[0]}" if high else "")


def _compound(base: Any) -> str:
    origin, inner = get_origin(base), get_args(base)
    if origin is Literal:
        return _one_of(inner)
    if origin is tuple:
        many = "one or several of " if not _is_part(inner[0]) else "a list, each with "
        return many + _compound(_bare(inner[0])[0]).removeprefix("one of ")
    if origin is dict:
        return f"{_code(inner[0])}, each with {to_write(inner[1])}"
    if _is_part(base):
        words, anchor = PARTS[base]
        return f"the keys of {_link(words, anchor)}"
    return _one_of(base)


def _code(hint: Any) -> str:
    base = _bare(hint)[0]
    if base is date:
        return _link("dates", "how-values-are-written")
    return "codes of your own" if base is str else _one_of(base)


def _one_of(words: Any) -> str:
    """A closed list; a long one has a table of its own."""
    if words is Source:
        return _link("source codes", "sources")
    if words is Verb:
        return _link("acts", "roles-and-acts")
    return "one of " + ", ".join(f"`{word}`" for word in words)


def _is_part(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Part)


def _link(words: str, anchor: str) -> str:
    return f"[{words}](#{anchor})"


# -- words, units, roles ----------------------------------------------------------------------------------------------

WORDS: dict[str, type[Labelled]] = {
    words.__name__: words
    for words in (
        Moment,
        OnRerating,
        OnReturn,
        RestartsOn,
        Owner,
        AtClosing,
        Rerating,
        Kind,
        Channel,
        Source,
        Agreement,
        AdultRole,
        Relationship,
    )
}


def _words(words: type[Labelled]) -> str:
    rows = [(f"`{word.value}`", f"{word.label[0].upper()}{word.label[1:]}.") for word in words]
    return _table(("word", "meaning"), rows)


UNITS = {
    Unit.CLOCK_HOURS: "4 clock_hours",
    Unit.WORKING_HOURS: "4 working_hours",
    Unit.RUN_THROUGH_HOURS: "4 run_through_hours",
    Unit.WORKING_DAYS_CLOSE: "3 working_days_close",
    Unit.WORKING_DAYS_SAME_TIME: "1 working_days_same_time",
    Unit.END_OF_SAME_WORKING_DAY: "end_of_same_working_day",
    Unit.WORKING_DAYS_AT_TIME: "1 working_days_at_time 15:00",
    Unit.BY_TIME_NEXT_WORKING_DAY: "by_time_next_working_day 09:00",
    Unit.CALENDAR_DAYS_SAME_TIME: "5 calendar_days_same_time",
    Unit.CALENDAR_WEEKS: "6 calendar_weeks",
    Unit.NONE: "none",
}
"""How each unit is written."""


def span(text: str) -> Span:
    """`4 working_hours` as the rule set reads it."""
    read: Span = TypeAdapter[Span](n.AnySpan).validate_python(text)
    return read


def _units() -> str:
    rows = []
    for unit, text in UNITS.items():
        counted = _counted(unit)
        calendar = "not needed" if unit in WITHOUT_HOURS else "needed"
        rolls = [f"`{word}`" for word in ("rolled_to_opening", "roll_forward", "roll_back") if _may(text, word)]
        rows.append((f"`{text}`", span(text).words, calendar, counted, ", ".join(rolls) or "nothing"))
    return _table(("`due:`", "in words", "calendar", "warnings and escalations count in", "may be followed by"), rows)


def _counted(unit: Unit) -> str:
    if unit is Unit.NONE:
        return "no alerts"
    if unit in ELAPSED:
        return "elapsed time"
    return "open time; elapsed without a calendar" if unit in WITHOUT_HOURS else "open time"


def _may(text: str, word: str) -> bool:
    try:
        span(f"{text} {word}")
    except ValueError:
        return False
    return True


def _acts() -> str:
    able = {verb: [role for role in Role if Permission(verb.value) in PERMISSIONS[role]] for verb in Verb}
    del able[Verb.ANNOUNCE_BANK_HOLIDAY]  # it is about no contact
    rows = [(f"`{v}`", v.label, ", ".join(f"`{role}`" for role in roles)) for v, roles in able.items()]
    return _table(("act", "on screen", "roles that may do it, unless `who_may` says fewer"), rows)


def _roles() -> str:
    return _table(("role", "who"), [(f"`{role}`", f"{role.label}.") for role in Role])


def _values() -> str:
    rows = [(value.words, value.how, "<br>".join(f"`{e}`" for e in value.examples)) for value in VALUES]
    return _table(("what", "how it is written", "examples"), rows)


def _due(worked: times.Worked) -> str:
    head = ("`due:`", *(f"from {times.start_in_words(start)}" for start in times.STARTS))
    rows = [(f"`{text}`", *(times.due(worked, text, start) for start in times.STARTS)) for text in worked.timescales]
    return _table(head, rows)


def _alerts() -> str:
    head = ("`due:`", "is due", "`warn:`", "warning", "`escalate:`", "level 2", "level 3")
    return _table(head, [times.alert_row(*row) for row in times.ALERTS])


# -- the page ---------------------------------------------------------------------------------------------------------

_BLOCK = re.compile(r"(?s)<!-- made: (.+?) -->\n.*?<!-- end -->")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def blocks() -> Mapping[str, Callable[[], str]]:
    """Every table that the page holds, by the name that stands in its marker."""

    def later(make: Callable[..., str], *what: Any) -> Callable[[], str]:
        return lambda: make(*what)

    found = {f"keys {part.__name__}": later(_keys, part) for part in PARTS}
    found |= {f"words {name}": later(_words, words) for name, words in WORDS.items()}
    found |= {f"due {name}": later(_due, worked) for name, worked in times.WORKED.items()}
    return found | {"values": _values, "units": _units, "alerts": _alerts, "roles": _roles, "acts": _acts}


def filled(page: str) -> str:
    """The page with every table made anew. Raises KeyError for a marker that names none."""
    made = blocks()
    return _BLOCK.sub(lambda m: f"<!-- made: {m[1]} -->\n{made[m[1]]()}\n<!-- end -->", page)
