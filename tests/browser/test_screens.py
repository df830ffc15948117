"""The pages of which there are pictures, on a lived-in demonstration: whole, and usable at every width."""

from playwright.sync_api import Browser

from tests.browser.screens import FOLDER, SCREENS, SIZES, demonstration, file_of, index, visits

MOST = 6_000_000
"""Bytes of all pictures together."""


def test_every_main_page_of_the_demonstration_fits_every_width(chromium: Browser) -> None:
    wrong: list[str] = []
    with demonstration() as hub:
        for screen, person in visits(chromium, hub):
            person.survey()
            wrong += [f"{screen.name}: {complaint}" for complaint in person.complaints]
            person.complaints.clear()
    assert not wrong, "\n".join(wrong)


def test_the_pictures_are_there_listed_and_small() -> None:
    pictures = {file_of(screen, width) for screen in SCREENS for width in SIZES}
    assert {file.name for file in FOLDER.iterdir()} == pictures | {"index.md"}
    assert (FOLDER / "index.md").read_text(encoding="utf-8") == index()
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MOST
