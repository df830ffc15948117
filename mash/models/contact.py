"""A contact, what was typed about it, and what was decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code, of_contact


class Contact(Table):
    """One contact as it stands now. `state` is written by workflow/recording.py alone.

    `number` orders contacts as they were keyed and is never shown; `version` counts what people did, so that a form
    knows whether the picture has changed; `chain_seq` and `chain_hash` are the head of the contact's audit stream;
    `next_due_at` is the next instant at which a deadline of it changes by itself.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("borough", "id"),
        UniqueConstraint("borough", "reference"),
        ForeignKeyConstraint(["rule_set", "rule_set_version"], ["rule_sets.slug", "rule_sets.version"]),
        Index("ix_contacts_next_due_at", "next_due_at", postgresql_where=text("next_due_at IS NOT NULL")),
        Index("ix_contacts_queue", "borough", "state", "received_at"),
        Index("ix_contacts_changed", "borough", "changed_at", "id"),
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True, autoincrement=True
    )
    borough: Mapped[str] = a_code()
    id: Mapped[str]
    reference: Mapped[str]
    kind: Mapped[str] = a_code()
    channel: Mapped[str | None]
    source: Mapped[str | None]
    received_at: Mapped[datetime]
    keyed_at: Mapped[datetime]
    keyed_role: Mapped[str] = a_code()
    state: Mapped[str] = a_code()
    rag: Mapped[str | None]
    suggested_rag: Mapped[str | None]
    suggested_because: Mapped[list[str]]
    concerns: Mapped[list[str]]
    agreement: Mapped[str] = a_code()
    parents_informed: Mapped[bool | None]
    outcome: Mapped[str | None]
    threshold_level: Mapped[int | None]
    child_outcomes: Mapped[dict[str, Any]]
    rule_set: Mapped[str] = a_code()
    rule_set_version: Mapped[int]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    chain_seq: Mapped[int]
    chain_hash: Mapped[str]
    next_due_at: Mapped[datetime | None]
    held_by: Mapped[str | None]
    held_since: Mapped[datetime | None]


class Turn(Table):
    """How many acts of a borough have told one contact of another so far: workflow/turns.py."""

    __tablename__ = "turns"

    borough: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int]


class Receipt(Table):
    """A sender's key under which a contact was stored: the same key and content is the same contact, once."""

    __tablename__ = "receipts"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    contact_id: Mapped[str]


class EventWords(Table):
    """The free text of one act, apart from the audit entry that holds its salted hash: disposal drops this row."""

    __tablename__ = "event_words"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[str]
    words: Mapped[dict[str, Any]]


class HubOnlyWords(Table):
    """As EventWords, for what an agency gave to the hub alone: of the desks only its own may see it again."""

    __tablename__ = "hub_only_words"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[str]
    words: Mapped[dict[str, Any]]
