"""The form of every act, where it is possible and where not, refused, and after somebody else was quicker."""

from playwright.sync_api import Browser

from tests.browser.states import world
from tests.browser.stops import ACTS
from tests.browser.touring import walked
from tests.support.databases import SqliteFiles


def test_the_forms_of_all_acts_in_every_state(chromium: Browser, sqlite_files: SqliteFiles) -> None:
    with world(sqlite_files) as at_work:
        wrong = walked(chromium, at_work, ACTS)
    assert not wrong, "\n".join(wrong)
