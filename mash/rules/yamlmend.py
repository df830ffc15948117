"""Which line of a text that is no YAML is wrong, and how would the rest be read without that? Guesses, and tries each.

Knows no rule set and no file. Lines count from 0.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from mash.rules.yamlnodes import DEEP, DOCUMENT, TAG, Composer

_END = 10**9
_KEY = re.compile(r":(\s|$)")
_WORD = re.compile(r"(\s*(?:- +)?\"?[\w-]+\"?)(?:\s+(\S.*))?")
_BARE = re.compile(r"[^:]*:\s*(&\S+\s*)?")
_GLUED = re.compile(r"(\s*(?:- +)?[\w-]+):(\S.*)")
_WITH_VALUE = re.compile(r"\s*(?:- +)?[\w-]+:\s+\S")


class Repair(NamedTuple):
    """A line that is not written right, why, and the lines of the text without that mistake."""

    line: int
    sentence: str
    lines: list[str]


_QUOTE = (
    "a quotation mark opens in this line and is not closed where it should be. Close it at the end of the text, or "
    'remove it; a text that begins with `\'` stands in `"…"`.'
)
_BRACKET = (
    "a bracket opens in this line and is not closed, or what follows it is not written right. Check brackets, commas "
    "and colons."
)
_NO_COLON = "a colon is missing. Write `key: value`, with a blank after the colon."
_STRAY = "is neither a key with its value nor an item of a list. Put `#` before a remark, or write `key: value`."
_DASH = "an item of a list begins with a dash and a blank. Write `- ` before it."
_BOTH = "has a value, and keys below it as well. Remove the value, put `#` before a remark, or mend the indentation."
_COLON = (
    "holds a colon or a bracket where none can be. Put text that has such signs in it in quotation marks; a key begins "
    "a line of its own, as far in as the keys beside it."
)
_INDENTED = (
    "is indented by {own} where the lines around it are not. Begin keys that belong together in the same column, and "
    "what belongs to a key two blanks further in."
)
_TAB = "holds a tab. Indent with blanks."
_SIGN = "a text cannot begin with such a sign. Put it in quotation marks."
_NAME = "`&` and `*` need a name right after them, as in `&office_hours` and `*office_hours`. Write one, or remove it."
_ESCAPE = "holds a backslash that means nothing. Write it twice, or put the text in `'…'` instead of `\"…\"`."
_BAR = "after `|` or `>` the text begins in the next line. Put the text in quotation marks instead."

_BLAMED = (
    ("an alias", _NAME),
    ("an anchor", _NAME),
    ("a tag", TAG),
    ("a block scalar", _BAR),
    ("tab", _TAB),
    ("'\\t'", _TAB),
    ("cannot start any token", _SIGN),
)
"""Words of the parser for what is wrong with a single line, with ours."""


def repaired(error: yaml.YAMLError, composer: Composer, lines: list[str]) -> Repair:
    """The first of the possible repairs after which all can be read, else the one after which most can."""
    best, reach = None, -1
    for repair in _repairs(error, composer, lines):
        if (reached := _reach(repair.lines)) > reach:
            best, reach = repair, reached
        if reach == _END:
            break
    assert best is not None
    return best


def _reach(lines: list[str]) -> int:
    """The line as far as which the text can be read."""
    try:
        Composer("\n".join(lines)).whole()
    except yaml.YAMLError as error:
        return _noticed(error)
    return _END


def _noticed(error: Any) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return int(mark.line) if mark else 0


def _repairs(error: Any, composer: Composer, lines: list[str]) -> Iterator[Repair]:
    """What may be wrong, the likeliest first."""
    noticed = min(_noticed(error), len(lines) - 1)
    context, problem = str(error.context or ""), str(error.problem or "")
    if problem in (DOCUMENT, DEEP):
        yield Repair(noticed, problem, _without(lines, noticed, block=problem == DEEP))
    elif (ended := _before(lines, noticed)) is not None and lines[ended].startswith("..."):
        yield Repair(ended, DOCUMENT, _without(lines, ended))
    elif "escape" in problem:
        yield Repair(noticed, _ESCAPE, _without(lines, noticed, block=True))
    elif (opening := _quoted(error, noticed, composer.quoted)) is not None:
        yield from _unquoted(lines, opening)
    elif composer.open:
        opened = composer.open[-1]
        until = f" It was noticed in line {noticed + 1}." if noticed > opened else ""
        yield Repair(opened, _BRACKET + until, _without(lines, opened))
    else:
        sentence = next((ours for theirs, ours in _BLAMED if theirs in f"{context} {problem}"), "")
        sentence = _TAB if "\t" in lines[noticed] else sentence
        if sentence in ("", _NAME):
            yield from _with_dash(lines, noticed)
        if not sentence:
            yield from _with_colon(error, lines, noticed)
        indented = list(_indented(lines, noticed, composer.last, sentence))
        yield from (repair for repair in indented if _is_likely(repair, lines, noticed))
        yield from _without_value(lines, noticed)
        yield from indented
        yield Repair(noticed, sentence or _COLON, _without(lines, noticed, block=True))


def _quoted(error: Any, noticed: int, text: Any) -> Any:
    """Where a quotation mark stands that swallowed what follows, to its own end or to the next such mark."""
    if "quoted" in str(error.context or "") and error.context_mark:
        return error.context_mark
    swallowed = text is not None and text.start_mark.line < text.end_mark.line >= noticed - 1
    return text.start_mark if swallowed else None


def _unquoted(lines: list[str], mark: Any) -> Iterator[Repair]:
    line, column = int(mark.line), int(mark.column)
    mended = lines[line][:column] + lines[line][column + 1 :]
    yield Repair(line, _QUOTE, [*lines[:line], mended, *lines[line + 1 :]])
    yield Repair(line, _QUOTE, _without(lines, line))


def _with_colon(error: Any, lines: list[str], noticed: int) -> Iterator[Repair]:
    """A key without its colon, or a line that is none: where the parser says so, or the line before."""
    simple_key = "simple key" in str(error.context or "") and error.context_mark
    line = error.context_mark.line if simple_key else _before(lines, noticed)
    if line is None:
        return
    found, glued = _WORD.fullmatch(lines[line]), _GLUED.fullmatch(lines[line])
    if found and (simple_key or len((found[2] or "").split()) < 2):
        mended = f"{found[1]}: {found[2] or ''}".rstrip()
        yield Repair(line, _NO_COLON, [*lines[:line], mended, *lines[line + 1 :]])
    if glued:
        yield Repair(line, _NO_COLON, [*lines[:line], f"{glued[1]}: {glued[2]}", *lines[line + 1 :]])
    if simple_key or not _KEY.search(lines[line]):
        yield Repair(line, _NO_COLON if simple_key else _STRAY, _without(lines, line))


def _with_dash(lines: list[str], noticed: int) -> Iterator[Repair]:
    """An item of a list without its dash: the line noticed, or the one before."""
    for line in (n for n in (_before(lines, noticed), noticed) if n is not None):
        before, text = _before(lines, line), lines[line].lstrip()
        if before is not None and lines[before].lstrip().startswith("- ") and not text.startswith("- "):
            mended = " " * _indent(lines[before]) + "- " + text.lstrip("-–*• ")
            yield Repair(line, _DASH, [*lines[:line], mended, *lines[line + 1 :]])


def _without_value(lines: list[str], noticed: int) -> Iterator[Repair]:
    """A key that has both a value and keys below it."""
    line, after = _before(lines, noticed), _after(lines, noticed)
    found = _WITH_VALUE.match(lines[line]) if line is not None else None
    if line is None or not found or after is None or _indent(lines[line]) >= _indent(lines[noticed]):
        return
    if _indent(lines[after]) == _indent(lines[noticed]):
        yield Repair(line, _BOTH, _without(lines, line, block=True))


def _indented(lines: list[str], noticed: int, last: Any, sentence: str) -> Iterator[Repair]:
    """One line that is indented otherwise: the one noticed, or one of those before it."""
    suspects = _suspects(lines, noticed)
    if isinstance(last, yaml.ScalarEvent) and last.start_mark:
        suspects.append(last.start_mark.line)
    columns = {_indent(lines[n]) for n in suspects} | {_indent(lines[n]) + 2 for n in suspects}
    for line in dict.fromkeys(suspects):
        own, wanted = _indent(lines[line]), _column(lines, line)
        amount = f"{own} blank{'s' * (own != 1)}" if own else "nothing"
        for column in sorted((c for c in columns if c != own or "\t" in lines[line]), key=lambda c: (c != wanted, c)):
            mended = " " * column + lines[line].lstrip().replace("\t", " ")
            said = sentence or _INDENTED.format(own=amount)
            yield Repair(line, said, [*lines[:line], mended, *lines[line + 1 :]])


def _column(lines: list[str], line: int) -> int:
    """Where it would stand by the line after it: beside it, or above what belongs to it."""
    after = _after(lines, line)
    return _indent(lines[after]) - 2 * _is_bare(lines[line]) if after is not None else 0


def _is_bare(line: str) -> bool:
    """A key that has nothing after it in its line."""
    return _BARE.fullmatch(line.split("#")[0]) is not None


def _is_likely(repair: Repair, lines: list[str], noticed: int) -> bool:
    """Where the line is in an odd column, stands out from its neighbours, or what follows does not belong to it."""
    own, here = _indent(lines[repair.line]), _indent(lines[noticed])
    before, after = _before(lines, repair.line), _after(lines, noticed)
    more = after is not None and _indent(lines[after]) == here
    if repair.line == noticed:
        return own % 2 == 1 or (_is_bare(lines[noticed]) and more)
    return own % 2 == 1 or (not more and before is not None and _indent(lines[before]) == here > own)


def _suspects(lines: list[str], noticed: int) -> list[int]:
    """The line, the one before, the first of the deeper lines before, and the one above those."""
    found = [noticed]
    before = _before(lines, noticed)
    if before is not None:
        found.append(before)
    first = before
    while first is not None and _indent(lines[first]) > _indent(lines[noticed]):
        found[2:] = [first]
        first = _before(lines, first)
    return [*found, first] if first is not None else found


def _before(lines: list[str], line: int) -> int | None:
    """The line with content before this one."""
    return next((n for n in range(line - 1, -1, -1) if lines[n].split("#")[0].strip()), None)


def _after(lines: list[str], line: int) -> int | None:
    """The line with content after this one."""
    return next((n for n in range(line + 1, len(lines)) if lines[n].split("#")[0].strip()), None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _without(lines: list[str], line: int, *, block: bool = False) -> list[str]:
    """Without the line, and if wanted without what belongs to it."""
    kept, own = list(lines), _indent(lines[line])
    kept[line] = ""
    for n in range(line + 1, len(lines)) if block else ():
        if lines[n].strip() and _indent(lines[n]) <= own:
            break
        kept[n] = ""
    return kept
