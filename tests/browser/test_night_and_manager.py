"""The emergency duty team acts at night, the morning accepts it, and a service manager answers for what ran out."""

from collections.abc import Callable
from datetime import timedelta

from mash import clock
from mash.vocabulary import State, Verb
from tests.browser.conftest import WITH_AND_WITHOUT_SCRIPT, Door
from tests.browser.stops import next_day_of_work
from tests.support.hub import Hub
from tests.support.watching import Person

MakePerson = Callable[..., Person]
SAID = "Neighbours hear a child cry for hours; nobody opens the door."


@WITH_AND_WITHOUT_SCRIPT
def test_a_night_s_work_is_handed_over_line_by_line(door: Door, person: MakePerson, scripted: bool) -> None:
    hub = Hub(door.db, clock.now())
    contact_id = handed_over(person("Edt", scripted=scripted), person("Sam Whitlock", scripted=scripted))
    assert hub.page(contact_id).picture.handover_accepted and hub.page(contact_id).state is State.RATED


def handed_over(duty: Person, screener: Person) -> str:
    """Recorded, screened and rated at night, accepted in the morning; the contact's id."""
    duty.follow("Record a contact")
    duty.fill(**{"children-0-forename": "Tiana", "children-0-surname": "Mockford"}, narrative=SAID)
    duty.press("Record the contact")
    contact_id = duty.page.url.split("/")[-1].split("?")[0]
    duty.press("Start screening")
    duty.press("Rate")
    duty.choose("Rating", "Red")
    duty.fill(rationale="Nobody has seen the child tonight.")
    duty.press("Rate")
    assert "Rated red." in duty.words()
    screener.follow("Overnight")
    assert "Tiana Mockford" in screener.words()
    screener.page.get_by_role("button", name="Accept").click()
    screener.page.get_by_text("Everything from the emergency duty team has been accepted.").wait_for()
    screener.look()
    return contact_id


@WITH_AND_WITHOUT_SCRIPT
def test_a_service_manager_takes_on_what_ran_out_and_hands_it_to_somebody(
    door: Door, person: MakePerson, scripted: bool
) -> None:
    hub = Hub(door.db, clock.now() - timedelta(days=10))
    late = hub.receive(concerns=["neglect"])
    door.sweep()
    manager = person("Manager", scripted=scripted)
    manager.follow("Live board")
    assert "1 out of timescale" in manager.words(".app-board__figures")
    taken_on_and_handed(manager, late, to="Screener")
    assert hub.page(late).holder == "Screener"


def taken_on_and_handed(manager: Person, late: str, to: str) -> None:
    """A contact that ran out of its timescale: the manager answers for it, and somebody else has it."""
    manager.follow("Alerts")
    with manager.page.expect_event("load"):
        manager.page.locator(f"#take-{late}").click()
    manager.look()
    assert "You have taken on the alert of" in manager.words()
    manager.go(f"/contacts/{late}")
    manager.follow("Hand it to a colleague")
    manager.page.get_by_label("To whom").select_option(to)
    manager.fill(note="Please look at this first.")
    manager.press("Hand it on")


@WITH_AND_WITHOUT_SCRIPT
def test_a_service_manager_moves_deadlines_for_a_late_bank_holiday_and_annuls_what_should_not_have_been(
    door: Door, person: MakePerson, scripted: bool
) -> None:
    hub, day = Hub(door.db, clock.now() - timedelta(days=1)), next_day_of_work()
    contact_id = hub.screened("green", agreement={"status": "given"})
    door.sweep()
    reference = hub.page(contact_id).reference
    manager = person("Manager", scripted=scripted)
    manager.follow("Rules")
    manager.follow("Late bank holidays")
    manager.fill(date=f"{day:%-d/%-m/%Y}", name="State funeral")
    manager.press("Show what would move")
    assert reference in manager.words()
    manager.press("Announce it")
    assert "The bank holiday is announced" in manager.words()
    manager.page.get_by_role("link", name=reference).first.click()
    assert "a bank holiday became known late" in (manager.page.locator("#clocks").text_content() or "")
    hub.at = clock.now()
    hub.later(days=20)
    hub.do("decider", Verb.RECORD_DECISION, contact_id, outcome="early_help", rationale="Support offered.")
    manager.go(f"/contacts/{contact_id}/annul_breach")
    manager.page.get_by_label("Decision, ").first.check()
    manager.fill(reason="The whole office was closed.")
    manager.press("Annul it")
    assert "“Out of timescale” annulled" in (manager.page.locator("#clocks").text_content() or "")
