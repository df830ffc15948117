"""Every page there is, for everybody who sees a different one, in every state: free of barriers, whole, and listed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import stops
from tests.browser.states import World, nothing, world
from tests.browser.touring import walked
from tests.support.databases import SqliteFiles


@pytest.fixture(scope="module")
def at_work(sqlite_files: SqliteFiles) -> Iterator[World]:
    """On one database: what a page looks like does not depend on which."""
    with world(sqlite_files) as made:
        yield made


def test_no_page_is_missing_on_the_list_for_anybody_who_may_see_it() -> None:
    assert stops.missing() == []


def test_the_printed_list_is_in_step() -> None:
    assert stops.PAGE.read_text(encoding="utf-8") == stops.as_markdown(), f"run {stops.COMMAND}"


def test_no_page_is_listed_twice() -> None:
    named = [(stop.route, stop.who, stop.state) for stop in stops.EVERY]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("who", sorted({stop.who for stop in stops.PAGES}))
def test_the_pages_that_somebody_sees(chromium: Browser, at_work: World, who: str) -> None:
    wrong = walked(chromium, at_work, [stop for stop in stops.PAGES if stop.who == who])
    assert not wrong, "\n".join(wrong)


def test_the_pages_while_nothing_has_happened_yet(chromium: Browser, sqlite_files: SqliteFiles) -> None:
    with nothing(sqlite_files) as front:
        wrong = walked(chromium, front, stops.EMPTY)
    assert not wrong, "\n".join(wrong)
