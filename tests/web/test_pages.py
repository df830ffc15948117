"""How times and colours read."""

from datetime import UTC, datetime, timedelta

import pytest

from mash import clock
from web.pages import environment, left, moment, tag, when

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2026, 11, 13, 16, 40, tzinfo=UTC), "Friday 13 November, 4:40pm"),
        (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), "Wednesday 1 July, 9am"),
        (datetime(2026, 11, 13, 0, 5, tzinfo=UTC), "Friday 13 November, 12:05am"),
        (datetime(2026, 11, 13, 0, 0, tzinfo=UTC), "Friday 13 November, midnight"),
        (datetime(2026, 11, 13, 12, 0, tzinfo=UTC), "Friday 13 November, midday"),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "Wednesday 31 December 2025, 11:30pm"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Sunday 25 October, 1:30am BST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Sunday 25 October, 1:30am GMT"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Sunday 29 March, 2am"),
    ],
)
def test_an_instant_reads_as_on_a_london_wall(instant: datetime, words: str) -> None:
    with clock.at(NOW):
        assert moment(instant) == words


def test_an_instant_says_utc_to_machines() -> None:
    with clock.at(NOW):
        page = environment().from_string("{{ at | when }}").render(at=datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
        assert page == '<time datetime="2026-07-01T08:00:00Z">Wednesday 1 July, 9am</time>'
        assert str(when(NOW)) == '<time datetime="2026-11-09T09:00:00Z">Monday 9 November, 9am</time>'


@pytest.mark.parametrize(
    ("until_due", "words"),
    [
        (timedelta(hours=1, minutes=20), "1 hour 20 minutes left"),
        (timedelta(minutes=-35), "35 minutes late"),
        (timedelta(minutes=1, seconds=59), "1 minute left"),
        (timedelta(seconds=30), "less than a minute left"),
        (timedelta(0), "less than a minute left"),
        (timedelta(seconds=-1), "less than a minute late"),
        (timedelta(days=2, hours=3, minutes=4), "2 days 3 hours left"),
        (timedelta(days=-1, minutes=-4), "1 day 4 minutes late"),
    ],
)
def test_what_is_left_or_late_reads_in_words(until_due: timedelta, words: str) -> None:
    assert left(NOW + until_due, NOW) == words


def test_a_tag_says_its_word_and_lets_nothing_through() -> None:
    assert tag("Red", "red") == '<strong class="govuk-tag govuk-tag--red">Red</strong>'
    assert tag(None, None) == '<strong class="govuk-tag govuk-tag--grey">Not rated</strong>'
    assert tag("<b>", '"><script>') == '<strong class="govuk-tag govuk-tag--grey">&lt;b&gt;</strong>'
