"""How is a whole rule set written as a file, to be read and changed by people? Pure; the loader reads it back."""

import json
from typing import Any

import yaml

from mash.rules.loader import resolved_text
from mash.rules.ruleset import RuleSet

_LINE = 100
_WIDE = 10_000
"""No line is broken: a difference between two files is one line."""


def as_file(rules: RuleSet) -> str:
    """The whole rule set as YAML, nothing inherited and everything said, one thing on a line."""
    data = json.loads(resolved_text(rules))
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=_WIDE)


class _Writer(yaml.SafeDumper):
    """What is short stands on one line, as people write it; but not the keys of the whole."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """With the parts in one line where they fit."""
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = _fits(node)
        return node

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        """With the items in one line where they fit."""
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = _fits(node)
        return node

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written by reference: each part can be changed by itself."""
        return True


def _fits(node: Any) -> bool:
    parts = _parts(node)
    plain = all(isinstance(part, yaml.ScalarNode) or part.flow_style for part in parts)
    return plain and sum(len(text) + 2 for part in parts for text in _words(part)) <= _LINE


def _words(node: Any) -> list[str]:
    return (
        [node.value] if isinstance(node, yaml.ScalarNode) else [text for part in _parts(node) for text in _words(part)]
    )


def _parts(node: Any) -> list[Any]:
    return [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
