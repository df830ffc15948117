"""What would other rules have made of past work? The command `mash rules compare`. Decides nothing itself."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from mash import clock
from mash.cli_rules import rule_sets
from mash.comparing.compare import compare
from mash.comparing.compared import Comparison, ContactChange, Total
from mash.comparing.sources import compare_record, rules_named
from mash.comparing.words import Limit, headline, sentences
from mash.console import instant, open_database, out, wide
from mash.errors import BadInput
from mash.recording_file import read
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet

USUAL_DAYS = 28
_CHANGES = {
    "newly out": "newly_late",
    "no longer": "no_longer_late",
    "cannot tell": "without_end",
    "earlier": "earlier",
    "later": "later",
    "new": "only_new",
    "gone": "only_old",
}


def compare_command(
    old: Annotated[str, typer.Argument(help="A file, or rules of the database: `name@version`, `name` if in force.")],
    new: Annotated[str, typer.Argument(help="The same: what to compare with it.")],
    events: Annotated[Path | None, typer.Option(help="A recording, instead of the database's own record.")] = None,
    since: Annotated[str | None, typer.Option(help=f"Received since this date; {USUAL_DAYS} days if absent.")] = None,
    until: Annotated[str | None, typer.Option(help="Clocks run to this instant; now, or the last line.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that differs, as JSON.")] = False,
) -> None:
    """Play past contacts under two rule sets: which deadlines, suggestions and agencies differ. Writes nothing.

    The same rules, record and `--until` give the same answer to the byte.
    """
    if events is not None and since is not None:
        raise BadInput("--events, --since: give one of them. A recording is compared whole.")
    found = _of_recording(old, new, events, instant(until)) if events else _of_record(old, new, since, instant(until))
    if as_json:
        typer.echo(json.dumps(as_data(found), ensure_ascii=False, indent=1))
    else:
        _tell(found)


def _of_recording(old: str, new: str, events: Path, until: datetime | None) -> Comparison:
    one, other = _rules(old), _rules(new)
    lines = read(events, None)
    found = compare(lines, one, other, until=until)
    if not found.contacts and found.elsewhere:
        raise BadInput(f"{events}: has no contact of {one.name}, whose rules {old} are.")
    return found


def _of_record(old: str, new: str, since: str | None, until: datetime | None) -> Comparison:
    now = clock.now()
    first = _day(since) if since else clock.london_date(now) - timedelta(days=USUAL_DAYS)
    one, other = _rules(old), _rules(new)
    with open_database() as db:
        return compare_record(db, one, other, first, until or now)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--since: `{text}` is not a date. Write it like 2026-11-09.") from None


def _rules(name: str) -> RuleSet:
    """A rule set from a file, or by its name from the database."""
    file = Path(name)
    if file.suffix in (".yaml", ".yml") or file.is_file():
        (rules,) = rule_sets(file)
        return rules
    with open_database() as db, db.reading() as look:
        return rules_named(look, Rulebook(), name, clock.london_date(clock.now()))


def as_data(found: Comparison) -> dict[str, Any]:
    """The whole comparison, for machines: instants in UTC."""
    data = asdict(found) | {"left_out": found.left_out}
    data["differing"] = [asdict(change) | {"sentences": list(sentences(change))} for change in found.differing]
    plain: dict[str, Any] = _plain(data)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return clock.iso(value)
    return value.isoformat() if isinstance(value, date) else value


def _tell(found: Comparison) -> None:
    for line in _heading(found):
        out.print(line, markup=False)
    if not found.differing:
        return
    wide.print(_table([total for total in found.totals if total.differs]))
    for line in (*_counts(found), *map(_line, found.differing), *(limit.label for limit in Limit)):
        out.print(line, markup=False)


def _heading(found: Comparison) -> Iterator[str]:
    since = f" received since {found.since:%-d %B %Y}" if found.since else ""
    yield f"{found.contacts} contacts{since}, {found.old} → {found.new}: {len(found.differing)} differ."
    if found.elsewhere:
        yield f"{found.elsewhere} contacts of other boroughs were passed over."
    if found.never_received:
        yield f"{found.never_received} contacts are refused on arrival by both."


def _counts(found: Comparison) -> Iterator[str]:
    for old, new, number in found.suggestions:
        yield f"Suggested {number} times: {new} instead of {old}."
    for label, gained, lost in found.agencies:
        yield f"{label}: to be asked {gained} times more, {lost} times less."
    if found.left_out:
        yield f"{found.left_out} contacts hold an act that one of the two does not allow: --json says which."


def _table(totals: list[Total]) -> Table:
    table = Table("Clock", "Colour", box=None, pad_edge=False)
    for name in ("deadlines", "out of timescale", *_CHANGES):
        table.add_column(name, justify="right")
    for total in totals:
        changes = [str(getattr(total, field) or "") for field in _CHANGES.values()]
        deadlines, late = f"{total.old} → {total.new}", f"{total.late_old} → {total.late_new}"
        table.add_row(total.label, total.colour_label, deadlines, late, *changes)
    return table


def _line(change: ContactChange) -> str:
    more = len(sentences(change)) - 1
    return f"{change.reference}  {headline(change)}{f'; {more} more' if more else ''}"
