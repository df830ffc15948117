"""What changed from one version of a borough's rules to another? A sentence for each difference, and for nothing else.

Compares what is stored, key by key, so that no key can be forgotten: two rule sets without a sentence are the same.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from mash.rules import inwords
from mash.rules.loader import resolved_text
from mash.rules.names import Route
from mash.rules.ruleset import RuleSet

_NOTHING: Final = object()
"""What stands where there is no such key."""
_MANY = 4


def changes(old: RuleSet, new: RuleSet) -> list[str]:
    """Sentences such as “Decision, amber: 1 working day, until the same time of day → 4 working hours.”"""
    before, after = (json.loads(resolved_text(rules)) for rules in (old, new))
    return list(_differences(_Two(old, new), before, after, ()))


class _Two:
    """Both rule sets, for the words."""

    def __init__(self, old: RuleSet, new: RuleSet) -> None:
        self.old, self.new = old, new

    def place(self, route: Route) -> str:
        return inwords.place(self._having(route), route)

    def noun(self, route: Route) -> str:
        return f"{inwords.NOUNS[route[0]]} “{inwords.label(self._having(route), route[0], route[1])}”"

    def _having(self, route: Route) -> RuleSet:
        """The rules that have what stands there: the old, if they can say it."""
        return self.old if _at(_dumped(self.old), route) is not _NOTHING else self.new


def _differences(two: _Two, before: Any, after: Any, route: Route) -> Iterator[str]:
    if not (_is_mapping(before, route) and _is_mapping(after, route)):
        if before != after:
            yield _sentence(two, route, before, after)
        return
    for key in [*before, *(key for key in after if key not in before)]:
        yield from _differences(two, before.get(key, _NOTHING), after.get(key, _NOTHING), (*route, key))
    if route == ("colours",) and list(before) != list(after):
        yield f"Colours, the lowest first: {_names(two.old, route, before)} → {_names(two.new, route, after)}."
    elif before.keys() == after.keys() and list(before) != list(after):
        where = two.place(route) or "The file"
        yield f"{where}, order: {_names(two.old, route, before)} → {_names(two.new, route, after)}."


def _is_mapping(value: Any, route: Route) -> bool:
    """Whether its keys are compared one by one; a condition is looked at as a whole."""
    return isinstance(value, dict) and route[-1:] != ("when",)


def _sentence(two: _Two, route: Route, before: Any, after: Any) -> str:
    if len(route) == 2 and route[0] in inwords.NOUNS and (before is _NOTHING or after is _NOTHING):
        what, rules = ("New", two.new) if before is _NOTHING else ("Removed", two.old)
        details = inwords.details(rules, route, _at(_dumped(rules, short=True), route))
        return _ended(f"{what}: {two.noun(route)}" + (f": {details}" if details else ""))
    apart = _apart(two, route, before, after) if isinstance(before, list) and isinstance(after, list) else ""
    if apart:
        return _ended(f"{two.place(route)}: {apart}")
    was, now = _said(two.old, route, before), _said(two.new, route, after)
    if was == now:
        was, now = (json.dumps(value, ensure_ascii=False) for value in (before, after))
    return _ended(f"{two.place(route)}: {was} → {now}")


def _apart(two: _Two, route: Route, before: list[Any], after: list[Any]) -> str:
    """Of long lists only what came and went; empty, where they are short or only the order is another."""
    if max(len(before), len(after)) <= _MANY:
        return ""
    came, went = [x for x in after if x not in before], [x for x in before if x not in after]
    said = [f"also {_said(two.new, route, came)}"] if came else []
    return "; ".join([*said, *([f"no longer {_said(two.old, route, went)}"] if went else [])])


def _said(rules: RuleSet, route: Route, value: Any) -> str:
    if value is _NOTHING:
        return "nothing said"
    if isinstance(value, dict) and route[-1] != "when":
        short = _at(_dumped(rules, short=True), route)
        return "as is usual" if short is _NOTHING else inwords.said(rules, route, short)
    return inwords.said(rules, route, value)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _names(rules: RuleSet, route: Route, keys: Any) -> str:
    if len(route) == 1 and route[0] in inwords.NOUNS:
        return ", ".join(inwords.label(rules, route[0], key) for key in keys)
    return ", ".join(inwords.key_of(rules, (*route, key)) or key for key in keys)


def _dumped(rules: RuleSet, *, short: bool = False) -> Any:
    """As it is stored; `short`, without what is so anyhow."""
    return rules.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=short)


def _at(data: Any, route: Route) -> Any:
    for step in route:
        data = data.get(step, _NOTHING) if isinstance(data, dict) else _NOTHING
    return data
