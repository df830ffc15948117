"""Databases for tests: one is migrated once for each purpose, then copied. Knows no table."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from mash import migrate
from mash.db import Database


class SqliteFiles:
    """Databases that are files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.masters: dict[migrate.Purpose, Path] = {}

    @contextmanager
    def copy(self, purpose: migrate.Purpose | None) -> Iterator[Database]:
        """A new database, migrated for this purpose or, with None, without any table."""
        file = self.folder / f"{secrets.token_hex(4)}.db"
        if purpose:
            shutil.copyfile(self._master(purpose), file)
        db = Database(f"sqlite:///{file}")
        try:
            yield db
        finally:
            db.close()
            file.unlink(missing_ok=True)

    def _master(self, purpose: migrate.Purpose) -> Path:
        if purpose not in self.masters:
            file = self.folder / f"{purpose}.master.db"
            _build(f"sqlite:///{file}", purpose)
            self.masters[purpose] = file
        return self.masters[purpose]


class PostgresDatabases:
    """Databases of one server, made as its superuser.

    To copy one takes a third of a second, so one that is only full is emptied and used again; one whose tables,
    guards or grants are no longer as they were is thrown away.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.server = create_engine(self.url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self.masters: dict[migrate.Purpose, URL] = {}
        self.shapes: dict[migrate.Purpose, str] = {}
        self.clean: dict[migrate.Purpose, list[URL]] = {"live": [], "demo": []}

    @contextmanager
    def copy(self, purpose: migrate.Purpose | None) -> Iterator[Database]:
        """A new database, migrated for this purpose or, with None, without any table."""
        url = self._take(purpose) if purpose else self._create("template0")
        db = Database(url)
        try:
            yield db
        finally:
            db.close()
            self._give_back(url, purpose)

    def close(self) -> None:
        """Remove what was made."""
        for url in [*self.masters.values(), *(url for urls in self.clean.values() for url in urls)]:
            self._drop(url)
        self.server.dispose()

    def _take(self, purpose: migrate.Purpose) -> URL:
        if purpose not in self.masters:
            self.masters[purpose] = url = self._create("template0")
            _build(url, purpose)
            self.shapes[purpose] = _emptied(url)
        return self.clean[purpose].pop() if self.clean[purpose] else self._create(self.masters[purpose].database)

    def _give_back(self, url: URL, purpose: migrate.Purpose | None) -> None:
        try:
            used_again = purpose is not None and _emptied(url) == self.shapes[purpose]
        except DBAPIError:
            used_again = False
        if purpose and used_again:
            self.clean[purpose].append(url)
        else:
            self._drop(url)

    def _create(self, template: str | None) -> URL:
        url = self.url.set(database=f"mash_test_{secrets.token_hex(6)}")
        with self.server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {url.database} TEMPLATE {template}")
        return url

    def _drop(self, url: URL) -> None:
        with self.server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {url.database} WITH (FORCE)")


_SHAPE = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
    SELECT concat_ws(' ', oid, relname, relowner, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull) FROM pg_attribute
        WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', version_num) FROM alembic_version
    UNION ALL SELECT concat_ws(' ', id, purpose) FROM installation
) AS lines (line)
"""
_EMPTY = """
DO $$
DECLARE name name;
BEGIN
    SET LOCAL lock_timeout = '2s';
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('alembic_version', 'installation') LOOP
        IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = name::regclass AND tgenabled = 'A') THEN
            EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name);
            EXECUTE format('DELETE FROM %I', name);
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_kept');
        ELSE
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
END $$
"""


def _emptied(url: URL) -> str:
    """Remove all rows but the one that says what the database is for; a fingerprint of everything that is not rows."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        shape = str(connection.execute(text(_SHAPE)).scalar_one())
        connection.execute(text(_EMPTY))
    return shape


def _build(url: str | URL, purpose: migrate.Purpose) -> None:
    db = Database(url)
    migrate.build(db, purpose=purpose)
    db.close()
