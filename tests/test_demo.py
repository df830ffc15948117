"""The demonstration looks lived-in at whatever moment it is made, and nobody in it is real."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TypeVar

import pytest
from sqlalchemy import ColumnElement

from mash import clock, demo, migrate, rulebook
from mash.accounts.users import demo_users
from mash.agencies.desks import desk_list
from mash.db import Database
from mash.invented.journeys import HOUR, SYSTEM, Hub
from mash.invented.plan import Plan
from mash.invented.reports import names, reports
from mash.permissions import Actor
from mash.recording_file import Line
from mash.replay import Progress
from mash.rulebook import Rulebook
from mash.rules.loader import load_folder
from mash.rules.ruleset import RuleSet
from mash.settings import ROOT
from mash.silence.page import quiet_now
from mash.silence.watch import watch
from mash.vocabulary import Agreement, Handling, Kind, Reply, Role, State, Verb
from mash.workflow.details import ReceiveContact, RequestInformation, ReturnInformation
from mash.workflow.standing import IS_OPEN, Standing, standings

MOMENTS = {
    "a Tuesday morning": "2026-11-17T11:00+00:00",
    "a Friday before closing": "2026-11-20T16:55+00:00",
    "a Saturday night": "2026-11-21T03:00+00:00",
    "a bank holiday": "2026-08-31T12:00+01:00",
    "Christmas Eve": "2026-12-24T14:30+00:00",
    "the doubled hour of October": "2026-10-25T01:30+01:00",
}
Kinded = TypeVar("Kinded")
OPEN = frozenset(State) - {State.CLOSED, State.TRANSFERRED}


@cache
def northbridge() -> RuleSet:
    return next(rules for rules in load_folder(ROOT / "config") if rules.name == demo.BOROUGH)


@dataclass(frozen=True)
class Filled:
    """A demonstration that has been filled."""

    db: Database
    now: datetime
    progress: Progress

    @cached_property
    def open(self) -> list[Standing]:
        return self._standings(IS_OPEN)

    @cached_property
    def finished(self) -> list[Standing]:
        return self._standings(~IS_OPEN)

    def _standings(self, which: ColumnElement[bool]) -> list[Standing]:
        with self.db.reading() as look:
            return standings(look, Rulebook(), self.somebody(Role.SERVICE_MANAGER), self.now, which)

    @staticmethod
    def somebody(role: Role, desk: str | None = None) -> Actor:
        return Actor("somebody", "Somebody", role, demo.BOROUGH, desk)

    def about_to_be_late(self) -> list[Standing]:
        """Due within an hour of opening time."""
        hours = northbridge().working_times(frozenset())["hub"]
        limit = hours.forward(int(self.now.timestamp()), HOUR)
        return [row for row in self.open if row.worst and not row.late and row.worst.due_at.timestamp() <= limit]


def filled_at(db: Database, text: str) -> Filled:
    migrate.build(db, purpose="demo")
    rulebook.install(db, [northbridge()])
    now = datetime.fromisoformat(text)
    return Filled(db, now, demo.play(db, now))


@pytest.fixture(scope="module", params=MOMENTS.values(), ids=MOMENTS)
def filled(request: pytest.FixtureRequest) -> Iterator[Filled]:
    db = Database("sqlite://")
    yield filled_at(db, request.param)
    db.close()


def lines_at(text: str) -> list[Line]:
    now = datetime.fromisoformat(text)
    return demo.recording(northbridge(), now)


@cache
def a_recording() -> list[Line]:
    return lines_at(MOMENTS["a Tuesday morning"])


def details_of(kind: type[Kinded]) -> list[Kinded]:
    return [line.details for line in a_recording() if isinstance(line.details, kind)]


# -- at any moment ----------------------------------------------------------------------------------------------------


def test_nothing_is_refused_and_it_is_not_too_much_to_wait_for(filled: Filled) -> None:
    assert filled.progress.refusals == []
    assert filled.progress.events <= 1_300


def test_about_sixty_contacts_are_open_in_every_stage(filled: Filled) -> None:
    assert 56 <= len(filled.open) <= 66
    by_stage = Counter(row.state for row in filled.open)
    assert set(by_stage) == OPEN
    assert max(by_stage.values()) <= 20


def test_every_colour_is_there_and_some_have_none_yet(filled: Filled) -> None:
    colours = Counter(row.rag for row in filled.open)
    assert all(colours[rag] >= 5 for rag in ("red", "amber", "green", None)), colours


def test_some_are_out_of_timescale_and_some_are_about_to_be(filled: Filled) -> None:
    assert 8 <= sum(row.late for row in filled.open) <= 14
    assert 6 <= len(filled.about_to_be_late()) <= 12


def test_weeks_of_finished_work_lie_behind(filled: Filled) -> None:
    rows = filled.finished
    assert 60 <= len(rows) <= 100
    assert {row.state for row in rows} == {State.CLOSED, State.TRANSFERRED}
    assert 10 <= (filled.now - min(row.received_at for row in rows)).days <= 35


def test_a_hand_over_from_the_night_waits(filled: Filled) -> None:
    waiting = [row for row in filled.open if row.worst and row.worst.clock == "edt_handover"]
    assert waiting


def test_no_source_is_called_quiet_on_the_first_two_days(filled: Filled) -> None:
    for hours in (0, 24, 48):
        with clock.at(filled.now + timedelta(hours=hours)):
            watch(filled.db, Rulebook())
    assert quiet_now(filled.db, filled.somebody(Role.SERVICE_MANAGER)) == ()


def test_every_desk_has_something_to_answer_or_has_answered(filled: Filled) -> None:
    for desk in ("police", "health", "education", "housing"):
        shown = desk_list(filled.db, filled.somebody(Role.DESK, desk), filled.now)
        assert shown.dealt_with, desk
        assert shown.awaited or desk in ("police", "housing"), desk


def test_a_demonstration_is_filled_on_either_database(make_database: Callable[[str], Database]) -> None:
    db = make_database("demo")
    rulebook.install(db, [northbridge()])
    assert not demo.is_filled(db)
    now = datetime.fromisoformat(MOMENTS["a Tuesday morning"])
    demo.fill(db, now)
    assert demo.is_filled(db)
    assert {user.username for user in demo_users(db)} == {user.username for user in demo.DEMO_USERS.values()}
    assert len(Filled(db, now, Progress()).open) >= 56


def test_the_same_moment_gives_the_same_work() -> None:
    assert lines_at(MOMENTS["a Tuesday morning"]) == a_recording()
    assert lines_at(MOMENTS["Christmas Eve"]) != a_recording()


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_everything_that_a_front_door_meets_is_shown() -> None:
    done = Counter(line.verb for line in a_recording())
    shown = {verb for verb in done if verb}
    assert set(Verb) - shown <= {Verb.RESUBMIT, Verb.TRANSFER_REFUSED, Verb.RESUME_CLOCK} | {
        Verb.ANNOUNCE_BANK_HOLIDAY,
        Verb.RECORD_AGREEMENT,
        Verb.LIFT_DEADLINE,
        Verb.ANNUL_BREACH,
        Verb.CLAIM,
        Verb.RELEASE,
        Verb.HAND_TO,
        Verb.TAKE_ALERT,
        Verb.ADD_NOTE,
    }
    assert done[Verb.RATE_CONTACT] > len({line.contact for line in a_recording() if line.verb is Verb.RATE_CONTACT})
    assert any(line.details.model_dump().get("agree") is False for line in a_recording() if line.details)
    assert any(
        line.details.model_dump().get("event") == "police_protection_begun" for line in a_recording() if line.details
    )


def test_contacts_differ_as_they_do() -> None:
    contacts = details_of(ReceiveContact)
    assert {contact.kind for contact in contacts} == set(Kind)
    assert {"given", "refused", "not_sought", "not_required"} == {contact.agreement.status for contact in contacts}
    assert {Agreement(contact.agreement.status) for contact in contacts} == set(Agreement)
    children = [child for contact in contacts for child in contact.children]
    assert any(child.expected_date_of_delivery for child in children)
    assert any(child.forename and not child.surname for child in children)
    assert any(not child.date_of_birth and not child.expected_date_of_delivery for child in children)
    assert any(child.address_withheld for child in children)
    assert any(contact.referrer.anonymous for contact in contacts)
    assert any(contact.referrer.shielded for contact in contacts)
    assert any(contact.parents_informed is False and contact.parents_informed_reason for contact in contacts)


def test_one_child_is_reported_again_and_again() -> None:
    days: dict[str, set[object]] = {}
    for contact in details_of(ReceiveContact):
        for child in contact.children:
            if child.label and contact.received_at:
                days.setdefault(child.label, set()).add(contact.received_at.date())
    assert max(map(len, days.values())) >= 3


def test_agencies_say_all_sorts_of_things() -> None:
    replies = details_of(ReturnInformation)
    assert {reply.reply for reply in replies} >= {Reply.INFORMATION_HELD, Reply.NOTHING_KNOWN, Reply.PARTIAL}
    assert {reply.handling for reply in replies} == set(Handling)
    assert all(reply.summary for reply in replies)
    assert len({reply.summary for reply in replies}) >= 30
    assert all(request.question for request in details_of(RequestInformation))


def test_hub_staff_work_in_opening_hours_and_the_duty_team_outside_them() -> None:
    hours = northbridge().working_times(frozenset())["hub"]
    for line in a_recording():
        if line.role not in (Role.DESK, Role.SYSTEM):
            assert hours.is_open(int(line.at.timestamp())) == (line.role is not Role.EDT), line


# -- who is in it -----------------------------------------------------------------------------------------------------


def test_nobody_in_it_is_real() -> None:
    for contact in details_of(ReceiveContact):
        referrer = contact.referrer
        assert re.fullmatch(r"07700 900\d{3}|020 7946 0\d{3}", referrer.phone or "07700 900000")
        assert (referrer.email or "@northbridge.example.org").endswith("@northbridge.example.org")
        for child in contact.children:
            assert re.fullmatch(r"QN\d{1,2} \d[A-Z]{2}", child.postcode or "QN1 1AA")
            assert (child.nhs_number or "999 ").startswith("999 ")
            assert set((child.surname or "Sample").split("-")) & set(names().plainly_invented)
        assert all(
            set((adult.name or "A Sample").split()[-1].split("-")) & set(names().plainly_invented)
            for adult in contact.adults
        )


def test_narratives_are_many_and_none_has_a_gap() -> None:
    told = {contact.narrative for contact in details_of(ReceiveContact)}
    assert len({report.says for report in reports().values()}) >= 60
    assert all(text and not re.search(r"[{}]|\bNone\b", text) for text in told)
    assert all(2 <= len(re.findall(r"[.?!]+[\"”]?(?:\s|$)", report.says)) <= 8 for report in reports().values())


def test_the_reports_use_the_codes_of_the_rules() -> None:
    rules = northbridge()
    for report in reports().values():
        assert set(report.concerns) <= set(rules.concerns), report.name
        assert set(report.ask) <= set(rules.agencies), report.name
        assert set(report.colours) <= set(rules.colours), report.name
        assert report.outcome is None or report.outcome.split()[0] in rules.outcomes, report.name
        assert report.from_ in names().referrers, report.name


def test_no_sort_of_referrer_is_left_over() -> None:
    assert {report.from_ for report in reports().values()} == set(names().referrers)


def test_two_people_never_share_a_name_and_every_desk_user_has_a_desk() -> None:
    users = demo.DEMO_USERS.values()
    assert len({user.username for user in users}) == len({user.name for user in users}) == len(users)
    assert {user.role for user in users} == set(Role) - {Role.SYSTEM}
    assert all((user.role is Role.DESK) == bool(user.desk) for user in users)


@pytest.mark.parametrize("hour", range(2, 24, 6))
def test_hour_by_hour_the_plan_holds(hour: int) -> None:
    now = datetime.fromisoformat(f"2026-09-16T{hour:02}:20+01:00")
    hub = Hub(northbridge(), int(now.timestamp()), frozenset())
    plan = Plan(hub, {by: demo.actor_of(by) for by in (*demo.DEMO_USERS, SYSTEM)}, demo.BOROUGH)
    stories = plan.stories()
    assert 56 <= sum(plan.paces.values()) <= 66
    assert 8 <= plan.paces["late"] <= 14
    assert 6 <= plan.paces["soon"] <= 12
    assert 60 <= len(stories) - sum(plan.paces.values()) <= 100
