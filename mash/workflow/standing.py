"""Where does each contact stand, and which is the most urgent? The one reading that queue, alerts and board share.

It holds little of each contact, so that all that are open can be weighed at once; what a line shows besides is read
for one page of lines (queue.py). Reads only, rooted in visible_contacts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from mash.agencies.visibility import visible_contacts
from mash.models.contact import Contact
from mash.models.information import InformationRequest
from mash.models.time import Deadline
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.vocabulary import FINISHED, State
from mash.workflow.queries import RunningClock, running_clock, worst_of

OPEN = tuple(state.value for state in State if state not in FINISHED)
IS_OPEN: ColumnElement[bool] = Contact.state.in_(OPEN)


class Wait(NamedTuple):
    """An agency whose reply is awaited, and the deadline of that reply where one runs."""

    agency: str
    label: str
    clock: RunningClock | None


class Standing(NamedTuple):
    """One contact as far as urgency and counts go: its clocks, the first due first, and of them the worst.

    That is the one that is, or will be, first out of timescale.
    """

    contact_id: str
    state: State
    rag: str | None
    rag_label: str
    rag_tag: str
    colours_above: int
    received_at: datetime
    keyed_at: datetime
    held_by: str | None
    clocks: tuple[RunningClock, ...]
    waits_for: tuple[Wait, ...]
    worst: RunningClock | None
    late: bool
    rules: RuleSet

    @property
    def finished(self) -> bool:
        """Nothing more is asked of the hub, though a clock may run on."""
        return self.state in FINISHED

    def runs_out_by(self, closes_at: datetime, now: datetime) -> RunningClock | None:
        """The first clock that is in time now and must be met by the closing."""
        due = (clock for clock in self.clocks if clock.due_at <= closes_at)
        return next((clock for clock in due if not clock.paused and not clock.late(now)), None)


def urgency(standing: Standing) -> tuple[object, ...]:
    """Most urgent first: red and whatever nobody has rated yet, then by colour; within that by what is due first.

    What is out of timescale comes before what is due. An unrated contact counts as red until somebody has looked:
    nothing sinks in the queue because nobody rated it. The one definition, for queue, alerts and board.
    """
    due = standing.worst.due_at.timestamp() if standing.worst else float("inf")
    looked_at = standing.state is not State.RECEIVED
    first = (standing.colours_above, not standing.late, due, looked_at)
    return (*first, standing.received_at, standing.contact_id)


_COLUMNS = (
    Contact.id,
    Contact.state,
    Contact.rag,
    Contact.rule_set,
    Contact.rule_set_version,
    Contact.received_at,
    Contact.keyed_at,
    Contact.held_by,
)
_OF_CLOCKS = (
    Deadline.contact_id,
    Deadline.clock,
    Deadline.agency,
    Deadline.episode,
    Deadline.due_at,
    Deadline.breached_at,
    Deadline.paused_at,
    Deadline.taken_by,
    Deadline.taken_at,
)
_IN_ORDER = itemgetter(4, 1, 2)
"""Of the columns of a clock: the first due first."""


def standings(
    look: Connection, rulebook: Rulebook, actor: Actor, now: datetime, *which: ColumnElement[bool]
) -> list[Standing]:
    """Where these contacts stand, of those that the actor may know of; three selects, however many they are."""
    contacts = look.execute(_rooted(actor, *which, columns=_COLUMNS)).all()
    ids = _rooted(actor, *which, columns=(Contact.id,))
    # By contact, and put in order here: asked for in the order of `due_at`, SQLite would read every clock that runs.
    running = select(*_OF_CLOCKS).where(Deadline.borough == actor.borough, Deadline.contact_id.in_(ids))
    running = running.where(Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None))
    awaited = select(InformationRequest.contact_id, InformationRequest.agency).distinct()
    awaited = awaited.where(InformationRequest.borough == actor.borough, InformationRequest.contact_id.in_(ids))
    awaited = awaited.where(InformationRequest.answered_at.is_(None), InformationRequest.waived_at.is_(None))
    clocks = _by_contact(sorted(look.execute(running), key=_IN_ORDER))
    asked = _by_contact(look.execute(awaited))
    return [
        _standing(
            rulebook.version(look, row.rule_set, row.rule_set_version),
            row,
            clocks.get(row.id, ()),
            {agency for (agency,) in asked.get(row.id, ())},
            now,
        )
        for row in contacts
    ]


def open_standings(look: Connection, rulebook: Rulebook, actor: Actor, now: datetime) -> list[Standing]:
    """All open contacts that the actor may know of, the most urgent first."""
    return sorted(standings(look, rulebook, actor, now, IS_OPEN), key=urgency)


def _rooted(actor: Actor, *which: ColumnElement[bool], columns: tuple[Any, ...]) -> Select[Any]:
    return visible_contacts(actor).with_only_columns(*columns).select_from(Contact).where(*which)


def _standing(rules: RuleSet, row: Sequence[Any], deadlines: Sequence[Any], asked: set[str], now: datetime) -> Standing:
    contact_id, state, rag, _, _, received_at, keyed_at, held_by = row
    clocks = tuple(running_clock(rules, *columns) for columns in deadlines)
    worst = worst_of(clocks, now)
    return Standing(
        contact_id=contact_id,
        state=State(state),
        rag=rag,
        rag_label=rules.colour_label(rag),
        rag_tag=rules.colours[rag].tag if rag else "grey",
        colours_above=len(rules.colours) - 1 - rules.order[rag] if rag else 0,
        received_at=received_at,
        keyed_at=keyed_at,
        held_by=held_by,
        clocks=clocks,
        waits_for=_waits(rules, clocks, asked),
        worst=worst,
        late=worst is not None and worst.late(now),
        rules=rules,
    )


def _waits(rules: RuleSet, clocks: Iterable[RunningClock], asked: set[str]) -> tuple[Wait, ...]:
    """Whoever was asked and has not answered, and whose clock runs; the first due first, without a clock last."""
    first_due: dict[str, RunningClock] = {}
    for clock in clocks:
        if clock.agency:
            first_due.setdefault(clock.agency, clock)
    others = sorted(asked - set(first_due))
    return tuple(Wait(code, rules.agencies[code].label, first_due.get(code)) for code in (*first_due, *others))


def _by_contact(rows: Iterable[Sequence[Any]]) -> dict[str, list[Sequence[Any]]]:
    """What follows the id of the contact, by that id. Columns by their place: by name they cost three times as much."""
    found: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for contact_id, *columns in rows:
        found[contact_id].append(columns)
    return found


def grouped(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    """Rows by the contact that they belong to."""
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found
