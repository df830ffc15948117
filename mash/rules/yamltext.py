"""What does a text say that is meant to be YAML? What it cannot read it names by its line, and reads on.

Knows no rule set and no file. Lines count from 0.
"""

import re
from dataclasses import dataclass, field

import yaml
from yaml.reader import Reader

from mash.rules.yamlmend import repaired
from mash.rules.yamlnodes import Composer, Node

_MOST_SLIPS, _MOST_STRANGE = 10, 5
UNSEEN = re.compile(f"{Reader.NON_PRINTABLE.pattern}|[\x85\u2028\u2029\ufffd]")
_UNSEEN_SIGN = "holds a sign that cannot be seen ({sign}). Remove it; typing the line anew is the surest way."
_NO_TEXT = "the file is not text in UTF-8. Save it as UTF-8, from here on to the end."
_UTF_8 = "holds letters that are not written in UTF-8. Save the file as UTF-8, or type those letters anew."


@dataclass
class Writing:
    """What could be read, None if nothing; and by line what is not written right."""

    root: Node | None
    slips: dict[int, str] = field(default_factory=dict)


def read(raw: bytes) -> Writing:
    """The nodes of the text, also where lines of it are not written right."""
    found = Writing(None)
    lines = _decoded(raw, found.slips)
    told: set[int] = set()
    while lines and len(told) < _MOST_SLIPS:
        composer = Composer("\n".join(lines))
        try:
            found.root = composer.whole()
            found.slips = composer.notes | found.slips
            return found
        except yaml.YAMLError as error:
            repair = repaired(error, composer, lines)
        if repair.line in told:
            break
        told.add(repair.line)
        found.slips.setdefault(repair.line, repair.sentence)
        lines = repair.lines
    return found


def _decoded(raw: bytes, slips: dict[int, str]) -> list[str]:
    """The lines; of what is not text only what is."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        slips[0] = _NO_TEXT
        return []
    lines = []
    for n, line in enumerate(
        raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    ):
        text = line.decode(errors="ignore")
        if text.encode() != line:
            slips[n] = _UTF_8
        if unseen := UNSEEN.search(text):
            slips[n] = _UNSEEN_SIGN.format(sign=f"U+{ord(unseen[0]):04X}")
        lines.append(UNSEEN.sub("", text))
    if len(slips) > _MOST_STRANGE:
        first = min(slips)
        slips.clear()
        slips[first] = _NO_TEXT
        return []
    return lines
