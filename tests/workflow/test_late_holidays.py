"""What a bank holiday that becomes known late would move is what it moves, and each deadline says what it was."""

from datetime import UTC, date, datetime
from threading import Event, Thread, current_thread

import pytest
from sqlalchemy import select

from mash import clock, doctor
from mash.db import Database
from mash.errors import NotFound, NotPermitted, Refused
from mash.models.time import Deadline
from mash.vocabulary import Verb as V
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.late_holidays import MovedDeadline, moved, would_move
from mash.workflow.together import Together
from tests.support.hub import Hub

TUESDAY = date(2026, 11, 10)


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def announcement(day: date = TUESDAY) -> AnnounceBankHoliday:
    return AnnounceBankHoliday(date=day, name="State funeral", borough="northbridge")


def foreseen(hub: Hub, day: date = TUESDAY, who: str = "manager") -> tuple[MovedDeadline, ...]:
    return would_move(hub.db, hub.office.rulebook, hub.actors[who], announcement(day), hub.at)


def announce(hub: Hub) -> tuple[MovedDeadline, ...]:
    with clock.at(hub.at):
        hub.office.announce(hub.actors["manager"], announcement())
    return moved(hub.db, hub.office.rulebook, hub.actors["manager"], TUESDAY, hub.at)


def told(found: tuple[MovedDeadline, ...]) -> list[tuple[str, str, str]]:
    return [(one.clock, f"{one.due_before:%a %H:%M}", f"{one.due_after:%a %H:%M}") for one in found]


def test_what_would_move_is_shown_from_when_to_when_and_nothing_moves_yet(hub: Hub) -> None:
    contact_id = hub.screened("amber", agreement={"status": "given"})
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["police", "health"])
    before = hub.page(contact_id).clocks
    assert told(foreseen(hub)) == [
        ("Decision", "Tue 10:00", "Wed 10:00"),
        ("Acknowledge to the referrer", "Tue 17:15", "Wed 17:15"),
        ("Decision within one working day", "Tue 17:15", "Wed 17:15"),
    ]  # Health is due at 16:00 today, and police work on bank holidays
    assert hub.page(contact_id).clocks == before


def test_it_moves_what_it_said_and_each_deadline_keeps_what_it_was(hub: Hub) -> None:
    ended, waiting = hub.receive(), hub.screened("green", agreement={"status": "given"})
    hub.do("officer", V.ACKNOWLEDGE, ended)
    foretold = foreseen(hub)
    assert announce(hub) == foretold
    assert ("Decision", "Thu 17:15", "Fri 17:00") in told(foretold)
    (decision,) = [one for one in hub.page(waiting).clocks if one.clock == "decision"]
    assert decision.due_at == datetime(2026, 11, 13, 17, tzinfo=UTC)
    was = "Until Mon 9 Nov 2026 10:00 it was due Thu 12 Nov 2026 17:15: a bank holiday became known late."
    assert was in decision.reading
    hub.later(days=1)
    hub.do("decider", V.RECORD_DECISION, waiting, outcome="early_help", rationale="Support offered.")
    assert moved(hub.db, hub.office.rulebook, hub.actors["manager"], TUESDAY, hub.at) == foretold


def test_what_is_paused_is_not_foretold_and_is_counted_anew_when_it_goes_on(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    until = "2026-11-12T10:00Z"
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Family away.", until=until)
    assert "Decision" not in [one.clock for one in foreseen(hub)]
    announce(hub)
    hub.later(days=3, minutes=1)
    hub.sweep()
    (decision,) = [one for one in hub.page(contact_id).clocks if one.clock == "decision"]
    assert decision.due_at == datetime(2026, 11, 13, 10, tzinfo=UTC)  # Wed 11th and two days put back, Tuesday not one


def test_of_two_announced_in_one_second_each_knows_what_it_moved(hub: Hub) -> None:
    hub.screened("green")
    first = announce(hub)
    with clock.at(hub.at):
        hub.office.announce(hub.actors["manager"], announcement(date(2026, 11, 11)))
    later = moved(hub.db, hub.office.rulebook, hub.actors["manager"], date(2026, 11, 11), hub.at)
    assert moved(hub.db, hub.office.rulebook, hub.actors["manager"], TUESDAY, hub.at) == first
    assert ("Decision", "Thu 17:15", "Fri 17:00") in told(first)
    assert ("Decision", "Fri 17:00", "Mon 17:15") in told(later)


def test_nothing_comes_of_a_day_that_is_past_or_a_bank_holiday_already(hub: Hub) -> None:
    for day, why in ((date(2026, 11, 9), "not in the future"), (date(2026, 12, 25), "is a bank holiday already")):
        with pytest.raises(Refused, match=why):
            foreseen(hub, day)
    announce(hub)
    with pytest.raises(Refused, match="10 November 2026 is a bank holiday already"):
        foreseen(hub)
    with pytest.raises(NotFound):
        moved(hub.db, hub.office.rulebook, hub.actors["manager"], date(2026, 11, 12), hub.at)
    with pytest.raises(NotPermitted):
        foreseen(hub, date(2026, 11, 12), "decider")


def test_a_receipt_that_is_being_stored_knows_of_it_too(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who announces waits for it, or it waits for who announces: it never counts by less than is known."""
    at_the_rows, go_on, write = Event(), Event(), Together.write

    def slowly(together: Together) -> None:
        if current_thread().name == "receipt":
            at_the_rows.set()
            go_on.wait(10)
        write(together)

    monkeypatch.setattr(Together, "write", slowly)
    receipt = Thread(target=hub.receive, name="receipt")
    announcing = Thread(target=announce, args=(hub,))
    receipt.start()
    assert at_the_rows.wait(10)
    announcing.start()
    announcing.join(0.5)
    assert announcing.is_alive()
    go_on.set()
    receipt.join()
    announcing.join()
    with hub.db.reading() as look:
        assert set(look.execute(select(Deadline.calendar_version)).scalars()) == {1}
    assert doctor.examine(hub.db, hub.at) == []
