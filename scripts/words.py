"""Every text that pages can say, in one template for translators: web/locale/front_door.pot. `make docs` writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "web" / "templates"
TEMPLATE_OF_CATALOGUES = ROOT / "web" / "locale" / "front_door.pot"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "plurals": (1, 2)}
SHOWN = {
    "Field": {1: "label", 3: "hint", 5: "required"},
    "Choice": {1: "label", 2: "hint"},
    "Section": {0: "title", 1: "hint"},
    "Group": {1: "numbered", 2: "add", 3: "another"},
    "ActForm": {0: "button", 4: "hint"},
    "Saying": {0: "sentence"},
    "said": {0: "text"},
    "marked": {0: "text"},
    "_reason": {0: "label", 1: "missing", 2: "hint"},
    "_clock_field": {1: "label"},
}
"""Which parts of what Python makes are shown on a page, by place and by name."""

_HEAD = """\
# Every text of the pages. `make docs` writes this file: begin a language from a copy, as docs/translate.md says.
#"""
_CHANGING = re.compile(
    r'"(?:Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):[^\n]*\n'
)


def template_of_catalogues() -> str:
    """The whole file: sorted, with the files in which a text stands, and nothing that changes by itself."""
    catalogue = Catalog(project="MASH front door", version="1", header_comment=_HEAD, charset="utf-8", fuzzy=False)
    found: dict[str | tuple[str, str], set[str]] = {}
    for file, text in (*_of_templates(), *_of_python()):
        found.setdefault(text, set()).add(str(file.relative_to(ROOT)))
    for text, files in found.items():
        catalogue.add(text, locations=[(file, 1) for file in sorted(files)])
    written = BytesIO()
    write_po(written, catalogue, sort_output=True, include_lineno=False, width=120)
    return _CHANGING.sub("", written.getvalue().decode("utf-8"))


def write() -> None:
    """Write it."""
    TEMPLATE_OF_CATALOGUES.parent.mkdir(exist_ok=True)
    TEMPLATE_OF_CATALOGUES.write_text(template_of_catalogues(), encoding="utf-8")


def _of_templates() -> Iterator[tuple[Path, str | tuple[str, str]]]:
    options = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
    for file in sorted(TEMPLATES.rglob("*.html")):
        with file.open("rb") as opened:
            for _, text, _, _ in extract(babel_extract, opened, KEYWORDS, options=options):
                yield file, text


def _of_python() -> Iterator[tuple[Path, str]]:
    """What forms ask, what is marked, and the closed lists of words."""
    for top in ("mash", "web"):
        for file in sorted((ROOT / top).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                for text in _shown(node) if top == "web" else ():
                    yield file, text
                for text in _labels(node):
                    yield file, text


def _shown(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    parts = SHOWN.get(name, {})
    for place, argument in enumerate(node.args):
        if place in parts:
            yield from _texts(argument)
    for keyword in node.keywords:
        if keyword.arg in parts.values():
            yield from _texts(keyword.value)


def _texts(node: ast.expr | None) -> Iterator[str]:
    """The words in it. Keys of a dictionary and addresses are none; what is called inside speaks for itself."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value and not node.value.startswith("/"):
            yield node.value
    elif isinstance(node, (ast.Dict, ast.Tuple)):
        yield from _of_all(node.values if isinstance(node, ast.Dict) else node.elts)
    elif isinstance(node, ast.IfExp):
        yield from _of_all((node.body, node.orelse))


def _of_all(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        yield from _texts(node)


def _labels(node: ast.AST) -> Iterator[str]:
    """The labels of a closed list of words, and the short ones beside it."""
    if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "Labelled" for base in node.bases):
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                yield from _texts(line.value.elts[-1])
    elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "SHORT_SOURCES":
        yield from _texts(node.value)


if __name__ == "__main__":
    write()
