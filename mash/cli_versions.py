"""Which rules were in force, and what do they say? `mash rules show`: the versions that a database has on record."""

from datetime import date
from typing import Annotated

import typer
from sqlalchemy import Connection

from mash import clock
from mash.console import err, open_database, out
from mash.errors import BadInput, Refused
from mash.rulebook import Rulebook, is_withdrawn, text_of
from mash.rules import printed
from mash.rules.ruleset import RuleSet


def show(
    borough: Annotated[str, typer.Argument(help="The borough's short name.")],
    on: Annotated[
        str | None, typer.Option(help="In force on this London date, like 2026-12-07; today if absent.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="This version, whether in force, past, to come or withdrawn.")
    ] = None,
    as_loaded: Annotated[bool, typer.Option("--as-loaded", help="The text itself, as it is stored.")] = False,
) -> None:
    """Show a version of a borough's rules that is in the database: in plain words, or as the text that was stored."""
    if on is not None and version is not None:
        raise BadInput("--on and --version: give one of the two.")
    with open_database() as db, db.reading() as look:
        book = Rulebook()
        rules = _chosen(look, book, borough, _day(on), version)
        text, withdrawn = text_of(look, rules), is_withdrawn(look, rules)
    if withdrawn:
        err.print(f"{rules.full_name} was withdrawn before it came into force: no contact follows it.")
    if as_loaded:
        typer.echo(text, nl=False)
        return
    for line in printed.lines(rules, min(rules.in_force_from, clock.london_date(clock.now()))):
        out.print(line, markup=False)


def _day(text: str | None) -> date:
    if text is None:
        return clock.london_date(clock.now())
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--on: `{text}` is not a date. Write it like 2026-12-07.") from None


def _chosen(look: Connection, book: Rulebook, borough: str, day: date, version: int | None) -> RuleSet:
    known = book.boroughs(look)
    if borough not in known:
        there = f"There are {', '.join(known)}." if known else "There are none yet."
        raise BadInput(f"`{borough}`: no rules of this borough are in this database. {there}")
    try:
        return book.version(look, borough, version) if version is not None else book.in_force(look, borough, day)
    except KeyError:
        raise BadInput(f"--version: `{borough}` has no version {version} in this database.") from None
    except Refused as none:
        raise BadInput(*(f"--on: {reason}" for reason in none.reasons)) from None
