"""Who wakes the sweep? APScheduler, which only rings: no deadline is ever a job of its own.

A bell that has finished leaves a heartbeat; one that failed does not, and so is missed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from time import monotonic
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from mash import clock
from mash.db import Database
from mash.errors import where_raised
from mash.workflow.heartbeats import beat, expect

JUMP_SECONDS = 1
log = structlog.get_logger()


@dataclass(frozen=True)
class Bell:
    """Something to be woken at once and then every so many seconds."""

    name: str
    ring: Callable[[], object]
    every_seconds: int


class _Steady(BaseScheduler):  # type: ignore[misc]
    """APScheduler plans by the machine's clock: when that is put back by ten minutes it would be silent for ten."""

    _jumped = 0.0

    def _process_jobs(self) -> Any:
        if abs(clock.jumped() - self._jumped) > JUMP_SECONDS:
            self._jumped = clock.jumped()
            for job in self.get_jobs():
                job.modify(next_run_time=clock.machine())
        return super()._process_jobs()


class _Background(_Steady, BackgroundScheduler):  # type: ignore[misc]
    pass


class _Blocking(_Steady, BlockingScheduler):  # type: ignore[misc]
    pass


def ringing(db: Database, bells: Iterable[Bell], *, in_background: bool) -> BaseScheduler:
    """A scheduler, not yet started. After a stall it catches up once; a bell never rings twice at a time.

    What raises is logged, and rings again at the next interval.
    """
    bells = list(bells)
    expect(db, {bell.name: bell.every_seconds for bell in bells})
    scheduler = (_Background if in_background else _Blocking)(timezone=UTC)
    for bell in bells:
        scheduler.add_job(
            _safely(db, bell),
            "interval",
            id=bell.name,
            seconds=bell.every_seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=clock.now(),
        )
    return scheduler


def ring(db: Database, bell: Bell) -> object:
    """Ring once, and leave a heartbeat when that is done. What the bell gives; raises what it raises."""
    began = monotonic()
    given = bell.ring()
    beat(db, bell.name, bell.every_seconds, monotonic() - began)
    return given


def _safely(db: Database, bell: Bell) -> Callable[[], None]:
    def safely() -> None:
        try:
            ring(db, bell)
        except Exception as error:
            log.error("bell.failed", bell=bell.name, error=where_raised(error))

    return safely
