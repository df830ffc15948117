"""What can a borough decide for itself? The shape of a rule set, as read from its file. Knows no file and no database.

Every field's description is its documentation. Durations are seconds, times of day minutes, once read.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from mash.rules.calendars import Calendar, Window, WorkingTime
from mash.rules.timescales import HOURS, Span, Unit
from mash.vocabulary import Agreement, Channel, Kind, Source


class Moment(StrEnum):
    """What can start or stop a clock, beside the rule set's own event codes. Source: replay format, section 3."""

    RECEIPT = "receipt"
    ACKNOWLEDGED = "acknowledged"
    SCREENING_STARTED = "screening_started"
    RATED = "rated"
    HANDOVER_ACCEPTED = "handover_accepted"
    READING_CONFIRMED = "reading_confirmed"
    AGENCY_ASKED = "agency_asked"
    AGENCY_REPLIED = "agency_replied"
    DECISION_RECORDED = "decision_recorded"
    DECISION_STANDS = "decision_stands"
    SIGNED_OFF = "signed_off"
    REFERRER_TOLD = "referrer_told"
    TRANSFER_ACCEPTED = "transfer_accepted"


class OnRerating(StrEnum):
    """What a new colour does to a running clock. Source: replay format, section 3.4."""

    KEEPS_START = "keeps_start"
    RESTARTS_WHEN_RAISED = "restarts_when_raised"
    EARLIER_OF_THE_TWO = "earlier_of_the_two"
    FIXED = "fixed"


class OnReturn(StrEnum):
    """What sending a contact back to the referrer does to a clock. Source: replay format, section 3.5."""

    CONTINUE = "continue"
    PAUSE = "pause"
    RESET = "reset"


class RestartsOn(StrEnum):
    """What makes a clock that has stopped run again."""

    REOPEN = "reopen"
    DECISION_UNDONE = "decision_undone"


class Rerating(StrEnum):
    """Whether a colour may be changed."""

    FREE = "free"
    WITH_REASON = "with_reason"
    UPWARD_WITH_REASON = "upward_with_reason"
    FORBIDDEN = "forbidden"


_DURATION = re.compile(r"(?:(?P<h>\d+) ?h)?(?:^|\b|(?<=h)) ?(?:(?P<m>\d+) ?min)?")
_CLOCK_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def _duration(value: Any) -> Any:
    """`1 h`, `30 min`, `1 h 30 min` → seconds."""
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if not found or not (found["h"] or found["m"]):
        raise ValueError("write a duration like `2 h`, `30 min` or `1 h 30 min`")
    return 3600 * int(found["h"] or 0) + 60 * int(found["m"] or 0)


def minute_of_day(text: str) -> int:
    """`17:15` → 1035; `24:00` is allowed. Raises ValueError."""
    found = _CLOCK_TIME.fullmatch(text.strip())
    minute = 60 * int(found[1]) + int(found[2]) if found else 1441
    if minute > 1440:
        raise ValueError(f"`{text}` is not a time of day: write it like 09:00 or 17:15")
    return minute


def _span(value: Any) -> Any:
    """`4 working_hours`, `1 working_days_close`, `by_time_next_working_day 10:00`, `none` → Span."""
    if not isinstance(value, str):
        return value
    words = value.split()
    known = {unit.value for unit in Unit}
    units = [word for word in words if word in known]
    rest = [word for word in words if word not in known]
    if len(units) != 1 or len(rest) > 1:
        raise ValueError(f"write an amount and a unit, like `4 working_hours`. Units are {', '.join(Unit)}")
    return _span_of(Unit(units[0]), rest[0] if rest else None)


def _span_of(unit: Unit, amount: str | None) -> Span:
    if unit in (Unit.NONE, Unit.END_OF_SAME_WORKING_DAY):
        if amount:
            raise ValueError(f"`{unit}` takes no amount")
        return Span(unit)
    if unit is Unit.BY_TIME_NEXT_WORKING_DAY:
        if not amount:
            raise ValueError("say the time, like `by_time_next_working_day 10:00`")
        return Span(unit, minute_of_day(amount))
    if not amount or not re.fullmatch(r"\d+(\.\d+)?", amount) or float(amount) <= 0:
        raise ValueError(f"say how many, like `4 {unit}`")
    whole = float(amount) * (3600 if unit in HOURS else 1)
    if whole != int(whole) or (unit in HOURS and whole % 60):
        raise ValueError("an amount is whole days, or hours in whole minutes")
    return Span(unit, int(whole))


def _span_text(span: Span) -> str:
    if span.unit in (Unit.NONE, Unit.END_OF_SAME_WORKING_DAY):
        return span.unit.value
    if span.unit is Unit.BY_TIME_NEXT_WORKING_DAY:
        return f"{span.unit} {span.amount // 60:02}:{span.amount % 60:02}"
    amount = span.amount / 3600 if span.unit in HOURS else span.amount
    return f"{amount:g} {span.unit}"


def _duration_text(seconds: int) -> str:
    hours, rest = divmod(seconds // 60, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def _windows(value: Any) -> Any:
    """`09:00-12:00, 13:00-17:00` → windows; `closed` → none."""
    if not isinstance(value, str):
        return value
    if value.strip() == "closed":
        return ()
    windows: list[Window] = []
    for part in value.replace("–", "-").split(","):
        if part.count("-") != 1:
            raise ValueError("write opening hours like `09:00-17:15`, several with commas, or `closed`")
        opening, closing = map(minute_of_day, part.split("-"))
        if opening >= closing:
            raise ValueError(f"`{part.strip()}` closes before it opens")
        if windows and opening < windows[-1][1]:
            raise ValueError(f"`{part.strip()}` overlaps the window before it; write windows in order")
        windows.append((opening, closing))
    return tuple(windows)


def _windows_text(windows: tuple[Window, ...]) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in windows) or "closed"


def _dates(value: Any) -> Any:
    """`2026-10-26 to 2026-10-30` or one date, several with commas → dates."""
    if not isinstance(value, str):
        return value
    days: list[date] = []
    for part in value.split(","):
        ends = [date.fromisoformat(end.strip()) for end in part.split(" to ")]
        if len(ends) > 2 or ends[0] > ends[-1]:
            raise ValueError("write dates like `2026-10-26` or `2026-10-26 to 2026-10-30`")
        days += [ends[0] + timedelta(days=n) for n in range((ends[-1] - ends[0]).days + 1)]
    return tuple(days)


def _listed(value: Any) -> Any:
    """One item may stand without a list."""
    return (value,) if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(_duration), PlainSerializer(_duration_text, when_used="json")]
AnySpan = Annotated[Span, BeforeValidator(_span), PlainSerializer(_span_text, when_used="json")]
Windows = Annotated[tuple[Window, ...], BeforeValidator(_windows), PlainSerializer(_windows_text, when_used="json")]
Dates = Annotated[tuple[date, ...], BeforeValidator(_dates)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Durations = Annotated[tuple[Duration, ...], BeforeValidator(_listed)]


class Part(BaseModel):
    """A part of a rule set: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


class CalendarRules(Part):
    """Opening hours in London wall-clock time. A weekday that is not named is closed."""

    mon: Windows = Field((), description="Monday's windows.")
    tue: Windows = Field((), description="Tuesday's windows.")
    wed: Windows = Field((), description="Wednesday's windows.")
    thu: Windows = Field((), description="Thursday's windows.")
    fri: Windows = Field((), description="Friday's windows.")
    sat: Windows = Field((), description="Saturday's windows.")
    sun: Windows = Field((), description="Sunday's windows.")
    bank_holidays: str = Field("closed", pattern="^(open|closed)$", description="What bank holidays do.")
    dates: dict[date, Windows] = Field({}, description="Dates with hours of their own, bank holiday or not.")
    closed_on: Dates = Field((), description="Further dates on which it is closed.")

    @model_validator(mode="after")
    def _has_working_time(self) -> Self:
        if not any(self.week):
            raise ValueError("no weekday has a window: nothing could ever fall due. Give at least one its hours")
        if twice := sorted(set(self.dates) & set(self.closed_on)):
            raise ValueError(f"{twice[0]} stands under both `dates` and `closed_on`: remove it from one")
        return self

    @property
    def week(self) -> tuple[tuple[Window, ...], ...]:
        """Monday to Sunday."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)

    def calendar(self) -> Calendar:
        """As the arithmetic takes it."""
        days: dict[date, tuple[Window, ...]] = dict.fromkeys(self.closed_on, ())
        return Calendar(self.week, days | self.dates, self.bank_holidays == "open")


class Colour(Part):
    """A colour of the rating scheme."""

    label: str = Field(description="The word on the tag.")
    tag: str = Field(
        "grey",
        pattern="^(grey|green|teal|blue|purple|magenta|red|orange|yellow)$",
        description="The colour of the tag on screen.",
    )


class KindRules(Part):
    """What a kind of contact gets."""

    clocks: Names | None = Field(None, description="Which clocks counted from receipt begin; all where absent.")
    may_close_early: bool = Field(False, description="May be closed while received or in screening, with a reason.")


class AgencyRules(Part):
    """An agency of this borough."""

    label: str = Field(description="Its name on screen.")
    calendar: str = Field(description="The calendar by which its replies fall due.")
    required_for: Names = Field((), description="Colours for which it must be asked.")


class SharingRules(Part):
    """Asking agencies."""

    before_rating: bool = Field(False, description="Agencies may be asked before there is a colour, by name.")
    agreement_needed_for: Names = Field((), description="Colours for which asking needs the family's agreement.")
    partial_reply_stops_clock: bool = Field(True, description="Whether a partial reply is enough.")


class OpenCaseRules(Part):
    """Contacts all of whose children already have an allocated worker."""

    pass_on: bool = Field(False, description="They go to the allocated worker at once.")
    clocks: Names = Field((), description="Which clocks counted from receipt begin for them.")


class OutcomeRules(Part):
    """A decision that can be taken."""

    label: str = Field(description="Its name on screen.")
    oversight_for: Names = Field((), description="Colours that need management oversight; `always` or `never`.")
    waits_for_replies: bool = Field(True, description="Waits for outstanding replies and agencies still to be asked.")
    stands_at_once: bool = Field(False, description="Takes effect when recorded, oversight afterwards.")


class Timescale(Part):
    """When a clock is due, and who is told when."""

    due: AnySpan = Field(description="The amount and unit, like `4 working_hours`; `none` for no target.")
    warn: Durations = Field((), description="Warnings so long before due, in the clock's own hours.")
    escalate: Durations = Field((), description="Escalations so long after the breach: level 2, 3, …")


class ClockRules(Part):
    """A timescale between two moments of a contact's life."""

    label: str = Field(description="What must have happened, on screen.")
    starts: Names = Field(alias="from", description="The moment, or moments, that start it.")
    stop: str = Field(alias="to", description="The moment that stops it.")
    calendar: str | None = Field(None, description="The calendar it counts by; `agency` for the asked agency's own.")
    timescale: Timescale | None = Field(None, description="The one timescale, where it is the same for all.")
    by_rating: dict[str, Timescale] | None = Field(
        None, description="Timescales by colour; `not_rated` for requests made before rating."
    )
    by_suggestion: dict[str, Timescale] | None = Field(
        None, description="Timescales by suggested colour, with `otherwise` for all the rest."
    )
    unless_anonymous: bool = Field(False, description="Not started where the referrer is anonymous.")
    on_rerating: OnRerating = Field(OnRerating.KEEPS_START, description="What a new colour does to it.")
    on_return: OnReturn = Field(OnReturn.CONTINUE, description="What a return to the referrer does to it.")
    pausable_for: Names = Field((), description="Colours in which it may be paused.")
    restarts_on: Annotated[tuple[RestartsOn, ...], BeforeValidator(_listed)] = Field(
        (), description="What makes it run again: `reopen`, `decision_undone`."
    )

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        given = [k for k in ("timescale", "by_rating", "by_suggestion") if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of `timescale`, `by_rating`, `by_suggestion`")
        if self.by_suggestion is not None and "otherwise" not in self.by_suggestion:
            raise ValueError("`by_suggestion` needs `otherwise`, for when nothing or another colour is suggested")
        if self.stop == "decision_stands" and self.on_return is not OnReturn.CONTINUE:
            raise ValueError("the statutory clock never stops for a return to the referrer: use `continue`")
        if self.stop == "decision_stands" and self.pausable_for:
            raise ValueError("the statutory clock can never be paused: remove `pausable_for`")
        return self

    @property
    def timescales(self) -> Iterator[tuple[str, Timescale]]:
        """Every timescale with its key."""
        if self.timescale:
            yield "", self.timescale
        yield from (self.by_rating or self.by_suggestion or {}).items()

    @property
    def counts_from_receipt(self) -> bool:
        """Whether receipt starts it."""
        return Moment.RECEIPT in self.starts


class ContactDays(Part):
    """Contacts about the same child on different London dates of receipt, this one's among them."""

    at_least: int = Field(ge=2, description="On so many different dates.")
    within_days: int = Field(ge=1, description="Each within so many days up to this contact's date.")


class Condition(Part):
    """One thing that may be true of a contact. Exactly one key."""

    all: tuple["Condition", ...] | None = Field(None, description="Every one of these.")
    any: tuple["Condition", ...] | None = Field(None, description="At least one of these.")
    not_: "Condition | None" = Field(None, alias="not", description="Not this.")
    any_concern: Names | None = Field(None, description="At least one of these concerns.")
    every_concern: Names | None = Field(None, description="All of these concerns.")
    different_concerns: int | None = Field(None, ge=1, description="At least so many different concerns.")
    child_under: int | None = Field(None, ge=1, le=18, description="A child under this age, or of unknown age.")
    unborn_child: bool | None = Field(None, description="An unborn child.")
    contact_days: ContactDays | None = Field(None, description="Repeated contacts about the same child.")
    kind: Annotated[tuple[Kind, ...], BeforeValidator(_listed)] | None = Field(None, description="Kinds.")
    channel: Annotated[tuple[Channel, ...], BeforeValidator(_listed)] | None = Field(None, description="Channels.")
    source: Annotated[tuple[Source, ...], BeforeValidator(_listed)] | None = Field(None, description="Sources.")
    agreement: Annotated[tuple[Agreement, ...], BeforeValidator(_listed)] | None = Field(
        None, description="Agreement last recorded."
    )

    @model_validator(mode="after")
    def _exactly_one_key(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a condition has exactly one key; combine several with `all` or `any`")
        return self


class Suggestion(Part):
    """A sentence that suggests a colour."""

    colour: str = Field(description="The colour suggested.")
    when: Condition = Field(description="When it fits.")
    because: str = Field(min_length=10, description="The reason, as shown to the person who rates.")


class RatingRules(Part):
    """Rating and re-rating."""

    rerating: Rerating = Field(Rerating.WITH_REASON, description="Whether and how a colour may be changed.")


class PausingRules(Part):
    """Pausing a clock."""

    longest_days: int = Field(5, ge=1, le=28, description="The longest pause in days.")


class ClosingRules(Part):
    """Closing a contact."""

    feedback_first: bool = Field(False, description="Not before the referrer was told, where feedback is owed.")


class RuleSet(Part):
    """One version of one borough's rules, whole."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$", description="The borough's short name, as in file names.")
    title: str = Field(description="The borough's name on screen.")
    version: int = Field(ge=1, description="Counts up; a version in force is never changed.")
    in_force_from: date = Field(description="London date of receipt from which it applies.")
    reference_prefix: str = Field(pattern="^[A-Z]{2,4}$", description="Begins every reference.")
    source: str = Field(description="Where these rules are published or who confirmed them.")
    invented: bool = Field(False, description="No real authority: for demonstrations and tests, never for live use.")
    colours: dict[str, Colour] = Field(min_length=1, description="Lowest first.")
    kinds: dict[Kind, KindRules] = Field(description="What each kind of contact gets.")
    calendars: dict[str, CalendarRules] = Field(description="Opening hours by name.")
    bank_holidays: dict[date, str] = Field(description="Bank holidays known when the rules were loaded.")
    agencies: dict[str, AgencyRules] = Field(description="Whom this borough asks.")
    sharing: SharingRules = SharingRules()
    rating: RatingRules = RatingRules()
    pausing: PausingRules = PausingRules()
    closing: ClosingRules = ClosingRules()
    open_cases: OpenCaseRules = OpenCaseRules()
    outcomes: dict[str, OutcomeRules] = Field(min_length=1, description="Decisions by code.")
    events: dict[str, str] = Field({}, description="Codes of recorded events with their names.")
    clocks: dict[str, ClockRules] = Field(min_length=1, description="The timescales.")
    concerns: dict[str, str] = Field(min_length=1, description="Concern codes with their names.")
    suggestions: dict[str, Suggestion] = Field({}, description="Rules that suggest a colour, by name.")

    @property
    def full_name(self) -> str:
        """`northbridge@1`."""
        return f"{self.name}@{self.version}"

    @cached_property
    def order(self) -> dict[str | None, int]:
        """Colours by height: nothing is below everything."""
        return {None: -1} | {code: n for n, code in enumerate(self.colours)}

    @property
    def lowest(self) -> str:
        """The lowest colour."""
        return next(iter(self.colours))

    def colour_label(self, code: str | None) -> str:
        """The word for a colour, also for none."""
        return self.colours[code].label if code else "Not rated"

    def required_for(self, colour: str | None) -> tuple[str, ...]:
        """Agencies that must be asked for this colour; none without one."""
        return tuple(code for code, agency in self.agencies.items() if colour in agency.required_for)

    def oversight_needed(self, outcomes: "set[str]", colour: str | None) -> bool:
        """Whether any of the outcomes calls for management oversight in this colour."""
        wanted = (self.outcomes[outcome].oversight_for for outcome in outcomes)
        return any("always" in rule or colour in rule for rule in wanted)

    def working_times(self, late: frozenset[date]) -> dict[str, WorkingTime]:
        """The calendars, with the bank holidays known when loaded and those announced since."""
        if late not in self._compiled:
            holidays = frozenset(self.bank_holidays) | late
            self._compiled[late] = {n: WorkingTime(c.calendar(), holidays) for n, c in self.calendars.items()}
        return self._compiled[late]

    @cached_property
    def _compiled(self) -> dict[frozenset[date], dict[str, WorkingTime]]:
        return {}
