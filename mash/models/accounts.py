"""Who may come in, and what kind of database this is."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code


class User(Table):
    """A person who works with the front door. A desk user belongs to one agency. Without a password nobody signs in."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = a_code()
    desk: Mapped[str | None]
    password_hash: Mapped[str | None]
    active: Mapped[bool]
    created_at: Mapped[datetime]


class UserBorough(Table):
    """A borough in which a user may act."""

    __tablename__ = "user_boroughs"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    borough: Mapped[str] = mapped_column(primary_key=True)


class Session(Table):
    """A signed-in browser. `id_hash` is the SHA-256 of the random id in the cookie."""

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    borough: Mapped[str] = a_code()
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInFailure(Table):
    """A failed sign-in, kept for throttling. `key` is a hash of account and address."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_key_at", "key", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]


class Installation(Table):
    """One row: `live` or `demo`. The database itself refuses to change or remove it."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = a_code()
    created_at: Mapped[datetime]
