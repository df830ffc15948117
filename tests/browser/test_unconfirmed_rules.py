"""The page of rules that nobody has confirmed, in a browser: its warning is seen, and each source can be gone to."""

from collections.abc import Callable

import pytest

from mash import rulebook
from mash.rules.loader import load_folder
from tests.browser.conftest import Door
from tests.support.hub import CONFIG
from tests.support.watching import Person


@pytest.mark.parametrize("name", ["gloucestershire", "merton", "st-helens"])
def test_the_page_warns_and_leads_to_where_figures_come_from(
    door: Door, person: Callable[..., Person], name: str
) -> None:
    """Under the name of the hub, as a second version, since people of the hub are there to look at it."""
    rules = next(rules for rules in load_folder(CONFIG) if rules.name == name)
    rulebook.install(door.db, [rules.model_copy(update={"name": "northbridge", "version": 2})])
    reader = person("Iris Calloway")
    reader.go("/rules")
    reader.survey()
    warning = reader.page.locator(".app-unconfirmed")
    assert warning.is_visible() and f"nobody at {rules.title} has confirmed" in warning.inner_text()
    link = reader.page.locator(".app-basis a").first
    link.click()
    assert reader.page.locator(":target").inner_text().startswith("Working Together to Safeguard Children")
    addresses = reader.page.locator("#sources a").evaluate_all("links => links.map(link => link.href)")
    assert addresses == [source.url for source in rules.sources.values()]
