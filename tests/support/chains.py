"""Contacts with audit chains, made through the door that everybody uses but without the workflow."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from mash import audit
from mash.db import Database
from mash.models.base import new_id
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.time import RuleSetVersion
from mash.permissions import Actor
from mash.vocabulary import Role

NOW = datetime(2026, 11, 9, 9, 4, tzinfo=UTC)
ACTOR = Actor("u-1", "Sam Whitlock", Role.SCREENER, "northbridge")

_ANYTHING: dict[type, Any] = {int: 0, str: "", bool: False, object: {}, datetime: NOW, date: NOW.date()}


def a_row(table: Any, **given: Any) -> dict[str, Any]:
    """Values for every column that must have one; those that do not matter here are empty."""
    columns = table.__table__.columns
    needed = [c for c in columns if not c.nullable and c.identity is None and c.key not in given]
    return {column.key: _anything(column.type) for column in needed} | given


def _anything(kind: Any) -> Any:
    return _ANYTHING[kind.impl.python_type if hasattr(kind, "impl") else kind.python_type]


def add_rules(tx: Connection) -> None:
    tx.execute(insert(RuleSetVersion).values(a_row(RuleSetVersion, slug="northbridge", version=1)))


def add_contact(tx: Connection, reference: str, acts: int = 1) -> str:
    """A contact with so many entries; every third has words, and every fourth of those is for the hub alone."""
    contact_id = new_id()
    rules = {"rule_set": "northbridge", "rule_set_version": 1}
    named = {"borough": "northbridge", "id": contact_id, "reference": reference, "chain_hash": audit.GENESIS}
    tx.execute(insert(Contact).values(a_row(Contact, **rules, **named)))
    for number in range(acts):
        words = {"note": f"What was said about it, part {number}: “é”."} if number % 3 == 0 else {}
        act(tx, contact_id, words, hub_only=number % 12 == 9)
    return contact_id


def act(tx: Connection, contact_id: str, words: dict[str, str] | None = None, *, hub_only: bool = False) -> None:
    """One more entry in a contact's chain."""
    row = tx.execute(select(Contact.chain_seq, Contact.chain_hash).where(Contact.id == contact_id)).one()
    sealed = audit.seal(words or {})
    entry = audit.entry(
        contact_id,
        audit.Head(*row),
        at=NOW + timedelta(minutes=row.chain_seq),
        action="record_event",
        actor=ACTOR,
        facts={"event": "phone_call", "number": row.chain_seq},
        borough="northbridge",
        states=("screening", "screening"),
        sealed=sealed,
        request_id=f"r-{row.chain_seq}",
    )
    head = audit.add(tx, entry)
    tx.execute(update(Contact).where(Contact.id == contact_id).values(chain_seq=head.seq, chain_hash=head.hash))
    if sealed:
        table: Any = HubOnlyWords if hub_only else EventWords
        key = {"borough": "northbridge", "contact_id": contact_id, "seq": head.seq}
        tx.execute(insert(table).values(**key, salt=sealed.salt, words=sealed.words))


def sign_in(tx: Connection, times: int = 1) -> None:
    """Entries in a stream that is not a contact's."""
    for number in range(times):
        audit.record(tx, audit.SESSION, at=NOW, action="sign_in", actor=ACTOR, facts={"number": number})


def fill(db: Database) -> tuple[str, str]:
    """Two contacts and a session stream; the ids of the contacts."""
    with db.transaction() as tx:
        add_rules(tx)
        ids = add_contact(tx, "NB-ONE", acts=12), add_contact(tx, "NB-TWO", acts=5)
        sign_in(tx, 4)
    return ids
