"""How near the speed of its database is the engine? The reference lifecycle, beside the same rows written otherwise.

By the clock on the wall, for the database works too: in turn, a lifecycle each, many times; the median of the ratios.
Both databases really write to the disk before they confirm. All three have the collector of a process that serves.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.by_hand import OnPostgres, OnSqlite
from bench.lifecycle import Ours, statements
from bench.measuring import Figure
from bench.plain import Plain
from bench.written import names_of, of_another, taken_down
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteFiles
from web.app import collect_seldom

ROUNDS = 60
WARM = 8
MOST_STATEMENTS = 90


def figures() -> Iterator[Figure]:
    """The ratios and the count, on SQLite and on PostgreSQL."""
    with databases() as sources:
        collect_seldom()
        for name, source in sources:
            yield from _figures(name, source)


@contextmanager
def databases() -> Iterator[list[tuple[str, Any]]]:
    """Both kinds, each as durable as a deployment."""
    programs = postgres.find()
    assert programs is not None, "No PostgreSQL: `make install-tests` and `make test` bring it."
    with (
        tempfile.TemporaryDirectory() as files,
        tempfile.TemporaryDirectory(dir="/tmp") as folder,
        postgres.running(programs, Path(folder), postgres.SETTINGS | {"fsync": "on"}) as port,
    ):
        servers = PostgresDatabases(f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres")
        yield [("SQLite", SqliteFiles(Path(files))), ("PostgreSQL", servers)]
        servers.close()


def _figures(name: str, source: Any) -> Iterator[Figure]:
    with source.copy("live") as db, source.copy("live") as plain_db, source.copy("live") as raw_db:
        ours = Ours(db)
        steps = taken_down(ours, db)
        names = names_of(steps)
        for other in (plain_db, raw_db):
            Ours(other).live(0)
        plain = Plain(plain_db.engine)
        by_hand = (OnSqlite if db.is_sqlite else OnPostgres)(raw_db.url, steps)
        with statements(db) as asked:
            ours.live(3)
        each: list[tuple[float, float, float]] = []
        for number in range(10, 10 + WARM + ROUNDS):
            own = of_another(steps, names, number)
            ways: list[Callable[[], object]] = [
                lambda number=number: ours.live(number),
                lambda own=own: plain.live(own),
                lambda own=own: by_hand.live(own),
            ]
            turn = number % 3
            times = {(n + turn) % 3: _seconds(ways[(n + turn) % 3]) for n in range(3)}
            each.append((times[0], times[1], times[2]))
        by_hand.close()
        told = each[WARM:]
        yield Figure(
            f"{name}: lifecycle, the plain write-up's time ÷ ours",
            [plain / own for own, plain, _ in told],
            "×",
            1.2,
            at_least=True,
            each=[(p, o) for o, p, _ in told],
        )
        yield Figure(
            f"{name}: lifecycle, the time by hand ÷ ours",
            [raw / own for own, _, raw in told],
            "×",
            0.25,
            at_least=True,
            each=[(r, o) for o, _, r in told],
        )
        yield Figure(f"{name}: SQL statements a lifecycle", [float(len(asked))] * 2, "", MOST_STATEMENTS)


def _seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun
