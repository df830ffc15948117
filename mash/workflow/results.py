"""What did the engine make of it? Contacts, deadlines and alerts as the lines of the replay format, section 6."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from mash.clock import iso
from mash.db import Database
from mash.models.contact import Contact
from mash.models.people import ContactChild
from mash.models.time import Alert, Deadline


def is_empty(db: Database) -> bool:
    """Whether there is no contact yet."""
    with db.reading() as look:
        return look.execute(select(Contact.number).limit(1)).first() is None


def result_lines(db: Database) -> Iterator[tuple[str, dict[str, Any]]]:
    """(kind, line) for every contact, deadline and alert of the database."""
    with db.reading() as look:
        names = {
            (row.borough, row.id): row.reference
            for row in look.execute(select(Contact.borough, Contact.id, Contact.reference))
        }
        for line in _contacts(look):
            yield "contacts", line
        for line in _deadlines(look, names):
            yield "deadlines", line
        for line in _alerts(look, names):
            yield "alerts", line


def _contacts(look: Connection) -> Iterator[dict[str, Any]]:
    labels = {row.id: row.label for row in look.execute(select(ContactChild.id, ContactChild.label))}
    for row in look.execute(select(Contact.__table__).order_by(Contact.number)):
        line = {
            "contact": row.reference,
            "state": row.state,
            "rag": row.rag,
            "outcome": row.outcome,
            "ruleset": f"{row.rule_set}@{row.rule_set_version}",
            "suggested": {"rag": row.suggested_rag, "because": row.suggested_because},
        }
        if row.outcome is not None:
            line["children"] = {labels[child]: outcome for child, outcome in row.child_outcomes.items()}
        yield line


def _deadlines(look: Connection, names: dict[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    instants = ("started_at", "due_at", "met_at", "breached_at", "cancelled_at")
    for row in look.execute(select(Deadline.__table__).order_by(Deadline.started_at)):
        yield {
            "contact": names[row.borough, row.contact_id],
            "clock": row.clock,
            "agency": row.agency or None,
            "episode": row.episode,
            **{name: iso(at) if (at := getattr(row, name)) else None for name in instants},
            **({"annulled_at": iso(row.annulled_at)} if row.annulled_at else {}),
            "reading": row.reading,
        }


def _alerts(look: Connection, names: dict[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    for row in look.execute(select(Alert.__table__).order_by(Alert.at)):
        yield {
            "contact": names[row.borough, row.contact_id],
            "alert": row.kind,
            "clock": row.clock,
            "agency": row.agency or None,
            "episode": row.episode,
            "level": row.level,
            "at": iso(row.at),
        }
