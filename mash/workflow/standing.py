"""Where does each contact stand, and which is the most urgent? The one reading that queue, alerts and board share.

It holds little of each contact, so that all that are open can be weighed at once; what a line shows besides is read
for one page of lines (queue.py). Reads only, rooted in visible_contacts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from mash.agencies.visibility import visible_contacts
from mash.models.base import among_ids
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
    Contact.rule_set,
    Contact.rule_set_version,
    Contact.state,
    Contact.rag,
    Contact.received_at,
    Contact.keyed_at,
    Contact.held_by,
)
_CLOCKS_OF: Select[*tuple[Any, ...]] = select(
    Deadline.contact_id,
    Deadline.clock,
    Deadline.agency,
    Deadline.episode,
    Deadline.due_at,
    Deadline.breached_at,
    Deadline.paused_at,
    Deadline.taken_by,
    Deadline.taken_at,
).where(
    Deadline.borough == bindparam("borough"),
    among_ids(Deadline.contact_id),
    Deadline.met_at.is_(None),
    Deadline.cancelled_at.is_(None),
)
"""In no order: asked for the first due first, SQLite would read every clock that runs, also of finished contacts."""
_FIRST_DUE_FIRST = itemgetter(4, 1, 2)
_ASKED_OF: Select[*tuple[Any, ...]] = select(InformationRequest.contact_id, InformationRequest.agency).where(
    InformationRequest.borough == bindparam("borough"),
    among_ids(InformationRequest.contact_id),
    InformationRequest.answered_at.is_(None),
    InformationRequest.waived_at.is_(None),
)


def standings(
    look: Connection, rulebook: Rulebook, actor: Actor, now: datetime, *which: ColumnElement[bool]
) -> list[Standing]:
    """Where these contacts stand, of those that the actor may know of."""
    return _standings(look, rulebook, actor, now, _rooted(actor, *which))


def _standings(
    look: Connection, rulebook: Rulebook, actor: Actor, now: datetime, selected: Select[*tuple[Any, ...]]
) -> list[Standing]:
    contacts = look.execute(selected).all()
    ids = [contact_id for contact_id, *_ in contacts]
    own = {"borough": actor.borough, "ids": ids}
    clocks = _by_contact(sorted(look.execute(_CLOCKS_OF, own).all(), key=_FIRST_DUE_FIRST))
    asked = _by_contact(look.execute(_ASKED_OF, own).all())
    found = []
    for contact_id, rule_set, version, *row in contacts:
        rules = rulebook.version(look, rule_set, version)
        running = tuple(running_clock(rules, *columns) for columns in clocks.get(contact_id, ()))
        agencies = {agency for (agency,) in asked.get(contact_id, ())}
        found.append(_standing(rules, contact_id, row, running, agencies, now))
    return found


def open_standings(look: Connection, rulebook: Rulebook, actor: Actor, now: datetime) -> list[Standing]:
    """All open contacts that the actor may know of, the most urgent first."""
    return sorted(_standings(look, rulebook, actor, now, _all_open(actor)), key=urgency)


@lru_cache(maxsize=500)
def _all_open(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Made once for whoever looks: each page asks for it."""
    return _rooted(actor, IS_OPEN)


def _rooted(actor: Actor, *which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return visible_contacts(actor).with_only_columns(*_COLUMNS).select_from(Contact).where(*which)


def _standing(
    rules: RuleSet,
    contact_id: str,
    row: Sequence[Any],
    clocks: tuple[RunningClock, ...],
    asked: set[str],
    now: datetime,
) -> Standing:
    state, rag, received_at, keyed_at, held_by = row
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
    if not asked and not any(clock.agency for clock in clocks):
        return ()
    first_due: dict[str, RunningClock] = {}
    for clock in clocks:
        if clock.agency:
            first_due.setdefault(clock.agency, clock)
    others = sorted(asked - set(first_due))
    return tuple(Wait(code, rules.agencies[code].label, first_due.get(code)) for code in (*first_due, *others))


def _by_contact(rows: Iterable[Sequence[Any]]) -> dict[str, list[list[Any]]]:
    """What follows the id of the contact, by that id. Columns by their place: by name they cost three times as much."""
    found: dict[str, list[list[Any]]] = defaultdict(list)
    for contact_id, *columns in rows:
        found[contact_id].append(columns)
    return found
