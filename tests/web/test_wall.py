"""How dates and times are written by people, and what instant is meant."""

from datetime import UTC, date, datetime, time

import pytest

from mash import clock
from web.pages import ago, short
from web.wall import Doubled, Unreadable, read_day, read_instant, read_time, written

NOW = datetime(2026, 11, 9, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["22/6/2015", "22.06.2015", "22 6 2015", "22 June 2015", "22nd jun 2015", "2015-06-22"]
)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert read_day(text) == date(2015, 6, 22)


@pytest.mark.parametrize(
    "text", ["22/6/15", "31/6/2015", "22 Juno", "6/22/2015", "about 2014", "22 xyz 2015", "²²/6/2015"]
)
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("9:04", time(9, 4)),
        ("0904", time(9, 4)),
        ("16.40", time(16, 40)),
        ("4:40pm", time(16, 40)),
        ("4 p.m.", time(16)),
        ("12:30am", time(0, 30)),
        ("12pm", time(12)),
        ("Midnight", time(0)),
        ("noon", time(12)),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, at: time) -> None:
    assert read_time(text) == at


@pytest.mark.parametrize("text", ["4", "24:00", "9:60", "13:00am", "half nine", ""])
def test_what_is_no_time_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        read_time(text)


def test_wall_time_becomes_an_instant_and_back() -> None:
    assert read_instant(date(2026, 7, 1), time(9)) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert written(datetime(2026, 7, 1, 8, tzinfo=UTC)) == ("1/7/2026", "09:00", "")
    with pytest.raises(Unreadable, match="did not exist"):
        read_instant(date(2026, 3, 29), time(1, 30))
    with pytest.raises(Doubled):
        read_instant(date(2026, 10, 25), time(1, 30))
    for which, hour in (("first", 0), ("second", 1)):
        instant = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert read_instant(date(2026, 10, 25), time(1, 30), which) == instant
        assert written(instant) == ("25/10/2026", "01:30", which)


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 9, 14, 20, tzinfo=UTC), "2:20pm"),
        (datetime(2026, 11, 10, 9, 0, tzinfo=UTC), "Tuesday 9am"),
        (datetime(2026, 11, 4, 9, 0, tzinfo=UTC), "Wednesday 9am"),
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), "16 November, 9am"),
        (datetime(2025, 11, 9, 9, 0, tzinfo=UTC), "9 November 2025, 9am"),
    ],
)
def test_a_short_time_says_no_more_than_is_needed(instant: datetime, words: str) -> None:
    with clock.at(NOW):
        assert short(instant) == words


def test_how_long_ago_says_the_largest_part_only() -> None:
    for instant, words in (
        (NOW, "just now"),
        (NOW.replace(hour=13, minute=59), "1 minute ago"),
        (NOW.replace(hour=11, minute=10), "2 hours ago"),
        (NOW.replace(day=6), "3 days ago"),
    ):
        assert ago(instant, NOW) == words
