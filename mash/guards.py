"""What does the database itself refuse, whoever asks? Triggers on the tables that are only ever added to, and grants.

`install` makes them (a migration calls it), `check` finds one that is missing, switched off or changed. An owner of the
tables can still remove them: hence a role of its own for the application, the anchors, and `mash audit verify`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, text

from mash.errors import Unsafe

KEPT: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "audit_entries": (
            "The audit trail is only ever added to: no entry is changed or removed.",
            ("stream", "seq"),
        ),
        "access_entries": (
            "The record of who looked is only ever added to: no entry is changed or removed.",
            ("id",),
        ),
        "rule_sets": (
            "Rules that were put in force are never changed or removed: add a new version.",
            ("slug", "version"),
        ),
        "rule_set_withdrawals": (
            "A version that was withdrawn stays so: put a new version in force.",
            ("slug", "version"),
        ),
        "installation": (
            "What a database is for is settled when it is made: a live one never becomes a demonstration, nor the "
            "reverse.",
            ("id",),
        ),
    }
)
"""Each table that only grows: the sentence with which it refuses anything else, and its key."""

READ_ONLY = frozenset({"alembic_version"})
"""Tables that the application's role may read and nothing more."""

_OFF = "is switched off"
_FUNCTION = "mash_refuse"
_FUNCTION_BODY = "\nBEGIN\n    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation';\nEND\n"


@dataclass(frozen=True)
class Trigger:
    """One guard: its name, its table and the text that makes it, as the database itself gives it back."""

    name: str
    table: str
    sql: str


def install(connection: Connection, *tables: str) -> None:
    """Guard these tables (all of KEPT when none is named), replacing guards that are there."""
    wanted = tables or tuple(KEPT)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_FUNCTION_BODY}$$"
        )
    for trigger in triggers(connection.dialect.name):
        if trigger.table in wanted:
            _make(connection, trigger)


def check(connection: Connection) -> None:
    """Raises Unsafe naming every guard that is missing, switched off or changed, and every trigger that is not ours."""
    found = (
        _found_in_postgresql(connection) if connection.dialect.name == "postgresql" else _found_in_sqlite(connection)
    )
    ours = {(trigger.table, trigger.name): trigger.sql for trigger in triggers(connection.dialect.name)}
    reasons = [
        f"The guard {name} of the table {table} {_what_is_wrong(found.get((table, name)))}."
        for (table, name), sql in ours.items()
        if found.get((table, name)) != sql
    ]
    strangers = [
        f"The table {table} has a trigger {name} that is not ours."
        for table, name in found
        if (table, name) not in ours
    ]
    if reasons or strangers:
        remedy = "Somebody may have changed the record: find out who, run `mash audit verify`, restore from a backup."
        raise Unsafe(*reasons, *strangers, remedy)


def grant(connection: Connection, role: str, tables: Iterable[str]) -> None:
    """Give the application's role what it needs of these tables and no more. PostgreSQL only; may be repeated.

    Raises Unsafe where the database has no such role.
    """
    if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
        raise Unsafe(f"The database has no role {role}: create it, or correct MASH_APP_ROLE.")
    quote = connection.dialect.identifier_preparer.quote
    to, schema = quote(role), quote(str(connection.exec_driver_sql("SELECT current_schema()").scalar()))
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {to}")
    for table in sorted({*tables, *READ_ONLY}):
        connection.exec_driver_sql(f"REVOKE ALL ON {quote(table)} FROM {to}")
        connection.exec_driver_sql(f"GRANT {_privileges(table)} ON {quote(table)} TO {to}")
    for sequence in _sequences_of(connection, tables):
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {to}")


def could_remove(connection: Connection, role: str) -> bool:
    """Whether the role owns a guarded table, directly or as a member of the owner, or is a superuser."""
    owned = text(
        "SELECT bool_or(pg_has_role(:role, relowner, 'MEMBER')) FROM pg_class WHERE oid = ANY "
        "(SELECT to_regclass(quote_ident(kept)) FROM unnest(CAST(:kept AS text[])) AS kept)"
    )
    return bool(connection.execute(owned, {"role": role, "kept": list(KEPT)}).scalar())


def _privileges(table: str) -> str:
    if table in READ_ONLY:
        return "SELECT"
    return "SELECT, INSERT" if table in KEPT else "SELECT, INSERT, UPDATE, DELETE"


def _sequences_of(connection: Connection, tables: Iterable[str]) -> list[str]:
    owned = text(
        "SELECT d.objid::regclass::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' "
        "WHERE d.refobjid = ANY (SELECT to_regclass(quote_ident(t)) FROM unnest(CAST(:tables AS text[])) AS t) "
        "AND d.deptype IN ('a', 'i') ORDER BY 1"
    )
    return list(connection.execute(owned, {"tables": list(tables)}).scalars())


def _what_is_wrong(found: str | None) -> str:
    return "is missing" if found is None else found if found == _OFF else "was changed"


def _make(connection: Connection, trigger: Trigger) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger.name}")
        connection.exec_driver_sql(trigger.sql)
        return
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")
    connection.exec_driver_sql(trigger.sql)
    # Else a session that calls itself a replica would pass it by.
    connection.exec_driver_sql(f"ALTER TABLE {trigger.table} ENABLE ALWAYS TRIGGER {trigger.name}")


def triggers(dialect: str) -> list[Trigger]:
    """Every guard of a database of this kind."""
    of_table = _postgresql_triggers if dialect == "postgresql" else _sqlite_triggers
    return [trigger for table in KEPT for trigger in of_table(table)]


def _sqlite_triggers(table: str) -> list[Trigger]:
    sentence, key = KEPT[table]
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    # REPLACE removes the row in its way without asking the trigger on DELETE unless recursive_triggers is on. That row
    # may also be one that shares no more than the rowid.
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE ({same}) OR rowid = NEW.rowid)"
    if table == "installation":
        taken = f"NEW.id <> 1 OR EXISTS (SELECT 1 FROM {table})"
    events = {"update": ("UPDATE", ""), "delete": ("DELETE", ""), "replace": ("INSERT", f" WHEN {taken}")}
    return [
        Trigger(
            f"{table}_no_{name}",
            table,
            f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
        )
        for name, (event, when) in events.items()
    ]


def _postgresql_triggers(table: str) -> list[Trigger]:
    # Word for word as pg_get_triggerdef gives it back, so that they can be compared.
    refuse = f"EXECUTE FUNCTION {_FUNCTION}('{KEPT[table][0]}')"
    kept = f"{table}_kept"
    event = "BEFORE DELETE OR UPDATE OR TRUNCATE"
    triggers = [Trigger(kept, table, f"CREATE TRIGGER {kept} {event} ON {table} FOR EACH STATEMENT {refuse}")]
    if table == "installation":
        one = f"{table}_one_row"
        sql = f"CREATE TRIGGER {one} BEFORE INSERT ON {table} FOR EACH ROW WHEN (new.id <> 1) {refuse}"
        triggers.append(Trigger(one, table, sql))
    return triggers


def _found_in_sqlite(connection: Connection) -> dict[tuple[str, str], str]:
    rows = text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :kept")
    rows = rows.bindparams(bindparam("kept", expanding=True))
    return {(table, name): sql for table, name, sql in connection.execute(rows, {"kept": list(KEPT)})}


def _found_in_postgresql(connection: Connection) -> dict[tuple[str, str], str]:
    rows = text(
        "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled IN ('O', 'A'), "
        "p.proname = :function AND p.prosrc = :body AND l.lanname = 'plpgsql' AND p.proconfig IS NULL "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "JOIN pg_language l ON l.oid = p.prolang WHERE NOT t.tgisinternal AND c.oid = ANY "
        "(SELECT to_regclass(quote_ident(kept)) FROM unnest(CAST(:kept AS text[])) AS kept)"
    )
    values = {"function": _FUNCTION, "body": _FUNCTION_BODY, "kept": list(KEPT)}
    return {
        (table, name): _OFF if not enabled else sql if same_function else "calls another function"
        for table, name, sql, enabled, same_function in connection.execute(rows, values)
    }
