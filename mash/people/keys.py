"""What can a reported person be found by? Names as they sound, a day of birth, places. Pure; the rows of LookupKey."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from mash.people.names import plain_words, sounds
from mash.workflow.details import Adult, Child


class FoundBy(StrEnum):
    """The kinds of key."""

    CHILD_NAME = "child_name"
    ADULT_NAME = "adult_name"
    BORN = "born"
    POSTCODE = "postcode"
    ADDRESS = "address"


class Key(NamedTuple):
    """One thing that somebody can be found by."""

    kind: FoundBy
    key: str


def nhs_number(child: Child) -> str | None:
    """The number without its blanks."""
    return "".join(child.nhs_number.split()) if child.nhs_number else None


def match_key(child: Child) -> str | None:
    """Forename, surname and date of birth, all given, without capitals and outer blanks."""
    if not (child.forename and child.surname and child.date_of_birth):
        return None
    return f"{child.forename.strip().casefold()}|{child.surname.strip().casefold()}|{child.date_of_birth}"


def keys_of_child(child: Any) -> set[Key]:
    """What a child is found by, from its row or its report. The caller leaves out a withheld address."""
    names = sounds(plain_words(child.forename or "")) | sounds(plain_words(child.surname or ""))
    born = child.date_of_birth or child.expected_date_of_delivery
    return _keys(FoundBy.CHILD_NAME, names, born) | place_keys(child.address, child.postcode)


def keys_of_adult(adult: Any) -> set[Key]:
    """What an adult is found by, from its row or its report. The caller leaves out a withheld address."""
    return _keys(FoundBy.ADULT_NAME, sounds(plain_words(adult.name or "")), adult.date_of_birth) | place_keys(
        adult.address, None
    )


def _keys(kind: FoundBy, names: Iterable[str], born: date | None) -> set[Key]:
    found = {Key(kind, name) for name in names}
    return found | {Key(FoundBy.BORN, born.isoformat())} if born else found


def place_keys(address: str | None, postcode: str | None) -> set[Key]:
    """A postcode without its blank, and the first line of an address; a postcode may stand within the address."""
    found = set()
    code = _postcode(postcode or "") or _postcode(address or "")
    if code:
        found.add(Key(FoundBy.POSTCODE, code))
    if (line := first_line(address)) and any(letter.isdigit() for letter in line):
        found.add(Key(FoundBy.ADDRESS, line))
    return found


_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})\b")


def _postcode(text: str) -> str:
    found = _POSTCODE.search(" ".join(text.upper().split()))
    return "".join(found.groups()) if found else ""


def first_line(address: str | None) -> str:
    """The first line, or what stands before the second comma where the number has one of its own."""
    parts = [part for part in re.split(r"[,\n]", address or "") if part.strip()]
    line = " ".join(parts[: 2 if parts and parts[0].strip().isdigit() else 1])
    return " ".join(re.findall(r"\w+", line.casefold()))


def keys_of(people: Sequence[tuple[str, Child | Adult]]) -> list[dict[str, str]]:
    """The rows for people as they are reported: kind, key and reported_id."""
    rows = []
    for reported_id, person in people:
        hidden = {"address": None, "postcode": None} if person.address_withheld else {}
        if isinstance(person, Child):
            keys = keys_of_child(person.model_copy(update=hidden))
        else:
            keys = keys_of_adult(person.model_copy(update={key: None for key in hidden if key == "address"}))
        rows += [{"reported_id": reported_id, "kind": kind.value, "key": key} for kind, key in sorted(keys)]
    return rows
