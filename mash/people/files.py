"""Have we heard of this child before? In memory, for work that is played without a database.

Exact matches only, as `matching.py` has them for rows. Source: replay format, section 5.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from mash.clock import london_date
from mash.people.keys import match_key, nhs_number
from mash.rules.facts import EarlierContact
from mash.vocabulary import Verb
from mash.workflow.details import Child
from mash.workflow.verbs.intake import History


@dataclass
class File:
    """What later contacts about the same child may ask of one."""

    number: int
    borough: str
    received_on: date
    concerns: frozenset[str] = frozenset()
    closed_on: date | None = None


@dataclass
class Files:
    """Contacts in the order in which they were keyed, and the children in them."""

    by_name: dict[str, File] = field(default_factory=dict)
    by_number: dict[tuple[str, str], list[File]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[tuple[str, str], list[tuple[File, bool]]] = field(default_factory=lambda: defaultdict(list))

    def has(self, contact: str) -> bool:
        """Whether the contact has been keyed."""
        return contact in self.by_name

    def open(self, contact: str, borough: str, received_on: date) -> None:
        """A contact is keyed."""
        self.by_name[contact] = File(len(self.by_name), borough, received_on)

    def put(self, contact: str, children: Iterable[Child], concerns: frozenset[str]) -> None:
        """Further children, and concerns."""
        file = self.by_name[contact]
        file.concerns |= concerns
        for child in children:
            number, key = nhs_number(child), match_key(child)
            if number:
                self.by_number[file.borough, number].append(file)
            if key:
                self.by_birth[file.borough, key].append((file, number is not None))

    def closed(self, contact: str, verb: Verb, is_closed: bool, at: datetime) -> None:
        """The day on which it was closed, as long as it is."""
        file = self.by_name[contact]
        if not is_closed:
            file.closed_on = None
        elif verb is Verb.CLOSE:
            file.closed_on = london_date(at)

    def history(self, borough: str, before: str | None) -> History:
        """Contacts about the same child, of those keyed before one; of all where None."""
        limit = self.by_name[before].number if before is not None else len(self.by_name)

        def about(child: Child) -> tuple[EarlierContact, ...]:
            found = {file.number: file for file in self._same(borough, child) if file.number < limit}
            return tuple(EarlierContact(f.received_on, f.concerns, f.closed_on) for f in found.values())

        return about

    def _same(self, borough: str, child: Child) -> list[File]:
        number, key = nhs_number(child), match_key(child)
        found = list(self.by_number.get((borough, number), ())) if number else []
        by_name = self.by_birth.get((borough, key), ()) if key else ()
        return found + [file for file, has_number in by_name if not (number and has_number)]
