"""The rows of a lifecycle as an ordinary write-up with SQLAlchemy's ORM and `transitions` would write them.

Mapped classes with relationships, a machine for each contact that is loaded, a session for each act. It is given the
due times and the hashes: to work them out costs it nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, reconstructor, registry, relationship
from transitions import Machine

from bench.written import Step, Write
from mash.db import metadata
from mash.vocabulary import State

_mapped = registry(metadata=metadata)
_PATH = ("received", "screening", "rated", "gathering", "ready", "awaiting_sign_off", "decided", "closed")
_TABLES = (
    "audit_entries",
    "event_words",
    "deadlines",
    "alerts",
    "information_requests",
    "information_returns",
    "contact_children",
    "persons",
    "person_links",
    "lookup_keys",
    "referrers",
    "receipts",
    "turns",
)


class Contact:
    """A contact with a machine of its own, as the handbook of `transitions` shows it for mapped classes."""

    state: str
    entries: list[Any]
    deadlines: list[Any]
    requests: list[Any]

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    @reconstructor
    def begin(self) -> None:
        """Every load makes the machine anew."""
        moves = [
            {"trigger": f"to_the_{after}", "source": before, "dest": after}
            for n, before in enumerate(_PATH)
            for after in _PATH[n : n + 2]
        ]
        self.machine = Machine(
            self,
            states=[state.value for state in State],
            transitions=moves,
            initial=self.state,
            auto_transitions=False,
            model_attribute="stage",
        )


def _kind(table: str) -> type[Any]:
    def begin(self: Any, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    return type(table.title().replace("_", ""), (), {"__init__": begin})


_KINDS: dict[str, type[Any]] = {table: _kind(table) for table in _TABLES}
_KEY = ("clock", "agency", "episode")


def _of_contact(table: str, column: str = "contact_id", order: str | None = None) -> Any:
    rows, contacts = metadata.tables[table], metadata.tables["contacts"]
    own = rows.c[column] == contacts.c.id
    foreign = [rows.c[column]]
    return relationship(_KINDS[table], primaryjoin=own, foreign_keys=foreign, order_by=rows.c[order] if order else None)


for _table, _class in _KINDS.items():
    _mapped.map_imperatively(_class, metadata.tables[_table])
_mapped.map_imperatively(
    Contact,
    metadata.tables["contacts"],
    properties={
        "entries": _of_contact("audit_entries", "stream", "seq"),
        "deadlines": _of_contact("deadlines"),
        "requests": _of_contact("information_requests"),
    },
)


class Plain:
    """Each step a session and a transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine.execution_options(writes=True)

    def live(self, steps: Sequence[Step]) -> None:
        """One contact to its end."""
        with Session(self.engine) as session, session.begin():
            self._receive(session, steps[0])
        contact_id = next(write.rows[0]["id"] for write in steps[0] if write.table == "contacts")
        for step in steps[1:]:
            with Session(self.engine) as session, session.begin():
                wanted: Any = select(Contact).filter_by(borough="northbridge", id=contact_id)
                contact = session.scalars(wanted.with_for_update()).one()
                self._act(session, contact, step)

    def _receive(self, session: Session, step: Step) -> None:
        for write in step:
            for row in write.rows:
                if write.table == "turns":
                    _take_turn(session)
                    continue
                session.add(Contact(**row) if write.table == "contacts" else _KINDS[write.table](**row))
                session.flush()

    def _act(self, session: Session, contact: Contact, step: Step) -> None:
        assert contact.entries[-1].hash
        for write in step:
            for row in write.rows:
                self._write(session, contact, write, row)

    def _write(self, session: Session, contact: Contact, write: Write, row: Mapping[str, Any]) -> None:
        if write.table == "contacts":
            _set(contact, row)
            getattr(contact, f"to_the_{contact.state}")()
        elif write.table == "audit_entries":
            contact.entries.append(_KINDS["audit_entries"](**row))
        elif write.table == "deadlines":
            _renew(contact, row)
        elif write.kind == "update":
            _answer(contact, row)
        elif write.table == "turns":
            _take_turn(session)
        else:
            session.add(_KINDS[write.table](**row))


def _take_turn(session: Session) -> None:
    turn = session.get(_KINDS["turns"], "northbridge", with_for_update=True)
    assert turn is not None
    turn.number += 1


def _renew(contact: Contact, row: Mapping[str, Any]) -> None:
    there = {tuple(getattr(one, name) for name in _KEY): one for one in contact.deadlines}
    known = there.get(tuple(row[name] for name in _KEY))
    if known is None:
        contact.deadlines.append(_KINDS["deadlines"](**row))
    else:
        _set(known, row)


def _answer(contact: Contact, row: Mapping[str, Any]) -> None:
    agencies = {value for name, value in row.items() if name.startswith("agencies")}
    for request in contact.requests:
        if request.answered_at is None and request.agency in agencies:
            request.answered_at = row["answered_at"]


def _set(one: Any, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        if not name.startswith("own_"):
            setattr(one, name, value)
