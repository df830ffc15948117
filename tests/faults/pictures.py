"""Everything that a database holds, as text that can be compared with another's. Generic over the tables.

Ids, salts and hashes that an act made anew are random: they are numbered in the order in which they are met, so that
what refers to what is compared all the same. All else is compared as it stands.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Table

from mash.db import Database, metadata

LONG = 5_000
"""Characters."""
Rows = tuple[tuple[str, str], ...]
"""Of every row: its table and its text."""

_TOKEN = re.compile(
    r"(?<![\w-])(?:[0-9a-f]{64}|[0-9a-f]{32}|[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}|(?=[a-z_-]*[0-9A-Z])[\w-]{22})(?![\w-])"
)
"""A hash, a salt, a reference, an id."""


def rows_of(db: Database) -> Rows:
    """Every row of every table, in an order that is not the database's."""
    with db.reading() as look:
        return tuple(
            (table.name, text)
            for table in metadata.sorted_tables
            for text in sorted(_texts(table, list(look.exec_driver_sql(f"SELECT * FROM {table.name}"))))
        )


def _texts(table: Table, rows: list[Row[Any]]) -> Iterator[str]:
    """Where the database numbers rows itself only their order counts: what was not written may leave a gap."""
    numbered = [column.name for column in table.columns if column.identity is not None]
    order = {name: sorted(getattr(row, name) for row in rows) for name in numbered}
    for row in rows:
        values = row._asdict() | {name: order[name].index(getattr(row, name)) for name in numbered}
        yield repr({name: _short(value) for name, value in values.items()})


def _short(value: Any) -> Any:
    """The text of a rule set by its hash: it is long, and nothing in it is random."""
    long = isinstance(value, str) and len(value) > LONG
    return f"text {hashlib.sha256(value.encode()).hexdigest()[:20]}" if long else value


def tokens(rows: Rows) -> frozenset[str]:
    """The ids, salts and hashes in it."""
    return frozenset(token for _, text in rows for token in _TOKEN.findall(text))


def picture(rows: Rows, known: frozenset[str]) -> tuple[str, ...]:
    """The rows in an order of their own, with a number for each random value that is not among those known."""
    names: dict[str, str] = {}

    def masked(row: tuple[str, str]) -> str:
        return _TOKEN.sub(lambda found: found[0] if found[0] in known else "?", row[1])

    def named(found: re.Match[str]) -> str:
        return found[0] if found[0] in known else names.setdefault(found[0], f"new {len(names)}")

    tables = [table.name for table in metadata.sorted_tables]
    in_order = sorted(rows, key=lambda row: (tables.index(row[0]), masked(row)))
    return tuple(f"{table}: {_TOKEN.sub(named, text)}" for table, text in in_order)


def differences(one: tuple[str, ...], other: tuple[str, ...]) -> list[str]:
    """The rows that only one of them has."""
    return [f"- {row}" for row in one if row not in other] + [f"+ {row}" for row in other if row not in one]
