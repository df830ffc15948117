"""What would these rules have made of recorded work? Plays checked lines through the pure verbs, in memory.

Knows no database. It gives the deadlines, alerts and refusals that a replay into a database gives (replay.py), which
tests hold to. Source of the rules: replay format.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from mash.clock import INSTANT, london_date
from mash.errors import MashError
from mash.people.keys import match_key, nhs_number
from mash.permissions import Actor, require
from mash.recording_file import Line, role_and_desk
from mash.rules.facts import EarlierContact
from mash.rules.in_force import in_force
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import Suggested
from mash.vocabulary import Kind, Role, State, Verb
from mash.workflow.clocks import BankHoliday
from mash.workflow.details import AddFacts, AnnounceBankHoliday, Child, HandTo, ReceiveContact
from mash.workflow.episodes import Timeline
from mash.workflow.judging import OF_COLLEAGUES, require_still_to_come
from mash.workflow.on_paper import Around, Paper
from mash.workflow.verbs.intake import History

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
    `children` the outcome of each child by label, `refusals` what was refused after it had been received.
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

    def __init__(self, rules_for: RulesFor | Sequence[RuleSet], since: date | None = None) -> None:
        """Contacts received before `since` (a London date) count as earlier ones of a child and are not played.

        What the record says of those is taken at its word.
        """
        self.rules_for = rules_for if callable(rules_for) else _chosen_among(rules_for)
        self.since = since
        self.refusals: list[Refusal] = []
        self.end: datetime | None = None
        self._files = _Files()
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
        refused: dict[str | None, list[Refusal]] = defaultdict(list)
        for refusal in self.refusals:
            refused[refusal.contact].append(refusal)
        for name, (line, paper) in self._papers.items():
            yield self._played(line, paper, tuple(refused[name]))

    def _played(self, line: int, paper: Paper, refused: tuple[Refusal, ...]) -> Played:
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
        paper.do(actor, Verb.RECEIVE_CONTACT, line.at, details, Around(self._holidays[line.borough], history))
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
        change = paper.do(actor, verb, line.at, details, Around(self._holidays[line.borough], history, staff))
        if change.children or "concerns" in change.contact:
            self._files.put(line.contact, [child for _, child in change.children], paper.concerns)
        self._files.closed(line.contact, verb, change.state is State.CLOSED, line.at)

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


def _chosen_among(rule_sets: Sequence[RuleSet]) -> RulesFor:
    return lambda borough, on: in_force(rule_sets, borough, on)


@dataclass
class _File:
    """What later contacts about the same child may ask of one."""

    number: int
    borough: str
    received_on: date
    concerns: frozenset[str] = frozenset()
    closed_on: date | None = None


@dataclass
class _Files:
    """Contacts in the order in which they were keyed, and the children in them: exact matches as for rows.

    Source: replay format, section 5; `people/matching.py`.
    """

    by_name: dict[str, _File] = field(default_factory=dict)
    by_number: dict[tuple[str, str], list[_File]] = field(default_factory=lambda: defaultdict(list))
    by_birth: dict[tuple[str, str], list[tuple[_File, bool]]] = field(default_factory=lambda: defaultdict(list))

    def has(self, contact: str) -> bool:
        return contact in self.by_name

    def open(self, contact: str, borough: str, received_on: date) -> None:
        self.by_name[contact] = _File(len(self.by_name), borough, received_on)

    def put(self, contact: str, children: Iterable[Child], concerns: frozenset[str]) -> None:
        """Further children, and concerns."""
        file = self.by_name[contact]
        file.concerns |= concerns
        for child in children:
            number, key = nhs_number(child), match_key(child)
            if number:
                self.by_number[file.borough, number].append(file)
            if key:
                self.by_birth[file.borough, key].append((file, number is not None))

    def closed(self, contact: str, verb: Verb, is_closed: bool, at: datetime) -> None:
        """The day on which it was closed, as long as it is."""
        file = self.by_name[contact]
        if not is_closed:
            file.closed_on = None
        elif verb is Verb.CLOSE:
            file.closed_on = london_date(at)

    def history(self, borough: str, before: str | None) -> History:
        """Contacts about the same child, of those keyed before one; of all where None."""
        limit = self.by_name[before].number if before is not None else len(self.by_name)

        def about(child: Child) -> tuple[EarlierContact, ...]:
            found = {file.number: file for file in self._same(borough, child) if file.number < limit}
            return tuple(EarlierContact(f.received_on, f.concerns, f.closed_on) for f in found.values())

        return about

    def _same(self, borough: str, child: Child) -> list[_File]:
        number, key = nhs_number(child), match_key(child)
        found = list(self.by_number.get((borough, number), ())) if number else []
        by_name = self.by_birth.get((borough, key), ()) if key else ()
        return found + [file for file, has_number in by_name if not (number and has_number)]
