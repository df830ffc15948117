"""An alert is handed to a named colleague; why something was out of timescale, and what was done, is on record."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mash.db import Database
from mash.errors import NotPermitted, Refused
from mash.models.time import Deadline
from mash.vocabulary import Verb
from mash.workflow.alerts import alerts
from mash.workflow.why import why
from tests.conftest import MakeDatabase
from tests.support.hub import Hub
from tests.test_export import exported, picture, played

V = Verb
DECISION = {"clock": "decision", "episode": 1}
SAID = {**DECISION, "cause": "waiting_for_partner", "remedy": "The police rang back; we agreed a named contact."}


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def late(hub: Hub) -> str:
    contact_id = hub.screened("red", agreement={"status": "given"})
    hub.later(hours=5)
    hub.sweep()
    return contact_id


def taker(hub: Hub, clock: str = "decision", episode: int = 1) -> str | None:
    with hub.db.reading() as look:
        row = select(Deadline.taken_by).where(Deadline.clock == clock, Deadline.episode == episode)
        taken_by = look.execute(row).scalar_one()
    return next((name for name, actor in hub.actors.items() if actor.user_id == taken_by), None)


def test_who_answers_for_an_alert_hands_it_to_a_colleague_and_a_manager_hands_on_anybody_s(hub: Hub) -> None:
    contact_id = late(hub)
    screener, decider = hub.actors["screener"].user_id, hub.actors["decider"].user_id
    with pytest.raises(Refused, match="Nobody has taken it on, and you do not"):
        hub.do("screener", V.HAND_ALERT_TO, contact_id, **DECISION, to=decider)
    hub.do("manager", V.HAND_ALERT_TO, contact_id, **DECISION, to=screener, note="Ring the police again.")
    assert taker(hub) == "screener"
    with pytest.raises(Refused, match="Screener answers for it already"):
        hub.do("manager", V.HAND_ALERT_TO, contact_id, **DECISION, to=screener)
    with pytest.raises(Refused, match="Screener answers for it, and you do not"):
        hub.do("officer", V.HAND_ALERT_TO, contact_id, **DECISION, to=decider)
    hub.do("screener", V.HAND_ALERT_TO, contact_id, **DECISION, to=decider)
    assert taker(hub) == "decider"
    entry = hub.page(contact_id).timeline[0]
    assert entry.what == "Alert handed to a colleague: Decision."
    (line,) = alerts(hub.db, hub.office.rulebook, hub.actors["decider"], hub.at).rows
    assert line.taken_by_me


@pytest.mark.parametrize("to", ["administrator", "police", "nobody"])
def test_an_alert_goes_only_to_somebody_who_sees_contacts(hub: Hub, to: str) -> None:
    contact_id = late(hub)
    whom = hub.actors[to].user_id if to in hub.actors else to
    with pytest.raises(Refused, match="Choose a colleague of this front door"):
        hub.do("manager", V.HAND_ALERT_TO, contact_id, **DECISION, to=whom)


def test_why_it_was_late_and_what_was_done_stands_on_the_contact_and_it_stays_late(hub: Hub) -> None:
    contact_id = late(hub)
    hub.do("decider", V.RESOLVE_BREACH, contact_id, **SAID)
    (shown,) = (one for one in hub.page(contact_id).clocks if one.clock == "decision")
    assert shown.late and shown.resolved is not None and not shown.ended
    assert (shown.resolved.by, shown.resolved.cause) == ("Decider, decision maker", "Waiting for a partner agency")
    assert shown.resolved.remedy == SAID["remedy"]
    entry = hub.page(contact_id).timeline[0]
    assert entry.what == "Why out of timescale: Decision. Waiting for a partner agency."
    assert entry.words == (("What was done", SAID["remedy"]),)
    (told,) = (one for one in why(hub.db, hub.actors["screener"], hub.at, contact_id).times if one.clock == "decision")
    assert any(line.startswith(entry.what) for line in told.standing)


def test_it_may_be_said_again_when_the_work_is_done_and_the_later_one_counts(hub: Hub) -> None:
    contact_id = late(hub)
    hub.do("decider", V.RESOLVE_BREACH, contact_id, **SAID)
    hub.do("decider", V.RECORD_DECISION, contact_id, outcome="early_help", rationale="Support offered.", **WITHOUT)
    hub.later(days=1)
    hub.do("manager", V.RESOLVE_BREACH, contact_id, **(SAID | {"cause": "capacity"}))
    (shown,) = (one for one in hub.page(contact_id).clocks if one.clock == "decision")
    assert shown.ended and shown.resolved is not None and shown.resolved.cause.startswith("Not enough people")


WITHOUT = {"without": ["police", "health", "education"]}


def test_only_what_was_out_of_timescale_is_explained_with_a_cause_and_a_remedy(hub: Hub) -> None:
    contact_id = late(hub)
    with pytest.raises(NotPermitted):
        hub.do("screener", V.RESOLVE_BREACH, contact_id, **SAID)
    with pytest.raises(Refused) as no:
        hub.do("decider", V.RESOLVE_BREACH, contact_id, clock="acknowledgement")
    assert no.value.reasons == (
        "Choose why it was out of timescale.",
        "Say what was done about it.",
        "It was never out of timescale: there is nothing to explain.",
    )
    with pytest.raises(Refused, match="There is no such deadline"):
        hub.do("decider", V.RESOLVE_BREACH, contact_id, **(SAID | {"episode": 2}))
    hub.do("manager", V.ANNUL_BREACH, contact_id, **DECISION, reason="The office was evacuated.")
    with pytest.raises(Refused, match="It has been annulled: it counts as in time"):
        hub.do("decider", V.RESOLVE_BREACH, contact_id, **SAID)


def test_a_second_time_out_of_timescale_is_a_new_alert_that_nobody_has_taken_and_nobody_has_explained(hub: Hub) -> None:
    contact_id = late(hub)
    hub.do("decider", V.TAKE_ALERT, contact_id, **DECISION)
    hub.do("decider", V.RESOLVE_BREACH, contact_id, **SAID)
    hub.do("manager", V.ANNUL_BREACH, contact_id, **DECISION, reason="The office was evacuated.")
    hub.later(hours=5)
    hub.sweep()
    first, second = (
        next(one for one in hub.page(contact_id).clocks if (one.clock, one.episode) == ("decision", n)) for n in (1, 2)
    )
    assert first.resolved is not None and first.ended
    assert second.late and second.resolved is None and second.taken_by is None


def test_both_acts_come_back_from_an_export(hub: Hub, make_database: MakeDatabase, tmp_path: Path) -> None:
    contact_id = late(hub)
    hub.do("manager", V.HAND_ALERT_TO, contact_id, **DECISION, to=hub.actors["second_decider"].user_id)
    hub.do("decider", V.RESOLVE_BREACH, contact_id, **SAID)
    hub.at += timedelta(seconds=1)
    hub.sweep()
    copy = played(make_database("live"), exported(hub.db, tmp_path))
    assert picture(copy) == picture(hub.db)
    with copy.reading() as look:
        row = look.execute(select(Deadline.cause, Deadline.taken_by).where(Deadline.clock == "decision")).one()
    assert row.cause == "waiting_for_partner" and row.taken_by is not None
