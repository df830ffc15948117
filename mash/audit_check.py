"""Was anything in the audit trail changed, removed or exchanged? Counts every chain again and names the place.

Reads what the database really stores, so that a value it can no longer make sense of is a finding and not an accident.
A chain that was cut at its end or written anew is whole in itself: only anchors kept elsewhere show that.
"""

import sqlite3
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True)
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
    # As text: in a database that was tampered with a number need not be one.
    return sorted({*chains, *words}, key=lambda found: f"{found.stream!s} {found.seq!s:>12}")


def anchor(db: Database, file: Path, now: datetime) -> int:
    """Add the heads that moved since they were last anchored; how many. Raises BadInput where the file is damaged."""
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
        elif _number(head.seq) > self.seq:
            self.find(head.seq, f"is missing; the last one that is there has number {self.seq}.")
        elif not self.seq:
            self.find(1, "is missing; the stream has no entries.")
        elif head != Head(self.seq, self.hash):
            self.find(self.seq, f"is the last, but the head of the stream is entry {head.seq} or has another hash.")
        for seq, known in self.anchored.items():
            self.find(seq, f"is missing; it was anchored at {known.at}.")


def _number(stored: Any) -> int:
    return stored if isinstance(stored, int) else 0


def _check_chains(
    connection: Connection,
    names: dict[str, str],
    heads: dict[str, Head],
    anchored: dict[str, dict[int, Anchor]],
) -> Iterator[Finding]:
    def chain_of(stream: str) -> _Chain:
        return _Chain(stream, names.get(stream, f"stream {stream}"), anchored.get(stream, {}))

    unseen = dict.fromkeys([*heads, *anchored])
    rows = connection.execute(_entries(connection), execution_options=AT_ONCE)
    for stream, entries in groupby(rows, key=itemgetter(0)):
        unseen.pop(stream, None)
        chain = chain_of(stream)
        for values in entries:
            chain.read(_as_hashed(values))
        chain.end(heads.get(stream))
        yield from chain.findings
    for stream in unseen:
        chain = chain_of(stream)
        chain.end(heads.get(stream, Head()))
        yield from chain.findings


def _entries(connection: Connection) -> Select[Any]:
    at: ColumnElement[str] = type_coerce(AuditEntry.at, Text)
    if connection.dialect.name == "postgresql":  # the text that SQLite stores
        at = func.to_char(func.timezone("UTC", AuditEntry.at), "YYYY-MM-DD HH24:MI:SS.US")
    columns = [at if name == "at" else getattr(AuditEntry, name) for name in COLUMNS]
    return select(*columns).order_by(AuditEntry.stream, AuditEntry.seq)


def _as_hashed(values: Sequence[Any]) -> dict[str, Any]:
    """The entry as its hash was counted. A time in another form than we write stays as it is, and is found by that."""
    entry = dict(zip(COLUMNS, values, strict=True))
    at = entry["at"]
    if isinstance(at, str) and len(at) == len("2026-11-09 09:04:00.000000") and at.endswith(".000000"):
        entry["at"] = f"{at[:10]}T{at[11:19]}Z" if at[10] == " " else at
    return entry


def _heads(connection: Connection) -> tuple[dict[str, str], dict[str, Head]]:
    """What people call each stream, and where it ends according to its head."""
    names, heads = {}, {}
    contacts = select(Contact.id, Contact.reference, Contact.chain_seq, Contact.chain_hash)
    for stream, reference, seq, end in connection.execute(contacts, execution_options=AT_ONCE):
        names[stream], heads[stream] = f"contact {reference}", Head(seq, end)
    others = select(AuditHead.stream, AuditHead.seq, AuditHead.hash)
    for stream, seq, end in connection.execute(others, execution_options=AT_ONCE):
        names[stream], heads[stream] = f"stream {stream}", Head(seq, end)
    return names, heads


def _check_words(connection: Connection, names: dict[str, str]) -> Iterator[Finding]:
    for table in (EventWords, HubOnlyWords):
        rows = select(
            table.contact_id, table.seq, table.salt, cast(table.words, Text), AuditEntry.seq, AuditEntry.words_hash
        ).outerjoin(AuditEntry, (AuditEntry.stream == table.contact_id) & (AuditEntry.seq == table.seq))
        for stream, seq, salt, words, entry, wanted in connection.execute(rows, execution_options=AT_ONCE):
            if what := _what_is_wrong(salt, words, entry, wanted):
                yield Finding(stream, seq, f"{names.get(stream, f'contact {stream}')}, entry {seq}: {what}")


def _what_is_wrong(salt: str, words: str, entry: int | None, wanted: str | None) -> str | None:
    if entry is None:
        return "its words are there, but it is not."
    if wanted is None:
        return "has words, but was written without any."
    return None if _hash_of(salt, words) == wanted else "its words were changed."


def _hash_of(salt: str, words: str) -> str | None:
    try:
        return words_hash(salt, loads(words))
    except (TypeError, ValueError):
        return None


@contextmanager
def _as_stored(connection: Connection) -> Iterator[None]:
    """SQLite gives back even text that is no longer text; PostgreSQL cannot store such."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.text_factory = lambda stored: stored.decode(errors="backslashreplace")
    try:
        yield
    finally:
        driver.text_factory = str
