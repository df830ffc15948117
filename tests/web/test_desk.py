"""What a desk sees and does: its own work in few clicks, and nothing of anybody else's."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock
from mash.db import Database
from mash.models.audit import AccessEntry
from mash.models.contact import Contact
from mash.models.information import InformationReturn
from mash.vocabulary import Verb
from tests.conftest import MakeDatabase
from tests.support.hub import MONDAY
from tests.web.browsing import FROM_HERE
from tests.web.front_door import FrontDoor, main_of
from web.app import all_routes

DESKS = ("police", "health", "education")
FAMILY: dict[str, Any] = {
    "children": [
        {"forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22", "address": "14 Larch Walk"},
        {"expected_date_of_delivery": "2027-01-20"},
        {"forename": "Kofi", "address": "Canary Refuge", "postcode": "NB9 9ZZ", "address_withheld": True},
    ],
    "adults": [
        {"name": "Dana Mockford", "relationship": "mother", "date_of_birth": "1990-02-03"},
        {"name": "Lee", "relationship": "partner_of_parent", "address": "Canary Safe House", "address_withheld": True},
    ],
    "concerns": ["neglect", "domestic_abuse"],
}


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def asked(door: FrontDoor, *agencies: str, rag: str = "red", question: str = "Any call-outs?", **fields: Any) -> str:
    """A contact about which these agencies are asked."""
    contact_id = door.hub.screened(rag, **(FAMILY | fields))
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=list(agencies), question=question)
    return contact_id


def reference(door: FrontDoor, contact_id: str) -> str:
    with door.hub.db.reading() as look:
        return str(look.execute(select(Contact.reference).where(Contact.id == contact_id)).scalar_one())


def returns(door: FrontDoor) -> list[Any]:
    with door.hub.db.reading() as look:
        return list(look.execute(select(InformationReturn.__table__).order_by(InformationReturn.seq)))


def looks(door: FrontDoor) -> list[tuple[str, str | None]]:
    with door.hub.db.reading() as look:
        rows = look.execute(select(AccessEntry.page, AccessEntry.contact_id).order_by(AccessEntry.at, AccessEntry.id))
        return sorted((row.page, row.contact_id) for row in rows)


# ---- What it sees ---------------------------------------------------------------------------------------------------


def test_a_desk_without_work_is_told_so(door: FrontDoor) -> None:
    asked(door, "health")
    words = main_of(door.get("/desk", "police"))
    assert "Nothing awaits your reply." in words and "Nothing yet." in words
    assert "Tiana" not in words


def test_the_list_says_who_what_and_by_when_with_the_first_due_first(door: FrontDoor) -> None:
    slow = asked(door, "health", rag="amber", question="Was she seen?")
    door.hub.later(minutes=10)
    quick = asked(door, "health", question="Any injuries?")
    page = door.get("/desk", "health")
    assert page.index(reference(door, quick)) < page.index(reference(door, slow))
    words = main_of(page)
    assert "2 await your reply" in words and "out of timescale" not in words.lower()
    assert (
        f"{reference(door, quick)} Tiana Mockford, 11 Unborn child, expected 20 Jan 2027 Kofi, age not known" in words
    )
    assert "2 hours left Due 12:10pm" in words and "Domestic abuse, Neglect Any injuries? Asked 10:10am" in words


def test_late_is_said_in_words_and_as_on_the_hubs_own_page(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    door.hub.later(hours=2, minutes=35)
    door.hub.sweep()
    words = main_of(door.get("/desk", "police"))
    assert "1 is out of timescale." in words and "Out of timescale 35 minutes late Due midday" in words
    assert "Out of timescale 35 minutes late: due Monday 9 November, midday" in main_of(
        door.get(f"/desk/{contact_id}", "police")
    )
    (shown,) = (agency for agency in door.hub.page(contact_id).agencies if agency.code == "police")
    assert shown.late and shown.due_at is not None


def test_a_request_says_what_is_asked_why_and_about_whom(door: FrontDoor) -> None:
    contact_id = asked(door, "police", question="Any call-outs?\nIs Lee on bail?")
    words = main_of(door.get(f"/desk/{contact_id}", "police"))
    for text in (
        "Any call-outs? Is Lee on bail?",
        "Concerns: Domestic abuse, Neglect.",
        "Asked Monday 9 November, 10am",
        "Tiana Mockford Aged 11, born 22 June 2015 14 Larch Walk",
        "Unborn child Not yet born, expected 20 January 2027 Address not known",
        "Kofi Age and date of birth not known Address withheld",
        "Dana Mockford Mother, born 3 February 1990",
        "Lee Partner of a parent, date of birth not known Address withheld",
    ):
        assert text in words


def test_without_a_question_the_desk_is_asked_what_bears_on_safety(door: FrontDoor) -> None:
    contact_id = asked(door, "police", question="")
    assert "bears on the children’s safety" in door.get(f"/desk/{contact_id}", "police")


def test_the_hub_has_no_desk_and_a_desk_no_hub(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    for path in ("/desk", f"/desk/{contact_id}", "/desk/report"):
        door.get(path, "manager", expect=403)
    for path in ("/queue", "/alerts", f"/contacts/{contact_id}", f"/contacts/{contact_id}/return_information"):
        assert "Tiana" not in door.get(path, "police", expect=403)


# ---- What it answers ------------------------------------------------------------------------------------------------


def test_nothing_known_takes_two_clicks(door: FrontDoor) -> None:
    contact_id = asked(door, "police", "health")
    assert f'href="/desk/{contact_id}"' in door.get("/desk", "police")
    page = door.get(f"/desk/{contact_id}", "police")
    (form,) = re.findall(r'<form [^>]*class="app-desk__quick".*?</form>', page, re.DOTALL)
    assert re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="(\w+)">', form) == [("reply", "nothing_known")]
    led_to = door.send(f"/desk/{contact_id}", "police", reply="nothing_known")
    assert led_to == f"/desk?sent={contact_id}"
    words = main_of(door.get(led_to, "police"))
    assert f"Your reply about {reference(door, contact_id)} is with the hub: nothing known." in words
    assert "Nothing awaits your reply." in words
    (row,) = returns(door)
    assert (row.agency, row.reply, row.handling, row.volunteered) == ("police", "nothing_known", "hub_only", False)


def test_a_reply_is_kept_with_its_label_and_shown_to_the_hub_and_to_the_desk(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    door.post(
        f"/desk/{contact_id}",
        "police",
        reply="information_held",
        summary="Two call-outs.",
        handling="shareable_with_team",
        risk="amber",
    )
    words = main_of(door.get(f"/desk/{contact_id}", "police"))
    assert "You have replied." in words
    assert "What we gave before Information held Two call-outs. Monday 9 November, 10am. Handling: shareable" in words
    assert "Risk as we saw it: amber." in words
    assert "Two call-outs." in door.get(f"/contacts/{contact_id}", "decider")


def test_hub_only_unless_the_desk_says_otherwise(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    page = door.get(f"/desk/{contact_id}", "police")
    assert re.search(r'name="handling" type="radio" value="hub_only" checked', page)
    assert "It leaves only if your agency agrees." in page


def test_part_of_it_leaves_the_request_on_the_list(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    led_to = door.post(f"/desk/{contact_id}", "police", reply="partial", summary="One so far.", risk="unsaid")
    words = main_of(door.get(led_to, "police"))
    assert "It stays on your list until the rest is there." in words and "1 awaits your reply" in words


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "Choose your reply."),
        ({"reply": "perhaps"}, "Choose one of these."),
        ({"reply": "information_held"}, "Say what you know."),
        ({"reply": "partial", "summary": "  "}, "Say what you know so far."),
        ({"reply": "cannot_share"}, "Say why you cannot share it."),
        ({"reply": "nothing_known", "handling": "everybody"}, "Choose one of these."),
        ({"reply": "nothing_known", "risk": "purple"}, "Choose one of these."),
        ({"reply": "information_held", "summary": "x" * 50_001}, "Shorten this to 50000 characters or less."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_stored(door: FrontDoor, fields: dict[str, str], wrong: str) -> None:
    contact_id = asked(door, "police")
    page = door.post(f"/desk/{contact_id}", "police", expect=422, **fields)
    assert page.count(wrong) >= 2, "in the summary and at the field"
    assert "<title>Error: " in page
    assert returns(door) == []


def test_what_was_typed_survives_a_refusal(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    typed = {"summary": "Lee said “no”.\n<b>Twice</b>.", "handling": "shareable_with_family", "risk": "red"}
    page = door.post(f"/desk/{contact_id}", "police", expect=422, **typed)
    assert typed["summary"] in page
    for name, value in (("handling", "shareable_with_family"), ("risk", "red")):
        assert re.search(rf'name="{name}" type="radio" value="{value}" checked', page)


def test_a_desk_may_tell_more_after_it_has_answered_or_is_no_longer_waited_for(door: FrontDoor) -> None:
    contact_id = asked(door, "police", "health", "education")
    door.post(f"/desk/{contact_id}", "police", reply="nothing_known")
    door.hub.do("decider", Verb.PROCEED_WITHOUT, contact_id, agencies=["education", "health"], rationale="Cannot wait.")
    for who in ("education", "health"):
        assert "The hub no longer waits for your reply." in door.get(f"/desk/{contact_id}", who)
    for who in ("police", "health"):
        page = door.get(f"/desk/{contact_id}", who)
        assert "Tell the hub more" in page and "app-desk__quick" not in page
        door.post(f"/desk/{contact_id}", who, reply="information_held", summary="Found since.")
    assert [(row.agency, row.volunteered) for row in returns(door)][1:] == [("police", True), ("health", True)]


def test_a_desk_answers_for_nobody_else(door: FrontDoor) -> None:
    contact_id = asked(door, "police", "health")
    door.post(f"/desk/{contact_id}", "police", reply="nothing_known", agency="health")
    assert [row.agency for row in returns(door)] == ["police"]
    for who, other in (("education", contact_id), ("police", "unknown")):
        door.get(f"/desk/{other}", who, expect=404)
        door.get("/desk", who)
        door.send(f"/desk/{other}", who, expect=404, reply="nothing_known")
    assert len(returns(door)) == 1


def test_every_look_is_on_record_and_a_look_at_nothing_is_not(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    door.get("/desk", "police")
    door.get(f"/desk/{contact_id}", "police")
    door.post(f"/desk/{contact_id}", "police", expect=422)
    before = looks(door)
    assert before.count(("desk", None)) == 1
    assert before.count(("desk_contact", contact_id)) == 3
    door.get(f"/desk/{contact_id}", "health", expect=404)
    door.get("/desk/unknown", "police", expect=404)
    assert looks(door) == before


def lines_of(door: FrontDoor, contact_id: str, who: str = "police") -> dict[str, str]:
    """The fields for each person, by name."""
    page = door.get(f"/desk/{contact_id}", who)
    found = re.findall(r'for="(about-[\w-]+)">\s*([^:<]+):', page)
    return {name: field for field, name in found}


def test_one_reply_may_say_something_of_each_child(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    fields = lines_of(door, contact_id)
    assert list(fields) == ["Tiana Mockford", "Unborn child", "Kofi", "Dana Mockford", "Lee"]
    said = {fields["Tiana Mockford"]: "Missing twice.", fields["Kofi"]: "Nothing known.", fields["Lee"]: "On bail."}
    page = door.post(f"/desk/{contact_id}", "police", expect=422, **said)
    assert "Choose your reply." in page and "Missing twice.</textarea>" in page and "<details" in page
    door.post(f"/desk/{contact_id}", "police", reply="information_held", summary="Known since 2024.", **said)
    words = main_of(door.get(f"/desk/{contact_id}", "police"))
    assert "Known since 2024. Tiana Mockford: Missing twice. Kofi: Nothing known. Lee: On bail." in words
    assert len(returns(door)) == 1


def test_people_of_one_name_are_told_apart_in_the_reply(door: FrontDoor) -> None:
    twins = [{"expected_date_of_delivery": "2027-01-20"}, {"forename": "Ann", "date_of_birth": "2015-06-22"}] * 2
    twins[3] = {"forename": "Ann", "date_of_birth": "2010-01-02"}
    contact_id = asked(door, "police", children=twins, adults=[])
    page = door.get(f"/desk/{contact_id}", "police")
    eldest = re.findall(r'for="(about-[\w-]+)">\s*Ann: Aged 16', page)[0]
    door.post(f"/desk/{contact_id}", "police", reply="information_held", **{eldest: "Seen at night."})
    assert "Ann (aged 16, born 2 january 2010): Seen at night." in main_of(door.get(f"/desk/{contact_id}", "police"))


def test_nothing_known_from_the_list_names_everybody_before_it_is_sent(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    page = door.get("/desk", "police")
    (form,) = re.findall(rf'<form method="post" action="/desk/{contact_id}">.*?</form>', page, re.DOTALL)
    assert "Tiana Mockford, Unborn child, Kofi, Dana Mockford, Lee." in form
    assert 'name="reply" value="nothing_known"' in form
    words = main_of(door.get(door.send(f"/desk/{contact_id}", "police", reply="nothing_known"), "police"))
    assert "is with the hub: nothing known." in words


def test_a_request_that_is_made_again_says_so(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    assert "Asked again" not in door.get("/desk", "police")
    door.hub.later(minutes=30)
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police"], question="And since?")
    assert "Asked again" in main_of(door.get("/desk", "police"))
    words = main_of(door.get(f"/desk/{contact_id}", "police"))
    assert "Asked again" in words and "Asked before: Monday 9 November, 10am" in words
    assert "And since?" in words and "Any call-outs?" in words


def test_the_list_that_is_left_open_asks_what_awaits_a_reply_and_hears_no_name(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    with clock.at(door.hub.at):
        browser = door.browser("police")
        before = looks(door)
        news = browser.get("/desk-news").json()
    assert news == {contact_id: {"asked": "2026-11-09T10:00:00Z", "left": "2 hours left", "late": False}}
    assert looks(door) == before, "what holds no name is no look"
    door.get("/desk-news", "screener", expect=403)


# ---- What it gave before --------------------------------------------------------------------------------------------


def sought(door: FrontDoor, text: str, who: str = "police") -> str:
    door.get("/desk/given", who)
    return main_of(door.send("/desk/given", who, expect=200, sought=text))


def test_a_desk_finds_what_it_gave_by_reference_or_by_name(door: FrontDoor) -> None:
    contact_id = asked(door, "police")
    door.post(f"/desk/{contact_id}", "police", reply="information_held", summary="Two call-outs.")
    own = reference(door, contact_id)
    for text in (own, own.lower(), own.replace("-", " "), "Tianna Mokford", "mockford", "Tiana", "Dana Mockford"):
        assert f"1 found Information held 10am {own}" in sought(door, text), text
    for text in ("Rosa Swift", "x", "", "NB", "Tiana Swift", "' OR 1=1 --", "%"):
        assert own not in sought(door, text), text
    assert ("desk_given", contact_id) in looks(door)


def test_a_search_finds_only_what_is_the_desks_own(door: FrontDoor) -> None:
    contact_id = asked(door, "health")
    for text in ("Tiana Mockford", reference(door, contact_id)):
        assert "Nothing found." in sought(door, text)
        assert "1 found" in sought(door, text, "health")
    assert ("desk_given", contact_id) in looks(door)
    with clock.at(door.hub.at):
        assert door.browser("screener").post("/desk/given", sought="Tiana").status_code == 403


def test_people_whom_the_hub_added_to_a_report_are_not_found_by_who_only_reported(door: FrontDoor) -> None:
    contact_id = door.post("/desk/report", "police", **REPORT).removeprefix("/desk?sent=")
    door.hub.do("screener", Verb.START_SCREENING, contact_id)
    added = {"children": [{"forename": "Canary", "surname": "Sparrow"}], "adults": [{"name": "Robin Sparrow"}]}
    door.hub.do("screener", Verb.ADD_FACTS, contact_id, **added)
    assert "1 found" in sought(door, "Amal")
    for text in ("Canary Sparrow", "Sparrow", "Robin Sparrow"):
        assert "Nothing found." in sought(door, text), text
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police"])
    assert "1 found" in sought(door, "Sparrow")


# ---- What it reports ------------------------------------------------------------------------------------------------

REPORT = {
    "kind": "referral",
    "narrative": "Seen at night, alone.",
    "concerns": ["neglect"],
    "children-0-forename": "Amal",
    "adults-0-name": "Unknown man",
    "source": "6",
}


def test_a_report_becomes_a_contact_and_the_desk_gets_its_reference(door: FrontDoor) -> None:
    led_to = door.post("/desk/report", "police", **REPORT)
    contact_id = led_to.removeprefix("/desk?sent=")
    words = main_of(door.get(led_to, "police"))
    assert f"Your report is with the hub. Its reference is {reference(door, contact_id)}." in words
    page = door.hub.page(contact_id)
    assert (page.narrative, page.channel, page.source) == ("Seen at night, alone.", "Police notification", "Police")
    assert page.received_at == MONDAY
    assert "You have not been asked about this contact." in door.get(f"/desk/{contact_id}", "police")
    door.get(f"/desk/{contact_id}", "health", expect=404)


def test_a_report_that_is_sent_twice_is_stored_once(door: FrontDoor) -> None:
    page = door.get("/desk/report", "police")
    key = re.findall(r'name="form_key" value="([\w-]+)"', page)[0]
    sent = {door.send("/desk/report", "police", form_key=key, **REPORT) for _ in range(2)}
    assert len(sent) == 1 and door.contacts() == 1
    other = door.send("/desk/report", "police", form_key=key, expect=409, **(REPORT | {"narrative": "Another."}))
    assert "sent before with other content" in other and "Another." in other


def test_a_report_with_gaps_is_shown_again_with_what_was_typed(door: FrontDoor) -> None:
    page = door.post("/desk/report", "health", expect=422, **(REPORT | {"narrative": "", "source": ""}))
    assert "Say what you are worried about." in page and "Choose who reports it." in page
    assert 'value="Amal"' in page and door.contacts() == 0
    more = door.post("/desk/report", "health", expect=200, **REPORT, change="add_children")
    assert "Child 2" in more and "Seen at night, alone." in more and door.contacts() == 0


def test_of_what_it_only_reported_a_desk_sees_the_people_whom_it_named(door: FrontDoor) -> None:
    contact_id = door.post("/desk/report", "police", **REPORT).removeprefix("/desk?sent=")
    door.hub.do("screener", Verb.START_SCREENING, contact_id)
    added = {"children": [{"forename": "Canary"}], "adults": [{"name": "Canary Sparrow"}], "concerns": ["missing"]}
    door.hub.do("screener", Verb.ADD_FACTS, contact_id, **added)
    for path in ("/desk", f"/desk/{contact_id}"):
        page = door.get(path, "police")
        assert "Amal" in page and "Canary" not in page and "Missing" not in page
    door.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=["police"])
    assert "Canary Sparrow" in door.get(f"/desk/{contact_id}", "police")


# ---- What it never sees ---------------------------------------------------------------------------------------------


def lived_in(db: Database, secret: str, others: tuple[str, ...]) -> tuple[FrontDoor, list[str]]:
    """A hub with police and health asked, health answering in words, and `others` asked elsewhere and there."""
    door = FrontDoor(db)
    shielded = {"name": f"{secret} referrer", "phone": f"0207 {secret}", "shielded": True}
    words = {"narrative": f"{secret} narrative", "parents_informed_reason": f"{secret} parents", "referrer": shielded}
    ids = [door.hub.screened("red", **(FAMILY | words))]
    if others:
        door.hub.do("screener", Verb.REQUEST_INFORMATION, ids[0], agencies=list(others), question=f"{secret} first")
    door.hub.later(minutes=5)
    ours = {"agencies": ["police", "health"], "question": "Any call-outs?"}
    door.hub.do("screener", Verb.REQUEST_INFORMATION, ids[0], **ours)
    door.hub.later(minutes=5)
    hidden = door.hub.screened("red", **(FAMILY | words))
    if others:
        door.hub.do("screener", Verb.REQUEST_INFORMATION, hidden, agencies=list(others), question=f"{secret} question")
    door.hub.later(minutes=5)
    for handling in ("hub_only", "shareable_with_team", "shareable_with_family"):
        said = {"agency": "health", "reply": "partial", "summary": f"{secret} {handling}", "handling": handling}
        door.hub.do("health", Verb.RETURN_INFORMATION, ids[0], **said)
    door.hub.later(minutes=5)
    ids.append(asked(door, "police", rag="amber", question="Known?", narrative=f"{secret} second"))
    door.hub.do("police", Verb.RETURN_INFORMATION, ids[1], agency="police", reply="partial", summary="Ours.")
    decision = {"outcome": "strategy_discussion", "rationale": f"{secret} rationale", "without": ["health"]}
    door.hub.do("decider", Verb.RECORD_DECISION, ids[0], **decision)
    door.hub.do("second_decider", Verb.SIGN_OFF, ids[0], agree=True, comment=f"{secret} comment")
    door.hub.do("officer", Verb.GIVE_FEEDBACK, ids[0], note=f"{secret} feedback")
    return door, [*ids, hidden]


SOUGHT = ("Tiana Mockford", "Tianna", "Mokford", "Lee", "Kofi", "Canary", "Wren", "Kingfisher referrer", "NB", "Dana")


def visited(door: FrontDoor, ids: list[str]) -> list[bytes]:
    """All that the police desk gets to see, with what differs in every world taken out."""
    names = {contact_id: f"id{n}" for n, contact_id in enumerate(ids)}
    names |= {reference(door, contact_id): f"ref{n}" for n, contact_id in enumerate(ids)}
    paths = [
        "/desk",
        "/desk-news",
        "/desk/given",
        *(f"/desk/{i}" for i in ids),
        *(f"/desk?sent={i}" for i in ids),
        "/desk/report",
        "/queue",
    ]
    with clock.at(door.hub.at):
        browser = door.browser("police")
        answers = [browser.get(path) for path in paths]
        for contact_id in ids:
            for said in ({"reply": "information_held"}, {"reply": "nothing_known"}):
                answers.append(browser.post(f"/desk/{contact_id}", **said))
        for sought in (*SOUGHT, *names):
            answers.append(browser.post("/desk/given", sought=sought))
        answers += [browser.get(path) for path in paths]
    seen = [f"{a.status_code} {a.headers.get('location')} {a.text}" for a in answers]
    own = "|".join(rf'(?<=name="{name}" value=")[^"]*' for name in ("csrf_token", "form_key"))
    changing = rf'about-[\w-]{{22}}|nonce="[^"]*"|(?<=form_key=)[\w-]*|{own}'
    return [_renamed(re.sub(changing, "", text), names).encode() for text in seen]


def _renamed(text: str, names: dict[str, str]) -> str:
    for name, other in names.items():
        text = text.replace(name, other)
    return text


def test_two_hubs_that_differ_in_what_is_not_the_desks_look_alike_to_it(make_database: MakeDatabase) -> None:
    plain, rich = make_database("live"), make_database("live")
    here, there = lived_in(plain, "Wren", ()), lived_in(rich, "Kingfisher", ("probation", "housing", "education"))
    mine, others = visited(*here), visited(*there)
    assert {page[:3] for page in mine} == {b"200", b"303", b"403", b"404", b"422"}
    for page, other in zip(mine, others, strict=True):
        assert page == other


CANARY = "Canary"


def test_nothing_that_is_not_the_desks_is_in_any_byte_that_it_gets(database: Database) -> None:
    door, ids = lived_in(database, CANARY, ("probation",))
    door.hub.do(
        "screener", Verb.ADD_FACTS, ids[0], adults=[{"name": "Aunt", "address": "Canary", "address_withheld": 1}]
    )
    with clock.at(door.hub.at):
        for who in DESKS:
            own = {b"Canary hub_only", b"Canary shareable_with_team", b"Canary shareable_with_family"}
            for answer in _everything(door, who, ids):
                content = answer.content
                for said in own if who == "health" else ():
                    content = content.replace(said, b"")
                assert CANARY.encode() not in content, (who, answer.request.method, answer.request.url)
                assert CANARY not in str(answer.headers)


def _everything(door: FrontDoor, who: str, ids: list[str]) -> list[Any]:
    """What every route says to this desk, about every contact, asked in every way."""
    browser, answers = door.browser(who), []
    browser.get("/desk")
    for method, path, _ in all_routes():
        for contact_id in ids if "{" in path else ids[:1]:
            if path != "/sign-out":
                there = path.replace("{contact_id}", contact_id)
                data = {"csrf_token": browser.token, "reply": "information_held", "summary": "", "reason": "x"}
                fields: dict[str, Any] = {"data": data, "headers": FROM_HERE} if method == "POST" else {}
                answers.append(browser.client.request(method, there, **fields))
                answers.append(browser.client.get(f"{there}?sent={contact_id}&done=return_information"))
    return answers
