"""What does a shadow run say, part by part? Figures and lists as tables, for a terminal, a file and a program alike.

The same input gives the same report, letter by letter. Nothing of a person is in it but the council's own reference.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mash.clock import LONDON, iso
from mash.dry_run import Refusal
from mash.importing.acts import Recording
from mash.importing.mapfile import ImportMap
from mash.importing.reading import Export
from mash.rules.notation import duration_text
from mash.rules.ruleset import RuleSet
from mash.shadow import Judged, Outcome, Said, Standing

_WORST = 20
Value = str | int | datetime | timedelta | None


@dataclass(frozen=True)
class Part:
    """A table of the report. `columns`: key and heading.

    `in_file_only`: the whole table, or some of its columns by key, are too much for a screen. `nested`: the second
    column divides the first, where it does not say `all`.
    """

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    in_file_only: bool | frozenset[str] = False
    nested: bool = False


@dataclass(frozen=True)
class Shadow:
    """Everything that a report is made of."""

    export: Export
    recording: Recording
    outcome: Outcome
    rules: RuleSet
    mapped: ImportMap

    @property
    def lines(self) -> dict[str, int]:
        """Where each reference stands in the file."""
        return {contact.reference: contact.line for contact in self.export.contacts}


def sentences(shadow: Shadow) -> list[str]:
    """The result in a few sentences."""
    rules, judged = shadow.rules, shadow.outcome.judged
    late = [one for one in judged if one.is_out_of_timescale]
    contacts = len({one.reference for one in late})
    return [
        f"Judged by {rules.title}, version {rules.version}, in force from {rules.in_force_from:%-d %B %Y}: "
        "every contact, whatever its date.",
        f"The record ends on {_day_and_time(shadow.recording.end)}. What is not done by then counts as not done.",
        f"{contacts:,} of {shadow.outcome.contacts:,} contacts would have been out of timescale, "
        f"with {len(late):,} of {len(judged):,} deadlines.",
    ]


def parts(shadow: Shadow) -> list[Part]:
    """Every table of the report, in order."""
    late = [one for one in shadow.outcome.judged if one.is_out_of_timescale]
    late.sort(key=lambda one: (-one.late, one.reference, one.clock, one.agency, one.started_at))
    rows = tuple(_late_row(shadow.rules, one) for one in late)
    return [
        _counts(shadow.export),
        _refused_rows(shadow.export),
        _words(shadow.export),
        _assumed(shadow),
        *_refused_acts(shadow),
        _not_judged(shadow),
        _by_clock(shadow),
        _by_agency(shadow),
        *_by_month(shadow),
        Part(
            "worst",
            f"The {_WORST} that were longest out of timescale",
            _LATE,
            rows[:_WORST],
            in_file_only=_MORE_OF_LATE,
        ),
        Part("out_of_timescale", "Every deadline out of timescale, the longest first", _LATE, rows, in_file_only=True),
    ]


# -- what was read ----------------------------------------------------------------------------------------------------


def _counts(export: Export) -> Part:
    columns = (
        ("file", "File"),
        ("read", "Rows read"),
        ("imported", "Imported"),
        ("further", "Further rows of the same contact"),
        ("refused", "Refused"),
        ("empty", "Empty rows beside"),
    )
    rows = tuple((c.file, c.read, c.imported, c.further, c.refused, c.empty) for c in export.counts)
    return Part("rows", "What was read", columns, rows, "Rows read = imported + further rows + refused.")


def _refused_rows(export: Export) -> Part:
    columns = (("file", "File"), ("line", "Line"), ("column", "Column"), ("problem", "What is wrong, and what to do"))
    rows = tuple((row.file, row.line, row.column, row.text) for row in export.refused)
    return Part("refused_rows", "Rows that were refused", columns, rows)


def _words(export: Export) -> Part:
    columns = (("kind", "Under `words:`"), ("word", "Your word"), ("cells", "Cells"))
    note = "Write each under the code for which it stands, or under `leave_out`."
    return Part("untranslated_words", "Words that the map does not translate", columns, export.untranslated, note)


def _assumed(shadow: Shadow) -> Part:
    counts = {what: shadow.recording.assumed[what] for what in sorted(shadow.recording.assumed)}
    rows = tuple((what.label, count) for what, count in counts.items() if count)
    note = "No deadline is judged by a time that was put in."
    return Part(
        "assumed", "What the export does not say, and was put in", (("what", "What"), ("times", "Times")), rows, note
    )


def _refused_acts(shadow: Shadow) -> Iterator[Part]:
    """What the rules did not let happen: counted, and every one by its row."""
    found = [(refusal.verb.label, reason, refusal) for refusal in shadow.outcome.refusals for reason in refusal.reasons]
    counts = Counter((verb, reason) for verb, reason, _ in found)
    columns = (("act", "What was done"), ("reason", "Why the rules do not have it"), ("times", "Times"))
    rows = tuple((*what, times) for what, times in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    note = "It happened, and these rules have no place for it. What depends on it is not judged."
    yield Part("refused_acts", "What the rules refuse", columns, rows, note)
    lines = shadow.lines
    each = sorted((_line_of(lines, r), r.contact or "", verb, reason) for verb, reason, r in found)
    columns_of_each = (("line", "Line"), ("reference", "Reference"), columns[0], columns[1])
    yield Part("refused_acts_by_row", "What the rules refuse, by row", columns_of_each, tuple(each), in_file_only=True)


def _line_of(lines: Mapping[str, int], refusal: Refusal) -> int:
    return lines[refusal.contact] if refusal.contact is not None else 0


def _not_judged(shadow: Shadow) -> Part:
    rules = shadow.rules
    rows: list[tuple[Value, ...]] = [
        (rules.clocks[name].label, why, None) for name, why in Said(rules, shadow.mapped).not_judged.items()
    ]
    why = "a time was put in, or what it hangs on was refused"
    rows += [(rules.clocks[name].label, why, times) for name, times in sorted(shadow.outcome.unjudged.items())]
    columns = (("clock", "Clock"), ("why", "Why not"), ("deadlines", "Deadlines"))
    return Part("not_judged", "Not judged", columns, tuple(rows))


# -- what was judged --------------------------------------------------------------------------------------------------

_FIGURES = (
    ("judged", "Judged"),
    ("in_time", "In time"),
    ("out_of_timescale", "Out of timescale"),
    ("percent", "%"),
    ("never_done", "Never done"),
    ("open_or_ended", "Other"),
    ("median_late", "Median late"),
    ("p90_late", "90 % within"),
)
_IN_FILE_ONLY = frozenset({"open_or_ended"})
_NOTE = (
    "Out of timescale: done late, given up when late, or never done by the end of the record. Other: not due yet by "
    "then, or no longer waited for before it was due. % is of all but those. Median late, 90 % within: by how much "
    "those done late were late, by the clock."
)


def _figures(some: Sequence[Judged]) -> tuple[Value, ...]:
    counts = Counter(one.standing for one in some)
    out = sum(one.is_out_of_timescale for one in some)
    late = sorted(one.late for one in some if one.standing is Standing.LATE)
    ended = counts[Standing.OPEN] + counts[Standing.ENDED]
    settled = len(some) - ended
    return (
        len(some),
        counts[Standing.IN_TIME],
        out,
        _percent(out, settled),
        counts[Standing.NEVER],
        ended,
        _rank(late, 50),
        _rank(late, 90),
    )


def _percent(part: int, whole: int) -> int | None:
    """Of those that were settled one way or the other, rounded."""
    return (200 * part + whole) // (2 * whole) if whole else None


def _rank(in_order: Sequence[int], percentile: int) -> timedelta | None:
    """The least value that so many per cent do not exceed."""
    if not in_order:
        return None
    return timedelta(seconds=in_order[-(-len(in_order) * percentile // 100) - 1])


def _grouped(judged: Iterable[Judged], key: Any) -> dict[Any, list[Judged]]:
    found: dict[Any, list[Judged]] = defaultdict(list)
    for one in judged:
        found[key(one)].append(one)
    return found


def _by_clock(shadow: Shadow) -> Part:
    """Each clock in all, and by the rating that the contact had in the end."""
    rules, rows = shadow.rules, []
    by_clock = _grouped(shadow.outcome.judged, lambda one: one.clock)
    for name, clock in rules.clocks.items():
        if name not in by_clock:
            continue
        rows.append((clock.label, "all", *_figures(by_clock[name])))
        by_colour = _grouped(by_clock[name], lambda one: one.colour)
        for colour in (*reversed(rules.colours), None):
            if colour in by_colour:
                rows.append((clock.label, rules.colour_label(colour), *_figures(by_colour[colour])))
    columns = (("clock", "Clock"), ("rating", "Rating"), *_FIGURES)
    title = "Deadlines by clock and rating"
    return Part("clocks", title, columns, tuple(rows), _NOTE, in_file_only=_IN_FILE_ONLY, nested=True)


def _by_agency(shadow: Shadow) -> Part:
    by_agency = _grouped((one for one in shadow.outcome.judged if one.agency), lambda one: one.agency)
    rows = tuple(
        (agency.label, *_figures(by_agency[code]))
        for code, agency in shadow.rules.agencies.items()
        if code in by_agency
    )
    return Part("agencies", "Replies by agency", (("agency", "Agency"), *_FIGURES), rows, in_file_only=_IN_FILE_ONLY)


def _by_month(shadow: Shadow) -> Iterator[Part]:
    rules, judged = shadow.rules, shadow.outcome.judged
    by_month = sorted(_grouped(judged, lambda one: one.month).items())
    rows = tuple((month, len({one.reference for one in some}), *_figures(some)[:4]) for month, some in by_month)
    columns = (("month", "Received in"), ("contacts", "Contacts"), *_FIGURES[:4])
    yield Part("months", "By month of receipt", columns, rows)
    own = _grouped(judged, lambda one: (one.month, list(rules.clocks).index(one.clock)))
    each = tuple(
        (month, list(rules.clocks.values())[n].label, *_figures(some)) for (month, n), some in sorted(own.items())
    )
    columns_of_each = (("month", "Received in"), ("clock", "Clock"), *_FIGURES)
    yield Part("months_by_clock", "By month of receipt and clock", columns_of_each, each, in_file_only=True)


_MORE_OF_LATE = frozenset({"agency", "done_at", "standing"})
_LATE = (
    ("reference", "Reference"),
    ("line", "Line"),
    ("rating", "Rating"),
    ("clock", "Clock"),
    ("agency", "Agency"),
    ("due_at", "Due"),
    ("done_at", "Done"),
    ("standing", "How it ended"),
    ("late", "Late by"),
)


def _late_row(rules: RuleSet, one: Judged) -> tuple[Value, ...]:
    agency = rules.agencies[one.agency].label if one.agency else None
    late = timedelta(seconds=one.late)
    rating, clock = rules.colour_label(one.colour), rules.clocks[one.clock].label
    clock = f"{clock}: {agency}" if agency else clock
    return one.reference, one.line, rating, clock, agency, one.due_at, one.done_at, one.standing.label, late


# -- ways to write it -------------------------------------------------------------------------------------------------


def as_text(value: Value) -> str:
    """A value for people: London time, hours and minutes."""
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}"
    if isinstance(value, timedelta):
        return duration_text(int(value.total_seconds()))
    return f"{value:,}" if isinstance(value, int) else value or ""


def _day_and_time(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%-d %B %Y %H:%M}"


def as_json(shadow: Shadow) -> dict[str, Any]:
    """The report for a program: instants in UTC, durations in seconds."""
    rules = shadow.rules
    head = {
        "rules": rules.full_name,
        "in_force_from": rules.in_force_from.isoformat(),
        "until": iso(shadow.recording.end),
    }
    tables = {
        part.key: [dict(zip(_keys(part), map(_plain, row), strict=True)) for row in part.rows] for part in parts(shadow)
    }
    return head | {"contacts": shadow.outcome.contacts} | tables


def _keys(part: Part) -> list[str]:
    return [key for key, _ in part.columns]


def _plain(value: Value) -> str | int | None:
    if isinstance(value, datetime):
        return iso(value)
    return int(value.total_seconds()) if isinstance(value, timedelta) else value


def as_csv(shadow: Shadow) -> str:
    """The report as a file for a spreadsheet: one table below the other, durations in minutes.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    for sentence in sentences(shadow):
        sheet.writerow([_harmless(sentence)])
    for part in filter(lambda part: part.rows, parts(shadow)):
        sheet.writerow([])
        sheet.writerow([_harmless(part.title)])
        sheet.writerow([_harmless(heading + " (minutes)" * (key in _DURATIONS)) for key, heading in part.columns])
        sheet.writerows([_harmless(_cell(value)) for value in row] for row in part.rows)
        if part.note:
            sheet.writerow([_harmless(part.note)])
    return text.getvalue()


_DURATIONS = ("median_late", "p90_late", "late")


def _cell(value: Value) -> str:
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()) // 60)
    return str(value) if isinstance(value, int) else as_text(value)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
