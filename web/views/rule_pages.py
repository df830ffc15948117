"""When is the borough open in the coming year, and which timescales does it publish? For the wall and for paper."""

from fastapi.responses import Response

from mash import clock
from mash.permissions import Permission
from mash.rules import plainly, published
from mash.rules.what_if import main_calendar
from mash.rules.year import year_of
from web.routing import Routes
from web.visits import Here

routes = Routes()

NEXT = 8
"""So many of the coming days that are unlike others stand at the top."""


@routes.get("/rules/calendar", Permission.VIEW_RULES)
def coming_year(visit: Here, of: str = "") -> Response:
    """Twelve months of one calendar, day by day; the hub's unless another of the rules is asked for."""
    rules, today = visit.house.rules(visit.actor.borough), clock.london_date(clock.now())
    chosen = of if of in rules.calendars else main_calendar(rules)
    with visit.house.db.reading() as look:
        late = visit.house.office.rulebook.late_names(look, visit.actor.borough)
    year = year_of(rules, chosen, today, late)
    return visit.page(
        "rules/calendar.html",
        rules=rules,
        year=year,
        name=plainly.calendar_name(chosen),
        calendars=[(code, plainly.calendar_name(code), code == chosen) for code in rules.calendars],
        soon=year.unusual[:NEXT],
        weekdays=plainly.DAYS,
    )


@routes.get("/rules/timescales", Permission.VIEW_RULES)
def timescales(visit: Here) -> Response:
    """The borough's own timescales, as they may be published: nothing of who is warned or told."""
    rules, today = visit.house.rules(visit.actor.borough), clock.london_date(clock.now())
    hours = {entry.name: entry for entry in plainly.hours(rules, today)}
    main = plainly.calendar_name(main_calendar(rules))
    return visit.page(
        "rules/timescales.html",
        rules=rules,
        colours=[rules.colours[code] for code in reversed(rules.colours)],
        rows=published.rows(rules),
        hours=hours[main],
        out_of_hours=published.out_of_hours(rules),
    )
