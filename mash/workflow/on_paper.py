"""What becomes of one contact? Its acts, judged by the real verbs and kept in memory. Pure: knows no database.

It does with a list of events what `write.py` does with rows; both call the same verbs, and tests hold them together.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mash.permissions import Actor, require
from mash.rules.facts import AdultFacts, ChildFacts
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import Suggested
from mash.vocabulary import Kind, State, Verb
from mash.workflow.change import Change, ContactRow, ReportedChild, Situation
from mash.workflow.clocks import BankHoliday, timeline
from mash.workflow.details import Child, Details, ReceiveContact
from mash.workflow.episodes import Timeline
from mash.workflow.history import Event
from mash.workflow.judging import VERBS, require_by_rules
from mash.workflow.verbs.intake import Arrival, History, NewId, adult_facts, child_facts, receive_contact

_COLUMNS = ("kind", "channel", "source", "rag", "outcome", "received_at")
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Around:
    """What a contact is judged by beside itself: bank holidays announced by then, earlier contacts, colleagues."""

    holidays: Sequence[BankHoliday] = ()
    history: History = lambda _: ()
    staff: Mapping[str, str] = field(default_factory=dict)


NOTHING_AROUND = Around()


class Paper:
    """A contact on paper: what has happened to it, and where that leaves it."""

    def __init__(self, rules: RuleSet, borough: str, reference: str, new_id: NewId) -> None:
        self.rules, self.new_id = rules, new_id
        self.contact = ContactRow(
            reference, borough, reference, Kind.REFERRAL, None, None, State.RECEIVED, None, None, _NEVER, 0
        )
        self.events: list[Event] = []
        self.children: list[tuple[str, Child]] = []
        self.suggested = Suggested(None, ())
        self.concerns: frozenset[str] = frozenset()
        self.child_outcomes: Mapping[str, str] = {}
        self._adults: tuple[AdultFacts, ...] = ()
        self._reported: tuple[ReportedChild, ...] = ()

    def do(self, actor: Actor, verb: Verb, now: datetime, details: Details, around: Around = NOTHING_AROUND) -> Change:
        """What the act amounts to, which is kept. Raises NotPermitted or Refused; nothing has changed then."""
        require(actor, verb)
        require_by_rules(self.rules, actor, verb)
        if isinstance(details, ReceiveContact):
            late = frozenset(holiday.day for holiday in around.holidays)
            change = receive_contact(Arrival(self.rules, now, around.history, self.new_id, late), actor, details)
        else:
            change = self._judged(actor, verb, now, details, around)
        self._keep(actor, now, change, around)
        return change

    def copy(self) -> "Paper":
        """Another paper on which the same has happened; what happens to one does not happen to the other."""
        other = copy(self)
        other.events, other.children = list(self.events), list(self.children)
        return other

    def take_over(self, other: "Paper") -> None:
        """What has happened on the other has happened here."""
        self.__dict__.update(other.__dict__)

    def timeline(self, holidays: Sequence[BankHoliday], before: datetime) -> Timeline:
        """The clocks just before an instant."""
        return timeline(self.rules, self.events, holidays, before)

    def _judged(self, actor: Actor, verb: Verb, now: datetime, details: Details, around: Around) -> Change:
        situation, judge = self._situation(around, now), VERBS[verb]
        if verb is not Verb.ADD_FACTS:
            return judge(situation, actor, details)
        known = [child_facts(child, around.history(child)) for _, child in self.children]
        children = tuple(replace(one, facts=facts) for one, facts in zip(self._reported, known, strict=True))
        situation = replace(situation, children=children)
        return judge(situation, actor, details, history=around.history, new_id=self.new_id)

    def _situation(self, around: Around, now: datetime) -> Situation:
        return Situation(
            contact=self.contact,
            children=self._reported,
            adults=self._adults,
            suggested_because=self.suggested.because,
            events=self.events,
            rules=self.rules,
            holidays=around.holidays,
            now=now,
            staff=around.staff,
        )

    def _keep(self, actor: Actor, now: datetime, change: Change, around: Around) -> None:
        before = self.contact.state if self.events else None
        facts = {**change.facts, "calendar_version": len(around.holidays)}
        who = (actor.user_id, actor.role, actor.desk)
        self.events.append(Event(len(self.events) + 1, change.verb, now, *who, before, change.state, facts))
        self.children += change.children
        self._reported += tuple(
            ReportedChild(name, child.label or name, ChildFacts(), child.open_case) for name, child in change.children
        )
        self._adults += tuple(adult_facts(adult) for _, adult in change.adults)
        self._columns(change.contact)
        columns = {name: change.contact[name] for name in _COLUMNS if name in change.contact}
        self.contact = replace(self.contact, state=change.state, **columns)

    def _columns(self, changed: Mapping[str, Any]) -> None:
        if "suggested_because" in changed:
            self.suggested = Suggested(changed["suggested_rag"], tuple(changed["suggested_because"]))
            self.concerns = frozenset(changed["concerns"])
        if "child_outcomes" in changed:
            self.child_outcomes = changed["child_outcomes"]

    @property
    def waited_for(self) -> tuple[str, ...]:
        """Agencies that have not answered, and those that are required and were neither asked nor set aside."""
        situation = self._situation(NOTHING_AROUND, self.events[-1].at)
        return (*sorted(situation.picture.awaited), *situation.required_agencies)

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome for each child, by label."""
        return {
            child.label: self.child_outcomes[child.id] for child in self._reported if child.id in self.child_outcomes
        }
