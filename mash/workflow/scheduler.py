"""Who wakes the sweep? APScheduler, which only rings: no deadline is ever a job of its own."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

log = structlog.get_logger()


def ringing(sweep: Callable[[], object], every_seconds: int, *, in_background: bool) -> BaseScheduler:
    """A scheduler, not yet started, that calls `sweep` at once and then at every interval.

    After a stall it catches up once; one run at a time. A run that raises is logged and the next one comes.
    """
    kind = BackgroundScheduler if in_background else BlockingScheduler
    scheduler = kind(timezone=UTC)
    scheduler.add_job(
        _safely(sweep),
        "interval",
        seconds=every_seconds,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=datetime.now(UTC),  # the scheduler's own bell, not a moment of the record
    )
    return scheduler


def _safely(sweep: Callable[[], object]) -> Callable[[], None]:
    def ring() -> None:
        try:
            sweep()
        except Exception:
            log.exception("sweep.failed")

    return ring
