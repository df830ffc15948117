"""What is due now? Finds contacts whose clocks have something to say, says it, and leaves a heartbeat.

Rows decide, whoever calls: any number of sweeps may run at once or not at all; nothing is raised twice or early.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, insert, select, update

from mash.db import Database, right_time
from mash.models.contact import Contact
from mash.models.time import Heartbeat
from mash.rulebook import Rulebook
from mash.workflow import rows
from mash.workflow.settle import BATCH, settle

SWEEP = "sweep"
log = structlog.get_logger()


@dataclass(frozen=True)
class Swept:
    """What one sweep did: contacts looked at, alerts raised, ids of contacts that could not be worked out."""

    contacts: int = 0
    alerts: int = 0
    failed: tuple[str, ...] = ()

    def plus(self, other: "Swept") -> "Swept":
        """Both together."""
        return Swept(self.contacts + other.contacts, self.alerts + other.alerts, self.failed + other.failed)


def sweep(db: Database, rulebook: Rulebook, before: datetime | None = None) -> Swept:
    """Raise everything that came due before an instant (now, where absent), in batches, and leave a heartbeat.

    What is due at this very instant waits for the next sweep: somebody may still act in time. A contact that cannot be
    worked out stands aside (logged, reported in `failed`) and stops nobody else.
    """
    with db.reading() as look:
        before = before or right_time(look)
    done = Swept()
    while True:
        step = _batch(db, rulebook, before, done.failed)
        done = done.plus(step)
        if step.contacts + len(step.failed) < BATCH:
            break
    _beat(db)
    return done


def _batch(db: Database, rulebook: Rulebook, before: datetime, aside: tuple[str, ...]) -> Swept:
    try:
        with db.transaction() as tx:
            found = _due(tx, before, aside, BATCH)
            return Swept(len(found), settle(tx, rulebook, found, before))
    except Exception:
        log.exception("sweep.batch_failed")
        return _one_by_one(db, rulebook, before, aside)


def _one_by_one(db: Database, rulebook: Rulebook, before: datetime, aside: tuple[str, ...]) -> Swept:
    """After a failed batch: each contact alone, so that a poisoned one stands alone."""
    done = Swept()
    for _ in range(BATCH):
        name: str | None = None
        try:
            with db.transaction() as tx:
                found = _due(tx, before, aside + done.failed, 1)
                if not found:
                    break
                name = found[0].id
                done = done.plus(Swept(1, settle(tx, rulebook, found, before)))
        except Exception:
            if name is None:
                raise
            log.exception("sweep.contact_failed", contact=name)
            done = done.plus(Swept(failed=(name,)))
    return done


def _due(tx: Connection, before: datetime, aside: tuple[str, ...], limit: int) -> list[Row[Any]]:
    wanted = rows.contact_rows().where(Contact.next_due_at < before)
    if aside:
        wanted = wanted.where(Contact.id.not_in(aside))
    locked = wanted.order_by(Contact.next_due_at).limit(limit).with_for_update(skip_locked=True)
    return list(tx.execute(locked))


def next_due(db: Database) -> datetime | None:
    """The next instant at which the sweep has something to say."""
    with db.reading() as look:
        return look.execute(
            select(Contact.next_due_at).where(Contact.next_due_at.is_not(None)).order_by(Contact.next_due_at).limit(1)
        ).scalar()


def last_sweep_at(look: Connection) -> datetime | None:
    """When a sweep last finished."""
    return look.execute(select(Heartbeat.at).where(Heartbeat.name == SWEEP)).scalar()


def _beat(db: Database) -> None:
    with db.transaction() as tx:
        now = right_time(tx)
        if tx.execute(update(Heartbeat).where(Heartbeat.name == SWEEP).values(at=now)).rowcount == 0:
            tx.execute(insert(Heartbeat).values(name=SWEEP, at=now))
