"""A lived-in demonstration: its main pages are whole at every width, and its common tasks can be done by keyboard."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.screens import FOLDER, SCREENS, SIZES, Demonstration, demonstration, file_of, index, visits
from tests.browser.stopwatch import TASKS, Bench, Hands, measured

MOST = 6_000_000
"""Bytes of all pictures together."""


@pytest.fixture(scope="module")
def hub() -> Iterator[Demonstration]:
    with demonstration() as made:
        yield made


def test_every_main_page_of_the_demonstration_fits_every_width(chromium: Browser, hub: Demonstration) -> None:
    wrong: list[str] = []
    for screen, person in visits(chromium, hub):
        person.survey()
        wrong += [f"{screen.name}: {complaint}" for complaint in person.complaints]
        person.complaints.clear()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("name", "who", "task"), TASKS, ids=[name for name, _, _ in TASKS])
def test_each_of_the_ten_common_tasks_is_done_by_keyboard_alone(
    chromium: Browser, hub: Demonstration, name: str, who: str, task: Callable[[Bench, Hands], None]
) -> None:
    counts = measured(chromium, Bench(hub), who, task, keyboard=True)
    assert counts["clicks"] == 0 and counts["Enter"] + counts["other"] > 0


def test_the_pictures_are_there_listed_and_small() -> None:
    pictures = {file_of(screen, width) for screen in SCREENS for width in SIZES}
    assert {file.name for file in FOLDER.iterdir()} == pictures | {"index.md"}
    assert (FOLDER / "index.md").read_text(encoding="utf-8") == index()
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MOST
