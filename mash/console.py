"""What the commands share: where they print, how they open the database and read what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from mash import migrate
from mash.clock import LONDON
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


def london_time(option: str, text: str) -> datetime:
    """The instant of a London time as typed, or of one with its offset. Raises BadInput, also where it is not one."""
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option}: `{text}` is not an instant. Write it like 2026-11-13T16:30.") from None
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    first, second = (typed.replace(tzinfo=LONDON, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before == after:
        return first.astimezone(UTC)
    if before is not None and after is not None and before < after:
        raise BadInput(f"{option}: the clocks went forward that night and {text} did not exist.")
    raise BadInput(
        f"{option}: the clocks went back that night and {text} came twice. "
        f"Write {text}+01:00 for summer time, {text}+00:00 for winter time."
    )
