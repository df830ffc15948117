"""What waits at the front door? The triage queue by page and filter, and finished contacts. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select

from mash.agencies.visibility import visible_contacts
from mash.db import Database
from mash.models.base import among_ids
from mash.models.contact import Contact
from mash.models.people import ContactChild
from mash.permissions import MAY_PUT_BACK_ANOTHER_S, Actor, Permission, allowed, require
from mash.rulebook import Rulebook
from mash.vocabulary import FINISHED, SHORT_SOURCES, Kind, Source, State, Verb
from mash.workflow import rows
from mash.workflow.hub_day import HubDay, hub_day
from mash.workflow.queries import RunningClock, names_and_ages
from mash.workflow.standing import Standing, Wait, open_standings, standings

PAGE = 50
"""How many contacts a page of a list shows."""

NOT_RATED = "not_rated"
"""In a filter by colour: what nobody has rated yet."""


@dataclass(frozen=True)
class QueueRow:
    """One contact as a line of a list; `may` holds what this person could do to it from the line."""

    contact_id: str
    reference: str
    received_at: datetime
    keyed_at: datetime
    kind: Kind
    source: str
    state: State
    rag: str | None
    rag_label: str
    rag_tag: str
    suggested_label: str | None
    children: tuple[str, ...]
    concerns: tuple[str, ...]
    waits_for: tuple[Wait, ...]
    worst: RunningClock | None
    late: bool
    holder: str | None
    is_mine: bool
    may: frozenset[Verb]


@dataclass(frozen=True)
class Wanted:
    """Which open contacts somebody wants to see; all that is set must be true of them. Empty: all."""

    mine: bool = False
    unowned: bool = False
    colour: str = ""
    stage: State | None = None
    waiting: str = ""
    late: bool = False
    closing: bool = False

    def fits(self, standing: Standing, actor: Actor, day: HubDay, now: datetime) -> bool:
        """Whether the contact is one of them."""
        return (
            (not self.mine or standing.held_by == actor.user_id)
            and (not self.unowned or standing.held_by is None)
            and (not self.colour or (standing.rag or NOT_RATED) == self.colour)
            and (not self.stage or standing.state is self.stage)
            and (not self.waiting or any(wait.agency == self.waiting for wait in standing.waits_for))
            and (not self.late or standing.late)
            and (not self.closing or standing.runs_out_by(day.closes_at, now) is not None)
        )


@dataclass(frozen=True)
class Counts:
    """How many open contacts there are, in all and of each sort. Stages in their order; only what there is is named."""

    open: int
    mine: int
    unowned: int
    late: int
    closing: int
    by_stage: Mapping[State, int]
    by_colour: Mapping[str, int]
    by_agency: Mapping[str, int]


class DueToday(NamedTuple):
    """A contact with a clock that must be met before the hub closes."""

    row: QueueRow
    clock: RunningClock


@dataclass(frozen=True)
class Queue:
    """One page of the open contacts that are wanted, and what is true of all open ones.

    `colours` and `agencies` are what one may filter by: code and name.
    """

    rows: tuple[QueueRow, ...]
    found: int
    page: int
    pages: int
    counts: Counts
    day: HubDay
    closing: tuple[DueToday, ...]
    colours: tuple[tuple[str, str], ...]
    agencies: tuple[tuple[str, str], ...]
    soon_closing: bool


class Before(NamedTuple):
    """Where the page of a long list begins: after the contact with this instant and this id."""

    at: datetime
    contact_id: str


@dataclass(frozen=True)
class Found:
    """One page of a list that is read from its end; `more` is where the next one begins, None on the last."""

    rows: tuple[QueueRow, ...]
    more: Before | None


SOONEST = 5
"""How many contacts that are due before closing are named above the queue."""

SOON = timedelta(hours=2)
"""How long before closing they are shown without being asked for."""


def triage_queue(
    db: Database, rulebook: Rulebook, actor: Actor, now: datetime, wanted: Wanted | None = None, page: int = 1
) -> Queue:
    """A page of the open contacts that are wanted, the most urgent first. Pages count from 1. Raises NotPermitted."""
    require(actor, Permission.VIEW_QUEUE)
    wanted = wanted or Wanted()
    with db.reading() as look:
        everything = open_standings(look, rulebook, actor, now)
        day = hub_day(look, rulebook, actor, now)
        due = due_today(everything, day, now)
        fitting = [standing for standing in everything if wanted.fits(standing, actor, day, now)]
        pages = max(1, ceil(len(fitting) / PAGE))
        page = min(max(1, page), pages)
        shown = fitting[(page - 1) * PAGE : page * PAGE]
        soonest = [standing for standing, _ in due[:SOONEST]]
        lines = as_rows(look, actor, {s.contact_id: s for s in (*shown, *soonest)}.values(), now)
    return Queue(
        rows=tuple(lines[standing.contact_id] for standing in shown),
        found=len(fitting),
        page=page,
        pages=pages,
        counts=counts(everything, actor, len(due)),
        day=day,
        closing=tuple(DueToday(lines[standing.contact_id], clock) for standing, clock in due[:SOONEST]),
        colours=colours_of(everything),
        agencies=agencies_of(everything),
        soon_closing=day.opens_at is None and day.closes_at - now <= SOON,
    )


def due_today(everything: Iterable[Standing], day: HubDay, now: datetime) -> list[tuple[Standing, RunningClock]]:
    """What must be met before the hub closes, the first due first. The one definition, for queue and board."""
    found = [(standing, standing.runs_out_by(day.closes_at, now)) for standing in everything]
    return sorted(((s, clock) for s, clock in found if clock), key=lambda pair: pair[1].due_at)


def counts(everything: Sequence[Standing], actor: Actor, closing: int) -> Counts:
    """How many there are of each sort. The one definition, for queue and board."""
    found = Counter(standing.state for standing in everything)
    return Counts(
        open=len(everything),
        mine=sum(standing.held_by == actor.user_id for standing in everything),
        unowned=sum(standing.held_by is None for standing in everything),
        late=sum(standing.late for standing in everything),
        closing=closing,
        by_stage={state: found[state] for state in State if found[state]},
        by_colour=Counter(standing.rag or NOT_RATED for standing in everything),
        by_agency=Counter(wait.agency for standing in everything for wait in standing.waits_for),
    )


def colours_of(everything: Iterable[Standing]) -> tuple[tuple[str, str], ...]:
    """Code and word of every colour by which these contacts can be rated, the highest first, then "not rated"."""
    words: dict[str, str] = {}
    for rules in {standing.rules.full_name: standing.rules for standing in everything}.values():
        words |= {code: rules.colours[code].label for code in reversed(rules.colours)}
    return (*words.items(), (NOT_RATED, "Not rated"))


def agencies_of(everything: Iterable[Standing]) -> tuple[tuple[str, str], ...]:
    """Code and name of every agency that one of these contacts waits for, by name."""
    names = {wait.agency: wait.label for standing in everything for wait in standing.waits_for}
    return tuple(sorted(names.items(), key=lambda pair: pair[1]))


def one_row(db: Database, rulebook: Rulebook, actor: Actor, now: datetime, contact_id: str) -> QueueRow | None:
    """One contact as a line; None for what the actor may not know of. Raises NotPermitted."""
    require(actor, Permission.VIEW_QUEUE)
    with db.reading() as look:
        found = standings(look, rulebook, actor, now, Contact.id == contact_id)
        return as_rows(look, actor, found, now).get(contact_id)


def finished_contacts(
    db: Database, rulebook: Rulebook, actor: Actor, now: datetime, before: Before | None = None
) -> Found:
    """Closed and transferred contacts, the last changed first, a page at a time. Raises NotPermitted."""
    require(actor, Permission.VIEW_QUEUE)
    own = visible_contacts(actor).with_only_columns(Contact.id, Contact.changed_at)
    own = own.where(Contact.state.in_([state.value for state in FINISHED]))
    if before is not None:
        earlier = and_(Contact.changed_at == before.at, Contact.id < before.contact_id)
        own = own.where(or_(Contact.changed_at < before.at, earlier))
    with db.reading() as look:
        newest = own.order_by(Contact.changed_at.desc(), Contact.id.desc()).limit(PAGE + 1)
        return page_of(look, rulebook, actor, now, [Before(row.changed_at, row.id) for row in look.execute(newest)])


def page_of(look: Connection, rulebook: Rulebook, actor: Actor, now: datetime, places: Sequence[Before]) -> Found:
    """The contacts of these places as lines, in this order; one place more than a page has says that there are more."""
    ids = [place.contact_id for place in places[:PAGE]]
    lines = as_rows(look, actor, standings(look, rulebook, actor, now, Contact.id.in_(ids)), now)
    more = places[PAGE - 1] if len(places) > PAGE else None
    return Found(tuple(lines[contact_id] for contact_id in ids), more)


_LINES_OF: Select[*tuple[Any, ...]] = select(
    Contact.id, Contact.reference, Contact.kind, Contact.source, Contact.suggested_rag, Contact.concerns
).where(Contact.borough == bindparam("borough"), among_ids(Contact.id))
_CHILDREN_OF: Select[*tuple[Any, ...]] = (
    select(
        ContactChild.contact_id,
        ContactChild.forename,
        ContactChild.surname,
        ContactChild.date_of_birth,
        ContactChild.expected_date_of_delivery,
    )
    .where(ContactChild.borough == bindparam("borough"), among_ids(ContactChild.contact_id))
    .order_by(ContactChild.position)
)


def as_rows(look: Connection, actor: Actor, shown: Iterable[Standing], now: datetime) -> dict[str, QueueRow]:
    """What a line shows of each of these contacts, by id."""
    found = {standing.contact_id: standing for standing in shown}
    own = {"borough": actor.borough, "ids": [*found]}
    children: dict[str, list[Row[Any]]] = defaultdict(list)
    for child in look.execute(_CHILDREN_OF, own).all():
        children[child.contact_id].append(child)
    staff = rows.staff_of(look, actor.borough)
    return {
        row[0]: _row(row, found[row[0]], names_and_ages(children.get(row[0], []), now), actor, staff)
        for row in look.execute(_LINES_OF, own).all()
    }


def _row(
    row: Sequence[Any], standing: Standing, children: tuple[str, ...], actor: Actor, staff: Mapping[str, str]
) -> QueueRow:
    contact_id, reference, kind, source, suggested_rag, concerns = row
    rules = standing.rules
    return QueueRow(
        contact_id=contact_id,
        reference=reference,
        received_at=standing.received_at,
        keyed_at=standing.keyed_at,
        kind=Kind(kind),
        source=SHORT_SOURCES[Source(source)] if source else "Source not recorded",
        state=standing.state,
        rag=standing.rag,
        rag_label=standing.rag_label,
        rag_tag=standing.rag_tag,
        suggested_label=rules.colours[suggested_rag].label if suggested_rag else None,
        children=children,
        concerns=tuple(rules.concerns.get(code, code) for code in concerns),
        waits_for=standing.waits_for,
        worst=standing.worst,
        late=standing.late,
        holder=staff.get(standing.held_by, "A colleague") if standing.held_by else None,
        is_mine=standing.held_by == actor.user_id,
        may=_may(standing, actor),
    )


def _may(standing: Standing, actor: Actor) -> frozenset[Verb]:
    """Of claiming, putting back and handing on what this person could do now: a hint, the verbs decide."""
    if standing.finished:
        return frozenset()
    own = standing.held_by == actor.user_id or actor.role in MAY_PUT_BACK_ANOTHER_S
    fitting = {Verb.CLAIM} if standing.held_by is None else {Verb.RELEASE, Verb.HAND_TO} if own else set()
    return frozenset(v for v in fitting if allowed(actor, v) and standing.rules.lets(actor.role, v))
