"""One act is one transaction: whole or not at all, once, on the record, and by whoever saw the latest picture."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from mash import audit_check, clock, doctor
from mash.db import Database
from mash.errors import Conflict, MashError, NotFound, Refused
from mash.models.audit import AuditEntry
from mash.models.contact import Contact
from mash.models.people import ContactChild, Referrer, ShieldedReferrer, WithheldAddress
from mash.models.time import Alert
from mash.permissions import Actor
from mash.vocabulary import Role, State, Verb
from mash.workflow.details import NoDetails, ReceiveContact
from mash.workflow.shown import DeadlineShown
from tests.support.hub import MONDAY, Hub


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(database)


def count(db: Database, table: type) -> int:
    with db.reading() as look:
        return look.execute(select(func.count()).select_from(table)).scalar_one()


def test_every_act_is_one_entry_and_a_refusal_is_none(hub: Hub) -> None:
    before = count(hub.db, AuditEntry)
    contact_id = hub.decided()
    assert count(hub.db, AuditEntry) == before + 4
    with pytest.raises(Refused):
        hub.do("decider", Verb.SIGN_OFF, contact_id, agree=True)
    assert count(hub.db, AuditEntry) == before + 4
    assert audit_check.verify(hub.db) == []


def test_words_stay_out_of_the_audit_trail(hub: Hub) -> None:
    hub.screened("red", narrative="Secret-one.", referrer={"name": "Secret-two"}, concerns=["neglect"])
    with hub.db.reading() as look:
        for row in look.execute(select(AuditEntry.__table__)):
            assert "Secret" not in str(tuple(row)) and "Threshold document" not in str(tuple(row))


def test_whoever_judges_an_old_picture_loses_politely(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    seen = hub.page(contact_id).version
    hub.do("health", Verb.RETURN_INFORMATION, contact_id, agency="health", reply="information_held", summary="New.")
    with pytest.raises(Conflict, match=r"^The health desk changed this contact .* “Record a reply” at 10:00"):
        hub.do("decider", Verb.RECORD_DECISION, contact_id, version=seen, outcome="early_help", rationale="Old view.")
    hub.do("officer", Verb.ACKNOWLEDGE, contact_id, version=seen)


def test_a_warning_raised_meanwhile_spoils_no_form(hub: Hub) -> None:
    contact_id = hub.screened("amber", agreement={"status": "given"})
    seen = hub.page(contact_id).version
    hub.later(hours=26)
    assert hub.sweep().alerts > 0
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, version=seen)


def test_who_takes_it_on_meanwhile_spoils_no_form(hub: Hub) -> None:
    contact_id = hub.screened("amber", agreement={"status": "given"})
    seen = hub.page(contact_id).version
    hub.do("screener", Verb.CLAIM, contact_id)
    hub.do("screener", Verb.HAND_TO, contact_id, to=hub.actors["officer"].user_id)
    hub.do("decider", Verb.REQUEST_INFORMATION, contact_id, version=seen, agencies=["police"])
    hub.do("officer", Verb.ADD_NOTE, contact_id, note="Tried mum 14:10, no answer.")
    hub.do("officer", Verb.RELEASE, contact_id)
    with pytest.raises(Conflict, match=r"^Officer changed this contact .* “Add a note” at 10:00"):
        hub.do("decider", Verb.CLOSE, contact_id, version=seen + 3, reason="An old view.")


def test_a_contact_of_another_borough_does_not_exist(hub: Hub) -> None:
    stranger = Actor("s", "S", Role.SCREENER, "elsewhere")
    with pytest.raises(NotFound):
        hub.office.perform(stranger, Verb.START_SCREENING, hub.receive(), NoDetails())


def test_four_who_race_to_start_screening_are_one_winner_and_three_told_why(hub: Hub) -> None:
    barrier, contacts = Barrier(4), [hub.receive() for _ in range(8)]

    def start(contact_id: str) -> str:
        barrier.wait()
        try:
            with clock.at(MONDAY):
                hub.office.perform(hub.actors["screener"], Verb.START_SCREENING, contact_id, NoDetails())
            return "won"
        except Refused as error:
            return str(error)

    with ThreadPoolExecutor(4) as racers:
        for contact_id in contacts:
            results = sorted(racers.map(start, [contact_id] * 4))
            assert results == ["Screening has already been started."] * 3 + ["won"]


def test_the_same_form_sent_twice_is_one_contact_and_other_content_is_refused(hub: Hub) -> None:
    details = ReceiveContact.model_validate({"children": [{"forename": "Ann"}]})
    other = ReceiveContact.model_validate({"children": [{"forename": "Bo"}]})
    officer = hub.actors["officer"]
    first = hub.office.receive(officer, details, key="form-1")
    assert hub.office.receive(officer, details, key="form-1") == first
    with pytest.raises(Refused, match="sent before with other content"):
        hub.office.receive(officer, other, key="form-1")
    with ThreadPoolExecutor(4) as senders:
        copies = list(senders.map(lambda _: hub.office.receive(officer, other, key="form-2"), range(8)))
    assert len(set(copies)) == 1
    assert count(hub.db, Contact) == 2


def test_what_fails_half_way_leaves_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    contact_id = hub.screened("amber")
    before = (hub.page(contact_id), count(hub.db, AuditEntry))

    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("power cut")

    monkeypatch.setattr("mash.workflow.settle.Writing.store", broken)
    with pytest.raises(RuntimeError):
        hub.do("screener", Verb.REQUEST_INFORMATION, contact_id)
    monkeypatch.undo()
    assert (hub.page(contact_id), count(hub.db, AuditEntry)) == before
    assert audit_check.verify(hub.db) == [] and doctor.examine(hub.db, hub.at) == []


def test_events_of_a_contact_never_run_backwards(hub: Hub) -> None:
    contact_id = hub.screened("amber")
    hub.later(hours=-1)
    hub.do("officer", Verb.ACKNOWLEDGE, contact_id)
    assert hub.page(contact_id).timeline[0].at == MONDAY


def test_a_shielded_referrer_and_a_withheld_address_lie_in_tables_of_their_own(hub: Hub) -> None:
    child = {"forename": "Ann", "address": "1 Hidden Lane", "postcode": "QN1 1AA", "address_withheld": True}
    contact_id = hub.receive(children=[child], referrer={"name": "Aunt Secret", "shielded": True})
    with hub.db.reading() as look:
        plain = [*look.execute(select(ContactChild.__table__)), *look.execute(select(Referrer.__table__))]
        apart = [*look.execute(select(WithheldAddress.__table__)), *look.execute(select(ShieldedReferrer.__table__))]
    assert "Hidden Lane" not in str(plain) and "Aunt Secret" not in str(plain)
    assert "1 Hidden Lane" in str(apart) and "Aunt Secret" in str(apart)
    page = hub.page(contact_id)
    assert page.referrer_shielded and ("Name", "Aunt Secret") in page.referrer
    assert page.children[0].address == "1 Hidden Lane, QN1 1AA" and page.children[0].address_withheld


def first_look(hub: Hub, contact_id: str) -> DeadlineShown:
    return next(clock for clock in hub.page(contact_id).clocks if clock.label == "First look")


def test_a_deadline_that_passes_is_raised_once_and_stays_on_record(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=3, seconds=1)
    assert hub.sweep().alerts == 2
    hub.later(hours=1)
    assert hub.sweep().alerts == 2
    assert hub.sweep().alerts == 0
    hub.do("screener", Verb.START_SCREENING, contact_id)
    shown = first_look(hub, contact_id)
    assert shown.breached_at == MONDAY + timedelta(hours=4)
    assert shown.met_at == hub.at and shown.late


def test_met_at_the_very_instant_is_in_time_though_a_sweep_came_first(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=4)
    hub.sweep()
    hub.do("screener", Verb.START_SCREENING, contact_id)
    shown = first_look(hub, contact_id)
    assert shown.met_at == hub.at and shown.breached_at is None and not shown.late
    with hub.db.reading() as look:
        said = look.execute(select(Alert.kind).where(Alert.clock == "first_look")).scalars().all()
    assert said == ["warning"]


def test_what_came_due_before_an_act_is_raised_with_it(hub: Hub) -> None:
    contact_id = hub.receive()
    hub.later(hours=4, minutes=1)
    hub.do("officer", Verb.ACKNOWLEDGE, contact_id)
    with hub.db.reading() as look:
        said = {(a.clock, a.kind) for a in look.execute(select(Alert.clock, Alert.kind))}
    assert said == {(c, k) for c in ("first_look", "screening") for k in ("warning", "breach")}


def test_the_system_may_acknowledge_and_no_more(hub: Hub) -> None:
    contact_id = hub.receive()
    machine = Actor("system", "The system", Role.SYSTEM, "northbridge")
    hub.office.perform(machine, Verb.ACKNOWLEDGE, contact_id, NoDetails())
    with pytest.raises(MashError):
        hub.office.perform(machine, Verb.START_SCREENING, contact_id, NoDetails())
    assert hub.page(contact_id).state is State.RECEIVED
    assert hub.at - MONDAY == timedelta(0)
