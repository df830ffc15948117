"""Which clock is the worst, and which contact the most urgent: one answer for queue, alerts and board."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from mash.db import Database
from mash.models.base import among_ids
from mash.models.contact import Contact
from mash.vocabulary import Verb
from mash.workflow.alerts import alerts
from mash.workflow.board import board
from mash.workflow.queries import RunningClock, worst_of
from mash.workflow.queue import QueueRow, Wanted, triage_queue
from mash.workflow.standing import standings, urgency
from tests.support.hub import MONDAY, Hub

CLOCK = RunningClock("decision", "Decision", "", "", MONDAY + timedelta(hours=2), None, paused=False)


def test_what_is_out_of_timescale_is_worse_than_what_is_due_first() -> None:
    breached = CLOCK._replace(clock="first_look", due_at=MONDAY + timedelta(days=2), breached_at=MONDAY)
    assert worst_of([CLOCK, breached], MONDAY) is breached
    assert worst_of([CLOCK, CLOCK._replace(due_at=MONDAY + timedelta(hours=1))], MONDAY) != CLOCK


def test_a_pause_hides_only_what_is_still_in_time() -> None:
    paused = CLOCK._replace(paused=True)
    assert worst_of([paused], MONDAY) is None
    assert worst_of([paused._replace(breached_at=MONDAY)], MONDAY) is not None


def test_a_contact_that_runs_out_by_the_closing_is_neither_late_nor_paused_and_the_minute_of_closing_counts(
    database: Database,
) -> None:
    hub = Hub(database)
    contact_id = hub.receive()
    with database.reading() as look:
        (one,) = standings(look, hub.office.rulebook, hub.actors["screener"], hub.at, Contact.id == contact_id)
    assert one.worst is not None
    due = one.worst.due_at
    found = one.runs_out_by(due, hub.at)
    assert found is not None and found.due_at == due
    assert one.runs_out_by(due - timedelta(minutes=1), hub.at) is None
    late = one.runs_out_by(due, due + timedelta(seconds=1))
    assert late is None
    paused = one._replace(clocks=tuple(clock._replace(paused=True) for clock in one.clocks))
    assert paused.runs_out_by(due, hub.at) is None


def lived_in(hub: Hub) -> None:
    """Contacts of every sort: late, in time, held, asked about, closed with a clock running, closed without."""
    for rag in ("green", "amber", "red"):
        contact_id = hub.screened(rag, concerns=["neglect"], agreement={"status": "given"})
        hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["health", "police"])
    hub.do("screener", Verb.CLAIM, hub.receive())
    hub.do("screener", Verb.CLOSE, hub.decided())
    hub.later(hours=6)
    hub.sweep()
    hub.receive()
    hub.screened("amber")


def test_queue_alerts_and_board_agree_at_every_hour(database: Database) -> None:
    hub = Hub(database)
    lived_in(hub)
    seen = set()
    for hours in (0, 1, 3, 18, 24, 60, 200):
        hub.later(hours=hours)
        book, screener = hub.office.rulebook, hub.actors["screener"]
        queue = triage_queue(database, book, screener, hub.at)
        figures = board(database, book, screener, hub.at)
        alarms = alerts(database, book, screener, hub.at)
        open_late = [line.row.contact_id for line in alarms.rows if line.late and not line.finished]
        assert [row.contact_id for row in queue.rows if row.late] == sorted(open_late, key=_place(queue.rows))
        assert queue.counts.late == figures.late == len(open_late) == alarms.late - alarms.late_finished
        assert alarms.late_finished == figures.late_finished
        assert queue.counts.open == figures.open == len(queue.rows) == sum(one.count for one in figures.by_colour)
        assert queue.counts.open == sum(one.count for one in figures.by_stage)
        assert (queue.counts.unowned, queue.counts.closing) == (figures.unowned, figures.closing)
        assert sum(one.late for one in figures.by_colour) == figures.late
        for one in figures.by_agency:
            waiting = triage_queue(database, book, screener, hub.at, Wanted(waiting=one.code))
            assert waiting.found == one.count
        for one in figures.by_colour:
            assert triage_queue(database, book, screener, hub.at, Wanted(colour=one.code)).found == one.count
        assert triage_queue(database, book, screener, hub.at, Wanted(closing=True)).found == figures.closing
        seen.add((figures.late > 0, figures.late_finished > 0, figures.closing > 0))
        hub.sweep()
        assert alerts(database, book, screener, hub.at).late == alarms.late, "whether or not the sweep has been"
    assert all(any(true) for true in zip(*seen, strict=True)), "each figure was above nought at some hour"


def _place(rows: tuple[QueueRow, ...]) -> Callable[[str], int]:
    return {row.contact_id: place for place, row in enumerate(rows)}.__getitem__


def test_the_highest_colour_of_the_contacts_own_rules_stands_first(database: Database) -> None:
    hub = Hub(database)
    ids = [hub.screened(rag, concerns=["neglect"], agreement={"status": "given"}) for rag in ("green", "amber", "red")]
    with database.reading() as look:
        found = standings(look, hub.office.rulebook, hub.actors["screener"], hub.at, Contact.id.in_(ids))
    assert [one.colours_above for one in sorted(found, key=urgency)] == [0, 1, 2]


def test_contacts_may_be_named_by_the_hundred_thousand(database: Database) -> None:
    hub = Hub(database)
    there = {hub.screened("amber"), hub.screened("red")}
    named = [*there, "quo'ted\\", *(f"nobody-{n}" for n in range(100_000))]
    with database.reading() as look:
        found = look.execute(select(Contact.id).where(among_ids(Contact.id)), {"ids": named}).scalars()
        assert set(found) == there


def test_the_clocks_of_a_contact_stand_in_the_order_in_which_they_are_due(database: Database) -> None:
    hub = Hub(database)
    contact_id = hub.screened("amber")
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police", "health", "education"])
    with database.reading() as look:
        (one,) = standings(look, hub.office.rulebook, hub.actors["screener"], hub.at, Contact.id == contact_id)
    due = [(clock.due_at, clock.clock, clock.agency) for clock in one.clocks]
    assert len(due) > 3 and due == sorted(due)
    assert [wait.agency for wait in one.waits_for] == [agency for _, _, agency in due if agency]
    hub.do("decider", Verb.PROCEED_WITHOUT, contact_id, agencies=["health"], rationale="Cannot wait.")
    with database.reading() as look:
        (one,) = standings(look, hub.office.rulebook, hub.actors["screener"], hub.at, Contact.id == contact_id)
    assert "health" not in [wait.agency for wait in one.waits_for]
