"""What may everybody see and change of their own account? Password, second factor, sessions, and where they act."""

from collections.abc import Callable

from fastapi.responses import Response

from mash import clock
from mash.accounts import own_account, sessions
from mash.accounts.colleagues import own_reach
from mash.accounts.throttle import TooManyAttempts
from mash.errors import BadInput, MashError
from mash.permissions import Permission, allowed
from web.cookies import local, set_cookie
from web.routing import Routes
from web.views.second_step import set_up_shown
from web.visits import SESSION_COOKIE, Form, Here, Visit
from web.words import marked

routes = Routes()

DONE = marked(
    {
        "password": "Your password is changed. Your other sessions have ended.",
        "others": "Your other sessions have ended.",
        "borough": "You now act in this borough.",
        "reach": "Your address and quiet hours are changed.",
        "recovery_code": "You came in with a recovery code, which is used up. If your telephone is lost, set up a new "
        "second factor now.",
    }
)


@routes.get("/account", Permission.OWN_ACCOUNT)
def account(visit: Here, done: str = "") -> Response:
    """Name, role, boroughs, password, second factor, sessions."""
    house, at = visit.house, clock.now()
    return visit.page(
        "account.html",
        profile=own_account.profile(house.db, visit.actor),
        reach=own_reach(house.db, visit.actor) if allowed(visit.actor, Permission.OWN_REACH) else None,
        sessions=sessions.running_of(house.db, visit.actor, house.settings, at, visit.token),
        done=DONE.get(done, ""),
        title_of=house.borough_title,
    )


@routes.post("/account/borough", Permission.OWN_ACCOUNT)
def switch_borough(visit: Here, form: Form) -> Response:
    """Act in another of one's boroughs."""
    sessions.switch_borough(visit.house.db, visit.actor, visit.token, str(form.get("borough", "")))
    return visit.see_other("/account?done=borough")


@routes.post("/account/sessions", Permission.OWN_ACCOUNT)
def end_others(visit: Here) -> Response:
    """End all sessions but this one."""
    sessions.end_others(visit.house.db, visit.actor, visit.token)
    return visit.see_other("/account?done=others")


@routes.get("/account/password", Permission.OWN_ACCOUNT)
def password_page(visit: Here) -> Response:
    """The current password, and a new one."""
    return _password_page(visit)


@routes.post("/account/password", Permission.OWN_ACCOUNT)
def change_password(visit: Here, form: Form) -> Response:
    """Change the password; the other sessions end."""
    current, new = str(form.get("password", "")), str(form.get("new_password", ""))
    try:
        token = own_account.change_password(visit.house.db, visit.actor, visit.token, current, new)
    except (BadInput, TooManyAttempts) as wrong:
        return _password_page(visit, wrong)
    return _renewed(visit, visit.see_other("/account?done=password"), token)


@routes.get("/account/confirm", Permission.OWN_ACCOUNT)
def confirm_page(visit: Here, next: str = "/account") -> Response:
    """The password again, before what protects an account is changed."""
    return visit.page("account_confirm.html", next=local(next), errors={})


@routes.post("/account/confirm", Permission.OWN_ACCOUNT)
def confirm(visit: Here, form: Form) -> Response:
    """Check it, and go on under a new token."""
    password, after = str(form.get("password", "")), local(str(form.get("next", "")))
    try:
        token = own_account.prove(visit.house.db, visit.actor, visit.token, password)
    except (BadInput, TooManyAttempts) as wrong:
        return visit.page("account_confirm.html", wrong.status, next=after, errors={"password": str(wrong)})
    return _renewed(visit, visit.see_other(after), token)


@routes.get("/account/second-factor", Permission.OWN_ACCOUNT)
def factor_page(visit: Here) -> Response:
    """How the second factor stands; the QR code of one that is being set up."""
    return proof_first(visit, "/account/second-factor") or _factor_page(visit)


@routes.post("/account/second-factor/new", Permission.OWN_ACCOUNT)
def begin_factor(visit: Here) -> Response:
    """Begin to set up a second factor."""

    def begin() -> Response:
        own_account.begin_factor(visit.house.db, visit.house.vault, visit.actor, visit.token)
        return visit.see_other("/account/second-factor")

    return proof_first(visit, "/account/second-factor") or begin()


@routes.post("/account/second-factor", Permission.OWN_ACCOUNT)
def confirm_factor(visit: Here, form: Form) -> Response:
    """Check the first code, and show the recovery codes this once."""
    house, code = visit.house, str(form.get("code", ""))
    return _codes(
        visit, lambda: own_account.confirm_factor(house.db, house.vault, visit.actor, visit.token, code), first=True
    )


@routes.post("/account/recovery-codes", Permission.OWN_ACCOUNT)
def renew_codes(visit: Here) -> Response:
    """Ten new recovery codes, shown this once."""
    return _codes(visit, lambda: own_account.renew_recovery_codes(visit.house.db, visit.actor, visit.token))


def proof_first(visit: Visit, back: str) -> Response | None:
    """Where the password was given too long ago: to the page that asks for it, and from there to `back`."""
    if sessions.proved_lately(visit.house.db, visit.token, clock.now()):
        return None
    return visit.see_other(f"/account/confirm?next={back}")


def _codes(visit: Visit, make: Callable[[], list[str]], *, first: bool = False) -> Response:
    if ask := proof_first(visit, "/account/second-factor"):
        return ask
    try:
        codes = make()
    except (BadInput, TooManyAttempts) as wrong:
        return _factor_page(visit, wrong)
    return visit.page("recovery_codes.html", codes=codes, next="/account", first=first)


def _factor_page(visit: Visit, wrong: MashError | None = None) -> Response:
    house = visit.house
    pending = own_account.pending_factor(house.db, house.vault, visit.actor, visit.token)
    return visit.page(
        "account_factor.html",
        wrong.status if wrong else 200,
        profile=own_account.profile(house.db, visit.actor),
        errors={"code": str(wrong)} if wrong else {},
        **(set_up_shown(pending) if pending else {}),
    )


def _password_page(visit: Visit, wrong: MashError | None = None) -> Response:
    profile = own_account.profile(visit.house.db, visit.actor)
    errors: dict[str, str] = {}
    for reason in wrong.reasons if wrong else ():
        about_current = "current" in reason or isinstance(wrong, TooManyAttempts)
        place = "password" if about_current else "new_password"
        errors[place] = f"{errors[place]} {reason}" if place in errors else reason
    return visit.page("account_password.html", wrong.status if wrong else 200, profile=profile, errors=errors)


def _renewed(visit: Visit, response: Response, token: sessions.SessionToken) -> Response:
    set_cookie(visit, response, SESSION_COOKIE, token)
    return response
