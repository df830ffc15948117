"""Versions of the rules on their pages: what each says, what it changed, and how a new one comes into force."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock, rulebook
from mash.db import Database
from mash.models.audit import AuditEntry
from mash.rules.loader import fingerprint, load_text, same
from mash.rules.ruleset import RuleSet
from mash.rules.written import as_file
from tests.support.hub import CONFIG, northbridge, northbridge_with
from tests.web.browsing import FROM_HERE
from tests.web.front_door import FrontDoor, checked, main_of

ADMINISTRATOR = "administrator"
AMBER = "amber: {due: 1 working_days_same_time"
SHORTER = "amber: {due: 4 working_hours"
SENTENCE = "Decision, amber: 1 working day, until the same time of day → 4 working hours."


NOT_INVENTED = {"invented": False}


def rules_with(**changes: object) -> RuleSet:
    """Northbridge as if it were a real place: its rules may be in a live database."""
    return northbridge_with(**NOT_INVENTED, **changes)


@pytest.fixture
def door(database: Database) -> FrontDoor:
    """Monday 9 November 2026; version 1 is in force from the beginning of the year."""
    return FrontDoor(database, rules_with())


def text_of(page: str) -> str:
    """What stands in the box."""
    found = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


def started(door: FrontDoor) -> str:
    """The text of the version in force, as it is offered to be changed."""
    return text_of(door.get("/rules/proposals?start=newest", ADMINISTRATOR))


def proposed(door: FrontDoor, text: str, expect: int = 303) -> str:
    door.get("/rules/proposals", ADMINISTRATOR)
    return door.send("/rules/proposals", ADMINISTRATOR, expect=expect, text=text)


def put_in_force(door: FrontDoor, text: str, day: str) -> None:
    where = door.post(proposed(door, text), ADMINISTRATOR, **{"from": day})
    page = door.get(where, ADMINISTRATOR)
    chosen = re.search(r'name="day" value="([^"]+)"', page)
    assert chosen
    assert door.send(where.split("?")[0], ADMINISTRATOR, day=chosen[1]) == "/rules/versions?done=put-in-force"


def of_borough(door: FrontDoor) -> list[tuple[str, str | None, dict[str, Any]]]:
    with door.hub.db.reading() as look:
        rows = select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.facts)
        found = look.execute(rows.where(AuditEntry.stream == "borough:northbridge").order_by(AuditEntry.seq))
        return [(row.action, row.actor_id, json.loads(row.facts)) for row in found]


# ---- Pages of versions ----------------------------------------------------------------------------------------------


def test_the_list_says_which_applied_when_by_whom_and_to_how_many(door: FrontDoor) -> None:
    door.record()
    put_in_force(door, started(door).replace(AMBER, SHORTER), "16/11/2026")
    page = main_of(door.get("/rules/versions", "manager"))
    assert "2 versions" in page
    second, first = page[page.index("Version 2") :].split("Version 1 ")
    assert second.startswith("Version 2 Still to come from 16 November 2026 Contacts that follow it: 0 ")
    assert re.search(r"Put on record: \S+ 9 November.*, 10am by Administrator Fingerprint: [0-9a-f]{12} $", second)
    assert first.startswith("In force from 1 January 2026 until 15 November 2026 Contacts that follow it: 1 ")
    assert "from a file" in first
    assert "Change the rules" not in page


def test_a_version_is_shown_in_words_with_what_it_changed_and_its_text(door: FrontDoor) -> None:
    put_in_force(door, started(door).replace(AMBER, SHORTER), "16/11/2026")
    page = door.get("/rules/versions/2", "manager")
    words = main_of(page)
    for said in (
        "Still to come",
        "For contacts received from 16 November 2026 on.",
        SENTENCE,
        "In force from: 1 January 2026 → 16 November 2026.",
        "Amber 4 working hours 2 h 2 h, then 8 h",
        "0 contacts follow it",
    ):
        assert said in words
    assert '"due": "4 working_hours"' in page and "Withdraw" not in words
    first = main_of(door.get("/rules/versions/1", "manager"))
    assert "It is the first on record." in first and "Amber 1 working day, until the same time of day" in first


def test_the_file_of_a_version_has_the_fingerprint_that_is_shown(door: FrontDoor) -> None:
    page = door.get("/rules/versions/1", "manager")
    with clock.at(door.hub.at):
        answer = door.browser("manager").get("/rules/versions/1/text")
    assert answer.headers["content-disposition"] == 'attachment; filename="northbridge-1.json"'
    assert fingerprint(answer.text) in page
    assert same(load_text(answer.text, "file", CONFIG), rules_with())


@pytest.mark.parametrize(
    ("day", "version"), [("1/1/2026", 1), ("15 November 2026", 1), ("2026-11-16", 2), ("1/1/2036", 2)]
)
def test_a_day_leads_to_the_version_in_force_on_it(door: FrontDoor, day: str, version: int) -> None:
    put_in_force(door, started(door).replace(AMBER, SHORTER), "16/11/2026")
    with clock.at(door.hub.at):
        answer = door.browser("manager").get("/rules/versions", params={"on": day})
    assert answer.headers["location"].startswith(f"/rules/versions/{version}?on=")
    assert "This was in force on" in door.get(answer.headers["location"], "manager")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("31/12/2025", "The first are in force from 1 January 2026"),
        ("soon", "Write the date like 22/6/2015."),
        ("31/2/2026", "There is no such date."),
    ],
)
def test_a_day_without_rules_is_told_from_when_there_are_some(door: FrontDoor, day: str, said: str) -> None:
    page = door.get(f"/rules/versions?on={day}", "manager", expect=422)
    assert said in page and f'value="{day}"' in page


def test_what_is_not_on_record_is_not_found(door: FrontDoor) -> None:
    assert "Page not found" in door.get("/rules/versions/7", "manager", expect=404)
    door.get("/rules/proposals/nothing", ADMINISTRATOR, expect=404)
    door.get("/rules/proposals/nothing/confirm?day=2026-11-16", ADMINISTRATOR, expect=404)
    door.get("/rules/proposals?start=7", ADMINISTRATOR, expect=404)


def test_desks_see_no_version_and_only_an_administrator_changes_rules(door: FrontDoor) -> None:
    for path in ("/rules/versions", "/rules/versions/1", "/rules/versions/1/text", "/rules/proposals"):
        door.get(path, "police", expect=403)
    for who in ("manager", "decider", "officer"):
        door.get("/rules/proposals", who, expect=403)
        assert "/rules/proposals" not in door.get("/rules", who)
        door.send("/rules/versions/1/withdraw", who, expect=403)
    assert "/rules/proposals" in door.get("/rules", ADMINISTRATOR)


# ---- From a text to a version ---------------------------------------------------------------------------------------


def test_what_is_offered_to_start_from_is_the_newest_version_with_the_next_number(door: FrontDoor) -> None:
    rules = load_text(started(door), "text", CONFIG)
    assert (rules.version, rules.in_force_from.isoformat()) == (2, "2026-11-10")
    assert same(rules, rules_with(version=2, in_force_from="2026-11-10"))
    with clock.at(door.hub.at):
        answer = door.browser(ADMINISTRATOR).get("/rules/text")
    assert same(load_text(answer.text, "text", CONFIG), rules)
    put_in_force(door, started(door).replace(AMBER, SHORTER), "16/11/2026")
    assert SHORTER in started(door) and "version: 3\n" in started(door)
    assert AMBER in text_of(door.get("/rules/proposals?start=1", ADMINISTRATOR))


def test_every_mistake_is_told_at_once_with_its_line_and_nothing_is_lost(door: FrontDoor) -> None:
    text = started(door).replace(AMBER, "amber: {due: 4 working_hour").replace("version: 2", "version: 5")
    text = text.replace("required_for: [red, amber]", "required_for: [red, ambr]", 1)
    page = proposed(door, text, expect=422)
    assert "There are 3 problems in the text" in page
    lines = text.split("\n")
    for key, said in (
        ("version", "version: has to be the next number. Write `2`."),
        ("ambr", "agencies.health.required_for.1: `ambr` is not a colour of this rule set. Did you mean `amber`?"),
        ("working_hour,", "clocks.decision.by_rating.amber.due: write an amount and a unit"),
    ):
        number = next(n for n, line in enumerate(lines, 1) if key in line)
        assert f"Line {number}: {said}" in page
        assert f'data-line="{number}"' in page and f">{lines[number - 1].strip()}</code>" in page
    assert text_of(page) == text
    assert "Proposed, and not in force" not in door.get("/rules/proposals", ADMINISTRATOR)


def test_a_text_may_inherit_as_a_file_may(door: FrontDoor) -> None:
    text = "inherits: northbridge\nversion: 2\nin_force_from: 2026-11-16\ninvented: false\n"
    text += "clocks: {decision: {by_rating: {AMBER}}}\n"
    where = proposed(door, text.replace("AMBER", "amber: {due: 4 working_hours}"))
    assert SENTENCE in door.get(where, ADMINISTRATOR)
    page = proposed(door, text.replace("{AMBER}", "{amber: {due: 4}}").replace("northbridge", "nowhere"), expect=422)
    assert "Line 1: inherits: there is no nowhere.yaml beside it or in boroughs." in page
    assert str(CONFIG) not in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: northbridge", "name: eastmere"), "Line 1: name: `eastmere` is not your borough. Write `northbridge`."),
        (("version: 2", "version: 1"), "Line 3: version: has to be the next number. Write `2`."),
        (("version: 2", "version: 3"), "Line 3: version: has to be the next number. Write `2`."),
    ],
)
def test_the_text_is_of_the_own_borough_and_has_the_next_number(
    door: FrontDoor, change: tuple[str, str], said: str
) -> None:
    assert said in proposed(door, started(door).replace(*change), expect=422)


@pytest.mark.parametrize(
    "text", ["", " \n", "nonsense", "a: [b", "\ufffd", "x" * 300_001, "- 1\n- 2", "<b>&amp;</b>", "a: \x1b"]
)
def test_whatever_is_pasted_is_answered_with_what_to_do(door: FrontDoor, text: str) -> None:
    page = proposed(door, text, expect=422)
    assert "problem in the text" in page or "problems in the text" in page


def sent_as_file(door: FrontDoor, raw: bytes, **fields: str) -> Any:
    with clock.at(door.hub.at):
        browser = door.browser(ADMINISTRATOR)
        browser.get("/rules/proposals")
        files = {"file": ("northbridge-2.yaml", raw, "application/yaml")}
        data = {"csrf_token": browser.token, "text": "", **fields}
        return browser.client.post("/rules/proposals", data=data, files=files, headers=FROM_HERE)


def test_a_file_may_be_chosen_instead(door: FrontDoor) -> None:
    answer = sent_as_file(door, started(door).replace(AMBER, SHORTER).encode(), text="nonsense")
    assert answer.status_code == 303 and SENTENCE in door.get(answer.headers["location"], ADMINISTRATOR)
    assert sent_as_file(door, b"", text=started(door)).status_code == 303, "no file was chosen: the box counts"


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "not text in UTF-8"), ("cp1252", "not written in UTF-8"), ("utf-8-sig", "")]
)
def test_a_file_in_another_writing_says_how_to_save_it(door: FrontDoor, encoding: str, said: str) -> None:
    text = started(door).replace("title: Northbridge", "title: Northbridge – café")
    answer = sent_as_file(door, text.encode(encoding))
    assert answer.status_code == (422 if said else 303)
    if said:
        page = checked(answer.text)
        assert said in page
        assert proposed(door, text_of(page), expect=422), "what could not be read is not taken for what was meant"


def test_no_other_form_takes_a_file(door: FrontDoor) -> None:
    with clock.at(door.hub.at):
        browser = door.browser(ADMINISTRATOR)
        browser.get("/account")
        files = {"file": ("x.yaml", b"x", "text/plain")}
        data = {"csrf_token": browser.token, "borough": "northbridge"}
        answer = browser.client.post("/account/borough", data=data, files=files, headers=FROM_HERE)
    assert answer.status_code == 400


def test_a_live_database_takes_no_invented_borough(door: FrontDoor) -> None:
    text = started(door)
    page = proposed(door, text.replace("invented: false", "invented: true"), expect=422)
    assert "invented: rules of an invented borough are never put in a live database." in page
    put_in_force(door, text, "10/11/2026")


def test_nothing_changes_for_anybody_until_it_is_put_in_force_and_its_day_has_come(door: FrontDoor) -> None:
    before = of_borough(door)
    where = proposed(door, started(door).replace(AMBER, SHORTER))
    assert of_borough(door) == before and "Version 2" not in door.get("/rules/versions", "manager")
    confirm = door.post(where, ADMINISTRATOR, **{"from": "16/11/2026"})
    page = main_of(door.get(confirm, ADMINISTRATOR))
    for said in (
        "On Monday 16 November 2026, at midnight in London, version 2 comes into force by itself.",
        "Contacts received earlier keep version 1",
        "Until the end of Sunday 15 November 2026 you can withdraw it.",
        SENTENCE,
    ):
        assert said in page
    assert of_borough(door) == before and "Version 2" not in door.get("/rules/versions", "manager")
    promised = re.search(r"[0-9a-f]{64}", page)
    door.send(confirm.split("?")[0], ADMINISTRATOR, day="2026-11-16")
    (entry,) = of_borough(door)[len(before) :]
    administrator = door.hub.actors[ADMINISTRATOR].user_id
    assert promised
    facts = {"version": 2, "in_force_from": "2026-11-16", "sha256": promised[0]}
    assert entry == ("rules_put_in_force", administrator, facts)
    assert "Amber 1 working day" in main_of(door.get("/rules", "manager"))
    door.hub.at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert "Amber 4 working hours" in main_of(door.get("/rules", "manager"))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("9/11/2026", "from 10 November 2026 at the earliest"),
        ("1/1/2026", "from 10 November 2026 at the earliest"),
        ("16/11/2062", "Check the year."),
        ("soon", "Write the date like 22/6/2015."),
        ("", "Write the date like 22/6/2015."),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_the_field(door: FrontDoor, day: str, said: str) -> None:
    where = proposed(door, started(door))
    page = door.post(where, ADMINISTRATOR, expect=422, **{"from": day})
    assert said in page and (not day or f'value="{day}"' in page)
    door.send(
        f"{where}/confirm", ADMINISTRATOR, expect=409 if "earliest" in said or "year" in said else 303, day=_iso(day)
    )
    assert len(of_borough(door)) == 1


def _iso(day: str) -> str:
    return "-".join(f"{int(part):02}" for part in reversed(day.split("/"))) if "/" in day else day


def test_a_version_comes_after_the_one_that_is_still_to_come(door: FrontDoor) -> None:
    put_in_force(door, started(door).replace(AMBER, SHORTER), "30/11/2026")
    where = proposed(door, started(door).replace(SHORTER, "amber: {due: 5 working_hours"))
    assert "Decision, amber: 4 working hours → 5 working hours." in door.get(where, ADMINISTRATOR)
    page = door.post(where, ADMINISTRATOR, expect=422, **{"from": "29/11/2026"})
    assert "from 30 November 2026 at the earliest" in page


def test_of_two_proposals_for_the_same_number_the_second_has_to_be_looked_at_again(door: FrontDoor) -> None:
    first, second = (proposed(door, started(door).replace(AMBER, f"amber: {{due: {n} working_hours")) for n in (4, 6))
    door.post(f"{first}/confirm?day=2026-11-16", ADMINISTRATOR)
    door.send(f"{first}/confirm", ADMINISTRATOR, day="2026-11-16")
    page = door.send(f"{second}/confirm", ADMINISTRATOR, expect=409, day="2026-11-17")
    assert "Meanwhile another version was put in force. Write `version: 3`" in page
    page = door.send(f"{first}/confirm", ADMINISTRATOR, expect=409, day="2026-11-17")
    assert "was put in force as version 2 already" in page
    assert "put it in force" in main_of(door.get(first, ADMINISTRATOR))
    assert len(of_borough(door)) == 2


def test_a_proposal_is_changed_again_or_thrown_away(door: FrontDoor) -> None:
    text = started(door).replace(AMBER, SHORTER)
    where = proposed(door, text)
    assert "Proposal of" in door.get("/rules/proposals", ADMINISTRATOR)
    assert text_of(door.get(f"/rules/proposals?of={where.split('/')[-1]}", ADMINISTRATOR)) == text.rstrip("\n") + "\n"
    assert door.send(f"{where}/discard", ADMINISTRATOR) == "/rules/proposals?done=discarded"
    page = door.get("/rules/proposals?done=discarded", ADMINISTRATOR)
    assert "The proposal is thrown away." in page and "Proposal of" not in page
    assert "threw it away" in door.get(where, ADMINISTRATOR)
    assert "was thrown away already" in door.send(f"{where}/discard", ADMINISTRATOR, expect=409)
    assert "was thrown away already" in door.send(f"{where}/confirm", ADMINISTRATOR, expect=409, day="2026-11-16")


def test_a_version_still_to_come_is_withdrawn_on_its_page_and_not_once_it_has_begun(door: FrontDoor) -> None:
    put_in_force(door, started(door).replace(AMBER, SHORTER), "16/11/2026")
    assert "Withdraw version 2" in door.get("/rules/versions/2", ADMINISTRATOR)
    assert "Withdraw version" not in door.get("/rules/versions/1", ADMINISTRATOR)
    page = door.send("/rules/versions/1/withdraw", ADMINISTRATOR, expect=409)
    assert "until the day before it could be withdrawn" in page
    assert door.send("/rules/versions/2/withdraw", ADMINISTRATOR) == "/rules/versions?done=withdrawn"
    page = main_of(door.get("/rules/versions/2", "manager"))
    assert "Withdrawn" in page and "by Administrator" in page
    administrator = door.hub.actors[ADMINISTRATOR].user_id
    assert of_borough(door)[-1][:2] == ("rules_withdrawn", administrator)
    assert "version: 3\n" in started(door) and AMBER in started(door)
    assert SHORTER in text_of(door.get("/rules/proposals?start=2", ADMINISTRATOR)), "its text is not lost"


def test_another_borough_s_versions_and_proposals_are_not_there(door: FrontDoor) -> None:
    where = proposed(door, started(door))
    rules = northbridge().model_copy(update={"name": "eastmere", "title": "Eastmere", "reference_prefix": "EM"})
    rulebook.install(door.hub.db, [rules, rules.model_copy(update={"version": 2, "in_force_from": _day(2027)})])
    door.get("/rules/versions/2", "manager", expect=404)
    with door.hub.db.transaction() as tx:
        tx.exec_driver_sql("UPDATE rule_proposals SET borough = 'eastmere'")
    for path in (where, f"{where}/confirm?day=2026-11-16"):
        door.get(path, ADMINISTRATOR, expect=404)
    door.get("/rules/proposals", ADMINISTRATOR)
    for path in (where, f"{where}/confirm", f"{where}/discard"):
        door.send(path, ADMINISTRATOR, expect=404, day="2026-11-16", **{"from": "16/11/2026"})


def _day(year: int) -> Any:
    return datetime(year, 1, 1, tzinfo=UTC).date()


def test_no_page_of_rules_shows_a_contact_to_an_administrator(door: FrontDoor) -> None:
    contact_id = door.record(**{"children-0-forename": "Rosalind", "children-0-surname": "Uncommon"})
    reference = door.hub.page(contact_id).reference
    where = proposed(door, started(door).replace(AMBER, SHORTER))
    for path in (
        "/rules",
        "/rules/versions",
        "/rules/versions/1",
        "/rules/proposals",
        where,
        f"{where}/confirm?day=2026-11-16",
    ):
        page = door.get(path, ADMINISTRATOR)
        assert contact_id not in page and reference not in page and "Uncommon" not in page


def test_what_is_proposed_is_what_comes_into_force_whatever_becomes_of_the_files(door: FrontDoor) -> None:
    where = proposed(door, started(door).replace(AMBER, SHORTER))
    door.get(f"{where}/confirm?day=2026-11-16", ADMINISTRATOR)
    door.send(f"{where}/confirm", ADMINISTRATOR, day="2026-11-16")
    with clock.at(door.hub.at):
        answer = door.browser(ADMINISTRATOR).get("/rules/versions/2/text")
    wanted = as_file(rules_with(version=2, in_force_from="2026-11-16")).replace(AMBER, SHORTER)
    assert same(load_text(answer.text, "text", CONFIG), load_text(wanted, "text", CONFIG))
