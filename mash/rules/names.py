"""Which names does a rule set give, and which does it use? Finds what is unknown and what may be misspelt. Pure."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Route = tuple[str, ...]
Problem = tuple[Route, str]
GROUPS = {
    "colours": "a colour",
    "calendars": "a calendar",
    "agencies": "an agency",
    "outcomes": "an outcome",
    "events": "an event",
    "clocks": "a clock",
    "concerns": "a concern",
    "exceptions": "an exception",
    "sources": "a source",
}
"""The keys under which a borough gives names of its own, and what one of them is."""

_MAY_BE_ABSENT = ("events", "exceptions", "sources")
_SHORT, _SEVERAL = 8, 2


def near(name: str, names: Iterable[str]) -> list[str]:
    """The one of these names that resembles it most, if any does."""
    known = list(names) if name else []
    return difflib.get_close_matches(name[:100], known, 1) or [other for other in known if _one_letter(name, other)][:1]


def misspelt(name: str, names: Iterable[str]) -> list[str]:
    """The one of these names that is the same but for a letter or two."""
    close = near(name, names)
    return close if close and (_one_letter(name, close[0]) or _alike(name, close[0])) else []


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other).ratio() > 0.8


def _one_letter(one: str, other: str) -> bool:
    """Whether one letter was left out, doubled or changed, or two changed places."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    return one[1:] == other or one == other[1:] or one[1:] == other[1:] or (one[1::-1] + one[2:]) == other


def choice(name: str, names: Collection[str]) -> str:
    """What to write instead: the name that resembles it, or those that there are, if they are not too many."""
    if close := near(name, names):
        return f"Did you mean `{close[0]}`?"
    return f"Write one of {listing(names)}." if names else "There is none yet."


def listing(names: Collection[str]) -> str:
    """`a, b, c`; of many the first."""
    shown = list(names)[:_SHORT] if len(names) > _SHORT + 2 else list(names)
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(shown) < len(names) else "")


def shortened(text: object) -> str:
    """What somebody wrote, short enough for a sentence."""
    words = " ".join(str(text).split())
    return words if len(words) <= 60 else f"{words[:59]}…"


class _Unknown(NamedTuple):
    group: str
    name: str
    route: Route
    also: Collection[str]


@dataclass
class Declared:
    """What a file says, also in parts that are faulty themselves, so that one mistake is not told as several.

    `faulty`: routes of which something has been told. `unsure`: mappings of which a part could not be read. `lost`:
    names that may have been meant for another place.
    """

    data: Mapping[str, Any]
    faulty: Collection[Route] = ()
    unsure: Collection[Route] = ()
    lost: Collection[str] = ()
    _unknown: list[_Unknown] = field(default_factory=list)

    def names(self, group: str) -> Collection[str] | None:
        """The names of a group; None where the file does not say, or not all of it could be read."""
        given = self.data.get(group, {} if group in _MAY_BE_ABSENT else None)
        elsewhere = misspelt(group, [other[0] for other in self.faulty if len(other) == 1 and other[0] not in GROUPS])
        return list(given) if isinstance(given, Mapping) and (group,) not in self.unsure and not elsewhere else None

    def whole(self, route: Route) -> bool:
        """Whether nothing is known to be wrong with it, or within it, nor a key beside it that may be meant for it."""
        return not any(
            other[: len(route)] == route
            or route[: len(other)] == other
            or (other[:-1] == route[:-1] and bool(misspelt(route[-1], other[-1:])))
            for other in (*self.faulty, *(r for r in self.unsure if len(r) >= len(route)))
        )

    def says(self, route: Route, key: str) -> bool:
        """Whether the mapping has the key, or may have been meant to have it."""
        here: Any = self.data
        for step in route:
            here = here.get(step) if isinstance(here, Mapping) else None
        if not isinstance(here, Mapping) or route in self.unsure or key in here or key in self.lost:
            return True
        wrong = [other[-1] for other in self.faulty if other and other[:-1] == route]
        return bool(misspelt(key, [*wrong, *(other.name for other in self._unknown if other.route[:-1] == route)]))

    def check(self, names: Collection[str], group: str, route: Route, also: Collection[str] = ()) -> None:
        """Each name has to be one of the group, or one of the words that may stand there too."""
        known = self.names(group)
        for n, name in enumerate(names):
            if known is not None and name not in known and name not in also and name not in self.lost:
                own = (*route, str(n)) if len(names) > 1 else route
                self._unknown.append(_Unknown(group, name, own, also))

    def knows(self, names: Collection[str], group: str, also: Collection[str]) -> bool:
        """Whether all of them are names of the group, or of the other words."""
        known = self.names(group)
        return known is not None and all(name in known or name in also for name in names)

    def unknown(self) -> Iterator[Problem]:
        """Every name that is used and not there; and the name that is there and not used, if it may be meant."""
        used = frozenset(_used(self.data))
        places: dict[tuple[str, str], list[_Unknown]] = {}
        for found in self._unknown:
            places.setdefault((found.group, found.name), []).append(found)
        for (group, name), there in places.items():
            meant = misspelt(name, (own for own in self.names(group) or () if own not in used))
            for own in meant:
                text = (
                    f"nothing refers to it; `{name}`, which something refers to, is not there. Write the same in both."
                )
                yield (group, own), text
            shown = there[:1] if meant and len(there) > _SEVERAL else there
            yield from (self._told(place, len(there) - len(shown)) for place in shown)

    def _told(self, place: _Unknown, more: int) -> Problem:
        known = [*(self.names(place.group) or ()), *place.also]
        what = "a moment or event" if place.group == "events" else GROUPS[place.group]
        others = f" It stands in {more} more places." if more else ""
        sentence = f"`{shortened(place.name)}` is not {what} of this rule set. {choice(place.name, known)}{others}"
        return place.route, sentence


def _used(data: Mapping[str, Any]) -> Iterator[str]:
    """Every word of the file but for the names that a group gives."""
    for key, value in data.items():
        own = value.values() if key in GROUPS and isinstance(value, Mapping) else [value]
        for part in own:
            yield from _words(part)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _words(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _words(part)
    elif isinstance(value, str):
        yield value
