"""How does the front door stand at this moment? Figures for everybody in the room: no name, no reference. Reads only.

Every figure has the definition of the queue, so that two screens never disagree.
"""

from dataclasses import dataclass
from datetime import datetime

from mash.db import Database
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.workflow.alerts import count_late_finished
from mash.workflow.hub_day import HubDay, hub_day
from mash.workflow.queue import NOT_RATED, agencies_of, colours_of, counts, due_today
from mash.workflow.standing import Standing, open_standings


@dataclass(frozen=True)
class Figure:
    """One number with its name; `code` is what the queue filters by, `tag` the colour of a rating."""

    code: str
    label: str
    count: int
    tag: str = ""
    late: int = 0


@dataclass(frozen=True)
class Board:
    """The figures at one instant. `late` is of open contacts; finished ones with a clock out of timescale stand apart.

    Colours are shown also where there is none; stages and agencies only where there is one.
    """

    at: datetime
    open: int
    unowned: int
    late: int
    late_finished: int
    closing: int
    day: HubDay
    by_colour: tuple[Figure, ...]
    by_stage: tuple[Figure, ...]
    by_agency: tuple[Figure, ...]


def board(db: Database, rulebook: Rulebook, actor: Actor, now: datetime) -> Board:
    """The figures of the actor's borough. Raises NotPermitted."""
    require(actor, Permission.VIEW_QUEUE)
    with db.reading() as look:
        everything = open_standings(look, rulebook, actor, now)
        day = hub_day(look, rulebook, actor, now)
        late_finished = count_late_finished(look, rulebook, actor, now)
    found = counts(everything, actor, len(due_today(everything, day, now)))
    return Board(
        at=now,
        open=found.open,
        unowned=found.unowned,
        late=found.late,
        late_finished=late_finished,
        closing=found.closing,
        day=day,
        by_colour=tuple(
            Figure(code, word, found.by_colour.get(code, 0), _tag(everything, code), _late(everything, code))
            for code, word in colours_of(everything)
        ),
        by_stage=tuple(Figure(state.value, state.label, count) for state, count in found.by_stage.items()),
        by_agency=tuple(
            Figure(code, name, found.by_agency[code], late=_late_replies(everything, code, now))
            for code, name in agencies_of(everything)
        ),
    )


def _tag(everything: list[Standing], colour: str) -> str:
    rules = {standing.rules.full_name: standing.rules for standing in everything}.values()
    return next((r.colours[colour].tag for r in rules if colour in r.colours), "grey")


def _late(everything: list[Standing], colour: str) -> int:
    return sum(standing.late for standing in everything if (standing.rag or NOT_RATED) == colour)


def _late_replies(everything: list[Standing], agency: str, now: datetime) -> int:
    waits = [wait for standing in everything for wait in standing.waits_for if wait.agency == agency]
    return sum(wait.clock is not None and wait.clock.late(now) for wait in waits)
