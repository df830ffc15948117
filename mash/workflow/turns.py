"""Which act could know of which? In a borough the acts that tell one contact of another take turns.

A suggestion reads other contacts about the same child, so the order of acts on different contacts is part of the
record. Each such act carries its turn in its facts; whoever holds the turn holds it until the transaction ends.
"""

from typing import Any

from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from mash.models.contact import Turn
from mash.vocabulary import Verb

TAKES_TURN = frozenset({Verb.RECEIVE_CONTACT, Verb.ADD_FACTS, Verb.CLOSE, Verb.REOPEN})
"""Acts that change what is known of a child elsewhere, or read it. Source: replay format, section 5."""


def _counting(dialect: Any) -> Any:
    row = dialect.insert(Turn).values(borough=bindparam("borough"), number=1)
    counted = row.on_conflict_do_update(index_elements=["borough"], set_={"number": Turn.number + 1})
    return counted.returning(Turn.number)


_COUNT = {"sqlite": _counting(sqlite), "postgresql": _counting(postgresql)}


def take_turn(tx: Connection, borough: str) -> int:
    """The number of this turn, from 1 upward. Take it before anything is read that it orders."""
    return int(tx.execute(_COUNT[tx.dialect.name], {"borough": borough}).scalar_one())


def hold_turn(tx: Connection, borough: str) -> None:
    """Until the transaction ends nobody takes a turn. It is none itself: for who changes by which rules they act."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    row = dialect.insert(Turn).values(borough=borough, number=0)
    tx.execute(row.on_conflict_do_update(index_elements=["borough"], set_={"number": Turn.number}))
