"""With what map could a borough officer begin? A draft from the headers of an export, to be confirmed line by line."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from mash.importing.columns import HINTS, Column
from mash.importing.mapfile import Encoding, plain
from mash.importing.table import check_headers, contents

_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def draft_of(file: Path) -> str:
    """The draft of a map: what the headers say in plain words is filled in, everything else is a remark to choose from.

    Raises BadInput where the file cannot be read. It looks at the headers only: no cell is in the draft.
    """
    raw = contents(file)
    encoding = _encoding(raw)
    first = raw[:100_000].decode(encoding, errors="replace").lstrip("\ufeff")
    lines = first.splitlines()
    if lines[0].startswith("sep="):
        del lines[0]
    sign = max(_SIGNS, key=lines[0].count)
    cells = next(csv.reader(io.StringIO("\n".join(lines)), delimiter=sign))
    headers = [" ".join(cell.split()) for cell in cells if cell.strip()]
    check_headers(file, headers)
    return "\n".join(_written(file.name, encoding, _SIGNS[sign], headers)) + "\n"


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding.UTF_16.value
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return Encoding.CP1252.value
    return Encoding.UTF_8.value


def _written(name: str, encoding: str, delimiter: str, headers: list[str]) -> Iterator[str]:
    yield f"# How to read {name}. A draft: look at every line, and remove what is not so. See docs/shadow-mode.md."
    yield f"file: {{encoding: {encoding}, delimiter: {delimiter}}}"
    yield "times:"
    yield "  formats:                      # as the cells are written: keep what is so, add what is missing"
    yield "    - day/month/year hour:minute"
    yield "    - year-month-day hour:minute:second"
    yield "  zone: london                  # or utc"
    yield "  # doubled_hour: first         # what 01:30 means in the October night when clocks go back: first, second"
    yield '  # whole_days: {decided: "17:00"}   # for a date without a time of day: count with this one, and say so'
    yield "columns:                      # a date and a time in two columns: [Contact date, Contact time]"
    guessed = _guessed(headers)
    for column in Column:
        if column in guessed:
            yield f"  {column}: {_quoted(guessed[column])}  # confirm: {column.label.lower()}"
        else:
            yield f"  # {column}:  # {column.label.lower()}"
    yield from _further(headers, set(guessed.values()))


def _guessed(headers: list[str]) -> dict[Column, str]:
    """Headers that say in plain words what they hold, each once."""
    found: dict[Column, str] = {}
    for column, hints in HINTS.items():
        own = next((h for hint in hints for h in headers if plain(h.replace("_", " ")) == hint), None)
        if own is not None and own not in found.values() and headers.count(own) == 1:
            found[column] = own
    return found


def _further(headers: list[str], used: set[str]) -> Iterator[str]:
    yield "# Agencies by their code in the rules, each with two columns; or a second file, see docs/shadow-mode.md."
    yield "# agencies:"
    yield "#   police: {asked: Police asked, answered: Police replied}"
    yield "# Your own words, under our codes. Words that are the same as a code or its name need no line."
    yield "# words:"
    yield "#   colour: {red: [R, High], amber: [A, Medium], green: [G, Low]}"
    yield "#   outcome: {no_further_action: [NFA], leave_out: [Pending]}"
    yield "# A code for cells that are empty."
    yield "# when_empty: {kind: referral}"
    yield "#"
    yield "# Columns of the file that are not used yet:"
    yield from (f"#   {_quoted(header)}" for header in headers if header not in used)


def _quoted(header: str) -> str:
    escaped = header.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
