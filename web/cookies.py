"""What do browsers keep of ours, and where may they go next? Cookies bound to this host, and addresses on this site."""

import re

from fastapi.responses import Response

from mash.accounts import sessions
from mash.accounts.sessions import SessionToken
from web.visits import GUEST_COOKIE, SESSION_COOKIE, Visit

HALF_COOKIE = "mash-half"
"""Holds the token of a sign-in that waits for the second factor. No page but those of signing in looks at it."""

_PATH = re.compile(r"/(?![/\\])[\w./-]*")


def local(path: str) -> str:
    """A path on this site, or else the first page: never an address elsewhere."""
    return path if _PATH.fullmatch(path) else "/"


def set_cookie(visit: Visit, response: Response, name: str, value: str | None) -> None:
    """Have the browser keep this until it is closed, or forget it."""
    response.set_cookie(
        visit.house.cookie(name),
        value or "",
        max_age=None if value else 0,
        path="/",
        secure=visit.house.secure,
        httponly=True,
        samesite="lax",
    )


def as_guest(visit: Visit, response: Response) -> Response:
    """The page, with what ties its forms to this browser."""
    set_cookie(visit, response, GUEST_COOKIE, visit.bound_to.removeprefix("guest:"))
    return response


def signed_in(visit: Visit, response: Response, token: SessionToken) -> Response:
    """The answer, with the new session; the one that the browser had before ends."""
    end_session_of(visit)
    set_cookie(visit, response, SESSION_COOKIE, token)
    if visit.request.cookies.get(visit.house.cookie(HALF_COOKIE)):
        set_cookie(visit, response, HALF_COOKIE, None)
    return response


def end_session_of(visit: Visit) -> None:
    """End the session that the browser has, if any."""
    old = visit.request.cookies.get(visit.house.cookie(SESSION_COOKIE))
    if old:
        sessions.sign_out(visit.house.db, old)
