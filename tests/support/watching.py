"""Somebody at a browser, watched: every page that they meet is checked for barriers, overflow, errors and strangers."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = 1280, 375
BETWEEN = 320, 640, 768
"""What else a page must fit: the narrowest there is, a wide screen at 200%, a tablet."""
UNHANDY = 320, 768
"""Where controls are looked at for name and size, beside the widths at which everything is."""
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

_CUT_OFF = """() => {
    const shown = e => e.checkVisibility({visibilityProperty: true}) && e.clientWidth > 1 && e.clientHeight > 1;
    const named = e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`;
    const cuts = style => ["hidden", "clip"].includes(style);
    const cut = e => {
        const style = getComputedStyle(e);
        return cuts(style.overflowX) && e.scrollWidth > e.clientWidth + 1
            || cuts(style.overflowY) && e.scrollHeight > e.clientHeight + 1;
    };
    const all = [...document.querySelectorAll("body *")].filter(shown);
    const hidden = all.filter(e => e.textContent.trim() && cut(e)).map(e => `cut off: ${named(e)}`);
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = [];
    while (words.nextNode()) {
        let box = words.currentNode.parentElement;
        if (!words.currentNode.data.trim() || !shown(box)) continue;
        while (getComputedStyle(box).display.startsWith("inline")) box = box.parentElement;
        const range = document.createRange();
        range.selectNodeContents(words.currentNode);
        const text = range.getBoundingClientRect(), room = box.getBoundingClientRect();
        const letters = parseFloat(getComputedStyle(box).fontSize) / 2;
        if (text.width > 1 && room.width > 1 && (text.right > room.right + 2 || text.bottom > room.bottom + letters))
            out.push(`sticks out: ${named(box)}`);
    }
    return [...new Set([...hidden, ...out])];
}"""
_UNUSABLE = """async () => {
    const rules = ["target-size", "button-name", "link-name", "label", "select-name", "summary-name"];
    return (await axe.run(document, {runOnly: {type: "rule", values: rules}}))
        .violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target}`));
}"""

_SKELETON = """() => {
    const kinds = new Set();
    const told = ["role", "type", "href", "for", "alt", "title", "lang", "disabled", "checked", "open"];
    const own = e => [...e.attributes].map(a => a.name).filter(n => told.includes(n) || n.startsWith("aria-")).sort();
    const walk = (e, above) => {
        const says = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        const kind = `${above}>${e.localName}.${e.classList} ${own(e)} ${e.hidden} ${says}`;
        kinds.add(kind);
        for (const child of e.children) walk(child, kind);
    };
    walk(document.documentElement, "");
    return [...kinds].sort().join("\\n");
}"""
_examined: set[tuple[int, int]] = set()
"""Width and skeleton of the pages that axe has seen in this process: of others built alike it has no more to say."""


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
    def at(cls, browser: Browser, home: str, *, scripted: bool = True) -> Self:
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
        self._examine()

    def _examine(self) -> None:
        self.page.wait_for_load_state("load")
        self._wait_for_document()
        self.met.append(urlsplit(self.page.url).path)
        for width in (NARROW, WIDE):
            self._at(width)
            if self.scripted and self._is_new(width):
                self._have_axe()
                self._complain(f"axe at {width}", self.page.evaluate(_RUN_AXE, STANDARD))

    def _is_new(self, width: int) -> bool:
        page = (width, hash(self.page.evaluate(_SKELETON)))
        if page in _examined:
            return False
        _examined.add(page)
        return True

    def _have_axe(self) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe())

    def _wait_for_document(self) -> None:
        """Between two pages there is a moment without one."""
        for _ in range(PATIENCE // 50):
            try:
                if self.page.evaluate("document.readyState === 'complete' && document.body !== null"):
                    return
            except Error:
                pass
            self.page.wait_for_timeout(50)

    def survey(self) -> None:
        """As `look`; and at every other width that nothing is cut off, and that each control has a name and a size."""
        self._examine()
        self._complain(f"at {WIDE}", self.page.evaluate(_CUT_OFF))
        for width in (NARROW, *BETWEEN):
            self._at(width)
            self._complain(f"at {width}", self.page.evaluate(_CUT_OFF))
            if self.scripted and width in UNHANDY and self._is_new(width):
                self._have_axe()
                self._complain(f"at {width}", self.page.evaluate(_UNUSABLE))

    def _at(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self._complain(f"wider than {width}", self.page.evaluate(_TOO_WIDE))

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
