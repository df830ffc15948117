"""How does a person come in and go out? Sign-in, sign-out, and the first page of each role."""

from fastapi.responses import Response

from mash.accounts import signing_in, throttle
from mash.accounts.signing_in import Half
from mash.accounts.users import demo_users
from mash.permissions import Permission, allowed
from mash.vocabulary import Role
from web.cookies import HALF_COOKIE, as_guest, end_session_of, local, set_cookie, signed_in
from web.routing import PUBLIC, Routes
from web.visits import SESSION_COOKIE, Form, Here, Visit
from web.words import marked

routes = Routes()

WHAT_THEY_DO = marked(
    {
        Role.CONTACT_OFFICER: "Records contacts, acknowledges them, and tells referrers the outcome",
        Role.SCREENER: "Screens contacts, rates them, and asks agencies what they know",
        Role.DECISION_MAKER: "Weighs the replies, decides, and gives management oversight",
        Role.EDT: "Acts at night and at weekends, and hands over in the morning",
        Role.SERVICE_MANAGER: "Sees what is out of timescale, and can do all that a decision maker can",
        Role.DESK: "Sees and answers only what its own agency is asked",
        Role.ADMINISTRATOR: "Says who may sign in, and as what; sees no contacts",
    }
)
FIRST_PAGES = (
    (Permission.VIEW_QUEUE, "/queue"),
    (Permission.VIEW_DESK, "/desk"),
    (Permission.MANAGE_USERS, "/admin/users"),
)


@routes.get("/", Permission.OWN_SESSION)
def home(visit: Here) -> Response:
    """The page on which this person's work begins."""
    return visit.see_other(next(path for permission, path in FIRST_PAGES if allowed(visit.actor, permission)))


@routes.get("/sign-in", PUBLIC)
def sign_in_page(visit: Here, next: str = "/") -> Response:
    """Username and password; in a demonstration, everybody by one click."""
    return _sign_in_page(visit, next)


@routes.post("/sign-in", PUBLIC)
def sign_in(visit: Here, form: Form) -> Response:
    """Check the password, and lead to the second factor; in a demonstration, without one, begin a session."""
    username, password, after = (str(form.get(name, "")) for name in ("username", "password", "next"))
    client = visit.request.client
    address = client.host if client else ""
    try:
        entered = signing_in.sign_in(visit.house.db, username, password, address, request_id=visit.request_id)
    except (signing_in.SignInRefused, throttle.TooManyAttempts) as refusal:
        return _sign_in_page(visit, after, refusal.status, username, str(refusal))
    if not isinstance(entered, Half):
        return signed_in(visit, visit.see_other(local(after)), entered)
    return half_way(visit, entered, after)


@routes.post("/sign-in/demo", PUBLIC)
def demo_sign_in(visit: Here, form: Form) -> Response:
    """Begin a session as one of the invented people of a demonstration."""
    username, after = (str(form.get(name, "")) for name in ("username", "next"))
    token = signing_in.demo_sign_in(visit.house.db, username, request_id=visit.request_id)
    return signed_in(visit, visit.see_other(local(after)), token)


@routes.post("/sign-out", Permission.OWN_SESSION)
def sign_out(visit: Here) -> Response:
    """End the session, and have the browser forget its pages."""
    end_session_of(visit)
    response = visit.see_other("/sign-in")
    set_cookie(visit, response, SESSION_COOKIE, None)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def half_way(visit: Visit, half: Half, after: str) -> Response:
    """To the second factor: the code of the one that is there, or setting one up. An older session ends."""
    end_session_of(visit)
    step = "code" if half.has_factor else "set-up"
    response = visit.see_other(f"/sign-in/{step}?next={local(after)}")
    set_cookie(visit, response, HALF_COOKIE, half.token)
    set_cookie(visit, response, SESSION_COOKIE, None)
    return response


def _sign_in_page(visit: Visit, after: str, status: int = 200, username: str = "", problem: str = "") -> Response:
    people = [(user, WHAT_THEY_DO[user.role]) for user in demo_users(visit.house.db)]
    page = visit.page("sign_in.html", status, people=people, next=local(after), username=username, problem=problem)
    if status == throttle.TooManyAttempts.status:
        page.headers["Retry-After"] = str(int(throttle.WAIT.total_seconds()))
    return as_guest(visit, page)
