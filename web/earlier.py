"""Which earlier contacts may be about the people in this form? From what is typed to what is shown, and on record."""

from datetime import date

from mash import access, clock
from mash.people.alike import Sought
from mash.people.keys import place_keys
from mash.people.lookup import Earlier, look_for
from mash.people.names import Name
from web.contact_form import ADULTS, CHILDREN
from web.fields import Group, Typed
from web.visits import Visit
from web.wall import Unreadable, read_about, read_day

MOST_PEOPLE = 12
"""How many people of one form are looked for."""


def earlier_contacts(visit: Visit, typed: Typed) -> Earlier:
    """Look, and record what is about to be shown."""
    house = visit.house
    found = look_for(house.db, visit.actor, sought(typed, clock.london_date(clock.now())), house.office.rulebook)
    ids = [one.contact_id for one in found.found]
    access.shown_to(house.db, visit.actor, ids, "earlier_contacts", visit.request_id)
    return found


def sought(typed: Typed, today: date) -> list[Sought]:
    """The people of the form, as far as they are typed; what cannot be read yet is passed over."""
    children = [_child(typed, number, today) for number in _numbers(typed, CHILDREN)]
    adults = [_adult(typed, number, today) for number in _numbers(typed, ADULTS)]
    return [*children, *adults][:MOST_PEOPLE]


def _numbers(typed: Typed, group: Group) -> list[int]:
    return [
        n for n in range(group.most) if any(f"{group.name}-{n}-{field.name}" in typed.values for field in group.fields)
    ]


def _child(typed: Typed, number: int, today: date) -> Sought:
    def said(field: str) -> str:
        return typed.one(f"children-{number}-{field}")

    first, last = _born(said("date_of_birth"), today)
    return Sought(
        True,
        Name.of(said("forename"), said("surname")),
        born_from=first,
        born_until=last,
        expected=_day(said("expected_date_of_delivery")),
        nhs_number="".join(said("nhs_number").split()) or None,
        places=frozenset(place_keys(said("address"), said("postcode"))),
    )


def _adult(typed: Typed, number: int, today: date) -> Sought:
    def said(field: str) -> str:
        return typed.one(f"adults-{number}-{field}")

    first, last = _born(said("date_of_birth"), today)
    return Sought(False, Name.whole(said("name")), first, last, places=frozenset(place_keys(said("address"), None)))


def _born(text: str, today: date) -> tuple[date, date] | tuple[None, None]:
    try:
        return read_about(text, today)
    except (Unreadable, ValueError, OverflowError):
        return None, None


def _day(text: str) -> date | None:
    try:
        return read_day(text)
    except Unreadable:
        return None
