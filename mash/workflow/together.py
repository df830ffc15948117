"""How do the rows of one act reach the database? As one statement, whatever tables they belong to.

On PostgreSQL most of what an act costs is to ask the server six times, on SQLite to have six statements made ready. A
statement of PostgreSQL takes others as its parts. One of SQLite cannot: there the rows go into a view, and for each
kind of row the view has a trigger that does with it what its statement says.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.visitors import cloned_traverse

Row = Mapping[str, Any]
Shape = tuple[Any, tuple[str, ...]]
"""A statement and the names of its parameters."""
OWN = "own_"
MOST_KINDS = 500


class Together:
    """Statements that wait for `write`. None of them may need to see what another of them writes.

    Parameters whose names begin with `own_` say which row is meant; the others are columns.
    """

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self._waiting: list[tuple[Any, Row]] = []

    def add(self, statement: Any, rows: Row | Sequence[Row]) -> None:
        """One more, for a row or for several: what others refer to before what refers to it.

        Statements are made once for the whole program: each that is new costs, on SQLite every connection.
        """
        self._waiting += [(statement, row) for row in ([rows] if isinstance(rows, Mapping) else rows)]

    def write(self) -> None:
        """Write them all."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        shapes = tuple((statement, tuple(row)) for statement, row in waiting)
        rows = [row for _, row in waiting]
        if self.tx.dialect.name == "sqlite":
            _SORTING.write(self.tx, shapes, rows)
        else:
            given = {_numbered(name, n): value for n, row in enumerate(rows) for name, value in row.items()}
            self.tx.execute(_whole(shapes), given)


def _columns(shape: Shape) -> list[str]:
    return [name for name in shape[1] if not name.startswith(OWN)]


@lru_cache(maxsize=MOST_KINDS)
def _whole(shapes: tuple[Shape, ...]) -> Any:
    """One statement of PostgreSQL that does all of these; made once for each combination that acts have."""
    parts = [_part(shape, n) for n, shape in enumerate(shapes)]
    return parts[-1].add_cte(*(part.cte(f"part_{n}") for n, part in enumerate(parts[:-1])))


def _part(shape: Shape, number: int) -> Any:
    def number_it(parameter: BindParameter[Any]) -> None:
        if parameter.key.startswith(OWN):
            parameter.key = _numbered(parameter.key, number)

    which: Any = cloned_traverse(shape[0], {}, {"bindparam": number_it})
    return which.values({name: bindparam(_numbered(name, number)) for name in _columns(shape)})


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}"


class _Kind:
    """A kind of row that the view takes: what its trigger does, and how its values reach SQLite."""

    def __init__(self, shape: Shape, number: int) -> None:
        statement, names = shape
        dialect = sqlite.dialect(paramstyle="named")
        compiled = statement.compile(dialect=dialect, column_keys=_columns(shape))
        if sorted(compiled.binds) != sorted(names):
            raise TypeError(f"A trigger cannot add what SQLAlchemy would add to {names}: name every value.")
        place = {name: f"NEW.v{n}" for n, name in enumerate(names)}
        self.number, self.width = number, len(names)
        self.does = re.sub(r":(\w+)", lambda found: place[found[1]], str(compiled))
        types = (compiled.binds[name].type.dialect_impl(dialect) for name in names)
        self._as_stored: list[Callable[[Any], Any] | None] = [kind.bind_processor(dialect) for kind in types]

    def given(self, row: Row, width: int) -> tuple[Any, ...]:
        """The row as one of a view that is so wide."""
        values = (
            value if as_stored is None else as_stored(value)
            for as_stored, value in zip(self._as_stored, row.values(), strict=True)
        )
        return (self.number, *values, *(None,) * (width - self.width))


class _Sorting:
    """The view and its triggers. They are temporary: a connection that has none of that name makes them.

    When a kind of row comes for the first time, there is a view of another name. So none is without a trigger for a
    kind that is put into it, also where what made it was rolled back.
    """

    def __init__(self) -> None:
        self._kinds: dict[Shape, _Kind] = {}
        self._lock = Lock()

    def write(self, tx: Connection, shapes: Sequence[Shape], rows: Sequence[Row]) -> None:
        """Put the rows in."""
        own = [self._kinds.get(shape) or self._new(shape) for shape in shapes]
        kinds = list(self._kinds.values())
        name, width = f"sorting_{len(kinds)}", max(kind.width for kind in kinds)
        insert = f"INSERT INTO {name} VALUES (?{', ?' * width})"
        given = [kind.given(row, width) for kind, row in zip(own, rows, strict=True)]
        try:
            tx.exec_driver_sql(insert, given)
        except OperationalError as error:
            if f"no such table: {name}" not in str(error.orig):
                raise
            _make(tx, name, width, kinds)
            tx.exec_driver_sql(insert, given)

    def _new(self, shape: Shape) -> _Kind:
        with self._lock:
            if len(self._kinds) >= MOST_KINDS:
                raise RuntimeError("Statements for Together are made once, not for each act.")
            return self._kinds.setdefault(shape, _Kind(shape, len(self._kinds)))


def _make(tx: Connection, view: str, width: int, kinds: Sequence[_Kind]) -> None:
    for (earlier,) in tx.exec_driver_sql("SELECT name FROM sqlite_temp_master WHERE type = 'view'").all():
        tx.exec_driver_sql(f"DROP VIEW {earlier}")
    columns = ", ".join(f"NULL AS v{n}" for n in range(width))
    tx.exec_driver_sql(f"CREATE TEMP VIEW {view} AS SELECT NULL AS kind, {columns}")
    for kind in kinds:
        put = f"INSTEAD OF INSERT ON {view} WHEN NEW.kind = {kind.number} BEGIN {kind.does}; END"
        tx.exec_driver_sql(f"CREATE TEMP TRIGGER {view}_{kind.number} {put}")


_SORTING = _Sorting()
