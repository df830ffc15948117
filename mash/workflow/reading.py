"""Why this time? A deadline explained in words. Pure."""

from mash.clock import LONDON
from mash.rules.clockrules import AtClosing, Owner
from mash.rules.ruleset import RuleSet
from mash.workflow.episodes import Episode, as_instant


def reading(rules: RuleSet, episode: Episode) -> str:
    """How the deadline was counted, in one or two sentences, with London times."""
    start, due = _when(episode.origin.at), _when(episode.due_at)
    calendar = rules.calendar_of(episode.clock, episode.agency)
    hours = f", by the hours of “{calendar}”" if calendar and episode.counted_by.needs_hours else ""
    words = episode.timescale.words
    sentence = f"{words[0].upper()}{words[1:]}"
    pauses = len(episode.origin.pauses)
    paused = f" {pauses} {'pause' if pauses == 1 else 'pauses'} not counted." if pauses else ""
    whose = rules.clocks[episode.clock].whose
    owed = "" if whose in (Owner.HUB, Owner.AGENCY) else f" {whose.label} has to act."
    handed = " At closing it passes to the emergency duty team." if _handed_on(episode) else ""
    late = f", after the intake cut-off, so from {_when(episode.begun)}" if episode.begun != episode.origin.at else ""
    counted = f"{sentence}{hours}, counted from {start}{late}: due {due}."
    past = f" Already past when it was set, {_when(episode.set_at)}." if episode.due_at <= episode.set_at else ""
    return f"{counted}{_moves(episode)}{paused}{past}{owed}{handed} Rules: {rules.full_name}."


def _moves(episode: Episode) -> str:
    """What it was before, each time that it moved."""
    moved = [move for move in episode.moves if move.due_before != move.due_after]
    return "".join(f" Until {_when(m.at)} it was due {_when(m.due_before)}: {m.why.label}." for m in moved)


def _handed_on(episode: Episode) -> bool:
    return episode.timescale.at_closing is AtClosing.HAND_TO_EDT


def _when(at: int) -> str:
    instant = as_instant(at)
    assert instant is not None
    wall = instant.astimezone(LONDON)
    return f"{wall:%a %-d %b %Y %H:%M}"
