"""What the database refuses by itself, asked with its own tools."""

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from mash import audit, guards
from mash.db import Database
from mash.errors import Unsafe
from mash.models.audit import AccessEntry
from mash.models.contact import Contact
from mash.models.time import RuleSetWithdrawal
from tests.conftest import MakeDatabase
from tests.support.chains import ACTOR, NOW, a_row, add_contact, add_rules, sign_in
from tests.support.databases import PostgresDatabases
from tests.support.intruder import Intruder, intruder

KEYS = {
    "audit_entries": "stream, seq",
    "access_entries": "id",
    "rule_sets": "slug, version",
    "rule_set_withdrawals": "slug, version",
    "installation": "id",
}
COLUMN = {
    "audit_entries": "action",
    "access_entries": "page",
    "rule_sets": "resolved",
    "rule_set_withdrawals": "withdrawn_by",
    "installation": "purpose",
}
SENTENCES = {
    "audit_entries": "The audit trail is only ever added to",
    "access_entries": "The record of who looked is only ever added to",
    "rule_sets": "Rules that were put in force are never changed or removed",
    "rule_set_withdrawals": "A version that was withdrawn stays so",
    "installation": "a live one never becomes a demonstration",
}

# What to try: on SQLite, on PostgreSQL.
ATTEMPTS = {
    "change": ("UPDATE {t} SET {c} = 'x'", "UPDATE {t} SET {c} = 'x'"),
    "change nothing": ("UPDATE {t} SET {c} = {c}", "UPDATE {t} SET {c} = {c}"),
    "change its key": ("UPDATE OR REPLACE {t} SET rowid = 99", "UPDATE {t} SET ({k}) = ROW({k})"),
    "remove": ("DELETE FROM {t}", "DELETE FROM {t}"),
    "remove in passing": (
        "DELETE FROM {t} WHERE true RETURNING 1",
        "WITH gone AS (DELETE FROM {t} RETURNING 1) TABLE gone",
    ),
    "replace": (
        "INSERT OR REPLACE INTO {t} SELECT * FROM {t} LIMIT 1",
        "INSERT INTO {t} SELECT * FROM {t} LIMIT 1 ON CONFLICT ({k}) DO UPDATE SET {c} = 'x'",
    ),
    "change on conflict": (
        "INSERT INTO {t} SELECT * FROM {t} WHERE true LIMIT 1 ON CONFLICT ({k}) DO UPDATE SET {c} = 'x'",
        "INSERT INTO {t} SELECT * FROM {t} LIMIT 1 ON CONFLICT ({k}) DO UPDATE SET {c} = excluded.{c}",
    ),
    "empty": ("REPLACE INTO {t} SELECT * FROM {t} LIMIT 1", "TRUNCATE {t}"),
    "empty with all that hangs on it": ("DELETE FROM {t} WHERE 1 = 1", "TRUNCATE {t} CASCADE"),
}


@pytest.fixture
def guarded(database: Database) -> Database:
    """A row in every table that only grows."""
    with database.transaction() as tx:
        add_rules(tx)
        tx.execute(insert(RuleSetWithdrawal).values(a_row(RuleSetWithdrawal, slug="northbridge", version=1)))
        add_contact(tx, "NB-ONE")
        tx.execute(insert(AccessEntry).values(a_row(AccessEntry, id="a-1")))
    return database


@pytest.fixture
def somebody(guarded: Database) -> Iterator[Intruder]:
    with intruder(guarded) as found:
        yield found


def attempt(somebody: Intruder, what: str, table: str) -> str:
    sql = ATTEMPTS[what][0 if somebody.is_sqlite else 1]
    return sql.format(t=table, c=COLUMN[table], k=KEYS[table])


def reasons(db: Database) -> str:
    with db.reading() as connection, pytest.raises(Unsafe) as refused:
        guards.check(connection)
    return str(refused.value)


@pytest.mark.parametrize("what", ATTEMPTS)
@pytest.mark.parametrize("table", KEYS)
def test_a_row_that_was_added_stays_as_it_is(somebody: Intruder, table: str, what: str) -> None:
    before = somebody.ask(f"SELECT * FROM {table}")
    assert before
    with pytest.raises(DBAPIError) as refused:
        somebody.run(attempt(somebody, what, table))
    # TRUNCATE alone does not even get as far as the guard where other rows refer to these.
    assert SENTENCES[table] in str(refused.value.orig) or "foreign key" in str(refused.value.orig)
    assert somebody.ask(f"SELECT * FROM {table}") == before


@pytest.mark.parametrize("what", ATTEMPTS)
def test_without_the_guards_each_attempt_would_be_let_through(somebody: Intruder, what: str) -> None:
    somebody.disarm()
    somebody.run(attempt(somebody, what, "access_entries"))


@pytest.mark.parametrize("table", ["audit_entries", "access_entries", "rule_sets"])
def test_a_row_is_not_pushed_out_by_another_under_its_hidden_number(somebody: Intruder, table: str) -> None:
    before = somebody.ask(f"SELECT * FROM {table}")
    own_key = KEYS[table].split(", ")[0]
    columns = [name for (name,) in somebody.ask(_columns_of(somebody, table)) if name != own_key]
    rest = ", ".join(columns)
    by_number = f"INSERT OR REPLACE INTO {table} (rowid, {own_key}, {rest}) SELECT rowid, 'other', {rest} FROM {table}"
    as_replica = f"SET session_replication_role = replica; DELETE FROM {table}"
    with pytest.raises(IntegrityError, match=SENTENCES[table]):
        somebody.run(by_number if somebody.is_sqlite else as_replica)
    assert somebody.ask(f"SELECT * FROM {table}") == before


def _columns_of(somebody: Intruder, table: str) -> str:
    if somebody.is_sqlite:
        return f"SELECT name FROM pragma_table_info('{table}')"
    return f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"


def test_adding_is_still_possible(guarded: Database) -> None:
    with guarded.transaction() as tx:
        sign_in(tx, 3)
        tx.execute(insert(AccessEntry).values(a_row(AccessEntry, id="a-2")))
        assert tx.execute(text("SELECT count(*) FROM audit_entries")).scalar() == 4


def test_a_database_is_for_one_thing_only(somebody: Intruder) -> None:
    for number in (1, 2):
        with pytest.raises(IntegrityError):
            somebody.run(f"INSERT INTO installation (id, purpose, created_at) VALUES ({number}, 'demo', '2026-11-09')")
    assert somebody.ask("SELECT id, purpose FROM installation") == [(1, "live")]


def test_the_one_row_of_an_installation_has_the_number_one(make_database: MakeDatabase) -> None:
    db = make_database("live")
    with intruder(db) as somebody:
        somebody.disarm()
        somebody.run("DELETE FROM installation")
        with db.transaction() as tx:
            guards.install(tx)
        with pytest.raises(IntegrityError, match=SENTENCES["installation"]):
            somebody.run("INSERT INTO installation (id, purpose, created_at) VALUES (2, 'demo', '2026-11-09')")


def test_guards_that_are_whole_pass(guarded: Database) -> None:
    with guarded.reading() as connection:
        guards.check(connection)


def each_trigger(somebody: Intruder) -> list[guards.Trigger]:
    found = guards.triggers("sqlite" if somebody.is_sqlite else "postgresql")
    assert {trigger.table for trigger in found} == set(KEYS)
    return found


def drop(somebody: Intruder, trigger: guards.Trigger) -> None:
    somebody.run(f"DROP TRIGGER {trigger.name}" + ("" if somebody.is_sqlite else f" ON {trigger.table}"))


def test_a_guard_that_was_removed_is_found(guarded: Database, somebody: Intruder) -> None:
    for trigger in each_trigger(somebody):
        drop(somebody, trigger)
        assert f"The guard {trigger.name} of the table {trigger.table} is missing." in reasons(guarded)
    with guarded.transaction() as tx:
        guards.install(tx)
        guards.check(tx)


def test_a_guard_that_was_changed_is_found(guarded: Database, somebody: Intruder) -> None:
    for trigger in each_trigger(somebody):
        drop(somebody, trigger)
        weaker = (
            {" BEFORE ": " AFTER "} if somebody.is_sqlite else {"DELETE OR UPDATE OR TRUNCATE": "DELETE", "<> 1": "= 7"}
        )
        sql = trigger.sql
        for strong, weak in weaker.items():
            sql = sql.replace(strong, weak)
        assert sql != trigger.sql
        somebody.run(sql)
        assert f"The guard {trigger.name} of the table {trigger.table} was changed." in reasons(guarded)


def test_a_guard_that_was_switched_off_is_found(guarded: Database, somebody: Intruder) -> None:
    for trigger in each_trigger(somebody):
        if somebody.is_sqlite:  # which has no switch: a condition that never holds is the same
            drop(somebody, trigger)
            somebody.run(trigger.sql.split(" WHEN ")[0].split(" BEGIN ")[0] + " WHEN 0 BEGIN SELECT 1; END")
        else:
            somebody.run(f"ALTER TABLE {trigger.table} DISABLE TRIGGER {trigger.name}")
        wrong = "was changed" if somebody.is_sqlite else "is switched off"
        assert f"The guard {trigger.name} of the table {trigger.table} {wrong}." in reasons(guarded)


def test_guards_that_call_something_else_are_found(guarded: Database, somebody: Intruder) -> None:
    if somebody.is_sqlite:
        tables = [trigger for trigger in each_trigger(somebody) if trigger.table == "audit_entries"]
        somebody.run("ALTER TABLE audit_entries RENAME TO audit_entries_old")
        somebody.run("CREATE TABLE audit_entries AS SELECT * FROM audit_entries_old")
    else:
        tables = each_trigger(somebody)
        body = "BEGIN RETURN NULL; END"
        somebody.run(f"CREATE OR REPLACE FUNCTION mash_refuse() RETURNS trigger LANGUAGE plpgsql AS '{body}'")
    for trigger in tables:
        assert f"The guard {trigger.name} of the table {trigger.table}" in reasons(guarded)


def test_a_trigger_of_somebody_else_is_found(guarded: Database, somebody: Intruder) -> None:
    if somebody.is_sqlite:
        somebody.run("CREATE TRIGGER quiet BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(IGNORE); END")
    else:
        somebody.run("CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        somebody.run("CREATE TRIGGER quiet BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION quiet()")
    assert "The table audit_entries has a trigger quiet that is not ours." in reasons(guarded)


@pytest.fixture
def postgresql(postgres_databases: PostgresDatabases) -> Iterator[Database]:
    with postgres_databases.copy("live") as db:
        yield db


@pytest.fixture
def role(postgresql: Database) -> Iterator[str]:
    name = f"mash app {secrets.token_hex(4)}"
    with intruder(postgresql) as owner:
        owner.run(f'CREATE ROLE "{name}"')
        yield name
        owner.run(f'DROP OWNED BY "{name}"')
        owner.run(f'DROP ROLE "{name}"')


def tables_of(tx: Connection) -> list[str]:
    return list(tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).scalars())


def test_the_applications_role_may_do_its_work(postgresql: Database, role: str) -> None:
    with postgresql.transaction() as tx:
        add_rules(tx)
        guards.grant(tx, role, tables_of(tx))
    with postgresql.transaction() as tx:
        tx.exec_driver_sql(f'SET LOCAL ROLE "{role}"')
        contact_id = add_contact(tx, "NB-ONE", acts=4)
        audit.record(tx, audit.SYSTEM, at=NOW, action="sweep", actor=ACTOR)
        tx.execute(insert(AccessEntry).values(a_row(AccessEntry, id="a-1")))
        tx.execute(update(Contact).where(Contact.id == contact_id).values(state="closed"))
        tx.execute(text("DELETE FROM event_words"))
        guards.check(tx)


@pytest.mark.parametrize("table", [*KEYS, "alembic_version"])
@pytest.mark.parametrize("sql", ["UPDATE {t} SET {c} = {c}", "DELETE FROM {t}", "TRUNCATE {t}", "DROP TABLE {t}"])
def test_the_applications_role_may_not_change_the_record(postgresql: Database, role: str, table: str, sql: str) -> None:
    column = COLUMN.get(table, "version_num")
    with postgresql.transaction() as tx:
        tx.exec_driver_sql(f'GRANT ALL ON {table} TO "{role}"')  # by somebody who meant well
        guards.grant(tx, role, tables_of(tx))
        guards.grant(tx, role, tables_of(tx))
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), postgresql.transaction() as tx:
        tx.exec_driver_sql(f'SET LOCAL ROLE "{role}"')
        tx.exec_driver_sql(sql.format(t=table, c=column))


def test_a_role_that_is_not_there_is_named(postgresql: Database) -> None:
    with postgresql.transaction() as tx, pytest.raises(Unsafe, match="no role nobody: create it"):
        guards.grant(tx, "nobody", [])


def test_whoever_owns_the_tables_could_remove_their_guards(postgresql: Database, role: str) -> None:
    with postgresql.transaction() as tx:
        assert not guards.could_remove(tx, role)
        tx.exec_driver_sql(f'ALTER TABLE audit_entries OWNER TO "{role}"')
        assert guards.could_remove(tx, role)


def test_a_refusal_is_an_error_of_the_database_and_leaves_nothing_behind(guarded: Database) -> None:
    with pytest.raises(DBAPIError), guarded.transaction() as tx:
        sign_in(tx)
        tx.execute(text("DELETE FROM audit_entries"))
    with guarded.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit_entries")).scalar() == 1
