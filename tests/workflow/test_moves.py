"""What a deadline was before, and why it moved: kept by the fold. The times are worked out by hand from the format."""

from datetime import UTC, datetime

from mash import clock
from mash.db import Database
from mash.rulebook import Rulebook
from mash.vocabulary import Verb
from mash.workflow import rows
from mash.workflow.clocks import timeline
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.episodes import Episode, Moved, Why, as_instant
from tests.support.hub import Hub, northbridge, northbridge_with

V = Verb
MONDAY_NINE = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
"""Nine o'clock in London, in summer."""


def at(hub: Hub, text: str) -> Hub:
    """Set the hub's time: `09 14:30` is the ninth of June, in UTC; the sweep comes by."""
    day, time = text.split()
    hub.at = datetime.fromisoformat(f"2026-06-{day}T{time}:00+00:00")
    hub.sweep()
    return hub


def folded(hub: Hub, contact_id: str, name: str) -> list[Episode]:
    with hub.db.reading() as look:
        events = rows.events_of(look, [contact_id])[contact_id]
        line = timeline(hub.page(contact_id).rules, events, Rulebook.late_holidays(look, "northbridge"), hub.at)
    return [episode for episode in line.episodes if episode.clock == name]


def short(instant: int) -> str:
    return f"{as_instant(instant):%d %H:%M}"


def told(move: Moved) -> tuple[str, Why, int | None, str, str]:
    return short(move.at), move.why, move.act, short(move.due_before), short(move.due_after)


def announce(hub: Hub, day: str) -> None:
    with clock.at(hub.at):
        hub.office.announce(hub.actors["manager"], AnnounceBankHoliday.model_validate({"date": day, "name": "Jubilee"}))


def test_each_move_is_kept_with_its_reason_its_act_and_both_times(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.screened("green", agreement={"status": "given"})  # entries 1 to 3
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")  # entry 4
    at(hub, "08 11:00")
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Abroad.", until="2026-06-10T09:00+00:00")
    announce(at(hub, "10 10:00"), "2026-06-11")
    fields = {"outcome": "no_further_action", "rationale": "None.", "without": ["health", "education"]}
    at(hub, "10 11:00").do("decider", V.RECORD_DECISION, contact_id, **fields)  # entry 6
    (only,) = folded(hub, contact_id, "decision")
    assert [told(move) for move in only.moves] == [
        ("08 10:00", Why.RERATED, 4, "11 16:15", "09 08:00"),
        ("10 09:00", Why.PAUSE_OVER, None, "09 08:00", "11 08:00"),
        ("10 10:00", Why.BANK_HOLIDAY, None, "11 08:00", "12 08:00"),
    ]
    assert (only.begun_by, only.ended_by, short(only.due_at)) == (3, 6, "12 08:00")


def test_what_a_due_time_was_counted_by_stays_with_it(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.screened("green", agreement={"status": "given"})
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")
    (only,) = folded(hub, contact_id, "decision")
    first, now = only.moves[0].basis_before, only.basis
    assert (first.colour, first.timescale.words) == ("green", "3 working days, until closing")
    assert (now.colour, now.timescale.words) == ("amber", "1 working day, until the same time of day")
    assert short(first.start) == short(now.start) == "08 08:00"


def test_the_earlier_of_the_two_is_on_record_as_kept(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge_with(clocks__decision__on_rerating="earlier_of_the_two"))
    contact_id = hub.screened("red")
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Better.")
    (only,) = folded(hub, contact_id, "decision")
    assert [told(move) for move in only.moves] == [("08 10:00", Why.KEPT, 4, "08 12:00", "08 12:00")]
    assert only.basis.colour == "red"


def test_a_higher_suggestion_hastens_and_what_was_met_before_a_bank_holiday_has_no_move(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.receive()
    at(hub, "08 08:30").do("officer", V.ACKNOWLEDGE, contact_id)
    hub.do("officer", V.ADD_FACTS, contact_id, concerns=["sexual_abuse"])
    announce(hub, "2026-06-09")
    (look,) = folded(hub, contact_id, "first_look")
    (word,) = folded(hub, contact_id, "acknowledgement")
    assert [told(move)[1:] for move in look.moves] == [
        (Why.SUGGESTED_HIGHER, 3, "08 12:00", "08 09:30"),
        (Why.BANK_HOLIDAY, None, "08 09:30", "08 09:30"),
    ]
    assert word.moves == []
    assert word.ended_by == 2


def test_what_is_paused_with_the_referrer_moves_when_it_comes_back(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge_with(clocks__acknowledgement__on_return="pause"))
    contact_id = hub.receive()
    at(hub, "08 10:00").do("decider", V.RETURN_TO_REFERRER, contact_id, reason="Which school?")
    at(hub, "10 10:00").do("officer", V.RESUBMIT, contact_id)
    (only,) = folded(hub, contact_id, "acknowledgement")
    assert [told(move) for move in only.moves] == [("10 10:00", Why.CAME_BACK, 3, "09 16:15", "11 16:15")]
