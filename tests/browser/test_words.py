"""What scripts say follows the language of the page, with its own forms of plural."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from playwright.sync_api import expect

from mash import clock
from tests.browser.conftest import Door, opened
from tests.support.databases import SqliteFiles
from tests.support.hub import Hub
from tests.support.watching import Person

REFRESH = "() => document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def door(sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    catalogue = Catalog(locale="cy")
    other, one, two = "{n} o gysylltiadau newydd", "{n} cyswllt newydd", "{n} gyswllt newydd"
    catalogue.add(("{n} new contact", "{n} new contacts"), (other, one, two, other, other))
    catalogue.add(("day", "days"), ("diwrnod", "diwrnod", "ddiwrnod", "diwrnod", "diwrnod"))
    catalogue.add(("hour", "hours"), ("awr",) * 5)
    catalogue.add(("minute", "minutes"), ("munud", "munud", "funud", "munud", "munud"))
    catalogue.add("{span} left", "{span} ar ôl")
    file = tmp_path / "locale" / "cy" / "front_door.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened_file:
        write_po(opened_file, catalogue)
    monkeypatch.setenv("MASH_LANGUAGE", "cy")
    monkeypatch.setenv("MASH_CONFIG", str(tmp_path))
    with sqlite_files.copy("demo") as db, opened(db) as door:
        yield door


def test_news_and_what_is_left_are_said_in_the_language_of_the_page(door: Door, person: Callable[..., Person]) -> None:
    hub = Hub(door.db, clock.now() - timedelta(minutes=5))
    hub.receive(concerns=["neglect"])
    hub.later(minutes=5)
    door.sweep()
    page = person("Sam Whitlock").page
    expect(page.locator("html")).to_have_attribute("lang", "cy")
    for _ in range(2):
        hub.receive(concerns=["neglect"])
    with page.expect_response(lambda answer: "/lines" in answer.url):
        page.evaluate(REFRESH)
    expect(page.locator("#live-news")).to_have_text("2 gyswllt newydd")
    written = page.locator("time[data-left]").first
    page.evaluate("() => document.querySelector('time[data-left]').textContent = ''")
    with page.expect_response(lambda answer: "/lines" in answer.url):
        page.evaluate(REFRESH)
    expect(written).to_contain_text(" ar ôl")
    expect(written).not_to_contain_text("minute")
