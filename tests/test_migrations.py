"""Migrations make what the tables in the code say, once, whole, on both databases."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mash import migrate
from mash.db import Database
from mash.errors import Unsafe
from mash.settings import ROOT, Settings
from tests.conftest import MakeDatabase
from tests.support.databases import PostgresDatabases
from tests.support.intruder import Intruder, intruder


@pytest.fixture
def new(make_database: MakeDatabase) -> Database:
    """A database without any table."""
    return make_database(None)


@pytest.fixture
def somebody(database: Database) -> Iterator[Intruder]:
    with intruder(database) as found:
        yield found


def settings(db: Database, **more: str) -> Settings:
    return Settings(database_url=db.url.render_as_string(hide_password=False), **more)


def purpose(db: Database) -> list[tuple[int, str]]:
    with db.reading() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT id, purpose FROM installation"))]


def test_the_migrations_make_what_the_tables_say(new: Database) -> None:
    migrate.migrate(settings(new))
    with new.reading() as connection:
        assert migrate.differences(connection) == []


def test_the_check_that_needs_no_database_finds_no_drift() -> None:
    assert migrate.drift() == []


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("DROP TABLE heartbeats", "heartbeats: add table heartbeats."),
        ("DROP INDEX ix_alerts_borough_at", "alerts: add index ix_alerts_borough_at."),
        ("ALTER TABLE users ADD COLUMN shoe_size INTEGER", "users: remove column shoe_size."),
        ("ALTER TABLE users DROP COLUMN desk", "users: add column desk."),
        ("CREATE TABLE spare (id INTEGER PRIMARY KEY)", "spare: remove table spare."),
    ],
)
def test_every_difference_is_said_in_a_sentence(
    database: Database, somebody: Intruder, sql: str, sentence: str
) -> None:
    somebody.run(sql)
    with database.reading() as connection:
        assert migrate.differences(connection) == [sentence]


def test_a_column_of_another_kind_is_a_difference(database: Database, somebody: Intruder) -> None:
    if somebody.is_sqlite:
        somebody.run("ALTER TABLE heartbeats RENAME COLUMN at TO was")
        somebody.run("ALTER TABLE heartbeats ADD COLUMN at INTEGER NOT NULL DEFAULT 0")
        somebody.run("ALTER TABLE heartbeats DROP COLUMN was")
    else:
        somebody.run("ALTER TABLE heartbeats ALTER COLUMN at TYPE date")
    with database.reading() as connection:
        (sentence,) = migrate.differences(connection)
    assert sentence.startswith("heartbeats.at: the migrations and the tables differ (modify type: ")


def test_migrating_twice_is_harmless(new: Database) -> None:
    first = migrate.migrate(settings(new))
    with new.transaction() as tx:
        tx.execute(text("INSERT INTO heartbeats (name, at) VALUES ('sweep', '2026-11-09 09:04:00')"))
    assert migrate.migrate(settings(new)) == first
    with new.reading() as connection:
        assert connection.execute(text("SELECT name FROM heartbeats")).scalars().all() == ["sweep"]
    assert purpose(new) == [(1, "live")]


def test_two_programs_may_migrate_at_once(new: Database) -> None:
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(migrate.migrate, settings(new)) for _ in range(2)]:
            done.result()
    migrate.fit_to_run(new)


@pytest.mark.parametrize(("is_for", "other"), [("live", "demo"), ("demo", "live")])
def test_a_database_never_changes_what_it_is_for(
    make_database: MakeDatabase, is_for: migrate.Purpose, other: migrate.Purpose
) -> None:
    db = make_database(is_for)
    with pytest.raises(Unsafe, match="never become a demonstration" if is_for == "live" else "never go live"):
        migrate.migrate(settings(db), purpose=other)
    migrate.migrate(settings(db), purpose=None)
    assert purpose(db) == [(1, is_for)]


def test_a_database_is_live_unless_it_is_made_for_demonstration(new: Database) -> None:
    migrate.migrate(settings(new), purpose=None)
    assert purpose(new) == [(1, "live")]


def test_a_database_without_tables_is_not_fit_to_run(new: Database) -> None:
    with pytest.raises(Unsafe, match=r"The database is empty, this program needs \d{4}. Run `mash migrate`."):
        migrate.fit_to_run(new)


def test_a_migrated_database_is_fit_to_run(database: Database) -> None:
    migrate.fit_to_run(database)


def test_a_database_in_memory_can_be_built_too() -> None:
    db = Database("sqlite://")
    migrate.build(db, purpose="demo")
    migrate.check_in_step(db)
    assert purpose(db) == [(1, "demo")]
    db.close()


def test_a_database_that_is_newer_than_the_program_is_left_alone(database: Database, somebody: Intruder) -> None:
    somebody.run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unsafe, match="revision 9999, which this program does not know"):
        migrate.check_in_step(database)
    with pytest.raises(Unsafe, match="revision 9999, which this program does not know"):
        migrate.migrate(settings(database))


def test_a_database_with_a_broken_guard_is_not_fit_to_run(database: Database, somebody: Intruder) -> None:
    name = "audit_entries_no_delete" if somebody.is_sqlite else "audit_entries_kept"
    somebody.run(f"DROP TRIGGER {name}" if somebody.is_sqlite else f"DROP TRIGGER {name} ON audit_entries")
    with pytest.raises(Unsafe, match=f"The guard {name} of the table audit_entries is missing."):
        migrate.fit_to_run(database)
    with pytest.raises(Unsafe, match=f"The guard {name} of the table audit_entries is missing."):
        migrate.migrate(settings(database))


def test_a_migration_that_fails_leaves_nothing_behind(new: Database) -> None:
    with new.transaction() as tx:
        tx.execute(text("CREATE TABLE alerts (mine TEXT)"))  # in the way of the last of ours
    with pytest.raises(Exception, match="already exists"):
        migrate.migrate(settings(new))
    with new.reading() as connection:
        assert new.engine.dialect.get_table_names(connection) == ["alerts"]


def test_an_operator_hears_when_the_application_owns_the_tables(new: Database) -> None:
    notices = migrate.migrate(settings(new))
    # A file of SQLite has no owner inside.
    assert [notice.split(" owns ")[0] for notice in notices] == ([] if new.is_sqlite else [_role_of(new)])


def _role_of(db: Database) -> str:
    return f"The application's role {db.url.username}"


def test_an_application_with_a_role_of_its_own_gets_its_grants(postgres_databases: PostgresDatabases) -> None:
    role = f"mash_app_{secrets.token_hex(4)}"
    with postgres_databases.copy(None) as db, intruder(db) as owner:
        owner.run(f"CREATE ROLE {role}")
        owner_url = settings(db).database_url
        theirs = Settings(database_url="postgresql+psycopg://nowhere/x", owner_database_url=owner_url, app_role=role)
        assert migrate.migrate(theirs) == ()
        (may,) = owner.ask(
            f"SELECT has_table_privilege('{role}', 'contacts', 'UPDATE'), "
            f"has_table_privilege('{role}', 'audit_entries', 'INSERT'), "
            f"has_table_privilege('{role}', 'audit_entries', 'UPDATE')"
        )
        owner.run(f"DROP OWNED BY {role}")
        owner.run(f"DROP ROLE {role}")
    assert may == (True, True, False)


def test_there_is_no_way_back() -> None:
    for script in ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions():
        with pytest.raises(RuntimeError, match="There is no way back"):
            script.module.downgrade()


def test_migrations_are_numbered_in_the_order_in_which_they_run() -> None:
    scripts = list(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).walk_revisions())
    numbers = [script.revision for script in reversed(scripts)]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert all(Path(script.path).name.startswith(f"{script.revision}_") for script in scripts)


def test_alembics_own_command_compares_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alembic", "--config", str(ROOT / "alembic.ini"), "check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "No new upgrade operations detected" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []
