"""What is handed in with each act: the fields of the replay format, section 1. Shapes only; verbs judge the content.

Codes of a rule set (colours, outcomes, agencies, events, clocks, concerns) are plain text here, for the verb to refuse
in words. Blank text, empty lists and null mean the same as an absent field.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mash.vocabulary import (
    AdultRole,
    Cause,
    Channel,
    Ethnicity,
    Handling,
    Kind,
    Relationship,
    Reply,
    Sex,
    Source,
    Verb,
)

AnyDay = TypeVar("AnyDay", bound=date)


def without_blanks(value: Any) -> Any:
    """The same without null, blank text, empty lists and empty mappings, at every depth; text is stripped."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        kept = {key: without_blanks(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None} or None
    if isinstance(value, list | tuple):
        return [item for item in map(without_blanks, value) if item is not None] or None
    return value


class Details(BaseModel):
    """What comes with an act. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, data: Any) -> Any:
        return (without_blanks(data) or {}) if isinstance(data, dict) else data


def _plain_date(value: Any) -> Any:
    """Only a date, or its text `YYYY-MM-DD`: pydantic would take numbers too."""
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write a date like 2015-06-22")
    return _within_reason(date.fromisoformat(value))


def _instant_in_words(value: Any) -> Any:
    """Only an instant, or its text: pydantic would read a number as seconds since 1970."""
    if not isinstance(value, datetime) and not (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]", value)):
        raise ValueError("write an instant with its offset, like 2026-11-09T09:04+00:00")
    return value


def _within_reason(value: AnyDay) -> AnyDay:
    if not 1900 <= value.year <= 2200:
        raise ValueError("the year must lie between 1900 and 2200")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_instant_in_words), AfterValidator(_within_reason)]
Day = Annotated[date, BeforeValidator(_plain_date)]
Line = Annotated[str, Field(max_length=300)]
Prose = Annotated[str, Field(max_length=50_000)]
Code = Annotated[str, Field(max_length=60)]


class Child(Details):
    """A child as reported. All fields but the label may be unknown."""

    label: Line | None = None
    forename: Line | None = None
    surname: Line | None = None
    date_of_birth: Day | None = None
    expected_date_of_delivery: Day | None = None
    sex: Sex | None = None
    ethnicity: Ethnicity | None = None
    address: Line | None = None
    postcode: Annotated[str, Field(max_length=12)] | None = None
    nhs_number: Annotated[str, Field(max_length=20)] | None = None
    open_case: bool = False
    address_withheld: bool = False


class Adult(Details):
    """An adult around the children as reported."""

    label: Line | None = None
    name: Line | None = None
    date_of_birth: Day | None = None
    relationship: Relationship | None = None
    role: AdultRole | None = None
    address: Line | None = None
    address_withheld: bool = False


class Referrer(Details):
    """Who reported. `shielded`: the family must never learn who it was; an anonymous one always is."""

    name: Line | None = None
    organisation: Line | None = None
    role: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    anonymous: bool = False
    shielded: bool = False


class AgreementDetails(Details):
    """Agreement of the family to a service."""

    status: Code = "not_sought"
    reason: Prose | None = None


class ReceiveContact(Details):
    """A contact as it arrived. `received_at` is when it arrived, not when it is keyed; now, where absent."""

    kind: Kind = Kind.REFERRAL
    received_at: Instant | None = None
    channel: Channel | None = None
    source: Source | None = None
    referrer: Referrer = Referrer()
    children: Annotated[tuple[Child, ...], Field(min_length=1, max_length=30)]
    adults: Annotated[tuple[Adult, ...], Field(max_length=30)] = ()
    concerns: tuple[Code, ...] = ()
    narrative: Prose | None = None
    agreement: AgreementDetails = AgreementDetails()
    parents_informed: bool | None = None
    parents_informed_reason: Prose | None = None


class AddFacts(Details):
    """Further children, adults or concerns."""

    children: Annotated[tuple[Child, ...], Field(max_length=30)] = ()
    adults: Annotated[tuple[Adult, ...], Field(max_length=30)] = ()
    concerns: tuple[Code, ...] = ()


class NoDetails(Details):
    """Nothing is said beyond the act."""


class Reason(Details):
    """An act with a reason."""

    reason: Prose | None = None


class RateContact(Details):
    """A colour; the suggestion where absent."""

    rag: Code | None = None
    rationale: Prose | None = None


class RequestInformation(Details):
    """Whom to ask; those still required for the colour where absent."""

    agencies: tuple[Code, ...] = ()
    question: Prose | None = None
    without_agreement_because: Prose | None = None


class ReturnInformation(Details):
    """What an agency says. `given_by`: who said it, when hub staff type it for the agency."""

    agency: Code
    reply: Reply
    summary: Prose | None = None
    handling: Handling = Handling.HUB_ONLY
    risk: Code | None = None
    given_by: Line | None = None


class ProceedWithout(Details):
    """Agencies whose replies are not waited for any more."""

    agencies: tuple[Code, ...] = ()
    rationale: Prose | None = None


class RecordDecision(Details):
    """The decision. `children` maps a child's label to an outcome of its own, where siblings differ."""

    outcome: Code | None = None
    threshold_level: Annotated[int, Field(ge=1, le=4)] | None = None
    rationale: Prose | None = None
    without: tuple[Code, ...] = ()
    children: dict[str, Code] = Field(default_factory=dict)


class SignOff(Details):
    """Management oversight of a decision."""

    agree: bool
    comment: Prose | None = None


class GiveFeedback(Details):
    """What the referrer was told."""

    to: Annotated[str, Field(pattern="^referrer$")] = "referrer"
    note: Prose | None = None


class RecordEvent(Details):
    """Something that happened, by its code in the rule set; `occurred_at` may be earlier than now."""

    event: Code
    occurred_at: Instant | None = None


class PauseClock(Details):
    """Which clock to stop, why and until when."""

    clock: Code
    reason: Prose | None = None
    until: Instant | None = None


class ResumeClock(Details):
    """Which clock goes on."""

    clock: Code
    reason: Prose | None = None


class HandTo(Details):
    """To which colleague, by user id, and what there is to know."""

    to: Line
    note: Prose | None = None


class OneDeadline(Details):
    """One deadline, by clock, agency (empty for the hub's own) and episode."""

    clock: Code
    agency: Code | None = None
    episode: Annotated[int, Field(ge=1)] = 1

    @property
    def key(self) -> tuple[str, str, int]:
        """Clock, agency and episode, as deadlines are named."""
        return self.clock, self.agency or "", self.episode

    @property
    def named(self) -> dict[str, str | int]:
        """The same as facts of an act."""
        return dict(zip(("clock", "agency", "episode"), self.key, strict=True))

    @model_validator(mode="before")
    @classmethod
    def _in_one(cls, data: Any) -> Any:
        """A form has one choice for all three: `decision//1`, `agency_return/police/2`."""
        if not isinstance(data, dict) or data.get("clock", "").count("/") != 2:
            return data
        clock, agency, episode = data["clock"].split("/")
        return data | {"clock": clock, "agency": agency or None, "episode": episode}


class HandAlertTo(OneDeadline, HandTo):
    """Of which deadline, and to which colleague."""


class ResolveBreach(OneDeadline):
    """The deadline that was out of timescale, why it was, and what was done about it."""

    cause: Cause | None = None
    remedy: Prose | None = None


class AnnulBreach(OneDeadline):
    """The deadline that should not have been out of timescale, and why."""

    reason: Prose | None = None


class AddNote(Details):
    """What was tried or heard, such as a call that nobody took."""

    note: Prose | None = None


class LiftDeadline(Details):
    """Which clock no longer has a deadline, by which exception of the rule set, and why."""

    clock: Code
    exception: Code
    reason: Prose | None = None


class TransferOut(Details):
    """To which authority, and why."""

    to: Line | None = None
    rationale: Prose | None = None


class AnnounceBankHoliday(Details):
    """A bank holiday made known late; it applies from now on. In one borough, or in all where absent."""

    date: Day
    name: Line
    borough: Code | None = None


DETAILS: dict[Verb, type[Details]] = {
    Verb.RECEIVE_CONTACT: ReceiveContact,
    Verb.CLAIM: NoDetails,
    Verb.RELEASE: Reason,
    Verb.HAND_TO: HandTo,
    Verb.TAKE_ALERT: OneDeadline,
    Verb.HAND_ALERT_TO: HandAlertTo,
    Verb.ADD_NOTE: AddNote,
    Verb.ADD_FACTS: AddFacts,
    Verb.RECORD_AGREEMENT: AgreementDetails,
    Verb.ACKNOWLEDGE: NoDetails,
    Verb.ACCEPT_HANDOVER: NoDetails,
    Verb.CONFIRM_READ: NoDetails,
    Verb.START_SCREENING: NoDetails,
    Verb.RATE_CONTACT: RateContact,
    Verb.REQUEST_INFORMATION: RequestInformation,
    Verb.RETURN_INFORMATION: ReturnInformation,
    Verb.PROCEED_WITHOUT: ProceedWithout,
    Verb.RECORD_DECISION: RecordDecision,
    Verb.WITHDRAW_DECISION: Reason,
    Verb.SIGN_OFF: SignOff,
    Verb.GIVE_FEEDBACK: GiveFeedback,
    Verb.RECORD_EVENT: RecordEvent,
    Verb.PAUSE_CLOCK: PauseClock,
    Verb.RESUME_CLOCK: ResumeClock,
    Verb.LIFT_DEADLINE: LiftDeadline,
    Verb.RESOLVE_BREACH: ResolveBreach,
    Verb.ANNUL_BREACH: AnnulBreach,
    Verb.RETURN_TO_REFERRER: Reason,
    Verb.RESUBMIT: NoDetails,
    Verb.TRANSFER_OUT: TransferOut,
    Verb.TRANSFER_ACCEPTED: NoDetails,
    Verb.TRANSFER_REFUSED: Reason,
    Verb.REOPEN: Reason,
    Verb.CLOSE: Reason,
    Verb.ANNOUNCE_BANK_HOLIDAY: AnnounceBankHoliday,
}
