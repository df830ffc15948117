"""When is a borough open, whose is what arrives, and from when on is it tomorrow's? Knows no file and no contact."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mash.rules.calendars import Calendar, Window, WorkingTime, instant, london_day
from mash.rules.conditions import Weekday
from mash.rules.notation import WEEKDAYS, ClockTime, Day, Days, Duration, Names, Period, SomeNames, Text, Windows
from mash.rules.part import Part


class CalendarRules(Part):
    """Opening hours in London wall-clock time. A window holds its opening minute and not its closing minute."""

    mon: Windows = Field((), description="Monday's opening hours, or `closed`.", examples=["09:00-17:15"])
    tue: Windows = Field((), description="Tuesday's.", examples=["09:00-12:30, 13:30-17:00"])
    wed: Windows = Field((), description="Wednesday's.", examples=["10:30-17:00"])
    thu: Windows = Field((), description="Thursday's.", examples=["00:00-24:00"])
    fri: Windows = Field((), description="Friday's.", examples=["09:00-16:30"])
    sat: Windows = Field((), description="Saturday's.", examples=["closed"])
    sun: Windows = Field((), description="Sunday's.", examples=["00:00-09:00, 17:00-24:00"])
    bank_holidays: Literal["open", "closed"] = Field(
        "closed",
        description="`open`: a bank holiday has the hours of its weekday. `closed`: it has none.",
        examples=["open"],
    )
    dates: dict[Day, Windows] = Field(
        {},
        description="Dates with hours of their own, bank holiday or not; `closed` is possible. Each is for one year.",
        examples=["{2026-12-24: 09:00-15:00}"],
    )
    closed_on: Days = Field(
        (),
        description="Further closed dates and spans of dates, such as school holidays.",
        examples=["2026-10-26 to 2026-10-30, 2026-12-24"],
    )
    working_days: str | None = Field(
        None,
        description="Another calendar that says which dates are working days, where that is not simply every date with "
        "opening hours: a line that never closes counts working days by the hub's. A date has to be open in both.",
        examples=["hub"],
    )

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

    def calendar(self, working_days: Calendar | None = None) -> Calendar:
        """As the arithmetic takes it."""
        days: dict[date, tuple[Window, ...]] = dict.fromkeys(self.closed_on, ())
        return Calendar(self.week, days | self.dates, self.bank_holidays == "open", working_days)


def _by_weekday(value: Any) -> Any:
    """One time of day stands for every weekday."""
    return dict.fromkeys(WEEKDAYS, value) if isinstance(value, str) else value


CutOffTime = Annotated[dict[Weekday, ClockTime], BeforeValidator(_by_weekday)]


class CutOff(Part):
    """From some time before closing on, what arrives counts as the next working day's."""

    clocks: SomeNames = Field(description="The clocks that it applies to.", examples=["[screening, decision]"])
    at: CutOffTime | None = Field(
        None,
        description="From this time of day on, or one for each weekday that has one. This or `before_closing`.",
        examples=["16:30", "{mon: 16:30, fri: 16:00}"],
    )
    before_closing: Duration | None = Field(
        None, description="From so long before the day's last closing on. This or `at`.", examples=["30 min"]
    )
    not_for: Names = Field(
        (),
        description="Colours to which it does not apply: the rating, or before that the suggestion.",
        examples=["red"],
    )

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        if (self.at is None) == (self.before_closing is None):
            raise ValueError("give exactly one of `at` and `before_closing`")
        return self

    def minute(self, day: date, hours: WorkingTime) -> int | None:
        """The minute of a working day from which it applies; None where it does not."""
        if self.before_closing is not None:
            return max(0, hours.windows_on(day)[-1][1] - self.before_closing // 60)
        assert self.at is not None
        return {str(weekday): minute for weekday, minute in self.at.items()}.get(WEEKDAYS[day.weekday()])

    def counted_from(self, start: int, hours: WorkingTime) -> int:
        """What a start counts as: on a working day from the cut-off on, the opening of the next. Replay format, 3.2."""
        day = london_day(start)
        if not hours.is_working_day(day):
            return start
        minute = self.minute(day, hours)
        if minute is None or start < instant(day, minute):
            return start
        return hours.first_opening(hours.working_day_after(day, 1))


class ReReferral(Part):
    """A child whose earlier contact was closed not long ago goes back to those who knew it."""

    within: Period = Field(
        description="At most so long after the closing of an earlier contact about the same child.",
        examples=["12 weeks"],
    )
    to: Text = Field(description="To whom it goes then.", examples=["Previous social worker"])


class IntakeRules(Part):
    """Whose a contact is when it arrives, and how late in the day it still counts."""

    calendar: str | None = Field(
        None, description="The opening hours that tell in hours from out of hours.", examples=["hub"]
    )
    in_hours: Text = Field(
        "Front door",
        description="Whose it is when it arrives on a working day between the first opening and the last closing, "
        "also during a lunch closure, and however late the work is done. "
        "At closing time to the minute it is no longer theirs.",
        examples=["Day team"],
    )
    out_of_hours: Text = Field(
        "Emergency duty team",
        description="Whose it is when it arrives at any other time.",
        examples=["Night duty service"],
    )
    re_referral: ReReferral | None = Field(
        None,
        description="To whom a contact goes about a child known from one closed lately.",
        examples=["{within: 12 weeks, to: Previous social worker}"],
    )
    cut_off: CutOff | None = Field(
        None,
        description="A time before closing from which arrivals count as the next working day's.",
        examples=["{at: 16:30, clocks: decision}"],
    )

    @model_validator(mode="after")
    def _hours_for_the_cut_off(self) -> Self:
        fields = type(self).model_fields
        said = [key for key in ("in_hours", "out_of_hours") if getattr(self, key) != fields[key].default]
        if self.calendar is None and said:
            raise ValueError(f"`{said[0]}` needs a `calendar` that tells in hours from out of hours")
        return self
