"""Who has a contact in hand, who answers for an alert, and what was tried: on record, and never two at once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mash import export, recording_file, replay, rulebook
from mash.db import Database
from mash.errors import NotPermitted, Refused
from mash.models.contact import Contact
from mash.models.time import Deadline
from mash.vocabulary import Verb
from mash.workflow.results import result_lines
from tests.conftest import MakeDatabase
from tests.faults.racers import race
from tests.support.hub import Hub, northbridge

V = Verb


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def holder(hub: Hub, contact_id: str) -> str | None:
    with hub.db.reading() as look:
        held_by = look.execute(select(Contact.held_by).where(Contact.id == contact_id)).scalar()
    return next((name for name, actor in hub.actors.items() if actor.user_id == held_by), held_by)


def test_a_contact_is_taken_on_handed_on_and_put_back(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.do("screener", V.CLAIM, contact_id)
    with pytest.raises(Refused, match="You have it already"):
        hub.do("screener", V.CLAIM, contact_id)
    with pytest.raises(Refused, match=r"Screener has it since 9 Nov 10:00\. Ask them to hand it to you"):
        hub.do("officer", V.CLAIM, contact_id)
    with pytest.raises(Refused, match=r"Screener has it since .*, and you do not"):
        hub.do("officer", V.HAND_TO, contact_id, to=hub.actors["officer"].user_id)
    hub.do("screener", V.HAND_TO, contact_id, to=hub.actors["decider"].user_id, note="Known family.")
    assert holder(hub, contact_id) == "decider"
    assert hub.page(contact_id).holder == "Decider"
    with pytest.raises(Refused, match="and you do not"):
        hub.do("screener", V.RELEASE, contact_id)
    hub.do("manager", V.RELEASE, contact_id, reason="Off sick.")
    assert holder(hub, contact_id) is None
    with pytest.raises(Refused, match="Nobody has it: it is in the queue"):
        hub.do("decider", V.RELEASE, contact_id)
    hub.do("officer", V.CLAIM, contact_id)
    assert holder(hub, contact_id) == "officer"


@pytest.mark.parametrize("to", ["nobody", "health"])
def test_a_contact_is_handed_to_a_colleague_of_the_front_door_only(hub: Hub, to: str) -> None:
    contact_id = hub.receive()
    user = hub.actors[to].user_id if to in hub.actors else to
    with pytest.raises(Refused, match="Choose a colleague of this front door"):
        hub.do("screener", V.HAND_TO, contact_id, to=user)


def test_a_closed_contact_is_nobody_s(hub: Hub) -> None:
    contact_id = hub.receive(kind="advice")
    hub.do("screener", V.CLAIM, contact_id)
    hub.do("screener", V.CLOSE, contact_id, reason="Advice given.")
    assert holder(hub, contact_id) is None
    with pytest.raises(Refused):
        hub.do("screener", V.CLAIM, contact_id)


def test_an_alert_is_taken_on_by_somebody_who_answers_for_it(hub: Hub) -> None:
    contact_id = hub.screened("red")
    taken = {"clock": "decision", "episode": 1}
    with pytest.raises(Refused, match="No alert has been raised for this deadline"):
        hub.do("decider", V.TAKE_ALERT, contact_id, **taken)
    hub.later(hours=5)
    hub.sweep()
    with pytest.raises(NotPermitted):
        hub.do("screener", V.TAKE_ALERT, contact_id, **taken)
    with pytest.raises(Refused, match="There is no such deadline"):
        hub.do("decider", V.TAKE_ALERT, contact_id, clock="decision", episode=2)
    hub.do("decider", V.TAKE_ALERT, contact_id, **taken)
    with pytest.raises(Refused, match="You have taken this on already"):
        hub.do("decider", V.TAKE_ALERT, contact_id, **taken)
    hub.do("manager", V.TAKE_ALERT, contact_id, **taken)
    with hub.db.reading() as look:
        rows = select(Deadline.taken_by, Deadline.taken_at).where(Deadline.clock == "decision")
        assert look.execute(rows).one() == (hub.actors["manager"].user_id, hub.at)


def test_a_note_is_kept_with_who_wrote_it_and_changes_nothing_else(hub: Hub) -> None:
    contact_id = hub.receive()
    before = hub.page(contact_id)
    hub.do("officer", V.ADD_NOTE, contact_id, note="Tried mum 10:00, no answer.")
    page = hub.page(contact_id)
    assert (page.timeline[0].who, page.timeline[0].words[0][1]) == (
        "Officer, contact officer",
        "Tried mum 10:00, no answer.",
    )
    assert (page.state, page.clocks) == (before.state, before.clocks)
    with pytest.raises(Refused, match="Write the note"):
        hub.do("officer", V.ADD_NOTE, contact_id, note="  ")


def test_of_four_who_act_at_once_one_holds_it_one_rates_it_and_no_note_is_lost(database: Database) -> None:
    ran = race(database, contacts=12)
    assert ran.wrong == []
    assert [ran.done(verb) for verb in (V.CLAIM, V.ADD_NOTE, V.RATE_CONTACT)] == [12, 48, 12]


def test_who_had_what_comes_back_from_an_export(
    hub: Hub, make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> None:
    contact_id = hub.screened("red")
    hub.do("screener", V.CLAIM, contact_id)
    hub.do("screener", V.HAND_TO, contact_id, to=hub.actors["second_decider"].user_id)
    hub.later(hours=5, minutes=1)
    hub.do("manager", V.TAKE_ALERT, contact_id, clock="decision")
    hub.do("officer", V.ADD_NOTE, contact_id, note="Rang back.")
    file = tmp_path_factory.mktemp("export") / "events.jsonl"
    file.write_text("\n".join(export.export_events(hub.db)), encoding="utf-8")
    copy = make_database("live")
    rulebook.install(copy, [northbridge()])
    progress = replay.Replay(copy).play(recording_file.read(file, ["northbridge"]))
    assert not progress.refusals
    assert sorted(map(str, result_lines(copy))) == sorted(map(str, result_lines(hub.db)))
    with copy.reading() as look:
        (held_by,) = look.execute(select(Contact.held_by)).scalars()
    assert held_by is not None


def test_the_hour_is_london_s(database: Database) -> None:
    hub = Hub(database, datetime(2026, 6, 8, 9, 30, tzinfo=UTC))
    contact_id = hub.receive()
    hub.do("screener", V.CLAIM, contact_id)
    with pytest.raises(Refused, match="Screener has it since 8 Jun 10:30"):
        hub.do("decider", V.CLAIM, contact_id)
