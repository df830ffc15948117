"""`mash rules explain`: why is a deadline when it is, and why was a colour suggested?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from mash import clock
from mash.console import london_time, open_database, out
from mash.errors import BadInput
from mash.rules.counting import when
from mash.rules.reasons import Asked
from mash.workflow.explaining import TimeExplained
from mash.workflow.suggested import ColourExplained, sentence
from mash.workflow.why import Explanation, why_by_reference


def explain(
    reference: Annotated[str, typer.Argument(help="The reference of a contact, like NB-7QK4-92MX.")],
    only: Annotated[str | None, typer.Option("--clock", help="One clock of the rule set, like `decision`.")] = None,
    at: Annotated[
        str | None,
        typer.Option(help="As it stood then: London time like 2026-11-13T16:30, or with an offset. Else as of now."),
    ] = None,
    borough: Annotated[str | None, typer.Option(help="The borough's short name, where two have the reference.")] = None,
) -> None:
    """Explain the deadlines and the suggested colour of a contact, step by step, from its record. London time."""
    instant = None if at is None else london_time("--at", at)
    now = clock.now()
    if instant is not None and instant > now:
        raise BadInput("--at: lies in the future. Ask `mash rules what-if` what would be due.")
    with open_database() as db:
        found = why_by_reference(db, reference, now, at=instant, borough=borough)
    if only is not None and only not in found.rules.clocks:
        raise BadInput(f"--clock: `{only}` is not a clock of {found.rules.full_name}: {', '.join(found.rules.clocks)}.")
    for line in _lines(found, only):
        out.print(line, markup=False)


def _lines(found: Explanation, only: str | None) -> Iterator[str]:
    rules = found.rules
    yield f"{found.reference}, {found.state.label.lower()}, as of {_when(found.at)}."
    yield f"Received {_when(found.received_at)}."
    since = f"version {rules.version}, in force from {rules.in_force_from:%-d %B %Y}"
    yield f"It follows the rules of {rules.title}, {since}, to the end. Source: {rules.source}"
    if only is None:
        yield from _colour(found.colour, found)
    times = [one for one in found.times if only in (None, one.clock)]
    for one in times:
        yield from _time(one)
    if not times:
        yield "\nNo deadline."


def _colour(colour: ColourExplained, found: Explanation) -> Iterator[str]:
    label = found.rules.colours[colour.colour].label if colour.colour else "Nothing"
    yield f"\n{label} suggested, since {_when(colour.since)}"
    yield from (f"  {line}" for line in colour.doubts)
    for one in colour.fitting:
        yield f"  {one.name}: {sentence(found.rules, one)}"
        yield from (f"      {line}" for line in one.found)
    if colour.remark:
        yield f"  {colour.remark}"
    yield from (
        f"  {_when(one.at)}: {one.sentence} {one.what}{' ' if one.what else ''}{one.who}." for one in colour.history
    )
    yield from _others(colour.others, found)


def _others(others: tuple[Asked, ...], found: Explanation) -> Iterator[str]:
    if others:
        yield "  Rules that do not fit:"
    for one in others:
        yield f"    {one.name}: {sentence(found.rules, one)} {' '.join(one.found)}"


def _time(one: TimeExplained) -> Iterator[str]:
    agency = f"{one.agency_label}: " if one.agency_label else ""
    number = f", time {one.episode}" if one.episode > 1 else ""
    yield f"\n{agency}{one.label}{number} ({one.clock})"
    yield from (f"  {line}" for line in (*one.standing, *(f"{term}: {text}" for term, text in one.rule), *one.start))
    yield from (f"  {number:3}. {line}" for number, line in enumerate(one.count, 1))
    if one.moves:
        yield "  Moved:"
    for move in one.moves:
        yield f"    {_when(move.at)}: {move.sentence}{f' {move.by}' if move.by else ''}"
        yield from (f"        before: {line}" for line in move.counted_before)
    yield "  Alerts:"
    yield from (f"    {line}" for line in one.alerts)


def _when(at: datetime) -> str:
    return when(int(at.timestamp()))
