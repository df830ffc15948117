"""Is the server there, and are its timers running? For machines; no data of anybody."""

from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from mash import clock
from mash.messages import seen
from web.routing import PUBLIC, Routes
from web.visits import Here

routes = Routes()
MOST_SKEW = 2.0
"""Seconds by which the database's clock may differ from this machine's."""


@routes.get("/healthz", PUBLIC)
def healthz() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok")


@routes.get("/readyz", PUBLIC)
def readyz(visit: Here) -> JSONResponse:
    """503 unless the database answers, its clock agrees with ours, and a sweep has finished lately."""
    house = visit.house
    try:
        age, ahead = house.seconds_since_sweep(), house.db.seconds_ahead(clock.machine())
    except SQLAlchemyError:
        return JSONResponse({"ready": False, "database": False, "seconds_since_sweep": None}, 503)
    swept = age is not None and age <= house.settings.sweep_stale_seconds
    ready = swept and abs(ahead) <= MOST_SKEW
    report = {"ready": ready, "database": True, "seconds_since_sweep": age, "clock_seconds_ahead": round(ahead, 1)}
    unsent = seen.trouble(house.db, clock.now())
    report |= {"messages_waiting": unsent.waiting, "oldest_message_seconds": unsent.oldest_seconds}
    return JSONResponse(report, 200 if ready else 503)
