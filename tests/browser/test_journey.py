"""One contact from receipt to close, through the screens of everybody who has a part in it."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from mash import audit_check, clock
from mash.models.contact import Contact
from mash.vocabulary import State
from mash.workflow.details import ReceiveContact
from tests.browser.conftest import WITH_AND_WITHOUT_SCRIPT, Door
from tests.support.watching import Person

MakePerson = Callable[..., Person]
QUESTION = "Any injuries, missed appointments or worries about the parents since January?"
HELD = "Seen twice this year with a rash; mother missed three appointments."


@WITH_AND_WITHOUT_SCRIPT
def test_a_contact_is_worked_from_receipt_to_close(door: Door, person: MakePerson, scripted: bool) -> None:
    reference = worked_to_close(lambda name: person(name, scripted=scripted))
    assert state(door, reference) is State.CLOSED
    assert audit_check.verify(door.db) == []


def worked_to_close(at_work: Callable[[str], Person]) -> str:
    """From receipt to close, by everybody who has a part in it; its reference."""
    officer, screener = at_work("Nadia Quill"), at_work("Sam Whitlock")
    reference = recorded(officer)
    acknowledged(officer)
    screened(screener, reference)
    asked(screener)
    desks_answer(at_work("Pat Lindqvist"), at_work("Eli Marsh"), at_work("Jo Harker"), reference)
    decider = at_work("Iris Calloway")
    decided(decider, reference)
    overseen(at_work("Ravi Stone"), decider, reference)
    told_and_closed(officer, screener, reference)
    return reference


def state(door: Door, reference: str) -> State:
    with door.db.reading() as look:
        return State(look.execute(select(Contact.state).where(Contact.reference == reference)).scalar_one())


def recorded(officer: Person) -> str:
    """Two children, one of them without a surname, one not yet born, one adult; it arrived yesterday at midday."""
    officer.follow("Record a contact")
    yesterday = clock.london_date(clock.now()) - timedelta(days=1)
    officer.fill(**{"received_at-date": f"{yesterday:%d/%m/%Y}", "received_at-time": "12:00"})
    officer.choose("Channel", "Phone")
    officer.page.get_by_label("Source", exact=True).select_option("Schools")
    officer.fill(**{"referrer-name": "Yara Silva", "referrer-role": "Teacher", "referrer-phone": "020 7946 0101"})
    officer.fill(**{"children-0-forename": "Tiana", "children-0-date_of_birth": "22/6/2015"})
    officer.press("Add another child")
    officer.fill(**{"children-1-forename": "Kofi", "children-1-surname": "Mockford"})
    officer.press("Add another child")
    due = clock.london_date(clock.now()) + timedelta(days=60)
    officer.fill(**{"children-2-expected_date_of_delivery": f"{due:%d/%m/%Y}"})
    officer.fill(**{"adults-0-name": "Dana Mockford"})
    officer.page.get_by_label("Relationship to the children").select_option("Mother")
    officer.fill(narrative="Came to school hungry again, third time this month.")
    officer.choose("Concerns", "Neglect")
    officer.press("Record the contact")
    words = officer.words()
    assert "The contact is recorded." in words and "Keyed late" in words
    assert "Tiana" in words and "Kofi Mockford, age not known" in words and "Unborn child, expected" in words
    return officer.page.locator("h1").inner_text()


def acknowledged(officer: Person) -> None:
    officer.press("Acknowledge to the referrer")
    assert "Acknowledged to the referrer." in officer.words()
    assert officer.page.get_by_role("button", name="Start screening").count() == 0, "for social workers only"


def screened(screener: Person, reference: str) -> None:
    screener.go("/queue")
    assert "Not rated" in screener.words(f'tr:has-text("{reference}")')
    screener.follow(reference)
    screener.press("Start screening")
    screener.press("Rate")
    assert "A concern of harm that needs more than advice." in screener.words("aside")
    screener.choose("Rating", "Amber")
    screener.fill(rationale="Neglect over months, nobody in danger today.")
    screener.press("Rate")
    assert "Rated amber." in screener.words()


def asked(screener: Person) -> None:
    screener.press("Ask agencies")
    for agency in ("Health", "Education"):
        assert screener.page.get_by_label(agency, exact=True).is_checked(), "required for amber"
    screener.fill(question=QUESTION)
    screener.press("Ask")
    assert "Asked Education and Health." in screener.words()
    assert "Gathering information" in screener.words()


def desks_answer(health: Person, education: Person, police: Person, reference: str) -> None:
    """One in words, one by two clicks; and the one that was not asked knows of nothing."""
    assert "1 awaits your reply" in health.words() and "Neglect" in health.words()
    health.follow(reference)
    assert QUESTION in health.words() and "Dana Mockford" in health.words()
    health.press("Send reply")
    assert "Choose your reply." in health.words()
    health.choose("What can you say?", "Information held")
    health.fill(summary=HELD)
    health.choose("How far may it travel?", "Shareable with the team")
    health.press("Send reply")
    assert f"Your reply about {reference} is with the hub: information held." in health.words()
    education.follow(reference)
    assert HELD not in education.page.content() and "hungry" not in education.page.content()
    education.press("Send “Nothing known”")
    assert f"Your reply about {reference} is with the hub: nothing known." in education.words()
    assert "Nothing awaits your reply." in education.words()
    assert reference not in police.page.content()
    of_health = health.page.get_by_role("link", name=reference, exact=True).get_attribute("href")
    police.page.goto(f"{police.home}{of_health}")
    assert "Page not found" in police.words()


def decided(decider: Person, reference: str) -> None:
    decider.follow(reference)
    replies = [decider.page.locator(f"#agency-{code}") for code in ("health", "education")]
    assert HELD in replies[0].inner_text() and "Nothing known" in replies[1].inner_text()
    tops = [box["y"] for reply in replies if (box := reply.bounding_box())]
    assert len(tops) == 2 and tops[0] == tops[1], "side by side"
    decider.press("Record the decision")
    decider.choose("Outcome", "No further action")
    decider.page.get_by_label("Level 2", exact=False).check()
    decider.fill(rationale="School and the GP are working with the mother. Nothing that needs a social worker.")
    decider.press("Record the decision")
    assert "It waits for management oversight." in decider.words()


def overseen(second: Person, decider: Person, reference: str) -> None:
    decider.page.get_by_text("Not possible now").click()
    assert "You recorded this decision: oversight is for another person." in decider.words()
    second.follow(reference)
    second.press("Management oversight")
    assert "Nothing that needs a social worker." in second.words("aside")
    second.page.get_by_label("Yes, I agree").check()
    second.press("Record")
    assert "Management oversight: agreed." in second.words()


def told_and_closed(officer: Person, screener: Person, reference: str) -> None:
    officer.go("/queue")
    officer.follow(reference)
    officer.press("Tell the referrer the outcome")
    assert "Yara Silva" in officer.words("aside")
    officer.fill(note="By phone: we have looked into it, and the school goes on supporting.")
    officer.press("Record that they were told")
    screener.go("/queue")
    screener.follow(reference)
    screener.press("Close")
    screener.press("Close")
    words = screener.words()
    for who in ("Nadia Quill", "Sam Whitlock", "Pat Lindqvist", "Eli Marsh", "Iris Calloway", "Ravi Stone"):
        assert who in words
    screener.go("/queue")
    assert reference not in screener.words()
    screener.follow("See finished contacts")
    assert reference in screener.words()


def test_a_deadline_that_passes_shows_on_the_queue_and_among_the_alerts(door: Door, person: MakePerson) -> None:
    days_ago = clock.now() - timedelta(days=10)
    late = {"received_at": days_ago, "children": [{"forename": "Tiana"}], "narrative": "Alone at home."}
    stored = door.office.receive(door.actors["Nadia Quill"], ReceiveContact.model_validate(late))
    screener = person("Sam Whitlock")
    assert "The timers have stopped." in screener.page.locator("body").inner_text()
    assert f"{stored.reference}" in screener.words() and "out of timescale" in screener.words().lower()
    screener.follow("Alerts")
    assert stored.reference in screener.words() and "None raised yet" in screener.words()
    assert door.sweep().alerts > 0
    screener.go("/alerts")
    words = screener.words()
    assert stored.reference in words and "Out of timescale" in words and "late" in words
    assert "The timers have stopped." not in screener.page.locator("body").inner_text()
    screener.follow(stored.reference)
    assert "Out of timescale" in screener.words(".app-strip")
