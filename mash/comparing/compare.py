"""What would other rules have made of the same work? Recorded acts played under two rule sets, and what differs.

Pure and the same each time. People would have acted differently under other rules: what they did is taken as it is,
and what the other rules would have wanted besides is taken as given (workflow/obliging.py). In words: words.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from mash.comparing.compared import (
    NO_COLOUR,
    ActChange,
    AgencyChange,
    Comparison,
    ContactChange,
    DeadlineChange,
    Side,
    Stand,
    SuggestionChange,
    Total,
)
from mash.dry_run import DryRun, Played, Refusal
from mash.recording_file import Line
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import Suggested
from mash.vocabulary import Verb
from mash.workflow.episodes import Episode, as_instant


def compare(
    lines: Iterable[Line],
    old: RuleSet,
    new: RuleSet,
    since: date | None = None,
    until: datetime | None = None,
    *,
    all_done: bool = False,
) -> Comparison:
    """What becomes of the contacts of the old rules' borough under each of the two, each by one rule set to the end.

    `all_done`: every line was done, by whatever rules, as in a record of the database. Otherwise what the old rules
    refuse was not.
    """
    every = list(lines)
    own = [line for line in every if line.borough in (None, old.name)]
    before = DryRun(lambda *_: old, since, lambda _: all_done)
    before.play(own, until)
    undone = {refusal.line for refusal in before.refusals}
    after = DryRun(lambda *_: new, since, lambda line: line not in undone, before.stood_at_once)
    after.play(own, until)
    return _Comparing(old, new, before, after, own).comparison(since, _arrivals(every) - _arrivals(own))


def _arrivals(lines: Iterable[Line]) -> int:
    return sum(line.verb is Verb.RECEIVE_CONTACT for line in lines)


Pair = tuple[Played | None, Played | None]
Key = tuple[str, str, int]


class _Comparing:
    """Two dry runs of the same lines, side by side."""

    def __init__(self, old: RuleSet, new: RuleSet, before: DryRun, after: DryRun, lines: Sequence[Line]) -> None:
        self.old, self.new, self.before, self.after = old, new, before, after
        self.objections = _objections(before), _objections(after)
        self.at = {line.number: line for line in lines}
        self.labels = {code: c.label for rules in (old, new) for code, c in rules.clocks.items()}
        self.agencies = {code: a.label for rules in (old, new) for code, a in rules.agencies.items()}
        self.colours = {code: c.label for rules in (old, new) for code, c in rules.colours.items()}
        self.tally: dict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)

    def comparison(self, since: date | None, elsewhere: int) -> Comparison:
        pairs = self._pairs()
        changes = [change for name, pair in pairs.items() if (change := self._change(name, *pair))]
        return Comparison(
            old=self.old.full_name,
            new=self.new.full_name,
            borough=self.old.name,
            since=since,
            until=self.before.end,
            contacts=len(pairs),
            elsewhere=elsewhere,
            never_received=len(_refused_at_the_door(self.before) & _refused_at_the_door(self.after)),
            totals=tuple(self._totals()),
            differing=tuple(sorted(changes, key=lambda change: change.importance)),
        )

    def _pairs(self) -> dict[str, Pair]:
        """Every contact that at least one of the two has received, in the order of receipt."""
        one = {played.reference: played for played in self.before.results()}
        other = {played.reference: played for played in self.after.results()}
        names = sorted({*one, *other}, key=lambda name: (one.get(name) or other[name]).line)
        return {name: (one.get(name), other.get(name)) for name in names}

    def _change(self, name: str, old: Played | None, new: Played | None) -> ContactChange | None:
        some = old or new
        assert some is not None
        colour = next((played.rag for played in (old, new) if played and played.rag), None)
        deadlines = tuple(self._deadlines(old, new, colour))
        suggestion = self._suggestion(old, new)
        agencies = self._agencies(old, new)
        acts = tuple(self._acts(name))
        if not (deadlines or suggestion or agencies or acts):
            return None
        return ContactChange(
            reference=name,
            received_at=some.received_at,
            colour=colour,
            colour_label=self._colour(colour),
            suggestion=suggestion,
            agencies=agencies,
            deadlines=deadlines,
            acts=acts,
        )

    def _colour(self, code: str | None) -> str:
        return self.colours[code] if code else NO_COLOUR

    # -- deadlines ----------------------------------------------------------------------------------------------------

    def _deadlines(self, old: Played | None, new: Played | None, colour: str | None) -> Iterator[DeadlineChange]:
        one, other = _stands(old), _stands(new)
        for key in sorted({*one, *other}):
            change = self._deadline(key, one.get(key), other.get(key))
            self.tally[key[0], colour].update(_counts(change))
            if change.is_different:
                yield change

    def _deadline(self, key: Key, old: Stand | None, new: Stand | None) -> DeadlineChange:
        clock, agency, episode = key
        return DeadlineChange(clock, self.labels[clock], agency, self.agencies.get(agency, ""), episode, old, new)

    def _totals(self) -> Iterator[Total]:
        """In the order of the rule sets; within a clock the highest colour first, what is not rated last."""
        clocks, colours = list(self.labels), list(self.colours)
        height = {code: -colours.index(code) for code in colours}
        for clock, colour in sorted(self.tally, key=lambda k: (clocks.index(k[0]), height.get(k[1] or "", 1))):
            counted = self.tally[clock, colour]
            yield Total(clock, self.labels[clock], colour, self._colour(colour), **counted)

    # -- the rest -----------------------------------------------------------------------------------------------------

    def _suggestion(self, old: Played | None, new: Played | None) -> SuggestionChange | None:
        if old is None or new is None or old.suggested.rag == new.suggested.rag:
            return None
        return SuggestionChange(*self._suggested(old.suggested), *self._suggested(new.suggested))

    def _suggested(self, suggested: Suggested) -> tuple[str | None, str, tuple[str, ...]]:
        return suggested.rag, self.colours[suggested.rag] if suggested.rag else "nothing", suggested.because

    def _agencies(self, old: Played | None, new: Played | None) -> AgencyChange | None:
        """Whom the rules require for the rating and the concerns; nobody is compared where one has no such rating."""
        if old is None or new is None:
            return None
        wanted = _required(old), _required(new)
        if old.rag is None or new.rag is None:
            wanted = (), ()
        change = AgencyChange(
            self._only(wanted[1], wanted[0]),
            self._only(wanted[0], wanted[1]),
            self._only(new.asked, old.asked),
            self._only(old.asked, new.asked),
        )
        return change if change != AgencyChange() else None

    def _only(self, these: Iterable[str], not_those: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.agencies[code] for code in these if code not in set(not_those))

    def _acts(self, name: str) -> Iterator[ActChange]:
        """Acts that one of the two refuses, or would have refused as they were done, and the other does not."""
        one, other = (objections.get(name, {}) for objections in self.objections)
        for side, own, others in ((Side.OLD, one, other), (Side.NEW, other, one)):
            for line, (refusal, is_left_out) in sorted(own.items()):
                if line not in others or (is_left_out and not others[line][1]):
                    yield ActChange(self.at[line].at, refusal.verb, side, refusal.reasons, is_left_out)


_ABOUT_ALERTS = frozenset({Verb.TAKE_ALERT, Verb.HAND_ALERT_TO, Verb.RESOLVE_BREACH})
Objections = dict[str | None, dict[int, tuple[Refusal, bool]]]
"""What is said against acts, by contact and line, and whether the act is left out for it."""


def _objections(run: DryRun) -> Objections:
    """Acts about an alert that was never raised, or a breach that never was, are none that anything hangs on."""
    found: Objections = defaultdict(dict)
    for is_left_out, refusals in ((False, run.obliged), (True, run.refusals)):
        for refusal in refusals:
            if refusal.verb not in _ABOUT_ALERTS:
                found[refusal.contact][refusal.line] = refusal, is_left_out
    return found


def _refused_at_the_door(run: DryRun) -> set[str | None]:
    return {refusal.contact for refusal in run.refusals if refusal.verb is Verb.RECEIVE_CONTACT}


def _required(played: Played) -> tuple[str, ...]:
    return played.rules.required_for(played.rag, played.concerns)


def _stands(played: Played | None) -> dict[Key, Stand]:
    episodes = played.timeline.episodes if played else ()
    return {(e.clock, e.agency, e.number): _stand(e) for e in episodes}


def _stand(episode: Episode) -> Stand:
    due_at = as_instant(episode.due_at)
    assert due_at is not None
    return Stand(due_at, as_instant(episode.breached_at), not episode.running, len(episode.raised))


def _counts(change: DeadlineChange) -> dict[str, int]:
    """What the deadline adds to the totals of its clock and colour."""
    old, new = change.old, change.new
    return {
        "old": int(old is not None),
        "new": int(new is not None),
        "late_old": int(old is not None and old.breached_at is not None),
        "late_new": int(new is not None and new.breached_at is not None),
        "newly_late": int(change.is_newly_late),
        "without_end": int(change.is_without_end),
        "no_longer_late": int(change.is_no_longer_late),
        "earlier": int(change.moved < timedelta()),
        "later": int(change.moved > timedelta()),
        "only_old": int(new is None),
        "only_new": int(old is None),
    }
