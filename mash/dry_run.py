"""What would these rules have made of recorded work? Plays checked lines through the pure verbs, in memory.

Knows no database. It gives the deadlines, alerts and refusals that a replay into a database gives (replay.py), which
tests hold to. Source of the rules: replay format.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from mash.clock import INSTANT, london_date
from mash.errors import MashError
from mash.people.files import Files
from mash.permissions import Actor, require
from mash.recording_file import Line, role_and_desk
from mash.rules.in_force import in_force
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import Suggested
from mash.vocabulary import Kind, Role, State, Verb
from mash.workflow.change import Change
from mash.workflow.clocks import BankHoliday
from mash.workflow.details import AddFacts, AnnounceBankHoliday, Details, HandTo, ReceiveContact
from mash.workflow.episodes import Timeline
from mash.workflow.judging import OF_COLLEAGUES, require_still_to_come
from mash.workflow.obliging import OVERSIGHT, is_needless, oblige, oversee
from mash.workflow.on_paper import Around, Paper

RulesFor = Callable[[str, date], RuleSet]
"""The rules of a borough for what it receives on a London date; raises Refused where there are none."""


@dataclass(frozen=True)
class Refusal:
    """An act that was refused: the line, what was tried on which contact, and every reason."""

    line: int
    verb: Verb
    contact: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """Where a contact stands at the end.

    `line` is that of its receipt; `asked` are agencies that were asked, `timeline` all its deadlines and alerts,
    `children` the outcome of each child by label, `refusals` what was refused after it had been received, and
    `obliged` what would have been refused without a reason or a signature that was taken as given.
    """

    reference: str
    line: int
    borough: str
    received_at: datetime
    kind: Kind
    rules: RuleSet
    state: State
    rag: str | None
    suggested: Suggested
    concerns: frozenset[str]
    asked: tuple[str, ...]
    outcome: str | None
    children: Mapping[str, str]
    timeline: Timeline
    refusals: tuple[Refusal, ...]
    obliged: tuple[Refusal, ...] = ()


def play(lines: Iterable[Line], rules_for: RulesFor | Sequence[RuleSet], until: datetime | None = None) -> list[Played]:
    """What becomes of every contact that is received, at `until` or at the last line, in the order of receipt.

    Of several rule sets each contact gets the one of its borough in force on the London date of its receipt. What was
    refused when it arrived is not among them: `DryRun.refusals` has it.
    """
    run = DryRun(rules_for)
    run.play(lines, until)
    return run.results()


class DryRun:
    """Recorded work being played in memory."""

    def __init__(
        self,
        rules_for: RulesFor | Sequence[RuleSet],
        since: date | None = None,
        was_done: Callable[[int], bool] = lambda _: False,
        stood: Container[int] = (),
    ) -> None:
        """Contacts received before `since` (a London date) count as earlier ones of a child and are not played.

        What the record says of those is taken at its word. `was_done` tells of a line whether people really did it, by
        whatever rules: what ours would have wanted besides is then taken as given (workflow/obliging.py). `stood` are
        lines of decisions that stood at once: where ours want oversight of them, it is given at once.
        """
        self.rules_for = rules_for if callable(rules_for) else _chosen_among(rules_for)
        self.since, self.was_done, self.stood = since, was_done, stood
        self.stood_at_once: set[int] = set()
        self.refusals: list[Refusal] = []
        self.obliged: list[Refusal] = []
        self.end: datetime | None = None
        self._files = Files()
        self._papers: dict[str, tuple[int, Paper]] = {}
        self._people: dict[tuple[str, str], Actor] = {}
        self._staff: dict[str, dict[str, str]] = defaultdict(dict)
        self._holidays: dict[str, list[BankHoliday]] = {}
        self._ids = count(1)

    def play(self, lines: Iterable[Line], until: datetime | None = None) -> None:
        """Do what the lines say, up to and with `until`; what is refused is noted."""
        every = list(lines)
        self._holidays = {line.borough: [] for line in every if line.borough}
        for line in every:
            if until is not None and line.at > until:
                break
            self.end = line.at
            if line.verb is not None:
                self._try(line, line.verb)
        self.end = until or self.end

    def results(self) -> list[Played]:
        """Where every contact stands at the end."""
        return list(self.each())

    def each(self) -> Iterator[Played]:
        """The same one after the other: of very many contacts the deadlines need not be held all at once."""
        refused, obliged = _by_contact(self.refusals), _by_contact(self.obliged)
        for name, (line, paper) in self._papers.items():
            yield self._played(line, paper, tuple(refused[name]), tuple(obliged[name]))

    def _played(self, line: int, paper: Paper, refused: tuple[Refusal, ...], obliged: tuple[Refusal, ...]) -> Played:
        assert self.end is not None
        own, events = paper.contact, paper.events
        asked = {a: None for e in events if e.verb is Verb.REQUEST_INFORMATION for a in e.facts["agencies"]}
        return Played(
            reference=own.reference,
            line=line,
            borough=own.borough,
            received_at=own.received_at,
            kind=own.kind,
            rules=paper.rules,
            state=own.state,
            rag=own.rag,
            suggested=paper.suggested,
            concerns=paper.concerns,
            asked=tuple(asked),
            outcome=own.outcome,
            children=paper.outcomes,
            timeline=paper.timeline(self._holidays[own.borough], self.end + INSTANT),
            refusals=refused,
            obliged=obliged,
        )

    def _try(self, line: Line, verb: Verb) -> None:
        try:
            self._do(line, verb)
        except MashError as error:
            self.refusals.append(Refusal(line.number, verb, line.contact, error.reasons))

    def _do(self, line: Line, verb: Verb) -> None:
        assert line.details is not None
        if isinstance(line.details, AnnounceBankHoliday):
            self._announce(line, line.details)
            return
        assert line.borough is not None and line.contact is not None
        if isinstance(line.details, ReceiveContact):
            self._receive(line, line.details)
        elif line.contact in self._papers:
            self._perform(line, verb)
        elif self._files.has(line.contact):
            self._take_at_its_word(line, verb)
        else:
            raise MashError("The contact was refused when it arrived.")

    def _receive(self, line: Line, details: ReceiveContact) -> None:
        assert line.borough is not None and line.contact is not None
        received_on = london_date(details.received_at or line.at)
        if self.since is not None and received_on < self.since:
            self._files.open(line.contact, line.borough, received_on)
            self._take_at_its_word(line, Verb.RECEIVE_CONTACT)
            return
        actor = self._actor(line.by, line.borough)
        require(actor, Verb.RECEIVE_CONTACT)
        rules = self.rules_for(line.borough, received_on)
        paper = Paper(rules, line.borough, line.contact, lambda: str(next(self._ids)))
        history = self._files.history(line.borough, None)
        self._done(line, paper, actor, details, Around(self._holidays[line.borough], history))
        self._papers[line.contact] = line.number, paper
        self._files.open(line.contact, line.borough, received_on)
        self._files.put(line.contact, details.children, paper.concerns)

    def _perform(self, line: Line, verb: Verb) -> None:
        assert line.borough is not None and line.contact is not None and line.details is not None
        actor, details = self._actor(line.by, line.borough), line.details
        if isinstance(details, HandTo):
            details = details.model_copy(update={"to": self._actor(details.to, line.borough).user_id})
        paper = self._papers[line.contact][1]
        history = self._files.history(line.borough, line.contact)
        staff = self._staff[line.borough] if verb in OF_COLLEAGUES else {}
        change = self._done(line, paper, actor, details, Around(self._holidays[line.borough], history, staff))
        if change is None:
            return
        if change.children or "concerns" in change.contact:
            self._files.put(line.contact, [child for _, child in change.children], paper.concerns)
        self._files.closed(line.contact, verb, change.state is State.CLOSED, line.at)

    def _done(self, line: Line, paper: Paper, actor: Actor, details: Details, around: Around) -> Change | None:
        """What the act amounts to; None where it need not be done. Raises as `Paper.do`."""
        assert line.verb is not None
        change: Change | None
        try:
            change = paper.do(actor, line.verb, line.at, details, around)
        except MashError as error:
            if not self.was_done(line.number):
                raise
            change = oblige(paper, actor, line.verb, line.at, details, around)
            if change is None and not is_needless(paper, details):
                raise
            self.obliged.append(Refusal(line.number, line.verb, line.contact, error.reasons))
        if line.verb is Verb.RECORD_DECISION:
            self._see_that_it_stands(line, paper, around)
        return change

    def _see_that_it_stands(self, line: Line, paper: Paper, around: Around) -> None:
        """A decision that needed nobody's signature when it was taken does not wait for one that nobody gave."""
        if paper.contact.state is State.DECIDED:
            self.stood_at_once.add(line.number)
        elif line.number in self.stood and oversee(paper, line.at, around):
            self.obliged.append(Refusal(line.number, Verb.RECORD_DECISION, line.contact, (OVERSIGHT,)))

    def _take_at_its_word(self, line: Line, verb: Verb) -> None:
        """What others may ask of a contact that is not played: who it is about, and whether it is closed."""
        assert line.contact is not None
        if isinstance(line.details, ReceiveContact | AddFacts):
            self._files.put(line.contact, line.details.children, frozenset(line.details.concerns))
        if verb in (Verb.CLOSE, Verb.REOPEN):
            self._files.closed(line.contact, verb, verb is Verb.CLOSE, line.at)

    def _announce(self, line: Line, details: AnnounceBankHoliday) -> None:
        """A borough that has been told this date already is passed over."""
        boroughs = [line.borough] if line.borough else list(self._holidays)
        require(self._actor(line.by, boroughs[0] if boroughs else ""), Verb.ANNOUNCE_BANK_HOLIDAY)
        require_still_to_come(details.date, line.at)
        for borough in boroughs:
            known = self._holidays[borough]
            if details.date not in {holiday.day for holiday in known}:
                # A list of its own: what was judged by the one before keeps it.
                self._holidays[borough] = [*known, BankHoliday(line.at, details.date)]

    def _actor(self, by: str, borough: str) -> Actor:
        """One person for each `by` and borough; everybody but desks and the system is a colleague of the hub."""
        if (by, borough) not in self._people:
            role, desk = role_and_desk(by)
            name = f"{by}@{borough}"
            self._people[by, borough] = Actor(name, name, role, borough, desk)
            if role not in (Role.DESK, Role.SYSTEM):
                self._staff[borough][name] = name
        return self._people[by, borough]


def _by_contact(refusals: Iterable[Refusal]) -> dict[str | None, list[Refusal]]:
    """The same, by the contact that they are about; None for what is about no contact."""
    found: dict[str | None, list[Refusal]] = defaultdict(list)
    for refusal in refusals:
        found[refusal.contact].append(refusal)
    return found


def _chosen_among(rule_sets: Sequence[RuleSet]) -> RulesFor:
    return lambda borough, on: in_force(rule_sets, borough, on)
