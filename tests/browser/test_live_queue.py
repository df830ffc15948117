"""A queue that refreshes itself under somebody's hands, its keys, and the same without script."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from mash import clock
from mash.vocabulary import State, Verb
from tests.browser.conftest import Door
from tests.support.hub import Hub
from tests.support.watching import PATIENCE, Person

MakePerson = Callable[..., Person]
REFRESH = "() => document.dispatchEvent(new Event('visibilitychange'))"
"""What the browser says when somebody comes back to the page: then it refreshes at once."""


@pytest.fixture
def hub(door: Door) -> Hub:
    """The same front door as of now, with a red, an amber and a green contact in it."""
    hub = Hub(door.db, clock.now() - timedelta(minutes=5))
    for rag in ("red", "amber", "green"):
        hub.screened(rag, agreement={"status": "given"}, concerns=["neglect"])
    hub.later(minutes=5)
    door.sweep()
    return hub


def lines(person: Person) -> list[str]:
    return [str(line.get_attribute("id")) for line in person.page.locator("[data-lines] > *").all()]


def refresh(person: Person) -> None:
    with person.page.expect_response(lambda answer: "/lines" in answer.url or "/figures" in answer.url):
        person.page.evaluate(REFRESH)


def test_a_new_contact_comes_in_without_taking_the_readers_place(hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    page, before = sam.page, lines(sam)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.locator("#live-closing summary").click()
    page.locator("#filters summary").click()
    page.locator("#text").fill("Mockf")
    held = page.locator(f"#{before[-1]} [data-open]")
    held.focus()
    held.scroll_into_view_if_needed()
    place = held.bounding_box()
    new = hub.receive(concerns=["neglect"])
    refresh(sam)
    expect(page.locator(f"#line-{new}")).to_be_visible()
    expect(page.locator("#live-news")).to_have_text("1 new contact")
    expect(held).to_be_focused()
    now = held.bounding_box()
    assert place and now and abs(place["y"] - now["y"]) < 2, "it did not move on the screen"
    assert page.locator("#text").input_value() == "Mockf"
    assert page.locator("#live-closing").get_attribute("open") is not None
    assert page.locator("#filters").get_attribute("open") is not None
    assert lines(sam) != before and set(before) < set(lines(sam))
    sam.look()


def test_what_is_taken_and_what_is_gone_is_said_and_focus_moves_to_the_neighbour(hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    sam.go("/queue?who=nobody")
    first, second, third = (line.removeprefix("line-") for line in lines(sam))
    sam.page.locator(f"#open-{second}").focus()
    hub.do("decider", Verb.CLAIM, second)
    refresh(sam)
    expect(sam.page.locator("#live-news")).to_have_text("1 no longer on this list")
    expect(sam.page.locator(f"#open-{third}")).to_be_focused()
    sam.page.locator(f"#claim-{first}").focus()
    hub.do("decider", Verb.ADD_FACTS, first, concerns=["missing"])
    refresh(sam)
    expect(sam.page.locator(f"#line-{first}")).to_contain_text("issing")
    expect(sam.page.locator(f"#claim-{first}")).to_be_focused()


def test_time_runs_down_between_refreshes(hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    left = sam.page.locator("[data-left]").first
    before = left.inner_text()
    sam.page.evaluate(
        "() => { document.querySelector('[data-left]').dateTime = new Date(Date.now() + 59e3).toISOString(); }"
    )
    expect(left).to_have_text("less than a minute left", timeout=PATIENCE)
    assert before != left.inner_text()


def test_a_server_that_cannot_be_reached_is_said_loudly_and_since_when(hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    trouble = sam.page.locator("#live-trouble")
    expect(trouble).to_be_empty()
    sam.page.route("**/queue/lines*", lambda route: route.abort())
    sam.page.evaluate(REFRESH)
    expect(trouble).to_contain_text("The server has not answered since then")
    shown = sam.page.locator("#live-at time").inner_text().removesuffix("am").removesuffix("pm")
    assert shown.split(":")[0] in trouble.inner_text()
    sam.look()
    sam.page.unroute("**/queue/lines*")
    refresh(sam)
    expect(trouble).to_be_empty()
    sam.complaints = [one for one in sam.complaints if "net::ERR_FAILED" not in one]


def test_a_hidden_page_asks_for_nothing_and_an_ended_session_shows_nothing(hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    asked: list[str] = []
    sam.page.on("request", lambda request: asked.append(request.url))
    hide = "() => Object.defineProperty(document, 'hidden', {value: true, configurable: true})"
    sam.page.evaluate(hide)
    sam.page.evaluate(REFRESH)
    sam.page.evaluate("() => window.dispatchEvent(new Event('online'))")
    sam.page.wait_for_timeout(300)
    assert asked == []
    sam.page.evaluate("() => Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    sam.context.clear_cookies()
    with sam.page.expect_event("load"):
        sam.page.evaluate(REFRESH)
    expect(sam.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "NB-" not in sam.page.content()


def test_a_queue_is_worked_by_keys_alone(door: Door, hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    keys, page = sam.page.keyboard, sam.page
    new = hub.receive(concerns=["neglect"])
    sam.go("/queue")
    order = [line.removeprefix("line-") for line in lines(sam)]
    keys.press("j")
    expect(page.locator(f"#open-{order[0]}")).to_be_focused()
    keys.press("j")
    keys.press("k")
    keys.press("k")
    expect(page.locator(f"#open-{order[0]}")).to_be_focused()
    for _ in range(order.index(new)):
        keys.press("j")
    with page.expect_event("load"):
        keys.press("c")
    sam.look()
    assert "is yours now. Stage: Screening." in sam.words()
    assert hub.page(new).state is State.SCREENING
    keys.press("/")
    expect(page.locator("#text")).to_be_focused()
    keys.type("jack?")
    assert page.locator("#text").input_value() == "jack?", "no key acts while somebody types"
    page.locator("#text").fill("Tiana")
    with page.expect_event("load"):
        keys.press("Enter")
    sam.look()
    assert page.locator("[data-lines] > *").count() == 4 and "Tiana" not in page.url
    sam.go("/queue")
    keys.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    sam.look()
    keys.press("j")
    keys.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()
    keys.press("j")
    with page.expect_event("load"):
        keys.press("Enter")
    sam.look()
    assert "/contacts/" in page.url


def test_the_keys_can_be_switched_off(hub: Hub, person: MakePerson) -> None:
    sam = person("Sam Whitlock")
    sam.page.keyboard.press("?")
    with sam.page.expect_event("load"):
        sam.page.get_by_role("button", name="Switch these keys off").click()
    sam.look()
    sam.page.keyboard.press("j")
    assert sam.page.evaluate("document.activeElement.tagName") == "BODY"
    sam.press("Switch them on")
    sam.page.keyboard.press("j")
    assert sam.page.evaluate("document.activeElement.id").startswith("open-")
    assert sam.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_queue_is_filtered_searched_and_worked_without_script(hub: Hub, person: MakePerson) -> None:
    new = hub.receive(concerns=["neglect"])
    sam = person("Sam Whitlock", scripted=False)
    page = sam.page
    page.locator("#filters summary").click()
    page.get_by_label("Stage").select_option("Received")
    with page.expect_event("load"):
        page.get_by_role("button", name="Show these").click()
    assert lines(sam) == [f"line-{new}"] and "stage=received" in page.url
    with page.expect_event("load"):
        page.locator(f"#claim-{new}").click()
    assert "is yours now. Stage: Screening." in sam.words()
    assert "stage=received" in page.url and "No open contact is like this now." in sam.words()
    sam.go("/queue?who=me")
    with page.expect_event("load"):
        page.locator(f"#release-{new}").click()
    assert "is back in the queue." in sam.words()
    sam.fill(text="Mockford")
    sam.press("Find")
    assert len(lines(sam)) == 4
    assert page.locator("#keys").is_hidden()
    sam.go("/board")
    assert "4 open" in sam.words()


def test_a_manager_takes_an_alert_on_and_the_board_follows(door: Door, hub: Hub, person: MakePerson) -> None:
    iris, sam = person("Iris Calloway"), person("Sam Whitlock")
    sam.go("/board")
    assert "0 out of timescale" in sam.words(".app-board__figures")
    hub.at = clock.now() - timedelta(days=7)
    late = hub.receive(concerns=["neglect"])
    refresh(sam)
    expect(sam.page.locator("#figure-late")).to_contain_text("1")
    sam.look()
    iris.go("/alerts?who=nobody")
    with iris.page.expect_event("load"):
        iris.page.locator(f"#take-{late}").click()
    iris.look()
    assert "You have taken on the alert of" in iris.words() and f"line-{late}" not in lines(iris)
    refresh(iris)
    iris.go("/alerts")
    assert f"line-{late}" in lines(iris)
