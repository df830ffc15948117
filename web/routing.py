"""Which routes are there, and who may use each? A route without a declared permission stops the program at start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from fastapi import Depends, FastAPI
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from mash.errors import Unsafe
from mash.permissions import Permission
from web.visits import guard


class Public(Enum):
    """The mark of a route that anybody may use."""

    PUBLIC = "public"


PUBLIC = Public.PUBLIC
View = TypeVar("View", bound=Callable[..., Response])


@dataclass(frozen=True)
class Declared:
    """One route as its view declares it."""

    method: str
    path: str
    permission: Permission | Public
    view: Callable[..., Response]
    touch: bool = True


@dataclass(frozen=True, eq=False)
class Routes:
    """The routes of one file of views."""

    declared: list[Declared] = field(default_factory=list)

    def get(self, path: str, permission: Permission | Public, *, touch: bool = True) -> Callable[[View], View]:
        """Declare a page. It also answers HEAD. `touch=False`: fetching it does not count as being there."""
        return self._declare("GET", path, permission, touch)

    def post(self, path: str, permission: Permission | Public) -> Callable[[View], View]:
        """Declare what a form does. The guard asks for the form's token before the view runs."""
        return self._declare("POST", path, permission, True)

    def _declare(self, method: str, path: str, permission: Permission | Public, touch: bool) -> Callable[[View], View]:
        def add(view: View) -> View:
            self.declared.append(Declared(method, path, permission, view, touch))
            return view

        return add


def register(app: FastAPI, *routes: Routes) -> None:
    """Give the application these routes, each behind its guard. Raises Unsafe where a permission is missing."""
    for route in (declared for some in routes for declared in some.declared):
        if not isinstance(route.permission, Permission | Public):
            raise Unsafe(f"{route.method} {route.path} has no declared permission.")
        needed = None if route.permission is PUBLIC else route.permission
        app.add_api_route(
            route.path,
            route.view,
            methods=["GET", "HEAD"] if route.method == "GET" else [route.method],
            dependencies=[Depends(guard(needed, touch=route.touch))],
            response_model=None,
        )
        _known(app)[id(app.routes[-1])] = (route.method, route.path, route.permission)


def register_static(app: FastAPI, path: str, files: StaticFiles) -> None:
    """Files that anybody may fetch."""
    app.mount(path, files)
    _known(app)[id(app.routes[-1])] = ("GET", path + "/{path}", PUBLIC)


def adopt(app: FastAPI, other: FastAPI) -> None:
    """Give an application that has no routes those of another, with what was declared of them."""
    app.router.routes.extend(other.routes)
    _known(app).update(_known(other))


def require_all_declared(app: FastAPI) -> None:
    """Raises Unsafe where the application has a route that was not declared with a permission."""
    if unknown := [route for route in app.routes if id(route) not in _known(app)]:
        raise Unsafe(*(f"{_name(route)} has no declared permission." for route in unknown))


def routes_table(app: FastAPI) -> list[tuple[str, str, str]]:
    """Every route as (method, path, permission), by path. What GET answers is answered to HEAD too."""
    rows = [(method, path, permission.value) for method, path, permission in _known(app).values()]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _known(app: FastAPI) -> dict[int, tuple[str, str, Permission | Public]]:
    if not hasattr(app.state, "declared"):
        app.state.declared = {}
    known: dict[int, Any] = app.state.declared
    return known


def _name(route: BaseRoute) -> str:
    return str(getattr(route, "path", type(route).__name__))
