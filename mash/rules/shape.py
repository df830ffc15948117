"""Is each part of a rule set well formed? What is wrong as a sentence that says what to write. Knows no file.

A rule set with faulty parts is told about as a whole: they are taken out, and the rest goes on to be checked.
"""

import copy
import re
from collections.abc import Callable, Iterator
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mash.rules.names import GROUPS, Route, choice, listing, near, shortened
from mash.rules.notation import LACKS
from mash.rules.ruleset import RuleSet

_MOST = 200
_PLACEHOLDERS: dict[str, Any] = {
    "name": "somewhere",
    "title": "Somewhere",
    "version": "1",
    "in_force_from": "2026-01-01",
    "reference_prefix": "XX",
    "source": "nowhere",
    "colours": {"placeholder": {"label": "Placeholder"}},
    "kinds": {},
    "calendars": {"placeholder": {"mon": "09:00-17:00"}},
    "bank_holidays": {},
    "agencies": {},
    "outcomes": {"placeholder": {"label": "Placeholder"}},
    "clocks": {
        "placeholder": {"label": "x", "from": "receipt", "to": "rated", "timescale": {"due": "none"}},
    },
    "concerns": {"placeholder": "Placeholder"},
}
"""What stands in for a missing key while the rest is checked."""


class Fault(NamedTuple):
    """What is wrong at a key. `missing`: the key is not there. `of_whole`: how the keys below it fit together.

    `misplaced`: it does not belong there at all.
    """

    route: Route
    text: str
    missing: bool = False
    of_whole: bool = False
    misplaced: bool = False


def faults(data: Any, part: type[BaseModel] = RuleSet) -> list[Fault]:
    """Everything that is not well formed; of what is missing, not what was only misspelt."""
    try:
        part.model_validate(data)
    except ValidationError as error:
        told = [problem for problem in _errors(error)[:_MOST] if problem["type"] != "too_short" or not problem["input"]]
        found = [_fault(problem, part) for problem in told]
        found = [_as_one(fault) if part is RuleSet else fault for fault in found]
        return [fault for fault in dict.fromkeys(found) if not (fault.missing and _is_misspelt(fault.route, found))]
    return []


def what_is_left(data: dict[str, Any]) -> RuleSet | None:
    """The rule set without what is faulty; None where that leaves nothing."""
    data = copy.deepcopy(data)
    for _ in range(8):
        try:
            return RuleSet.model_validate(data)
        except ValidationError as error:
            for problem in _errors(error):
                _take_out(data, _route(problem), missing=problem["type"] == "missing")
    return None


def keys_at(route: Route, part: Any = RuleSet) -> list[str]:
    """The keys that there can be at this place, in their order; none where names are one's own."""
    here: Any = part
    for step in route:
        here = _plain(_fields(here).get(step) if _is_part(here) else next(_parts(here), None))
    if _is_part(here):
        return list(_fields(here))
    words = _plain(get_args(here)[0]) if get_origin(here) is dict else None
    if get_origin(words) is Literal:
        return [str(word) for word in get_args(words)]
    return [str(word.value) for word in words] if isinstance(words, type) and issubclass(words, Enum) else []


def _take_out(data: Any, route: Route, *, missing: bool) -> None:
    """Remove what is faulty; of a part that lacks a key, the whole part; a missing key of the whole is stood in for."""
    if len(route) == 1:
        data.pop(route[0], None)
        if route[0] in _PLACEHOLDERS:
            data[route[0]] = copy.deepcopy(_PLACEHOLDERS[route[0]])
        return
    *above, last = route[:-1] if missing else route
    for step in above:
        data = data[int(step)] if isinstance(data, list) and step.isdigit() else data.get(step, {})
        if not isinstance(data, (dict, list)):
            return
    if isinstance(data, dict):
        data.pop(last, None)
    elif last.isdigit() and int(last) < len(data):
        data.pop(int(last))


def _errors(error: ValidationError) -> list[Any]:
    return error.errors(include_url=False, include_input=True, include_context=True)


def _route(problem: Any) -> Route:
    """Where it stands in the file: without the steps that only the program sees."""
    return tuple(str(step) for step in problem["loc"] if step != "[key]" and not str(step).startswith("function-"))


def _as_one(fault: Fault) -> Fault:
    """Whatever is wrong with an entry that has the name of a key of such entries is told once."""
    entry = fault.route[:2]
    if len(entry) < 2 or entry[0] not in (*GROUPS, "suggestions") or entry[1] not in keys_at(entry):
        return fault
    text = (
        "is read as a name here, and is not whole. If it is a key of what stands above, indent it two blanks further."
    )
    return Fault(entry, text, misplaced=True)


def _is_misspelt(missing: Route, found: list[Fault]) -> bool:
    """Whether a key beside it that is told of resembles it, or the mapping itself is none."""
    beside = [fault.route[-1] for fault in found if not fault.missing and fault.route[:-1] == missing[:-1]]
    return bool(near(missing[-1], beside))


# -- sentences --------------------------------------------------------------------------------------------------------


def _fault(problem: Any, part: type[BaseModel]) -> Fault:
    route, kind = _route(problem), problem["type"]
    if kind == LACKS:
        return Fault((*route, *problem["ctx"]["key"].split(".")), f"{problem['msg']}.", missing=True)
    if kind == "missing":
        return Fault(route, f"is missing. Add `{route[-1]}:`.", missing=True)
    if kind == "extra_forbidden":
        remark = " Put `#` before it if it is a remark." if " " in route[-1] else ""
        text = f"is not a key here. {choice(route[-1], keys_at(route[:-1], part))}{remark}"
        return Fault(route, text, misplaced=True)
    say = _SENTENCES.get(kind, _own_words)
    of_whole = kind == "too_short" or (kind == "value_error" and isinstance(problem["input"], dict))
    return Fault(route, say(problem, keys_at(route, part)), False, of_whole, kind in _MISPLACED)


def _own_words(problem: Any, keys: list[str]) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"{message[0].lower()}{message[1:]}."


def _keys_wanted(problem: Any, keys: list[str]) -> str:
    what = f" Keys here: {listing(keys)}." if keys else " The keys are names of your own."
    return f"has to be keys with values, indented below it or in `{{…}}`.{what}"


def _one_of(problem: Any, keys: list[str]) -> str:
    if not isinstance(problem["input"], str):
        return f"has to be one word. {choice('', _words_of(problem))}"
    given = problem["input"]
    return f"`{shortened(given)}` is not known here. {choice(given, _words_of(problem))}"


def _words_of(problem: Any) -> list[str]:
    return re.findall(r"'([^']*)'", str(problem["ctx"]["expected"]))


def _bounded(problem: Any, keys: list[str]) -> str:
    limits = problem["ctx"]
    if "ge" in limits:
        return f"`{problem['input']}` is too small: write {limits['ge']} or more."
    return f"`{problem['input']}` is too big: write {limits['le']} or less."


def _text_wanted(problem: Any, keys: list[str]) -> str:
    return f"has to be a single word or text, not {_what_it_is(problem['input'])}."


def _what_it_is(value: Any) -> str:
    return {list: "a list", tuple: "a list", dict: "keys with values", type(None): "nothing"}.get(type(value), "this")


_MISPLACED = ("model_type", "dict_type", "string_type")
_PATTERNS: dict[str, str] = {
    "name": "use 2 to 41 small letters, digits and hyphens, a letter first",
    "reference_prefix": "use two to four capital letters",
    "url": "write an address that begins with `https://` or `http://`, without blanks",
}

_SENTENCES: dict[str, Callable[[Any, list[str]], str]] = {
    "model_type": _keys_wanted,
    "dict_type": _keys_wanted,
    "model_attributes_type": _keys_wanted,
    "enum": _one_of,
    "literal_error": _one_of,
    "greater_than_equal": _bounded,
    "less_than_equal": _bounded,
    "string_type": _text_wanted,
    "int_type": lambda problem, keys: f"has to be a whole number, not {_what_it_is(problem['input'])}.",
    "bool_type": lambda problem, keys: "write `true` or `false`.",
    "date_type": lambda problem, keys: "has to be a date. Write it like 2026-12-24.",
    "tuple_type": lambda problem, keys: "has to be one item, or a list: `[one, another]`.",
    "too_short": lambda problem, keys: "is empty. Add at least one.",
    "string_too_short": lambda problem, keys: f"is too short: write at least {problem['ctx']['min_length']} letters.",
    "string_pattern_mismatch": lambda problem, keys: (
        f"`{shortened(problem['input'])}` is not written right: {_PATTERNS.get(problem['loc'][-1], 'look it up')}."
    ),
}


# -- what a part of the rule set is made of ---------------------------------------------------------------------------


def _plain(annotation: Any) -> Any:
    """Without what surrounds it: `X | None`, `Annotated[X, …]` → X."""
    while get_origin(annotation) in (Union, UnionType, Annotated):
        annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(part: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in part.model_fields.items()}


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if _is_part(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
