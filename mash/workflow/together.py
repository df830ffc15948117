"""How do the rows of one act reach the database? On PostgreSQL as one statement, on SQLite one after the other.

To ask a server once instead of six times is most of what an act costs there; SQLite is in our own process.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam

Row = Mapping[str, Any]
OWN = "own_"


class Together:
    """Statements that wait for `write`. None of them may need to see what another of them writes.

    Parameters whose names begin with `own_` say which rows are meant and are the same in all of them; the others are
    columns.
    """

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self._waiting: list[tuple[Any, Row]] = []

    def add(self, statement: Any, rows: Row | Sequence[Row]) -> None:
        """One more, for a row or for several. Rows that refer to each other may come in any order."""
        self._waiting += [(statement, row) for row in ([rows] if isinstance(rows, Mapping) else rows)]

    def write(self) -> None:
        """Write them all."""
        waiting, self._waiting = self._waiting, []
        if self.tx.dialect.name == "postgresql" and len(waiting) > 1:
            whole = _whole(tuple((statement, tuple(row)) for statement, row in waiting))
            self.tx.execute(whole, {_named(k, n): v for n, (_, row) in enumerate(waiting) for k, v in row.items()})
            return
        for (statement, _), alike in groupby(waiting, key=lambda one: (one[0], tuple(one[1]))):
            self.tx.execute(statement, [row for _, row in alike])


@lru_cache(maxsize=500)
def _whole(shape: tuple[tuple[Any, tuple[str, ...]], ...]) -> Any:
    """One statement that does all of these; made once for each shape that acts have."""
    parts = [
        statement.values({name: bindparam(_named(name, n)) for name in names if not name.startswith(OWN)})
        for n, (statement, names) in enumerate(shape)
    ]
    return parts[-1].add_cte(*(part.cte(f"part_{n}") for n, part in enumerate(parts[:-1])))


def _named(name: str, number: int) -> str:
    return name if name.startswith(OWN) else f"{name}_{number}"
