"""What goes into a verb and what comes out. Pure: a Situation in; a Change, or a refusal with every reason, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from mash.errors import Refused
from mash.rules.facts import AdultFacts, ChildFacts
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, State, Verb
from mash.workflow.clocks import BankHoliday, Clocks
from mash.workflow.details import Adult, Child, Referrer
from mash.workflow.episodes import Timeline
from mash.workflow.history import Event, Picture, picture
from mash.workflow.states import Move, blockers, fire


@dataclass(frozen=True)
class ReportedChild:
    """A child of the contact, as far as a verb needs to know it."""

    id: str
    label: str
    facts: ChildFacts
    open_case: bool


@dataclass(frozen=True)
class ContactRow:
    """The contact as it stood when its row was locked."""

    id: str
    borough: str
    reference: str
    kind: Kind
    channel: str | None
    source: str | None
    state: State
    rag: str | None
    outcome: str | None
    received_at: datetime
    version: int


@dataclass(frozen=True)
class Situation:
    """Everything by which a verb judges. `now` was read after the row was locked.

    `staff` are the people of the front door in this borough, by id, for the verbs that speak of them. `ready` are the
    clocks of these events, where somebody has them.
    """

    contact: ContactRow
    children: tuple[ReportedChild, ...]
    adults: tuple[AdultFacts, ...]
    suggested_because: tuple[str, ...]
    events: Sequence[Event]
    rules: RuleSet
    holidays: Sequence[BankHoliday]
    now: datetime
    staff: Mapping[str, str] = field(default_factory=dict)
    ready: Clocks | None = None

    @cached_property
    def picture(self) -> Picture:
        """What the events so far amount to."""
        return picture(self.events)

    @cached_property
    def clocks(self) -> Clocks:
        """The clocks, to go on from."""
        return self.ready or Clocks(self.rules, self.events, self.holidays)

    @cached_property
    def timeline(self) -> Timeline:
        """The clocks just before now."""
        return self.clocks.before(self.now)

    @property
    def required_agencies(self) -> tuple[str, ...]:
        """Agencies that the present colour and concerns require and that were neither asked nor waived yet."""
        wanted = self.rules.required_for(self.contact.rag, self.picture.concerns)
        return tuple(agency for agency in wanted if agency not in self.picture.asked_or_waived)


@dataclass(frozen=True)
class Change:
    """What an act amounts to, for `write` to make so in one transaction.

    `facts` go into the audit entry and hold no words; `words` are kept apart; `contact` are columns of the contact's
    row that change beside its stage.
    """

    verb: Verb
    state: State
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    hub_only: bool = False
    contact: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[tuple[str, Child], ...] = ()
    adults: tuple[tuple[str, Adult], ...] = ()
    referrer: Referrer | None = None


class Reasons:
    """Collects every reason against an act, so that a person hears them all at once."""

    def __init__(self, verb: Verb, state: State | None = None) -> None:
        self._reasons = blockers(verb, state) if state is not None else []
        self._wrong_stage = bool(self._reasons)

    def add(self, when: bool, reason: str) -> None:
        """Note the reason where it holds."""
        if when and reason not in self._reasons:
            self._reasons.append(reason)

    @property
    def stage_allows(self) -> bool:
        """Whether the stage is right: what is asked for next only makes sense then."""
        return not self._wrong_stage

    def refuse_if_any(self) -> None:
        """Raises Refused with all reasons noted."""
        if self._reasons:
            raise Refused(*self._reasons)


def move(situation: Situation, verb: Verb, **routing: Any) -> State:
    """The stage after the act, routed by what holds once it is done."""
    p = situation.picture
    facts: dict[str, Any] = {
        "awaiting_reply": bool(p.awaited),
        "asked_or_waived": bool(p.asked_or_waived),
        "before_transfer": p.state_before_transfer.value if p.state_before_transfer else None,
    }
    return fire(verb, Move(situation.contact.state.value, **(facts | routing)))


def said(**words: str | None) -> dict[str, str]:
    """The words that were really said."""
    return {key: text for key, text in words.items() if text}


def in_words(items: Sequence[str]) -> str:
    """`Police, Health and Education`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
