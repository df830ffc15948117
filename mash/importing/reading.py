"""Which contacts does an export hold, and which rows were refused? Every row is one or the other: the counts agree.

A contact may have several rows, as for several children: they have one reference and are taken or refused together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from mash.clock import london_date
from mash.importing.columns import Column
from mash.importing.contacts import (
    Complaint,
    Contact,
    Parsed,
    Request,
    backwards,
    gaps,
    impossible_children,
    in_order,
    merged,
    out_of_order,
)
from mash.importing.mapfile import ImportMap, MapFile, Translated
from mash.importing.rows import CellReader, RowReader
from mash.importing.table import Row, Table, Unreadable
from mash.importing.words import Words
from mash.rules.ruleset import RuleSet
from mash.rules.yamlfile import Route


@dataclass(frozen=True)
class Counts:
    """What became of the rows of a file: `read` is the sum of the next three. `empty` rows have nothing in them."""

    file: str
    read: int
    imported: int
    further: int
    refused: int
    empty: int


@dataclass(frozen=True)
class RefusedRow:
    """A row that was left out, and one thing that is wrong with it."""

    file: str
    line: int
    column: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.column, self.text) if part)


@dataclass(frozen=True)
class Export:
    """What a council's export amounts to. `untranslated`: kind of word, word, and in how many cells it stands."""

    contacts: tuple[Contact, ...]
    counts: tuple[Counts, ...]
    refused: tuple[RefusedRow, ...]
    untranslated: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Bounds:
    """Nothing happened later than `latest`; nothing was received before `earliest`, where there is a limit."""

    latest: datetime
    earliest: datetime | None = None


def read_export(file: Path, requests: Path | None, found: MapFile, rules: RuleSet, bounds: Bounds) -> Export:
    """Every contact of the file, and every row that is none. Raises BadInput where a file cannot be read as a whole.

    `requests`: a second file with a row for each request to an agency.
    """
    if requests is None and found.mapped.requests is not None:
        raise found.wrong([(("requests",), "is about a second file. Name it with --requests, or remove the key.")])
    if requests is not None and found.mapped.requests is None:
        raise found.wrong([((), "`requests:` is missing: say which columns the second file has.")])
    words = Words(found.mapped, rules)
    sheet = _Sheet(_table(file, found), found, words, bounds)
    sheets: list[_Sheet | _Requests] = [sheet]
    contacts = sheet.contacts
    if requests is not None:
        further = _Requests(_table(requests, found), found, words, bounds)
        contacts = further.joined(contacts, {row.reference for row in sheet.rows})
        sheets.append(further)
    refused = [row for one in sheets for row in one.refused()]
    return Export(tuple(contacts), tuple(s.counts() for s in sheets), tuple(refused), tuple(words.untranslated()))


def _table(file: Path, found: MapFile) -> Table:
    rules = found.mapped.file
    return Table(file, rules.encoding.value, rules.delimiter.sign)


class _Complaints:
    """What is wrong with the rows of one file."""

    def __init__(self, table: Table) -> None:
        self.table, self.read = table, 0
        self.complaints: list[Complaint] = []

    def readable(self) -> Iterator[Row]:
        """Every row of which the cells can be told apart; the others are noted."""
        for row in self.table.rows():
            self.read += 1
            if isinstance(row, Unreadable):
                self.complaints.append(Complaint(row.line, "", row.text))
            else:
                yield row

    @property
    def lines(self) -> set[int]:
        """Where something is wrong."""
        return {complaint.line for complaint in self.complaints}

    def refused(self) -> list[RefusedRow]:
        """Every row that was left out, once for each thing that is wrong with it."""
        file = self.table.file.name
        in_order = sorted(self.complaints, key=lambda complaint: complaint.line)
        return list(dict.fromkeys(RefusedRow(file, c.line, c.column, c.text) for c in in_order))


class _Sheet(_Complaints):
    """The file of contacts."""

    def __init__(self, table: Table, found: MapFile, words: Words, bounds: Bounds) -> None:
        super().__init__(table)
        self.mapped, self.bounds = found.mapped, bounds
        reader = RowReader(found, table, words, bounds.latest)
        self.names = reader.names
        self.rows: list[Parsed] = []
        for row in self.readable():
            self.rows.append(reader.read(row))
            self.complaints += reader.complaints
        self.contacts = list(self._gathered())

    def counts(self) -> Counts:
        refused = self.lines
        further = sum(row.line not in refused for row in self.rows) - len(self.contacts)
        return Counts(self.table.file.name, self.read, len(self.contacts), further, len(refused), self.table.empty)

    def _gathered(self) -> Iterator[Contact]:
        """Contacts of which every row is sound; the others are noted."""
        faulty = self.lines
        groups: dict[str, list[Parsed]] = {}
        for row in self.rows:
            groups.setdefault(row.reference, []).append(row)
        for reference, rows in groups.items():
            wrong = [row.line for row in rows if row.line in faulty]
            contact, complaints = (None, []) if wrong or not reference else self._contact(rows)
            if contact is not None and not complaints:
                yield contact
            else:
                self.complaints += complaints
                self._refuse_with(rows, [*wrong, *(complaint.line for complaint in complaints)])

    def _refuse_with(self, rows: Sequence[Parsed], wrong: Sequence[int]) -> None:
        """A contact is taken or refused as a whole."""
        text = f"belongs to the contact of line {min(wrong)}, which is refused. Correct that line."
        self.complaints += [Complaint(row.line, "", text) for row in rows if row.line not in wrong]

    def _contact(self, rows: Sequence[Parsed]) -> tuple[Contact, list[Complaint]]:
        whole, children, complaints = merged(rows, self.names)
        codes = dict(whole.codes)
        defaults = set()
        for kind, code in self.mapped.when_empty.items():
            name = Column(kind.value)
            if name not in codes and (kind is not Translated.OUTCOME or Column.DECIDED in whole.instants):
                codes[name] = code
                defaults.add(name)
        contact = Contact(
            line=whole.line,
            reference=whole.reference,
            instants=in_order(whole),
            whole_days=whole.whole_days,
            codes=codes,
            defaults=frozenset(defaults),
            concerns=whole.concerns,
            children=tuple(children),
            requests=tuple(whole.requests.values()),
            events=tuple(whole.events.items()),
        )
        return contact, complaints or list(self._doubts(contact))

    def _doubts(self, contact: Contact) -> Iterator[Complaint]:
        if Column.RECEIVED not in contact.instants:
            text = "is empty. Give the time at which the contact arrived."
            yield Complaint(contact.line, self.names[Column.RECEIVED], text)
            return
        earliest = self.bounds.earliest
        if earliest is not None and contact.received_at < earliest:
            text = f"lies before {london_date(earliest):%-d %B %Y}, and no bank holidays are known from before then."
            yield Complaint(contact.line, self.names[Column.RECEIVED], f"{text} Leave out contacts as old as this.")
        yield from gaps(contact, self.names)
        yield from backwards(contact, self.names)
        yield from impossible_children(contact, self.names)


class _Requests(_Complaints):
    """The file of requests to agencies."""

    def __init__(self, table: Table, found: MapFile, words: Words, bounds: Bounds) -> None:
        super().__init__(table)
        self._reader = CellReader(found, table, _routes_of_requests(found.mapped), words, bounds.latest)
        self._imported = 0

    def counts(self) -> Counts:
        return Counts(self.table.file.name, self.read, self._imported, 0, len(self.lines), self.table.empty)

    def joined(self, contacts: Sequence[Contact], known: Iterable[str]) -> list[Contact]:
        """The contacts with their requests. `known`: references of all contacts, also of those refused."""
        by_reference = {contact.reference: contact for contact in contacts}
        found: dict[str, list[Request]] = {}
        references = set(known)
        for row in self.readable():
            if request := self._request(row, by_reference, references):
                found.setdefault(request[0], []).append(request[1])
                self._imported += 1
            self.complaints += self._reader.complaints
        return [replace(c, requests=(*c.requests, *found.get(c.reference, ()))) for c in contacts]

    def _request(self, row: Row, contacts: Mapping[str, Contact], known: set[str]) -> tuple[str, Request] | None:
        reader = self._reader
        reader.begin(row)
        reference = reader.reference(_OF_REFERENCE)
        asked, answered = reader.instant(_OF_ASKED), reader.instant(_OF_ANSWERED)
        agency = self._agency()
        if reader.complaints:
            return None
        assert agency is not None
        if not (asked or answered):
            reader.complain(_OF_ASKED, "is empty. Give the time at which the agency was asked.")
        elif reference not in contacts:
            why = "is that of a contact which is refused" if reference in known else "is that of no contact"
            reader.complain(_OF_REFERENCE, f"{why}. Correct it there, or here.")
        else:
            request = Request(agency, asked and asked[0], answered and answered[0])
            for _, text in out_of_order(request, contacts[reference].received_at):
                reader.complain(_OF_ASKED, text)
            if not reader.complaints:
                return reference, request
        return None

    def _agency(self) -> str | None:
        cell = self._reader.cell(_OF_AGENCY)
        code = self._reader.code(_OF_AGENCY, Translated.AGENCY, cell)
        if code is None and not self._reader.is_faulty(_OF_AGENCY):
            text = "is an agency that the map leaves out." if cell else "is empty. Say which agency was asked."
            self._reader.complain(_OF_AGENCY, text)
        return code


_OF_REFERENCE: Route = ("requests", "reference")
_OF_AGENCY: Route = ("requests", "agency")
_OF_ASKED: Route = ("requests", "asked")
_OF_ANSWERED: Route = ("requests", "answered")


def _routes_of_requests(mapped: ImportMap) -> dict[Route, tuple[str, ...]]:
    columns = mapped.requests
    assert columns is not None
    routes = {
        _OF_REFERENCE: columns.reference,
        _OF_AGENCY: columns.agency,
        _OF_ASKED: columns.asked,
        _OF_ANSWERED: columns.answered,
    }
    return {route: headers for route, headers in routes.items() if headers is not None}
