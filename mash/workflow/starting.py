"""Which clocks does a moment start, which does it stop, and what are they owed? Pure: knows no database.

Source of the rules: replay format, section 3.1. Instants are whole seconds since 1970 in UTC.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mash.rules.clockrules import ClockRules, Moment, OnlyFor, Timescale
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind
from mash.workflow.episodes import Clockwork, Episode, Key, Origin, has_target


def _concerns(agency: str, spoken_of: str) -> bool:
    """Whether a moment concerns the clock of an agency: one of the hub concerns all, one of an agency only its own."""
    return not spoken_of or agency in ("", spoken_of)


class Owed(NamedTuple):
    """A clock that has started and has no target yet: it gets one when a colour or a level is known."""

    key: Key
    origin: Origin
    started_by: str


class Starting(Clockwork):
    """What is known of one contact while its events are read, and the clocks that its moments start and stop."""

    def __init__(self, rules: RuleSet) -> None:
        super().__init__(rules)
        self.origins: dict[Key, Origin] = {}
        self.owed: list[Owed] = []
        self.happened: set[str] = set()
        self.rag: str | None = None
        self.suggested: str | None = None
        self.level: int | None = None
        self.outcomes: frozenset[str] = frozenset()
        self.concerns: frozenset[str] = frozenset()
        self.kind = Kind.REFERRAL
        self.channel: str | None = None
        self.source: str | None = None
        self.anonymous = self.by_edt = self.passed_on = False
        self.needs_oversight = self.reopened = False
        self.owed_before_decision: list[Owed] = []
        self.away_since: int | None = None
        self.waiting_for_resubmit: set[Key] = set()

    def _start(self, key: Key, origin: Origin, started_by: str, at: int) -> None:
        """Start a clock: a deadline where it has a target now, else it is owed one."""
        self.origins[key] = origin
        scale = self._timescale(key)
        self.begin(key, origin, started_by, at, scale)
        if self.rules.clocks[key[0]].waits_to_be_known and not has_target(scale):
            self._owe(Owed(key, origin, started_by))

    def _owe(self, owed: Owed) -> None:
        """Of a clock the latest start counts; a recorded event begins one beside the rest each time."""
        if owed.started_by in self.rules.events:
            self.owed.append(owed)
        else:
            self.owed = [*(other for other in self.owed if other.key != owed.key), owed]

    def _timescale(self, key: Key) -> Timescale | None:
        return self.rules.clocks[key[0]].timescale_for(self.rag, self.suggested, self.level, key[1])

    def _forgive(self, whose: Callable[[Owed], bool]) -> list[Owed]:
        """These clocks are owed no deadline any more; which they were."""
        forgiven = [owed for owed in self.owed if whose(owed)]
        self.owed = [owed for owed in self.owed if owed not in forgiven]
        return forgiven

    def _forgive_clock(self, name: str) -> None:
        self._forgive(lambda owed: owed.key[0] == name)

    def _stop_of(self, key: Key) -> str:
        return self.rules.clocks[key[0]].stop

    def _moment(self, moment: str, at: int, agency: str = "", occurred: int | None = None) -> None:
        """Something happened that stops some clocks and starts others."""
        self.happened.add(moment)
        when = at if occurred is None else occurred

        def stops(key: Key, started_at: int) -> bool:
            in_time = occurred is None or started_at <= occurred
            return self._stop_of(key) == moment and _concerns(key[1], agency) and in_time

        for episode in self.running:
            if stops((episode.clock, episode.agency), episode.started_at):
                self.end_open_pause(episode, at)
                episode.met_at, episode.ended_by = when, self.act
        done = self._forgive(lambda owed: stops(owed.key, owed.origin.at))
        self.waiting_for_resubmit = {key for key in self.waiting_for_resubmit if self._stop_of(key) != moment}
        if moment == Moment.DECISION_RECORDED:
            self.owed_before_decision = done
        of_agency = agency if moment == Moment.AGENCY_ASKED else ""
        for name, clock in self.rules.started_by(moment):
            if self._applies(name, clock, moment, of_agency):
                self._start((name, of_agency), Origin(when), moment, at)

    def _applies(self, name: str, clock: ClockRules, moment: str, agency: str = "") -> bool:
        """Whether the moment starts the clock for this contact."""
        if clock.unless_anonymous and self.anonymous:
            return False
        if clock.only_for is not None and not self._is_for_this(clock.only_for, agency):
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

    def _is_for_this(self, only: OnlyFor, agency: str) -> bool:
        """Whether every key that is given has one that fits."""
        wanted_and_there: tuple[tuple[Sequence[str] | None, frozenset[str]], ...] = (
            (only.channels, frozenset({self.channel or ""})),
            (only.sources, frozenset({self.source or ""})),
            (only.concerns, self.concerns),
            (only.outcomes, self.outcomes),
            (only.levels, frozenset({str(self.level)})),
            (only.agencies, frozenset({agency})),
        )
        return all(wanted is None or not there.isdisjoint(wanted) for wanted, there in wanted_and_there)

    def _kind_has(self, name: str) -> bool:
        clocks = self.rules.kinds[self.kind].clocks
        return clocks is None or name in clocks

    def _cancel(self, episode: Episode, at: int) -> None:
        self.end_open_pause(episode, at)
        episode.cancelled_at, episode.ended_by = at, self.act
