"""What time is it? The only place that asks. Imports nothing of ours.

All instants are aware datetimes in UTC, in whole seconds: a deadline is never a matter of milliseconds. Replay and
tests simulate the clock with `at()`. London exists only here (to show an instant), in calendars and on screens.

This is one machine's clock, which may be wrong. What is recorded of acts and alerts is timed by `db.right_time`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
INSTANT = timedelta(seconds=1)
"""Time is counted in whole seconds: what is due at an instant is due before the next one."""

_simulated: ContextVar[datetime | None] = ContextVar("simulated", default=None)


def now() -> datetime:
    """The present instant in UTC, whole seconds; the simulated one inside `at()`."""
    return _simulated.get() or machine().replace(microsecond=0)


def machine() -> datetime:
    """What this machine's own clock says, also while another time is simulated."""
    return datetime.now(UTC)


def is_simulated() -> bool:
    """Whether `now()` is what `at()` says."""
    return _simulated.get() is not None


def jumped() -> float:
    """By how many seconds this machine's clock was moved since the program started; it is not moved by sleep."""
    return (machine() - _STARTED_AT).total_seconds() - (_steady() - _STEADY_AT_START)


def _steady() -> float:
    """Seconds that nobody can set, with those of a suspended machine where the system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_STARTED_AT, _STEADY_AT_START = machine(), _steady()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Inside the block it is `instant` (aware). Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("An instant needs an offset, for example 2026-11-09T09:04+00:00.")
    token = _simulated.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _simulated.reset(token)


def london_date(instant: datetime) -> date:
    """The date on a London calendar at this instant."""
    return instant.astimezone(LONDON).date()


def iso(instant: datetime) -> str:
    """The instant in UTC as `2026-11-09T09:04:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
