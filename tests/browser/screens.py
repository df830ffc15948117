"""Pictures of the demonstration for the documents: `python -m tests.browser.screens` writes docs/screens/*.png."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from mash import clock, demo, migrate, rulebook
from mash.db import Database
from mash.rulebook import Rulebook
from mash.settings import Settings
from mash.workflow.sweep import sweep
from tests.support.browser import launch_options
from tests.support.hub import northbridge
from tests.support.serving import served

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
SIZES = {1280: 960, 375: 812}
TALL = {"contact": 1500, "decision": 1300, "desk-request": 1150}
NARROW_TOO = frozenset({"queue", "contact", "desk"})


def main() -> None:
    """Fill a demonstration as of now, and take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demonstration() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for width in SIZES:
            take_all(browser, home, width)
        browser.close()


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a hub as `mash demo` fills it."""
    with TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/screens.db")
        migrate.build(db, purpose="demo")
        rulebook.install(db, [northbridge()])
        demo.fill(db, clock.now())
        sweep(db, Rulebook())
        with served(db, Settings(insecure_http=True)) as home:
            yield home
        db.close()


def take_all(browser: Browser, home: str, width: int) -> None:
    """Every picture of this width."""
    page = somebody(browser, home, width)
    take(page, "sign-in", width)
    sign_in(page, "decision_maker")
    take(page, "queue", width)
    page.goto(f"{home}/alerts")
    take(page, "alerts", width)
    page.goto(f"{home}/board")
    take(page, "board", width)
    page.goto(home + most_answered(page, home))
    take(page, "contact", width)
    page.goto(f"{page.url}/record_decision")
    take(page, "decision", width)
    officer = somebody(browser, home, width)
    sign_in(officer, "contact_officer")
    officer.goto(f"{home}/contacts/new")
    take(officer, "record-contact", width)
    police = somebody(browser, home, width)
    sign_in(police, "desk:police")
    take(police, "desk", width)
    police.goto(home + str(police.locator(".app-request a").first.get_attribute("href")))
    take(police, "desk-request", width)


def somebody(browser: Browser, home: str, width: int) -> Page:
    """A browser of one's own, at the sign-in page."""
    page = browser.new_page(viewport={"width": width, "height": SIZES[width]})
    page.goto(f"{home}/sign-in")
    return page


def sign_in(page: Page, who: str) -> None:
    """As one of the invented people."""
    with page.expect_event("load"):
        page.get_by_role("button", name=f"Sign in as {demo.DEMO_USERS[who].name}").click()


def most_answered(page: Page, home: str) -> str:
    """Of the contacts that are ready to be decided, the path of the one with the most replies."""
    page.goto(f"{home}/queue?stage=ready")
    replies = {}
    for path in [str(link.get_attribute("href")) for link in page.locator("th a").all()]:
        page.goto(home + path)
        replies[path] = page.locator(".app-reply").count()
    return max(replies, key=lambda path: replies[path])


def take(page: Page, name: str, width: int) -> None:
    """One picture of what is seen without much scrolling."""
    if width == 1280:
        page.set_viewport_size({"width": width, "height": TALL.get(name, SIZES[width])})
        page.screenshot(path=FOLDER / f"{name}.png")
    elif name in NARROW_TOO:
        page.screenshot(path=FOLDER / f"{name}-{width}.png")


if __name__ == "__main__":
    main()
