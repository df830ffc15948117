"""What does each row of an export say? Cells to instants and codes by the map; what cannot be read is told by column.

Nothing of a cell is told but its shape, and that only of dates.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import TypeVar

from mash.importing.columns import CODES, INSTANTS, Column
from mash.importing.contacts import Complaint, Parsed, ReportedChild, Request
from mash.importing.dates import Unclear, shape_of
from mash.importing.mapfile import ImportMap, MapFile, Translated
from mash.importing.table import Row, Table
from mash.importing.words import UnknownWord, Words
from mash.rules.names import near
from mash.rules.yamlfile import Route

_LONGEST_REFERENCE = 60
Value = TypeVar("Value")


class Places:
    """Where in a row each key of the map finds its cells."""

    def __init__(self, table: Table, found: MapFile, routes: Mapping[Route, tuple[str, ...]]) -> None:
        """Raises BadInput where the file does not have a column, or has it twice."""
        self.names = {route: " + ".join(headers) for route, headers in routes.items()}
        self._places = {route: [_place(table, header) for header in headers] for route, headers in routes.items()}
        wrong = [(route, place) for route, places in self._places.items() for place in places if isinstance(place, str)]
        if wrong:
            raise found.wrong(wrong)

    def cells(self, row: Row, route: Route) -> list[str]:
        """The cells, without outer blanks; none where the map does not name the key."""
        return [row.cells[place].strip() for place in self._places.get(route, ()) if isinstance(place, int)]

    def cell(self, row: Row, route: Route) -> str:
        """The cells as one: a date and its time may stand in two columns."""
        return " ".join(cell for cell in self.cells(row, route) if cell)


def _place(table: Table, header: str) -> int | str:
    """The column, or what is wrong with its name."""
    places = table.places_of(header)
    if len(places) == 1:
        return places[0]
    if places:
        numbers = " and ".join(str(place + 1) for place in places)
        return f"“{header}” is the name of columns {numbers} of {table.file}. Give one of them another name."
    meant = near(header, filter(None, table.headers))
    remedy = f"Did you mean “{meant[0]}”?" if meant else "`--suggest-map` lists those that it has."
    return f"{table.file} has no column “{header}”. {remedy}"


class CellReader:
    """Reads cells by the map; `complaints` are those of the row read last."""

    def __init__(
        self, found: MapFile, table: Table, routes: Mapping[Route, tuple[str, ...]], words: Words, latest: datetime
    ) -> None:
        """`latest`: nothing can have happened later than this instant. Raises BadInput where a column is not there."""
        self.mapped, self.words, self.latest = found.mapped, words, latest
        self.reading = self.mapped.reading
        self.columns = Places(table, found, routes)
        self.complaints: list[Complaint] = []
        self.row = Row(0, ())

    def begin(self, row: Row) -> None:
        """What is read from now on stands in this row."""
        self.row, self.complaints = row, []

    def complain(self, route: Route, text: str) -> None:
        """Note what is wrong with a cell of the row."""
        self.complaints.append(Complaint(self.row.line, self.columns.names[route], text))

    def is_faulty(self, route: Route) -> bool:
        """Whether something was wrong with the cell."""
        return any(complaint.column == self.columns.names.get(route) for complaint in self.complaints)

    def cell(self, route: Route) -> str:
        """The cell; empty, with a complaint, where it holds what cannot be seen."""
        cell = self.columns.cell(self.row, route)
        if any(unicodedata.category(sign) in ("Cc", "Cs", "Co") for sign in cell if sign not in "\n\r\t"):
            self.complain(route, "holds a sign that cannot be seen. Type the cell anew.")
            return ""
        return cell

    def reference(self, route: Route) -> str:
        """The council's reference, which has to be there."""
        reference = self.cell(route)
        if not reference and not self.is_faulty(route):
            self.complain(route, "is empty. Give every row the reference of its contact.")
        elif len(reference) > _LONGEST_REFERENCE or "\n" in reference or "\r" in reference:
            self.complain(route, f"is longer than {_LONGEST_REFERENCE} letters or a line: is it the right column?")
        return reference

    def instant(self, route: Route, name: Column | None = None) -> tuple[datetime, bool] | None:
        """The instant, and whether the cell held no time of day; None where the cell gives none."""
        whole_day = self.mapped.whole_day(name) if name else None
        found = self.read_date(route, lambda cell: self.reading.instant(cell, whole_day))
        if found is not None and found[0] > self.latest:
            self.complain(route, "lies in the future, or after `--until`. Correct it.")
            return None
        return found

    def read_date(self, route: Route, read: Callable[[str], Value]) -> Value | None:
        """What is read from a cell with a date; None, perhaps with a complaint, where there is nothing to go by."""
        cell = self.cell(route)
        if not cell:
            return None
        try:
            return read(cell)
        except Unclear as unclear:
            self.complain(route, f"`{shape_of(cell)}` {unclear}")
            return None

    def code(self, route: Route, kind: Translated, cell: str) -> str | None:
        """The code that the cell's word stands for; None where there is none, perhaps with a complaint."""
        try:
            return self.words.code(kind, cell) if cell else None
        except UnknownWord as unknown:
            self.complain(route, str(unknown))
            return None


class RowReader(CellReader):
    """Reads the rows of contacts."""

    def __init__(self, found: MapFile, table: Table, words: Words, latest: datetime) -> None:
        super().__init__(found, table, routes_of(found.mapped), words, latest)
        agencies = {agency: f"{agency} asked" for agency in self.mapped.agencies}
        of_columns = {route[1]: name for route, name in self.columns.names.items() if route[0] != "agencies"}
        self.names: dict[str, str] = agencies | of_columns

    def read(self, row: Row) -> Parsed:
        """What the row says, as far as it can be read."""
        self.begin(row)
        instants, whole_days = self._instants()
        return Parsed(
            line=row.line,
            reference=self.reference(("columns", Column.REFERENCE)),
            instants=instants,
            whole_days=frozenset(whole_days),
            codes=dict(self._codes()),
            concerns=tuple(self._concerns()),
            child=self._child(),
            requests=dict(self._requests()),
            events=dict(self._events()),
        )

    def _instants(self) -> tuple[dict[Column, datetime], list[Column]]:
        found: dict[Column, datetime] = {}
        whole_days = []
        for name in INSTANTS:
            if at := self.instant(("columns", name), name):
                found[name], without_time = at
                whole_days += [name] * without_time
        return found, whole_days

    def _codes(self) -> Iterator[tuple[Column, str]]:
        for name in CODES:
            route = ("columns", name)
            if (code := self.code(route, Translated(name.value), self.cell(route))) is not None:
                yield name, code

    def _concerns(self) -> Iterator[str]:
        route = ("columns", Column.CONCERNS)
        for cell in self.columns.cells(self.row, route):
            for word in map(str.strip, cell.split(self.mapped.concerns_apart_by)):
                if (code := self.code(route, Translated.CONCERN, word)) is not None:
                    yield code

    def _child(self) -> ReportedChild:
        open_case = ("columns", Column.OPEN_CASE)
        return ReportedChild(
            key=self.cell(("columns", Column.CHILD)) or None,
            date_of_birth=self._day(Column.DATE_OF_BIRTH),
            age=self._age(),
            expected_delivery=self._day(Column.EXPECTED_DELIVERY),
            open_case=self.code(open_case, Translated.OPEN_CASE, self.cell(open_case)) == "yes",
        )

    def _day(self, name: Column) -> date | None:
        return self.read_date(("columns", name), self.reading.day)

    def _age(self) -> int | None:
        route = ("columns", Column.AGE)
        cell = self.cell(route)
        if cell and not (cell.isascii() and cell.isdigit() and len(cell) <= 3):
            self.complain(route, "is not a whole number of years. Correct it, or empty it where the age is not known.")
            return None
        return int(cell) if cell else None

    def _requests(self) -> Iterator[tuple[str, Request]]:
        for agency in self.mapped.agencies:
            asked = self.instant(("agencies", agency, "asked"))
            answered = self.instant(("agencies", agency, "answered"))
            if asked or answered:
                yield agency, Request(agency, asked and asked[0], answered and answered[0])

    def _events(self) -> Iterator[tuple[str, datetime]]:
        for event in self.mapped.events:
            if at := self.instant(("events", event)):
                yield event, at[0]


def routes_of(mapped: ImportMap) -> dict[Route, tuple[str, ...]]:
    """The keys of a map that name columns of the file of contacts."""
    of_agencies: dict[Route, tuple[str, ...]] = {
        ("agencies", agency, name): headers
        for agency, own in mapped.agencies.items()
        for name, headers in (("asked", own.asked), ("answered", own.answered))
        if headers
    }
    of_columns: dict[Route, tuple[str, ...]] = {("columns", name.value): own for name, own in mapped.columns.items()}
    return of_columns | of_agencies | {("events", event): own for event, own in mapped.events.items()}
