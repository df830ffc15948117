"""What does a sweep cost as the record grows? Beside SQL by hand, loading what is open, and a job for each deadline.

On SQLite, where a million rows are soon made. Contacts are copies of real ones in everything that a sweep reads. The
database lies in memory or on the fastest disk of the machine: TMPDIR says where.
"""

import itertools
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from bench.copies import copy
from bench.lifecycle import BEGINS, Ours
from bench.measuring import Figure
from mash.db import Database
from mash.rulebook import Rulebook
from mash.workflow.rows import BATCH
from mash.workflow.sweep import sweep
from tests.support.databases import SqliteFiles

FEW, MANY = 100_000, 3_000_000
"""Rows of deadlines."""
OPEN = 5_000
"""Contacts that wait for something, in either record; all others are closed."""
DUE = 1_000
ROUNDS = 5
_FAR = "2036-01-01 00:00:00.000000"
_AS_STORED = "%Y-%m-%d %H:%M:%S.000000"


def figures() -> Iterator[Figure]:
    """An empty sweep as the record grows, then a thousand that are due, three ways."""
    with tempfile.TemporaryDirectory() as folder:
        files = SqliteFiles(Path(folder))
        with files.copy("live") as few, files.copy("live") as many:
            record = Record(many, MANY)
            small = Record(few, FEW)
            each = [(record.empty(), small.empty()) for _ in range(20 * ROUNDS)]
            yield _figure(f"empty sweep, {MANY:,} deadlines ÷ {FEW:,}", each, 1.5)
            swept = [(record.due(record.swept), record.due(record.by_hand)) for _ in range(ROUNDS)]
            yield _figure(f"{DUE:,} due among {MANY:,}: sweep ÷ SQL by hand", swept, 4)
            loaded = [(record.loaded(), record.empty()) for _ in range(ROUNDS)]
            yield _figure("nothing due: load what is open ÷ sweep", loaded, 50, at_least=True)
            jobs = [(record.due(record.by_jobs), record.due(record.swept)) for _ in range(ROUNDS)]
            yield _figure(f"{DUE:,} due: a job of APScheduler for each ÷ sweep", jobs, 8, at_least=True)


def _figure(what: str, each: list[tuple[float, float]], limit: float, *, at_least: bool = False) -> Figure:
    return Figure(what, [a / b for a, b in each], "×", limit, at_least, each=each)


class Record:
    """Open contacts, of which nothing is due, and finished ones until there are so many deadlines."""

    def __init__(self, db: Database, deadlines: int) -> None:
        self.db, self.ours, self.weeks = db, Ours(db), itertools.count(1)
        open_one = self.ours.begun(0, BEGINS)
        finished = self.ours.live(1)
        with db.transaction() as tx:
            copy(tx, open_one, OPEN, ("contacts", "deadlines"))
            tx.execute(text("UPDATE contacts SET next_due_at = :far WHERE next_due_at IS NOT NULL"), {"far": _FAR})
            of_each = text("SELECT count(*) FROM deadlines WHERE contact_id = :id")
            there = tx.execute(text("SELECT count(*) FROM deadlines")).scalar_one()
            more = (deadlines - there) // tx.execute(of_each, {"id": finished}).scalar_one()
            copy(tx, finished, more, ("contacts", "deadlines"))
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")

    def empty(self) -> float:
        """Seconds of a sweep that finds nothing."""
        return _seconds(lambda: sweep(self.db, Rulebook(), BEGINS))

    def due(self, way: Callable[[datetime], Callable[[], int]]) -> float:
        """Seconds to raise what a thousand contacts of a week of their own have to say, in one of the ways below."""
        week = next(self.weeks)
        one = self.ours.begun(10 + week, BEGINS + timedelta(weeks=week))
        with self.db.transaction() as tx:
            copy(tx, one, DUE - 1, ("contacts", "deadlines", "alerts", "audit_entries"))
            due = tx.execute(text("SELECT next_due_at FROM contacts WHERE id = :id"), {"id": one}).scalar_one()
        raise_them = way(datetime.strptime(due, _AS_STORED).replace(tzinfo=UTC) + timedelta(seconds=1))
        raised = 0

        def do() -> None:
            nonlocal raised
            raised = raise_them()

        seconds = _seconds(do)
        assert raised == DUE, raised
        with self.db.transaction() as tx:
            tx.execute(text("UPDATE contacts SET next_due_at = :far WHERE next_due_at < '2035-01-01'"), {"far": _FAR})
        return seconds

    def swept(self, before: datetime) -> Callable[[], int]:
        """As the timers do it."""
        return lambda: sweep(self.db, Rulebook(), before).alerts

    def by_hand(self, before: datetime) -> Callable[[], int]:
        """The same rows by SQL that is written by hand, in batches, as durable."""

        def raise_them() -> int:
            done, due = 0, BATCH
            raw = self.db.engine.raw_connection()
            while due == BATCH:
                found, raised = _by_hand(raw.driver_connection, before, BATCH)
                done, due = done + raised, found
            raw.close()
            return done

        return raise_them

    def by_jobs(self, before: datetime) -> Callable[[], int]:
        """A job of APScheduler for each, from its own store: the SQL by hand for one contact, committed."""
        store = SQLAlchemyJobStore(url=f"sqlite:///{self.db.url.database}-jobs-{next(self.weeks)}")
        scheduler = BackgroundScheduler(
            timezone=UTC, jobstores={"default": store}, executors={"default": ThreadPoolExecutor(1)}
        )
        scheduler.start(paused=True)
        for number in range(DUE):
            given = (self.db.url.database, before)
            scheduler.add_job(_job, "date", given, run_date=BEGINS, id=str(number), misfire_grace_time=None)
        _job_raised.clear()

        def raise_them() -> int:
            scheduler.resume()
            while store.get_next_run_time() is not None:
                time.sleep(0.005)
            scheduler.shutdown(wait=True)
            return sum(_job_raised)

        return raise_them

    def loaded(self) -> float:
        """Seconds to load what is open, to see that nothing is due."""
        return _seconds(self._load)

    def _load(self) -> None:
        with self.db.reading() as look:
            found = look.execute(text(_OPEN)).all()
        assert len(found) > OPEN
        assert not [row for row in found if datetime.fromisoformat(row.due_at) < BEGINS.replace(tzinfo=None)]


_DUE = "SELECT borough, id FROM contacts WHERE next_due_at < ? ORDER BY next_due_at LIMIT ?"
_RUNNING = """SELECT borough, contact_id, clock, agency, episode, agenda FROM deadlines
    WHERE borough = ? AND contact_id = ? AND met_at IS NULL AND cancelled_at IS NULL"""
_ALERT = """INSERT INTO alerts
    (borough, contact_id, clock, agency, episode, kind, level, at, raised_at, owner, for_role)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_SAID = """UPDATE deadlines SET agenda = ?
    WHERE borough = ? AND contact_id = ? AND clock = ? AND agency = ? AND episode = ?"""
_NEXT = "UPDATE contacts SET next_due_at = ? WHERE borough = ? AND id = ?"
_OPEN = """SELECT d.* FROM contacts c JOIN deadlines d ON d.borough = c.borough AND d.contact_id = c.id
    WHERE c.state NOT IN ('closed', 'transferred') AND d.met_at IS NULL AND d.cancelled_at IS NULL"""


def _stored(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(_AS_STORED)


def _by_hand(connection: Any, before: datetime, most: int) -> tuple[int, int]:
    """Raise what is due first of each deadline of so many contacts, in a transaction: contacts, and alerts."""
    now = before.strftime(_AS_STORED)
    connection.execute("BEGIN IMMEDIATE")
    due = connection.execute(_DUE, (now, most)).fetchall()
    alerts, said, following = [], [], dict.fromkeys(due, _FAR)
    for *key, agenda in (row for one in due for row in connection.execute(_RUNNING, one)):
        coming = json.loads(agenda)
        if coming and coming[0][0] < before.timestamp():
            (at, kind, level, owner, to), *coming = coming
            alerts.append((*key, kind, level, _stored(at), now, owner, to))
            said.append((json.dumps(coming), *key))
        if coming:
            own = (key[0], key[1])
            following[own] = min(following[own], _stored(coming[0][0]))
    connection.executemany(_ALERT, alerts)
    connection.executemany(_SAID, said)
    connection.executemany(_NEXT, [(at, *own) for own, at in following.items()])
    connection.execute("COMMIT")
    return len(due), len(alerts)


_job_raised: list[int] = []


def _job(file: str, before: datetime) -> None:
    _job_raised.append(_by_hand(_kept(file), before, 1)[1])


@cache
def _kept(file: str) -> sqlite3.Connection:
    """For all jobs, which run one after the other."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun
