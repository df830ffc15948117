"""What would other rules have made of past work? Two rule sets side by side; the address is the whole question."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from mash import clock
from mash.comparing.apart import Question
from mash.comparing.compared import Comparison
from mash.comparing.sources import Offer, head_of_record, ids_of, offers, rules_named
from mash.comparing.words import Limit, sentences
from mash.errors import Refused
from mash.permissions import Permission
from mash.rules.loader import resolved_text
from mash.rules.ruleset import RuleSet
from web.looks import record_look
from web.proposed import every, named, proposed
from web.routing import Routes
from web.visits import Here, Visit
from web.wall import Unreadable, read_day
from web.words import marked

routes = Routes()

USUAL_DAYS, MOST_DAYS = 28, 366
ON_A_PAGE = 50
NO_SUCH_RULES = marked("Choose one of the versions.")
NOT_YET = marked("The date lies in the future.")
TOO_LONG_AGO = marked("Choose a date within the last 366 days.")


@dataclass(frozen=True)
class Asked:
    """What the address asks: two rule sets by name, and since when, as typed; what is wrong with it, by field."""

    old: str
    new: str
    since: date
    typed: str
    page: int = 1
    errors: dict[str, str] = field(default_factory=dict)

    def at_page(self, page: int) -> str:
        """The address of another page of the same."""
        whole = {"old": self.old, "new": self.new, "since": self.since.isoformat()}
        return f"/rules/compare?{urlencode(whole | ({'page': str(page)} if page > 1 else {}))}"


@routes.get("/rules/compare", Permission.COMPARE_RULES)
def compare_rules(visit: Here, old: str = "", new: str = "", since: str = "", page: str = "") -> Response:
    """The choice of two rule sets and a date; then totals, and every contact that differs. Nothing is written."""
    house, borough, now = visit.house, visit.actor.borough, clock.now()
    with house.db.reading() as look:
        offered = [*_proposed(visit), *offers(look, borough)]
    asked = _asked(offered, old, new, since, page)
    if asked.errors or not (old and new):
        return _page(visit, offered, asked, status=422 if asked.errors else 200)
    one, other = (_rules(visit, name, clock.london_date(now)) for name in (old, new))
    with house.db.reading() as look:
        head = head_of_record(look, borough)
    url = house.db.url.render_as_string(hide_password=False)
    question = Question(url, resolved_text(one), resolved_text(other), asked.since, now, head)
    try:
        found = house.comparisons.ask(question)
    except Refused as no:
        return _page(visit, offered, asked, status=409, reasons=no.reasons)
    return _page(visit, offered, asked, found=found, is_working=found is None, rules=[one, other])


def _proposed(visit: Visit) -> list[Offer]:
    return [
        Offer(named(one.listed.id), one.rules.version, one.rules.in_force_from, proposed=True) for one in every(visit)
    ]


def _rules(visit: Visit, name: str, today: date) -> RuleSet:
    if proposal := proposed(visit, name):
        return proposal.rules
    with visit.house.db.reading() as look:
        return rules_named(look, visit.house.office.rulebook, name, today)


def _asked(offered: list[Offer], old: str, new: str, since: str, page: str) -> Asked:
    """Where nothing is chosen: the version in force, the one that comes next, and four weeks."""
    today = clock.london_date(clock.now())
    names, errors = [offer.name for offer in offered], {}
    stored = [offer for offer in offered if not offer.proposed]
    in_force = next((offer.name for offer in stored if offer.in_force_from <= today), "")
    coming = [offer.name for offer in stored if offer.in_force_from > today]
    others = [*reversed(coming), *(name for name in names if name != in_force), in_force]
    for which, name in (("old", old), ("new", new)):
        if name and name not in names:
            errors[which] = NO_SUCH_RULES
    first, typed = today - timedelta(days=USUAL_DAYS), since.strip()[:40]
    try:
        first = read_day(typed) if typed else first
    except Unreadable as unreadable:
        errors["since"] = str(unreadable)
    if first > today or (today - first).days > MOST_DAYS:
        errors["since"] = NOT_YET if first > today else TOO_LONG_AGO
    number = int(page) if page.isdecimal() and page.isascii() and len(page) < 6 else 1
    shown = typed if "since" in errors else f"{first:%-d/%-m/%Y}"
    return Asked(old or in_force, new or others[0], first, shown, max(1, number), errors)


def _page(
    visit: Visit,
    offered: list[Offer],
    asked: Asked,
    *,
    status: int = 200,
    reasons: tuple[str, ...] = (),
    found: Comparison | None = None,
    is_working: bool = False,
    rules: list[RuleSet] | None = None,
) -> Response:
    return visit.page(
        "rules/compare.html",
        status,
        offers=offered,
        asked=asked,
        errors=asked.errors,
        error_count=len(asked.errors),
        reasons=reasons,
        found=found,
        is_working=is_working,
        **(_found(visit, asked, found, rules or []) if found else {}),
    )


def _found(visit: Visit, asked: Asked, found: Comparison, rules: list[RuleSet]) -> dict[str, Any]:
    pages = max(1, -(-len(found.differing) // ON_A_PAGE))
    page = min(asked.page, pages)
    shown = found.differing[ON_A_PAGE * (page - 1) : ON_A_PAGE * page]
    with visit.house.db.reading() as look:
        ids = ids_of(look, visit.actor, [change.reference for change in shown])
    if shown:
        record_look(visit, "rules/compare", [change.reference for change in shown])
    return {
        "shown": [(change, sentences(change)) for change in shown],
        "ids": ids,
        "page": page,
        "pages": pages,
        "first": ON_A_PAGE * (page - 1) + 1,
        "cannot_tell": list(Limit),
        "names": [one.version for one in rules],
        "tags": {code: colour.tag for one in rules for code, colour in one.colours.items()},
    }
