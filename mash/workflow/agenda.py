"""What is due by what the rows say? Raises it from the agendas of deadlines, without the history of the contact.

Each deadline keeps what the fold says that it will say if nobody acts. So a sweep has nothing to work out, whatever a
contact has been through. Where the rows do not tell, because a pause ends by itself or a deadline is older than
agendas, the fold does: settle.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from mash.db import right_time
from mash.models.base import INSERTS, among_ids, rows_of
from mash.models.contact import Contact
from mash.models.time import Alert, Deadline
from mash.vocabulary import AlertKind
from mash.workflow.episodes import Ahead, as_instant, seconds
from mash.workflow.rows import of_each_borough

_RUNNING = select(
    Deadline.contact_id, Deadline.clock, Deadline.agency, Deadline.episode, Deadline.breached_at, Deadline.agenda
).where(
    Deadline.borough == bindparam("borough"),
    among_ids(Deadline.contact_id),
    Deadline.met_at.is_(None),
    Deadline.cancelled_at.is_(None),
)
KEY = ("borough", "contact_id", "clock", "agency", "episode")
"""Which deadline it is."""
RAISE = {name: insert(rows_of(Alert)).on_conflict_do_nothing() for name, insert in INSERTS.items()}
"""By the name of the dialect. What was raised before, by a clock that was ahead, is not raised again."""
_SAID = (
    update(rows_of(Deadline))
    .where(*(rows_of(Deadline).c[name] == bindparam(f"own_{name}") for name in KEY))
    .values(breached_at=bindparam("breached_at"), agenda=bindparam("agenda"))
)
NEXT = (
    update(rows_of(Contact))
    .where(Contact.borough == bindparam("own_borough"), Contact.id == bindparam("own_id"))
    .values(next_due_at=bindparam("next"))
)
"""The next instant at which a contact has something to say."""


def as_stored(ahead: Ahead) -> list[list[Any]] | None:
    """What a deadline will say, as its row keeps it."""
    return None if ahead is None else [[r.at, r.kind.value, r.level, r.owner, r.to] for r in ahead]


@dataclass
class _Due:
    """What is written for contacts of one borough."""

    borough: str
    before: int
    now: datetime
    alerts: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)

    def note(self, contact_id: str, running: Sequence[Row[Any]]) -> bool:
        """Whether the rows of a contact, of which something is due, tell what that is."""
        agendas = [row.agenda for row in running]
        if None in agendas or not any(agenda and agenda[0][0] < self.before for agenda in agendas):
            return False
        following = []
        for row in running:
            due = sum(item[0] < self.before for item in row.agenda)
            following += row.agenda[due : due + 1]
            if due:
                self._raise(row, row.agenda[:due], row.agenda[due:])
        next_at = min((item[0] for item in following), default=None)
        self.moved.append({"own_borough": self.borough, "own_id": contact_id, "next": as_instant(next_at)})
        return True

    def _raise(self, row: Row[Any], due: Sequence[Sequence[Any]], later: Sequence[Any]) -> None:
        key = dict(zip(KEY, (self.borough, *row[:4]), strict=True))
        breached_at = row.breached_at
        for at, kind, level, owner, to in due:
            alert = {"kind": kind, "level": level, "at": as_instant(at), "raised_at": self.now}
            self.alerts.append({**key, **alert, "owner": owner, "for_role": to})
            if kind == AlertKind.BREACH:
                breached_at = as_instant(at)
        own = {f"own_{name}": value for name, value in key.items()}
        self.said.append({**own, "breached_at": breached_at, "agenda": later})


def raise_due(tx: Connection, found: Sequence[Row[Any]], before: datetime) -> tuple[int, list[Row[Any]]]:
    """Raise what came due before an instant for these contacts, whose rows are locked and of which something is due.

    How many alerts were raised, and the contacts of which the rows do not tell what is due: for them nothing is done.
    """
    raised, untold = 0, []
    for borough, own in of_each_borough(found):
        running: dict[str, list[Row[Any]]] = {row.id: [] for row in own}
        for deadline in tx.execute(_RUNNING, {"borough": borough, "ids": list(running)}):
            running[deadline.contact_id].append(deadline)
        due = _Due(borough, seconds(before), right_time(tx))
        untold += [row for row in own if not due.note(row.id, running[row.id])]
        for statement, rows in ((RAISE[tx.dialect.name], due.alerts), (_SAID, due.said), (NEXT, due.moved)):
            if rows:
                tx.execute(statement, rows)
        raised += len(due.alerts)
    return raised, untold
