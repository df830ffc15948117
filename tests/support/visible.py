"""Which words of a template are shown and yet not marked for translation? Read from the template itself."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

SPOKEN = ("aria-label", "alt", "title", "placeholder", "aria-description")
"""Attributes that are read to people. Words for scripts (`data-…`) hold a blank: codes do not."""

MARKING = {"_", "gettext", "ngettext", "plurals"}
NAMES_OF_KEYS = "kbd"
"""What stands on a key is its name, in every language."""

_WORD = re.compile(r"[A-Za-z]{2}")
_CLASS_NAMES = re.compile(r" ?(?:(?:govuk|moj|app)-[\w-]+ ?)*")
_CODE = re.compile(r"[a-z0-9_#./?=&+%-]*")


def unmarked(templates: Environment, name: str) -> list[str]:
    """Visible words outside `_()` and `trans`, in the order in which they stand."""
    assert templates.loader
    source, _, _ = templates.loader.get_source(templates, name)
    tree = templates.parse(source)
    page = _Page()
    page.feed("".join(_shown(tree)))
    page.close()
    return [*page.found, *(text for text in _handed_on(tree) if _is_words(text))]


class _Page(HTMLParser):
    """Collects what people see, and what is read to them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag
        for name, value in attrs:
            if (
                value
                and _WORD.search(value)
                and (name in SPOKEN or (name.startswith("data-") and " " in value.strip()))
            ):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if _WORD.search(data) and self.within != NAMES_OF_KEYS:
            self.found.append(" ".join(data.split()))


def _shown(node: nodes.Node) -> Iterator[str]:
    """The template as it comes out in all cases at once; what is marked comes out empty."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for part in node.nodes:
            yield from (part.data,) if isinstance(part, nodes.TemplateData) else _reaching(part)
    elif not isinstance(node, nodes.Expr):
        for child in node.iter_child_nodes():
            yield from _shown(child)


def _reaching(node: nodes.Node) -> Iterator[str]:
    """Texts in an expression that come out as they are."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _of_all(filter(None, (node.expr1, node.expr2)))
    elif isinstance(node, (nodes.Or, nodes.And, nodes.Concat, nodes.Add)):
        yield from _of_all(node.iter_child_nodes())
    elif isinstance(node, nodes.Filter) and node.node is not None:
        yield from _reaching(node.node)


def _of_all(parts: Iterable[nodes.Node]) -> Iterator[str]:
    for part in parts:
        yield from _reaching(part)


def _handed_on(node: nodes.Node) -> Iterator[str]:
    """Texts that are handed to a macro, or kept for later."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKING:
        return
    if isinstance(node, (nodes.Compare, nodes.FromImport, nodes.Import, nodes.Extends, nodes.Include)):
        return
    if isinstance(node, nodes.Pair):
        key = node.key.value if isinstance(node.key, nodes.Const) else ""
        yield from (
            f"{key}: {text}" for text in _reaching(node.value) if _WORD.search(text) and key.lower().endswith("text")
        )
        yield from _handed_on(node.value)
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _handed_on(child)


def _is_words(text: str) -> bool:
    return bool(_WORD.search(text)) and not (_CLASS_NAMES.fullmatch(text) or _CODE.fullmatch(text))
