"""What does the queue cost as the record grows, and its page beside one that is written by hand?

The query alone, with the same open contacts among a million and among ten thousand, on both databases. The page over
HTTP, signed in, as a browser asks for it, on SQLite: each side a process of its own over the same rows, the cells of
both tables the same to the letter. By the clock on the wall, in turn.
"""

import itertools
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from gzip import decompress
from html import unescape
from http.client import HTTPConnection
from pathlib import Path

from sqlalchemy import select

from bench import plain_queue
from bench.copies import copy
from bench.lifecycle import BEGINS, Ours
from bench.living import databases
from bench.measuring import Figure
from mash import clock
from mash.accounts import sessions
from mash.db import Database
from mash.models.accounts import User
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.vocabulary import State, Verb
from mash.workflow.details import DETAILS
from mash.workflow.queue import PAGE, Wanted, triage_queue
from tests.support.databases import SqliteFiles

FEW, MANY = 10_000, 1_000_000
"""Contacts in the record."""
REAL, COPIES = 100, 3
"""Open contacts in either record: so many that were really worked on, each so many times; all others are closed."""
ROUNDS, WARM = 40, 8
PAGES = 150
_IN_FULL = 10
"""One in so many that are closed lived to the reference lifecycle's end; the others are calls for advice."""
_READ_BY_THE_QUEUE = ("contacts", "contact_children", "deadlines", "information_requests")
_FORENAMES = ("Tiana", "Oluwaseun", "Zoë", "D’Arcy <b>", "Mehmet & Ali")
_CONCERNS = ("neglect", "domestic_abuse", "parental_mental_health", "missing", "bereavement")
_HOST = "127.0.0.1"
_AS_WE_START_IT = ("--no-access-log", "--no-server-header", "--log-level", "warning")
_KEY = "k" * 40


def figures() -> Iterator[Figure]:
    """The query as the record grows, on each database; then the page beside the plain one."""
    now = clock.now()
    with databases() as sources:
        for name, source in sources:
            with source.copy("live") as few, source.copy("live") as many:
                yield from _queries(name, Record(few, FEW, now), Record(many, MANY, now))
    with tempfile.TemporaryDirectory() as folder, SqliteFiles(Path(folder)).copy("live") as db:
        yield _page(Record(db, FEW, now))


class Record:
    """Open contacts in every stage before the end, of the last two days, among so many."""

    def __init__(self, db: Database, contacts: int, now: datetime) -> None:
        self.db, self.now, self.ours = db, now, Ours(db)
        opened = [self._opened(number) for number in range(REAL)]
        more = dict.fromkeys(opened, COPIES - 1)
        closed = contacts - REAL * COPIES - 2
        more |= {self.ours.live(REAL): closed // _IN_FULL, self._advised(): closed - closed // _IN_FULL}
        with db.transaction() as tx:
            if not db.is_sqlite:  # a copy's contact is there: PostgreSQL need not look it up for four million rows
                tx.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for contact_id, times in more.items():
                copy(tx, contact_id, times, _READ_BY_THE_QUEUE)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE" if db.is_sqlite else "VACUUM ANALYZE")

    @property
    def screener(self) -> Actor:
        """Who looks."""
        return self.ours.actors["screener"]

    def seconds(self, wanted: Wanted) -> float:
        """What the first page of the queue takes."""
        begun = time.perf_counter()
        found = triage_queue(self.db, Rulebook(), self.screener, self.now, wanted)
        seconds = time.perf_counter() - begun
        assert found.counts.open == REAL * COPIES and found.rows, found.counts
        return seconds

    def _opened(self, number: int) -> str:
        """One contact, left after some of its steps; every third is taken on."""
        children = [
            {
                "forename": _FORENAMES[(number + n) % len(_FORENAMES)],
                "surname": f"Mockford{number}",
                "date_of_birth": f"{2010 + number % 13}-06-2{n}",
            }
            for n in range(1 + number % 3)
        ]
        arrival = {"children": children, "concerns": list(_CONCERNS[: 1 + number % len(_CONCERNS)])}
        at = self.now - timedelta(minutes=130 + 27 * number)
        contact_id = list(itertools.islice(self.ours.steps(number, at, **arrival), 1 + number % 16))[-1]
        if number % 3 == 0:
            holder = self.ours.actors["screener" if number % 2 else "decision_maker"]
            with clock.at(at + timedelta(minutes=90)):
                self.ours.office.perform(holder, Verb.CLAIM, contact_id, DETAILS[Verb.CLAIM]())
        return contact_id

    def _advised(self) -> str:
        """An advice call, closed."""
        arrived = next(self.ours.steps(REAL + 1, kind="advice"))
        with clock.at(BEGINS + timedelta(minutes=5)):
            details = DETAILS[Verb.CLOSE].model_validate({"reason": "Advice given."})
            self.ours.office.perform(self.screener, Verb.CLOSE, arrived, details)
        return arrived


def signed_in(db: Database, who: Actor) -> str:
    """The cookie of a session of somebody, from now on."""
    with db.transaction() as tx:
        user = tx.execute(select(User.__table__).where(User.id == who.user_id)).one()
        token = sessions.begin(tx, user, clock.now(), second_factor=True)
    return f"{plain_queue.COOKIE}={token}"


def _queries(name: str, few: Record, many: Record) -> Iterator[Figure]:
    for what, wanted in (("first page", Wanted()), ("one stage", Wanted(stage=State.GATHERING))):
        each = [
            _turn(n, lambda w=wanted: many.seconds(w), lambda w=wanted: few.seconds(w)) for n in range(WARM + ROUNDS)
        ]
        told = each[WARM:]
        title = f"{name}: queue, {what}, {MANY:,} contacts ÷ {FEW:,}"
        yield Figure(title, [a / b for a, b in told], "×", 2, each=told)


def _turn(number: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Both, now one first, now the other."""
    if number % 2:
        later = other()
        return one(), later
    return one(), other()


def _page(record: Record) -> Figure:
    cookie = signed_in(record.db, record.screener)
    with ExitStack() as stack:
        ours = stack.enter_context(served("web.app:served", record.db)).as_who_has(cookie)
        plain = stack.enter_context(served("bench.plain_queue:app", record.db)).as_who_has(cookie)
        _require_same(ours, plain)
        each = [_turn(n, lambda: plain.seconds("/queue"), lambda: ours.seconds("/queue")) for n in range(WARM + PAGES)]
        told = each[WARM:]
    return Figure("queue page: the time by hand ÷ ours", [a / b for a, b in told], "×", 0.35, at_least=True, each=told)


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, and the one connection that a browser keeps to it."""

    process: "subprocess.Popen[bytes]"
    connection: HTTPConnection
    cookie: str = ""

    def as_who_has(self, cookie: str) -> "Server":
        """The same, asked by somebody."""
        return replace(self, cookie=cookie)

    def get(self, path: str) -> bytes:
        """The page as it travels."""
        self.connection.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status)
        return body

    def seconds(self, path: str) -> float:
        """How long the page takes, to its last byte."""
        begun = time.perf_counter()
        self.get(path)
        return time.perf_counter() - begun

    def text(self, path: str) -> str:
        """The page, unpacked."""
        return decompress(self.get(path)).decode()


@contextmanager
def served(application: str, db: Database) -> Iterator[Server]:
    """The application over this database by uvicorn, once it answers. It waits an hour for the next request."""
    with socket.create_server((_HOST, 0)) as taken:
        port = taken.getsockname()[1]
    options = ["--factory", "--host", _HOST, "--port", str(port), "--timeout-keep-alive", "3600"]
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", application, *options, *_AS_WE_START_IT],
        env=os.environ
        | {
            "MASH_DATABASE_URL": db.url.render_as_string(hide_password=False),
            "MASH_SECRET_KEY": _KEY,
            plain_queue.FILE: db.url.database or "",
        },
    )
    try:
        _wait_for(process, port)
        yield Server(process, HTTPConnection(_HOST, port, timeout=60))
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(600):
        assert process.poll() is None, "The server has not started."
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The server does not answer.")


def _require_same(ours: Server, plain: Server) -> None:
    """The cells say the same; tried again where a minute went by between the two."""
    for _ in range(3):
        own, other = _cells(ours.text("/queue")), _cells(plain.text("/queue"))
        if own == other:
            assert len(own) == 7 * PAGE, len(own)
            return
    differ = [pair for pair in zip(own, other, strict=False) if pair[0] != pair[1]]
    raise AssertionError((len(own), len(other), differ[:5]))


def _cells(page: str) -> list[str]:
    body = page[page.index("<tbody") : page.index("</tbody>")]
    cells = re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", body, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
