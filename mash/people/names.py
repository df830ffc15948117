"""Are these two names of one person? Spelling, short forms, order, transliteration. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from mash.people.given_names import SHORT_FORMS, SPELLINGS

_LETTERS = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
_PLAIN = str.maketrans(_LETTERS)
_APOSTROPHES = re.compile("['’‘`\u00b4\u02bc\u02bb]")
_PREFIXES = ("mc", "mac", "o")
_ARTICLES = (
    "al",
    "el",
    "ul",
    "bin",
    "ibn",
    "bint",
    "ben",
    "de",
    "da",
    "do",
    "dos",
    "das",
    "la",
    "le",
    "van",
    "von",
    "der",
)

_SOUNDS = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"^(kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^(ps|x)", "s"),
        (r"^gh", "g"),
        (r"^y(?=[aeiou])", "j"),
        (r"ph", "f"),
        (r"dg(?=[eiy])", "j"),
        (r"gh", ""),
        (r"t?sch|sh|sz|ts", "s"),
        (r"ch|kh|ck|q", "k"),
        (r"th", "t"),
        (r"c(?=[eiy])", "s"),
        (r"g(?=[eiy])", "j"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"z", "s"),
        (r"v", "f"),
    )
)


class Likeness(IntEnum):
    """How near one name is to another. `PART`: only a forename or only a surname agrees or is known."""

    NONE = 0
    PART = 1
    NEARLY = 2
    SHORT_FORM = 3
    SWAPPED = 4
    SAME = 5


@dataclass(frozen=True)
class Name:
    """A name in plain words: small Latin letters without accents, hyphens, apostrophes and articles."""

    forenames: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()

    @classmethod
    def of(cls, forename: str | None, surname: str | None) -> "Name":
        """A child's name, in the two fields that the record has."""
        return cls(plain_words(forename or ""), plain_words(surname or ""))

    @classmethod
    def whole(cls, text: str | None) -> "Name":
        """A name in one field: the last word is taken for the surname where there are several."""
        words = plain_words(text or "")
        return cls(words[:-1], words[-1:]) if len(words) > 1 else cls(words)

    @property
    def is_whole(self) -> bool:
        """Whether both parts are known."""
        return bool(self.forenames and self.surnames)

    def __bool__(self) -> bool:
        return bool(self.forenames or self.surnames)


NO_NAME = Name()


def plain_words(text: str) -> tuple[str, ...]:
    """`Siân O’Brien-MacDonald` as `sian`, `obrien`, `macdonald`."""
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    words: list[str] = []
    for word in re.findall(r"\w+", _APOSTROPHES.sub("", bare)):
        if words and words[-1] in _PREFIXES:
            words[-1] += word
        else:
            words.append(word)
    telling = [word for word in words if word not in _ARTICLES and len(word) > 1]
    return tuple(telling or words)


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """The consonants that one hears, so that spellings of one name fall together; `mkfrd` for `mockford`."""
    if not word.isascii():
        return word[:20]
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    first = "a" if word[:1] in "aeiouhwy" else word[:1]
    rest = re.sub(r"[aeiouhwy]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", first + rest)[:20] or "a"


def sounds(words: Sequence[str]) -> set[str]:
    """The sounds of the words and, where there are several, of all of them written as one."""
    found = {sound(word) for word in words}
    return found | {sound("".join(words))} if words else found


def sounds_to_look_for(words: Sequence[str]) -> set[str]:
    """As `sounds`, with those of the short forms and other spellings of each word."""
    mates = {mate for word in words for mate in (*SHORT_FORMS.get(word, ()), *SPELLINGS.get(word, ()))}
    return sounds(words) | {sound(mate) for mate in mates}


def likeness(typed: Name, known: Name) -> Likeness:
    """How near the name that was typed is to one on record. The first letters of a name are near to all of it."""
    straight = _both(typed.forenames, known.forenames, typed.surnames, known.surnames)
    crossed = _both(typed.forenames, known.surnames, typed.surnames, known.forenames)
    if crossed > straight:
        return Likeness.SWAPPED
    if straight:
        return straight
    parts = [_words_like(typed.forenames, known.forenames), _words_like(typed.surnames, known.surnames)]
    return Likeness.PART if max(parts) >= Likeness.NEARLY else Likeness.NONE


def _both(one: Sequence[str], other: Sequence[str], one_more: Sequence[str], other_more: Sequence[str]) -> Likeness:
    """Both parts of a name agree; or its only part does, where neither side knows more."""
    if not (one or other):
        return _words_like(one_more, other_more)
    if not (one_more or other_more):
        return _words_like(one, other)
    return min(_words_like(one, other), _words_like(one_more, other_more))


def _words_like(one: Sequence[str], other: Sequence[str]) -> Likeness:
    """Every word of the shorter side has a partner on the longer, or all written as one are like each other."""
    if not one or not other:
        return Likeness.NONE
    if tuple(one) == tuple(other):
        return Likeness.SAME
    joined = _word_like("".join(one), "".join(other))
    if len(one) == len(other) == 1:
        return joined
    if joined is Likeness.SAME:
        return Likeness.NEARLY
    few, many = (one, list(other)) if len(one) <= len(other) else (other, list(one))
    found = []
    for word in few:
        best = max(many, key=lambda candidate: _word_like(word, candidate), default="")
        found.append(_word_like(word, best) if best else Likeness.NONE)
        if best:
            many.remove(best)
    return max(joined, min(_worst(found), Likeness.NEARLY))


def _worst(found: Iterable[Likeness]) -> Likeness:
    return min(found, default=Likeness.NONE)


def _word_like(one: str, other: str) -> Likeness:
    if one == other:
        return Likeness.SAME
    if other in SHORT_FORMS.get(one, ()):
        return Likeness.SHORT_FORM
    if other in SPELLINGS.get(one, ()) or _nearly(one, other):
        return Likeness.NEARLY
    return Likeness.NONE


def _nearly(one: str, other: str) -> bool:
    longer, shorter = max(len(one), len(other)), min(len(one), len(other))
    if shorter >= 3 and (one.startswith(other) or other.startswith(one)):
        return True
    slips = OSA.distance(one, other)
    if sound(one) == sound(other):
        return slips <= (longer // 2 if longer >= 5 else 1) and longer - shorter <= 2
    return shorter >= 5 and slips <= (2 if shorter >= 8 else 1)
