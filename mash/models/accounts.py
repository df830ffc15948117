"""Who may come in, and what kind of database this is."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code


class User(Table):
    """A person who works with the front door. A desk user belongs to one agency. Without a password nobody signs in.

    `registered`: on the register of social workers. `woken_at`: when somebody last let them in again. `totp_secret` is
    encrypted; `totp_step` is the last 30-second step whose code was used, so that a code works once.
    `email`: where alerts go. `quiet_from`, `quiet_to`: between these London times of day, as `22:00`, few of them do.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = a_code()
    desk: Mapped[str | None]
    password_hash: Mapped[str | None]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    registered: Mapped[bool] = mapped_column(default=False, server_default=false())
    woken_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int | None]
    factor_set_at: Mapped[datetime | None]
    factor_reset_at: Mapped[datetime | None]
    email: Mapped[str | None]
    quiet_from: Mapped[str | None]
    quiet_to: Mapped[str | None]


class UserBorough(Table):
    """A borough in which a user may act."""

    __tablename__ = "user_boroughs"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    borough: Mapped[str] = mapped_column(primary_key=True)


class Session(Table):
    """A signed-in browser. `id_hash` is the SHA-256 of the random id in the cookie.

    `second_factor`: one was given. Without, the session is worth nothing but in a demonstration. `password_at`: when
    the password was last given. `pending_secret`: a second factor that is being set up, encrypted.
    """

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    borough: Mapped[str] = a_code()
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    password_at: Mapped[datetime | None]
    pending_secret: Mapped[str | None]


class HalfSignIn(Table):
    """A browser whose user has given a password and no second factor yet. It opens nothing but the next step."""

    __tablename__ = "half_sign_ins"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    pending_secret: Mapped[str | None]


class RecoveryCode(Table):
    """One of the codes that stand in for the second factor, each once. The code itself is not kept."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Invitation(Table):
    """A link with which a user chooses a password, once. `id_hash` is the SHA-256 of the random part of the link.

    `ended_at`: used, or replaced by a newer one. `made_by` is nobody's where it was made on the command line.
    """

    __tablename__ = "invitations"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[str | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInFailure(Table):
    """A failed proof, kept for throttling. `key` is a hash of what was tried, and for a password of the address too."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_key_at", "key", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]


class WallLink(Table):
    """A link that shows the live board and nothing else. `id_hash` is the SHA-256 of the random part of its address."""

    __tablename__ = "wall_links"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    borough: Mapped[str] = a_code()
    made_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Installation(Table):
    """One row: `live` or `demo`. The database itself refuses to change or remove it."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = a_code()
    created_at: Mapped[datetime]
