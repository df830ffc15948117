"""What do all lists of contacts say in the same way? Children by name and age, clocks that run, and the worst of them.

One definition each, for queue, alerts, board, desks and the contact's page. Knows no database.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from mash.clock import london_date
from mash.rules.ruleset import RuleSet


@dataclass(frozen=True)
class RunningClock:
    """A deadline that still runs. `label` says what must happen, with the agency where one is waited for."""

    clock: str
    label: str
    agency: str
    agency_label: str
    due_at: datetime
    breached_at: datetime | None
    paused: bool
    episode: int = 1
    taken_by: str | None = None
    taken_at: datetime | None = None

    def late(self, now: datetime) -> bool:
        """Out of timescale: the one definition, for queue, alerts, pages and figures."""
        return self.breached_at is not None or (not self.paused and self.due_at < now)

    @property
    def key(self) -> tuple[str, str, int]:
        """Which deadline of its contact it is."""
        return self.clock, self.agency, self.episode

    @property
    def anchor(self) -> str:
        """Where it stands on the page that explains it."""
        return anchor(*self.key)


def anchor(clock: str, agency: str, episode: int) -> str:
    """Where a deadline stands on the page that explains it."""
    return "-".join(filter(None, (clock, agency, str(episode))))


def running_clocks(rules: RuleSet, rows: Iterable[Row[Any]]) -> list[RunningClock]:
    """Running deadlines as shown."""
    return [
        RunningClock(
            clock=row.clock,
            label=rules.clocks[row.clock].label,
            agency=row.agency,
            agency_label=rules.agencies[row.agency].label if row.agency else "",
            due_at=row.due_at,
            breached_at=row.breached_at,
            paused=row.paused_at is not None,
            episode=row.episode,
            taken_by=row.taken_by,
            taken_at=row.taken_at,
        )
        for row in rows
    ]


def worst_of(clocks: Iterable[RunningClock], now: datetime) -> RunningClock | None:
    """What is out of timescale before what is due, the first due first. A pause hides only what is still in time."""
    counting = [clock for clock in clocks if not clock.paused or clock.late(now)]
    return min(counting, key=lambda clock: (not clock.late(now), clock.due_at), default=None)


def child_name(child: Row[Any]) -> str:
    """A child's name as shown: nobody is dropped for want of one."""
    unborn = child.date_of_birth is None and child.expected_date_of_delivery is not None
    name = " ".join(part for part in (child.forename, child.surname) if part)
    return name or ("Unborn child" if unborn else "Name not known")


def age_on(born: date | None, expected: date | None, today: date) -> str:
    """Age in words on a London date: years, months or weeks; expected date for the unborn."""
    if born is None:
        return f"expected {expected:%-d %b %Y}" if expected else "age not known"
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months >= 24:
        return str(months // 12)
    if months >= 3:
        return f"{months} months"
    weeks = max(0, (today - born).days // 7)
    return f"{weeks} week{'s' if weeks != 1 else ''}"


def names_and_ages(children: Sequence[Row[Any]], now: datetime) -> tuple[str, ...]:
    """The children of one contact in words; those of whom the same is known are counted."""
    today = london_date(now)
    names = Counter(f"{child_name(c)}, {age_on(c.date_of_birth, c.expected_date_of_delivery, today)}" for c in children)
    return tuple(
        name if number == 1 else f"{number} children, {name[0].lower()}{name[1:]}" for name, number in names.items()
    )
