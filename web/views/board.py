"""How does the front door stand? Figures fit for a wall; no name and no reference of a child."""

from typing import Any

from fastapi.responses import Response

from mash import clock
from mash.accounts.walls import on_wall, put_up, put_up_now, take_down
from mash.permissions import Actor, Permission, allowed
from mash.silence.page import quiet_now
from mash.workflow import board as figures
from web.routing import PUBLIC, Routes
from web.visits import Here, Visit

routes = Routes()


@routes.get("/board", Permission.VIEW_QUEUE)
def board(visit: Here) -> Response:
    """The figures of this moment. They refresh themselves."""
    walls = put_up_now(visit.house.db, visit.actor) if allowed(visit.actor, Permission.SHOW_ON_WALL) else None
    return visit.page("board.html", walls=walls, **_found(visit, visit.actor, "/board/figures"))


@routes.get("/board/figures", Permission.VIEW_QUEUE, touch=False)
def board_figures(visit: Here) -> Response:
    """The part of the board that refreshes itself. Fetching it does not count as being there."""
    return visit.page("board/live.html", **_found(visit, visit.actor, "/board/figures"))


@routes.post("/board/wall", Permission.SHOW_ON_WALL)
def show_on_wall(visit: Here) -> Response:
    """A link for the browser of a wall screen, told this once."""
    token = put_up(visit.house.db, visit.actor)
    return visit.page("board/link.html", address=f"{visit.request.base_url}wall/{token}")


@routes.post("/board/wall/{link_id}", Permission.SHOW_ON_WALL)
def take_off_wall(visit: Here, link_id: str) -> Response:
    """The link shows nothing from now on."""
    take_down(visit.house.db, visit.actor, link_id)
    return visit.see_other("/board")


@routes.get("/wall/{token}", PUBLIC)
def wall(visit: Here, token: str) -> Response:
    """The figures alone, for a screen at which nobody is signed in."""
    return visit.page("board.html", walls=None, **_on_wall(visit, token))


@routes.get("/wall/{token}/figures", PUBLIC)
def wall_figures(visit: Here, token: str) -> Response:
    """The part of the wall that refreshes itself."""
    return visit.page("board/live.html", **_on_wall(visit, token))


def _on_wall(visit: Visit, token: str) -> dict[str, Any]:
    maker = on_wall(visit.house.db, token)
    title, troubles = visit.house.borough_title(maker.borough), visit.house.clockwork().troubles
    return {"borough_title": title, "troubles": troubles, **_found(visit, maker, f"/wall/{token}/figures")}


def _found(visit: Visit, actor: Actor, live: str) -> dict[str, Any]:
    found = figures.board(visit.house.db, visit.house.office.rulebook, actor, clock.now())
    return {"board": found, "quiet": quiet_now(visit.house.db, actor), "live": live}
