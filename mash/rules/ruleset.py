"""What can a borough decide for itself? The shape of a rule set, as read from its file. Knows no file and no database.

Every field's description and examples are its documentation: docs/rule-set-reference.md is made of them.
"""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mash.permissions import MAY_DISPENSE_WITH_AGREEMENT
from mash.rules.calendars import Calendar, WorkingTime
from mash.rules.clockrules import OF_AGENCY, ClockRules
from mash.rules.conditions import Suggestion
from mash.rules.hours import CalendarRules, IntakeRules
from mash.rules.notation import Day, Names, SomeNames, Text, Whole, YesNo, listed, some
from mash.rules.part import Part
from mash.rules.sourced import Basis, Publication
from mash.vocabulary import Kind, Labelled, Role, Verb


class Rerating(Labelled):
    """Whether a colour may be changed."""

    FREE = "free", "up or down, no reason asked"
    WITH_REASON = "with_reason", "up or down, with a reason"
    UPWARD_WITH_REASON = "upward_with_reason", "never lower; with a reason"
    FORBIDDEN = "forbidden", "never"


class Colour(Part):
    """A colour of the rating scheme: how urgent it is. How much need there is, is the threshold level."""

    label: Text = Field(description="The word on the tag. It is always shown.", examples=["Amber"])
    tag: Literal["grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"] = Field(
        "grey",
        description="The tag's colour: grey, green, teal, blue, purple, magenta, red, orange or yellow.",
        examples=["orange"],
    )
    level: Annotated[Whole, Field(ge=1, le=4)] | None = Field(
        None,
        description="The threshold level that goes with it, where the scheme ties the two: offered when deciding.",
        examples=["3"],
    )
    asks_nobody: YesNo = Field(
        False, description="No agency can be asked while the contact has this colour.", examples=["true"]
    )
    type_of_work: Text | None = Field(
        None,
        description="The colour says what kind of work it is, not how urgent: write which. Such colours stand first, "
        "below all others. Agreement before rating looks past it; it changes nothing else.",
        examples=["Request for information"],
    )


class KindRules(Part):
    """What a kind of contact gets."""

    clocks: Names | None = Field(
        None,
        description="Which of the clocks counted from receipt begin for it; all where absent.",
        examples=["[acknowledgement]"],
    )
    may_close_early: YesNo = Field(
        False, description="It may be closed, with a reason, before it is rated.", examples=["true"]
    )


class AgencyRules(Part):
    """An agency of this borough."""

    label: Text = Field(
        description="Its name on screen. Left out, that of agencies.yaml, which has `police`, `health`, `education`, "
        "`housing`, `probation` and `early_help`; any other agency needs one.",
        examples=["Women's Aid"],
    )
    calendar: str = Field(description="The opening hours by which its replies fall due.", examples=["police"])
    required_for: Names = Field(
        (),
        description="Colours for which it must be asked, or set aside on record.",
        examples=["[red, amber]"],
    )
    required_for_concerns: Names = Field(
        (),
        description="Concerns for which it must be asked once rated, whatever the colour, but for colours that ask "
        "nobody.",
        examples=["[missing]"],
    )


class SharingRules(Part):
    """Asking agencies."""

    before_rating: YesNo = Field(
        False, description="Agencies may be asked during screening, by name.", examples=["true"]
    )
    agreement_needed_for: Names = Field(
        (),
        description="Colours for which asking needs the family's agreement, or a reason to do without. Before rating "
        "the suggested colour counts; where nothing is suggested, the lowest that is not a type of work.",
        examples=["green"],
    )
    agreement_waived_by: Annotated[tuple[Role, ...], BeforeValidator(listed)] = Field(
        tuple(sorted(MAY_DISPENSE_WITH_AGREEMENT)),
        description="Who may give the reason to do without: some of `decision_maker`, `edt`, `service_manager`.",
        examples=["[service_manager]"],
    )
    partial_reply_stops_clock: YesNo = Field(
        True, description="Whether `partial` (part of it; more to come) counts as the reply.", examples=["false"]
    )

    @model_validator(mode="after")
    def _waived_by_those_who_decide(self) -> Self:
        if others := set(self.agreement_waived_by) - MAY_DISPENSE_WITH_AGREEMENT:
            raise ValueError(f"`{min(others)}` may not do so: name some of decision_maker, edt, service_manager")
        return self


class OpenCaseRules(Part):
    """Contacts all of whose children have an allocated worker."""

    pass_on: YesNo = Field(False, description="They go to that worker at once.", examples=["true"])
    clocks: Names = Field(
        (),
        description="Which of the clocks counted from receipt begin for them; none where absent.",
        examples=["[acknowledgement, allocated_worker_read]"],
    )


class OutcomeRules(Part):
    """A decision that can be taken."""

    label: Text = Field(description="Its name on screen.", examples=["Strategy discussion"])
    level: Annotated[Whole, Field(ge=1, le=4)] | None = Field(
        None, description="The threshold level that it means, where the decision names none.", examples=["4"]
    )
    destination: Text | None = Field(
        None, description="Who takes it on from here, as shown with the decision.", examples=["Assessment team"]
    )
    oversight_for: Names = Field(
        (),
        description="Colours in which a second person must look; or `always`, or `never`.",
        examples=["[amber, red]", "always"],
    )
    waits_for_replies: YesNo = Field(
        True,
        description="Not before everybody asked or required has answered, or is set aside on record. `false`: it does "
        "not wait for agencies.",
        examples=["false"],
    )
    stands_at_once: YesNo = Field(
        False, description="Takes effect when recorded; oversight follows.", examples=["true"]
    )


class ExceptionRules(Part):
    """A category of contacts for which a decision maker may lift a deadline, with a reason."""

    label: Text = Field(description="Its name on screen.", examples=["Fabricated or induced illness"])
    lifts: SomeNames = Field(
        description="The clocks that may be lifted. Never one that stops with `decision_stands`.",
        examples=["[decision]"],
    )


class RatingRules(Part):
    """Rating and re-rating."""

    rerating: Rerating = Field(
        Rerating.WITH_REASON,
        description="Whether a colour may be changed: `free`, `with_reason`, `upward_with_reason` (never lower), "
        "`forbidden`.",
        examples=["upward_with_reason"],
    )
    suggestion_never_falls: YesNo = Field(
        False,
        description="Once suggested, a colour stays suggested when later facts would suggest a lower one.",
        examples=["true"],
    )


class PausingRules(Part):
    """Pausing a clock."""

    longest_days: Annotated[Whole, Field(ge=1, le=28)] = Field(
        5, description="The longest pause of a clock, 1 to 28 days.", examples=["10"]
    )


class ClosingRules(Part):
    """Closing a contact."""

    feedback_first: YesNo = Field(
        False, description="Not closed before the referrer was told, where that is owed.", examples=["true"]
    )


class RuleSet(Part):
    """One version of one borough's rules, whole."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{1,40}$",
        description="The borough's short name: small letters, digits, hyphens. It never changes.",
        examples=["riverside"],
    )
    title: Text = Field(description="Its name on screen.", examples=["Riverside"])
    version: Annotated[Whole, Field(ge=1)] = Field(
        description="A whole number that counts up, another in each file; a version in force is never changed.",
        examples=["1"],
    )
    in_force_from: Day = Field(
        description="Contacts received on or after this London date get this version.", examples=["2026-04-01"]
    )
    reference_prefix: str = Field(
        pattern="^[A-Z]{2,4}$", description="Two to four capital letters that begin every reference.", examples=["RS"]
    )
    source: Text = Field(
        description="Where these rules are published, or who confirmed them.",
        examples=["Riverside threshold document, March 2026"],
    )
    invented: YesNo = Field(
        False,
        description="No real authority: for demonstrations and tests, never put in a live database.",
        examples=["true"],
    )
    unconfirmed: YesNo = Field(
        False,
        description="Published or assumed figures that nobody at the authority has confirmed: never put in a live "
        "database. Every figure then needs a `basis`.",
        examples=["true"],
    )
    confirmed_by: Text | None = Field(
        None,
        description="Who at the authority confirmed the figures, and when. With a `basis`, this or `unconfirmed`.",
        examples=["Head of service, 9 March 2026"],
    )
    sources: dict[str, Publication] = Field(
        {},
        description="Pages and papers on which figures are published, by code.",
        examples=["{leaflet: {title: MASH leaflet, url: https://example.org/leaflet, read: November 2026}}"],
    )
    basis: dict[str, Basis] = Field(
        {},
        description="What figures stand on, by the key for which it is said, with dots; it holds for all below that "
        "key that says nothing of its own.",
        examples=["{clocks.decision.by_rating.red: {published: leaflet, assumed: Hours by the clock.}}"],
    )
    colours: dict[str, Colour] = Field(
        min_length=1,
        description="The rating scheme by code, the lowest first; as many as you have. A scheme without colours has "
        "its levels here.",
        examples=["{green: {label: Green}, red: {label: Red}}"],
    )
    rating: RatingRules = Field(
        RatingRules(), description="Rating and re-rating.", examples=["{rerating: upward_with_reason}"]
    )
    kinds: dict[Kind, KindRules] = Field(
        description="All four kinds: `referral`, `notification`, `information_request`, `advice`. Given by _baseline.",
        examples=["{advice: {clocks: [acknowledgement], may_close_early: true}}"],
    )
    calendars: dict[str, CalendarRules] = Field(
        min_length=1,
        description="Opening hours by name: one for the hub, others for agencies or roles.",
        examples=[
            "{hub: {mon: 09:00-17:00, tue: 09:00-17:00, wed: 09:00-17:00, thu: 09:00-17:00, fri: 09:00-16:30, "
            "sat: closed, sun: closed}}"
        ],
    )
    bank_holidays: dict[Day, Text] = Field(
        description="Which dates are bank holidays: a list in calendars.yaml by name, or dates with names of your own. "
        "Copied in when the rules are loaded. Given by _baseline: `england`. Each date is for one year.",
        examples=["england", "{2026-12-25: Christmas Day}"],
    )
    intake: IntakeRules = Field(
        IntakeRules(), description="Whose a contact is when it arrives; intake cut-off.", examples=["{calendar: hub}"]
    )
    agencies: dict[str, AgencyRules] = Field(
        description="Whom this borough asks, by code. Any of them may be asked about any contact.",
        examples=["{police: {label: Police, calendar: police, required_for: red}}"],
    )
    sharing: SharingRules = Field(SharingRules(), description="Asking agencies.", examples=["{before_rating: true}"])
    open_cases: OpenCaseRules = Field(
        OpenCaseRules(),
        description="Contacts all of whose children have an allocated worker.",
        examples=["{pass_on: true}"],
    )
    outcomes: dict[str, OutcomeRules] = Field(
        min_length=1,
        description="Decisions that can be taken, by code.",
        examples=["{early_help: {label: Early help, oversight_for: never}}"],
    )
    closing: ClosingRules = Field(ClosingRules(), description="Closing a contact.", examples=["{feedback_first: true}"])
    who_may: dict[Verb, Annotated[tuple[Role, ...], BeforeValidator(some)]] = Field(
        {},
        description="Acts that only these roles may do, and nobody else. It can take away what the program lets a role "
        "do, never add.",
        examples=["{rate_contact: [decision_maker, edt, service_manager]}"],
    )
    events: dict[str, Text] = Field(
        {},
        description="Codes, with names, of what can be recorded as having happened. Clocks may start or stop so.",
        examples=["{strategy_discussion_held: Strategy discussion held}"],
    )
    clocks: dict[str, ClockRules] = Field(
        min_length=1,
        description="The timescales by name.",
        examples=[
            "{feedback: {label: Told, from: decision_stands, to: referrer_told, timescale: {due: 24 clock_hours}}}"
        ],
    )
    pausing: PausingRules = Field(PausingRules(), description="Pausing a clock.", examples=["{longest_days: 5}"])
    exceptions: dict[str, ExceptionRules] = Field(
        {},
        description="Categories, by code, for which a decision maker may lift a deadline with a reason.",
        examples=["{fabricated_illness: {label: Fabricated or induced illness, lifts: decision}}"],
    )
    concerns: dict[str, Text] = Field(
        min_length=1, description="Codes with names: what a contact can be about.", examples=["{neglect: Neglect}"]
    )
    suggestions: dict[str, Suggestion] = Field(
        {},
        description="Sentences that suggest a colour, by name. The highest that fits is suggested, with every reason; "
        "where none fits, nothing is.",
        examples=["{R1: {colour: red, when: {any_concern: neglect}, because: Neglect needs a look today.}}"],
    )

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
        """The lowest colour that says how urgent it is."""
        return next(
            (code for code, colour in self.colours.items() if not colour.type_of_work), next(iter(self.colours))
        )

    def colour_label(self, code: str | None) -> str:
        """The word for a colour, also for none."""
        return self.colours[code].label if code else "Not rated"

    def calendar_of(self, clock: str, agency: str) -> str | None:
        """The calendar that a clock counts by: for the clock of an agency it may be the agency's own."""
        name = self.clocks[clock].calendar
        return self.agencies[agency].calendar if name == OF_AGENCY else name

    def level_of(self, colour: str | None) -> int | None:
        """The threshold level that goes with a colour."""
        return self.colours[colour].level if colour else None

    def required_for(self, colour: str | None, concerns: frozenset[str]) -> tuple[str, ...]:
        """Agencies that must be asked for this colour and these concerns; none without a colour."""
        if colour is None or self.colours[colour].asks_nobody:
            return ()
        wanted = {
            code
            for code, agency in self.agencies.items()
            if colour in agency.required_for or not concerns.isdisjoint(agency.required_for_concerns)
        }
        return tuple(code for code in self.agencies if code in wanted)

    def oversight_needed(self, outcomes: "set[str]", colour: str | None) -> bool:
        """Whether any of the outcomes calls for management oversight in this colour."""
        wanted = (self.outcomes[outcome].oversight_for for outcome in outcomes)
        return any("always" in rule or colour in rule for rule in wanted)

    def lets(self, role: Role, verb: Verb) -> bool:
        """Whether these rules leave the act to the role; what the program lets it do is another question."""
        return verb not in self.who_may or role in self.who_may[verb]

    def team_at(self, received_at: int, late: frozenset[date]) -> str | None:
        """Whose a contact is that arrives at this instant; None where the rules do not say."""
        intake = self.intake
        if intake.calendar is None:
            return None
        there = self.working_times(late)[intake.calendar].within_working_day(received_at)
        return intake.in_hours if there else intake.out_of_hours

    def working_times(self, late: frozenset[date]) -> dict[str, WorkingTime]:
        """The calendars, with the bank holidays known when loaded and those announced since."""
        if late not in self._working_times:
            holidays = frozenset(self.bank_holidays) | late
            compiled = {name: WorkingTime(self._calendar(c), holidays) for name, c in self.calendars.items()}
            self._working_times[late] = compiled
        return self._working_times[late]

    def _calendar(self, rules: CalendarRules) -> Calendar:
        other = self.calendars.get(rules.working_days or "")
        return rules.calendar(other.calendar() if other else None)

    def started_by(self, moment: str) -> Sequence[tuple[str, ClockRules]]:
        """The clocks that a moment starts, by name, in the order of the rule set."""
        return self._started.get(moment, ())

    @cached_property
    def _started(self) -> dict[str, list[tuple[str, ClockRules]]]:
        moments = {moment for clock in self.clocks.values() for moment in clock.starts}
        return {moment: [(n, c) for n, c in self.clocks.items() if moment in c.starts] for moment in moments}

    @cached_property
    def _working_times(self) -> dict[frozenset[date], dict[str, WorkingTime]]:
        return {}

    @cached_property
    def prepared(self) -> dict[str, Any]:
        """What others have worked out from it once and for all, by their own names."""
        return {}
