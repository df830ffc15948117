"""What does a rule set say about one clock? Its moments, timescales and policies. Knows no file and no contact."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from mash.rules.notation import AnySpan, Names, Rungs, SomeNames, YesNo, lacking, listed, some
from mash.rules.part import Part
from mash.rules.timescales import CALENDAR, ELAPSED, Span, Unit
from mash.vocabulary import Channel, Labelled, Source


class Moment(Labelled):
    """What can start or stop a clock, beside the rule set's own event codes. Source: replay format, section 3."""

    RECEIPT = "receipt", "The contact arrived, whenever it was keyed"
    ACKNOWLEDGED = "acknowledged", "It was acknowledged to the referrer"
    SCREENING_STARTED = "screening_started", "Somebody began to look at it"
    RATED = "rated", "It was rated for the first time, or again after reopening"
    HANDOVER_ACCEPTED = "handover_accepted", "The day staff took it over from the emergency duty team"
    READING_CONFIRMED = "reading_confirmed", "The allocated worker has read it"
    AGENCY_ASKED = "agency_asked", "An agency was asked: a clock of its own for each request"
    AGENCY_REPLIED = "agency_replied", "That agency replied"
    DECISION_RECORDED = "decision_recorded", "A decision was recorded"
    DECISION_STANDS = "decision_stands", "The decision stands: recorded, and signed where it has to be signed first"
    SIGNED_OFF = "signed_off", "Management oversight was given, agreed or not"
    REFERRER_TOLD = "referrer_told", "The referrer was told the outcome"
    TRANSFER_ACCEPTED = "transfer_accepted", "Another authority took it over"
    RETURNED = "returned", "It was returned to the referrer"
    RESUBMITTED = "resubmitted", "The referrer sent it again"
    REOPENED = "reopened", "It was reopened"
    CLOSED = "closed", "It was closed"


AFTER_DECISION = frozenset(
    {Moment.DECISION_RECORDED, Moment.DECISION_STANDS, Moment.SIGNED_OFF, Moment.REFERRER_TOLD, Moment.CLOSED}
)
"""Moments before which the outcome is known."""


class OnRerating(Labelled):
    """What a new colour does to a running clock. Source: replay format, section 3.4."""

    KEEPS_START = "keeps_start", "counts the new colour's timescale from the old start; it may be late at once"
    RESTARTS_WHEN_RAISED = "restarts_when_raised", "begins anew if the colour is higher; else as `keeps_start`"
    EARLIER_OF_THE_TWO = "earlier_of_the_two", "as `keeps_start`, but never gains time"
    FIXED = "fixed", "stays as it was first set; a request made before rating keeps `not_rated`"


class OnReturn(Labelled):
    """What sending a contact back to the referrer does to a clock. Source: replay format, section 3.5."""

    CONTINUE = "continue", "runs on"
    PAUSE = "pause", "stands still until it comes back"
    RESET = "reset", "ends, and begins anew when it comes back"


class RestartsOn(Labelled):
    """What makes a clock that has stopped run again."""

    REOPEN = "reopen", "the contact is reopened: a new deadline, counted from then"
    DECISION_UNDONE = "decision_undone", "the decision is withdrawn or not agreed: it runs on from where it began"


class Owner(Labelled):
    """Whose deadline it is: who has to act, and hears of it first."""

    HUB = "hub", "The front door"
    AGENCY = "agency", "The agency asked"
    REFERRER = "referrer", "The referrer"
    MANAGER = "manager", "The service manager"
    EDT = "edt", "The emergency duty team"


class AtClosing(Labelled):
    """What closing time does to a running clock."""

    PAUSE = "pause", "it stands still until opening"
    RUN_THROUGH = "run_through", "it runs on"
    HAND_TO_EDT = "hand_to_edt", "it runs on, and is the emergency duty team's until opening"


NOT_RATED = "not_rated"
OTHERWISE = "otherwise"
OF_AGENCY = "agency"
LEVELS = ("1", "2", "3", "4")


class Timescale(Part):
    """When a clock is due, and who is told when."""

    due: AnySpan = Field(
        description="The amount and the unit; `none` for no target.", examples=["4 working_hours", "none"]
    )
    no_later_than: AnySpan | None = Field(
        None,
        description="A second timescale; the earlier of the two counts, also for how warnings are counted.",
        examples=["7 calendar_days_same_time"],
    )
    warn: Rungs = Field(
        (),
        description="One or more warnings so long before it is due, the earliest first; ` to ROLE` says who "
        "hears of it while nobody has taken it on.",
        examples=["2 h", "[4 h, 1 h to service_manager]"],
    )
    escalate: Rungs = Field(
        (),
        description="One or more escalations so long after it was due (levels 2, 3, …), each later than the one "
        "before; ` to ROLE` as for warnings.",
        examples=["1 h", "[1 h, 4 h to service_manager]"],
    )
    at_closing: AtClosing | None = Field(
        None,
        description="What closing time does: `pause` or `run_through`, which has to agree with the unit, or "
        "`hand_to_edt`. A lunch closure hands nothing on. Left out, it follows from the unit.",
        examples=["hand_to_edt"],
    )

    @model_validator(mode="after")
    def _closing_agrees_with_unit(self) -> Self:
        runs_on = self.due.unit in ELAPSED | CALENDAR
        if self.at_closing is AtClosing.PAUSE and runs_on:
            raise ValueError(f"`{self.due.unit}` runs on past closing: use `working_hours`, or remove `at_closing`")
        if self.at_closing in (AtClosing.RUN_THROUGH, AtClosing.HAND_TO_EDT) and not runs_on:
            raise ValueError(f"`{self.due.unit}` stands still at closing: use `clock_hours` or `run_through_hours`")
        return self

    @property
    def spans(self) -> tuple[Span, ...]:
        """What is counted; the earliest is the deadline."""
        return (self.due,) if self.no_later_than is None else (self.due, self.no_later_than)

    @property
    def has_target(self) -> bool:
        """Whether there is a deadline at all: no target is different from zero and from unknown."""
        return self.due.unit is not Unit.NONE

    @property
    def words(self) -> str:
        """The timescale in words."""
        later = f", and no later than {self.no_later_than.words}" if self.no_later_than else ""
        return self.due.words + later


class OnlyFor(Part):
    """Which contacts a clock is for. Several keys must all fit; of a list, one is enough."""

    channels: Annotated[tuple[Channel, ...], BeforeValidator(some)] | None = Field(
        None, description="Contacts that came this way.", examples=["phone"]
    )
    sources: Annotated[tuple[Source, ...], BeforeValidator(some)] | None = Field(
        None, description="Contacts from these sources, by code.", examples=["[2A, 2B]"]
    )
    concerns: SomeNames | None = Field(
        None,
        description="Contacts with one of these concerns. Added later, it starts a clock `from: receipt` then.",
        examples=["fgm_risk"],
    )
    outcomes: SomeNames | None = Field(
        None,
        description="Contacts decided so. For clocks that start with the decision or later.",
        examples=["strategy_discussion"],
    )
    levels: SomeNames | None = Field(
        None,
        description="Contacts at these threshold levels. For clocks that start with the decision or later.",
        examples=["4"],
    )
    agencies: SomeNames | None = Field(
        None, description="Requests to these agencies. For clocks `from: agency_asked`.", examples=["police"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty. Say for which contacts, or remove it")
        return self


class ClockRules(Part):
    """A timescale between two moments of a contact's life."""

    label: str = Field(min_length=1, description="What must have happened, on screen.", examples=["Decision"])
    starts: SomeNames = Field(
        alias="from",
        description="The moment or event that starts it, or several.",
        examples=["receipt", "[decision_stands]"],
    )
    stop: str = Field(alias="to", description="The moment or event that stops it.", examples=["decision_recorded"])
    calendar: str | None = Field(
        None,
        description="Whose opening hours count; `agency` for those of the agency asked. Only units that count without "
        "opening hours can do without.",
        examples=["hub"],
    )
    owner: Owner | None = Field(
        None,
        description="Whose deadline it is: `hub`, `agency`, `referrer`, `manager` or `edt`. Left out: `agency` for a "
        "clock `from: agency_asked`, else `hub`. Shown on the page of alerts.",
        examples=["referrer"],
    )
    timescale: Timescale | None = Field(
        None,
        description="One timescale for all; or one of the next three. Exactly one of the four.",
        examples=["{due: 1 working_days_close}"],
    )
    by_rating: dict[str, Timescale] | None = Field(
        None,
        description="A timescale for every colour of the scheme. Before there is a colour the clock has no deadline; "
        "then it counts from its start. `not_rated` is for requests made before rating.",
        examples=["{red: {due: 4 clock_hours}, amber: {due: 1 working_days_same_time}, green: {due: none}}"],
    )
    for_agency: dict[str, dict[str, Timescale]] = Field(
        {},
        description="Timescales of its own, by rating, for each agency that differs from the rest. Every colour has to "
        "be named here as well. For clocks `from: agency_asked` with `by_rating`.",
        examples=["{police: {red: {due: 2 working_hours}, amber: {due: 4 working_hours}, green: {due: none}}}"],
    )
    by_suggestion: dict[str, Timescale] | None = Field(
        None,
        description="A timescale by suggested colour, and `otherwise` for all the rest, nothing suggested among them.",
        examples=["{red: {due: 1 clock_hours}, otherwise: {due: 4 working_hours}}"],
    )
    by_level: dict[str, Timescale] | None = Field(
        None,
        description="A timescale for each threshold level 1 to 4: that of the decision, or that of the colour where "
        "colours have a `level`. Before there is a level the clock has no deadline; then it counts from its start.",
        examples=["{1: {due: none}, 2: {due: none}, 3: {due: 1 working_days_close}, 4: {due: 4 clock_hours}}"],
    )
    only_for: OnlyFor | None = Field(
        None, description="Which contacts it is for; all where absent.", examples=["{channels: phone}"]
    )
    unless_anonymous: YesNo = Field(
        False, description="Not started where the referrer is anonymous.", examples=["true"]
    )
    on_rerating: OnRerating = Field(
        OnRerating.KEEPS_START,
        description="What a new colour (or level) does to it; see below.",
        examples=["restarts_when_raised"],
    )
    on_return: OnReturn = Field(
        OnReturn.CONTINUE,
        description="What a return to the referrer does to it; see below. For clocks `from: receipt`.",
        examples=["pause"],
    )
    pausable_for: Names = Field((), description="Colours in which it may be paused.", examples=["[amber, green]"])
    restarts_on: Annotated[tuple[RestartsOn, ...], BeforeValidator(listed)] = Field(
        (),
        description="What makes it run again: `reopen`, `decision_undone`, or both. For clocks `from: receipt`.",
        examples=["[reopen, decision_undone]"],
    )

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        ways = [way for way in WAYS if getattr(self, way) is not None]
        if not ways:
            raise lacking("timescale", f"is missing. Give exactly one of {', '.join(f'`{way}`' for way in WAYS)}")
        if len(ways) > 1:
            raise ValueError(f"`{ways[0]}` and `{ways[1]}` cannot stand together: keep the one that is meant")
        if self.by_suggestion is not None and OTHERWISE not in self.by_suggestion:
            wanted = "is missing. Say what holds when nothing or another colour is suggested"
            raise lacking(f"by_suggestion.{OTHERWISE}", wanted)
        if self.is_statutory and self.on_return is not OnReturn.CONTINUE:
            raise ValueError("the statutory clock never stops for a return to the referrer: use `continue`")
        if self.is_statutory and self.pausable_for:
            raise ValueError("the statutory clock can never be paused: remove `pausable_for`")
        return self

    @property
    def way(self) -> str:
        """Which of the four ways says when it is due."""
        return next(way for way in WAYS if getattr(self, way) is not None)

    def timescale_for(
        self, rag: str | None, suggested: str | None, level: int | None, agency: str = ""
    ) -> Timescale | None:
        """The timescale for what is known now; None where that gives none yet."""
        if self.timescale:
            return self.timescale
        if self.by_suggestion is not None:
            return self.by_suggestion.get(suggested or OTHERWISE, self.by_suggestion[OTHERWISE])
        if self.by_level is not None:
            return self.by_level.get(str(level))
        return (self.for_agency.get(agency) or self.by_rating or {}).get(rag or NOT_RATED)

    @property
    def timescales(self) -> Iterator[tuple[str, Timescale]]:
        """Every timescale with its key."""
        if self.timescale:
            yield "", self.timescale
        else:
            yield from getattr(self, self.way).items()

    @property
    def waits_to_be_known(self) -> bool:
        """Whether its target may not be known yet when it starts."""
        return self.by_rating is not None or self.by_level is not None

    @property
    def counts_from_receipt(self) -> bool:
        """Whether receipt starts it."""
        return Moment.RECEIPT in self.starts

    @property
    def is_statutory(self) -> bool:
        """Whether it stops when the decision stands: nothing may pause or lift it."""
        return self.stop == Moment.DECISION_STANDS

    @property
    def of_agencies(self) -> bool:
        """Whether each request to an agency starts one of its own."""
        return self.starts == (Moment.AGENCY_ASKED,)

    @property
    def whose(self) -> Owner:
        """Whose deadline it is."""
        return self.owner or (Owner.AGENCY if self.of_agencies else Owner.HUB)


WAYS = ("timescale", "by_rating", "by_suggestion", "by_level")
