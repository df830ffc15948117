"""What is asked when somebody reports? The form with which a contact is recorded, for the hub and for desks."""

import re
import secrets
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from mash.clock import london_date
from mash.rules.ruleset import RuleSet
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Relationship, Sex, Source
from mash.workflow.details import AddFacts, ReceiveContact
from web.fields import Choice, Field, Group, Look, Section, Sheet, Typed, choices
from web.forms import Errors, Read, read
from web.wall import Unreadable, read_about
from web.words import marked

Reported = TypeVar("Reported", ReceiveContact, AddFacts)
YES_NO_UNKNOWN = (Choice("yes", "Yes"), Choice("no", "No"), Choice("", "Not known"))
KEY = "form_key"
_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)

CHILDREN = Group(
    "children",
    "Child {n}",
    "Add a child",
    "Add another child",
    (
        Field("forename", "Forename"),
        Field("surname", "Surname"),
        Field("date_of_birth", "Date of birth", Look.DAY, hint="Like 22/6/2015"),
        Field("expected_date_of_delivery", "Not yet born: expected", Look.DAY, hint="An estimate will do"),
        Field("sex", "Sex", Look.RADIOS, choices=choices(Sex), inline=True, wide=True),
        Field("nhs_number", "NHS number"),
        Field("open_case", "Has an allocated worker", Look.TICK),
        Field("address", "Address", wide=True),
        Field("postcode", "Postcode"),
        Field("address_withheld", "Address must be withheld", Look.TICK, hint="Refuge, adoption, protection"),
    ),
    keeps_blank=True,
)
ADULTS = Group(
    "adults",
    "Adult {n}",
    "Add an adult",
    "Add another adult",
    (
        Field("name", "Name"),
        Field("relationship", "Relationship to the children", Look.SELECT, choices=choices(Relationship)),
        Field("role", "Part in this", Look.SELECT, choices=choices(AdultRole)),
        Field("date_of_birth", "Date of birth", Look.DAY, hint="Like 4/11/1988"),
        Field("address", "Address, if not the children’s", wide=True),
        Field("address_withheld", "Address must be withheld", Look.TICK),
    ),
)

ARRIVAL = Section(
    "How it arrived",
    fields=(
        Field("kind", "Kind of contact", Look.RADIOS, choices=choices(Kind), inline=True),
        Field(
            "received_at",
            "When it arrived",
            Look.WHEN,
            hint="The clocks count from here, also when you type it in later.",
            required="Say when it arrived.",
        ),
        Field("channel", "Channel", Look.RADIOS, choices=choices(Channel), inline=True),
    ),
)
WHO = (
    Field("referrer-name", "Name", begins=True),
    Field("referrer-phone", "Phone"),
    Field("referrer-role", "Role", hint="Teacher, neighbour, grandmother"),
    Field("referrer-organisation", "Organisation"),
    Field("referrer-email", "E-mail"),
)
SOURCE = Field("source", "Source", Look.SELECT, choices=choices(Source))
ANONYMOUS = Field("referrer-anonymous", "Wants to stay anonymous", Look.TICK, hint="Nobody will be told an outcome")
SHIELDED = Field("referrer-shielded", "Must be shielded from the family", Look.TICK, hint="The family must never learn")
REFERRER = Section("Who is calling", fields=(*WHO, SOURCE, ANONYMOUS, SHIELDED), grid=True)
THE_CHILDREN = Section("Children", hint="Leave blank what is not known. An unknown name is fine.", group=CHILDREN)
THE_ADULTS = Section("Adults around the children", hint="Parents, partners, carers, others at home.", group=ADULTS)
AGREEMENT = (
    Field(
        "agreement-status",
        "Agreement to a service",
        Look.RADIOS,
        hint="Never the basis for sharing information.",
        choices=choices(Agreement),
        inline=True,
    ),
    Field("agreement-reason", "About agreement", Look.PROSE, rows=2, hint="Needed for “not required”."),
    Field("parents_informed", "Do the parents know of this contact?", Look.YES_NO, choices=YES_NO_UNKNOWN, inline=True),
    Field("parents_informed_reason", "About informing the parents", Look.PROSE, rows=2),
)


_ABOUT = marked("22/6/2015, about 2014, aged 9")
_CHILDREN_IN_A_CALL = replace(
    THE_CHILDREN,
    group=replace(
        CHILDREN, fields=tuple(replace(f, hint=_ABOUT) if f.name == "date_of_birth" else f for f in CHILDREN.fields)
    ),
)


def concerns_field(rules: RuleSet, known: tuple[str, ...] = ()) -> Field:
    """The concerns of the rule set that are not known yet."""
    left = [Choice(code, label) for code, label in rules.concerns.items() if code not in known]
    return Field("concerns", "Concerns", Look.CHECKBOXES, hint="Tick all that apply.", choices=tuple(left))


def contact_sheet(rules: RuleSet) -> Sheet:
    """The form of the hub: everything that a contact may hold, in the order in which a call goes."""
    narrative = Field("narrative", "What is reported", Look.PROSE, rows=8, hint="As it was said. Whose words are they?")
    return (
        REFERRER,
        _CHILDREN_IN_A_CALL,
        THE_ADULTS,
        Section("The worry", fields=(narrative, concerns_field(rules))),
        Section("Agreement and parents", fields=AGREEMENT),
        ARRIVAL,
    )


def people_sheet(rules: RuleSet, known: tuple[str, ...]) -> Sheet:
    """The form for what becomes known later."""
    return (THE_CHILDREN, THE_ADULTS, Section(fields=(concerns_field(rules, known),)))


def blank_contact(now: datetime) -> Typed:
    """The form before anything is typed: a call taken now, one child, one adult; a key to store it once."""
    start = Typed({"kind": (Kind.REFERRAL,), "channel": (Channel.PHONE,), "agreement-status": (Agreement.NOT_SOUGHT,)})
    return with_key(start.plus(Typed.at("received_at", now).values).with_one_more(CHILDREN).with_one_more(ADULTS))


def with_key(typed: Typed) -> Typed:
    """The form with the key that makes sending it twice harmless."""
    return typed if _KEY.fullmatch(typed.one(KEY)) else typed.plus({KEY: (secrets.token_urlsafe(16),)})


def read_contact(sheet: Sheet, typed: Typed, now: datetime) -> Read[ReceiveContact]:
    """The contact, or what is wrong with which field. `typed` must be tidied."""
    found = read(sheet, _with_ages_in_words(sheet, typed, now), ReceiveContact)
    if typed.count(CHILDREN) == 0:
        return Read(None, found.errors | {"children": marked("Add a child. Nothing about the child has to be known.")})
    return _checked(found, now)


def _with_ages_in_words(sheet: Sheet, typed: Typed, now: datetime) -> Typed:
    """`about 2014` is no date of birth: it goes among the words of the report, as it was said."""
    said = []
    for n in range(typed.count(CHILDREN)):
        name = f"children-{n}-date_of_birth"
        if not _is_about(typed.one(name), now):
            continue
        names = " ".join(filter(None, (typed.one(f"children-{n}-{part}") for part in ("forename", "surname"))))
        said.append(f"Age of {names or f'child {n + 1}'} as given: {typed.one(name)}.")
        typed = typed.plus({name: ("",)})
    narrative = next(f for section in sheet for f in section.fields if f.name == "narrative")
    if not said or (narrative.required and not typed.one("narrative")):
        return typed
    return typed.plus({"narrative": ("\n\n".join(filter(None, (typed.one("narrative"), "\n".join(said)))),)})


def _is_about(text: str, now: datetime) -> bool:
    """Whether it is a time of birth, but not a day."""
    try:
        first, last = read_about(text, london_date(now))
    except Unreadable:
        return False
    return first != last


def read_facts(sheet: Sheet, typed: Typed, now: datetime) -> Read[AddFacts]:
    """Further people and concerns, or what is wrong with which field. `typed` must be tidied."""
    return _checked(read(sheet, typed, AddFacts), now)


def _checked(found: Read[Reported], now: datetime) -> Read[Reported]:
    if found.details is None:
        return found
    wrong = _wrong_dates(found.details, now)
    return replace(found, details=None, errors=wrong) if wrong else found


def _wrong_dates(details: ReceiveContact | AddFacts, now: datetime) -> Errors:
    wrong, today = {}, london_date(now)
    for n, child in enumerate(details.children):
        born, expected = child.date_of_birth, child.expected_date_of_delivery
        if born and expected:
            wrong[f"children-{n}-expected_date_of_delivery"] = marked(
                "Give a date of birth or an expected date, not both."
            )
        if born and born > today:
            wrong[f"children-{n}-date_of_birth"] = marked(
                "This date is still to come. Not yet born? Use the expected date."
            )
    for n, adult in enumerate(details.adults):
        if adult.date_of_birth and adult.date_of_birth > today:
            wrong[f"adults-{n}-date_of_birth"] = marked("This date is still to come.")
    if isinstance(details, ReceiveContact) and details.received_at and details.received_at > now:
        wrong["received_at-time"] = marked("This time is still to come.")
    return wrong
