"""What does the map of an export say? What each column holds, how dates are written, which word stands for which code.

A map is YAML, read as a rule file is: every problem with file, line, key and remedy. It must not know any contact.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from mash.errors import BadInput
from mash.importing.columns import INSTANTS, Column
from mash.importing.dates import DoubledHour, Format, Reading, Zone, format_of
from mash.rules.names import choice, shortened
from mash.rules.notation import ClockTime, lacking, some
from mash.rules.part import Part
from mash.rules.ruleset import RuleSet
from mash.rules.shape import faults
from mash.rules.yamlfile import Route, Source, read_yaml
from mash.vocabulary import Channel, Kind, Labelled
from mash.vocabulary import Source as ReferralSource

LEAVE_OUT = "leave_out"
"""Stands for a code where the council's word says nothing that we need."""

Header = Annotated[tuple[str, ...], BeforeValidator(some)]
"""The name of a column, or of several that are read together."""


class Encoding(Labelled):
    """How the letters of the file are written."""

    UTF_8 = "utf-8", "UTF-8"
    CP1252 = "cp1252", "Windows, as Excel saves “CSV”"
    UTF_16 = "utf-16", "Unicode, as Excel saves “Unicode text”"


class Delimiter(StrEnum):
    """What stands between two cells."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    BAR = "bar"

    @property
    def sign(self) -> str:
        """The sign itself."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}[self.value]


class Translated(Labelled):
    """What a council has words of its own for. The values are the keys under `words:`."""

    COLOUR = "colour", "a colour"
    OUTCOME = "outcome", "an outcome"
    LEVEL = "level", "a threshold level"
    KIND = "kind", "a kind of contact"
    CHANNEL = "channel", "a channel"
    SOURCE = "source", "a source"
    CONCERN = "concern", "a concern"
    AGENCY = "agency", "an agency"
    OPEN_CASE = "open_case", "`yes` or `no`"


WITH_DEFAULT = (Translated.COLOUR, Translated.OUTCOME, Translated.KIND, Translated.CHANNEL, Translated.SOURCE)


def _formats(value: object) -> object:
    return tuple(format_of(text) if isinstance(text, str) else text for text in some(value))


class FileRules(Part):
    """How the file is written."""

    encoding: Encoding = Encoding.UTF_8
    delimiter: Delimiter = Delimiter.COMMA


class TimeRules(Part):
    """How dates and times are written."""

    formats: Annotated[tuple[Format, ...], BeforeValidator(_formats)]
    zone: Zone = Zone.LONDON
    doubled_hour: DoubledHour = DoubledHour.REFUSE
    whole_days: dict[Column, ClockTime] = Field({})

    @model_validator(mode="after")
    def _whole_days_are_instants(self) -> Self:
        if other := next((field for field in self.whole_days if field not in INSTANTS), None):
            raise ValueError(f"`whole_days` has `{other}`, which is no time at which something happened. Remove it")
        return self


class AgencyColumns(Part):
    """When one agency was asked and when it answered."""

    asked: Header
    answered: Header | None = None


class RequestColumns(Part):
    """The columns of a second file, which has a row for each request."""

    reference: Header
    agency: Header
    asked: Header
    answered: Header | None = None


class ImportMap(Part):
    """The whole map."""

    file: FileRules = FileRules()
    times: TimeRules
    columns: dict[Column, Header]
    agencies: dict[str, AgencyColumns] = Field({})
    requests: RequestColumns | None = None
    events: dict[str, Header] = Field({})
    words: dict[Translated, dict[str, Header]] = Field({})
    when_empty: dict[Translated, str] = Field({})
    concerns_apart_by: str = ";"

    @model_validator(mode="after")
    def _has_what_every_contact_has(self) -> Self:
        for field in (Column.REFERENCE, Column.RECEIVED):
            if field not in self.columns:
                raise lacking(f"columns.{field}", f"is missing. Name the column: {field.label.lower()}")
        if self.agencies and self.requests:
            raise ValueError("`agencies` and `requests` cannot stand together: keep the one that is meant")
        return self

    @property
    def reading(self) -> Reading:
        """How cells with dates are read."""
        return Reading(self.times.formats, self.times.zone, self.times.doubled_hour)

    def whole_day(self, field: Column) -> time | None:
        """The time of day that stands for a date alone in this column."""
        minute = self.times.whole_days.get(field)
        return None if minute is None else time(minute // 60 % 24, minute % 60)


@dataclass(frozen=True)
class MapFile:
    """A map that has been read, and where each of its keys stands."""

    mapped: ImportMap
    source: Source

    def wrong(self, problems: Iterable[tuple[Route, str]]) -> BadInput:
        """What turned out to be wrong at keys of the map, each with file and line."""
        self.source.told.clear()
        for route, text in problems:
            self.source.complain(route, text)
        return _told(self.source)


def read_map(file: Path, rules: RuleSet) -> MapFile:
    """The map, checked, with codes that the rule set has. Raises BadInput with every problem by file and line."""
    source = read_yaml(file, "is empty. `mash import CSV --suggest-map` gives a draft of a map.")
    if source.readable:
        for fault in faults(source.data, ImportMap):
            if not source.is_told(fault.route):
                source.complain(fault.route, fault.text)
    if source.told:
        raise _told(source)
    found = MapFile(ImportMap.model_validate(source.data), source)
    if strangers := list(_strangers(found.mapped, rules)):
        raise found.wrong(strangers)
    return found


def _told(source: Source) -> BadInput:
    return BadInput(*dict.fromkeys(map(str, sorted(source.told))))


def codes_of(rules: RuleSet) -> dict[Translated, dict[str, str]]:
    """The codes that a word can stand for, each with its label."""
    yes_no = {"yes": "Yes", "no": "No"}
    return {
        Translated.COLOUR: {code: colour.label for code, colour in rules.colours.items()},
        Translated.OUTCOME: {code: outcome.label for code, outcome in rules.outcomes.items()},
        Translated.LEVEL: {code: f"Level {code}" for code in "1234"},
        Translated.KIND: {kind.value: kind.label for kind in Kind},
        Translated.CHANNEL: {channel.value: channel.label for channel in Channel},
        Translated.SOURCE: {source.value: source.label for source in ReferralSource},
        Translated.CONCERN: dict(rules.concerns),
        Translated.AGENCY: {code: agency.label for code, agency in rules.agencies.items()},
        Translated.OPEN_CASE: yes_no,
    }


def _strangers(mapped: ImportMap, rules: RuleSet) -> Iterator[tuple[Route, str]]:
    """Codes that the rule set does not have, and words that stand for two codes."""
    codes = codes_of(rules)
    for kind, words in mapped.words.items():
        yield from _unknown(("words", kind.value), words, {**codes[kind], LEAVE_OUT: ""}, kind, rules)
        yield from _said_twice(kind, words)
    for kind, code in mapped.when_empty.items():
        if kind not in WITH_DEFAULT:
            named = ", ".join(WITH_DEFAULT)
            yield ("when_empty", kind.value), f"has no place here. Keys here: {named}."
        elif code not in codes[kind]:
            text = f"`{shortened(code)}` is not {kind.label} of {rules.full_name}. {choice(code, codes[kind])}"
            yield ("when_empty", kind.value), text
    yield from _unknown(("agencies",), mapped.agencies, codes[Translated.AGENCY], Translated.AGENCY, rules)
    for event in mapped.events:
        if event not in rules.events:
            yield ("events", event), f"is not an event of {rules.full_name}. {choice(event, rules.events)}"


def _unknown(
    route: Route, names: Mapping[str, object], codes: Mapping[str, str], kind: Translated, rules: RuleSet
) -> Iterator[tuple[Route, str]]:
    for name in names:
        if name not in codes:
            yield (*route, name), f"is not {kind.label} of {rules.full_name}. {choice(name, codes)}"


def _said_twice(kind: Translated, words: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Route, str]]:
    known: dict[str, str] = {}
    for code, own in words.items():
        for word in own:
            other = known.setdefault(plain(word), code)
            if other != code:
                yield ("words", kind.value, code), f"a word of it stands under `{other}` too. Remove one of the two."


def plain(word: str) -> str:
    """A word or a header without capitals and needless blanks: how two of them are compared."""
    return " ".join(word.split()).casefold()
