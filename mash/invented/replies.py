"""What does an agency say about an invented family? Chooses words; knows neither times nor people of the hub."""

from random import Random
from typing import Any, NamedTuple

from mash.invented.people import Family
from mash.invented.reports import Report, names, words
from mash.vocabulary import Handling, Reply

_HANDLING = {"hub": Handling.HUB_ONLY, "team": Handling.SHAREABLE_WITH_TEAM, "family": Handling.SHAREABLE_WITH_FAMILY}
_THEMES = {
    "domestic_abuse": "domestic",
    "physical_abuse": "harm",
    "sexual_abuse": "harm",
    "unexplained_injury": "harm",
    "injury_in_non_mobile_baby": "harm",
    "missing": "outside",
    "criminal_exploitation": "outside",
    "sexual_exploitation": "outside",
    "online_harm": "outside",
    "radicalisation": "outside",
}
_AGENCY_OF_SOURCE = {"2": "education", "3": "health", "4": "housing", "6": "police"}


class Words(NamedTuple):
    """A reply as `return_information` takes it."""

    reply: Reply
    summary: str
    handling: Handling


def whole_reply(agency: str, report: Report, family: Family, rng: Random) -> Words:
    """What the agency holds, or that it knows nothing. Who reported adds to it, but never knows nothing."""
    pool = words()["replies"][agency]
    group = next((group for group in _groups(agency, report, family) if group in pool), None)
    if group is None or (group != "own" and "nothing" in pool and rng.random() < 0.15):
        return Words(Reply.NOTHING_KNOWN, rng.choice(pool["nothing"]), Handling.SHAREABLE_WITH_TEAM)
    return _said(Reply.INFORMATION_HELD, pool[group], rng)


def first_part(rng: Random) -> Words:
    """A part of it, with more to come."""
    return _said(Reply.PARTIAL, words()["replies"]["partial"], rng)


def _groups(agency: str, report: Report, family: Family) -> list[str]:
    """Sorts of reply that fit, the best first."""
    source = names().referrers[report.from_].source
    own = ["own"] if _AGENCY_OF_SOURCE.get(source[0]) == agency else []
    theme = next((_THEMES[concern] for concern in report.concerns if concern in _THEMES), "home")
    return [*own, theme, family.age_group, "any"]


def _said(reply: Reply, texts: Any, rng: Random) -> Words:
    handling, summary = rng.choice(texts).split(" | ")
    return Words(reply, summary, _HANDLING[handling])
