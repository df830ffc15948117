"""How much memory does a process need through a month of all London? `python -m bench.month [--days N]`.

Thirty-three boroughs and 2,000 contacts a working day, each with a life of its own: half are calls for advice, most
others live to their end within hours or days, the rest stay open. One process does every act and sweeps each five
minutes of simulated time; another is the real server, asked for a queue and a contact's page of one borough after the
other. Peaks are what the system says of either process (VmHWM: Linux). Time is simulated; the month ends today.
"""

import argparse
import heapq
import itertools
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bench.lifecycle import Ours
from bench.measuring import Figure
from bench.queueing import Server, served, signed_in
from bench.recorded import boroughs
from mash import clock
from mash.db import Database
from mash.rulebook import Rulebook
from mash.rules.loader import load_folder
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS
from mash.workflow.sweep import sweep
from mash.workflow.write import Office
from tests.support.databases import SqliteFiles

DAYS, A_DAY = 20, 2_000
MOST_MB = 300
_OPEN, _HOURS, _SWEEP_EVERY, _LOOK_EVERY = timedelta(hours=9), timedelta(hours=8), timedelta(minutes=5), 25
_PACES = (timedelta(minutes=4), timedelta(minutes=25), timedelta(hours=3))
"""How long a contact waits for its next act."""


def figures(days: int) -> Iterator[Figure]:
    """The peak of either process, in megabytes."""
    with tempfile.TemporaryDirectory() as folder, SqliteFiles(Path(folder)).copy("live") as db:
        rules, office = load_folder(boroughs(Path(folder))), Office(db)
        london = [Ours(db, own, office) for own in rules]
        with served("web.app:served", db) as server:
            acts, looks = _work(db, london, server, days)
            peaks = {"acts and sweeps": _peak("self"), "the server": _peak(str(server.process.pid))}
    of = f"{days} days, {days * A_DAY:,} contacts, {acts:,} acts, {looks:,} pages"
    for what, peak in peaks.items():
        yield Figure(f"peak of {what}: {of}", [peak] * 2, "MB", MOST_MB)


def _work(db: Database, london: list[Ours], server: Server, days: int) -> tuple[int, int]:
    """Every act of the month in its order; how many there were, and how many pages were shown meanwhile."""
    asking = [server.as_who_has(signed_in(db, borough.actors["screener"])) for borough in london]
    book, acts, looks = Rulebook(), 0, 0
    arrivals = _arrivals(days)
    begun: list[tuple[datetime, int, timedelta, Iterator[str]]] = []
    next_sweep = next_arrival = next(arrivals)
    for number in itertools.count():
        while begun and begun[0][0] <= next_arrival:
            at, own, pace, life = heapq.heappop(begun)
            if next(life, None):
                acts += 1
                heapq.heappush(begun, (at + pace, own, pace, life))
        while next_sweep <= next_arrival:
            with clock.at(next_sweep):
                sweep(db, book)
            next_sweep += _SWEEP_EVERY if _is_day(next_arrival - next_sweep) else timedelta(hours=1)
        which = number % len(london)
        life = _life(london[which], number, next_arrival)
        contact_id, pace = next(life), _PACES[number % len(_PACES)]
        acts += 1
        heapq.heappush(begun, (next_arrival + pace, number, pace, life))
        if number % _LOOK_EVERY == 0:
            asking[which].get("/queue")
            asking[which].get(f"/contacts/{contact_id}")
            looks += 2
        following = next(arrivals, None)
        if following is None:
            return acts, looks
        next_arrival = following
    raise AssertionError("A month ends.")


def _arrivals(days: int) -> Iterator[datetime]:
    """When contacts arrive, evenly through each working day of the last weeks."""
    day, found = clock.now().replace(hour=0, minute=0, second=0), list[datetime]()
    while len(found) < days:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            found.append(day + _OPEN)
    for begins in reversed(found):
        yield from (begins + n * _HOURS // A_DAY for n in range(A_DAY))


def _is_day(until_next: timedelta) -> bool:
    """Whether the next contact comes soon: at night sweeps are an hour apart, to save time."""
    return until_next < timedelta(hours=2)


def _life(ours: Ours, number: int, at: datetime) -> Iterator[str]:
    """Half are closed at once, one in ten stops somewhere on its way, the others live to their end."""
    if number // 33 % 2:
        yield from _advised(ours, number, at)
    else:
        stops_after = 1 + number // 33 % 16 if number // 66 % 5 == 0 else None
        yield from itertools.islice(ours.steps(number, at, _PACES[number % len(_PACES)]), stops_after)


def _advised(ours: Ours, number: int, at: datetime) -> Iterator[str]:
    contact_id = next(ours.steps(number, at, kind="advice"))
    yield contact_id
    with clock.at(at + _PACES[number % len(_PACES)]):
        details = DETAILS[Verb.CLOSE].model_validate({"reason": "Advice given."})
        ours.office.perform(ours.actors["screener"], Verb.CLOSE, contact_id, details)
    yield contact_id


def _peak(process: str) -> float:
    """The most memory that a process has held so far, in megabytes."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    """Print both figures; ends with status 1 where one is over its limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=DAYS, help=f"working days; a month has {DAYS}")
    found = list(figures(parser.parse_args().days))
    sys.stdout.writelines(f"{figure.line}\n" for figure in found)
    sys.exit(0 if all(figure.kept for figure in found) else 1)


if __name__ == "__main__":
    main()
