"""What becomes of the work when everything stands still for a day, the disk is full or the database is down?

`make faults`. After 24 hours without timers one is started: it raises what timers that were always there would have
raised, the oldest first, each once. On a full disk, and with the PostgreSQL server killed, somebody sends the form for
a new contact: the page says that nothing was stored, nothing is, and within 15 seconds of the end of it the form that
is still in the page is taken, once.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from mash import audit_check, clock, doctor
from mash.db import Database
from mash.models.contact import Contact
from mash.models.time import Alert
from mash.rulebook import Rulebook
from mash.workflow.details import ReceiveContact
from mash.workflow.sweep import next_due, sweep
from tests.faults.dead_man import House
from tests.faults.deaths import POINTS, say
from tests.faults.own_server import OwnServer, durable, own_server
from tests.faults.programs import Program, running, wait_until
from tests.support.databases import PostgresDatabases, SqliteFiles
from tests.support.hub import Hub

DAY, WITHIN_SECONDS = timedelta(hours=24), 15
CONCERNS = (["unexplained_injury"], ["neglect"], [])
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Caught:
    """What the timers raised after a day, and what speaks against it."""

    alerts: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


# -- a day without timers ---------------------------------------------------------------------------------------------


def day_without_timers(db: Database, other: Database, contacts: int, seed: int) -> Caught:
    """The same contacts in both databases; in the other one nothing was ever late."""
    now, caught = clock.now(), Caught()
    _receive(db, now, contacts, seed)
    _receive(other, now, contacts, seed)
    _punctually(other, now)
    began = time.monotonic()
    with running(Program(db, ("timers",))):
        wanted = _alerts(other)
        if wait_until(lambda: len(_alerts(db)) >= len(wanted)) is None:
            caught.wrong.append(f"{len(_alerts(db))} alerts instead of {len(wanted)}")
    caught.seconds, caught.alerts = time.monotonic() - began, len(_alerts(db))
    # What came due since is only in the one whose timers ran until just now.
    late = [alert for alert in _alerts(db) if alert[-1] < now]
    caught.wrong += ["they are not those of timers that never stopped"] * (late != wanted)
    caught.wrong += ["the oldest was not raised first"] * (not _oldest_first(db))
    caught.wrong += [finding.sentence for finding in [*doctor.examine(db, clock.now()), *audit_check.verify(db)]]
    return caught


def _receive(db: Database, now: datetime, contacts: int, seed: int) -> None:
    dice = Random(seed)
    hub = Hub(db, at=now - DAY)
    for n, before in enumerate(sorted((dice.uniform(0, 24) for _ in range(contacts)), reverse=True)):
        given = {"children": [{"label": "Child one"}], "concerns": dice.choice(CONCERNS)}
        with clock.at((now - timedelta(hours=before)).replace(microsecond=0)):
            hub.office.receive(hub.actors["officer"], ReceiveContact.model_validate(given), reference=f"NB-{n}")


def _punctually(db: Database, until: datetime) -> None:
    while (due := next_due(db)) is not None and due < until:
        with clock.at(due + clock.INSTANT):
            sweep(db, Rulebook())


def _alerts(db: Database) -> list[tuple[object, ...]]:
    named = select(Contact.reference, Alert.clock, Alert.agency, Alert.episode, Alert.kind, Alert.level, Alert.at)
    found = named.join(Contact, (Contact.borough == Alert.borough) & (Contact.id == Alert.contact_id))
    with db.reading() as look:
        return sorted(tuple(row) for row in look.execute(found))


def _oldest_first(db: Database) -> bool:
    """Contact by contact, by what was due first of each."""
    first = select(func.min(Alert.at).label("at"), func.min(Alert.raised_at).label("raised_at"))
    with db.reading() as look:
        raised = [row.raised_at for row in look.execute(first.group_by(Alert.contact_id).order_by("at"))]
    return raised == sorted(raised)


# -- nothing can be stored --------------------------------------------------------------------------------------------


@dataclass
class Refused:
    """How long after the end of it the form was taken, and what speaks against it."""

    seconds: float | None = None
    wrong: list[str] = field(default_factory=list)


def refused_then_taken(house: House, breaks: Callable[[], None], mends: Callable[[], None]) -> Refused:
    """Somebody sends a new contact while nothing can be stored, and again from the page that says so."""
    came, form = Refused(), house.get("/contacts/new")[1]
    typed = dict(_HIDDEN.findall(form)) | {"children-0-forename": "Tiana", "narrative": "Alone at home.\nAgain."}
    typed |= {"received_at-date": f"{clock.now():%d/%m/%Y}", "received_at-time": "00:01"}
    before = _contacts(house.db)
    breaks()
    status, page = house.get("/contacts/new", typed)
    came.wrong += [f"it was answered with {status}"] * (status != 503)
    came.wrong += ["the page does not say it"] * ("Nothing of what you sent has been stored" not in page)
    came.wrong += ["the page says less than it should to machines"] * (house.get("/readyz")[0] not in (200, 503))
    again = {name: unescape(value) for name, value in _HIDDEN.findall(page)}
    came.wrong += ["what was typed is gone"] * (again.get("narrative", "").split() != typed["narrative"].split())
    mends()
    came.wrong += ["something was stored"] * (_contacts(house.db) != before)
    came.seconds = wait_until(lambda: house.get("/contacts/new", again)[0] == 200, WITHIN_SECONDS)
    came.wrong += [f"it was not taken within {WITHIN_SECONDS} s"] * (came.seconds is None)
    house.get("/contacts/new", again)
    came.wrong += [f"{_contacts(house.db) - before} contacts were stored"] * (_contacts(house.db) != before + 1)
    well = wait_until(lambda: house.get("/readyz")[0] == 200, 2 * WITHIN_SECONDS)
    came.wrong += ["the clockwork did not recover"] * (well is None)
    return came


def _contacts(db: Database) -> int:
    with db.reading() as look:
        return int(look.execute(select(func.count()).select_from(Contact)).scalar_one())


@contextmanager
def opened(house: House) -> Iterator[House]:
    """Served, with an officer signed in."""
    with running(*house.programs):
        if wait_until(lambda: house.get("/readyz")[0] == 200) is None:
            raise RuntimeError(f"It does not start: {house.get('/readyz')}")
        house.sign_in("officer")
        yield house


def database_down(server: OwnServer) -> Refused:
    """The server is killed, and started again."""
    databases = PostgresDatabases(server.url)
    with databases.copy("demo") as db, opened(House(db, {})) as house:
        return refused_then_taken(house, server.kill, server.start)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk in memory. Only root may make one."""
    with TemporaryDirectory() as name:
        how = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", name]
        subprocess.run(how, check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


def disk_full(folder: Path) -> Refused:
    """A file takes all that is left of the disk, and is removed."""
    filler = folder / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass

    with SqliteFiles(folder).copy("demo") as db, opened(House(db, {}, with_timers=True)) as house:
        return refused_then_taken(house, fill, filler.unlink)


# -- the run ----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=clock.london_date(clock.now()).toordinal())
    chosen = parser.parse_args()
    wrong = 0
    for kind in POINTS:
        with durable(kind) as db, durable("sqlite") as other:
            caught = day_without_timers(db, other, chosen.contacts, chosen.seed)
        say(f"{kind}, seed {chosen.seed}: {caught.alerts} alerts of 24 hours raised in {caught.seconds:.0f} s")
        wrong += _told(caught.wrong)
    with own_server() as server:
        wrong += _said("database down", database_down(server))
    if os.geteuid() == 0:
        with small_disk(8) as folder:
            wrong += _said("disk full", disk_full(folder))
    else:
        say("disk full: not tried, for only root may make a small disk")
    sys.exit(1 if wrong else 0)


def _said(what: str, came: Refused) -> int:
    say(f"{what}: taken {came.seconds or 0:.1f} s after its end")
    return _told(came.wrong)


def _told(wrong: list[str]) -> int:
    say(f"  {len(wrong)} violations")
    for what in wrong[:50]:
        say(f"  {what}")
    return len(wrong)


if __name__ == "__main__":
    main()
