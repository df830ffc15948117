"""Was anything in the audit trail changed, removed or exchanged? Counts every chain again and names the place.

Reads what the database really stores, so that a value it can no longer make sense of is a finding and not an accident.
A chain that was cut at its end or written anew is whole in itself: only anchors kept elsewhere show that.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from json import loads
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, select, type_coerce

from mash import anchors
from mash.anchors import Anchor
from mash.audit import GENESIS, Head, entry_hash, words_hash
from mash.db import Database
from mash.models.audit import AuditEntry, AuditHead
from mash.models.contact import Contact, EventWords, HubOnlyWords

COLUMNS = tuple(column.key for column in AuditEntry.__table__.columns)
AT_ONCE = {"yield_per": 5000}


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as it was written, and where. Holds no personal data."""

    stream: str
    seq: int
    sentence: str


def verify(db: Database, anchor: Path | None = None) -> list[Finding]:
    """Everything in the audit trail that is not as it was written; nothing when it is whole.

    With an anchor file also what was cut off at the end of a chain or written anew. Raises BadInput where that file is
    missing or damaged.
    """
    anchored = anchors.by_stream(anchor) if anchor else {}
    with db.reading() as connection, _as_stored(connection):
        names, heads = _heads(connection)
        chains = list(_check_chains(connection, names, heads, anchored))
        words = list(_check_words(connection, names))
    return sorted({*chains, *words})


def anchor(db: Database, file: Path, now: datetime) -> int:
    """Add to the file where each chain ends that moved since it was last anchored; how many. Raises BadInput if damaged."""
    with db.reading() as connection:
        _, heads = _heads(connection)
    return anchors.append(file, heads, now)


class _Chain:
    """One stream, read from its first entry to its last."""

    def __init__(self, stream: str, name: str, anchored: dict[int, Anchor]) -> None:
        self.stream, self.name, self.anchored = stream, name, anchored
        self.seq, self.hash = 0, GENESIS
        self.findings: list[Finding] = []

    def find(self, seq: int, what: str) -> None:
        self.findings.append(Finding(self.stream, seq, f"{self.name}, entry {seq}: {what}"))

    def read(self, entry: dict[str, Any]) -> None:
        """Take the next entry."""
        seq, wanted = entry["seq"], self.seq + 1
        if not isinstance(seq, int):
            self.find(wanted, "its number was changed to something that is none.")
            seq = wanted
        elif seq != wanted:
            self.find(wanted, f"is missing; the next one that is there has number {seq}.")
        elif entry["previous_hash"] != self.hash:
            self.find(seq, "does not follow from the one before it: one of the two was changed or exchanged.")
        if entry_hash(entry) != entry["hash"]:
            self.find(seq, "was changed after it was written.")
        if (known := self.anchored.pop(seq, None)) and known.hash != entry["hash"]:
            self.find(seq, f"is not the one that was anchored at {known.at}: the chain was written anew.")
        self.seq, self.hash = seq, entry["hash"]

    def end(self, head: Head | None) -> None:
        """Compare the end with the stored head and with what was anchored."""
        if head is None:
            self.find(self.seq, "is the last, but the stream has no head: that was removed, or this was added.")
        elif head.seq > self.seq:
            self.find(head.seq, f"is missing; the last one that is there has number {self.seq}.")
        elif not self.seq:
            self.find(1, "is missing; the stream has no entries.")
        elif head != Head(self.seq, self.hash):
            self.find(self.seq, f"is the last, but the head of the stream is entry {head.seq} or has another hash.")
        for seq, known in self.anchored.items():
            self.find(seq, f"is missing; it was anchored at {known.at}.")


def _check_chains(
    connection: Connection,
    names: dict[str, str],
    heads: dict[str, Head],
    anchored: dict[str, dict[int, Anchor]],
) -> Iterator[Finding]:
    unseen = {stream: _Chain(stream, names[stream], {}) for stream in ()}
    unseen = dict.fromkeys([*heads, *anchored])
    rows = connection.execute(_entries(connection), execution_options=AT_ONCE)
    for stream, entries in groupby(rows, key=itemgetter(0)):
        chain = _Chain(stream, names.get(stream, f"stream {stream}"), anchored.get(stream, {}))
        for values in entries:
            chain.read(_as_hashed(dict(zip(COLUMNS, values, strict=True))))
        chain.end(heads.get(stream))
        unseen.pop(stream, None)
        yield from chain.findings
    for stream in unseen:
        chain = _Chain(stream, names.get(stream, f"stream {stream}"), anchored.get(stream, {}))
        chain.end(heads.get(stream, Head()))
        yield from chain.findings
