"""Every page, for everybody who sees a different one, in every state: the list that is printed and walked.

`python -m tests.browser.stops` writes docs/pages.md. A route at which nobody stops fails a test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from mash import clock
from mash.permissions import PERMISSIONS, Permission
from mash.vocabulary import Role, Verb
from mash.workflow.write import WHOLE_PICTURE
from tests.browser.states import WORDS, World
from tests.support.hub import PEOPLE, northbridge
from tests.support.telephone import code
from tests.support.watching import Person
from web.act_forms import FORMS
from web.app import all_routes
from web.views.contacts import ONE_BUTTON

PAGE = Path(__file__).resolve().parents[2] / "docs" / "pages.md"
COMMAND = "python -m tests.browser.stops"
NOBODY = "nobody"
Go = Callable[[Person, World], None]
STILL_WORKING = "Look whether it is done"


@dataclass(frozen=True)
class Stop:
    """One page to look at: its route, who looks, what makes it look as it does, the way there, and words it shows."""

    route: str
    who: str
    state: str
    go: Go
    shows: str


NO_PAGES = {
    "/": "leads to the first page of one's role",
    "/alerts/lines": "the part of the alerts that refreshes itself, looked at there",
    "/board/figures": "the part of the board that refreshes itself, looked at there",
    "/wall/{token}/figures": "the part of the wall that refreshes itself, looked at there",
    "/queue/lines": "the part of the queue that refreshes itself, looked at there",
    "/desk-news": "numbers for the script of a desk's list",
    "/healthz": "for a machine that watches",
    "/readyz": "for a machine that watches",
    "/metrics": "for a machine that watches",
    "/house/colour.css": "a file",
    "/house/logo": "a file",
    "/rules/text": "a file",
    "/rules/versions/{number}/text": "a file",
    "/static/{path}": "files",
}
"""Addresses that answer with no page of their own, and why."""

SEEN_APART = ("/queue", "/contacts/{contact_id}", "/alerts", "/overnight", "/advice")
"""Pages on which each role of the front door is offered something else. All others are the same for all of them."""

HUB = ("officer", "screener", "decider", "manager", "edt")
NEVER_IMPOSSIBLE = frozenset({Verb.RETURN_INFORMATION})
"""A reply is taken at any time."""
TAKEN_BLANK = frozenset({Verb.RELEASE, Verb.GIVE_FEEDBACK, Verb.CLOSE, Verb.RECORD_AGREEMENT, *ONE_BUTTON})
"""Forms that may be sent as they are: nothing can be wrong with them."""


def house_of(role: Role) -> str:
    """Roles of one house see the same, but for SEEN_APART: the front door, a desk, the administrator."""
    if Permission.VIEW_QUEUE in PERMISSIONS[role]:
        return "hub"
    return role.value


# ---- Ways ------------------------------------------------------------------------------------------------------------


def at(path: str) -> Go:
    """By address; `{rated}` in it is the contact of that name."""
    return lambda person, world: person.go(path.format(**world.ids))


def pressed(path: str, button: str, **fields: str) -> Go:
    """There, after something was typed and a button was pressed."""

    def go(person: Person, world: World) -> None:
        at(path)(person, world)
        person.fill(**fields)
        person.press(button)

    return go


def then(button: str, **fields: str) -> Go:
    """Go on from the stop before."""

    def go(person: Person, world: World) -> None:
        person.fill(**fields)
        person.press(button)

    return go


def sent(person: Person) -> None:
    """Press the button with which the form of the page is sent."""
    with person.page.expect_event("load"):
        person.page.locator("#form button.govuk-button:not(.govuk-button--secondary)").click()
    person.look()


def answered_anyhow(person: Person) -> None:
    """The first choice of every question, and words in every box."""
    for fieldset in person.page.locator("#form fieldset:has(input[type=radio], input[type=checkbox])").all():
        if not fieldset.locator("input:checked").count():
            fieldset.locator("input[type=radio], input[type=checkbox]").first.check()
    for box in person.page.locator("#form textarea").all():
        box.fill(WORDS)


# ---- The list --------------------------------------------------------------------------------------------------------


def _coming_in() -> Iterator[Stop]:
    first, second = "/sign-in", "/sign-in/code"
    yield Stop(first, NOBODY, "of a demonstration", at(first), "Sign in as somebody")
    yield Stop(first, NOBODY, "after somebody was signed out", at("/queue"), "Sign in")

    def refused(person: Person, world: World) -> None:
        person.go(first)
        in_by_password(person, "officer", "not the password")

    yield Stop(first, NOBODY, "refused", refused, "There is a problem")
    wall = "/wall/{token}"
    yield Stop(wall, NOBODY, "a link that is worth nothing", at("/wall/nothing"), "Page not found")
    yield Stop(wall, NOBODY, "a link that holds", at("/wall/{wall}"), "Waits for")
    link = "/invitation/{token}"
    yield Stop(link, NOBODY, "a link that is worth nothing", at("/invitation/nothing"), "Page not found")
    yield Stop(link, NOBODY, "a link that holds", at("/invitation/{link}"), "Education")
    yield Stop(
        link, NOBODY, "refused: the password is the username", then("Continue", new_password="education"), "problem"
    )
    chosen = then("Continue", new_password="four words make a password")
    yield Stop("/sign-in/set-up", NOBODY, "new", chosen, "Confirm")
    yield Stop("/sign-in/set-up", NOBODY, "refused: a wrong code", then("Confirm", code="000000"), "This code is wrong")

    def come_back(person: Person, world: World) -> None:
        enrolled_and_back(person, "education", "four words make a password")

    yield Stop(second, NOBODY, "asked for the code", come_back, "Your code")
    yield Stop(second, NOBODY, "refused: a wrong code", then("Continue", code="000000"), "problem")

    def wrong_recovery_code(person: Person, world: World) -> None:
        if not person.page.locator("#recovery_code").is_visible():
            person.page.get_by_text("I do not have my telephone").click()
        then("Use the recovery code", recovery_code="wrong")(person, world)

    yield Stop(second, NOBODY, "refused: a wrong recovery code", wrong_recovery_code, "problem")


def enrolled_and_back(person: Person, username: str, password: str) -> None:
    """Confirm the second factor that is being set up, go out, and come in as far as the code."""
    person.fill(code=code(person.words(".app-key").replace(" ", "")))
    person.press("Confirm")
    assert person.page.locator(".app-codes li").count() == 10
    person.survey()
    person.press("I have kept them, continue")
    person.press("Sign out")
    in_by_password(person, username, password)


def in_by_password(person: Person, username: str, password: str) -> None:
    """Username and password, from the sign-in page."""
    person.page.locator("#username").fill(username)
    person.fill(password=password)
    with person.page.expect_event("load"):
        person.page.locator("form:has(#username) .govuk-button[type=submit]:not(.govuk-password-input__toggle)").click()


def _front_door() -> Iterator[Stop]:
    for who in HUB:
        yield Stop("/queue", who, "with contacts in every state", at("/queue"), "Most urgent first")
        yield Stop(
            "/alerts",
            who,
            "with deadlines that have passed, and one contact that cannot be worked out",
            at("/alerts"),
            "cannot be worked out",
        )
        yield Stop("/overnight", who, "with a contact of the emergency duty team", at("/overnight"), "Overnight")
        yield Stop("/advice", who, "new", at("/advice"), "What was asked")
        for name in ("received", "asked", "overseen") if who != "decider" else ():
            path = "/contacts/{contact_id}"
            yield Stop(path, who, CONTACT_STATES[name], at(f"/contacts/{{{name}}}"), "What is reported")
    for name, state in CONTACT_STATES.items():
        yield Stop("/contacts/{contact_id}", "decider", state, at(f"/contacts/{{{name}}}"), "What is reported")
    yield from _lists()
    yield from _searching()
    yield from _writing()


CONTACT_STATES = {
    "received": "received, anonymous referrer",
    "unlooked": "nobody has looked at it for days; nothing was written down",
    "shielded": "shielded referrer",
    "handed_over": "from the emergency duty team",
    "screening": "in screening, somebody has it",
    "rated": "rated red",
    "paused": "with a paused clock",
    "asked": "agencies asked, one has answered",
    "answered": "every agency has answered",
    "decided": "decided, waits for oversight",
    "overseen": "overseen, siblings differ, the referrer is to be told",
    "closed": "closed",
    "returned": "returned to the referrer",
    "offered": "offered to another authority",
    "transferred": "transferred",
    "passed_on": "with the allocated worker",
    "late": "out of timescale",
}


def _lists() -> Iterator[Stop]:
    def opened(person: Person, world: World) -> None:
        person.go("/queue")
        person.page.locator("#filters summary").click()
        person.page.locator("#live-closing summary").click()

    def keys(person: Person, world: World) -> None:
        person.go("/queue")
        person.page.keyboard.press("?")

    filtered = "/queue?stage=gathering&who=nobody&late=yes&colour=amber"
    yield Stop("/queue", "screener", "filters and what is due before closing opened", opened, "Show these")
    yield Stop("/queue", "screener", "its keys explained", keys, "next contact")
    yield Stop("/queue", "screener", "filtered", at(filtered), "open contacts:")
    yield Stop("/queue", "screener", "something done from a line", at("/queue?done={screening}"), "is yours now")
    yield Stop("/queue", "screener", "finished contacts", at("/queue?show=closed"), "Finished contacts")
    yield Stop("/queue", "screener", "further finished contacts, of which there are none", at(NONE_BEFORE), "Finished")
    yield Stop("/board", "manager", "with contacts in every state", at("/board"), "open")
    link = pressed("/board", "Make a link for a wall screen")
    yield Stop("/board", "manager", "a link for the wall is made", link, "A link for the wall")
    yield Stop("/alerts", "manager", "that nobody has taken on", at("/alerts?who=nobody"), "Alerts")
    yield from _sources()
    yield Stop("/rules", "manager", "in force", at("/rules"), "Northbridge")
    yield from _late_bank_holidays()
    for who in ("manager", "administrator"):
        yield Stop("/rules/check", who, "with something to consider", at("/rules/check"), "Nobody has to ask")
    to_come = "a version to come, with nothing to consider"
    yield Stop("/rules/check", "manager", to_come, at("/rules/check"), "Nothing to consider.")
    yield Stop("/contacts/{contact_id}", "manager", "not there", at("/contacts/nothing"), "Page not found")


def _sources() -> Iterator[Stop]:
    """In this order: what is noted stays noted."""
    path, note = "/alerts/sources", "Note what is known"
    yield Stop(path, "administrator", "two are quiet, one of them known", at(path), "nothing since")
    yield Stop(path, "manager", "refused: nothing was written", pressed(path, note), "There is a problem")
    yield Stop(path, "manager", "just noted", then(note, because=WORDS), "What is known stands with the source")


def _late_bank_holidays() -> Iterator[Stop]:
    """In this order: what is announced stays announced."""
    path, show, day = "/rules/bank-holidays", "Show what would move", next_day_of_work()
    told = {"date": f"{day:%-d/%-m/%Y}", "name": "State funeral"}
    yield Stop(path, "manager", "none announced", at(path), "None.")
    yield Stop(path, "manager", "refused", pressed(path, show, date="soon"), "There is a problem")
    yield Stop(path, "manager", "what would move", pressed(path, show, **told), "Announce it")
    yield Stop(f"{path}/{{day}}", "manager", "just announced", then("Announce it"), "is announced")
    yield Stop(path, "manager", "one announced", at(path), "State funeral")


def next_day_of_work() -> date:
    """The first that is no bank holiday yet."""
    days = (clock.london_date(clock.now()) + timedelta(days=n) for n in range(1, 12))
    return next(day for day in days if day.weekday() < 5 and day not in northbridge().bank_holidays)


def _comparing() -> Iterator[Stop]:
    path, two = "/rules/compare", "/rules/compare?old=northbridge%401&new=northbridge%402"
    for who in ("manager", "administrator"):
        yield Stop(path, who, "new", at(path), "Old rules")
        yield Stop(path, who, "contacts that differ", compared(two), "Something differs for")
    yield Stop(path, "manager", "nothing differs", compared(two.replace("402", "401")), "Nothing differs")
    yield Stop(path, "manager", "refused: no such date", at(f"{two}&since=soon"), "There is a problem")


def compared(path: str) -> Go:
    """There, once it has been worked out."""

    def go(person: Person, world: World) -> None:
        person.go(path)
        while person.page.get_by_role("link", name=STILL_WORKING).count():
            person.follow(STILL_WORKING)

    return go


NONE_BEFORE = "/queue?show=closed&before=2020-01-01T00:00:00Z_x"


def _searching() -> Iterator[Stop]:
    find = "Find"
    yield Stop("/search", "officer", "new", at("/search"), "Find a contact")
    yield Stop("/search", "officer", "refused: nothing to look for", pressed("/search", find, text="a"), "problem")
    yield Stop("/search", "officer", "found", pressed("/search", find, text="Tiana"), "Tiana")
    yield Stop("/search", "officer", "nothing found", pressed("/search", find, text="Nobodyatall"), "Nothing")
    missing = at("/search?reference=NB-0000-0000")
    yield Stop("/search", "officer", "no contact of this reference", missing, "Nothing found")


def _writing() -> Iterator[Stop]:
    new, advice, out = "/contacts/new", "/advice", "/contacts/{contact_id}/screen_out"
    yield Stop(new, "officer", "new", at(new), "Record a contact")
    wrong = {"received_at-date": "31/31/2026", "children-0-date_of_birth": "soon", "referrer-name": "Yara Silva"}
    yield Stop(new, "officer", "refused", pressed(new, "Record the contact", **wrong), "problem")
    yield Stop(new, "officer", "three children", then("Add another child"), "Child 2")
    known = {"children-0-forename": "Tiana", "children-0-surname": "Mockford"}
    looked = pressed(new, "Add another child", **known)
    yield Stop(new, "officer", "with earlier contacts beside it", looked, "Mockford")
    yield Stop(advice, "officer", "refused", pressed(advice, "Record the call"), "Say what was asked.")
    yield Stop("/drafts", "decider", "with forms begun", at("/drafts"), "Rate")
    yield Stop(out, "decider", "possible", at("/contacts/{unlooked}/screen_out"), "Screen out")
    yield Stop(out, "decider", "as it was begun", at("/contacts/{simple}/screen_out"), "You began this form")
    yield Stop(out, "decider", "impossible", at("/contacts/{asked}/screen_out"), "Not possible now.")

    def refused(person: Person, world: World) -> None:
        person.go(f"/contacts/{world.ids['unlooked']}/screen_out")
        sent(person)

    yield Stop(out, "decider", "refused", refused, "There is a problem")


def _desk() -> Iterator[Stop]:
    path, mine = "/desk/{contact_id}", "/desk/{asked}"
    yield Stop("/desk", "police", "with requests, one out of timescale", at("/desk"), "await your reply")
    yield Stop("/desk", "health", "with what was given", at("/desk"), "What we gave before")

    def about_to_say(person: Person, world: World) -> None:
        person.go("/desk")
        person.page.locator(".app-nothing summary").first.click()

    yield Stop("/desk", "police", "about to say “nothing known”", about_to_say, "Yes: nothing known")
    yield Stop(path, "police", "as its reply was begun", at(mine), "You began this form")
    yield Stop(path, "police", "refused", pressed("/desk/{late}", "Send reply"), "Choose your reply.")
    yield Stop(path, "health", "the rest of a reply awaited", at(mine), "Seen twice")
    yield Stop(path, "education", "answered", at("/desk/{answered}"), "Nothing known")
    yield Stop(path, "education", "not asked of this desk", at("/desk/{rated}"), "Page not found")
    yield Stop("/desk/given", "health", "new", at("/desk/given"), "Search")
    yield Stop("/desk/given", "health", "found", pressed("/desk/given", "Search", sought="Tiana"), "found")
    nothing = pressed("/desk/given", "Search", sought="Nobodyatall")
    yield Stop("/desk/given", "health", "nothing found", nothing, "Nothing found.")
    yield Stop("/desk/report", "police", "new", at("/desk/report"), "Report a concern")
    report = pressed("/desk/report", "Send to the hub")
    yield Stop("/desk/report", "police", "refused", report, "Say what you are worried about.")
    for path in ("/contacts/new", "/advice"):
        yield Stop(path, "police", "leads to the desk’s own form", at(path), "Report a concern")
    for verb in (Verb.ADD_FACTS, Verb.RETURN_INFORMATION):
        at_contact = at(f"/contacts/{{asked}}/{verb}")
        yield Stop(f"/contacts/{{contact_id}}/{verb}", "police", "refused to a desk", at_contact, "You may not do this")


def _own_pages() -> Iterator[Stop]:
    for who in ("officer", "police", "administrator"):
        yield Stop("/account", who, "signed in", at("/account"), "Your account")
        yield Stop(
            "/drafts", who, "nothing begun" if who != "police" else "a reply begun", at("/drafts"), "Begun and not sent"
        )
        for path, words in (("password", "New password"), ("confirm", "assword"), ("second-factor", "econd factor")):
            yield Stop(f"/account/{path}", who, "new", at(f"/account/{path}"), words)
        if who != "police":
            yield Stop("/account/messages", who, "filled in", at("/account/messages"), "Where alerts reach you")
    unfinished = pressed("/account/messages", "Save", email="officer", quiet_from="22:00")
    yield Stop("/account/messages", "officer", "refused", unfinished, "This is not an e-mail address.")
    own = "/account/second-factor"
    yield Stop(own, "officer", "being set up", pressed(own, "Set up a second factor"), "Confirm")
    yield Stop(own, "officer", "refused: a wrong code", then("Confirm", code="000000"), "This code is wrong")
    changing = pressed("/account/password", "Set the password", new_password="officer")
    yield Stop("/account/password", "officer", "refused", changing, "problem")


def _administration() -> Iterator[Stop]:
    who, users, one = "administrator", "/admin/users", "/admin/users/{user_id}"
    yield Stop(users, who, "everybody", at(users), "Screener")
    yield Stop(users, who, "nobody fits", pressed(users, "Find", words="Nobodyatall"), "Nobody fits.")
    yield Stop("/admin/users/new", who, "new", at("/admin/users/new"), "Add a user")
    yield Stop("/admin/users/new", who, "refused", then("Add the user"), "Choose a role.")
    yield Stop(one, who, "somebody", at("/admin/users/{user_screener}"), "Screener")
    yield Stop(one, who, "somebody who is waited for", at("/admin/users/{user_education}"), "Education")
    yield Stop(one, who, "deactivated", at("/admin/users/{user_former}"), "Former")
    yield Stop(one, who, "oneself", at("/admin/users/{user_administrator}"), "This is you.")
    yield Stop(one, who, "a link was made", pressed("/admin/users/{user_health}", "Make a link"), "A link for Health")
    yield Stop("/admin/sessions", who, "several signed in", at("/admin/sessions"), "Sessions")
    yield Stop("/admin/desks", who, "some with nobody", at("/admin/desks"), "Nobody can answer for")
    yield Stop("/admin/messages", who, "e-mail fails and some wait", at("/admin/messages"), "Connection refused")
    yield Stop("/rules", who, "in force", at("/rules"), "Northbridge")
    yield Stop("/contacts/{contact_id}", who, "refused to this role", at("/contacts/{rated}"), "You may not do this")


def _explaining() -> Iterator[Stop]:
    why, what_if, year = "/contacts/{contact_id}/why", "/rules/what-if", "/rules/calendar"
    yield Stop(why, "manager", "nothing suggested", at("/contacts/{unlooked}/why"), "No rule matched: you judge.")
    yield Stop(why, "manager", "with a clock that stands still", at("/contacts/{paused}/why"), "It stands still since")
    yield Stop(why, "manager", "out of timescale", at("/contacts/{late}/why"), "Out of timescale since")
    yield Stop(why, "manager", "ended", at("/contacts/{closed}/why"), "What started it")
    yield Stop(why, "manager", "not there", at("/contacts/nothing/why"), "Page not found")
    yield Stop(what_if, "manager", "now", at(what_if), "Counted from its arrival")
    unreadable = {"when-date": "24 Dec", "when-time": "16:50"}
    show = "Show what would be due"
    yield Stop(what_if, "manager", "refused: no date", pressed(what_if, show, **unreadable), "There is a problem")
    doubled = {"when-date": "31/10/2027", "when-time": "01:30"}
    yield Stop(what_if, "manager", "refused: which of two", pressed(what_if, show, **doubled), "Which of the two?")
    before = {"when-date": "24/12/2024", "when-time": "16:50"}
    yield Stop(what_if, "manager", "refused: no rules yet", pressed(what_if, show, **before), "are in force")
    yield Stop(year, "manager", "the hub", at(year), "The next days that are not as usual")
    yield Stop(year, "manager", "an agency", at(f"{year}?of=education"), "Open and closed: Education")
    yield Stop("/rules/timescales", "manager", "in force", at("/rules/timescales"), "What out of hours means")
    for path in (what_if, year, "/rules/timescales"):
        yield Stop(path, "administrator", "in force", at(path), "Northbridge")


def acts() -> Iterator[Stop]:
    """The form of every act: possible, not possible, refused, and when somebody else was quicker."""
    for verb in FORMS:
        route, who = f"/contacts/{{contact_id}}/{verb}", _who_does(verb)
        yield Stop(route, who, "possible", _form(verb), FORMS[verb].button)
        if verb not in NEVER_IMPOSSIBLE:
            yield Stop(route, who, "not possible now", _form(verb, possible=False), "Not possible now.")
        if verb not in TAKEN_BLANK:
            yield Stop(route, who, "refused: sent without an answer", _blank(verb), "There is a problem")
        if verb in WHOLE_PICTURE:
            yield Stop(route, who, "somebody else was quicker", _conflict(verb), "The contact has changed")
    begun = at("/contacts/{rated}/rate_contact")
    yield Stop("/contacts/{contact_id}/rate_contact", "decider", "as it was begun", begun, "You began this form")


def _who_does(verb: Verb) -> str:
    return "manager" if verb in (Verb.SIGN_OFF, Verb.ANNUL_BREACH) else "decider"


def _form(verb: Verb, *, possible: bool = True) -> Go:
    def go(person: Person, world: World) -> None:
        who = _who_does(verb)
        contact_id = (world.possible if possible else world.impossible)(verb, who)
        person.go(f"/contacts/{contact_id}/{verb}")

    return go


def _blank(verb: Verb) -> Go:
    def go(person: Person, world: World) -> None:
        _form(verb)(person, world)
        for box in person.page.locator("#form textarea").all():
            box.fill("")
        chosen = person.page.locator("#form input[type=checkbox]:checked")
        while chosen.count():
            chosen.first.uncheck()
        sent(person)

    return go


def _conflict(verb: Verb) -> Go:
    def go(person: Person, world: World) -> None:
        _form(verb)(person, world)
        answered_anyhow(person)
        contact_id = person.page.url.split("/")[-2]
        world.hub.do("officer", Verb.ADD_NOTE, contact_id, note="Rang mum 2:10pm, no answer.")
        sent(person)

    return go


def _nothing_yet() -> Iterator[Stop]:
    for path, shows in {
        "/queue": "Nothing waits.",
        "/alerts": "",
        "/board": "0 open",
        "/alerts/sources": "No contact with a source",
        "/overnight": "",
        "/search": "Find a contact",
        "/drafts": "Begun and not sent",
    }.items():
        yield Stop(path, "screener", "nothing has happened yet; the timers have never run", at(path), shows)
    yield Stop("/queue", "screener", "nothing is like this", at("/queue?stage=ready&who=me"), "No open contact")
    yield Stop("/queue", "screener", "nothing finished yet", at("/queue?show=closed"), "No contact has been closed")
    same = "/rules/compare?old=northbridge%401&new=northbridge%401"
    yield Stop("/rules/compare", "manager", "no past work", at(same), "there is no past work to compare")
    yield Stop("/admin/messages", "administrator", "nothing is sent", at("/admin/messages"), "Nothing is sent")
    yield Stop("/desk", "police", "nothing has been asked yet", at("/desk"), "Nothing awaits your reply.")


def _versions_of_rules() -> Iterator[Stop]:
    versions, one, who = "/rules/versions", "/rules/versions/{number}", "administrator"
    for somebody in ("manager", who):
        yield Stop(versions, somebody, "in force, still to come, withdrawn", at(versions), "Still to come")
        yield Stop(one, somebody, "in force", at("/rules/versions/1"), "It is the first on record.")
        yield Stop(one, somebody, "still to come", at("/rules/versions/2"), "What it changed")
    yield Stop(one, "manager", "withdrawn", at("/rules/versions/3"), "Withdrawn")
    yield Stop(one, "manager", "in force on a day", at("/rules/versions?on=27/3/2026"), "This was in force on")
    yield Stop(one, "manager", "not on record", at("/rules/versions/7"), "Page not found")
    yield Stop(versions, "manager", "refused: no rules on that day", at("/rules/versions?on=1/1/2020"), "problem")
    new, known, send = "/rules/proposals", "/rules/proposals/{proposal_id}", "Look at what it would change"
    yield Stop(new, who, "with a proposal that is open", at(new), "Proposed, and not in force")
    yield Stop(new, who, "with a text to start from", at(f"{new}?start=newest"), "The text of the rules")
    yield Stop(new, who, "refused", pressed(new, send, text="name: elsewhere\nversion: 1"), "problems in the text")
    proposal = "/rules/proposals/{proposal_open}"
    yield Stop(known, who, "open", at(proposal), "What it would change")
    day = {"from": "1/1/2026"}
    yield Stop(
        known, who, "refused: a day gone by", pressed(proposal, "Next: what exactly will happen", **day), "problem"
    )
    yield Stop(known, who, "put in force", at("/rules/proposals/{proposal_coming}"), "put it in force")
    yield Stop(known, who, "thrown away", at("/rules/proposals/{proposal_discarded}"), "threw it away")
    confirm = f"{known}/confirm"
    yield Stop(confirm, who, "what will happen", at(f"{proposal}/confirm?day={{day}}"), "What will happen")
    button = "Put version 4 in force"
    yield Stop(confirm, who, "refused", pressed(f"{proposal}/confirm?day=2026-01-01", button), "There is a problem")


PAGES = (
    *_coming_in(),
    *_front_door(),
    *_comparing(),
    *_desk(),
    *_own_pages(),
    *_administration(),
    *_explaining(),
    *_versions_of_rules(),
)
ACTS = tuple(acts())
EMPTY = tuple(_nothing_yet())
EVERY = (*PAGES, *ACTS, *EMPTY)


# ---- The printed list ------------------------------------------------------------------------------------------------


def missing() -> list[tuple[str, str]]:
    """Pages, with the role or house that sees them, at which nobody stops. Empty unless a page was forgotten."""
    stops = {(stop.route, PEOPLE[stop.who][0]) for stop in EVERY if stop.who != NOBODY}
    seen = stops | {(route, house_of(role)) for route, role in stops}
    seen |= {(stop.route, NOBODY) for stop in EVERY if stop.who == NOBODY}
    return [(path, who) for path, who in _needed() if (path, who) not in seen]


def _needed() -> Iterator[tuple[str, str]]:
    """Every page with everybody who sees it: each role of its own where that matters, else one of each house."""
    for method, path, permission in all_routes():
        if method != "GET" or path in NO_PAGES:
            continue
        if permission == "public":
            yield path, NOBODY
            continue
        for role, may in PERMISSIONS.items():
            if role is not Role.SYSTEM and Permission(permission) in may:
                yield path, (role if path in SEEN_APART and house_of(role) == "hub" else house_of(role))


def as_markdown() -> str:
    """docs/pages.md."""
    rows = sorted({(stop.route, _called(stop.who), stop.state) for stop in EVERY})
    lines = [f"| `{route}` | {who} | {state} |" for route, who, state in rows]
    others = [f"- `{path}`: {why}" for path, why in NO_PAGES.items()]
    apart = ", ".join(f"`{path}`" for path in SEEN_APART)
    return INTRODUCTION.format(n=len(rows), command=COMMAND, apart=apart) + "\n".join(
        [*lines, "", "## Addresses without a page", "", *others, ""]
    )


def _called(who: str) -> str:
    if who == NOBODY:
        return "nobody signed in"
    role, desk = PEOPLE[who]
    return f"{role.label.lower()}, {desk}" if desk else role.label.lower()


INTRODUCTION = """# Pages

Every page, for everybody who sees a different one, in every state that makes it look different: {n} in all. Each is
looked at in a real browser by `make test`: with axe-core (WCAG 2.2 AA) 375 and 1280 pixels wide, and for what is too
wide, cut off, without a name or too small to hit at 320, 375, 640, 768 and 1280.

The list is made from the routes. A page at which nobody stops fails a test, and so does a list that is not in step:
`{command}` writes it. All who work at the front door see the same, but for {apart}, which each of them
is led to; of the other pages one of them looks, and one desk, and the administrator, where these may.

| page | seen by | state |
|---|---|---|
"""


def main() -> None:
    """Write the list."""
    PAGE.write_text(as_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
