"""Table of what somebody has begun to type and not sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table


class Draft(Table):
    """The fields of one form as one person left them. Theirs alone, and nothing of the record: it may be deleted."""

    __tablename__ = "drafts"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    borough: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str | None]
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
