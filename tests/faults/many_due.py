"""Is each of 100,000 due deadlines alerted once, none early, whatever becomes of the timers? `make faults`.

Four `mash timers` on PostgreSQL, one whose clock is ten minutes ahead and one ten behind; on SQLite one. They are
killed again and again while they work and started anew, and one is stopped for a minute with rows locked. Some
deadlines are due before the timers start, some while they run. Then 10,000 more come due with no timers running, and
one is started.
"""

import argparse
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from mash import audit_check, clock
from mash.db import Database, right_time
from mash.models.contact import Contact
from mash.models.time import Alert, Deadline
from mash.rulebook import Rulebook
from mash.workflow import rows
from mash.workflow.aside import count
from mash.workflow.settle import settle
from tests.faults.copies import multiply
from tests.faults.deaths import POINTS, say
from tests.faults.own_server import durable
from tests.faults.programs import Program, have_faketime, running
from tests.support.hub import Hub

WARNED_AFTER = timedelta(minutes=30)
"""How long after its receipt a contact that is suggested red first alerts; again only half an hour later."""
GROUPS = 40
SAMPLE, SECONDS_OF_RESTART = 2_000, 60
CLOCKS: dict[str, tuple[str | None, ...]] = {"sqlite": (None,), "postgresql": ("+10m", "-10m", None, None)}
"""By how much the clock of each of the timers is wrong."""


@dataclass(frozen=True)
class Size:
    """How much of everything. `before` and `during`: over how many seconds deadlines come due before and after now."""

    due: int = 100_000
    kills: int = 20
    stopped_seconds: float = 60
    more: int = 10_000
    before: int = 300
    during: int = 120  # and as long as it takes to make them all
    patience_seconds: float = 1_500
    clocks: tuple[str | None, ...] = (None,)


class Counted(NamedTuple):
    """Alerts so far, and those of them whose time had not come by the database's own clock."""

    alerts: int
    early: int


@dataclass
class Came:
    """What came of it, and what speaks against it."""

    kills: int = 0
    seconds: float = 0.0
    built_seconds: float = 0.0
    restart_seconds: float = 0.0
    latest_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def many_due(db: Database, size: Size, seed: int) -> Came:
    """The whole run over an empty database."""
    came, dice = Came(), Random(f"{seed} {db.is_sqlite}")
    hub, began = Hub(db, at=clock.now()), time.monotonic()
    _fill(hub, size.due, -size.before, size.during + size.due // 400)
    came.built_seconds = time.monotonic() - began
    _work(db, size, dice, came)
    came.wrong += _against(db, size.due)
    if size.more:
        _restart(hub, size, came)
    return came


def _restart(hub: Hub, size: Size, came: Came) -> None:
    db = hub.db
    _fill(hub, size.more, -60, -30)
    began = time.monotonic()
    with running(Program(db, ("timers",))):
        if not _raised(db, size.due + size.more, SECONDS_OF_RESTART, came):
            came.wrong.append(f"{size.more} were not raised within {SECONDS_OF_RESTART} s of a restart")
    came.restart_seconds = time.monotonic() - began
    came.wrong += _against(db, size.due + size.more)


def _fill(hub: Hub, contacts: int, first: int, last: int) -> None:
    """So many contacts that alert for the first time between these seconds from now."""
    now, groups = clock.now(), min(GROUPS, contacts)
    each, spare = divmod(contacts, groups)
    assert not spare and last - first < WARNED_AFTER.total_seconds()
    child = {"children": [{"label": "Child one"}], "concerns": ["unexplained_injury"], "referrer": None}
    originals = []
    for n in range(groups):
        hub.at = now + timedelta(seconds=first + (last - first) * n // groups) - WARNED_AFTER
        originals.append(hub.receive(**child))
    multiply(hub.db, originals, each - 1)


def _work(db: Database, size: Size, dice: Random, came: Came) -> None:
    """Timers that work, are killed at so many moments of the work and started again, until all is raised."""
    timers = [Program(db, ("timers",), wrong) for wrong in size.clocks]
    at = sorted(dice.randrange(size.due) for _ in range(size.kills))
    stop_at, stopped = (size.due // 2 if len(timers) > 1 else size.due + 1), 0.0
    sleeper, began, began_at = timers[-1], time.monotonic(), clock.now()
    with running(*timers):
        while (seen := _counted(db)).alerts < size.due or came.kills < size.kills:
            came.wrong += [f"{seen.early} alerts are early"] * bool(seen.early)
            if time.monotonic() - began > size.patience_seconds:
                came.wrong.append(f"only {seen.alerts} alerts after {size.patience_seconds} s")
                return
            if came.kills < size.kills and seen.alerts >= at[came.kills]:
                _die(dice.choice(timers[: -1 if stopped else None]))
                came.kills += 1
            if seen.alerts >= stop_at and not stopped:
                sleeper.send(signal.SIGSTOP)
                stopped = time.monotonic()
            if stopped and time.monotonic() - stopped > size.stopped_seconds:
                sleeper.send(signal.SIGCONT)
            time.sleep(dice.uniform(0.05, 0.4))
    came.seconds, came.latest_seconds = time.monotonic() - began, _latest(db, began_at)


def _die(timer: Program) -> None:
    timer.kill()
    timer.start()


def _raised(db: Database, alerts: int, seconds: float, came: Came) -> bool:
    until = time.monotonic() + seconds
    while (seen := _counted(db)).alerts < alerts:
        came.wrong += [f"{seen.early} alerts are early"] * bool(seen.early)
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def _counted(db: Database) -> Counted:
    with db.reading() as look:
        now = right_time(look)
        alerts = look.execute(select(func.count()).select_from(Alert)).scalar_one()
        early = look.execute(select(func.count()).select_from(Alert).where(Alert.at > now)).scalar_one()
    return Counted(alerts, early)


# -- what speaks against it -------------------------------------------------------------------------------------------


def _against(db: Database, contacts: int) -> list[str]:
    with db.reading() as look:
        wrong = _miscounted(look, contacts)
        wrong += [f"{n} contacts stand aside" for n in [count(look)] if n]
    wrong += [] if _folds_alike(db) else ["counted again, the rows would be others"]
    return [*wrong, *(finding.sentence for finding in audit_check.verify(db)[:20])]


def _miscounted(look: Connection, contacts: int) -> list[str]:
    before_its_time = func.count().filter(Alert.raised_at <= Alert.at)
    counts = select(func.count(), func.count(Alert.contact_id.distinct()), before_its_time)
    alerts, alerted, early = look.execute(counts).one()
    there = look.execute(select(func.count()).select_from(Contact)).scalar_one()
    wrong = [f"{contacts - alerted} are missing"] * (alerted != contacts)
    wrong += [f"{alerts - alerted} are there twice"] * (alerts != alerted)
    wrong += [f"{early} were raised early"] * bool(early)
    return wrong + [f"there are {there} contacts"] * (there != contacts)


def _folds_alike(db: Database) -> bool:
    """Whether a sample, counted again from its history, gives the alerts and deadlines that are stored."""
    with db.transaction() as tx:
        sample = list(tx.execute(rows.contact_rows().order_by(Contact.id).limit(SAMPLE)))
        before, now = _stored(tx), right_time(tx)
        return settle(tx, Rulebook(), sample, now) == 0 and _stored(tx) == before


def _stored(tx: Connection) -> list[object]:
    due = select(func.count(), func.max(Deadline.due_at), func.count(Deadline.breached_at))
    return [tuple(tx.execute(due).one()), tx.execute(select(func.max(Contact.next_due_at))).scalar()]


def _latest(db: Database, began_at: datetime) -> float:
    """Of what came due while the timers ran: how many seconds after that the last of it was raised."""
    with db.reading() as look:
        found = look.execute(select(Alert.at, Alert.raised_at).where(Alert.at > began_at).distinct())
        return max(((row.raised_at - row.at).total_seconds() for row in found), default=0.0)


# -- the run ----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, default=Size.due, help=f"a multiple of {GROUPS}")
    parser.add_argument("--kills", type=int, default=Size.kills)
    parser.add_argument("--more", type=int, default=Size.more, help=f"a multiple of {GROUPS}")
    parser.add_argument("--database", choices=list(POINTS), help="only this one")
    parser.add_argument("--seed", type=int, default=clock.london_date(clock.now()).toordinal())
    chosen = parser.parse_args()
    have_faketime()
    wrong = 0
    for kind in [chosen.database] if chosen.database else list(POINTS):
        size = Size(chosen.due, chosen.kills, more=chosen.more, clocks=CLOCKS[kind])
        with durable(kind) as db:
            came = many_due(db, size, chosen.seed)
        say(f"{kind}, seed {chosen.seed}: {chosen.due} due, built in {came.built_seconds:.0f} s; {came.kills} kills")
        say(f"  all raised after {came.seconds:.0f} s, the last {came.latest_seconds:.0f} s after it came due")
        say(f"  {chosen.more} more were raised {came.restart_seconds:.0f} s after a restart")
        say(f"  {len(came.wrong)} violations")
        for what in came.wrong[:50]:
            say(f"  {what}")
        wrong += len(came.wrong)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
