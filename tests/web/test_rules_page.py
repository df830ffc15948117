"""The rules in force, in words that a social worker understands; each word stands on a key of the rule set."""

from datetime import date
from pathlib import Path

import pytest

from mash.db import Database
from mash.rules import plainly
from mash.rules.loader import load_folder
from mash.rules.ruleset import RuleSet
from tests.support.hub import northbridge_with
from tests.web.front_door import FrontDoor, main_of

BOROUGHS = Path(__file__).resolve().parents[1] / "support"


def words(rules: RuleSet, clock: str) -> str:
    (one,) = [one for one in plainly.clocks(rules) if one.code == clock]
    targets = "; ".join(f"{t.what}: {t.due} ({t.warned}) ({t.told})" for t in one.targets)
    return " | ".join((one.span, one.whose, one.hours, targets, *one.notes))


def test_the_page_says_what_is_in_force(database: Database) -> None:
    page = main_of(FrontDoor(database).get("/rules"))
    for said in (
        "Version 1, for contacts received from 1 January 2026 on",
        "Red 4 clock hours, nights and weekends included 1 h 1 h, then 4 h",
        "Amber 1 working day, until the same time of day 2 h 2 h, then 8 h",
        "Monday 09:00 to 17:15",
        "Health Asked for red or amber. Replies by the hours of: Health.",
        "Strategy discussion Goes to: Assessment team. Management oversight: always, afterwards",
        "24 December 2026 09:00 to 15:00",
    ):
        assert said in page


def test_a_desk_does_not_see_the_hub_s_rules(database: Database) -> None:
    FrontDoor(database).get("/rules", "health", expect=403)


CLOCK = "clocks__decision__"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({CLOCK + "only_for": {"channels": "phone", "levels": None}}, "Only for: channel phone."),
        (
            {CLOCK + "on_return": "pause"},
            "When the contact is returned to the referrer it stands still until it comes back",
        ),
        ({CLOCK + "unless_anonymous": True}, "Not for anonymous referrers."),
        ({CLOCK + "owner": "manager"}, "The service manager"),
        ({CLOCK + "calendar": "police"}, "by the hours of “Police”"),
        ({CLOCK + "by_rating__red": {"due": "none"}}, "Red: no target () ()"),
        (
            {CLOCK + "by_rating__red": {"due": "2 clock_hours", "at_closing": "hand_to_edt", "warn": "1 h to edt"}},
            "at closing time it passes to the emergency duty team (1 h (to the emergency duty team))",
        ),
        (
            {CLOCK + "by_rating__red": {"due": "2 clock_hours", "no_later_than": "1 working_days_close"}},
            "and no later than 1 working day, until closing",
        ),
    ],
)
def test_what_a_clock_says(changes: dict[str, object], said: str) -> None:
    only = changes.get(CLOCK + "only_for")
    if isinstance(only, dict):
        changes = {CLOCK + "only_for": {key: value for key, value in only.items() if value}}
    assert said in words(northbridge_with(**changes), "decision")
    assert said not in words(northbridge_with(), "decision")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rating__suggestion_never_falls": True}, "stays suggested"),
        ({"closing__feedback_first": True}, "closed only when the referrer has been told"),
        ({"who_may": {"rate_contact": ["decision_maker", "edt"]}}, "left to decision maker or emergency duty team"),
        (
            {"exceptions": {"fii": {"label": "Fabricated illness", "lifts": ["decision"]}}},
            "Fabricated illness: a decision maker may lift “Decision”",
        ),
        (
            {
                "intake": {
                    "calendar": "hub",
                    "cut_off": {"before_closing": "30 min", "clocks": "decision", "not_for": "red"},
                }
            },
            "after 30 min before closing counts for “Decision” as the next working day's, but not for red.",
        ),
    ],
)
def test_what_else_is_settled(changes: dict[str, object], said: str) -> None:
    assert said in " ".join(plainly.practice(northbridge_with(**changes)))
    assert said not in " ".join(plainly.practice(northbridge_with()))


def test_every_rule_set_that_we_have_can_be_said_in_words() -> None:
    found = [rules for folder in ("config",) for rules in load_folder(BOROUGHS.parents[1] / folder)]
    for rules in found:
        lines = [*plainly.clocks(rules), *plainly.hours(rules, date(2026, 1, 1)), *plainly.practice(rules)]
        assert lines and "None" not in str([line for line in lines if isinstance(line, str)])


def shipped(name: str) -> RuleSet:
    return next(rules for rules in load_folder(BOROUGHS.parents[1] / "config") if rules.name == name)


def of_the_hub(rules: RuleSet, **changes: object) -> RuleSet:
    """The same under the name of the hub of the tests, where people can sign in."""
    return rules.model_copy(update={"name": "northbridge", **changes})


def test_rules_that_nobody_has_confirmed_say_so_first_and_beside_each_figure(database: Database) -> None:
    html = FrontDoor(database, rules=of_the_hub(shipped("merton"))).get("/rules")
    page = main_of(html)
    warning = (
        "figures that nobody at Merton has confirmed. The authority must confirm each of them before they are used."
    )
    assert page.index(warning) < page.index("Version 1, for contacts")
    for said in (
        "Amber 6 clock hours, nights and weekends included – – Published: source 4, read November 2026. "
        "Assumed: From the request, by the clock.",
        "Blue no target – – Published: source 4, read November 2026. ",
        "Assumed: No hours of the hub were found",
        "Police Asked for amber or red. Replies by the hours of: Hub. Published: source 4",
        "Who may: rate Published: source 5, read November 2026. Assumed: The MASH manager",
        "Red Potential child protection, such as a serious injury. Published: source 4",
        "Merton Multi-Agency Safeguarding Hub, Guide for Professionals, read November 2026 https://studylib.net/",
    ):
        assert said in page, said
    assert 'href="#source-leaflet"' in html and 'id="source-leaflet"' in html


def test_rules_that_somebody_has_confirmed_say_who_and_warn_of_nothing(database: Database) -> None:
    who = {"unconfirmed": False, "confirmed_by": "Head of service, 9 March 2026"}
    page = main_of(FrontDoor(database, rules=of_the_hub(shipped("merton"), **who)).get("/rules"))
    assert "Confirmed by: Head of service, 9 March 2026" in page and "has confirmed" not in page


def test_rules_without_sources_have_no_list_of_them(database: Database) -> None:
    html = FrontDoor(database).get("/rules")
    assert "Where the figures come from" not in html and "app-basis" not in html and "app-unconfirmed" not in html
