"""A breach that should not have been is annulled by a manager with a reason, and never removed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Row, select

from mash.db import Database
from mash.errors import NotPermitted, Refused
from mash.models.time import Alert, Deadline
from mash.vocabulary import State
from mash.vocabulary import Verb as V
from mash.workflow.queue import QueueRow, one_row
from mash.workflow.why import why
from tests.conftest import MakeDatabase
from tests.support.hub import Hub
from tests.test_export import exported, picture, played

DUE = datetime(2026, 11, 9, 14, tzinfo=UTC)
FOR = {"clock": "decision", "reason": "The report was keyed with a wrong time."}


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def late(hub: Hub) -> str:
    """A red contact of 10:00, to be decided by 14:00, at 15:00."""
    contact_id = hub.screened("red", agreement={"status": "given"})
    hub.later(hours=5)
    hub.sweep()
    return contact_id


def deadlines(hub: Hub, clock: str = "decision") -> list[Row[tuple[object, ...]]]:
    rows = select(Deadline.__table__).where(Deadline.clock == clock).order_by(Deadline.episode)
    with hub.db.reading() as look:
        return list(look.execute(rows))


def in_queue(hub: Hub, contact_id: str) -> QueueRow:
    row = one_row(hub.db, hub.office.rulebook, hub.actors["screener"], hub.at, contact_id)
    assert row is not None
    return row


def alerts(hub: Hub) -> set[tuple[object, ...]]:
    with hub.db.reading() as look:
        return {tuple(row) for row in look.execute(select(Alert.clock, Alert.episode, Alert.kind, Alert.level))}


def test_it_stays_on_record_and_says_who_annulled_it_when_and_why(hub: Hub) -> None:
    contact_id = late(hub)
    hub.do("decider", V.RECORD_DECISION, contact_id, outcome="strategy_discussion", rationale="Met today.")
    said = alerts(hub)
    hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR)
    (row,) = deadlines(hub)
    assert (row.due_at, row.breached_at, row.met_at) == (DUE, DUE, hub.at)
    assert (row.annulled_by, row.annulled_at) == (hub.actors["manager"].user_id, hub.at)
    assert alerts(hub) == said
    (shown,) = [one for one in hub.page(contact_id).clocks if one.clock == "decision"]
    assert not shown.late and shown.annulled is not None
    assert (shown.annulled.by, shown.annulled.reason) == ("Manager, service manager", FOR["reason"])
    assert hub.page(contact_id).timeline[0].what == "“Out of timescale” annulled: Decision."


def test_a_clock_that_still_runs_begins_anew_so_that_nothing_is_left_without_a_deadline(hub: Hub) -> None:
    contact_id = late(hub)
    assert in_queue(hub, contact_id).late
    hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR)
    first, second = deadlines(hub)
    assert (first.breached_at, first.cancelled_at) == (DUE, hub.at)
    assert (second.started_at, second.due_at) == (hub.at, datetime(2026, 11, 9, 19, tzinfo=UTC))
    assert not in_queue(hub, contact_id).late
    hub.later(hours=4, seconds=1)
    hub.sweep()
    assert ("decision", 2, "breach", 1) in alerts(hub)
    assert ("decision", 1, "escalation", 3) not in alerts(hub)


def test_the_statutory_clock_is_annulled_only_once_it_has_stopped(hub: Hub) -> None:
    contact_id = hub.screened("green", agreement={"status": "given"})
    hub.later(days=2)
    statutory = {**FOR, "clock": "statutory_decision"}
    with pytest.raises(Refused, match="The statutory clock never begins anew: record the decision first"):
        hub.do("manager", V.ANNUL_BREACH, contact_id, **statutory)
    hub.do("decider", V.RECORD_DECISION, contact_id, outcome="early_help", rationale="Support offered.")
    hub.do("manager", V.ANNUL_BREACH, contact_id, **statutory)
    (row,) = deadlines(hub, "statutory_decision")
    assert row.met_at and row.breached_at and row.annulled_at == hub.at


def test_only_a_manager_may_with_a_reason_and_once(hub: Hub) -> None:
    contact_id = late(hub)
    for other in ("screener", "decider", "edt"):
        with pytest.raises(NotPermitted):
            hub.do(other, V.ANNUL_BREACH, contact_id, **FOR)
    with pytest.raises(Refused, match="Say why it should not have been out of timescale"):
        hub.do("manager", V.ANNUL_BREACH, contact_id, clock="decision", reason=" ")
    with pytest.raises(Refused, match="never out of timescale"):
        hub.do("manager", V.ANNUL_BREACH, contact_id, **{**FOR, "clock": "acknowledgement"})
    with pytest.raises(Refused, match="There is no such deadline"):
        hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR, episode=2)
    hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR)
    with pytest.raises(Refused, match="annulled already"):
        hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR)


def test_a_reply_that_was_late_through_no_fault_is_named_with_its_agency(hub: Hub) -> None:
    contact_id = hub.screened("red")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["police"])
    hub.later(hours=3)
    hub.do("police", V.RETURN_INFORMATION, contact_id, agency="police", reply="nothing_known")
    assert hub.do("manager", V.ANNUL_BREACH, contact_id, clock="agency_return/police/1", reason="Their line was down.")
    assert hub.page(contact_id).timeline[0].what == "“Out of timescale” annulled: Police: Reply."
    assert hub.page(contact_id).state is State.READY


def test_the_explanation_of_the_deadline_says_who_annulled_it(hub: Hub) -> None:
    contact_id = late(hub)
    hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR)
    told = why(hub.db, hub.actors["screener"], hub.at, contact_id).times
    first, second = (next(t for t in told if (t.clock, t.episode) == ("decision", n)) for n in (1, 2))
    assert not first.late and any("annulled: Decision. Manager, service manager" in line for line in first.standing)
    assert "annulled: Decision." in second.start[1]


def test_an_annulment_comes_back_from_an_export(hub: Hub, make_database: MakeDatabase, tmp_path: Path) -> None:
    contact_id = late(hub)
    hub.do("manager", V.ANNUL_BREACH, contact_id, **FOR)
    hub.later(seconds=1)
    hub.sweep()
    assert picture(played(make_database("live"), exported(hub.db, tmp_path))) == picture(hub.db)
