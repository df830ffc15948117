"""What the commands share: where they print, how they open the database and read what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from mash import migrate
from mash.db import Database
from mash.errors import BadInput
from mash.settings import Settings
from mash.workflow.details import Instant

out = Console(highlight=False, soft_wrap=True, emoji=False)
wide = Console(highlight=False, emoji=False, width=max(out.width, 120))
"""For tables: what is no terminal gets them whole."""
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


@contextmanager
def open_database(url: str | None = None) -> Iterator[Database]:
    """The database of the settings, fit to run. Raises Unsafe where it is not."""
    db = Database(url or Settings().database_url)
    try:
        db.check_safe()
        migrate.fit_to_run(db)
        yield db
    finally:
        db.close()


def instant(text: str | None) -> datetime | None:
    """An aware instant as typed. Raises BadInput."""
    if text is None:
        return None
    try:
        at: datetime = TypeAdapter(Instant).validate_python(text)
        return at
    except ValidationError:
        raise BadInput(f"{text}: write an instant with its offset, like 2026-11-09T09:04+00:00.") from None
