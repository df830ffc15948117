"""Every page there is, as filled in, as refused and as empty, is free of barriers at both widths."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mash import clock
from mash.vocabulary import State, Verb
from tests.browser.conftest import Door, opened
from tests.support.databases import SqliteFiles
from tests.support.hub import Hub
from tests.support.watching import Person
from web.act_forms import FORMS

MakePerson = Callable[..., Person]


@pytest.fixture
def door(sqlite_files: SqliteFiles) -> Iterator[Door]:
    """On one database: what a page looks like does not depend on which."""
    with sqlite_files.copy("demo") as db, opened(db) as door:
        yield door


@pytest.fixture
def hub(door: Door) -> Hub:
    """The same front door with a few contacts in it that nobody has touched for days."""
    hub = Hub(door.db, clock.now() - timedelta(days=10))
    for rag in ("green", "amber", "red"):
        contact_id = hub.screened(rag, agreement={"status": "given"}, concerns=["neglect"], narrative="Alone at home.")
        hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police", "health"], question="Known?")
        hub.do("health", Verb.RETURN_INFORMATION, contact_id, agency="health", reply="partial", summary="Seen once.")
    door.sweep()
    return hub


def test_the_pages_of_an_empty_hub(door: Door, person: MakePerson) -> None:
    screener, police = person("Sam Whitlock"), person("Jo Harker")
    lists = ("/queue", "/queue?show=closed", "/queue?stage=ready&who=me", "/alerts", "/board", "/search")
    for path in (*lists, "/search?reference=NB-0000-0000", "/contacts/new", "/nowhere", "/desk"):
        screener.go(path)
    for path in ("/desk", "/desk/report", "/desk/nothing", "/queue"):
        police.go(path)
    assert "You may not do this" in police.words()


def test_the_form_of_every_act_blank_and_sent_as_it_is(hub: Hub, person: MakePerson) -> None:
    decider = person("Iris Calloway")
    for verb in FORMS:
        decider.go(f"/contacts/{contact_for(hub, verb)}/{verb}")
        send = decider.page.locator("main form button.govuk-button:not(.govuk-button--secondary)")
        if send.count():
            with decider.page.expect_event("load"):
                send.click()
            decider.look()


def contact_for(hub: Hub, verb: Verb) -> str:
    """A contact to which this can be done, or nearly."""
    if verb in (Verb.START_SCREENING, Verb.RETURN_TO_REFERRER):
        return hub.receive()
    contact_id = hub.screened("amber")
    if verb in (Verb.TRANSFER_ACCEPTED, Verb.TRANSFER_REFUSED):
        hub.do("decider", Verb.TRANSFER_OUT, contact_id, to="Eastmere", rationale="They live there.")
    if verb in (Verb.WITHDRAW_DECISION, Verb.SIGN_OFF, Verb.GIVE_FEEDBACK, Verb.REOPEN):
        without = {"outcome": "no_further_action", "rationale": "Seen.", "without": ["health", "education"]}
        hub.do("decider", Verb.RECORD_DECISION, contact_id, **without)
    if verb in (Verb.GIVE_FEEDBACK, Verb.REOPEN):
        hub.do("second_decider", Verb.SIGN_OFF, contact_id, agree=True)
    return contact_id


def test_the_pages_of_a_desk_with_work(hub: Hub, person: MakePerson) -> None:
    police, health = person("Jo Harker"), person("Pat Lindqvist")
    for someone in (police, health):
        someone.page.locator(".app-request a").first.click()
        someone.look()
        someone.press("Send reply")
        assert "Choose your reply." in someone.words()
    police.go("/desk/report")
    police.press("Add another child")
    police.press("Send to the hub")
    assert "Say what you are worried about." in police.words()


def test_a_lived_in_queue_with_alerts(hub: Hub, person: MakePerson) -> None:
    screener = person("Sam Whitlock")
    for path in ("/queue", "/queue?late=yes", "/queue?stage=gathering", "/alerts", "/board"):
        screener.go(path)
    for text in ("a", "Tiana", "Nobody"):
        screener.go("/search")
        screener.fill(text=text)
        screener.press("Find")
    screener.go("/queue")
    for part in ("#filters", "#live-closing"):
        screener.page.locator(f"{part} summary").click()
        screener.look()
    screener.page.locator("th a").first.click()
    screener.look()
    assert State.GATHERING.label in screener.words()
