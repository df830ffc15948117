"""Rows of several tables go to the database as one statement, each to where it belongs; rolled back, none is there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from mash.db import Database
from mash.models.base import INSERTS, into, rows_of
from mash.models.contact import Turn
from mash.models.people import Person
from mash.workflow.together import Together

AT = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
PERSON = rows_of(Person)
NEW = into(Person)
MOVED = update(PERSON).where(PERSON.c.borough == bindparam("own_borough"), PERSON.c.id == bindparam("own_id"))


def person(name: str, at: datetime = AT) -> dict[str, Any]:
    return {"borough": "northbridge", "id": name, "created_at": at}


def turn(db: Database) -> Any:
    fresh = INSERTS[db.engine.dialect.name](rows_of(Turn))
    return fresh.on_conflict_do_update(index_elements=["borough"], set_={"number": fresh.excluded.number})


def people(db: Database) -> dict[str, datetime]:
    with db.reading() as look:
        return {row.id: row.created_at for row in look.execute(select(Person.id, Person.created_at))}


def turns(db: Database) -> dict[str, int]:
    with db.reading() as look:
        return {row.borough: row.number for row in look.execute(select(Turn.borough, Turn.number))}


def test_rows_of_each_kind_go_where_they_belong(database: Database) -> None:
    counted, later = turn(database), AT.replace(hour=17)
    for number in (4, 5):
        with database.transaction() as tx:
            together = Together(tx)
            together.add(NEW, [person(f"a{number}"), person(f"b{number}"), person(f"c{number}")])
            together.add(counted, {"borough": "northbridge", "number": number})
            together.write()
    with database.transaction() as tx:
        together = Together(tx)
        moved = {"a4": later, "b5": later.replace(hour=18)}
        own = [{"own_borough": "northbridge", "own_id": name, "created_at": at} for name, at in moved.items()]
        together.add(MOVED, own)
        together.write()
    assert turns(database) == {"northbridge": 5}
    unmoved = dict.fromkeys(("b4", "c4", "a5", "c5"), AT)
    assert people(database) == unmoved | moved


def test_what_was_rolled_back_can_be_done_again_on_the_same_connection(database: Database) -> None:
    """On SQLite the view that the rows go into was made in what is rolled back, and is gone with it."""
    new_to_this_process = update(PERSON).where(PERSON.c.id == bindparam("own_id"))

    def write(tx: Connection) -> None:
        together = Together(tx)
        together.add(NEW, person("one"))
        together.add(new_to_this_process, {"own_id": "nobody", "created_at": AT})
        together.write()

    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        write(tx)
        raise ZeroDivisionError
    assert not people(database)
    with database.transaction() as tx:
        write(tx)
    assert people(database) == {"one": AT}


def test_a_row_that_may_not_be_takes_the_others_with_it(database: Database) -> None:
    with database.transaction() as tx:
        together = Together(tx)
        together.add(NEW, person("once"))
        together.write()
    with pytest.raises(IntegrityError), database.transaction() as tx:
        together = Together(tx)
        together.add(NEW, [person("fresh"), person("once")])
        together.write()
    assert list(people(database)) == ["once"]


def test_several_at_once_that_bring_new_kinds(database: Database) -> None:
    """Each names the values in an order of its own, which makes a kind of row that this process has not had."""
    later = AT.replace(hour=20)

    def work(names: tuple[str, ...]) -> None:
        for number in range(5):
            before = {"own_borough": "northbridge", "own_id": f"{names}{number - 1}", "created_at": later}
            with database.transaction() as tx:
                together = Together(tx)
                together.add(NEW, person(f"{names}{number}"))
                together.add(MOVED, {name: before[name] for name in names})
                together.write()

    orders = list(permutations(("own_borough", "own_id", "created_at")))
    with ThreadPoolExecutor(len(orders)) as pool:
        list(pool.map(work, orders))
    found = people(database)
    assert len(found) == 5 * len(orders)
    assert {name for name, at in found.items() if at == AT} == {f"{names}4" for names in orders}
