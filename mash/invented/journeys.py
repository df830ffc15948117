"""By which steps, at what times and by whom is an invented report worked on? Makes acts; knows no database.

Hub staff act in the hub's opening hours, the emergency duty team outside them, agencies in their own. What is urgent
does not wait for the morning. A journey that would reach into the future is no journey: it raises NotYet.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from mash.invented.people import Family, referrer_of
from mash.invented.replies import Words, first_part, whole_reply
from mash.invented.reports import Report, names, words
from mash.rules.calendars import WorkingTime, london_day
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Channel, Handling, Reply, State, Verb

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SYSTEM, EDT = "system", "edt"
_TYPED_BY_NOBODY = (Channel.ONLINE_FORM, Channel.POLICE_NOTIFICATION)
_READ_LATER = (Channel.EMAIL, Channel.LETTER)

USUAL_WAYS: dict[State, str] = {
    State.RECEIVED: "key",
    State.SCREENING: "key screen",
    State.RATED: "key screen rate",
    State.GATHERING: "key screen rate ask some_replies",
    State.READY: "key screen rate ask replies waive",
    State.AWAITING_SIGN_OFF: "key screen rate ask replies decide",
    State.DECIDED: "key screen rate ask replies decide sign",
    State.RETURNED: "key screen send_back",
    State.TRANSFERRING: "key screen rate offer",
    State.TRANSFERRED: "key screen rate offer accepted tell",
    State.WITH_ALLOCATED_WORKER: "key",
    State.CLOSED: "key screen rate ask replies decide sign tell close",
}


class NotYet(Exception):
    """The journey needs more time than has passed."""


@dataclass(frozen=True)
class Hub:
    """The rules, the desks that there are, and the present moment, in seconds since 1970."""

    rules: RuleSet
    now: int
    desks: frozenset[str]

    @property
    def hours(self) -> WorkingTime:
        """The hub's opening hours."""
        return self.calendar("hub")

    def calendar(self, name: str) -> WorkingTime:
        """A calendar by its name."""
        return self.rules.working_times(frozenset())[name]

    def later(self, at: int, minutes: float, calendar: str = "hub") -> int:
        """So many open minutes later, at a moment when somebody is there."""
        hours = self.calendar(calendar)
        return whole_minute(hours.next_opening(hours.forward(hours.next_opening(at), int(minutes * MINUTE))))


@dataclass(frozen=True)
class Act:
    """Something done: when (seconds since 1970), by whom, and what comes with it."""

    at: int
    by: str
    verb: Verb
    details: dict[str, Any] = field(default_factory=dict)


class Journey:
    """One contact on its way. Each step is a method and moves `at` on."""

    def __init__(self, hub: Hub, report: Report, family: Family, received: int, rng: Random) -> None:
        self.hub, self.report, self.family, self.rng = hub, report, family, rng
        self.received = self.at = whole_minute(received)
        self.reopened_at: int | None = None
        self.acts: list[Act] = []
        self.awaited: set[str] = set()
        self.asked: set[str] = set()
        self.asked_at = self.at
        self.colours = iter(report.colours)
        self.rag: str | None = None
        self.screener = rng.choice(["screener", "screener", "screener#2"])
        self.decider, self.signer = rng.choice(
            [("decision_maker", "decision_maker#2"), ("decision_maker#2", "service_manager")]
        )

    def go(self, way: str) -> list[Act]:
        """The acts of all the steps, in order of time. Raises NotYet."""
        for step in way.split():
            getattr(self, step)()
        return sorted(self.acts, key=lambda act: act.at)

    def begin_before(self, reopened_at: int, minutes: int) -> None:
        """It arrived so many open minutes before it is reopened."""
        self.reopened_at = reopened_at
        self.received = self.at = whole_minute(self.hub.hours.back(reopened_at, minutes * MINUTE))

    # -- time and people -------------------------------------------------------------------------------------------

    @property
    def urgent(self) -> bool:
        """Red, or not rated yet and sure to be."""
        return (self.rag or next(iter(self.report.colours), None)) == "red"

    def _pass(self, least: int, most: int) -> None:
        """Time until the next step: of the hub's for most, of the clock's for what is urgent."""
        minutes = self.rng.randint(least, most)
        self.at = self.at + minutes // 2 * MINUTE if self.urgent else self.hub.later(self.at, minutes)

    def _in_hours(self, least: int, most: int) -> None:
        self.at = self.hub.later(self.at, self.rng.randint(least, most))

    def _open(self) -> bool:
        return self.hub.hours.is_open(self.at)

    def _do(self, verb: Verb, by: str, at: int | None = None, **details: Any) -> None:
        at = self.at if at is None else at
        if at > self.hub.now:
            raise NotYet
        who = by if by == SYSTEM or by.startswith("desk:") or self.hub.hours.is_open(at) else EDT
        self.acts.append(Act(at, who, verb, {k: v for k, v in details.items() if v is not None}))

    def _perhaps(self, verb: Verb, by: str, at: int) -> None:
        """Beside the way: not done yet where it lies in the future."""
        if at <= self.hub.now:
            self._do(verb, by, at)

    def _text(self, text: str | None) -> str | None:
        return text.format_map(self.family.called).strip() if text else None

    def _one_of(self, *route: str) -> str:
        """Something that people write on such an occasion."""
        found: Any = words()
        for step in route:
            found = found[step]
        return str(self._text(self.rng.choice(found)))

    # -- intake ----------------------------------------------------------------------------------------------------

    def key(self) -> None:
        """It is keyed, acknowledged, and taken over in the morning where it came at night."""
        sort = names().referrers[self.report.from_]
        if sort.channel in _READ_LATER:
            self.at = self.hub.later(self.at, self.rng.randint(8, 60) + self.report.keyed_after_days * 495)
        elif sort.channel not in _TYPED_BY_NOBODY:
            self.at += self.rng.randint(4, 12) * MINUTE
        by = SYSTEM if sort.channel in _TYPED_BY_NOBODY else "contact_officer" if self._open() else EDT
        self.acts.append(Act(self.at, by, Verb.RECEIVE_CONTACT, self._as_received()))
        if self.at > self.hub.now:
            raise NotYet
        self._acknowledge(by)
        if by == EDT:
            self._hand_over()

    def _acknowledge(self, by: str) -> None:
        if names().referrers[self.report.from_].anonymous:
            return
        if by == EDT:
            self._perhaps(Verb.ACKNOWLEDGE, by, self.at + self.rng.randint(1, 8) * MINUTE)
        else:
            self._perhaps(Verb.ACKNOWLEDGE, "contact_officer", self.hub.later(self.at, self.rng.randint(5, 80)))

    def _hand_over(self) -> None:
        if self.report.handover == "forgotten":
            return
        wait = self.rng.randint(30, 60) if self.report.handover == "waiting" else self.rng.randint(4, 40)
        self._perhaps(Verb.ACCEPT_HANDOVER, self.screener, self.hub.later(self.at, wait))

    def _as_received(self) -> dict[str, Any]:
        report, sort = self.report, names().referrers[self.report.from_]
        agreement, _, reason = report.agreement.partition("; ")
        told, _, why_not = report.parents.partition("; ")
        return {
            "kind": report.kind,
            "received_at": instant(self.received),
            "channel": sort.channel,
            "source": sort.source,
            "referrer": referrer_of(sort, self.family, self.rng),
            "children": self.family.children,
            "adults": self.family.adults,
            "concerns": report.concerns,
            "narrative": self._text(report.says),
            "agreement": {"status": agreement, "reason": self._text(reason)},
            "parents_informed": {"told": True, "not told": False}.get(told),
            "parents_informed_reason": self._text(why_not),
        }

    # -- screening -------------------------------------------------------------------------------------------------

    def screen(self) -> None:
        """Somebody takes it on and looks at it."""
        self._pass(6, 45)
        if not any(act.verb is Verb.CLAIM for act in self.acts):
            self._do(Verb.CLAIM, self.screener)
        self._do(Verb.START_SCREENING, self.screener)

    def rate(self) -> None:
        """A first colour."""
        self._pass(8, 35)
        self.rag = next(self.colours)
        self._do(Verb.RATE_CONTACT, self.screener, rag=self.rag, rationale=self._text(self.report.rated))

    def rerate(self) -> None:
        """Another colour, as something has come to light."""
        self._pass(5, 15)
        self.rag = next(self.colours)
        self._do(Verb.RATE_CONTACT, self.decider, rag=self.rag, rationale=self._text(self.report.because))

    def send_back(self) -> None:
        """The referrer has to add something."""
        self._in_hours(5, 20)
        self._do(Verb.RETURN_TO_REFERRER, self.decider, reason=self._text(self.report.because))

    def offer(self) -> None:
        """Another authority is offered it."""
        self._in_hours(20, 60)
        to = f"{self.family.called['authority']} children's services"
        self._do(Verb.TRANSFER_OUT, self.decider, to=to, rationale=self._text(self.report.because))

    def accepted(self) -> None:
        """The other authority takes it."""
        self._in_hours(90, 420)
        self._do(Verb.TRANSFER_ACCEPTED, self.decider)

    def sibling(self) -> None:
        """A child is found who was not named."""
        self._pass(5, 20)
        self._do(Verb.ADD_FACTS, self.screener, children=self.family.found_later)

    def protect(self) -> None:
        """Police have used their powers."""
        began = self.received - self.rng.randint(25, 70) * MINUTE
        self.at += 2 * MINUTE
        self._do(
            Verb.RECORD_EVENT, self.screener, event="police_protection_begun", occurred_at=instant(whole_minute(began))
        )

    # -- agencies --------------------------------------------------------------------------------------------------

    def _required(self) -> tuple[str, ...]:
        return self.hub.rules.required_for(self.rag, frozenset(self.report.concerns))

    def ask(self) -> None:
        """Those whom the colour requires, or those named in the report."""
        required = self._required()
        wanted = [a for a in sorted({*required, *self.report.ask}) if a not in self.asked]
        if not wanted:
            return
        self._pass(3, 10)
        self.asked_at = self.at
        self.asked |= set(wanted)
        self.awaited |= set(wanted)
        question = self._one_of("questions")
        self._do(Verb.REQUEST_INFORMATION, self.screener, agencies=tuple(wanted), question=question)

    def replies(self) -> None:
        """Whoever answers in good time does."""
        for agency in sorted(self.awaited):
            self._answer(agency)

    def some_replies(self) -> None:
        """One at least has not answered yet."""
        waiting = sorted(self.awaited)
        self.rng.shuffle(waiting)
        for agency in waiting[: self.rng.randint(0, len(waiting) - 1)]:
            if self._reply_at(agency) <= self.hub.now:
                self._answer(agency)

    def police_reply(self) -> None:
        """Police are the first to answer, by phone; asked at once where nobody has been yet."""
        if "police" not in self.asked:
            self.asked.add("police")
            self._do(Verb.REQUEST_INFORMATION, self.screener, agencies=("police",), question=self._one_of("questions"))
        self.awaited.discard("police")
        self._pass(20, 40)
        said = whole_reply("police", self.report, self.family, self.rng)
        self._reply("police", self.at, said, by=self.screener, given_by="Police duty desk, by phone")

    def partial(self) -> None:
        """One agency gives a part of what it has."""
        agency = sorted(self.awaited)[-1]
        self.at = self._reply_at(agency)
        self._reply(agency, self.at, first_part(self.rng))

    def volunteer(self) -> None:
        """Housing tells unasked."""
        self._in_hours(15, 60)
        told = "The family was offered help with clearing the flat in the spring and did not answer the letter."
        self._reply("housing", self.at, Words(Reply.INFORMATION_HELD, told, Handling.SHAREABLE_WITH_TEAM))

    def waive(self) -> None:
        """The decision maker waits no longer for those who have not answered, or cannot be reached for days."""
        if self.awaited:
            if all(map(self._hears, self.awaited)):
                self.at = max(self.at, self.asked_at + 2 * HOUR if self.urgent else self.hub.later(self.asked_at, 240))
            self._pass(10, 40)
            agencies = tuple(sorted(self.awaited))
            self._do(Verb.PROCEED_WITHOUT, self.decider, agencies=agencies, rationale=self._why_without())
            self.awaited.clear()

    def _reply_at(self, agency: str) -> int:
        minutes = self.rng.randint(12, 50) if self.urgent else self.rng.randint(25, 150)
        return self.hub.later(self.asked_at, minutes, self.hub.rules.agencies[agency].calendar)

    def _answer(self, agency: str) -> None:
        """An answer, unless it would take longer than the hub waits."""
        at = self._reply_at(agency)
        patience = self.asked_at + 3 * HOUR if self.urgent else self.hub.later(self.asked_at, 420)
        if at <= patience:
            self._answers(agency, at)
            self.at = max(self.at, at)

    def _answers(self, agency: str, at: int) -> None:
        self.awaited.discard(agency)
        self._reply(agency, at, whole_reply(agency, self.report, self.family, self.rng))

    def _reply(self, agency: str, at: int, said: Words, by: str | None = None, given_by: str | None = None) -> None:
        if by is None and agency not in self.hub.desks:
            by, given_by = "contact_officer", f"{self.hub.rules.agencies[agency].label} duty desk, by phone"
        details = {"agency": agency, "reply": said.reply, "summary": self._text(said.summary)}
        by = by or f"desk:{agency}"
        self._do(Verb.RETURN_INFORMATION, by, at, handling=said.handling, given_by=given_by, **details)

    def _why_without(self) -> str:
        closed = any(not self._hears(agency) for agency in self.awaited)
        return str(self._text(self.report.without_because) or words()["without"]["closed" if closed else "slow"])

    def _hears(self, agency: str) -> bool:
        """Whether the agency is at work within a day or so."""
        hours = self.hub.calendar(self.hub.rules.agencies[agency].calendar)
        return hours.next_opening(self.at) < self.at + 4 * DAY

    # -- deciding --------------------------------------------------------------------------------------------------

    def decide(self) -> None:
        """The outcome of the report."""
        assert self.report.outcome
        outcome, level = self.report.outcome.split()
        self._decide(outcome, int(level), str(self._text(self.report.why)))

    def decide_advice(self) -> None:
        """A first thought: advice will do."""
        self._decide("information_and_advice", 2, "The family has been advised by phone and says that it will manage.")

    def decide_nfa(self) -> None:
        """A first thought: nothing more."""
        self._decide("no_further_action", 2, "The replies show nothing beyond what the family is already dealing with.")

    def _decide(self, outcome: str, level: int, why: str) -> None:
        self._pass(12, 50)
        waits = self.hub.rules.outcomes[outcome].waits_for_replies
        unasked = set(self._required()) - self.asked
        without = tuple(sorted(self.awaited | unasked)) if waits else ()
        labels = " and ".join(self.hub.rules.agencies[agency].label for agency in without)
        because = f" Decided without {labels}: {self._why_without()}" if without else ""
        children = self.family.children
        own = {children[n - 1]["label"]: other for n, other in self.report.siblings.items()}
        self.outcome = outcome
        self.needs_oversight = self.hub.rules.oversight_needed({outcome, *own.values()}, self.rag)
        self._do(
            Verb.RECORD_DECISION,
            self.decider,
            outcome=outcome,
            threshold_level=level,
            rationale=why + because,
            without=without,
            children=own,
        )
        if not waits:
            self._late_replies()

    def _late_replies(self) -> None:
        """Whoever is not waited for answers all the same."""
        for agency in sorted(self.awaited):
            at = self._reply_at(agency)
            if at <= self.hub.now:
                self._answers(agency, at)

    def meeting(self) -> None:
        """The strategy discussion was held."""
        self._in_hours(40, 100)
        self._do(Verb.RECORD_EVENT, self.screener, event="strategy_discussion_held", occurred_at=instant(self.at))

    def sign(self) -> None:
        """A second person agrees, where the rules ask for one."""
        if self.needs_oversight:
            self._in_hours(12, 60)
            self._do(Verb.SIGN_OFF, self.signer, agree=True, comment=self._one_of("agreed"))

    def disagree(self) -> None:
        """The second person does not agree."""
        self._in_hours(12, 50)
        self._do(Verb.SIGN_OFF, self.signer, agree=False, comment=self._text(self.report.because))

    def withdraw(self) -> None:
        """The decision is taken back, or waits for somebody who will look again."""
        self._in_hours(10, 30)
        self._do(Verb.WITHDRAW_DECISION, self.decider, reason=self._text(self.report.because))

    def pause(self) -> None:
        """The decision waits for something until the next working day."""
        self._in_hours(5, 15)
        hours = self.hub.hours
        day = hours.working_day_after(london_day(self.at), 1)
        until = min(hours.first_opening(day) + 3 * HOUR, self.at + 4 * DAY)
        reason = self._text(self.report.because)
        self._do(Verb.PAUSE_CLOCK, self.decider, clock="decision", reason=reason, until=instant(until))

    # -- afterwards ------------------------------------------------------------------------------------------------

    def tell(self) -> None:
        """The referrer learns what may be told."""
        if names().referrers[self.report.from_].anonymous:
            return
        self._in_hours(15, 150)
        told = "transferred" if any(act.verb is Verb.TRANSFER_ACCEPTED for act in self.acts) else self.outcome
        self._do(Verb.GIVE_FEEDBACK, "contact_officer", note=self._one_of("told", told))

    def close(self) -> None:
        """All is done."""
        self._in_hours(1, 40)
        self._do(Verb.CLOSE, self.screener, reason=self._one_of("closing"))

    def answer(self) -> None:
        """A call for advice or a request for information is dealt with there and then."""
        self._in_hours(5, 120)
        self._do(Verb.CLOSE, self.screener, reason=self._text(self.report.why))

    def confirm(self) -> None:
        """The allocated worker has read it."""
        self._in_hours(15, 120)
        self._do(Verb.CONFIRM_READ, self.screener)

    def reopen(self) -> None:
        """Something new has arrived, at the moment that was set."""
        assert self.reopened_at is not None
        if self.reopened_at <= self.at:
            raise NotYet
        self.at = self.reopened_at
        self._do(Verb.REOPEN, self.screener, reason=self._text(self.report.because))


def instant(at: int) -> datetime:
    """Seconds since 1970 as an aware instant."""
    return datetime.fromtimestamp(at, UTC)


def whole_minute(at: int) -> int:
    """The minute in which it lies."""
    return at - at % MINUTE
