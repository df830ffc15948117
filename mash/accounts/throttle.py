"""How often may somebody guess? Failed proofs of the last quarter of an hour, by a key that names nobody."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from mash.db import Database
from mash.errors import MashError
from mash.models.accounts import SignInFailure
from mash.models.base import new_id

FAILURES_BEFORE_WAITING = 5
WAIT = timedelta(minutes=15)


class TooManyAttempts(MashError):
    """This was tried too often."""

    status = 429


def key(*parts: str) -> str:
    """A key of what is tried, and from where: names neither."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def count_attempt(db: Database, what: str, at: datetime, too_many: str) -> str:
    """The attempt's id. It counts as failed until `succeeded`, so that many at once cannot slip past the count.

    After five failures within 15 minutes it raises TooManyAttempts with `too_many` until the oldest has passed.
    """
    attempt, recent = new_id(), at - WAIT
    with db.transaction() as connection:
        connection.execute(delete(SignInFailure).where(SignInFailure.at <= recent))
        count = select(func.count()).select_from(SignInFailure).where(SignInFailure.key == what)
        if connection.execute(count).scalar_one() >= FAILURES_BEFORE_WAITING:
            raise TooManyAttempts(too_many)
        connection.execute(insert(SignInFailure).values(id=attempt, key=what, at=at))
    return attempt


def succeeded(connection: Connection, attempt: str) -> None:
    """Do not count this attempt."""
    connection.execute(delete(SignInFailure).where(SignInFailure.id == attempt))
