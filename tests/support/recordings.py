"""Recorded work of Northbridge, with results that were calculated independently."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mash.clock import iso
from mash.dry_run import DryRun, Played
from mash.workflow.episodes import Episode

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


def differences(found: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> dict[Any, Any]:
    """What is missing, not expected, or other than expected: (found, wanted)."""
    keys = sorted({*found, *wanted}, key=repr)
    return {key: (found.get(key), wanted.get(key)) for key in keys if found.get(key) != wanted.get(key)}


def without_readings(lines: Iterable[dict[str, Any]]) -> Counter[str]:
    """Result lines with all that stands in them but for how a deadline is told, and how often each stands there."""
    return Counter(
        json.dumps({name: value for name, value in line.items() if name != "reading"}, sort_keys=True) for line in lines
    )


def lines_of(run: DryRun) -> Iterator[dict[str, Any]]:
    """What a dry run found, as result lines of the replay format, section 6."""
    for played in run.results():
        yield _contact(played)
        for episode in played.timeline.episodes:
            yield from _deadline(played.reference, episode)
    for refusal in run.refusals:
        yield {"refused": refusal.line, "do": refusal.verb.value, "reasons": list(refusal.reasons)}


def _contact(played: Played) -> dict[str, Any]:
    line = {
        "contact": played.reference,
        "state": played.state.value,
        "rag": played.rag,
        "outcome": played.outcome,
        "ruleset": played.rules.full_name,
        "suggested": {"rag": played.suggested.rag, "because": list(played.suggested.because)},
    }
    return line if played.outcome is None else {**line, "children": dict(played.children)}


def _deadline(reference: str, episode: Episode) -> Iterator[dict[str, Any]]:
    key = {
        "contact": reference,
        "clock": episode.clock,
        "agency": episode.agency or None,
        "episode": episode.number,
    }
    instants = ("started_at", "due_at", "met_at", "breached_at", "cancelled_at")
    moments = {name: _instant(getattr(episode, name)) for name in instants}
    annulled = {"annulled_at": _instant(episode.annulled_at)} if episode.annulled_at is not None else {}
    yield {**key, **moments, **annulled}
    for raised in episode.raised:
        yield {**key, "alert": raised.kind.value, "level": raised.level, "at": _instant(raised.at)}


def _instant(at: int | None) -> str | None:
    return iso(datetime.fromtimestamp(at, UTC)) if at is not None else None
