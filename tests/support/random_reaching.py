"""Random histories of a rota and its mail: people leave, addresses go, servers fail; does every alert reach somebody?

What must hold is worked out here from what was sent and what is on record, not by the code that sends.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Row, select

from mash import clock
from mash.accounts import administration
from mash.accounts.colleagues import Reach, change_address, change_own_reach
from mash.db import Database
from mash.errors import MashError
from mash.messages import outbox
from mash.messages.carriers import set_up
from mash.messages.seen import messages, trouble
from mash.messages.sending import NotNow, NotThere, Outgoing
from mash.models.accounts import User
from mash.models.contact import Contact
from mash.models.messages import ALERT_KEY, Message, MessageLine
from mash.models.time import Alert, Deadline
from mash.vocabulary import Carrier, Cause, Role, Verb
from tests.support.hub import Hub
from tests.support.receiving import with_addresses

HUB = ("officer", "screener", "decider", "second_decider", "manager", "edt")
CLOCKS = ("screening", "first_look", "decision", "statutory_decision", "acknowledgement")


@dataclass
class Post:
    """A mail server as the world has them: it takes a mail, or does not, or dies once it has."""

    random: Random
    mood: str = "accepts"
    unknown: set[str] = field(default_factory=set)
    taken: list[Outgoing] = field(default_factory=list)

    def __call__(self, message: Outgoing) -> None:
        assert message.to is not None
        if self.mood == "down":
            raise NotNow("Connection refused.")
        if message.to in self.unknown:
            raise NotThere("550 No such mailbox.")
        if self.mood == "denies":
            raise NotThere("554 Relay access denied.", doubtful=True)
        if self.mood == "busy" and self.random.random() < 0.5:
            raise NotNow("451 Mailbox busy.", carrier_fails=False)
        self.taken.append(message)
        if self.mood == "dies":
            raise NotNow("Connection unexpectedly closed.")
        if self.mood == "kills":
            raise KeyboardInterrupt


@dataclass
class History:
    """One history: what happened, and what was found wrong at its end."""

    hub: Hub
    random: Random
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.post = Post(self.random)
        self.contacts: list[str] = []
        self.here = set(HUB)
        with_addresses(self.hub.db, *(who for who in (*HUB, "administrator") if self.random.random() < 0.3))
        with clock.at(self.hub.at):
            set_up(self.hub.db, {Carrier.EMAIL: self.post})

    def play(self, steps: int) -> "History":
        """So many things happen; then the mail server works again, and nobody does anything for a week."""
        kinds: tuple[Callable[[], None], ...] = (
            *[self._arrives] * 3,
            *[self._time_passes] * 6,
            *(self._leaves, self._comes_back, self._has_another_address, self._wants_quiet, self._mail_changes),
            *[self._somebody_acts] * 3,
        )
        for _ in range(steps):
            self.random.choice(kinds)()
            if self.random.random() < 0.6:
                self._round()
        self.post.mood = "accepts"
        for _ in range(13):
            self.hub.later(hours=14)
            self._round()
        self._examine()
        return self

    # -- what happens --------------------------------------------------------------------------------------------------

    def _arrives(self) -> None:
        rag = self.random.choice((None, "amber", "red"))
        if self.here.issuperset({"officer", "screener"}):
            self.contacts.append(self.hub.screened(rag, agreement={"status": "given"}))
            self.said.append(f"a contact arrives, {rag}")

    def _time_passes(self) -> None:
        self.hub.later(minutes=self.random.choice((1, 7, 31, 65, 241, 700)))

    def _leaves(self) -> None:
        self._administered(administration.deactivate, self.here, "leaves")

    def _comes_back(self) -> None:
        self._administered(administration.activate, set(HUB) - self.here, "comes back")

    def _administered(self, act: Callable[..., None], among: set[str], what: str) -> None:
        if among:
            who = self.random.choice(sorted(among))
            with clock.at(self.hub.at):
                act(self.hub.db, self.hub.actors["administrator"], self.hub.actors[who].user_id)
            self.here ^= {who}
            self.said.append(f"{who} {what}")

    def _has_another_address(self) -> None:
        who = self.random.choice((*HUB, "administrator"))
        address = self.random.choice(("", f"{who}@council.example", f"{who}.new@council.example"))
        with clock.at(self.hub.at):
            administrator = self.hub.actors["administrator"]
            change_address(self.hub.db, administrator, self.hub.actors[who].user_id, address)
        self.said.append(f"{who} has the address “{address}”")

    def _wants_quiet(self) -> None:
        who, begin = self.random.choice(HUB), self.random.randrange(24)
        reach = Reach(f"{who}@council.example", f"{begin:02}:00", f"{(begin + 9) % 24:02}:00")
        with clock.at(self.hub.at):
            change_own_reach(self.hub.db, self.hub.actors[who], reach)
        self.said.append(f"{who} wants quiet from {begin}:00 for nine hours")

    def _mail_changes(self) -> None:
        self.post.mood = self.random.choice(("accepts", "down", "denies", "busy", "dies", "kills"))
        refused = self.random.choice((*HUB, "administrator"))
        self.post.unknown = self.random.choice((set(), {f"{refused}@council.example"}))
        self.said.append(f"the mail server {self.post.mood}, refuses {sorted(self.post.unknown)}")

    def _somebody_acts(self) -> None:
        if not self.contacts:
            return
        contact_id, clock_named = self.random.choice(self.contacts), self.random.choice(CLOCKS)
        verb = self.random.choice(
            (Verb.CLAIM, Verb.TAKE_ALERT, Verb.HAND_ALERT_TO, Verb.RESOLVE_BREACH, Verb.ANNUL_BREACH)
        )
        details: dict[str, Any] = {} if verb is Verb.CLAIM else {"clock": clock_named}
        if verb is Verb.HAND_ALERT_TO:
            details["to"] = self.hub.actors[self.random.choice(HUB)].user_id
        if verb is Verb.RESOLVE_BREACH:
            details |= {"cause": self.random.choice(list(Cause)), "remedy": "We talked."}
        if verb is Verb.ANNUL_BREACH:
            details["reason"] = "The clock was wrong."
        who = self.random.choice(sorted(self.here) or ["manager"])
        try:
            self.hub.do(who, verb, contact_id, **details)
            self.said.append(f"{who}: {verb} {details}")
        except MashError:
            pass

    def _round(self) -> None:
        self.hub.sweep()
        with clock.at(self.hub.at):
            try:
                outbox.ring(self.hub.db, self.hub.office.rulebook, {Carrier.EMAIL: self.post})
            except KeyboardInterrupt:
                self.said.append("the timers are killed while they send")

    # -- what must hold at the end -------------------------------------------------------------------------------------

    def _examine(self) -> None:
        with self.hub.db.reading() as look:
            alerts = look.execute(
                select(Alert.__table__, Deadline.taken_by, Deadline.met_at, Deadline.cancelled_at).join(
                    Deadline, _same(Deadline, Alert, ALERT_KEY[:5])
                )
            ).all()
            of_messages = select(MessageLine.__table__, Message.ending, User.role).select_from(MessageLine)
            of_messages = of_messages.join(Message, Message.id == MessageLine.message_id)
            lines = look.execute(of_messages.outerjoin(User, User.id == Message.user_id)).all()
            self.wrong += self._ladders(look.execute(select(Deadline.__table__)).all(), alerts)
            self.wrong += self._references(look.execute(select(Contact.reference)).scalars().all())
        shown = {one.id for one in messages(self.hub.db, self.hub.actors["administrator"], self.hub.at).unsent}
        shown = shown if trouble(self.hub.db, self.hub.at) else set()
        loud = {_key(line) for line in lines if line.message_id in shown}
        self.wrong += [*self._silent(alerts, lines, loud), *self._not_climbed(alerts, lines, loud)]
        self.wrong += self._changed_under_their_key()
        self.counts["histories"] += 1
        self.counts["alerts"] += len(alerts)
        self.counts["mails"] += len(self.post.taken)
        self.counts["sent twice or more"] += len(self.post.taken) - len({mail.id for mail in self.post.taken})
        self.counts["passed on"] += len({line.message_id for line in lines if line.ending == "passed_on"})

    def _silent(self, alerts: list[Row[Any]], lines: list[Row[Any]], loud: set[Any]) -> Iterator[str]:
        """Nobody has it, nobody was told of it, and nobody can see that."""
        mails = {mail.id for mail in self.post.taken}
        reached = {_key(line) for line in lines if line.ending == "sent" and line.message_id in mails}
        for alert in alerts:
            if _key(alert) in reached:
                self.counts["alerts that reached somebody"] += 1
            elif _runs(alert) and alert.taken_by is None:
                self.counts["alerts that reached nobody, loudly"] += 1
                if _key(alert) not in loud:
                    yield f"silent: {_key(alert)}"

    def _not_climbed(self, alerts: list[Row[Any]], lines: list[Row[Any]], loud: set[Any]) -> Iterator[str]:
        """An escalation that nobody took reached a manager or an administrator, or it is loud that it has not."""
        told: dict[tuple[Any, ...], set[str]] = {}
        for line in lines:
            if line.ending == "sent":
                told.setdefault(_key(line), set()).add(line.role)
        top = {Role.SERVICE_MANAGER, Role.ADMINISTRATOR}
        for alert in alerts:
            roles, untaken = told.get(_key(alert), set()), _runs(alert) and alert.taken_by is None
            if alert.kind == "escalation" and untaken and not roles & top and _key(alert) not in loud:
                yield f"told to {sorted(roles)} and to nobody above: {_key(alert)}"

    def _ladders(self, deadlines: list[Row[Any]], alerts: list[Row[Any]]) -> Iterator[str]:
        """Whatever still runs and is late is taken, or was raised up to the last rung."""
        rules = self.hub.office.rulebook
        raised = Counter((a.contact_id, a.clock, a.agency, a.episode) for a in alerts if a.kind == "escalation")
        with self.hub.db.reading() as look:
            northbridge = rules.in_force(look, "northbridge", self.hub.at.date())
        for row in deadlines:
            if _runs(row) and row.breached_at and row.taken_by is None:
                scales = [scale for _, scale in northbridge.clocks[row.clock].timescales]
                fewest = min(len(scale.escalate) for scale in scales if scale.has_target)
                if raised[row.contact_id, row.clock, row.agency, row.episode] < fewest:
                    yield f"not at the top of its ladder: {row.contact_id} {row.clock}"

    def _references(self, references: Any) -> Iterator[str]:
        """What was sent names contacts by reference."""
        known = set(references)
        yield from (
            f"unknown: {line.reference}"
            for mail in self.post.taken
            for line in mail.lines
            if line.reference not in known
        )

    def _changed_under_their_key(self) -> Iterator[str]:
        told: dict[str, set[tuple[Any, ...]]] = {}
        for mail in self.post.taken:
            lines = {(line.contact_id, line.clock, line.kind, line.level, line.at) for line in mail.lines}
            if told.setdefault(mail.id, lines) != lines:
                yield f"the message {mail.id} told of other alerts when it was sent again"


def _key(row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, column) for column in ALERT_KEY)


def _runs(row: Row[Any]) -> bool:
    return row.met_at is None and row.cancelled_at is None


def _same(one: Any, other: Any, columns: tuple[str, ...]) -> Any:
    found = [getattr(one, column) == getattr(other, column) for column in columns]
    first, *others = found
    for condition in others:
        first &= condition
    return first


def history(db: Database, seed: int, steps: int = 25) -> History:
    """Play one."""
    return History(
        Hub(db, datetime.fromisoformat("2026-11-09T09:00+00:00") + timedelta(hours=seed % 48)), Random(seed)
    ).play(steps)
