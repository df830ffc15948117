"""The scheduler only rings: at once, again at every interval, and after a ring that failed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from mash import clock
from mash.db import Database
from mash.workflow.scheduler import Bell, ringing
from tests.support.databases import SqliteFiles


@pytest.fixture
def db(sqlite_files: SqliteFiles) -> Iterator[Database]:
    with sqlite_files.copy("live") as db:
        yield db


def test_it_rings_at_once_and_again_though_the_first_ring_failed(db: Database) -> None:
    rings, twice = [], Event()

    def ring() -> None:
        rings.append(1)
        if len(rings) == 1:
            raise RuntimeError("the database went away")
        twice.set()

    scheduler = ringing(db, [Bell("sweep", ring, 1)], in_background=True)
    scheduler.start()
    try:
        assert twice.wait(20)
    finally:
        scheduler.shutdown()


def test_a_stall_is_caught_up_once_and_never_twice_at_a_time(db: Database) -> None:
    (job,) = ringing(db, [Bell("sweep", lambda: None, 15)], in_background=True).get_jobs()
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)


def test_a_clock_that_is_put_back_silences_no_bell(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rung = Event()
    with clock.at(clock.now() + timedelta(minutes=10)):
        scheduler = ringing(db, [Bell("sweep", rung.set, 15)], in_background=True)
    scheduler.start()
    try:
        monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) - timedelta(minutes=10))
        scheduler.wakeup()
        assert rung.wait(20)
    finally:
        scheduler.shutdown()
