"""What happened overnight? One list in the morning, accepted line by line."""

from fastapi.responses import Response

from mash import access, clock
from mash.errors import Refused
from mash.permissions import Permission
from mash.vocabulary import Verb
from mash.workflow.details import NoDetails
from mash.workflow.overnight import overnight
from web.routing import Routes
from web.visits import Here, Visit

routes = Routes()


@routes.get("/overnight", Permission.VIEW_QUEUE)
def night(visit: Here) -> Response:
    """What came in, was rated, decided or handed over since the hub closed."""
    return _page(visit)


@routes.post("/overnight/{contact_id}", Permission.ACCEPT_HANDOVER)
def accept(visit: Here, contact_id: str) -> Response:
    """Accept one line; the list stays where it is."""
    return _done(visit, Verb.ACCEPT_HANDOVER, contact_id)


@routes.post("/overnight/{contact_id}/read", Permission.CONFIRM_READ)
def confirm_read(visit: Here, contact_id: str) -> Response:
    """The allocated worker has read what was passed on in the night."""
    return _done(visit, Verb.CONFIRM_READ, contact_id)


def _done(visit: Visit, verb: Verb, contact_id: str) -> Response:
    try:
        visit.house.office.perform(visit.actor, verb, contact_id, NoDetails(), request_id=visit.request_id)
    except Refused as refused:
        return _page(visit, refused.reasons, refused.status)
    return visit.see_other(f"/overnight#line-{contact_id}")


def _page(visit: Visit, reasons: tuple[str, ...] = (), status: int = 200) -> Response:
    now = clock.now()
    found = overnight(visit.house.db, visit.actor, now)
    access.looked_at(visit.house.db, visit.actor, None, "overnight", visit.request_id)
    return visit.page("overnight.html", status, found=found, late=found.late(now), reasons=reasons)
