"""One deadline, how it is set, paused and ended, and what it has to say. Pure: knows no events and no database.

Instants are whole seconds since 1970 in UTC. Source of the rules: replay format, sections 3 and 4.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple, TypeGuard

from mash.rules import counting, timescales
from mash.rules.calendars import WorkingTime
from mash.rules.clockrules import AtClosing, Owner, Timescale
from mash.rules.ruleset import RuleSet
from mash.rules.timescales import Span
from mash.vocabulary import AlertKind, Cause, Labelled, Role

NEVER = 1 << 60
Key = tuple[str, str]
"""A clock and the agency asked; the agency is empty for the hub's own clocks."""
Item = tuple[int, AlertKind, int]
"""Something to be said: when, of which kind, and on which rung."""


@dataclass
class Origin:
    """Where a clock counts from: the instant of its start, and time that does not count since."""

    at: int
    pauses: list[tuple[int, int]] = field(default_factory=list)


class Raised(NamedTuple):
    """An alert that has to be raised: when, whose deadline it is then, and the role that the ladder names."""

    kind: AlertKind
    level: int
    at: int
    owner: Owner
    to: Role | None


class Why(Labelled):
    """Why a due time was counted anew."""

    RERATED = "rerated", "the colour changed"
    LEVEL = "level", "the threshold level changed"
    KEPT = "kept", "the colour or level changed and the time that it had stays"
    SUGGESTED_HIGHER = "suggested_higher", "a higher colour was suggested"
    RESUMED = "resumed", "its pause was ended"
    PAUSE_OVER = "pause_over", "its pause was over"
    CAME_BACK = "came_back", "the contact came back from the referrer"
    BANK_HOLIDAY = "bank_holiday", "a bank holiday became known late"


class Basis(NamedTuple):
    """What a due time was counted by: enough to count it again in the same way, whatever came later."""

    timescale: Timescale
    colour: str | None
    start: int
    pauses: tuple[tuple[int, int], ...]
    late: frozenset[date]


class Moved(NamedTuple):
    """A due time counted anew, perhaps with the same result: when, why, by which act, from and to when.

    `act` is the number of the entry in the contact's record, None where it came by itself; `basis_before` is what
    `due_before` was counted by.
    """

    at: int
    why: Why
    act: int | None
    due_before: int
    due_after: int
    basis_before: Basis


@dataclass
class Episode:
    """One deadline of one clock, as it stands.

    `started_at` is the true instant of the starting event, `origin` what is counted from and `begun` the same once an
    intake cut-off is past; `set_at` is when the due time was last set, moved or resumed; `counted_by` is the span that
    gave it and `basis` all that it was counted by; `moves` are the earlier countings. `begun_by` and `ended_by` are the
    numbers of the acts on record. `agenda` is what is still to be said, in order.
    """

    clock: str
    agency: str
    number: int
    started_by: str
    started_at: int
    origin: Origin
    timescale: Timescale
    due_at: int
    set_at: int
    counted_by: Span
    begun: int
    colour: str | None
    calendar_version: int
    met_at: int | None = None
    breached_at: int | None = None
    cancelled_at: int | None = None
    paused_at: int | None = None
    pause_until: int | None = None
    taken_by: str | None = None
    taken_at: int | None = None
    cause: Cause | None = None
    resolved_by: str | None = None
    resolved_at: int | None = None
    annulled_by: str | None = None
    annulled_at: int | None = None
    raised: list[Raised] = field(default_factory=list)
    agenda: list[Item] = field(default_factory=list)
    begun_by: int | None = None
    ended_by: int | None = None
    basis: Basis = field(init=False)
    moves: list[Moved] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Neither met nor cancelled."""
        return self.met_at is None and self.cancelled_at is None

    @property
    def may_still_be_met_in_time(self) -> bool:
        """Running, not paused, not breached."""
        return self.running and self.paused_at is None and self.breached_at is None


Ahead = tuple[Raised, ...] | None
"""What an episode will say if nobody acts, in order; None where first a pause ends by itself."""


@dataclass(frozen=True)
class Timeline:
    """All episodes of a contact at an instant, and the next instant at which one changes by itself."""

    episodes: tuple[Episode, ...]
    next_at: int | None
    ahead: Callable[[Episode], Ahead] = field(repr=False, compare=False)

    def episode(self, clock: str, agency: str, number: int) -> Episode | None:
        """The deadline of that name."""
        key = (clock, agency, number)
        return next((e for e in self.episodes if (e.clock, e.agency, e.number) == key), None)

    def running(self, clock: str) -> list[Episode]:
        """The running episodes of a clock."""
        return [e for e in self.episodes if e.clock == clock and e.running]


def seconds(at: datetime) -> int:
    """Whole seconds since 1970."""
    return int(at.timestamp())


def as_instant(at: int | None) -> datetime | None:
    """The aware instant in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def has_target(scale: Timescale | None) -> TypeGuard[Timescale]:
    """Whether there is a deadline at all: no target is different from zero and from unknown."""
    return scale is not None and scale.has_target


class Clockwork:
    """The episodes of one contact while time passes."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.episodes: list[Episode] = []
        self.late: frozenset[date] = frozenset()
        self.hours = rules.working_times(self.late)
        self.colour: str | None = None
        self.act: int | None = None

    @property
    def running(self) -> list[Episode]:
        """Episodes neither met nor cancelled."""
        return [episode for episode in self.episodes if episode.running]

    def advance(self, to: int) -> None:
        """Everything that falls due before `to`, in order. Nobody acts meanwhile."""
        self.act = None
        while self.episodes:
            at, episode = min(((_next(e), e) for e in self.episodes), key=lambda pair: pair[0])
            if at >= to:
                return
            self._ring(episode, at)

    def next_at(self) -> int | None:
        """The next instant at which an episode changes by itself."""
        at = min(map(_next, self.episodes), default=NEVER)
        return None if at == NEVER else at

    def _ring(self, episode: Episode, at: int) -> None:
        if episode.paused_at is not None:
            self.end_pause(episode, at, Why.PAUSE_OVER)
            return
        episode.raised.append(self._raised(episode, episode.agenda.pop(0)))
        if episode.raised[-1].kind is AlertKind.BREACH:
            episode.breached_at = at
            self.set_agenda(episode)

    def ahead(self, episode: Episode) -> Ahead:
        """What it will say if nobody acts: nothing once it has ended, or is paused until somebody resumes it."""
        if not episode.running or (episode.paused_at is not None and episode.pause_until is None):
            return ()
        if episode.paused_at is not None:
            return None
        kinds = [kind for _, kind, _ in episode.agenda]
        if AlertKind.BREACH not in kinds:
            return tuple(self._raised(episode, item) for item in episode.agenda)
        first = episode.agenda[: kinds.index(AlertKind.BREACH) + 1]
        later = sorted(self._escalations(episode, breached_at=first[-1][0]))
        return tuple(self._raised(episode, item) for item in (*first, *later))

    def _raised(self, episode: Episode, item: Item) -> Raised:
        at, kind, level = item
        return Raised(kind, level, at, self._owner(episode, at), _told(episode, kind, level))

    def _owner(self, episode: Episode, at: int) -> Owner:
        """Whose deadline it is at an instant: what is handed on at closing is the duty team's until opening."""
        clock = self.rules.clocks[episode.clock]
        calendar = clock.calendar or self.rules.intake.calendar
        handed_on = episode.timescale.at_closing is AtClosing.HAND_TO_EDT and calendar is not None
        if handed_on and not self.hours[calendar or ""].within_working_day(at):
            return Owner.EDT
        return clock.whose

    def set_agenda(self, episode: Episode) -> None:
        """What is still to be raised for the episode, in order, as things stand."""
        if episode.breached_at is not None:
            episode.agenda = sorted(self._escalations(episode, episode.breached_at))
            return
        agenda: list[Item] = []
        if episode.due_at > episode.set_at:
            span, hours = episode.counted_by, self.hours_of(episode.clock, episode.agency)
            for level, rung in enumerate(episode.timescale.warn, 1):
                at = timescales.warn_at(span, episode.due_at, rung.seconds, hours)
                agenda.append((max(at, episode.set_at), AlertKind.WARNING, level))
        agenda.append((max(episode.due_at, episode.set_at), AlertKind.BREACH, 1))
        episode.agenda = sorted(_unsaid(episode, agenda))

    def _escalations(self, episode: Episode, breached_at: int) -> Iterable[Item]:
        """Those that are still to come of an episode that was, or will be, out of timescale then."""
        span, hours = episode.counted_by, self.hours_of(episode.clock, episode.agency)
        ladder = [
            (timescales.escalate_at(span, breached_at, rung.seconds, hours), AlertKind.ESCALATION, level)
            for level, rung in enumerate(episode.timescale.escalate, 2)
        ]
        return _unsaid(episode, ladder)

    def hours_of(self, clock: str, agency: str) -> WorkingTime | None:
        """The calendar that the clock counts by, as known now."""
        name = self.rules.calendar_of(clock, agency)
        return self.hours[name] if name else None

    def count(self, key: Key, scale: Timescale, origin: Origin, colour: str | None) -> counting.Counted:
        """When the timescale that began there is due. It has to have a target.

        `colour` is the one in which it was given: an intake cut-off may not apply to some.
        """
        question = counting.Question(self.rules, *key, colour, self.late)
        return counting.count(question, scale, origin.at, origin.pauses)

    def set(self, episode: Episode, at: int, why: Why | None) -> None:
        """Count the due time, now: for the first time, or anew for a reason."""
        key = (episode.clock, episode.agency)
        counted = self.count(key, episode.timescale, episode.origin, episode.colour)
        if why is not None:
            self.remember(episode, at, why, counted.due_at)
        pauses = tuple(episode.origin.pauses)
        episode.basis = Basis(episode.timescale, episode.colour, episode.origin.at, pauses, self.late)
        episode.due_at, episode.counted_by, episode.begun = counted.due_at, counted.span, counted.begun
        episode.set_at, episode.calendar_version = at, len(self.late)
        self.set_agenda(episode)

    def remember(self, episode: Episode, at: int, why: Why, due_after: int) -> None:
        """Keep what the due time was before, and by what it was counted."""
        episode.moves.append(Moved(at, why, self.act, episode.due_at, due_after, episode.basis))

    def begin(self, key: Key, origin: Origin, started_by: str, at: int, scale: Timescale | None) -> None:
        """A new episode, where there is a target."""
        if not has_target(scale):
            return
        number = 1 + sum((e.clock, e.agency) == key for e in self.episodes)
        own = Origin(origin.at, list(origin.pauses))
        episode = Episode(*key, number, started_by, origin.at, own, scale, at, at, scale.due, at, self.colour, 0)
        episode.begun_by = self.act
        self.episodes.append(episode)
        self.set(episode, at, None)

    def end_pause(self, episode: Episode, at: int, why: Why) -> None:
        """The clock goes on with what it had left."""
        self.end_open_pause(episode, at)
        self.set(episode, at, why)

    @staticmethod
    def end_open_pause(episode: Episode, at: int) -> None:
        """A pause in progress becomes one that has been; the due time stays as it is."""
        if episode.paused_at is not None:
            episode.origin.pauses.append((episode.paused_at, at))
            episode.paused_at = episode.pause_until = None


def _unsaid(episode: Episode, agenda: Iterable[Item]) -> Iterable[Item]:
    said = {(r.kind, r.level) for r in episode.raised}
    return (item for item in agenda if item[1:] not in said)


def _told(episode: Episode, kind: AlertKind, level: int) -> Role | None:
    """Whom the rung names, where it names somebody."""
    if kind is AlertKind.BREACH:
        return None
    warns = kind is AlertKind.WARNING
    return episode.timescale.warn[level - 1].to if warns else episode.timescale.escalate[level - 2].to


def _next(episode: Episode) -> int:
    """The next instant at which the episode changes by itself."""
    if not episode.running:
        return NEVER
    if episode.paused_at is not None:
        return NEVER if episode.pause_until is None else episode.pause_until
    return episode.agenda[0][0] if episode.agenda else NEVER
