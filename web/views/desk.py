"""What does an agency's desk work on? Its own list, each request with the reply to it, and concerns of its own."""

from fastapi.responses import JSONResponse, Response

from mash import clock
from mash.access import looked_at, shown_to
from mash.agencies.desks import DeskRequest, desk_list, desk_request, desk_search
from mash.errors import Refused
from mash.permissions import Permission
from mash.vocabulary import Verb
from web.begun import Begun, begun, sent
from web.contact_form import KEY, read_contact, with_key
from web.fields import Typed
from web.forms import Errors, changed, tidied
from web.pages import left
from web.reply_form import blank_reply, lines, read_reply, reply_sheet
from web.report_form import blank_report, channel_of, report_sheet
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()


@routes.get("/desk", Permission.VIEW_DESK)
def desk(visit: Here, sent: str = "") -> Response:
    """What the desk is asked, the first due first. `sent`: the contact that it has just replied about or reported."""
    looked_at(visit.house.db, visit.actor, None, "desk", visit.request_id)
    work = desk_list(visit.house.db, visit.actor, clock.now())
    known = {r.contact_id: r for r in (*work.awaited, *work.dealt_with) if r.given or r.reported_at}
    return visit.page("desk.html", desk=work, late=sum(r.late for r in work.awaited), done=known.get(sent))


@routes.get("/desk-news", Permission.VIEW_DESK, touch=False)
def news(visit: Here) -> Response:
    """What awaits a reply now, without a name: the list that is open asks for it, and that is not being there."""
    now = clock.now()
    awaited = desk_list(visit.house.db, visit.actor, now).awaited
    return JSONResponse(
        {
            request.contact_id: {
                "asked": clock.iso(request.asked_at) if request.asked_at else "",
                "left": left(request.due_at, now, visit.house.language) if request.due_at else "",
                "late": request.late,
            }
            for request in awaited
        }
    )


@routes.get("/desk/given", Permission.VIEW_DESK)
def given(visit: Here) -> Response:
    """Where one looks for what the desk was asked and gave."""
    return visit.page("desk_given.html", sought=None, found=())


@routes.post("/desk/given", Permission.VIEW_DESK)
def look_for_given(visit: Here, form: Form) -> Response:
    """What was found. A name comes by POST: it stands in no address and in no browser's history."""
    sought = Typed.of(form).one("sought")[:200]
    found = desk_search(visit.house.db, visit.actor, clock.now(), sought)
    shown_to(visit.house.db, visit.actor, [one.contact_id for one in found], "desk_given", visit.request_id)
    return visit.page("desk_given.html", sought=sought, found=found)


@routes.get("/desk/report", Permission.VIEW_DESK)
def new_report(visit: Here) -> Response:
    """An empty form, in the name of the person at the desk."""
    draft = begun(visit, visit.path)
    return _report_page(visit, draft.typed if draft else blank_report(visit.actor, _agency(visit)), draft=draft)


@routes.post("/desk/report", Permission.VIEW_DESK)
def report(visit: Here, form: Form) -> Response:
    """Store the report as a contact that arrives now; or show again what was typed, with what is wrong."""
    sheet, typed = report_sheet(visit.house.rules(visit.actor.borough)), with_key(Typed.of(form))
    if (other := changed(sheet, typed)) is not None:
        return _report_page(visit, other)
    typed = tidied(sheet, typed)
    found = read_contact(sheet, typed, clock.now())
    if found.details is None:
        return _report_page(visit, typed, 422, errors=found.errors)
    details = found.details.model_copy(update={"channel": channel_of(visit.actor)})
    try:
        stored = visit.house.office.receive(visit.actor, details, key=typed.one(KEY), request_id=visit.request_id)
    except Refused as refusal:
        return _report_page(visit, typed, refusal.status, refused=refusal.reasons)
    sent(visit, typed)
    return visit.see_other(f"/desk?sent={stored.contact_id}")


@routes.get("/desk/{contact_id}", Permission.VIEW_DESK)
def desk_contact(visit: Here, contact_id: str) -> Response:
    """What is asked about one contact, and the form for the reply."""
    draft = begun(visit, visit.path)
    return _request_page(visit, _request(visit, contact_id), draft.typed if draft else blank_reply(), draft=draft)


@routes.post("/desk/{contact_id}", Permission.VIEW_DESK)
def reply(visit: Here, contact_id: str, form: Form) -> Response:
    """Give the reply of the desk's own agency; or show again what was typed, with what is wrong."""
    request, typed = _request(visit, contact_id), Typed.of(form)
    found = read_reply(request, visit.actor, typed)
    if found.details is None:
        return _request_page(visit, request, typed, 422, errors=found.errors)
    try:
        visit.house.office.perform(
            visit.actor, Verb.RETURN_INFORMATION, contact_id, found.details, request_id=visit.request_id
        )
    except Refused as refusal:
        return _request_page(visit, request, typed, refusal.status, refused=refusal.reasons)
    sent(visit, typed)
    return visit.see_other(f"/desk?sent={contact_id}")


def _agency(visit: Visit) -> str:
    rules = visit.house.rules(visit.actor.borough)
    desk = visit.actor.desk or ""
    return rules.agencies[desk].label if desk in rules.agencies else desk


def _report_page(
    visit: Visit,
    typed: Typed,
    status: int = 200,
    errors: Errors | None = None,
    refused: tuple[str, ...] = (),
    draft: Begun | None = None,
) -> Response:
    own = {"sheet": report_sheet(visit.house.rules(visit.actor.borough)), "typed": typed, "draft": draft}
    return visit.page("desk_report.html", status, errors=errors or {}, refused=refused, **own)


def _request(visit: Visit, contact_id: str) -> DeskRequest:
    return desk_request(visit.house.db, visit.actor, clock.now(), contact_id)


def _request_page(
    visit: Visit,
    request: DeskRequest,
    typed: Typed,
    status: int = 200,
    errors: Errors | None = None,
    refused: tuple[str, ...] = (),
    draft: Begun | None = None,
) -> Response:
    looked_at(visit.house.db, visit.actor, request.contact_id, "desk_contact", visit.request_id)
    return visit.page(
        "desk_contact.html",
        status,
        request=request,
        sheet=reply_sheet(request),
        lines=lines(request),
        typed=typed,
        errors=errors or {},
        refused=refused,
        draft=draft,
    )
