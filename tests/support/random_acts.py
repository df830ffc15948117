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
from mash.vocabulary import Agreement, Cause, Channel, Handling, Kind, Reply, Role, Source, Verb
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
    odd: bool = False
    desk: str | None = None
    rag: str | None = None
    awaited: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    alerted: tuple[str, ...] = ()
    breached: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    boroughs: tuple[str, ...] = ()


def details(draw: Draw, verb: Verb, sight: Sight) -> dict[str, Any]:
    """Fields for the act. Raises LookupError for a field that nobody here knows how to make."""
    made = {}
    for name in DETAILS[verb].model_fields:
        make = _OF_VERB.get((verb, name)) or _FIELDS.get(name)
        if make is None:
            raise LookupError(
                f"Random play does not know how to make “{name}” of {verb}: "
                "add it to tests/support/random_acts.py, and what must hold to tests/support/random_paper.py."
            )
        value = make(draw, sight)
        if value is not None:
            made[name] = value
    return made


def rarely(draw: Draw, one_in: int) -> bool:
    """Whether this time; the smallest program is one in which nothing is rare."""
    return bool(draw(st.integers(1, one_in)) == one_in)


def odd(draw: Draw, sight: "Sight", one_in: int = 3) -> bool:
    """Whether this field of an odd act is not as it should be."""
    return sight.odd and rarely(draw, one_in)


def one_of(draw: Draw, things: Iterable[Thing]) -> Thing:
    found: Thing = draw(st.sampled_from(list(things)))
    return found


def some_of(draw: Draw, things: Iterable[Thing], *, at_most: int = 3) -> list[Thing]:
    known = list(things)
    most = min(at_most, len(known))
    return draw(st.lists(st.sampled_from(known), max_size=most, unique=True)) if known else []


# -- what stands in many details --------------------------------------------------------------------------------------


def _why(draw: Draw, sight: Sight) -> str | None:
    return None if odd(draw, sight) else "Because of “é”, and\nmore."


def _perhaps_words(draw: Draw, sight: Sight) -> str | None:
    return one_of(draw, (None, "What was said.", "  "))


def _colour(draw: Draw, sight: Sight) -> str | None:
    return "mauve" if odd(draw, sight, 6) else one_of(draw, (*sight.rules.colours, None))


def _agency(draw: Draw, sight: Sight) -> str:
    if sight.desk and not odd(draw, sight):
        return sight.desk
    if sight.awaited and not rarely(draw, 4):
        return one_of(draw, sight.awaited)
    return "nobody" if odd(draw, sight, 6) else one_of(draw, sight.rules.agencies)


def _asked(draw: Draw, sight: Sight) -> list[str]:
    """One, two, or those who are required."""
    if odd(draw, sight, 6):
        return [one_of(draw, sight.rules.agencies), "nobody"]
    one = one_of(draw, sight.rules.agencies)
    named = one_of(draw, ([one], [one, *sight.required], list(sight.required), [] if sight.required else [one]))
    return list(dict.fromkeys(named))


def _not_waited_for(draw: Draw, sight: Sight) -> list[str]:
    """Most often all who are waited for."""
    if rarely(draw, 4) or odd(draw, sight):
        return some_of(draw, (*sight.rules.agencies, "nobody") if sight.odd else sight.rules.agencies)
    return sorted({*sight.awaited, *sight.required})


def _clock_of(likely: Callable[[Sight], Iterable[str]]) -> "Make":
    """Most often one of these, where there are any."""

    def make(draw: Draw, sight: Sight) -> str:
        clocks = (*sight.rules.clocks, "cuckoo") if odd(draw, sight) else tuple(likely(sight))
        return one_of(draw, clocks or sight.running or sight.rules.clocks)

    return make


def _pausable(sight: Sight) -> list[str]:
    return [name for name in sight.running if sight.rag in sight.rules.clocks[name].pausable_for]


def _liftable(sight: Sight) -> list[str]:
    lifted = {name for rule in sight.rules.exceptions.values() for name in rule.lifts}
    return [name for name in sight.running if name in lifted]


def _until(draw: Draw, sight: Sight) -> str | None:
    longest = sight.rules.pausing.longest_days
    days = one_of(draw, (-1, longest + 1)) if odd(draw, sight) else draw(st.integers(0, longest))
    at = sight.now + timedelta(days=days, minutes=one_of(draw, (1, 30, 480, 1439)))
    return None if odd(draw, sight) else iso(at)


def _occurred_at(draw: Draw, sight: Sight) -> str | None:
    ago = -1 if odd(draw, sight) else one_of(draw, (None, 0, 5, 60, 600, 3000))
    return None if ago is None else iso(sight.now - timedelta(minutes=ago))


def _received_at(draw: Draw, sight: Sight) -> str | None:
    ago = -1 if odd(draw, sight, 6) else one_of(draw, (None, 0, 20, 200, 1500, 6000))
    return None if ago is None else iso(sight.now - timedelta(minutes=ago))


def _event(draw: Draw, sight: Sight) -> str:
    return "moonrise" if odd(draw, sight) else one_of(draw, sight.rules.events)


def _outcome(draw: Draw, sight: Sight) -> str | None:
    return one_of(draw, (None, "a prize")) if odd(draw, sight) else one_of(draw, sight.rules.outcomes)


def _own_outcomes(draw: Draw, sight: Sight) -> dict[str, str]:
    known = (*sight.children, "stranger") if odd(draw, sight) else sight.children
    labels = some_of(draw, known) if rarely(draw, 3) else []
    return {label: one_of(draw, sight.rules.outcomes) for label in labels}


def _concerns(draw: Draw, sight: Sight) -> list[str]:
    if odd(draw, sight, 6):
        return ["a bad feeling"]
    known = list(sight.rules.concerns)
    return one_of(draw, (*([code] for code in known), [], known[:2], known[-2:], known[:3]))


def _status(draw: Draw, sight: Sight) -> str | None:
    return one_of(draw, (None, "shrug")) if odd(draw, sight) else one_of(draw, ("given", *Agreement))


def _agreement(draw: Draw, sight: Sight) -> dict[str, Any] | None:
    if odd(draw, sight):
        return {"status": one_of(draw, ("not_required", "shrug"))}
    status = one_of(draw, (None, *Agreement))
    return {"status": status, "reason": "Said so."} if status else None


def _child(draw: Draw, sight: Sight, known: dict[str, str]) -> dict[str, Any]:
    """As this report has it: perhaps in capitals, without the number, with an allocated worker, kept secret."""
    told: dict[str, Any] = dict(known)
    how = one_of(draw, ("plain", "open", "capitals", "no number", "open", "hidden"))
    if how == "open":
        told["open_case"] = True
    elif how == "capitals":
        told["surname"] = f" {known.get('surname', '').upper()} "
    elif how == "no number":
        told.pop("nhs_number", None)
    elif how == "hidden":
        told |= {"address": "1 Hidden Lane", "postcode": "QN1 1AA", "address_withheld": True}
    return told


def _children(draw: Draw, sight: Sight) -> list[dict[str, Any]]:
    first = one_of(draw, range(len(CHILDREN)))
    further = one_of(draw, (0, 0, 1, 2))
    chosen = [CHILDREN[(first + n) % len(CHILDREN)] for n in range(further + 1)]
    return [_child(draw, sight, child) for child in ([*chosen, chosen[0]] if odd(draw, sight, 6) else chosen)]


def _further_children(draw: Draw, sight: Sight) -> list[dict[str, Any]]:
    new = [child for child in CHILDREN if child["label"] not in sight.children]
    chosen = [one_of(draw, new)] if new and draw(st.booleans()) else []
    return [_child(draw, sight, child) for child in ([*chosen, CHILDREN[0]] if odd(draw, sight) else chosen)]


def _adults(draw: Draw, sight: Sight) -> list[dict[str, Any]]:
    adult = {"label": "jo", "name": "Jo Ash", "role": "alleged_perpetrator", "relationship": "partner_of_parent"}
    other = {"name": "Sal Ash", "date_of_birth": "1960-02-29", "address": "2 Hidden Lane", "address_withheld": True}
    return one_of(draw, ([], [adult], [other], [adult, other]))


def _referrer(draw: Draw, sight: Sight) -> dict[str, Any] | None:
    named = {"name": "Yara Silva", "role": "Teacher", "phone": "020 7946 0000"}
    return one_of(draw, (named, None, {**named, "shielded": True}, {"anonymous": True}))


def _holiday(draw: Draw, sight: Sight) -> str:
    today = sight.now.astimezone(LONDON).date()
    return (today + timedelta(days=0 if odd(draw, sight) else one_of(draw, (1, 2, 3, 4, 20)))).isoformat()


def _alerted(draw: Draw, sight: Sight) -> str:
    """The deadline of an alert, as a form names it: `agency_return/police/2`."""
    return _one_deadline(draw, sight, sight.alerted)


def _breached(draw: Draw, sight: Sight) -> str:
    return _one_deadline(draw, sight, sight.breached)


def _one_deadline(draw: Draw, sight: Sight, known: tuple[str, ...]) -> str:
    told = known and not odd(draw, sight)
    return one_of(draw, known if told else [f"{name}//1" for name in sight.rules.clocks])


def _colleague(draw: Draw, sight: Sight) -> str:
    return one_of(draw, sight.people or ("nobody",))


def _exception(draw: Draw, sight: Sight) -> str:
    return "holiday" if odd(draw, sight) or not sight.rules.exceptions else one_of(draw, sight.rules.exceptions)


Make = Callable[[Draw, Sight], Any]


def _any_of(*things: Any) -> Make:
    return lambda draw, sight: one_of(draw, things)


_FIELDS: dict[str, Make] = {
    "reason": _why,
    "rationale": _why,
    "comment": _why,
    "remedy": _why,
    **dict.fromkeys(
        ("question", "note", "summary", "narrative", "given_by", "parents_informed_reason"), _perhaps_words
    ),
    "without_agreement_because": lambda draw, sight: None if rarely(draw, 4) else "It would put her at risk.",
    "rag": _colour,
    "risk": _colour,
    "agency": _agency,
    "agencies": _asked,
    "without": _not_waited_for,
    "clock": _clock_of(lambda sight: (*sight.running, *sight.paused)),
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
_OF_ONE_DEADLINE = (Verb.TAKE_ALERT, Verb.HAND_ALERT_TO, Verb.RESOLVE_BREACH, Verb.ANNUL_BREACH)
"""Acts whose `clock` names a deadline in full."""
_OF_VERB: dict[tuple[Verb, str], Make] = {
    (Verb.PROCEED_WITHOUT, "agencies"): _not_waited_for,
    (Verb.RECORD_DECISION, "children"): _own_outcomes,
    (Verb.ADD_FACTS, "children"): _further_children,
    (Verb.GIVE_FEEDBACK, "to"): _any_of("referrer", None),
    (Verb.PAUSE_CLOCK, "clock"): _clock_of(_pausable),
    (Verb.RESUME_CLOCK, "clock"): _clock_of(lambda sight: sight.paused),
    (Verb.TAKE_ALERT, "clock"): _alerted,
    (Verb.HAND_ALERT_TO, "clock"): _alerted,
    (Verb.HAND_ALERT_TO, "to"): _colleague,
    (Verb.RESOLVE_BREACH, "clock"): _breached,
    (Verb.ANNUL_BREACH, "clock"): _breached,
    (Verb.HAND_TO, "to"): _colleague,
    **{(verb, part): _any_of(None) for verb in _OF_ONE_DEADLINE for part in ("agency", "episode")},
    (Verb.RESOLVE_BREACH, "cause"): _any_of(*Cause),
    (Verb.ADD_NOTE, "note"): _why,
    (Verb.LIFT_DEADLINE, "clock"): _clock_of(_liftable),
    (Verb.ANNOUNCE_BANK_HOLIDAY, "borough"): lambda draw, sight: one_of(draw, (*sight.boroughs, None)),
}
