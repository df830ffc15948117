"""How does a view of the queue read as an address, and back? Knows no database.

The address holds codes only, never a name; what cannot be read in it is passed over, so that an old link shows more
rather than an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from mash import clock
from mash.vocabulary import FINISHED, State
from mash.workflow.queue import Before, Wanted

ME, NOBODY, YES = "me", "nobody", "yes"
LONGEST = 60
_PLACE = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ~[\w-]{1,60}", re.ASCII)
_STAGES = {state.value: state for state in State if state not in FINISHED}


@dataclass(frozen=True)
class Asked:
    """Which contacts somebody wants to see, and which page of them."""

    wanted: Wanted = field(default_factory=Wanted)
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return self.wanted != Wanted()

    @property
    def query(self) -> str:
        """As it stands behind the question mark; empty for everything."""
        wanted = self.wanted
        given = {
            "who": ME if wanted.mine else NOBODY if wanted.unowned else "",
            "colour": wanted.colour,
            "stage": wanted.stage.value if wanted.stage else "",
            "waiting": wanted.waiting,
            "late": YES if wanted.late else "",
            "closing": YES if wanted.closing else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def path(self) -> str:
        """The address of this view."""
        return self.path_of("/queue")

    def path_of(self, path: str, **more: str) -> str:
        """The address of another path with the same filters, and with something more."""
        query = "&".join(filter(None, (self.query, urlencode(more))))
        return f"{path}?{query}" if query else path

    def at_page(self, page: int) -> "Asked":
        """Another page of the same."""
        return replace(self, page=page)


def asked(given: Mapping[str, str]) -> Asked:
    """What an address asks for."""
    who, page = given.get("who", ""), given.get("page", "")
    return Asked(
        Wanted(
            mine=who == ME,
            unowned=who == NOBODY,
            colour=_code(given.get("colour", "")),
            stage=_STAGES.get(given.get("stage", "")),
            waiting=_code(given.get("waiting", "")),
            late=given.get("late") == YES,
            closing=given.get("closing") == YES,
        ),
        int(page) if page.isdecimal() and page.isascii() and len(page) < 6 else 1,
    )


def _code(text: str) -> str:
    return text if re.fullmatch(r"[\w-]{1,60}", text, re.ASCII) else ""


def asked_back(query: str) -> Asked:
    """What the form of a line says it came from."""
    return asked(dict(parse_qsl(query[:500])))


def as_place(before: Before) -> str:
    """Where the next page of a long list begins, for an address or a form."""
    return f"{clock.iso(before.at)}~{before.contact_id}"


def place(text: str) -> Before | None:
    """The same, read; None for what cannot be read, which is the first page."""
    if not _PLACE.fullmatch(text):
        return None
    at, _, contact_id = text.partition("~")
    try:
        return Before(datetime.fromisoformat(at), contact_id)
    except ValueError:
        return None
