"""What does a recording say? Reads lines of the replay format and checks them whole. Knows no database.

The format: replay format, section 1. One message with file and line for the first that is wrong.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mash.errors import BadInput
from mash.vocabulary import Role, Verb
from mash.workflow.details import DETAILS, Details, HandTo, Instant, without_blanks

END = "end_of_record"
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_OF_THE_RECORD = ("at", "do", "by", "contact", "borough")


@dataclass(frozen=True)
class Line:
    """One checked line of a recording. `verb` is None for the end of the record."""

    number: int
    at: datetime
    verb: Verb | None
    role: Role
    desk: str | None
    by: str
    contact: str | None
    borough: str | None
    details: Details | None


def read(file: Path, boroughs: Iterable[str] | None) -> list[Line]:
    """The recording, checked. Raises BadInput with `file:line: what is wrong`.

    `boroughs` are those that it may be about; any where None.
    """
    return checked(_text(file).split("\n"), boroughs, str(file))


def checked(texts: Iterable[str], boroughs: Iterable[str] | None, name: str) -> list[Line]:
    """The lines of a recording, checked. Raises BadInput with `name:line: what is wrong`."""
    return list(checked_in_turn(texts, boroughs, name))


def checked_in_turn(texts: Iterable[str], boroughs: Iterable[str] | None, name: str) -> Iterator[Line]:
    """The same one after the other, for a recording too long to be held at once."""
    known, last = None if boroughs is None else set(boroughs), None
    labels: dict[str, str] = {}
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        try:
            line = _line(number, text, known, labels)
            if last is not None and line.at < last:
                raise BadInput(f"the time runs backwards: {line.at.isoformat()} comes after {last.isoformat()}.")
        except BadInput as error:
            raise BadInput(f"{name}:{number}: {error}") from None
        last = line.at
        yield line


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        raise BadInput(f"{file}: cannot be read. Check the name and that it may be read.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file}: is not text in UTF-8.") from None


def _line(number: int, text: str, boroughs: set[str] | None, labels: dict[str, str]) -> Line:
    data = _object(text)
    at = _instant(data, "at")
    role, desk = role_and_desk(data.get("by"))
    name = data.get("do")
    if name == END:
        return Line(number, at, None, role, desk, str(data["by"]), None, None, None)
    verb = next((verb for verb in Verb if verb.value == name), None)
    if verb is None:
        raise BadInput(f"do: “{name}” is not a verb. Verbs are {', '.join(Verb)} and {END}.")
    label, borough = _about(data, verb, boroughs, labels)
    details = _details(verb, data, borough)
    _not_later(details, at)
    if isinstance(details, HandTo):
        role_and_desk(details.to)
    return Line(number, at, verb, role, desk, str(data["by"]), label, borough, details)


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"is not JSON: {error}.") from None
    if not isinstance(data, dict):
        raise BadInput("is not an object: write one {…} a line.")
    return without_blanks(data) or {}


def _instant(data: dict[str, Any], field_name: str) -> datetime:
    try:
        return _INSTANT.validate_python(data.get(field_name))
    except ValidationError:
        raise BadInput(f"{field_name}: write an instant with its offset, like 2026-11-09T09:04+00:00.") from None


def role_and_desk(by: Any) -> tuple[Role, str | None]:
    """Who `by` means: `decision_maker#2`, `desk:police`. Raises BadInput for anything else."""
    kind, _, desk = str(by).partition("#")[0].partition(":")
    role = next((role for role in Role if role.value == kind), None)
    if role is None or (role is Role.DESK) != bool(desk):
        raise BadInput(f"by: “{by}” is not a role. Roles are {', '.join(Role)}; a desk is written desk:police.")
    return role, desk or None


def _about(
    data: dict[str, Any], verb: Verb, boroughs: set[str] | None, labels: dict[str, str]
) -> tuple[str | None, str | None]:
    """The contact's label and its borough."""
    borough, label = _name(data, "borough"), _name(data, "contact")
    if borough is not None and boroughs is not None and borough not in boroughs:
        raise BadInput(f"borough: “{borough}” has no rules here. There are {', '.join(sorted(boroughs))}.")
    if verb is Verb.ANNOUNCE_BANK_HOLIDAY:
        return None, borough
    if not label:
        raise BadInput("contact: is missing: give the contact's label.")
    if verb is Verb.RECEIVE_CONTACT:
        if label in labels:
            raise BadInput(f"contact: “{label}” is used a second time: labels are given once.")
        if borough is None:
            raise BadInput("borough: is missing: say whose front door this is.")
        labels[label] = borough
    elif label not in labels:
        raise BadInput(f"contact: “{label}” is not known: no receive_contact before this line gives it.")
    return label, labels[label]


def _name(data: dict[str, Any], field_name: str) -> str | None:
    value = data.get(field_name)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{field_name}: write it as text.")
    return value


def _details(verb: Verb, data: dict[str, Any], borough: str | None) -> Details:
    fields = {key: value for key, value in data.items() if key not in _OF_THE_RECORD}
    if verb is Verb.ANNOUNCE_BANK_HOLIDAY:
        fields["borough"] = borough
    if any(isinstance(child, dict) and "label" not in child for child in _children(verb, fields)):
        raise BadInput("children: a child has no label: give each one, the same for the same person through the file.")
    try:
        return DETAILS[verb].model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BadInput(f"{where or verb}: {first['msg'].removeprefix('Value error, ')}.") from None


def _children(verb: Verb, fields: dict[str, Any]) -> list[Any]:
    children = fields.get("children") if verb in (Verb.RECEIVE_CONTACT, Verb.ADD_FACTS) else None
    return children if isinstance(children, list) else []


def _not_later(details: Details, at: datetime) -> None:
    for name in ("received_at", "occurred_at"):
        instant = getattr(details, name, None)
        if instant is not None and instant > at:
            raise BadInput(f"{name}: lies later than `at`: it cannot have happened yet.")
