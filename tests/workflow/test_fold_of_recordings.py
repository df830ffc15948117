"""The recordings' deadlines and alerts from their events alone: verbs and fold, no database, no page, no sweep."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from mash import replay
from mash.clock import iso, london_date
from mash.errors import MashError
from mash.permissions import Actor, require
from mash.rules.facts import ChildFacts, EarlierContact
from mash.vocabulary import Kind, State, Verb
from mash.workflow.change import Change, ContactRow, ReportedChild, Situation
from mash.workflow.clocks import BankHoliday, timeline
from mash.workflow.details import AnnounceBankHoliday, Child, ReceiveContact
from mash.workflow.episodes import Episode, as_instant, seconds
from mash.workflow.history import Event
from mash.workflow.verbs.intake import Arrival, receive_contact
from mash.workflow.write import VERBS
from tests.support.hub import northbridge
from tests.support.recordings import NAMES, essence, events_file, expected


def same_child(one: Child, other: Child) -> bool:
    if one.nhs_number and other.nhs_number:
        return one.nhs_number == other.nhs_number
    names = [(c.forename, c.surname, c.date_of_birth) for c in (one, other)]
    first, second = (tuple(str(part).strip().lower() for part in name) for name in names)
    return all(names[0]) and all(names[1]) and first == second


class Paper:
    """A front door on paper: every contact is a list of events."""

    def __init__(self) -> None:
        self.ids = count(1)
        self.holidays: list[BankHoliday] = []
        self.contacts: dict[str, ContactRow] = {}
        self.events: dict[str, list[Event]] = {}
        self.children: dict[str, list[tuple[str, Child]]] = {}

    def history(self, label: str) -> Any:
        """Contacts keyed before this one about the same child."""
        before = list(self.contacts)[: list(self.contacts).index(label) if label in self.contacts else None]

        def about(child: Child) -> tuple[EarlierContact, ...]:
            return tuple(
                EarlierContact(london_date(self.contacts[other].received_at))
                for other in before
                if any(same_child(child, own) for _, own in self.children[other])
            )

        return about

    def play(self, line: replay.Line) -> None:
        assert line.verb is not None and line.details is not None
        actor = Actor(line.by, line.by, line.role, "northbridge", line.desk)
        require(actor, line.verb)
        if isinstance(line.details, AnnounceBankHoliday):
            if line.details.date > london_date(line.at):  # else it is refused
                self.holidays.append(BankHoliday(line.at, line.details.date))
            return
        assert line.contact is not None
        change = self.judged(line, actor)
        if line.verb is Verb.RECEIVE_CONTACT:
            blank = (Kind.REFERRAL, None, None, State.RECEIVED, None, None, line.at, 0)
            self.contacts[line.contact] = ContactRow(line.contact, "northbridge", "", *blank)
            self.events[line.contact], self.children[line.contact] = [], []
        self.keep(line, actor, change)

    def judged(self, line: replay.Line, actor: Actor) -> Change:
        label = line.contact or ""
        history, new_id = self.history(label), lambda: str(next(self.ids))
        if isinstance(line.details, ReceiveContact):
            late = frozenset(holiday.day for holiday in self.holidays)
            return receive_contact(Arrival(northbridge(), line.at, history, new_id, late), actor, line.details)
        if label not in self.contacts:
            raise MashError("Refused when it arrived.")
        known = tuple(
            ReportedChild(
                child_id,
                child.label or "",
                ChildFacts(child.date_of_birth, child.expected_date_of_delivery, history(child), child.open_case),
                child.open_case,
            )
            for child_id, child in self.children[label]
        )
        events = self.events[label]
        s = Situation(self.contacts[label], known, (), (), events, northbridge(), tuple(self.holidays), line.at)
        extra = {"history": history, "new_id": new_id} if line.verb is Verb.ADD_FACTS else {}
        return VERBS[line.verb](s, actor, line.details, **extra)  # type: ignore[index]

    def keep(self, line: replay.Line, actor: Actor, change: Change) -> None:
        label, events = line.contact or "", self.events[line.contact or ""]
        before = self.contacts[label].state if events else None
        facts = {**change.facts, "calendar_version": len(self.holidays)}
        done = (change.verb, line.at, actor.user_id, actor.role, actor.desk, before, change.state, facts)
        events.append(Event(len(events) + 1, *done))
        self.children[label] += change.children
        known = {key: change.contact[key] for key in ("kind", "rag", "outcome", "received_at") if key in change.contact}
        self.contacts[label] = replace(self.contacts[label], state=change.state, **known)

    def results(self, end: datetime) -> Iterator[dict[str, Any]]:
        just_after = as_instant(seconds(end) + 1)
        assert just_after is not None
        for label, events in self.events.items():
            for episode in timeline(northbridge(), events, self.holidays, just_after).episodes:
                yield from lines_of(label, episode)


def lines_of(label: str, episode: Episode) -> Iterator[dict[str, Any]]:
    key = {
        "contact": label,
        "clock": episode.clock,
        "agency": episode.agency or None,
        "episode": episode.number,
    }
    instants = ("started_at", "due_at", "met_at", "breached_at", "cancelled_at")
    moments = {name: as_instant(getattr(episode, name)) for name in instants}
    yield key | {name: iso(at) if at else None for name, at in moments.items()}
    for raised in episode.raised:
        at = datetime.fromtimestamp(raised.at, UTC)
        yield key | {"alert": raised.kind.value, "level": raised.level, "at": iso(at)}


@pytest.mark.parametrize("name", NAMES)
def test_the_fold_alone_gives_every_deadline_and_alert_of_a_recording(name: str) -> None:
    paper, end = Paper(), None
    for line in replay.read(events_file(name), ["northbridge"]):
        end = line.at
        if line.verb is not None:
            try:
                paper.play(line)
            except MashError:
                continue
    assert end is not None
    found = essence(paper.results(end))
    wanted = {key: line for key, line in essence(expected(name)).items() if key[0] in ("deadline", "alert")}
    assert not {key: line for key, line in wanted.items() if found.get(key) != line}
    assert found.keys() == wanted.keys()
