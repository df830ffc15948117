"""What all tables share: names of constraints, tenancy, ids, closed lists as checked text."""

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

import sqlalchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    Dialect,
    ForeignKeyConstraint,
    Insert,
    String,
    Text,
    TypeDecorator,
    bindparam,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from mash.db import UtcDateTime, metadata


class Table(DeclarativeBase):
    """The root of every table."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        str: Text,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[int]: JSON,
    }


def into(model: type[Table]) -> Insert:
    """An insert to be made once and executed with rows: what is built for each row costs more than the row."""
    return insert(rows_of(model))


INSERTS: dict[str, Callable[[sqlalchemy.Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By the name of the dialect: inserts that say what to do where the row is there."""


def rows_of(model: type[Table]) -> sqlalchemy.Table:
    """The table itself, for statements that are made once."""
    return cast(sqlalchemy.Table, model.__table__)


class _Texts(TypeDecorator[list[str]]):
    """Several texts as one value: an array, on SQLite its JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else postgresql.ARRAY(Text()))

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class _Among(FunctionElement[bool]):
    """Of no type to SQLAlchemy: for SQLite it would ask of a truth value whether it is 1, and no index would serve."""

    inherit_cache = True


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, given = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, given = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} = ANY ({given})"


def among_ids(column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether it is one of those that are given as `ids`. They are one value, so the statement is always the same."""
    return _Among(column, bindparam("ids", type_=_Texts))


def new_id() -> str:
    """A random public id of 128 bits: says nothing of order or number."""
    return secrets.token_urlsafe(16)


def a_code() -> Mapped[str]:
    """A column for a code of a closed list or of a rule set."""
    return mapped_column(String(60))


def of_contact() -> ForeignKeyConstraint:
    """Ties a row to its contact, and with it to its borough."""
    return ForeignKeyConstraint(["borough", "contact_id"], ["contacts.borough", "contacts.id"])
