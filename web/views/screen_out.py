"""How is a simple contact screened out in one go? Its short form, and all the acts or none."""

from fastapi.responses import Response

from mash.errors import Conflict, Refused
from mash.permissions import Permission, require
from mash.vocabulary import Verb
from mash.workflow.shown import ContactPage
from web import screen_out
from web.begun import sent
from web.fields import Typed
from web.forms import read
from web.routing import Routes
from web.views.acts import Answer, Asking, begun_or_new, form_page, refused, seen_version
from web.views.contacts import looked_up
from web.visits import Form, Here
from web.words import marked

routes = Routes()

TITLE, NAME = marked("Screen out in one go"), "screen_out"
HINT = marked("Rates it, records the decision and closes it. For a contact about which nobody has to be asked.")
STEP_BY_STEP = marked("Take it step by step.")


@routes.get("/contacts/{contact_id}/screen_out", Permission.RECORD_DECISION)
def ask(visit: Here, contact_id: str) -> Response:
    """One short form."""
    page = looked_up(visit, contact_id, NAME)
    return begun_or_new(visit, page, _asking(page), Typed({"rag": (page.rag or page.suggested or "",)}))


@routes.post("/contacts/{contact_id}/screen_out", Permission.RECORD_DECISION)
def act(visit: Here, contact_id: str, form: Form) -> Response:
    """All of it, or nothing and what was typed."""
    for verb in screen_out.NEEDED:
        require(visit.actor, verb)
    page, typed = looked_up(visit, contact_id, NAME), Typed.of(form)
    asking = _asking(page)
    if asking.impossible:
        return form_page(visit, page, asking, typed, Answer({}, asking.impossible, status=409))
    found = read(asking.sheet, typed, screen_out.ScreenOut)
    errors = screen_out.problems(page, found.details) if found.details else found.errors
    if found.details is None or errors:
        return form_page(visit, page, asking, typed, Answer(errors, status=422))
    try:
        visit.house.office.perform_in_turn(
            visit.actor,
            page.contact_id,
            screen_out.acts(page, found.details),
            version=seen_version(typed),
            request_id=visit.request_id,
        )
    except (Refused, Conflict) as no:
        fresh = looked_up(visit, page.contact_id, NAME)
        return form_page(visit, fresh, _asking(fresh), typed, refused(no, typed))
    sent(visit, typed)
    return visit.see_other(f"/contacts/{page.contact_id}?done={Verb.CLOSE}")


def _asking(page: ContactPage) -> Asking:
    reasons = screen_out.against(page)
    impossible = (*reasons, STEP_BY_STEP) if reasons else ()
    sheet = screen_out.sheet(page)
    return Asking(TITLE, NAME, marked("Screen out and close"), sheet, screen_out.BESIDE, HINT, impossible)
