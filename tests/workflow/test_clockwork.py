"""What stops is noticed in time, by whoever looks: each kind of trouble, and the ping that stops with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mash import clock
from mash.db import Database
from mash.errors import Unsafe
from mash.metrics import metrics
from mash.ping import ping
from mash.settings import Settings
from mash.workflow.clockwork import Clockwork, clockwork
from mash.workflow.heartbeats import SWEEP, beat, expect
from tests.support.hub import Hub

STALE = 90


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def seen(hub: Hub) -> Clockwork:
    with clock.at(hub.at), hub.db.reading() as look:
        return clockwork(look, STALE)


def rung(hub: Hub, name: str, every_seconds: int = 15) -> None:
    with clock.at(hub.at):
        beat(hub.db, name, every_seconds, 0.2)


def test_a_sweep_that_never_finished_or_not_lately_is_missed(hub: Hub) -> None:
    assert seen(hub).troubles == (SWEEP,)
    hub.sweep()
    hub.later(seconds=STALE)
    assert (seen(hub).troubles, seen(hub).seconds_since_sweep) == ((), STALE)
    hub.later(seconds=1)
    assert seen(hub).troubles == (SWEEP,)


def test_any_other_bell_is_missed_by_its_name_after_twice_its_time(hub: Hub) -> None:
    rung(hub, "anchor", 900)
    rung(hub, "outbox")
    hub.later(seconds=STALE + 1)
    hub.sweep()
    assert seen(hub).troubles == ("outbox",)
    hub.later(seconds=1800 - STALE)
    hub.sweep()
    assert seen(hub).troubles == ("anchor", "outbox")


def test_a_bell_that_is_expected_and_never_finishes_is_missed_however_often_it_starts(hub: Hub) -> None:
    rung(hub, "former")
    for _ in range(STALE // 10 + 1):
        with clock.at(hub.at):
            expect(hub.db, {SWEEP: 15, "outbox": 15})
        assert seen(hub).troubles == ()
        hub.later(seconds=10)
    assert (seen(hub).troubles, seen(hub).seconds_since_sweep) == (("outbox", SWEEP), None)


def test_a_sweep_that_runs_and_raises_nothing_is_noticed_by_what_is_due(hub: Hub) -> None:
    hub.receive()
    hub.later(hours=2)
    hub.sweep()
    due = seen(hub)
    assert due.troubles == () and due.oldest_due_at is None
    hub.later(hours=3)
    rung(hub, SWEEP)
    assert seen(hub).troubles == ("late",) and seen(hub).late_seconds > STALE
    assert "mash_healthy 0\n" in metrics(hub.db, STALE)


def test_a_clock_that_is_wrong_is_told_of_here_and_by_the_machine_that_rings(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.sweep()
    monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) + timedelta(minutes=10))
    assert seen(hub).troubles == ("clock",)
    rung(hub, SWEEP)
    monkeypatch.undo()
    assert seen(hub).clock_ahead < 2 and seen(hub).troubles == ("clock",)
    hub.sweep()
    assert seen(hub).troubles == ()
    hub.at -= timedelta(minutes=10)
    assert seen(hub).troubles == ("clock",)


@contextmanager
def watcher() -> Iterator[tuple[str, list[str]]]:
    """An address somewhere outside, and what was called there."""
    called: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            called.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/ping/x", called
        finally:
            server.shutdown()
            thread.join()


def test_the_ping_stops_with_the_clockwork_and_when_the_watcher_is_gone_that_is_no_trouble(hub: Hub) -> None:
    with watcher() as (address, called):
        with clock.at(hub.at):
            assert not ping(hub.db, address, STALE) and called == []
        hub.sweep()
        with clock.at(hub.at):
            assert ping(hub.db, address, STALE) and called == ["/ping/x"]
    with clock.at(hub.at):
        assert not ping(hub.db, address, STALE)


@pytest.mark.parametrize(
    "address", ["http://watcher.example/x", "ftp://127.0.0.1/x", "https:///x", "file:///etc/passwd"]
)
def test_an_address_that_anybody_could_read_on_the_way_is_refused(address: str) -> None:
    with pytest.raises(Unsafe, match="MASH_PING_URL"):
        Settings(ping_url=address).address_to_ping()
