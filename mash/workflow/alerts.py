"""What is out of timescale, and what soon will be? One line per contact, its worst clock first. Reads only.

Out of timescale is what `RunningClock.late` says, whether or not the sweep has been; due soon is what it has warned of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, or_, select

from mash.db import Database
from mash.errors import NotFound, Refused
from mash.models.contact import Contact
from mash.models.time import Alert, Deadline
from mash.permissions import Actor, Permission, allowed, require
from mash.rulebook import Rulebook
from mash.rules.clockrules import Owner
from mash.vocabulary import AlertKind, Role, State, Verb
from mash.workflow import rows
from mash.workflow.aside import Aside, standing_aside
from mash.workflow.queries import RunningClock, worst_of
from mash.workflow.queue import QueueRow, as_rows
from mash.workflow.standing import Standing, standings, urgency


class Said(NamedTuple):
    """One alert: what, at which level, when, and whom it is for where that is not simply the front door."""

    kind: AlertKind
    level: int
    at: datetime
    whom: str | None


@dataclass(frozen=True)
class AlertRow:
    """What alarms about one contact: its worst alarming clock, all that was said about it, who has taken it on."""

    row: QueueRow
    clock: RunningClock
    late: bool
    said: tuple[Said, ...]
    others: int
    taken_by: str | None
    taken_by_me: bool
    may_take: bool
    finished: bool

    @property
    def state(self) -> State:
        """The stage of the contact."""
        return self.row.state


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
        staff = rows.staff_of(look, actor.borough)
        aside = standing_aside(look, actor)
    every = [_row(standing, clocks, lines[standing.contact_id], said, actor, now, staff) for standing, clocks in found]
    late = [row for row in every if row.late]
    return Alerts(
        rows=tuple(every),
        late=len(late),
        late_finished=sum(row.finished for row in late),
        due_soon=len(every) - len(late),
        untaken=sum(row.clock.taken_by is None for row in every),
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
    staff: Mapping[str, str],
) -> AlertRow:
    worst = worst_of(clocks, now)
    assert worst is not None
    may = allowed(actor, Verb.TAKE_ALERT) and standing.rules.lets(actor.role, Verb.TAKE_ALERT)
    return AlertRow(
        row=line,
        clock=worst,
        late=worst.late(now),
        said=tuple(said.get(standing.contact_id, {}).get(worst.key, ())),
        others=len(clocks) - 1,
        taken_by=staff.get(worst.taken_by, "A colleague") if worst.taken_by else None,
        taken_by_me=worst.taken_by == actor.user_id,
        may_take=may and worst.taken_by is None and standing.state is not State.TRANSFERRED,
        finished=standing.finished,
    )


def _said(look: Connection, borough: str) -> dict[str, dict[_Key, list[Said]]]:
    """What the sweep has said about clocks that still run."""
    found: dict[str, dict[_Key, list[Said]]] = defaultdict(lambda: defaultdict(list))
    wanted = (
        select(Alert.__table__)
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
        said = Said(AlertKind(row.kind), row.level, row.at, _whom(row))
        found[row.contact_id][row.clock, row.agency, row.episode].append(said)
    return found


def _whom(alert: Row[Any]) -> str | None:
    if alert.for_role:
        return f"the {Role(alert.for_role).label.lower()}"
    return None if alert.owner == Owner.HUB else Owner(alert.owner).label.lower()
