"""Pages are light, also on a council laptop at the far end of a tunnel: bytes as they travel."""

import re
from collections.abc import Iterator

import pytest

from mash import clock, demo, rulebook
from mash.rulebook import Rulebook
from tests.support.databases import SqliteFiles
from tests.support.hub import northbridge, swept
from tests.web.browsing import Browser
from tests.web.conftest import settings
from web.app import create_app

FIRST_VISIT, AFTERWARDS = 150_000, 40_000
_ASSETS = re.compile(r'(?:href|src)="(/(?:static|house)/[^"]+)"')
_IMPORTS = re.compile(r'from "\./([^"]+)"')


@pytest.fixture(scope="module")
def browser(sqlite_files: SqliteFiles) -> Iterator[Browser]:
    with sqlite_files.copy("demo") as db:
        rulebook.install(db, [northbridge()])
        demo.fill(db, clock.now())
        swept(db, Rulebook())
        browser = Browser(create_app(settings(), db))
        browser.get("/sign-in")
        browser.post("/sign-in/demo", username="farah")
        yield browser


def weight(browser: Browser, path: str) -> int:
    with browser.client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        return len(b"".join(answer.iter_raw()))


def assets(browser: Browser, page: str) -> set[str]:
    found = set(_ASSETS.findall(page))
    for script in [path for path in found if path.endswith(".js")]:
        found |= {f"/static/{name}" for name in _IMPORTS.findall(browser.get(script).text)}
    return found


def test_a_first_visit_and_the_pages_after_it(browser: Browser) -> None:
    queue = browser.get("/queue").text
    contact = re.findall(r'"(/contacts/[\w-]{16,})"', queue)[0]
    fixed = sum(weight(browser, path) for path in assets(browser, queue))
    for path in ("/queue", "/alerts", "/rules", "/contacts/new", contact, f"{contact}/add_facts"):
        own = weight(browser, path)
        assert own <= AFTERWARDS, (path, own)
        assert fixed + own <= FIRST_VISIT, (path, fixed + own)
