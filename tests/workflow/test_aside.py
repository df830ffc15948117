"""A contact that cannot be worked out stands aside, is told of and is tried again; the others go on."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from mash import clock, doctor
from mash.db import Database
from mash.metrics import metrics
from mash.models.people import ContactChild
from mash.models.time import Alert, Deadline, SetAside
from mash.rulebook import Rulebook
from mash.vocabulary import Verb
from mash.workflow import settle
from mash.workflow.alerts import alerts
from mash.workflow.aside import Aside
from mash.workflow.details import AnnounceBankHoliday
from tests.support.hub import Hub


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


@contextmanager
def poison(hub: Hub, contact_id: str, error: Exception | None = None) -> Iterator[None]:
    """Meanwhile the clocks of this contact cannot be worked out, and have to be: its rows do not tell what is due."""
    with hub.db.reading() as look:
        children = list(look.execute(select(ContactChild.id).where(ContactChild.contact_id == contact_id)).scalars())
    with hub.db.transaction() as tx:
        tx.execute(update(Deadline).where(Deadline.contact_id == contact_id).values(agenda=None))
    original = settle.timeline

    def poisoned(rules: object, events: list[object], *rest: object, **named: object) -> object:
        if events and events[0].facts["children"] == children:  # type: ignore[attr-defined]
            raise error or ValueError("Tiana Mockford")
        return original(rules, events, *rest, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settle, "timeline", poisoned)
        yield


def shown(hub: Hub) -> list[Aside]:
    return list(alerts(hub.db, Rulebook(), hub.actors["manager"], hub.at).aside)


def test_the_others_go_on_and_it_is_tried_again_less_and_less_often(hub: Hub) -> None:
    poisoned, healthy = hub.receive(), hub.receive()
    hub.later(hours=5)
    with poison(hub, poisoned):
        done = hub.sweep()
        assert done.failed == (poisoned,) and done.alerts == 4
        assert hub.page(healthy).worst is not None
        assert hub.sweep().failed == ()
        tried = 0
        for _ in range(60):
            hub.later(minutes=1)
            tried += len(hub.sweep().failed)
        assert 6 <= tried <= 8
    hub.later(minutes=16)
    hub.sweep()
    with hub.db.reading() as look:
        raised = Counter(look.execute(select(Alert.contact_id)).scalars())
        assert raised[poisoned] == raised[healthy] > 4
        (kept,) = look.execute(select(SetAside.contact_id, SetAside.tries, SetAside.ended_at)).all()
    assert kept == (poisoned, 1 + tried, hub.at)
    assert hub.sweep().contacts == 0 and shown(hub) == []


def test_it_is_told_of_without_a_word_of_the_child(hub: Hub) -> None:
    poisoned, began = hub.receive(), hub.at
    hub.later(hours=5)
    with poison(hub, poisoned):
        hub.sweep()
    (one,) = shown(hub)
    assert (one.contact_id, one.since, one.tries) == (poisoned, hub.at, 1) and hub.at > began
    assert one.error.startswith("ValueError, test_aside.py:")
    (finding, *_) = doctor.examine(hub.db, hub.at)
    assert finding.reference == one.reference and "could not be worked out" in finding.sentence
    assert "mash_contacts_set_aside 1\n" in metrics(hub.db, 90) and "mash_due_not_raised 0\n" in metrics(hub.db, 90)


def test_what_works_again_is_told_of_no_more_though_nothing_of_it_is_due(hub: Hub) -> None:
    poisoned = hub.receive()
    hub.later(hours=5)
    with poison(hub, poisoned):
        hub.sweep()
    hub.do("screener", Verb.START_SCREENING, poisoned)
    assert len(shown(hub)) == 1
    hub.later(minutes=2)
    hub.sweep()
    assert shown(hub) == []


def test_a_database_that_is_away_is_the_fault_of_no_contact(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=5)
    with poison(hub, contact_id, OperationalError("SELECT", {}, Exception("gone"))), pytest.raises(OperationalError):
        hub.sweep()
    assert shown(hub) == [] and hub.sweep().alerts == 4


def test_a_bank_holiday_is_announced_to_all_others_and_to_it_once_it_can_be_worked_out(hub: Hub) -> None:
    poisoned, healthy = hub.screened("green"), hub.screened("green")
    tuesday = AnnounceBankHoliday(date=date(2026, 11, 10), name="State funeral")
    with poison(hub, poisoned), clock.at(hub.at):
        assert hub.office.announce(hub.actors["manager"], tuesday) == 1
    assert [one.contact_id for one in shown(hub)] == [poisoned]
    hub.later(minutes=2)
    hub.sweep()
    with hub.db.reading() as look:
        due = select(Deadline.contact_id, Deadline.clock, Deadline.due_at, Deadline.calendar_version)
        own = {
            one: {row[1:] for row in look.execute(due.where(Deadline.contact_id == one))} for one in (poisoned, healthy)
        }
    assert own[poisoned] == own[healthy] and shown(hub) == [] and doctor.examine(hub.db, hub.at) == []
