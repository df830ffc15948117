"""When is everything due, and what has to be said about it? The fold: events → episodes and alerts. Pure.

The one place that holds the rules of the clocks (replay format, sections 3 and 4): used by every verb, the sweep,
replay and each explanation. Events of one instant are applied first, then pauses end whose time it is, then what is
due is raised. Instants inside are whole seconds since 1970 in UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mash.rules import timescales
from mash.rules.linter import NOT_RATED, OTHERWISE
from mash.rules.ruleset import ClockRules, Moment, OnRerating, OnReturn, RestartsOn, RuleSet, Timescale
from mash.vocabulary import Kind, Role, State, Verb
from mash.workflow.episodes import Clockwork, Episode, Key, Origin, Timeline, has_target, seconds
from mash.workflow.history import Event


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
    fold = _Fold(rules)
    for at, happening in _in_order(events, holidays):
        fold.advance(at)
        fold.apply(at, happening)
    fold.advance(seconds(before))
    return Timeline(tuple(fold.episodes), fold.next_at())


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


def _concerns(agency: str, spoken_of: str) -> bool:
    """Whether a moment concerns the clock of an agency: one of the hub concerns all, one of an agency only its own."""
    return not spoken_of or agency in ("", spoken_of)


class _Fold(Clockwork):
    """The clocks of one contact while its events are read."""

    def __init__(self, rules: RuleSet) -> None:
        super().__init__(rules)
        self.origins: dict[Key, Origin] = {}
        self.owed: set[Key] = set()
        self.happened: set[str] = set()
        self.rag: str | None = None
        self.suggested: str | None = None
        self.kind = Kind.REFERRAL
        self.anonymous = self.by_edt = self.passed_on = False
        self.needs_oversight = self.reopened = False
        self.owed_before_decision: set[Key] = set()
        self.away_since: int | None = None
        self.waiting_for_resubmit: set[Key] = set()

    def _start(self, key: Key, origin: Origin, started_by: str, at: int) -> None:
        """Start a clock: a deadline where it has a target now, else it is owed one."""
        self.origins[key] = origin
        scale = self._timescale(key[0])
        self.begin(key, origin, started_by, at, scale)
        if self.rules.clocks[key[0]].by_rating is not None and not has_target(scale):
            self.owed.add(key)

    def _timescale(self, clock: str) -> Timescale | None:
        rules = self.rules.clocks[clock]
        if rules.timescale:
            return rules.timescale
        if rules.by_suggestion is not None:
            return rules.by_suggestion.get(self.suggested or OTHERWISE, rules.by_suggestion[OTHERWISE])
        return (rules.by_rating or {}).get(self.rag or NOT_RATED)

    # -- moments --------------------------------------------------------------------------------------------------

    def _moment(self, moment: str, at: int, agency: str = "", occurred: int | None = None) -> None:
        """Something happened that stops some clocks and starts others."""
        self.happened.add(moment)
        when = at if occurred is None else occurred
        for episode in self.running:
            clock = self.rules.clocks[episode.clock]
            in_time = occurred is None or episode.started_at <= occurred
            if clock.stop == moment and _concerns(episode.agency, agency) and in_time:
                self.end_open_pause(episode, at)
                episode.met_at = when
        done = {key for key in self.owed if self.rules.clocks[key[0]].stop == moment and _concerns(key[1], agency)}
        self.owed -= done
        self.waiting_for_resubmit = {k for k in self.waiting_for_resubmit if self.rules.clocks[k[0]].stop != moment}
        if moment == Moment.DECISION_RECORDED:
            self.owed_before_decision = done
        for name, clock in self.rules.clocks.items():
            if moment in clock.starts and self._applies(name, clock, moment):
                key = (name, agency if moment == Moment.AGENCY_ASKED else "")
                self._start(key, Origin(when), moment, at)

    def _applies(self, name: str, clock: ClockRules, moment: str) -> bool:
        """Whether the moment starts the clock for this contact."""
        if clock.unless_anonymous and self.anonymous:
            return False
        if moment != Moment.RECEIPT:
            return clock.stop != Moment.SIGNED_OFF or self.needs_oversight
        if clock.stop == Moment.HANDOVER_ACCEPTED and not self.by_edt:
            return False
        if clock.stop == Moment.READING_CONFIRMED and not self.passed_on:
            return False
        if self.passed_on and name not in self.rules.open_cases.clocks:
            return False
        return self._kind_has(name)

    def _kind_has(self, name: str) -> bool:
        clocks = self.rules.kinds[self.kind].clocks
        return clocks is None or name in clocks

    # -- events ---------------------------------------------------------------------------------------------------

    def apply(self, at: int, happening: Event | BankHoliday) -> None:
        """What one event does to the clocks."""
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
                self.set(episode, at)
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
        received = seconds(datetime.fromisoformat(facts["received_at"]))
        for name, clock in self.rules.clocks.items():
            if clock.counts_from_receipt:
                self.origins[name, ""] = Origin(received)
                if self._applies(name, clock, Moment.RECEIPT):
                    self._start((name, ""), Origin(received), Moment.RECEIPT, at)

    def add_facts(self, at: int, event: Event) -> None:
        before, self.suggested = self.suggested, event.facts["suggested"]
        if self.rules.order[self.suggested] > self.rules.order[before]:
            for episode in self.episodes:
                if episode.may_still_be_met_in_time and self.rules.clocks[episode.clock].by_suggestion is not None:
                    self._hasten(episode, at)
        if event.facts["reopens"]:
            self.reopen(at, event)

    def _hasten(self, episode: Episode, at: int) -> None:
        """A higher suggestion gives a by-suggestion clock its own time from now, where that is earlier."""
        scale = self._timescale(episode.clock)
        if scale is None:
            return
        due = timescales.due(scale.due, at, (), self.hours_of(episode.clock, episode.agency))
        if due is not None and due < episode.due_at:
            episode.timescale, episode.origin = scale, Origin(at)
            self.set(episode, at)

    def rate(self, at: int, event: Event) -> None:
        before, self.rag = self.rag, event.facts["rag"]
        raised = before is not None and self.rules.order[self.rag] > self.rules.order[before]
        if before is not None and self.rag != before:
            for episode in self.running:
                self._rerate(episode, at, raised)
        if event.state_before is State.SCREENING:
            self._moment(Moment.RATED, at)
        if before is None:
            self._becomes_referral()
        for key in sorted(self.owed):
            self._grant(key, at, first=before is None, raised=raised)

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
                self.owed.add((name, ""))

    def _grant(self, key: Key, at: int, *, first: bool, raised: bool) -> None:
        """A colour gives a target to a clock that has none yet."""
        clock, scale = self.rules.clocks[key[0]], self._timescale(key[0])
        fixed_already = clock.on_rerating is OnRerating.FIXED and not first
        asked_before_rating = bool(key[1]) and first
        if fixed_already or asked_before_rating or not has_target(scale):
            return
        restarts = clock.on_rerating is OnRerating.RESTARTS_WHEN_RAISED and raised
        started_by = Moment.RECEIPT if clock.counts_from_receipt else clock.starts[0]
        self.begin(key, Origin(at) if restarts else self.origins[key], started_by, at, scale)
        self.owed.discard(key)

    def _rerate(self, episode: Episode, at: int, raised: bool) -> None:
        """What a new colour does to a running episode. Source: replay format, 3.3 and 3.4."""
        clock = self.rules.clocks[episode.clock]
        policy = clock.on_rerating
        by_rating = clock.by_rating is not None and policy is not OnRerating.FIXED
        earlier = by_rating and policy is OnRerating.EARLIER_OF_THE_TWO
        if episode.paused_at is not None and (earlier or self.rag not in clock.pausable_for):
            self.end_pause(episode, at)
        if not by_rating:
            return
        scale = self._timescale(episode.clock)
        if policy is OnRerating.RESTARTS_WHEN_RAISED and raised and has_target(scale):
            self._replace(episode, Origin(at), scale, at)
        elif earlier and (episode.breached_at is not None or not self._due_earlier(episode, scale)):
            return
        elif episode.breached_at is not None or not has_target(scale):
            self._replace(episode, episode.origin, scale, at)
        else:
            episode.timescale = scale
            if episode.paused_at is None:  # else it is counted anew when the pause ends
                self.set(episode, at)

    def _due_earlier(self, episode: Episode, scale: Timescale | None) -> bool:
        """Whether the new timescale would not be later than the deadline that the episode has."""
        if scale is None:
            return False
        hours = self.hours_of(episode.clock, episode.agency)
        due = timescales.due(scale.due, episode.origin.at, episode.origin.pauses, hours)
        return due is not None and due <= episode.due_at

    def _replace(self, episode: Episode, origin: Origin, scale: Timescale | None, at: int) -> None:
        key = (episode.clock, episode.agency)
        self._cancel(episode, at)
        self.begin(key, origin, episode.started_by, at, scale)
        if not has_target(scale):
            self.origins[key] = Origin(self.origins[key].at, list(episode.origin.pauses))
            self.owed.add(key)

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
        self.owed -= {key for key in self.owed if key[1] in waived}

    def decide(self, at: int, event: Event) -> None:
        self.waive(at, event)
        self.needs_oversight = event.facts["oversight"]
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
        self._forgive(lambda clock: clock.stop == Moment.SIGNED_OFF)
        self._undo_decision(at)

    def _undo_decision(self, at: int) -> None:
        self._cancel_started_by(Moment.DECISION_STANDS, at)
        for name, clock in self.rules.clocks.items():
            if RestartsOn.DECISION_UNDONE in clock.restarts_on:
                self._run_again((name, ""), at)

    def _run_again(self, key: Key, at: int) -> None:
        """A new episode with the start, the target and the earlier pauses of the one before."""
        earlier = [e for e in self.episodes if (e.clock, e.agency) == key]
        if key in self.owed_before_decision:
            self.owed.add(key)
        elif earlier and not any(episode.running for episode in earlier):
            last = earlier[-1]
            self.begin(key, last.origin, last.started_by, at, last.timescale)

    def _cancel_started_by(self, moment: Moment, at: int) -> None:
        for episode in self.running:
            if episode.started_by == moment:
                self._cancel(episode, at)
        self._forgive(lambda clock: moment in clock.starts)

    def _cancel(self, episode: Episode, at: int) -> None:
        self.end_open_pause(episode, at)
        episode.cancelled_at = at

    def _forgive(self, whose: Callable[[ClockRules], bool]) -> None:
        """These clocks are owed no deadline any more."""
        self.owed = {key for key in self.owed if not whose(self.rules.clocks[key[0]])}

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
                self.end_pause(episode, at)

    def send_back(self, at: int, event: Event) -> None:
        self.away_since = at
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

    def _end_absence(self, episode: Episode, since: int, at: int) -> None:
        if episode.paused_at is not None:
            self.end_pause(episode, at)
        else:
            episode.origin.pauses.append((since, at))

    def _count_absence(self, key: Key, policy: OnReturn, since: int, at: int) -> None:
        """Where a clock counts from that is set later on."""
        if policy is OnReturn.RESET:
            self.origins[key] = Origin(at)
        elif policy is OnReturn.PAUSE:
            origin = self.origins[key]
            self.origins[key] = Origin(origin.at, [*origin.pauses, (since, at)])

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
        self._forgive(lambda clock: clock.stop == Moment.READING_CONFIRMED)
        for name, clock in self.rules.clocks.items():
            if RestartsOn.REOPEN in clock.restarts_on:
                self.happened.discard(clock.stop)
                self.origins[name, ""] = Origin(at)
                if self._applies(name, clock, Moment.RECEIPT):
                    self._start((name, ""), Origin(at), Moment.RECEIPT, at)


_MOMENTS = {
    Verb.ACKNOWLEDGE: Moment.ACKNOWLEDGED,
    Verb.ACCEPT_HANDOVER: Moment.HANDOVER_ACCEPTED,
    Verb.CONFIRM_READ: Moment.READING_CONFIRMED,
    Verb.START_SCREENING: Moment.SCREENING_STARTED,
    Verb.GIVE_FEEDBACK: Moment.REFERRER_TOLD,
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
    Verb.RETURN_TO_REFERRER: _Fold.send_back,
    Verb.RESUBMIT: _Fold.come_back,
    Verb.TRANSFER_ACCEPTED: _Fold.transferred,
    Verb.REOPEN: _Fold.reopen,
}
