"""A source that goes quiet is said once, stays said until it is back, and disturbs nothing else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from mash import audit_check, clock, export, rulebook
from mash.db import Database
from mash.errors import NotPermitted, Refused, Unsafe
from mash.models.audit import AuditEntry
from mash.silence.judging import Quiet
from mash.silence.page import KnownSilence, Sources, Standing, note_known, sources
from mash.silence.watch import call_quiet, watch
from mash.vocabulary import Source
from mash.workflow.details import AnnounceBankHoliday
from tests.support.hub import Hub, northbridge
from tests.support.intruder import intruder
from tests.support.writing import BEGIN, LAST, STOP, Police

KNOWN = "silence_known"


class Desk(Police):
    """The hub to which they write, and what it says and notes."""

    def announce(self, day: datetime) -> None:
        with clock.at(self.hub.at):
            late = AnnounceBankHoliday(date=day.date(), name="State funeral", borough="northbridge")
            self.hub.office.announce(self.hub.actors["manager"], late)

    def note(self, who: str) -> None:
        with clock.at(self.hub.at):
            known = KnownSilence(source=Source.POLICE, because="Their system is down: incident 4711.")
            note_known(self.hub.db, self.hub.actors[who], known)

    def page(self) -> Sources:
        return sources(self.hub.db, self.hub.office.rulebook, self.hub.actors["officer"], self.hub.at)

    def said(self) -> list[str]:
        with self.hub.db.reading() as look:
            rows = select(AuditEntry.action).where(AuditEntry.action.like("source_%") | (AuditEntry.action == KNOWN))
            return list(look.execute(rows.order_by(AuditEntry.seq)).scalars())


def test_a_silence_is_raised_once_noted_once_and_ended_when_the_flow_is_back(
    database: Database,
) -> None:
    desk = Desk(Hub(database, BEGIN))
    tuesday, friday = STOP + timedelta(days=1, hours=10), STOP + timedelta(days=4, hours=10)
    desk.announce(STOP)
    desk.announce(STOP + timedelta(days=1))
    desk.ring(tuesday)
    assert desk.page().quiet == () and [line.standing for line in desk.page().lines] == [Standing.AS_USUAL]
    with pytest.raises(Refused, match="Contacts come again"):
        desk.note("manager")
    before = list(export.export_events(database))

    desk.ring(friday)
    desk.ring(friday + timedelta(hours=2))
    (one,) = desk.page().quiet
    assert (one.source, one.since, one.raised_at) == (Source.POLICE, LAST, friday)
    assert (one.came, one.usual, one.least) == (0, 9, None)
    assert desk.said() == ["source_quiet"] and list(export.export_events(database)) == before

    with pytest.raises(NotPermitted):
        desk.note("decider")
    desk.note("manager")
    with pytest.raises(Refused, match="a colleague has noted"):
        desk.note("manager")
    (one,) = desk.page().quiet
    assert (one.known_by, one.known_at) == ("Manager", desk.hub.at)

    desk.write(STOP + timedelta(days=7), 1)
    desk.ring(desk.hub.at)
    assert [line.standing for line in desk.page().lines] == [Standing.QUIET]
    desk.write(STOP + timedelta(days=8))
    desk.write(STOP + timedelta(days=9))
    desk.ring(desk.hub.at)
    desk.ring(desk.hub.at + timedelta(minutes=5))
    assert desk.said() == ["source_quiet", KNOWN, "source_back"]
    assert desk.page().quiet == () and [line.standing for line in desk.page().lines] == [Standing.AS_USUAL]
    assert [one.ended_at for one in desk.page().earlier] == [desk.hub.at - timedelta(minutes=5)]
    assert audit_check.verify(database, None) == []


def test_a_borough_that_cannot_be_watched_keeps_no_other_from_it_and_the_bell_is_missed(database: Database) -> None:
    desk = Desk(Hub(database, BEGIN))
    unreadable = northbridge().model_copy(update={"name": "eastmere", "reference_prefix": "EM"})
    rulebook.install(database, [unreadable])
    with intruder(database) as somebody:
        somebody.disarm()
        somebody.run("UPDATE rule_sets SET resolved = resolved || ' ' WHERE slug = 'eastmere'")
    with pytest.raises(Unsafe, match="eastmere@1 were altered"), capture_logs() as logs:
        desk.ring(STOP + timedelta(days=4, hours=10))
    assert [one.source for one in desk.page().quiet] == [Source.POLICE]
    (said,) = logs
    assert (said["event"], said["borough"]) == ("silence.borough_failed", "eastmere")
    assert said["error"].startswith("Unsafe, rulebook.py:")


def test_timers_that_call_a_source_quiet_at_the_same_moment_call_it_so_once(database: Database) -> None:
    barrier, some = Barrier(4), list(Source)[:8]

    def call(source: Source) -> None:
        barrier.wait()
        call_quiet(database, "northbridge", source, Quiet(0, 0, 9.0), None, STOP)

    with ThreadPoolExecutor(4) as timers:
        for done in [timers.submit(call, source) for source in some for _ in range(4)]:
            done.result()
    with database.reading() as look:
        called = select(AuditEntry.facts).where(AuditEntry.action == "source_quiet")
        assert len(look.execute(called).all()) == len(some)


def test_a_hub_that_has_just_begun_has_too_little_past_to_tell_and_nothing_of_another_borough(
    database: Database,
) -> None:
    hub = Hub(database)
    hub.receive(source=Source.POLICE)
    rulebook.install(database, [northbridge().model_copy(update={"name": "eastmere", "reference_prefix": "EM"})])
    hub.actors["elsewhere"] = replace(hub.actors["officer"], borough="eastmere")
    hub.receive("elsewhere", source=Source.HOUSING)
    hub.later(days=21)
    with clock.at(hub.at):
        watch(database, hub.office.rulebook)
    page = sources(database, hub.office.rulebook, hub.actors["administrator"], hub.at)
    assert page.quiet == () and [(line.name, line.standing) for line in page.lines] == [("Police", Standing.TOO_SHORT)]
