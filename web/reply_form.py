"""What does a desk say when it answers? The form of a reply, and what is wrong with one."""

from dataclasses import replace

from mash.agencies.desks import AskedAbout, DeskRequest
from mash.permissions import Actor
from mash.vocabulary import Handling, Reply
from mash.workflow.details import ReturnInformation
from web.fields import Choice, Field, Look, Section, Sheet, Typed, choices
from web.forms import Read, read
from web.words import marked

HOW_FAR = marked(
    {
        Handling.HUB_ONLY: "Stays inside the hub. It leaves only if your agency agrees.",
        Handling.SHAREABLE_WITH_TEAM: "May go to the workers who take the family on. The family is not told.",
        Handling.SHAREABLE_WITH_FAMILY: "May be told to the family.",
    }
)
"""How far each handling label lets words travel, in a sentence for whoever gives them."""

NEEDS_WORDS = marked(
    {
        Reply.INFORMATION_HELD: "Say what you know.",
        Reply.PARTIAL: "Say what you know so far.",
        Reply.CANNOT_SHARE: "Say why you cannot share it.",
    }
)
"""Replies that help nobody without words."""

_UNSAID = "unsaid"
_AGENCY = Field("agency", "Agency")
_REPLY = Field(
    "reply", "What can you say?", Look.RADIOS, choices=choices(Reply), required="Choose your reply.", inline=True
)
_SUMMARY = Field(
    "summary",
    "What you know, or why you cannot share it",
    Look.PROSE,
    hint="What bears on the children’s safety, and nothing else. Say what is fact and what is opinion.",
    rows=6,
)
_HANDLING = Field(
    "handling",
    "How far may it travel?",
    Look.RADIOS,
    choices=tuple(Choice(label.value, label.label, sentence) for label, sentence in HOW_FAR.items()),
)


def _risk(request: DeskRequest) -> Field:
    colours = tuple(Choice(code, label) for code, label in reversed(request.colours))
    choices_shown = (Choice(_UNSAID, "Not saying"), *colours)
    return Field("risk", "How you see the risk, if you wish to say", Look.RADIOS, choices=choices_shown, inline=True)


def reply_sheet(request: DeskRequest) -> Sheet:
    """The questions of the form; the agency is not asked but known."""
    return (Section(fields=(_REPLY, _SUMMARY, _HANDLING, _risk(request))),)


def lines(request: DeskRequest) -> tuple[Field, ...]:
    """A line for each person whom the desk sees. One reply goes to the hub: the lines become its words."""
    return tuple(
        Field(f"about-{person.id}", f"{person.name}: {person.in_words}", Look.PROSE, rows=2)
        for person in (*request.children, *request.adults)
    )


def _in_one(request: DeskRequest, typed: Typed) -> Typed:
    """What is said of all, and below it what is said of each."""
    people = (*request.children, *request.adults)
    said = [(person, typed.one(f"about-{person.id}")) for person in people]
    each = [f"{_named(person, people)}: {words}" for person, words in said if words]
    return typed.plus({"summary": ("\n\n".join(filter(None, (typed.one("summary"), *each))),)})


def _named(person: AskedAbout, people: tuple[AskedAbout, ...]) -> str:
    """The name; with what tells them apart where two are named alike."""
    is_alone = sum(other.name == person.name for other in people) == 1
    return person.name if is_alone else f"{person.name} ({person.in_words.lower()})"


def blank_reply() -> Typed:
    """The form before anything is typed: for the hub only, until somebody says otherwise."""
    return Typed({"handling": (Handling.HUB_ONLY.value,), "risk": (_UNSAID,)})


def read_reply(request: DeskRequest, actor: Actor, typed: Typed) -> Read[ReturnInformation]:
    """The reply of the actor's own agency, or what is wrong with which field."""
    (asked,) = reply_sheet(request)
    sheet = (replace(asked, fields=(_AGENCY, *asked.fields)),)
    risk = typed.one("risk")
    known = {"agency": (actor.desk or "",), "risk": ("" if risk == _UNSAID else risk,)}
    found = read(sheet, _in_one(request, typed).plus(known), ReturnInformation)
    said = found.details
    if said is None:
        return found
    wrong = {}
    if said.reply in NEEDS_WORDS and not said.summary:
        wrong["summary"] = NEEDS_WORDS[said.reply]
    if said.risk and said.risk not in dict(request.colours):
        wrong["risk"] = marked("Choose one of these.")
    return Read(None, wrong) if wrong else found
