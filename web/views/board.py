"""How does the front door stand? Figures fit for a wall; no name and no reference of a child."""

from typing import Any

from fastapi.responses import Response

from mash import clock
from mash.permissions import Permission
from mash.workflow import board as figures
from web.routing import Routes
from web.visits import Here, Visit

routes = Routes()


@routes.get("/board", Permission.VIEW_QUEUE)
def board(visit: Here) -> Response:
    """The figures of this moment. They refresh themselves."""
    return visit.page("board.html", **_found(visit))


@routes.get("/board/figures", Permission.VIEW_QUEUE, touch=False)
def board_figures(visit: Here) -> Response:
    """The part of the board that refreshes itself. Fetching it does not count as being there."""
    return visit.page("board/live.html", **_found(visit))


def _found(visit: Visit) -> dict[str, Any]:
    found = figures.board(visit.house.db, visit.house.office.rulebook, visit.actor, clock.now())
    return {"board": found, "live": "/board/figures"}
