"""What is asked when an agency's desk reports a concern? The hub's form without what the hub alone has to know."""

from mash.permissions import Actor
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Agreement, Channel, Kind, Source
from web.contact_form import (
    ADULTS,
    AGREEMENT,
    CHILDREN,
    SHIELDED,
    THE_ADULTS,
    THE_CHILDREN,
    WHO,
    concerns_field,
    with_key,
)
from web.fields import Choice, Field, Look, Section, Sheet, Typed, choices

KINDS = (
    Choice(Kind.REFERRAL.value, "A referral", "You are worried about a child and ask for a decision."),
    Choice(Kind.NOTIFICATION.value, "A notification", "You are bound to tell the hub; you ask for nothing."),
)
SOURCES = {
    "police": Source.POLICE,
    "education": Source.SCHOOLS,
    "housing": Source.HOUSING,
    "probation": Source.OTHER_LEGAL,
    "early_help": Source.EARLY_HELP,
}
"""What is most often right for the desk of an agency; it may choose another."""


def report_sheet(rules: RuleSet) -> Sheet:
    """The form of a desk."""
    kind = Field("kind", "What it is", Look.RADIOS, choices=KINDS)
    source = Field("source", "Source", Look.SELECT, choices=choices(Source), required="Choose who reports it.")
    narrative = Field(
        "narrative",
        "What you are worried about",
        Look.PROSE,
        rows=8,
        hint="What was seen or said, by whom and when. Say what is fact and what is opinion.",
        required="Say what you are worried about.",
    )
    return (
        Section("The worry", fields=(kind, narrative, concerns_field(rules))),
        THE_CHILDREN,
        THE_ADULTS,
        Section("Agreement and parents", fields=AGREEMENT),
        Section("Whom the hub can ask", fields=(source, *WHO, SHIELDED), grid=True),
    )


def blank_report(actor: Actor, agency: str) -> Typed:
    """The form before anything is typed: one child, one adult, reported by the person at the desk."""
    source = SOURCES.get(actor.desk or "")
    start = {
        "kind": (Kind.REFERRAL.value,),
        "agreement-status": (Agreement.NOT_SOUGHT.value,),
        "source": (source.value,) if source else (),
        "referrer-name": (actor.name,),
        "referrer-organisation": (agency,),
    }
    return with_key(Typed(start).with_one_more(CHILDREN).with_one_more(ADULTS))


def channel_of(actor: Actor) -> Channel:
    """By which way the report of a desk arrives: a notification by the police has one of its own."""
    return Channel.POLICE_NOTIFICATION if actor.desk == "police" else Channel.ONLINE_FORM
