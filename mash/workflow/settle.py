"""What has come due, made into rows: the difference between what the fold says and what is stored.

Called for every act and by every sweep, so that a late sweep and a punctual one leave the same record.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from mash import clock
from mash.models.contact import Contact
from mash.models.time import Alert, Deadline
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.workflow import rows
from mash.workflow.clocks import timeline
from mash.workflow.episodes import Episode, Raised, Timeline, as_instant
from mash.workflow.reading import reading

BATCH = 200


def settle(tx: Connection, rulebook: Rulebook, found: Sequence[Row[Any]], before: datetime) -> int:
    """Raise what came due before an instant for these contacts, whose rows are locked; how many alerts were raised."""
    raised = 0
    for own in _batches(found):
        borough = own[0].borough
        ids = [row.id for row in own]
        events, stored = rows.events_of(tx, ids), rows.deadlines_of(tx, borough, ids)
        alerts, holidays = rows.alerts_of(tx, borough, ids), rulebook.late_holidays(tx, borough)
        for row in own:
            rules = rulebook.version(tx, row.rule_set, row.rule_set_version)
            line = timeline(rules, events[row.id], holidays, before)
            raised += store_clocks(tx, borough, row.id, rules, line, stored[row.id], alerts[row.id])
            next_due_at = as_instant(line.next_at)
            if next_due_at != row.next_due_at:
                own_row = update(Contact).where(Contact.borough == borough, Contact.id == row.id)
                tx.execute(own_row.values(next_due_at=next_due_at))
    return raised


def _batches(found: Sequence[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """At most so many contacts of one borough at a time."""
    for borough in sorted({row.borough for row in found}):
        own = [row for row in found if row.borough == borough]
        yield from (own[n : n + BATCH] for n in range(0, len(own), BATCH))


def store_clocks(
    tx: Connection,
    borough: str,
    contact_id: str,
    rules: RuleSet,
    line: Timeline,
    stored: dict[rows.DeadlineKey, Row[Any]],
    alerts: set[rows.AlertKey],
) -> int:
    """Write the difference between what the fold says and what the rows say; how many alerts are new."""
    own = {"borough": borough, "contact_id": contact_id}
    fresh: list[dict[str, Any]] = []
    raised: list[dict[str, Any]] = []
    for episode in line.episodes:
        name = (episode.clock, episode.agency, episode.number)
        key = {**own, "clock": name[0], "agency": name[1], "episode": name[2]}
        values, there = _deadline(episode), stored.get(name)
        if there is None:
            begun = {"started_at": as_instant(episode.started_at), "reading": reading(rules, episode)}
            fresh.append(key | values | begun)
        elif any(getattr(there, column) != value for column, value in values.items()):
            if there.due_at != values["due_at"]:
                values["reading"] = reading(rules, episode)
            tx.execute(update(Deadline).filter_by(**key).values(values))
        raised += [
            key | _alert(alert) for alert in episode.raised if (*name, alert.kind.value, alert.level) not in alerts
        ]
    if fresh:
        tx.execute(insert(Deadline), fresh)
    if raised:
        tx.execute(insert(Alert), raised)
    return len(raised)


def _alert(alert: Raised) -> dict[str, Any]:
    said = {"kind": alert.kind, "level": alert.level, "owner": alert.owner, "for_role": alert.to}
    return {**said, "at": as_instant(alert.at), "raised_at": clock.now()}


def _deadline(episode: Episode) -> dict[str, Any]:
    return {
        "due_at": as_instant(episode.due_at),
        "met_at": as_instant(episode.met_at),
        "breached_at": as_instant(episode.breached_at),
        "cancelled_at": as_instant(episode.cancelled_at),
        "paused_at": as_instant(episode.paused_at),
        "taken_by": episode.taken_by,
        "taken_at": as_instant(episode.taken_at),
        "cause": episode.cause,
        "resolved_by": episode.resolved_by,
        "resolved_at": as_instant(episode.resolved_at),
        "annulled_by": episode.annulled_by,
        "annulled_at": as_instant(episode.annulled_at),
        "calendar_version": episode.calendar_version,
    }
