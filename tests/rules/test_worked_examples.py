"""Deadlines worked by hand from what English authorities publish: each reading of each case can be said in a rule file.

Every case becomes a rule set, is read from its file, and goes through the real operations as a recording does.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mash import recording_file, replay, rulebook
from mash.rules.loader import load_file
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import Unit
from mash.workflow.contact_page import contact_page
from mash.workflow.episodes import as_instant, seconds
from mash.workflow.shown import ContactPage
from tests.rules.walk import Amount, Hours, Walk, Window
from tests.support.databases import SqliteFiles
from tests.support.hub import CONFIG

Json = dict[str, Any]

EXAMPLES: Json = yaml.safe_load(Path(__file__).with_name("worked-examples.yaml").read_text(encoding="utf-8"))
CASES: dict[str, Json] = {case["id"]: case for case in EXAMPLES["cases"]}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLOURS = ("blue", "green", "amber", "red")
"""The lowest first; their threshold levels are 1 to 4."""

MOMENTS = {
    "contact_received": "receipt",
    "edt_contact": "receipt",
    "information_requested": "agency_asked",
    "rag_assigned": "rated",
    "handover_recorded": "handover_accepted",
    "agency_information_returned": "agency_replied",
    "decision_recorded": "decision_recorded",
    "outcome_recorded": "decision_recorded",
    "decision_and_acknowledgement": "decision_stands",
    "referrer_notified": "referrer_told",
    "none": "closed",
}
"""What the examples call a moment of every rule set; all else is an event of the borough's own."""

TEAMS = {
    "islington_day": ("day_team", "emergency_duty_team"),
    "croydon": ("front_door", "emergency_duty_team"),
    "devon": ("front_door", "emergency_duty_service"),
    "waltham_forest": ("front_door", "out_of_hours"),
    "hillingdon": ("front_door", "emergency_duty_team"),
}
"""Whose a contact is in hours and out of hours."""


@dataclass(frozen=True)
class Reading:
    """One way to read the rule of a case."""

    case: Json
    number: int
    duration: Json
    calendar: str
    due: datetime | None

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.case["start"])

    @property
    def span(self) -> str:
        """The duration as a rule file writes it."""
        amount = self.duration.get("at") or self.duration["value"]
        words = [*([str(amount)] if amount else []), self.duration["unit"]]
        rolled = self.duration.get("ooh_receipt") == "roll_to_next_opening"
        return " ".join([*words, *["rolled_to_opening"] * rolled])

    @property
    def level(self) -> str | None:
        """The threshold level that the rule is for, where it goes by levels."""
        found = re.match(r"Level (\d)", self.case["rule"])
        return found[1] if found and "level_keyed" in self.case["tags"] else None

    @property
    def colour(self) -> str | None:
        """The colour that the contact has to be given, where the rule goes by colours or levels."""
        of_level = COLOURS[int(self.level) - 1] if self.level else None
        return self.case["rag"] if self.case["rag"] in COLOURS else of_level

    @property
    def timescale(self) -> Json:
        """The same for all contacts, or only for the colour or the threshold level of the case."""
        mine, nothing = {"due": self.span}, {"due": "none"}
        if self.level:
            return {"by_level": {level: mine if level == self.level else nothing for level in "1234"}}
        if self.colour:
            return {"by_rating": {colour: mine if colour == self.colour else nothing for colour in COLOURS}}
        return {"timescale": mine}


def readings(case: Json) -> Iterator[Reading]:
    for number, way in enumerate([case, *case.get("alternatives", [])]):
        due = datetime.fromisoformat(way["expected_due"]) if way["expected_due"] else None
        yield Reading(case, number, way["duration"], way["calendar"], due)


def of_kind(kind: str) -> list[Json]:
    return [case for case in CASES.values() if case["kind"] == kind]


READINGS = [reading for case in of_kind("deadline") for reading in readings(case)]


def name_of(example: Reading | Json) -> str:
    return f"{example.case['id']}-{example.number}" if isinstance(example, Reading) else example["id"]


# -- a borough for each -----------------------------------------------------------------------------------------------


class Borough:
    """A rule set written to a file and read from it, and what its front door makes of a recording."""

    def __init__(self, folder: Path, databases: SqliteFiles, **keys: Any) -> None:
        self.folder, self.databases = folder, databases
        file = folder / "worked.yaml"
        file.write_text(yaml.safe_dump(rule_set(**keys), sort_keys=False), encoding="utf-8")
        self.rules: RuleSet = load_file(file, CONFIG)
        self.page: ContactPage | None = None

    def results(self, *events: Json) -> list[Json]:
        """What the real operations make of these events; the page is that of the last contact received."""
        recording = self.folder / "recording.jsonl"
        recording.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
        with self.databases.copy("live") as db:
            rulebook.install(db, [self.rules])
            player = replay.Replay(db)
            lines = recording_file.read(recording, [self.rules.name])
            found = list(replay.results(db, player.play(lines)))
            actor = next(iter(player.users.values()))
            self.page = contact_page(db, actor, lines[-1].at, list(player.ids.values())[-1])
        assert not [line for line in found if "refused" in line]
        return found

    def clock(self, *events: Json, name: str = "measured") -> list[Json]:
        """The deadlines of one clock."""
        return [line for line in self.results(*events) if line.get("clock") == name and "due_at" in line]

    def closed(self, at: datetime) -> bool:
        """Whether nobody is there; at closing time to the minute somebody still is."""
        hours = self.rules.working_times(frozenset())["hub"]
        return not (hours.is_open(seconds(at)) or hours.is_open(seconds(at) - 1))


def rule_set(*, calendar: str = "assumed_9_5", clocks: Json | None = None, **more: Any) -> Json:
    """A small rule set, whole with what it inherits."""
    return {
        "inherits": "_baseline",
        "name": "worked",
        "title": "Worked examples",
        "version": 1,
        "in_force_from": "2026-01-01",
        "reference_prefix": "WE",
        "source": "Published rules of English authorities; see each example.",
        "invented": True,
        "colours": {code: {"label": code.title(), "level": level} for level, code in enumerate(COLOURS, 1)},
        "calendars": {"hub": calendar_of(EXAMPLES["calendars"][calendar])},
        "bank_holidays": dict.fromkeys(EXAMPLES["bank_holidays_england"], "Bank holiday"),
        "agencies": {"police": {"calendar": "hub"}},
        "outcomes": {"no_further_action": {"label": "No further action"}},
        "concerns": {"neglect": "Neglect"},
        "clocks": clocks or {},
        **more,
    }


def calendar_of(calendar: Json) -> Json:
    hours = {day: "-".join(calendar["hours"].get(day, [])) or "closed" for day in WEEKDAYS}
    return {**hours, "bank_holidays": calendar["bank_holidays"]}


def clock_of(reading: Reading) -> Json:
    start, stop = (reading.case[key] for key in ("start_event", "stop_event"))
    own = [code for code in (start, stop) if code not in MOMENTS]
    clock = {
        "label": reading.case["rule"],
        "from": MOMENTS.get(start, start),
        "to": MOMENTS.get(stop, stop),
        "calendar": "hub",
        **reading.timescale,
    }
    return {"clocks": {"measured": clock}, "events": {code: code.replace("_", " ") for code in own}}


# -- recordings -------------------------------------------------------------------------------------------------------


def event(at: datetime, verb: str, by: str = "screener", **fields: Any) -> Json:
    return {"at": at.isoformat(), "do": verb, "by": by, "contact": "WE-1", **fields}


def received(at: datetime, by: str = "contact_officer", **fields: Any) -> Json:
    return event(at, "receive_contact", by, **{"borough": "worked", "children": [{"label": "a"}], **fields})


def rated(at: datetime, colour: str) -> Json:
    return event(at, "rate_contact", rag=colour, rationale="Threshold document applied.")


def until(at: datetime) -> Json:
    return {"at": at.isoformat(), "do": "end_of_record", "by": "system"}


def recording_of(reading: Reading) -> Iterator[Json]:
    """The contact arrives, is given a colour if need be, and what starts the clock happens, all at that instant."""
    at, begins = reading.start, reading.case["start_event"]
    yield received(at, "edt" if begins == "edt_contact" else "contact_officer")
    if reading.colour:
        yield event(at, "start_screening")
        yield rated(at, reading.colour)
    if begins == "information_requested":
        yield event(at, "request_information", agencies=["police"])
    elif begins not in MOMENTS:
        yield event(at, "record_event", event=begins, occurred_at=at.isoformat())
    yield until(reading.due or at + timedelta(days=30))


def utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def london(text: str) -> datetime:
    """`12 16:50` is the twelfth of November 2026."""
    day, time = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{time}+00:00")


@pytest.fixture
def borough(tmp_path: Path, sqlite_files: SqliteFiles) -> Callable[..., Borough]:
    return lambda **keys: Borough(tmp_path, sqlite_files, **keys)


# -- deadlines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", [r for r in READINGS if r.due], ids=name_of)
def test_a_deadline_falls_where_it_was_worked_out_by_hand(reading: Reading, borough: Callable[..., Borough]) -> None:
    assert reading.due is not None
    place = borough(calendar=reading.calendar, **clock_of(reading))
    (deadline,) = place.clock(*recording_of(reading))
    assert deadline["started_at"] == utc(reading.start)
    assert deadline["due_at"] == deadline["breached_at"] == utc(reading.due)
    if reading.number == 0:
        assert place.closed(reading.due) == reading.case["due_falls_when_hub_closed"]


@pytest.mark.parametrize("reading", [r for r in READINGS if not r.due], ids=name_of)
def test_what_has_no_target_has_neither_deadline_nor_alert(reading: Reading, borough: Callable[..., Borough]) -> None:
    place = borough(calendar=reading.calendar, **clock_of(reading))
    assert not [line for line in place.results(*recording_of(reading)) if line.get("clock") == "measured"]


@pytest.mark.parametrize("reading", [r for r in READINGS if r.due], ids=name_of)
def test_the_walk_that_random_cases_are_compared_with_agrees(reading: Reading) -> None:
    unit, number = reading.duration["unit"], reading.duration["value"] or 0
    at = minute_of(reading.duration["at"]) if "at" in reading.duration else 0
    minutes = 60 if unit.endswith("_hours") else 1
    amount = Amount(unit, minutes * number, "rolled_to_opening" in reading.span, at=at)
    assert as_instant(walk_on(reading.calendar).due(amount, seconds(reading.start))) == reading.due


def walk_on(name: str) -> Walk:
    calendar = EXAMPLES["calendars"][name]
    week = tuple(windows_of(calendar["hours"].get(day)) for day in WEEKDAYS)
    holidays = frozenset(map(date.fromisoformat, EXAMPLES["bank_holidays_england"]))
    return Walk(Hours(week, {}, holidays, calendar["bank_holidays"] == "open"))


def windows_of(hours: list[str] | None) -> tuple[Window, ...]:
    return ((minute_of(hours[0]), minute_of(hours[1])),) if hours else ()


def minute_of(text: str) -> int:
    return 60 * int(text[:2]) + int(text[3:])


def decision(**by_rating: str) -> Json:
    timescales = {colour: {"due": by_rating.get(colour, "none")} for colour in COLOURS}
    keys = {"label": "Decision", "from": "receipt", "to": "decision_recorded", "calendar": "hub"}
    return {**keys, "on_rerating": "keeps_start", "by_rating": timescales}


def test_a_deadline_can_be_past_when_it_is_set(borough: Callable[..., Borough]) -> None:
    """OXF-SCR-01: rated in time, and red four hours after receipt was the evening before."""
    screening = {"label": "Rated", "from": "receipt", "to": "rated", "calendar": "hub"}
    for reading in readings(CASES["OXF-SCR-01"]):
        clocks = {"decision": decision(red="4 clock_hours"), "screening": {**screening, **reading.timescale}}
        events = [received(reading.start), event(london("12 09:00"), "start_screening")]
        events += [rated(london("12 16:50"), "red"), until(london("12 17:30"))]
        lines = borough(clocks=clocks).results(*events)
        late, in_time = ([x for x in lines if x.get("clock") == name and "due_at" in x] for name in clocks)
        assert [(x["due_at"], x["breached_at"]) for x in late] == [(utc(london("11 20:50")), utc(london("12 16:50")))]
        assert [(x["met_at"], x["breached_at"]) for x in in_time] == [(utc(london("12 16:50")), None)]
        alerts = [(x["alert"], x["at"]) for x in lines if x.get("clock") == "decision" and "alert" in x]
        assert alerts == [("breach", utc(london("12 16:50")))]


def test_what_is_rated_up_runs_through_from_receipt(borough: Callable[..., Borough]) -> None:
    """LUT-RED-03: amber stands still at closing, red runs on, both counted from receipt."""
    (reading,) = readings(CASES["LUT-RED-03"])
    assert reading.due is not None
    place = borough(clocks={"decision": decision(red=reading.span, amber="7 working_hours")})
    amber = [received(reading.start), event(reading.start, "start_screening"), rated(reading.start, "amber")]
    (before,) = place.clock(*amber, until(london("12 16:29")), name="decision")
    assert before["due_at"] == utc(london("13 10:00"))
    (after,) = place.clock(*amber, rated(london("12 16:30"), "red"), until(reading.due), name="decision")
    assert (after["episode"], after["started_at"]) == (1, utc(reading.start))
    assert after["due_at"] == after["breached_at"] == utc(reading.due)


def test_a_longest_interval_that_ends_on_christmas_day_is_rolled_back(borough: Callable[..., Borough]) -> None:
    """WAL-EH-03: due by Thursday 24 December at closing, although six weeks end on the 25th."""
    (reading,) = readings(CASES["WAL-EH-03"])
    keys = clock_of(reading)
    keys["clocks"]["measured"]["timescale"]["due"] = "6 calendar_weeks roll_back"
    (deadline,) = borough(**keys).clock(*recording_of(reading))
    assert deadline["due_at"] == deadline["breached_at"] == "2026-12-24T17:00:00Z"


def test_a_day_and_night_hub_can_count_working_days_by_the_office(borough: Callable[..., Borough]) -> None:
    """HIL-1WD-01: opening hours and working days are separate settings."""
    published, office = readings(CASES["HIL-1WD-01"])
    calendars = {
        "hub": {**calendar_of(EXAMPLES["calendars"][published.calendar]), "working_days": "office"},
        "office": calendar_of(EXAMPLES["calendars"][office.calendar]),
    }
    (deadline,) = borough(calendars=calendars, **clock_of(published)).clock(*recording_of(published))
    assert deadline["due_at"] == "2026-12-29T16:00:00Z"


# -- whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", of_kind("routing"), ids=name_of)
def test_a_contact_is_whose_hours_it_arrives_in(case: Json, borough: Callable[..., Borough]) -> None:
    in_hours, out_of_hours = TEAMS[case["calendar"]]
    intake = {"calendar": "hub", "in_hours": in_hours, "out_of_hours": out_of_hours}
    place, at = borough(calendar=case["calendar"], intake=intake), datetime.fromisoformat(case["at"])
    assert place.rules.team_at(seconds(at), frozenset()) == case["expected"]
    assert place.rules.working_times(frozenset())["hub"].is_open(seconds(at)) == case["hub_open"]
    place.results(received(at))
    assert place.page is not None and place.page.team == case["expected"]


@pytest.mark.parametrize("case", of_kind("window_test"), ids=name_of)
def test_a_child_known_from_a_contact_closed_lately_goes_back(case: Json, borough: Callable[..., Borough]) -> None:
    within = f"{case['window']['value']} {case['window']['unit']}"
    again = {"colour": "amber", "when": {"closed_within": within}, "because": "Known from a contact closed lately."}
    place = borough(
        intake={
            "calendar": "hub",
            "in_hours": "duty_assessment_team",
            "re_referral": {"within": within, "to": "previous_team"},
        },
        suggestions={"again": again},
    )
    results = place.results(*re_referral(case))
    (suggested,) = (line["suggested"]["rag"] for line in results if line.get("contact") == "WE-2" and "state" in line)
    assert (suggested == "amber") is case["expected"]
    assert place.page is not None and place.page.team == case["expected_route"]


def re_referral(case: Json) -> Iterable[Json]:
    closed, back = (datetime.fromisoformat(f"{case[day]}T10:00Z") for day in ("closed_on", "rereferred_on"))
    child = {"label": "a", "forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}
    yield received(closed - timedelta(days=3), kind="advice", children=[child])
    yield event(closed, "close", reason="Advice was given.")
    yield received(back, contact="WE-2", children=[child])


@pytest.mark.parametrize("case", of_kind("bypass"), ids=name_of)
def test_a_child_with_an_allocated_worker_bypasses_the_hub(case: Json, borough: Callable[..., Borough]) -> None:
    place, arrived = borough(open_cases={"pass_on": True}), london("13 14:00")
    child = {"label": "a", "open_case": case["child_open_to_social_care"]}
    *lines, _ = place.results(received(arrived, children=[child]), until(arrived + timedelta(days=30)))
    assert [line["state"] for line in lines] == ["with_allocated_worker"]
    assert [line for line in lines if "clock" in line] == case["expected_timers"]


# -- nothing is left out ----------------------------------------------------------------------------------------------


def test_every_example_and_every_alternative_reading_is_worked() -> None:
    others = [case for kind in ("routing", "window_test", "bypass") for case in of_kind(kind)]
    worked = [*{reading.case["id"]: reading for reading in READINGS}, *(case["id"] for case in others)]
    assert sorted(worked) == sorted(case["id"] for case in EXAMPLES["cases"])
    assert len(worked) == EXAMPLES["meta"]["case_count"] == 49
    alternatives = sum(len(case.get("alternatives", [])) for case in EXAMPLES["cases"])
    assert sum(reading.number > 0 for reading in READINGS) == alternatives == 23


def test_all_units_but_one_occur_in_the_examples() -> None:
    used = {reading.duration["unit"] for reading in READINGS}
    assert set(EXAMPLES["units"]) - used == {"end_of_same_working_day"}
    assert used <= set(Unit)
