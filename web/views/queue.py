"""What waits at the front door? The triage queue, and the contacts that are finished."""

from dataclasses import dataclass

from fastapi.responses import Response

from mash import access, clock
from mash.permissions import Permission
from mash.vocabulary import FINISHED, State
from mash.workflow.queries import Queue, QueueRow, triage_queue
from web.routing import Routes
from web.visits import Here

routes = Routes()


@dataclass(frozen=True)
class Count:
    """One link of the strip above the queue: how many there are, and the way to see only those."""

    text: str
    count: int
    href: str
    active: bool
    late: bool = False


@routes.get("/queue", Permission.VIEW_QUEUE)
def queue(visit: Here, show: str = "", stage: str = "", late: str = "") -> Response:
    """Open contacts, most urgent first; `show=closed` finished ones; `stage` or `late=yes` only some of them."""
    finished = show == "closed"
    found = triage_queue(visit.house.db, visit.actor, clock.now(), closed=finished)
    wanted = State(stage) if stage in set(State) - FINISHED else None
    rows = [row for row in found.rows if _wanted(row, wanted, only_late=late == "yes")]
    access.looked_at(visit.house.db, visit.actor, None, "queue", visit.request_id)
    heading = "Finished contacts" if finished else "Triage queue"
    counts = [] if finished else _counts(found, wanted, only_late=late == "yes")
    is_filtered = bool(wanted) or late == "yes"
    return visit.page(
        "queue.html", heading=heading, rows=rows, counts=counts, finished=finished, is_filtered=is_filtered
    )


def _wanted(row: QueueRow, stage: State | None, *, only_late: bool) -> bool:
    return (stage is None or row.state is stage) and (row.late or not only_late)


def _counts(found: Queue, stage: State | None, *, only_late: bool) -> list[Count]:
    everything = Count("All open", len(found.rows), "/queue", stage is None and not only_late)
    late = Count("Out of timescale", found.late, "/queue?late=yes", only_late, late=True)
    stages = [
        Count(state.label, found.by_state[state], f"/queue?stage={state.value}", state is stage)
        for state in State
        if found.by_state.get(state)
    ]
    return [everything, late, *stages]
