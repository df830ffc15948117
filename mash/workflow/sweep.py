"""What is due now? Finds contacts whose clocks have something to say, and says it.

Rows decide, whoever calls: any number of sweeps may run at once or not at all; nothing is raised twice or early.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mash.db import Database, right_time
from mash.models.contact import Contact
from mash.rulebook import Rulebook
from mash.workflow import aside, rows
from mash.workflow.agenda import raise_due
from mash.workflow.carefully import Swept, carefully, one_by_one
from mash.workflow.rows import BATCH
from mash.workflow.settle import settle


def sweep(db: Database, rulebook: Rulebook, before: datetime | None = None) -> Swept:
    """Raise everything that came due before an instant (now, where absent), in batches.

    What is due at this very instant waits for the next sweep: somebody may still act in time. A contact that cannot be
    worked out stands aside (aside.py) and stops nobody else; those whose time has come are tried again, last of all.
    Raises what the database raises where it cannot do its work: what is done by then stays done.
    """
    if before is None:
        with db.reading() as look:
            before = right_time(look)
    done = Swept()
    while True:
        step = _batch(db, rulebook, before)
        done = done.plus(step)
        if step.contacts + len(step.failed) < BATCH:
            break
    return done.plus(_again(db, rulebook, before))


def is_still_to_come(db: Database, instant: datetime) -> bool:
    """Whether a sweep up to there would raise alerts before they are due.

    It would not where work was played from a recording of days to come: up to its last act or, if all of it is to come,
    ever.
    """
    with db.reading() as look:
        now = right_time(look)
        first, last = (look.execute(select(of(Contact.changed_at))).scalar() or now for of in (func.min, func.max))
    return instant > now >= first and last < instant


def _batch(db: Database, rulebook: Rulebook, before: datetime) -> Swept:
    with db.transaction() as tx:
        return carefully(tx, rulebook, _due(tx, before), before, _raise)


def _again(db: Database, rulebook: Rulebook, before: datetime) -> Swept:
    """Those that stand aside, where it is time to try them again."""
    with db.transaction() as tx:
        return one_by_one(tx, rulebook, aside.to_retry(tx, right_time(tx), BATCH), before)


def _raise(tx: Connection, rulebook: Rulebook, found: Sequence[Row[Any]], before: datetime) -> int:
    """By what the rows say; where they do not, by the history."""
    raised, untold = raise_due(tx, found, before)
    return raised + settle(tx, rulebook, untold, before)


def _due(tx: Connection, before: datetime) -> list[Row[Any]]:
    wanted = rows.contact_rows().where(Contact.next_due_at < before, ~aside.IS_ASIDE)
    locked = wanted.order_by(Contact.next_due_at).limit(BATCH).with_for_update(skip_locked=True)
    return list(tx.execute(locked))


def next_due(db: Database) -> datetime | None:
    """The next instant at which the sweep has something to say."""
    with db.reading() as look:
        return look.execute(
            select(Contact.next_due_at).where(Contact.next_due_at.is_not(None)).order_by(Contact.next_due_at).limit(1)
        ).scalar()
