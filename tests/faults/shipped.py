"""What stands where in the shipped rule files? Every word, found by another reader than the one that is tried."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

CONFIG = Path(__file__).resolve().parents[2] / "config"
NORTHBRIDGE = "boroughs/northbridge.yaml"
FILES = (NORTHBRIDGE, "boroughs/_baseline.yaml", "calendars.yaml", "agencies.yaml")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# What stands after a key, by the last key of its route.
_WHAT = {
    "text": ("label", "title", "because", "source", "destination", "type_of_work", "england", "events", "concerns"),
    "reference": (
        *("colour", "required_for", "agreement_needed_for", "oversight_for", "pausable_for", "calendar"),
        *("clocks", "any_concern", "every_concern", "inherits", "bank_holidays"),
    ),
    "word": ("from", "to", "restarts_on", "on_rerating", "on_return", "tag", "rerating"),
    "amount": ("due",),
    "alert": ("warn", "escalate"),
    "hours": (*WEEKDAYS, "dates"),
    "dates": ("closed_on",),
    "date": ("in_force_from",),
    "number": ("child_under", "different_concerns", "at_least", "within_days", "longest_days", "version"),
    "own": ("name", "reference_prefix"),
}
_WHAT_OF = {key: what for what, keys in _WHAT.items() for key in keys}
_NAMES = ("colours", "calendars", "agencies", "outcomes", "events", "clocks", "concerns", "suggestions")


@dataclass(frozen=True)
class Site:
    """A word in a file: a key, or a value. Lines and columns count from 0."""

    file: str
    line: int
    start: int
    end: int
    text: str
    route: tuple[str, ...]
    is_key: bool
    in_brackets: bool

    @property
    def what(self) -> str:
        """What kind of value it is, or of key."""
        if self.is_key:
            return self._what_key
        if self.text in ("true", "false"):
            return "yes or no"
        if self.file == "agencies.yaml" or self.route[0] in ("events", "concerns"):
            return "text"
        words = [step for step in self.route if not step.isdigit()]
        if "dates" in words or self.route[-1] in ("open", "closed"):
            return "hours"
        return "word" if self.text == "open" else _WHAT_OF.get(words[-1]) or _WHAT_OF[words[-2]]

    @property
    def _what_key(self) -> str:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", self.text):
            return "date"
        named = self.route[-2] if len(self.route) > 1 else ""
        is_name = self.file == "agencies.yaml" or (len(self.route) == 2 and named in _NAMES) or self.text == "england"
        return "name" if is_name or named in ("by_rating", "by_suggestion") else "key"


@dataclass
class Text:
    """A shipped file, its lines, and the words in it, found by another reader than the one that is tried."""

    file: str
    lines: list[str]
    sites: list[Site] = field(default_factory=list)
    lists: list[tuple[int, int, int]] = field(default_factory=list)
    maps: list[tuple[int, int, int, tuple[str, ...]]] = field(default_factory=list)

    @staticmethod
    def of(file: str) -> "Text":
        text = (CONFIG / file).read_text(encoding="utf-8")
        found = Text(file, text.split("\n")[:-1])
        found._walk(yaml.compose(text, Loader=yaml.SafeLoader), (), False, set())
        return found

    def _walk(self, node: Any, route: tuple[str, ...], inside: bool, seen: set[int]) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        here = (node.start_mark.line, node.start_mark.column, node.end_mark.column)
        if isinstance(node, yaml.ScalarNode):
            self.sites.append(Site(self.file, *here, node.value, route, False, inside))
            return
        if node.flow_style:
            self.lists += [here] if isinstance(node, yaml.SequenceNode) else []
            self.maps += [(*here, route)] if isinstance(node, yaml.MappingNode) else []
        for n, part in enumerate(node.value):
            key, value = part if isinstance(part, tuple) else (None, part)
            own = (*route, str(n) if key is None else key.value)
            if key is not None:
                marks = (key.start_mark.line, key.start_mark.column, key.end_mark.column)
                self.sites.append(Site(self.file, *marks, key.value, own, True, node.flow_style))
            self._walk(value, own, node.flow_style, seen)

    @cached_property
    def content(self) -> list[int]:
        """Lines that say something."""
        return [n for n, line in enumerate(self.lines) if line.split("#")[0].strip()]

    def keys(self, *whats: str) -> list[Site]:
        return [site for site in self.sites if site.is_key and site.what in whats]

    def values(self, *whats: str) -> list[Site]:
        return [site for site in self.sites if not site.is_key and site.what in whats]

    def value_after(self, key: Site) -> tuple[int, int] | None:
        """Where the value begins and ends that stands in the same line as its key, without a remark."""
        rest = self.lines[key.line][key.end :]
        found = re.match(r":\s+([^#&\s].*?)?\s*(#.*)?$", rest)
        if key.in_brackets or not found or not found[1]:
            return None
        return key.end + found.start(1), key.end + found.end(1)
