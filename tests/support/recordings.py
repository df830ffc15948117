"""Recorded work of Northbridge, with results that were calculated independently."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "recordings"
NAMES = ("main", "christmas", "clocks", "late-holiday")

COMPARED = {
    "contact": (("contact",), ("state", "rag", "outcome", "children", "ruleset", "suggested")),
    "deadline": (
        ("contact", "clock", "agency", "episode"),
        ("started_at", "due_at", "met_at", "breached_at", "cancelled_at"),
    ),
    "alert": (("contact", "alert", "clock", "agency", "episode", "level"), ("at",)),
    "refused": (("refused",), ("do",)),
}


def events_file(name: str) -> Path:
    return FOLDER / f"{name}.events.jsonl"


def expected(name: str) -> list[dict[str, Any]]:
    text = (FOLDER / f"{name}.expected.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def essence(lines: Iterable[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What counts of result lines, by kind and key. A key that stands twice is an error."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        kind = _kind(line)
        if kind is None:
            continue
        keys, fields = COMPARED[kind]
        key = (kind, *(line.get(name) for name in keys))
        assert key not in found, f"{key} stands twice"
        found[key] = {name: _plain(name, line[name]) for name in fields if name in line}
    return found


def _kind(line: dict[str, Any]) -> str | None:
    for name, kind in (("refused", "refused"), ("alert", "alert"), ("clock", "deadline"), ("contact", "contact")):
        if name in line:
            return kind
    return None


def _plain(name: str, value: Any) -> Any:
    return value["rag"] if name == "suggested" else value
