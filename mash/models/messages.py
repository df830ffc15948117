"""What goes out about alerts, from when it is written until somebody has it, and how what carries it out fares."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code


class CarrierState(Table):
    """Something that carries messages out, as the timers set it up: since when, and when it last worked and failed."""

    __tablename__ = "carriers"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[datetime]
    worked_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Message(Table):
    """One e-mail, or one call of the webhook. `id` is the key by which a receiver knows it again.

    `user_id` is nobody's for the webhook, and where nobody has an e-mail address. `due_at` is when it may go: later
    than `made_at` where quiet hours hold it. `try_at` is the next attempt, and the last began at `tried_at`. What has
    been tried once gets no more lines. `claimed_until` is until when somebody has it to send. `refused` counts the
    tries that failed by itself, and not by what carries it. `ending` says how it ended: sent, failed, or passed on to
    other people.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_waiting",
            "try_at",
            postgresql_where=text("ending IS NULL"),
            sqlite_where=text("ending IS NULL"),
        ),
        Index("ix_messages_ending_borough_ended_at", "ending", "borough", "ended_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    borough: Mapped[str] = a_code()
    carrier: Mapped[str] = a_code()
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    try_at: Mapped[datetime]
    tries: Mapped[int]
    tried_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    refused: Mapped[int] = mapped_column(server_default="0")
    ending: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]


ALERT_KEY = ("borough", "contact_id", "clock", "agency", "episode", "kind", "level")


class MessageLine(Table):
    """An alert that a message tells of."""

    __tablename__ = "message_lines"
    __table_args__ = (
        ForeignKeyConstraint(ALERT_KEY, [f"alerts.{column}" for column in ALERT_KEY], name="fk_message_lines_alert"),
        Index("ix_message_lines_alert", *ALERT_KEY),
    )

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(primary_key=True)
    episode: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
