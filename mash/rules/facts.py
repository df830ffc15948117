"""What a rule may ask about a contact: a fixed vocabulary of facts, worked out before any rule is read. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ChildFacts:
    """What the rules may know of one child. `seen_on` are London dates of receipt of contacts about the same child."""

    date_of_birth: date | None = None
    expected_date_of_delivery: date | None = None
    seen_on: frozenset[date] = frozenset()

    @property
    def unborn(self) -> bool:
        """Has an expected date of delivery and no date of birth."""
        return self.date_of_birth is None and self.expected_date_of_delivery is not None

    def under(self, years: int, on: date) -> bool:
        """Younger than so many completed years on that day. A child of unknown age is; an unborn one is not."""
        if self.date_of_birth is None:
            return not self.unborn
        born = self.date_of_birth
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) < years


@dataclass(frozen=True)
class Facts:
    """All that a suggestion may go by. `received_on` is the London date of receipt."""

    received_on: date
    kind: str
    channel: str
    source: str | None
    agreement: str
    concerns: frozenset[str]
    children: tuple[ChildFacts, ...]
