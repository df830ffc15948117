"""`mash rules what-if`: when would a contact that arrives then be due?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from mash import clock
from mash.cli_rules import RULES, rule_sets, version_for
from mash.console import london_time, out
from mash.errors import BadInput
from mash.rules.counting import when
from mash.rules.moments import worth_asking
from mash.rules.what_if import WhatIf, Would, WouldBe, how_long, main_calendar, what_if


def what_if_command(
    borough: Annotated[str, typer.Argument(help="The borough's short name.")],
    at: Annotated[
        str | None, typer.Option(help="The instant: London time like 2026-12-24T16:50, or with an offset. Else now.")
    ] = None,
    version: Annotated[int | None, typer.Option(help="A version of the rules; else the one in force then.")] = None,
    only: Annotated[str | None, typer.Option("--clock", help="One clock, with its count step by step.")] = None,
    rules: Annotated[Path | None, RULES] = None,
) -> None:
    """What would be due, for each clock and colour, if a contact arrived at some instant?"""
    now = int(clock.now().timestamp()) // 60 * 60
    instant = now if at is None else int(london_time("--at", at).timestamp())
    chosen = version_for(rule_sets(rules), borough, version, instant, named="BOROUGH", start="--at")
    if only is not None and only not in chosen.clocks:
        raise BadInput(f"--clock: `{only}` is not a clock of {chosen.full_name}: {', '.join(chosen.clocks)}.")
    for line in _lines(what_if(chosen, instant), only):
        out.print(line, markup=False)
    if at is None and only is None:
        out.print("\nAlso worth asking, with --at:")
        for choice in worth_asking(now, chosen.working_times(frozenset())[main_calendar(chosen)])[1:]:
            out.print(f"  {when(choice.at)}: {choice.label}", markup=False)


def _lines(found: WhatIf, only: str | None) -> Iterator[str]:
    rules = found.rules
    yield f"{rules.title} version {rules.version}: a contact that arrives {when(found.at)} would be due"
    for line in (line for line in found.from_receipt if only in (None, line.clock)):
        yield from _clock(found, line, steps=only is not None)
    later = [line for line in found.from_later if only in (None, line.clock)]
    if later:
        yield "\nCounted from when it happens, if that were the same instant:"
    for line in later:
        yield from _clock(found, line, steps=only is not None)


def _clock(found: WhatIf, line: WouldBe, *, steps: bool) -> Iterator[str]:
    which = f" ({line.which})" if line.which else ""
    starts = f", from: {line.starts}" if line.starts else ""
    yield f"\n{line.label}{which}{starts}{f'. {line.only}' if line.only else ''}"
    for label, cell in _cells(found, line):
        yield f"  {label:12}{_due(found, cell)}"
        if steps and cell is not None:
            yield from (f"      {number:3}. {step}" for number, step in enumerate(cell.steps, 1))


def _cells(found: WhatIf, line: WouldBe) -> list[tuple[str, Would | None]]:
    """What holds for each colour; once, where it is the same for all."""
    if line.is_same_for_all:
        return [("All", line.cells[0])]
    labels = map(found.rules.colour_label, found.colours)
    return list(zip(labels, line.cells, strict=True))


def _due(found: WhatIf, cell: Would | None) -> str:
    if cell is None:
        return "no deadline until more is known"
    if cell.due_at is None:
        return "no target"
    return f"{when(cell.due_at)}, in {how_long(cell.due_at - found.at)}"
