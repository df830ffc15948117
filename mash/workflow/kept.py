"""What was worked out of a contact's history, kept from one act to the next: only what came since is read and folded.

It is kept in this process, of the contacts acted on last. What is kept says by the hash of its last entry, which covers
all entries before it, to which history it belongs: one that does not go on from there is never continued.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from mash.audit import START, Head
from mash.rules.ruleset import RuleSet
from mash.workflow.clocks import BankHoliday, Clocks
from mash.workflow.history import Event
from mash.workflow.settle import Stored

MOST = 500
"""Contacts of which it is kept; each takes some 50 kB."""


@dataclass
class History:
    """The acts on a contact in order, where their chain ends, and its clocks after the last, to go on from.

    `holidays` are the bank holidays announced late of which the clocks know; `stored` what the rows said of the clocks
    after the last act, where somebody has that, when `next_due_at` was the next instant at which they change.
    """

    clocks: Clocks
    events: list[Event] = field(default_factory=list)
    head: Head = START
    holidays: Sequence[BankHoliday] = ()
    stored: Stored | None = None
    next_due_at: datetime | None = None

    @classmethod
    def blank(cls, rules: RuleSet, holidays: Sequence[BankHoliday] = ()) -> "History":
        """That of a contact before its receipt."""
        return cls(Clocks(rules, (), holidays), holidays=holidays)

    def go_on(self, event: Event, head: Head) -> None:
        """One more act."""
        self.clocks.add(event)
        self.events.append(event)
        self.head, self.stored = head, None

    def rows(self, now: datetime, next_due_at: datetime | None) -> Stored:
        """What the rows say now, without reading them, where they say that a clock changes next at an instant.

        Nothing has changed by itself before that instant, so it is what the clocks show just before it.
        """
        if self.stored is not None and next_due_at == self.next_due_at:
            return self.stored
        early = next_due_at is not None and next_due_at < now
        return Stored.by(self.clocks.before(next_due_at if next_due_at and early else now))


class Kept:
    """The histories that are kept. Who takes one has it alone, and gives it back as what it has become."""

    def __init__(self) -> None:
        self._histories: OrderedDict[str, History] = OrderedDict()
        self._lock = Lock()

    def take(self, contact_id: str) -> History | None:
        """That of a contact, where there is one."""
        with self._lock:
            return self._histories.pop(contact_id, None)

    def keep(self, contact_id: str, history: History) -> None:
        """Once what it says is stored."""
        with self._lock:
            self._histories[contact_id] = history
            if len(self._histories) > MOST:
                self._histories.popitem(last=False)
