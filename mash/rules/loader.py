"""What do the files say? Reads rule sets from YAML; every problem at once, each with file, line, key and remedy.

A borough's file inherits from `_baseline.yaml` key by key, takes bank holidays from `calendars.yaml` and the names of
agencies from `agencies.yaml`; what comes out is whole and needs no file any more.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mash.errors import BadInput
from mash.rules import earlier, plugins
from mash.rules.linter import problems
from mash.rules.names import GROUPS, Declared, Problem, Route, listing, misspelt
from mash.rules.rulefiles import gathered, gathered_text
from mash.rules.ruleset import RuleSet
from mash.rules.shape import Fault, faults, keys_at, what_is_left
from mash.rules.yamlfile import Place, Source, Told

_MOST = 100
_GIVEN_BY_BASELINE = ("kinds", "bank_holidays")
"""Keys that a borough's own file need not have."""
Checks = Callable[[RuleSet], Iterable[Problem]]


def files_of(config: Path) -> list[Path]:
    """The rule-set files of a configuration folder, and those of installed packages."""
    own = sorted(f for f in (config / "boroughs").glob("*.yaml") if not f.name.startswith("_"))
    return own + plugins.files()


def load_folder(config: Path) -> list[RuleSet]:
    """Every rule set of `boroughs/` and of installed packages. Raises BadInput with all problems of all files."""
    found = load_files(files_of(config), config)
    if not found:
        raise BadInput(f"{config / 'boroughs'} holds no rule set. Set MASH_CONFIG to the folder that has boroughs/.")
    return found


def load_files(files: Iterable[Path], config: Path) -> list[RuleSet]:
    """These rule sets. Raises BadInput with all problems of all files, also where two are the same version."""
    found: dict[str, Path] = {}
    rule_sets: list[RuleSet] = []
    reasons: list[str] = []
    for file in files:
        try:
            rules = load_file(file, config)
        except BadInput as error:
            reasons += error.reasons
            continue
        if rules.full_name in found:
            other = found[rules.full_name]
            reasons.append(f"{file}: {rules.full_name} is also in {other}. Give one of them another `version`.")
        found[rules.full_name] = file
        rule_sets.append(rules)
    if reasons:
        raise BadInput(*dict.fromkeys(reasons))
    return rule_sets


def load_file(file: Path, config: Path) -> RuleSet:
    """One rule set, whole. Raises BadInput with all its problems, each `file:line: key: what is wrong; remedy`."""
    return read_file(file, config).rules


@dataclass(frozen=True)
class Written:
    """A rule set, and where in its files it says what."""

    rules: RuleSet
    source: Source

    def place(self, route: Route) -> Place:
        """The file and line of a key; of one that is not written the nearest to where it would stand."""
        return self.source.place(route, keys_at(route[:-1]))


def read_file(file: Path, config: Path) -> Written:
    """As `load_file`, with the places of the keys. Raises BadInput."""
    return _whole(gathered(file, config))


def load_text(text: str | bytes, name: str, config: Path, also: Checks = lambda rules: ()) -> RuleSet:
    """As `load_file`, of a text that is in no file: `name` stands in the messages. It inherits from the configuration.

    `also` says what else has to be so, in the manner of the linter: key and sentence.
    """
    raw = text.encode() if isinstance(text, str) else text
    return _whole(gathered_text(raw, name, config), also).rules


def _whole(source: Source, also: Checks = lambda rules: ()) -> Written:
    rules = _checked(source, also) if source.readable else None
    if source.told or rules is None:
        raise BadInput(*_in_order(source.told))
    return Written(rules, source)


def _in_order(told: list[Told]) -> list[str]:
    """By file and line; what an alias repeats only once, and of very many the first."""
    by_place = {(problem.place, problem.text): problem for problem in reversed(told)}
    found = [str(problem) for problem in sorted(by_place.values())]
    more = [f"{told[0].place.file}: There are {len(found) - _MOST} more. Mend these first, then check again."]
    return found if len(found) <= _MOST else found[:_MOST] + more


def resolved_text(rules: RuleSet) -> str:
    """The whole rule set, defaults written out, as text that `from_text` reads back: what the database keeps."""
    return rules.model_dump_json(by_alias=True, exclude_none=True, indent=1)


@lru_cache(maxsize=64)
def from_text(text: str) -> RuleSet:
    """The rule set of a resolved text, also of one that an earlier program stored. Raises ValueError.

    It never changes, and neither do its calendars: read and compiled once.
    """
    return earlier.read(text)[0]


def fingerprint(text: str) -> str:
    """SHA-256 of a resolved text."""
    return hashlib.sha256(text.encode()).hexdigest()


def same(one: RuleSet, other: RuleSet) -> bool:
    """Whether two rule sets say the same in the same order. (`==` takes no notice of the order of colours.)"""
    return resolved_text(one) == resolved_text(other)


# -- how the parts fit together ---------------------------------------------------------------------------------------


def _checked(source: Source, also: Checks) -> RuleSet | None:
    """The rule set, or what is left of it without its faults; those are told."""
    found = faults(source.data)
    source.lost |= {f.route[-1] for f in found if f.misplaced}
    found = [fault for fault in found if _is_news(source, fault)]
    declared = Declared(source.data, {*source.faulty, *(f.route for f in found)}, source.unsure, source.lost)
    rules = what_is_left(source.data)
    further = [*problems(rules, declared), *also(rules)] if rules else []
    _tell_faults(source, found)
    unsure = [route for route in source.unsure if len(route) > 1]
    for route, text in further:
        if not any(route[: len(other)] == other for other in (*declared.faulty, *unsure)):
            source.complain(route, text, source.place(route, keys_at(route[:-1])))
    return rules


def _is_news(source: Source, fault: Fault) -> bool:
    """Whether it does not merely follow from something that has been told."""
    route = fault.route
    if source.is_told(route):
        return False
    if fault.of_whole:
        return route not in source.unsure and not any(other[:-1] == route for other in source.faulty if other)
    if not fault.missing:
        return not (fault.misplaced and source.follows_empty(route))
    return not source.follows_empty(route[:-1]) and _is_missing(source, route)


def _is_missing(source: Source, route: Route) -> bool:
    """Whether the key is missing, and not just misspelt, misplaced or lost in a line that could not be read."""
    unsure = route[:-1] in source.unsure or any(route[:n] in source.unsure for n in range(2, len(route)))
    wrong = [(other[:-1], other[-1]) for other in source.faulty if other]
    slipped = any(misspelt(key, [o for above, o in wrong if above == route[:n]]) for n, key in enumerate(route))
    return not unsure and not slipped and source.lost.isdisjoint(route[1:] or route)


def _tell_faults(source: Source, found: list[Fault]) -> None:
    strangers = dict(_strangers(source, [fault.route for fault in found if fault.missing]))
    for entry, other in strangers.items():
        lacking = [".".join(f.route[2:]) for f in found if f.missing and f.route[:2] == entry]
        text = f"is not whole: it lacks {listing(lacking)}. Is `{other}` meant, which is inherited?"
        source.complain(entry, text)
        text = f"`{entry[1]}` resembles it and is not whole ({source.place(entry)}). Write the same name in both files."
        source.complain((entry[0], other), text)
    for fault in found:
        if fault.missing and fault.route[:2] not in strangers:
            _tell_missing(source, fault)
        elif not fault.missing:
            source.complain(fault.route, fault.text)


def _strangers(source: Source, missing: list[Route]) -> Iterator[tuple[Route, str]]:
    """What an heir gives and does not give whole, with the inherited name that may be meant."""
    for entry in dict.fromkeys(route[:2] for route in missing if len(route) > 2 and route[0] in GROUPS):
        group, name = entry
        own = source.place(entry).file
        if source.ground[entry].file == own:
            others = [n for n in source.data[group] if {source.place((group, n)).file} - {own}]
            yield from ((entry, other) for other in misspelt(name, others))


def _tell_missing(source: Source, fault: Fault) -> None:
    """Beside the keys that there are; of what is inherited and does not come out whole, in both files."""
    route = fault.route
    own = source if len(route) > 1 else _of_file(source.places, source.place(()).file)
    place = own.place(route, keys_at(route[:-1]))
    source.complain(route, fault.text, place)
    first = source.ground.get(route[:2] if len(route) > 2 else ())
    if first is not None and first.file != place.file and (len(route) > 2 or route[0] in _GIVEN_BY_BASELINE):
        ground = _of_file(source.ground, first.file)
        known = max(n for n in range(len(route)) if route[:n] in ground.places)
        other_end = ground.place(route[: known + 1], keys_at(route[:known]))
        source.complain(route, f"{fault.text} It could stand here, or in {place}.", other_end)


def _of_file(places: Mapping[Route, Place], file: str) -> Source:
    return Source(places={route: place for route, place in places.items() if place.file == file})
