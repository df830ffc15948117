"""Does everybody know within two minutes when the clockwork stops, and within one that it goes again? `make faults`.

Six real installations, each with a fault of its own: the scheduler's thread dies, its process is killed, it loses the
database, the machine's clock jumps, what sends messages hangs, the sweep gets nothing done. Of each it is measured when
the banner is on the page of somebody signed in, `/readyz` answers 503 and `/metrics` says so; then how long after the
fault is gone all three are well again.
"""

import argparse
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from mash import clock
from mash.db import Database
from mash.workflow import rows
from tests.faults.deaths import say
from tests.faults.own_server import own_server
from tests.faults.programs import PATIENCE_SECONDS, Program, running, wait_until
from tests.support.databases import PostgresDatabases, SqliteFiles
from tests.support.hub import Hub
from tests.support.postgres import free_port

WITHIN_SECONDS, WELL_WITHIN_SECONDS = 120, 60
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class House:
    """A demonstration that is being served, and somebody signed in there."""

    def __init__(self, db: Database, settings: dict[str, str], *, fault: str = "", with_timers: bool = False) -> None:
        self.db, self.hub = db, Hub(db, at=clock.now())
        self.port = free_port()
        settings = {"MASH_INSECURE_HTTP": "true"} | settings
        serve = ("serve", "--port", str(self.port), *(["--with-timers"] if with_timers else []))
        own = fault if with_timers else None
        self.web = Program(db, serve, settings=settings, fault=own or None)
        self.timers = None if with_timers else Program(db, ("timers",), settings=settings, fault=fault or None)
        self.programs = [program for program in (self.web, self.timers) if program]
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text; 0 where nobody answers."""
        data = urlencode(form).encode() if form else None
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": f"http://127.0.0.1:{self.port}"}
        try:
            with self._opener.open(Request(f"http://127.0.0.1:{self.port}{path}", data, headers), timeout=30) as answer:
                return int(answer.status), answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except (URLError, OSError):
            return 0, ""

    def sign_in(self, username: str = "screener") -> None:
        """By the demonstration's button."""
        token = _TOKEN.search(self.get("/sign-in")[1])
        assert token
        self.get("/sign-in/demo", {"csrf_token": token[1], "username": username})

    @property
    def alarms(self) -> tuple[bool, bool, bool]:
        """Banner, `/readyz`, `/metrics`: which of them say that something is wrong."""
        page, ready, figures = self.get("/queue"), self.get("/readyz"), self.get("/metrics")
        return 'id="alarm"' in page[1] or page[0] == 503, ready[0] == 503, "mash_healthy 1\n" not in figures[1]

    @property
    def troubles(self) -> list[str]:
        """What `/readyz` calls it."""
        return list(json.loads(self.get("/readyz")[1] or '{"troubles": []}')["troubles"])


Fault = Callable[[House], Callable[[], None]]
"""Brings it about; gives what takes it away."""


def thread_dead(house: House) -> Callable[[], None]:
    house.web.send(signal.SIGUSR1)

    def again() -> None:
        house.web.kill()
        house.web.start()

    return again


def process_dead(house: House) -> Callable[[], None]:
    assert house.timers
    house.timers.kill()
    return house.timers.start


def connection_lost(house: House) -> Callable[[], None]:
    """The role of the timers is locked out, and put out."""
    with house.db.transaction() as tx:
        tx.exec_driver_sql("ALTER ROLE the_timers NOLOGIN")
    with house.db.transaction() as tx:
        tx.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'the_timers'")

    def let_in() -> None:
        with house.db.transaction() as tx:
            tx.exec_driver_sql("ALTER ROLE the_timers LOGIN")

    return let_in


def by_signal(house: House) -> Callable[[], None]:
    assert house.timers
    timers = house.timers
    timers.send(signal.SIGUSR1)
    return lambda: timers.send(signal.SIGUSR2)


def nothing_done(house: House) -> Callable[[], None]:
    """Somebody holds the row of a contact that comes due, and does not let go."""
    house.hub.at = clock.now() - timedelta(minutes=29, seconds=57)
    house.hub.receive(concerns=["unexplained_injury"])
    held = house.db.engine.connect()
    held.execute(rows.contact_rows().with_for_update())

    def let_go() -> None:
        held.rollback()
        held.close()

    return let_go


@dataclass(frozen=True)
class Kind:
    """One way in which the clockwork stops, and what `/readyz` then calls it."""

    name: str
    bring_about: Fault
    trouble: str
    fault: str = ""
    in_one_process: bool = False
    role: str | None = None


KINDS = (
    Kind("scheduler's thread dead", thread_dead, "sweep", fault="thread", in_one_process=True),
    Kind("process dead", process_dead, "sweep"),
    Kind("connection lost", connection_lost, "sweep", role="the_timers"),
    Kind("clock jumped", by_signal, "clock", fault="jump"),
    Kind("outbox stuck", by_signal, "outbox", fault="outbox"),
    Kind("sweep gets nothing done", nothing_done, "late"),
)


@dataclass
class Noticed:
    """Of one kind: seconds until all three alarms, seconds until all is well, what it was called, what is wrong."""

    kind: Kind
    alarm: float | None = None
    well: float | None = None
    troubles: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What speaks against it."""
        found = [] if self.kind.trouble in self.troubles else [f"it was called {self.troubles}"]
        found += [] if self.alarm is not None else [f"not everybody knew within {WITHIN_SECONDS} s"]
        return found + ([] if self.well is not None else [f"not well within {WELL_WITHIN_SECONDS} s"])


def noticed(kind: Kind, db: Database, settings: dict[str, str]) -> Noticed:
    """One installation from its start through its fault to its end."""
    house, seen = House(db, settings, fault=kind.fault, with_timers=kind.in_one_process), Noticed(kind)
    if kind.role and house.timers:
        as_role = db.url.set(username=kind.role).render_as_string(hide_password=False)
        house.timers.settings = {**house.timers.settings, "MASH_DATABASE_URL": as_role}
    with running(*house.programs):
        if wait_until(lambda: house.get("/readyz")[0] == 200, PATIENCE_SECONDS, every=0.5) is None:
            raise RuntimeError(f"{kind.name}: it does not start: {house.get('/readyz')}")
        house.sign_in()
        if any(house.alarms):
            raise RuntimeError(f"{kind.name}: an alarm before there is anything: {house.alarms}")
        end = kind.bring_about(house)
        seen.alarm = wait_until(lambda: all(house.alarms), WITHIN_SECONDS, every=0.5)
        seen.troubles = house.troubles
        end()
        seen.well = wait_until(lambda: not any(house.alarms), WELL_WITHIN_SECONDS, every=0.5)
    return seen


@contextmanager
def demonstrations(kinds: tuple[Kind, ...]) -> Iterator[dict[Kind, Database]]:
    """A database for each: SQLite for what runs in one process, else PostgreSQL."""
    with ExitStack() as made:
        files = SqliteFiles(Path(made.enter_context(TemporaryDirectory())))
        server: PostgresDatabases | None = None
        if not all(kind.in_one_process for kind in kinds):
            server = PostgresDatabases(made.enter_context(own_server()).url)
            made.callback(server.close)
            with server.server.connect() as connection:
                connection.exec_driver_sql("CREATE ROLE the_timers LOGIN SUPERUSER")
        yield {
            kind: made.enter_context((files if kind.in_one_process or server is None else server).copy("demo"))
            for kind in kinds
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, choices=range(len(KINDS)), help="only the kind of this number")
    chosen = parser.parse_args()
    kinds = KINDS if chosen.only is None else KINDS[chosen.only : chosen.only + 1]
    with demonstrations(kinds) as databases, ThreadPoolExecutor(len(kinds)) as at_once:
        found = list(at_once.map(lambda kind: noticed(kind, databases[kind], {"MASH_SWEEP_SECONDS": "15"}), kinds))
    for seen in found:
        alarm, well = (f"{s:.0f} s" if s is not None else "never" for s in (seen.alarm, seen.well))
        say(f"{seen.kind.name:26} known after {alarm}, well again after {well}; {', '.join(seen.troubles)}")
        for what in seen.wrong:
            say(f"  {what}")
    wrong = sum(len(seen.wrong) for seen in found)
    say(f"{sum(not seen.wrong for seen in found)} of {len(found)}; {wrong} violations")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
