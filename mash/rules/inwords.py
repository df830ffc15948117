"""What is a key of a rule set called, and what does its value say, in words? One key at a time, as it is stored.

A route leads to a key, as in a file; a value is what stands there once stored. Codes read as their labels.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter

from mash.rules import plainly
from mash.rules.clockrules import OF_AGENCY, WAYS, AtClosing, OnRerating, OnReturn, Owner, RestartsOn
from mash.rules.names import Route
from mash.rules.notation import WEEKDAYS, AnySpan
from mash.rules.ruleset import Rerating, RuleSet
from mash.rules.timescales import Span
from mash.vocabulary import AdultRole, Agreement, Channel, Kind, Labelled, Relationship, Role, Source, Verb

NOUNS: Mapping[str, str] = {
    "colours": "colour",
    "kinds": "kind of contact",
    "calendars": "opening hours",
    "bank_holidays": "bank holiday",
    "agencies": "agency",
    "outcomes": "outcome",
    "events": "event",
    "clocks": "timescale",
    "exceptions": "exception",
    "concerns": "concern",
    "suggestions": "suggestion",
    "who_may": "act left to certain roles",
}
"""The keys below which there are entries with names, and what one entry is."""

_WITHOUT_NOUN = ("clocks",)
_NAMED: Mapping[str, str] = {
    "in_force_from": "in force from",
    "reference_prefix": "references begin with",
    "title": "name of the borough",
    "name": "short name of the borough",
    "invented": "invented, no real authority",
    "due": "",
    "warn": "warned before",
    "escalate": "told after",
    "at_closing": "at closing time",
    "label": "name on screen",
    "calendar": "by the hours of",
    "owner": "whose it is",
    "unless_anonymous": "not for anonymous referrers",
    "on_rerating": "when the colour or level changes it",
    "on_return": "when the contact is returned to the referrer it",
    "pausable_for": "may be paused for",
    "restarts_on": "runs again when",
    "tag": "colour of the tag",
    "level": "threshold level",
    "asks_nobody": "no agency can be asked",
    "type_of_work": "says what kind of work it is",
    "clocks": "timescales",
    "may_close_early": "may be closed before it is rated",
    "required_for": "must be asked for",
    "required_for_concerns": "must be asked for the concerns",
    "before_rating": "agencies may be asked before rating",
    "agreement_needed_for": "the family's agreement is asked for",
    "agreement_waived_by": "who may do without agreement",
    "partial_reply_stops_clock": "a reply that is only a part counts as the reply",
    "open_cases": "children with an allocated worker",
    "pass_on": "the contact goes to the worker at once",
    "destination": "goes to",
    "oversight_for": "management oversight",
    "waits_for_replies": "waits for replies",
    "stands_at_once": "takes effect at once",
    "lifts": "what may be lifted",
    "rerating": "a colour may be changed",
    "suggestion_never_falls": "a colour once suggested stays suggested",
    "longest_days": "the longest in days",
    "feedback_first": "only when the referrer has been told",
    "dates": "",
    "working_days": "working days are those of",
    "bank_holidays": "on bank holidays",
    "in_hours": "in hours a new contact is for",
    "out_of_hours": "at any other time it is for",
    "re_referral": "a child known from a contact closed lately",
    "cut_off": "cut-off",
    "because": "reason",
    "colour": "suggests",
    "timescale": "",
    "for_agency": "",
    **dict.fromkeys(WAYS, ""),
    **dict(zip(WEEKDAYS, plainly.DAYS, strict=True)),
}
"""Keys that do not say by themselves what they are."""

_CLOSED: Mapping[str, type[Labelled]] = {
    "at_closing": AtClosing,
    "owner": Owner,
    "on_rerating": OnRerating,
    "on_return": OnReturn,
    "restarts_on": RestartsOn,
    "rerating": Rerating,
    "agreement_waived_by": Role,
    "channels": Channel,
    "channel": Channel,
    "sources": Source,
    "source": Source,
    "kind": Kind,
    "agreement": Agreement,
    "role": AdultRole,
    "relationship": Relationship,
}
_CODES: Mapping[str, str] = {
    **dict.fromkeys(
        ("pausable_for", "required_for", "agreement_needed_for", "oversight_for", "not_for", "colour"), "colours"
    ),
    **dict.fromkeys(("clocks", "lifts"), "clocks"),
    **dict.fromkeys(("concerns", "required_for_concerns", "any_concern", "every_concern"), "concerns"),
    **dict.fromkeys(("calendar", "working_days", "outside_hours_of"), "calendars"),
    "outcomes": "outcomes",
    "agencies": "agencies",
}
"""Of which list the codes under a key are."""

_MOMENTS = ("from", "to")
_SPANS = ("due", "no_later_than")
_SPAN: TypeAdapter[Span] = TypeAdapter(AnySpan)


def place(rules: RuleSet, route: Route) -> str:
    """What stands at a route is called so: `Decision, amber`; `Opening hours of Hub, Monday`."""
    group, *rest = route
    if not rest or group not in NOUNS:
        steps = [key(step) for step in route]
    else:
        named = label(rules, group, rest[0])
        steps = [named if group in _WITHOUT_NOUN else f"{NOUNS[group]} “{named}”"]
        steps += [_step(rules, route, n) for n in range(2, len(route))]
    words = ", ".join(step for step in steps if step)
    return words[:1].upper() + words[1:]


def key(name: str) -> str:
    """A key in words; nothing where what stands above it says it."""
    return _NAMED.get(name, name.replace("_", " "))


def _step(rules: RuleSet, route: Route, n: int) -> str:
    name, above = route[n], route[n - 1]
    if above in WAYS and above != "timescale":
        return plainly.for_what(rules, rules.clocks[route[1]], name).lower()
    if above == "for_agency":
        return label(rules, "agencies", name)
    if n == 4 and route[2] == "for_agency":
        return plainly.for_what(rules, rules.clocks[route[1]], name).lower()
    return _day(name) if above == "dates" else key(name)


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%-d %B %Y}"


_NAMED_BY_CODE: Mapping[str, Callable[[str], str]] = {
    "suggestions": str,
    "calendars": plainly.calendar_name,
    "bank_holidays": _day,
    "kinds": lambda code: Kind(code).label,
    "who_may": lambda code: Verb(code).label,
}
"""Entries that have no label of their own."""


def label(rules: RuleSet, group: str, code: str) -> str:
    """What people call an entry; of two that are called alike, with its code."""
    names = {entry: _label(rules, group, entry) for entry in getattr(rules, group, {})}
    own = names.get(code, code.replace("_", " "))
    return own if list(names.values()).count(own) < 2 else f"{own} ({code})"


def _label(rules: RuleSet, group: str, code: str) -> str:
    entry = getattr(rules, group)[code]
    if group in _NAMED_BY_CODE:
        return _NAMED_BY_CODE[group](str(code))
    return str(entry if isinstance(entry, str) else entry.label)


def said(rules: RuleSet, route: Route, value: Any) -> str:
    """What stands at a route, in words."""
    name = route[-1]
    if name in ("when", "all", "any", "not"):
        return _condition(rules, value)
    if isinstance(value, dict):
        return _parts(rules, route, value)
    if isinstance(value, list):
        words = _days(value) if name == "closed_on" else [_one(rules, route, item) for item in value]
        return ", ".join(words) or "none"
    return _one(rules, route, value)


def details(rules: RuleSet, route: Route, value: Any) -> str:
    """What an entry holds beside its name, in words; of an entry that is only a name nothing."""
    if isinstance(value, dict):
        return _parts(rules, route, {inner: one for inner, one in value.items() if inner != "label"})
    return said(rules, route, value) if route[0] in ("who_may", "bank_holidays") else ""


def _parts(rules: RuleSet, route: Route, value: Mapping[str, Any]) -> str:
    parts = ((key_of(rules, (*route, inner)), said(rules, (*route, inner), one)) for inner, one in value.items())
    return "; ".join(f"{named}: {words}" if named else words for named, words in parts)


def _days(days: list[str]) -> list[str]:
    """Dates in words; of several that follow each other the first and the last."""
    runs: list[list[date]] = []
    for day in map(date.fromisoformat, days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    written = [[f"{day:%-d %B %Y}" for day in (run[0], run[-1])] for run in runs]
    return [first if first == last else f"{first} to {last}" for first, last in written]


def key_of(rules: RuleSet, route: Route) -> str:
    """The last step of a route, in words."""
    return _step(rules, route, len(route) - 1)


def _one(rules: RuleSet, route: Route, value: Any) -> str:
    name = "agreement_waived_by" if route[0] == "who_may" else route[-1]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return str(value)
    if name in _SPANS:
        return _SPAN.validate_python(value).words
    if name in _MOMENTS and route[0] == "clocks":
        return plainly.moments(rules, (value,))
    if name in _CLOSED and len(route) > 1:
        return _CLOSED[name](value).label
    if name in _CODES:
        return "the agency asked" if value == OF_AGENCY else label(rules, _CODES[name], value)
    if name in WEEKDAYS or (len(route) > 2 and route[-2] == "dates"):
        return plainly.opened(value)
    return _day(value) if name in ("in_force_from", "closed_on") else value.replace("_", " ")


def _condition(rules: RuleSet, value: Any) -> str:
    """A condition as it reads in a file, with words for codes."""
    if isinstance(value, list):
        return ", ".join(_condition(rules, part) for part in value)
    ((name, wanted),) = value.items()
    if name in ("all", "any"):
        glue = ", and " if name == "all" else ", or "
        return f"({glue.join(_condition(rules, part) for part in wanted)})"
    if name == "not":
        return f"not ({_condition(rules, wanted)})"
    words = said(rules, ("suggestions", "", name), wanted)
    return f"{name.replace('_', ' ')} ({words})" if isinstance(wanted, dict) else f"{name.replace('_', ' ')}: {words}"
