"""To whom does each new alert go, and when? Alerts become messages: by e-mail a digest per person, else one each.

An alert that was raised is itself the order to tell somebody, written with it in one transaction: until messages about
it are written, its `addressed_at` is empty. So nothing can be raised and forgotten, and raising costs nothing more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, tuple_, update

from mash.accounts.colleagues import Colleague, colleagues
from mash.errors import Unsafe
from mash.models.base import new_id
from mash.models.contact import Contact
from mash.models.messages import ALERT_KEY, CarrierState, Message, MessageLine
from mash.models.time import Alert, Deadline
from mash.rulebook import Rulebook
from mash.rules.clockrules import Owner
from mash.rules.ruleset import RuleSet
from mash.vocabulary import AlertKind, Carrier, Role
from mash.workflow.audience import Told, audience

MOST_AT_ONCE = 500
KEY = tuple(getattr(Alert, column) for column in ALERT_KEY)
_LINE_KEY = tuple(getattr(MessageLine, column) for column in ALERT_KEY)
_SAME_DEADLINE = and_(
    *(getattr(Deadline, c) == getattr(Alert, c) for c in ("borough", "contact_id", "clock", "agency", "episode"))
)
_SAME_ALERT = and_(*(getattr(MessageLine, c) == getattr(Alert, c) for c in ALERT_KEY))
_SAME_CONTACT = and_(Contact.borough == Alert.borough, Contact.id == Alert.contact_id)
COLUMNS = (
    *KEY,
    Alert.at,
    Alert.raised_at,
    Alert.owner,
    Alert.for_role,
    Deadline.taken_by,
    Deadline.due_at,
    Deadline.met_at,
    Deadline.cancelled_at,
    Contact.held_by,
    Contact.reference,
    Contact.rag,
    Contact.rule_set,
    Contact.rule_set_version,
)


def alert_rows(*which: Any) -> Any:
    """Alerts with what must be known of their deadline and contact to tell of them."""
    return select(*COLUMNS).join(Deadline, _SAME_DEADLINE).join(Contact, _SAME_CONTACT).where(*which)


def told(row: Row[Any]) -> Told:
    """The alert as far as it matters whom it is for."""
    for_role = Role(row.for_role) if row.for_role else None
    return Told(AlertKind(row.kind), Owner(row.owner), for_role, row.taken_by, row.held_by)


def rules_of(tx: Connection, book: Rulebook, row: Row[Any]) -> RuleSet | None:
    """The rules that the contact of an alert follows; None where they cannot be read. Then it is told of all the same.

    That the rules cannot be read is loud elsewhere: on pages, and to the doctor.
    """
    try:
        return book.version(tx, row.rule_set, row.rule_set_version)
    except (Unsafe, KeyError):
        return None


WhoKnows = Mapping[tuple[Any, ...], Collection[str]]
"""Who knows of which alert."""


@dataclass
class Addressing:
    """One round of writing messages, within one transaction."""

    tx: Connection
    book: Rulebook
    now: datetime
    known: dict[str, list[Colleague]] = field(default_factory=dict)

    def address(self) -> int:
        """Write messages for the alerts that wait, so many at a time. How many alerts there were."""
        since = {Carrier(row.name): row.since for row in self.tx.execute(select(CarrierState.name, CarrierState.since))}
        if not since:
            return 0
        waiting = alert_rows(Alert.addressed_at.is_(None), Alert.raised_at >= min(since.values()))
        locked = waiting.order_by(Alert.raised_at).limit(MOST_AT_ONCE).with_for_update(of=Alert, skip_locked=True)
        found = list(self.tx.execute(locked))
        for carrier, begun in since.items():
            own = [row for row in found if row.raised_at >= begun]
            if carrier is Carrier.EMAIL:
                self.mail(own)
            else:
                self._write((Carrier.WEBHOOK, row.borough, None, self.now, [row]) for row in own)
        if found:
            keys = tuple_(*KEY).in_([key_of(row) for row in found])
            self.tx.execute(update(Alert).where(keys).values(addressed_at=self.now))
        return len(found)

    def mail(
        self,
        found: Sequence[Row[Any]],
        but: frozenset[str] = frozenset(),
        told_already: WhoKnows = MappingProxyType({}),
    ) -> bool:
        """A digest for each person whom one of these alerts is for, and who does not know of it already.

        `but` are people who could not be reached. What climbs to nobody who has an address becomes a message to
        nobody, that waits and says so. Whether there was none such.
        """
        digests: dict[tuple[str, Colleague | None, datetime], list[Row[Any]]] = defaultdict(list)
        unheard = False
        for row in found:
            with_address = [one for one in self._there(row.borough) if one.email and one.id not in but]
            whom = audience(told(row), with_address)
            people = [one for one in whom.people if one.id not in told_already.get(key_of(row), ())]
            unheard |= whom.is_unheard
            for one in (*people, *((None,) if whom.is_unheard and not but else ())):
                digests[row.borough, one, self._may_go_at(row, one)].append(row)
        self._write(
            (Carrier.EMAIL, borough, one.id if one else None, due_at, rows)
            for (borough, one, due_at), rows in digests.items()
        )
        return not unheard

    def _there(self, borough: str) -> list[Colleague]:
        if borough not in self.known:
            self.known[borough] = colleagues(self.tx, borough, self.now)
        return self.known[borough]

    def _may_go_at(self, row: Row[Any], one: Colleague | None) -> datetime:
        quiet_until = one.quiet.until(self.now) if one and one.quiet else None
        return self.now if quiet_until is None or self._cannot_wait(row) else quiet_until

    def _cannot_wait(self, row: Row[Any]) -> bool:
        """Red, or whatever the highest colour is called here; and what may be red: unrated, or of unreadable rules."""
        rules = rules_of(self.tx, self.book, row)
        if row.rag is None or rules is None or row.rag not in rules.order:
            return True
        return rules.order[row.rag] == max(rules.order.values())

    def _write(self, messages: Iterable[tuple[Carrier, str, str | None, datetime, Sequence[Row[Any]]]]) -> None:
        fresh, lines = [], []
        for carrier, borough, user_id, due_at, rows in messages:
            message_id = self._open_digest(borough, user_id, due_at) if user_id else None
            if message_id is None:
                message_id = new_id()
                made = {"id": message_id, "carrier": carrier, "borough": borough, "user_id": user_id, "tries": 0}
                fresh.append({**made, "made_at": self.now, "due_at": due_at, "try_at": due_at})
            known = self._lines_of(message_id) if not fresh or fresh[-1]["id"] != message_id else set()
            lines += [_line(message_id, row) for row in rows if key_of(row) not in known]
        if fresh:
            self.tx.execute(insert(Message), fresh)
        if lines:
            self.tx.execute(insert(MessageLine), lines)

    def _open_digest(self, borough: str, user_id: str, due_at: datetime) -> str | None:
        """A message to this person that waits for the same moment and was never tried: it takes more lines."""
        wanted = select(Message.id).where(
            Message.borough == borough,
            Message.user_id == user_id,
            Message.carrier == Carrier.EMAIL,
            Message.tries == 0,
            Message.ending.is_(None),
            Message.due_at <= self.now if due_at <= self.now else Message.due_at == due_at,
        )
        return self.tx.execute(wanted.limit(1).with_for_update(skip_locked=True)).scalar()

    def _lines_of(self, message_id: str) -> set[tuple[Any, ...]]:
        return {tuple(row) for row in self.tx.execute(select(*_LINE_KEY).where(MessageLine.message_id == message_id))}

    def release(self) -> None:
        """Let go what quiet hours held and need not any more: the contact became red, or the hours were changed."""
        held = Message.ending.is_(None) & (Message.tries == 0) & (Message.due_at > self.now)
        wanted = alert_rows(held).join(MessageLine, _SAME_ALERT)
        wanted = wanted.join(Message, Message.id == MessageLine.message_id).add_columns(Message.id, Message.user_id)
        free = {row.id for row in self.tx.execute(wanted) if self._may_go_at(row, self._person(row)) <= self.now}
        if free:
            now = {"due_at": self.now, "try_at": self.now}
            self.tx.execute(update(Message).where(held, Message.id.in_(free)).values(now))

    def _person(self, row: Row[Any]) -> Colleague | None:
        return next((one for one in self._there(row.borough) if one.id == row.user_id), None)


def key_of(row: Row[Any]) -> tuple[Any, ...]:
    """By which an alert is known."""
    return tuple(getattr(row, column) for column in ALERT_KEY)


def _line(message_id: str, row: Row[Any]) -> dict[str, Any]:
    return {"message_id": message_id, **dict(zip(ALERT_KEY, key_of(row), strict=True))}


def lines_of(tx: Connection, message_id: str) -> Iterator[Row[Any]]:
    """The alerts of a message."""
    own = alert_rows(MessageLine.message_id == message_id)
    yield from tx.execute(own.join(MessageLine, _SAME_ALERT))
