"""Who works here, who is signed in, who answers for each agency? The administrator's pages. They show no contact."""

from collections.abc import Callable

from fastapi.responses import Response

from mash.accounts import administration, colleagues, directory, invitations
from mash.accounts.directory import Standing
from mash.accounts.invitations import InvitationToken
from mash.errors import BadInput, MashError, NotPermitted, Refused
from mash.permissions import Permission
from mash.vocabulary import Role
from web import user_form
from web.fields import Typed
from web.routing import Routes
from web.views.account import proof_first
from web.visits import Form, Here, Visit
from web.words import marked

routes = Routes()

DONE = marked(
    {
        "changed": "The change is made. This person’s sessions have ended.",
        "unchanged": "Nothing was different.",
        "address": "The e-mail address is changed.",
        "deactivate": "This person can no longer sign in. Their sessions have ended.",
        "activate": "This person can sign in again.",
        "reset-factor": "The second factor is removed. This person is told when they next sign in, and sets up "
        "a new one.",
        "end-sessions": "This person’s sessions have ended.",
        "ended": "The session has ended.",
    }
)


@routes.get("/admin/users", Permission.MANAGE_USERS)
def users(visit: Here) -> Response:
    """Everybody of one's boroughs."""
    return _users_page(visit, Typed())


@routes.post("/admin/users", Permission.MANAGE_USERS)
def find_users(visit: Here, form: Form) -> Response:
    """Those who fit. A form that is posted: names belong in no address."""
    return _users_page(visit, Typed.of(form))


@routes.get("/admin/users/new", Permission.MANAGE_USERS)
def new_user_page(visit: Here, desk: str = "", borough: str = "") -> Response:
    """A blank form; for a desk without anybody, with that chosen."""
    chosen = {"role": (Role.DESK.value,), "desk": (desk,), "boroughs": (borough,)} if desk else {}
    return proof_first(visit, "/admin/users/new") or _new_user_page(visit, Typed(chosen))


@routes.post("/admin/users/new", Permission.MANAGE_USERS)
def add_user(visit: Here, form: Form) -> Response:
    """Add somebody, and show their link this once."""
    if ask := proof_first(visit, "/admin/users/new"):
        return ask
    house, typed = visit.house, Typed.of(form)
    try:
        post, username, name = user_form.post_of(typed), typed.one("username"), typed.one("name")
        email = typed.one("email")
        user_id, token = administration.add_user(
            house.db, house.office.rulebook, visit.actor, username, name, post, email=email
        )
    except BadInput as wrong:
        return _new_user_page(visit, typed, wrong)
    return _link_page(visit, user_id, token)


@routes.get("/admin/users/{user_id}", Permission.MANAGE_USERS)
def user(visit: Here, user_id: str, done: str = "") -> Response:
    """One person: what they are, and what can be done."""
    known = directory.user(visit.house.db, visit.actor, visit.house.settings, user_id)
    return proof_first(visit, f"/admin/users/{user_id}") or _user_page(visit, known, done=DONE.get(done, ""))


@routes.post("/admin/users/{user_id}", Permission.MANAGE_USERS)
def change_user(visit: Here, form: Form, user_id: str) -> Response:
    """Employ somebody as something else."""
    house, typed = visit.house, Typed.of(form)
    known = directory.user(house.db, visit.actor, house.settings, user_id)
    if ask := proof_first(visit, f"/admin/users/{user_id}"):
        return ask
    try:
        post = user_form.post_of(typed)
        changed = administration.change_post(house.db, house.office.rulebook, visit.actor, user_id, post)
    except BadInput as wrong:
        return _user_page(visit, known, typed, wrong)
    except Refused as refusal:
        return _user_page(visit, known, typed, refusal)
    return visit.see_other(f"/admin/users/{user_id}?done={'changed' if changed else 'unchanged'}")


@routes.post("/admin/users/{user_id}/address", Permission.MANAGE_USERS)
def change_address(visit: Here, form: Form, user_id: str) -> Response:
    """Where alerts reach this person."""
    house, typed = visit.house, Typed.of(form)
    known = directory.user(house.db, visit.actor, house.settings, user_id)
    if ask := proof_first(visit, f"/admin/users/{user_id}"):
        return ask
    try:
        colleagues.change_address(house.db, visit.actor, user_id, typed.one("email"))
    except BadInput as wrong:
        return _user_page(visit, known, typed.plus(user_form.typed_of(known.listed.post).values), wrong)
    return visit.see_other(f"/admin/users/{user_id}?done=address")


@routes.post("/admin/users/{user_id}/invite", Permission.MANAGE_USERS)
def invite(visit: Here, user_id: str) -> Response:
    """A new link with which the person chooses a password, shown this once."""
    house = visit.house
    directory.user(house.db, visit.actor, house.settings, user_id)
    if ask := proof_first(visit, f"/admin/users/{user_id}"):
        return ask
    return _link_page(visit, user_id, administration.invite(house.db, visit.actor, user_id))


@routes.post("/admin/users/{user_id}/deactivate", Permission.MANAGE_USERS)
def deactivate(visit: Here, user_id: str) -> Response:
    """No more signing in."""
    return _do(visit, user_id, "deactivate", lambda: administration.deactivate(visit.house.db, visit.actor, user_id))


@routes.post("/admin/users/{user_id}/activate", Permission.MANAGE_USERS)
def activate(visit: Here, user_id: str) -> Response:
    """Let somebody in again."""
    return _do(visit, user_id, "activate", lambda: administration.activate(visit.house.db, visit.actor, user_id))


@routes.post("/admin/users/{user_id}/reset-factor", Permission.MANAGE_USERS)
def reset_factor(visit: Here, user_id: str) -> Response:
    """Telephone and recovery codes are lost."""
    db = visit.house.db
    return _do(visit, user_id, "reset-factor", lambda: administration.reset_second_factor(db, visit.actor, user_id))


@routes.post("/admin/users/{user_id}/end-sessions", Permission.MANAGE_USERS)
def end_sessions(visit: Here, user_id: str) -> Response:
    """End all that this person has open."""
    db = visit.house.db
    return _do(visit, user_id, "end-sessions", lambda: administration.end_sessions(db, visit.actor, user_id))


@routes.get("/admin/sessions", Permission.VIEW_SESSIONS)
def sessions(visit: Here, done: str = "") -> Response:
    """Who is signed in, since when, and when last seen."""
    house = visit.house
    running = directory.running_sessions(house.db, visit.actor, house.settings, visit.token)
    said = DONE.get(done, "")
    return visit.page("admin/sessions.html", sessions=running, done=said, title_of=house.borough_title)


@routes.post("/admin/sessions", Permission.VIEW_SESSIONS)
def end_session(visit: Here, form: Form) -> Response:
    """End one."""
    if ask := proof_first(visit, "/admin/sessions"):
        return ask
    administration.end_session(visit.house.db, visit.actor, str(form.get("session", "")))
    return visit.see_other("/admin/sessions?done=ended")


@routes.get("/admin/desks", Permission.MANAGE_USERS)
def desks(visit: Here) -> Response:
    """Each agency of the rules in force, with those who can answer for it."""
    found = directory.desks(visit.house.db, visit.house.office.rulebook, visit.actor)
    return visit.page("admin/desks.html", boroughs=found)


def _do(visit: Visit, user_id: str, name: str, act: Callable[[], object]) -> Response:
    """Do it, and show the person again: with what was done, or with why not."""
    house = visit.house
    known = directory.user(house.db, visit.actor, house.settings, user_id)
    if ask := proof_first(visit, f"/admin/users/{user_id}"):
        return ask
    try:
        act()
    except (Refused, NotPermitted) as refusal:
        return _user_page(visit, known, None, refusal)
    return visit.see_other(f"/admin/users/{user_id}?done={name}")


def _users_page(visit: Visit, typed: Typed) -> Response:
    role = next((role for role in user_form.ROLES if role.value == typed.one("role")), None)
    standing = next((one for one in Standing if one.value == typed.one("standing")), None)
    words = typed.one("words")
    return visit.page(
        "admin/users.html",
        users=directory.users(visit.house.db, visit.actor, words=words, role=role, standing=standing),
        typed=typed,
        is_filtered=bool(role or standing or words),
        roles=user_form.ROLES,
        standings=list(Standing),
        title_of=visit.house.borough_title,
    )


def _new_user_page(visit: Visit, typed: Typed, wrong: BadInput | None = None) -> Response:
    places = directory.places(visit.house.db, visit.house.office.rulebook, visit.actor)
    if len(places) == 1 and not typed.many("boroughs"):
        typed = typed.plus({"boroughs": (places[0].code,)})
    return visit.page(
        "admin/user_new.html",
        wrong.status if wrong else 200,
        sheet=user_form.sheet(places, new=True),
        typed=typed,
        errors=user_form.errors_of(wrong) if wrong else {},
    )


def _user_page(
    visit: Visit,
    known: directory.Known,
    typed: Typed | None = None,
    wrong: MashError | None = None,
    done: str = "",
) -> Response:
    places = directory.places(visit.house.db, visit.house.office.rulebook, visit.actor)
    by_field = isinstance(wrong, BadInput)
    return visit.page(
        "admin/user.html",
        wrong.status if wrong else 200,
        known=known,
        one=known.listed,
        is_self=known.listed.id == visit.actor.user_id,
        sheet=user_form.sheet(places, new=False),
        typed=Typed({"email": (known.email,)}).plus((typed or user_form.typed_of(known.listed.post)).values),
        address=user_form.ADDRESS_SHEET,
        errors=user_form.errors_of(wrong) if isinstance(wrong, BadInput) else {},
        reasons=wrong.reasons if wrong and not by_field else (),
        done=done,
        title_of=visit.house.borough_title,
    )


def _link_page(visit: Visit, user_id: str, token: InvitationToken) -> Response:
    house = visit.house
    known = directory.user(house.db, visit.actor, house.settings, user_id)
    scheme = "https" if house.secure else "http"
    address = f"{scheme}://{visit.request.headers.get('host', '')}{invitations.path_of(token)}"
    return visit.page("admin/link.html", one=known.listed, until=known.invited_until, address=address)
