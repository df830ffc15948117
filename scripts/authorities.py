"""Every figure of the authorities whose rules come with the program, and what it stands on: docs/authorities.md.

`make docs` writes what is between the markers; the rest of the page is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from mash.rules import basis, plainly
from mash.rules.loader import load_folder
from mash.rules.names import Route
from mash.rules.ruleset import RuleSet

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "authorities.md"
_MADE = re.compile(r"(?s)<!-- made -->\n.*<!-- end -->")


def page() -> str:
    """The page with its tables made anew."""
    made = "\n".join(_tables())
    return _MADE.sub(lambda _: f"<!-- made -->\n{made}\n<!-- end -->", PAGE.read_text(encoding="utf-8"))


def write() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def _tables() -> Iterator[str]:
    for rules in load_folder(ROOT / "config"):
        if rules.unconfirmed:
            yield from _of(rules)


def _of(rules: RuleSet) -> Iterator[str]:
    footings = [basis.footing(rules, route) for _, _, route in _figures(rules)]
    published = sum(bool(found and found.published) for found in footings)
    alone = sum(bool(found and not found.assumed) for found in footings)
    yield f"## {rules.title}\n"
    yield f"[`config/boroughs/{rules.name}.yaml`](../config/boroughs/{rules.name}.yaml). {len(footings)} figures:"
    yield f"{published} stand on something published, {alone} of them without anything assumed.\n"
    yield "| figure | is | published | assumed |"
    yield "|---|---|---|---|"
    for what, value, route in _figures(rules):
        found = basis.footing(rules, route)
        cited = ", ".join(str(_number(rules, code)) for code in (found.published if found else ()))
        yield f"| {what} | {value} | {cited or '–'} | {(found.assumed if found else None) or '–'} |"
    yield ""
    for code, source in rules.sources.items():
        yield f"{_number(rules, code)}. [{source.title}]({source.url}), {source.when}"
    yield ""


def _number(rules: RuleSet, code: str) -> int:
    return list(rules.sources).index(code) + 1


def _figures(rules: RuleSet) -> Iterator[tuple[str, str, Route]]:
    """What, how much, and where it stands in the file."""
    for clock in plainly.clocks(rules):
        for target in clock.targets:
            what = clock.label if target.what == "All" else f"{clock.label}: {target.what.lower()}"
            yield what, target.due, target.route
    for hours in plainly.hours(rules, date.min):
        yield f"Hours: {hours.name.lower()}", _week(hours), hours.route
    for agency in plainly.agencies(rules):
        yield f"Agency: {agency.label}", f"asked for {agency.required}", agency.route
    for outcome in plainly.outcomes(rules):
        yield f"Outcome: {outcome.label}", f"oversight {outcome.oversight}", outcome.route
    for suggestion in plainly.suggestions(rules):
        yield f"Suggested: {suggestion.label.lower()}", suggestion.because, suggestion.route
    for label, route in basis.settled(rules):
        yield label, _settled(rules, route[0]), route


def _week(hours: plainly.HoursInWords) -> str:
    days = "; ".join(f"{day[:3]} {open_}" for day, open_ in hours.week)
    return f"{days}; bank holidays {hours.bank_holidays}"


def _settled(rules: RuleSet, part: str) -> str:
    if part == "colours":
        return ", ".join(colour.label for colour in rules.colours.values())
    if part == "rating":
        return f"changed {rules.rating.rerating.label}"
    if part == "bank_holidays":
        return f"{len(rules.bank_holidays)} dates to {max(rules.bank_holidays)}"
    if part == "concerns":
        return f"{len(rules.concerns)} words"
    return "see the file"
