"""Databases with people, and applications over them with a few routes to try."""

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from mash.accounts.users import create_user
from mash.accounts.vault import Vault
from mash.db import Database
from mash.errors import Conflict, NotFound, Refused
from mash.models.accounts import User
from mash.permissions import Permission
from mash.settings import Settings
from mash.vocabulary import Role
from tests.conftest import MakeDatabase
from tests.support.telephone import enrolled
from tests.web.browsing import Browser
from web.app import create_app
from web.routing import Routes, register
from web.visits import Form, Here

PASSWORD = "correct horse battery staple"
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A real one slows every test by a fifth of a second; `test_accounts` sets a password by the front way too."""


def peopled(db: Database) -> Database:
    create_user(db, "sam", "Sam Whitlock", Role.SCREENER, ["northbridge"], registered=True)
    create_user(db, "pat", "Pat Lindqvist", Role.DESK, ["northbridge"], "health")
    create_user(db, "nopassword", "Nobody", Role.SCREENER, ["northbridge"], registered=True)
    with db.transaction() as tx:
        tx.execute(update(User).where(User.username.in_(("sam", "pat"))).values(password_hash=QUICK_HASH))
    return db


@pytest.fixture
def live(database: Database) -> Database:
    """Sam and Pat have a second factor, too."""
    enrolled(peopled(database), VAULT, ("sam", "pat"))
    return database


@pytest.fixture
def demo(make_database: MakeDatabase) -> Database:
    return peopled(make_database("demo"))


KEY = "x" * 40
VAULT = Vault(KEY)


def settings(**changes: object) -> Settings:
    given = {"secret_key": KEY, "sweep_stale_seconds": 120, "idle_minutes": 15, "session_hours": 10} | changes
    return Settings.model_validate(given)


def opened(db: Database, **changes: object) -> FastAPI:
    app = create_app(settings=settings(**changes), db=db)
    register(app, try_routes())
    return app


@pytest.fixture
def app(live: Database) -> FastAPI:
    return opened(live)


@pytest.fixture
def browser(app: FastAPI) -> Browser:
    return Browser(app)


@pytest.fixture
def sam(browser: Browser) -> Browser:
    assert browser.sign_in("sam", PASSWORD).status_code == 303
    return browser


@pytest.fixture
def pat(app: FastAPI) -> Browser:
    browser = Browser(app)
    assert browser.sign_in("pat", PASSWORD).status_code == 303
    return browser


def try_routes() -> Routes:
    """Routes that do what routes can do: show, be missing, refuse, crash, and take a form."""
    routes = Routes()
    troubles: dict[str, Callable[[], Exception]] = {
        "missing": lambda: NotFound("Contact 4711 is not there."),
        "refused": lambda: Refused("Health has not answered yet.", "Education has not answered yet."),
        "conflict": lambda: Conflict("Sam Whitlock rated it at 4:40pm."),
        "crash": lambda: RuntimeError("Tiana Mensah-Okafor"),
        "no-database": lambda: OperationalError("SELECT", {}, Exception("gone")),
    }

    @routes.get("/try/queue", Permission.VIEW_QUEUE)
    def queue(visit: Here) -> Response:
        return visit.page("error.html", heading="Queue", reasons=("Nothing waits.",))

    @routes.get("/try/poll", Permission.VIEW_QUEUE, touch=False)
    def poll(visit: Here) -> Response:
        return PlainTextResponse(visit.actor.name)

    @routes.post("/form", Permission.START_SCREENING)
    def form(visit: Here, form: Form) -> Response:
        return PlainTextResponse(f"{visit.actor.name} wrote {form['text']}")

    @routes.get("/try/number/{number}", Permission.VIEW_QUEUE)
    def number(visit: Here, number: int) -> Response:
        return PlainTextResponse(str(number))

    @routes.get("/try/{trouble}", Permission.VIEW_QUEUE)
    def trouble(visit: Here, trouble: str) -> Response:
        raise troubles[trouble]()

    return routes
