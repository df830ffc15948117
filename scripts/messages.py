"""Every refusal, advice on rules and samples of "why this time?": docs/messages.md, to be read with a pencil."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mash.rule_advice.kinds import AdviceKind
from mash.rules.loader import load_file
from mash.workflow.episodes import Clockwork, Origin, seconds
from mash.workflow.reading import reading

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "The stage does not allow it": ("mash/workflow/states.py",),
    "A contact arrives": ("mash/workflow/verbs/intake.py",),
    "Who has it": ("mash/workflow/verbs/holding.py",),
    "Screening and rating": ("mash/workflow/verbs/screening.py",),
    "Agencies": ("mash/workflow/verbs/sharing.py",),
    "Decisions and oversight": ("mash/workflow/verbs/deciding.py",),
    "Afterwards, clocks and events": ("mash/workflow/verbs/after.py",),
    "Rights, conflicts, things that are not there": (
        "mash/permissions.py",
        "mash/workflow/write.py",
        "mash/rulebook.py",
        "mash/workflow/contact_page.py",
    ),
}
_ERRORS = {"Refused", "NotPermitted", "Conflict", "NotFound", "BadInput"}
_PLUMBING = {"get", "lower", "join", "s", "d", "rules", "contact", "self", "staff", "picture"}
_STARTS = (datetime(2026, 11, 13, 16, 30, tzinfo=UTC), datetime(2026, 12, 26, 2, 0, tzinfo=UTC))


def page() -> str:
    """The whole page. What is filled in at the time stands in braces."""
    lines = [_HEAD]
    for title, files in PARTS.items():
        found = sorted({text for file in files for text in _said(ROOT / file)})
        lines += [f"## {title}", "", *(f"- {text}" for text in found), ""]
    lines += ["## What to consider in a rule set", "", *(f"- {text}" for text in _considered()), ""]
    lines += ["## Why this time?", "", *(f"- {text}" for text in _readings()), ""]
    return "\n".join(lines)


_HEAD = """# Messages

Every sentence with which an act is refused, a sentence of each kind of advice on a rule set, and what a deadline says
of itself, as they stand in the code. `make docs` writes this page and a test keeps it in step. Read it as the person
who meets the sentence: does it say what is wrong, and what to do?
"""


def _said(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from (text for argument in node.args if (text := _sentence(argument, _name(node))))
        elif isinstance(node, (ast.Return, ast.Assign)) and node.value is not None:
            yield from (text for part in ast.walk(node.value) if (text := _sentence(part, "")))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _sentence(node: ast.AST, within: str) -> str | None:
    """A text that is a sentence, with what is filled in by name; of a call only where it refuses something."""
    text = _text(node)
    refuses = within in {*_ERRORS, "add", "_with_reason", ""}
    return text if text and refuses and text.endswith(".") and " " in text and text[0] not in "\n# ." else None


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = (_text(part) or f"{{{_filled(part)}}}" for part in node.values)
    return "".join(parts)


def _filled(part: ast.AST) -> str:
    """What stands there at the time: the last name of the expression."""
    names = [node for node in ast.walk(part) if isinstance(node, (ast.Attribute, ast.Name))]
    spoken = [node.attr if isinstance(node, ast.Attribute) else node.id for node in names]
    return next((word.strip("_") for word in spoken if word not in _PLUMBING), "…").replace("_", " ")


def _considered() -> Iterator[str]:
    """A sentence of each kind, as the rule file says that deserves it."""
    for kind in AdviceKind:
        file = ROOT / "tests" / "rule_advice" / kind.value / "foolish.yaml"
        yield file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def _readings() -> Iterator[str]:
    rules = load_file(ROOT / "config" / "boroughs" / "northbridge.yaml", ROOT / "config")
    for name, clock in rules.clocks.items():
        for start in _STARTS:
            agency = "police" if clock.of_agencies else ""
            for _, scale in clock.timescales:
                clockwork = Clockwork(rules)
                clockwork.begin((name, agency), Origin(seconds(start)), clock.starts[0], seconds(start), scale)
                yield from (f"{clock.label}: {reading(rules, episode)}" for episode in clockwork.episodes)


if __name__ == "__main__":
    (ROOT / "docs" / "messages.md").write_text(page(), encoding="utf-8")
