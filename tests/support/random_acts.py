"""Something that somebody might do next: details of every verb, mostly as they should be and sometimes not.

Details are made field by field, by the name of the field. A field that nobody here knows how to make is an error, so
that a new verb is played from the day on which it is added, or its author hears of it.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from hypothesis import strategies as st

from mash.clock import LONDON, iso
from mash.rules.ruleset import RuleSet
from mash.vocabulary import AdultRole, Agreement, Channel, Handling, Kind, Relationship, Reply, Role, Source, Verb
from mash.workflow.details import DETAILS

Thing = TypeVar("Thing")
Draw = Callable[[st.SearchStrategy[Any]], Any]

CHILDREN: tuple[dict[str, str], ...] = (
    {"label": "ann", "forename": "Ann", "surname": "Ash", "date_of_birth": "2015-06-22", "nhs_number": "900 000 0001"},
    {"label": "ben", "forename": "Ben", "surname": "Ash", "date_of_birth": "2024-10-25"},
    {"label": "cal", "forename": "Cal", "surname": "Birch"},
    {"label": "unborn", "surname": "Ash", "expected_date_of_delivery": "2026-12-30"},
    {"label": "dee", "nhs_number": "9000000005"},
    {"label": "eve", "forename": "Éve", "surname": "Birch", "date_of_birth": "2009-02-28"},
)
"""Children whom several contacts are about."""


@dataclass(frozen=True)
class Act:
    """Something that somebody does, or tries to do, at an instant: a line of the replay format, and as plain as one.

    `borough` is that in which the person acts; `seen` the version of the contact that the person looked at; `key` the
    sender's own for a form.
    """

    at: datetime
    verb: Verb
    by: str
    borough: str
    contact: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    seen: int | None = None
    key: str | None = None

    @cached_property
    def details(self) -> Any:
        return DETAILS[self.verb].model_validate(self.fields)

    @property
    def role(self) -> Role:
        return Role(self.by.partition("#")[0].partition(":")[0])

    @property
    def desk(self) -> str | None:
        return self.by.partition(":")[2] or None

    def line(self) -> str:
        """As the replay format writes it; `borough` is told of every act."""
        said = {"at": iso(self.at), "do": self.verb.value, "by": self.by, "borough": self.borough}
        known = {"contact": self.contact, "seen": self.seen, "key": self.key}
        told = {name: value for name, value in known.items() if value is not None}
        return json.dumps(said | told | self.fields, ensure_ascii=False)


@dataclass(frozen=True)
class Sight:
    """What somebody who acts can see: of one contact, or of none that is there yet."""

    rules: RuleSet
    now: datetime
    desk: str | None = None
    rag: str | None = None
    awaited: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    boroughs: tuple[str, ...] = ()


def details(draw: Draw, verb: Verb, sight: Sight) -> dict[str, Any]:
    """Fields for the act. Raises NotImplementedError for a field that nobody here knows how to make."""
    made = {}
    for name in DETAILS[verb].model_fields:
        make = _OF_VERB.get((verb, name)) or _FIELDS.get(name)
        if make is None:
            raise NotImplementedError(
                f"Random play does not know how to make “{name}” of {verb}: "
                "add it to tests/support/random_acts.py, and what must hold to tests/support/random_paper.py."
            )
        value = make(draw, sight)
        if value is not None:
            made[name] = value
    return made


def mostly(draw: Draw, likely: Thing, otherwise: Thing, *, of: int = 10) -> Thing:
    """The likely one, but for one time in so many."""
    return otherwise if draw(st.integers(1, of)) == of else likely


def one_of(draw: Draw, things: Iterable[Thing]) -> Thing:
    found: Thing = draw(st.sampled_from(list(things)))
    return found


def some_of(draw: Draw, things: Iterable[Thing], *, at_most: int = 3) -> list[Thing]:
    known = list(things)
    most = min(at_most, len(known))
    return draw(st.lists(st.sampled_from(known), max_size=most, unique=True)) if known else []


# -- what stands in many details --------------------------------------------------------------------------------------


def _why(draw: Draw, sight: Sight) -> str | None:
    return mostly(draw, "Because of “é”, and\nmore.", None)


def _perhaps_words(draw: Draw, sight: Sight) -> str | None:
    return one_of(draw, (None, "What was said.", "  "))


def _colour(draw: Draw, sight: Sight) -> str | None:
    return mostly(draw, one_of(draw, (*sight.rules.colours, None)), "mauve", of=25)


def _agency(draw: Draw, sight: Sight) -> str:
    if sight.desk:
        return mostly(draw, sight.desk, one_of(draw, sight.rules.agencies))
    likely = one_of(draw, (*sight.awaited, *sight.rules.agencies))
    return mostly(draw, likely, "nobody", of=25)


def _asked(draw: Draw, sight: Sight) -> list[str]:
    named = some_of(draw, (*sight.required, *sight.rules.agencies))
    return mostly(draw, list(dict.fromkeys(named)), [*named, "nobody"], of=25)


def _not_waited_for(draw: Draw, sight: Sight) -> list[str]:
    """Most often all who are waited for."""
    waited_for = sorted({*sight.awaited, *sight.required})
    return mostly(draw, waited_for, some_of(draw, sight.rules.agencies), of=4)


def _clock(draw: Draw, sight: Sight) -> str:
    likely = [*sight.running, *sight.paused] or list(sight.rules.clocks)
    return mostly(draw, one_of(draw, likely), one_of(draw, (*sight.rules.clocks, "cuckoo")))


def _paused_clock(draw: Draw, sight: Sight) -> str:
    return mostly(draw, one_of(draw, sight.paused or sight.rules.clocks), one_of(draw, sight.rules.clocks))


def _pausable_clock(draw: Draw, sight: Sight) -> str:
    clocks = sight.rules.clocks
    likely = [name for name in sight.running if sight.rag in clocks[name].pausable_for]
    return mostly(draw, one_of(draw, likely or sight.running or clocks), one_of(draw, (*clocks, "cuckoo")))


def _until(draw: Draw, sight: Sight) -> str | None:
    longest = sight.rules.pausing.longest_days
    days = mostly(draw, draw(st.integers(0, longest)), draw(st.integers(-1, longest + 2)))
    at = sight.now + timedelta(days=days, minutes=draw(st.sampled_from((1, 30, 480, 1439))))
    return mostly(draw, iso(at), None, of=20)


def _occurred_at(draw: Draw, sight: Sight) -> str | None:
    ago = draw(st.sampled_from((0, 5, 60, 600, 3000)))
    at = sight.now - timedelta(minutes=ago)
    return mostly(draw, one_of(draw, (None, iso(at))), iso(sight.now + timedelta(minutes=1)))


def _received_at(draw: Draw, sight: Sight) -> str | None:
    ago = draw(st.sampled_from((None, 0, 20, 200, 1500, 6000)))
    late = draw(st.integers(1, 40)) == 40
    if late:
        return iso(sight.now + timedelta(minutes=1))
    return None if ago is None else iso(sight.now - timedelta(minutes=ago))


def _event(draw: Draw, sight: Sight) -> str:
    return mostly(draw, one_of(draw, sight.rules.events), "moonrise", of=25)


def _outcome(draw: Draw, sight: Sight) -> str | None:
    return mostly(draw, one_of(draw, sight.rules.outcomes), one_of(draw, (None, "a prize")), of=15)


def _own_outcomes(draw: Draw, sight: Sight) -> dict[str, str]:
    labels = some_of(draw, mostly(draw, sight.children, (*sight.children, "stranger"))) if sight.children else []
    return {label: one_of(draw, sight.rules.outcomes) for label in labels}


def _concerns(draw: Draw, sight: Sight) -> list[str]:
    return mostly(draw, some_of(draw, sight.rules.concerns), ["a bad feeling"], of=25)


def _status(draw: Draw, sight: Sight) -> str | None:
    return mostly(draw, one_of(draw, ("given", *Agreement)), one_of(draw, (None, "shrug")), of=15)


def _agreement(draw: Draw, sight: Sight) -> dict[str, Any] | None:
    status = mostly(draw, one_of(draw, (None, *Agreement)), "shrug", of=25)
    return {"status": status, "reason": _perhaps_words(draw, sight)} if status else None


def _child(draw: Draw, sight: Sight, known: dict[str, str]) -> dict[str, Any]:
    """As this report has it: perhaps in capitals, without the number, with an allocated worker, kept secret."""
    told: dict[str, Any] = dict(known)
    if mostly(draw, False, True, of=4):
        told["surname"] = f" {known.get('surname', '').upper()} "
    if mostly(draw, False, True, of=4):
        told.pop("nhs_number", None)
    if mostly(draw, False, True, of=3):
        told["open_case"] = True
    if mostly(draw, False, True, of=6):
        told |= {"address": "1 Hidden Lane", "postcode": "QN1 1AA", "address_withheld": draw(st.booleans())}
    return told


def _children(draw: Draw, sight: Sight) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.sampled_from(CHILDREN), min_size=1, max_size=3, unique_by=lambda child: child["label"]))
    twice = draw(st.integers(1, 40)) == 40
    return [_child(draw, sight, child) for child in ([*chosen, chosen[0]] if twice else chosen)]


def _further_children(draw: Draw, sight: Sight) -> list[dict[str, Any]]:
    new = [child for child in CHILDREN if child["label"] not in sight.children]
    likely = some_of(draw, range(len(new)), at_most=2)
    chosen = [new[n] for n in likely]
    return [_child(draw, sight, child) for child in mostly(draw, chosen, [*chosen, CHILDREN[0]])]


def _adults(draw: Draw, sight: Sight) -> list[dict[str, Any]]:
    def adult() -> dict[str, Any]:
        told = {"role": one_of(draw, (None, *AdultRole)), "relationship": one_of(draw, (None, *Relationship))}
        return {"label": "jo", "name": "Jo Ash"} | {key: value for key, value in told.items() if value}

    return [adult() for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2))))]


def _referrer(draw: Draw, sight: Sight) -> dict[str, Any] | None:
    named = {"name": "Yara Silva", "role": "Teacher", "phone": "020 7946 0000"}
    return one_of(draw, (named, None, {**named, "shielded": True}, {"anonymous": True}))


def _holiday(draw: Draw, sight: Sight) -> str:
    today = sight.now.astimezone(LONDON).date()
    days = mostly(draw, draw(st.integers(1, 5)), draw(st.integers(0, 20)))
    return (today + timedelta(days=days)).isoformat()


def _exception(draw: Draw, sight: Sight) -> str:
    return mostly(draw, one_of(draw, (*sight.rules.exceptions, "holiday")), "holiday", of=25)


def _liftable_clock(draw: Draw, sight: Sight) -> str:
    liftable = {name for rule in sight.rules.exceptions.values() for name in rule.lifts}
    likely = [name for name in sight.running if name in liftable] or list(sight.running) or ["cuckoo"]
    return mostly(draw, one_of(draw, likely), one_of(draw, sight.rules.clocks))


Make = Callable[[Draw, Sight], Any]


def _any_of(*things: Any) -> Make:
    return lambda draw, sight: one_of(draw, things)


_FIELDS: dict[str, Make] = {
    "reason": _why,
    "rationale": _why,
    "comment": _why,
    **dict.fromkeys(("question", "note", "summary", "narrative", "given_by", "parents_informed_reason"), _perhaps_words),
    "without_agreement_because": _perhaps_words,
    "rag": _colour,
    "risk": _colour,
    "agency": _agency,
    "agencies": _asked,
    "without": _not_waited_for,
    "clock": _clock,
    "until": _until,
    "event": _event,
    "occurred_at": _occurred_at,
    "received_at": _received_at,
    "outcome": _outcome,
    "threshold_level": _any_of(None, 1, 2, 3, 4),
    "children": _children,
    "adults": _adults,
    "concerns": _concerns,
    "status": _status,
    "agreement": _agreement,
    "parents_informed": _any_of(None, True, False),
    "kind": _any_of(None, *Kind),
    "channel": _any_of(None, *Channel),
    "source": _any_of(None, *list(Source)[::4]),
    "referrer": _referrer,
    "reply": _any_of(*Reply),
    "handling": _any_of(None, *Handling),
    "agree": _any_of(True, False),
    "to": _any_of("Elsewhere", "Elsewhere", None),
    "date": _holiday,
    "name": _any_of("Jubilee"),
    "exception": _exception,
}
_OF_VERB: dict[tuple[Verb, str], Make] = {
    (Verb.PROCEED_WITHOUT, "agencies"): _not_waited_for,
    (Verb.RECORD_DECISION, "children"): _own_outcomes,
    (Verb.ADD_FACTS, "children"): _further_children,
    (Verb.GIVE_FEEDBACK, "to"): _any_of("referrer", None),
    (Verb.PAUSE_CLOCK, "clock"): _pausable_clock,
    (Verb.RESUME_CLOCK, "clock"): _paused_clock,
    (Verb.LIFT_DEADLINE, "clock"): _liftable_clock,
    (Verb.ANNOUNCE_BANK_HOLIDAY, "borough"): lambda draw, sight: one_of(draw, (*sight.boroughs, None)),
}
