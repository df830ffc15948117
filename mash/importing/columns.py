"""What can a column of a council's export hold? The closed list, with the words by which a header may say so. Pure."""

from mash.rules.clockrules import Moment
from mash.vocabulary import Labelled


class Column(Labelled):
    """What a column holds. The values are the keys under `columns:` of a map."""

    REFERENCE = "reference", "The council's own reference of the contact"
    RECEIVED = "received", "When it arrived"
    KEYED = "keyed", "When it was typed in"
    ACKNOWLEDGED = "acknowledged", "When the referrer was told that it has arrived"
    SCREENING_STARTED = "screening_started", "When somebody first looked at it"
    RATED = "rated", "When it was rated"
    COLOUR = "colour", "The rating"
    DECIDED = "decided", "When the decision was recorded"
    OUTCOME = "outcome", "The decision"
    LEVEL = "level", "The threshold level, 1 to 4"
    SIGNED_OFF = "signed_off", "When a second person agreed to the decision"
    TOLD = "told", "When the referrer was told the outcome"
    READ = "read", "When the allocated worker had read it"
    CLOSED = "closed", "When it was closed"
    KIND = "kind", "Referral, notification, request for information or advice call"
    CHANNEL = "channel", "How it arrived"
    SOURCE = "source", "Who reported it"
    CONCERNS = "concerns", "What it is about"
    OPEN_CASE = "open_case", "Whether the child has an allocated worker already"
    CHILD = "child", "The child's number, the same for the same child"
    DATE_OF_BIRTH = "date_of_birth", "The child's date of birth"
    AGE = "age", "The child's age in years"
    EXPECTED_DELIVERY = "expected_delivery", "When an unborn child is expected"


INSTANTS = (
    Column.RECEIVED,
    Column.KEYED,
    Column.ACKNOWLEDGED,
    Column.SCREENING_STARTED,
    Column.RATED,
    Column.DECIDED,
    Column.SIGNED_OFF,
    Column.TOLD,
    Column.READ,
    Column.CLOSED,
)
"""Fields that say when something happened."""

CODES = (Column.KIND, Column.CHANNEL, Column.SOURCE, Column.COLOUR, Column.OUTCOME, Column.LEVEL)
"""Fields of the contact whose words are translated, one word a cell."""

MOMENTS: dict[Column, tuple[Moment, ...]] = {
    Column.RECEIVED: (Moment.RECEIPT,),
    Column.ACKNOWLEDGED: (Moment.ACKNOWLEDGED,),
    Column.SCREENING_STARTED: (Moment.SCREENING_STARTED,),
    Column.RATED: (Moment.RATED,),
    Column.DECIDED: (Moment.DECISION_RECORDED, Moment.DECISION_STANDS),
    Column.SIGNED_OFF: (Moment.SIGNED_OFF,),
    Column.TOLD: (Moment.REFERRER_TOLD,),
    Column.READ: (Moment.READING_CONFIRMED,),
    Column.CLOSED: (Moment.CLOSED,),
}
"""The moments of the rules that a column gives."""

IN_ORDER: tuple[tuple[Column, Column], ...] = (
    *((Column.RECEIVED, later) for later in INSTANTS[1:]),
    (Column.SCREENING_STARTED, Column.RATED),
    (Column.RATED, Column.DECIDED),
    (Column.DECIDED, Column.SIGNED_OFF),
    (Column.DECIDED, Column.TOLD),
    (Column.DECIDED, Column.CLOSED),
)
"""What cannot come before what, within one contact."""

HINTS: dict[Column, tuple[str, ...]] = {
    Column.REFERENCE: ("contact id", "contact reference", "contact ref", "contact number", "reference", "referral id"),
    Column.RECEIVED: ("date received", "received", "contact date", "received date", "date of contact", "referral date"),
    Column.KEYED: ("keyed", "date entered", "entered", "date created", "created", "logged", "date logged"),
    Column.ACKNOWLEDGED: ("acknowledged", "date acknowledged", "acknowledgement sent", "acknowledgement date"),
    Column.SCREENING_STARTED: (
        "screening started",
        "first viewed",
        "first looked at",
        "date screened",
    ),
    Column.RATED: ("rated", "date rated", "rag date", "rating date", "rag rated", "date of rag"),
    Column.COLOUR: ("rag", "rag rating", "rating", "colour", "brag", "rag status", "priority"),
    Column.DECIDED: ("decided", "decision date", "date of decision", "outcome date", "date decided", "decision made"),
    Column.OUTCOME: ("outcome", "decision", "contact outcome", "next step", "contact decision"),
    Column.LEVEL: ("level", "threshold level", "level of need", "threshold"),
    Column.SIGNED_OFF: ("signed off", "authorised", "date authorised", "manager sign off", "management oversight"),
    Column.TOLD: ("feedback", "feedback date", "referrer told", "referrer informed", "feedback given"),
    Column.READ: ("read by worker", "read by allocated worker"),
    Column.CLOSED: ("closed", "date closed", "closed date", "end date", "closure date"),
    Column.KIND: ("contact type", "type of contact", "kind"),
    Column.CHANNEL: ("channel", "contact method", "method of contact", "how received", "method"),
    Column.SOURCE: ("source", "referral source", "contact source", "source of contact", "referrer type"),
    Column.CONCERNS: ("concerns", "concern", "presenting issue", "presenting issues", "contact reason", "reason"),
    Column.OPEN_CASE: ("open case", "open to social care", "allocated worker", "case open"),
    Column.CHILD: ("person id", "child id", "nhs number", "client id", "child number", "pid"),
    Column.DATE_OF_BIRTH: ("date of birth", "dob", "child date of birth", "child dob", "birth date"),
    Column.AGE: ("age", "child age", "age at contact", "age in years"),
    Column.EXPECTED_DELIVERY: ("expected date of delivery", "edd", "due date", "expected delivery"),
}
"""Headers that say in plain words what the column holds, for a first draft of a map. A person confirms it."""
