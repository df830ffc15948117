"""Which invented contacts are there at the present moment, and when did each begin? Knows no database.

Each open report is tried on paper at one time of arrival after the other, until it stands where it should and its worst
clock does as it should: so there are about as many contacts out of timescale, and about to be, on a Tuesday morning as
on Christmas Day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random

from mash.clock import LONDON, london_date
from mash.invented.journeys import MINUTE, USUAL_WAYS, Act, Hub, Journey, NotYet, instant
from mash.invented.people import Family, family_of
from mash.invented.rehearsal import Standing, rehearse
from mash.invented.reports import Pace, Report, names, reports
from mash.permissions import Actor
from mash.vocabulary import FINISHED, Kind, State

AT_MOST: Mapping[Pace, int] = {"calm": 99, "soon": 12, "late": 14}
ENOUGH: Mapping[Pace, int] = {"late": 10, "soon": 9}
TRIES = 150
DECIDED_REACH = (200, 2_200)
REACH: Mapping[Pace, tuple[int, int]] = {"calm": (8, 560), "soon": (45, 1_100), "late": (150, 1_700)}
"""How many open minutes ago a contact that stands so may have arrived."""
PAST = (700, 7_400)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MAY_WAIT = frozenset({State.RECEIVED, State.SCREENING, State.RATED, State.GATHERING, State.READY})


@dataclass(frozen=True)
class Story:
    """What becomes of one contact."""

    reference: str
    acts: list[Act]


@dataclass
class Plan:
    """All stories, for one present moment. The same moment gives the same plan."""

    hub: Hub
    actors: Mapping[str, Actor]
    seed: str
    paces: Counter[Pace] = field(default_factory=Counter)
    families: dict[str, Family] = field(default_factory=dict)

    def stories(self) -> list[Story]:
        """Open contacts, what was reported of the same children before, and what is done with."""
        told = list(reports().values())
        present = sorted((report for report in told if report.stage), key=_may_wait)
        found = [self._present(report) for report in present]
        for report in present:
            found += [self._past(reports()[name], self._family(report)) for name in report.earlier]
        found += [self._past(report) for report in told if _may_be_done_with(report)]
        return [story for story in found if story]

    def _rng(self, *about: object) -> Random:
        return Random(" ".join(map(str, (self.seed, self.hub.now, *about))))

    def _story(self, acts: list[Act], *about: object) -> Story:
        rng = self._rng("reference", *about)
        letters = "".join(rng.choice(_LETTERS) for _ in range(8))
        return Story(f"{self.hub.rules.reference_prefix}-{letters[:4]}-{letters[4:]}", acts)

    def _family(self, report: Report) -> Family:
        """The family of an open report; several reports may be about one."""
        key = report.family or report.name
        if key not in self.families:
            self.families[key] = family_of(report, key, self._day(self.hub.now), self._rng("family", key))
        return self.families[key]

    @staticmethod
    def _day(at: int) -> date:
        return london_date(instant(at))

    # -- open ------------------------------------------------------------------------------------------------------

    def _present(self, report: Report) -> Story | None:
        for pace in self._paces(report):
            for attempt in range(TRIES):
                rng = self._rng(report.name, pace, attempt)
                acts = self._try(report, pace, rng)
                if acts is not None:
                    self.paces[pace] += 1
                    return self._story(acts, report.name)
        return None

    def _paces(self, report: Report) -> list[Pace]:
        """How its clocks should do, the best first: those that may wait make up what is still wanted."""
        wanted = report.pace
        if _may_wait(report):
            wanted = next((pace for pace, enough in ENOUGH.items() if self.paces[pace] < enough), wanted)
        paces: list[Pace] = [wanted, "calm", "soon", "late"]
        return [pace for pace in dict.fromkeys(paces) if self.paces[pace] < AT_MOST[pace]]

    def _try(self, report: Report, pace: Pace, rng: Random) -> list[Act] | None:
        assert report.stage
        way = report.way or USUAL_WAYS[report.stage]
        reach = DECIDED_REACH if report.stage is State.DECIDED else REACH[pace]
        arrived = self._arrival(report, reach, rng)
        if arrived is None:
            return None
        journey = Journey(self.hub, report, self._family(report), arrived, rng)
        if "reopen" in way:
            journey.begin_before(arrived, rng.randint(2_600, 3_600))
        acts = self._rehearsed(journey, way)
        return acts if acts and self._standing(acts) == (report.stage, pace) else None

    # -- the past --------------------------------------------------------------------------------------------------

    def _past(self, report: Report, family: Family | None = None) -> Story | None:
        for attempt in range(TRIES):
            rng = self._rng("past", report.name, bool(family), attempt)
            arrived = self._arrival(report, PAST, rng)
            if arrived is None:
                continue
            own = family or family_of(report, f"past-{report.name}", self._day(arrived), rng)
            acts = self._rehearsed(Journey(self.hub, report, own, arrived, rng), _way_to_the_end(report, rng))
            if acts and self._standing(acts)[0] in FINISHED:
                return self._story(acts, "past", report.name, bool(family))
        return None

    # -- trying ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _rehearsed(journey: Journey, way: str) -> list[Act] | None:
        try:
            return journey.go(way)
        except NotYet:
            return None

    def _standing(self, acts: list[Act]) -> tuple[State | None, Pace | None]:
        found: Standing | None = rehearse(self.hub, acts, self.actors)
        return (found.state, found.pace) if found else (None, None)

    def _arrival(self, report: Report, reach: tuple[int, int], rng: Random) -> int | None:
        """A moment within reach at which this sort of referrer reports."""
        arrives = names().referrers[report.from_].arrives
        for loosely in (False, True):
            for at in self._moments(arrives in ("day", "school"), reach, rng):
                if self._may_arrive(arrives, at, loosely):
                    return at
        return None

    def _moments(self, open_only: bool, reach: tuple[int, int], rng: Random) -> Iterator[int]:
        hours, now = self.hub.hours, self.hub.now
        end = now if hours.is_open(now) else hours.back(now, 1)
        first = hours.back(end, reach[1] * MINUTE)
        for _ in range(12):
            if open_only:
                yield hours.back(end, rng.randint(*reach) * MINUTE)
            else:
                yield rng.randint(first, now - 6 * MINUTE)

    def _may_arrive(self, arrives: str, at: int, loosely: bool) -> bool:
        hour = instant(at).astimezone(LONDON).hour
        if arrives == "night":
            return hour >= 19 or hour < 5
        if arrives == "any" or (arrives == "closed" and self.hub.hours.is_open(at)):
            return arrives == "any" and (7 <= hour < 23 or loosely)
        return arrives != "school" or loosely or self.hub.calendar("education").is_open(at)


def _may_wait(report: Report) -> bool:
    """Whether it may as well be late as in time, so that it is placed last."""
    by_day = names().referrers[report.from_].arrives in ("day", "school", "any")
    return by_day and report.stage in _MAY_WAIT and "red" not in report.colours and report.way is None


def _may_be_done_with(report: Report) -> bool:
    """Whether it could also have happened to another family some time ago."""
    return bool(report.outcome or report.kind in (Kind.ADVICE, Kind.INFORMATION_REQUEST)) and "protect" not in (
        report.way or ""
    )


def _way_to_the_end(report: Report, rng: Random) -> str:
    if report.kind in (Kind.ADVICE, Kind.INFORMATION_REQUEST):
        return "key screen answer" if rng.random() < 0.5 else "key answer"
    if report.stage is State.TRANSFERRING:
        return f"{USUAL_WAYS[State.TRANSFERRED]}"
    way = USUAL_WAYS[State.CLOSED]
    if len(report.colours) > 1:
        way = way.replace("ask", "ask police_reply rerate ask")
    return way.replace(" tell", "") if rng.random() < 0.05 else way
