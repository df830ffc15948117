"""Timers killed at work, servers killed under senders, a day without timers, a thread that died: none of it is lost.

A small size of what `make faults` does. The programs are the real ones, and so is the server: what the tests share has
`fsync` off, and the programs refuse it.
"""

from collections.abc import Iterator

import pytest

from tests.faults.dead_man import KINDS, demonstrations, noticed
from tests.faults.many_due import Size, many_due
from tests.faults.outage import day_without_timers
from tests.faults.own_server import OwnServer, own_server
from tests.faults.server_kills import sent_while_killed
from tests.support.databases import PostgresDatabases, SqliteFiles

SEED = 1


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as server:
        yield server


def test_what_is_due_is_raised_once_though_its_timers_are_killed(server: OwnServer) -> None:
    databases = PostgresDatabases(server.url)
    with databases.copy("live") as db:
        size = Size(due=800, kills=2, stopped_seconds=1, more=0, before=20, during=1, clocks=(None, None))
        came = many_due(db, size, SEED)
    databases.close()
    assert (came.wrong, came.kills) == ([], 2)


def test_every_receipt_is_stored_once_though_the_server_is_killed(server: OwnServer) -> None:
    databases = PostgresDatabases(server.url)
    with databases.copy("live") as db:
        sent = sent_while_killed(server, db, seconds=3, kills=2, seed=SEED)
    databases.close()
    assert (sent.wrong, sent.kills) == ([], 2)
    assert sent.receipts and sent.unheard


def test_a_day_without_timers_is_caught_up(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.copy("live") as db, sqlite_files.copy("live") as other:
        caught = day_without_timers(db, other, contacts=20, seed=SEED)
    assert caught.wrong == [] and caught.alerts > 10


def test_a_thread_that_died_is_known_to_everybody() -> None:
    quick = {"MASH_SWEEP_SECONDS": "1", "MASH_SWEEP_STALE_SECONDS": "10"}
    with demonstrations(KINDS[:1]) as databases:
        assert noticed(KINDS[0], databases[KINDS[0]], quick).wrong == []
