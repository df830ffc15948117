"""What is wrong with a map is told by file, line, key and remedy, all at once, and before any row is read."""

import re
from pathlib import Path

import pytest

from mash.errors import BadInput
from mash.importing.columns import Column
from mash.importing.dates import WORDS
from mash.importing.draft import draft_of
from mash.importing.mapfile import ImportMap, TimeRules, Translated, read_map
from tests.support.exports import EXAMPLES, Council
from tests.support.hub import northbridge

SOUND = """times:
  formats: day/month/year hour:minute
columns:
  reference: Ref
  received: Received
"""


def refusal(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "map.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_map(file, northbridge())
    return [reason.replace(f"{tmp_path}/", "") for reason in refused.value.reasons]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "map.yaml:1: is empty. `mash import CSV --suggest-map` gives a draft of a map."),
        (
            SOUND.replace("  received: Received\n", ""),
            "map.yaml:4: columns.received: is missing. Name the column: when",
        ),
        (
            SOUND + "  recieved: Other\n",
            "map.yaml:6: columns.recieved: `recieved` is not known here. Did you mean `rec",
        ),
        (
            SOUND.replace("hour:minute", "hours"),
            "map.yaml:2: times.formats: is not understood. The words are month_name",
        ),
        (SOUND + "file: {encoding: latin}\n", "map.yaml:6: file.encoding: `latin` is not known here. Write one of utf"),
        (
            SOUND + "words: {colour: {purple: P}}\n",
            "map.yaml:6: words.colour.purple: is not a colour of northbridge@1.",
        ),
        (SOUND + "words: {outcome: {early_help: [EH], no_further_action: [eh]}}\n", "map.yaml:6: words.outcome.no_fur"),
        (
            SOUND + "agencies: {polise: {asked: A}}\n",
            "map.yaml:6: agencies.polise: is not an agency of northbridge@1. D",
        ),
        (
            SOUND + "events: {strategy_meeting: S}\n",
            "map.yaml:6: events.strategy_meeting: is not an event of northbridg",
        ),
        (
            SOUND + "when_empty: {colour: lilac}\n",
            "map.yaml:6: when_empty.colour: `lilac` is not a colour of northbridge",
        ),
        (SOUND + "when_empty: {concern: neglect}\n", "map.yaml:6: when_empty.concern: has no place here. Keys here: c"),
        (SOUND + "agencies: {police: {asked: A}}\nrequests: {reference: R, agency: A, asked: B}\n", "map.yaml:1: `ag"),
        (SOUND + "times2: {}\n", "map.yaml:6: times2: is not a key here. Did you mean `times`?"),
    ],
)
def test_a_map_that_cannot_be_is_refused_where_it_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    (reason,) = refusal(tmp_path, text)
    assert reason.startswith(told)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    reasons = refusal(tmp_path, SOUND + "words: {colour: {purple: P}, channel: {pigeon: P}}\nevents: {a_b: C}\n")
    assert [reason.split(": ")[1] for reason in reasons] == [
        "words.colour.purple",
        "words.channel.pigeon",
        "events.a_b",
    ]


def test_a_column_that_is_not_there_or_there_twice_is_told_at_its_key(tmp_path: Path) -> None:
    council = Council(tmp_path).has("Ref,Recieved,RAG,RAG\n", columns={"colour": "RAG"})
    with pytest.raises(BadInput) as refused:
        council.read()
    assert [reason.replace(f"{tmp_path}/", "") for reason in refused.value.reasons] == [
        "map.yaml:6: columns.received: c.csv has no column “Received”. Did you mean “Recieved”?",
        "map.yaml:7: columns.colour: “RAG” is the name of columns 3 and 4 of c.csv. Give one of them another name.",
    ]


def test_a_second_file_and_its_columns_come_together(tmp_path: Path) -> None:
    council = Council(tmp_path).has("Ref,Received\n1,03/03/2025 09:00\n", requests="Ref,Agency,Asked\n")
    with pytest.raises(BadInput, match="`requests:` is missing: say which columns the second file has"):
        council.read()
    council.requests.unlink()
    council.map.write_text(SOUND + "requests: {reference: Ref, agency: Agency, asked: Asked}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"map.yaml:6: requests: is about a second file. Name it with --requests"):
        council.read()


def test_the_draft_of_a_map_is_a_map_and_holds_no_cell(tmp_path: Path) -> None:
    draft = draft_of(EXAMPLES / "contacts.csv")
    file = tmp_path / "map.yaml"
    file.write_text(draft, encoding="utf-8")
    mapped = read_map(file, northbridge()).mapped
    assert mapped.file.delimiter.sign == ";"
    assert mapped.columns[Column.REFERENCE] == ("Contact ID",)
    assert mapped.columns[Column.SCREENING_STARTED] == ("First viewed",)
    assert Column.CLOSED not in mapped.columns
    assert '#   "Police asked"' in draft and '#   "RAG"' not in draft
    assert "C25" not in draft and "duty" not in draft


def test_a_draft_says_how_the_file_is_written(tmp_path: Path) -> None:
    for encoding, delimiter, shown in [
        ("cp1252", ";", "{encoding: cp1252, delimiter: semicolon}"),
        ("utf-16", "\t", "{encoding: utf-16, delimiter: tab}"),
        ("utf-8-sig", ",", "{encoding: utf-8, delimiter: comma}"),
    ]:
        file = tmp_path / "export.csv"
        file.write_bytes(f"Contact ID{delimiter}Café “x”{delimiter}DOB\n".encode(encoding))
        draft = draft_of(file)
        assert shown in draft and '  reference: "Contact ID"' in draft and '#   "Café “x”"' in draft


def test_the_page_explains_every_key_and_its_map_is_one(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "shadow-mode.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "map.yaml"
    file.write_text(written, encoding="utf-8")
    assert read_map(file, northbridge()).mapped.words[Translated.OUTCOME]["no_further_action"] == (
        "NFA",
        "NFA: advice given",
    )
    explained = {
        word for line in page.splitlines() if line.startswith("| `") for word in re.findall(r"`([\w.]+)`", line)
    }
    times = {f"times.{name}" for name in TimeRules.model_fields}
    top = set(ImportMap.model_fields) - {"times", "columns"}
    assert explained >= {*map(str, Column), *map(str, Translated), *times, *top, "columns", *WORDS}


def test_a_file_without_headers_is_not_listed_as_if_it_had_some(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("C1,Tiana Mockford,03/03/2025 10:00\n", encoding="utf-8")
    with pytest.raises(BadInput, match="holds dates, not headers") as refused:
        draft_of(file)
    assert "Mockford" not in str(refused.value)
