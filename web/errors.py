"""What does a person see when something cannot be done? One page for every refusal; never a trace, never data."""

from collections.abc import Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mash.errors import Conflict, MashError, Unsafe, Unsure
from web.house import House
from web.security import SAFE_METHODS, is_from_here
from web.visits import SignInNeeded, Visit
from web.words import marked

HEADINGS = marked(
    {
        400: "This could not be read",
        401: "You are signed out",
        403: "You may not do this",
        404: "Page not found",
        405: "This address does not work that way",
        409: "This cannot be done now",
        413: "This is too much to send at once",
        422: "This could not be read",
        429: "Wait before you try again",
        500: "Something went wrong",
        503: "The front door is out of service",
    }
)
REASONS = marked(
    {
        400: "What your browser sent could not be read. Go back and try again.",
        404: "Check the address. If you followed a link, it may lead to something that is not yours to see.",
        405: "Start again from the first page.",
        413: "Shorten what you typed, or send it in parts.",
        422: "What your browser sent could not be read. Go back and try again.",
        500: "Nothing of what you sent has been stored. Try again; if it happens again, report the number below.",
        503: "Its records cannot be reached, or they are full. Nothing of what you sent has been stored.",
    }
)
RETRY_AFTER = {429: "900", 503: "10"}
HIDDEN_FIELDS = frozenset(
    {"csrf_token", "form_key", "version", "draft", "change", "next", "password", "new_password", "code", "session"}
)
SECRET_FIELDS = frozenset({"password", "new_password", "code"})
"""What is never written into a page."""

WITH_NAVIGATION = frozenset({403, 409, 422})
"""Pages that say who is signed in. A missing page does not: it must look the same whatever is missing."""


def handle_errors(app: FastAPI) -> None:
    """Give the application its error pages."""
    handlers = {
        MashError: _expected,
        HTTPException: _by_status,
        RequestValidationError: _unreadable,
        OperationalError: _no_database,
        InterfaceError: _no_database,
        InternalError: _no_database,
        Unsafe: _no_database,
        NoConnection: _no_database,
        Exception: _unexpected,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


def _expected(request: Request, error: Exception) -> Response:
    expected = cast(MashError, error)
    if isinstance(error, SignInNeeded) and request.method in SAFE_METHODS:
        path = request.url.path
        return RedirectResponse("/sign-in" if path == "/" else f"/sign-in?next={path}", 303)
    heading = marked("Somebody else has changed this contact") if isinstance(error, Conflict) else None
    unsent = _unsent(request) if isinstance(error, SignInNeeded | Unsure) else []
    return _page(request, expected.status, expected.reasons, heading, unsent=unsent)


def _unsent(request: Request) -> list[tuple[str, str]]:
    """The fields of a form of ours that was not taken: what somebody typed must not be lost."""
    house: House = request.app.state.house
    form: FormData = getattr(request.state, "posted", FormData())
    if not is_from_here(request, secure=house.secure):
        return []
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _typed(unsent: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What of it was typed, for people to copy."""
    given = [(name, value.strip()) for name, value in unsent if name not in HIDDEN_FIELDS]
    return [(name.replace("-", " "), value) for name, value in given if value]


def _by_status(request: Request, error: Exception) -> Response:
    http = cast(HTTPException, error)
    page = _page(request, http.status_code)
    page.headers.update({name: value for name, value in (http.headers or {}).items() if name == "Allow"})
    return page


def _unreadable(request: Request, error: Exception) -> Response:
    return _page(request, 422)


def _no_database(request: Request, error: Exception) -> Response:
    """Nothing was stored. The same form can be sent again from the page that says so, if it holds no secret or file."""
    unsent, posted = _unsent(request), getattr(request.state, "posted", FormData())
    whole = len(unsent) == len(posted.multi_items()) and not SECRET_FIELDS & posted.keys()
    return _page(request, 503, unsent=unsent, again=unsent if whole else ())


def _unexpected(request: Request, error: Exception) -> Response:
    return _page(request, 500)


def _page(
    request: Request,
    status: int,
    reasons: tuple[str, ...] = (),
    heading: str | None = None,
    unsent: Sequence[tuple[str, str]] = (),
    again: Sequence[tuple[str, str]] = (),
) -> HTMLResponse:
    url = request.url
    context: dict[str, Any] = {
        "typed": _typed(unsent),
        "again": again,
        "address": f"{url.path}?{url.query}" if url.query else url.path,
        "heading": heading or HEADINGS.get(status, HEADINGS[400]),
        "reasons": reasons if reasons and status != 404 else (REASONS.get(status, REASONS[400]),),
        "request_id": request.state.request_id if status == 500 else None,
        "unavailable": status == 503 and not reasons,
    }
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is not None and visit.person is not None and status in WITH_NAVIGATION:
        page = visit.page("error.html", status, **context)
    else:
        house: House = request.app.state.house
        page = HTMLResponse(house.templates.get_template("error.html").render(context, demo=house.demo), status)
    if status in RETRY_AFTER:
        page.headers["Retry-After"] = RETRY_AFTER[status]
    return page
