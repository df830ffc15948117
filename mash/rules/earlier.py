"""What does a rule set say that an earlier program stored? Reads texts of other shapes than today's. Pure.

A key that came later takes its default. A key that this program no longer has is set aside and named, and with it what
has no meaning without it: a suggestion whose condition it is in, a part that nothing is left of.
"""

import json
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mash.rules.ruleset import RuleSet

_STEPS = 100


@lru_cache(maxsize=64)
def read(text: str) -> tuple[RuleSet, tuple[str, ...]]:
    """The rule set of a stored text, read once, and the keys that were set aside. Raises ValueError for other texts."""
    try:
        return RuleSet.model_validate_json(text), ()
    except ValidationError:
        data = json.loads(text)
    aside: list[str] = []
    for _ in range(_STEPS):
        try:
            return RuleSet.model_validate(data), tuple(aside)
        except ValidationError as error:
            told = [(_route(one), one) for one in error.errors(include_url=False, include_input=False)]
            aside += _set_aside(data, told, aside)
    raise ValueError("The text is not a rule set.")


def _set_aside(data: dict[str, Any], told: list[tuple[list[str], ErrorDetails]], before: list[str]) -> list[str]:
    """Take out what is unknown, or the parts that were left empty by that; the keys taken out."""
    unknown = [route for route, one in told if one["type"] == "extra_forbidden"]
    emptied = [route for route, _ in told if any(name.startswith(f"{'.'.join(route)}.") for name in before)]
    routes = unknown or [route for route in emptied if len(route) > 1]
    if not routes:
        raise ValueError("The text is not a rule set that this program can read.")
    for route in routes:
        # A condition of which a part is missing would fit too often: its suggestion goes as a whole.
        _take_out(data, route[:2] if route[0] == "suggestions" else route)
    return list(dict.fromkeys(".".join(route) for route in routes))


def _route(error: ErrorDetails) -> list[str]:
    return [str(step) for step in error["loc"] if step != "[key]" and not str(step).startswith("function-")]


def _take_out(data: Any, route: list[str]) -> None:
    for step in route[:-1]:
        data = data[int(step)] if isinstance(data, list) else data.get(step, {})
    if isinstance(data, dict):
        data.pop(route[-1], None)
