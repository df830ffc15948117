"""Sources that have gone quiet."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table


class Silence(Table):
    """A source from which far fewer contacts came than usual: since when, how many and how many were usual when raised.

    `least` is the fewest in the same stretch of the twelve weeks before, where there was such a stretch. A source has
    one at a time; it ends when the flow is back. Somebody may note that it is known.
    """

    __tablename__ = "silences"
    __table_args__ = (
        Index(
            "ix_silences_open",
            "borough",
            "source",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    borough: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    raised_at: Mapped[datetime] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    came: Mapped[int]
    usual: Mapped[int]
    least: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    known_by: Mapped[str | None]
    known_at: Mapped[datetime | None]
    known_because: Mapped[str | None]
