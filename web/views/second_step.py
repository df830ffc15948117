"""What comes after the password? The second factor, or setting one up; and the link with which a password is chosen.

Nobody is signed in on these pages. What they know of who is there is the half sign-in in its own cookie.
"""

from collections.abc import Callable
from typing import Any

from fastapi.responses import Response

from mash.accounts import invitations, signing_in, throttle
from mash.accounts.second_factor import SetUp
from mash.accounts.sessions import SessionToken
from mash.accounts.signing_in import BeginAgain, SignInRefused
from mash.errors import BadInput
from web.cookies import HALF_COOKIE, as_guest, local, signed_in
from web.pages import qr
from web.routing import PUBLIC, Routes
from web.views.session import half_way
from web.visits import Form, Here, Visit

routes = Routes()


@routes.get("/sign-in/code", PUBLIC)
def code_page(visit: Here, next: str = "/") -> Response:
    """The code of the app, or a recovery code."""
    return _step(visit, lambda: _code_page(visit, next))


@routes.post("/sign-in/code", PUBLIC)
def give_code(visit: Here, form: Form) -> Response:
    """Check the code and begin a session."""
    code, after = str(form.get("code", "")), str(form.get("next", ""))

    def give() -> Response:
        token = signing_in.give_code(visit.house.db, visit.house.vault, _half(visit), code, visit.request_id)
        return signed_in(visit, visit.see_other(local(after)), token)

    return _step(visit, give, lambda status, problem: _code_page(visit, after, status, code=problem))


@routes.post("/sign-in/recovery-code", PUBLIC)
def give_recovery_code(visit: Here, form: Form) -> Response:
    """Check the recovery code and begin a session."""
    code, after = str(form.get("recovery_code", "")), str(form.get("next", ""))

    def give() -> Response:
        token = signing_in.give_recovery_code(visit.house.db, _half(visit), code, visit.request_id)
        return signed_in(visit, visit.see_other("/account?done=recovery_code"), token)

    return _step(visit, give, lambda status, problem: _code_page(visit, after, status, recovery_code=problem))


@routes.get("/sign-in/set-up", PUBLIC)
def set_up_page(visit: Here, next: str = "/") -> Response:
    """The QR code and key of a new second factor."""
    return _step(visit, lambda: _set_up_page(visit, next))


@routes.post("/sign-in/set-up", PUBLIC)
def confirm_set_up(visit: Here, form: Form) -> Response:
    """Check the first code, begin a session, and show the recovery codes this once."""
    code, after = str(form.get("code", "")), str(form.get("next", ""))

    def confirm() -> Response:
        db, vault = visit.house.db, visit.house.vault
        token, codes = signing_in.confirm_set_up(db, vault, _half(visit), code, visit.request_id)
        page = visit.page("recovery_codes.html", codes=codes, next=local(after), first=True)
        return signed_in(visit, page, SessionToken(token))

    return _step(visit, confirm, lambda status, problem: _set_up_page(visit, after, status, problem))


@routes.get("/invitation/{token}", PUBLIC)
def invitation_page(visit: Here, token: str) -> Response:
    """Choose a password."""
    invited = invitations.invited(visit.house.db, token)
    return as_guest(visit, visit.page("invitation.html", invited=invited, reasons=()))


@routes.post("/invitation/{token}", PUBLIC)
def accept_invitation(visit: Here, form: Form, token: str) -> Response:
    """Take the password, and lead to the second factor."""
    try:
        half = invitations.accept(visit.house.db, token, str(form.get("new_password", "")))
    except BadInput as wrong:
        invited = invitations.invited(visit.house.db, token)
        page = visit.page("invitation.html", wrong.status, invited=invited, reasons=wrong.reasons)
        return as_guest(visit, page)
    return half_way(visit, half, "/")


def _step(visit: Visit, do: Callable[[], Response], again: Callable[[int, str], Response] | None = None) -> Response:
    """Do it. Without a half sign-in it begins anew; what is wrong is shown by `again`."""
    try:
        try:
            return do()
        except (SignInRefused, throttle.TooManyAttempts) as refusal:
            if again is None:
                raise
            return again(refusal.status, str(refusal))
    except BeginAgain:
        return visit.see_other("/sign-in")


def _half(visit: Visit) -> str:
    return visit.request.cookies.get(visit.house.cookie(HALF_COOKIE), "")


def _code_page(visit: Visit, after: str, status: int = 200, **problems: str) -> Response:
    waiting = signing_in.waiting(visit.house.db, visit.house.vault, _half(visit))
    if waiting.set_up is not None:
        return visit.see_other("/sign-in/set-up")
    return _page(visit, "sign_in_code.html", status, next=local(after), errors=problems)


def _set_up_page(visit: Visit, after: str, status: int = 200, problem: str = "") -> Response:
    waiting = signing_in.waiting(visit.house.db, visit.house.vault, _half(visit))
    if waiting.set_up is None:
        return visit.see_other("/sign-in/code")
    errors = {"code": problem} if problem else {}
    shown = set_up_shown(waiting.set_up)
    context = {"waiting": waiting, "next": local(after), "errors": errors}
    return _page(visit, "sign_in_set_up.html", status, **context, **shown)


def set_up_shown(set_up: SetUp) -> dict[str, Any]:
    """What the page of a new second factor shows: the QR code, and the key as text."""
    return {"picture": qr(set_up.address), "key": set_up.key}


def _page(visit: Visit, template: str, status: int, **context: Any) -> Response:
    page = visit.page(template, status, **context)
    if status == throttle.TooManyAttempts.status:
        page.headers["Retry-After"] = str(int(throttle.WAIT.total_seconds()))
    return as_guest(visit, page)
