"""What becomes of a contact that nobody has: one that is told, act by act, by the real verbs? Pure; nothing is kept.

A story branches: every act gives another story, and the one before it is still there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mash.permissions import Actor
from mash.rules.calendars import instant
from mash.rules.facts import ChildFacts
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, Role, State
from mash.workflow.change import Change, ContactRow, ReportedChild, Situation
from mash.workflow.clocks import timeline
from mash.workflow.details import AgreementDetails, Child, Details, NoDetails, ReceiveContact
from mash.workflow.episodes import Timeline
from mash.workflow.history import Event
from mash.workflow.verbs.intake import Arrival, receive_contact

Judge = Callable[..., Change]
"""A verb: a situation, an actor and details in; a change out."""

NOTHING = NoDetails()
_CHILD = "child"
_NOON = 720
_COLUMNS = ("kind", "rag", "outcome")


@dataclass(frozen=True)
class Story:
    """A contact under one rule set, and what has been done about it so far. An act takes a minute."""

    rules: RuleSet
    contact: ContactRow
    events: tuple[Event, ...] = ()
    children: tuple[ReportedChild, ...] = ()

    @property
    def situation(self) -> Situation:
        """What the next act is judged by."""
        return Situation(self.contact, self.children, (), (), self.events, self.rules, (), self.now)

    @property
    def now(self) -> datetime:
        """The time of the next act."""
        return self.contact.received_at + timedelta(minutes=len(self.events))

    @property
    def stage(self) -> State:
        """Where it is now."""
        return self.contact.state

    @property
    def timeline(self) -> Timeline:
        """Its clocks, once all that has been done is done."""
        return timeline(self.rules, self.events, (), self.now)

    def after(self, judge: Judge, details: Details = NOTHING) -> "Story":
        """The story with one more act, each by another person. Raises Refused."""
        actor = Actor(f"person-{len(self.events)}", "Somebody", Role.SERVICE_MANAGER, self.rules.name)
        return self._with(judge(self.situation, actor, details), actor)

    def _with(self, change: Change, actor: Actor) -> "Story":
        before = self.stage if self.events else None
        facts = {**change.facts, "calendar_version": 0}
        who = (actor.user_id, actor.role, None)
        event = Event(len(self.events) + 1, change.verb, self.now, *who, before, change.state, facts)
        known = {name: change.contact[name] for name in _COLUMNS if name in change.contact}
        return replace(self, contact=replace(self.contact, state=change.state, **known), events=(*self.events, event))


def received(rules: RuleSet, kind: Kind, suggested: str | None = None, *, open_case: bool = False) -> Story:
    """A contact that arrives at noon on the day from which the rules are in force, about one child.

    `suggested` is the colour that the rules are taken to have suggested.
    """
    now = datetime.fromtimestamp(instant(rules.in_force_from, _NOON), UTC)
    child = Child(forename=_CHILD, open_case=open_case)
    details = ReceiveContact(kind=kind, children=(child,), agreement=AgreementDetails(status="given"))
    actor = Actor("officer", "Somebody", Role.CONTACT_OFFICER, rules.name)
    change = receive_contact(Arrival(rules, now, lambda _: (), lambda: _CHILD, frozenset()), actor, details)
    blank = (None, None, change.state, None, None, now, 0)
    story = Story(rules, ContactRow(_CHILD, rules.name, "", kind, *blank))
    reported = ReportedChild(_CHILD, _CHILD, ChildFacts(open_case=open_case), open_case)
    told = replace(change, facts={**change.facts, "suggested": suggested})
    return replace(story._with(told, actor), children=(reported,))
