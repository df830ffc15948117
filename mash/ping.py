"""Does the outside hear that all is well? A call to a watcher elsewhere, which sounds the alarm when it stops."""

from http.client import HTTPException
from urllib.request import urlopen

import structlog

from mash.db import Database
from mash.errors import where_raised
from mash.workflow.clockwork import clockwork

TIMEOUT_SECONDS, PING_SECONDS = 5, 30
log = structlog.get_logger()


def ping(db: Database, url: str, stale_seconds: int) -> bool:
    """Call the address, unless something is wrong with the clockwork. Whether it was called and answered.

    A watcher that cannot be reached is logged and no trouble of ours: its own alarm says it.
    """
    with db.reading() as look:
        troubles = clockwork(look, stale_seconds).troubles
    if troubles:
        log.error("ping.withheld", troubles=troubles)
        return False
    try:
        with urlopen(url, timeout=TIMEOUT_SECONDS):
            return True
    except (OSError, HTTPException) as error:
        log.warning("ping.failed", error=where_raised(error))
        return False
