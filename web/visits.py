"""Who asks, may they, and what do they see? One `Visit` per request, made by the guard of the route."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from mash import clock
from mash.accounts import sessions
from mash.errors import BadInput, MashError, NotFound, NotPermitted
from mash.permissions import Actor, Permission, allowed, require
from web.house import House
from web.security import SAFE_METHODS, is_from_here
from web.words import marked

SESSION_COOKIE, GUEST_COOKIE = "mash", "mash-guest"
MOST_FIELDS = 2_000
WITH_A_FILE = frozenset({"/rules/proposals"})
"""Where a form may bring a file: one."""

NAVIGATION = marked(
    (
        ("Triage queue", "/queue", Permission.VIEW_QUEUE, False),
        ("Record a contact", "/contacts/new", Permission.RECEIVE_CONTACT, False),
        ("Advice call", "/advice", Permission.RECEIVE_CONTACT, False),
        ("Overnight", "/overnight", Permission.VIEW_QUEUE, False),
        ("Alerts", "/alerts", Permission.VIEW_ALERTS, False),
        ("Live board", "/board", Permission.VIEW_QUEUE, False),
        ("Rules", "/rules", Permission.VIEW_RULES, False),
        ("Requests", "/desk", Permission.VIEW_DESK, True),
        ("What we gave", "/desk/given", Permission.VIEW_DESK, True),
        ("Report a concern", "/desk/report", Permission.RECEIVE_CONTACT, True),
        ("Users", "/admin/users", Permission.MANAGE_USERS, False),
        ("Sessions", "/admin/sessions", Permission.VIEW_SESSIONS, False),
        ("Desks", "/admin/desks", Permission.MANAGE_USERS, False),
        # Who works at the front door comes from the alerts.
        ("Sources", "/alerts/sources", Permission.MANAGE_USERS, False),
        ("Messages", "/admin/messages", Permission.MANAGE_MESSAGES, False),
    )
)


OF_RULES = marked(
    (
        ("In force", "/rules", Permission.VIEW_RULES, False),
        ("Versions", "/rules/versions", Permission.VIEW_RULES, False),
        ("Change the rules", "/rules/proposals", Permission.CHANGE_RULES, False),
        ("What if now", "/rules/what-if", Permission.VIEW_RULES, False),
        ("Coming year", "/rules/calendar", Permission.VIEW_RULES, False),
        ("To publish", "/rules/timescales", Permission.VIEW_RULES, False),
        ("To consider", "/rules/check", Permission.VIEW_RULES, False),
        ("Compare", "/rules/compare", Permission.COMPARE_RULES, False),
        ("Late bank holidays", "/rules/bank-holidays", Permission.ANNOUNCE_BANK_HOLIDAY, False),
    )
)
"""The pages about the rules, shown on each of them."""


class SignInNeeded(MashError):
    """Nobody is signed in, or no longer."""

    status = 401


@dataclass(frozen=True)
class Visit:
    """One request: the house, who is here (nobody, on public pages), and to whom forms are bound."""

    request: Request
    house: House
    person: Actor | None
    bound_to: str

    @property
    def actor(self) -> Actor:
        """Who is signed in. Raises SignInNeeded on a public page."""
        if self.person is None:
            raise SignInNeeded("Sign in first.")
        return self.person

    @property
    def path(self) -> str:
        """The address of the page within this site, with what is asked of it."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def request_id(self) -> str:
        """The id of this request, as in its response's header and in the audit trail."""
        return str(self.request.state.request_id)

    @property
    def token(self) -> str:
        """What the browser holds of this session. Raises SignInNeeded on a public page."""
        kept = self.request.cookies.get(self.house.cookie(SESSION_COOKIE))
        if self.person is None or kept is None:
            raise SignInNeeded("Sign in first.")
        return kept

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template with all that the layout needs: navigation, form token, nonce and banners."""
        return HTMLResponse(self.house.templates.get_template(template).render(self._around() | context), status)

    def see_other(self, path: str) -> RedirectResponse:
        """Go and look there: the answer to a form that was accepted."""
        return RedirectResponse(path, 303)

    def _around(self) -> dict[str, Any]:
        around: dict[str, Any] = {
            "demo": self.house.demo,
            "csrf_token": self.house.form_token(self.bound_to),
            "nonce": self.request.state.nonce,
            "now": clock.now(),
            "actor": self.person,
        }
        if self.person is not None:
            path = self.request.url.path
            around["navigation"] = _navigation(NAVIGATION, self.person, path)
            around["section"] = _navigation(OF_RULES, self.person, path) if path.startswith("/rules") else []
            around |= self.house.around(self.person)
        return around


def _navigation(pages: Iterable[tuple[str, str, Permission, bool]], actor: Actor, path: str) -> list[dict[str, Any]]:
    """The pages that this person may open. What stands here is the page itself, or else the one above it."""
    found = [page for page in pages if actor.is_desk is page[3] and allowed(actor, page[2])]
    above = [href for _, href, _, _ in found if path == href or path.startswith(f"{href}/")]
    here = max(above, key=len, default="")
    return [{"text": text, "href": href, "active": href == here} for text, href, _, _ in found]


async def _posted(request: Request) -> AsyncIterator[FormData]:
    if request.method in SAFE_METHODS:
        yield FormData()
        return
    most_files = 1 if request.url.path in WITH_A_FILE else 0
    form = await request.form(max_files=most_files, max_fields=MOST_FIELDS)
    try:
        if any("\0" in f"{name}{value}" for name, value in form.multi_items()):
            raise BadInput("The form holds a character that cannot be stored. Type the text again.")
        yield form
    finally:
        await form.close()


def guard(permission: Permission | None, *, touch: bool = True) -> Callable[..., None]:
    """The dependency that runs before a view: who is it, may they, and does the form come from one of our pages?

    `None` is for public routes, which look at no session. Raises SignInNeeded, NotPermitted or NotFound.
    """

    def check(request: Request, form: Annotated[FormData, Depends(_posted)]) -> None:
        if "\0" in request.url.path:
            raise NotFound
        request.state.posted = form
        house: House = request.app.state.house
        visit = _as_guest(request, house) if permission is None else _as_somebody(request, house, touch)
        request.state.visit = visit
        if request.method not in SAFE_METHODS:
            _require_own_form(visit, form)
        if permission is not None:
            require(visit.actor, permission)

    return check


def _as_guest(request: Request, house: House) -> Visit:
    known = request.cookies.get(house.cookie(GUEST_COOKIE))
    return Visit(request, house, None, f"guest:{known or secrets.token_urlsafe(16)}")


def _as_somebody(request: Request, house: House, touch: bool) -> Visit:
    token = request.cookies.get(house.cookie(SESSION_COOKIE))
    person = sessions.session_actor(house.db, token, house.settings, touch=touch) if token else None
    if token is None or person is None:
        raise SignInNeeded("You are signed out. What you sent has not been stored: sign in and send it again.")
    return Visit(request, house, person, f"session:{token}")


def _require_own_form(visit: Visit, form: FormData) -> None:
    token = form.get("csrf_token")
    is_ours = isinstance(token, str) and visit.house.is_form_token(token, visit.bound_to)
    if not is_ours or not is_from_here(visit.request, secure=visit.house.secure):
        raise NotPermitted("This form is too old, or it did not come from this site. Load the page again and retry.")


async def _visit(request: Request) -> Visit:  # waits for nothing: as a plain function it would go through a thread
    visit: Visit = request.state.visit
    return visit


Here = Annotated[Visit, Depends(_visit)]
"""In a view's parameters: the visit that the guard made."""

Form = Annotated[FormData, Depends(_posted)]
"""In a view's parameters: the fields of the form that was posted."""
