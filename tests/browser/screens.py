"""Pictures of the demonstration for the documents: `python -m tests.browser.screens` writes docs/screens.

Every main page, 375, 768 and 1280 pixels wide, about as much as is seen without scrolling, and an index of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from mash import clock, demo, migrate, rulebook
from mash.accounts import administration
from mash.db import Database
from mash.models.accounts import User
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.settings import Settings
from tests.browser.touring import Visitor
from tests.support.browser import launch_options
from tests.support.hub import northbridge, swept
from tests.support.serving import served
from tests.support.watching import Person

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
SIZES = {375: 780, 768: 800, 1280: 800}
"""Widths, and how high the pictures are."""
INTRODUCTION = """# Screens

Pictures of the demonstration, with invented families: `make screens` takes them. Each page is shown as wide as a
telephone (375 pixels), a tablet (768) and a screen (1280).

"""


@dataclass(frozen=True)
class Demonstration:
    """A hub as `mash demo` fills it, served."""

    home: str
    db: Database

    def actor(self, who: str) -> Actor:
        """One of the invented people, by the name of their work."""
        user = demo.DEMO_USERS[who]
        with self.db.reading() as look:
            user_id = look.execute(select(User.id).where(User.username == user.username)).scalar_one()
        return Actor(user_id, user.name, user.role, demo.BOROUGH, user.desk)


@dataclass(frozen=True)
class Screen:
    """One picture: the file's name, what it shows, who looks, and the way there."""

    name: str
    shows: str
    who: str
    go: Callable[[Person, Demonstration], None]


def at(path: str) -> Callable[[Person, Demonstration], None]:
    return lambda person, hub: person.go(path)


def first(listed: str, link: str, then: str = "") -> Callable[[Person, Demonstration], None]:
    """From a list to what stands first in it, and from there on."""

    def go(person: Person, hub: Demonstration) -> None:
        person.go(listed)
        person.go(str(person.page.locator(link).first.get_attribute("href")) + then)

    return go


def _second_factor(person: Person, hub: Demonstration) -> None:
    health = hub.actor("desk:health")
    person.go(f"/invitation/{administration.invite(hub.db, hub.actor('administrator'), health.user_id)}")
    person.fill(new_password="four words make a password")
    person.press("Continue")


def _filters(person: Person, hub: Demonstration) -> None:
    person.go("/queue?stage=gathering")
    person.page.locator("#filters summary").click()


def _search(person: Person, hub: Demonstration) -> None:
    person.go("/queue")
    name = person.page.locator(".app-line td:nth-of-type(2)").first.inner_text().split(",")[0].split()[-1]
    person.fill(text=name)
    person.press("Find")


def most_answered(then: str = "") -> Callable[[Person, Demonstration], None]:
    """Of the contacts that are ready to be decided, the one with the most replies."""

    def go(person: Person, hub: Demonstration) -> None:
        person.go("/queue?stage=ready")
        replies = {}
        for path in [str(link.get_attribute("href")) for link in person.page.locator("th a").all()]:
            person.go(path)
            replies[path] = person.page.locator(".app-reply").count()
        person.go(max(replies, key=lambda path: replies[path]) + then)

    return go


def _screen_out(person: Person, hub: Demonstration) -> None:
    """The first contact of which nobody has to be asked."""
    person.go("/queue?stage=received")
    paths = [str(link.get_attribute("href")) for link in person.page.locator("th a").all()]
    for path in paths:
        person.go(path)
        if person.page.locator("a[href$=screen_out]").count():
            return person.go(f"{path}/screen_out")
    raise AssertionError("The demonstration has nothing to be screened out.")


def _conflict(person: Person, hub: Demonstration) -> None:
    """What the second of two sees who rate the same contact."""
    first("/queue?stage=screening", "th a", "/rate_contact")(person, hub)
    other = Visitor.at(person.context.browser, hub.home)  # type: ignore[arg-type]
    other.sign_in(demo.DEMO_USERS["decision_maker#2"].name)
    other.go(person.page.url.removeprefix(hub.home).removesuffix("/rate_contact"))
    other.fill(note="Rang the school, 2:10pm: the children are safe there until 4pm.")
    other.press("Add to the call log")
    other.context.close()
    person.page.locator("#form input[type=radio]").first.check()
    person.fill(rationale="Two calls in a week, and nobody has seen the baby.")
    with person.page.expect_event("load"):
        person.page.locator("#form .govuk-button").click()


def _call(person: Person, hub: Demonstration) -> None:
    """The family of somebody who is on record is being typed."""
    person.go("/queue")
    child = person.page.locator(".app-line td:nth-of-type(2)").first.inner_text().split(",")[0].split()
    person.go("/contacts/new")
    person.fill(**{"referrer-name": "Yara Silva", "children-0-forename": child[0], "children-0-surname": child[-1]})
    person.page.locator("#earlier a").first.wait_for()


def _draft(person: Person, hub: Demonstration) -> None:
    first("/queue?stage=ready", "th a", "/record_decision")(person, hub)
    person.page.locator("#rationale").press_sequentially("Seen at home with both children.")
    person.page.get_by_text("Kept for you at").wait_for()
    person.go("/drafts")


SCREENS = (
    Screen("sign-in", "Signing in to the demonstration", "", at("/sign-in")),
    Screen("second-factor", "Setting up a second factor", "", _second_factor),
    Screen("queue", "The triage queue", "screener", at("/queue")),
    Screen("filters", "The queue with its filters", "screener", _filters),
    Screen("search", "A search by name", "screener", _search),
    Screen("contact", "A contact with its replies", "decision_maker", most_answered()),
    Screen("rating", "Rating a contact", "screener", first("/queue?stage=screening", "th a", "/rate_contact")),
    Screen("decision", "Recording the decision", "decision_maker", most_answered("/record_decision")),
    Screen("screen-out", "Screening out in one go", "decision_maker", _screen_out),
    Screen("conflict", "Somebody else was quicker", "decision_maker", _conflict),
    Screen("record-contact", "Taking a call, with earlier contacts beside it", "contact_officer", _call),
    Screen("advice", "An advice call", "contact_officer", at("/advice")),
    Screen("overnight", "What happened overnight", "screener", at("/overnight")),
    Screen("alerts", "Alerts", "service_manager", at("/alerts")),
    Screen("board", "The live board", "service_manager", at("/board")),
    Screen("desk", "What the police are asked", "desk:police", at("/desk")),
    Screen("desk-request", "One request, and the reply", "desk:police", first("/desk", ".app-request a")),
    Screen("rules", "The rules in force", "service_manager", at("/rules")),
    Screen("drafts", "Forms begun and not sent", "decision_maker#2", _draft),
    Screen("account", "One’s own account", "contact_officer", at("/account")),
    Screen("users", "Who works here", "administrator", at("/admin/users")),
    Screen("desks", "Who answers for each agency", "administrator", at("/admin/desks")),
)


def main() -> None:
    """Fill a demonstration as of now, take every picture, and list them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with demonstration() as hub, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for screen, person in visits(browser, hub):
            for width, height in SIZES.items():
                person.page.set_viewport_size({"width": width, "height": height})
                person.page.evaluate("window.scrollTo(0, 0)")
                person.page.screenshot(path=FOLDER / file_of(screen, width))
        browser.close()
    (FOLDER / "index.md").write_text(index(), encoding="utf-8")


@contextmanager
def demonstration() -> Iterator[Demonstration]:
    """A hub as `mash demo` fills it now."""
    with TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/screens.db")
        migrate.build(db, purpose="demo")
        rulebook.install(db, [northbridge()])
        demo.fill(db, clock.now())
        swept(db, Rulebook())
        with served(db, Settings(insecure_http=True)) as home:
            yield Demonstration(home, db)
        db.close()


def visits(browser: Browser, hub: Demonstration) -> Iterator[tuple[Screen, Person]]:
    """Every page of which there is a picture, while somebody stands before it."""
    people: dict[str, Person] = {}
    for screen in SCREENS:
        if screen.who not in people:
            people[screen.who] = Visitor.at(browser, hub.home)
            if screen.who:
                people[screen.who].sign_in(demo.DEMO_USERS[screen.who].name)
        screen.go(people[screen.who], hub)
        yield screen, people[screen.who]
    for person in people.values():
        person.context.close()


def file_of(screen: Screen, width: int) -> str:
    """The name of a picture; the wide one has that of the page."""
    return f"{screen.name}.png" if width == max(SIZES) else f"{screen.name}-{width}.png"


def index() -> str:
    """docs/screens/index.md."""
    lines = []
    for screen in SCREENS:
        files = ", ".join(f"[{width}]({file_of(screen, width)})" for width in SIZES)
        lines.append(f"- {screen.shows}: {files}")
    return INTRODUCTION + "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
