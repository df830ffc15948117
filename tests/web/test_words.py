"""Pages in another language: every text comes from one catalogue, and what is missing is noticed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from fastapi import FastAPI
from jinja2 import DictLoader

from mash import clock, demo, rulebook
from mash.db import Database
from mash.errors import Unsafe
from mash.rulebook import Rulebook
from mash.settings import ROOT
from mash.vocabulary import Verb
from tests.support.databases import SqliteFiles
from tests.support.hub import northbridge, swept
from tests.support.visible import unmarked
from tests.web.browsing import Browser, parsed
from tests.web.conftest import settings
from web.app import create_app
from web.contact_form import CHILDREN
from web.fields import Choice, Field, Look
from web.pages import environment, left, moment
from web.words import ENGLISH, Language, Saying, language, translations

TEMPLATE_OF_CATALOGUES = ROOT / "web" / "locale" / "front_door.pot"
OURS = sorted(
    str(file.relative_to(ROOT / "web" / "templates")) for file in (ROOT / "web" / "templates").rglob("*.html")
)


# ---- The catalogue of all texts -------------------------------------------------------------------------------------


def test_the_template_of_catalogues_is_in_step_with_the_code() -> None:
    command = [sys.executable, "-c", "import words, sys; sys.stdout.write(words.template_of_catalogues())"]
    written = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, check=True).stdout.decode()
    assert TEMPLATE_OF_CATALOGUES.read_text(encoding="utf-8") == written, "Run: make docs"


def test_what_forms_lists_and_navigation_say_is_in_it() -> None:
    texts = {text for message in _all_texts() for text in _ids(message)}
    assert {
        "Triage queue",
        "Page not found",
        "Choose a colour.",
        "Add another child",
        "Neighbour or acquaintance",
    } <= texts
    assert {verb.label for verb in Verb} <= texts
    assert {field.label for field in CHILDREN.fields} <= texts
    assert "/queue" not in texts and "rag" not in texts


# ---- Templates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_a_template_shows_no_word_that_is_not_marked(name: str) -> None:
    assert unmarked(environment(), name) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Nobody has it</p>",
        '<nav aria-label="Main"></nav>',
        '<img alt="Our door">',
        '<p data-lost="It is lost.">{{ _("Kept") }}</p>',
        '{{ "awaits" if count == 1 else "await" }}',
        '{{ govukButton({"text": "Send"}) }}',
        '{{ tick("late", "Out of timescale") }}',
        '{% set heading = "Contact " ~ reference %}',
        "{% macro one() %}{% if late %}late{% endif %}{% endmacro %}",
        '{{ "Hub only" | tag("purple") }}',
    ],
)
def test_a_word_that_is_not_marked_is_noticed(template: str) -> None:
    templates = environment()
    templates.loader = DictLoader({"it.html": template})
    assert unmarked(templates, "it.html")


def test_marked_words_codes_and_class_names_are_left_alone() -> None:
    templates = environment()
    page = '<p class="{{ "app-late" if late }}">{% trans n=1 %}One <b>of</b> {{ n }}{% endtrans %}{{ _("A b") }}</p>'
    templates.loader = DictLoader({"it.html": page + '{{ field("children-0", "govuk-a govuk-b") }}<kbd>Enter</kbd>'})
    assert unmarked(templates, "it.html") == []


def test_a_label_from_python_is_translated_as_text_and_never_as_markup() -> None:
    shown = environment().from_string("{{ text | said }}")
    assert shown.render(text="100% <b>Tiana</b>") == "100% &lt;b&gt;Tiana&lt;/b&gt;"
    assert shown.render(text="") == "" and shown.render(text=None) == ""


# ---- Another language -----------------------------------------------------------------------------------------------


def _ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (str(message.id),)


def _all_texts() -> list[Message]:
    with TEMPLATE_OF_CATALOGUES.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def _bracketed(text: str) -> str:
    """The text between brackets; a tag in it keeps the text on either side between brackets of its own."""
    parts = re.split(r"(<[^>]+>)", text)
    return "".join(part if part.startswith("<") or not part.strip() else f"⟦{part}⟧" for part in parts)


def pseudo_welsh(folder: Path) -> Path:
    """A catalogue in which every text stands between brackets; `cy` for its dates and plurals."""
    catalogue = Catalog(locale="cy")
    for message in _all_texts():
        texts = _ids(message)
        forms = [_bracketed(text) for text in texts]
        said = forms[0] if len(texts) == 1 else (*forms, *[forms[-1]] * (catalogue.num_plurals - 2))
        catalogue.add(texts if len(texts) > 1 else texts[0], said)
    return stored(folder, catalogue)


def stored(folder: Path, catalogue: Catalog | str) -> Path:
    file = folder / "locale" / "cy" / "front_door.po"
    file.parent.mkdir(parents=True)
    if isinstance(catalogue, str):
        file.write_text(catalogue, encoding="utf-8")
    else:
        written = BytesIO()
        write_po(written, catalogue)
        file.write_bytes(written.getvalue())
    return folder


@pytest.fixture(scope="module")
def demonstration(sqlite_files: SqliteFiles) -> Iterator[Database]:
    with sqlite_files.copy("demo") as db:
        rulebook.install(db, [northbridge()])
        demo.fill(db, clock.now())
        swept(db, Rulebook())
        yield db


@pytest.fixture(scope="module")
def door(demonstration: Database, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = pseudo_welsh(tmp_path_factory.mktemp("config"))
    return create_app(settings(language="cy", config=folder), demonstration)


def signed_in(door: FastAPI, who: str) -> Browser:
    browser = Browser(door)
    browser.get("/sign-in")
    assert browser.post("/sign-in/demo", username=who).status_code == 303
    return browser


class _Said(HTMLParser):
    """What a page says, in text and in attributes that are read out, outside of brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in ("aria-label", "alt", "title", "placeholder")]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def outside_brackets(page: str) -> str:
    reader = _Said()
    reader.feed(page)
    text, shorter = "", "\n".join(reader.said)
    while shorter != text:
        text, shorter = shorter, re.sub(r"⟦[^⟦⟧]*⟧", "", shorter)
    return text


def of_the_borough() -> set[str]:
    """Words of the rule set: they are the borough's own, and stay as it writes them."""
    rules = northbridge()
    labelled = (rules.colours, rules.clocks, rules.agencies, rules.outcomes)
    return {one.label for group in labelled for one in group.values()} | {
        *rules.concerns.values(),
        *rules.events.values(),
    }


def untranslated(page: str) -> set[str]:
    """Texts of the catalogue that a page says in English."""
    texts = {text for message in _all_texts() for text in _ids(message)}
    said = {" ".join(line.split()) for line in outside_brackets(page).splitlines()}
    return (said & texts) - of_the_borough()


def first(page: str, path: str) -> str:
    found = re.search(rf'"({path}/[\w-]{{16,}})"', page)
    assert found
    return found[1]


def test_the_pages_of_the_hub_speak_the_language_of_the_catalogue(door: FastAPI) -> None:
    farah = signed_in(door, "farah")
    queue = farah.get("/queue").text
    contact = first(queue, "/contacts")
    acts = [f"{contact}/{verb}" for verb in ("request_information", "record_decision", "add_facts", "pause_clock")]
    places = [
        "/queue",
        "/queue?show=closed",
        "/alerts",
        "/board",
        "/overnight",
        "/rules",
        "/rules/compare",
        "/search",
        "/drafts",
        "/account",
    ]
    for path in (*places, "/contacts/new", "/advice", contact, *acts):
        page = farah.get(path)
        assert page.status_code == 200, path
        parsed(page.text)
        assert '<html lang="cy"' in page.text
        assert untranslated(page.text) == set(), path
    assert "⟦Triage queue⟧" in queue and "⟦Received⟧" in queue and "⟦Most urgent first." in queue


def test_signing_in_the_desk_and_the_administrators_pages_too(door: FastAPI) -> None:
    sign_in = Browser(door).get("/sign-in").text
    assert "⟦I cannot sign in⟧" in sign_in and "⟦Contact officer⟧" in sign_in and untranslated(sign_in) == set()
    jordan, bea = signed_in(door, "jordan"), signed_in(door, "bea")
    request = first(jordan.get("/desk").text, "/desk")
    for browser, paths in (
        (jordan, ("/desk", request, "/desk/given", "/desk/report")),
        (bea, ("/admin/users", "/admin/desks")),
    ):
        for path in paths:
            page = browser.get(path)
            assert page.status_code == 200 and untranslated(page.text) == set(), path


def test_a_form_with_mistakes_and_a_page_of_refusal_too(door: FastAPI) -> None:
    farah = signed_in(door, "farah")
    farah.get("/advice")
    wrong = farah.post("/advice")
    assert wrong.status_code == 422 and "⟦Say what was asked.⟧" in wrong.text and "⟦Error⟧" in wrong.text
    missing = farah.get("/nowhere")
    assert missing.status_code == 404 and "⟦Page not found⟧" in missing.text and untranslated(missing.text) == set()


def test_dates_and_plurals_follow_the_language(tmp_path: Path) -> None:
    catalogue = Catalog(locale="cy")
    catalogue.add(("day", "days"), ("diwrnod", "diwrnod", "ddiwrnod", "diwrnod", "diwrnod", "diwrnod"))
    catalogue.add("{span} left", "{span} ar ôl")
    folder = stored(tmp_path, catalogue)
    welsh = language("cy", folder / "locale")
    now = datetime(2026, 11, 13, 16, 40, tzinfo=UTC)
    with clock.at(now):
        assert moment(now, welsh) == "Dydd Gwener 13 Tachwedd, 4:40pm"
    assert left(now + timedelta(days=2), now, welsh) == "2 ddiwrnod ar ôl"
    assert welsh.plurals("day", "days")["two"] == "ddiwrnod"
    assert ENGLISH.plurals("day", "days") == {"one": "day", "other": "days"}


def test_what_is_not_translated_yet_stays_right_english(tmp_path: Path) -> None:
    catalogue = Catalog(locale="cy")
    catalogue.add("Find")
    catalogue.add(("day", "days"), ("", "", "ddiwrnod", "", ""))
    welsh = language("cy", stored(tmp_path, catalogue) / "locale")
    assert welsh.said("Find") == "Find"
    assert [welsh.counted("day", "days", number) for number in (1, 2, 4)] == ["day", "days", "days"]


def test_a_sentence_with_values_is_english_by_itself_and_translated_where_it_is_shown(tmp_path: Path) -> None:
    catalogue = Catalog(locale="cy")
    catalogue.add("At most %(n)s days from now.", "Dim mwy na %(n)s diwrnod o nawr.")
    welsh = language("cy", stored(tmp_path, catalogue) / "locale")
    hint = Saying("At most %(n)s days from now.", n=5)
    assert hint == "At most 5 days from now." == ENGLISH.said(hint)
    assert welsh.said(hint) == "Dim mwy na 5 diwrnod o nawr."
    field = Field("until", "Until", Look.RADIOS, choices=(Choice("a", "Mr 100%", hint),))
    assert field.items(welsh.said) == [{"value": "a", "text": "Mr 100%", "hint": {"text": welsh.said(hint)}}]


# ---- What stops the program -----------------------------------------------------------------------------------------

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + '\nmsgid "Find"\nmsgstr "Chwilio\n', "cannot be read"),
        (HEADER + '\nmsgid "%(n)s left"\nmsgstr "%(m)s ar ôl"\n', r"has %\(m\)s, which the English does not have"),
        (HEADER + '\nmsgid "{span} left"\nmsgstr "{rhychwant} ar ôl"\n', "which the English does not have"),
        (HEADER + '\nmsgid "All of it"\nmsgstr "100% ohono"\n', "has a % that stands alone"),
        (HEADER.replace('msgstr ""\n', 'msgstr ""\n"Plural-Forms: nplurals=2; plural=n ? (;\\n"\n'), "cannot be"),
    ],
)
def test_a_broken_catalogue_stops_the_start_and_names_the_file(
    text: str, said: str, demonstration: Database, tmp_path: Path
) -> None:
    folder = stored(tmp_path, text)
    with pytest.raises(Unsafe, match=said) as stopped:
        create_app(settings(language="cy", config=folder), demonstration)
    assert str(folder / "locale" / "cy" / "front_door.po") in str(stopped.value)
    assert "MASH_LANGUAGE" in str(stopped.value)


def test_a_missing_catalogue_and_a_language_that_is_none_stop_it_too(tmp_path: Path) -> None:
    with pytest.raises(Unsafe, match=r"docs/translate\.md") as stopped:
        translations("cy", tmp_path)
    assert str(tmp_path / "cy" / "front_door.po") in str(stopped.value)
    for code in ("../cy", "Welsh", "xx", ""):
        with pytest.raises(Unsafe, match="no language"):
            translations(code, tmp_path)


def test_english_needs_no_file() -> None:
    assert translations("en").gettext("Find") == "Find" == Language("en_GB", translations("en_GB")).said("Find")
