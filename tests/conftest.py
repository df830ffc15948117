"""What any test may ask for: a database, once as SQLite and once as PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mash.db import Database
from mash.migrate import Purpose
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteFiles

MakeDatabase = Callable[[Purpose | None], Database]


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    with postgres.server() as url:
        databases = PostgresDatabases(url)
        yield databases
        databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def make_database(request: pytest.FixtureRequest) -> Iterator[MakeDatabase]:
    """Makes databases of one kind, live or demo, or with None without any table; they are gone after the test."""
    name = {"sqlite": "sqlite_files", "postgresql": "postgres_databases"}[request.param]
    source = request.getfixturevalue(name)
    with ExitStack() as made:
        yield lambda purpose: made.enter_context(source.copy(purpose))


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    """A live database, migrated and empty."""
    return make_database("live")
