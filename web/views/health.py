"""Is the server there, and are its timers running? For machines; no data of anybody."""

from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from web.routing import PUBLIC, Routes
from web.visits import Here

routes = Routes()


@routes.get("/healthz", PUBLIC)
def healthz() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok")


@routes.get("/readyz", PUBLIC)
def readyz(visit: Here) -> JSONResponse:
    """503 unless the database answers and a sweep has finished lately."""
    try:
        age = visit.house.seconds_since_sweep()
    except SQLAlchemyError:
        return JSONResponse({"ready": False, "database": False, "seconds_since_sweep": None}, 503)
    ready = age is not None and age <= visit.house.settings.sweep_stale_seconds
    return JSONResponse({"ready": ready, "database": True, "seconds_since_sweep": age}, 200 if ready else 503)
