"""Why this time? A deadline explained in words. Pure."""

from mash.clock import LONDON
from mash.rules.linter import OF_AGENCY
from mash.rules.ruleset import RuleSet
from mash.workflow.episodes import Episode, as_instant


def reading(rules: RuleSet, episode: Episode) -> str:
    """How the deadline was counted, in one or two sentences, with London times."""
    clock = rules.clocks[episode.clock]
    start, due = _when(episode.origin.at), _when(episode.due_at)
    calendar = clock.calendar
    if calendar == OF_AGENCY:
        calendar = rules.agencies[episode.agency].calendar
    hours = f", by the hours of “{calendar}”" if calendar and "clock" not in episode.timescale.due.unit else ""
    sentence = f"{episode.timescale.due.words[0].upper()}{episode.timescale.due.words[1:]}"
    pauses = len(episode.origin.pauses)
    paused = f" {pauses} {'pause' if pauses == 1 else 'pauses'} not counted." if pauses else ""
    return f"{sentence}{hours}, counted from {start}: due {due}.{paused} Rules: {rules.full_name}."


def _when(at: int) -> str:
    instant = as_instant(at)
    assert instant is not None
    wall = instant.astimezone(LONDON)
    return f"{wall:%a %-d %b %Y %H:%M}"
