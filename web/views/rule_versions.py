"""Which versions of the rules are on record, what did each say, and what did it change? Shows no contact."""

import re
from datetime import date

from fastapi.responses import PlainTextResponse, Response

from mash import clock, rule_versions
from mash.errors import NotFound, Refused
from mash.permissions import Permission, allowed
from web.routing import Routes
from web.views.rules import in_words
from web.visits import Here, Visit
from web.wall import Unreadable, read_day
from web.words import marked

routes = Routes()

DONE = marked(
    {
        "put-in-force": "The version is on record. It comes into force on its day by itself.",
        "withdrawn": "The version is withdrawn. It never comes into force.",
    }
)


@routes.get("/rules/versions", Permission.VIEW_RULES)
def versions(visit: Here, on: str = "", done: str = "") -> Response:
    """All of them, the newest first; asked for a day, the one in force on it."""
    return _on_a_day(visit, on.strip()) if on.strip() else _list(visit, done=DONE.get(done, ""))


@routes.get("/rules/versions/{number}", Permission.VIEW_RULES)
def version(visit: Here, number: str, on: str = "") -> Response:
    """One of them in plain words, what it changed, and its text as it is stored."""
    return _version(visit, _number(number), on)


@routes.get("/rules/versions/{number}/text", Permission.VIEW_RULES)
def text(visit: Here, number: str) -> Response:
    """The text of a version as a file, to the letter: its fingerprint is that of this file."""
    house = visit.house
    shown = rule_versions.version(house.db, house.office.rulebook, visit.actor, _number(number))
    return as_file(shown.text, f"{shown.rules.name}-{shown.version.number}.json")


@routes.post("/rules/versions/{number}/withdraw", Permission.CHANGE_RULES)
def withdraw(visit: Here, number: str) -> Response:
    """Take back a version that is still to come."""
    try:
        rule_versions.withdraw(visit.house.db, visit.actor, _number(number), visit.request_id)
    except Refused as refusal:
        return _version(visit, _number(number), refusal=refusal)
    return visit.see_other("/rules/versions?done=withdrawn")


def _number(text: str) -> int:
    """The number of a version in an address. Raises NotFound for what can be none."""
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise NotFound
    return int(text)


def as_file(text: str, name: str) -> Response:
    """A text for the browser to keep as a file."""
    return PlainTextResponse(text, headers={"content-disposition": f'attachment; filename="{name}"'})


def _on_a_day(visit: Visit, typed: str) -> Response:
    house = visit.house
    try:
        day = read_day(typed)
        number = rule_versions.number_on(house.db, house.office.rulebook, visit.actor, day)
    except (Unreadable, Refused) as wrong:
        return _list(visit, typed, str(wrong))
    return visit.see_other(f"/rules/versions/{number}?on={day.isoformat()}")


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except Unreadable:
        return None


def _list(visit: Visit, typed: str = "", wrong: str = "", done: str = "") -> Response:
    return visit.page(
        "rules/versions.html",
        422 if wrong else 200,
        versions=rule_versions.versions(visit.house.db, visit.actor),
        may_change=allowed(visit.actor, Permission.CHANGE_RULES),
        on=typed,
        errors={"on": wrong} if wrong else {},
        done=done,
    )


def _version(visit: Visit, number: int, on: str = "", refusal: Refused | None = None) -> Response:
    house, today = visit.house, clock.london_date(clock.now())
    shown = rule_versions.version(house.db, house.office.rulebook, visit.actor, number)
    may_change = allowed(visit.actor, Permission.CHANGE_RULES)
    return visit.page(
        "rules/version.html",
        refusal.status if refusal else 200,
        shown=shown,
        version=shown.version,
        on=_day(on),
        may_change=may_change,
        may_withdraw=may_change and shown.version.may_be_withdrawn,
        reasons=refusal.reasons if refusal else (),
        **in_words(shown.rules, min(today, shown.rules.in_force_from)),
    )
