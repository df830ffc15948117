"""What do the files say? Reads rule sets from YAML; every problem at once, each with file, line, key and remedy.

A borough's file inherits from `_baseline.yaml` key by key, takes bank holidays from `calendars.yaml` and the names of
agencies from `agencies.yaml`; what comes out is whole and needs no file any more.
"""

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from mash.errors import BadInput
from mash.rules.linter import problems
from mash.rules.ruleset import RuleSet

Route = tuple[str, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Source:
    """Data from YAML with the place where each key stands. All scalars are text: the rule set gives them meaning."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Route, str] = field(default_factory=dict)

    def place(self, route: Route) -> str:
        """`file:line` of the key, or of the nearest one above it."""
        while route not in self.places and route:
            route = route[:-1]
        return self.places.get(route, "rule set")

    def under(self, other: "Source") -> "Source":
        """This one as the ground on which the other builds: mappings are merged, all else is replaced."""
        return Source(_merged(self.data, other.data), self.places | other.places)


def load_folder(config: Path) -> list[RuleSet]:
    """Every rule set of `boroughs/`, by name and version. Raises BadInput with all problems of all files."""
    files = sorted(f for f in (config / "boroughs").glob("*.yaml") if not f.name.startswith("_"))
    found: list[RuleSet] = []
    reasons: list[str] = []
    for file in files:
        try:
            found.append(load_file(file, config))
        except BadInput as error:
            reasons += error.reasons
    if reasons:
        raise BadInput(*reasons)
    if not found:
        raise BadInput(f"{config / 'boroughs'} holds no rule set. Set MASH_CONFIG to the folder that has boroughs/.")
    return found


def load_file(file: Path, config: Path) -> RuleSet:
    """One rule set, whole. Raises BadInput with all its problems, each `file:line: key: what is wrong; remedy`."""
    source = _with_shared(_inherited(file, config, ()), config)
    try:
        rules = RuleSet.model_validate(source.data)
    except ValidationError as error:
        raise BadInput(*_explained(error, source)) from None
    if wrong := [f"{source.place(route)}: {'.'.join(route)}: {text}" for route, text in problems(rules)]:
        raise BadInput(*wrong)
    return rules


def resolved_text(rules: RuleSet) -> str:
    """The whole rule set as text that `from_text` reads back: what is kept in the database."""
    return rules.model_dump_json(by_alias=True, exclude_unset=True, indent=1)


def from_text(text: str) -> RuleSet:
    """The rule set of a resolved text."""
    return RuleSet.model_validate_json(text)


def fingerprint(text: str) -> str:
    """SHA-256 of a resolved text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_yaml(file: Path) -> Source:
    """Data and places of one file. Raises BadInput for what is not YAML, not a mapping, or says a key twice."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError:
        raise BadInput(f"{file}: cannot be read. Check the name and that it may be read.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or "is not text in UTF-8"
        raise BadInput(f"{file}:{line}: cannot be read as YAML: {what}. Check indentation and colons there.") from None
    source = Source()
    if not isinstance(node, yaml.MappingNode):
        raise BadInput(f"{file}:1: the file must consist of keys with values.")
    wrong: list[str] = []
    source.places[()] = f"{file}:1"
    source.data = _value(node, (), file, source.places, wrong)
    if wrong:
        raise BadInput(*wrong)
    return source


def _value(node: yaml.Node, route: Route, file: Path, places: dict[Route, str], wrong: list[str]) -> Any:
    if isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            places[(*route, str(n))] = f"{file}:{item.start_mark.line + 1}"
        return [_value(item, (*route, str(n)), file, places, wrong) for n, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Any] = {}
        for key, value in node.value:
            name, place = str(key.value), f"{file}:{key.start_mark.line + 1}"
            if name in data:
                wrong.append(f"{place}: {'.'.join((*route, name))}: stands here a second time. Remove one of the two.")
            places[(*route, name)] = place
            data[name] = _value(value, (*route, name), file, places, wrong)
        return data
    text = str(node.value)
    return None if node.tag.endswith(":null") else text


def _inherited(file: Path, config: Path, heirs: tuple[Path, ...]) -> Source:
    if file in heirs:
        raise BadInput(f"{heirs[-1]}: inherits: goes round in a circle. Remove `inherits` from one of the files.")
    source = read_yaml(file)
    parent = source.data.pop("inherits", None)
    if parent is None:
        return source
    ground = next(
        (p for p in (file.parent / f"{parent}.yaml", config / "boroughs" / f"{parent}.yaml") if p.exists()),
        None,
    )
    if ground is None:
        raise BadInput(
            f"{source.place(('inherits',))}: inherits: there is no {parent}.yaml beside it or in {config}/boroughs."
        )
    return _inherited(ground, config, (*heirs, file)).under(source)


def _with_shared(source: Source, config: Path) -> Source:
    """Bank holidays and agency names by reference, copied in."""
    calendars = read_yaml(config / "calendars.yaml")
    region = source.data.get("bank_holidays")
    if isinstance(region, str):
        regions = calendars.data.get("bank_holidays", {})
        if region not in regions:
            place = source.place(("bank_holidays",))
            raise BadInput(
                f"{place}: bank_holidays: `{region}` is not in calendars.yaml, which has {', '.join(regions)}."
            )
        source.data["bank_holidays"] = regions[region]
    names = read_yaml(config / "agencies.yaml").data
    for code, agency in _mappings(source.data.get("agencies")):
        if "label" not in agency and code in names:
            agency["label"] = names[code]
    return source


def _mappings(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield from ((k, v) for k, v in value.items() if isinstance(v, dict))


def _merged(ground: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(ground)
    for key, value in top.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return {key: value for key, value in merged.items() if value is not None}


def _explained(error: ValidationError, source: Source) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False, include_context=True):
        route = tuple(str(step) for step in problem["loc"] if step != "[key]")
        yield f"{source.place(route)}: {'.'.join(route) or 'rule set'}: {_remedy(problem, route)}"


def _remedy(problem: Any, route: Route) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "missing":
        return f"is missing. Add `{route[-1]}:`."
    if problem["type"] == "extra_forbidden":
        known = _keys_at(route[:-1])
        near = difflib.get_close_matches(route[-1], known, 1)
        return "is not a key here. " + (f"Did you mean `{near[0]}`?" if near else f"Keys here: {', '.join(known)}.")
    return f"{message[0].lower()}{message[1:]}."


def _keys_at(route: Route) -> list[str]:
    """The keys that a rule set knows at this place."""
    here: Any = RuleSet
    for step in route:
        here = _fields(here).get(step) if _is_part(here) else next(_parts(here), None)
        if not _is_part(here):
            here = next((arg for arg in get_args(here) if _is_part(arg)), here) if _is_optional(here) else here
    return list(_fields(here)) if _is_part(here) else []


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_optional(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


def _fields(part: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in part.model_fields.items()}


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if _is_part(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
