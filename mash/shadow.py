"""Which past contacts would have been out of timescale under these rules? Judges what a dry run made of an export.

Knows no database and no file. A clock is judged only where the export really says when it began and when it was done;
of every other the report says why not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from mash.clock import LONDON
from mash.dry_run import DryRun, Played, Refusal
from mash.importing.acts import MOMENTS as OF_ACTS
from mash.importing.acts import Recording
from mash.importing.columns import MOMENTS, Column
from mash.importing.mapfile import ImportMap
from mash.recording_file import checked_in_turn
from mash.rules.clockrules import Moment
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Labelled
from mash.workflow.episodes import Episode, as_instant, seconds

_AT_ONCE = 5_000


class Standing(Labelled):
    """How a deadline ended."""

    IN_TIME = "in_time", "in time"
    LATE = "late", "done out of timescale"
    NEVER = "never", "out of timescale, not done by the end"
    GIVEN_UP = "given_up", "out of timescale, then no longer waited for"
    OPEN = "open", "not due yet at the end"
    ENDED = "ended", "no longer waited for before it was due"


OUT_OF_TIMESCALE = frozenset({Standing.LATE, Standing.NEVER, Standing.GIVEN_UP})


@dataclass(frozen=True)
class Judged:
    """One deadline of one contact. `late` is by how many seconds it was done after it was due, or is late by the end.

    `colour` is the rating at the end; `month` that of receipt in London, like 2025-03.
    """

    reference: str
    line: int
    month: str
    colour: str | None
    clock: str
    agency: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    standing: Standing
    late: int

    @property
    def is_out_of_timescale(self) -> bool:
        """Whether the deadline passed before it was done."""
        return self.standing in OUT_OF_TIMESCALE


@dataclass(frozen=True)
class Outcome:
    """What the rules made of the recording. `unjudged`: by clock, deadlines of which a time was only assumed."""

    judged: tuple[Judged, ...]
    unjudged: Mapping[str, int]
    refusals: tuple[Refusal, ...]
    contacts: int


def play(recording: Recording, rules: RuleSet, mapped: ImportMap, lines: Mapping[str, int]) -> Outcome:
    """The recording under one rule set, whatever the date of receipt. `lines`: where each reference stands."""
    run = DryRun(lambda _borough, _on: rules)
    lines_in_turn = checked_in_turn(recording.lines, [rules.name], "the import")
    while batch := list(islice(lines_in_turn, _AT_ONCE)):
        run.play(batch)
    refused = _refused_moments(run.refusals)
    judged: list[Judged] = []
    unjudged: Counter[str] = Counter()
    contacts, said = 0, Said(rules, mapped)
    for contact in run.each():
        contacts += 1
        unknown = recording.unknown.get(contact.reference, set()) | refused.get(contact.reference, set())
        for episode in contact.timeline.episodes:
            if not said.both_ends_of(episode):
                continue
            if {episode.started_by, rules.clocks[episode.clock].stop} & unknown:
                unjudged[episode.clock] += 1
            else:
                judged.append(_judged(contact, episode, recording.end, lines[contact.reference]))
    return Outcome(tuple(judged), unjudged, tuple(run.refusals), contacts)


def _refused_moments(refusals: Iterable[Refusal]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for refusal in refusals:
        if refusal.contact is not None:
            found.setdefault(refusal.contact, set()).update(OF_ACTS.get(refusal.verb, ()))
    return found


def _judged(contact: Played, episode: Episode, end: datetime, line: int) -> Judged:
    standing = _standing(episode)
    done = episode.met_at if episode.met_at is not None else episode.cancelled_at
    late = (done if done is not None else seconds(end)) - episode.due_at
    started_at, due_at = as_instant(episode.started_at), as_instant(episode.due_at)
    assert started_at is not None and due_at is not None
    return Judged(
        reference=contact.reference,
        line=line,
        month=f"{contact.received_at.astimezone(LONDON):%Y-%m}",
        colour=contact.rag,
        clock=episode.clock,
        agency=episode.agency,
        started_at=started_at,
        due_at=due_at,
        done_at=as_instant(episode.met_at),
        standing=standing,
        late=max(late, 0) if standing in OUT_OF_TIMESCALE else 0,
    )


def _standing(episode: Episode) -> Standing:
    late = episode.breached_at is not None
    if episode.met_at is not None:
        return Standing.LATE if late else Standing.IN_TIME
    if episode.cancelled_at is not None:
        return Standing.GIVEN_UP if late else Standing.ENDED
    return Standing.NEVER if late else Standing.OPEN


class Said:
    """What the columns of an export say about the clocks of a rule set."""

    def __init__(self, rules: RuleSet, mapped: ImportMap) -> None:
        self.rules, self.mapped = rules, mapped
        self.known = frozenset(self._moments())
        self.not_judged = {name: why for name in rules.clocks if (why := self._why_not(name))}
        """Clocks that cannot be judged, each with the reason."""

    def both_ends_of(self, episode: Episode) -> bool:
        """Whether a column says when this very deadline began, and when it was done: it may begin in several ways."""
        if episode.clock in self.not_judged or episode.started_by not in self.known:
            return False
        of_agency = self.rules.clocks[episode.clock].stop == Moment.AGENCY_REPLIED
        return not of_agency or self._says_answered(episode.agency)

    def _moments(self) -> Iterator[str]:
        for column in self.mapped.columns:
            yield from MOMENTS.get(column, ())
        yield from self.mapped.events
        if self.mapped.agencies or self.mapped.requests:
            yield Moment.AGENCY_ASKED
        if any(map(self._says_answered, (*self.mapped.agencies, ""))):
            yield Moment.AGENCY_REPLIED

    def _says_answered(self, agency: str) -> bool:
        if self.mapped.requests is not None:
            return self.mapped.requests.answered is not None
        return agency in self.mapped.agencies and self.mapped.agencies[agency].answered is not None

    def _why_not(self, name: str) -> str | None:
        clock, columns = self.rules.clocks[name], self.mapped.columns
        if self.known.isdisjoint(clock.starts):
            return f"no column says when this happened: {self._in_words(clock.starts)}"
        if clock.stop not in self.known:
            return f"no column says when this happened: {self._in_words((clock.stop,))}"
        ages = {Column.AGE, Column.DATE_OF_BIRTH} & set(columns)
        if clock.by_suggestion is not None and not (ages and Column.CONCERNS in columns):
            return "it goes by the suggested colour, and no columns give concerns and ages"
        if clock.by_level is not None and not self._says_levels():
            return "it goes by the threshold level, and no column gives that"
        return None

    def _in_words(self, moments: Iterable[str]) -> str:
        labels = {**{moment.value: moment.label for moment in Moment}, **self.rules.events}
        return " / ".join(labels[moment] for moment in moments)

    def _says_levels(self) -> bool:
        by_colour = any(colour.level for colour in self.rules.colours.values())
        by_outcome = any(outcome.level for outcome in self.rules.outcomes.values())
        return Column.LEVEL in self.mapped.columns or by_colour or by_outcome
