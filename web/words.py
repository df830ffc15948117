"""In which language do pages speak? English needs no file; any other is one catalogue, read and checked at start.

Text in a template is marked there, by `_()` or `trans`. Text that Python hands to a page stays English until the page
shows it with `said`: a label may be the name of a person or a word of the borough, so it is looked up as data and
escaped, and never taken for markup.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from babel import Locale
from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from markupsafe import Markup

from mash.errors import Unsafe

LOCALE = Path(__file__).parent / "locale"
NAME = "front_door"
_VALUE = re.compile(r"%\((\w+)\)s|(\{\w+\})")
_LINE = re.compile(r'#.*|(?:msg[\w\[\]]+\s+)?"(?:[^"\\]|\\.)*"')
_ENOUGH = 200
"""Every form of plural that a language has is used by some number below this."""

Literal = TypeVar("Literal")


def marked(text: Literal) -> Literal:
    """The same. Says that the text in it is shown by `said` later, so that it goes into the catalogue."""
    return text


@dataclass(frozen=True)
class Language:
    """The language of the pages: its code, and the texts that are not English."""

    code: str
    catalogue: NullTranslations

    @cached_property
    def locale(self) -> Locale:
        """Its names of days and months, and its forms of plural."""
        return Locale.parse(self.code)

    @property
    def tag(self) -> str:
        """Its code as pages say it, such as `cy` or `en-GB`."""
        return self.code.replace("_", "-")

    def said(self, text: str | None) -> str:
        """The text in this language; as it is where the catalogue does not have it. Markup is ready and stays."""
        if not text or isinstance(text, Markup):
            return text or ""
        if isinstance(text, Saying):
            return text.in_language(self)
        return self.catalogue.gettext(str(text))

    def counted(self, one: str, many: str, number: int) -> str:
        """The form for this number; the number itself goes in for `{n}`."""
        return self.catalogue.ngettext(one, many, number).replace("{n}", str(number))

    def plurals(self, one: str, many: str) -> dict[str, str]:
        """Every form, by the category of the number, for scripts (`Intl.PluralRules`); `{n}` is left in."""
        return {category: self.catalogue.ngettext(one, many, number) for category, number in self._samples.items()}

    @cached_property
    def _samples(self) -> dict[str, int]:
        """The smallest number of each category."""
        return {self.locale.plural_form(number): number for number in range(_ENOUGH, -1, -1)}


ENGLISH = Language("en", NullTranslations())
Value = str | int | Callable[[Language], str]


class Saying(str):
    """A sentence with values in it. By itself it is English; where a page shows it, in the language of the page.

    A value that reads otherwise in each language, such as a time, is given as a function of the language.
    """

    sentence: str
    values: Mapping[str, Value]

    def __new__(cls, sentence: str, **values: Value) -> "Saying":
        saying = super().__new__(cls, _filled(ENGLISH, sentence, values))
        saying.sentence, saying.values = sentence, values
        return saying

    def in_language(self, language: Language) -> str:
        """The sentence with its values, plain text."""
        return _filled(language, self.sentence, self.values)


def spoken(text: str) -> Callable[[Language], str]:
    """A text, as a value in a sentence."""
    return lambda language: language.said(text)


def _filled(language: Language, sentence: str, values: Mapping[str, Value]) -> str:
    said = {name: value(language) if callable(value) else value for name, value in values.items()}
    return language.catalogue.gettext(sentence) % said


def language(code: str, *folders: Path) -> Language:
    """English, or the language with a catalogue in one of the folders. Raises Unsafe where it cannot be read."""
    return Language(code, translations(code, *folders))


def translations(language: str, *folders: Path) -> NullTranslations:
    """The texts of a language, from the first of the folders that has `<language>/front_door.po`, else from our own.

    Raises Unsafe, which names the file and says what to do, where it is missing, cannot be read, or would break a page.
    """
    _require_known(language)
    if language == "en" or language.startswith("en_"):
        return NullTranslations()
    files = [folder / language / f"{NAME}.po" for folder in (*folders, LOCALE)]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise Unsafe(
            f"MASH_LANGUAGE is {language}, but there is no catalogue {' or '.join(map(str, files))}.",
            "Make one as docs/translate.md says, or unset MASH_LANGUAGE for English.",
        )
    catalogue = _read(file, language)
    if wrong := sorted(problem for message in catalogue if message.id for problem in _problems(message)):
        raise Unsafe(*(f"{file}: {problem}" for problem in wrong), "Correct the catalogue, or unset MASH_LANGUAGE.")
    return _compiled(catalogue, file)


def _require_known(language: str) -> None:
    try:
        if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", language):
            raise ValueError
        Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        raise Unsafe(f"MASH_LANGUAGE is {language!r}, which is no language. Write a code such as en or cy.") from None


def _read(file: Path, language: str) -> Catalog:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        if odd := [
            str(number) for number, line in enumerate(lines, 1) if line.strip() and not _LINE.fullmatch(line.strip())
        ]:
            raise ValueError(f"there is no quoted text in line {', '.join(odd)}.")
        with file.open("rb") as opened:
            return read_po(opened, locale=language, abort_invalid=True)
    except (PoFileError, ValueError, LookupError, OSError) as broken:
        raise Unsafe(f"{file} cannot be read: {broken}", "Correct it, or unset MASH_LANGUAGE for English.") from broken


def _compiled(catalogue: Catalog, file: Path) -> GNUTranslations:
    for message in catalogue:
        if isinstance(message.string, (list, tuple)) and not all(message.string):
            message.string = ()  # English knows better which of its own forms goes with a number
    compiled = BytesIO()
    try:
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return GNUTranslations(compiled)
    except (ValueError, LookupError) as broken:
        raise Unsafe(f"{file} cannot be used: {broken}", "Correct its header, or unset MASH_LANGUAGE.") from broken


def _problems(message: Message) -> Iterator[str]:
    """What of a translation would break a page: a value that the page does not have."""
    originals = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
    known = {name for text in originals for name in _values(text)}
    given = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    for text in filter(None, () if message.fuzzy else given):
        line = f"line {message.lineno}: “{text}”"
        if strange := sorted(set(_values(text)) - known):
            yield f"{line} has {', '.join(strange)}, which the English does not have."
        elif not _fits(text):
            yield f"{line} has a % that stands alone. Write %% for it."


def _values(text: str) -> list[str]:
    return [found[0] for found in _VALUE.finditer(text)]


def _fits(text: str) -> bool:
    try:
        text % {found[1]: "" for found in _VALUE.finditer(text) if found[1]}
    except (KeyError, ValueError, TypeError):
        return False
    return True
