"""Which code does a council's own word stand for? What neither map nor rule set knows is counted, never guessed."""

from collections import Counter
from collections.abc import Mapping

from mash.importing.mapfile import LEAVE_OUT, ImportMap, Translated, codes_of, plain
from mash.rules.names import shortened
from mash.rules.ruleset import RuleSet

_MOST_WORDS = 40


class UnknownWord(ValueError):
    """The word is in neither the map nor the rule set. Its text says what to do, and holds nothing of the cell."""


class Words:
    """The council's words with their codes; `unknown` counts the others, by what they should have been."""

    def __init__(self, mapped: ImportMap, rules: RuleSet) -> None:
        self._known = {kind: _own(codes) | _mapped(mapped, kind) for kind, codes in codes_of(rules).items()}
        self.unknown: dict[Translated, Counter[str]] = {}
        self._spelt: dict[str, str] = {}

    def code(self, kind: Translated, cell: str) -> str | None:
        """The code; None where the map leaves the word out. Raises UnknownWord, and counts it."""
        found = self._known[kind].get(plain(cell))
        if found is None:
            self.unknown.setdefault(kind, Counter())[plain(cell)] += 1
            self._spelt.setdefault(plain(cell), " ".join(cell.split()))
            raise UnknownWord(f"holds a word that the map does not translate. Write it under `words: {kind}:`.")
        return None if found == LEAVE_OUT else found

    def untranslated(self) -> list[tuple[str, str, int]]:
        """What kind of word, the word, and in how many cells it stands, the most frequent first.

        Of a column with very many different words none is shown: it may be the wrong one, and hold names.
        """
        found = []
        for kind in [kind for kind in Translated if kind in self.unknown]:
            words = self.unknown[kind]
            if len(words) > _MOST_WORDS:
                found.append((kind.value, f"({len(words)} different words: is it the right column?)", words.total()))
            else:
                in_order = sorted(words.items(), key=lambda item: (-item[1], item[0]))
                found += [(kind.value, shortened(self._spelt[word]), count) for word, count in in_order]
        return found


def _mapped(mapped: ImportMap, kind: Translated) -> dict[str, str]:
    return {plain(word): code for code, words in mapped.words.get(kind, {}).items() for word in words}


def _own(codes: Mapping[str, str]) -> dict[str, str]:
    """The codes themselves and their labels; a label that two of them have stands for neither."""
    labels = Counter(map(plain, codes.values()))
    by_label = {plain(label): code for code, label in codes.items() if labels[plain(label)] == 1}
    return by_label | {plain(code): code for code in codes}
