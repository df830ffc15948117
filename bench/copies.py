"""The same contact again and again: how a large record is soon made. One `INSERT … SELECT` for each table."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from mash.db import metadata


def copy(tx: Connection, contact_id: str, times: int, tables: Iterable[str]) -> None:
    """The contact again so many times, in these tables; each copy with an id and a reference of its own."""
    for table in tables:
        its = {"contacts": "id", "audit_entries": "stream"}.get(table, "contact_id")
        names = [column.name for column in metadata.tables[table].columns if column.name != "number"]
        new = {its, "id", "reference"}
        values = ", ".join(f"{name} || '-' || n" if name in new else f'"{name}"' for name in names)
        into = ", ".join(f'"{name}"' for name in names)
        numbers = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :times)"
        rows = f"{numbers} SELECT {values} FROM {table}, n WHERE {its} = :id"
        tx.execute(text(f"INSERT INTO {table} ({into}) {rows}"), {"id": contact_id, "times": times})
