"""What one lifecycle writes, step by step, taken down while the engine does it: the rows that other ways write too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from bench.lifecycle import STEPS, Ours
from mash.db import Database
from mash.workflow.together import Together


@dataclass(frozen=True)
class Write:
    """One statement: its table, what it does, its rows as they are in Python, its text and what the driver is given."""

    table: str
    kind: str
    rows: Sequence[Mapping[str, Any]]
    text: str
    given: Sequence[Any]

    def of_another(self, number: int, own: Mapping[str, str]) -> "Write":
        """The same of another contact."""
        return replace(self, rows=_another(self.rows, number, own), given=_another(self.given, number, own))


Step = Sequence[Write]


def taken_down(ours: Ours, db: Database) -> list[Step]:
    """The writes of each step of a lifecycle."""
    steps: list[Step] = []
    ours.live(1)
    heard: list[Write] = []

    def hear(_c: Any, _cursor: Any, text: str, given: Any, context: Any, many: bool) -> None:
        compiled = context.compiled
        if compiled is None or not (context.isinsert or context.isupdate):
            return
        kind = "update" if context.isupdate else "upsert" if "ON CONFLICT" in text else "insert"
        rows = [dict(row) for row in context.compiled_parameters]
        heard.append(Write(compiled.statement.table.name, kind, rows, text, given if many else [given]))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        with patch.object(Together, "write", _apart):
            for _ in ours.steps(2):
                steps.append(tuple(heard))
                heard.clear()
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert len(steps) == len(STEPS) + 1
    return steps


def _apart(together: Together) -> None:
    """One statement after the other, so that each can be heard."""
    waiting, together._waiting = together._waiting, []
    for statement, row in waiting:
        together.tx.execute(statement, row)


def names_of(steps: Sequence[Step]) -> frozenset[str]:
    """What is this contact's alone: ids, reference, and the key of the form."""
    wanted = {"contacts": ("id", "reference"), "contact_children": ("id", "match_key"), "persons": ("id",)}
    wanted |= {"person_links": ("id",), "receipts": ("key",), "lookup_keys": ("key",)}
    writes = [write for step in steps for write in step if write.kind == "insert" and write.table in wanted]
    return frozenset(row[name] for write in writes for row in write.rows for name in wanted[write.table] if row[name])


def of_another(steps: Sequence[Step], names: frozenset[str], number: int) -> list[Step]:
    """The writes of a lifecycle of another contact."""
    own = {name: f"{name}{number:07}" for name in names}
    return [[write.of_another(number, own) for write in step] for step in steps]


def _another(value: Any, number: int, own: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return own.get(value, value)
    if isinstance(value, Mapping):
        return {name: _another(one, number, own) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_another(one, number, own) for one in value)
    return value
