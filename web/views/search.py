"""Which contact do you mean? Its reference may stand in an address; a name or number is only ever posted."""

from fastapi.responses import Response

from mash import clock
from mash.permissions import Permission
from mash.workflow.queue import Found
from mash.workflow.search import by_reference, can_be_looked_for, only_by_reference, search
from web.looks import record_look
from web.queue_address import as_place, place
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()

LONGEST_TEXT = 100


@routes.get("/search", Permission.VIEW_QUEUE)
def search_page(visit: Here, reference: str = "") -> Response:
    """An empty search, or what has this reference; a contact that alone has it opens at once."""
    text = reference.strip()[:LONGEST_TEXT]
    if not text:
        return _page(visit)
    house = visit.house
    found = by_reference(house.db, house.office.rulebook, visit.actor, clock.now(), text)
    if len(found.rows) == 1:
        return visit.see_other(f"/contacts/{found.rows[0].contact_id}")
    return _page(visit, text, found)


@routes.post("/search", Permission.VIEW_QUEUE)
def search_by(visit: Here, form: Form) -> Response:
    """What this reference, name or number finds. What was typed stands in no address and in no log."""
    text = str(form.get("text", "")).strip()[:LONGEST_TEXT]
    if not can_be_looked_for(text):
        return _page(visit, text, status=422)
    house, before = visit.house, place(str(form.get("before", "")))
    found = search(house.db, house.office.rulebook, visit.actor, clock.now(), text, before)
    if only := only_by_reference(found, text):
        return visit.see_other(f"/contacts/{only}")
    return _page(visit, text, found, before is not None)


def _page(visit: Visit, text: str = "", found: Found | None = None, later: bool = False, status: int = 200) -> Response:
    rows = found.rows if found else ()
    if found:
        record_look(visit, "search", [row.contact_id for row in rows])
    errors = {"text": "type"} if status == 422 else {}
    return visit.page(
        "search.html",
        status,
        text=text,
        found=found,
        rows=rows,
        is_later=later,
        more=as_place(found.more) if found and found.more else "",
        errors=errors,
        error_count=len(errors),
    )
