"""Whatever anybody does in whatever order, what must hold holds after each step: random programs in three boroughs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mash.clock import LONDON
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS
from tests.support.databases import PostgresDatabases, SqliteFiles
from tests.support.random_acts import Sight, details
from tests.support.random_house import boroughs, houses, houses_on_files, rule_sets
from tests.support.random_play import MARKS, Play, play


def test_what_must_hold_holds_after_each_step(sqlite_files: SqliteFiles) -> None:
    play(Play, houses_on_files(sqlite_files), programs=25)


def test_it_holds_on_postgresql_too(postgres_databases: PostgresDatabases) -> None:
    play(Play, houses(lambda: postgres_databases.copy("live")), programs=3)


@pytest.mark.parametrize("verb", list(Verb))
def test_details_can_be_made_of_every_verb(verb: Verb) -> None:
    """A verb that is added is played, or its author hears of it here."""

    @settings(max_examples=10, database=None, derandomize=True)
    @given(st.data(), st.sampled_from(rule_sets()))
    def make(data: st.DataObject, rules: object) -> None:
        sight = Sight(rules, MARKS[0].astimezone(LONDON), odd=True, boroughs=boroughs())  # type: ignore[arg-type]
        DETAILS[verb].model_validate(details(data.draw, verb, sight))

    make()
