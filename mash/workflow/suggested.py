"""Why this colour? What was suggested, when, and which facts made each rule fit: told from the record. Pure.

The colour of each suggestion is on record with the act that led to it, the reasons of the latest with the contact. What
a rule went by is worked out again from the facts; where that no longer gives what was recorded, it says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mash.rules.facts import Facts
from mash.rules.reasons import Asked, asked
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import NOT_WORKED_OUT, NOTHING_FITS
from mash.vocabulary import Verb
from mash.workflow.history import Event
from mash.workflow.telling import tell

SUGGESTING = (Verb.RECEIVE_CONTACT, Verb.ADD_FACTS)
"""The acts at which a suggestion is worked out."""


@dataclass(frozen=True)
class Suggesting:
    """One act at which it was worked out, what was added where something was, and what came of it."""

    at: datetime
    who: str
    what: str
    sentence: str


@dataclass(frozen=True)
class ColourExplained:
    """The suggestion: `fitting` with what each rule went by, `others` those that do not fit; `recorded` as stored.

    `recorded` is None for an earlier instant, for reasons are stored of the latest suggestion only. `remark` says
    where what is worked out now is not what was recorded.
    """

    colour: str | None
    since: datetime
    recorded: tuple[str, ...] | None
    fitting: tuple[Asked, ...]
    others: tuple[Asked, ...]
    remark: str
    history: tuple[Suggesting, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons on record that belong to no rule that fits: nothing matched, or it could not be worked out."""
        known = {one.because for one in self.fitting}
        return tuple(line for line in self.recorded or () if not any(line.endswith(f": {text}") for text in known))


def explain_colour(
    rules: RuleSet, events: Sequence[Event], facts: Facts, recorded: tuple[str, ...] | None, names: Sequence[str]
) -> ColourExplained:
    """The suggestion as it stood after these events. `names` are those who acted, one for each event."""
    own = [(event, who) for event, who in zip(events, names, strict=True) if event.verb in SUGGESTING]
    last, _ = own[-1]
    found = asked(rules, facts)
    now = tuple(sentence(rules, one) for one in found if one.fits)
    fitting = tuple(one for one in found if (sentence(rules, one) in recorded if recorded is not None else one.fits))
    return ColourExplained(
        colour=last.facts["suggested"],
        since=last.at,
        recorded=recorded,
        fitting=tuple(_as_recorded(one) for one in fitting),
        others=tuple(one for one in found if one not in fitting),
        remark=_remark(rules, last.facts["suggested"], found, recorded, now),
        history=tuple(_history(rules, own)),
    )


def sentence(rules: RuleSet, one: Asked) -> str:
    """The reason of a rule as it is stored."""
    return f"{rules.colours[one.colour].label}: {one.because}"


def _as_recorded(one: Asked) -> Asked:
    """A rule that fitted and would not now: by what it went cannot be told any more."""
    if one.fits:
        return one
    return Asked(one.name, one.colour, one.because, True, ("What it went by then cannot be worked out any more.",))


def _remark(
    rules: RuleSet,
    colour: str | None,
    found: Sequence[Asked],
    recorded: tuple[str, ...] | None,
    now: tuple[str, ...],
) -> str:
    highest = next((one.colour for one in found if one.fits), None)
    if colour == highest and (recorded is None or _told(recorded) == now):
        return ""
    if rules.rating.suggestion_never_falls and rules.order[highest] < rules.order[colour]:
        return "By these rules a suggestion never falls: the reasons are those of the higher one before."
    return (
        "Worked out again from what is on record today, other rules fit: what is known of earlier contacts has "
        "changed since. What counts is what was recorded then."
    )


def _told(recorded: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for line in recorded if line != NOTHING_FITS and not line.startswith(NOT_WORKED_OUT))


def _history(rules: RuleSet, own: Sequence[tuple[Event, str]]) -> Iterator[Suggesting]:
    before: str | None = None
    for event, who in own:
        colour = event.facts["suggested"]
        label = rules.colours[colour].label if colour else ""
        if event.verb is Verb.ADD_FACTS and colour == before:
            text = f"{label} as before." if label else "Still no rule matched."
        else:
            text = f"{label} was suggested." if label else NOTHING_FITS
        what = tell(event, rules) if event.verb is Verb.ADD_FACTS else ""
        yield Suggesting(event.at, who, what, text)
        before = colour
