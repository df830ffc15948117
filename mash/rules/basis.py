"""What does each figure of a rule set stand on: published where, assumed why? Looks it up and says what has none. Pure.

A basis is named by the route of its key with dots, and holds for everything below that has none of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mash.rules.clockrules import ClockRules
from mash.rules.names import Declared, Problem, Route, choice, listing
from mash.rules.ruleset import RuleSet
from mash.rules.sourced import Publication
from mash.vocabulary import Verb

_SETTLED = ("rating", "intake", "sharing", "open_cases", "closing", "pausing")
"""Parts with defaults: a figure only where a rule set says something else."""
_EACH = ("agencies", "outcomes", "exceptions", "suggestions")
_ONE_BY_ONE = ("clocks", "calendars")
"""Groups of which no basis can speak as a whole: each entry is a figure of its own."""


@dataclass(frozen=True)
class Footing:
    """What one figure stands on, the publications by their codes."""

    published: Mapping[str, Publication]
    assumed: str | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """`Published: …` and `Assumed: …`, as they apply."""
        named = "; ".join(f"{source.title} ({source.when})" for source in self.published.values())
        said = (f"Published: {named}." if named else "", f"Assumed: {self.assumed}" if self.assumed else "")
        return tuple(sentence for sentence in said if sentence)


def footing(rules: RuleSet, route: Route) -> Footing | None:
    """What the figure at a route stands on: its own basis, or the nearest above it; None where nothing is said."""
    for length in range(len(route), 0, -1):
        if found := rules.basis.get(".".join(route[:length])):
            cited = {code: rules.sources[code] for code in found.published or () if code in rules.sources}
            return Footing(cited, found.assumed)
    return None


def timescale_route(clock: str, rules: ClockRules, key: str, agency: str = "") -> Route:
    """Where the timescale of a clock stands that is for this colour, suggestion or level, and this agency."""
    if agency in rules.for_agency:
        return ("clocks", clock, "for_agency", agency, key)
    return ("clocks", clock, rules.way, key) if key else ("clocks", clock, rules.way)


def of_timescale(rules: RuleSet, clock: str, key: str, agency: str = "") -> tuple[str, ...]:
    """What a timescale stands on, in sentences; after them the warning, where nobody has confirmed the rules."""
    found = footing(rules, timescale_route(clock, rules.clocks[clock], key, agency))
    told = warning(rules)
    return (*(found.sentences if found else ()), *([told] if told else []))


def warning(rules: RuleSet) -> str | None:
    """What has to be said wherever unconfirmed rules are shown; None of others."""
    if not rules.unconfirmed:
        return None
    return (
        f"These are published and assumed figures that nobody at {rules.title} has confirmed. "
        "The authority must confirm each of them before they are used."
    )


def figures(rules: RuleSet) -> Iterator[Route]:
    """The routes of all figures of which it has to be known what they stand on, in the order of a file."""
    yield ("colours",)
    yield ("kinds",)
    yield from (("calendars", name) for name in rules.calendars)
    yield ("bank_holidays",)
    yield from ((part,) for part in _SETTLED if part in rules.basis or _differs(rules, part))
    yield from ((group, code) for group in _EACH for code in getattr(rules, group))
    yield from (("who_may", verb.value) for verb in rules.who_may)
    for name, clock in rules.clocks.items():
        yield from (timescale_route(name, clock, key) for key, _ in clock.timescales)
        yield from (timescale_route(name, clock, key, a) for a, own in clock.for_agency.items() for key in own)
    yield ("concerns",)


def _differs(rules: RuleSet, part: str) -> bool:
    return bool(getattr(rules, part) != type(rules).model_fields[part].default)


def settled(rules: RuleSet) -> tuple[tuple[str, Route], ...]:
    """What is settled beside timescales, hours, agencies, outcomes and suggestions and stands on something, by name."""
    shown = {*_ONE_BY_ONE, "agencies", "outcomes", "suggestions"}
    found = [route for route in figures(rules) if route[0] not in shown and footing(rules, route)]
    return tuple((_in_words(rules, route), route) for route in found)


def _in_words(rules: RuleSet, route: Route) -> str:
    part, *name = route
    if part == "who_may":
        return f"Who may: {Verb(name[0]).label.lower()}"
    if part == "exceptions":
        return f"Exception: {rules.exceptions[name[0]].label}"
    return part.replace("_", " ").capitalize()


def problems(rules: RuleSet, known: Declared) -> Iterator[Problem]:
    """A basis for what is not there or of a source that is not there; figures of an unconfirmed authority without."""
    for name, own in rules.basis.items():
        known.check(own.published or (), "sources", ("basis", name, "published"))
        yield from _for_nothing(known, name)
    yield from _confirmation(rules)
    if rules.unconfirmed and known.whole(("basis",)):
        without = [".".join(route) for route in figures(rules) if known.whole(route) and not _is_said(rules, route)]
        if without:
            also = f" The same goes for {listing(without[1:])}." if without[1:] else ""
            text = "is missing. Say where the figure comes from: `published:` with a source, `assumed:` with the reason"
            yield ("basis", without[0]), f"{text}.{also}"


def _for_nothing(known: Declared, name: str) -> Iterator[Problem]:
    here: Any = known.data
    route = tuple(name.split("."))
    for length, step in enumerate(route):
        if not isinstance(here, Mapping) or step not in here:
            there = [".".join((*route[:length], key)) for key in here] if isinstance(here, Mapping) else []
            if known.whole(route[: length + 1]) and not known.says(route[:length], step):
                above = ".".join(route[: length + 1])
                yield ("basis", name), f"there is no `{above}` in this rule set. {choice(above, there)}"
            return
        here = here[step]


def _confirmation(rules: RuleSet) -> Iterator[Problem]:
    if rules.unconfirmed and rules.confirmed_by:
        yield ("confirmed_by",), "cannot stand beside `unconfirmed: true`. Keep the one that is true."
    if rules.unconfirmed or rules.invented or not rules.basis:
        return
    if not rules.confirmed_by:
        text = "is missing. Say who at the authority confirmed these figures and when, or write `unconfirmed: true`."
        yield ("confirmed_by",), text
    assumed = [name for name, own in rules.basis.items() if own.assumed]
    if assumed:
        also = f" The same goes for {listing(assumed[1:])}." if assumed[1:] else ""
        yield (
            ("basis", assumed[0], "assumed"),
            f"what is confirmed is no longer assumed: put the figure right and remove this.{also}",
        )


def _is_said(rules: RuleSet, route: Route) -> bool:
    shortest = 2 if route[0] in _ONE_BY_ONE else 1
    return any(".".join(route[:length]) in rules.basis for length in range(shortest, len(route) + 1))
