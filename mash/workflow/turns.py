"""Which act could know of which? In a borough the acts that tell one contact of another take turns.

A suggestion reads other contacts about the same child, so the order of acts on different contacts is part of the
record. Each such act carries its turn in its facts; whoever holds the turn holds it until the transaction ends.

And every act counts by the bank holidays that are known: none is announced while it does. On SQLite nobody writes at
the same time as another anyhow.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, select

from mash.models.base import INSERTS, rows_of
from mash.models.contact import Turn
from mash.vocabulary import Verb

TAKES_TURN = frozenset({Verb.RECEIVE_CONTACT, Verb.ADD_FACTS, Verb.CLOSE, Verb.REOPEN})
"""Acts that change what is known of a child elsewhere, or read it. Source: replay format, section 5."""


def _counting(insert: Any) -> Any:
    row = insert(rows_of(Turn)).values(borough=bindparam("borough"), number=1)
    counted = row.on_conflict_do_update(index_elements=["borough"], set_={"number": Turn.number + 1})
    return counted.returning(Turn.number)


_COUNT = {name: _counting(insert) for name, insert in INSERTS.items()}


def take_turn(tx: Connection, borough: str) -> int:
    """The number of this turn, from 1 upward. Take it before anything is read that it orders."""
    return int(tx.execute(_COUNT[tx.dialect.name], {"borough": borough}).scalar_one())


def hold_turn(tx: Connection, borough: str) -> None:
    """Until the transaction ends nobody takes a turn. It is none itself: for who changes by which rules they act."""
    row = INSERTS[tx.dialect.name](rows_of(Turn)).values(borough=borough, number=0)
    tx.execute(row.on_conflict_do_update(index_elements=["borough"], set_={"number": Turn.number}))


def counting_with_others(borough: ColumnElement[str]) -> ColumnElement[Any]:
    """On PostgreSQL, in a select: waits for who announces a bank holiday to the borough; none can until the end."""
    return func.pg_advisory_xact_lock_shared(_announcing(borough))


def count_with_others(tx: Connection, borough: str) -> None:
    """Until the transaction ends no bank holiday is announced to the borough. Before anything is counted."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(counting_with_others(literal(borough))))


def count_alone(tx: Connection, borough: str) -> None:
    """Wait for whoever counts by the bank holidays of the borough; until the transaction ends nobody else does."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_announcing(literal(borough)))))


def _announcing(borough: ColumnElement[str]) -> ColumnElement[Any]:
    return func.hashtextextended(literal("bank holidays of ").concat(borough), 0)
