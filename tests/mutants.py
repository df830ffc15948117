"""Would a test notice? Breaks one row of a table at a time and expects a failing test each time: `make mutants`.

Each mutant is made in a child of this process, in memory, before the tests are read; the code on disk stays as it is.
`--every N` takes only each Nth mutant of a kind.
"""

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from mash import guards, permissions
from mash.permissions import Permission
from mash.rules import timescales
from mash.rules.timescales import Unit
from mash.vocabulary import Role, State, Verb
from mash.workflow import clocks, states
from mash.workflow.states import TRANSITIONS, Transition

RECORDINGS = ("clocks", "christmas", "late-holiday", "main")


@dataclass(frozen=True)
class Mutant:
    """Something broken, and the tests that must notice."""

    kind: str
    name: str
    break_it: Callable[[], None]
    tests: tuple[str, ...]


def mutants() -> Iterator[Mutant]:
    """Every mutant, kind by kind."""
    yield from _transitions()
    yield from _permissions()
    yield from _units()
    yield from _effects()
    yield from _triggers()


def _transitions() -> Iterator[Mutant]:
    tests = ("tests/workflow/test_states.py",)
    for n, row in enumerate(TRANSITIONS):
        yield Mutant("transition", f"without {_row(row)}", lambda n=n: _table(n, None), tests)  # type: ignore[misc]
        other = State.CLOSED if row.dest != State.CLOSED else State.RECEIVED
        astray = replace(row, dest=other.value)
        yield Mutant("transition", f"{_row(row)} → {other}", lambda n=n, r=astray: _table(n, r), tests)  # type: ignore[misc]


def _row(row: Transition) -> str:
    return f"{row.verb} {row.source}-{row.dest}"


def _table(n: int, row: Transition | None) -> None:
    table = (*TRANSITIONS[:n], *([row] if row else []), *TRANSITIONS[n + 1 :])
    states.TRANSITIONS = table
    states._machine = states.build_machine(table)
    states._POSSIBLE = frozenset((t.verb, t.source) for t in table)


def _permissions() -> Iterator[Mutant]:
    tests = ("tests/test_permissions.py",)
    for role in Role:
        for verb in Verb:
            cell = Permission(verb.value)
            yield Mutant("permission", f"{role} {verb} flipped", lambda r=role, c=cell: _flip(r, c), tests)  # type: ignore[misc]


def _flip(role: Role, cell: Permission) -> None:
    permissions.PERMISSIONS[role] = permissions.PERMISSIONS[role] ^ {cell}


def _units() -> Iterator[Mutant]:
    tests = ("tests/rules/test_timescales.py",)
    counted = [unit for unit in Unit if unit is not Unit.NONE]
    for unit in counted:
        for other in counted:
            if other is not unit:
                yield Mutant("unit", f"{unit} counted as {other}", lambda u=unit, o=other: _swap(u, o), tests)  # type: ignore[misc]


def _swap(unit: Unit, other: Unit) -> None:
    original = timescales.due

    def due(span: timescales.Span, *rest: object) -> int | None:
        if span.unit is unit:
            amount = span.amount if other in timescales.HOURS else min(span.amount, 5)
            span = replace(span, unit=other, amount=amount)
        return original(span, *rest)  # type: ignore[arg-type]

    timescales.due = due  # type: ignore[assignment]


def _effects() -> Iterator[Mutant]:
    recordings = (f"tests/test_replay.py::test_a_recording_comes_out_as_calculated[sqlite-{n}]" for n in RECORDINGS)
    tests = ("-k", "sqlite", "tests/workflow/test_clocks.py", *recordings)
    for table in (clocks._EFFECTS, clocks._MOMENTS):
        for verb in table:
            yield Mutant("effect on clocks", f"{verb} forgotten", lambda t=table, v=verb: _forget(t, v), tests)  # type: ignore[misc]


def _forget(table: dict[Verb, object], verb: Verb) -> None:
    del table[verb]


def _triggers() -> Iterator[Mutant]:
    tests = ("tests/test_guards.py", "tests/test_audit.py")
    for dialect in ("sqlite", "postgresql"):
        for trigger in guards.triggers(dialect):
            yield Mutant("trigger", f"{dialect}: without {trigger.name}", lambda t=trigger: _unguard(t), tests)  # type: ignore[misc]


def _unguard(trigger: guards.Trigger) -> None:
    original = guards.triggers
    guards.triggers = lambda dialect: tuple(t for t in original(dialect) if t != trigger)


def survives(mutant: Mutant) -> bool:
    """Whether every test passes although the mutant is broken."""
    child = os.fork()
    if child == 0:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            mutant.break_it()
            status = pytest.main(["-q", "-x", "-n", "0", "-p", "no:cacheprovider", *mutant.tests])
        os._exit(int(status))
    _, ended = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(ended)
    if status not in (0, 1):
        raise RuntimeError(f"{mutant.name}: pytest ended with status {status}")
    return status == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only each Nth mutant of a kind")
    parser.add_argument("--kind", help="only this kind")
    chosen = parser.parse_args()
    found = [m for m in mutants() if chosen.kind in (None, m.kind)]
    kinds = dict.fromkeys(m.kind for m in found)
    survivors, started = [], time.monotonic()
    for kind in kinds:
        own = [m for m in found if m.kind == kind][:: chosen.every]
        alive = [m for m in own if survives(m)]
        sys.stdout.write(f"{kind}: {len(own) - len(alive)} of {len(own)} noticed\n")
        sys.stdout.flush()
        survivors += alive
    for mutant in survivors:
        sys.stdout.write(f"not noticed: {mutant.kind}: {mutant.name}\n")
    sys.stdout.write(f"{time.monotonic() - started:.0f} s\n")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
