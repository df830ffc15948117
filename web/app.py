"""What does the server serve? The application, made by `create_app()`; `uvicorn --factory web.app:create_app`."""

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from mash.db import Database
from mash.settings import Settings
from web.errors import handle_errors
from web.house import House, furnish
from web.routing import register, register_static, require_all_declared, routes_table
from web.security import Shield
from web.views import acts, alerts, board, contacts, desk, health, queue, search, session

FILES = Path(__file__).parent / "static"
LARGEST_REQUEST = 1_000_000
VIEWS = (
    session.routes,
    health.routes,
    queue.routes,
    search.routes,
    contacts.routes,
    acts.routes,
    alerts.routes,
    board.routes,
    desk.routes,
)


class Application(FastAPI):
    """FastAPI inside the shield: not even its own error pages go out without our headers."""

    def build_middleware_stack(self) -> ASGIApp:
        """Everything that FastAPI does, shielded."""
        house: House = self.state.house
        return Shield(super().build_middleware_stack(), secure=house.secure)


def create_app(settings: Settings | None = None, db: Database | None = None) -> FastAPI:
    """The application over the database of the settings. Raises Unsafe where it is not fit to run."""
    settings = settings or Settings()
    app = Application(
        docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, max_body_size=LARGEST_REQUEST
    )
    app.state.house = furnish(settings, db or Database(settings.database_url))
    handle_errors(app)
    _open_routes(app)
    return app


def all_routes() -> list[tuple[str, str, str]]:
    """Every route as (method, path, permission), without a database."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _open_routes(app)
    return routes_table(app)


def _open_routes(app: FastAPI) -> None:
    register(app, *VIEWS)
    register_static(app, "/static", StaticFiles(directory=FILES))
    require_all_declared(app)
