"""What would the engine make of a journey? Plays it on paper, through the real verbs and clocks; knows no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from mash.errors import MashError
from mash.invented.journeys import HOUR, Act, Hub, instant
from mash.invented.reports import Pace
from mash.permissions import Actor, require
from mash.rules.facts import ChildFacts
from mash.vocabulary import Kind, State, Verb
from mash.workflow.change import Change, ContactRow, ReportedChild, Situation
from mash.workflow.clocks import timeline
from mash.workflow.details import DETAILS
from mash.workflow.history import Event
from mash.workflow.verbs.intake import Arrival, receive_contact
from mash.workflow.write import VERBS


@dataclass(frozen=True)
class Standing:
    """Where the contact stands at the present moment, and how its worst clock does."""

    state: State
    rag: str | None
    pace: Pace


def rehearse(hub: Hub, acts: Sequence[Act], actors: Mapping[str, Actor]) -> Standing | None:
    """Where the acts lead, or None where one of them would be refused."""
    paper = _Paper(hub)
    try:
        for act in acts:
            paper.play(act, actors[act.by])
    except MashError:
        return None
    return Standing(paper.contact.state, paper.contact.rag, _pace(hub, paper.events))


def _pace(hub: Hub, events: Sequence[Event]) -> Pace:
    """Late; soon late, within an hour of opening time; or calm. As the queue sees it."""
    line = timeline(hub.rules, events, (), instant(hub.now))
    counting = [episode for episode in line.episodes if episode.running and episode.paused_at is None]
    if not counting:
        return "calm"
    worst = min(counting, key=lambda episode: episode.due_at)
    if worst.breached_at is not None or worst.due_at < hub.now:
        return "late"
    return "soon" if worst.due_at <= hub.hours.forward(hub.now, HOUR) else "calm"


class _Paper:
    """A contact that exists on paper only."""

    def __init__(self, hub: Hub) -> None:
        self.rules, self.ids = hub.rules, count(1)
        self.events: list[Event] = []
        self.children: tuple[ReportedChild, ...] = ()
        nowhere, never = State.RECEIVED, datetime.fromtimestamp(0, UTC)
        self.contact = ContactRow("", "", "", Kind.REFERRAL, None, None, nowhere, None, None, never, 0)

    def play(self, act: Act, actor: Actor) -> None:
        """One act. Raises MashError where the engine would refuse it."""
        require(actor, act.verb)
        change = self._judge(act, actor, DETAILS[act.verb].model_validate(act.details))
        before = self.contact.state if self.events else None
        event = Event(
            len(self.events) + 1,
            act.verb,
            instant(act.at),
            actor.user_id,
            actor.role,
            actor.desk,
            before,
            change.state,
            {**change.facts, "calendar_version": 0},
        )
        self.events.append(event)
        self.children += tuple(
            ReportedChild(name, child.label or name, ChildFacts(), child.open_case) for name, child in change.children
        )
        known = {
            key: value for key, value in change.contact.items() if key in ("kind", "rag", "outcome", "received_at")
        }
        self.contact = replace(self.contact, state=change.state, **known)

    def _judge(self, act: Act, actor: Actor, details: Any) -> Change:
        now = instant(act.at)
        if act.verb is Verb.RECEIVE_CONTACT:
            return receive_contact(Arrival(self.rules, now, lambda _: (), self._new_id, frozenset()), actor, details)
        situation = Situation(self.contact, self.children, (), (), self.events, self.rules, (), now)
        if act.verb is Verb.ADD_FACTS:
            return VERBS[act.verb](situation, actor, details, history=lambda _: (), new_id=self._new_id)
        return VERBS[act.verb](situation, actor, details)

    def _new_id(self) -> str:
        return str(next(self.ids))
