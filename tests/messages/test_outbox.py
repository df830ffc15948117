"""An alert that was raised reaches somebody, at least once, whatever the mail server does; and nobody is flooded."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from mash import clock, rulebook
from mash.accounts import administration
from mash.accounts.colleagues import Reach, change_own_reach
from mash.accounts.users import create_user
from mash.db import Database
from mash.errors import Refused
from mash.messages import outbox
from mash.messages.carriers import set_up
from mash.messages.outbox import MOST_TRIES, Round
from mash.messages.seen import MessageShown, messages, trouble, try_again
from mash.messages.sending import NotNow, NotThere, Outgoing, Send
from mash.models.accounts import User
from mash.models.messages import Message
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.vocabulary import Carrier, Ending, Role, Verb
from mash.workflow.sweep import sweep
from tests.messages.test_webhook import webhook
from tests.support.hub import Hub, northbridge
from tests.support.intruder import intruder
from tests.support.receiving import HookServer, MailServer, hook_server, mail_server, with_addresses
from tests.workflow.test_right_time import red, wrong_by

V = Verb


@dataclass
class Office:
    """A hub whose timers send through a mail server; `hub.at` is the time."""

    hub: Hub
    server: MailServer
    carriers: dict[Carrier, Send] = field(default_factory=dict)

    def ring(self, **later: float) -> Round:
        """After a while: a sweep, and a round of messages."""
        self.hub.later(**later)
        self.hub.sweep()
        with clock.at(self.hub.at):
            return outbox.ring(self.hub.db, self.hub.office.rulebook, self.carriers)

    def address(self, who: str) -> str:
        return f"{who}@council.example"

    def to(self, who: str) -> list[Any]:
        """The mails that this person got."""
        return [mail for mail in self.server.taken if mail["To"] == self.address(who)]

    def stored(self) -> list[Any]:
        with self.hub.db.reading() as look:
            return list(look.execute(select(Message.__table__).order_by(Message.made_at, Message.id)))

    @property
    def trouble(self) -> Any:
        return trouble(self.hub.db, self.hub.at)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    hub = Hub(database)
    with_addresses(database)
    with mail_server() as server:
        found = Office(hub, server, {Carrier.EMAIL: server.mail()})
        with clock.at(hub.at):
            set_up(database, found.carriers)
        yield found


def test_an_alert_is_mailed_with_a_reference_and_a_link_and_nothing_about_anybody(office: Office) -> None:
    contact_id = office.hub.receive(narrative="She hid a bruise.", concerns=["physical_abuse"])
    office.hub.do("screener", V.CLAIM, contact_id)
    assert office.ring(hours=3, minutes=5).sent == 1
    (mail,) = office.server.taken
    text, reference = mail.get_content(), office.hub.page(contact_id).reference
    assert mail["To"] == office.address("screener")
    assert mail["Subject"] == f"{reference}: due soon"
    assert f"{reference}. Due soon: First look, due Monday 9 November 2026, 14:00." in text
    assert f"https://front-door.council.example/contacts/{contact_id}" in text
    for secret in ("Tiana", "Mockford", "bruise", "abuse", "Silva", "Teacher", "Screener"):
        assert secret not in str(mail)
    assert not office.trouble


def test_what_is_for_one_person_within_a_round_is_one_mail_with_a_line_per_contact_the_worst_first(
    office: Office,
) -> None:
    for _ in range(20):
        office.hub.do("screener", V.CLAIM, office.hub.receive())
    late = office.hub.screened("red", agreement={"status": "given"})
    office.hub.do("screener", V.CLAIM, late)
    office.ring(hours=4, minutes=30)
    (mail,) = office.to("screener")
    text = mail.get_content()
    assert text.count("/contacts/") == 21
    assert len(office.server.taken) <= len({mail["To"] for mail in office.server.taken})


@pytest.mark.parametrize("mood", ["hangs", "dies", "later"])
def test_what_could_not_be_sent_is_sent_again_under_the_same_key_until_it_is(office: Office, mood: str) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.server.mood, patient = mood, office.carriers
    if mood == "hangs":
        office.carriers = {Carrier.EMAIL: office.server.mail(limit_seconds=0.5)}
    assert office.ring(hours=3, minutes=5).failed == 1
    office.carriers = patient
    assert bool(office.trouble.failing) == (mood != "later")
    assert office.ring(seconds=5) == Round()  # it waits for its next attempt
    office.server.mood = "accepts"
    assert office.ring(seconds=60).sent == 1
    (row,) = office.stored()
    assert (row.ending, row.tries) == (Ending.SENT, 2)
    assert set(office.server.keys) == {row.id} and len(office.server.keys) == (2 if mood == "dies" else 1)
    assert {mail["Message-ID"] for mail in office.server.taken} == {f"<{row.id}@front-door.council.example>"}
    assert not office.trouble


def test_what_was_tried_once_takes_no_more_lines_so_that_its_key_always_stands_for_the_same(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.hub.later(minutes=10)
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.server.mood = "later"
    assert office.ring(hours=2, minutes=55).failed == 1
    office.server.mood = "accepts"
    (tried,) = office.stored()
    with clock.at(office.hub.at):
        try_again(office.hub.db, office.hub.actors["administrator"], tried.id)
    office.ring(minutes=10)
    assert [mail.get_content().count("/contacts/") for mail in office.to("screener")] == [1, 1]


def test_a_process_that_dies_while_it_sends_leaves_the_message_to_the_next(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())

    def dies(_: object) -> None:
        raise KeyboardInterrupt

    whole, office.carriers = office.carriers, {Carrier.EMAIL: dies}
    with pytest.raises(KeyboardInterrupt):
        office.ring(hours=3, minutes=5)
    office.carriers = whole
    assert office.ring(seconds=30).sent == 0
    assert office.ring(seconds=31).sent == 1


def test_what_cannot_be_written_is_logged_by_where_it_failed_and_never_with_an_address(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())

    def fails(message: Outgoing) -> None:
        raise ValueError(f"A header that cannot be: {message.to}")

    office.carriers = {Carrier.EMAIL: fails}
    with capture_logs() as logs:
        assert office.ring(hours=3, minutes=5).failed == 1
    (said,) = [line for line in logs if line["event"] == "outbox.send_failed"]
    assert said["error"].startswith("ValueError, test_outbox.py:") and "exc_info" not in said
    assert "@" not in str(logs)


def test_an_alert_whose_reader_cannot_be_reached_goes_to_somebody_else(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.server.unknown = {office.address("screener")}
    assert office.ring(hours=3, minutes=5) == Round(addressed=2, sent=2, failed=1)
    assert set(office.server.recipients) == {office.address("decider"), office.address("second_decider")}
    assert sorted(row.ending for row in office.stored()) == [Ending.PASSED_ON, Ending.SENT, Ending.SENT]
    assert not office.trouble


def test_where_nobody_can_be_reached_it_is_loud_until_somebody_can(office: Office) -> None:
    office.server.mood = "refuses"
    office.hub.receive()
    office.ring(hours=3, minutes=5)
    assert office.server.taken == [] and len(office.stored()) == 4 and office.trouble.failed == 1
    shown = messages(office.hub.db, office.hub.actors["administrator"], office.hub.at)
    assert "550 5.1.1 No such mailbox" in (shown.unsent[0].error or "")
    office.server.mood = "accepts"
    with clock.at(office.hub.at):
        for message in shown.unsent:
            try_again(office.hub.db, office.hub.actors["administrator"], message.id)
    office.ring(seconds=1)
    assert len(office.server.taken) == len(shown.unsent) and not office.trouble


def test_a_message_waits_for_an_address_and_goes_to_the_first_who_has_one(office: Office) -> None:
    with office.hub.db.transaction() as tx:
        tx.execute(update(User).values(email=None))
    office.hub.receive()
    office.ring(hours=3, minutes=5)
    office.ring(minutes=3)
    assert office.server.taken == [] and office.trouble.is_late
    with clock.at(office.hub.at):
        change_own_reach(office.hub.db, office.hub.actors["administrator"], Reach("ade@council.example"))
    office.ring(minutes=30)
    assert office.server.recipients == ["ade@council.example"] and not office.trouble


def test_who_has_left_before_a_mail_could_be_sent_is_replaced(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.server.mood = "later"
    office.ring(hours=3, minutes=5)
    office.server.mood = "accepts"
    with clock.at(office.hub.at):
        administration.deactivate(
            office.hub.db, office.hub.actors["administrator"], office.hub.actors["screener"].user_id
        )
    office.ring(minutes=1)
    assert set(office.server.recipients) == {office.address("decider"), office.address("second_decider")}


def test_quiet_hours_hold_what_can_wait_in_one_mail_for_the_morning_and_never_red_or_unrated(office: Office) -> None:
    hub = office.hub
    with clock.at(hub.at):
        change_own_reach(hub.db, hub.actors["screener"], Reach(office.address("screener"), "9:30", "19:00"))
    named = {rag: hub.screened(rag, agreement={"status": "given"}) for rag in ("amber", "red", None)}
    for contact_id in named.values():
        hub.do("screener", V.CLAIM, contact_id)
    for _ in range(4):
        office.ring(hours=2)
    at_once = [mail.get_content() for mail in office.to("screener")]
    told = {rag for rag, contact_id in named.items() if any(contact_id in text for text in at_once)}
    assert told == {"red", None}
    held = [row for row in office.stored() if row.due_at > hub.at]
    assert len(held) == 1 and held[0].due_at.hour == 19 and not office.trouble
    office.ring(hours=1, minutes=1)
    assert len(office.to("screener")) == len(at_once) + 1
    assert named["amber"] in office.to("screener")[-1].get_content()


def test_what_quiet_hours_hold_goes_at_once_when_the_contact_becomes_red(office: Office) -> None:
    hub = office.hub
    with clock.at(hub.at):
        change_own_reach(hub.db, hub.actors["screener"], Reach(office.address("screener"), "09:30", "23:00"))
    contact_id = hub.screened("amber", agreement={"status": "given"})
    hub.do("screener", V.CLAIM, contact_id)
    office.ring(hours=7)
    assert office.address("screener") not in office.server.recipients
    (held,) = [row.id for row in office.stored() if row.due_at > hub.at]
    hub.do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="A second report.")
    office.ring(seconds=15)
    assert held in [mail["Front-Door-Message"] for mail in office.to("screener")]


def test_where_rules_cannot_be_read_people_are_told_all_the_same_and_no_other_borough_waits(office: Office) -> None:
    hub = office.hub
    rated = _amber_in_another_borough(hub, "eastmere")
    hub.do("screener", V.CLAIM, hub.receive())
    with intruder(hub.db) as somebody:
        somebody.disarm()
        somebody.run("UPDATE rule_sets SET resolved = resolved || ' ' WHERE slug = 'eastmere'")
    hub.office.rulebook, taken = Rulebook(), list[Outgoing]()
    office.carriers = {Carrier.EMAIL: taken.append}
    office.ring(hours=3, minutes=5)
    assert office.address("screener") in {message.to for message in taken}
    office.ring(hours=40)
    lines = [line for message in taken if message.to == "ella@eastmere.example" for line in message.lines]
    assert {line.contact_id for line in lines} == {rated}
    assert {line.label for line in lines} == {"Acknowledgement", "Decision", "Statutory decision"}
    assert not office.trouble


def _amber_in_another_borough(hub: Hub, slug: str) -> str:
    """A contact there, rated amber by the only one who is there, who never wants to be disturbed in the daytime."""
    rulebook.install(hub.db, [northbridge().model_copy(update={"name": slug, "reference_prefix": "EM"})])
    with clock.at(hub.at):
        user_id = create_user(hub.db, "ella", "Ella", Role.SERVICE_MANAGER, [slug], None, registered=True)
        hub.actors["ella"] = Actor(user_id, "Ella", Role.SERVICE_MANAGER, slug, None)
        change_own_reach(hub.db, hub.actors["ella"], Reach("ella@eastmere.example", "00:00", "23:59"))
    contact_id = hub.receive("ella", agreement={"status": "given"})
    hub.do("ella", V.START_SCREENING, contact_id)
    hub.do("ella", V.RATE_CONTACT, contact_id, rag="amber", rationale="Threshold document applied.")
    return contact_id


def test_alerts_of_before_e_mail_was_set_up_are_not_sent_and_none_afterwards_is_lost(database: Database) -> None:
    hub = Hub(database)
    with_addresses(database)
    hub.receive()
    hub.later(hours=3, minutes=5)
    hub.sweep()
    with mail_server() as server:
        office = Office(hub, server, {Carrier.EMAIL: server.mail()})
        with clock.at(hub.at + clock.INSTANT):
            set_up(database, office.carriers)
        assert office.ring(seconds=1) == Round()
        assert office.ring(hours=1).addressed > 0
        assert server.taken


def test_a_carrier_that_is_taken_away_takes_what_waits_for_it_into_sight(office: Office) -> None:
    office.hub.receive()
    office.server.mood = "later"
    office.ring(hours=3, minutes=5)
    with clock.at(office.hub.at):
        set_up(office.hub.db, {})
    assert {row.ending for row in office.stored()} == {Ending.FAILED}
    assert office.trouble.failed


def test_the_webhook_hears_of_each_alert_beside_the_mails(office: Office) -> None:
    with hook_server() as hook:
        _both(office, hook)
        office.hub.do("screener", V.CLAIM, office.hub.receive())
        office.hub.do("screener", V.CLAIM, office.hub.receive())
        hook.answers = 503
        office.ring(hours=3, minutes=5)
        assert len(office.server.taken) == 1 and len(hook.posted) == 1
        assert [one.carrier for one in office.trouble.failing] == [Carrier.WEBHOOK]
        hook.answers = 200
        office.ring(minutes=1)
    keys = [headers["webhook-id"] for headers, _ in hook.posted]
    assert len(keys) == 5 and len(set(keys)) == 4 and not office.trouble


def goes_on(office: Office, hours: int) -> None:
    """A round every hour."""
    for _ in range(hours):
        office.ring(hours=1)


def out_of_order(why: str) -> Send:
    """What carries nothing to anybody."""

    def send(message: Outgoing) -> None:
        if why == "down":
            raise NotNow("Connection refused.")
        if why == "denies":
            raise NotThere("554 5.7.1 Relay access denied", doubtful=True)
        raise NotNow("451 4.7.1 Greylisted", carrier_fails=False)

    return send


@pytest.mark.parametrize("why", ["down", "denies", "later"])
def test_however_long_nobody_can_be_reached_everything_reaches_whom_it_is_for_afterwards(
    office: Office, why: str
) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    whole, office.carriers = office.carriers, {Carrier.EMAIL: out_of_order(why)}
    office.ring(hours=3, minutes=5)
    for _ in range(4):
        goes_on(office, 11)
        assert bool(office.trouble.failing) == (why != "later") and office.trouble.is_late
    first, *_ = waiting = office.stored()
    assert {row.ending for row in waiting} == {None} and first.tries > (MOST_TRIES if why != "down" else 0)
    office.carriers = whole
    office.ring(hours=1)
    assert {row.ending for row in office.stored()} == {Ending.SENT} and not office.trouble
    assert first.id in [mail["Front-Door-Message"] for mail in office.to("screener")]


def test_whose_mailbox_alone_is_full_for_a_day_is_replaced_and_an_outage_before_does_not_count(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.carriers = {Carrier.EMAIL: out_of_order("denies")}
    goes_on(office, 30)
    taken, screener = list[str | None](), office.hub.actors["screener"].user_id

    def full(message: Outgoing) -> None:
        if message.to == office.address("screener"):
            raise NotNow("452 4.2.2 Mailbox full", carrier_fails=False)
        taken.append(message.to)

    office.carriers = {Carrier.EMAIL: full}
    goes_on(office, MOST_TRIES - 1)
    own = [row for row in office.stored() if row.user_id == screener]
    assert {row.ending for row in own} == {None} and office.trouble.is_late and office.address("decider") not in taken
    goes_on(office, 3)
    (first, *_) = [row for row in office.stored() if row.user_id == screener]
    assert first.ending == Ending.PASSED_ON and office.address("decider") in taken


def test_who_alone_is_refused_by_a_policy_is_replaced_once_others_have_got_theirs(office: Office) -> None:
    screener = office.hub.actors["screener"].user_id
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    office.hub.later(seconds=20)
    office.hub.receive()
    office.server.replies[office.address("screener")] = "550 5.7.1 Recipient address rejected: Access denied"
    assert office.ring(hours=3, seconds=-15) == Round(addressed=2, failed=1) and office.trouble.failing
    assert office.ring(seconds=20).sent == 2 and not office.trouble
    assert {row.ending for row in office.stored() if row.user_id == screener} == {None}
    office.ring(seconds=20)
    assert {row.ending for row in office.stored() if row.user_id == screener} == {Ending.PASSED_ON}
    assert len(office.server.taken) == 4 and not office.to("screener") and not office.trouble


def test_a_mail_server_that_begins_to_refuse_in_the_midst_of_a_round_makes_nobody_unreachable(office: Office) -> None:
    office.hub.receive()
    taken, whole = list[Outgoing](), office.carriers

    def takes_one(message: Outgoing) -> None:
        if taken:
            raise NotThere("554 5.7.1 Relay access denied", doubtful=True)
        taken.append(message)

    office.carriers = {}
    assert office.ring(hours=3, minutes=5) == Round(addressed=2)
    office.carriers = {Carrier.EMAIL: takes_one}
    assert office.ring(seconds=5) == Round(sent=1, failed=1)
    goes_on(office, 3)
    assert {row.ending for row in office.stored()} == {Ending.SENT, None} and office.trouble.failing
    office.carriers = whole
    office.ring(hours=1)
    assert {row.ending for row in office.stored()} == {Ending.SENT}


def test_what_is_tried_again_by_hand_may_fail_as_often_as_what_is_new(office: Office) -> None:
    refused = office.hub.receive()

    def cannot(message: Outgoing) -> None:
        if message.lines[0].contact_id == refused:
            raise NotNow("It could not be written.", carrier_fails=False)

    office.carriers = {Carrier.WEBHOOK: cannot}
    with clock.at(office.hub.at):
        set_up(office.hub.db, office.carriers)
    for _ in range(MOST_TRIES + 3):
        office.hub.receive()
        office.ring(hours=1)
    failed = [one for one in _shown(office) if one.ending == Ending.FAILED]
    assert failed and all(one.tries == MOST_TRIES for one in failed)
    with clock.at(office.hub.at):
        try_again(office.hub.db, office.hub.actors["administrator"], failed[0].id)
    office.ring(seconds=1)
    (again,) = [one for one in _shown(office) if one.id == failed[0].id]
    assert again.ending is None and again.tries == 2


@pytest.mark.parametrize("answer", [503, 400])
def test_however_long_the_webhook_fails_it_hears_of_everything_afterwards(office: Office, answer: int) -> None:
    with hook_server() as hook:
        _both(office, hook)
        hook.answers = answer
        office.hub.receive()
        office.ring(hours=3, minutes=5)
        for _ in range(3):
            goes_on(office, 10)
            assert [one.carrier for one in office.trouble.failing] == [Carrier.WEBHOOK]
        hooks = [row for row in office.stored() if row.carrier == Carrier.WEBHOOK]
        assert {row.ending for row in hooks} == {None}
        hook.answers = 200
        office.ring(hours=1)
    assert {row.ending for row in office.stored()} == {Ending.SENT} and not office.trouble


def test_a_call_that_the_webhook_alone_refuses_has_failed_is_shown_and_holds_up_no_other(office: Office) -> None:
    with hook_server() as hook:
        _both(office, hook)
        contact_id = office.hub.receive()
        hook.unwanted = contact_id
        office.hub.later(seconds=20)
        office.hub.receive()
        office.ring(hours=3, seconds=-15)
        assert [one.carrier for one in office.trouble.failing] == [Carrier.WEBHOOK]
        office.ring(seconds=20)
        office.ring(seconds=20)
    (refused,) = {reference for one in _shown(office) if one.ending for reference in one.references}
    assert refused == office.hub.page(contact_id).reference
    assert office.trouble.failed and not office.trouble.failing
    endings = [row.ending for row in office.stored() if row.carrier == Carrier.WEBHOOK]
    assert endings.count(Ending.SENT) == 2 and Ending.PASSED_ON not in endings


def _shown(office: Office) -> tuple[MessageShown, ...]:
    """What an administrator sees that has not gone out."""
    return messages(office.hub.db, office.hub.actors["administrator"], office.hub.at).unsent


def test_a_claim_that_ends_late_changes_nothing_of_what_was_sent_meanwhile(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    later = office.hub.at + timedelta(hours=3, minutes=7)

    def slow(message: Outgoing) -> None:
        with clock.at(later):
            outbox.ring(office.hub.db, office.hub.office.rulebook, {Carrier.EMAIL: office.server.mail()})
        raise NotThere("550 5.1.1 No such mailbox")

    office.carriers = {Carrier.EMAIL: slow}
    assert office.ring(hours=3, minutes=5).failed == 1
    (row,) = office.stored()
    assert (row.ending, row.error) == (Ending.SENT, None) and office.server.recipients == [office.address("screener")]


def test_a_claim_that_ends_late_takes_nothing_from_who_has_it_now(office: Office) -> None:
    """The first sends for 62 seconds; a second claims it after 61, and a third looks when the first has failed."""
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    begun, third, sending = office.hub.at + timedelta(hours=3, minutes=5), list[Round](), Barrier(2)

    def ring(seconds: int, send: Send) -> Round:
        with clock.at(begun + timedelta(seconds=seconds)):
            return outbox.ring(office.hub.db, office.hub.office.rulebook, {Carrier.EMAIL: send})

    def second(message: Outgoing) -> None:
        sending.wait(10)  # both send
        sending.wait(10)  # the first has failed
        third.append(ring(100, office.carriers[Carrier.EMAIL]))

    def first(message: Outgoing) -> None:
        other.append(ThreadPoolExecutor(1).submit(ring, 61, second))
        sending.wait(10)
        raise NotNow("Too late.")

    other = list[Future[Round]]()
    office.hub.later(hours=3, minutes=5)
    office.hub.sweep()
    ring(0, first)
    sending.wait(10)
    assert other[0].result().sent == 1 and third == [Round()]
    assert [row.ending for row in office.stored()] == [Ending.SENT] and office.server.taken == []


def test_what_is_being_sent_is_not_tried_again_at_the_same_time(office: Office) -> None:
    office.hub.do("screener", V.CLAIM, office.hub.receive())
    refused = list[str]()

    def sends(message: Outgoing) -> None:
        with pytest.raises(Refused) as no:
            try_again(office.hub.db, office.hub.actors["administrator"], message.id)
        refused.append(str(no.value))
        again.append(outbox.ring(office.hub.db, office.hub.office.rulebook, {Carrier.EMAIL: sends}))
        raise NotNow("Mailbox busy.", carrier_fails=False)

    again, office.carriers = list[Round](), {Carrier.EMAIL: sends}
    assert office.ring(hours=3, minutes=5).failed == 1
    assert again == [Round()] and "going out just now" in refused[0]
    (row,) = office.stored()
    with clock.at(office.hub.at):
        try_again(office.hub.db, office.hub.actors["administrator"], row.id)
    office.carriers = {Carrier.EMAIL: office.server.mail()}
    assert office.ring(seconds=1).sent == 1


def _by_the_real_clock(database: Database) -> None:
    """An alert that is due, and people with addresses. No time is simulated."""
    red(database, timedelta(minutes=-5))
    with_addresses(database)


def test_carriers_set_up_on_a_machine_whose_clock_is_ahead_miss_no_alert(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _by_the_real_clock(database)
    taken = list[Outgoing]()
    with monkeypatch.context() as ahead:
        wrong_by(ahead, 0 if database.is_sqlite else 2)  # a SQLite file belongs to one machine: there is no other
        set_up(database, {Carrier.EMAIL: taken.append})
    sweep(database, Rulebook())
    outbox.ring(database, Rulebook(), {Carrier.EMAIL: taken.append})
    assert len(taken) == 2


def test_a_claim_holds_off_a_machine_with_another_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _by_the_real_clock(database)
    taken, meanwhile = list[Outgoing](), list[Round]()

    def sends(message: Outgoing) -> None:
        taken.append(message)
        with monkeypatch.context() as elsewhere:
            wrong_by(elsewhere, 0 if database.is_sqlite else 2)
            meanwhile.append(outbox.ring(database, Rulebook(), {Carrier.EMAIL: taken.append}))

    set_up(database, {Carrier.EMAIL: sends})
    sweep(database, Rulebook())
    assert outbox.ring(database, Rulebook(), {Carrier.EMAIL: sends}).sent == 1
    assert [one.sent for one in meanwhile] == [1] and len({message.id for message in taken}) == len(taken) == 2


def _both(office: Office, hook: HookServer) -> None:
    office.carriers[Carrier.WEBHOOK] = webhook(hook)
    with clock.at(office.hub.at):
        set_up(office.hub.db, office.carriers)
