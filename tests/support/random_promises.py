"""What must hold after every step, whatever was done: of the record, of the deadlines, of the alerts, of the stages.

Stated from the replay format and from what the project promises. Only `stored_is_the_fold` asks the engine itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, func, select

from mash import audit_check, doctor
from mash.db import Database
from mash.models.audit import AuditEntry
from mash.models.contact import Contact
from mash.models.information import InformationRequest
from mash.models.time import Alert, Deadline
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.workflow import rows
from mash.workflow.clocks import timeline
from mash.workflow.episodes import Episode, as_instant
from tests.support.random_paper import Running, Sheet

Key = tuple[str, str, str, int]
"""Contact, clock, agency and episode."""

Rules = Callable[[str, int], RuleSet]
MAY_REST = ("decided", "closed", "transferred", "with_allocated_worker")
"""Stages in which no clock need run."""


@dataclass(frozen=True)
class Seen:
    """What is stored, at one moment."""

    at: datetime
    contacts: Mapping[str, Row[Any]]
    deadlines: Mapping[Key, Row[Any]]
    alerts: Mapping[Key, Mapping[tuple[str, int], Row[Any]]]
    awaited: Mapping[str, set[str]]
    entries: int

    @classmethod
    def now(cls, db: Database, at: datetime) -> "Seen":
        with db.reading() as look:
            contacts = {row.id: row for row in look.execute(select(Contact.__table__))}
            deadlines = {key_of(row): row for row in look.execute(select(Deadline.__table__))}
            alerts: dict[Key, dict[tuple[str, int], Row[Any]]] = defaultdict(dict)
            for row in look.execute(select(Alert.__table__)):
                alerts[key_of(row)][row.kind, row.level] = row
            awaited: dict[str, set[str]] = defaultdict(set)
            for row in look.execute(select(InformationRequest.__table__)):
                if row.answered_at is None and row.waived_at is None:
                    awaited[row.contact_id].add(row.agency)
            entries = look.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
        return cls(at, contacts, deadlines, alerts, awaited, entries)

    def pending(self, contact_id: str) -> bool:
        """Whether something has come due that no sweep has raised yet."""
        due = self.contacts[contact_id].next_due_at
        return due is not None and due < self.at

    def of(self, contact_id: str) -> list[Row[Any]]:
        return [row for key, row in self.deadlines.items() if key[0] == contact_id]

    def running(self, contact_id: str) -> list[Running]:
        return [
            Running(row.clock, row.agency, row.paused_at is not None, row.breached_at is not None)
            for row in self.of(contact_id)
            if runs(row)
        ]


def key_of(row: Row[Any]) -> Key:
    return row.contact_id, row.clock, row.agency, row.episode


def runs(row: Row[Any]) -> bool:
    return row.met_at is None and row.cancelled_at is None


# -- of the record ----------------------------------------------------------------------------------------------------


def one_entry_for_each_change(db: Database, seen: Seen) -> Iterator[str]:
    """A contact has as many entries as versions, numbered without gaps, and the last tells of its stage."""
    with db.reading() as look:
        events = rows.events_of(look, list(seen.contacts))
    for contact_id, row in seen.contacts.items():
        own = events[contact_id]
        if [event.seq for event in own] != list(range(1, row.version + 1)) or row.chain_seq != row.version:
            yield f"{row.reference}: version {row.version}, but entries {[event.seq for event in own]}"
        if own[-1].state != row.state or own[-1].at != row.changed_at:
            yield f"{row.reference}: the last entry does not tell of its stage"
        if any(one.at > other.at for one, other in pairwise(own)):
            yield f"{row.reference}: its history runs backwards"


def chains_verify(db: Database, seen: Seen) -> Iterator[str]:
    yield from (found.sentence for found in audit_check.verify(db))


def doctor_finds_nothing(db: Database, seen: Seen) -> Iterator[str]:
    """But for contacts that wait for the next sweep: of those it may say so."""
    pending = {row.reference for row in seen.contacts.values() if seen.pending(row.id)}
    for found in doctor.examine(db, seen.at):
        if found.reference not in pending:
            yield f"doctor: {found.reference}: {found.sentence}"


# -- of the clocks ----------------------------------------------------------------------------------------------------


INSTANTS = (
    *("started_at", "due_at", "met_at", "breached_at"),
    *("cancelled_at", "paused_at", "taken_at", "resolved_at", "annulled_at"),
)


class StoredIsTheFold:
    """Deadlines, alerts and the next due instant as stored are what follows from the events alone."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    def __call__(self, db: Database, seen: Seen) -> Iterator[str]:
        with db.reading() as look:
            events = rows.events_of(look, list(seen.contacts))
            for contact_id, row in seen.contacts.items():
                rules = self.rulebook.version(look, row.rule_set, row.rule_set_version)
                holidays = self.rulebook.late_holidays(look, row.borough)
                # Nothing changes by itself before the next due instant: so far the stored rows must have come.
                before = min(seen.at, row.next_due_at or seen.at)
                line = timeline(rules, events[contact_id], holidays, before)
                if as_instant(line.next_at) != row.next_due_at:
                    yield f"{row.reference}: next due {row.next_due_at}, by the fold {as_instant(line.next_at)}"
                yield from self._differences(row.reference, contact_id, line.episodes, seen)

    @staticmethod
    def _differences(reference: str, contact_id: str, episodes: tuple[Episode, ...], seen: Seen) -> Iterator[str]:
        told = {(contact_id, e.clock, e.agency, e.number): e for e in episodes}
        stored = {key: row for key, row in seen.deadlines.items() if key[0] == contact_id}
        if told.keys() != stored.keys():
            yield f"{reference}: stored episodes {sorted(stored)} are not those of the fold {sorted(told)}"
        for key in told.keys() & stored.keys():
            for name in (
                "started_at",
                "due_at",
                "met_at",
                "breached_at",
                "cancelled_at",
                "paused_at",
                "resolved_at",
                "annulled_at",
            ):
                wanted = as_instant(getattr(told[key], name))
                if getattr(stored[key], name) != wanted:
                    yield f"{reference}: {key[1:]}: {name} {getattr(stored[key], name)}, by the fold {wanted}"
            raised = {(r.kind.value, r.level): (as_instant(r.at), r.owner.value, r.to) for r in told[key].raised}
            there = {name: (row.at, row.owner, row.for_role) for name, row in seen.alerts.get(key, {}).items()}
            if raised != there:
                yield f"{reference}: {key[1:]}: alerts {there}, by the fold {raised}"


def episodes_count_from_one(db: Database, seen: Seen) -> Iterator[str]:
    numbers: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for *key, number in seen.deadlines:
        numbers[tuple(map(str, key))].append(number)
    for name, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"{name}: episodes {sorted(found)}"


def a_deadline_is_in_order(db: Database, seen: Seen) -> Iterator[str]:
    """Met or cancelled, not both; no breach before its time; what is paused has none."""
    for key, row in seen.deadlines.items():
        if row.met_at and row.cancelled_at:
            yield f"{key}: met and cancelled"
        if row.breached_at and row.breached_at < row.due_at:
            yield f"{key}: breached before it was due"
        if row.paused_at and (row.breached_at or not runs(row)):
            yield f"{key}: paused, but breached or over"
        if row.breached_at and row.breached_at >= seen.at:
            yield f"{key}: breached before the time has come"


class TheStatutoryClock:
    """Never paused; runs for everybody whose kind has it, from receipt or reopening until a decision has stood."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self.sheets = sheets

    def __call__(self, db: Database, seen: Seen) -> Iterator[str]:
        for contact_id, row in seen.contacts.items():
            sheet = self.sheets[row.reference]
            own = [d for d in seen.of(contact_id) if sheet.rules.clocks[d.clock].stop == "decision_stands"]
            if any(d.paused_at for d in own):
                yield f"{row.reference}: the statutory clock is paused"
            hub = [d for d in own if d.agency == ""]
            given = sheet.rules.kinds[sheet.kind].clocks  # type: ignore[index]
            named = given is None or "statutory_decision" in given
            early = row.state not in MAY_REST and not sheet.stood
            if early and named and not any(map(runs, hub)):
                yield f"{row.reference}: undecided, and the statutory clock does not run"


class WhatHasHappenedStopsItsClocks:
    """No clock waits for what has happened and is not undone; no reply is timed that nobody waits for."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self.sheets = sheets

    def __call__(self, db: Database, seen: Seen) -> Iterator[str]:
        for contact_id, row in seen.contacts.items():
            sheet = self.sheets[row.reference]
            over = self._over(sheet)
            for running in filter(runs, seen.of(contact_id)):
                stop = sheet.rules.clocks[running.clock].stop
                if stop in over and running.started_at <= row.changed_at:
                    yield f"{row.reference}: {running.clock} runs although {stop} has happened"
                if stop == "agency_replied" and running.agency and running.agency not in sheet.awaited:
                    yield f"{row.reference}: a reply of {running.agency} is timed that nobody waits for"
            if seen.awaited.get(contact_id, set()) != sheet.awaited:
                yield f"{row.reference}: awaited {seen.awaited.get(contact_id)}, on paper {sheet.awaited}"

    @staticmethod
    def _over(sheet: Sheet) -> set[str]:
        decided = sheet.state in ("awaiting_sign_off", "decided")
        happened = {
            "acknowledged": sheet.acknowledged,
            "handover_accepted": sheet.handover_accepted,
            "reading_confirmed": sheet.reading_confirmed or sheet.state != "with_allocated_worker",
            "rated": sheet.state in ("rated", "gathering", "ready") or decided,
            "decision_recorded": decided,
            "decision_stands": sheet.stands and decided,
            "signed_off": sheet.state != "awaiting_sign_off",
            "referrer_told": not sheet.stands and sheet.state != "transferred",
            "closed": sheet.state == "closed",
            "resubmitted": not sheet.away,
        }
        return {stop for stop, true in happened.items() if true}


class NobodyIsForgotten:
    """An open contact has a clock that runs, or the rules say in so many words that it has none."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self.sheets = sheets

    def __call__(self, db: Database, seen: Seen) -> Iterator[str]:
        for contact_id, row in seen.contacts.items():
            sheet = self.sheets[row.reference]
            untimed = sheet.rules.kinds[sheet.kind].clocks is not None  # type: ignore[index]
            if row.state not in MAY_REST and not untimed and not seen.running(contact_id):
                yield f"{row.reference} is {row.state}, and no clock runs"


# -- of the alerts ----------------------------------------------------------------------------------------------------


def alerts_are_in_order(db: Database, seen: Seen) -> Iterator[str]:
    """The breach at its instant, warnings before it, escalations after it; none early, late or while paused."""
    for key, row in seen.deadlines.items():
        own = seen.alerts.get(key, {})
        breach = own.get(("breach", 1))
        if (breach.at if breach else None) != row.breached_at:
            yield f"{key}: breached at {row.breached_at}, alert {breach}"
        for name, alert in own.items():
            yield from (f"{key}: {name} at {alert.at} {why}" for why, true in _amiss(row, alert, seen.at) if true)


def _amiss(row: Row[Any], alert: Row[Any], now: datetime) -> Iterator[tuple[str, bool]]:
    breached_at = row.breached_at
    yield "is raised early", alert.at >= now or alert.raised_at < alert.at
    yield "while paused", row.paused_at is not None and alert.at >= row.paused_at
    yield "after it was cancelled", row.cancelled_at is not None and alert.at >= row.cancelled_at
    if alert.kind == "warning":
        yield "after the breach", breached_at is not None and alert.at >= breached_at
    if alert.kind == "escalation":
        yield "without a breach before it", breached_at is None or alert.at <= breached_at


# -- from one moment to the next --------------------------------------------------------------------------------------


def nothing_is_taken_back(before: Seen, after: Seen) -> Iterator[str]:
    """No episode, no alert and no breach disappears; what has ended, or is breached, stays as it was."""
    for key, old in before.deadlines.items():
        new = after.deadlines.get(key)
        if new is None:
            yield f"{key}: the episode is gone"
            continue
        yield from (f"{key}: {name} was {getattr(old, name)}" for name in _kept(old) if _changed(name, old, new))
        moved = _changed("due_at", old, new) and not before.pending(key[0])
        if moved and new.breached_at and new.breached_at < before.at:
            yield f"{key}: breached before its deadline was moved"
        yield from _met_late(key, old, new, before.at, after.at)
    for key, own in before.alerts.items():
        there = after.alerts.get(key, {})
        yield from (
            f"{key}: {name} is gone, or another" for name, alert in own.items() if not _same(alert, there.get(name))
        )


def _same(one: Row[Any], other: Row[Any] | None) -> bool:
    return other is not None and (one.at, one.raised_at) == (other.at, other.raised_at)


def _kept(row: Row[Any]) -> set[str]:
    ends = {name for name in ("met_at", "breached_at", "cancelled_at", "annulled_at") if getattr(row, name)}
    return {"started_at"} | ends | ({"due_at"} if ends else set())


def _changed(name: str, old: Row[Any], new: Row[Any]) -> bool:
    return bool(getattr(old, name) != getattr(new, name))


def _met_late(key: Key, old: Row[Any], new: Row[Any], then: datetime, now: datetime) -> Iterator[str]:
    """Met exactly when it is due is in time; later is late, unless it was paused or set at that very instant."""
    if old.met_at is not None or new.met_at != now:
        return
    if then < now and new.due_at < now and old.paused_at is None and new.breached_at is None:
        yield f"{key}: met at {now}, due at {new.due_at}, and no breach"
    if new.due_at >= now and old.breached_at is None and new.breached_at is not None:
        yield f"{key}: met at {now}, due at {new.due_at}, and breached"


def new_ones_are_not_late_before_they_are_set(before: Seen, after: Seen) -> Iterator[str]:
    """An episode that begins now cannot have been breached, or warned of, before now."""
    for key, row in after.deadlines.items():
        if key not in before.deadlines and (row.breached_at or row.paused_at or after.alerts.get(key)):
            yield f"{key}: begins at {after.at} with a breach, a pause or an alert"
        if key not in before.deadlines and row.started_at > after.at:
            yield f"{key}: begins in the future"
