"""Who did what, so that nobody can change it afterwards unseen? Append-only entries in hash chains, one per stream.

A contact's chain has its head in the contact's row and is locked with it; other streams keep theirs in `audit_heads`.
An entry's hash covers every column and the entry before it. Words never enter the chain, only their salted hash.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text, update

from mash.clock import iso
from mash.models.audit import AuditEntry, AuditHead
from mash.models.base import into
from mash.permissions import Actor

GENESIS = "0" * 64
SESSION, SYSTEM = "session", "system"
ADD = into(AuditEntry)
"""Stores an entry that follows a head which the caller holds locked."""


@dataclass(frozen=True)
class Head:
    """The end of a chain."""

    seq: int = 0
    hash: str = GENESIS


START = Head()


@dataclass(frozen=True)
class Sealed:
    """Words with the salt and hash by which an entry refers to them."""

    words: dict[str, str]
    salt: str
    hash: str


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, instants as `…Z`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def seal(words: Mapping[str, str]) -> Sealed | None:
    """Words with a fresh salt; None where there are none."""
    if not words:
        return None
    salt = secrets.token_hex(16)
    return Sealed(dict(words), salt, words_hash(salt, words))


def words_hash(salt: str, words: Mapping[str, str]) -> str:
    """The salted hash by which an entry refers to words."""
    return hashlib.sha256((salt + canonical(dict(words))).encode()).hexdigest()


def entry_hash(entry: Mapping[str, Any]) -> str:
    """The hash of an entry over every column but itself, in canonical form."""
    covered = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(canonical(covered).encode()).hexdigest()


def entry(
    stream: str,
    head: Head,
    *,
    at: datetime,
    action: str,
    actor: Actor | None,
    facts: Mapping[str, Any],
    borough: str | None = None,
    states: tuple[str | None, str | None] = (None, None),
    sealed: Sealed | None = None,
    request_id: str | None = None,
) -> dict[str, Any]:
    """The row that follows `head`, with its hash. Stores nothing."""
    row = {
        "stream": stream,
        "seq": head.seq + 1,
        "at": at.replace(microsecond=0),  # the hash covers whole seconds, so nothing finer may be stored
        "borough": borough,
        "action": action,
        "actor_id": actor.user_id if actor else None,
        "role": actor.role.value if actor else None,
        "desk": actor.desk if actor else None,
        "state_before": states[0],
        "state": states[1],
        "facts": canonical(dict(facts)),
        "words_hash": sealed.hash if sealed else None,
        "request_id": request_id,
        "previous_hash": head.hash,
    }
    row["hash"] = entry_hash(row)
    return row


def add(connection: Connection, row: Mapping[str, Any]) -> Head:
    """Store an entry that follows a head which the caller holds locked; the new head is the caller's to store."""
    connection.execute(ADD, row)
    return head_after(row)


def head_after(row: Mapping[str, Any]) -> Head:
    """The end of the chain once this entry is in it."""
    return Head(row["seq"], row["hash"])


def record(
    connection: Connection,
    stream: str,
    *,
    at: datetime,
    action: str,
    actor: Actor | None = None,
    facts: Mapping[str, Any] | None = None,
    borough: str | None = None,
    request_id: str | None = None,
) -> int:
    """Add an entry to a stream that is not a contact's, locking its head. Its number in the stream."""
    head = locked_head(connection, stream)
    row = entry(
        stream,
        head,
        at=at,
        action=action,
        actor=actor,
        facts=facts or {},
        borough=borough,
        request_id=request_id,
    )
    new = add(connection, row)
    connection.execute(update(AuditHead).where(AuditHead.stream == stream).values(seq=new.seq, hash=new.hash))
    return new.seq


def locked_head(connection: Connection, stream: str) -> Head:
    """The end of a stream that is not a contact's. Until the transaction ends nobody else adds to it."""
    rows = select(AuditHead.seq, AuditHead.hash).where(AuditHead.stream == stream).with_for_update()
    found = connection.execute(rows).first()
    if found is None:
        # A row that is not there cannot be locked: of two that begin a stream at once, one waits here for the other.
        begin = text("INSERT INTO audit_heads (stream, seq, hash) VALUES (:stream, 0, :hash) ON CONFLICT DO NOTHING")
        connection.execute(begin, {"stream": stream, "hash": GENESIS})
        found = connection.execute(rows).one()
    return Head(*found)
