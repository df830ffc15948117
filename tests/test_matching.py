"""Reports of the same child are linked by exact match, and the link can be undone without a trace being lost."""

import pytest
from sqlalchemy import select

from mash.db import Database
from mash.errors import NotFound
from mash.models.people import PersonLink
from mash.people import matching
from tests.support.hub import Hub

ANN = {"forename": "Ann", "surname": "Specimen", "date_of_birth": "2014-02-03"}
NUMBERED = {**ANN, "nhs_number": "999 144 0011"}


def earlier(hub: Hub, contact_id: str) -> list[str]:
    return [found for found, *_ in hub.page(contact_id).earlier]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (NUMBERED, {"forename": "Annie", "nhs_number": "9991440011"}, True),
        (ANN, {**ANN, "forename": " ANN ", "surname": "specimen"}, True),
        (NUMBERED, ANN, True),
        (NUMBERED, {**ANN, "nhs_number": "9991440046"}, False),
        (ANN, {**ANN, "date_of_birth": "2014-02-04"}, False),
        ({"forename": "Ann", "surname": "Specimen"}, {"forename": "Ann", "surname": "Specimen"}, False),
    ],
)
def test_two_reports_are_of_one_child_where_the_format_says_so(
    database: Database, first: dict[str, str], second: dict[str, str], same: bool
) -> None:
    hub = Hub(database)
    before = hub.receive(children=[first])
    hub.later(days=1)
    assert earlier(hub, hub.receive(children=[second])) == ([before] if same else [])


def test_a_link_is_undone_by_somebody_and_stays_on_record(database: Database) -> None:
    hub = Hub(database)
    hub.receive(children=[ANN])
    contact_id = hub.receive(children=[ANN])
    (child,) = hub.page(contact_id).children
    with hub.db.transaction() as tx:
        matching.undo_link(tx, hub.actors["decider"], child.id, hub.at)
    assert earlier(hub, contact_id) == []
    with hub.db.reading() as look:
        links = look.execute(select(PersonLink.__table__).where(PersonLink.reported_id == child.id)).all()
    assert [(link.basis, link.undone_by) for link in links if link.undone_at] == [
        ("exact_match", hub.actors["decider"].user_id)
    ]
    assert [link.basis for link in links if not link.undone_at] == ["unlinked"]
    with pytest.raises(NotFound), hub.db.transaction() as tx:
        matching.undo_link(tx, hub.actors["decider"], "nobody", hub.at)
