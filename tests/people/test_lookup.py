"""Earlier contacts of a family are found while a call is taken, each with its reason; nothing is linked."""

from datetime import date
from typing import Any

import pytest
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from mash.db import Database
from mash.errors import NotPermitted
from mash.models.contact import Contact
from mash.models.people import LookupKey, PersonLink
from mash.people.alike import Sought
from mash.people.keys import place_keys
from mash.people.lookup import MOST, look_for
from mash.people.names import Name
from mash.settings import ROOT
from mash.vocabulary import State, Verb
from tests.conftest import MakeDatabase
from tests.support.hub import Hub
from tests.support.intruder import intruder

TIANNA = {
    "forename": "Tianna",
    "surname": "Mockford",
    "date_of_birth": "2015-06-02",
    "address": "14 Larch Walk, Northbridge",
    "postcode": "NB1 2AB",
}
DANA = {"name": "Dana Mockford", "relationship": "mother", "date_of_birth": "1990-02-03"}


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def child(name: str = "", surname: str = "", born: str = "", until: str = "", **more: Any) -> Sought:
    day = date.fromisoformat(born) if born else None
    return Sought(True, Name.of(name, surname), day, date.fromisoformat(until) if until else day, **more)


def reasons(hub: Hub, *people: Sought, who: str = "officer") -> list[tuple[str, ...]]:
    return [found.why for found in look_for(hub.db, hub.actors[who], people).found]


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        (child("Tiana", "Mockford", "2015-06-02"), "Same date of birth, name nearly the same: Tianna Mockford"),
        (child("Tianna", "Mockford"), "Same name: Tianna Mockford"),
        (child("Mockford", "Tianna"), "Forename and surname the other way round: Tianna Mockford"),
        (child("", "Mockford"), "Same surname: Tianna Mockford"),
        (
            child("Tianna", "Mockford", "2015-02-06"),
            "Day and month of birth the other way round (2 June 2015), same name: Tianna Mockford",
        ),
        (
            child("Tianna", "Mockford", "2014-06-02"),
            "Date of birth nearly the same (2 June 2015), same name: Tianna Mockford",
        ),
        (child("Tianna", "Mockford", "2009-06-12"), "Same name: Tianna Mockford; but born 2 June 2015"),
        (
            child("Tianna", "Mockford", "2013-01-01", "2015-12-31"),
            "Born about then (2 June 2015), same name: Tianna Mockford",
        ),
        (child("Tianna", "Smith", "2015-06-02"), "Same date of birth, same forename: Tianna Mockford"),
        (
            child(places=frozenset(place_keys("14 larch walk", None))),
            "Same address: Tianna Mockford",
        ),
        (child(places=frozenset(place_keys(None, "nb12ab"))), "Same postcode: Tianna Mockford"),
        (Sought(False, Name.whole("Dana Mokford")), "Name nearly the same: Dana Mockford (adult)"),
        (
            Sought(False, Name.whole("Dana"), date(1990, 2, 3), date(1990, 2, 3)),
            "Same date of birth, same forename: Dana Mockford (adult)",
        ),
    ],
)
def test_each_hit_says_why(hub: Hub, sought: Sought, said: str) -> None:
    hub.receive(children=[TIANNA], adults=[DANA])
    assert reasons(hub, sought) == [(said,)]


@pytest.mark.parametrize(
    "sought",
    [
        child("Tina", "Mockett"),
        child("Tianna"),
        child("Tianna", "Smith"),
        child("Tiana", "Mockford", "2009-06-12"),
        child(born="2015-06-02"),
        child("Rosa", "Smith", "2015-06-02"),
        Sought(False, Name.whole("Dana")),
        Sought(False, Name.whole("Tianna Mockford")),
        Sought(True),
    ],
)
def test_what_agrees_too_little_is_not_shown(hub: Hub, sought: Sought) -> None:
    hub.receive(children=[TIANNA], adults=[DANA])
    assert reasons(hub, sought) == []


def test_an_nhs_number_finds_a_child_under_any_name(hub: Hub) -> None:
    hub.receive(children=[{"forename": "Joel", "nhs_number": "999 144 0011"}])
    assert reasons(hub, child("Tiana", nhs_number="9991440011")) == [("Same NHS number: Joel",)]


def test_a_baby_is_found_by_the_date_on_which_it_was_expected(hub: Hub) -> None:
    hub.receive(children=[{"surname": "Mockford", "expected_date_of_delivery": "2026-12-20"}])
    found = reasons(hub, child("Ines", "Mockford", "2026-12-28"))
    assert found == [("Was expected about then, same surname, as far as the name is known: Mockford",)]


def test_the_household_adds_up_and_the_nearest_comes_first(hub: Hub) -> None:
    adult = hub.receive(children=[{"forename": "Joel"}], adults=[DANA])
    hub.later(days=1)
    both = hub.receive(children=[TIANNA], adults=[DANA])
    hub.later(days=1)
    hub.receive(children=[{"forename": "Rosa", "surname": "Swift"}])
    family = [child("Tiana", "Mockford"), Sought(False, Name.whole("Dana Mockford"))]
    found = look_for(hub.db, hub.actors["officer"], family)
    assert [one.contact_id for one in found.found] == [both, adult]
    assert found.found[0].why == ("Same name: Dana Mockford (adult)", "Name nearly the same: Tianna Mockford")


def test_a_hit_says_what_became_of_it(hub: Hub) -> None:
    contact_id = hub.receive(children=[TIANNA], agreement={"status": "given"})
    hub.do("screener", Verb.START_SCREENING, contact_id)
    hub.do("screener", Verb.RATE_CONTACT, contact_id, rag="green", rationale="Seen.")
    hub.do("decider", Verb.RECORD_DECISION, contact_id, outcome="early_help", rationale="Support offered.")
    (found,) = look_for(hub.db, hub.actors["officer"], [child("Tianna", "Mockford")]).found
    assert (found.state, found.outcome, found.received_at) == (State.DECIDED, "Early help", hub.at)
    assert found.reference.startswith("NB-")


def test_no_more_than_a_few_are_shown_and_the_rest_are_counted(hub: Hub) -> None:
    for _ in range(MOST + 3):
        hub.receive(children=[TIANNA])
        hub.later(minutes=1)
    found = look_for(hub.db, hub.actors["officer"], [child("Tianna", "Mockford")])
    assert (len(found.found), found.more) == (MOST, 3)
    assert found.found[0].received_at > found.found[-1].received_at


def test_looking_links_nobody(hub: Hub) -> None:
    hub.receive(children=[TIANNA])
    reasons(hub, child("Tianna", "Mockford", "2015-06-02"))
    with hub.db.reading() as look:
        assert len(look.execute(select(PersonLink.id)).all()) == 1


def test_a_withheld_address_is_found_by_nobody(hub: Hub) -> None:
    hidden = {**TIANNA, "address_withheld": True}
    hub.receive(children=[hidden], adults=[{**DANA, "address": "9 Elm Road, NB9 9ZZ", "address_withheld": True}])
    places = place_keys(TIANNA["address"], TIANNA["postcode"]) | place_keys("9 Elm Road, NB9 9ZZ", None)
    assert len(places) == 4
    assert reasons(hub, child(places=frozenset(places))) == []
    assert reasons(hub, child("Tianna", "Mockford", places=frozenset(places))) == [("Same name: Tianna Mockford",)]


def test_a_desk_has_no_such_lookup(hub: Hub) -> None:
    with pytest.raises(NotPermitted):
        look_for(hub.db, hub.actors["police"], [child("Tianna", "Mockford")])


def test_another_boroughs_contacts_are_not_found(hub: Hub) -> None:
    contact_id = hub.receive(children=[TIANNA])
    elsewhere = hub.actors["officer"].__class__("x", "X", hub.actors["officer"].role, "eastmere")
    assert look_for(hub.db, elsewhere, [child("Tianna", "Mockford")]).found == ()
    with hub.db.reading() as look:
        assert look.execute(select(Contact.borough).where(Contact.id == contact_id)).scalar_one() == "northbridge"


def test_people_added_later_are_found_too(hub: Hub) -> None:
    contact_id = hub.screened()
    hub.do("screener", Verb.ADD_FACTS, contact_id, children=[{"forename": "Ines", "surname": "Quayle"}])
    assert reasons(hub, child("Inez", "Quail")) == [("Name nearly the same: Ines Quayle",)]


def test_the_migration_makes_the_keys_of_those_who_are_there(make_database: MakeDatabase) -> None:
    hub = Hub(make_database("live"))
    hub.receive(children=[TIANNA, {"expected_date_of_delivery": "2027-01-20"}], adults=[DANA, {"name": "Lee"}])
    hub.receive(children=[{**TIANNA, "address_withheld": True}])
    keys = select(LookupKey.__table__).order_by(*LookupKey.__table__.primary_key)
    with hub.db.reading() as look:
        before = look.execute(keys).all()
    assert len(before) > 10
    with intruder(hub.db) as owner:
        owner.run("DROP TABLE lookup_keys")
        owner.run("DROP INDEX ix_contacts_changed")
    migration = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_revision("0006")
    with hub.db.transaction() as tx, Operations.context(MigrationContext.configure(tx)):
        migration.module.upgrade()
    with hub.db.reading() as look:
        assert look.execute(keys).all() == before
