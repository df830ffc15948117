"""The doctor finds what nobody waits for, and nothing in recorded work."""

import pytest
from sqlalchemy import delete, update

from mash import doctor, recording_file, replay, rulebook
from mash.db import Database
from mash.models.contact import Contact
from mash.models.information import InformationRequest
from mash.models.time import Alert, Deadline
from mash.vocabulary import Verb
from tests.support.hub import Hub, northbridge
from tests.support.recordings import events_file


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


@pytest.mark.parametrize("name", ["christmas", "clocks"])
def test_recorded_work_is_in_order(name: str, database: Database) -> None:
    rulebook.install(database, [northbridge()])
    progress = replay.Replay(database).play(recording_file.read(events_file(name), ["northbridge"]))
    assert progress.until is not None
    assert doctor.examine(database, progress.until) == []


def sentences(hub: Hub) -> str:
    return " ".join(finding.sentence for finding in doctor.examine(hub.db, hub.at))


def test_a_deadline_that_is_gone_or_moved_is_found(hub: Hub) -> None:
    contact_id = hub.receive()
    with hub.db.transaction() as tx:
        tx.execute(update(Deadline).where(Deadline.clock == "screening").values(due_at=hub.at))
    assert "“screening” (episode 1) is not what follows from the acts on record" in sentences(hub)
    with hub.db.transaction() as tx:
        tx.execute(delete(Alert))
        tx.execute(delete(Deadline).where(Deadline.contact_id == contact_id))
    assert "not those that follow" in sentences(hub)


def test_a_night_s_question_closed_reopened_and_rated_is_in_order(hub: Hub) -> None:
    contact_id = hub.receive("edt", kind="information_request")
    hub.do("screener", Verb.CLOSE, contact_id, reason="Answered by telephone.")
    hub.do("screener", Verb.REOPEN, contact_id, reason="They called again.")
    hub.do("decider", Verb.RATE_CONTACT, contact_id, rag="green", rationale="One descriptor.")
    assert doctor.examine(hub.db, hub.at) == []


def test_a_contact_that_no_sweep_would_look_at_and_an_alert_that_is_gone_are_found(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=5)
    hub.sweep()
    assert doctor.examine(hub.db, hub.at) == []
    with hub.db.transaction() as tx:
        tx.execute(update(Contact).where(Contact.id == contact_id).values(next_due_at=None))
    assert "a sweep may never look at it" in sentences(hub)
    with hub.db.transaction() as tx:
        tx.execute(delete(Alert).where(Alert.contact_id == contact_id, Alert.kind == "warning"))
    assert "was not raised, or is gone" in sentences(hub)


def test_timers_that_stopped_a_stage_that_was_edited_and_a_lost_request_are_found(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id)
    assert doctor.examine(hub.db, hub.at) == []
    hub.later(hours=5, minutes=30)
    assert "A deadline came due and nothing was raised" in sentences(hub)
    hub.sweep()
    assert doctor.examine(hub.db, hub.at) == []
    with hub.db.transaction() as tx:
        tx.execute(update(Contact).values(state="ready"))
        tx.execute(update(InformationRequest).where(InformationRequest.agency == "health").values(answered_at=hub.at))
    found = sentences(hub)
    assert "The stage differs" in found and "requests awaiting reply differ" in found
