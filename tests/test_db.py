"""The database keeps what it confirmed, or is refused at the start; instants are aware and in UTC."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, StatementError

from mash import clock
from mash.db import Database, seconds_ahead
from mash.errors import Unsafe, Unsure
from mash.models.time import Heartbeat
from tests.support.databases import PostgresDatabases

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_settings_that_could_lose_confirmed_work_are_refused(database: Database) -> None:
    if database.is_sqlite:
        database.check_safe()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        with pytest.raises(Unsafe, match="synchronous is not safe"):
            database.check_safe()
    else:  # the server of the tests runs without fsync, to be quick
        with pytest.raises(Unsafe, match="fsync is not safe"):
            database.check_safe()


def test_an_instant_comes_back_in_utc_and_one_without_a_zone_never_gets_in(database: Database) -> None:
    summer = NOON.astimezone(timezone(timedelta(hours=1)))
    with database.transaction() as tx:
        tx.execute(insert(Heartbeat).values(name="a", at=summer))
    with database.reading() as look:
        assert look.execute(select(Heartbeat.at)).scalar_one() == NOON
    with pytest.raises(StatementError, match="without a zone"), database.transaction() as tx:
        tx.execute(insert(Heartbeat).values(name="b", at=NOON.replace(tzinfo=None)))


def test_what_raises_half_way_is_rolled_back_and_reading_keeps_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:
        tx.execute(insert(Heartbeat).values(name="a", at=NOON))
        raise RuntimeError
    with suppress(DBAPIError), database.reading() as look:
        look.execute(insert(Heartbeat).values(name="b", at=NOON))
    with database.reading() as look:
        assert look.execute(select(Heartbeat.name)).all() == []


def test_how_wrong_the_clock_of_this_machine_is_is_known(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.reading() as look:
        assert abs(seconds_ahead(look)) < 2
        monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) - timedelta(minutes=10))
        assert -610 < seconds_ahead(look) < -590


def test_who_loses_the_server_at_the_moment_of_storing_is_told_that_nobody_knows(
    postgres_databases: PostgresDatabases,
) -> None:
    with postgres_databases.copy("live") as db:
        with pytest.raises(Unsure, match="not known whether"), db.transaction() as tx:
            own = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with db.reading() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({own}, 5000)")
        with db.transaction() as tx:
            tx.execute(insert(Heartbeat).values(name="a", at=NOON))


def test_nobody_waits_for_ever_for_what_another_holds(postgres_databases: PostgresDatabases) -> None:
    with postgres_databases.copy("live") as db, db.reading() as look:
        waits = look.exec_driver_sql("SHOW lock_timeout").scalar_one()
        holds = look.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
    assert (waits, holds) == ("30s", "5min")
