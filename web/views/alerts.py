"""What is out of timescale, and what soon will be? One line per contact, and taking it on from the line."""

from typing import Any

from fastapi.responses import Response

from mash import clock
from mash.errors import Conflict, Refused
from mash.permissions import Permission
from mash.silence.page import quiet_now
from mash.vocabulary import Verb
from mash.workflow.alerts import alarming_clock, alerts, named
from mash.workflow.details import OneDeadline
from web.looks import record_look
from web.queue_address import LONGEST, NOBODY
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()


@routes.get("/alerts", Permission.VIEW_ALERTS)
def alerts_page(visit: Here, who: str = "", done: str = "") -> Response:
    """Out of timescale before due soon; `who=nobody` only what nobody has taken on. `done` was just taken on."""
    return _page(visit, who, done=done[:LONGEST])


@routes.get("/alerts/lines", Permission.VIEW_ALERTS, touch=False)
def lines(visit: Here, who: str = "", seen: str = "") -> Response:
    """The part of the page that refreshes itself. Fetching it does not count as being there."""
    return visit.page("alerts/live.html", **_found(visit, who, seen))


@routes.post("/alerts/{contact_id}/take", Permission.TAKE_ALERT)
def take(visit: Here, contact_id: str, form: Form) -> Response:
    """Answer for the deadline that the person saw on the line, or else for the worst that alarms."""
    who, house = str(form.get("back", "")), visit.house
    try:
        seen = str(form.get("deadline", ""))
        late = alarming_clock(house.db, house.office.rulebook, visit.actor, clock.now(), contact_id, seen)
        details = OneDeadline(clock=late.clock, agency=late.agency, episode=late.episode)
        house.office.perform(visit.actor, Verb.TAKE_ALERT, contact_id, details, request_id=visit.request_id)
    except (Refused, Conflict) as no:
        return _page(visit, who, no.reasons, no.status)
    filtered = f"who={NOBODY}&" if who == NOBODY else ""
    return visit.see_other(f"/alerts?{filtered}done={contact_id}")


def _page(visit: Visit, who: str, reasons: tuple[str, ...] = (), status: int = 200, done: str = "") -> Response:
    return visit.page("alerts.html", status, reasons=reasons, **_found(visit, who, done=done))


def _found(visit: Visit, who: str, seen: str = "", done: str = "") -> dict[str, Any]:
    house, untaken = visit.house, who == NOBODY
    found = alerts(house.db, house.office.rulebook, visit.actor, clock.now())
    rows = [line for line in found.rows if line.clock.taken_by is None or not untaken]
    seen = record_look(visit, "alerts", [line.row.contact_id for line in rows], seen)
    return {
        "alerts": found,
        "rows": rows,
        "untaken": untaken,
        "quiet": quiet_now(house.db, visit.actor),
        "named": named,
        "live": f"/alerts/lines?{'who=nobody&' if untaken else ''}seen={seen}",
        "just_taken": next((line for line in found.rows if line.row.contact_id == done and line.taken_by_me), None),
    }
