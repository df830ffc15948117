"""No route without a permission; refusals that give nothing away."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse, Response

import web.app
from mash.db import Database
from mash.errors import Unsafe
from mash.permissions import Permission
from tests.web.browsing import Browser
from tests.web.conftest import opened, settings
from web.app import create_app
from web.routing import Routes, require_all_declared, routes_table

PUBLIC_ROUTES = {
    ("GET", "/house/colour.css"),
    ("GET", "/house/logo"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/demo"),
    ("GET", "/sign-in/code"),
    ("POST", "/sign-in/code"),
    ("POST", "/sign-in/recovery-code"),
    ("GET", "/sign-in/set-up"),
    ("POST", "/sign-in/set-up"),
    ("GET", "/invitation/{token}"),
    ("POST", "/invitation/{token}"),
    ("GET", "/static/{path}"),
    ("GET", "/wall/{token}"),
    ("GET", "/wall/{token}/figures"),
}


def test_these_routes_and_no_others_are_public(live: Database) -> None:
    table = routes_table(create_app(settings=settings(), db=live))
    assert table == web.app.all_routes()
    assert {row[:2] for row in table if row[2] == "public"} == PUBLIC_ROUTES
    assert {row[2] for row in table} <= {"public", *Permission}


def test_a_route_without_a_permission_stops_the_program_at_start(
    live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = Routes()
    undeclared: Any = None

    @routes.get("/open", undeclared)
    def leak() -> Response:
        return PlainTextResponse("open")

    monkeypatch.setattr(web.app, "VIEWS", (*web.app.VIEWS, routes))
    with pytest.raises(Unsafe, match="GET /open has no declared permission"):
        create_app(settings=settings(), db=live)


def test_no_other_way_of_adding_a_route_is_let_through(live: Database) -> None:
    def leak() -> Response:
        return PlainTextResponse("open")

    router = APIRouter()
    router.get("/open")(leak)
    for add in (
        lambda app: app.add_api_route("/open", leak),
        lambda app: app.include_router(router),
        lambda app: app.mount("/open", PlainTextResponse("open")),
        lambda app: app.add_api_websocket_route("/open", leak),
    ):
        app = create_app(settings=settings(), db=live)
        add(app)
        with pytest.raises(Unsafe, match="no declared permission"):
            require_all_declared(app)


def test_plain_http_is_refused_outside_a_demonstration(live: Database) -> None:
    with pytest.raises(Unsafe, match="MASH_INSECURE_HTTP"):
        create_app(settings=settings(insecure_http=True), db=live)


@pytest.mark.parametrize("key", [None, "short"])
def test_a_live_database_needs_a_real_key(live: Database, key: str | None) -> None:
    with pytest.raises(Unsafe, match="MASH_SECRET_KEY"):
        create_app(settings=settings(secret_key=key), db=live)


def test_a_demonstration_makes_up_its_key(demo: Database) -> None:
    browser = Browser(opened(demo, secret_key=None))
    assert browser.sign_in("sam").status_code == 303


def test_without_the_right_the_answer_is_403_and_what_is_missing_is_404(sam: Browser, pat: Browser) -> None:
    assert (sam.get("/try/queue").status_code, sam.get("/try/missing").status_code) == (200, 404)
    refused = pat.get("/try/missing")
    assert refused.status_code == 403
    assert "your role (Agency desk, health) may not do this" in refused.text
    assert pat.post("/form", text="words").status_code == 403


def test_whatever_is_missing_looks_the_same(sam: Browser, browser: Browser) -> None:
    guest = Browser(sam.client.app)  # type: ignore[arg-type]
    pages = [
        sam.get("/try/missing"),
        sam.get("/nowhere"),
        sam.get("/try/%00"),
        guest.get("/nowhere"),
        sam.get("/static/x"),
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert len({tuple(sorted(page.headers)) for page in pages}) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("cookie", ["", "junk"])
def test_no_method_opens_a_route_to_a_stranger(app: FastAPI, method: str, cookie: str) -> None:
    browser = Browser(app)
    if cookie:
        browser.client.cookies.set("__Host-mash", cookie, domain="front-door.test")
    closed = [row for row in routes_table(app) if row[2] != "public"]
    assert closed
    for _, path, _ in closed:
        response = browser.client.request(method, path.replace("{", "").replace("}", ""))
        assert response.status_code in (303, 401, 405), path
        if response.status_code == 303:
            assert response.headers["location"].startswith("/sign-in")


def test_a_crash_shows_a_number_and_neither_trace_nor_data(sam: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    response = sam.get("/try/crash")
    assert response.status_code == 500
    assert response.headers["x-request-id"] in response.text
    logged = capsys.readouterr()
    assert response.headers["x-request-id"] in logged.out + logged.err
    for text in (response.text, logged.out, logged.err):
        assert "Tiana" not in text
    assert "RuntimeError" not in response.text


def test_refusals_give_every_reason(sam: Browser) -> None:
    page = sam.get("/try/refused").text
    assert "Health has not answered yet." in page and "Education has not answered yet." in page
    assert "Somebody else has changed this contact" in sam.get("/try/conflict").text
