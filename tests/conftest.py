"""What any test may ask for: a database, once as SQLite and once as PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL

from mash import db
from mash.db import Database
from mash.migrate import Purpose
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteFiles
from web import pages

MakeDatabase = Callable[[Purpose | None], Database]


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hundreds of applications are made; each would compile the same templates again."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "Environment", partial(pages.Environment, bytecode_cache=compiled))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Thousands of databases are opened; for each its engine would make the same statements into text again."""
    first: dict[str, Engine] = {}

    def create(url: URL, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        kept = first.get(engine.name, engine)
        if kept.dialect.default_schema_name is None:  # it has not connected yet: it does not know its database
            first[engine.name] = engine
        else:
            engine.dialect, engine._compiled_cache = kept.dialect, kept._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", create)
        yield


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
    yield from databases_of(request)


def databases_of(request: pytest.FixtureRequest) -> Iterator[MakeDatabase]:
    """Of the kind that the fixture's parameter names."""
    name = {"sqlite": "sqlite_files", "postgresql": "postgres_databases"}[request.param]
    source = request.getfixturevalue(name)
    with ExitStack() as made:
        yield lambda purpose: made.enter_context(source.copy(purpose))


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    """A live database, migrated and empty."""
    return make_database("live")
