"""What a rule may ask about a contact: a fixed vocabulary of facts, worked out before any rule is read. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from mash.clock import LONDON

Answer = TypeVar("Answer")


class worked_out(Generic[Answer]):
    """As functools.cached_property, but without its lock, which costs more than the answers do in Python 3.11."""

    def __init__(self, question: Callable[[Any], Answer]) -> None:
        self.question, self.__doc__ = question, question.__doc__

    def __get__(self, facts: Any, owner: Any) -> Answer:
        answer = facts.__dict__[self.question.__name__] = self.question(facts)
        return answer


@dataclass(frozen=True)
class EarlierContact:
    """A contact keyed before about the same child. Dates are those of London; `closed_on` only where it is closed."""

    received_on: date
    concerns: frozenset[str] = frozenset()
    closed_on: date | None = None


@dataclass(frozen=True)
class ChildFacts:
    """What the rules may know of one child."""

    date_of_birth: date | None = None
    expected_date_of_delivery: date | None = None
    earlier: tuple[EarlierContact, ...] = ()
    open_case: bool = False

    @property
    def unborn(self) -> bool:
        """Has an expected date of delivery and no date of birth."""
        return self.date_of_birth is None and self.expected_date_of_delivery is not None

    def under(self, years: int, on: date) -> bool:
        """Younger than so many completed years on that day. A child of unknown age is; an unborn one is not."""
        age = self.age(on)
        return not self.unborn if age is None else age < years

    def age(self, on: date) -> int | None:
        """Completed years on that day; None where the date of birth is not known."""
        born = self.date_of_birth
        return None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True)
class AdultFacts:
    """What the rules may know of one adult."""

    role: str | None = None
    relationship: str | None = None


@dataclass(frozen=True)
class Facts:
    """All that a suggestion may go by. `received_at` is an aware instant; `late_holidays` those announced since."""

    received_at: datetime
    kind: str = ""
    channel: str = ""
    source: str | None = None
    agreement: str = ""
    concerns: frozenset[str] = frozenset()
    children: tuple[ChildFacts, ...] = ()
    adults: tuple[AdultFacts, ...] = ()
    anonymous: bool = False
    parents_informed: bool | None = None
    late_holidays: frozenset[date] = frozenset()

    @worked_out
    def received_in_london(self) -> datetime:
        """The receipt on a London wall clock."""
        return self.received_at.astimezone(LONDON)

    @worked_out
    def received_on(self) -> date:
        """The London date of receipt."""
        return self.received_in_london.date()
