"""What would these rules have made of a council's own past contacts? `mash import --help`. Decides nothing itself."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from mash import clock
from mash.cli_rules import RULES, rule_sets
from mash.console import instant, out
from mash.errors import BadInput
from mash.importing.acts import recorded
from mash.importing.draft import draft_of
from mash.importing.mapfile import read_map
from mash.importing.past import for_the_past
from mash.importing.reading import Bounds, Export, read_export
from mash.rules.names import choice
from mash.rules.ruleset import RuleSet
from mash.shadow import play
from mash.shadow_report import Part, Shadow, Value, as_csv, as_json, as_text, parts, sentences

_MOST_SHOWN = 30


def import_command(
    contacts: Annotated[Path, typer.Argument(help="Past contacts as the council's own system exports them: CSV.")],
    mapped: Annotated[Path | None, typer.Option("--map", help="Which column holds what: a small YAML file.")] = None,
    requests: Annotated[
        Path | None, typer.Option(help="A second CSV with a row for each request to an agency.")
    ] = None,
    rules: Annotated[Path | None, RULES] = None,
    borough: Annotated[str | None, typer.Option(help="Whose rules, where there are those of several.")] = None,
    version: Annotated[int | None, typer.Option(help="A version of the rules; else the newest.")] = None,
    until: Annotated[str | None, typer.Option(help="When it was exported; else the last time in it.")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write a recording that `mash replay` reads.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the whole report as CSV.")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    suggest_map: Annotated[bool, typer.Option("--suggest-map", help="Print the draft of a map, and stop.")] = False,
) -> None:
    """Shadow mode: read past contacts and show which would have been out of timescale. No database is touched.

    Exit status 1 where rows were refused, 2 where nothing could be read.
    """
    if suggest_map:
        typer.echo(draft_of(contacts), nl=False)
        return
    if mapped is None:
        raise BadInput("--map: name the file that says which column holds what. --suggest-map prints a draft of one.")
    _check_folders(out_file, report)
    end = instant(until)
    past = for_the_past(_chosen(rule_sets(rules), borough, version))
    found = read_map(mapped, past.rules)
    export = read_export(contacts, requests, found, past.rules, Bounds(end or clock.now(), past.earliest))
    if not export.contacts:
        raise BadInput(*_nothing(contacts, export))
    recording = recorded(export.contacts, past.rules, found.mapped.columns, end)
    lines = {contact.reference: contact.line for contact in export.contacts}
    outcome = play(recording, past.rules, found.mapped, lines)
    shadow = Shadow(export, recording, outcome, past.rules, found.mapped)
    if out_file:
        _write(out_file, "\n".join(recording.lines) + "\n")
    if report:
        _write(report, "\ufeff" + as_csv(shadow))
    if as_json_:
        typer.echo(json.dumps(as_json(shadow), ensure_ascii=False, indent=1))
    else:
        _show(shadow, report)
    if export.refused:
        raise typer.Exit(1)


def _check_folders(*files: Path | None) -> None:
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise BadInput(f"{file.parent}: there is no such folder to write into.")


def _chosen(found: list[RuleSet], borough: str | None, version: int | None) -> RuleSet:
    """The rules that are meant: of one borough, of several versions the newest."""
    names = list(dict.fromkeys(rules.name for rules in found))
    if borough is None and len(names) > 1:
        raise BadInput(f"--borough: say whose rules: {', '.join(names)}.")
    if borough is not None and borough not in names:
        raise BadInput(f"--borough: there are no rules of `{borough}`. {choice(borough, names)}")
    own = [rules for rules in found if borough in (None, rules.name) and version in (None, rules.version)]
    if not own:
        raise BadInput(f"--version: `{borough or names[0]}` has no version {version} here.")
    return max(own, key=lambda rules: (rules.in_force_from, rules.version))


def _nothing(file: Path, export: Export) -> list[str]:
    """Why there is nothing to judge: every reason, or of very many the first."""
    reasons = [str(row) for row in export.refused[:_MOST_SHOWN]]
    words = [f"`words: {kind}:` lacks “{word}”, {cells} cells." for kind, word, cells in export.untranslated]
    return [*reasons, *words, f"{file}: no contact could be read. Mend the map or the file, and try again."]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError:
        raise BadInput(f"{file}: cannot be written. Check the name and the folder.") from None


def _show(shadow: Shadow, report: Path | None) -> None:
    """Every part for a screen that has something in it."""
    for sentence in sentences(shadow):
        out.print(sentence, markup=False)
    for part in parts(shadow):
        if part.rows and part.in_file_only is not True:
            _show_part(part, report)


def _show_part(part: Part, report: Path | None) -> None:
    """Refused rows are all shown where no file is written that has them."""
    whole = part.key == "refused_rows" and report is None
    shown = part.rows if whole else part.rows[:_MOST_SHOWN]
    out.print(f"\n{part.title}", markup=False, style="bold")
    if part.key == "refused_rows":
        for file, line, column, problem in shown:
            out.print(": ".join(str(p) for p in (f"{file}:{line}", column, problem) if p), markup=False)
    else:
        out.print(_table(part, shown))
    if len(part.rows) > len(shown):
        where = f"all of them are in {report}" if report else "write them to a file with --report"
        out.print(f"… and {len(part.rows) - len(shown):,} more: {where}.", markup=False)
    if part.note:
        out.print(part.note, markup=False)


def _table(part: Part, rows: tuple[tuple[Value, ...], ...]) -> Table:
    """Only words give way on a narrow screen: figures and dates stay whole."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for n in _on_screen(part):
        key, heading = part.columns[n]
        values = [row[n] for row in part.rows]
        right = all(isinstance(value, int | timedelta) or value is None for value in values)
        whole = right or key == "reference" or all(isinstance(value, datetime) for value in values)
        wide = max(len(text) for text in (*heading.split(), *(_text(key, value) for value in values)))
        table.add_column(heading, justify="right" if right else "left", width=wide if whole else None)
    for row in rows:
        own = (f"  {row[1]}", *row[1:]) if part.nested and row[1] != "all" else row
        table.add_row(*(escape(_text(part.columns[n][0], own[n])) for n in _on_screen(part)))
    return table


def _on_screen(part: Part) -> list[int]:
    left_out = part.in_file_only if isinstance(part.in_file_only, frozenset) else frozenset()
    return [n for n, (key, _) in enumerate(part.columns) if key not in left_out and not (part.nested and n == 1)]


def _text(key: str, value: Value) -> str:
    return str(value) if key == "line" else as_text(value)
