"""What has come from each source, and what is usual of it? Reads contacts by when they were recorded here.

What counts is when a contact was recorded, not when it was received: that is what was known at the time, and a letter
that lies unread for days is silence too.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import BigInteger, ColumnElement, Connection, case, cast, extract, func, select

from mash.clock import LONDON, london_date
from mash.errors import Refused
from mash.models.contact import Contact
from mash.models.silence import Silence
from mash.rulebook import Rulebook
from mash.silence.days import kind_of_days
from mash.silence.judging import FEW, Judged, Quiet, is_back, judge
from mash.silence.usual import HORIZON, HOUR, PAST, Usual, learn, london_hour
from mash.vocabulary import Source
from mash.workflow.hub_day import hub_calendar


@dataclass(frozen=True)
class Flow:
    """One source of one borough: what is usual, when the last contacts came (the latest first), and its last silence.

    `raised_at` is of a silence that still lasts, `ended_at` of one that is over. Instants in seconds.
    """

    source: Source
    usual: Usual
    arrivals: tuple[int, ...]
    raised_at: int | None = None
    ended_at: int = 0

    def judged(self, now: int) -> Judged:
        """Whether it is quiet, whatever was said of it before."""
        return judge(self.usual, self.arrivals, now, self.ended_at)

    def begins_to_be_quiet(self, now: int) -> Quiet | None:
        """The silence that has to be raised now, where there is one."""
        return None if self.raised_at else self.judged(now).quiet

    def is_back(self, now: int) -> bool:
        """Whether the silence that lasts has to be ended now."""
        return bool(self.raised_at) and is_back(self.usual, self.arrivals, now, self.raised_at or 0)


def flows(look: Connection, rulebook: Rulebook, borough: str, now: datetime) -> list[Flow]:
    """The sources from which a contact came in the last four weeks; none while the borough has no rules in force."""
    try:
        rules = rulebook.in_force(look, borough, london_date(now))
    except Refused:
        return []
    begun = look.execute(select(func.min(Contact.keyed_at)).where(Contact.borough == borough)).scalar()
    if begun is None:
        return []
    late = [holiday.day for holiday in rulebook.late_holidays(look, borough)]
    kind_of = partial(kind_of_days, rules, hub_calendar(rules), late)
    counts, silences = _counts(look, borough, now), _silences(look, borough)
    return [
        Flow(
            source,
            learn(counts[source], kind_of(source), london_hour(came[0] // HOUR)[0], london_date(begun)),
            tuple(came),
            *silences.get(source, ()),
        )
        for source, came in _arrivals(look, borough, now).items()
    ]


def least(look: Connection, borough: str, flow: Flow, quiet: Quiet, now: datetime) -> int | None:
    """The fewest that came in the same stretch of the week, in twelve weeks; None where no such stretch is there."""
    since, counts = datetime.fromtimestamp(quiet.since, UTC), []
    for weeks in range(1, PAST // 7 + 1):
        start, end = _weeks_before(since, weeks), _weeks_before(now, weeks)
        if end <= since and _same_days(flow.usual, since, now, start):
            counts.append(select(func.count()).where(*_of(borough, start, end), Contact.source == flow.source))
    if not counts:
        return None
    found: Sequence[int] = look.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return min(found)


def _weeks_before(at: datetime, weeks: int) -> datetime:
    """The same time of day in London."""
    return (at.astimezone(LONDON) - timedelta(weeks=weeks)).astimezone(UTC)


def _same_days(usual: Usual, since: datetime, now: datetime, start: datetime) -> bool:
    """Whether the stretch from `start` on lies in the past that was learnt from, on days of the same kinds."""
    day, then = london_date(since), london_date(start)
    if then < usual.day - timedelta(days=usual.days):
        return False
    days = [timedelta(days=n) for n in range((london_date(now) - day).days + 1)]
    return all(usual.kind(day + n) == usual.kind(then + n) for n in days)


def _counts(look: Connection, borough: str, now: datetime) -> dict[Source, dict[int, int]]:
    """How many came from each source in each hour, as far back as may be needed."""
    hour = cast(extract("epoch", Contact.keyed_at), BigInteger) // HOUR
    since = now - timedelta(days=PAST + HORIZON + 1)
    found: dict[Source, dict[int, int]] = defaultdict(dict)
    rows = select(Contact.source, hour, func.count()).where(*_of(borough, since, now), Contact.source.is_not(None))
    for source, at, number in look.execute(rows.group_by(Contact.source, hour)):
        found[Source(str(source))][at] = number
    return found


def _arrivals(look: Connection, borough: str, now: datetime) -> dict[Source, list[int]]:
    """When the last contacts of each source came, the latest first."""
    nth = func.row_number().over(partition_by=Contact.source, order_by=Contact.keyed_at.desc()).label("nth")
    since = now - timedelta(days=HORIZON)
    inner = select(Contact.source, Contact.keyed_at, nth).where(*_of(borough, since, now), Contact.source.is_not(None))
    last = inner.subquery()
    found: dict[Source, list[int]] = defaultdict(list)
    for row in look.execute(select(last).where(last.c.nth <= FEW + 1).order_by(last.c.source, last.c.nth)):
        found[Source(row.source)].append(seconds(row.keyed_at))
    return found


def _silences(look: Connection, borough: str) -> dict[Source, tuple[int | None, int]]:
    """When the silence of a source that lasts was raised, and when the one before it ended."""
    at = func.max(case((Silence.ended_at.is_(None), Silence.raised_at))), func.max(Silence.ended_at)
    rows = select(Silence.source, *at).where(Silence.borough == borough).group_by(Silence.source)
    return {
        Source(source): (seconds(raised_at) if raised_at else None, seconds(ended_at) if ended_at else 0)
        for source, raised_at, ended_at in look.execute(rows)
    }


def _of(borough: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return Contact.borough == borough, Contact.keyed_at > since, Contact.keyed_at <= until


def seconds(at: datetime) -> int:
    """The instant as seconds since 1970."""
    return int(at.timestamp())
