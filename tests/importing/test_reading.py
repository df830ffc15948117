"""Every row is imported or refused with its line and a reason, whatever the file is like; nothing personal is told."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mash.errors import BadInput
from mash.importing.columns import Column
from mash.importing.contacts import ReportedChild
from mash.importing.mapfile import read_map
from mash.importing.reading import Bounds, Counts, Export, read_export
from tests.support.exports import EXAMPLES, LATEST, Council
from tests.support.hub import northbridge

HEAD = "Ref,Received,RAG,Rated,Decided,Outcome\n"
GOOD = "1,03/03/2025 09:00,Red,03/03/2025 09:30,03/03/2025 12:00,Early help\n"
KEYS = {"columns": {"colour": "RAG", "rated": "Rated", "decided": "Decided", "outcome": "Outcome"}}


@pytest.fixture
def council(tmp_path: Path) -> Council:
    return Council(tmp_path)


def counts(export: Export) -> tuple[int, int, int, int, int]:
    (own,) = export.counts
    return own.read, own.imported, own.further, own.refused, own.empty


# -- how a file is written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "file"),
    [
        ("\ufeff" + HEAD + GOOD, {}),
        ((HEAD + GOOD).replace(",", ";"), {"delimiter": "semicolon"}),
        ("sep=;\r\n" + (HEAD + GOOD).replace(",", ";"), {"delimiter": "semicolon"}),
        ((HEAD + GOOD).replace(",", "\t").encode("utf-16"), {"delimiter": "tab", "encoding": "utf-16"}),
        ((HEAD + "x’é" + GOOD).encode("cp1252"), {"encoding": "cp1252"}),
        ((HEAD + GOOD).replace("\n", "\r\n"), {}),
        ((HEAD + GOOD).replace("\n", "\r"), {}),
        (HEAD + GOOD.replace("Early help", '"Early\nhelp"'), {}),
        (HEAD + GOOD + ",,,,,\n\n \n", {}),
        (HEAD.strip() + ",Ref 2\n" + GOOD.strip() + ",,,,\n", {}),
    ],
)
def test_the_usual_ways_to_write_a_csv_are_read(council: Council, raw: str | bytes, file: dict[str, str]) -> None:
    export = council.has(raw, file=file, **KEYS).read()
    assert not export.refused
    (contact,) = export.contacts
    assert contact.received_at == datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
    assert contact.codes == {Column.COLOUR: "red", Column.OUTCOME: "early_help"}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "c.csv: is empty."),
        (b"\xef\xbb\xbf\r\n", "c.csv: is empty."),
        (b"\x00\x00\x00", "c.csv: is empty."),
        (b"\n" + GOOD.encode(), "c.csv:1: the first line has no headers."),
        (GOOD.encode(), "c.csv:1: the first line holds dates, not headers."),
        ((HEAD + GOOD).encode("utf-16"), "c.csv: is written in UTF-16. Write `encoding: utf-16` into the map"),
        ((HEAD + GOOD + "caf\xe9").encode("latin-1"), "c.csv:3: is not written in UTF-8. Write `encoding: cp1252`"),
        ((HEAD + GOOD).replace(",", ";").encode(), "c.csv:1: has one column only. Write `delimiter: semicolon`"),
        (b'Ref,"Received\n1,2', "c.csv:1: a quotation mark opens a cell that never ends."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_message(council: Council, raw: bytes, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        council.has(raw).read()
    (reason,) = refused.value.reasons
    assert reason.removeprefix(f"{council.folder}/").startswith(told)


def test_a_file_that_is_not_there_is_one_message(council: Council) -> None:
    council.has(HEAD).csv.unlink()
    with pytest.raises(BadInput, match="is not there, or is not a file"):
        council.read()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('2,"03/03/2025" 09:00,Red,,,\n', "c.csv:3: a quotation mark stands within a cell. Write it twice there."),
        ('2,"03/03/2025 09:00,Red,,,\n', "c.csv:3: a quotation mark opens a cell that never ends."),
        ("2,03/03/2025 09:00," + "x" * 140_000 + ",,,\n", "c.csv:3: a cell is longer than 131,072 letters"),
        (
            "2,03/03/2025 09:00,Red\n",
            "c.csv:3: has 3 cells and the first line 6. Check delimiters and quotation marks.",
        ),
        ("2,03/03/2025 09:00,Red,,,,,more\n", "c.csv:3: has 8 cells and the first line 6."),
        ("2,03/03/2025\x00 09:00,,,,\n", "c.csv:3: Received: holds a sign that cannot be seen. Type the cell anew."),
        (",03/03/2025 09:00,,,,\n", "c.csv:3: Ref: is empty. Give every row the reference of its contact."),
        ("2" * 61 + ",03/03/2025 09:00,,,,\n", "c.csv:3: Ref: is longer than 60 letters"),
        ("2,,,,,\n", "c.csv:3: Received: is empty. Give the time at which the contact arrived."),
        ("2,Tiana Mockford,,,,\n", "c.csv:3: Received: `xxxxx xxxxxxxx` is not a date written as"),
        ("2,03/03/2027 09:00,,,,\n", "c.csv:3: Received: lies in the future, or after `--until`. Correct it."),
        ("2,31/12/2018 23:59,,,,\n", "c.csv:3: Received: lies before 1 January 2019, and no bank holidays are known"),
        ("2,26/10/2025 01:30,,,,\n", "c.csv:3: Received: `26/10/2025 01:30` is a time that came twice that night"),
        ("2,30/03/2025 01:30,,,,\n", "c.csv:3: Received: `30/03/2025 01:30` is a time that never was"),
        ("2,03/03/2025 09:00,Mauve,,,\n", "c.csv:3: RAG: holds a word that the map does not translate."),
        ("2,03/03/2025 09:00,Red,03/03/2025 08:59,,\n", "c.csv:3: Rated: lies before “Received”, which cannot be."),
        ("2,03/03/2025 09:00,Red,03/03/2025 10:00,03/03/2025 09:59,Early help\n", "c.csv:3: Decided: lies before “Rat"),
        ("2,03/03/2025 09:00,,03/03/2025 10:00,,\n", "c.csv:3: Rated: is filled, and the colour is not given."),
        ("2,03/03/2025 09:00,Red,,03/03/2025 10:00,\n", "c.csv:3: Decided: is filled, and the outcome is not given."),
        (
            "2,03/03/2025 09:00,Red,,,Early help\n",
            "c.csv:3: Outcome: is filled, and the time of the decision is not gi",
        ),
        ("1,04/03/2025 09:00,,,,\n", "c.csv:2: belongs to the contact of line 3, which is refused. Correct that line."),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_others_go_on(council: Council, row: str, told: str) -> None:
    other = GOOD.replace("1,", "other,", 1)
    council.has(HEAD + GOOD + row + ("" if "never ends" in told else other), **KEYS)
    export = council.read()
    problems = [str(problem) for problem in export.refused]
    assert any(problem.startswith(told) for problem in problems), problems
    assert not any("Mockford" in problem for problem in problems)
    (own,) = export.counts
    assert own.read == own.imported + own.further + own.refused
    assert own.imported == len(export.contacts) and own.refused == len({row.line for row in export.refused}) > 0
    if "never ends" not in told:
        assert "other" in {contact.reference for contact in export.contacts}


def test_a_date_that_lies_before_the_list_of_bank_holidays_is_not_judged_without_them(council: Council) -> None:
    council.has("Ref,Received\n1,01/01/2019 00:00\n2,31/12/2018 23:59\n")
    assert [contact.reference for contact in council.read().contacts] == ["1"]


# -- several rows of one contact --------------------------------------------------------------------------------------


def test_rows_of_one_reference_are_one_contact_with_its_children_and_concerns(council: Council) -> None:
    text = (
        "Ref,Received,Child,Age,Issue\n"
        "7,03/03/2025 09:00,P1,3,Neglect\n"
        "8,03/03/2025 09:00,P1,3,\n"
        "7,03/03/2025 09:00,P2,12,Missing; Neglect\n"
        "7,,P1,3,Self-harm\n"
    )
    export = council.has(text, columns={"child": "Child", "age": "Age", "concerns": "Issue"}).read()
    assert counts(export) == (4, 2, 2, 0, 0)
    first = export.contacts[0]
    assert first.children == (ReportedChild("P1", age=3), ReportedChild("P2", age=12))
    assert first.concerns == ("neglect", "missing", "self_harm")


def test_rows_that_contradict_each_other_take_the_whole_contact_with_them(council: Council) -> None:
    text = (
        "Ref,Received,RAG\n7,03/03/2025 09:00,Red\n7,03/03/2025 09:00,Amber\n7,03/03/2025 09:00,\n8,03/03/2025 09:00,\n"
    )
    export = council.has(text, columns={"colour": "RAG"}).read()
    assert counts(export) == (4, 1, 0, 3, 0)
    assert [str(row) for row in export.refused] == [
        "c.csv:2: belongs to the contact of line 3, which is refused. Correct that line.",
        "c.csv:3: RAG: says something else than line 2, which has the same reference. Correct one of them.",
        "c.csv:4: belongs to the contact of line 3, which is refused. Correct that line.",
    ]


# -- words and gaps ---------------------------------------------------------------------------------------------------


def test_words_are_translated_by_the_map_and_never_guessed(council: Council) -> None:
    text = "Ref,Received,RAG,From\n1,03/03/2025 09:00,R,police\n2,03/03/2025 09:00, red ,Pol\n"
    text += "3,03/03/2025 09:00,Reddish,6\n4,03/03/2025 09:00,tbc,\n5,03/03/2025 09:00,REDDISH,Pol\n"
    words = {"colour": {"red": "r", "leave_out": "TBC"}}
    export = council.has(text, columns={"colour": "RAG", "source": "From"}, words=words).read()
    assert {c.reference: dict(c.codes) for c in export.contacts} == {
        "1": {Column.COLOUR: "red", Column.SOURCE: "6"},
        "4": {},
    }
    assert export.untranslated == (("colour", "Reddish", 2), ("source", "Pol", 2))


def test_a_column_full_of_different_words_is_not_printed(council: Council) -> None:
    names = [f"Person {n}" for n in range(41)]
    rows = "".join(f"{n},03/03/2025 09:00,{name}\n" for n, name in enumerate(names))
    export = council.has("Ref,Received,Who\n" + rows, columns={"outcome": "Who"}).read()
    assert export.untranslated == (("outcome", "(41 different words: is it the right column?)", 41),)


def test_empty_cells_get_what_the_map_gives_and_an_outcome_only_where_something_was_decided(council: Council) -> None:
    text = HEAD + "1,03/03/2025 09:00,,,03/03/2025 10:00,\n2,03/03/2025 09:00,Red,,,\n"
    export = council.has(
        text, **KEYS, when_empty={"colour": "green", "outcome": "early_help", "kind": "referral"}
    ).read()
    one, two = export.contacts
    assert one.codes == {Column.COLOUR: "green", Column.OUTCOME: "early_help", Column.KIND: "referral"}
    assert two.codes == {Column.COLOUR: "red", Column.KIND: "referral"}


def test_a_date_without_a_time_is_counted_as_the_map_says_and_never_before_what_it_follows(council: Council) -> None:
    times = {"formats": ["day/month/year hour:minute", "day/month/year"], "whole_days": {"decided": "09:00"}}
    text = HEAD + "1,03/03/2025 11:00,Red,03/03/2025 11:30,03/03/2025,Early help\n"
    text += "2,03/03/2025 11:00,Red,03/03/2025 11:30,04/03/2025,Early help\n"
    text += "3,03/03/2025 11:00,Red,03/03/2025 11:30,02/03/2025,Early help\n"
    export = council.has(text, **KEYS, times=times).read()
    decided = {c.reference: c.instants[Column.DECIDED] for c in export.contacts}
    assert decided == {
        "1": datetime(2025, 3, 3, 11, 30, tzinfo=UTC),
        "2": datetime(2025, 3, 4, 9, 0, tzinfo=UTC),
    }
    assert [row.line for row in export.refused] == [4]


@pytest.mark.parametrize(
    ("born", "received", "years"),
    [
        (date(2020, 3, 4), date(2025, 3, 3), 4),
        (date(2020, 3, 3), date(2025, 3, 3), 5),
        (date(2020, 2, 29), date(2024, 2, 29), 4),
        (date(2020, 2, 29), date(2025, 2, 28), 4),
        (date(2023, 12, 31), date(2024, 2, 29), 0),
    ],
)
def test_of_a_birthday_only_the_age_on_the_day_of_receipt_is_kept(born: date, received: date, years: int) -> None:
    kept = ReportedChild(date_of_birth=born).born_for(received)
    assert kept is not None
    assert received.year - kept.year - ((received.month, received.day) < (kept.month, kept.day)) == years
    assert ReportedChild(age=years).born_for(received) == kept


# -- a second file of requests ----------------------------------------------------------------------------------------


def test_requests_are_joined_by_reference_and_counted_by_themselves(council: Council) -> None:
    contacts = "Ref,Received\n1,03/03/2025 09:00\n2,soon\n"
    requests = (
        "Contact,Who,Asked,Answered\n"
        "1,Police,03/03/2025 10:00,03/03/2025 11:00\n"
        "1,Police,04/03/2025 10:00,\n"
        "1,Polcie,03/03/2025 10:00,\n"
        "2,Health,03/03/2025 10:00,\n"
        "3,Health,03/03/2025 10:00,\n"
        "1,Health,,\n"
        "1,,03/03/2025 10:00,\n"
        "1,Health,03/03/2025 10:00,03/03/2025 09:59\n"
        "1,Health,03/03/2025 08:00,\n"
    )
    columns = {"reference": "Contact", "agency": "Who", "asked": "Asked", "answered": "Answered"}
    council.has(contacts, requests)
    text = council.map.read_text(encoding="utf-8")
    council.map.write_text(text + f"requests: {columns}\n".replace("'", ""), encoding="utf-8")
    export = council.read()
    assert export.counts[1] == Counts("requests.csv", read=9, imported=2, further=0, refused=7, empty=0)
    assert [(r.agency, r.answered is not None) for r in export.contacts[0].requests] == [
        ("police", True),
        ("police", False),
    ]
    told = [str(row).removeprefix("requests.csv:") for row in export.refused if row.file == "requests.csv"]
    assert [line.split(". ")[0] for line in told] == [
        "4: Who: holds a word that the map does not translate",
        "5: Contact: is that of a contact which is refused",
        "6: Contact: is that of no contact",
        "7: Asked: is empty",
        "8: Who: is empty",
        "9: Asked: answered before it was asked, which cannot be",
        "10: Asked: was asked before the contact arrived, which cannot be",
    ]


# -- damage -----------------------------------------------------------------------------------------------------------

EXAMPLE = (EXAMPLES / "contacts.csv").read_bytes()
MAPPED = read_map(EXAMPLES / "map.yaml", northbridge())
SECRET = b"Zebedee Quixley"
PIECES = [b'"', b";", b"\n", b"\r", b"\x00", b"\xff", b"1", b"/", b" ", SECRET, b"26/10/2025 01:30", b"\n\n;;\n", b""]
DAMAGE = st.lists(
    st.tuples(st.integers(800, len(EXAMPLE)), st.integers(0, 40), st.sampled_from(PIECES)), min_size=1, max_size=12
)


@settings(max_examples=150, deadline=timedelta(seconds=20), derandomize=True)
@given(DAMAGE)
def test_whatever_happens_to_a_file_every_row_is_imported_or_refused(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int, bytes]]
) -> None:
    raw = EXAMPLE
    for at, length, piece in damage:
        raw = raw[:at] + piece + raw[at + length :]
    file = tmp_path_factory.getbasetemp() / "damaged.csv"
    file.write_bytes(raw)
    try:
        export = read_export(file, None, MAPPED, northbridge(), Bounds(LATEST))
    except BadInput as error:
        assert len(error.reasons) == 1 and SECRET.decode() not in str(error)
        return
    (own,) = export.counts
    assert own.read == own.imported + own.further + own.refused
    assert own.imported == len(export.contacts) == len({contact.reference for contact in export.contacts})
    assert own.refused == len({row.line for row in export.refused})
    assert own.read + own.empty >= 1 and len({row.line for row in export.refused}) <= own.read
    assert not any(SECRET.decode() in str(row) for row in export.refused)
