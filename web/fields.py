"""What does a form ask? Its fields as data, and what somebody has typed into them. Knows no domain and no page."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from starlette.datastructures import FormData

from mash.vocabulary import Labelled
from web.wall import written


class Look(StrEnum):
    """How a field is shown and read."""

    LINE = "line"
    PROSE = "prose"
    DAY = "day"
    WHEN = "when"
    RADIOS = "radios"
    SELECT = "select"
    CHECKBOXES = "checkboxes"
    TICK = "tick"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class Choice:
    """One thing that may be chosen."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """One question. `name` is its place in the details handed in, with `-` between levels, unless `path` says it.

    `required` is what to say where it was left blank. `wide` fields take the whole width of a grid. Typing begins in
    the field that `begins`.
    """

    name: str
    label: str
    look: Look = Look.LINE
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    required: str = ""
    rows: int = 4
    wide: bool = False
    inline: bool = False
    begins: bool = False
    path: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, ...]:
        """Where the answer goes in the details."""
        return self.path or tuple(self.name.split("-"))

    def items(self, said: Callable[[str], str]) -> list[dict[str, object]]:
        """The choices as the GOV.UK macros take them, in the language of the page."""
        return [
            {
                "value": choice.value,
                "text": said(choice.label),
                "hint": {"text": said(choice.hint)} if choice.hint else None,
            }
            for choice in self.choices
        ]


@dataclass(frozen=True)
class Group:
    """Questions asked once for each of several people. `numbered` names one of them: `{n}` is the number.

    `add` and `another` stand on the button for the first and for a further one.
    """

    name: str
    numbered: str
    add: str
    another: str
    fields: tuple[Field, ...]
    most: int = 30
    keeps_blank: bool = False


@dataclass(frozen=True)
class Section:
    """Questions that belong together. `grid`: short fields side by side."""

    title: str = ""
    hint: str = ""
    fields: tuple[Field, ...] = ()
    group: Group | None = None
    grid: bool = False


Sheet = tuple[Section, ...]
"""A whole form."""


@dataclass(frozen=True)
class Typed:
    """What is in a form's fields, as typed, by the names of the fields."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> "Typed":
        """What was posted."""
        return cls({name: tuple(str(value) for value in form.getlist(name)) for name in form})

    @classmethod
    def at(cls, name: str, instant: datetime) -> "Typed":
        """An instant in a field of date and time."""
        parts = zip(("date", "time", "which"), written(instant), strict=True)
        return cls({f"{name}-{part}": (text,) for part, text in parts})

    def one(self, name: str) -> str:
        """The text of a field, without outer blanks."""
        return next(iter(self.values.get(name, ())), "").strip()

    def many(self, name: str) -> list[str]:
        """All that was ticked."""
        return [value for value in self.values.get(name, ()) if value]

    def plus(self, values: Mapping[str, Sequence[str]]) -> "Typed":
        """The same with these fields too."""
        return replace(self, values={**self.values, **values})

    def count(self, group: Group) -> int:
        """How many people the group has fields for."""
        return len(self._numbers(group))

    def tidied(self, group: Group, *, without: int | None = None) -> "Typed":
        """People numbered 0, 1, 2, …; without this one, and without blank ones where blank means nobody."""
        kept = [n for n in self._numbers(group) if n != without and (group.keeps_blank or self._said(group, n))]
        values = {name: given for name, given in self.values.items() if not name.startswith(f"{group.name}-")}
        for new, old in enumerate(kept):
            for asked in group.fields:
                for part in ("", "-date", "-time", "-which"):
                    if given := self.values.get(f"{group.name}-{old}-{asked.name}{part}"):
                        values[f"{group.name}-{new}-{asked.name}{part}"] = given
            values[f"{group.name}-{new}-{group.fields[0].name}"] = (
                self.one(f"{group.name}-{old}-{group.fields[0].name}"),
            )
        return Typed(values)

    def with_one_more(self, group: Group) -> "Typed":
        """Fields for one more person, while there is room."""
        number = self.count(group)
        return self if number >= group.most else self.plus({f"{group.name}-{number}-{group.fields[0].name}": ("",)})

    def _numbers(self, group: Group) -> list[int]:
        parts = [name.split("-", 2) for name in self.values if name.startswith(f"{group.name}-")]
        numbers = {int(part[1]) for part in parts if len(part) == 3 and re.fullmatch("[0-9]{1,3}", part[1])}
        return sorted(numbers)[: group.most + 1]  # one too many is an error that is shown; more only tampering sends

    def _said(self, group: Group, number: int) -> bool:
        return any(self.one(name) for name in self.values if name.startswith(f"{group.name}-{number}-"))


def choices(labelled: Iterable[Labelled]) -> tuple[Choice, ...]:
    """The members of a closed list of words."""
    return tuple(Choice(member.value, member.label) for member in labelled)
