"""What has happened to a contact so far, and what follows from it? Pure: events in, picture out.

Events are the entries of the contact's audit stream. Their facts hold codes, ids and instants, and also what each act
led to (the suggestion, whether the decision stands), so that no later reading depends on today's rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mash.vocabulary import Agreement, Role, State, Verb


@dataclass(frozen=True)
class Event:
    """One act on a contact. `at` in UTC; `facts` without any words."""

    seq: int
    verb: Verb
    at: datetime
    actor_id: str
    role: Role
    desk: str | None
    state_before: State | None
    state: State
    facts: Mapping[str, Any]


@dataclass
class Picture:
    """What the events so far amount to."""

    keyed_role: Role | None = None
    anonymous: bool = False
    parents_informed: bool | None = None
    agreement: Agreement = Agreement.NOT_SOUGHT
    concerns: frozenset[str] = frozenset()
    suggested: str | None = None
    acknowledged: bool = False
    handover_accepted: bool = False
    reading_confirmed: bool = False
    asked: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    waived: set[str] = field(default_factory=set)
    decided_by: str | None = None
    stands: bool = False
    feedback_owed: bool = False
    state_before_transfer: State | None = None
    held_by: str | None = None
    held_since: datetime | None = None

    @property
    def asked_or_waived(self) -> set[str]:
        """Agencies that were ever asked, or that somebody decided to do without."""
        return self.asked | self.waived

    def without(self, agencies: Iterable[str]) -> set[str]:
        """Who is still awaited once these are not."""
        return self.awaited - set(agencies)


def picture(events: Iterable[Event]) -> Picture:
    """Fold the events into one picture."""
    so_far = Picture()
    for event in events:
        if effect := _EFFECTS.get(event.verb):
            effect(so_far, event)
    return so_far


def _received(p: Picture, event: Event) -> None:
    p.keyed_role, p.anonymous = event.role, event.facts["anonymous"]
    p.parents_informed = event.facts["parents_informed"]
    p.agreement = Agreement(event.facts["agreement"])
    _facts_added(p, event)


def _facts_added(p: Picture, event: Event) -> None:
    p.concerns |= set(event.facts["concerns"])
    p.suggested = event.facts["suggested"]


def _agreement(p: Picture, event: Event) -> None:
    p.agreement = Agreement(event.facts["status"])


def _acknowledged(p: Picture, event: Event) -> None:
    p.acknowledged = True


def _handover(p: Picture, event: Event) -> None:
    p.handover_accepted = True


def _read(p: Picture, event: Event) -> None:
    p.reading_confirmed = True


def _asked(p: Picture, event: Event) -> None:
    p.asked |= set(event.facts["agencies"])
    p.awaited |= set(event.facts["agencies"])


def _replied(p: Picture, event: Event) -> None:
    if event.facts["stops_clock"]:
        p.awaited.discard(event.facts["agency"])


def _waived(p: Picture, event: Event) -> None:
    p.waived |= set(event.facts["agencies"])
    p.awaited -= set(event.facts["agencies"])


def _decided(p: Picture, event: Event) -> None:
    _waived(p, event)
    p.decided_by = event.actor_id
    p.stands = p.feedback_owed = event.facts["stands"]


def _undecided(p: Picture, event: Event) -> None:
    p.decided_by, p.stands, p.feedback_owed = None, False, False


def _signed(p: Picture, event: Event) -> None:
    if not event.facts["agree"]:
        _undecided(p, event)
    elif event.facts["stands"]:
        p.stands = p.feedback_owed = True


def _told(p: Picture, event: Event) -> None:
    p.feedback_owed = False


def _offered(p: Picture, event: Event) -> None:
    p.state_before_transfer = event.state_before


def _transferred(p: Picture, event: Event) -> None:
    p.feedback_owed = True


def _claimed(p: Picture, event: Event) -> None:
    p.held_by, p.held_since = event.actor_id, event.at


def _handed(p: Picture, event: Event) -> None:
    p.held_by, p.held_since = event.facts["to"], event.at


def _put_back(p: Picture, event: Event) -> None:
    p.held_by = p.held_since = None


def _gone(p: Picture, event: Event) -> None:
    _transferred(p, event)
    _put_back(p, event)


_EFFECTS = {
    Verb.CLAIM: _claimed,
    Verb.HAND_TO: _handed,
    Verb.RELEASE: _put_back,
    Verb.CLOSE: _put_back,
    Verb.RECEIVE_CONTACT: _received,
    Verb.ADD_FACTS: _facts_added,
    Verb.RECORD_AGREEMENT: _agreement,
    Verb.ACKNOWLEDGE: _acknowledged,
    Verb.ACCEPT_HANDOVER: _handover,
    Verb.CONFIRM_READ: _read,
    Verb.REQUEST_INFORMATION: _asked,
    Verb.RETURN_INFORMATION: _replied,
    Verb.PROCEED_WITHOUT: _waived,
    Verb.RECORD_DECISION: _decided,
    Verb.WITHDRAW_DECISION: _undecided,
    Verb.SIGN_OFF: _signed,
    Verb.GIVE_FEEDBACK: _told,
    Verb.TRANSFER_OUT: _offered,
    Verb.TRANSFER_ACCEPTED: _gone,
    Verb.REOPEN: _undecided,
}
