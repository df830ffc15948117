"""Who wakes the sweep? APScheduler, which only rings: no deadline is ever a job of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from mash import clock

log = structlog.get_logger()


@dataclass(frozen=True)
class Bell:
    """Something to be woken at once and then every so many seconds."""

    name: str
    ring: Callable[[], object]
    every_seconds: int


def ringing(bells: Iterable[Bell], *, in_background: bool) -> BaseScheduler:
    """A scheduler, not yet started. After a stall it catches up once; a bell never rings twice at a time.

    What raises is logged, and rings again at the next interval.
    """
    scheduler = (BackgroundScheduler if in_background else BlockingScheduler)(timezone=UTC)
    for bell in bells:
        scheduler.add_job(
            _safely(bell),
            "interval",
            id=bell.name,
            seconds=bell.every_seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=clock.now(),
        )
    return scheduler


def _safely(bell: Bell) -> Callable[[], None]:
    def ring() -> None:
        try:
            bell.ring()
        except Exception:
            log.exception("bell.failed", bell=bell.name)

    return ring
