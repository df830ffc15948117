"""Replay of an export is the same record again: contacts, people, deadlines, alerts, history."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock, recording_file, replay, rulebook
from mash.db import Database
from mash.export import export_events
from mash.models.contact import EventWords, HubOnlyWords
from mash.models.people import ContactAdult, ContactChild, Referrer, ShieldedReferrer, WithheldAddress
from mash.vocabulary import Verb
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.results import result_lines
from tests.conftest import MakeDatabase
from tests.support.hub import Hub, northbridge
from tests.support.recordings import events_file

NOT_COMPARED = {"id", "contact_id", "reported_id", "salt", "reading"}


def picture(db: Database) -> list[list[Any]]:
    """Everything that a replay must bring back, without random ids and salts."""
    tables = (ContactChild, ContactAdult, Referrer, ShieldedReferrer, WithheldAddress, EventWords, HubOnlyWords)
    rows: list[list[Any]] = [sorted(repr(line) for _, line in result_lines(db))]
    with db.reading() as look:
        for table in tables:
            columns = [column for column in table.__table__.columns if column.key not in NOT_COMPARED]
            rows.append(sorted(repr(tuple(row)) for row in look.execute(select(*columns))))
    return rows


def played(db: Database, file: Path) -> Database:
    rulebook.install(db, [northbridge()])
    progress = replay.Replay(db).play(recording_file.read(file, ["northbridge"]))
    assert progress.events
    return db


def exported(db: Database, tmp_path: Path) -> Path:
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(export_events(db)), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["christmas", "late-holiday"])
def test_recorded_work_survives_the_round_trip(name: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    first = played(make_database("live"), events_file(name))
    lines = recording_file.read(events_file(name), ["northbridge"])
    again = make_database("live")
    rulebook.install(again, [northbridge()])
    replay.Replay(again).play(recording_file.read(exported(first, tmp_path), ["northbridge"]), lines[-1].at)
    assert picture(again) == picture(first)


def test_protected_people_and_hub_only_words_survive_the_round_trip(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    hub = Hub(make_database("live"))
    child = {"label": "ann", "forename": "Ann", "address": "1 Hidden Lane", "postcode": "QN1", "address_withheld": True}
    adult = {"name": "Jo", "address": "1 Hidden Lane", "address_withheld": True, "relationship": "mother"}
    contact_id = hub.screened("amber", children=[child], adults=[adult], referrer={"name": "Aunt", "shielded": True})
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, question="What is known of Jo?")
    hub.do("health", Verb.RETURN_INFORMATION, contact_id, agency="health", reply="information_held", summary="Held.")
    again = played(make_database("live"), exported(hub.db, tmp_path))
    assert picture(again) == picture(hub.db)


def test_acts_of_the_instant_at_which_a_bank_holiday_is_announced_keep_their_order(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    hub = Hub(make_database("live"), datetime(2026, 12, 27, 13, 1, 26, tzinfo=UTC))
    before, after = hub.receive(), hub.receive()
    hub.do("screener", Verb.START_SCREENING, before)
    holiday = AnnounceBankHoliday.model_validate({"date": "2026-12-29", "name": "Jubilee"})
    with clock.at(hub.at):
        hub.office.announce(hub.actors["manager"], holiday)
    hub.do("screener", Verb.START_SCREENING, after)
    due = [c.due_at.day for one in (before, after) for c in hub.page(one).clocks if c.clock == "first_look"]
    assert due == [29, 30]
    again = played(make_database("live"), exported(hub.db, tmp_path))
    assert picture(again) == picture(hub.db)
