"""Whom an alert is for, case by case; and when quiet hours end, also on the nights on which the clocks change."""

from datetime import datetime, time

import pytest

from mash.accounts.colleagues import Colleague, QuietHours
from mash.rules.clockrules import Owner
from mash.vocabulary import AlertKind, Role
from mash.workflow.audience import Told, audience

PEOPLE = {
    "dana": Role.DECISION_MAKER,
    "dev": Role.DECISION_MAKER,
    "sam": Role.SCREENER,
    "grace": Role.SERVICE_MANAGER,
    "eli": Role.EDT,
    "bea": Role.ADMINISTRATOR,
}
WARNING, BREACH, ESCALATION = AlertKind


def whom(
    kind: AlertKind = BREACH,
    owner: Owner = Owner.HUB,
    for_role: Role | None = None,
    taken_by: str | None = None,
    held_by: str | None = None,
    without: str = "",
) -> tuple[str, Role | None, bool]:
    there = [Colleague(n, n.title(), role, None, None) for n, role in PEOPLE.items() if n not in without.split()]
    found = audience(Told(kind, owner, for_role, taken_by, held_by), there)
    return " ".join(one.id for one in found.people), found.instead_of, found.is_unheard


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, "dana dev"),
        ({"owner": Owner.AGENCY}, "dana dev"),
        ({"owner": Owner.MANAGER}, "grace"),
        ({"owner": Owner.EDT}, "eli"),
        ({"held_by": "sam"}, "sam"),
        ({"held_by": "sam", "taken_by": "dana"}, "dana"),
        ({"held_by": "sam", "for_role": Role.SERVICE_MANAGER}, "sam grace"),
        ({"held_by": "sam", "kind": ESCALATION}, "sam grace"),
        ({"kind": ESCALATION}, "grace"),
        ({"kind": ESCALATION, "for_role": Role.EDT}, "eli"),
        ({"kind": ESCALATION, "taken_by": "sam"}, "sam"),
        ({"taken_by": "dana", "without": "dana"}, "dev"),
        ({"held_by": "sam", "without": "sam"}, "dana dev"),
    ],
)
def test_who_answers_for_it_or_else_it_climbs(case: dict[str, str], expected: str) -> None:
    assert whom(**case) == (expected, None, False)  # type: ignore[arg-type]


def test_where_nobody_of_the_role_is_there_it_falls_to_managers_then_administrators_and_says_so() -> None:
    assert whom(owner=Owner.EDT, without="eli") == ("grace", Role.EDT, False)
    assert whom(owner=Owner.EDT, without="eli grace") == ("bea", Role.EDT, False)
    assert whom(kind=ESCALATION, held_by="sam", without="grace") == ("sam bea", Role.SERVICE_MANAGER, False)
    assert whom(kind=ESCALATION, held_by="sam", without="grace bea") == ("sam", Role.SERVICE_MANAGER, True)
    assert whom(without="dana dev grace bea") == ("", Role.DECISION_MAKER, True)


def test_an_audience_is_said_in_a_few_words() -> None:
    there = [Colleague(str(n), f"Name {n}", Role.EDT if n == 3 else Role.SCREENER, None, None) for n in range(4)]
    told = Told(WARNING, Owner.HUB, Role.SCREENER, None, None)
    assert audience(told, there[:1]).words == "Name 0"
    assert audience(told, there[:2]).words == "Name 0 and Name 1"
    assert audience(told, there[:3]).words == "the screeners"
    everybody = Told(WARNING, Owner.HUB, Role.SCREENER, None, "3")
    assert audience(everybody, there).words == "the emergency duty team and the screeners"
    assert audience(told, []).words == "nobody"


NIGHT, NOON = QuietHours(time(22), time(7)), QuietHours(time(12), time(13, 30))


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "2026-11-09T21:59+00:00", None),
        (NIGHT, "2026-11-09T22:00+00:00", "2026-11-10T07:00+00:00"),
        (NIGHT, "2026-11-10T06:59+00:00", "2026-11-10T07:00+00:00"),
        (NIGHT, "2026-11-10T07:00+00:00", None),
        (NIGHT, "2026-06-08T21:30+00:00", "2026-06-09T06:00+00:00"),  # 22:30 in London
        (NIGHT, "2026-10-24T22:00+00:00", "2026-10-25T07:00+00:00"),  # the night with an hour more
        (NIGHT, "2027-03-27T23:00+00:00", "2027-03-28T06:00+00:00"),  # the night with an hour less
        (NOON, "2026-11-09T12:00+00:00", "2026-11-09T13:30+00:00"),
        (NOON, "2026-11-09T11:59+00:00", None),
    ],
)
def test_quiet_hours_are_those_of_london_and_may_pass_midnight(hours: QuietHours, now: str, until: str | None) -> None:
    assert hours.until(datetime.fromisoformat(now)) == (datetime.fromisoformat(until) if until else None)
