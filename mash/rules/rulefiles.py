"""Which files make up a rule set? A borough's own, what it inherits, bank holidays and names of agencies: one Source.

Tells what is wrong with each file by itself; how they fit together is for the loader to check.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mash.rules.names import choice, misspelt, near, shortened
from mash.rules.notation import Day, Text
from mash.rules.part import Part
from mash.rules.ruleset import RuleSet
from mash.rules.shape import faults
from mash.rules.yamlfile import Route, Source, read_text, read_yaml

_PLAIN_NAME = re.compile(r"(?!.*\.ya?ml$)(?=.{1,60}$)[\w-]+(\.[\w-]+)*")

_NO_FILE = "<text>"


class _Calendars(Part):
    bank_holidays: dict[str, dict[Day, Text]]


class _Agencies(Part):
    agencies: dict[str, Text]


def gathered(file: Path, config: Path) -> Source:
    """Everything that the files say, as one; with what is wrong with each."""
    return _gathered(read_yaml(file), file, config)


def gathered_text(text: bytes, name: str, config: Path) -> Source:
    """As `gathered`, of a text that is in no file: it inherits from the boroughs of the configuration."""
    return _gathered(read_text(text, name), config / "boroughs" / _NO_FILE, config)


def _gathered(first: Source, file: Path, config: Path) -> Source:
    source = Source()
    for layer in reversed(_layers(first, file, config)):
        source = source.under(layer)
    _add_shared(source, config)
    return source


def _layers(first: Source, file: Path, config: Path) -> list[Source]:
    """What was read first and the files from which it inherits, the ground last."""
    layers: list[Source] = []
    seen: list[Path] = []
    following: Path | None = file
    while following is not None:
        seen.append(following.resolve())
        layer = read_yaml(following) if layers else first
        parent = layer.data.pop("inherits", None)
        following = _ground(layer, parent, following, config, seen) if parent is not None else None
        if parent is None and not layers:
            _look_for_inherits(layer)
        _tell_faults(layer)
        layers.append(layer)
    return layers


def _look_for_inherits(layer: Source) -> None:
    """Without it nothing can be said of the whole where it may only have been misspelt, or could not be read."""
    strange = [key for key in layer.data if key not in RuleSet.model_fields]
    for key in misspelt("inherits", strange):
        layer.complain((key,), "is not a key here. Did you mean `inherits`?")
        layer.readable = False
    layer.readable &= () not in layer.unsure


def _ground(layer: Source, parent: Any, file: Path, config: Path, seen: list[Path]) -> Path | None:
    """The file from which a layer inherits; None, with a complaint, where there is none to go by."""
    text = ""
    found: Path | None = None
    if ("inherits",) in layer.faulty:
        pass
    elif not isinstance(parent, str) or not _PLAIN_NAME.fullmatch(parent):
        text = "has to be the plain name of one file, without folder and without `.yaml`, like `_baseline`."
    else:
        places = (file.parent, config / "boroughs")
        found = next((p for p in (place / f"{parent}.yaml" for place in places) if p.exists()), None)
        if found is None:
            there = sorted({p.stem for place in places for p in place.glob("*.yaml")})
            text = (
                f"there is no {shortened(parent)}.yaml beside it or in {config / 'boroughs'}. {choice(parent, there)}"
            )
        elif found.resolve() in seen:
            text, found = "goes round in a circle. Remove `inherits` from one of the files.", None
    if found is None:
        layer.readable = False
        if text:
            layer.complain(("inherits",), text)
    return found


def _tell_faults(layer: Source) -> None:
    """What is not well formed in this file alone; it need not be whole."""
    data = _without_removals(layer.data)
    if isinstance(data.get("bank_holidays"), str):
        del data["bank_holidays"]  # a list by name
    for fault in faults(data):
        follows = fault.misplaced and layer.follows_empty(fault.route)
        if not fault.missing and not fault.of_whole and not follows and not layer.is_told(fault.route):
            layer.complain(fault.route, fault.text)


def _without_removals(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_removals(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value is not None
    }


# -- what all boroughs share ------------------------------------------------------------------------------------------


def _add_shared(source: Source, config: Path) -> None:
    """Bank holidays and names of agencies by reference, copied in."""
    calendars, agencies = read_yaml(config / "calendars.yaml"), read_yaml(config / "agencies.yaml")
    for shared, key in ((calendars, ""), (agencies, "agencies")):
        _tell_shared(shared, key)
        source.told += shared.told
        source.slips |= shared.slips
    _add_holidays(source, calendars)
    _add_labels(source, agencies)


def _tell_shared(shared: Source, key: str) -> None:
    part: type[Part] = _Agencies if key else _Calendars
    for fault in faults({key: shared.data} if key else shared.data, part) if shared.readable else ():
        route = fault.route[1:] if key else fault.route
        follows = (fault.missing and () in shared.unsure) or (fault.misplaced and shared.follows_empty(route))
        if not follows and not shared.is_told(route):
            shared.complain(route, fault.text)


def _add_holidays(source: Source, calendars: Source) -> None:
    region = source.data.get("bank_holidays")
    if not isinstance(region, str):
        return
    regions = calendars.data.get("bank_holidays")
    known: dict[str, Any] = regions if isinstance(regions, dict) else {}
    source.data["bank_holidays"] = known.get(region, {})
    if not isinstance(source.data["bank_holidays"], dict):
        source.data["bank_holidays"] = {}
    if region in known:
        _move(source, calendars, ("bank_holidays", region))
    elif calendars.readable and known and not calendars.unsure and not source.is_told(("bank_holidays",)):
        source.complain(
            ("bank_holidays",), f"`{shortened(region)}` is no list in calendars.yaml. {choice(region, known)}"
        )
        for own in misspelt(region, known):
            _tell_other_end(source, calendars, ("bank_holidays", own), region)


def _move(source: Source, calendars: Source, list_of: Route) -> None:
    """The list's places, and what is wrong with it, as if it stood in the rule set itself."""
    rest = len(list_of)
    source.places |= {("bank_holidays", *r[rest:]): p for r, p in calendars.places.items() if r[:rest] == list_of != r}
    source.faulty |= {("bank_holidays", *r[rest:]) for r in calendars.faulty if r[:rest] == list_of}


def _add_labels(source: Source, agencies: Source) -> None:
    own = source.data.get("agencies")
    if not isinstance(own, dict):
        return
    for code, agency in own.items():
        if not isinstance(agency, dict) or "label" in agency or source.is_told(("agencies", code)):
            continue
        name = agencies.data.get(code)
        if isinstance(name, str) and name.strip():
            agency["label"] = name
        elif code in agencies.data or code in agencies.lost or agencies.unsure or not agencies.readable:
            agency["label"] = code  # what is wrong has been told
        else:
            _tell_label(source, agencies, code, [name for name in agencies.data if name not in own])


def _tell_label(source: Source, agencies: Source, code: str, idle: list[str]) -> None:
    meant = near(code, idle)
    remedy = f"Is `{meant[0]}` meant? Else add" if meant else "Add"
    source.complain(("agencies", code), f"agencies.yaml does not have it, and it has no name here. {remedy} `label:`.")
    for own in misspelt(code, meant):
        _tell_other_end(source, agencies, (own,), code)


def _tell_other_end(source: Source, shared: Source, route: Route, name: str) -> None:
    """At the name in the shared file that may be meant, too: it may be that one that is misspelt."""
    shared.told.clear()
    text = f"a borough's file has `{name}`, which is not in this list; this resembles it. Write the same in both files."
    shared.complain(route, text)
    source.told += shared.told
