"""What does a comparison of two rule sets say? Contacts that differ, and totals. Plain data; knows no rule set."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mash.vocabulary import Labelled, Verb

NO_COLOUR = "Not rated"


class Side(Labelled):
    """Which of the two rule sets."""

    OLD = "old", "old"
    NEW = "new", "new"


@dataclass(frozen=True)
class Stand:
    """How a deadline came out under one rule set. `ended`: met or cancelled; `alerts`: how many were raised."""

    due_at: datetime
    breached_at: datetime | None
    ended: bool
    alerts: int


def _is_late(stand: Stand | None) -> bool:
    return stand is not None and stand.breached_at is not None


@dataclass(frozen=True)
class DeadlineChange:
    """A deadline that came out differently, or that only one of the two has."""

    clock: str
    label: str
    agency: str
    agency_label: str
    episode: int
    old: Stand | None
    new: Stand | None

    @property
    def moved(self) -> timedelta:
        """How much later it is due under the new rules; negative where it is earlier."""
        return self.new.due_at - self.old.due_at if self.old and self.new else timedelta()

    @property
    def is_different(self) -> bool:
        """Whether it is there under one only, due or out of timescale at another time, or raises other alerts."""
        if self.old is None or self.new is None:
            return True
        one, other = ((stand.due_at, stand.breached_at, stand.alerts) for stand in (self.old, self.new))
        return one != other

    @property
    def is_newly_late(self) -> bool:
        """Out of timescale under the new rules only, as far as that can be told."""
        return _is_late(self.new) and not _is_late(self.old) and not self.is_without_end

    @property
    def is_no_longer_late(self) -> bool:
        """Out of timescale under the old rules only."""
        return _is_late(self.old) and not _is_late(self.new)

    @property
    def is_without_end(self) -> bool:
        """Nobody knew of it and nothing on record ends it: whether it would have been met cannot be told."""
        return self.old is None and self.new is not None and _is_late(self.new) and not self.new.ended


@dataclass(frozen=True)
class SuggestionChange:
    """Another colour is suggested; None where nothing is. Each with its reasons."""

    old: str | None
    old_label: str
    old_because: tuple[str, ...]
    new: str | None
    new_label: str
    new_because: tuple[str, ...]


@dataclass(frozen=True)
class AgencyChange:
    """Agencies, by name: whom only the new rules, or only the old ones, require; and who was asked only by one."""

    required_as_well: tuple[str, ...] = ()
    no_longer_required: tuple[str, ...] = ()
    asked_as_well: tuple[str, ...] = ()
    no_longer_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActChange:
    """An act that one rule set would have refused as it was done, and why. `is_left_out`: it is not possible there."""

    at: datetime
    verb: Verb
    side: Side
    reasons: tuple[str, ...]
    is_left_out: bool


@dataclass(frozen=True)
class ContactChange:
    """A contact for which something differs. `colour` is that of its rating."""

    reference: str
    received_at: datetime
    colour: str | None
    colour_label: str
    suggestion: SuggestionChange | None
    agencies: AgencyChange | None
    deadlines: tuple[DeadlineChange, ...]
    acts: tuple[ActChange, ...]

    @property
    def importance(self) -> tuple[object, ...]:
        """In order: newly out of timescale first, then what the new rules refuse, then what is due earlier."""
        return (
            not any(change.is_newly_late for change in self.deadlines),
            not any(act.is_left_out for act in self.acts),
            not any(change.moved < timedelta() for change in self.deadlines),
            not any(change.is_no_longer_late for change in self.deadlines),
            not self.deadlines,
            self.received_at,
            self.reference,
        )


@dataclass(frozen=True)
class Total:
    """Deadlines of one clock and one colour: how many there are under each, how many late, and what became of them."""

    clock: str
    label: str
    colour: str | None
    colour_label: str
    old: int = 0
    new: int = 0
    late_old: int = 0
    late_new: int = 0
    newly_late: int = 0
    without_end: int = 0
    no_longer_late: int = 0
    earlier: int = 0
    later: int = 0
    only_old: int = 0
    only_new: int = 0

    @property
    def differs(self) -> bool:
        """Whether any of its deadlines came out differently."""
        return any((self.newly_late, self.no_longer_late, self.earlier, self.later, self.only_old, self.only_new))


@dataclass(frozen=True)
class Comparison:
    """What was compared, and what differs.

    `contacts` is how many were played, `elsewhere` how many of the recording are other boroughs', `never_received` how
    many both rule sets refuse at the door. `totals` have one line for each clock and colour.
    """

    old: str
    new: str
    borough: str
    since: date | None
    until: datetime | None
    contacts: int
    elsewhere: int
    never_received: int
    totals: tuple[Total, ...]
    differing: tuple[ContactChange, ...]

    @property
    def suggestions(self) -> list[tuple[str, str, int]]:
        """Which colour would be suggested instead of which, and how often: the most frequent first."""
        changes = (change.suggestion for change in self.differing if change.suggestion)
        counted = Counter((change.old_label, change.new_label) for change in changes)
        return [(*pair, number) for pair, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]

    @property
    def agencies(self) -> list[tuple[str, int, int]]:
        """How often each agency would have to be asked as well, and how often no longer."""
        changes = [change.agencies for change in self.differing if change.agencies]
        gained = Counter(label for change in changes for label in change.required_as_well)
        lost = Counter(label for change in changes for label in change.no_longer_required)
        return [(label, gained[label], lost[label]) for label in sorted({*gained, *lost})]

    @property
    def left_out(self) -> int:
        """Of how many contacts an act is not possible under one of the two: what hangs on it cannot be compared."""
        return sum(any(act.is_left_out for act in change.acts) for change in self.differing)
