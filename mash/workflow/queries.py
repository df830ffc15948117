"""What must somebody see to know what to do next? The queue and the alerts. Reads only, through visible_contacts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from mash.agencies.visibility import visible_contacts
from mash.clock import london_date
from mash.db import Database
from mash.models.contact import Contact
from mash.models.information import InformationRequest
from mash.models.people import ContactChild
from mash.models.time import Alert, Deadline
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.rules.clockrules import Owner
from mash.rules.ruleset import RuleSet
from mash.vocabulary import FINISHED, SHORT_SOURCES, AlertKind, Kind, Role, Source, State


@dataclass(frozen=True)
class RunningClock:
    """A deadline that still runs. `label` says what must happen, with the agency where one is waited for."""

    clock: str
    label: str
    agency: str
    agency_label: str
    due_at: datetime
    breached_at: datetime | None
    paused: bool

    def late(self, now: datetime) -> bool:
        """Out of timescale: the one definition, for queue, alerts, pages and figures."""
        return self.breached_at is not None or (not self.paused and self.due_at < now)


@dataclass(frozen=True)
class QueueRow:
    """One contact in the triage queue. `worst` is its clock that is, or will be, out of timescale first."""

    contact_id: str
    reference: str
    received_at: datetime
    kind: Kind
    source: str
    state: State
    rag: str | None
    rag_label: str
    rag_tag: str
    suggested_label: str | None
    children: tuple[str, ...]
    concerns: tuple[str, ...]
    waits_for: tuple[RunningClock, ...]
    awaiting: tuple[str, ...]
    worst: RunningClock | None
    late: bool
    colours_above: int


@dataclass(frozen=True)
class Queue:
    """The rows, most urgent first, and how many open contacts there are at each stage and out of timescale."""

    rows: tuple[QueueRow, ...]
    by_state: Mapping[State, int]
    late: int


class Said(NamedTuple):
    """One alert: what, at which level, when, and whom it is for where that is not simply the front door."""

    kind: AlertKind
    level: int
    at: datetime
    whom: str | None


@dataclass(frozen=True)
class AlertRow:
    """What the sweep has said about one contact: its worst running clock first, all that was said about it."""

    contact_id: str
    reference: str
    rag: str | None
    rag_label: str
    rag_tag: str
    state: State
    children: tuple[str, ...]
    clock: RunningClock
    late: bool
    said: tuple[Said, ...]
    others: int
    colours_above: int

    @property
    def finished(self) -> bool:
        """The contact itself is closed or transferred; the clock runs on."""
        return self.state in FINISHED


def child_name(child: Row[Any]) -> str:
    """A child's name as shown: nobody is dropped for want of one."""
    unborn = child.date_of_birth is None and child.expected_date_of_delivery is not None
    name = " ".join(part for part in (child.forename, child.surname) if part)
    return name or ("Unborn child" if unborn else "Name not known")


def age_on(born: date | None, expected: date | None, today: date) -> str:
    """Age in words on a London date: years, months or weeks; expected date for the unborn."""
    if born is None:
        return f"expected {expected:%-d %b %Y}" if expected else "age not known"
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months >= 24:
        return str(months // 12)
    if months >= 3:
        return f"{months} months"
    weeks = max(0, (today - born).days // 7)
    return f"{weeks} week{'s' if weeks != 1 else ''}"


def triage_queue(db: Database, actor: Actor, now: datetime, *, closed: bool = False) -> Queue:
    """Open contacts, most urgent first; or, with `closed`, finished ones, the last changed first.

    Raises NotPermitted.
    """
    require(actor, Permission.VIEW_QUEUE)
    with db.reading() as look:
        found = _contacts(look, actor, closed=closed)
        seen = _Seen.read(look, actor.borough, [row.id for row in found], rulebook=Rulebook())
        rows = [seen.queue_row(look, row, now) for row in found]
    if not closed:
        rows.sort(key=urgency)
    counts = Counter(row.state for row in rows)
    return Queue(tuple(rows), dict(counts), sum(row.late for row in rows))


def urgency(row: QueueRow) -> tuple[object, ...]:
    """Most urgent first: red and whatever nobody has rated yet, then by colour; within that by what is due first.

    What is out of timescale comes before what is due. An unrated contact counts as red until somebody has looked:
    nothing sinks in the queue because nobody rated it.
    """
    due = row.worst.due_at.timestamp() if row.worst else float("inf")
    looked_at = row.state is not State.RECEIVED
    return (row.colours_above, not row.late, due, looked_at, row.received_at)


def alerts(db: Database, actor: Actor, now: datetime) -> tuple[AlertRow, ...]:
    """One line per contact with a running clock that has been warned of or is out of timescale.

    Out of timescale first, open contacts before finished ones, then in the order of the queue.
    """
    require(actor, Permission.VIEW_ALERTS)
    with db.reading() as look:
        found = {row.id: row for row in _contacts(look, actor, closed=False)}
        found |= {row.id: row for row in _contacts(look, actor, closed=True)}
        said = _said(look, actor.borough)
        ids = [contact_id for contact_id in found if contact_id in said]
        seen = _Seen.read(look, actor.borough, ids, rulebook=Rulebook())
        rows = [seen.alert_row(look, found[contact_id], said[contact_id], now) for contact_id in ids]
    shown = [row for row in rows if row is not None]
    return tuple(sorted(shown, key=_alarming))


def _alarming(row: AlertRow) -> tuple[object, ...]:
    return (not row.late, row.finished, row.colours_above, row.clock.due_at)


def _colours_above(rules: RuleSet, rag: str | None) -> int:
    """0 for the highest colour, and for what nobody has rated yet."""
    return len(rules.colours) - 1 - rules.order[rag] if rag else 0


def _contacts(look: Connection, actor: Actor, *, closed: bool) -> list[Row[Any]]:
    rows = select(Contact.__table__).where(Contact.borough == actor.borough, Contact.id.in_(visible_contacts(actor)))
    finished = [state.value for state in FINISHED]
    if closed:
        newest = rows.where(Contact.state.in_(finished)).order_by(Contact.changed_at.desc())
        return list(look.execute(newest.limit(200)))
    return list(look.execute(rows.where(Contact.state.not_in(finished))))


_Said = dict[tuple[str, str, int], list[Said]]


def _said(look: Connection, borough: str) -> dict[str, _Said]:
    found: dict[str, _Said] = defaultdict(lambda: defaultdict(list))
    rows = (
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
    for row in look.execute(rows):
        said = Said(AlertKind(row.kind), row.level, row.at, _whom(row))
        found[row.contact_id][row.clock, row.agency, row.episode].append(said)
    return found


def _whom(alert: Row[Any]) -> str | None:
    if alert.for_role:
        return f"the {Role(alert.for_role).label.lower()}"
    return None if alert.owner == Owner.HUB else Owner(alert.owner).label.lower()


@dataclass(frozen=True)
class _Seen:
    """What belongs to a set of contacts, read in one go."""

    rulebook: Rulebook
    children: Mapping[str, list[Row[Any]]]
    clocks: Mapping[str, list[Row[Any]]]
    awaiting: Mapping[str, list[str]]

    @classmethod
    def read(cls, look: Connection, borough: str, ids: list[str], rulebook: Rulebook) -> "_Seen":
        children = select(ContactChild.__table__).where(
            ContactChild.borough == borough, ContactChild.contact_id.in_(ids)
        )
        clocks = select(Deadline.__table__).where(
            Deadline.borough == borough,
            Deadline.contact_id.in_(ids),
            Deadline.met_at.is_(None),
            Deadline.cancelled_at.is_(None),
        )
        requests = select(InformationRequest.contact_id, InformationRequest.agency).where(
            InformationRequest.borough == borough,
            InformationRequest.contact_id.in_(ids),
            InformationRequest.answered_at.is_(None),
            InformationRequest.waived_at.is_(None),
        )
        awaiting: dict[str, list[str]] = defaultdict(list)
        for row in look.execute(requests.distinct()):
            awaiting[row.contact_id].append(row.agency)
        return cls(
            rulebook,
            _grouped(look.execute(children.order_by(ContactChild.position))),
            _grouped(look.execute(clocks.order_by(Deadline.due_at, Deadline.clock, Deadline.agency))),
            awaiting,
        )

    def queue_row(self, look: Connection, row: Row[Any], now: datetime) -> QueueRow:
        rules = self.rulebook.version(look, row.rule_set, row.rule_set_version)
        running = running_clocks(rules, self.clocks.get(row.id, []))
        worst = _worst(running)
        return QueueRow(
            contact_id=row.id,
            reference=row.reference,
            received_at=row.received_at,
            kind=Kind(row.kind),
            source=SHORT_SOURCES[Source(row.source)] if row.source else "Source not recorded",
            state=State(row.state),
            rag=row.rag,
            rag_label=rules.colour_label(row.rag),
            rag_tag=rules.colours[row.rag].tag if row.rag else "grey",
            suggested_label=rules.colours[row.suggested_rag].label if row.suggested_rag else None,
            children=self._names(row.id, now),
            concerns=tuple(rules.concerns.get(code, code) for code in row.concerns),
            waits_for=tuple(clock for clock in running if clock.agency),
            awaiting=tuple(rules.agencies[code].label for code in sorted(self.awaiting.get(row.id, []))),
            worst=worst,
            late=worst is not None and worst.late(now),
            colours_above=_colours_above(rules, row.rag),
        )

    def alert_row(self, look: Connection, row: Row[Any], said: _Said, now: datetime) -> AlertRow | None:
        rules = self.rulebook.version(look, row.rule_set, row.rule_set_version)
        own = [c for c in self.clocks.get(row.id, []) if (c.clock, c.agency, c.episode) in said]
        worst = _worst(running_clocks(rules, own))
        if worst is None:
            return None
        episode = next(c for c in own if (c.clock, c.agency, c.due_at) == (worst.clock, worst.agency, worst.due_at))
        return AlertRow(
            contact_id=row.id,
            reference=row.reference,
            rag=row.rag,
            rag_label=rules.colour_label(row.rag),
            rag_tag=rules.colours[row.rag].tag if row.rag else "grey",
            state=State(row.state),
            children=self._names(row.id, now),
            clock=worst,
            late=worst.late(now),
            said=tuple(said[episode.clock, episode.agency, episode.episode]),
            others=len(own) - 1,
            colours_above=_colours_above(rules, row.rag),
        )

    def _names(self, contact_id: str, now: datetime) -> tuple[str, ...]:
        today = london_date(now)
        names = Counter(
            f"{child_name(c)}, {age_on(c.date_of_birth, c.expected_date_of_delivery, today)}"
            for c in self.children.get(contact_id, [])
        )
        return tuple(
            name if number == 1 else f"{number} children, {name[0].lower()}{name[1:]}" for name, number in names.items()
        )


def running_clocks(rules: RuleSet, rows: Iterable[Row[Any]]) -> list[RunningClock]:
    """Running deadlines as shown."""
    return [
        RunningClock(
            clock=row.clock,
            label=rules.clocks[row.clock].label,
            agency=row.agency,
            agency_label=rules.agencies[row.agency].label if row.agency else "",
            due_at=row.due_at,
            breached_at=row.breached_at,
            paused=row.paused_at is not None,
        )
        for row in rows
    ]


def _worst(clocks: Iterable[RunningClock]) -> RunningClock | None:
    counting = [clock for clock in clocks if not clock.paused]
    return min(counting, key=lambda clock: clock.due_at, default=None)


def _grouped(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found
