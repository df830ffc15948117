"""Is the database in the shape that this program needs? Migrations, run here and nowhere else, each followed by a check
of the guards. One transaction: a migration that fails leaves the database as it was.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from threading import Lock
from types import MappingProxyType
from typing import Any, Literal

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, insert, select

from mash import clock, guards, models
from mash.db import Database, UtcDateTime, metadata
from mash.errors import Unsafe
from mash.models.accounts import Installation
from mash.settings import ROOT, Settings

Purpose = Literal["live", "demo"]

_one_at_a_time = Lock()  # Alembic's `op` is one for all threads of a process
_LOCK = 0x6D617368  # "mash": two programs must not migrate one PostgreSQL database at once


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


COMPARISON: Mapping[str, Any] = MappingProxyType(
    {
        "render_item": _render,
        "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    }
)
"""How tables are compared with a database, by the tests and by `make migration` alike."""


def migrate(settings: Settings, *, purpose: Purpose | None = "live") -> tuple[str, ...]:
    """Bring the database to the newest revision, as its owner where MASH_OWNER_DATABASE_URL says who that is.

    An empty database is marked as live or demo for good; None keeps what is there (live, where nothing is). Returns
    notices for the operator. Raises Unsafe where the database is of the other kind or its guards are not whole.
    """
    db = Database(settings.owner_database_url or settings.database_url)
    try:
        with db.transaction() as connection:
            _bring_up(connection, purpose)
            return () if db.is_sqlite else _settle_roles(connection, settings)
    finally:
        db.close()


def build(db: Database, *, purpose: Purpose = "live") -> None:
    """As `migrate`, for a database that is open already, such as one in memory."""
    with db.transaction() as connection:
        _bring_up(connection, purpose)


def fit_to_run(db: Database) -> None:
    """What every program asks at its start, beside `db.check_safe()`. Raises Unsafe: not in step, guards not whole."""
    check_in_step(db)
    with db.reading() as connection:
        guards.check(connection)


def check_in_step(db: Database) -> None:
    """Raises Unsafe where the database is older or newer than this program."""
    with db.reading() as connection:
        current = _revision(connection)
    newest = _scripts().get_current_head()
    if current != newest:
        there = f"at revision {current}" if current else "empty"
        raise Unsafe(f"The database is {there}, this program needs {newest}. Run `mash migrate`.")


def drift() -> list[str]:
    """What the tables in the code have that the migrations do not make, or the reverse, as sentences."""
    scratch = Database("sqlite://")
    try:
        build(scratch)
        with scratch.reading() as connection:
            return differences(connection)
    finally:
        scratch.close()


def differences(connection: Connection) -> list[str]:
    """How this database differs from the tables in the code, as sentences."""
    context = MigrationContext.configure(connection, opts=dict(COMPARISON))
    found = compare_metadata(context, tables())
    steps = [step for group in found for step in (group if isinstance(group, list) else [group])]
    return [_sentence(step) for step in steps]


def tables() -> MetaData:
    """Every table of mash.models."""
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"{models.__name__}.{module.name}")
    return metadata


def upgrade(connection: Connection) -> None:
    """Run the migrations that this database lacks, inside the caller's transaction. Raises Unsafe if it is newer."""
    scripts, context = _scripts(), MigrationContext.configure(connection)
    missing = list(scripts.iterate_revisions("heads", _revision(connection) or "base"))
    with _one_at_a_time, Operations.context(context):
        for revision in reversed(missing):
            revision.module.upgrade()
    context.stamp(scripts, "heads")


def _revision(connection: Connection) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current and all(script.revision != current for script in _scripts().walk_revisions()):
        raise Unsafe(f"The database is at revision {current}, which this program does not know: install a newer one.")
    return current


def _bring_up(connection: Connection, purpose: Purpose | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    upgrade(connection)
    _mark(connection, purpose)
    guards.check(connection)


def _mark(connection: Connection, purpose: Purpose | None) -> None:
    there = connection.execute(select(Installation.purpose)).scalar()
    if there is None:
        row = {"id": 1, "purpose": purpose or "live", "created_at": clock.now()}
        connection.execute(insert(Installation).values(row))
    elif purpose is not None and there != purpose:
        raise Unsafe(_NEVER[there])


_NEVER = {
    "live": "This is a live database: it can never become a demonstration. Name another in MASH_DATABASE_URL.",
    "demo": "This is a demonstration's database: it can never go live. Name another in MASH_DATABASE_URL.",
}


def _settle_roles(connection: Connection, settings: Settings) -> tuple[str, ...]:
    if settings.app_role:
        guards.grant(connection, settings.app_role, tables().tables)
    role = settings.app_role or str(connection.exec_driver_sql("SELECT current_user").scalar())
    if not guards.could_remove(connection, role):
        return ()
    return (
        f"The application's role {role} owns the tables, so that it could remove their guards. Give the application a "
        "role of its own: MASH_APP_ROLE and MASH_OWNER_DATABASE_URL.",
    )


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))


def _sentence(step: tuple[Any, ...]) -> str:
    what = step[0].replace("_", " ")
    if step[0].startswith("modify_"):
        return f"{step[2]}.{step[3]}: the migrations and the tables differ ({what}: {step[-2]} should be {step[-1]})."
    thing = step[-1]
    table = getattr(thing, "table", None)
    if "column" in step[0]:
        return f"{step[2]}: {what} {thing.name}."
    return f"{table.name if table is not None else thing.name}: {what} {thing.name}."
