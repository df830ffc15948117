"""How does a person come in and go out? Sign-in, sign-out, and the first page of each role."""

import re

from fastapi.responses import Response

from mash import accounts
from mash.permissions import Permission, allowed
from mash.vocabulary import Role
from web.routing import PUBLIC, Routes
from web.visits import GUEST_COOKIE, SESSION_COOKIE, Form, Here, Visit

routes = Routes()

WHAT_THEY_DO = {
    Role.CONTACT_OFFICER: "Records contacts, acknowledges them, and tells referrers the outcome",
    Role.SCREENER: "Screens contacts, rates them, and asks agencies what they know",
    Role.DECISION_MAKER: "Weighs the replies, decides, and gives management oversight",
    Role.EDT: "Acts at night and at weekends, and hands over in the morning",
    Role.SERVICE_MANAGER: "Sees what is out of timescale, and can do all that a decision maker can",
    Role.DESK: "Sees and answers only what its own agency is asked",
}
_PATH = re.compile(r"/(?![/\\])[\w./-]*")


@routes.get("/", Permission.OWN_SESSION)
def home(visit: Here) -> Response:
    """The page on which this person's work begins."""
    return visit.see_other("/queue" if allowed(visit.actor, Permission.VIEW_QUEUE) else "/desk")


@routes.get("/sign-in", PUBLIC)
def sign_in_page(visit: Here, next: str = "/") -> Response:
    """Username and password; in a demonstration, everybody by one click."""
    return _sign_in_page(visit, next)


@routes.post("/sign-in", PUBLIC)
def sign_in(visit: Here, form: Form) -> Response:
    """Check the password and begin a session."""
    username, password, after = (str(form.get(name, "")) for name in ("username", "password", "next"))
    client = visit.request.client
    address = client.host if client else ""
    try:
        token = accounts.sign_in(visit.house.db, username, password, address, request_id=visit.request_id)
    except (accounts.SignInRefused, accounts.TooManyAttempts) as refusal:
        return _sign_in_page(visit, after, refusal.status, username, str(refusal))
    return _begin(visit, token, after)


@routes.post("/sign-in/demo", PUBLIC)
def demo_sign_in(visit: Here, form: Form) -> Response:
    """Begin a session as one of the invented people of a demonstration."""
    username, after = (str(form.get(name, "")) for name in ("username", "next"))
    token = accounts.demo_sign_in(visit.house.db, username, request_id=visit.request_id)
    return _begin(visit, token, after)


@routes.post("/sign-out", Permission.OWN_SESSION)
def sign_out(visit: Here) -> Response:
    """End the session, and have the browser forget its pages."""
    _end_session_of(visit)
    response = visit.see_other("/sign-in")
    _set_cookie(visit, response, SESSION_COOKIE, None)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _sign_in_page(visit: Visit, after: str, status: int = 200, username: str = "", problem: str = "") -> Response:
    people = [(user, WHAT_THEY_DO[user.role]) for user in accounts.demo_users(visit.house.db)]
    page = visit.page("sign_in.html", status, people=people, next=_local(after), username=username, problem=problem)
    if status == accounts.TooManyAttempts.status:
        page.headers["Retry-After"] = str(int(accounts.WAIT.total_seconds()))
    _set_cookie(visit, page, GUEST_COOKIE, visit.bound_to.removeprefix("guest:"))
    return page


def _begin(visit: Visit, token: accounts.SessionToken, after: str) -> Response:
    _end_session_of(visit)
    response = visit.see_other(_local(after))
    _set_cookie(visit, response, SESSION_COOKIE, token)
    return response


def _end_session_of(visit: Visit) -> None:
    old = visit.request.cookies.get(visit.house.cookie(SESSION_COOKIE))
    if old:
        accounts.sign_out(visit.house.db, old)


def _local(path: str) -> str:
    """A path on this site, or else the first page: never an address elsewhere."""
    return path if _PATH.fullmatch(path) else "/"


def _set_cookie(visit: Visit, response: Response, name: str, value: str | None) -> None:
    response.set_cookie(
        visit.house.cookie(name),
        value or "",
        max_age=None if value else 0,
        path="/",
        secure=visit.house.secure,
        httponly=True,
        samesite="lax",
    )
