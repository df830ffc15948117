"""A year of police contacts with a stop and a drop in it. `python -m tests.faults.silence` plays the whole of it."""

from tests.faults.silence import year
from tests.support.feed import FEEDS


def test_in_a_year_of_police_contacts_what_stops_is_found_and_nothing_is_called_quiet_twice_a_month() -> None:
    played = year(1, [feed for feed in FEEDS if feed.title == "north police"])
    stopped, dropped = played.found
    assert stopped.alarm and stopped.working_hours <= 4
    assert dropped.alarm and dropped.working_hours <= 8
    assert max(played.false_by_month.values(), default=0) <= 1
