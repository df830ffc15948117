"""What the recordings do not show: the clocks of the replay format, section 3, under other rules than Northbridge's."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock, doctor
from mash.db import Database
from mash.errors import Refused
from mash.models.audit import AuditEntry
from mash.models.time import LateBankHoliday
from mash.vocabulary import Verb
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.results import result_lines
from tests.support.hub import Hub, northbridge_with

V = Verb
MONDAY_NINE = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
"""Nine o'clock in London, in summer."""


def hub_with(database: Database, **changes: object) -> Hub:
    return Hub(database, MONDAY_NINE, northbridge_with(**changes))


def at(hub: Hub, text: str) -> Hub:
    """Set the hub's time: `09 14:30` is the ninth of June, in UTC; the sweep comes by."""
    day, time = text.split()
    hub.at = datetime.fromisoformat(f"2026-06-{day}T{time}:00+00:00")
    hub.sweep()
    return hub


def episodes(hub: Hub, name: str) -> list[dict[str, Any]]:
    lines = [line for kind, line in result_lines(hub.db) if kind == "deadlines" and line["clock"] == name]
    return sorted(lines, key=lambda line: line["episode"])


def short(text: str | None) -> str | None:
    return None if text is None else f"{text[8:10]} {text[11:16]}"


def test_a_pause_in_progress_still_counts_when_the_decision_runs_again(database: Database) -> None:
    hub = hub_with(database)
    contact_id = at(hub, "08 08:00").screened("amber")
    at(hub, "08 11:00")
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Abroad.", until="2026-06-12T09:00+00:00")
    fields = {"outcome": "no_further_action", "rationale": "None.", "without": ["health", "education"]}
    at(hub, "10 13:00").do("decider", V.RECORD_DECISION, contact_id, **fields)
    at(hub, "10 14:00").do("decider", V.WITHDRAW_DECISION, contact_id, reason="New facts.")
    first, second = episodes(hub, "decision")
    assert (short(first["due_at"]), short(first["met_at"]), first["breached_at"]) == ("09 08:00", "10 13:00", None)
    assert (short(second["due_at"]), second["breached_at"]) == ("11 08:00", None)


def test_what_is_paused_with_the_referrer_goes_on_when_it_comes_back_and_not_before(database: Database) -> None:
    hub = hub_with(database, clocks__acknowledgement__on_return="pause")
    contact_id = hub.receive()
    at(hub, "08 10:00").do("decider", V.RETURN_TO_REFERRER, contact_id, reason="Which school?")
    at(hub, "09 10:00")
    with pytest.raises(Refused, match="with the referrer"):
        hub.do("decider", V.RESUME_CLOCK, contact_id, clock="acknowledgement")
    at(hub, "10 10:00").do("officer", V.RESUBMIT, contact_id)
    (only,) = episodes(hub, "acknowledgement")
    assert (short(only["due_at"]), only["breached_at"]) == ("11 16:15", None)


def test_a_reset_clock_starts_anew_on_return_unless_its_stop_came_meanwhile(database: Database) -> None:
    changes: dict[str, object] = {"clocks__acknowledgement__on_return": "reset", "clocks__decision__on_return": "reset"}
    hub = hub_with(database, **changes)
    told, untold = hub.receive(), hub.receive()
    for contact_id in (told, untold):
        at(hub, "08 10:00").do("decider", V.RETURN_TO_REFERRER, contact_id, reason="Which school?")
    at(hub, "08 11:00").do("officer", V.ACKNOWLEDGE, told)
    for contact_id in (told, untold):
        at(hub, "09 10:00").do("officer", V.RESUBMIT, contact_id)
        hub.do("screener", V.START_SCREENING, contact_id)
        hub.do("screener", V.RATE_CONTACT, contact_id, rag="amber")
    assert [short(e["started_at"]) for e in episodes(hub, "acknowledgement")] == ["08 08:00", "08 08:00", "09 10:00"]
    assert {short(e["started_at"]) for e in episodes(hub, "decision")} == {"09 10:00"}


def test_a_holiday_announced_at_the_instant_of_an_act_leaves_what_was_met_before_as_it_was(database: Database) -> None:
    hub = hub_with(database)
    contact_id = hub.receive()
    at(hub, "08 10:00").do("officer", V.ACKNOWLEDGE, contact_id)
    with clock.at(hub.at):
        told = AnnounceBankHoliday.model_validate({"date": "2026-06-09", "name": "Jubilee"})
        assert hub.office.announce(hub.actors["manager"], told) == 1
        hub.office.announce(hub.actors["manager"], told)
    assert [short(e["due_at"]) for e in episodes(hub, "acknowledgement")] == ["09 16:15"]
    assert [short(e["due_at"]) for e in episodes(hub, "statutory_decision")] == ["10 16:15"]
    with hub.db.reading() as look:
        assert len(look.execute(LateBankHoliday.__table__.select()).all()) == 1


def test_holidays_announced_in_one_second_stay_known_in_the_order_of_announcing(database: Database) -> None:
    hub = hub_with(database)
    contact_id = hub.receive()
    for verb, day in ((V.ACKNOWLEDGE, "11"), (V.START_SCREENING, "09")):
        with clock.at(hub.at):
            told = AnnounceBankHoliday.model_validate({"date": f"2026-06-{day}", "name": "Jubilee"})
            hub.office.announce(hub.actors["manager"], told)
        hub.do("screener", verb, contact_id)
    assert [short(e["due_at"]) for e in episodes(hub, "acknowledgement")] == ["09 16:15"]
    assert [short(e["due_at"]) for e in episodes(hub, "statutory_decision")] == ["10 16:15"]
    assert doctor.examine(hub.db, hub.at) == []


def test_a_colour_in_which_a_clock_may_not_be_paused_ends_the_pause(database: Database) -> None:
    hub = hub_with(database, clocks__acknowledgement__pausable_for=["amber", "green"])
    contact_id = hub.screened("amber")
    until = "2026-06-11T09:00+00:00"
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="acknowledgement", reason="Abroad.", until=until)
    at(hub, "08 08:30").do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="Worse.")
    at(hub, "12 20:00")
    (only,) = episodes(hub, "acknowledgement")
    assert (short(only["due_at"]), short(only["breached_at"])) == ("09 16:15", "09 16:15")


def test_while_paused_the_due_time_stays_as_it_was_and_the_new_colour_counts_afterwards(database: Database) -> None:
    hub = hub_with(database)
    contact_id = hub.screened("green", agreement={"status": "given"})
    at(hub, "08 09:00")
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Abroad.", until="2026-06-09T09:00+00:00")
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")
    assert short(episodes(hub, "decision")[0]["due_at"]) == "11 16:15"
    at(hub, "09 09:30")
    assert short(episodes(hub, "decision")[0]["due_at"]) == "10 08:00"


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ("keeps_start", [("08 08:00", "08 12:00")]),
        ("restarts_when_raised", [("08 08:00", "09 08:00"), ("08 10:00", "08 14:00")]),
        ("earlier_of_the_two", [("08 08:00", "08 12:00")]),
        ("fixed", [("08 08:00", "09 08:00")]),
    ],
)
def test_raising_the_colour_follows_the_policy(database: Database, policy: str, wanted: list[tuple[str, str]]) -> None:
    hub = hub_with(database, clocks__decision__on_rerating=policy)
    contact_id = hub.screened("amber")
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="Worse.")
    assert [(short(e["started_at"]), short(e["due_at"])) for e in episodes(hub, "decision")] == wanted


@pytest.mark.parametrize(("policy", "due"), [("keeps_start", "11 16:15"), ("earlier_of_the_two", "08 12:00")])
def test_lowering_the_colour_follows_the_policy(database: Database, policy: str, due: str) -> None:
    hub = hub_with(database, clocks__decision__on_rerating=policy)
    contact_id = hub.screened("red")
    hub.do("screener", V.RATE_CONTACT, contact_id, rag="green", rationale="Better.")
    (only,) = episodes(hub, "decision")
    assert short(only["due_at"]) == due


def test_a_breach_survives_a_new_colour_and_the_new_target_counts_from_the_same_start(database: Database) -> None:
    hub = hub_with(database)
    contact_id = hub.screened("red")
    at(hub, "08 13:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Better.")
    first, second = episodes(hub, "decision")
    assert (short(first["breached_at"]), short(first["cancelled_at"])) == ("08 12:00", "08 13:00")
    assert (short(second["started_at"]), short(second["due_at"]), second["breached_at"]) == (
        "08 08:00",
        "09 08:00",
        None,
    )


def test_no_target_is_no_clock_and_a_target_gained_counts_from_receipt(database: Database) -> None:
    hub = hub_with(database, clocks__decision__by_rating__green={"due": "none"})
    contact_id = hub.screened("green")
    assert episodes(hub, "decision") == []
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")
    at(hub, "08 11:00").do("screener", V.RATE_CONTACT, contact_id, rag="green", rationale="Better.")
    at(hub, "08 12:00").do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="Worse.")
    first, second = episodes(hub, "decision")
    assert short(first["cancelled_at"]) == "08 11:00"
    assert (short(second["started_at"]), short(second["due_at"])) == ("08 08:00", "08 12:00")


def test_a_moment_of_the_hub_stops_the_clocks_of_all_agencies(database: Database) -> None:
    clock_rules = {"label": "In time for us", "from": "agency_asked", "to": "decision_recorded", "calendar": "agency"}
    hub = hub_with(database, clocks__in_time={**clock_rules, "timescale": {"due": "9 working_hours"}})
    contact_id = hub.screened("amber")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id)
    fields = {"outcome": "early_help", "rationale": "Help.", "without": []}
    for agency in ("health", "education"):
        hub.do(agency, V.RETURN_INFORMATION, contact_id, agency=agency, reply="nothing_known")
    hub.do("decider", V.RECORD_DECISION, contact_id, **fields)
    assert [e["met_at"] is not None for e in episodes(hub, "in_time")] == [True, True]


def test_what_nobody_asked_for_meets_nothing(database: Database) -> None:
    first_word = {"label": "First word", "from": "receipt", "to": "agency_replied", "calendar": "hub"}
    hub = hub_with(database, clocks__first_word={**first_word, "timescale": {"due": "4 working_hours"}})
    contact_id = hub.receive()
    hub.do("police", V.RETURN_INFORMATION, contact_id, agency="police", reply="information_held", summary="Seen.")
    assert [e["met_at"] for e in episodes(hub, "first_word")] == [None]


def test_a_notification_is_no_referral_because_somebody_rated_it(database: Database) -> None:
    hub = hub_with(database, kinds__notification={"clocks": ["acknowledgement"]})
    notified, asked = hub.screened("amber", kind="notification"), hub.screened("amber", kind="advice")
    assert [hub.page(contact_id).kind.value for contact_id in (notified, asked)] == ["notification", "referral"]
    assert len(episodes(hub, "decision")) == len(episodes(hub, "statutory_decision")) == 1


def test_oversight_that_was_never_timed_is_not_owed_after_the_decision_is_withdrawn(database: Database) -> None:
    none = {"due": "none"}
    red_only = {"red": {"due": "end_of_same_working_day"}, "amber": none, "green": none}
    hub = hub_with(database, clocks__sign_off__by_rating=red_only, clocks__sign_off__timescale=None)
    contact_id = hub.screened("amber")
    fields = {"outcome": "no_further_action", "rationale": "None.", "without": ["health", "education"]}
    hub.do("decider", V.RECORD_DECISION, contact_id, **fields)
    hub.do("decider", V.WITHDRAW_DECISION, contact_id, reason="New facts.")
    hub.do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="Worse.")
    assert episodes(hub, "sign_off") == []


def test_a_bank_holiday_that_is_announced_twice_is_on_record_once(database: Database) -> None:
    hub = hub_with(database)
    for _ in range(2):
        with clock.at(hub.at):
            hub.office.announce(hub.actors["manager"], AnnounceBankHoliday(date=date(2026, 6, 12), name="Jubilee"))
    with database.reading() as look:
        entries = select(AuditEntry.seq).where(AuditEntry.action == V.ANNOUNCE_BANK_HOLIDAY.value)
        assert len(look.execute(entries).all()) == 1
