"""Could this be the same person, and why? Pure: compares what a caller says with what was reported before, in words.

The strengths only put the nearest first. They are never shown: nobody is scored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from mash.people.keys import FoundBy, Key
from mash.people.names import NO_NAME, Likeness, Name, likeness

ENOUGH = 40
"""What the reasons of one contact must come to before it is shown."""

_SAME, _NEAR, _PLACE, _BORN, _WEAK, _CONTRADICTS = 50, 40, 40, 30, 12, -10
_ABOUT_BIRTH = timedelta(days=45)


@dataclass(frozen=True)
class Sought:
    """A person as the caller speaks of them. Born between two days: the same day twice where it is known."""

    is_child: bool
    name: Name = NO_NAME
    born_from: date | None = None
    born_until: date | None = None
    expected: date | None = None
    nhs_number: str | None = None
    places: frozenset[Key] = frozenset()

    @property
    def tells_something(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.name or self.places or self.nhs_number or self.days_of_birth)

    @property
    def days_of_birth(self) -> list[str]:
        """The days under which the person would be found: as given, and with day and month the other way round."""
        if self.expected:
            return [self.expected.isoformat()]
        if not self.born_from or self.born_from != self.born_until:
            return []
        turned = _turned(self.born_from)
        return [day.isoformat() for day in (self.born_from, turned) if day]


@dataclass(frozen=True)
class Known:
    """A person as an earlier contact reported them."""

    contact_id: str
    is_child: bool
    name: Name
    shown: str
    born: date | None
    expected: date | None
    nhs_number: str | None
    places: frozenset[Key]


@dataclass(frozen=True)
class Why:
    """Why somebody may be the same, in a sentence; `strength` orders and is never shown."""

    strength: int
    sentence: str


_Part = tuple[int, str]


def why(sought: Sought, known: Known) -> Why | None:
    """The reasons, or None where nothing agrees. Of a child and an adult only the place is compared."""
    parts = list(_places(sought, known))
    if sought.is_child == known.is_child:
        parts = [*_number(sought, known), *_birth(sought, known), *parts, *_name(sought, known)]
    agreeing = [said for strength, said in parts if strength > 0]
    if not agreeing:
        return None
    against = [said for strength, said in parts if strength < 0]
    who = known.shown or "name not known"
    sentence = ", ".join(agreeing) + f": {who}" + ("" if known.is_child else " (adult)")
    if against:
        sentence += f"; but {against[0]}"
    return Why(max(0, sum(strength for strength, _ in parts)), sentence[0].upper() + sentence[1:])


def _number(sought: Sought, known: Known) -> Iterator[_Part]:
    if sought.nhs_number and sought.nhs_number == known.nhs_number:
        yield 2 * _SAME, "same NHS number"


def _places(sought: Sought, known: Known) -> Iterator[_Part]:
    kinds = {key.kind for key in sought.places & known.places}
    if FoundBy.ADDRESS in kinds:
        yield _PLACE, "same address"
    elif FoundBy.POSTCODE in kinds:
        yield _PLACE, "same postcode"


def _birth(sought: Sought, known: Known) -> Iterator[_Part]:
    if sought.expected:
        day = known.expected or known.born
        if day and abs(day - sought.expected) <= _ABOUT_BIRTH:
            yield _BORN, "expected, or born, about the same time"
    elif sought.born_from and sought.born_until:
        yield from _born(sought.born_from, sought.born_until, known)


def _born(first: date, last: date, known: Known) -> Iterator[_Part]:
    if known.born is None:
        if known.expected and first - _ABOUT_BIRTH <= known.expected <= last + _ABOUT_BIRTH:
            yield _BORN, "was expected about then"
    elif first == last == known.born:
        yield _BORN, "same date of birth"
    elif first != last and first <= known.born <= last:
        yield _WEAK, f"born about then ({_day(known.born)})"
    elif first == last and _turned(first) == known.born:
        yield _BORN - _WEAK, f"day and month of birth the other way round ({_day(known.born)})"
    elif first == last and _slip(first, known.born):
        yield _WEAK, f"date of birth nearly the same ({_day(known.born)})"
    else:
        yield _CONTRADICTS, f"born {_day(known.born)}"


def _turned(day: date) -> date | None:
    """With day and month the other way round, where there is such another date."""
    return day.replace(month=day.day, day=day.month) if day.day <= 12 and day.day != day.month else None


def _slip(one: date, other: date) -> bool:
    """Whether only one of day, month and year differs; of years by one."""
    differ = [one.day != other.day, one.month != other.month, one.year != other.year]
    return sum(differ) == 1 and abs(one.year - other.year) <= 1


def _name(sought: Sought, known: Known) -> Iterator[_Part]:
    found = likeness(sought.name, known.name)
    alone = not sought.is_child and not (sought.name.is_whole and known.name.is_whole)
    if found is Likeness.PART:
        yield from _part_of_name(sought.name, known.name)
    elif found:
        yield _WEAK if alone else _SAME if found is Likeness.SAME else _NEAR, _NAME_SAID[found]


_NAME_SAID = {
    Likeness.SAME: "same name",
    Likeness.NEARLY: "name nearly the same",
    Likeness.SHORT_FORM: "a short form of the name",
    Likeness.SWAPPED: "forename and surname the other way round",
}


def _part_of_name(sought: Name, known: Name) -> Iterator[_Part]:
    same_surname = likeness(Name(surnames=sought.surnames), Name(surnames=known.surnames))
    which = "surname" if same_surname else "forename"
    if same_surname and not sought.forenames:
        yield _NEAR, "same surname"
    elif not known.surnames or not known.forenames:
        yield _BORN - _WEAK, f"same {which}, as far as the name is known"
    else:
        yield _WEAK, f"same {which}"


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
