"""What is a piece of advice on a rule set? Its kind, where it belongs, and what a manager reads. Knows no rules."""

from dataclasses import dataclass

from mash.rules.names import Route
from mash.vocabulary import Labelled


class AdviceKind(Labelled):
    """What can be valid in a rule set and foolish."""

    COLOUR_NEVER_SUGGESTED = "colour_never_suggested", "A colour that no rule suggests"
    RULE_NEVER_FITS = "rule_never_fits", "A rule that fits no contact"
    RULE_NEVER_DECIDES = "rule_never_decides", "A rule whose colour never counts"
    RULE_SAID_TWICE = "rule_said_twice", "Two rules that are one"
    CONCERNS_UNMENTIONED = "concerns_unmentioned", "Concerns that no rule mentions"
    CLOCK_NEVER_STARTS = "clock_never_starts", "A clock that never starts"
    CLOCK_NEVER_STOPS = "clock_never_stops", "A clock that nobody stops"
    CLOCK_OUTLIVES_CLOSING = "clock_outlives_closing", "A clock that runs on when a contact is closed early"
    CLOCK_WITHOUT_DEADLINE = "clock_without_deadline", "A clock that has no deadline while one waits"
    REST_WITHOUT_CLOCK = "rest_without_clock", "A stage in which no deadline runs"
    HIGHEST_COLOUR_WAITS = "highest_colour_waits", "The most urgent contact waits for the next working day"
    NOBODY_TOLD_AGAIN = "nobody_told_again", "A clock without an escalation"
    TOLD_IN_VAIN = "told_in_vain", "An alert for somebody who can do nothing about it"
    OUTCOME_WITHOUT_ROUTE = "outcome_without_route", "An outcome that leads to nobody"
    AGENCY_NEVER_REQUIRED = "agency_never_required", "An agency that nobody has to ask"
    REPLY_WITHOUT_DEADLINE = "reply_without_deadline", "An agency that must be asked and is never late"
    BANK_HOLIDAYS_END = "bank_holidays_end", "A list of bank holidays that is about to end"


@dataclass(frozen=True)
class Advice:
    """Something to consider. `route`: the keys of the rule set to which it belongs; `text`: what would happen, and
    what to write or to consider."""

    kind: AdviceKind
    route: Route
    text: str
