"""A process may die at any point: each act is done wholly or not at all, and a day of work comes out the same.

A small seed of what `make faults` does at many more points.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mash.db import Database
from mash.rulebook import Rulebook
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS
from tests.conftest import MakeDatabase
from tests.faults import killed_replay
from tests.faults.deaths import AFTER, BEFORE, NEITHER, Bench, Count, die_once, run
from tests.faults.dying import Death, Where
from tests.faults.restoring import restorable
from tests.faults.stages import STAGES, Act

SEED = 1
POINTS = {"sqlite": 4, "postgresql": 2}


@pytest.fixture(scope="module", params=list(POINTS))
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    name = {"sqlite": "sqlite_files", "postgresql": "postgres_databases"}[request.param]
    with request.getfixturevalue(name).copy("live") as db, restorable(db) as place:
        yield Bench(place)


def test_every_verb_has_a_way_to_where_it_is_possible() -> None:
    assert STAGES.keys() == set(Verb)


@pytest.mark.parametrize("verb", list(Verb))
def test_an_act_is_done_wholly_or_not_at_all(bench: Bench, verb: Verb) -> None:
    points = POINTS["sqlite" if bench.place.db.is_sqlite else "postgresql"]
    count = run(bench, verb, SEED, points)
    assert count.wrong == []
    assert count.ends[BEFORE] + count.ends[AFTER] == points


def test_what_was_confirmed_is_there(bench: Bench) -> None:
    case, count = bench.case(bench.act(Verb.ACKNOWLEDGE)), Count(Verb.ACKNOWLEDGE)
    die_once(case, Death(Where.DONE), count)
    assert (count.wrong, count.ends[AFTER], count.unheard) == ([], 1, 0)


class InTwoParts(Act):
    """An act such as there must be none: what a family says is recorded, and then, apart, the referrer is told."""

    def do(self, db: Database, rulebook: Rulebook) -> None:
        super().do(db, rulebook)
        told = replace(self, verb=Verb.ACKNOWLEDGE, details=DETAILS[Verb.ACKNOWLEDGE](), key="form-2")
        Act.do(told, db, rulebook)


def test_an_act_in_two_parts_would_be_noticed(bench: Bench) -> None:
    act = bench.act(Verb.RECORD_AGREEMENT)
    case, count = bench.case(InTwoParts(**vars(act))), Count(act.verb)
    for part in (0.5, 0.6, 0.7, 0.8, 0.9):
        die_once(case, Death(Where.LINE, round(part * case.lines)), count)
    assert count.ends[NEITHER] and "neither before nor after" in count.wrong[0]


def test_a_day_comes_out_the_same_whatever_is_killed(make_database: MakeDatabase) -> None:
    day = killed_replay.a_day("main", most=40)
    undisturbed = killed_replay.undisturbed(make_database("live"), day)
    killed = killed_replay.killed(make_database("live"), day, kills=15, seed=SEED)
    assert killed_replay.compared(undisturbed, killed) == []
    assert killed.kills.total() > 10
