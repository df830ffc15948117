"""Replay of an export is the same record again: contacts, people, deadlines, alerts, history."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock, replay, rulebook
from mash.db import Database
from mash.export import export_events
from mash.models.contact import EventWords, HubOnlyWords
from mash.models.people import ContactAdult, ContactChild, Referrer, ShieldedReferrer, WithheldAddress
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.results import result_lines
from tests.conftest import MakeDatabase
from tests.support.hub import Hub, northbridge, northbridge_with
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


def played(db: Database, file: Path, rules: RuleSet | None = None) -> Database:
    rulebook.install(db, [rules or northbridge()])
    progress = replay.Replay(db).play(replay.read(file, ["northbridge"]))
    assert progress.events
    return db


def exported(db: Database, tmp_path: Path) -> Path:
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(export_events(db)), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["christmas", "late-holiday"])
def test_recorded_work_survives_the_round_trip(name: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    first = played(make_database("live"), events_file(name))
    lines = replay.read(events_file(name), ["northbridge"])
    again = make_database("live")
    rulebook.install(again, [northbridge()])
    replay.Replay(again).play(replay.read(exported(first, tmp_path), ["northbridge"]), lines[-1].at)
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


def test_what_one_contact_tells_another_within_one_second_keeps_its_order(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    hub = Hub(make_database("live"), datetime(2026, 11, 9, 10, tzinfo=UTC))
    hub.receive()
    hub.later(days=1)
    silent = hub.receive(children=[{"forename": "Somebody"}])
    hub.later(days=1)
    third = hub.receive()  # on two dates so far: nothing is suggested
    again = [{"forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}]
    hub.do("officer", Verb.ADD_FACTS, silent, children=again)  # the same child, and the earlier date: too late for it
    assert hub.page(third).suggested is None
    fourth = hub.receive()  # of the same second: by now the child was heard of on three dates
    assert hub.page(fourth).suggested is not None
    hub.later(seconds=1)
    hub.sweep()
    replayed = played(make_database("live"), exported(hub.db, tmp_path))
    assert picture(replayed) == picture(hub.db)


def test_what_is_told_of_one_child_by_three_at_once_comes_back_as_each_could_know_it(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    hub, rounds = Hub(make_database("live"), datetime(2026, 11, 11, 10, tzinfo=UTC)), range(8)
    silent = [hub.receive(received_at="2026-11-09T09:00Z", children=[{"forename": "Somebody"}]) for _ in rounds]
    barrier, forename = Barrier(3), ("Ann", "Ben", "Cy", "Di", "Ed", "Fay", "Gus", "Hal")

    def tell(n: int, how: str) -> None:
        child = [{"forename": forename[n], "surname": "Ash", "date_of_birth": "2015-06-22"}]
        barrier.wait()
        if how == "add":
            hub.do("officer", Verb.ADD_FACTS, silent[n], children=child)
        else:
            hub.receive(received_at=how, children=child)

    with ThreadPoolExecutor(3) as people:
        for n in rounds:
            list(people.map(tell, [n] * 3, ["2026-11-10T09:00Z", "add", "2026-11-11T09:00Z"]))
    hub.later(seconds=1)
    hub.sweep()
    replayed = played(make_database("live"), exported(hub.db, tmp_path))
    assert picture(replayed) == picture(hub.db)


def test_a_contact_closed_within_the_second_in_which_another_arrives_keeps_its_place(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    soon = {"colour": "red", "when": {"closed_within": "12 weeks"}, "because": "Closed not long ago."}
    rules = northbridge_with(suggestions__S0=soon)
    hub = Hub(make_database("live"), datetime(2026, 11, 9, 10, tzinfo=UTC), rules)
    closing = hub.receive(kind="advice")
    before = hub.receive()
    hub.do("screener", Verb.CLOSE, closing, reason="Advice was given.")
    after = hub.receive()
    assert [hub.page(one).suggested for one in (before, after)] == [None, "red"]
    replayed = played(make_database("live"), exported(hub.db, tmp_path), rules)
    assert picture(replayed) == picture(hub.db)


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
