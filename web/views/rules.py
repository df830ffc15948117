"""By which rules does this borough work? The rule set in force, in plain words."""

from fastapi.responses import Response

from mash import clock
from mash.permissions import Permission, allowed
from mash.rules import plainly
from web.routing import Routes
from web.visits import Here

routes = Routes()


@routes.get("/rules", Permission.VIEW_RULES)
def rules_in_force(visit: Here) -> Response:
    """Timescales first, then hours, agencies, outcomes, suggestions, and what else is settled."""
    rules, today = visit.house.rules(visit.actor.borough), clock.london_date(clock.now())
    return visit.page(
        "rules.html",
        rules=rules,
        clocks=plainly.clocks(rules),
        hours=plainly.hours(rules, today),
        agencies=plainly.agencies(rules),
        outcomes=plainly.outcomes(rules),
        suggestions=plainly.suggestions(rules),
        practice=plainly.practice(rules),
        may_compare=allowed(visit.actor, Permission.COMPARE_RULES),
    )
