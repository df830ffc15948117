"""What is out of timescale, and what soon will be? One line per contact, its worst clock first."""

from fastapi.responses import Response

from mash import access, clock
from mash.permissions import Permission
from mash.workflow import queries
from web.routing import Routes
from web.visits import Here

routes = Routes()


@routes.get("/alerts", Permission.VIEW_ALERTS)
def alerts(visit: Here) -> Response:
    """Out of timescale before due soon."""
    rows = queries.alerts(visit.house.db, visit.actor, clock.now())
    access.looked_at(visit.house.db, visit.actor, None, "alerts", visit.request_id)
    late = sum(row.late for row in rows)
    return visit.page("alerts.html", heading="Alerts", rows=rows, late=late, due_soon=len(rows) - late)
