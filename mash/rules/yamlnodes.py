"""What stands where in a text? YAML as nodes, each with its lines. Knows no rule set and no file.

Lines count from 0. Meanings of words are left alone: `yes`, `007` and `1:30` are text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from mash.rules.names import misspelt

DOCUMENT = "begins a second part of the file, and there can be only one. Remove the line."
DEEP = "is nested too deeply. Check brackets and indentation."
TAG = "begins with `!`, which is not used here. Remove it, or put the text in quotation marks."

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 30
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class Node:
    """Something that stands in the text: where it begins, and its last line."""

    line: int
    column: int
    last: int


@dataclass(frozen=True)
class Word(Node):
    """A text. `nothing` where there is none, or a sign for none."""

    text: str
    nothing: bool


@dataclass(frozen=True)
class Items(Node):
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Keys(Node):
    """Keys with values. `end`: the line of what follows them."""

    pairs: tuple[tuple[Node, Node], ...]
    end: int


@dataclass(frozen=True)
class Lost(Node):
    """What cannot be known, and has been told."""


class Composer:
    """One walk through the parser's events.

    `open`: lines of brackets not yet closed. `last`, `quoted`: the last event, and the last text in quotation marks.
    """

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=_Loader)
        self._anchors: dict[str, Node] = {}
        self._marked: dict[str, int] = {}
        self._repeated: dict[str, int] = {}
        self.notes: dict[int, str] = {}
        self.open: list[int] = []
        self.last: Any = None
        self.quoted: Any = None

    def whole(self) -> Node | None:
        """The node that is the text; None where there is none. Raises YAMLError where a line cannot be read."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._node(self._next(), 0)
        self._next()
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            raise yaml.MarkedYAMLError(problem=DOCUMENT, problem_mark=event.start_mark)
        self._note_unknown()
        return root

    def _next(self) -> Any:
        event = next(self._events)
        self.last = event
        if isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"'):
            self.quoted = event
        return event

    def _node(self, event: Any, depth: int) -> Node:
        if depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem=DEEP, problem_mark=event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag:
            self.notes[event.start_mark.line] = TAG
        if event.anchor:
            self._marked[event.anchor] = event.start_mark.line
        node = self._content(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _content(self, event: Any, depth: int) -> Node:
        line, column, end = event.start_mark.line, event.start_mark.column, event.end_mark.line
        if isinstance(event, yaml.ScalarEvent):
            nothing = event.implicit[0] and event.value in _NOTHING
            return Word(line, column, max(line, end), event.value, nothing)
        if event.flow_style:
            self.open.append(line)
        parts = list(self._parts(depth))
        end = self.last.end_mark.line
        if event.flow_style:
            self.open.pop()
        last = end if event.flow_style else max((part.last for part in parts), default=line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(line, column, last, tuple(parts))
        return Keys(line, column, last, tuple(zip(parts[::2], parts[1::2], strict=True)), end)

    def _parts(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), yaml.CollectionEndEvent):
            yield self._node(event, depth + 1)

    def _alias(self, event: Any) -> Node:
        line, name = event.start_mark.line, event.anchor
        self._repeated.setdefault(name, line)
        if name in self._anchors:
            return self._anchors[name]
        if name in self._marked:
            self.notes[line] = f"`*{name}` stands inside of what it repeats. Write out what is meant."
        return Lost(line, event.start_mark.column, line)

    def _note_unknown(self) -> None:
        """An alias to nowhere; also the anchor that may be meant, where nothing refers to that."""
        idle = [name for name in self._marked if name not in self._repeated]
        for name, line in self._repeated.items():
            if name in self._marked:
                continue
            self.notes[line] = f"`*{name}` repeats what is marked `&{name}`, and nothing is. Write out what is meant."
            for other in misspelt(name, idle):
                self.notes[line] = f"`*{name}` repeats what is marked `&{name}`, and nothing is. Is `*{other}` meant?"
                self.notes[self._marked[other]] = (
                    f"nothing repeats what is marked `&{other}`, and line {line + 1} repeats `*{name}`, which is not "
                    "there. Write the same name in both."
                )
