"""What stands in a CSV file? Rows with their lines, and what of it cannot be read. Knows no contact and no map.

Nothing of a cell is ever told: only lines, and the names of columns.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mash.errors import BadInput

LARGEST = 200_000_000
_SPLIT_HINT = re.compile(r"sep=.\r?\n")
_UNREADABLE = {
    "unexpected end of data": 'a quotation mark opens a cell that never ends. Close it, or write `""` for a mark',
    "field larger": "a cell is longer than 131,072 letters: a quotation mark is probably not closed. Close it",
    "expected after": "a quotation mark stands within a cell. Write it twice there",
}


@dataclass(frozen=True)
class Row:
    """The cells of one row. It may go over several lines."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Unreadable:
    """A row of which the cells cannot be told apart, and what to do about it."""

    line: int
    text: str


class Table:
    """A CSV file with its headers. `empty` counts rows without anything in them, once all have been read."""

    def __init__(self, file: Path, encoding: str, delimiter: str) -> None:
        """Raises BadInput where the file cannot be read at all."""
        text = _text(file, encoding)
        hint = _SPLIT_HINT.match(text)
        self.file, self.empty = file, 0
        self._offset = 1 if hint else 0
        self._reader = csv.reader(
            io.StringIO(text[hint.end() :] if hint else text, newline=""), delimiter=delimiter, strict=True
        )
        self.headers = self._headers(delimiter)

    def _headers(self, delimiter: str) -> tuple[str, ...]:
        try:
            headers = tuple(" ".join(cell.split()) for cell in next(self._reader, []))
        except csv.Error as error:
            raise BadInput(f"{self.file}:1: {_why(error)}.") from None
        check_headers(self.file, headers)
        if len(headers) == 1:
            other = next((name for sign, name in _SIGNS.items() if sign != delimiter and sign in headers[0]), None)
            if other:
                raise BadInput(f"{self.file}:1: has one column only. Write `delimiter: {other}` into the map?")
        return headers

    def rows(self) -> Iterator[Row | Unreadable]:
        """Every row that has anything in it, once."""
        while True:
            line = self._reader.line_num + 1 + self._offset
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                yield Unreadable(line, f"{_why(error)}{self._until(line)}.")
                continue
            if cells is None:
                return
            yield from self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Iterator[Row | Unreadable]:
        wide = len(self.headers)
        if not any(map(str.strip, cells)):
            self.empty += 1
        elif len(cells) < wide or any(map(str.strip, cells[wide:])):
            text = f"has {len(cells)} cells and the first line {wide}. Check delimiters and quotation marks"
            yield Unreadable(line, f"{text}{self._until(line)}.")
        else:
            yield Row(line, tuple(cells[:wide]))

    def _until(self, line: int) -> str:
        last = self._reader.line_num + self._offset
        return f"; the row goes to line {last}" if last > line else ""

    def places_of(self, header: str) -> list[int]:
        """Where a column of this name stands; capitals and needless blanks make no difference."""
        wanted = " ".join(header.split()).casefold()
        return [place for place, own in enumerate(self.headers) if own.casefold() == wanted]


def check_headers(file: Path, headers: Sequence[str]) -> None:
    """Raises BadInput where the first line does not hold the names of columns."""
    if not any(headers):
        raise BadInput(f"{file}:1: the first line has no headers. Write the names of the columns into it.")
    if any(_DATE.search(header) for header in headers):
        raise BadInput(f"{file}:1: the first line holds dates, not headers. Write the names of the columns above it.")


_DATE = re.compile(r"\d\d?[/.-]\d\d?[/.-]\d{2,4}|\d{4}-\d\d-\d\d")
_SIGNS = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}


def _why(error: csv.Error) -> str:
    return next((text for sign, text in _UNREADABLE.items() if sign in str(error)), "the row cannot be read")


def _text(file: Path, encoding: str) -> str:
    raw = contents(file)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) and encoding != "utf-16":
        raise BadInput(f"{file}: is written in UTF-16. Write `encoding: utf-16` into the map, or save it as UTF-8.")
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = "Check `encoding:` in the map."
        if encoding == "utf-8":
            remedy = "Write `encoding: cp1252` into the map if Excel wrote it, or save it as “CSV UTF-8”."
        raise BadInput(f"{file}:{line}: is not written in {encoding.upper()}. {remedy}") from None
    return text


def contents(file: Path) -> bytes:
    """The file as it is. Raises BadInput where there is nothing to read, or far too much."""
    try:
        if not file.is_file():
            raise BadInput(f"{file}: is not there, or is not a file. Check the name and the folder.")
        if file.stat().st_size > LARGEST:
            raise BadInput(f"{file}: is larger than {LARGEST // 1_000_000} MB. Export it without narratives and notes.")
        raw = file.read_bytes()
    except (OSError, ValueError):
        raise BadInput(f"{file}: cannot be read. Check the name and that it may be read.") from None
    if not raw.strip(b"\xef\xbb\xbf\x00\r\n\t ,;"):
        raise BadInput(f"{file}: is empty. Export the contacts with their headers in the first line.")
    return raw
