"""Why this time, and why this colour? What explains a contact, step by step, for the screen and for paper."""

from fastapi.responses import Response

from mash import access, clock
from mash.permissions import Permission
from mash.workflow.why import why
from web.routing import Routes
from web.visits import Here

routes = Routes()


@routes.get("/contacts/{contact_id}/why", Permission.VIEW_CONTACT)
def explained(visit: Here, contact_id: str) -> Response:
    """Its rules, its suggested colour, and each deadline with its count, its moves and its alerts."""
    found = why(visit.house.db, visit.actor, clock.now(), contact_id)
    access.looked_at(visit.house.db, visit.actor, contact_id, "contact_why", visit.request_id)
    return visit.page("why.html", found=found, rules=found.rules)
