"""By which rules does this borough work? The rule set in force, in plain words."""

from datetime import date
from functools import partial
from typing import Any

from fastapi.responses import Response

from mash import clock
from mash.permissions import Permission
from mash.rules import basis, plainly
from mash.rules.ruleset import RuleSet
from web.routing import Routes
from web.visits import Here

routes = Routes()


@routes.get("/rules", Permission.VIEW_RULES)
def rules_in_force(visit: Here) -> Response:
    """Timescales first, then hours, agencies, outcomes, suggestions, and what else is settled."""
    rules, today = visit.house.rules(visit.actor.borough), clock.london_date(clock.now())
    return visit.page("rules/in_force.html", **in_words(rules, today))


def in_words(rules: RuleSet, since: date) -> dict[str, Any]:
    """What the template of rules needs; of dates with hours of their own those from `since` on."""
    return {
        "rules": rules,
        "clocks": plainly.clocks(rules),
        "hours": plainly.hours(rules, since),
        "agencies": plainly.agencies(rules),
        "outcomes": plainly.outcomes(rules),
        "suggestions": plainly.suggestions(rules),
        "practice": plainly.practice(rules),
        "footing": partial(basis.footing, rules),
        "settled": basis.settled(rules),
    }
