"""What does somebody need who has a caller on the line? Earlier contacts while they type; a form for advice."""

from fastapi.responses import Response

from mash.errors import Refused
from mash.permissions import Permission, allowed, require
from mash.vocabulary import Kind, State, Verb
from web.advice_form import SHEET, Advice, blank_advice, read_advice
from web.begun import Begun, begun, sent
from web.contact_form import KEY, with_key
from web.earlier import earlier_contacts
from web.fields import Typed
from web.forms import Errors
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()


@routes.post("/earlier-contacts", Permission.VIEW_CONTACT)
def look_for_earlier_contacts(visit: Here, form: Form) -> Response:
    """The panel beside the form of a contact, for what is typed so far. Names come by POST and stand in no URL."""
    return visit.page("earlier/found.html", earlier=earlier_contacts(visit, Typed.of(form)))


@routes.get("/advice", Permission.RECEIVE_CONTACT)
def new_advice(visit: Here) -> Response:
    """An empty form for advice without names. A desk reports by a form of its own."""
    if visit.actor.is_desk:
        return visit.see_other("/desk/report")
    draft = begun(visit, visit.path)
    return _advice_page(visit, draft.typed if draft else blank_advice(), draft=draft)


@routes.post("/advice", Permission.RECEIVE_CONTACT)
def record_advice(visit: Here, form: Form) -> Response:
    """Record the call and, where this person may, close it; or show the form again with everything that was typed."""
    require(visit.actor, Permission.VIEW_CONTACT)
    typed = with_key(Typed.of(form))
    if typed.one("change"):
        return _advice_page(visit, typed)
    advice, errors = read_advice(typed)
    if advice is None:
        return _advice_page(visit, typed, errors=errors, status=422)
    try:
        contact_id = _recorded(visit, advice, typed.one(KEY))
    except Refused as refused:
        return _advice_page(visit, typed, reasons=refused.reasons, status=409)
    sent(visit, typed)
    done = Verb.CLOSE if _closes(visit) else Verb.RECEIVE_CONTACT
    return visit.see_other(f"/contacts/{contact_id}?done={done}")


def _recorded(visit: Visit, advice: Advice, key: str) -> str:
    """Two acts. Should the second fail, the call stands in the queue, to be closed there."""
    office = visit.house.office
    stored = office.receive(visit.actor, advice.contact, key=key, request_id=visit.request_id)
    if _closes(visit) and stored.state is not State.CLOSED:
        office.perform(visit.actor, Verb.CLOSE, stored.contact_id, advice.closing, request_id=visit.request_id)
    return stored.contact_id


def _closes(visit: Visit) -> bool:
    """Whether this person may close an advice call without a decision: a social worker, by most rules."""
    rules = visit.house.rules(visit.actor.borough)
    may = allowed(visit.actor, Verb.CLOSE) and rules.lets(visit.actor.role, Verb.CLOSE)
    return may and rules.kinds[Kind.ADVICE].may_close_early


def _advice_page(
    visit: Visit,
    typed: Typed,
    *,
    errors: Errors | None = None,
    reasons: tuple[str, ...] = (),
    status: int = 200,
    draft: Begun | None = None,
) -> Response:
    wrong = errors or {}
    count = len(wrong) + len(reasons)
    page = {"sheet": SHEET, "typed": typed, "errors": wrong, "reasons": reasons, "error_count": count, "draft": draft}
    return visit.page("advice.html", status, closes=_closes(visit), **page)
