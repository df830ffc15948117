"""Every closed list of words that the front door uses. Imports nothing of ours.

The words are those of the field (docs/glossary.md). A member's value is what is stored and exchanged; `label` is what
a person reads. What differs from borough to borough (colours, outcomes, concerns, agencies, clocks) is not here but
in the borough's rule set.
"""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A closed list whose members carry the words shown on screen."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class State(Labelled):
    """Where a contact is in the workflow ("stage" on screen). Source: replay format, section 2."""

    RECEIVED = "received", "Received"
    SCREENING = "screening", "Screening"
    RATED = "rated", "Rated"
    GATHERING = "gathering", "Gathering information"
    READY = "ready", "Ready to decide"
    AWAITING_SIGN_OFF = "awaiting_sign_off", "Awaiting management oversight"
    DECIDED = "decided", "Decided"
    CLOSED = "closed", "Closed"
    RETURNED = "returned", "Returned to referrer"
    TRANSFERRING = "transferring", "Being transferred"
    TRANSFERRED = "transferred", "Transferred"
    WITH_ALLOCATED_WORKER = "with_allocated_worker", "With allocated worker"


FINISHED = frozenset({State.CLOSED, State.TRANSFERRED})
"""Stages in which nothing more is asked of the hub. All other contacts are open."""


class Verb(Labelled):
    """What can be done to a contact. One name for the operation, the trigger, the audit action and the permission."""

    RECEIVE_CONTACT = "receive_contact", "Record a contact"
    CLAIM = "claim", "Take it on"
    RELEASE = "release", "Put it back in the queue"
    HAND_TO = "hand_to", "Hand it to a colleague"
    TAKE_ALERT = "take_alert", "Take an alert on"
    HAND_ALERT_TO = "hand_alert_to", "Hand an alert to a colleague"
    ADD_NOTE = "add_note", "Add a note"
    ADD_FACTS = "add_facts", "Add people or concerns"
    RECORD_AGREEMENT = "record_agreement", "Record agreement"
    ACKNOWLEDGE = "acknowledge", "Acknowledge to the referrer"
    ACCEPT_HANDOVER = "accept_handover", "Accept the hand-over"
    CONFIRM_READ = "confirm_read", "Confirm that the worker has read it"
    START_SCREENING = "start_screening", "Start screening"
    RATE_CONTACT = "rate_contact", "Rate"
    REQUEST_INFORMATION = "request_information", "Ask agencies"
    RETURN_INFORMATION = "return_information", "Record a reply"
    PROCEED_WITHOUT = "proceed_without", "Stop waiting for a reply"
    RECORD_DECISION = "record_decision", "Record the decision"
    WITHDRAW_DECISION = "withdraw_decision", "Withdraw the decision"
    SIGN_OFF = "sign_off", "Management oversight"
    GIVE_FEEDBACK = "give_feedback", "Tell the referrer the outcome"
    RECORD_EVENT = "record_event", "Record an event"
    PAUSE_CLOCK = "pause_clock", "Pause a clock"
    RESUME_CLOCK = "resume_clock", "Resume a clock"
    LIFT_DEADLINE = "lift_deadline", "Lift a deadline"
    RESOLVE_BREACH = "resolve_breach", "Say why it was out of timescale"
    ANNUL_BREACH = "annul_breach", "Annul an “out of timescale”"
    RETURN_TO_REFERRER = "return_to_referrer", "Return to the referrer"
    RESUBMIT = "resubmit", "Record that it came back"
    TRANSFER_OUT = "transfer_out", "Transfer to another authority"
    TRANSFER_ACCEPTED = "transfer_accepted", "Record that the transfer was accepted"
    TRANSFER_REFUSED = "transfer_refused", "Take back the transfer"
    REOPEN = "reopen", "Reopen"
    CLOSE = "close", "Close"
    ANNOUNCE_BANK_HOLIDAY = "announce_bank_holiday", "Announce a bank holiday"


class Role(Labelled):
    """Who somebody is at the front door. A desk belongs to one agency."""

    CONTACT_OFFICER = "contact_officer", "Contact officer"
    SCREENER = "screener", "Screener"
    DECISION_MAKER = "decision_maker", "Decision maker"
    EDT = "edt", "Emergency duty team"
    SERVICE_MANAGER = "service_manager", "Service manager"
    DESK = "desk", "Agency desk"
    ADMINISTRATOR = "administrator", "Administrator"
    SYSTEM = "system", "The system"


class Kind(Labelled):
    """The four kinds of contact; only a referral asks for a service."""

    REFERRAL = "referral", "Referral"
    NOTIFICATION = "notification", "Notification"
    INFORMATION_REQUEST = "information_request", "Request for information"
    ADVICE = "advice", "Advice call"


class Channel(Labelled):
    """The way by which a contact arrived."""

    PHONE = "phone", "Phone"
    ONLINE_FORM = "online_form", "Online form"
    EMAIL = "email", "E-mail"
    POLICE_NOTIFICATION = "police_notification", "Police notification"
    LETTER = "letter", "Letter"
    IN_PERSON = "in_person", "In person"


class Agreement(Labelled):
    """Agreement of the family to a service. Never the basis on which information is shared."""

    GIVEN = "given", "Given"
    REFUSED = "refused", "Refused"
    NOT_SOUGHT = "not_sought", "Not sought"
    NOT_REQUIRED = "not_required", "Not required"


class Reply(Labelled):
    """What an agency says to a request."""

    INFORMATION_HELD = "information_held", "Information held"
    PARTIAL = "partial", "Part of it; more to come"
    NOTHING_KNOWN = "nothing_known", "Nothing known"
    CANNOT_SHARE = "cannot_share", "Cannot share"


class Handling(Labelled):
    """How far what an agency gave may travel."""

    HUB_ONLY = "hub_only", "Hub only"
    SHAREABLE_WITH_TEAM = "shareable_with_team", "Shareable with the team"
    SHAREABLE_WITH_FAMILY = "shareable_with_family", "Shareable with the family"


class Sex(Labelled):
    """CIN census code set `Sex` (2025 and later); U is the only value for an unborn child."""

    MALE = "M", "Male"
    FEMALE = "F", "Female"
    UNKNOWN = "U", "Not known"


class Relationship(Labelled):
    """What an adult is to the children."""

    MOTHER = "mother", "Mother"
    FATHER = "father", "Father"
    PARTNER_OF_PARENT = "partner_of_parent", "Partner of a parent"
    GRANDPARENT = "grandparent", "Grandparent"
    OTHER = "other", "Other"


class AdultRole(Labelled):
    """The part that an adult plays in the contact."""

    CARER = "carer", "Carer"
    ALLEGED_PERPETRATOR = "alleged_perpetrator", "Person said to pose the risk"
    OTHER = "other", "Other"


class AlertKind(Labelled):
    """What the sweep can tell about a deadline."""

    WARNING = "warning", "Due soon"
    BREACH = "breach", "Out of timescale"
    ESCALATION = "escalation", "Still out of timescale"


class Cause(Labelled):
    """Why something was out of timescale. No rule set need define it: a service compares causes over time."""

    ARRIVED_LATE = "arrived_late", "It reached us late"
    WAITING_FOR_PARTNER = "waiting_for_partner", "Waiting for a partner agency"
    FAMILY_NOT_REACHED = "family_not_reached", "The family could not be reached"
    CAPACITY = "capacity", "Not enough people, or too much at once"
    OVERLOOKED = "overlooked", "It was overlooked"
    SYSTEM_FAULT = "system_fault", "A fault of a system"
    OTHER = "other", "Something else"


class Source(Labelled):
    """CIN census `ReferralSource` (CBDS N00152), also Annex A `Contact Source`. 5D is in force from 2023."""

    FAMILY = "1A", "Individual: family member, relative or carer"
    ACQUAINTANCE = "1B", "Individual: acquaintance (including neighbours and child minders)"
    SELF = "1C", "Individual: self"
    OTHER_INDIVIDUAL = "1D", "Individual: other (including strangers or MPs)"
    SCHOOLS = "2A", "Schools"
    EDUCATION = "2B", "Education services"
    GP = "3A", "Health services: GP"
    HEALTH_VISITOR = "3B", "Health services: health visitor"
    SCHOOL_NURSE = "3C", "Health services: school nurse"
    OTHER_PRIMARY_HEALTH = "3D", "Health services: other primary health services"
    EMERGENCY_DEPARTMENT = "3E", "Health services: A&E"
    OTHER_HEALTH = "3F", "Health services: other (for example hospice)"
    HOUSING = "4", "Housing: local authority housing or housing association"
    SOCIAL_CARE = "5A", "LA services: social care, for example adults' social care"
    OTHER_INTERNAL = "5B", "LA services: other internal, not social care or early help"
    OTHER_AUTHORITY = "5C", "LA services: external, another authority's services"
    EARLY_HELP = "5D", "LA services: early help"
    POLICE = "6", "Police"
    OTHER_LEGAL = "7", "Other legal agency: courts, probation, immigration, Cafcass, prison"
    OTHER = "8", "Other: children's centres, independent agency providers, voluntary organisations"
    ANONYMOUS = "9", "Anonymous"
    UNKNOWN = "10", "Unknown"


SHORT_SOURCES: dict[Source, str] = {
    Source.FAMILY: "Family member or carer",
    Source.ACQUAINTANCE: "Neighbour or acquaintance",
    Source.SELF: "The child",
    Source.OTHER_INDIVIDUAL: "Other individual",
    Source.SCHOOLS: "School",
    Source.EDUCATION: "Education service",
    Source.GP: "GP",
    Source.HEALTH_VISITOR: "Health visitor",
    Source.SCHOOL_NURSE: "School nurse",
    Source.OTHER_PRIMARY_HEALTH: "Primary health",
    Source.EMERGENCY_DEPARTMENT: "A&E",
    Source.OTHER_HEALTH: "Other health service",
    Source.HOUSING: "Housing",
    Source.SOCIAL_CARE: "Social care",
    Source.OTHER_INTERNAL: "Council service",
    Source.OTHER_AUTHORITY: "Another authority",
    Source.EARLY_HELP: "Early help",
    Source.POLICE: "Police",
    Source.OTHER_LEGAL: "Other legal agency",
    Source.OTHER: "Other organisation",
    Source.ANONYMOUS: "Anonymous",
    Source.UNKNOWN: "Not known",
}
"""The sources in two or three words, for lists; the codes and full labels are those of the national return."""


class Ethnicity(Labelled):
    """CIN census `Ethnicity` (CBDS N00177)."""

    WBRI = "WBRI", "White British"
    WIRI = "WIRI", "White Irish"
    WIRT = "WIRT", "Traveller of Irish heritage"
    WOTH = "WOTH", "Any other White background"
    WROM = "WROM", "Gypsy/Roma"
    MWBC = "MWBC", "White and Black Caribbean"
    MWBA = "MWBA", "White and Black African"
    MWAS = "MWAS", "White and Asian"
    MOTH = "MOTH", "Any other mixed background"
    AIND = "AIND", "Indian"
    APKN = "APKN", "Pakistani"
    ABAN = "ABAN", "Bangladeshi"
    AOTH = "AOTH", "Any other Asian background"
    BCRB = "BCRB", "Caribbean"
    BAFR = "BAFR", "African"
    BOTH = "BOTH", "Any other Black background"
    CHNE = "CHNE", "Chinese"
    OOTH = "OOTH", "Any other ethnic group"
    REFU = "REFU", "Refused"
    NOBT = "NOBT", "Information not yet obtained"


class Carrier(Labelled):
    """What carries a message out."""

    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"


class Ending(Labelled):
    """How a message ended."""

    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    PASSED_ON = "passed_on", "Passed on to somebody else"
