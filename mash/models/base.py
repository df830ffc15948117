"""What all tables share: names of constraints, tenancy, ids, closed lists as checked text."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, cast

import sqlalchemy
from sqlalchemy import JSON, ForeignKeyConstraint, Insert, String, Text, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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


def new_id() -> str:
    """A random public id of 128 bits: says nothing of order or number."""
    return secrets.token_urlsafe(16)


def a_code() -> Mapped[str]:
    """A column for a code of a closed list or of a rule set."""
    return mapped_column(String(60))


def of_contact() -> ForeignKeyConstraint:
    """Ties a row to its contact, and with it to its borough."""
    return ForeignKeyConstraint(["borough", "contact_id"], ["contacts.borough", "contacts.id"])
