"""A service manager sees before it comes into force whom a new timescale would have put out of timescale."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from mash import clock, rulebook
from mash.models.contact import Contact
from tests.browser.conftest import WITH_AND_WITHOUT_SCRIPT, Door
from tests.browser.stops import STILL_WORKING
from tests.support.hub import Hub, northbridge_with
from tests.support.watching import Person

MakePerson = Callable[..., Person]


@WITH_AND_WITHOUT_SCRIPT
def test_a_service_manager_compares_and_opens_the_contact_that_would_be_late(
    door: Door, person: MakePerson, scripted: bool
) -> None:
    hub = Hub(door.db, clock.now() - timedelta(hours=20))
    sooner = {"due": "1 clock_hours", "warn": "30 min", "escalate": "1 h"}
    coming = northbridge_with(version=2, in_force_from="2099-01-01", clocks__decision__by_rating__amber=sooner)
    rulebook.install(door.db, [coming])
    contact_id = hub.screened("amber")
    with door.db.reading() as look:
        reference = look.execute(select(Contact.reference).where(Contact.id == contact_id)).scalar_one()
    manager = person("Manager", scripted=scripted)
    manager.follow("Rules")
    manager.follow("Compare")
    manager.press("Compare")
    while manager.page.get_by_role("link", name=STILL_WORKING).count():
        manager.follow(STILL_WORKING)
    assert "Something differs for 1 of 1 contacts." in manager.words("#totals")
    assert "Out of timescale under the new rules only" in manager.words("#contacts")
    manager.follow(reference)
    assert manager.page.url.endswith(f"/contacts/{contact_id}")
