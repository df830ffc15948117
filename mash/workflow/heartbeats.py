"""Which bells ring, and when did each last finish? Rows that any program can read, whichever one rings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from mash.db import Database, right_time, seconds_ahead
from mash.models.base import INSERTS, rows_of
from mash.models.time import Heartbeat

SWEEP = "sweep"
_BEATS = select(
    Heartbeat.name, Heartbeat.at, Heartbeat.took_seconds, Heartbeat.every_seconds, Heartbeat.clock_ahead
).order_by(Heartbeat.name)


@dataclass(frozen=True)
class Beat:
    """The last heartbeat of a bell. `took_seconds` is absent where it has not finished since it was first expected."""

    name: str
    at: datetime
    took_seconds: float | None
    every_seconds: int
    clock_ahead: float


def expect(db: Database, bells: Mapping[str, int]) -> None:
    """These bells should ring from now on, each every so many seconds, and no others.

    What rings already keeps its last heartbeat: a program that is started again and again is no sign of life.
    """
    with db.transaction() as tx:
        now = right_time(tx)
        tx.execute(delete(Heartbeat).where(Heartbeat.name.not_in(list(bells))))
        for name, every in bells.items():
            _put(tx, {"name": name, "at": now, "every_seconds": every}, ("every_seconds",))


def beat(db: Database, name: str, every_seconds: int, took_seconds: float) -> None:
    """A bell that should ring every so many seconds has finished just now."""
    with db.transaction() as tx:
        said = {"at": right_time(tx), "took_seconds": took_seconds, "clock_ahead": seconds_ahead(tx)}
        _put(tx, {"name": name, "every_seconds": every_seconds, **said}, ("every_seconds", *said))


def _put(tx: Connection, row: dict[str, Any], renewed: Sequence[str]) -> None:
    """The row; or, where the bell has one, these columns of it. Two programs may do so at once."""
    new = INSERTS[tx.dialect.name](rows_of(Heartbeat)).values(row)
    tx.execute(new.on_conflict_do_update(index_elements=["name"], set_={name: row[name] for name in renewed}))


def beats(look: Connection) -> Sequence[Beat]:
    """The last heartbeat of each bell, by name."""
    return [Beat(*row) for row in look.execute(_BEATS)]
