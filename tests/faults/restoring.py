"""Databases that can be put back as they were, quickly and as often as one likes. Knows no table."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import text

from mash.db import Database

PATIENCE_SECONDS = 60


def wait_for_the_dead(db: Database) -> None:
    """Until nothing that a killed client began can still become so.

    A PostgreSQL server ends what a dead client had sent, perhaps a commit, and only then finds that it is gone.
    """
    patience = time.monotonic() + PATIENCE_SECONDS
    while not db.is_sqlite and _others(db):
        if time.monotonic() > patience:
            raise RuntimeError("The server does not let go of a client that was killed.")
        time.sleep(0.0005)


def _others(db: Database) -> int:
    """Sessions in this database beside our own."""
    with db.engine.connect() as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return int(connection.exec_driver_sql(others).scalar_one())


class Restorable(Protocol):
    """One database under one address."""

    db: Database

    def keep(self) -> object:
        """What is there now, to be restored later. Nobody else may be writing."""

    def restore(self, kept: object) -> None:
        """Exactly what was kept, and no connection open."""

    def whole(self) -> list[str]:
        """What the database itself says is broken."""


class SqliteFile:
    """A file with its log: both are kept, so that what is restored looks as if somebody had it open."""

    def __init__(self, db: Database) -> None:
        assert db.url.database
        self.db, self.file = db, Path(db.url.database)

    def _parts(self) -> list[Path]:
        return [self.file, self.file.with_name(f"{self.file.name}-wal"), self.file.with_name(f"{self.file.name}-shm")]

    def keep(self) -> object:
        """The bytes of the file and of its log."""
        file, log, _ = self._parts()
        return file.read_bytes(), log.read_bytes() if log.exists() else b""

    def restore(self, kept: object) -> None:
        """The index of the log is not put back: who opens the file makes it anew, as after a crash of the machine."""
        self.db.close()
        assert isinstance(kept, tuple)
        for part in self._parts():
            part.unlink(missing_ok=True)
        for part, content in zip(self._parts(), kept, strict=False):
            if content:
                part.write_bytes(content)

    def whole(self) -> list[str]:
        """SQLite's own look at every page and index, and at every reference."""
        with self.db.reading() as look:
            said = list(look.exec_driver_sql("PRAGMA integrity_check").scalars())
            strays = look.exec_driver_sql("PRAGMA foreign_key_check").all()
        return [line for line in said if line != "ok"] + [f"points nowhere: {stray}" for stray in strays]


_KEEP = """
DO $$
DECLARE name name;
BEGIN
    EXECUTE 'CREATE SCHEMA {schema}';
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE {schema}.%I AS TABLE public.%I', name, name);
    END LOOP;
END $$
"""
_RESTORE = """
DO $$
DECLARE name name; guarded boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        guarded := EXISTS (SELECT FROM pg_trigger WHERE tgrelid = format('public.%I', name)::regclass
            AND tgenabled = 'A');
        CONTINUE WHEN NOT {schema}.differs(name);
        IF guarded THEN
            EXECUTE format('ALTER TABLE public.%I DISABLE TRIGGER USER', name);
        END IF;
        EXECUTE format('DELETE FROM public.%I', name);
        EXECUTE format('INSERT INTO public.%I SELECT * FROM {schema}.%I', name, name);
        IF guarded THEN
            EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER %I', name, name || '_kept');
        END IF;
    END LOOP;
END $$
"""
_DIFFERS = """
CREATE FUNCTION {schema}.differs(name name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
    EXECUTE format('SELECT (SELECT array_agg(t::text ORDER BY t::text) FROM public.%I t)
        IS DISTINCT FROM (SELECT array_agg(t::text ORDER BY t::text) FROM {schema}.%I t)', name, name) INTO found;
    RETURN found;
END $$
"""


class PostgresDatabase:
    """Every table is copied into a schema of its own, and back. As a superuser: the guards are lifted meanwhile."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._schemas: list[str] = []

    def keep(self) -> object:
        """The name of the schema with the copies."""
        schema = f"kept_{len(self._schemas)}"
        with self.db.transaction() as tx:
            tx.execute(text(_KEEP.format(schema=schema)))
            tx.execute(text(_DIFFERS.format(schema=schema)))
        self._schemas.append(schema)
        return schema

    def restore(self, kept: object) -> None:
        """Only tables that differ are written."""
        wait_for_the_dead(self.db)
        with self.db.transaction() as tx:
            tx.execute(text(_RESTORE.format(schema=kept)))
        self.db.close()

    def whole(self) -> list[str]:
        """A server has nothing to say of it."""
        return []

    def forget(self) -> None:
        """Remove all copies."""
        with self.db.transaction() as tx:
            for schema in self._schemas:
                tx.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


@contextmanager
def restorable(db: Database) -> Iterator[Restorable]:
    """The database, which may be put back as often as one likes until the end of the block."""
    if db.is_sqlite:
        yield SqliteFile(db)
        return
    place = PostgresDatabase(db)
    try:
        yield place
    finally:
        place.forget()
