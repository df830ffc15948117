"""Where do rows live, and when are they written? The only module that commits. Knows no table."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    StaticPool,
    TypeDecorator,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from mash import clock
from mash.errors import Unsafe, Unsure

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

PATIENCE_SECONDS = 30
REACHABLE = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How a lost network is noticed: else who waits for an answer waits for hours."""

GIVES_WAY: LiteralString = (
    "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '5min'; "
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)
"""Nobody waits for ever for a row that another holds, and who hangs or is gone does not hold it for ever."""


SERVER_TIME: ColumnElement[datetime] = func.clock_timestamp()
"""On PostgreSQL, in a select: what the server's clock says when that is worked out."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, in UTC on both databases. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a zone must not reach the database.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    # SQLite has no instants: text in the form that SQLAlchemy gives them, read and written in a third of the time.

    def bind_processor(self, dialect: Dialect) -> Any:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        def as_text(value: datetime | None) -> str | None:
            at = self.process_bind_param(value, dialect)
            return None if at is None else at.isoformat(" ", "microseconds")[: -len("+00:00")]

        return as_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda text: None if text is None else datetime.fromisoformat(f"{text}+00:00")


class Database:
    """One database: `transaction()` to write, `reading()` to read.

    SQLite writers begin IMMEDIATE, so that two never read the same state and both write; PostgreSQL writers lock the
    contact's row. A file of SQLite belongs to one machine.
    """

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine()

    def _engine(self) -> Engine:
        options: dict[str, Any] = {"hide_parameters": True}
        if self.is_sqlite:
            options["connect_args"] = {"check_same_thread": False, "timeout": PATIENCE_SECONDS}
            if self.url.database in (None, "", ":memory:"):
                options["poolclass"] = StaticPool
        else:
            options |= {"pool_pre_ping": True, "connect_args": REACHABLE}
        engine = create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "connect", _prepare_postgresql)
        return engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything inside is written, or nothing is. Raises Unsure where nobody can know which."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin() as work:
                yield connection
                try:
                    work.commit()
                except DBAPIError as error:
                    if not error.connection_invalidated:
                        raise
                    raise Unsure(
                        "The records went away at the moment of storing, so it is not known whether what you sent is "
                        "stored. Look before you send it again."
                    ) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent picture; nothing is written."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:  # else each statement would see what others wrote since the one before
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin() as look:
                yield connection
                look.rollback()

    def check_safe(self) -> None:
        """Raises Unsafe where the database could lose what it confirmed."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                wanted = {"foreign_keys": 1, "recursive_triggers": 1, "synchronous": 2}
                values = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            else:
                wanted_on = ("fsync", "full_page_writes", "synchronous_commit")
                wanted = dict.fromkeys(wanted_on, 1)
                values = {n: int(connection.exec_driver_sql(f"SHOW {n}").scalar() != "off") for n in wanted_on}
        for name, value in wanted.items():
            if values[name] != value:
                raise Unsafe(
                    f"The database setting {name} is not safe: confirmed work could be lost. Restore its default."
                )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def attempt(tx: Connection) -> Iterator[None]:
    """A part of a transaction that may fail alone: what raises is undone and raised; what was done before stays."""
    with tx.begin_nested():
        yield


def right_time(connection: Connection, said: datetime | None = None) -> datetime:
    """The present instant (UTC, whole seconds) by the one clock that all programs share: that of the database server.

    `said` is what that clock said just now, where a statement asked for something else and for it. A SQLite file has no
    clock, and belongs to one machine: then it is that machine's. A simulated time goes first.
    """
    if clock.is_simulated() or connection.dialect.name == "sqlite":
        return clock.now()
    return (said or _server_time(connection)).astimezone(UTC).replace(microsecond=0)


def seconds_ahead(connection: Connection) -> float:
    """By how many seconds this machine's clock is ahead of the right time.

    Of SQLite, which has no other clock to compare with: by how many it was moved since the program started.
    """
    if connection.dialect.name == "sqlite":
        return clock.jumped()
    return (clock.machine() - _server_time(connection)).total_seconds()


def _server_time(connection: Connection) -> datetime:
    there: datetime = connection.execute(select(SERVER_TIME)).scalar_one()
    return there.astimezone(UTC)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver's own habit would begin too late
    try:
        _write_ahead(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        raise Unsafe(f"SQLite cannot use this database: {error}.") from error


def _prepare_postgresql(connection: psycopg.Connection[Any], _record: Any) -> None:
    connection.autocommit = True
    connection.execute(GIVES_WAY)
    connection.autocommit = False


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Of several programs that open a new file at once, SQLite lets one switch and refuses the others at once."""
    for _ in range(PATIENCE_SECONDS * 50):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.02)
    raise Unsafe("Another program has held the database file for too long.")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
