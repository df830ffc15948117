"""One machine's wrong clock raises nothing early and dates nothing ahead: the database server's clock is right."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mash import clock
from mash.db import Database
from mash.models.audit import AuditEntry
from mash.models.time import Alert
from mash.rulebook import Rulebook
from mash.vocabulary import Verb
from mash.workflow import rows
from mash.workflow.details import DETAILS
from mash.workflow.sweep import sweep
from tests.support.hub import Hub


def red(db: Database, warns_in: timedelta) -> tuple[Hub, str]:
    """A contact rated red twenty minutes ago, of whose decision is warned so much from now, by the real clock."""
    now = clock.now()
    hub = Hub(db, at=now - timedelta(minutes=20))
    contact_id = hub.screened("red", received_at=now + warns_in - timedelta(hours=3))
    hub.sweep()
    return hub, contact_id


def wrong_by(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) + timedelta(minutes=minutes))


def warned_of_decision(db: Database) -> bool:
    with db.reading() as look:
        return look.execute(select(Alert.at).where(Alert.clock == "decision")).first() is not None


def test_a_worker_ahead_raises_nothing_early(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, contact_id = red(database, timedelta(minutes=5))
    wrong_by(monkeypatch, 10)
    sweep(database, Rulebook())
    note = DETAILS[Verb.ADD_NOTE].model_validate({"note": "The school rang back."})
    hub.office.perform(hub.actors["screener"], Verb.ADD_NOTE, contact_id, note)
    with database.reading() as look:
        noted_at = look.execute(select(AuditEntry.at).where(AuditEntry.action == Verb.ADD_NOTE)).scalar_one()
    # A SQLite file has no clock of its own: there the jump can only be reported.
    assert warned_of_decision(database) is database.is_sqlite
    assert (noted_at > hub.at + timedelta(minutes=25)) is database.is_sqlite


def test_a_worker_behind_raises_nothing_late(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    red(database, timedelta(minutes=-5))
    wrong_by(monkeypatch, -10)
    sweep(database, Rulebook())
    assert warned_of_decision(database) is not database.is_sqlite


def test_an_act_that_waited_for_the_contact_is_dated_when_its_turn_came(database: Database) -> None:
    hub = Hub(database, at=clock.now() - timedelta(minutes=20))
    contact_id = hub.receive()
    note, office = DETAILS[Verb.ADD_NOTE].model_validate({"note": "The school rang back."}), hub.office
    with ThreadPoolExecutor(1) as elsewhere:
        with database.transaction() as tx:
            assert rows.locked(tx, "northbridge", contact_id)
            waiting = elsewhere.submit(office.perform, hub.actors["screener"], Verb.ADD_NOTE, contact_id, note)
            time.sleep(2.1)
            released = clock.now()
        waiting.result()
    with database.reading() as look:
        noted_at = look.execute(select(AuditEntry.at).where(AuditEntry.action == Verb.ADD_NOTE)).scalar_one()
    assert noted_at >= released
