"""A borough's own name, colour and logo: in one file, checked when the server starts."""

from pathlib import Path

import pytest

import web
from mash.db import Database
from mash.errors import BadInput
from tests.support.hub import CONFIG
from tests.web.browsing import Browser
from tests.web.conftest import settings
from web.app import create_app
from web.identity import Identity, identity

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def written(folder: Path, text: str) -> Path:
    (folder / "house.yaml").write_text(text, encoding="utf-8")
    return folder


def test_what_is_shipped_is_what_holds_without_a_file(tmp_path: Path) -> None:
    assert identity(tmp_path) == identity(CONFIG) == Identity()


def test_name_colour_and_logo_are_on_every_page(database: Database, tmp_path: Path) -> None:
    (tmp_path / "crest.svg").write_text(SVG, encoding="utf-8")
    config = written(tmp_path, 'name: Eastmere <first> contact\ncolour: "#4B0082"\nlogo: crest.svg\n')
    browser = Browser(create_app(settings(config=config), database))
    page = browser.get("/sign-in").text
    assert "Eastmere &lt;first&gt; contact</title>" in page and 'src="/house/logo"' in page
    assert browser.get("/house/colour.css").text == ":root { --house: #4b0082; }\n"
    logo = browser.get("/house/logo")
    assert (logo.text, logo.headers["content-type"]) == (SVG, "image/svg+xml")
    assert "'none'" in logo.headers["content-security-policy"]


def test_without_a_logo_there_is_ours(database: Database) -> None:
    logo = Browser(create_app(settings(), database)).get("/house/logo")
    assert logo.content == (Path(web.__file__).parent / "static" / "door.svg").read_bytes()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('colour: "#ffdd00"', 1, "too light for white words: the contrast is 1.3"),
        ("name: Eastmere\ncolour: purple", 2, "is not a colour"),
        ("name: Eastmere\nlogo: ../crest.svg", 2, "beside house.yaml"),
        ("name: Eastmere\nlogo: crest.exe", 2, "ends in .svg or .png"),
        ("logo: missing.svg", 1, "is not there"),
        ("name: " + "x" * 41, 1, "1 to 40 characters"),
        ("name: [a, b]", 1, "one line of text"),
        ("name: Eastmere\n\ncolor: x", 3, "is not known here"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(BadInput) as wrong:
        identity(written(tmp_path, text + "\n"))
    (reason,) = wrong.value.reasons
    assert reason.startswith(f"{tmp_path / 'house.yaml'}:{line}: ") and said in reason


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as wrong:
        identity(written(tmp_path, "name: ''\ncolour: x\nlogo: y\n"))
    assert len(wrong.value.reasons) == 3
