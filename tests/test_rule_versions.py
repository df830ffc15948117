"""Versions of rules on record: which applies, what is refused, who withdrew which, and what somebody altered."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from mash import clock, doctor, rule_versions, rulebook
from mash.db import Database
from mash.errors import BadInput, NotFound, NotPermitted, Refused, Unsafe
from mash.models.audit import AuditEntry
from mash.models.time import RuleSetVersion
from mash.rule_versions import Standing
from mash.rulebook import Rulebook
from mash.rules.loader import fingerprint, resolved_text
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from tests.support.hub import Hub, northbridge, northbridge_with
from tests.support.intruder import Intruder, intruder

STORED = Path(__file__).parent / "rules" / "stored" / "northbridge-of-the-first-program.json"


def version(number: int, since: str, hours: int = 2) -> RuleSet:
    """Northbridge with other hours to rate in."""
    scale = {"due": f"{hours} working_hours"}
    return northbridge_with(version=number, in_force_from=since, clocks__screening__timescale=scale)


@pytest.fixture
def hub(database: Database) -> Hub:
    """Monday 9 November 2026; version 1 is in force from the beginning of the year."""
    return Hub(database)


@pytest.fixture
def somebody(hub: Hub) -> Iterator[Intruder]:
    with intruder(hub.db) as found:
        yield found


def install(hub: Hub, *rule_sets: RuleSet) -> list[str]:
    with clock.at(hub.at):
        return rulebook.install(hub.db, rule_sets)


def refused(hub: Hub, *rule_sets: RuleSet) -> str:
    with pytest.raises(BadInput) as no:
        install(hub, *rule_sets)
    return " ".join(no.value.reasons)


def on_record(hub: Hub) -> list[tuple[int, date]]:
    with hub.db.reading() as look:
        rows = select(RuleSetVersion.version, RuleSetVersion.in_force_from).order_by(RuleSetVersion.version)
        return [tuple(row) for row in look.execute(rows)]


def in_force(hub: Hub, day: str) -> int:
    with hub.db.reading() as look:
        return Rulebook().in_force(look, "northbridge", date.fromisoformat(day)).version


def listed(hub: Hub) -> dict[int, rule_versions.Version]:
    with clock.at(hub.at):
        return {one.number: one for one in rule_versions.versions(hub.db, hub.actors["manager"])}


def withdraw(hub: Hub, number: int, who: str = "administrator") -> None:
    with clock.at(hub.at):
        rule_versions.withdraw(hub.db, hub.actors[who], number)


def follows(hub: Hub, contact_id: str) -> int:
    with hub.db.reading() as look:
        found = look.execute(text("SELECT rule_set_version FROM contacts WHERE id = :id"), {"id": contact_id})
        return int(found.scalar_one())


# ---- Which applies --------------------------------------------------------------------------------------------------


def test_a_contact_keeps_the_version_of_its_day_of_receipt_and_the_next_day_has_the_next(hub: Hub) -> None:
    assert install(hub, version(2, "2026-11-10")) == ["northbridge@2"]
    before = hub.receive()
    hub.at = datetime(2026, 11, 9, 23, 59, 59, tzinfo=UTC)
    at_the_last_second = hub.receive()
    hub.at = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
    after, keyed_late = hub.receive(), hub.receive(received_at="2026-11-09T16:00:00+00:00")
    hub.do("screener", Verb.START_SCREENING, before)
    assert [follows(hub, one) for one in (before, at_the_last_second, after, keyed_late)] == [1, 1, 2, 1]
    assert {number: one.contacts for number, one in listed(hub).items()} == {1: 3, 2: 1}


def test_midnight_is_londons_also_in_summer(database: Database) -> None:
    hub = Hub(database, datetime(2026, 6, 8, 10, tzinfo=UTC))
    hub.receive(received_at="2026-06-07T23:30:00+00:00")  # half past midnight of the 8th in London
    assert "Write `in_force_from: 2026-06-09` or later" in refused(hub, version(2, "2026-06-08"))
    install(hub, version(2, "2026-06-09"))
    assert [in_force(hub, day) for day in ("2026-06-08", "2026-06-09")] == [1, 2]


def test_on_any_day_the_version_of_that_day_is_found(hub: Hub) -> None:
    install(hub, version(2, "2026-11-16"), version(3, "2026-12-01"))
    days = {"2026-01-01": 1, "2026-11-15": 1, "2026-11-16": 2, "2026-11-30": 2, "2026-12-01": 3, "2036-12-01": 3}
    assert {day: in_force(hub, day) for day in days} == days
    found = listed(hub)
    assert [(n, one.until, one.standing) for n, one in found.items()] == [
        (3, None, Standing.COMING),
        (2, date(2026, 11, 30), Standing.COMING),
        (1, date(2026, 11, 15), Standing.IN_FORCE),
    ]
    hub.at = datetime(2026, 11, 20, tzinfo=UTC)
    assert [one.standing for one in listed(hub).values()] == [Standing.COMING, Standing.IN_FORCE, Standing.PAST]


def test_before_the_first_version_a_contact_is_refused_and_told_from_when_there_are_rules(hub: Hub) -> None:
    said = (
        "No rules of “northbridge” are in force on 31 December 2025. The first are in force from 1 January 2026: "
        "check the date."
    )
    with pytest.raises(Refused) as no:
        hub.receive(received_at="2025-12-31T12:00:00+00:00")
    assert no.value.reasons == (said,)
    with hub.db.reading() as look, pytest.raises(Refused, match="There are none here"):
        Rulebook().in_force(look, "atlantis", date(2026, 11, 9))


# ---- What is refused ------------------------------------------------------------------------------------------------


def test_a_changed_file_of_a_version_in_force_is_refused_and_says_what_differs_and_what_to_write(hub: Hub) -> None:
    said = refused(hub, northbridge_with(clocks__decision__label="Decided"))
    assert "northbridge@1: the file differs from the version that is in force" in said
    assert "Decision, name on screen: Decision → Decided." in said
    assert "Give the changed rules `version: 2` and an `in_force_from` from 2026-11-10 on" in said
    install(hub, version(2, "2026-11-16"))
    assert "`version: 3`" in refused(hub, northbridge_with(clocks__decision__label="Decided"))


def test_the_same_file_is_installed_again_without_a_word(hub: Hub) -> None:
    assert install(hub, northbridge()) == []
    assert len(on_record(hub)) == 1


def test_colours_in_another_order_are_another_file(hub: Hub) -> None:
    colours = json.loads(resolved_text(northbridge()))["colours"]
    said = refused(hub, northbridge_with(colours=dict(reversed(colours.items()))))
    assert "Colours, the lowest first: Green, Amber, Red → Red, Amber, Green." in said


def test_a_version_that_would_begin_before_an_earlier_number_is_refused(hub: Hub) -> None:
    install(hub, version(2, "2026-12-01"))
    said = refused(hub, version(3, "2026-11-30"))
    assert "lies before that of version 2. Write 2026-12-01 or later" in said
    assert install(hub, version(3, "2026-12-01", 3)) == ["northbridge@3"], "what has not begun may be replaced"
    assert in_force(hub, "2026-12-01") == 3


def test_a_lower_number_is_not_put_behind_a_higher_one(database: Database) -> None:
    with clock.at(datetime(2026, 11, 9, tzinfo=UTC)):
        rulebook.install(database, [version(2, "2026-11-16")])
        with pytest.raises(BadInput, match="lies after that of version 2, which is there already"):
            rulebook.install(database, [version(1, "2026-11-17")])
        assert rulebook.install(database, [version(1, "2026-11-01")]) == ["northbridge@1"]


def test_a_version_for_days_on_which_contacts_came_under_another_is_refused(hub: Hub) -> None:
    hub.receive()
    for since in ("2026-01-01", "2026-11-09"):
        said = refused(hub, version(2, since))
        assert "contacts have been received under another version" in said
        assert "Write `in_force_from: 2026-11-10` or later" in said
    assert on_record(hub) == [(1, date(2026, 1, 1))]
    assert install(hub, version(2, "2026-11-10")) == ["northbridge@2"]


def test_a_day_without_contacts_may_still_get_another_version(hub: Hub) -> None:
    hub.receive()
    hub.later(days=3)
    assert install(hub, version(2, "2026-11-11")) == ["northbridge@2"]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_half_applied(hub: Hub) -> None:
    hub.receive()
    eastmere = northbridge().model_copy(update={"name": "eastmere", "reference_prefix": "EM"})
    said = refused(hub, eastmere, northbridge_with(title="Northbury"), version(2, "2026-11-09"))
    assert "Name of the borough: Northbridge → Northbury." in said and "northbridge@2" in said
    assert on_record(hub) == [(1, date(2026, 1, 1))]


def test_several_versions_of_a_new_database_are_put_in_by_number_whatever_their_files_are_called(
    database: Database,
) -> None:
    given = [version(3, "2026-12-01"), version(1, "2026-01-01"), version(2, "2026-06-01")]
    assert rulebook.install(database, given) == ["northbridge@1", "northbridge@2", "northbridge@3"]


def test_several_programs_that_start_at_once_put_a_version_in_once(hub: Hub) -> None:
    with ThreadPoolExecutor(4) as many:
        added = [one.result() for one in [many.submit(install, hub, version(2, "2026-11-16")) for _ in range(4)]]
    assert sorted(added) == [[], [], [], ["northbridge@2"]]


def test_a_receipt_and_a_version_for_the_same_day_never_pass_each_other(hub: Hub) -> None:
    """Whoever is second sees the first: a contact of today under version 1, or version 2 of today, and never both."""
    with ThreadPoolExecutor(2) as both:
        for number, day in enumerate(range(9, 29), 2):
            hub.at = datetime(2026, 11, day, 10, tzinfo=UTC)
            receiving = both.submit(hub.receive)
            installing = both.submit(install, hub, version(number, f"2026-11-{day:02}"))
            contact_id, was_refused = receiving.result(), installing.exception() is not None
            with hub.db.reading() as look:
                newest = look.execute(select(func.max(RuleSetVersion.version))).scalar_one()
            assert was_refused == (newest != number)
            assert follows(hub, contact_id) == in_force(hub, f"2026-11-{day:02}")
            if was_refused:
                install(hub, version(number, f"2026-11-{day + 1:02}"))


def test_who_put_a_version_in_force_is_on_record_with_its_fingerprint(hub: Hub) -> None:
    install(hub, version(2, "2026-11-16"))
    with hub.db.reading() as look:
        entries = look.execute(select(AuditEntry.stream, AuditEntry.actor_id, AuditEntry.facts)).all()
    found = [(e.stream, e.actor_id, json.loads(e.facts)) for e in entries if e.stream == "borough:northbridge"]
    assert found == [
        ("borough:northbridge", None, {"version": number, "in_force_from": since, "sha256": fingerprint(told)})
        for number, since, told in (
            (1, "2026-01-01", resolved_text(northbridge())),
            (2, "2026-11-16", resolved_text(version(2, "2026-11-16"))),
        )
    ]


# ---- Withdrawn ------------------------------------------------------------------------------------------------------


def test_a_version_still_to_come_is_withdrawn_and_never_applies(hub: Hub) -> None:
    install(hub, version(2, "2026-11-16"))
    withdraw(hub, 2)
    assert in_force(hub, "2026-11-16") == 1
    found = listed(hub)
    assert found[2].standing is Standing.WITHDRAWN and found[2].withdrawn_by == "Administrator"
    assert found[1].until is None
    assert install(hub, northbridge(), version(2, "2026-11-16")) == [], "its file does not bring it back"
    assert in_force(hub, "2026-11-16") == 1
    assert "`version: 3`" in refused(hub, version(2, "2026-11-17"))
    with pytest.raises(Refused, match="was withdrawn before"):
        withdraw(hub, 2)


def test_a_version_is_withdrawn_until_the_day_before_and_no_later(hub: Hub) -> None:
    install(hub, version(2, "2026-11-16"), version(3, "2026-11-30"))
    hub.at = datetime(2026, 11, 15, 23, 59, tzinfo=UTC)
    assert listed(hub)[2].may_be_withdrawn
    hub.at = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
    for number in (1, 2):
        with pytest.raises(Refused, match="until the day before it could be withdrawn"):
            withdraw(hub, number)
    withdraw(hub, 3)
    with pytest.raises(NotFound):
        withdraw(hub, 4)


def test_only_an_administrator_withdraws(hub: Hub) -> None:
    install(hub, version(2, "2026-11-16"))
    for who in ("manager", "decider", "police"):
        with pytest.raises(NotPermitted):
            withdraw(hub, 2, who)
    with pytest.raises(NotPermitted):
        rule_versions.versions(hub.db, hub.actors["police"])


# ---- Earlier programs, and somebody else's hand ---------------------------------------------------------------------


def stored(db: Database, told: str, number: int = 1, since: date = date(2026, 1, 1)) -> None:
    """As a program of an earlier day left it: it wrote another text than this one would."""
    row = {"slug": "northbridge", "version": number, "in_force_from": since, "resolved": told}
    with db.transaction() as tx:
        now = datetime(2026, 1, 1, 12, tzinfo=UTC)
        tx.execute(insert(RuleSetVersion).values(**row, sha256=fingerprint(told), loaded_at=now))


def test_a_file_that_was_not_changed_is_not_refused_after_keys_were_added_to_the_language(database: Database) -> None:
    data = json.loads(resolved_text(northbridge()))
    del data["who_may"], data["rating"]["suggestion_never_falls"], data["clocks"]["decision"]["for_agency"]
    stored(database, json.dumps(data))
    hub = Hub(database)  # installs Northbridge's file as it is
    assert on_record(hub) == [(1, date(2026, 1, 1))]
    assert follows(hub, hub.receive()) == 1
    assert doctor.examine(database, hub.at) == []


def test_contacts_of_rules_that_the_first_program_stored_are_worked_and_read(database: Database) -> None:
    stored(database, STORED.read_text(encoding="utf-8"))
    with clock.at(datetime(2026, 11, 9, tzinfo=UTC)):
        rulebook.install(database, [northbridge_with(version=2, in_force_from="2026-11-12")])
    hub = Hub(database, rules=northbridge_with(version=2, in_force_from="2026-11-12"))
    old = hub.screened("amber", concerns=["neglect"])
    assert follows(hub, old) == 1
    assert {one.clock for one in hub.page(old).clocks} >= {"decision", "statutory_decision"}
    assert doctor.examine(database, hub.at) == []


def test_a_key_that_this_program_has_lost_leaves_contacts_readable_and_the_doctor_names_it(hub: Hub) -> None:
    data = json.loads(resolved_text(version(2, "2026-11-10")))
    data["clocks"]["screening"]["moon"] = "full"
    stored(hub.db, json.dumps(data), 2, date(2026, 11, 10))
    hub.later(days=1)
    contact_id = hub.screened("amber")
    assert follows(hub, contact_id) == 2 and hub.page(contact_id).reference
    (finding,) = doctor.examine(hub.db, hub.at)
    assert finding.reference == "northbridge@2" and "clocks.screening.moon" in finding.sentence
    with clock.at(hub.at):
        shown = rule_versions.version(hub.db, Rulebook(), hub.actors["manager"], 2)
    assert shown.set_aside == ("clocks.screening.moon",)
    assert install(hub, version(2, "2026-11-10")) == [], "the file without the key is the same rules"


def test_a_text_altered_in_the_database_is_refused_loudly(hub: Hub, somebody: Intruder) -> None:
    contact_id = hub.screened("amber")
    somebody.disarm()
    somebody.run("UPDATE rule_sets SET resolved = replace(resolved, '4 clock_hours', '9 clock_hours')")
    with hub.db.reading() as look, pytest.raises(Unsafe, match="northbridge@1 were altered in the database"):
        Rulebook().version(look, "northbridge", 1)
    with pytest.raises(Unsafe, match="Nothing is counted by them"):
        Hub(hub.db)
    with pytest.raises(Unsafe):
        hub.page(contact_id)
    (finding,) = doctor.examine(hub.db, hub.at)
    assert finding.reference == "northbridge@1" and "restore the table rule_sets" in finding.sentence


def test_a_text_exchanged_together_with_its_fingerprint_does_not_fit_the_audit_trail(
    hub: Hub, somebody: Intruder
) -> None:
    told = resolved_text(northbridge()).replace("4 clock_hours", "9 clock_hours")
    somebody.disarm()
    somebody.run("UPDATE rule_sets SET resolved = :told, sha256 = :hash", told=told, hash=fingerprint(told))
    (finding,) = doctor.examine(hub.db, hub.at)
    assert finding.reference == "northbridge@1" and "exchanged together" in finding.sentence


def test_rules_that_no_program_can_read_are_named_and_stop_nobody_else(hub: Hub) -> None:
    data = json.loads(resolved_text(northbridge())) | {"name": "eastmere", "colours": {}}
    told = json.dumps(data)
    with hub.db.transaction() as tx:
        row = {"slug": "eastmere", "version": 1, "in_force_from": date(2026, 1, 1), "resolved": told}
        tx.execute(insert(RuleSetVersion).values(**row, sha256=fingerprint(told), loaded_at=hub.at))
    hub.receive()
    (finding,) = doctor.examine(hub.db, hub.at)
    assert finding.reference == "eastmere@1" and "stored by another program" in finding.sentence
