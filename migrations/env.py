"""How does Alembic's own command draft a migration? By comparing the tables with a scratch database at the newest one.

Databases are migrated by `mash migrate` (mash/migrate.py), never from here.
"""

from typing import Any

from alembic import context

from mash import migrate
from mash.db import Database


def number(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Revisions are numbered: the file names then stand in the order in which they are run."""
    newest = context.script.get_current_head()
    directives[0].rev_id = f"{int(newest or 0) + 1:04}"


def draft() -> None:
    scratch = Database("sqlite://")
    with scratch.transaction() as connection:
        migrate.upgrade(connection)
        options = migrate.COMPARISON | {"render_as_batch": True, "process_revision_directives": number}
        context.configure(connection=connection, target_metadata=migrate.tables(), **options)
        with context.begin_transaction():
            context.run_migrations()
    scratch.close()


draft()
