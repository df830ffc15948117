"""When is a source quiet? By its own past: days off as Sundays, small sources not at all, too little past never."""

from collections import Counter
from datetime import date, timedelta

import pytest

from mash.silence.days import kind_of_days
from mash.silence.judging import Judged, is_back, judge
from mash.silence.usual import HOUR, SUNDAY, Usual, learn
from mash.vocabulary import Source
from tests.support.feed import at
from tests.support.hub import northbridge

MONDAY = date(2026, 11, 9)
LONG_AGO = MONDAY - timedelta(days=400)


def weekday(day: date) -> int:
    return day.weekday()


def office(a_day: int, *, weeks: int = 12, before: date = MONDAY, without: frozenset[date] = frozenset()) -> list[int]:
    """So many on each weekday, spread evenly from 9am to 5pm."""
    days = [before - timedelta(days=n) for n in range(7 * weeks, 0, -1)]
    gap = 8 * HOUR // a_day
    return [at(day, 9) + n * gap for day in days if day.weekday() < 5 and day not in without for n in range(a_day)]


def usual_of(arrivals: list[int], *, begun: date = LONG_AGO, day: date = MONDAY) -> Usual:
    return learn(Counter(arrival // HOUR for arrival in arrivals), weekday, day, begun)


def judged(arrivals: list[int], now: int, usual: Usual | None = None) -> Judged:
    return judge(usual or usual_of(arrivals), sorted(arrivals, reverse=True), now)


def test_a_busy_source_that_stops_is_called_quiet_within_the_morning() -> None:
    arrivals = office(32)
    assert judged(arrivals, at(MONDAY, 9)).quiet is None
    shows_at = judged(arrivals, at(MONDAY, 9)).shows_at
    assert shows_at and at(MONDAY, 10) < shows_at < at(MONDAY, 12)
    assert judged(arrivals, shows_at - 60).quiet is None
    quiet = judged(arrivals, shows_at).quiet
    assert quiet and (quiet.since, quiet.came) == (max(arrivals), 0) and 5 < quiet.usual < 9


def test_nothing_is_expected_at_the_weekend_of_an_office() -> None:
    arrivals = office(32)
    sunday = MONDAY - timedelta(days=1)
    assert judged(arrivals, at(sunday, 23)).quiet is None


def test_a_flow_that_all_but_stops_is_called_quiet_too_and_says_how_many_came() -> None:
    arrivals = [*office(32), at(MONDAY, 9, 40), at(MONDAY, 11, 50)]
    quiet = judged(arrivals, at(MONDAY, 15)).quiet
    assert quiet and quiet.came == 2 and quiet.since == at(MONDAY - timedelta(days=3), 16, 45)


def test_a_slow_day_is_not_silence() -> None:
    half = [at(MONDAY, 9) + n * 2400 for n in range(1, 12)]
    usual = usual_of(office(24))
    for now in range(at(MONDAY, 9), at(MONDAY, 17), 600):
        assert judged([*office(24), *(one for one in half if one <= now)], now, usual).quiet is None


def test_a_burst_does_not_hide_the_silence_after_it() -> None:
    burst = [at(MONDAY, 9, minute) for minute in range(30)]
    quiet = judged(office(32) + burst, at(MONDAY, 12, 30)).quiet
    assert quiet and (quiet.came, quiet.since) == (0, at(MONDAY, 9, 29))


@pytest.mark.parametrize("weeks", [1, 3])
def test_too_little_past_tells_nothing(weeks: int) -> None:
    arrivals = office(32, weeks=weeks)
    usual = usual_of(arrivals, begun=MONDAY - timedelta(days=7 * weeks))
    assert not usual.is_known
    assert judged(arrivals, at(MONDAY + timedelta(days=4), 17), usual) == Judged(None, None)


def test_a_source_that_seldom_comes_is_not_called_quiet_for_days_and_one_of_two_a_month_never() -> None:
    one_a_day = office(1)
    assert judged(one_a_day, at(MONDAY + timedelta(days=1), 17)).quiet is None
    assert judged(one_a_day, at(MONDAY + timedelta(days=7), 17)).quiet
    two_a_month = [at(MONDAY - timedelta(days=14 * n), 11) for n in range(6)]
    assert judged(two_a_month, at(MONDAY, 12)).shows_at is None


def test_one_that_was_called_quiet_lately_has_to_be_quieter_to_be_called_so_again() -> None:
    arrivals = sorted(office(32), reverse=True)
    usual, ended = usual_of(arrivals), at(MONDAY - timedelta(days=4), 12)
    first, again = (judge(usual, arrivals, at(MONDAY, 9), one).shows_at for one in (0, ended))
    assert first and again and first + HOUR / 4 < again < first + HOUR


def test_the_more_its_days_differ_the_longer_it_takes() -> None:
    even = office(24)
    uneven = [one for n, one in enumerate(office(48)) if n // 48 % 2]
    shows_at = [judged(arrivals, at(MONDAY, 9)).shows_at for arrivals in (even, uneven)]
    assert shows_at[0] and (shows_at[1] is None or shows_at[1] > shows_at[0] + HOUR)


def test_a_flow_that_has_shrunk_is_measured_by_its_last_four_weeks() -> None:
    before = MONDAY - timedelta(weeks=4)
    assert usual_of(office(32, weeks=8, before=before) + office(16, weeks=4)).a_month < 340


def test_a_bank_holiday_and_a_closed_day_count_as_sundays_for_whom_they_close() -> None:
    rules, late = northbridge(), [date(2026, 11, 16)]
    schools = kind_of_days(rules, "hub", late, Source.SCHOOLS)
    police = kind_of_days(rules, "hub", late, Source.POLICE)
    half_term, christmas, eve = date(2026, 10, 28), date(2026, 12, 25), date(2026, 12, 24)
    assert schools(half_term) == SUNDAY and police(half_term) == 2
    assert police(christmas) == police(late[0]) == police(eve) == SUNDAY
    assert kind_of_days(rules, "hub", [], Source.FAMILY)(late[0]) == 0


def test_a_bank_holiday_in_the_past_does_not_make_mondays_look_quieter() -> None:
    holiday = MONDAY - timedelta(weeks=2)
    arrivals = office(32, without=frozenset({holiday}))
    counts = Counter(arrival // HOUR for arrival in arrivals)
    usual = learn(counts, lambda day: SUNDAY if day == holiday else day.weekday(), MONDAY, LONG_AGO)
    assert usual.between(at(MONDAY, 0), at(MONDAY, 23)) == pytest.approx(32)


def test_it_is_back_when_contacts_come_as_usual_and_not_with_the_first_one() -> None:
    arrivals = office(32)
    usual, raised_at = usual_of(arrivals), at(MONDAY, 11)
    after = [raised_at + n * 900 for n in range(1, 7)]
    for number in range(7):
        came = sorted([*arrivals, *after[:number]], reverse=True)
        assert is_back(usual, came, raised_at + number * 900, raised_at) == (number == 6)
    slowly = sorted([*arrivals, *(raised_at + n * 3000 for n in range(1, 7))], reverse=True)
    assert not is_back(usual, slowly, raised_at + 6 * 3000, raised_at)


def test_the_evening_has_hours_of_its_own_when_the_clocks_change() -> None:
    """An hour of the day is London's: what comes at 9am comes at 9am after the last Sunday of October too."""
    monday = date(2026, 10, 26)
    usual = usual_of(office(8, before=monday), day=monday)
    assert usual.between(at(monday, 0), at(monday, 9)) == 0
    assert usual.between(at(monday, 9), at(monday, 10)) == pytest.approx(1)
