"""What past contacts would have been under a rule set: by hand, as a replay into a database has it, never assumed."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mash import replay, rulebook
from mash.clock import LONDON, iso
from mash.db import Database
from mash.recording_file import read
from mash.rules.loader import from_text, load_file, resolved_text
from mash.rules.ruleset import RuleSet
from mash.shadow import Judged, Said, Standing
from mash.shadow_report import as_csv, as_json, parts, sentences
from tests.rules.test_worked_examples import MOMENTS, READINGS, Reading, clock_of, name_of, rule_set
from tests.support.exports import EXAMPLES, Council
from tests.support.hub import CONFIG, northbridge, northbridge_with

HEAD = "Ref,Received,RAG,Rated,Decided,Outcome,Signed,Told,Police asked,Police answered\n"
COLUMNS = {
    "colour": "RAG",
    "rated": "Rated",
    "decided": "Decided",
    "outcome": "Outcome",
    "signed_off": "Signed",
    "told": "Told",
}
POLICE = {"police": {"asked": "Police asked", "answered": "Police answered"}}


@pytest.fixture
def council(tmp_path: Path) -> Council:
    return Council(tmp_path)


def of(judged: tuple[Judged, ...], clock: str, reference: str = "1") -> Judged:
    (one,) = [one for one in judged if (one.clock, one.reference) == (clock, reference)]
    return one


def london(text: str) -> datetime:
    """`03 11:00` is the third of March 2025, when London keeps UTC."""
    day, time = text.split()
    return datetime.fromisoformat(f"2025-03-{day}T{time}+00:00")


# -- by hand ----------------------------------------------------------------------------------------------------------

CELLS = {
    "receipt": "received",
    "rated": "rated",
    "agency_asked": "asked",
    "agency_replied": "answered",
    "decision_recorded": "decided",
    "decision_stands": "decided",
    "referrer_told": "told",
    "closed": "closed",
}
WORKED = [r for r in READINGS if r.due and MOMENTS.get(r.case["stop_event"], "event") in {*CELLS, "event"}]


def row_of(reading: Reading, reference: str, done: datetime) -> dict[str, str]:
    """A contact of which the clock of the example begins as it says, and stops at an instant."""
    start, stop = (MOMENTS.get(reading.case[key], "event") for key in ("start_event", "stop_event"))
    at = reading.start
    cells: dict[str, datetime] = {"received": at}
    cells[CELLS.get(start, "begun")] = at
    cells[CELLS.get(stop, "done")] = done
    if "told" in cells or "closed" in cells:
        cells.setdefault("decided", at)
    if "answered" in cells:
        cells.setdefault("asked", at)
    text = {name: instant.isoformat(timespec="minutes") for name, instant in cells.items()}
    outcome = "no_further_action" if "decided" in cells else ""
    return {"reference": reference, "colour": reading.colour or "green", "outcome": outcome, **text}


def export_of(reading: Reading, rows: list[dict[str, str]]) -> tuple[str, dict[str, Any]]:
    """The rows as CSV, and the keys of its map."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    sheet = csv.DictWriter(text, names)
    sheet.writeheader()
    sheet.writerows(rows)
    keys: dict[str, Any] = {"times": {"formats": ["year-month-dayThour:minuteoffset"]}}
    apart = {"asked", "answered", "begun", "done"}
    keys["columns"] = {name: name for name in names if name not in apart}
    if "asked" in names:
        keys["agencies"] = {"police": {name: name for name in ("asked", "answered") if name in names}}
    ends = {"begun": reading.case["start_event"], "done": reading.case["stop_event"]}
    if own := {event: name for name, event in ends.items() if name in names}:
        keys["events"] = own
    return text.getvalue(), keys


def test_there_are_enough_worked_examples_whose_ends_an_export_can_give() -> None:
    assert len({reading.case["id"] for reading in WORKED}) >= 25


@pytest.mark.parametrize("reading", WORKED, ids=name_of)
def test_a_deadline_worked_out_by_hand_divides_in_time_from_late(reading: Reading, tmp_path: Path) -> None:
    file = tmp_path / "worked.yaml"
    rules = rule_set(calendar=reading.calendar, **clock_of(reading))
    file.write_text(json.dumps(rules), encoding="utf-8")
    council = Council(tmp_path, load_file(file, CONFIG))
    assert reading.due is not None
    in_time, late = (row_of(reading, name, reading.due + timedelta(minutes=n)) for n, name in enumerate(("ok", "late")))
    text, keys = export_of(reading, [in_time, late])
    shadow = council.has(text, **keys).judged(datetime(2028, 1, 1, tzinfo=UTC))
    assert not shadow.export.refused and not shadow.outcome.refusals
    one, two = (of(shadow.outcome.judged, "measured", name) for name in ("ok", "late"))
    assert one.due_at == two.due_at == reading.due
    assert (one.standing, one.late) == (Standing.IN_TIME, 0)
    assert (two.standing, two.late) == (Standing.LATE, 60)


def test_a_week_of_northbridge_by_hand(council: Council) -> None:
    """Open 09:00 to 17:15, on Fridays to 17:00; 3 March 2025 is a Monday. Red 4 hours by the clock, amber one working
    day to the same time, green three working days to closing; rated within 4 open hours; police on red 2 open hours.
    """
    text = HEAD
    text += "1,03/03/2025 10:00,red,03/03/2025 14:00,03/03/2025 14:01,strategy discussion,,,,\n"
    text += "2,03/03/2025 16:15,amber,04/03/2025 12:01,04/03/2025 16:15,Early help,,07/03/2025 16:16,,\n"
    text += "3,07/03/2025 16:00,green,07/03/2025 16:30,12/03/2025 17:15,Early help,,15/03/2025 17:15,,\n"
    text += "4,08/03/2025 03:00,red,10/03/2025 09:00,,,,,10/03/2025 09:00,10/03/2025 11:01\n"
    text += "5,10/03/2025 09:00,green,,,,,,,\n"
    judged = council.has(text, columns=COLUMNS, agencies=POLICE).judged(london("16 12:00")).outcome.judged
    found = {(one.reference, one.clock): (one.due_at, one.standing.value, one.late // 60) for one in judged}
    assert found == {
        ("1", "screening"): (london("03 14:00"), "in_time", 0),
        ("1", "decision"): (london("03 14:00"), "late", 1),
        ("1", "statutory_decision"): (london("04 17:15"), "in_time", 0),
        ("1", "sign_off"): (london("03 17:15"), "never", 12 * 1440 + 18 * 60 + 45),
        ("1", "feedback"): (london("06 14:01"), "never", 9 * 1440 + 21 * 60 + 59),
        ("2", "screening"): (london("04 12:00"), "late", 1),
        ("2", "decision"): (london("04 16:15"), "in_time", 0),
        ("2", "statutory_decision"): (london("04 17:15"), "in_time", 0),
        ("2", "feedback"): (london("07 16:15"), "late", 1),
        ("3", "screening"): (london("10 12:00"), "in_time", 0),
        ("3", "decision"): (london("12 17:15"), "in_time", 0),
        ("3", "statutory_decision"): (london("10 17:15"), "late", 2880),
        ("3", "feedback"): (london("15 17:15"), "in_time", 0),
        ("4", "screening"): (london("10 13:00"), "in_time", 0),
        ("4", "decision"): (london("08 07:00"), "never", 8 * 1440 + 5 * 60),
        ("4", "statutory_decision"): (london("10 17:15"), "never", 5 * 1440 + 18 * 60 + 45),
        ("4", "agency_return"): (london("10 11:00"), "late", 1),
        ("5", "decision"): (london("13 17:15"), "never", 2 * 1440 + 18 * 60 + 45),
        ("5", "statutory_decision"): (london("11 17:15"), "never", 4 * 1440 + 18 * 60 + 45),
    }


def test_figures_of_a_part_are_counted_by_hand(council: Council) -> None:
    text = "Ref,Received,RAG,Rated\n"
    for n, minute in enumerate((0, 1, 3, 7, 60, -60)):
        rated = london("03 14:00") + timedelta(minutes=minute)
        text += f"{n},03/03/2025 10:00,{'red' if n < 4 else 'amber'},{rated:%d/%m/%Y %H:%M}\n"
    text += "9,03/04/2025 10:00,,\n"
    shadow = council.has(text, columns={"colour": "RAG", "rated": "Rated"}).judged()
    tables = {part.key: part.rows for part in parts(shadow)}
    minutes = timedelta(minutes=1)
    assert tables["clocks"] == (
        ("Rated", "all", 7, 2, 4, 67, 0, 1, 3 * minutes, 60 * minutes),
        ("Rated", "Red", 4, 1, 3, 75, 0, 0, 3 * minutes, 7 * minutes),
        ("Rated", "Amber", 2, 1, 1, 50, 0, 0, 60 * minutes, 60 * minutes),
        ("Rated", "Not rated", 1, 0, 0, None, 0, 1, None, None),
    )
    assert tables["months"] == (("2025-03", 6, 6, 2, 4, 67), ("2025-04", 1, 1, 0, 0, None))
    assert [row[0] for row in tables["worst"]] == ["4", "3", "2", "1"]
    assert "4 of 7 contacts would have been out of timescale, with 4 of 7 deadlines." in sentences(shadow)


# -- never by a time that was assumed ---------------------------------------------------------------------------------


def test_a_clock_without_a_column_is_not_judged_and_says_why(council: Council) -> None:
    text = "Ref,Received,RAG,Decided,Outcome\n1,03/03/2025 10:00,amber,04/03/2025 09:30,Early help\n"
    columns = {"colour": "RAG", "decided": "Decided", "outcome": "Outcome"}
    shadow = council.has(text, columns=columns).judged()
    assert {one.clock for one in shadow.outcome.judged} == {"decision", "statutory_decision"}
    why = Said(shadow.rules, shadow.mapped).not_judged
    assert why["first_look"] == "no column says when this happened: Somebody began to look at it"
    assert (
        why["agency_return"]
        == "no column says when this happened: An agency was asked: a clock of its own for each request"
    )
    assert "screening" in why and "sign_off" in why and "decision" not in why


def test_a_clock_that_goes_by_the_suggestion_wants_concerns_and_ages(council: Council) -> None:
    text = "Ref,Received,Seen,Issue,Age\n1,03/03/2025 10:00,03/03/2025 11:01,Sexual abuse,3\n"
    columns = {"screening_started": "Seen", "concerns": "Issue"}
    assert not [one for one in council.has(text, columns=columns).judged().outcome.judged if one.clock == "first_look"]
    shadow = council.has(text, columns={**columns, "age": "Age"}).judged()
    assert of(shadow.outcome.judged, "first_look").late == 60  # red is suggested: one hour by the clock


def test_a_rating_without_a_time_is_put_in_and_not_judged(council: Council) -> None:
    text = HEAD + "1,03/03/2025 10:00,red,,03/03/2025 14:01,Early help,,,,\n"
    shadow = council.has(text, columns=COLUMNS, agencies=POLICE).judged()
    assert of(shadow.outcome.judged, "decision").late == 60
    assert "screening" not in {one.clock for one in shadow.outcome.judged}
    assert shadow.outcome.unjudged == {"screening": 1}
    assert {what.value: n for what, n in shadow.recording.assumed.items() if n} == {
        "rating": 1,
        "screening": 1,
        "without": 1,
    }


def test_oversight_that_the_export_does_not_know_is_put_in_and_what_hangs_on_it_not_judged(council: Council) -> None:
    row = "1,03/03/2025 10:00,red,03/03/2025 10:30,03/03/2025 12:00,No further action,{signed},{told},,\n"
    columns = {name: own for name, own in COLUMNS.items() if name != "signed_off"}
    unknown = council.has(HEAD + row.format(signed="", told="10/03/2025 12:00"), columns=columns).judged()
    assert {one.clock for one in unknown.outcome.judged} == {"screening", "decision"}
    told = council.has(HEAD + row.format(signed="", told="10/03/2025 12:00"), columns=COLUMNS).judged()
    assert {one.clock for one in told.outcome.judged} == {"screening", "decision"}
    waits = council.has(HEAD + row.format(signed="", told=""), columns=COLUMNS).judged(london("10 12:00"))
    assert of(waits.outcome.judged, "sign_off").standing is Standing.NEVER
    assert of(waits.outcome.judged, "statutory_decision").standing is Standing.NEVER
    signed = council.has(HEAD + row.format(signed="04/03/2025 17:16", told=""), columns=COLUMNS).judged()
    assert of(signed.outcome.judged, "statutory_decision").late == 60


def test_what_the_rules_refuse_is_told_by_row_and_not_judged(council: Council) -> None:
    rules = northbridge_with(sharing__before_rating=False)
    text = (
        HEAD
        + "1,03/03/2025 10:00,red,03/03/2025 12:00,03/03/2025 13:00,Early help,,,03/03/2025 11:00,03/03/2025 11:30\n"
    )
    shadow = Council(council.folder, rules).has(text, columns=COLUMNS, agencies=POLICE).judged()
    tables = {part.key: part.rows for part in parts(shadow)}
    sentence = "The rules do not let agencies be asked before rating."
    assert tables["refused_acts"] == (("Ask agencies", sentence, 1),)
    assert tables["refused_acts_by_row"] == ((2, "1", "Ask agencies", sentence),)
    assert {one.clock for one in shadow.outcome.judged} == {"screening", "decision", "statutory_decision", "feedback"}


def test_an_agency_that_is_no_longer_waited_for_is_neither_in_time_nor_unanswered(council: Council) -> None:
    row = "{n},03/03/2025 10:00,red,03/03/2025 10:00,03/03/2025 {decided},Early help,,,03/03/2025 10:00,{answered}\n"
    text = HEAD + row.format(n=1, decided="11:00", answered="") + row.format(n=2, decided="13:00", answered="")
    text += row.format(n=3, decided="13:00", answered="03/03/2025 12:00")
    text += row.format(n=4, decided="11:30", answered="03/03/2025 11:30")
    judged = council.has(text, columns=COLUMNS, agencies=POLICE).judged().outcome.judged
    assert {one.reference: one.standing for one in judged if one.agency} == {
        "1": Standing.ENDED,
        "2": Standing.GIVEN_UP,
        "3": Standing.IN_TIME,
        "4": Standing.IN_TIME,  # at the instant of the decision the reply is there
    }


# -- the years before, and who has not to be named --------------------------------------------------------------------


def test_bank_holidays_of_earlier_years_are_not_working_days(council: Council) -> None:
    """Amber: one working day, until the same time. Each is received the working day before a holiday and due after."""
    text = "Ref,Received,RAG,Decided,Outcome\n"
    expected = {
        "2020-05-07T10:00": "2020-05-11T10:00",  # VE Day on the Friday
        "2021-12-24T10:00": "2021-12-29T10:00",  # Christmas and Boxing Day on Monday and Tuesday
        "2022-06-01T10:00": "2022-06-06T10:00",  # the Platinum Jubilee
        "2022-09-16T10:00": "2022-09-20T10:00",  # the State Funeral
        "2023-05-05T10:00": "2023-05-09T10:00",  # the Coronation
        "2024-12-24T10:00": "2024-12-27T10:00",
    }
    for received, due in expected.items():
        text += f"{received},{received},amber,{due},Early help\n"
    columns = {"colour": "RAG", "decided": "Decided", "outcome": "Outcome"}
    times = {"formats": ["year-month-dayThour:minute"]}
    judged = council.has(text, columns=columns, times=times).judged().outcome.judged
    due = {
        one.reference: f"{one.due_at.astimezone(LONDON):%Y-%m-%dT%H:%M}" for one in judged if one.clock == "decision"
    }
    assert due == expected
    assert {one.standing for one in judged if one.clock == "decision"} == {Standing.IN_TIME}


def test_a_recording_holds_no_number_and_no_birthday_of_a_child(council: Council) -> None:
    text = "Ref,Received,NHS,Born,Concerns\n1,03/03/2025 10:00,9434765919,17/08/2019,Neglect\n"
    text += "2,04/03/2025 10:00,9434765919,17/08/2019,\n"
    columns = {"child": "NHS", "date_of_birth": "Born", "concerns": "Concerns"}
    times = {"formats": ["day/month/year hour:minute", "day/month/year"]}
    shadow = council.has(text, columns=columns, times=times).judged()
    received = [json.loads(line) for line in shadow.recording.lines if "receive_contact" in line]
    assert [line["children"] for line in received] == [
        [{"label": "child-1", "nhs_number": "child-1", "date_of_birth": "2020-03-03"}],
        [{"label": "child-1", "nhs_number": "child-1", "date_of_birth": "2020-03-04"}],
    ]
    assert "9434765919" not in as_csv(shadow) and "2019" not in "".join(shadow.recording.lines)


# -- the same as the real thing ---------------------------------------------------------------------------------------


def in_force_earlier(rules: RuleSet) -> RuleSet:
    return from_text(resolved_text(rules).replace('"in_force_from": "2026-01-01"', '"in_force_from": "2024-01-01"'))


def example(tmp_path: Path) -> Council:
    council = Council(tmp_path)
    council.csv, council.map = EXAMPLES / "contacts.csv", EXAMPLES / "map.yaml"
    return council


def test_a_replay_into_a_database_has_the_same_deadlines_and_breaches(database: Database, tmp_path: Path) -> None:
    shadow = example(tmp_path).judged()
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(shadow.recording.lines), encoding="utf-8")
    rulebook.install(database, [in_force_earlier(northbridge())])
    progress = replay.Replay(database).play(read(file, ["northbridge"]))
    lines = list(replay.results(database, progress))
    deadlines = {
        (line["contact"], line["clock"], line["agency"] or "", line["started_at"]): line
        for line in lines
        if "clock" in line and "due_at" in line
    }
    assert len(shadow.outcome.judged) > 200
    for one in shadow.outcome.judged:
        line = deadlines.pop((one.reference, one.clock, one.agency, iso(one.started_at)))
        assert line["due_at"] == iso(one.due_at)
        assert line["met_at"] == (iso(one.done_at) if one.done_at else None)
        assert (line["breached_at"] is not None) == one.is_out_of_timescale
        assert (line["cancelled_at"] is not None) == (one.standing in (Standing.GIVEN_UP, Standing.ENDED))
    unjudged = Counter(clock for _, clock, *_ in deadlines)
    said = Said(shadow.rules, shadow.mapped)
    assert {clock: n for clock, n in unjudged.items() if clock not in said.not_judged} == dict(shadow.outcome.unjudged)
    assert progress.refusals == [] == list(shadow.outcome.refusals)


def test_the_same_export_gives_the_same_report_letter_by_letter(tmp_path: Path) -> None:
    first, second = example(tmp_path).judged(), example(tmp_path).judged()
    assert as_csv(first) == as_csv(second)
    assert json.dumps(as_json(first)) == json.dumps(as_json(second))
    assert first.recording.lines == second.recording.lines


def test_a_cell_that_a_spreadsheet_would_run_is_harmless(council: Council) -> None:
    text = "Ref,Received,RAG,Rated\n" + "".join(
        f'"{sign}cmd()",03/03/2025 10:00,red,05/03/2025 10:00\n' for sign in ("=", "+", "-", "@")
    )
    written = as_csv(council.has(text, columns={"colour": "RAG", "rated": "Rated"}).judged())
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert {"'=cmd()", "'+cmd()", "'-cmd()", "'@cmd()"} <= set(cells)
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


def test_every_row_of_the_example_is_in_the_figures(tmp_path: Path) -> None:
    shadow = example(tmp_path).judged()
    found = as_json(shadow)
    (own,) = found["rows"]
    assert own["read"] == own["imported"] + own["further"] + own["refused"] == 59
    assert found["contacts"] == own["imported"]
    whole = [line for line in found["clocks"] if line["rating"] == "all"]
    assert sum(line["judged"] for line in whole) == len(shadow.outcome.judged)
    for line in found["clocks"] + found["agencies"] + found["months_by_clock"]:
        assert line["judged"] == line["in_time"] + line["out_of_timescale"] + line["open_or_ended"]
    late = [one for one in shadow.outcome.judged if one.is_out_of_timescale]
    assert len(found["out_of_timescale"]) == len(late) == sum(line["out_of_timescale"] for line in found["months"])
    assert found["worst"] == found["out_of_timescale"][:20]
