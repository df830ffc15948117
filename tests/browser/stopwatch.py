"""How many clicks and keys does a common task cost? `python -m tests.browser.stopwatch` does ten, and says so.

Each is done in a browser on the demonstration, once with the mouse where a hand goes to it and once by keyboard alone,
as somebody does it who knows the pages; then the record is asked whether it was really done. Letters are what has to
be said anyhow. Nothing is timed: the time that it takes is thinking.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import func, select

from mash import clock
from mash.demo import DEMO_USERS
from mash.models.contact import Contact
from mash.models.people import ContactChild
from mash.models.time import Deadline
from mash.vocabulary import State, Verb
from mash.workflow.contact_page import contact_page
from mash.workflow.details import DETAILS, ReceiveContact
from mash.workflow.shown import ContactPage
from mash.workflow.write import Office
from tests.browser.screens import Demonstration, demonstration
from tests.support.browser import launch_options

FAMILY = [{"forename": name, "surname": "Stopwatch"} for name in ("Tiana", "Kofi", "Ines")]
FOCUSED = "e => e === document.activeElement"
MOST = 150
"""Presses of a key after which something counts as out of reach."""


@dataclass
class Hands:
    """Somebody's hands: what they do is counted."""

    page: Page
    keyboard: bool
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("clicks", "Tab", "Enter", "other", "letters"), 0)
    )

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)
        self.counts[key if key in self.counts else "other"] += 1

    def say(self, text: str) -> None:
        """Type words."""
        self.page.keyboard.type(text)
        self.counts["letters"] += len(text)

    def to(self, place: Locator) -> None:
        """Put the focus there."""
        if not self.keyboard:
            self._click(place)
            return
        if self.page.evaluate("document.activeElement === document.body") and place.evaluate(
            "e => !!e.closest('main')"
        ):
            self.press("Tab")
            self.press("Enter")
        self._until(place, "Tab")

    def use(self, place: Locator) -> None:
        """Follow a link or press a button that leads to a page."""
        with self.page.expect_event("load"):
            if self.keyboard:
                self.to(place)
                self.press("Enter")
            else:
                self._click(place)

    def open(self, place: Locator) -> None:
        """Press something that stays on the page."""
        self.to(place)
        if self.keyboard:
            self.press("Enter")

    def tick(self, place: Locator) -> None:
        """Tick a box."""
        self.to(place)
        if self.keyboard:
            self.press("Space")

    def choose(self, place: Locator) -> None:
        """Choose one of a question's answers: with keys, Tab to the question, then arrows."""
        if not self.keyboard:
            self._click(place)
            return
        every = self.page.locator(f"[name='{place.get_attribute('name')}']")
        chosen = every.and_(self.page.locator(":checked"))
        self.to(chosen.first if chosen.count() else every.first)
        self._until(place, "ArrowDown")
        if not place.is_checked():
            self.press("Space")

    def _until(self, place: Locator, key: str) -> None:
        for _ in range(MOST):
            if place.evaluate(FOCUSED):
                return
            self.press(key)
        raise AssertionError(f"{place} cannot be reached by {key}")

    def _click(self, place: Locator) -> None:
        place.click()
        self.counts["clicks"] += 1


@dataclass
class Bench:
    """The demonstration under the stopwatch: what a task begins with is made as the person would who did it before."""

    hub: Demonstration

    def do(self, who: str, verb: Verb, contact_id: str, **fields: object) -> None:
        """Somebody does this beforehand."""
        details = DETAILS[verb].model_validate(fields)
        Office(self.hub.db).perform(self.hub.actor(who), verb, contact_id, details)

    def received(self, by: str = "contact_officer", **fields: object) -> str:
        """A contact that has just come in."""
        given = {"children": FAMILY, "agreement": {"status": "given"}, "referrer": {"name": "Yara Silva"}, **fields}
        details = ReceiveContact.model_validate(given)
        return Office(self.hub.db).receive(self.hub.actor(by), details).contact_id

    def asked(self, *agencies: str) -> str:
        """An amber contact of which these were asked."""
        contact_id = self.received()
        self.do("screener", Verb.START_SCREENING, contact_id)
        self.do("screener", Verb.RATE_CONTACT, contact_id, rag="amber", rationale="Neglect over months.")
        self.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=list(agencies), question="Known?")
        return contact_id

    def page(self, contact_id: str) -> ContactPage:
        """How a contact stands."""
        return contact_page(self.hub.db, self.hub.actor("decision_maker"), clock.now(), contact_id)

    def newest(self) -> tuple[str, str]:
        """Kind and state of the contact that came in last."""
        with self.hub.db.reading() as look:
            last = select(Contact.kind, Contact.state).order_by(Contact.number.desc()).limit(1)
            kind, state = look.execute(last).one()
            return kind, state

    def total(self) -> int:
        """How many contacts there are."""
        with self.hub.db.reading() as look:
            return int(look.execute(select(func.count()).select_from(Contact)).scalar_one())


# ---- The tasks: each begins at the first page of whoever does it -----------------------------------------------------


def take_a_call(bench: Bench, hands: Hands) -> None:
    before, page = bench.total(), hands.page
    hands.use(page.get_by_role("link", name="Record a contact", exact=True))
    hands.say("Yara Silva")
    for text in ("020 7946 0101", "Teacher"):
        hands.press("Tab")
        hands.say(text)
    hands.to(page.locator("[name='children-0-forename']"))
    hands.say("Tiana")
    hands.press("Tab")
    hands.say("Stopwatch")
    hands.press("Tab")
    hands.say("22/6/2015")
    hands.to(page.locator("[name='narrative']"))
    hands.say("Came to school hungry again, third time this month.")
    with page.expect_event("load"):
        hands.press("Control+Enter")
    assert bench.total() == before + 1 and bench.newest() == ("referral", State.RECEIVED)


def advise(bench: Bench, hands: Hands) -> None:
    hands.use(hands.page.get_by_role("link", name="Advice call", exact=True))
    hands.say("A boy of seven hits others. What can a school do?")
    hands.press("Tab")
    hands.say("Speak to the parents; early help if it goes on.")
    with hands.page.expect_event("load"):
        hands.press("Control+Enter")
    assert bench.newest() == ("advice", State.CLOSED)


def to_search(hands: Hands) -> None:
    """Into the box that finds a contact: with keys, by the key of the queue, once the queue says that it has keys."""
    if hands.keyboard:
        hands.page.locator("#keys").wait_for()
        hands.press("/")
    else:
        hands.to(hands.page.locator("#text"))


def opened(bench: Bench, hands: Hands, contact_id: str) -> None:
    """From the queue to a contact, by its reference: where it stands on the queue differs from hour to hour."""
    to_search(hands)
    hands.say(bench.page(contact_id).reference)
    with hands.page.expect_event("load"):
        hands.press("Enter")
    if hands.page.url.endswith("/search"):  # a reference of letters only might be a name: it does not open at once
        hands.use(hands.page.locator(f"#open-{contact_id}"))
    assert hands.page.url.endswith(f"/contacts/{contact_id}")


def screen_out(bench: Bench, hands: Hands) -> None:
    contact_id, page = bench.received(), hands.page
    opened(bench, hands, contact_id)
    hands.use(page.get_by_role("link", name="Screen out in one go"))
    hands.choose(page.get_by_role("group", name="Rating").get_by_label("Green"))
    hands.choose(page.get_by_role("group", name="Decision").get_by_label("Information and advice"))
    hands.to(page.locator("#rationale"))
    hands.say("The school has it in hand.")
    hands.choose(page.get_by_label("Told now"))
    hands.use(page.get_by_role("button", name="Screen out and close"))
    assert bench.page(contact_id).state is State.CLOSED


def rate_and_ask(bench: Bench, hands: Hands) -> None:
    contact_id, page = bench.received(), hands.page
    bench.do("screener", Verb.START_SCREENING, contact_id)
    opened(bench, hands, contact_id)
    hands.use(page.get_by_role("button", name="Rate", exact=True))
    hands.choose(page.get_by_role("group", name="Rating").get_by_label("Amber"))
    hands.to(page.locator("#rationale"))
    hands.say("Neglect over months, nobody in danger today.")
    hands.use(page.get_by_role("button", name="Rate", exact=True))
    hands.use(page.get_by_role("button", name="Ask agencies", exact=True))
    hands.tick(page.get_by_label("Police", exact=True))
    hands.to(page.locator("#question"))
    hands.say("Any injuries or missed appointments since January?")
    hands.use(page.get_by_role("button", name="Ask", exact=True))
    assert bench.page(contact_id).picture.awaited == {"police", "health", "education"}


def nothing_known(bench: Bench, hands: Hands) -> None:
    contact_id, page = bench.asked("police"), hands.page
    page.reload()
    request = page.locator(f"[data-contact='{contact_id}']")
    hands.open(request.locator("summary"))
    hands.use(request.get_by_role("button", name="Yes: nothing known"))
    (police,) = [agency for agency in bench.page(contact_id).agencies if agency.code == "police"]
    assert not police.awaited and police.replies


def decide_without_health(bench: Bench, hands: Hands) -> None:
    contact_id, page = bench.asked("health", "education"), hands.page
    bench.do("desk:education", Verb.RETURN_INFORMATION, contact_id, agency="education", reply="nothing_known")
    opened(bench, hands, contact_id)
    hands.use(
        page.get_by_role("link", name="Record the decision").or_(page.get_by_role("button", name="Record the decision"))
    )
    hands.choose(page.get_by_role("group", name="Outcome").first.get_by_label("No further action"))
    hands.tick(page.locator("[name='without'][value='health']"))
    hands.to(page.locator("#rationale"))
    hands.say("School and the GP are working with the mother.")
    hands.use(page.get_by_role("button", name="Record the decision"))
    assert bench.page(contact_id).decision is not None


def oversee(bench: Bench, hands: Hands) -> None:
    contact_id, page = bench.asked("health", "education"), hands.page
    said = {"outcome": "no_further_action", "rationale": "Seen.", "without": ["health", "education"]}
    bench.do("decision_maker", Verb.RECORD_DECISION, contact_id, **said)
    assert bench.page(contact_id).state is State.AWAITING_SIGN_OFF
    opened(bench, hands, contact_id)
    hands.use(page.get_by_role("button", name="Management oversight"))
    hands.choose(page.get_by_label("Yes, I agree"))
    hands.use(page.get_by_role("button", name="Record", exact=True))
    assert bench.page(contact_id).state is not State.AWAITING_SIGN_OFF


def take_an_alert(bench: Bench, hands: Hands) -> None:
    page = hands.page
    hands.use(page.get_by_role("link", name="Alerts", exact=True))
    button = page.locator("[id^=take-]").first
    contact_id = str(button.get_attribute("id")).removeprefix("take-")
    hands.use(page.locator(f"#take-{contact_id}"))
    assert "You have taken on the alert of" in page.locator("main").inner_text()
    with bench.hub.db.reading() as look:
        takers = look.execute(select(Deadline.taken_by).where(Deadline.contact_id == contact_id)).scalars().all()
    assert bench.hub.actor("service_manager").user_id in takers


def accept_the_night(bench: Bench, hands: Hands) -> None:
    """Three lines, and what else the demonstration's night has left."""
    page = hands.page
    night = [bench.received("edt") for _ in range(3)]
    hands.use(page.get_by_role("link", name="Overnight", exact=True))
    accept = page.get_by_role("button", name="Accept")
    left = accept.count()
    assert left >= 3
    for more in range(left - 1, -1, -1):
        hands.open(accept.first)
        page.wait_for_function(
            "n => document.querySelectorAll('.app-night__button:not(.govuk-button--secondary)').length == n", arg=more
        )
    assert all(bench.page(contact_id).picture.handover_accepted for contact_id in night)


def find_last_months_contact(bench: Bench, hands: Hands) -> None:
    with bench.hub.db.reading() as look:
        closed = select(Contact.id, ContactChild.surname).join(ContactChild, ContactChild.contact_id == Contact.id)
        closed = closed.where(Contact.state == State.CLOSED, ContactChild.surname.is_not(None)).order_by(Contact.number)
        contact_id, surname = look.execute(closed.limit(1)).one()
    page = hands.page
    to_search(hands)
    hands.say(surname)
    with page.expect_event("load"):
        hands.press("Enter")
    hands.use(page.locator(f"#open-{contact_id}"))
    assert page.url.endswith(f"/contacts/{contact_id}")


TASKS: tuple[tuple[str, str, Callable[[Bench, Hands], None]], ...] = (
    ("take a call", "contact_officer", take_a_call),
    ("record and close an advice call", "screener", advise),
    ("screen out in one go", "decision_maker", screen_out),
    ("rate, and ask three agencies", "screener", rate_and_ask),
    ("answer “nothing known” for three children", "desk:police", nothing_known),
    ("decide without Health", "decision_maker", decide_without_health),
    ("oversee a decision", "decision_maker#2", oversee),
    ("take an alert on", "service_manager", take_an_alert),
    ("accept the night", "screener", accept_the_night),
    ("find last month’s contact by name", "screener", find_last_months_contact),
)


def main() -> None:
    """Do each task both ways, and print the table."""
    out = sys.stdout
    out.write("| task | how | clicks | Tab | Enter | other keys | letters |\n|---|---|---|---|---|---|---|\n")
    with demonstration() as hub, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for name, who, task in TASKS:
            for keyboard in (False, True):
                counts = measured(browser, Bench(hub), who, task, keyboard=keyboard)
                how = "keyboard alone" if keyboard else "mouse"
                out.write(f"| {name} | {how} | {' | '.join(str(n) for n in counts.values())} |\n")
        browser.close()


def measured(
    browser: Browser, bench: Bench, who: str, task: Callable[[Bench, Hands], None], *, keyboard: bool
) -> dict[str, int]:
    """What one task costs. Raises AssertionError where it was not done."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(10_000)
    page.goto(f"{bench.hub.home}/sign-in")
    with page.expect_event("load"):
        page.get_by_role("button", name=f"Sign in as {DEMO_USERS[who].name}").click()
    hands = Hands(page, keyboard)
    task(bench, hands)
    page.close()
    return hands.counts


if __name__ == "__main__":
    main()
