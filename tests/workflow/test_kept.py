"""An office goes on from what it knows of a contact, and from nothing else: others act too, records are restored."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from mash import audit_check, doctor
from mash.db import Database
from mash.errors import Refused
from mash.models.audit import AuditEntry
from mash.models.time import Alert, Deadline
from mash.vocabulary import Verb
from mash.workflow.write import Office
from tests.support.databases import SqliteFiles
from tests.support.hub import Hub


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def in_order(hub: Hub) -> bool:
    """Nothing adrift, and every chain whole."""
    return doctor.examine(hub.db, hub.at) == [] and audit_check.verify(hub.db) == []


def rows_of(hub: Hub) -> tuple[list[object], list[object]]:
    with hub.db.reading() as look:
        deadlines = look.execute(select(Deadline.__table__).order_by(*Deadline.__table__.primary_key.columns))
        alerts = look.execute(select(Alert.clock, Alert.agency, Alert.episode, Alert.kind, Alert.level, Alert.at))
        return [tuple(row[2:]) for row in deadlines], sorted(tuple(row) for row in alerts)


def worked(hub: Hub, offices: Callable[[], Office], *, swept: bool) -> None:
    """A contact from receipt to close, hours apart, each act by another of the offices."""
    hub.office = offices()
    contact_id = hub.receive()
    acts = (
        ("officer", Verb.ACKNOWLEDGE, {}),
        ("screener", Verb.START_SCREENING, {}),
        ("screener", Verb.RATE_CONTACT, {"rag": "amber", "rationale": "Two descriptors."}),
        ("screener", Verb.REQUEST_INFORMATION, {"agencies": ["police", "health"]}),
        ("screener", Verb.RATE_CONTACT, {"rag": "red", "rationale": "They called again."}),
        ("police", Verb.RETURN_INFORMATION, {"agency": "police", "reply": "nothing_known", "handling": "hub_only"}),
        ("decider", Verb.PROCEED_WITHOUT, {"agencies": ["health"], "rationale": "No answer."}),
    )
    for who, verb, fields in acts:
        hub.later(hours=3)
        if swept:
            hub.sweep()
        hub.office = offices()
        hub.do(who, verb, contact_id, **fields)
    assert in_order(hub)


@pytest.mark.parametrize("swept", [True, False])
def test_two_offices_that_take_turns_leave_what_one_leaves(
    swept: bool, make_database: Callable[[str], Database]
) -> None:
    left = []
    for number in (1, 2):
        hub = Hub(make_database("live"))
        offices = [Office(hub.db) for _ in range(number)]
        turns = iter(range(100))
        worked(hub, lambda offices=offices, turns=turns: offices[next(turns) % len(offices)], swept=swept)  # type: ignore[misc]
        left.append(rows_of(hub))
    one, two = left
    assert one == two and one[1]


def test_a_refusal_spoils_nothing(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=4)
    with pytest.raises(Refused):
        hub.do("decider", Verb.RECORD_DECISION, contact_id, outcome="early_help", rationale="Too soon.")
    hub.do("screener", Verb.START_SCREENING, contact_id)
    assert in_order(hub)


@pytest.mark.parametrize("others", [0, 1, 2])
def test_records_that_were_restored_are_gone_on_from_as_they_are(others: int, sqlite_files: SqliteFiles) -> None:
    """The office knows of an act that is no longer there; meanwhile others have done some acts."""
    with sqlite_files.copy("live") as db:
        hub = Hub(db)
        contact_id = hub.receive()
        file = Path(str(db.url.database))
        db.engine.dispose()
        shutil.copy(file, backup := file.with_suffix(".backup"))
        hub.do("screener", Verb.START_SCREENING, contact_id)
        db.engine.dispose()
        shutil.move(backup, file)
        ours, hub.office = hub.office, Office(db)
        for number in range(others):
            hub.do("officer", Verb.ADD_NOTE, contact_id, note=f"Tried mum again, {number}.")
        hub.office = ours
        hub.do("officer", Verb.ACKNOWLEDGE, contact_id)
        hub.later(hours=1)
        hub.do("screener", Verb.START_SCREENING, contact_id)
        assert in_order(hub)
        with db.reading() as look:
            verbs = list(look.execute(select(AuditEntry.action).where(AuditEntry.stream == contact_id)).scalars())
        assert verbs == [Verb.RECEIVE_CONTACT, *[Verb.ADD_NOTE] * others, Verb.ACKNOWLEDGE, Verb.START_SCREENING]


def test_what_another_office_changed_and_ours_changes_back_is_stored(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=30)
    hub.sweep()
    alert = {"clock": "screening"}
    ours, other = hub.office, Office(hub.db)
    hub.do("manager", Verb.TAKE_ALERT, contact_id, **alert)
    hub.office = other
    hub.do("manager", Verb.HAND_ALERT_TO, contact_id, **alert, to=hub.actors["second_decider"].user_id)
    hub.office = ours
    hub.do("manager", Verb.TAKE_ALERT, contact_id, **alert)
    with hub.db.reading() as look:
        own = select(Deadline.taken_by).where(Deadline.contact_id == contact_id, Deadline.clock == "screening")
        assert look.execute(own).scalar_one() == hub.actors["manager"].user_id
