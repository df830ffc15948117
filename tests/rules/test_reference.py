"""The reference and the guide tell the truth: complete, in step, every example loads, every due time is counted."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from mash.errors import BadInput
from mash.rules import reference, reference_times
from mash.rules.clockrules import AtClosing, Moment, OnRerating, OnReturn, Owner, RestartsOn
from mash.rules.conditions import Condition
from mash.rules.loader import load_file
from mash.rules.part import Part
from mash.rules.ruleset import Rerating, RuleSet
from mash.rules.timescales import Unit
from mash.rules.yamlfile import read_yaml
from mash.vocabulary import Role, Verb
from tests.support.hub import CONFIG

DOCS = CONFIG.parent / "docs"
REFERENCE, GUIDE = DOCS / "rule-set-reference.md", DOCS / "add-a-borough.md"
SNIPPET = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
FILE_NAME = re.compile(r"# file: (\S+)\n")
GROUND = """
inherits: _baseline
name: ground
title: Ground
version: 1
in_force_from: 2026-04-01
reference_prefix: GR
source: What a piece of a file is tried on
colours: {blue: {label: Blue}, green: {label: Green}, amber: {label: Amber}, red: {label: Red}}
calendars:
  hub: &week {mon: 09:00-17:00, tue: 09:00-17:00, wed: 09:00-17:00, thu: 09:00-17:00, fri: 09:00-17:00, sat: closed,
    sun: closed}
  police: *week
agencies: {police: {calendar: police}, health: {calendar: hub}}
outcomes: {early_help: {label: Early help}, strategy_discussion: {label: Strategy discussion}}
concerns: {neglect: Neglect, missing: Missing, trafficking: Trafficking, physical_abuse: Physical abuse,
  domestic_abuse: Domestic abuse, fgm_risk: Risk of FGM}
clocks:
  screening: {label: Rated, from: receipt, to: rated, calendar: hub, timescale: {due: 4 working_hours}}
  decision:
    label: Decision
    from: receipt
    to: decision_recorded
    calendar: hub
    by_rating: {blue: {due: none}, green: {due: none}, amber: {due: none}, red: {due: 4 clock_hours}}
"""


def parts_of(hint: object) -> Iterator[type[Part]]:
    if isinstance(hint, type) and issubclass(hint, Part):
        yield hint
    for inner in get_args(hint):
        yield from parts_of(inner)


def reachable(part: type[Part], found: list[type[Part]] | None = None) -> list[type[Part]]:
    found = [] if found is None else found
    if part not in found:
        found.append(part)
        for field in part.model_fields.values():
            for inner in parts_of(field.annotation):
                reachable(inner, found)
    return found


PARTS = reachable(RuleSet)


@pytest.fixture(scope="module")
def boroughs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with every file that the two pages name, and the ground for pieces of files."""
    config = Path(shutil.copytree(CONFIG, tmp_path_factory.mktemp("reference") / "config"))
    folder = config / "boroughs"
    (folder / "_ground.yaml").write_text(GROUND, encoding="utf-8")
    for text in snippets():
        if named := FILE_NAME.match(text):
            assert not (folder / named[1]).exists(), named[1]
            (folder / named[1]).write_text(text, encoding="utf-8")
    return folder


def snippets() -> list[str]:
    return [text for page in (REFERENCE, GUIDE) for text in SNIPPET.findall(page.read_text(encoding="utf-8"))]


def loaded(text: str, boroughs: Path) -> RuleSet:
    """What the real loader makes of a snippet: a whole file, or a piece of one."""
    if named := FILE_NAME.match(text):
        return load_file(boroughs / named[1], boroughs.parent)
    file = boroughs / "_piece.yaml"
    file.write_text("inherits: _ground\n" + text, encoding="utf-8")
    return load_file(file, boroughs.parent)


def from_yaml(text: str, folder: Path) -> Any:
    """A value as a rule file has it: all scalars are text."""
    file = folder / "value.yaml"
    file.write_text(f"value: {text}\n", encoding="utf-8")
    return read_yaml(file).data["value"]


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_is_what_make_docs_writes() -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    assert reference.filled(page) == page, "run `make docs`"


def test_every_table_is_on_the_page_once() -> None:
    markers = re.findall(r"<!-- made: (.+?) -->", REFERENCE.read_text(encoding="utf-8"))
    assert sorted(markers) == sorted(reference.blocks())


def test_every_part_of_a_rule_set_has_its_table() -> None:
    assert set(reference.PARTS) == set(PARTS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_is_described_with_its_default_and_an_example(part: type[Part]) -> None:
    rows = reference.blocks()[f"keys {part.__name__}"]().splitlines()[2:]
    keys = [key for key, _ in reference.keys_of(part)]
    assert len(rows) == len(keys)
    for key, row in zip(keys, rows, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert cells[0] == f"`{key}`" and len(cells) == 5 and all(cells), row


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_example_of_a_key_is_accepted(part: type[Part], tmp_path: Path) -> None:
    for key, field in reference.keys_of(part):
        for example in field.examples or ():
            value = from_yaml(example, tmp_path)
            if (part, key) == (RuleSet, "bank_holidays") and isinstance(value, str):
                assert value in read_yaml(CONFIG / "calendars.yaml").data["bank_holidays"]
            else:
                reference.adapter(field).validate_python(value)


def test_every_example_of_a_type_of_value_is_accepted(tmp_path: Path) -> None:
    for value in reference.VALUES:
        for example in value.examples:
            TypeAdapter(value.type).validate_python(from_yaml(example, tmp_path))


def test_what_is_said_of_keys_left_out_is_about_keys_that_there_are() -> None:
    for part, name in [*reference._UNSAID, *reference._WRITE]:
        assert name in part.model_fields, (part, name)


@pytest.mark.parametrize(
    "words",
    [Unit, Moment, OnRerating, OnReturn, RestartsOn, Owner, AtClosing, Rerating, Role, Verb],
    ids=lambda words: words.__name__,
)
def test_every_word_of_a_closed_list_is_on_the_page(words: Any) -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    for word in set(words) - {Verb.ANNOUNCE_BANK_HOLIDAY}:
        assert f"`{word}`" in page, word


@pytest.mark.parametrize("page", [REFERENCE, GUIDE], ids=lambda page: page.name)
def test_every_link_between_the_two_pages_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([a-z-]*\.md)?#([^)]+)\)", page.read_text(encoding="utf-8")):
        text = (DOCS / target if target else page).read_text(encoding="utf-8")
        headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?s)```.*?```", "", text))
        slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert anchor in slugs, (target, anchor)


# -- files and pieces of files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", snippets(), ids=[f"{n}-{s.splitlines()[0][:30]}" for n, s in enumerate(snippets())])
def test_every_piece_of_a_file_loads_without_a_problem(text: str, boroughs: Path) -> None:
    named = FILE_NAME.match(text)
    if named is None or not named[1].startswith("_"):
        assert loaded(text, boroughs).name


def test_every_key_is_shown_in_a_piece_of_a_file(boroughs: Path) -> None:
    shown = {found for text in snippets() for found in _keys_in(read_piece(text, boroughs), RuleSet)}
    missing = {(part, key) for part in PARTS for key, _ in reference.keys_of(part)} - shown
    assert missing == {(Condition, "python")}  # it needs an installed package


def read_piece(text: str, boroughs: Path) -> Any:
    file = boroughs / "_read.yaml"
    file.write_text(text, encoding="utf-8")
    return read_yaml(file).data


def _keys_in(data: Any, part: type[Part]) -> Iterator[tuple[type[Part], str]]:
    """Every key that the data write, with the part to which it belongs."""
    fields = dict(reference.keys_of(part))
    for one in data if isinstance(data, list) else [data]:
        for key in set(one) & set(fields):
            yield part, key
            inner = next(parts_of(fields[key].annotation), None)
            for value in _held(one[key], fields[key].annotation) if inner else ():
                yield from _keys_in(value, inner or part)


def _held(value: Any, annotation: Any) -> list[Any]:
    """The parts themselves, where the key holds several by name."""
    by_name = any(getattr(hint, "__origin__", None) is dict for hint in (annotation, *get_args(annotation)))
    return [part for part in value.values() if part] if by_name else [value] if value else []


# -- due times --------------------------------------------------------------------------------------------------------

HUB = {
    "4 clock_hours": ("Mon 9 Nov 14:00", "Fri 13 Nov 20:30", "Sat 14 Nov 06:00"),
    "4 working_hours": ("Mon 9 Nov 14:00", "Mon 16 Nov 12:30", "Mon 16 Nov 13:00"),
    "4 run_through_hours": ("Mon 9 Nov 14:00", "Fri 13 Nov 20:30", "Mon 16 Nov 13:00"),
    "1 working_days_close": ("Tue 10 Nov 17:15", "Mon 16 Nov 17:15", "Mon 16 Nov 17:15"),
    "1 working_days_close rolled_to_opening": ("Tue 10 Nov 17:15", "Mon 16 Nov 17:15", "Tue 17 Nov 17:15"),
    "1 working_days_same_time": ("Tue 10 Nov 10:00", "Mon 16 Nov 16:30", "Tue 17 Nov 09:00"),
    "end_of_same_working_day": ("Mon 9 Nov 17:15", "Fri 13 Nov 17:00", "Mon 16 Nov 17:15"),
    "by_time_next_working_day 09:00": ("Tue 10 Nov 09:00", "Mon 16 Nov 09:00", "Mon 16 Nov 09:00"),
    "by_time_next_working_day 15:00": ("Mon 9 Nov 15:00", "Mon 16 Nov 15:00", "Mon 16 Nov 15:00"),
    "1 working_days_at_time 15:00": ("Tue 10 Nov 15:00", "Mon 16 Nov 15:00", "Mon 16 Nov 15:00"),
    "1 working_days_at_time 15:00 rolled_to_opening": ("Tue 10 Nov 15:00", "Mon 16 Nov 15:00", "Tue 17 Nov 15:00"),
    "4 clock_hours roll_forward": ("Mon 9 Nov 14:00", "Fri 13 Nov 20:30", "Mon 16 Nov 09:00"),
    "24 clock_hours roll_back": ("Tue 10 Nov 10:00", "Fri 13 Nov 17:00", "Fri 13 Nov 17:00"),
    "5 calendar_days_same_time": ("Sat 14 Nov 10:00", "Wed 18 Nov 16:30", "Thu 19 Nov 02:00"),
    "5 calendar_days_same_time roll_forward": ("Mon 16 Nov 09:00", "Wed 18 Nov 16:30", "Thu 19 Nov 09:00"),
    "5 calendar_days_same_time roll_back": ("Fri 13 Nov 17:00", "Wed 18 Nov 16:30", "Thu 19 Nov 02:00"),
    "6 calendar_weeks": ("Mon 21 Dec 10:00", "Fri 25 Dec 16:30", "Sat 26 Dec 02:00"),
    "6 calendar_weeks roll_forward": ("Mon 21 Dec 10:00", "Tue 29 Dec 09:00", "Tue 29 Dec 09:00"),
    "6 calendar_weeks roll_back": ("Mon 21 Dec 10:00", "Thu 24 Dec 17:15", "Thu 24 Dec 17:15"),
    "1 working_days_close, no_later_than: 1 working_days_same_time": (
        *("Tue 10 Nov 10:00", "Mon 16 Nov 16:30", "Mon 16 Nov 17:15"),
    ),
    "5 working_days_close, no_later_than: 7 calendar_days_same_time": (
        *("Mon 16 Nov 10:00", "Fri 20 Nov 16:30", "Fri 20 Nov 17:00"),
    ),
    "none": ("no target", "no target", "no target"),
}
CUT_OFF = {
    "4 clock_hours": ("Mon 9 Nov 14:00", "Mon 16 Nov 13:00", "Sat 14 Nov 06:00"),
    "4 working_hours": ("Mon 9 Nov 14:00", "Mon 16 Nov 13:00", "Mon 16 Nov 13:00"),
    "4 run_through_hours": ("Mon 9 Nov 14:00", "Mon 16 Nov 13:00", "Mon 16 Nov 13:00"),
    "1 working_days_close": ("Tue 10 Nov 17:15", "Tue 17 Nov 17:15", "Mon 16 Nov 17:15"),
    "1 working_days_close rolled_to_opening": ("Tue 10 Nov 17:15", "Tue 17 Nov 17:15", "Tue 17 Nov 17:15"),
    "1 working_days_same_time": ("Tue 10 Nov 10:00", "Tue 17 Nov 09:00", "Tue 17 Nov 09:00"),
    "end_of_same_working_day": ("Mon 9 Nov 17:15", "Mon 16 Nov 17:15", "Mon 16 Nov 17:15"),
    "by_time_next_working_day 09:00": ("Tue 10 Nov 09:00", "Tue 17 Nov 09:00", "Mon 16 Nov 09:00"),
    "by_time_next_working_day 15:00": ("Mon 9 Nov 15:00", "Mon 16 Nov 15:00", "Mon 16 Nov 15:00"),
    "1 working_days_at_time 15:00": ("Tue 10 Nov 15:00", "Tue 17 Nov 15:00", "Mon 16 Nov 15:00"),
    "1 working_days_at_time 15:00 rolled_to_opening": ("Tue 10 Nov 15:00", "Tue 17 Nov 15:00", "Tue 17 Nov 15:00"),
}
SEVEN_DAYS = {
    "4 working_hours": ("Mon 9 Nov 14:00", "Sat 14 Nov 10:30", "Sat 14 Nov 12:00"),
    "1 working_days_close": ("Tue 10 Nov 18:00", "Sat 14 Nov 16:00", "Sun 15 Nov 16:00"),
    "1 working_days_close rolled_to_opening": ("Tue 10 Nov 18:00", "Sat 14 Nov 16:00", "Sun 15 Nov 16:00"),
    "1 working_days_same_time": ("Tue 10 Nov 10:00", "Sat 14 Nov 16:00", "Sun 15 Nov 08:00"),
    "end_of_same_working_day": ("Mon 9 Nov 18:00", "Fri 13 Nov 18:00", "Sat 14 Nov 16:00"),
}
ALWAYS = {
    "4 working_hours": ("Mon 9 Nov 14:00", "Fri 13 Nov 20:30", "Sat 14 Nov 06:00"),
    "1 working_days_close": ("Wed 11 Nov 00:00", "Tue 17 Nov 00:00", "Tue 17 Nov 00:00"),
    "1 working_days_close rolled_to_opening": ("Wed 11 Nov 00:00", "Tue 17 Nov 00:00", "Tue 17 Nov 00:00"),
    "1 working_days_same_time": ("Tue 10 Nov 10:00", "Mon 16 Nov 16:30", "Mon 16 Nov 02:00"),
    "end_of_same_working_day": ("Tue 10 Nov 00:00", "Sat 14 Nov 00:00", "Tue 17 Nov 00:00"),
}
BY_HAND = {"hub": HUB, "cut-off": CUT_OFF, "seven days": SEVEN_DAYS, "always": ALWAYS}
ALERTS_BY_HAND = [
    ("Mon 16 Nov 12:30", "Mon 16 Nov 11:30", "Mon 16 Nov 14:30", "Tue 17 Nov 10:15"),
    ("Fri 13 Nov 20:30", "Fri 13 Nov 19:30", "Fri 13 Nov 22:30", "Sat 14 Nov 02:30"),
    ("Mon 16 Nov 17:15", "Mon 16 Nov 15:15", "Tue 17 Nov 09:30", "Tue 17 Nov 13:00"),
    ("Mon 16 Nov 16:30", "Fri 13 Nov 16:30", "Tue 17 Nov 09:15", "Tue 17 Nov 12:15"),
    ("Mon 16 Nov 09:30", "Fri 13 Nov 16:30", "Mon 16 Nov 10:30", "Tue 17 Nov 10:15"),
]


@pytest.mark.parametrize("name", reference_times.WORKED)
def test_due_times_on_the_page_are_those_counted_by_hand(name: str) -> None:
    worked = reference_times.WORKED[name]
    counted = {
        text: tuple(reference_times.due(worked, text, start) for start in reference_times.STARTS)
        for text in worked.timescales
    }
    assert counted == BY_HAND[name]


def test_warnings_and_escalations_on_the_page_are_those_counted_by_hand() -> None:
    rows = [reference_times.alert_row(*row) for row in reference_times.ALERTS]
    assert [(due, warned, *later) for _, due, _, warned, _, *later in rows] == ALERTS_BY_HAND


# -- the guide --------------------------------------------------------------------------------------------------------


def phrases() -> list[tuple[str, str]]:
    table = GUIDE.read_text(encoding="utf-8").split("## Phrase book", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"(?m)^\| (“.+?) \| (.+?) \|$", table)
    return [(said, written) for said, written in rows]


def test_the_phrase_book_has_what_policies_say() -> None:
    assert len(phrases()) >= 40


@pytest.mark.parametrize(("said", "written"), phrases())
def test_what_the_phrase_book_writes_is_accepted(said: str, written: str, tmp_path: Path) -> None:
    pieces = [piece for piece in re.findall(r"`([^`]+)`", written) if ": " in piece]
    assert pieces, said
    for piece in pieces:
        data = from_yaml(f"{{{piece}}}", tmp_path)
        assert any(accepts(part, data) for part in PARTS), piece


def accepts(part: type[Part], data: dict[str, Any]) -> bool:
    fields = dict(reference.keys_of(part))
    if not set(data) <= set(fields):
        return False
    try:
        for key, value in data.items():
            reference.adapter(fields[key]).validate_python(value)
    except ValidationError:
        return False
    return True


def mistakes() -> list[str]:
    """The lines of the guide that show what the checker says."""
    block = GUIDE.read_text(encoding="utf-8").split("```\nriverside.yaml:", 1)[1].split("```", 1)[0]
    return ("riverside.yaml:" + block).strip().splitlines()


SPOILT = [
    ("    sat: closed\n", ""),
    ("required_for: red}", "required_for: purple}"),
    ("sharing: {before_rating: true,", "sharing: {before_ratings: true,"),
    ("{due: 4 working_hours, warn", "{due: 4 hours, warn"),
    ("      blue:  {due: none}\n", ""),
    ("{any_concern: physical_abuse}", "{any_concern: physical_harm}"),
]


def test_the_mistakes_that_the_guide_shows_are_told_so(boroughs: Path) -> None:
    text = (boroughs / "riverside.yaml").read_text(encoding="utf-8")
    for right, wrong in SPOILT:
        assert right in text, right
        text = text.replace(right, wrong, 1)
    spoilt = boroughs.parent / "riverside.yaml"
    spoilt.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_file(spoilt, boroughs.parent)
    said = [reason.replace(f"{spoilt.parent}/", "") for reason in refused.value.reasons]
    shown = [re.escape(line).replace("…", ".*") for line in mistakes()]
    assert len(said) == len(shown)
    for pattern, reason in zip(shown, said, strict=True):
        assert re.fullmatch(pattern, reason), reason
