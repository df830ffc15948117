"""What does a YAML file say, and on which line? All words are text: the rule set gives them meaning.

Collects every problem of the file instead of stopping at the first, and remembers where something was wrong, so that
what follows from it is not told as well.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mash.rules import yamltext
from mash.rules.yamlnodes import Items, Keys, Lost, Node, Word

Route = tuple[str, ...]
_SIGNS, _FIRST = re.compile(r"[:{}\[\]]"), re.compile(r"[^:{}\[\]\s]*")
_EMPTY = "is empty. Write rules into it; docs/add-a-borough.md says how."
_TOO_LARGE = "is larger than a rule file can be. Is it the right one?"
_LARGEST, _MOST_NODES = 300_000, 20_000


class Place(NamedTuple):
    """Where something stands. Lines count from 1."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Told(NamedTuple):
    """A problem. In the order of files and lines."""

    place: Place
    key: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.place), self.key, self.text) if part)


@dataclass
class Source:
    """Data from YAML, the place where each key stands, and what is wrong with it.

    `ground`: places as the file has them that says it first, where one inherits from the other. `faulty`, `unsure` and
    `lost`: see mash.rules.names.Declared. `empty`: keys without value. `slips`: lines that could not be read as they
    are. `readable`: whether there is anything to go by.
    """

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Route, Place] = field(default_factory=dict)
    ground: dict[Route, Place] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    faulty: set[Route] = field(default_factory=set)
    unsure: set[Route] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    empty: set[Route] = field(default_factory=set)
    slips: set[Place] = field(default_factory=set)
    readable: bool = True

    def place(self, route: Route, order: Iterable[str] = ()) -> Place:
        """Of the key; of one that is not there the key after which it would stand, or the nearest above it.

        `order`: that of the keys beside it.
        """
        return _place(self.places, route, order)

    def complain(self, route: Route, text: str, place: Place | None = None) -> None:
        """Note what is wrong at a key. What follows from a line that could not be read is not told again."""
        at = place or self.place(route)
        self.faulty.add(route)
        if at._replace(column=0) not in self.slips:
            self.told.append(Told(at, ".".join(_in_file(route, self.places)), text))

    def is_told(self, route: Route) -> bool:
        """Whether something was told of it, or of what it stands in."""
        return any(route[: len(other)] == other for other in self.faulty)

    def follows_empty(self, route: Route, place: Place | None = None) -> bool:
        """Whether it, or what it stands in, comes after a key without value, and may be meant to belong to that."""
        at = place or self.place(route)
        return any(
            other[:-1] == route[: len(other) - 1]
            and len(route) >= len(other)
            and other != route[: len(other)]
            and self.place(other) < at
            for other in self.empty
        )

    def under(self, other: "Source") -> "Source":
        """This one as the ground on which the other builds: mappings are merged, all else is replaced."""
        whole = Source(
            {},
            self.places | other.places,
            other.ground | self.ground,
            self.told + other.told,
            self.faulty | other.faulty,
            self.unsure | other.unsure,
            self.lost | other.lost,
            self.empty | other.empty,
            self.slips | other.slips,
            self.readable and other.readable,
        )
        whole.data = _merged(self.data, other.data, (), whole)
        return whole


def _place(places: Mapping[Route, Place], route: Route, order: Iterable[str]) -> Place:
    if route in places or not route:
        return places.get(route, Place("rule set", 0))
    above, beside = route[:-1], [*order]
    here = beside.index(route[-1]) if route[-1] in beside else 0
    for key in beside[:here][::-1]:
        if (*above, key) in places:
            return _end(places, (*above, key))
    for key in beside[here:]:
        if (*above, key) in places:
            return places[(*above, key)]
    siblings = [place for other, place in places.items() if other and other[:-1] == above]
    return max(siblings) if siblings and not beside else _place(places, above, ())


def _end(places: Mapping[Route, Place], route: Route) -> Place:
    """The last place of what stands there."""
    file = places[route].file
    return max(at for other, at in places.items() if other[: len(route)] == route and at.file == file)


def _in_file(route: Route, places: Mapping[Route, Place]) -> Route:
    """Without steps that only the program sees: the number of an item where there is no list."""
    while route and route[-1].isdigit() and route not in places:
        route = route[:-1]
    return route


def read_yaml(file: Path, if_empty: str = _EMPTY) -> Source:
    """Data, places and problems of one file; of what cannot be read at all only the problems.

    `if_empty`: what to say of a file without anything in it.
    """
    source = _nothing_yet(str(file))
    raw = _contents(file, source, if_empty)
    return source if raw is None else _read(raw, str(file), source, if_empty)


def read_text(raw: bytes, name: str) -> Source:
    """As `read_yaml`, of a text that is in no file; `name` is what its places are called by."""
    source = _nothing_yet(name)
    if len(raw) > _LARGEST or not raw.strip():
        source.told.append(Told(Place(name, 1), "", _TOO_LARGE if raw.strip() else _EMPTY))
        return source
    return _read(raw, name, source)


def _nothing_yet(name: str) -> Source:
    return Source(places={(): Place(name, 1)}, readable=False)


def _read(raw: bytes, name: str, source: Source, if_empty: str = _EMPTY) -> Source:
    writing = yamltext.read(raw)
    for line, text in sorted(writing.slips.items()):
        source.told.append(Told(Place(name, line + 1), "", f"cannot be read: {text}"))
        source.slips.add(Place(name, line + 1))
    if isinstance(writing.root, Keys):
        _Reading(name, source, sorted(writing.slips)).read(writing.root)
    elif writing.root is None and not writing.slips:
        source.complain((), if_empty)
    elif not writing.slips:
        source.complain((), "has to consist of keys with values, like `title: Riverside`.")
    source.ground = dict(source.places)
    return source


def _contents(file: Path, source: Source, if_empty: str) -> bytes | None:
    text = "cannot be read. Check that the program may read it."
    try:
        if not file.exists():
            text = "is not there. Check the name and the folder."
        elif not file.is_file():
            text = "is not a file. Name a file that ends in .yaml."
        elif file.stat().st_size > _LARGEST:
            text = _TOO_LARGE
        elif raw := file.read_bytes():
            return raw
        else:
            text = if_empty
    except (OSError, ValueError):  # ValueError: a name that no file can have
        pass
    source.told.append(Told(Place(str(file), 1), "", text))
    return None


class _TooLong(Exception):
    """A file that repeats itself over and over."""


class _Reading:
    """One walk through the nodes of a file."""

    def __init__(self, file: str, source: Source, slips: list[int]) -> None:
        self.file, self.source, self.slips, self.nodes = file, source, slips, 0

    def read(self, root: Keys) -> None:
        try:
            self.source.data = self._mapping(root, (), -1)
            self.source.readable = True
        except _TooLong:
            self.source.told.clear()
            self.source.complain((), "repeats so much by `*` that it cannot be read. Write out what is meant.")

    def _mark(self, route: Route, node: Node) -> None:
        self.source.places[route] = Place(self.file, node.line + 1, node.column)
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise _TooLong

    def _value(self, node: Node, route: Route, first: int) -> Any:
        if isinstance(node, Keys):
            return self._mapping(node, route, first)
        if isinstance(node, Items):
            return self._list(node, route)
        if isinstance(node, Lost):
            self.source.faulty.add(route)
            return ""
        assert isinstance(node, Word)
        if yamltext.UNSEEN.search(node.text):
            self.source.complain(route, "holds a sign that cannot be seen. Remove what begins with a backslash.")
        return None if node.nothing else node.text

    def _list(self, node: Items, route: Route) -> list[Any]:
        items: list[Any] = []
        for item in node.items:
            own = (*route, str(len(items)))
            self._mark(own, item)
            value = self._value(item, own, item.line)
            if value is None:
                self.source.complain(own, "is an item without a value. Write one, or remove it.")
            elif value in items:
                earlier = self.source.place((*route, str(items.index(value))))
                self.source.complain(own, f"stands here a second time, after line {earlier.line}. Remove one of them.")
            else:
                items.append(value)
        return items

    def _mapping(self, node: Keys, route: Route, first: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if any(self._is_missed(node, first, line) for line in self.slips):
            self.source.unsure.add(route)
        for key, value in node.pairs:
            if not isinstance(key, Word) or not key.text:
                self._mark((*route, "?"), key)
                self.source.complain((*route, "?"), "a key has to be a word. Check brackets and colons.")
            elif key.text == "<<":
                self._mark((*route, key.text), key)
                self.source.complain((*route, key.text), "is not used here. Write out the keys that are meant.")
                self.source.unsure.add(route)
            elif _SIGNS.search(key.text):
                self._mark((*route, key.text), key)
                self.source.lost.update(_FIRST.findall(key.text)[:1])
                self.source.complain((*route, key.text), "is no key. Put a blank after the colon, and check brackets.")
            else:
                self._key(data, key, value, route)
        return data

    @staticmethod
    def _is_missed(node: Keys, first: int, line: int) -> bool:
        """Whether a line that could not be read may have been part of it, and not of something within it."""
        return first < line <= node.end and not any(key.line <= line <= value.last for key, value in node.pairs)

    def _key(self, data: dict[str, Any], key: Word, value: Node, route: Route) -> None:
        name, own = key.text, (*route, key.text)
        if name in data and data[name] != "":
            self._second_time(own, key)
            return
        self._mark(own, key)
        if isinstance(value, Word) and value.nothing and value.text != "~":
            self._without_value(own, key)
            data[name] = ""
        else:
            data[name] = self._value(value, own, key.line)

    def _second_time(self, own: Route, key: Word) -> None:
        """Not told where a key without value came in between: it was meant to hold this one."""
        place = Place(self.file, key.line + 1, key.column)
        if not self.source.follows_empty(own, place):
            earlier = self.source.places[own].line
            self.source.complain(own, f"stands here a second time, after line {earlier}. Remove one of them.", place)

    def _without_value(self, own: Route, key: Word) -> None:
        self.source.lost |= {own[-1], own[-1].split()[0]}
        self.source.empty.add(own)
        if key.line + 1 in self.slips:
            self.source.faulty.add(own)
            return
        remedy = "Write one, or `~` to remove what is inherited; what belongs to a key stands below it, further in."
        if " " in key.text:
            remedy = "Check colons; text with a comma inside `{…}` stands in quotation marks."
        self.source.complain(own, f"has no value. {remedy}")


def _merged(ground: Mapping[str, Any], top: Mapping[str, Any], route: Route, whole: Source) -> dict[str, Any]:
    merged = dict(ground)
    for key, value in top.items():
        below = merged.get(key)
        if value is None and key not in ground and whole.readable and route not in whole.unsure:
            text = "removes nothing: no such key is inherited. Remove it, or give it a value."
            whole.complain((*route, key), text)
        merged[key] = value
        if isinstance(value, dict):
            merged[key] = _merged(below if isinstance(below, dict) else {}, value, (*route, key), whole)
    kept = {key: value for key, value in merged.items() if value is not None}
    return _ordered(kept, ground, top, whole) if route == ("colours",) else kept


def _ordered(
    colours: dict[str, Any], ground: Mapping[str, Any], top: Mapping[str, Any], whole: Source
) -> dict[str, Any]:
    """Colours have an order, the lowest first: that of the heir, if it names them all."""
    if set(top) >= set(colours):
        return {key: colours[key] for key in top if key in colours}
    if ground and not set(top) <= set(ground):
        text = "adds to the colours inherited: name them all here, the lowest first (`red: {}` keeps what red is)."
        whole.complain(("colours",), text)
    return colours
