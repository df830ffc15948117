"""Do messages get out? What a banner, a page, a machine and the doctor see of it; and trying one again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select, update

from mash import audit
from mash.db import Database, right_time
from mash.errors import Refused
from mash.messages.outbox import oldest_waiting_seconds
from mash.models.accounts import User
from mash.models.contact import Contact
from mash.models.messages import ALERT_KEY, CarrierState, Message, MessageLine
from mash.models.time import Deadline
from mash.permissions import Actor, Permission, require
from mash.vocabulary import Carrier, Ending

LONGEST_WAIT = timedelta(minutes=2)
"""A message that could go and has not gone by then is told of on every page of those who must know."""
MOST_SHOWN = 100


@dataclass(frozen=True)
class CarrierShown:
    """How a carrier fares. `fails`: the last attempt did not succeed."""

    carrier: Carrier
    since: datetime
    worked_at: datetime | None
    failed_at: datetime | None
    error: str | None

    @property
    def fails(self) -> bool:
        """Whether the last attempt failed."""
        return self.failed_at is not None and (self.worked_at is None or self.failed_at > self.worked_at)


@dataclass(frozen=True)
class Trouble:
    """What somebody must know of messages: carriers that fail, how many wait and how long, how many reached nobody."""

    failing: tuple[CarrierShown, ...]
    waiting: int
    oldest_seconds: int | None
    failed: int

    @property
    def is_late(self) -> bool:
        """Whether something waits for longer than it should."""
        return self.oldest_seconds is not None and self.oldest_seconds > LONGEST_WAIT.total_seconds()

    def __bool__(self) -> bool:
        return bool(self.failing) or self.is_late or self.failed > 0


@dataclass(frozen=True)
class MessageShown:
    """One message that has not gone out: to whom, about which contacts, since when, and what was wrong last."""

    id: str
    carrier: Carrier
    to: str | None
    address: str | None
    references: tuple[str, ...]
    due_at: datetime
    try_at: datetime
    tries: int
    ending: Ending | None
    error: str | None


@dataclass(frozen=True)
class MessagesPage:
    """Carriers, what waits or has failed (so many at most, the oldest first), and how many went out in a day."""

    carriers: tuple[CarrierShown, ...]
    unsent: tuple[MessageShown, ...]
    held: int
    sent_lately: int


def trouble(db: Database, now: datetime) -> Trouble:
    """What is wrong with messages now, if anything, in all boroughs: whoever carries them carries them for all."""
    with db.reading() as look:
        return trouble_in(look, now)


def trouble_in(look: Connection, now: datetime) -> Trouble:
    """The same, within a reading."""
    return Trouble(
        failing=tuple(one for one in _carriers(look) if one.fails),
        waiting=look.execute(select(func.count()).where(Message.ending.is_(None), Message.due_at <= now)).scalar_one(),
        oldest_seconds=oldest_waiting_seconds(look, now),
        failed=look.execute(select(func.count()).where(_failed_in_vain())).scalar_one(),
    )


def messages(db: Database, actor: Actor, now: datetime) -> MessagesPage:
    """What an administrator sees of the messages of the borough. Raises NotPermitted."""
    require(actor, Permission.MANAGE_MESSAGES)
    mine, waits = Message.borough == actor.borough, Message.ending.is_(None)
    with db.reading() as look:
        unsent = select(Message.__table__, User.name, User.email).outerjoin(User, User.id == Message.user_id)
        shown = unsent.where(mine, (waits & (Message.due_at <= now)) | _failed_in_vain())
        rows = look.execute(shown.order_by(Message.due_at, Message.id).limit(MOST_SHOWN)).all()
        references = _references(look, [row.id for row in rows])
        lately = (Message.ending == Ending.SENT) & (Message.ended_at >= now - timedelta(days=1))
        return MessagesPage(
            carriers=tuple(_carriers(look)),
            unsent=tuple(_shown(row, references.get(row.id, ())) for row in rows),
            held=look.execute(select(func.count()).where(mine, waits, Message.due_at > now)).scalar_one(),
            sent_lately=look.execute(select(func.count()).where(mine, lately)).scalar_one(),
        )


def try_again(db: Database, actor: Actor, message_id: str) -> None:
    """Send it with the next round, and let it fail as often as a new one.

    Raises Refused for one that has gone out, or is being sent at this moment: two would send it at once.
    """
    require(actor, Permission.MANAGE_MESSAGES)
    unsent = Message.ending.is_(None) | (Message.ending == Ending.FAILED)
    own = (Message.id == message_id) & (Message.borough == actor.borough)
    with db.transaction() as tx:
        now = right_time(tx)
        # Tried it stays: it takes no more lines, so that its key always stands for the same.
        again = {"ending": None, "ended_at": None, "try_at": now, "tries": 1, "refused": 0, "claimed_until": None}
        unclaimed = Message.claimed_until.is_(None) | (Message.claimed_until <= now)
        if tx.execute(update(Message).where(own, unsent, unclaimed).values(again)).rowcount == 0:
            raise Refused("It has gone out meanwhile or is going out just now, or there is no such message here.")
        facts = {"message_id": message_id}
        audit.record(tx, audit.SYSTEM, at=now, action="message_tried_again", actor=actor, facts=facts)


def _carriers(look: Connection) -> Iterator[CarrierShown]:
    for row in look.execute(select(CarrierState.__table__).order_by(CarrierState.name)):
        yield CarrierShown(Carrier(row.name), row.since, row.worked_at, row.failed_at, row.error)


def _failed_in_vain() -> ColumnElement[bool]:
    """It has failed, and something that it tells of still runs and nobody has taken it on."""
    deadline = ALERT_KEY[:5]
    still = exists().where(
        MessageLine.message_id == Message.id,
        *(getattr(Deadline, column) == getattr(MessageLine, column) for column in deadline),
        Deadline.met_at.is_(None),
        Deadline.cancelled_at.is_(None),
        Deadline.taken_by.is_(None),
    )
    return (Message.ending == Ending.FAILED) & still


def _references(look: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    wanted = select(MessageLine.message_id, Contact.reference).join(
        Contact, (Contact.borough == MessageLine.borough) & (Contact.id == MessageLine.contact_id)
    )
    found: dict[str, dict[str, None]] = {}
    for row in look.execute(wanted.where(MessageLine.message_id.in_(ids)).order_by(Contact.reference)):
        found.setdefault(row.message_id, {})[row.reference] = None
    return {message_id: tuple(references) for message_id, references in found.items()}


def _shown(row: Row[Any], references: tuple[str, ...]) -> MessageShown:
    return MessageShown(
        id=row.id,
        carrier=Carrier(row.carrier),
        to=row.name,
        address=row.email,
        references=references,
        due_at=row.due_at,
        try_at=row.try_at,
        tries=row.tries,
        ending=Ending(row.ending) if row.ending else None,
        error=row.error,
    )
