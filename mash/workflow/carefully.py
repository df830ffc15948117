"""Many contacts at once, of which one may be spoilt: that one stands aside (aside.py) and stops nobody else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from mash.db import attempt, right_time
from mash.errors import where_raised
from mash.rulebook import Rulebook
from mash.workflow import aside
from mash.workflow.settle import settle

log = structlog.get_logger()
Way = Callable[[Connection, Rulebook, Sequence[Row[Any]], datetime], int]
"""Raises what came due before an instant for these contacts; how many alerts."""


@dataclass(frozen=True)
class Swept:
    """What was done: contacts looked at, alerts raised, ids of contacts that could not be worked out."""

    contacts: int = 0
    alerts: int = 0
    failed: tuple[str, ...] = ()

    def plus(self, other: "Swept") -> "Swept":
        """Both together."""
        return Swept(self.contacts + other.contacts, self.alerts + other.alerts, self.failed + other.failed)


def carefully(tx: Connection, rulebook: Rulebook, found: Sequence[Row[Any]], before: datetime, way: Way) -> Swept:
    """What came due before an instant, for contacts whose rows are locked: all together or, where that fails, each.

    Raises what the database raises where it cannot do its work.
    """
    try:
        with attempt(tx):
            return Swept(len(found), way(tx, rulebook, found, before))
    except Exception as error:
        if not aside.is_its_own_fault(error):
            raise
        log.error("sweep.batch_failed", error=where_raised(error))
    return one_by_one(tx, rulebook, found, before)


def one_by_one(tx: Connection, rulebook: Rulebook, found: Sequence[Row[Any]], before: datetime) -> Swept:
    """Each contact alone and by its history, whatever its rows say, so that a poisoned one stands alone."""
    done, now = Swept(), right_time(tx)
    for row in found:
        try:
            with attempt(tx):
                step = Swept(1, settle(tx, rulebook, [row], before))
        except Exception as error:
            if not aside.is_its_own_fault(error):
                raise
            log.error("sweep.contact_failed", contact=row.id, error=where_raised(error))
            aside.put(tx, row, error, now)
            step = Swept(failed=(row.id,))
        else:
            aside.end(tx, row, now)
        done = done.plus(step)
    return done
