"""Can these statements be true of one and the same contact? Yes, no, or more than can be worked out. Pure.

Sound in one direction: what is said to be impossible is impossible. Where two statements hang together in a way that is
not known here (an earlier contact and the date of its closing, two calendars on one bank holiday), they are taken to be
possible together.
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from itertools import combinations

from mash.rule_advice.conditions import ADULTS, AGES, Atom, Every, Formula, Some, negated
from mash.rules.conditions import ContactDays
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import in_part_of_day
from mash.vocabulary import Agreement, Channel, Kind, Source

_MOST_STEPS = 20_000
_DOMAINS: dict[str, frozenset[Hashable]] = {
    "kind": frozenset(Kind),
    "channel": frozenset({"", *Channel}),
    "source": frozenset({None, *Source}),
    "agreement": frozenset(Agreement),
    "anonymous": frozenset({True, False}),
    "parents_informed": frozenset({None, True, False}),
}
"""What a contact can have of which it has exactly one."""


class _TooMuch(Exception):
    """More steps than anybody waits for."""


class Together:
    """What can be together in a contact under one rule set. Remembers what it has worked out."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._known: dict[frozenset[Atom], bool] = {}
        self._steps = 0
        self._parts: dict[str, Callable[[Collection[Atom]], bool]] = {
            "concerns": self._concerns,
            "children": _children,
            "adults": _adults,
            "contact_days": _contact_days,
            "closed_within": _closed_within,
            "time": self._time,
            "python": _python,
            "open_case": lambda _: True,
        }

    def possible(self, formulas: Iterable[Formula]) -> bool | None:
        """Whether all can be true of one contact; None where that cannot be worked out in reasonable time."""
        self._steps = 0
        try:
            return self._any_way({}, list(formulas))
        except _TooMuch:
            return None

    def _any_way(self, known: dict[str, frozenset[Atom]], told: list[Formula]) -> bool:
        """Whether there is a contact of which all is true: what is certain first, then one choice after another."""
        known, choices = dict(known), [part for part in told if isinstance(part, Some)]
        told = [part for part in told if not isinstance(part, Some)]
        while told or choices:
            while told:
                part = told.pop()
                if isinstance(part, Some):
                    choices.append(part)
                elif isinstance(part, Every):
                    told += part.parts
                elif not self._fits(known, part):
                    return False
                else:
                    known[part.part] = known.get(part.part, frozenset()) | {part}
            open_choices = [self._left_of(known, choice) for choice in choices]
            choices = [choice for choice in open_choices if choice is not None]
            if not all(choice.parts for choice in choices):
                return False
            told = [choice.parts[0] for choice in choices if len(choice.parts) == 1]
            choices = [choice for choice in choices if len(choice.parts) > 1]
            if not told and choices:
                return self._choose(known, choices)
        return True

    def _choose(self, known: dict[str, frozenset[Atom]], choices: list[Some]) -> bool:
        narrowest = min(choices, key=lambda choice: len(choice.parts))
        others = [choice for choice in choices if choice is not narrowest]
        return any(self._any_way(known, [part, *others]) for part in narrowest.parts)

    def _left_of(self, known: dict[str, frozenset[Atom]], choice: Some) -> Some | None:
        """What is still possible of a choice; None where it is settled already."""
        if any(isinstance(part, Atom) and part in known.get(part.part, ()) for part in choice.parts):
            return None
        return Some(tuple(p for p in choice.parts if not isinstance(p, Atom) or self._fits(known, p)))

    def _fits(self, known: dict[str, frozenset[Atom]], atom: Atom) -> bool:
        """Whether the statement can be true beside what is known of the same part of the contact."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _TooMuch
        atoms = known.get(atom.part, frozenset()) | {atom}
        if atoms not in self._known:
            fits = self._parts.get(atom.part, _exactly_one)
            self._known[atoms] = negated(atom) not in atoms and fits(atoms)
        return self._known[atoms]

    # -- one part of a contact each -----------------------------------------------------------------------------------

    def _concerns(self, atoms: Collection[Atom]) -> bool:
        there = {atom.what for atom in atoms if isinstance(atom.what, str) and atom.true}
        absent = {atom.what for atom in atoms if isinstance(atom.what, str) and not atom.true}
        at_least, fewer_than = _number(atoms)
        most = min(len(self._rules.concerns) - len(absent), fewer_than - 1)
        return there.isdisjoint(absent) and max(len(there), at_least) <= most

    def _time(self, atoms: Collection[Atom]) -> bool:
        """Whether some minute of some weekday fits. A calendar may be shut then on one date and open on another."""
        edges = {m for c in self._rules.calendars.values() for d in (*c.week, *c.dates.values()) for w in d for m in w}
        edges |= {minute for atom in atoms if isinstance(atom.what, tuple) for minute in atom.what}
        minutes = sorted({0} | {edge for edge in edges if edge < 1440})
        return any(all(self._at(atom, weekday, minute) for atom in atoms) for weekday in range(7) for minute in minutes)

    def _at(self, atom: Atom, weekday: int, minute: int) -> bool:
        if isinstance(atom.what, frozenset):
            return (weekday in atom.what) == atom.true
        if isinstance(atom.what, tuple):
            return in_part_of_day(atom.what, minute) == atom.true
        return atom.true in self._may_be_shut(str(atom.what), weekday, minute)

    def _may_be_shut(self, name: str, weekday: int, minute: int) -> set[bool]:
        """Whether a calendar is shut then: on an ordinary day, a bank holiday, a date with hours of its own."""
        calendar = self._rules.calendars[name]
        days = [calendar.week[weekday]]
        days += [windows for day, windows in calendar.dates.items() if day.weekday() == weekday]
        may_close = calendar.bank_holidays == "closed" or any(d.weekday() == weekday for d in calendar.closed_on)
        shut = {not any(opening <= minute < closing for opening, closing in windows) for windows in days}
        return shut | ({True} if may_close else set())


def _number(atoms: Iterable[Atom]) -> tuple[int, int]:
    """How many there are at least, and that there are fewer than."""
    numbers = [(atom.what, atom.true) for atom in atoms if isinstance(atom.what, int)]
    at_least = max((number for number, true in numbers if true), default=0)
    return at_least, min((number for number, true in numbers if not true), default=10_000)


def _regions(atoms: Iterable[Atom], true: bool) -> list[frozenset[Hashable]]:
    return [atom.what for atom in atoms if isinstance(atom.what, frozenset) and atom.true is true]


def _children(atoms: Collection[Atom]) -> bool:
    """A contact is about one child at least, each of one age; several ages may need several children."""
    left = AGES - frozenset[Hashable]().union(*_regions(atoms, False))
    wanted = [region & left for region in _regions(atoms, True)]
    at_least, fewer_than = _number(atoms)
    most = fewer_than - 1
    if not left or not all(wanted) or at_least > most or most < 1:
        return False
    served = {frozenset(n for n, region in enumerate(wanted) if age in region) for age in left}
    size = min(most, len(wanted))
    return size == len(wanted) or any(
        len(frozenset[int]().union(*chosen)) == len(wanted) for chosen in combinations(served, min(size, len(served)))
    )


def _adults(atoms: Collection[Atom]) -> bool:
    left = ADULTS - frozenset[Hashable]().union(*_regions(atoms, False))
    return all(region & left for region in _regions(atoms, True))


def _contact_days(atoms: Collection[Atom]) -> bool:
    """One child may have been reported often; who was reported so often was so less often, in longer, for more."""
    days = [(atom.what, atom.true) for atom in atoms if isinstance(atom.what, ContactDays)]
    often = [what for what, true in days if true]
    return not any(_implied(one, other) for one in often for other, true in days if not true)


def _implied(one: ContactDays, other: ContactDays) -> bool:
    as_many = one.at_least >= other.at_least and one.within_days <= other.within_days
    return as_many and (other.concerns is None or (one.concerns is not None and {*one.concerns} <= {*other.concerns}))


def _closed_within(atoms: Collection[Atom]) -> bool:
    at_least, fewer_than = 0, 10**6
    for atom in atoms:
        assert isinstance(atom.what, int)
        if not atom.true:
            at_least = max(at_least, atom.what + 1)
        else:
            fewer_than = min(fewer_than, atom.what + 1)
    return at_least < fewer_than


def _python(atoms: Collection[Atom]) -> bool:
    """A condition in Python is not true and false at once; it may be neither."""
    certain = [atom.what[0] for atom in atoms if atom.true and isinstance(atom.what, tuple)]
    return len(certain) == len(set(certain))


def _exactly_one(atoms: Collection[Atom]) -> bool:
    (part,) = {atom.part for atom in atoms}
    left = _DOMAINS[part]
    for atom in atoms:
        assert isinstance(atom.what, frozenset)
        left = left & atom.what if atom.true else left - atom.what
    return bool(left)
