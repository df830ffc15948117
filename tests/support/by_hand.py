"""Recorded work written by hand, a line an act, in November 2026 of Northbridge."""

import json
from collections.abc import Iterator
from typing import Any

from mash.recording_file import Line, checked

BOROUGH = "northbridge"


def line(at: str, do: str, by: str, contact: str | None = None, **fields: Any) -> str:
    of_contact = {"contact": contact} if contact else {}
    return json.dumps({"at": f"2026-11-{at}+00:00", "do": do, "by": by, **of_contact, **fields})


def arrival(at: str, contact: str, by: str = "contact_officer", **fields: Any) -> str:
    child = {"label": "a", "forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}
    given = {"borough": BOROUGH, "children": [child], **fields}
    return line(at, "receive_contact", by, contact, **given)


def rated(received: str, at: str, contact: str, rag: str, **fields: Any) -> Iterator[str]:
    """Received, and at another time looked at and rated."""
    yield arrival(received, contact, **fields)
    yield line(at, "start_screening", "screener", contact)
    yield line(at, "rate_contact", "screener", contact, rag=rag)


def decided(at: str, contact: str, outcome: str = "early_help") -> str:
    """Decided without the two agencies that amber requires."""
    words = {"rationale": "Support offered.", "without": ["health", "education"]}
    return line(at, "record_decision", "decision_maker", contact, outcome=outcome, **words)


def end(at: str) -> str:
    return line(at, "end_of_record", "system")


def read(*texts: str) -> list[Line]:
    """The lines in the order of their times."""
    return checked(sorted(texts, key=lambda text: json.loads(text)["at"]), None, "by hand")
