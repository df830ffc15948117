"""Is the clockwork healthy? The one definition: for the banner, `/readyz`, `/metrics` and the ping to the outside.

It is read from rows, so that any program can tell of any other: what rings leaves a heartbeat, and what is due says so
by itself. A scheduler whose thread died, a process that was killed, a lost connection and a hung sweep all look alike:
the heartbeat grows old. A sweep that runs and raises nothing, or too slowly, is seen by what is due.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, func, select

from mash.db import right_time, seconds_ahead
from mash.models.contact import Contact
from mash.workflow import aside
from mash.workflow.heartbeats import SWEEP, Beat, beats

MOST_SKEW = 2.0
"""Seconds by which a clock may be wrong."""

LATE, CLOCK = "late", "clock"
"""Troubles besides bells, which are called by their names: something due is not raised; a clock is wrong."""


@dataclass(frozen=True)
class Clockwork:
    """How the clockwork stands at an instant. `stale_seconds` is how long anything may take."""

    now: datetime
    stale_seconds: int
    beats: Sequence[Beat]
    oldest_due_at: datetime | None
    clock_ahead: float

    @property
    def seconds_since_sweep(self) -> int | None:
        """How long ago a sweep last finished; None before the first."""
        swept = (beat for beat in self.beats if beat.name == SWEEP and beat.took_seconds is not None)
        return next((self.age(beat) for beat in swept), None)

    @property
    def late_seconds(self) -> int:
        """How long the oldest of what is due has not been raised; 0 where nothing is due."""
        return 0 if self.oldest_due_at is None else int((self.now - self.oldest_due_at).total_seconds())

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong: names of bells that are missed, LATE, CLOCK. Empty is health."""
        return tuple(trouble for check in CHECKS for trouble in check(self))

    def age(self, beat: Beat) -> int:
        """How many seconds old it is."""
        return int((self.now - beat.at).total_seconds())


def _missed_bells(seen: Clockwork) -> Iterator[str]:
    """A bell may be late by one ring."""
    if SWEEP not in {beat.name for beat in seen.beats}:
        yield SWEEP
    yield from (b.name for b in seen.beats if seen.age(b) > max(seen.stale_seconds, 2 * b.every_seconds))


def _late(seen: Clockwork) -> Iterator[str]:
    if seen.late_seconds > seen.stale_seconds:
        yield LATE


def _clock(seen: Clockwork) -> Iterator[str]:
    """Ours, or that of a machine that rings a bell, is wrong; or a bell finished in time to come."""
    wrong = [seen.clock_ahead, *(beat.clock_ahead for beat in seen.beats)]
    from_time_to_come = any(seen.age(beat) < -MOST_SKEW for beat in seen.beats)
    if from_time_to_come or any(abs(seconds) > MOST_SKEW for seconds in wrong):
        yield CLOCK


CHECKS: tuple[Callable[[Clockwork], Iterator[str]], ...] = (_missed_bells, _late, _clock)


def clockwork(look: Connection, stale_seconds: int) -> Clockwork:
    """How it stands now, where anything may take so many seconds."""
    now = right_time(look)
    oldest = look.execute(_OLDEST, {"now": now}).scalar()
    return Clockwork(now, stale_seconds, beats(look), oldest, seconds_ahead(look))


def count_due(look: Connection, now: datetime) -> int:
    """How many contacts have something due that was not raised, but for those that stand aside."""
    return look.execute(select(func.count()).select_from(Contact).where(*_due(now))).scalar_one()


def _due(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    return Contact.next_due_at < now, ~aside.IS_ASIDE


_OLDEST = select(Contact.next_due_at).where(*_due(bindparam("now"))).order_by(Contact.next_due_at).limit(1)
