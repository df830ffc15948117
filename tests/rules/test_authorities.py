"""The files of real authorities: each gives the published reading of every worked example that names the authority.

Where a text has several readings the file takes the earliest. The one exception is named, with its reason.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mash.rules import basis
from mash.rules.loader import load_file, load_folder
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import earliest
from mash.workflow.episodes import as_instant, seconds
from tests.rules.test_worked_examples import (
    CASES,
    MOMENTS,
    READINGS,
    Borough,
    Json,
    Reading,
    event,
    name_of,
    re_referral,
    received,
    until,
    utc,
)
from tests.support.databases import SqliteFiles
from tests.support.hub import CONFIG

AUTHORITIES = {
    "Oxfordshire": "oxfordshire",
    "Merton": "merton",
    "St Helens": "st-helens",
    "Islington": "islington",
    "London-wide (police/MASH BRAG continuum)": "islington",
}
"""Whose file each example is run through; Islington's takes the colours of London as a whole."""
SHIPPED = ("gloucestershire", "islington", "merton", "oxfordshire", "st-helens", "surrey")
CLOCKS = {
    "OXF-SCR": "screening",
    "OXF": "decision",
    "MER": "agency_return",
    "STH-REV": "review",
    "STH-L4": "to_duty_assessment",
    "STH-L3": "screening",
    "STH-FBK": "feedback",
    "ISL-HO": "edt_handover",
    "ISL-WRT": "written_request",
    "LON": "decision",
}
"""The clock that an example is about, by the beginning of its name."""
CALLED_OTHERWISE = {"screening_complete": "decision_recorded", "written_form_received": "confirmed_in_writing"}
"""What an example calls a moment for which the file has another name."""
EARLIER = {"OXF-AMB-01": 1, "OXF-SCR-01": 1, "STH-L3-01": 1, "STH-FBK-01": 1}
"""Examples whose earliest reading is not the one they give first."""
WHOLE_DAYS = "OXF-GRN-01"
"""Oxfordshire's three working days end at closing, the one reading that all its examples of green have; here another
would be earlier."""


def named(cases: list[Json]) -> list[Json]:
    return [case for case in cases if case["authority"] in AUTHORITIES]


def of_kind(kind: str) -> list[Json]:
    return named([case for case in CASES.values() if case["kind"] == kind])


TAKEN = [r for r in READINGS if r.case["authority"] in AUTHORITIES and r.number == EARLIER.get(r.case["id"], 0)]


def clock_of(case: Json) -> str:
    return next(clock for prefix, clock in CLOCKS.items() if case["id"].startswith(prefix))


def shipped(name: str) -> RuleSet:
    return load_file(CONFIG / "boroughs" / f"{name}.yaml", CONFIG)


class Shipped(Borough):
    """The front door of an authority, by the file that comes with the program."""

    def __init__(self, folder: Path, databases: SqliteFiles, name: str) -> None:
        self.folder, self.databases, self.rules = folder, databases, shipped(name)

    def colour(self, reading: Reading) -> str | None:
        """The colour, or the level in its place, as this authority calls it."""
        return f"level_{reading.level}" if reading.level else reading.colour

    def arrives(self, at: datetime, by: str = "contact_officer", **fields: Any) -> Json:
        return received(at, by, borough=self.rules.name, **fields)


@pytest.fixture
def authority(tmp_path: Path, sqlite_files: SqliteFiles) -> Callable[[str], Shipped]:
    return lambda name: Shipped(tmp_path, sqlite_files, name)


def rated(at: datetime, colour: str) -> list[Json]:
    how = {"rag": colour, "rationale": "Threshold document applied."}
    return [event(at, "start_screening"), event(at, "rate_contact", "decision_maker", **how)]


def recording(place: Shipped, reading: Reading) -> list[Json]:
    """The contact arrives, is rated if need be, and what starts the clock happens, all at that instant."""
    at, begins = reading.start, reading.case["start_event"]
    channel = {"channel": "phone"} if begins == "phone_referral" else {}
    lines = [place.arrives(at, "edt" if begins == "edt_contact" else "contact_officer", **channel)]
    if colour := place.colour(reading):
        lines += rated(at, colour)
    if begins == "information_requested" and reading.due:
        lines.append(event(at, "request_information", "decision_maker", agencies=["police"]))
    return [*lines, until(reading.due or at + timedelta(days=30))]


# -- worked examples --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", [r for r in TAKEN if r.due], ids=name_of)
def test_the_file_of_an_authority_gives_its_worked_deadline(
    reading: Reading, authority: Callable[[str], Shipped]
) -> None:
    assert reading.due is not None
    place = authority(AUTHORITIES[reading.case["authority"]])
    (deadline,) = place.clock(*recording(place, reading), name=clock_of(reading.case))
    assert deadline["due_at"] == deadline["breached_at"] == utc(reading.due)


@pytest.mark.parametrize("reading", [r for r in TAKEN if not r.due], ids=name_of)
def test_what_is_published_without_a_target_has_none(reading: Reading, authority: Callable[[str], Shipped]) -> None:
    place = authority(AUTHORITIES[reading.case["authority"]])
    results = place.results(*recording(place, reading))
    assert not [line for line in results if line.get("clock") == clock_of(reading.case)]
    assert place.rules.colours["blue"].asks_nobody


def test_of_several_readings_the_files_take_the_earliest() -> None:
    for reading in TAKEN:
        others = [other.due for other in READINGS if other.case is reading.case and other.due]
        if reading.case["id"] == WHOLE_DAYS:
            assert reading.number == 0
        elif reading.due:
            assert reading.due == min(others), reading.case["id"]


@pytest.mark.parametrize("reading", TAKEN, ids=name_of)
def test_the_clock_of_a_file_goes_from_and_to_what_the_example_says(reading: Reading) -> None:
    clock = shipped(AUTHORITIES[reading.case["authority"]]).clocks[clock_of(reading.case)]
    moments = {**MOMENTS, **CALLED_OTHERWISE, "phone_referral": "receipt"}
    start, stop = (moments.get(code, code) for code in (reading.case["start_event"], reading.case["stop_event"]))
    assert clock.starts == (start,)
    assert stop in (clock.stop, "closed")  # what has no target stops with nothing of its own


def test_a_red_of_oxfordshire_is_late_at_once_where_it_is_rated_after_its_four_hours(
    authority: Callable[[str], Shipped],
) -> None:
    """OXF-SCR-01: received on the 11th at 16:50, rated on the 12th at 16:50, when the rating is just in time."""
    place, at = authority("oxfordshire"), datetime.fromisoformat("2026-11-11T16:50+00:00")
    later = at + timedelta(days=1)
    lines = place.results(place.arrives(at), *rated(later, "red"), until(later + timedelta(minutes=40)))
    (late,) = [line for line in lines if line.get("clock") == "decision" and "due_at" in line]
    (in_time,) = [line for line in lines if line.get("clock") == "screening" and "due_at" in line]
    assert (late["due_at"], late["breached_at"]) == ("2026-11-11T20:50:00Z", "2026-11-12T16:50:00Z")
    assert (in_time["met_at"], in_time["breached_at"]) == ("2026-11-12T16:50:00Z", None)


@pytest.mark.parametrize("case", of_kind("routing"), ids=name_of)
def test_a_contact_is_whose_hours_it_arrives_in(case: Json, authority: Callable[[str], Shipped]) -> None:
    place, at = authority(AUTHORITIES[case["authority"]]), datetime.fromisoformat(case["at"])
    place.results(place.arrives(at))
    assert place.page is not None and place.page.team is not None
    assert place.page.team.lower().replace(" ", "_") == case["expected"]
    assert place.rules.working_times(frozenset())["hub"].is_open(seconds(at)) == case["hub_open"]


@pytest.mark.parametrize("case", of_kind("window_test"), ids=name_of)
def test_a_child_known_from_a_contact_closed_lately_goes_back(case: Json, authority: Callable[[str], Shipped]) -> None:
    place = authority(AUTHORITIES[case["authority"]])
    place.results(*({**line, "borough": place.rules.name} for line in re_referral(case)))
    assert place.page is not None
    assert (place.page.team == "Previous social worker or assessment team") is case["expected"]


@pytest.mark.parametrize("case", of_kind("bypass"), ids=name_of)
def test_an_open_case_bypasses_the_hub(case: Json, authority: Callable[[str], Shipped]) -> None:
    """No timer of the MASH runs; that it was acknowledged and read is still waited for, which is the file's caution."""
    place, at = authority(AUTHORITIES[case["authority"]]), datetime.fromisoformat("2026-11-13T14:00+00:00")
    child = {"label": "a", "open_case": case["child_open_to_social_care"]}
    *lines, _ = place.results(place.arrives(at, children=[child]), until(at + timedelta(days=30)))
    assert [line["state"] for line in lines if "state" in line] == ["with_allocated_worker"]
    assert {line["clock"] for line in lines if "clock" in line} == {"acknowledgement", "worker_has_read"}


def test_every_example_that_names_one_of_the_authorities_is_run_through_its_file() -> None:
    run = {reading.case["id"] for reading in TAKEN}
    run |= {case["id"] for kind in ("routing", "window_test", "bypass") for case in of_kind(kind)}
    assert run == {case["id"] for case in named(list(CASES.values()))}
    assert len(run) == 8 + 4 + 7 + 6 + 3


# -- authorities that no example names: worked by hand from their pages -----------------------------------------------


def due(name: str, clock: str, colour: str, start: str, channel: str = "phone") -> Callable[[Shipped], str]:
    def found(place: Shipped) -> str:
        at = datetime.fromisoformat(f"{start}+00:00")
        lines = [place.arrives(at, channel=channel), *rated(at, colour), until(at + timedelta(days=20))]
        (deadline,) = place.clock(*lines, name=clock)
        return str(deadline["due_at"])

    found.__name__ = f"{name}-{colour}-{start}"
    return found


POLICE = "police_notification"
BY_HAND = [
    # The desk's Friday ends at 17:00, its Saturday begins at 08:00 and ends at 16:00.
    ("surrey", due("surrey", "police_desk", "red", "2026-11-13T16:00", POLICE), "2026-11-14T11:00:00Z"),
    # One hour on Sunday, three on Monday from 08:00.
    ("surrey", due("surrey", "police_desk", "red", "2026-11-15T15:00", POLICE), "2026-11-16T11:00:00Z"),
    # 24 December 15:00: two hours; 25 closed; Saturday 26 and Sunday 27 are open; so two more from Saturday 08:00.
    ("surrey", due("surrey", "police_desk", "red", "2026-12-24T15:00", POLICE), "2026-12-26T10:00:00Z"),
    # 28 December is a bank holiday: one hour on Sunday the 27th, then three on Tuesday the 29th.
    ("surrey", due("surrey", "police_desk", "red", "2026-12-27T15:00", POLICE), "2026-12-29T11:00:00Z"),
    # 24 working hours from Friday 12:00: 5 + Saturday 8 + Sunday 8 + 3 on Monday.
    ("surrey", due("surrey", "police_desk", "amber", "2026-11-13T12:00", POLICE), "2026-11-16T11:00:00Z"),
    # 72 hours by the clock.
    ("surrey", due("surrey", "police_desk", "green", "2026-11-13T12:00", POLICE), "2026-11-16T12:00:00Z"),
    ("surrey", due("surrey", "written_follow_up", "red", "2026-11-13T12:00"), "2026-11-15T12:00:00Z"),
    ("gloucestershire", due("gloucestershire", "decision", "red", "2026-11-13T16:30"), "2026-11-13T20:30:00Z"),
    ("gloucestershire", due("gloucestershire", "decision", "amber", "2026-11-13T16:30"), "2026-11-16T16:30:00Z"),
    ("gloucestershire", due("gloucestershire", "decision", "green", "2026-11-13T16:30"), "2026-11-16T16:30:00Z"),
]


@pytest.mark.parametrize(("name", "found", "wanted"), BY_HAND, ids=[found.__name__ for _, found, _ in BY_HAND])
def test_deadlines_worked_by_hand_from_the_pages(
    name: str, found: Callable[[Shipped], str], wanted: str, authority: Callable[[str], Shipped]
) -> None:
    assert found(authority(name)) == wanted


def test_the_police_desk_of_surrey_has_a_clock_for_its_own_reports_only(
    authority: Callable[[str], Shipped],
) -> None:
    place, at = authority("surrey"), datetime.fromisoformat("2026-11-13T12:00+00:00")
    lines = [place.arrives(at, channel="phone"), *rated(at, "red"), until(at + timedelta(days=9))]
    assert not place.clock(*lines, name="police_desk")
    blue = [place.arrives(at, channel=POLICE), *rated(at, "blue"), until(at + timedelta(days=9))]
    assert not place.clock(*blue, name="police_desk")


def test_one_working_day_is_the_earlier_of_the_same_time_and_closing(authority: Callable[[str], Shipped]) -> None:
    for name in SHIPPED:
        place = authority(name)
        hours = place.rules.working_times(frozenset())["hub"]
        span = place.rules.clocks["statutory_decision"].timescale
        assert span is not None
        for start, wanted in (("13T16:00", "16T16:00"), ("14T11:00", "16T17:00"), ("13T18:00", "16T17:00")):
            at = seconds(datetime.fromisoformat(f"2026-11-{start}+00:00"))
            found = earliest(span.spans, at, (), hours)
            assert found is not None
            assert as_instant(found[0]) == datetime.fromisoformat(f"2026-11-{wanted}+00:00"), (name, start)


# -- what every file says of itself -----------------------------------------------------------------------------------


def test_the_six_authorities_are_there_and_marked_as_confirmed_by_nobody() -> None:
    found = {rules.name: rules for rules in load_folder(CONFIG)}
    assert sorted(found) == sorted((*SHIPPED, "northbridge"))
    for name in SHIPPED:
        rules = found[name]
        assert rules.unconfirmed and not rules.invented and rules.confirmed_by is None
        assert rules.source.endswith("not confirmed by the authority")
        head = (CONFIG / "boroughs" / f"{name}.yaml").read_text(encoding="utf-8").split("\n\n")[0]
        assert "must confirm every figure before use" in head.replace("\n# ", " ")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_figure_of_an_authority_stands_on_something(name: str) -> None:
    rules = shipped(name)
    for route in basis.figures(rules):
        footing = basis.footing(rules, route)
        assert footing is not None and footing.sentences, route


def test_what_is_said_of_a_figure_is_not_said_of_its_neighbour() -> None:
    """Inherited grounds must not shine through: Surrey publishes how a colour is changed, so nothing is assumed."""
    surrey = basis.footing(shipped("surrey"), ("rating",))
    assert surrey is not None and list(surrey.published) == ["police_desk"] and surrey.assumed is None
    red = basis.footing(shipped("merton"), ("clocks", "agency_return", "by_rating", "red"))
    assert red is not None and list(red.published) == ["leaflet"] and red.assumed == "From the request, by the clock."
