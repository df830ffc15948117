"""What was done to a contact that is as the export says? Acts in the replay format, some of them assumed. Pure.

An export says when a few things happened. What must have happened in between, because the rest is not possible
without it, is put in and marked: nothing is judged by a time that was assumed.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mash.clock import iso, london_date
from mash.importing.columns import Column
from mash.importing.contacts import Contact, ReportedChild
from mash.permissions import MAY_DISPENSE_WITH_AGREEMENT, PERMISSIONS, Permission
from mash.recording_file import END
from mash.rules.clockrules import Moment
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Labelled, Role, Source, Verb

_WORDS = "As in the council's export."


class Assumption(Labelled):
    """Something that the export does not say and that was put in."""

    KEYED = "keyed", "Typed in no later than what was done first, not when the export says"
    SCREENING = "screening", "Screening begun when the first agency was asked, or when it was rated"
    RATING = "rating", "Rated on receipt, or when screening began: a colour without a time"
    OVERSIGHT = "oversight", "Management oversight given with the decision, because the rules ask for it"
    WITHOUT = "without", "Decided without agencies that the rules want asked, or that had not answered"
    WHOLE_DAY = "whole_day", "A date without a time of day, counted as the map says"
    COLOUR = "colour", "A colour given by the map, because the cell is empty"
    OUTCOME = "outcome", "An outcome given by the map, because the cell is empty"


@dataclass(frozen=True)
class Act:
    """One act on a contact. `rank` orders acts of the same instant."""

    at: datetime
    rank: int
    verb: Verb
    by: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class Recording:
    """The acts of all contacts as lines, in time order; and what of them was assumed.

    `unknown`: by reference, the moments of which no time is known. `end`: the last instant.
    """

    lines: list[str]
    end: datetime
    assumed: Counter[Assumption]
    unknown: dict[str, set[str]]


def recorded(
    contacts: Sequence[Contact], rules: RuleSet, columns: Collection[Column], until: datetime | None = None
) -> Recording:
    """All contacts as a recording that ends at `until`, or with the last act. There has to be a contact.

    `columns` are those that the export has: what is not in them did not necessarily not happen.
    """
    writing = _Writing(rules, columns)
    placed: list[tuple[datetime, int, int, str]] = []
    for number, contact in enumerate(contacts):
        acts = sorted(writing.acts(contact), key=lambda act: (act.at, act.rank))
        for place, act in enumerate(acts):
            placed.append((act.at, number, place, _line(act, contact.reference)))
    placed.sort(key=lambda one: one[:3])
    end = until or placed[-1][0]
    ending = json.dumps({"at": iso(end), "do": END, "by": Role.SYSTEM.value})
    lines = [*(line for *_, line in placed), ending]
    return Recording(lines, end, writing.assumed, dict(writing.unknown))


def _line(act: Act, reference: str) -> str:
    fields = {"at": iso(act.at), "do": act.verb.value, "by": act.by, "contact": reference, **act.fields}
    return json.dumps(fields, ensure_ascii=False)


_RANKS = (
    Verb.RECEIVE_CONTACT,
    Verb.ACKNOWLEDGE,
    Verb.START_SCREENING,
    Verb.RATE_CONTACT,
    Verb.REQUEST_INFORMATION,
    Verb.RETURN_INFORMATION,
    Verb.RECORD_EVENT,
    Verb.RECORD_DECISION,
    Verb.SIGN_OFF,
    Verb.GIVE_FEEDBACK,
    Verb.CONFIRM_READ,
    Verb.CLOSE,
)
_PLAIN = {
    Column.ACKNOWLEDGED: (Verb.ACKNOWLEDGE, {}),
    Column.TOLD: (Verb.GIVE_FEEDBACK, {"to": "referrer"}),
    Column.READ: (Verb.CONFIRM_READ, {}),
    Column.CLOSED: (Verb.CLOSE, {"reason": _WORDS}),
}
"""Times that are an act by themselves."""

MOMENTS: dict[Verb, tuple[str, ...]] = {
    Verb.ACKNOWLEDGE: (Moment.ACKNOWLEDGED,),
    Verb.START_SCREENING: (Moment.SCREENING_STARTED,),
    Verb.RATE_CONTACT: (Moment.RATED,),
    Verb.REQUEST_INFORMATION: (Moment.AGENCY_ASKED,),
    Verb.RETURN_INFORMATION: (Moment.AGENCY_REPLIED,),
    Verb.RECORD_DECISION: (Moment.DECISION_RECORDED, Moment.DECISION_STANDS),
    Verb.SIGN_OFF: (Moment.SIGNED_OFF,),
    Verb.GIVE_FEEDBACK: (Moment.REFERRER_TOLD,),
    Verb.CONFIRM_READ: (Moment.READING_CONFIRMED,),
    Verb.CLOSE: (Moment.CLOSED,),
}
"""Which moments are not known where the act was refused."""


class _Writing:
    """Turns contacts into acts under one rule set; notes what it assumes."""

    def __init__(self, rules: RuleSet, columns: Collection[Column]) -> None:
        self.rules, self.columns = rules, columns
        self.assumed: Counter[Assumption] = Counter()
        self.unknown: dict[str, set[str]] = defaultdict(set)
        self._people = {verb: _who(rules, verb) for verb in _RANKS}
        self._numbers: dict[str, int] = {}
        self._children = 0

    def acts(self, contact: Contact) -> list[Act]:
        """Everything that was done, in no order."""
        self._count_given(contact)
        found = [*self._screening(contact), *self._rating(contact), *self._agencies(contact), *self._deciding(contact)]
        for name, (verb, fields) in _PLAIN.items():
            if at := contact.instants.get(name):
                found.append(self._act(at, verb, **fields))
        for event, at in contact.events:
            found.append(self._act(at, Verb.RECORD_EVENT, event=event, occurred_at=iso(at)))
        return [self._receipt(contact, found), *found]

    def _act(self, at: datetime, verb: Verb, **fields: Any) -> Act:
        return Act(at, _RANKS.index(verb), verb, self._people[verb], fields)

    def _assume(self, contact: Contact, what: Assumption, *moments: str) -> None:
        self.assumed[what] += 1
        self.unknown[contact.reference].update(moments)

    def _count_given(self, contact: Contact) -> None:
        self.assumed[Assumption.WHOLE_DAY] += len(contact.whole_days)
        self.assumed[Assumption.COLOUR] += Column.COLOUR in contact.defaults
        self.assumed[Assumption.OUTCOME] += Column.OUTCOME in contact.defaults

    def _receipt(self, contact: Contact, others: Iterable[Act]) -> Act:
        keyed = contact.instants.get(Column.KEYED, contact.received_at)
        first = min((act.at for act in others), default=keyed)
        if first < keyed:
            self._assume(contact, Assumption.KEYED)
        fields: dict[str, Any] = {
            "borough": self.rules.name,
            "received_at": iso(contact.received_at),
            "children": [self._child(child, contact) for child in contact.children],
            "concerns": list(contact.concerns),
            **{name.value: contact.codes.get(name) for name in (Column.KIND, Column.CHANNEL, Column.SOURCE)},
        }
        nobody_told = not {Column.ACKNOWLEDGED, Column.TOLD} & set(contact.instants)
        if contact.codes.get(Column.SOURCE) == Source.ANONYMOUS and nobody_told:
            fields["referrer"] = {"anonymous": True}
        given = {name: value for name, value in fields.items() if value}
        return self._act(min(first, keyed), Verb.RECEIVE_CONTACT, **given)

    def _child(self, child: ReportedChild, contact: Contact) -> dict[str, Any]:
        """A running number instead of the council's, and an age instead of a birthday: no more than the rules need."""
        if child.key is None or child.key not in self._numbers:
            self._children += 1
        number = self._children if child.key is None else self._numbers.setdefault(child.key, self._children)
        born = child.born_for(london_date(contact.received_at))
        expected = child.expected_delivery if born is None else None
        fields = {
            "label": f"child-{number}",
            "nhs_number": f"child-{number}" if child.key else None,
            "date_of_birth": born.isoformat() if born else None,
            "expected_date_of_delivery": expected.isoformat() if expected else None,
            "open_case": child.open_case,
        }
        return {name: value for name, value in fields.items() if value}

    def _screening(self, contact: Contact) -> Iterator[Act]:
        if at := contact.instants.get(Column.SCREENING_STARTED):
            yield self._act(at, Verb.START_SCREENING)
            return
        needs_it = [request.asked for request in contact.requests if request.asked]
        if rated := self._rated_at(contact):
            needs_it.append(rated)
        if needs_it:
            self._assume(contact, Assumption.SCREENING, Moment.SCREENING_STARTED)
            yield self._act(min(needs_it), Verb.START_SCREENING)

    @staticmethod
    def _rated_at(contact: Contact) -> datetime | None:
        if Column.COLOUR not in contact.codes:
            return None
        begun = contact.instants.get(Column.SCREENING_STARTED, contact.received_at)
        return contact.instants.get(Column.RATED, begun)

    def _rating(self, contact: Contact) -> Iterator[Act]:
        if at := self._rated_at(contact):
            if Column.RATED not in contact.instants:
                self._assume(contact, Assumption.RATING, Moment.RATED)
            yield self._act(at, Verb.RATE_CONTACT, rag=contact.codes[Column.COLOUR], rationale=_WORDS)

    def _agencies(self, contact: Contact) -> Iterator[Act]:
        for request in contact.requests:
            if request.asked:
                own = {"agencies": [request.agency], "without_agreement_because": _WORDS}
                yield self._act(request.asked, Verb.REQUEST_INFORMATION, **own)
            if request.answered:
                reply = {"agency": request.agency, "reply": "information_held"}
                yield self._act(request.answered, Verb.RETURN_INFORMATION, **reply)

    def _deciding(self, contact: Contact) -> Iterator[Act]:
        at, outcome = contact.instants.get(Column.DECIDED), contact.codes.get(Column.OUTCOME)
        if at is None or outcome is None:
            return
        level = contact.codes.get(Column.LEVEL)
        fields = {"outcome": outcome, "rationale": _WORDS, **({"threshold_level": int(level)} if level else {})}
        if self.rules.outcomes[outcome].waits_for_replies:
            fields |= self._without(contact, at)
        yield self._act(at, Verb.RECORD_DECISION, **fields)
        yield from self._oversight(contact, outcome, at)

    def _without(self, contact: Contact, at: datetime) -> dict[str, Any]:
        """Agencies that are no longer waited for. One that nobody waits for is passed over by the verb."""
        asked = {request.agency: request for request in contact.requests if request.asked and request.asked <= at}
        open_still = {a for a, request in asked.items() if request.answered is None or request.answered > at}
        wanted = set(self.rules.required_for(contact.codes[Column.COLOUR], frozenset(contact.concerns)))
        if open_still or wanted - set(asked):
            self._assume(contact, Assumption.WITHOUT)
        return {"without": sorted(open_still | wanted)} if open_still | wanted else {}

    def _oversight(self, contact: Contact, outcome: str, decided_at: datetime) -> Iterator[Act]:
        if at := contact.instants.get(Column.SIGNED_OFF):
            yield self._act(at, Verb.SIGN_OFF, agree=True)
        elif self._must_have_been_overseen(contact, outcome):
            at_once = self.rules.outcomes[outcome].stands_at_once
            stands = () if at_once else (Moment.DECISION_STANDS,)
            self._assume(contact, Assumption.OVERSIGHT, Moment.SIGNED_OFF, *stands)
            yield self._act(decided_at, Verb.SIGN_OFF, agree=True)

    def _must_have_been_overseen(self, contact: Contact, outcome: str) -> bool:
        """Where the export does not say when: nobody could have been told, or closed it, without."""
        later = {Column.TOLD, Column.CLOSED} & set(contact.instants)
        says_when = Column.SIGNED_OFF in self.columns
        needed = self.rules.oversight_needed({outcome}, contact.codes[Column.COLOUR])
        return needed and (not says_when or bool(later))


_ORDER = (Role.CONTACT_OFFICER, Role.SCREENER, Role.DECISION_MAKER, Role.SERVICE_MANAGER, Role.EDT)


def _who(rules: RuleSet, verb: Verb) -> str:
    """Somebody who may do it: by the program, by the rules, and where need be without the family's agreement."""
    may = [role for role in _ORDER if Permission(verb.value) in PERMISSIONS[role]]
    if verb is Verb.REQUEST_INFORMATION:
        may.sort(key=lambda role: role not in MAY_DISPENSE_WITH_AGREEMENT & {*rules.sharing.agreement_waived_by})
    role = next((role for role in may if rules.lets(role, verb)), may[0])
    return f"{role}#2" if verb is Verb.SIGN_OFF else role.value
