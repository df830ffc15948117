"""What agencies were asked and what they said."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code, of_contact


class InformationRequest(Table):
    """One request to one agency. Awaiting reply while neither `answered_at` nor `waived_at` is set."""

    __tablename__ = "information_requests"
    __table_args__ = (of_contact(), Index("ix_information_requests_desk", "borough", "agency", "asked_at"))

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    answered_at: Mapped[datetime | None]
    waived_at: Mapped[datetime | None]


class InformationReturn(Table):
    """One reply of one agency, asked or not. Its words lie in EventWords or, for the hub alone, HubOnlyWords."""

    __tablename__ = "information_returns"
    __table_args__ = (of_contact(), Index("ix_information_returns_desk", "borough", "agency", "returned_at"))

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    agency: Mapped[str] = a_code()
    reply: Mapped[str] = a_code()
    handling: Mapped[str] = a_code()
    risk: Mapped[str | None]
    volunteered: Mapped[bool]
    returned_at: Mapped[datetime]
    recorded_by: Mapped[str]
