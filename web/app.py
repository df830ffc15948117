"""What does the server serve? The application, made by `create_app()`; `uvicorn --factory web.app:served`."""

import gc
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from mash.db import Database
from mash.settings import Settings
from web.errors import handle_errors
from web.house import House, furnish
from web.routing import Routes, adopt, register, register_static, require_all_declared, routes_table
from web.security import Shield
from web.views import (
    account,
    acts,
    admin,
    alerts,
    bank_holidays,
    board,
    calls,
    contacts,
    desk,
    drafts,
    health,
    identity,
    messages,
    overnight,
    queue,
    rule_check,
    rule_compare,
    rule_pages,
    rule_proposals,
    rule_versions,
    rules,
    screen_out,
    search,
    second_step,
    session,
    sources,
    what_if,
    why,
)

FILES = Path(__file__).parent / "static"
LARGEST_REQUEST, SMALL = 1_000_000, 1_000
VIEWS = (
    session.routes,
    second_step.routes,
    health.routes,
    identity.routes,
    queue.routes,
    search.routes,
    calls.routes,
    contacts.routes,
    why.routes,
    acts.routes,
    screen_out.routes,
    drafts.routes,
    alerts.routes,
    sources.routes,
    board.routes,
    desk.routes,
    overnight.routes,
    rules.routes,
    bank_holidays.routes,
    rule_check.routes,
    rule_compare.routes,
    what_if.routes,
    rule_pages.routes,
    rule_versions.routes,
    rule_proposals.routes,
    account.routes,
    admin.routes,
    messages.routes,
)


class Application(FastAPI):
    """FastAPI, compressed, inside the shield: not even its own error pages go out without our headers."""

    def build_middleware_stack(self) -> ASGIApp:
        """Everything that FastAPI does, compressed and shielded."""
        house: House = self.state.house
        compressed = GZipMiddleware(super().build_middleware_stack(), minimum_size=SMALL, compresslevel=5)
        return Shield(compressed, secure=house.secure)


def create_app(settings: Settings | None = None, db: Database | None = None) -> FastAPI:
    """The application over the database of the settings. Raises Unsafe where it is not fit to run."""
    settings = settings or Settings()
    app = Application(
        docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, max_body_size=LARGEST_REQUEST
    )
    app.state.house = furnish(settings, db or Database(settings.database_url))
    handle_errors(app)
    adopt(app, _open_routes(*VIEWS))
    return app


def served() -> FastAPI:
    """`create_app()` for a process that serves it and nothing else."""
    app = create_app()
    collect_seldom()
    return app


def collect_seldom() -> None:
    """What is there by now stays to the end of this process.

    So the collector need not go through all of it again and again, nor begin at each small part of a page: that was a
    tenth of the time of a page, and a twentieth of an act.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def all_routes() -> list[tuple[str, str, str]]:
    """Every route as (method, path, permission), without a database."""
    return routes_table(_open_routes(*VIEWS))


@cache
def _open_routes(*views: Routes) -> FastAPI:
    """An application with these routes and nothing behind them: made once, for it takes a quarter of a second."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    register(app, *views)
    register_static(app, "/static", StaticFiles(directory=FILES))
    require_all_declared(app)
    return app
