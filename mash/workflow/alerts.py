"""What is out of timescale, and what soon will be? One line per contact, its worst clock first. Reads only.

Out of timescale is what `RunningClock.late` says, whether or not the sweep has been; due soon is what it has warned of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from mash.accounts.colleagues import Colleague, colleagues
from mash.db import Database
from mash.errors import NotFound, Refused
from mash.models.contact import Contact
from mash.models.time import Alert, Deadline
from mash.permissions import Actor, Permission, allowed, require
from mash.rulebook import Rulebook
from mash.rules.clockrules import Owner
from mash.vocabulary import AlertKind, Cause, Role, State, Verb
from mash.workflow.aside import Aside, standing_aside
from mash.workflow.audience import Audience, Told, audience
from mash.workflow.queries import RunningClock, worst_of
from mash.workflow.queue import QueueRow, as_rows
from mash.workflow.standing import Standing, standings, urgency


class Said(NamedTuple):
    """One alert: what, at which level, when, whose deadline it was, whom its rung names; and why it came to that."""

    kind: AlertKind
    level: int
    at: datetime
    owner: Owner
    for_role: Role | None
    cause: Cause | None


@dataclass(frozen=True)
class AlertRow:
    """What alarms about one contact: its worst alarming clock, all that was said about it, who has taken it on.

    `whom`: whom the last alert is for while nobody answers for it. Whoever took it on and is no longer here is nobody.
    """

    row: QueueRow
    clock: RunningClock
    late: bool
    said: tuple[Said, ...]
    others: int
    whom: Audience | None
    taken_by: str | None
    taken_by_me: bool
    may_take: bool
    finished: bool

    @property
    def state(self) -> State:
        """The stage of the contact."""
        return self.row.state

    @property
    def cause(self) -> Cause | None:
        """Why it is out of timescale, where somebody has said so."""
        return self.said[-1].cause if self.said else None


@dataclass(frozen=True)
class Alerts:
    """The lines, and how many of them are of which sort. `late` counts finished contacts too.

    Of contacts that stand `aside` the deadlines could not be worked out: they may be late and have no line.
    """

    rows: tuple[AlertRow, ...]
    late: int
    late_finished: int
    due_soon: int
    untaken: int
    aside: Sequence[Aside]


_Key = tuple[str, str, int]
_SaidOf = Mapping[str, Mapping[_Key, list[Said]]]


def alerts(db: Database, rulebook: Rulebook, actor: Actor, now: datetime) -> Alerts:
    """Contacts, finished ones too, with a clock that is out of timescale or that has been warned of.

    Out of timescale first, open contacts before finished ones, then in the order of the queue. Raises NotPermitted.
    """
    require(actor, Permission.VIEW_ALERTS)
    with db.reading() as look:
        said = _said(look, actor.borough)
        found = _alarming(look, rulebook, actor, now, said)
        lines = as_rows(look, actor, [standing for standing, _ in found], now)
        there = colleagues(look, actor.borough, now)
        aside = standing_aside(look, actor)
    every = [_row(standing, clocks, lines[standing.contact_id], said, actor, now, there) for standing, clocks in found]
    late = [row for row in every if row.late]
    return Alerts(
        rows=tuple(every),
        late=len(late),
        late_finished=sum(row.finished for row in late),
        due_soon=len(every) - len(late),
        untaken=sum(row.taken_by is None for row in every),
        aside=aside,
    )


def alarming_clock(
    db: Database, rulebook: Rulebook, actor: Actor, now: datetime, contact_id: str, seen: str = ""
) -> RunningClock:
    """The alarming clock of a contact that the person saw (see `named`); its worst, where nothing says which.

    Raises NotFound for what the actor may not know of, Refused where nothing alarms (any more).
    """
    require(actor, Permission.VIEW_ALERTS)
    with db.reading() as look:
        found = standings(look, rulebook, actor, now, Contact.id == contact_id)
        if not found:
            raise NotFound("There is no such contact, or you may not see it.")
        own = _alarming_clocks(found[0], _said(look, actor.borough).get(contact_id, {}), now)
    worst = worst_of([clock for clock in own if not seen or named(clock) == seen], now)
    if worst is None:
        raise Refused("What it was about has been done, or is no longer asked.")
    return worst


def named(clock: RunningClock) -> str:
    """Which deadline of its contact it is, as a form carries it."""
    return "|".join(map(str, clock.key))


def count_late_finished(look: Connection, rulebook: Rulebook, actor: Actor, now: datetime) -> int:
    """How many finished contacts have a clock that is out of timescale."""
    found = _alarming(look, rulebook, actor, now, {})
    return sum(standing.finished and standing.late for standing, _ in found)


def _alarming(
    look: Connection, rulebook: Rulebook, actor: Actor, now: datetime, said: _SaidOf
) -> list[tuple[Standing, list[RunningClock]]]:
    """Contacts with clocks that alarm. The select only narrows down; `late` and what was said decide."""
    running = select(Deadline.contact_id).where(
        Deadline.borough == actor.borough, Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None)
    )
    may_be_late = running.where(or_(Deadline.due_at < now, Deadline.breached_at.is_not(None)))
    found = standings(look, rulebook, actor, now, or_(Contact.id.in_(may_be_late), Contact.id.in_(list(said))))
    alarming = [(s, _alarming_clocks(s, said.get(s.contact_id, {}), now)) for s in found]
    shown = [(s, clocks) for s, clocks in alarming if worst_of(clocks, now)]
    return sorted(shown, key=lambda pair: (not pair[0].late, pair[0].finished, *urgency(pair[0])))


def _alarming_clocks(standing: Standing, said: Mapping[_Key, list[Said]], now: datetime) -> list[RunningClock]:
    return [clock for clock in standing.clocks if clock.late(now) or clock.key in said]


def _row(
    standing: Standing,
    clocks: list[RunningClock],
    line: QueueRow,
    said: _SaidOf,
    actor: Actor,
    now: datetime,
    there: Sequence[Colleague],
) -> AlertRow:
    worst = worst_of(clocks, now)
    assert worst is not None
    taker = next((one.name for one in there if one.id == worst.taken_by), None)
    own = tuple(said.get(standing.contact_id, {}).get(worst.key, ()))
    may = allowed(actor, Verb.TAKE_ALERT) and standing.rules.lets(actor.role, Verb.TAKE_ALERT)
    return AlertRow(
        row=line,
        clock=worst,
        late=worst.late(now),
        said=own,
        others=len(clocks) - 1,
        whom=audience(_told(own[-1], standing.held_by), there) if own and taker is None else None,
        taken_by=taker,
        taken_by_me=worst.taken_by == actor.user_id,
        may_take=may and taker is None and standing.state is not State.TRANSFERRED,
        finished=standing.finished,
    )


def _said(look: Connection, borough: str) -> dict[str, dict[_Key, list[Said]]]:
    """What the sweep has said about clocks that still run."""
    found: dict[str, dict[_Key, list[Said]]] = defaultdict(lambda: defaultdict(list))
    wanted = (
        select(Alert.__table__, Deadline.cause)
        .join(
            Deadline,
            (Deadline.borough == Alert.borough)
            & (Deadline.contact_id == Alert.contact_id)
            & (Deadline.clock == Alert.clock)
            & (Deadline.agency == Alert.agency)
            & (Deadline.episode == Alert.episode),
        )
        .where(Alert.borough == borough, Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None))
        .order_by(Alert.at)
    )
    for row in look.execute(wanted):
        for_role, cause = Role(row.for_role) if row.for_role else None, Cause(row.cause) if row.cause else None
        said = Said(AlertKind(row.kind), row.level, row.at, Owner(row.owner), for_role, cause)
        found[row.contact_id][row.clock, row.agency, row.episode].append(said)
    return found


def _told(said: Said, held_by: str | None) -> Told:
    return Told(said.kind, said.owner, said.for_role, None, held_by)
