"""Somebody at a browser, watched: every page that they meet is checked for barriers, overflow, errors and strangers."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = 1280, 375
HEIGHT = 900
PATIENCE = 10_000
"""Milliseconds until we give up on something that should be on the page."""

_RUN_AXE = """async tags => (await axe.run(document, {runOnly: {type: "tag", values: tags}}))
    .violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.html}`))"""
_TOO_WIDE = """() => {
    const root = document.documentElement, room = root.clientWidth;
    if (root.scrollWidth <= room) return [];
    const reach = e => Math.round(e.getBoundingClientRect().right);
    const far = [...document.querySelectorAll("body *")].filter(e => reach(e) > room && !e.closest(".app-scroll *"));
    return [`${root.scrollWidth} for ${room}: ` + far.map(e => `${e.tagName}.${e.className} ${reach(e)}`).join(", ")];
}"""


@cache
def axe() -> str:
    """The text of axe-core. Raises FileNotFoundError where `make install` has not fetched it."""
    return AXE.read_text(encoding="utf-8")


@dataclass
class Person:
    """One person with a browser of their own."""

    context: BrowserContext
    home: str
    scripted: bool
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.context.on("request", self._request)

    @classmethod
    def at(cls, browser: Browser, home: str, *, scripted: bool = True) -> "Person":
        """Somebody new."""
        size = {"width": WIDE, "height": HEIGHT}
        return cls(browser.new_context(java_script_enabled=scripted, viewport=size), home, scripted)  # type: ignore[arg-type]

    def sign_in(self, name: str) -> None:
        """By the demonstration's button, from the sign-in page."""
        self.go("/sign-in")
        self.press(f"Sign in as {name}")

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.home + path)
        self.look()

    def follow(self, name: str) -> None:
        """Follow the link of this name."""
        with self.page.expect_event("load"):
            self.page.get_by_role("link", name=name, exact=True).click()
        self.look()

    def press(self, name: str) -> None:
        """Press the button of this name."""
        with self.page.expect_event("load"):
            self.page.get_by_role("button", name=name, exact=True).click()
        self.look()

    def choose(self, question: str, answer: str) -> None:
        """Choose an answer of a question with radios or checkboxes."""
        self.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()

    def fill(self, **fields: str) -> None:
        """Type into fields, by their names."""
        for name, text in fields.items():
            self.page.locator(f'[name="{name}"]').fill(text)

    def words(self, part: str = "main") -> str:
        """The words of a part of the page, as they are seen."""
        return " ".join(self.page.locator(part).inner_text().split())

    def look(self) -> None:
        """Everything that must be true of every page, at both widths."""
        self.met.append(urlsplit(self.page.url).path)
        for width in (NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self._complain(f"wider than {width}", self.page.evaluate(_TOO_WIDE))
            if self.scripted:
                self.page.evaluate(axe())
                self._complain(f"axe at {width}", self.page.evaluate(_RUN_AXE, STANDARD))

    def _complain(self, what: str, found: list[str]) -> None:
        self.complaints += [f"{urlsplit(self.page.url).path}: {what}: {one}" for one in found]

    def _console(self, message: ConsoleMessage) -> None:
        # A form that is shown again comes with a status that the console calls a failure: that is as it should be.
        is_own_status = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not (is_own_status and _is_page(message)):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self.home + "/"):
            self.complaints.append(f"outside: {request.url}")


def _is_page(message: ConsoleMessage) -> bool:
    place: Any = message.location
    return not urlsplit(place["url"]).path.startswith("/static/")
