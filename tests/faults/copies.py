"""Many contacts in no time: one that was really received, copied with ids and a chain of its own. Knows no workflow.

A copy differs from its original in ids, reference and hashes alone, so the fold, `mash doctor` and `mash audit verify`
find in it what they find in the original.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from mash.audit import GENESIS, entry_hash
from mash.db import Database, metadata
from mash.models.base import new_id

AT_ONCE = 500
_STREAM = metadata.tables["audit_entries"]
_CONTACTS = metadata.tables["contacts"]
_LINKS = metadata.tables["person_links"]


@dataclass(frozen=True)
class Original:
    """All rows of one contact, table by table in an order in which they can be added; and the ids that are its own."""

    rows: tuple[tuple[Table, tuple[dict[str, Any], ...]], ...]
    ids: frozenset[str]

    def copies(self, number: int) -> Iterator[dict[Table, list[dict[str, Any]]]]:
        """So many copies, some hundreds at a time."""
        for first in range(0, number, AT_ONCE):
            batch: dict[Table, list[dict[str, Any]]] = {table: [] for table, _ in self.rows}
            for _ in range(min(AT_ONCE, number - first)):
                self._copy(batch)
            yield batch

    def _copy(self, batch: dict[Table, list[dict[str, Any]]]) -> None:
        fresh = {old: new_id() for old in self.ids}
        head = GENESIS
        for table, rows in self.rows:
            for row in rows:
                new = {
                    name: fresh.get(value, value) if isinstance(value, str) else value for name, value in row.items()
                }
                if table is _STREAM:
                    for old, own in fresh.items():
                        new["facts"] = new["facts"].replace(old, own)
                    new["previous_hash"] = head
                    new["hash"] = head = entry_hash(new)
                batch[table].append(new)
        last = batch[_CONTACTS][-1]
        last |= {"reference": f"NB-{last['id'][:9]}", "chain_hash": head}


def original(db: Database, contact_id: str) -> Original:
    """A contact as it stands now."""
    with db.reading() as look:
        found = {table: _rows(look, table, contact_id) for table in metadata.sorted_tables}
        children = {row["id"] for row in found[metadata.tables["contact_children"]]}
        found[_LINKS] = _selected(look, _LINKS, _LINKS.c.reported_id.in_(children))
    links = {row["id"] for row in found[_LINKS]}
    # The contact's chain is written anew before the head goes into its row: hence the stream first of all.
    order = sorted(found, key=lambda table: table is not _STREAM)
    return Original(tuple((t, found[t]) for t in order if found[t]), frozenset({contact_id, *children, *links}))


def _rows(look: Connection, table: Table, contact_id: str) -> tuple[dict[str, Any], ...]:
    column = {_CONTACTS: "id", _STREAM: "stream"}.get(table, "contact_id")
    return _selected(look, table, table.c[column] == contact_id) if column in table.c else ()


def _selected(look: Connection, table: Table, which: Any) -> tuple[dict[str, Any], ...]:
    numbered = {column.name for column in table.columns if column.identity is not None}
    rows = (row._asdict() for row in look.execute(select(table).where(which)))
    return tuple({name: value for name, value in row.items() if name not in numbered} for row in rows)


def multiply(db: Database, contact_ids: list[str], each: int) -> None:
    """So many copies of each of these contacts."""
    for contact_id in contact_ids:
        for batch in original(db, contact_id).copies(each):
            with db.transaction() as tx:
                for table, rows in batch.items():
                    _add(tx, table, rows)


def _add(tx: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """On PostgreSQL by COPY, which takes a tenth of the time."""
    if tx.dialect.name == "sqlite":
        tx.execute(insert(table), rows)
        return
    names = list(rows[0])
    connection: Any = tx.connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([json.dumps(v) if isinstance(v, dict | list) else v for v in row.values()])
