"""Deadlines and what has been said about them; the rules and calendars they were counted by; heartbeats."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code, of_contact
from mash.rules.clockrules import Owner


class Deadline(Table):
    """One episode of one clock of one contact, as the fold of workflow/clocks.py says; a sweep carries its agenda out.

    `agency` is empty for the hub's own clocks. `taken_by` answers for its alerts. A breach that was annulled stays:
    `annulled_at` says that it should not have been; `cause` why it was, where somebody has said so. `calendar_version`
    counts the bank holidays announced late that were known when it was last counted. `agenda` is what it will say if
    nobody acts, in order: instant (seconds since 1970), kind, level, owner and role named; NULL where the fold has to
    tell.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        of_contact(),
        Index(
            "ix_deadlines_running",
            "borough",
            "due_at",
            postgresql_where=text("met_at IS NULL AND cancelled_at IS NULL"),
            sqlite_where=text("met_at IS NULL AND cancelled_at IS NULL"),
        ),
    )

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(primary_key=True)
    episode: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    cause: Mapped[str | None]
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    annulled_by: Mapped[str | None]
    annulled_at: Mapped[datetime | None]
    reading: Mapped[str]
    calendar_version: Mapped[int]
    agenda: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))


class Alert(Table):
    """A warning, breach or escalation, raised once. `at` is when it was due, `raised_at` when the sweep said it.

    `owner` is whose deadline it was then, `for_role` the role that the rung of the ladder names. `addressed_at` is when
    messages about it were written: until then the row itself is what waits to be sent (messages/addressing.py).
    """

    __tablename__ = "alerts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["borough", "contact_id", "clock", "agency", "episode"],
            [f"deadlines.{c}" for c in ("borough", "contact_id", "clock", "agency", "episode")],
        ),
        Index("ix_alerts_borough_at", "borough", "at"),
        Index(
            "ix_alerts_unaddressed",
            "raised_at",
            postgresql_where=text("addressed_at IS NULL"),
            sqlite_where=text("addressed_at IS NULL"),
        ),
    )

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str] = mapped_column(primary_key=True)
    episode: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    raised_at: Mapped[datetime]
    owner: Mapped[str] = mapped_column(String(60), server_default=Owner.HUB.value)
    for_role: Mapped[str | None]
    addressed_at: Mapped[datetime | None]


class SetAside(Table):
    """A contact whose clocks could not be worked out: the sweep leaves it alone until `retry_at`.

    Each try is counted. The row stays when it has worked again, at `ended_at`. `error` says where in the program it
    failed, and holds nothing of the contact.
    """

    __tablename__ = "set_aside"
    __table_args__ = (
        of_contact(),
        Index(
            "ix_set_aside_open",
            "borough",
            "contact_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int]
    tried_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    error: Mapped[str]
    ended_at: Mapped[datetime | None]


class RuleSetVersion(Table):
    """A borough's rules as they were put in force, whole: calendars and bank holidays copied in. Never changed.

    `loaded_by` is the user who put them in force in the browser; nobody, where they came from a file.
    """

    __tablename__ = "rule_sets"

    slug: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    in_force_from: Mapped[date]
    sha256: Mapped[str]
    resolved: Mapped[str]
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str | None]


class RuleSetWithdrawal(Table):
    """A version that was withdrawn before it came into force: it stays on record and never applies."""

    __tablename__ = "rule_set_withdrawals"
    __table_args__ = (ForeignKeyConstraint(["slug", "version"], ["rule_sets.slug", "rule_sets.version"]),)

    slug: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    withdrawn_at: Mapped[datetime]
    withdrawn_by: Mapped[str]


class RuleProposal(Table):
    """Changed rules that an administrator is thinking of: the text as written, and the whole rule set it came to.

    Open until it is thrown away or put in force as `version`.
    """

    __tablename__ = "rule_proposals"

    id: Mapped[str] = mapped_column(primary_key=True)
    borough: Mapped[str] = a_code()
    text: Mapped[str]
    resolved: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int | None]


class LateBankHoliday(Table):
    """A bank holiday made known after the rules were loaded; it applies from `announced_at` on.

    `number` is that of its entry in the borough's audit stream: the order in which they became known, also within one
    second.
    """

    __tablename__ = "late_bank_holidays"

    borough: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]
    name: Mapped[str]
    announced_at: Mapped[datetime]
    announced_by: Mapped[str]


class Heartbeat(Table):
    """When something that must not stop last finished: a bell of workflow/scheduler.py, by its name.

    `took_seconds` is how long it took then; absent, it has not finished yet, and `at` is since when it should ring.
    `every_seconds` is how often it should, `clock_ahead` by how many seconds the clock of its machine was ahead.
    """

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    took_seconds: Mapped[float | None]
    every_seconds: Mapped[int] = mapped_column(server_default="0")
    clock_ahead: Mapped[float] = mapped_column(server_default="0")
