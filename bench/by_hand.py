"""The limit: the rows of a lifecycle by SQL that is written by hand and prepared, one read and one write a step.

On PostgreSQL all writes of a step are one statement. SQLite has no such statement: there it is one for each table.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from bench.written import Step, Write

_LOOK = "SELECT * FROM contacts WHERE borough = {0} AND id = {0}"


class OnSqlite:
    """Raw `sqlite3`, as durable as the engine's."""

    def __init__(self, url: URL, steps: Sequence[Step]) -> None:
        self.connection = sqlite3.connect(str(url.database), isolation_level=None, cached_statements=512)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            self.connection.execute(f"PRAGMA {pragma}")

    def live(self, steps: Sequence[Step]) -> None:
        """Each step a transaction."""
        look = _LOOK.format("?")
        for step in steps:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute(look, ("northbridge", _contact(steps))).fetchone()
            for write in step:
                for given in write.given:
                    self.connection.execute(write.text, given).fetchall()
            self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


class OnPostgres:
    """Raw psycopg, every statement prepared."""

    def __init__(self, url: URL, steps: Sequence[Step]) -> None:
        self.connection = psycopg.connect(
            host=url.host, port=url.port, user=url.username, dbname=url.database, autocommit=False
        )
        self.texts = [_whole(step) for step in steps]

    def live(self, steps: Sequence[Step]) -> None:
        """Each step a transaction."""
        look = _LOOK.format("%s") + " FOR UPDATE"
        with self.connection.cursor() as cursor:
            for step, text in zip(steps, self.texts, strict=True):
                cursor.execute(look, ("northbridge", _contact(steps)), prepare=True)
                cursor.fetchone()
                cursor.execute(text, _numbered(step), prepare=True)
                self.connection.commit()

    def close(self) -> None:
        self.connection.close()


def _contact(steps: Sequence[Step]) -> str:
    return str(next(write.rows[0]["id"] for write in steps[0] if write.table == "contacts"))


def _whole(step: Step) -> Any:
    """One statement that does all of them."""
    parts = []
    for number, (write, given) in enumerate(_each(step)):
        text = write.text
        for name in sorted(given, key=len, reverse=True):
            text = text.replace(f"%({name})s", f"%(n{number}_{name})s")
        parts.append(f"w{number} AS ({text})")
    return "WITH " + ", ".join(parts) + " SELECT 1"


def _numbered(step: Step) -> dict[str, Any]:
    numbered = enumerate(given for _, given in _each(step))
    return {f"n{number}_{name}": value for number, given in numbered for name, value in given.items()}


def _each(step: Step) -> list[tuple[Write, dict[str, Any]]]:
    return [(write, given) for write in step for given in write.given]
