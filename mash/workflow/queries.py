"""What do all lists of contacts say in the same way? Children by name and age, clocks that run, and the worst of them.

One definition each, for queue, alerts, board, desks and the contact's page. Knows no database.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Row

from mash.clock import london_date
from mash.rules.ruleset import RuleSet

_DUE = attrgetter("due_at")


class RunningClock(NamedTuple):
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
        running_clock(
            rules,
            row.clock,
            row.agency,
            row.episode,
            row.due_at,
            row.breached_at,
            row.paused_at,
            row.taken_by,
            row.taken_at,
        )
        for row in rows
    ]


def running_clock(
    rules: RuleSet,
    clock: str,
    agency: str,
    episode: int,
    due_at: datetime,
    breached_at: datetime | None,
    paused_at: datetime | None,
    taken_by: str | None,
    taken_at: datetime | None,
) -> RunningClock:
    """One running deadline as shown, from the columns of its row."""
    return RunningClock(
        clock,
        rules.clocks[clock].label,
        agency,
        rules.agencies[agency].label if agency else "",
        due_at,
        breached_at,
        paused_at is not None,
        episode,
        taken_by,
        taken_at,
    )


def worst_of(clocks: Iterable[RunningClock], now: datetime) -> RunningClock | None:
    """What is out of timescale before what is due, the first due first. A pause hides only what is still in time."""
    running = sorted(clocks, key=_DUE)
    late = next((clock for clock in running if clock.late(now)), None)
    return late or next((clock for clock in running if not clock.paused), None)


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
