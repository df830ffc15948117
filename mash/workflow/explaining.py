"""Why this time? Each deadline of a contact told from its record: rule, start, count, moves, end, alerts. Pure.

It tells what the fold found and adds no counting of its own but `mash.rules.counting`, so that it cannot disagree with
the deadline that is stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mash.rules import counting, plainly
from mash.rules.clockrules import NOT_RATED, AtClosing, ClockRules, Moment
from mash.rules.counting import Question, when
from mash.rules.ruleset import RuleSet
from mash.vocabulary import AlertKind, Verb
from mash.workflow.episodes import Ahead, Basis, Episode, Moved, Raised, Timeline, Why, as_instant
from mash.workflow.history import Event
from mash.workflow.queries import anchor
from mash.workflow.telling import tell

Who = Callable[[str, str, str | None], str]
"""The name of whoever acted, from their id, role and desk."""


@dataclass(frozen=True)
class MoveTold:
    """A due time that was counted anew: what became of it, by which act, and how the one before had been counted."""

    at: datetime
    sentence: str
    by: str
    counted_before: tuple[str, ...]


@dataclass(frozen=True)
class TimeExplained:
    """One deadline. `rule` are terms with what they say; `standing`, `start`, `count` and `alerts` are sentences."""

    clock: str
    agency: str
    episode: int
    label: str
    agency_label: str
    due_at: datetime
    ended: bool
    late: bool
    standing: tuple[str, ...]
    rule: tuple[tuple[str, str], ...]
    start: tuple[str, ...]
    count: tuple[str, ...]
    moves: tuple[MoveTold, ...]
    alerts: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Where it stands on its page."""
        return anchor(self.clock, self.agency, self.episode)


def explain_times(rules: RuleSet, events: Sequence[Event], line: Timeline, who: Who) -> tuple[TimeExplained, ...]:
    """Every deadline, those that run first, each group by its due time."""
    acts = {event.seq: event for event in events}
    in_order = sorted(line.episodes, key=lambda e: (not e.running, e.due_at, e.clock, e.agency, e.number))
    return tuple(_Deadline(rules, acts, who, episode, line.ahead(episode)).told() for episode in in_order)


class _Deadline:
    """Tells of one deadline."""

    def __init__(self, rules: RuleSet, acts: Mapping[int, Event], who: Who, episode: Episode, ahead: Ahead) -> None:
        self.rules, self.acts, self.who, self.episode, self.ahead = rules, acts, who, episode, ahead
        self.clock = rules.clocks[episode.clock]
        self.question = self._question(episode.basis)

    def told(self) -> TimeExplained:
        e, rules = self.episode, self.rules
        due_at = as_instant(e.due_at)
        assert due_at is not None
        return TimeExplained(
            clock=e.clock,
            agency=e.agency,
            episode=e.number,
            label=self.clock.label,
            agency_label=rules.agencies[e.agency].label if e.agency else "",
            due_at=due_at,
            ended=not e.running,
            late=e.breached_at is not None and e.annulled_at is None,
            standing=tuple(self._standing()),
            rule=tuple(self._rule()),
            start=tuple(self._start()),
            count=tuple(self._count(e.basis)),
            moves=tuple(self._move(move) for move in e.moves),
            alerts=tuple(self._alerts()),
        )

    def _question(self, basis: Basis) -> Question:
        return Question(self.rules, self.episode.clock, self.episode.agency, basis.colour, basis.late)

    def _count(self, basis: Basis) -> list[str]:
        return counting.steps(self._question(basis), basis.timescale, basis.start, basis.pauses)

    def _act(self, seq: int | None) -> str:
        """`Rated amber. Ola Park, screener, Monday 8 June 2026 11:00`"""
        event = self.acts.get(seq or 0)
        if event is None:
            return ""
        who = self.who(event.actor_id, event.role, event.desk)
        return f"{tell(event, self.rules)} {who}, {when(int(event.at.timestamp()))}."

    # -- how it stands ------------------------------------------------------------------------------------------------

    def _standing(self) -> Iterator[str]:
        e = self.episode
        if e.breached_at is not None:
            yield self._missed(e.due_at, e.breached_at)
        if e.resolved_at is not None:
            yield from (self._act(seq) for seq, event in self.acts.items() if self._resolves(event))
        if e.annulled_at is not None:
            yield from (self._act(seq) for seq, event in self.acts.items() if self._annuls(event))
        if e.met_at is not None:
            yield f"Done {when(e.met_at)}. {self._act(e.ended_by)}"
        elif e.cancelled_at is not None:
            yield f"No longer needed since {when(e.cancelled_at)}. {self._act(e.ended_by)}"
        elif e.paused_at is not None:
            yield from self._standing_still(e.paused_at, e.pause_until)
        else:
            late = e.breached_at is not None
            yield "It still runs: what it waits for has not been done." if late else "It runs."
        yield from self._not_in_the_count()

    def _not_in_the_count(self) -> Iterator[str]:
        """What happened to the clock and did not move it."""
        e = self.episode
        if e.timescale != e.basis.timescale:
            yield f"Its timescale became “{e.timescale.words}” while it stood still: the due time was counted before."
        for since, until in e.origin.pauses:
            if (since, until) not in e.basis.pauses:
                yield f"It stood still from {when(since)} to {when(until)}; the due time stayed as it was."

    @staticmethod
    def _missed(due_at: int, breached_at: int) -> str:
        if breached_at > due_at:
            return f"Out of timescale since {when(breached_at)}: when it was set, the time had already passed."
        return f"Out of timescale since {when(breached_at)}. A due time that has passed is not moved any more."

    @staticmethod
    def _standing_still(since: int, until: int | None) -> Iterator[str]:
        ends = f"until {when(until)} at the latest" if until is not None else "until the referrer sends it again"
        yield f"It stands still since {when(since)}, {ends}."
        yield "Until then it keeps the due time that it had, and nothing is raised."

    # -- the rule and the start ---------------------------------------------------------------------------------------

    def _rule(self) -> Iterator[tuple[str, str]]:
        scale, calendar = self.episode.basis.timescale, self.question.calendar
        yield "Timescale", f"{scale.words[:1].upper()}{scale.words[1:]}."
        yield "In the rule set", f"clocks.{self.episode.clock}.{self._key()}"
        yield "From and to", plainly.span(self.rules, self.clock)
        if calendar:
            yield "Hours", f"{plainly.calendar_name(calendar)}: {counting.hours_in_words(self.rules, calendar)}."
        handed = scale.at_closing is AtClosing.HAND_TO_EDT
        yield "Whose it is", self.clock.whose.label + (" (at closing: the emergency duty team)" if handed else "")
        changes = " ".join(plainly.changes(self.rules, self.clock))
        if changes:
            yield "What changes it", changes

    def _key(self) -> str:
        """The key under which the timescale stands; where several say the same, all of them."""
        scale, agency = self.episode.basis.timescale, self.episode.agency
        if self.clock.timescale is not None:
            return "timescale"
        own = self.clock.for_agency.get(agency)
        where = f"for_agency.{agency}" if own else self.clock.way
        fitting = [key for key, one in (own.items() if own else self.clock.timescales) if one == scale]
        wanted = self.episode.basis.colour if self._rated() else NOT_RATED
        return f"{where}.{wanted}" if wanted in fitting else " or ".join(f"{where}.{key}" for key in fitting)

    def _rated(self) -> bool:
        """Whether there was a rating when the timescale was given; a clock by suggestion asks for none."""
        given_by = [self.episode.begun_by, *(m.act for m in self.episode.moves if m.why is Why.RERATED)]
        last = max((seq for seq in given_by if seq is not None), default=0)
        rated = any(event.verb is Verb.RATE_CONTACT and event.seq <= last for event in self.acts.values())
        return rated or self.clock.by_rating is None

    def _start(self) -> Iterator[str]:
        e = self.episode
        moment = Moment(e.started_by).label if e.started_by in set(Moment) else self.rules.events[e.started_by]
        yield f"{moment}: {when(e.started_at)}."
        yield f"It has had a due time since: {self._act(e.begun_by)}"
        if e.number > 1:
            yield f"It is time {e.number} that this clock runs."

    # -- what moved it ------------------------------------------------------------------------------------------------

    def _move(self, move: Moved) -> MoveTold:
        at = as_instant(move.at)
        assert at is not None
        before, after = when(move.due_before), when(move.due_after)
        why = move.why.label[:1].upper() + move.why.label[1:]
        came = f"from {before} to {after}" if before != after else f"it stays {after}"
        kept = f" {self._why_kept(move)}" if move.why is Why.KEPT else ""
        pause = f" {self._pause(move)}" if move.why in (Why.RESUMED, Why.PAUSE_OVER, Why.CAME_BACK) else ""
        return MoveTold(
            at=at,
            sentence=f"{why}: {came}.{kept}{pause}",
            by=self._act(move.act),
            counted_before=tuple(self._count(move.basis_before)) if before != after else (),
        )

    def _why_kept(self, move: Moved) -> str:
        breached_at = self.episode.breached_at
        if breached_at is not None and breached_at <= move.at:
            return "It was out of timescale by then, and what has passed is not moved."
        return "By these rules the earlier of the two counts."

    def _pause(self, move: Moved) -> str:
        """When it stood still before it went on, and by which act."""
        ended = [since for since, until in self.episode.origin.pauses if until == move.at]
        if not ended:
            return ""
        begun = [e for e in self.acts.values() if int(e.at.timestamp()) == ended[-1] and self._pauses(e)]
        by = f" {self._act(begun[-1].seq)}" if begun else ""
        return f"It had stood still from {when(ended[-1])} to {when(move.at)}.{by}"

    def _pauses(self, event: Event) -> bool:
        if event.verb is Verb.PAUSE_CLOCK:
            return bool(event.facts["clock"] == self.episode.clock)
        return event.verb is Verb.RETURN_TO_REFERRER

    # -- who hears of it ----------------------------------------------------------------------------------------------

    def _alerts(self) -> Iterator[str]:
        e = self.episode
        yield from (self._raised(one) for one in e.raised)
        if e.taken_at is not None:
            yield from (self._act(seq) for seq, event in self.acts.items() if self._takes(event))
        if e.running and e.paused_at is None:
            yield from (self._still_to_come(one) for one in self.ahead or ())
        elif not e.raised:
            yield "Nothing was raised."
        if e.running:
            yield from counting.beyond_what_is_known(self.question, e.due_at)

    def _raised(self, one: Raised) -> str:
        return f"{_alert(one)}: raised {when(one.at)}, for {_whom(one)}."

    def _still_to_come(self, one: Raised) -> str:
        return f"{_alert(one)}: {when(one.at)}, for {_whom(one)}, if nobody acts before."

    def _takes(self, event: Event) -> bool:
        """Whether it is the act by which somebody came to answer for the alerts of this deadline, the last time."""
        e = self.episode
        who = event.facts.get("to", event.actor_id)
        took = event.verb in (Verb.TAKE_ALERT, Verb.HAND_ALERT_TO) and self._is_about(event)
        return took and (who, event.at) == (e.taken_by, as_instant(e.taken_at))

    def _annuls(self, event: Event) -> bool:
        """Whether by it a manager said that this one should not have been out of timescale."""
        return event.verb is Verb.ANNUL_BREACH and self._is_about(event)

    def _resolves(self, event: Event) -> bool:
        """Whether by it somebody said why this one was out of timescale, the last time."""
        resolved_at = as_instant(self.episode.resolved_at)
        return event.verb is Verb.RESOLVE_BREACH and event.at == resolved_at and self._is_about(event)

    def _is_about(self, event: Event) -> bool:
        e = self.episode
        return (e.clock, e.agency, e.number) == tuple(event.facts[name] for name in ("clock", "agency", "episode"))


def _alert(one: Raised) -> str:
    if one.kind is AlertKind.BREACH:
        return "Out of timescale"
    return f"Warning {one.level}" if one.kind is AlertKind.WARNING else f"Escalation level {one.level}"


def _whom(one: Raised) -> str:
    """The role that the ladder names; else whose the deadline is then."""
    return f"the {one.to.label.lower()}" if one.to else _lower(one.owner.label)


def _whose(clock: ClockRules) -> str:
    return _lower(clock.whose.label)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
