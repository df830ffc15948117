"""A sweep goes by what the rows say will be raised; where they do not tell, by the history."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from mash import doctor
from mash.db import Database
from mash.models.time import Alert, Deadline
from mash.vocabulary import Verb
from mash.workflow import settle
from tests.conftest import MakeDatabase
from tests.support.hub import Hub, northbridge_with

Raised = tuple[str, str, int, str, int, datetime, str, str | None]


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def raised(hub: Hub, contact_id: str) -> list[Raised]:
    columns = (Alert.clock, Alert.agency, Alert.episode, Alert.kind, Alert.level, Alert.at, Alert.owner, Alert.for_role)
    with hub.db.reading() as look:
        return [
            tuple(row)
            for row in look.execute(select(*columns).where(Alert.contact_id == contact_id).order_by(*columns))
        ]


def asked(hub: Hub) -> str:
    """A contact with clocks of the hub and of an agency."""
    contact_id = hub.receive()
    hub.do("screener", Verb.START_SCREENING, contact_id)
    hub.do("screener", Verb.RATE_CONTACT, contact_id, rag="red", rationale="Seen.")
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police"])
    return contact_id


def test_a_sweep_needs_no_history(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    contact_id = asked(hub)
    monkeypatch.delattr(settle, "timeline")
    told = []
    for _ in range(12):
        hub.later(hours=12)
        hub.sweep()
        told.append(len(raised(hub, contact_id)))
    assert 0 < told[0] < told[-1] == told[-2]
    assert {kind for _, _, _, kind, *_ in raised(hub, contact_id)} == {"warning", "breach", "escalation"}
    assert doctor.examine(hub.db, hub.at) == []


def test_a_deadline_of_before_agendas_is_raised_by_the_history_and_has_one_then(hub: Hub) -> None:
    old, new = asked(hub), asked(hub)
    with hub.db.transaction() as tx:
        tx.execute(update(Deadline).where(Deadline.contact_id == old).values(agenda=None))
    hub.later(hours=5)
    hub.sweep()
    assert raised(hub, old) == raised(hub, new) != []
    with hub.db.reading() as look:
        running = Deadline.met_at.is_(None) & Deadline.cancelled_at.is_(None)
        left = look.execute(select(Deadline.agenda).where(running, Deadline.agenda.is_(None))).all()
    assert left == []
    hub.later(days=3)
    hub.sweep()
    assert raised(hub, old) == raised(hub, new)


def test_what_a_row_says_wrongly_the_doctor_finds(hub: Hub) -> None:
    contact_id = asked(hub)
    assert doctor.examine(hub.db, hub.at) == []
    with hub.db.transaction() as tx:
        tx.execute(
            update(Deadline).where(Deadline.contact_id == contact_id, Deadline.agency == "police").values(agenda=[])
        )
    (found,) = doctor.examine(hub.db, hub.at)
    assert "will be raised" in found.sentence


def test_what_a_clock_that_was_ahead_has_raised_spoils_no_act_and_no_sweep(hub: Hub) -> None:
    contact_id, right = hub.screened("amber"), hub.at
    hub.later(days=3)
    assert hub.sweep().alerts > 0
    early, hub.at = raised(hub, contact_id), right
    hub.do("screener", Verb.RATE_CONTACT, contact_id, rag="red", rationale="They called again.")
    for number in range(10):
        hub.later(hours=12)
        if number % 2:
            assert hub.sweep().failed == ()
        hub.do("officer", Verb.ADD_NOTE, contact_id, note="Tried mum, no answer.")
    assert set(early) <= set(raised(hub, contact_id))


def test_what_is_told_of_a_deadline_does_not_hang_on_when_it_was_swept(make_database: MakeDatabase) -> None:
    """It was out of timescale before the contact went back to its referrer: the time until it returned is told too."""
    told = []
    for swept in (True, False):
        hub = Hub(make_database("live"), rules=northbridge_with(clocks__screening__on_return="pause"))
        contact_id = hub.receive(received_at=hub.at - timedelta(days=4))
        hub.later(minutes=5)
        if swept:
            hub.sweep()
        hub.do("manager", Verb.RETURN_TO_REFERRER, contact_id, reason="Whose child is it?")
        for _ in range(20):
            hub.later(hours=12)
            if swept:
                hub.sweep()
        hub.do("manager", Verb.RESUBMIT, contact_id)
        hub.later(days=3)
        hub.sweep()
        with hub.db.reading() as look:
            told.append(set(look.execute(select(Deadline.clock, Deadline.episode, Deadline.due_at, Deadline.reading))))
    assert told[0] == told[1] and any("not counted" in reading for *_, reading in told[0])
