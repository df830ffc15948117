"""What has come due, made into rows: the difference between what the fold says and what is stored.

Every act writes such differences with its own rows (`Writing`). A sweep needs it (`settle`) where the rows do not tell
what is due; a bank holiday that is announced late, for every contact that waits for something.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mash.db import right_time
from mash.models.base import INSERTS, rows_of
from mash.models.time import Deadline
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.workflow import rows
from mash.workflow.agenda import KEY, NEXT, RAISE, as_stored
from mash.workflow.clocks import timeline
from mash.workflow.episodes import Episode, Raised, Timeline, as_instant
from mash.workflow.reading import reading


def _storing(insert: Any) -> Any:
    """A new deadline, or what has changed of one that is there."""
    row = insert(rows_of(Deadline))
    fresh = {name: row.excluded[name] for name in (*rows.DEADLINE_VALUES, "reading")}
    return row.on_conflict_do_update(index_elements=KEY, set_=fresh)


_STORE = {name: _storing(insert) for name, insert in INSERTS.items()}


@dataclass(frozen=True)
class Stored:
    """What the rows of a contact say: the values of each deadline, and which alerts were raised.

    `counted` is how many pauses and countings each deadline's `reading` tells of; None where only rows were read, which
    do not say.
    """

    deadlines: Mapping[rows.DeadlineKey, tuple[Any, ...]]
    alerts: Set[rows.AlertKey]
    counted: Mapping[rows.DeadlineKey, tuple[int, int]] | None = None

    @classmethod
    def of(cls, deadlines: Mapping[rows.DeadlineKey, Row[Any]], alerts: Set[rows.AlertKey]) -> "Stored":
        """What they say as they were read."""
        return cls({key: rows.values_of(deadline) for key, deadline in deadlines.items()}, alerts)

    @classmethod
    def by(cls, line: Timeline) -> "Stored":
        """What they say once this has been stored."""
        raised = {(*key_of(e), r.kind.value, r.level) for e in line.episodes for r in e.raised}
        counted = {key_of(e): (len(e.origin.pauses), len(e.moves)) for e in line.episodes}
        return cls({key_of(episode): _values(line, episode) for episode in line.episodes}, raised, counted)

    def says(self, fresh: "Stored", key: rows.DeadlineKey) -> bool:
        """Whether a deadline's row is what it would be by the other."""
        known = self.counted is None or fresh.counted is None or self.counted.get(key) == fresh.counted.get(key)
        return known and self.deadlines.get(key) == fresh.deadlines[key]

    def named(self, key: rows.DeadlineKey) -> dict[str, Any]:
        """The values of a deadline, by column."""
        return dict(zip(rows.DEADLINE_VALUES, self.deadlines[key], strict=True))


NOTHING = Stored({}, frozenset())


def settle(tx: Connection, rulebook: Rulebook, found: Sequence[Row[Any]], before: datetime) -> int:
    """Raise what came due before an instant for these contacts, whose rows are locked; how many alerts were raised."""
    raised, now = 0, right_time(tx)
    for borough, own in rows.of_each_borough(found):
        ids = [row.id for row in own]
        events, deadlines = rows.events_of(tx, ids), rows.deadlines_of(tx, borough, ids)
        alerts, holidays = rows.alerts_of(tx, borough, ids), rulebook.late_holidays(tx, borough)
        written, moved = Writing(borough, now), []
        for row in own:
            rules = rulebook.version(tx, row.rule_set, row.rule_set_version)
            line = timeline(rules, events[row.id], holidays, before)
            written.note(row.id, rules, line, Stored.of(deadlines[row.id], alerts[row.id]))
            next_due_at = as_instant(line.next_at)
            if next_due_at != row.next_due_at:
                moved.append({"own_borough": borough, "own_id": row.id, "next": next_due_at})
        raised += written.store(tx.execute, tx.dialect.name)
        if moved:
            tx.execute(NEXT, moved)
    return raised


class Writing:
    """The differences between what the fold says and what the rows say, gathered and written together."""

    def __init__(self, borough: str, now: datetime) -> None:
        self.borough, self.now = borough, now
        self.changed: list[dict[str, Any]] = []
        self.raised: list[dict[str, Any]] = []

    def note(self, contact_id: str, rules: RuleSet, line: Timeline, stored: Stored) -> Stored:
        """Those of one contact; what its rows say once they are written."""
        fresh = Stored.by(line)
        for episode in line.episodes:
            name, values = key_of(episode), fresh.deadlines[key_of(episode)]
            key = dict(zip(KEY, (self.borough, contact_id, *name), strict=True))
            if not stored.says(fresh, name):
                told = {"started_at": as_instant(episode.started_at), "reading": reading(rules, episode)}
                self.changed.append(key | dict(zip(rows.DEADLINE_VALUES, values, strict=True)) | told)
            new = (alert for alert in episode.raised if (*name, alert.kind.value, alert.level) not in stored.alerts)
            self.raised += [key | _alert(alert, self.now) for alert in new]
        return fresh

    def store(self, execute: Callable[[Any, Sequence[Mapping[str, Any]]], object], dialect: str) -> int:
        """Have them written; how many alerts are new."""
        if self.changed:
            execute(_STORE[dialect], self.changed)
        if self.raised:
            execute(RAISE[dialect], self.raised)
        return len(self.raised)


def key_of(episode: Episode) -> rows.DeadlineKey:
    """By what a deadline is told from the others of its contact."""
    return episode.clock, episode.agency, episode.number


def _alert(alert: Raised, raised_at: datetime) -> dict[str, Any]:
    said = {"kind": alert.kind.value, "level": alert.level, "owner": alert.owner, "for_role": alert.to}
    return {**said, "at": as_instant(alert.at), "raised_at": raised_at}


def _values(line: Timeline, episode: Episode) -> tuple[Any, ...]:
    """In the order of `rows.DEADLINE_VALUES`."""
    return (
        as_instant(episode.due_at),
        as_instant(episode.met_at),
        as_instant(episode.breached_at),
        as_instant(episode.cancelled_at),
        as_instant(episode.paused_at),
        episode.taken_by,
        as_instant(episode.taken_at),
        episode.cause,
        episode.resolved_by,
        as_instant(episode.resolved_at),
        episode.annulled_by,
        as_instant(episode.annulled_at),
        episode.calendar_version,
        as_stored(line.ahead(episode)),
    )
