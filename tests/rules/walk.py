"""The units of the replay format counted minute by minute on the wall clock: slow, plain, and written apart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
Week = dict[int, list[tuple[int, int]]]


class Walk:
    """Opening hours by weekday (0 = Monday) in minutes of the London day, and dates on which nothing is open."""

    def __init__(self, week: Week, closed: set[date]) -> None:
        self.week, self.closed = week, closed

    def windows(self, day: date) -> list[tuple[int, int]]:
        return [] if day in self.closed else self.week.get(day.weekday(), [])

    def open(self, at: datetime) -> bool:
        wall = at.astimezone(LONDON)
        minute = 60 * wall.hour + wall.minute
        return any(a <= minute < b for a, b in self.windows(wall.date()))

    def working_hours(self, start: datetime, minutes: int) -> datetime:
        at = start
        while True:
            minutes -= self.open(at)
            at += MINUTE
            if minutes == 0:
                return at

    def opening(self, start: datetime) -> datetime:
        at = start
        while not self.open(at):
            at += MINUTE
        return at

    def days_after(self, day: date) -> Iterator[date]:
        while True:
            day += timedelta(days=1)
            if self.windows(day):
                yield day

    def nth_after(self, day: date, count: int) -> date:
        days = self.days_after(day)
        for _ in range(count - 1):
            next(days)
        return next(days)

    def last_closing(self, day: date) -> datetime:
        return wall(day, self.windows(day)[-1][1])

    def same_time(self, start: datetime, count: int) -> datetime:
        opened = self.opening(start).astimezone(LONDON)
        day = self.nth_after(opened.date(), count)
        at = wall(day, 60 * opened.hour + opened.minute)
        if self.open(at):
            return at
        before = [closing for _, b in self.windows(day) if (closing := wall(day, b)) <= at]
        return before[-1] if before else wall(day, self.windows(day)[0][0])

    def by_time(self, start: datetime, minute: int) -> datetime:
        day = start.astimezone(LONDON).date() - timedelta(days=1)
        return next(at for day in self.days_after(day) if (at := wall(day, minute)) > start)

    def back(self, end: datetime, minutes: int) -> datetime:
        at = end
        while minutes:
            at -= MINUTE
            minutes -= self.open(at)
        return at


def wall(day: date, minute: int) -> datetime:
    """A wall-clock minute of London; of two equal ones the first."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)
