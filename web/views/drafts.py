"""What has this person begun and not sent? Their forms, kept while they type, to go on with or to throw away."""

from fastapi.responses import PlainTextResponse, Response

from mash import clock
from mash.permissions import Permission
from web.begun import all_begun, discard, keep
from web.fields import Typed
from web.pages import short
from web.routing import Routes
from web.visits import Form, Here

routes = Routes()


@routes.get("/drafts", Permission.OWN_SESSION)
def unsent(visit: Here) -> Response:
    """Every form that was begun, the latest first."""
    return visit.page("drafts.html", forms=all_begun(visit))


@routes.post("/drafts", Permission.OWN_SESSION)
def keep_draft(visit: Here, form: Form) -> Response:
    """What a page's script sends while somebody types. Answers with the time, as it is shown."""
    keep(visit, Typed.of(form))
    return PlainTextResponse(short(clock.now(), language=visit.house.language))


@routes.post("/drafts/discard", Permission.OWN_SESSION)
def discard_draft(visit: Here, form: Form) -> Response:
    """Throw it away, and show the form as new."""
    typed = Typed.of(form)
    path = discard(visit, typed)
    return visit.see_other("/drafts" if typed.one("stay") else path)
