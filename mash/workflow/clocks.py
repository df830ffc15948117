"""When is everything due, and what has to be said about it? The fold: events → episodes and alerts. Pure.

The one place that holds the rules of the clocks (replay format, sections 3 and 4): used by every verb, the sweep,
replay and each explanation. Events of one instant are applied first, then pauses end whose time it is, then what is
due is raised. Instants inside are whole seconds since 1970 in UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mash.rules.clockrules import Moment, OnRerating, OnReturn, RestartsOn, Timescale
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Cause, Kind, Role, State, Verb
from mash.workflow.episodes import Episode, Key, Origin, Timeline, Why, has_target, seconds
from mash.workflow.history import Event
from mash.workflow.starting import Owed, Starting


@dataclass(frozen=True)
class BankHoliday:
    """A bank holiday announced late: it counts from `announced_at` on."""

    announced_at: datetime
    day: date


def timeline(
    rules: RuleSet,
    events: Sequence[Event],
    holidays: Sequence[BankHoliday],
    before: datetime,
) -> Timeline:
    """What the clocks show just before an instant: all that fell due earlier, nothing that falls due then."""
    return Clocks(rules, events, holidays).before(before)


class Clocks:
    """The clocks of one contact, to look at and to go on from. Each look is at the same instant as the last, or later.

    What a look shows is good until the next: the episodes go on.
    """

    def __init__(self, rules: RuleSet, events: Iterable[Event], holidays: Sequence[BankHoliday]) -> None:
        self._fold = _Fold(rules)
        for at, happening in _in_order(events, holidays):
            self._fold.advance(at)
            self._fold.apply(at, happening)

    def before(self, instant: datetime) -> Timeline:
        """What they show just before an instant."""
        self._fold.advance(seconds(instant))
        return Timeline(tuple(self._fold.episodes), self._fold.next_at(), self._fold.ahead)

    def add(self, event: Event) -> None:
        """One more act. It knows of every bank holiday that they know of."""
        at = seconds(event.at)
        self._fold.advance(at)
        self._fold.apply(at, event)


def _in_order(events: Iterable[Event], holidays: Sequence[BankHoliday]) -> Iterator[tuple[int, Event | BankHoliday]]:
    """Acts in their order, each after the bank holidays that were known when it was done."""
    told = 0
    for event in events:
        for holiday in holidays[told : event.facts["calendar_version"]]:
            yield seconds(holiday.announced_at), holiday
        told = max(told, event.facts["calendar_version"])
        yield seconds(event.at), event
    for holiday in holidays[told:]:
        yield seconds(holiday.announced_at), holiday


class _Fold(Starting):
    """The clocks of one contact while its events are read: what each event does to them."""

    def apply(self, at: int, happening: Event | BankHoliday) -> None:
        """What one event does to the clocks."""
        self.act = None if isinstance(happening, BankHoliday) else happening.seq
        if isinstance(happening, BankHoliday):
            self._bank_holiday(at, happening.day)
            return
        if effect := _EFFECTS.get(happening.verb):
            effect(self, at, happening)
        elif moment := _MOMENTS.get(happening.verb):
            self._moment(moment, at)

    def _bank_holiday(self, at: int, day: date) -> None:
        self.late |= {day}
        self.hours = self.rules.working_times(self.late)
        for episode in self.episodes:
            if episode.may_still_be_met_in_time:
                self.set(episode, at, Why.BANK_HOLIDAY)
            elif episode.running and episode.breached_at is not None:
                self.set_agenda(episode)

    def receive(self, at: int, event: Event) -> None:
        facts = event.facts
        self.kind, self.anonymous, self.passed_on = (
            Kind(facts["kind"]),
            facts["anonymous"],
            facts["passed_on"],
        )
        self.by_edt, self.suggested = event.role is Role.EDT, facts["suggested"]
        self.channel, self.source, self.concerns = facts["channel"], facts["source"], frozenset(facts["concerns"])
        self.colour = self.suggested
        received = seconds(datetime.fromisoformat(facts["received_at"]))
        for name, clock in self.rules.started_by(Moment.RECEIPT):
            self.origins[name, ""] = Origin(received)
            if self._applies(name, clock, Moment.RECEIPT):
                self._start((name, ""), Origin(received), Moment.RECEIPT, at)

    def add_facts(self, at: int, event: Event) -> None:
        before, self.suggested = self.suggested, event.facts["suggested"]
        self.colour = self.rag or self.suggested
        if self.rules.order[self.suggested] > self.rules.order[before]:
            for episode in self.episodes:
                if episode.may_still_be_met_in_time and self.rules.clocks[episode.clock].by_suggestion is not None:
                    self._hasten(episode, at)
        if event.facts["reopens"]:
            self.reopen(at, event)
        self._hear_of(frozenset(event.facts["concerns"]), at)

    def _hear_of(self, further: frozenset[str], at: int) -> None:
        """A concern that is heard of later starts the clocks that are only for it, from then on."""
        before, self.concerns = self.concerns, self.concerns | further
        for name, clock in self.rules.started_by(Moment.RECEIPT):
            only = clock.only_for.concerns if clock.only_for else None
            if only is None or not before.isdisjoint(only):
                continue
            if clock.stop not in self.happened and self._applies(name, clock, Moment.RECEIPT):
                self._start((name, ""), Origin(at), Moment.RECEIPT, at)

    def _hasten(self, episode: Episode, at: int) -> None:
        """A higher suggestion gives a by-suggestion clock its own time from now, where that is earlier."""
        scale = self._timescale((episode.clock, episode.agency))
        if not has_target(scale):
            return
        if self.count((episode.clock, episode.agency), scale, Origin(at), self.colour).due_at < episode.due_at:
            episode.timescale, episode.origin, episode.colour = scale, Origin(at), self.colour
            self.set(episode, at, Why.SUGGESTED_HIGHER)

    def rate(self, at: int, event: Event) -> None:
        before, self.rag = self.rag, event.facts["rag"]
        self.colour = self.rag
        raised = before is not None and self.rules.order[self.rag] > self.rules.order[before]
        if before is not None and self.rag != before:
            for episode in self.running:
                self._rerate(episode, at, raised, by_rating=True)
        if (level := self.rules.level_of(self.rag)) is not None:
            self._set_level(level, at)
        if event.state_before is State.SCREENING:
            self._moment(Moment.RATED, at)
        if before is None:
            self._becomes_referral()
        self._grant(at, first=before is None, raised=raised, by_rating=True)

    def _set_level(self, level: int, at: int) -> None:
        """A threshold level is known, or another one than before."""
        before, self.level = self.level, level
        raised = before is not None and level > before
        if before is not None and level != before:
            for episode in self.running:
                self._rerate(episode, at, raised, by_rating=False)
        self._grant(at, first=before is None, raised=raised, by_rating=False)

    def _becomes_referral(self) -> None:
        """A contact of another kind that is rated is a referral: the clocks it did not get are owed from receipt."""
        if not self.rules.kinds[self.kind].may_close_early:
            return
        missed = [name for name, c in self.rules.clocks.items() if c.counts_from_receipt and not self._kind_has(name)]
        self.kind = Kind.REFERRAL
        for name in missed:
            clock = self.rules.clocks[name]
            if self.reopened and RestartsOn.REOPEN not in clock.restarts_on:
                continue
            if clock.stop not in self.happened and self._applies(name, clock, Moment.RECEIPT):
                self._owe(Owed((name, ""), self.origins[name, ""], Moment.RECEIPT))

    def _grant(self, at: int, *, first: bool, raised: bool, by_rating: bool) -> None:
        """A colour, or a level, gives a target to the clocks that have none yet."""
        granted = []
        for owed in sorted(self.owed, key=lambda owed: (owed.key, owed.origin.at)):
            clock, scale = self.rules.clocks[owed.key[0]], self._timescale(owed.key)
            of_other_kind = (clock.by_level is None) != by_rating
            fixed_already = clock.on_rerating is OnRerating.FIXED and not first
            asked_before_rating = bool(owed.key[1]) and first
            if of_other_kind or fixed_already or asked_before_rating or not has_target(scale):
                continue
            restarts = clock.on_rerating is OnRerating.RESTARTS_WHEN_RAISED and raised
            self.begin(owed.key, Origin(at) if restarts else owed.origin, owed.started_by, at, scale)
            granted.append(owed)
        self._forgive(lambda owed: owed in granted)

    def _rerate(self, episode: Episode, at: int, raised: bool, *, by_rating: bool) -> None:
        """What a new colour (or level) does to a running episode. Source: replay format, 3.3 and 3.4."""
        clock = self.rules.clocks[episode.clock]
        policy = clock.on_rerating
        goes_by_it = (clock.by_rating if by_rating else clock.by_level) is not None and policy is not OnRerating.FIXED
        earlier = goes_by_it and policy is OnRerating.EARLIER_OF_THE_TWO
        may_pause = not by_rating or self.rag in clock.pausable_for
        if episode.paused_at is not None and (earlier or not may_pause):
            self.end_pause(episode, at, Why.RESUMED)
        if goes_by_it:
            why = Why.RERATED if by_rating else Why.LEVEL
            self._retarget(episode, self._timescale((episode.clock, episode.agency)), at, raised, policy, why)

    def _retarget(
        self, episode: Episode, scale: Timescale | None, at: int, raised: bool, policy: OnRerating, why: Why
    ) -> None:
        earlier = policy is OnRerating.EARLIER_OF_THE_TWO
        if policy is OnRerating.RESTARTS_WHEN_RAISED and raised and has_target(scale):
            self._replace(episode, Origin(at), scale, at)
        elif earlier and (episode.breached_at is not None or not self._due_earlier(episode, scale)):
            self.remember(episode, at, Why.KEPT, episode.due_at)
        elif episode.breached_at is not None or not has_target(scale):
            self._replace(episode, episode.origin, scale, at)
        else:
            episode.timescale, episode.colour = scale, self.colour
            if episode.paused_at is None:  # else it is counted anew when the pause ends
                self.set(episode, at, why)

    def _due_earlier(self, episode: Episode, scale: Timescale | None) -> bool:
        """Whether the new timescale would not be later than the deadline that the episode has."""
        if not has_target(scale):
            return False
        counted = self.count((episode.clock, episode.agency), scale, episode.origin, self.colour)
        return counted.due_at <= episode.due_at

    def _replace(self, episode: Episode, origin: Origin, scale: Timescale | None, at: int) -> None:
        key = (episode.clock, episode.agency)
        self._cancel(episode, at)
        self.begin(key, origin, episode.started_by, at, scale)
        if not has_target(scale):
            start = episode.origin.at if episode.started_by in self.rules.events else self.origins[key].at
            self.origins[key] = Origin(start, list(episode.origin.pauses))
            self._owe(Owed(key, self.origins[key], episode.started_by))

    def ask(self, at: int, event: Event) -> None:
        for agency in event.facts["agencies"]:
            self._moment(Moment.AGENCY_ASKED, at, agency)

    def reply(self, at: int, event: Event) -> None:
        if event.facts["stops_clock"] and not event.facts["volunteered"]:
            self._moment(Moment.AGENCY_REPLIED, at, event.facts["agency"])

    def waive(self, at: int, event: Event) -> None:
        waived = event.facts["agencies"]
        for episode in self.running:
            if episode.agency in waived:
                self._cancel(episode, at)
        self._forgive(lambda owed: owed.key[1] in waived)

    def decide(self, at: int, event: Event) -> None:
        self.waive(at, event)
        self.needs_oversight = event.facts["oversight"]
        self.outcomes = frozenset({event.facts["outcome"], *event.facts["children"].values()})
        if (level := event.facts["threshold_level"]) is not None:
            self._set_level(level, at)
        self._moment(Moment.DECISION_RECORDED, at)
        if event.facts["stands"]:
            self._moment(Moment.DECISION_STANDS, at)

    def sign(self, at: int, event: Event) -> None:
        self._moment(Moment.SIGNED_OFF, at)
        if not event.facts["agree"]:
            self._undo_decision(at)
        elif event.facts["stands"]:
            self._moment(Moment.DECISION_STANDS, at)

    def withdraw(self, at: int, event: Event) -> None:
        for episode in self.running:
            if self.rules.clocks[episode.clock].stop == Moment.SIGNED_OFF:
                self._cancel(episode, at)
        self._forgive(lambda owed: self._stop_of(owed.key) == Moment.SIGNED_OFF)
        self._undo_decision(at)

    def _undo_decision(self, at: int) -> None:
        self._cancel_started_by(Moment.DECISION_STANDS, at)
        for name, clock in self.rules.clocks.items():
            if RestartsOn.DECISION_UNDONE in clock.restarts_on:
                self._run_again((name, ""), at)

    def _run_again(self, key: Key, at: int) -> None:
        """A new episode with the start, the target and the earlier pauses of the one before."""
        earlier = [e for e in self.episodes if (e.clock, e.agency) == key]
        owed = [owed for owed in self.owed_before_decision if owed.key == key and owed not in self.owed]
        if owed:
            self.owed += owed
        elif earlier and not any(episode.running for episode in earlier):
            last = earlier[-1]
            self.begin(key, last.origin, last.started_by, at, last.timescale)

    def _cancel_started_by(self, moment: Moment, at: int) -> None:
        for episode in self.running:
            if episode.started_by == moment:
                self._cancel(episode, at)
        self._forgive(lambda owed: moment in self.rules.clocks[owed.key[0]].starts)

    def record(self, at: int, event: Event) -> None:
        self._moment(event.facts["event"], at, occurred=seconds(datetime.fromisoformat(event.facts["occurred_at"])))

    def pause(self, at: int, event: Event) -> None:
        for episode in self.episodes:
            if episode.clock == event.facts["clock"] and episode.may_still_be_met_in_time:
                episode.paused_at = at
                episode.pause_until = seconds(datetime.fromisoformat(event.facts["until"]))

    def resume(self, at: int, event: Event) -> None:
        for episode in self.running:
            if episode.clock == event.facts["clock"] and episode.paused_at is not None:
                self.end_pause(episode, at, Why.RESUMED)

    def take(self, at: int, event: Event) -> None:
        episode = self._named(event)
        episode.taken_by, episode.taken_at = event.actor_id, at

    def hand_on(self, at: int, event: Event) -> None:
        episode = self._named(event)
        episode.taken_by, episode.taken_at = event.facts["to"], at

    def resolve(self, at: int, event: Event) -> None:
        episode = self._named(event)
        episode.cause = Cause(event.facts["cause"])
        episode.resolved_by, episode.resolved_at = event.actor_id, at

    def annul(self, at: int, event: Event) -> None:
        episode = self._named(event)
        episode.annulled_by, episode.annulled_at = event.actor_id, at
        if episode.running:
            self._cancel(episode, at)
            key = (episode.clock, episode.agency)
            self.origins[key] = Origin(at)
            self.begin(key, Origin(at), episode.started_by, at, episode.timescale)

    def _named(self, event: Event) -> Episode:
        key = tuple(event.facts[name] for name in ("clock", "agency", "episode"))
        return next(e for e in self.episodes if (e.clock, e.agency, e.number) == key)

    def lift(self, at: int, event: Event) -> None:
        for episode in self.running:
            if episode.clock == event.facts["clock"]:
                self._cancel(episode, at)
        self._forgive_clock(event.facts["clock"])

    def send_back(self, at: int, event: Event) -> None:
        self.away_since = at
        self._moment(Moment.RETURNED, at)
        for episode in self.running:
            clock = self.rules.clocks[episode.clock]
            if episode.started_by != Moment.RECEIPT or clock.on_return is OnReturn.CONTINUE:
                continue
            if clock.on_return is OnReturn.RESET:
                self._cancel(episode, at)
                self.waiting_for_resubmit.add((episode.clock, ""))
            elif episode.breached_at is None:
                episode.paused_at = episode.paused_at or at
                episode.pause_until = None

    def come_back(self, at: int, event: Event) -> None:
        since, self.away_since = self.away_since, None
        if since is None:
            return
        for episode in self.running:
            pauses = self.rules.clocks[episode.clock].on_return is OnReturn.PAUSE
            if pauses and episode.started_by == Moment.RECEIPT:
                self._end_absence(episode, since, at)
        for name, clock in self.rules.clocks.items():
            if (name, "") in self.origins and clock.counts_from_receipt:
                self._count_absence((name, ""), clock.on_return, since, at)
        for key in sorted(self.waiting_for_resubmit):
            self._start(key, self.origins[key], Moment.RECEIPT, at)
        self.waiting_for_resubmit.clear()
        self._moment(Moment.RESUBMITTED, at)

    def _end_absence(self, episode: Episode, since: int, at: int) -> None:
        if episode.paused_at is not None:
            self.end_pause(episode, at, Why.CAME_BACK)
        else:
            episode.origin.pauses.append((since, at))

    def _count_absence(self, key: Key, policy: OnReturn, since: int, at: int) -> None:
        """Where a clock counts from that is set later on."""
        if policy is OnReturn.CONTINUE:
            return
        origin = self.origins[key]
        later = Origin(at) if policy is OnReturn.RESET else Origin(origin.at, [*origin.pauses, (since, at)])
        self.origins[key] = later
        from_receipt = (key, Moment.RECEIPT)
        self.owed = [
            Owed(o.key, later, o.started_by) if (o.key, o.started_by) == from_receipt else o for o in self.owed
        ]

    def transferred(self, at: int, event: Event) -> None:
        for episode in self.running:
            self._cancel(episode, at)
        self.owed.clear()
        self._moment(Moment.TRANSFER_ACCEPTED, at)

    def reopen(self, at: int, event: Event) -> None:
        self.passed_on, self.reopened = False, True
        self._cancel_started_by(Moment.DECISION_STANDS, at)
        for episode in self.running:
            if self.rules.clocks[episode.clock].stop == Moment.READING_CONFIRMED:
                self._cancel(episode, at)
        self._forgive(lambda owed: self._stop_of(owed.key) == Moment.READING_CONFIRMED)
        for name, clock in self.rules.clocks.items():
            if RestartsOn.REOPEN in clock.restarts_on:
                self.happened.discard(clock.stop)
                self.origins[name, ""] = Origin(at)
                self._forgive_clock(name)
                if self._applies(name, clock, Moment.RECEIPT):
                    self._start((name, ""), Origin(at), Moment.RECEIPT, at)
        self._moment(Moment.REOPENED, at)


_MOMENTS = {
    Verb.ACKNOWLEDGE: Moment.ACKNOWLEDGED,
    Verb.ACCEPT_HANDOVER: Moment.HANDOVER_ACCEPTED,
    Verb.CONFIRM_READ: Moment.READING_CONFIRMED,
    Verb.START_SCREENING: Moment.SCREENING_STARTED,
    Verb.GIVE_FEEDBACK: Moment.REFERRER_TOLD,
    Verb.CLOSE: Moment.CLOSED,
}
_EFFECTS = {
    Verb.RECEIVE_CONTACT: _Fold.receive,
    Verb.ADD_FACTS: _Fold.add_facts,
    Verb.RATE_CONTACT: _Fold.rate,
    Verb.REQUEST_INFORMATION: _Fold.ask,
    Verb.RETURN_INFORMATION: _Fold.reply,
    Verb.PROCEED_WITHOUT: _Fold.waive,
    Verb.RECORD_DECISION: _Fold.decide,
    Verb.SIGN_OFF: _Fold.sign,
    Verb.WITHDRAW_DECISION: _Fold.withdraw,
    Verb.RECORD_EVENT: _Fold.record,
    Verb.PAUSE_CLOCK: _Fold.pause,
    Verb.RESUME_CLOCK: _Fold.resume,
    Verb.LIFT_DEADLINE: _Fold.lift,
    Verb.TAKE_ALERT: _Fold.take,
    Verb.HAND_ALERT_TO: _Fold.hand_on,
    Verb.RESOLVE_BREACH: _Fold.resolve,
    Verb.ANNUL_BREACH: _Fold.annul,
    Verb.RETURN_TO_REFERRER: _Fold.send_back,
    Verb.RESUBMIT: _Fold.come_back,
    Verb.TRANSFER_ACCEPTED: _Fold.transferred,
    Verb.REOPEN: _Fold.reopen,
}
