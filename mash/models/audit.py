"""The record of who did what. Append-only: the database refuses anything else (mash/guards.py)."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code


class AuditEntry(Table):
    """One act in one stream. A contact's stream is the history that the workflow reads.

    `facts` is canonical JSON of codes, ids and instants, never words; `words_hash` is the salted hash of the words;
    `hash` covers every other column and the entry before it.
    """

    __tablename__ = "audit_entries"

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    borough: Mapped[str | None]
    action: Mapped[str] = a_code()
    actor_id: Mapped[str | None]
    role: Mapped[str | None]
    desk: Mapped[str | None]
    state_before: Mapped[str | None]
    state: Mapped[str | None]
    facts: Mapped[str]
    words_hash: Mapped[str | None]
    request_id: Mapped[str | None]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Table):
    """The end of a stream that is not a contact's (those heads lie in the contact's row)."""

    __tablename__ = "audit_heads"

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str]


class AccessEntry(Table):
    """Somebody looked: written before the first byte of a page with case data."""

    __tablename__ = "access_entries"
    __table_args__ = (Index("ix_access_entries_contact", "borough", "contact_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[str]
    role: Mapped[str] = a_code()
    desk: Mapped[str | None]
    borough: Mapped[str] = a_code()
    contact_id: Mapped[str | None]
    page: Mapped[str]
    request_id: Mapped[str]
