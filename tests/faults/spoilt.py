"""How do people and editors spoil a rule file? One line of a shipped file at a time, always the same for a seed.

What gives another rule set that is as good (a line without which a file is whole, a name of one's own that nothing
refers to, one word that may stand there for another) is no damage and is not made. Nor is a name or an anchor taken
away with its line: nothing would be left to point at.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from tests.faults.shipped import FILES, NORTHBRIDGE, WEEKDAYS, Site, Text

_REQUIRED = {
    "clocks": {"label", "from", "to", "timescale"},
    "timescale": {"due"},
    "colours": {"label"},
    "agencies": {"calendar"},
    "outcomes": {"label"},
    "calendars": set(WEEKDAYS),
    "suggestions": {"colour", "when", "because"},
    "kinds": {"referral", "notification", "information_request", "advice"},
    "by_rating": {"red", "amber", "green", "not_rated"},
    "by_suggestion": {"otherwise"},
    "contact_days": {"at_least", "within_days"},
    "": {"name", "title", "version", "in_force_from", "reference_prefix", "source"},
}
"""Keys without which a part is not whole, by the key above the part or above its name."""
_INHERITED = ("acknowledgement", "statutory_decision")
_NEVER_REFERRED_TO = ("outcomes", "suggestions")


class Mutant(NamedTuple):
    """A file with one line damaged; lines count from 1."""

    kind: str
    file: str
    line: int
    damage: str
    contents: bytes


class Spoiler:
    """Makes mutants of the shipped files: always the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.texts = [Text.of(file) for file in FILES]
        self.weights = [len(text.content) for text in self.texts]
        used = Counter(s.text for text in self.texts for s in text.sites if not s.is_key or s.route[0] == "clocks")
        self.referred = {name for name in used if used[name]}

    def mutants(self, number: int) -> Iterator[Mutant]:
        """So many different ones, of every kind alike as long as there are any."""
        seen: set[tuple[str, bytes]] = set()
        while len(seen) < number:
            for kind, spoil in KINDS.items():
                text = self.random.choices(self.texts, self.weights)[0]
                made = spoil(self, text)
                if made is None or len(seen) >= number:
                    continue
                line, lines = made
                contents = "\n".join([*lines, ""]).encode("utf-8", "surrogateescape")
                if (text.file, contents) not in seen and lines != text.lines:
                    seen.add((text.file, contents))
                    shown = lines[line] if line < len(lines) else ""
                    before = text.lines[line] if line < len(text.lines) else ""
                    yield Mutant(kind, text.file, line + 1, f"{before!r} → {shown!r}", contents)

    # -- parts of a line ----------------------------------------------------------------------------------------------

    def replaced(self, text: Text, site: Site, new: str) -> "Spoilt":
        return self.cut(text, site.line, site.start, site.end, new)

    def cut(self, text: Text, line: int, start: int, end: int, new: str = "") -> "Spoilt":
        old = text.lines[line]
        return self.with_line(text, line, old[:start] + new + old[end:])

    def with_line(self, text: Text, line: int, *new: str) -> "Spoilt":
        """The line replaced by one, by several or by none; the last of several is the damaged one."""
        return line + max(0, len(new) - 1), [*text.lines[:line], *new, *text.lines[line + 1 :]]

    def one(self, found: list[Any]) -> Any:
        return self.random.choice(found) if found else None

    def misspelt(self, word: str) -> str:
        """One letter left out, doubled, or changing places with the next."""
        n = self.random.randrange(len(word))
        swapped = word[:n] + word[n + 1 : n + 2] + word[n] + word[n + 2 :]
        return self.random.choice([word[:n] + word[n + 1 :], word[: n + 1] + word[n:], swapped])

    def spoil_word(self, text: Text, site: Site | None, start: int = 0, end: int = 1000) -> "Spoilt | None":
        if site is None:
            return None
        word = site.text[start:end]
        new = self.misspelt(word)
        if new == word or not new or new in self.referred:
            return None
        return self.replaced(text, site, site.text[:start] + new + site.text[start:][len(word) :])


Spoilt = tuple[int, list[str]]
Spoil = Callable[[Spoiler, Text], Spoilt | None]
KINDS: dict[str, Spoil] = {}


def _kind(name: str) -> Callable[[Spoil], Spoil]:
    def add(spoil: Spoil) -> Spoil:
        KINDS[name] = spoil
        return spoil

    return add


# -- words ------------------------------------------------------------------------------------------------------------


@_kind("key misspelt")
def _key_misspelt(by: Spoiler, text: Text) -> Spoilt | None:
    return by.spoil_word(text, by.one(text.keys("key")))


@_kind("name misspelt that something refers to")
def _name_misspelt(by: Spoiler, text: Text) -> Spoilt | None:
    found = [s for s in text.keys("name") if not (len(s.route) == 2 and s.route[0] in _NEVER_REFERRED_TO)]
    site = by.one([s for s in found if _is_referred_to(by, s)])
    return by.spoil_word(text, site)


def _is_referred_to(by: Spoiler, site: Site) -> bool:
    if len(site.route) == 2 and site.route[0] == "clocks":
        return site.text in _INHERITED or site.text in _values(by, "clocks")
    if (len(site.route) == 2 and site.route[0] == "agencies") or site.file == "agencies.yaml":
        return True  # the one refers to the other
    return site.text in _values(by, "") or len(site.route) > 2


def _values(by: Spoiler, last: str) -> set[str]:
    sites = (site for text in by.texts for site in text.sites if not site.is_key and site.what != "text")
    return {s.text for s in sites if not last or last in s.route[-2:]}


@_kind("reference or word misspelt")
def _reference_misspelt(by: Spoiler, text: Text) -> Spoilt | None:
    return by.spoil_word(text, by.one(text.values("reference", "word")))


@_kind("unit misspelt")
def _unit_misspelt(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one(text.values("amount", "alert"))
    if site is None:
        return None
    unit = by.one(list(re.finditer(r"[a-z_]{3,}", site.text)))
    if unit is None or by.random.random() < 0.3:
        nonsense = by.random.choice(["parsecs", "clock hours", "working_ours", "h", "min", "fortnights"])
        wrong = f"4 {nonsense}" if site.what == "amount" else f"2 {nonsense}s"
        return by.replaced(text, site, wrong)
    return by.spoil_word(text, site, unit.start(), unit.end())


@_kind("free text misspelt")
def _text_misspelt(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one(text.values("text"))
    words = list(re.finditer(r"[A-Za-z]{3,}", site.text)) if site else []
    word = by.one(words)
    return by.spoil_word(text, site, word.start(), word.end()) if word else None


# -- values -----------------------------------------------------------------------------------------------------------


@_kind("value of a wrong type")
def _wrong_type(by: Spoiler, text: Text) -> Spoilt | None:
    if by.random.random() < 0.3 and text.maps:
        line, start, end, _ = by.one(text.maps)
        return by.cut(text, line, start, end, by.random.choice(["5", "word", "[one, two]", "true"]))
    if by.random.random() < 0.2 and text.lists:
        line, start, end = by.one(text.lists)
        return by.cut(text, line, start, end, "{one: two}")
    site = by.one([s for s in text.sites if not s.is_key])
    wrong = ["{wrong: type}", "[wrong, type]", "[[]]", *["{}"] * (site.route != ("bank_holidays",))]
    wrong += ["many"] if site.what in ("number", "amount", "alert", "hours", "dates", "date", "yes or no") else []
    wrong += ["7"] if site.what not in ("text", "number", "yes or no", "own") else []
    return by.replaced(text, site, by.random.choice(wrong))


@_kind("value removed")
def _value_removed(by: Spoiler, text: Text) -> Spoilt | None:
    key = by.one(text.keys("key", "name", "date"))
    after = text.value_after(key)
    if after:
        return by.cut(text, key.line, *after)
    value = by.one([s for s in text.sites if not s.is_key and s.in_brackets and not s.route[-1].isdigit()])
    return by.replaced(text, value, "") if value else None


@_kind("impossible hours")
def _impossible_hours(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one(text.values("hours"))
    wrong = [
        *("25:00-26:00", "09:00-25:00", "17:00-09:00", "09:00-09:00", "9-5", "09.00-17.00", "09:00", "09:60-17:00"),
        *("09:00-13:00, 12:00-17:00", "09:00-17:00, 10:00-11:00", "13:00-17:00, 09:00-12:00", "09:00-12:00-17:00"),
        *("close", "24:00-24:00", "-09:00-17:00", "09:00 to 17:00", "9am-5pm", "09:00-17:00 12:00-13:00"),
    ]
    new = by.random.choice(wrong)
    return by.replaced(text, site, f'"{new}"' if "," in new and site.in_brackets else new) if site else None


@_kind("impossible date")
def _impossible_date(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one([*text.values("date", "dates"), *text.keys("date")])
    if site is None:
        return None
    date = by.one(list(re.finditer(r"\d{4}-\d\d-\d\d", site.text)))
    wrong = [
        "2026-02-30",
        "2026-13-01",
        "30-12-2026",
        "2026-2-3",
        "0001-01-01",
        "9999-12-31",
        "2026/12/25",
        "2026-06-31",
    ]
    wrong += ["20261225", "25 December 2026", "2026-12-00", "٢٠٢٦-١٢-٢٥"]
    new = site.text[: date.start()] + by.random.choice(wrong) + site.text[date.end() :]
    return by.replaced(text, site, new)


@_kind("impossible amount")
def _impossible_amount(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one(text.values("amount", "alert", "number"))
    amount = re.search(r"\d+", site.text) if site else None
    if not site or not amount:
        return None
    wrong = ["-4", "0", "999999999999", "4x", "four", "", "1e3", "0x10", "99999999999999999999", "1_000", "½", "1,5"]
    if site.what == "amount":
        wrong += ["1.2345678", "0.001"]
    new = f"{site.text[: amount.start()]}{by.random.choice(wrong)}{site.text[amount.end() :]}"
    if re.fullmatch(r"by_time_next_working_day 0:00", new):
        return None
    return by.replaced(text, site, new)


@_kind("`true` written otherwise")
def _otherwise_true(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one(text.values("yes or no"))
    return (
        by.replaced(text, site, by.random.choice(["yes", "no", "maybe", "True", "1", "0", "on", "tru"]))
        if site
        else None
    )


@_kind("item doubled")
def _item_doubled(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one([s for s in text.values("reference", "word", "alert") if s.route[-1].isdigit()])
    block = [n for n in text.content if text.lines[n].lstrip().startswith("- ")]
    if block and by.random.random() < 0.5:
        line = by.one(block)
        return by.with_line(text, line, text.lines[line], text.lines[line])
    return by.replaced(text, site, f"{site.text}, {site.text}") if site and site.in_brackets else None


# -- signs ------------------------------------------------------------------------------------------------------------


@_kind("colon removed")
def _colon_removed(by: Spoiler, text: Text) -> Spoilt | None:
    key = by.one(text.keys("key", "name", "date"))
    return by.cut(text, key.line, key.end, key.end + 1)


@_kind("blank after the colon removed")
def _blank_removed(by: Spoiler, text: Text) -> Spoilt | None:
    key = by.one(text.keys("key", "name", "date"))
    blank = re.match(r": *(?=\S)", text.lines[key.line][key.end :])
    return by.cut(text, key.line, key.end, key.end + blank.end(), ":") if blank and blank.end() > 1 else None


@_kind("bracket or comma broken")
def _bracket_broken(by: Spoiler, text: Text) -> Spoilt | None:
    spans = [(line, start, end) for line, start, end in [*text.lists, *(m[:3] for m in text.maps)] if end - start > 2]
    span = by.one(spans)
    if span is None:
        return None
    line, start, end = span
    n = by.one([n for n in range(start, end) if text.lines[line][n] in "[]{},"])
    sign = text.lines[line][n]
    return by.cut(
        text, line, n, n + 1, by.random.choice(["", sign * 2, {"[": "(", "]": ")", "{": "[", "}": "]"}.get(sign, ";")])
    )


@_kind("quotation mark not closed")
def _quotation(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one([s for s in text.sites if s.what != "date" or not s.is_key])
    mark = by.random.choice("\"'")
    if "'" in site.text and mark == "'":
        return None
    new = f"{mark}{site.text}" if by.random.random() < 0.8 or site.what == "text" else f"{site.text}{mark}"
    return by.replaced(text, site, new)


@_kind("dash broken")
def _dash(by: Spoiler, text: Text) -> Spoilt | None:
    line = by.one([n for n in text.content if text.lines[n].lstrip().startswith("- ")])
    if line is None:
        return None
    start = text.lines[line].index("- ")
    return by.cut(text, line, start, start + by.random.choice([1, 2]), by.random.choice(["", "-", "* ", "– "]))


@_kind("anchor or alias broken")
def _anchor(by: Spoiler, text: Text) -> Spoilt | None:
    found = [n for n in text.content if "office_hours" in text.lines[n]]
    if not found:
        key = by.one(text.keys("key", "name", "date"))
        after = text.value_after(key)
        return by.cut(text, key.line, after[0], after[0], by.random.choice(["& ", "* ", "*"])) if after else None
    line = by.one(found)
    sign, name = re.search(r"([&*])(office_hours)", text.lines[line]).groups()  # type: ignore[union-attr]
    broken = [f"{sign}{by.misspelt(name)}", f"{sign} {name}", sign, f"{sign}{sign}{name}", name, "*nowhere", "!office"]
    new = by.random.choice(broken[:-2] if sign == "&" else broken)
    return by.with_line(text, line, text.lines[line].replace(sign + name, new))


@_kind("no text, or signs that cannot be seen")
def _no_text(by: Spoiler, text: Text) -> Spoilt | None:
    line = by.one(text.content)
    n = by.random.randrange(len(text.lines[line]))
    return by.cut(text, line, n, n, by.random.choice(["\udcff", "\udcc3", "\0", "\x07", "\x1b", "\x7f", "\udce9"]))


@_kind("remark without `#`")
def _remark(by: Spoiler, text: Text) -> Spoilt | None:
    line = by.one([n for n, line in enumerate(text.lines) if "# " in line])
    return by.with_line(text, line, text.lines[line].replace("# ", "", 1))


# -- lines ------------------------------------------------------------------------------------------------------------


@_kind("line doubled")
def _line_doubled(by: Spoiler, text: Text) -> Spoilt | None:
    line = by.one(text.content)
    return by.with_line(text, line, text.lines[line], text.lines[line])


@_kind("line indented otherwise")
def _reindented(by: Spoiler, text: Text) -> Spoilt | None:
    line, by_so_many = by.one(text.content), by.random.choice([-2, -1, 1, 2])
    old = text.lines[line]
    if by_so_many < 0 and not old.startswith(" " * -by_so_many):
        return None
    return by.with_line(text, line, " " * by_so_many + old if by_so_many > 0 else old[-by_so_many:])


@_kind("tab")
def _tab(by: Spoiler, text: Text) -> Spoilt | None:
    line = by.one(text.content)
    old = text.lines[line]
    blanks = len(old) - len(old.lstrip())
    at = by.random.choice([0, blanks])
    return by.cut(text, line, at, min(blanks, at + by.random.choice([0, 1, 2])), "\t")


@_kind("second document")
def _second_document(by: Spoiler, text: Text) -> Spoilt | None:
    line = by.one(text.content)
    return by.with_line(text, line, text.lines[line], by.random.choice(["---", "--- ", "--- # more", "...", "--- x"]))


@_kind("required key dropped")
def _required_dropped(by: Spoiler, text: Text) -> Spoilt | None:
    site = by.one([s for s in text.keys("key", "name") if _is_required(s, text)])
    if site is None:
        return None
    if not site.in_brackets:
        return site.line, [*text.lines[: site.line], *text.lines[site.line + 1 :]]
    rest = text.lines[site.line][site.start :]
    pair = re.match(r"[\w]+: (\[[^\]]*\]|\{[^}]*\}|[^,}\]]*)(, )?", rest)
    return by.cut(text, site.line, site.start, site.start + pair.end()) if pair else None


def _is_required(site: Site, text: Text) -> bool:
    route = site.route
    if site.file not in FILES[:2] or (site.file == NORTHBRIDGE and len(route) > 1 and route[1] in _INHERITED):
        return False
    above = route[-2] if len(route) > 1 else ""
    grand = route[-3] if len(route) > 2 else ""
    wanted = _REQUIRED.get(
        above if above in ("timescale", "by_rating", "by_suggestion", "contact_days", "kinds") else grand
    )
    wanted = _REQUIRED[""] if not above else wanted
    whole_line = site.in_brackets or text.value_after(site) is not None
    return site.text in (wanted or ()) and whole_line
