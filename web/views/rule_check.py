"""What should be considered about a borough's rules, those in force and those to come? Valid, and perhaps foolish."""

from fastapi.responses import Response

from mash import clock
from mash.permissions import Permission
from mash.rule_advice.advice import advice
from mash.rule_advice.parts import by_part
from web.routing import Routes
from web.visits import Here

routes = Routes()


@routes.get("/rules/check", Permission.VIEW_RULES)
def rules_to_consider(visit: Here) -> Response:
    """Each piece of advice under the part of the rules that it is about."""
    today, borough = clock.london_date(clock.now()), visit.actor.borough
    in_force = visit.house.rules(borough)
    versions = [(rules, by_part(advice(rules, today))) for rules in (in_force, *visit.house.coming_rules(borough))]
    return visit.page("rules/check.html", in_force=in_force, versions=versions)
