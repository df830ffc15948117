"""What can a suggestion ask? Conditions over named facts, as a rule file writes them. Knows no file and no contact."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from mash.rules.notation import Period, SomeNames, TimeRange, Whole, YesNo, some
from mash.rules.part import Part
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Relationship, Source

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ContactDays(Part):
    """Contacts about the same child on different London dates of receipt, this one's among them."""

    at_least: Annotated[Whole, Field(ge=2)] = Field(description="On so many different dates.", examples=["3"])
    within_days: Annotated[Whole, Field(ge=1, le=3660)] = Field(
        description="Each at most so many days before this contact's date, both ends included.", examples=["42"]
    )
    concerns: SomeNames | None = Field(
        None, description="Only contacts with one of these concerns count.", examples=["missing"]
    )


class AdultCondition(Part):
    """An adult of the contact; where both keys are given, the same adult fits both."""

    role: Annotated[tuple[AdultRole, ...], BeforeValidator(some)] | None = Field(
        None,
        description="The part that the adult plays: `carer`, `alleged_perpetrator`, `other`.",
        examples=["alleged_perpetrator"],
    )
    relationship: Annotated[tuple[Relationship, ...], BeforeValidator(some)] | None = Field(
        None,
        description="What it is to the children: `mother`, `father`, `partner_of_parent`, `grandparent`, `other`.",
        examples=["partner_of_parent"],
    )

    @model_validator(mode="after")
    def _says_something(self) -> "AdultCondition":
        if not self.model_fields_set:
            raise ValueError("say which adult: give `role`, `relationship` or both")
        return self


class Ages(Part):
    """Completed years on the London date of receipt."""

    at_least: Annotated[Whole, Field(ge=0, le=25)] = Field(description="The youngest age that fits.", examples=["16"])
    at_most: Annotated[Whole, Field(ge=0, le=25)] = Field(description="The oldest age that fits.", examples=["17"])

    @model_validator(mode="after")
    def _in_order(self) -> "Ages":
        if self.at_least > self.at_most:
            raise ValueError("`at_least` is more than `at_most`: no child could fit")
        return self


class Condition(Part):
    """One thing that may be true of a contact. Exactly one key."""

    all: tuple["Condition", ...] | None = Field(
        None, min_length=1, description="Every one of these.", examples=["[{any_concern: missing}, {child_under: 5}]"]
    )
    any: tuple["Condition", ...] | None = Field(
        None, min_length=1, description="At least one of these.", examples=["[{unborn_child: true}, {child_under: 1}]"]
    )
    not_: "Condition | None" = Field(
        None, alias="not", description="This is not true.", examples=["{any_concern: neglect}"]
    )
    any_concern: SomeNames | None = Field(
        None, description="At least one of these concerns is recorded.", examples=["[neglect, missing]"]
    )
    every_concern: SomeNames | None = Field(
        None, description="All of these concerns are recorded.", examples=["[trafficking, missing]"]
    )
    different_concerns: Annotated[Whole, Field(ge=1, le=100)] | None = Field(
        None, description="So many different concerns are recorded, or more.", examples=["3"]
    )
    child_under: Annotated[Whole, Field(ge=1, le=25)] | None = Field(
        None,
        description="A child has not completed so many years on the day of receipt, or is of unknown age. "
        "The unborn are not meant.",
        examples=["5"],
    )
    child_aged: Ages | None = Field(
        None,
        description="A child of known age has completed at least and at most so many years on the day of receipt. "
        "Unknown ages are left out.",
        examples=["{at_least: 16, at_most: 17}"],
    )
    unborn_child: YesNo | None = Field(
        None, description="`true`: there is an unborn child. `false`: there is none.", examples=["true"]
    )
    children: Annotated[Whole, Field(ge=1, le=50)] | None = Field(
        None, description="So many children, or more, the unborn among them.", examples=["3"]
    )
    open_case: YesNo | None = Field(
        None, description="`true`: a child has an allocated worker. `false`: none has.", examples=["true"]
    )
    adult: AdultCondition | None = Field(
        None, description="There is such an adult.", examples=["{role: alleged_perpetrator}"]
    )
    contact_days: ContactDays | None = Field(
        None,
        description="The same child was reported on so many dates, this one's among them.",
        examples=["{at_least: 3, within_days: 365}"],
    )
    closed_within: Period | None = Field(
        None,
        description="An earlier contact about the same child was closed, and at most so long before this one's date.",
        examples=["12 weeks"],
    )
    kind: Annotated[tuple[Kind, ...], BeforeValidator(some)] | None = Field(
        None,
        description="It came as one of these kinds: `referral`, `notification`, `information_request`, `advice`.",
        examples=["notification"],
    )
    channel: Annotated[tuple[Channel, ...], BeforeValidator(some)] | None = Field(
        None,
        description="It came this way: `phone`, `online_form`, `email`, `police_notification`, `letter`, `in_person`.",
        examples=["police_notification"],
    )
    source: Annotated[tuple[Source, ...], BeforeValidator(some)] | None = Field(
        None,
        description="It comes from one of these, by code of the national returns: `2A` schools, `3A` GP, `6` police …",
        examples=["[2A, 2B]"],
    )
    anonymous: YesNo | None = Field(
        None, description="`true`: the referrer is anonymous. `false`: is not.", examples=["true"]
    )
    agreement: Annotated[tuple[Agreement, ...], BeforeValidator(some)] | None = Field(
        None,
        description="Agreement as last recorded: `given`, `refused`, `not_sought`, `not_required`.",
        examples=["refused"],
    )
    parents_informed: YesNo | None = Field(
        None, description="The parents were told of the contact, or (`false`) were said not to be.", examples=["false"]
    )
    received_between: TimeRange | None = Field(
        None,
        description="It arrived in this part of the London day, which may go over midnight; the last minute is out.",
        examples=["17:00-09:00"],
    )
    received_on: Annotated[tuple[Weekday, ...], BeforeValidator(some)] | None = Field(
        None, description="It arrived on one of these London weekdays.", examples=["[sat, sun]"]
    )
    outside_hours_of: str | None = Field(None, description="It arrived while this calendar was shut.", examples=["hub"])
    python: str | None = Field(
        None,
        description="A condition written in Python by an installed package; see python-rule-sets.md.",
        examples=["riverside.moved_twice"],
    )

    @model_validator(mode="after")
    def _exactly_one_key(self) -> "Condition":
        if len(self.model_fields_set) != 1 or next(iter(self.named.values())) is None:
            raise ValueError("a condition has exactly one key; combine several with `all` or `any`")
        return self

    @property
    def named(self) -> dict[str, object]:
        """The one key with its value."""
        return {key: getattr(self, key) for key in self.model_fields_set}


class Suggestion(Part):
    """A sentence that suggests a colour."""

    colour: str = Field(description="The colour suggested.", examples=["amber"])
    when: Condition = Field(description="One condition; see the table of conditions.", examples=["{child_under: 5}"])
    because: str = Field(
        min_length=10,
        description="The reason, as the person who rates reads it: at least ten letters.",
        examples=["Physical abuse, and a child is under 5 or of unknown age."],
    )
