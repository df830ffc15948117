"""What does one contact of a council's export amount to, and what cannot be right about it? Pure: knows no file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from mash.clock import london_date
from mash.importing.columns import IN_ORDER, INSTANTS, Column

_OLDEST = 25


@dataclass(frozen=True)
class ReportedChild:
    """A child as far as the rules go by it; `key` is whatever number the council gives the same child each time."""

    key: str | None = None
    date_of_birth: date | None = None
    age: int | None = None
    expected_delivery: date | None = None
    open_case: bool = False

    def born_for(self, received_on: date) -> date | None:
        """A date of birth that gives the age on the day of receipt, and nothing else of the child."""
        years = self.age
        if self.date_of_birth is not None:
            born = self.date_of_birth
            years = received_on.year - born.year - ((received_on.month, received_on.day) < (born.month, born.day))
        if years is None:
            return None
        day = min(received_on.day, 28) if received_on.month == 2 else received_on.day
        return date(received_on.year - years, received_on.month, day)


@dataclass(frozen=True)
class Request:
    """One agency was asked, and answered; or answered without being asked."""

    agency: str
    asked: datetime | None
    answered: datetime | None


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a row: the line, the column where there is one, and a sentence without anything personal."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class Parsed:
    """What one row says. `whole_days` are instants of which the cell held no time of day."""

    line: int
    reference: str
    instants: Mapping[Column, datetime] = field(default_factory=dict)
    whole_days: frozenset[Column] = frozenset()
    codes: Mapping[Column, str] = field(default_factory=dict)
    concerns: tuple[str, ...] = ()
    child: ReportedChild = ReportedChild()
    requests: Mapping[str, Request] = field(default_factory=dict)
    events: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Contact:
    """One contact of the export, whole. `defaults` are codes that the map gives where a cell is empty."""

    line: int
    reference: str
    instants: Mapping[Column, datetime]
    whole_days: frozenset[Column]
    codes: Mapping[Column, str]
    defaults: frozenset[Column]
    concerns: tuple[str, ...]
    children: tuple[ReportedChild, ...]
    requests: tuple[Request, ...]
    events: tuple[tuple[str, datetime], ...]

    @property
    def received_at(self) -> datetime:
        """When it arrived."""
        return self.instants[Column.RECEIVED]


def merged(rows: Sequence[Parsed], columns: Mapping[str, str]) -> tuple[Parsed, list[ReportedChild], list[Complaint]]:
    """Several rows of one contact as one, its children, and where the rows contradict each other.

    Rows may differ in the child and in concerns; of all else an empty cell says nothing. `columns`: names on screen.
    """
    first, children = rows[0], [rows[0].child]
    complaints: list[Complaint] = []
    for row in rows[1:]:
        children.append(row.child)
        complaints += _contradictions(first, row, columns)
        first = replace(
            first,
            instants={**row.instants, **first.instants},
            whole_days=first.whole_days | {f for f in row.whole_days if f not in first.instants},
            codes={**row.codes, **first.codes},
            concerns=tuple(dict.fromkeys((*first.concerns, *row.concerns))),
            requests={**row.requests, **first.requests},
            events={**row.events, **first.events},
        )
    return first, list(dict.fromkeys(children)), complaints


def _contradictions(first: Parsed, row: Parsed, columns: Mapping[str, str]) -> Iterator[Complaint]:
    said: list[tuple[Mapping[Any, object], Mapping[Any, object]]] = [
        (first.instants, row.instants),
        (first.codes, row.codes),
        (first.requests, row.requests),
        (first.events, row.events),
    ]
    for name in [name for before, now in said for name in now if before.get(name, now[name]) != now[name]]:
        text = f"says something else than line {first.line}, which has the same reference. Correct one of them."
        yield Complaint(row.line, columns.get(name, name), text)


def backwards(contact: Contact, columns: Mapping[str, str]) -> Iterator[Complaint]:
    """Times that cannot be: something came before what it follows from."""

    def complaint(name: str, than: str) -> Complaint:
        text = f"lies before “{than}”, which cannot be. Correct one of the two."
        return Complaint(contact.line, columns.get(name, name), text)

    received = columns[Column.RECEIVED]
    told = set()
    for earlier, later in IN_ORDER:
        at, since = contact.instants.get(later), contact.instants.get(earlier)
        if at is not None and since is not None and at < since and later not in told:
            told.add(later)
            yield complaint(later, columns[earlier])
    for event, at in contact.events:
        if at < contact.received_at:
            yield complaint(event, received)
    for request in contact.requests:
        yield from (Complaint(contact.line, *wrong) for wrong in out_of_order(request, contact.received_at))


def out_of_order(request: Request, received_at: datetime) -> Iterator[tuple[str, str]]:
    """What cannot be about the times of a request: the agency, and a sentence."""
    begun = request.asked or received_at
    if request.asked is not None and request.asked < received_at:
        yield request.agency, "was asked before the contact arrived, which cannot be. Correct one of the two."
    elif request.answered is not None and request.answered < begun:
        yield request.agency, "answered before it was asked, which cannot be. Correct one of the two."


def gaps(contact: Contact, columns: Mapping[str, str]) -> Iterator[Complaint]:
    """What is missing without which a time means nothing."""

    def complaint(name: Column, missing: Column) -> Complaint:
        remedy = f"Fill it in, or write `when_empty: {{{missing}: …}}` into the map."
        if missing is Column.DECIDED:
            remedy = "Fill it in, or empty the outcome."
        return Complaint(contact.line, columns[name], f"is filled, and {_SHORT[missing]} is not given. {remedy}")

    has = {*contact.instants, *contact.codes}
    rated, decided = (Column.RATED, Column.COLOUR), (Column.DECIDED, Column.COLOUR)
    for name, missing in (rated, decided, (Column.DECIDED, Column.OUTCOME)):
        if name in has and missing not in has:
            yield complaint(name, missing)
    if Column.OUTCOME in has and Column.DECIDED in columns and Column.DECIDED not in has:
        yield complaint(Column.OUTCOME, Column.DECIDED)


_SHORT = {Column.COLOUR: "the colour", Column.OUTCOME: "the outcome", Column.DECIDED: "the time of the decision"}


def impossible_children(contact: Contact, columns: Mapping[str, str]) -> Iterator[Complaint]:
    """Children who cannot be as old as it says."""
    received_on = london_date(contact.received_at)
    for child in contact.children:
        born = child.date_of_birth
        if born is not None and born > received_on:
            text = "lies after receipt. Correct it; an unborn child has a column of its own, `expected_delivery`."
            yield Complaint(contact.line, columns[Column.DATE_OF_BIRTH], text)
        elif born is not None and received_on.year - born.year > 100:
            yield Complaint(contact.line, columns[Column.DATE_OF_BIRTH], "is over a hundred years ago. Correct it.")
        if child.age is not None and child.age > _OLDEST:
            yield Complaint(contact.line, columns[Column.AGE], f"is above {_OLDEST}: give a child's age in years.")


def in_order(row: Parsed) -> dict[Column, datetime]:
    """The instants; one without a time of day is not earlier than what came before it on the same London date."""
    found = dict(row.instants)
    for name in INSTANTS:
        if name in row.whole_days and name in found:
            before = [found[earlier] for earlier, later in IN_ORDER if later is name and earlier in found]
            same_day = [at for at in before if london_date(at) == london_date(found[name])]
            found[name] = max([found[name], *same_day])
    return found
