"""Somebody with the database's own tools and its owner's password, who goes round our program."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from mash.db import Database


class Intruder:
    """A connection of its own: on SQLite without foreign keys or recursive triggers, on PostgreSQL as superuser."""

    def __init__(self, db: Database) -> None:
        self.is_sqlite = db.is_sqlite
        self.connection = create_engine(db.url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()

    def run(self, sql: str, **values: Any) -> None:
        self.connection.execute(text(sql), values)

    def ask(self, sql: str, **values: Any) -> list[Any]:
        return [tuple(row) for row in self.connection.execute(text(sql), values)]

    def disarm(self) -> None:
        """Take every guard away, and what ties rows together."""
        if self.is_sqlite:
            for (name,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.run(f"DROP TRIGGER {name}")
        else:
            for (name,) in self.ask("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"):
                self.run(f"ALTER TABLE {name} DISABLE TRIGGER ALL")


@contextmanager
def intruder(db: Database) -> Iterator[Intruder]:
    somebody = Intruder(db)
    try:
        yield somebody
    finally:
        somebody.connection.close()
