"""Which rule sets and conditions come from installed packages? Entry points of the group `mash.rule_sets`.

A package offers a `PythonRuleSet`; its files go through the same loader and checker as those of the configuration,
and its conditions are used there as `python: <entry point>.<name>`. How to write one: docs/python-rule-sets.md.
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from pathlib import Path

from mash.errors import BadInput
from mash.rules.facts import Facts

GROUP = "mash.rule_sets"
PythonCondition = Callable[[Facts], bool]
FAILURES = (Exception, SystemExit)
"""What foreign code may end with: everything but a request to stop the program."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_NAMING = "is not a name: write letters, digits, hyphens and underscores, no dots and no blanks."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PythonRuleSet:
    """What a package adds: rule-set files of its own, conditions that a rule file cannot put into words, or both.

    A condition takes Facts and gives True or False, for the same facts always the same; it changes nothing and asks
    nobody. Its name is stored in every rule set that uses it: it stays as long as contacts under those rules do.
    """

    files: Sequence[Path] = ()
    conditions: Mapping[str, PythonCondition] = field(default_factory=dict)


@cache
def installed() -> dict[str, PythonRuleSet]:
    """What installed packages offer, by entry point. Raises BadInput with all problems of those that cannot be used."""
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, _package(point)))
    found: dict[str, PythonRuleSet] = {}
    reasons = list(_twice(points))
    for point in points:
        try:
            found[point.name] = _loaded(point)
        except BadInput as error:
            reasons += error.reasons
    if reasons:
        raise BadInput(*reasons)
    return found


def files() -> list[Path]:
    """Rule-set files of installed packages."""
    return [file for offered in installed().values() for file in offered.files]


def condition_names() -> list[str]:
    """Every condition that may stand after `python:`."""
    return sorted(f"{name}.{own}" for name, offered in installed().items() for own in offered.conditions)


def python_condition(name: str) -> PythonCondition:
    """The condition of that name, as its package wrote it. Raises BadInput where no installed package has it."""
    package, _, own = name.partition(".")
    found = installed()[package].conditions.get(own) if package in installed() else None
    if found is None:
        known = ", ".join(condition_names()) or "none"
        raise BadInput(f"No installed package has the condition `{name}`. There are: {known}.")
    return found


def safe_condition(name: str) -> Callable[[Facts], bool | None]:
    """The condition of that name, which gives None instead where it is not there, raises, or gives no True or False.

    A report about a child is received whatever a package does; what failed is logged without anything of the report.
    """

    def answer(facts: Facts) -> bool | None:
        try:
            condition = python_condition(name)
        except BadInput as error:
            _log.error("%s", error)
            return None
        try:
            given: object = condition(facts)
        except FAILURES as error:
            _log.error("The condition %s could not be worked out: %s", name, what_failed(error))
            return None
        if not isinstance(given, bool):
            _log.error("The condition %s gave %s instead of True or False", name, type(given).__name__)
            return None
        return given

    return answer


def what_failed(error: BaseException) -> str:
    """`KeyError in rules.py, line 12`: its text might hold what was reported, so that is left out."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


# -- what is wrong with a package -------------------------------------------------------------------------------------


def _package(point: EntryPoint) -> str:
    return (point.dist and point.dist.name) or "a package without a name"


def _where(point: EntryPoint) -> str:
    return f"{_package(point)}: entry point `{point.name}` ({GROUP})"


def _twice(points: Iterable[EntryPoint]) -> Iterator[str]:
    for one, other in pairwise(points):
        if one.name == other.name:
            yield f"{_where(other)}: {_package(one)} has one of this name too. Rename one, or uninstall its package."


def _loaded(point: EntryPoint) -> PythonRuleSet:
    try:
        offered = point.load()
    except FAILURES as error:  # whatever a foreign package does at import
        raise BadInput(
            f"{_where(point)}: `{point.value}` cannot be imported: {type(error).__name__}: {error}. "
            "Repair the package or uninstall it."
        ) from error
    if not isinstance(offered, PythonRuleSet):
        raise BadInput(
            f"{_where(point)}: `{point.value}` is not a PythonRuleSet. "
            "Offer `PythonRuleSet(files=…, conditions=…)` from mash.rules.plugins."
        )
    if faults := list(_faults(point, offered)):
        raise BadInput(*(f"{_where(point)}: {fault}" for fault in faults))
    return offered


def _faults(point: EntryPoint, offered: PythonRuleSet) -> Iterator[str]:
    if not _NAME.fullmatch(point.name):
        yield f"`{point.name}` {_NAMING}"
    if not offered.files and not offered.conditions:
        yield "offers nothing. Give `files`, `conditions` or both."
    yield from _faults_of_files(offered.files, _folders(point))
    yield from _faults_of_conditions(offered.conditions)


def _folders(point: EntryPoint) -> list[Path]:
    """Where the package lives; nowhere where it is a single module."""
    top = sys.modules[point.module.partition(".")[0]]
    return [Path(folder).resolve() for folder in getattr(top, "__path__", ())]


def _faults_of_files(given: object, folders: list[Path]) -> Iterator[str]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        yield '`files` is not a list. Write `files=[Path(__file__).parent / "riverside.yaml"]`.'
        return
    for file in given:
        if not isinstance(file, Path):
            yield f'files: `{file}` is not a Path. Write `Path(__file__).parent / "riverside.yaml"`.'
        elif not file.is_file():
            yield f"files: {file} is not there. Name it in the package's data, so that it is installed too."
        elif not any(file.resolve().is_relative_to(folder) for folder in folders):
            yield f"files: {file} lies outside the package. Put it into the package's folder, beside `__init__.py`."


def _faults_of_conditions(given: object) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield '`conditions` is not a mapping. Write `conditions={"some_name": some_function}`.'
        return
    for name, condition in given.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield f"conditions: `{name}` {_NAMING}"
        elif not callable(condition):
            yield f"conditions: `{name}` is not a function. Give one that takes Facts."
