"""What waits at the front door? The triage queue, what is done from its lines, and the contacts that are finished."""

from dataclasses import dataclass
from typing import Any

from fastapi.responses import Response

from mash import clock
from mash.errors import Conflict, NotPermitted, Refused
from mash.permissions import Permission, allowed
from mash.vocabulary import State, Verb
from mash.workflow.details import DETAILS
from mash.workflow.queue import PAGE, finished_contacts, one_row, triage_queue
from web.looks import record_look
from web.queue_address import LONGEST, Asked, as_place, asked, asked_back, place
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()

KEYS_COOKIE = "mash-keys"
OFF = "off"
A_YEAR = 365 * 86_400


@dataclass(frozen=True)
class Trouble:
    """What was asked for from a line and could not be done; `taken` names a contact that is theirs all the same."""

    reasons: tuple[str, ...]
    status: int
    taken: str = ""


@routes.get("/queue", Permission.VIEW_QUEUE)
def queue(visit: Here, show: str = "", before: str = "", done: str = "") -> Response:
    """Open contacts, most urgent first, filtered as the address says; `show=closed` finished ones.

    `done` is the contact to which something was just done from its line.
    """
    if show == "closed":
        return _finished(visit, before)
    return _page(visit, asked(visit.request.query_params), done=done[:LONGEST])


@routes.get("/queue/lines", Permission.VIEW_QUEUE, touch=False)
def lines(visit: Here, seen: str = "") -> Response:
    """The part of the queue that refreshes itself. Fetching it does not count as being there."""
    view = asked(visit.request.query_params)
    return visit.page("queue/live.html", **_found(visit, view, seen))


@routes.post("/queue/{contact_id}/claim", Permission.CLAIM)
def claim(visit: Here, contact_id: str, form: Form) -> Response:
    """Take a contact on. Where nobody looks at it yet, screening starts, for those who may: two acts, in this order."""
    view = asked_back(str(form.get("back", "")))
    try:
        stored = _perform(visit, Verb.CLAIM, contact_id)
    except (Refused, Conflict) as no:
        return _page(visit, view, Trouble(no.reasons, no.status))
    if stored.state is State.RECEIVED and _may_start_screening(visit):
        try:
            _perform(visit, Verb.START_SCREENING, contact_id)
        except (Refused, Conflict, NotPermitted) as no:
            return _page(visit, view, Trouble(no.reasons, no.status, taken=stored.reference))
    return visit.see_other(view.path_of("/queue", done=contact_id))


@routes.post("/queue/{contact_id}/release", Permission.RELEASE)
def release(visit: Here, contact_id: str, form: Form) -> Response:
    """Put a contact back in the queue."""
    view = asked_back(str(form.get("back", "")))
    try:
        _perform(visit, Verb.RELEASE, contact_id)
    except (Refused, Conflict) as no:
        return _page(visit, view, Trouble(no.reasons, no.status))
    return visit.see_other(view.path_of("/queue", done=contact_id))


@routes.post("/queue/keys", Permission.VIEW_QUEUE)
def keys(visit: Here, form: Form) -> Response:
    """Switch the keys of the queue off, or on again, in this browser (WCAG 2.1.4)."""
    response = visit.see_other(asked_back(str(form.get("back", ""))).path)
    off = form.get("keys") == OFF
    response.set_cookie(
        visit.house.cookie(KEYS_COOKIE),
        OFF if off else "",
        max_age=A_YEAR if off else 0,
        path="/",
        secure=visit.house.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _perform(visit: Visit, verb: Verb, contact_id: str) -> Any:
    details = DETAILS[verb].model_validate({})
    return visit.house.office.perform(visit.actor, verb, contact_id, details, request_id=visit.request_id)


def _may_start_screening(visit: Visit) -> bool:
    rules = visit.house.rules(visit.actor.borough)
    return allowed(visit.actor, Verb.START_SCREENING) and rules.lets(visit.actor.role, Verb.START_SCREENING)


def _page(visit: Visit, view: Asked, trouble: Trouble | None = None, done: str = "") -> Response:
    house = visit.house
    just_done = one_row(house.db, house.office.rulebook, visit.actor, clock.now(), done) if done else None
    return visit.page(
        "queue.html",
        trouble.status if trouble else 200,
        trouble=trouble,
        just_done=just_done,
        keys_off=visit.request.cookies.get(house.cookie(KEYS_COOKIE)) == OFF,
        stages=[state for state in State if asked({"stage": state.value}).wanted.stage],
        **_found(visit, view),
    )


def _found(visit: Visit, view: Asked, seen: str = "") -> dict[str, Any]:
    """What the part that refreshes itself needs, and on record that it is shown."""
    house = visit.house
    found = triage_queue(house.db, house.office.rulebook, visit.actor, clock.now(), view.wanted, view.page)
    shown = [row.contact_id for row in found.rows] + [due.row.contact_id for due in found.closing]
    seen = record_look(visit, "queue", shown, seen)
    view = view.at_page(found.page)
    return {
        "queue": found,
        "view": view,
        "first": (found.page - 1) * PAGE + 1,
        "live": view.path_of("/queue/lines", seen=seen),
        "to": asked,
    }


def _finished(visit: Visit, before: str) -> Response:
    house = visit.house
    found = finished_contacts(house.db, house.office.rulebook, visit.actor, clock.now(), place(before))
    record_look(visit, "queue", [row.contact_id for row in found.rows])
    more = f"/queue?show=closed&before={as_place(found.more)}" if found.more else None
    return visit.page("queue/finished.html", rows=found.rows, more=more, before=before)
