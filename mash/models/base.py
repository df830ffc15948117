"""What all tables share: names of constraints, tenancy, ids, closed lists as checked text."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKeyConstraint, String, Text
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


def new_id() -> str:
    """A random public id of 128 bits: says nothing of order or number."""
    return secrets.token_urlsafe(16)


def a_code() -> Mapped[str]:
    """A column for a code of a closed list or of a rule set."""
    return mapped_column(String(60))


def of_contact() -> ForeignKeyConstraint:
    """Ties a row to its contact, and with it to its borough."""
    return ForeignKeyConstraint(["borough", "contact_id"], ["contacts.borough", "contacts.id"])
