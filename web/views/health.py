"""Is the server there, and is its clockwork healthy? For machines; no data of anybody."""

import hmac

from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from mash import clock
from mash.errors import NotFound, Unsafe
from mash.messages import seen as messages
from mash.settings import LOOPBACK
from web.routing import PUBLIC, Routes
from web.visits import Here, Visit

routes = Routes()
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@routes.get("/healthz", PUBLIC)
def healthz() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok")


@routes.get("/readyz", PUBLIC)
def readyz(visit: Here) -> JSONResponse:
    """503 unless the database answers and the clockwork is healthy."""
    try:
        seen, unsent = visit.house.clockwork(), messages.trouble(visit.house.db, clock.now())
    except (SQLAlchemyError, Unsafe):
        return JSONResponse({"ready": False, "database": False, "troubles": ["database"]}, 503)
    ready = not seen.troubles
    report = {
        "ready": ready,
        "database": True,
        "troubles": seen.troubles,
        "seconds_since_sweep": seen.seconds_since_sweep,
        "oldest_due_seconds": seen.late_seconds,
        "clock_seconds_ahead": round(seen.clock_ahead, 1),
        "messages_waiting": unsent.waiting,
        "oldest_message_seconds": unsent.oldest_seconds,
    }
    return JSONResponse(report, 200 if ready else 503)


@routes.get("/metrics", PUBLIC)
def metrics(visit: Here) -> PlainTextResponse:
    """Figures for Prometheus: for who holds the token of the settings or, where there is none, for this machine."""
    if not _may_read_metrics(visit):
        raise NotFound
    return PlainTextResponse(visit.house.metrics(), media_type=PROMETHEUS)


def _may_read_metrics(visit: Visit) -> bool:
    token, client = visit.house.settings.metrics_token, visit.request.client
    if token is None:
        return client is not None and client.host in LOOPBACK
    given = visit.request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode())
