"""What did somebody hand in with a form? Typed text to details, or what is wrong with which field. Nothing is lost."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from web.fields import Field, Group, Look, Section, Sheet, Typed
from web.wall import Doubled, Unreadable, read_day, read_instant, read_time
from web.words import Saying, marked

Model = TypeVar("Model", bound=BaseModel)
Errors = dict[str, str]
"""What is wrong, by the id of the field."""

ADD, REMOVE, STAY = "add_", "remove_", "stay"
"""What the buttons that change a form without sending it say."""


@dataclass(frozen=True)
class Read(Generic[Model]):
    """What a form amounts to: details, or errors."""

    details: Model | None
    errors: Errors


class _At(Exception):
    """Wrong at a part of a field."""

    def __init__(self, part: str, text: str) -> None:
        super().__init__(text)
        self.part = part


def groups(sheet: Sheet) -> list[Group]:
    """The groups of people that a form asks about."""
    return [section.group for section in sheet if section.group]


def changed(sheet: Sheet, typed: Typed) -> Typed | None:
    """The form with one person more or less, where that is what was asked for; None where the form was sent."""
    wanted = typed.one("change")
    if not wanted:
        return None
    for group in groups(sheet):
        if wanted == f"{ADD}{group.name}":
            return typed.with_one_more(group)
        number = wanted.removeprefix(f"{REMOVE}{group.name}_")
        if number.isdecimal():
            return typed.tidied(_keeping_blank(group), without=int(number))
    return typed


def _keeping_blank(group: Group) -> Group:
    return replace(group, keeps_blank=True)


def tidied(sheet: Sheet, typed: Typed) -> Typed:
    """The form as it is read: people numbered in order."""
    for group in groups(sheet):
        typed = typed.tidied(group)
    return typed


def read(sheet: Sheet, typed: Typed, model: type[Model]) -> Read[Model]:
    """Details from what was typed; or every field that cannot be read. `typed` must be tidied."""
    reader = _Reader(typed)
    for section in sheet:
        reader.section(section)
    try:
        details = model.model_validate(reader.values)
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=True, include_input=False)
        return Read(None, {reader.id_of(error): _said(error) for error in found} | reader.errors)
    return Read(None if reader.errors else details, reader.errors)


class _Reader:
    """Collects values and errors."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.values: dict[str, Any] = {}
        self.errors: Errors = {}
        self.ids: dict[tuple[str | int, ...], str] = {}

    def section(self, section: Section) -> None:
        self.fields(section.fields, "", (), self.values)
        if group := section.group:
            people: list[dict[str, Any]] = self.values.setdefault(group.name, [])
            self.ids[(group.name,)] = group.name
            for number in range(self.typed.count(group)):
                people.append({})
                self.fields(group.fields, f"{group.name}-{number}-", (group.name, number), people[-1])

    def fields(self, fields: Iterable[Field], prefix: str, outer: tuple[str | int, ...], into: dict[str, Any]) -> None:
        for asked in fields:
            name = prefix + asked.name
            self.ids[(*outer, *asked.place)] = name
            try:
                value = _READERS[asked.look](self.typed, name)
            except _At as wrong:
                self.errors[f"{name}-{wrong.part}"] = str(wrong)
                continue
            except Unreadable as wrong:
                self.errors[name] = str(wrong)
                continue
            if asked.required and value in (None, "", []):
                first = f"{name}-date" if asked.look is Look.WHEN else name
                self.errors[first] = asked.required
            _put(into, asked.place, value)

    def id_of(self, error: ErrorDetails) -> str:
        """The field of an error, or the nearest that there is."""
        loc = error["loc"]
        for length in range(len(loc), 0, -1):
            if found := self.ids.get(loc[:length]):
                return found
        return "form"


def _put(into: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    for step in place[:-1]:
        into = into.setdefault(step, {})
    into[place[-1]] = value


def _said(error: ErrorDetails) -> str:
    if error["type"] == "string_too_long":
        return Saying("Shorten this to %(n)s characters or less.", n=str(error.get("ctx", {}).get("max_length")))
    if error["type"] == "too_long":
        return Saying("%(n)s is the most that one contact can hold.", n=str(error.get("ctx", {}).get("max_length")))
    if error["type"] in ("enum", "literal_error", "missing"):
        return marked("Choose one of these.")
    return marked("This cannot be read. Check it.")


def _text(typed: Typed, name: str) -> str:
    return typed.one(name).replace("\r\n", "\n")


def _day(typed: Typed, name: str) -> str | None:
    text = typed.one(name)
    return read_day(text).isoformat() if text else None


def _when(typed: Typed, name: str) -> str | None:
    day, at = typed.one(f"{name}-date"), typed.one(f"{name}-time")
    if not (day or at):
        return None
    on = _part("date", read_day, day)
    moment = _part("time", read_time, at)
    try:
        return read_instant(on, moment, typed.one(f"{name}-which")).isoformat()
    except Doubled as twice:
        raise _At("which", str(twice)) from twice
    except Unreadable as wrong:
        raise _At("time", str(wrong)) from wrong


Value = TypeVar("Value")


def _part(part: str, reader: Callable[[str], Value], text: str) -> Value:
    try:
        return reader(text)
    except Unreadable as wrong:
        raise _At(part, str(wrong)) from wrong


def _yes_no(typed: Typed, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(typed.one(name))


_READERS: Mapping[Look, Callable[[Typed, str], Any]] = {
    Look.LINE: _text,
    Look.PROSE: _text,
    Look.DAY: _day,
    Look.WHEN: _when,
    Look.RADIOS: _text,
    Look.SELECT: _text,
    Look.CHECKBOXES: lambda typed, name: typed.many(name),
    Look.TICK: lambda typed, name: typed.one(name) == "yes",
    Look.YES_NO: _yes_no,
}
