"""Under which part of the rules, as the page of the rules has them, does a piece of advice belong? Pure."""

from collections.abc import Sequence

from mash.rule_advice.kinds import Advice

PARTS = {
    "timescales": ("clocks", "kinds", "events", "pausing", "exceptions"),
    "hours": ("calendars", "bank_holidays", "intake"),
    "agencies": ("agencies", "sharing"),
    "outcomes": ("outcomes",),
    "suggestions": ("colours", "rating", "concerns", "suggestions"),
    "practice": ("open_cases", "closing", "who_may"),
}
"""The parts in their order, with the keys of a rule set that each is about."""


def by_part(found: Sequence[Advice]) -> dict[str, list[Advice]]:
    """The advice on each part of which there is something to consider."""
    parts = {part: [one for one in found if one.route[0] in keys] for part, keys in PARTS.items()}
    return {part: own for part, own in parts.items() if own}
