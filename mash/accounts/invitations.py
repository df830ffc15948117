"""How does somebody get a password, their first or after forgetting it? A link that works once, within 72 hours.

It takes the place of the password only: a second factor that is there is asked for all the same.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NewType

from sqlalchemy import Connection, Row, insert, select, update

from mash import audit, clock
from mash.accounts import passwords, sessions, signing_in
from mash.accounts.signing_in import Half
from mash.accounts.users import is_dormant
from mash.db import Database
from mash.errors import BadInput, NotFound
from mash.models.accounts import Invitation, User
from mash.permissions import Actor

InvitationToken = NewType("InvitationToken", str)

LASTS = timedelta(hours=72)


@dataclass(frozen=True)
class Invited:
    """Whom a link is for."""

    username: str
    name: str


def invite(connection: Connection, user_id: str, at: datetime, by: Actor | None) -> InvitationToken:
    """A new link for this user. An earlier one that was not used is worth nothing from now on."""
    token = InvitationToken(secrets.token_urlsafe(32))
    open_still = (Invitation.user_id == user_id) & Invitation.ended_at.is_(None)
    connection.execute(update(Invitation).where(open_still).values(ended_at=at))
    row = {
        "id_hash": sessions.hash_of(token),
        "user_id": user_id,
        "made_at": at,
        "made_by": by.user_id if by else None,
        "expires_at": at + LASTS,
    }
    connection.execute(insert(Invitation).values(row))
    facts = {"user_id": user_id}
    audit.record(connection, audit.SYSTEM, at=at, action="invitation_made", actor=by, facts=facts)
    return token


def path_of(token: InvitationToken) -> str:
    """The address of a link on our site."""
    return f"/invitation/{token}"


def invited(db: Database, token: str) -> Invited:
    """Whom this link is for. Raises NotFound where it was used, is too old, or never was."""
    with db.reading() as connection:
        user = _invited(connection, token, clock.now())
    return Invited(user.username, user.name)


def accept(db: Database, token: str, password: str) -> Half:
    """Choose the password: a half sign-in, and the link is used up. Ends all sessions of the user.

    Raises NotFound as `invited` does, or BadInput with every reason against the password.
    """
    at = clock.now()
    with db.reading() as connection:
        user = _invited(connection, token, at)
        if reasons := passwords.wrong_with(connection, user.username, password):
            raise BadInput(*reasons)
    password_hash = passwords.hashed(password)
    with db.transaction() as connection:
        user = _invited(connection, token, at)
        used = Invitation.id_hash == sessions.hash_of(token)
        connection.execute(update(Invitation).where(used).values(ended_at=at))
        connection.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
        sessions.end_all_of(connection, user.id, at)
        facts = {"user_id": user.id}
        audit.record(connection, audit.SYSTEM, at=at, action="invitation_accepted", facts=facts)
        return signing_in.begin_half(connection, user, at)


def open_until(connection: Connection, user_id: str, at: datetime) -> datetime | None:
    """Until when a link for this user can be used; None where there is none."""
    usable = (Invitation.user_id == user_id) & Invitation.ended_at.is_(None) & (Invitation.expires_at > at)
    return connection.execute(select(Invitation.expires_at).where(usable)).scalar()


def _invited(connection: Connection, token: str, at: datetime) -> Row[Any]:
    usable = (Invitation.id_hash == sessions.hash_of(token)) & Invitation.ended_at.is_(None)
    query = select(User.__table__, Invitation.expires_at).join(Invitation, Invitation.user_id == User.id).where(usable)
    if connection.get_execution_options().get("writes"):
        query = query.with_for_update()
    user = connection.execute(query).first()
    if user is None or at >= user.expires_at or not user.active or is_dormant(user, at):
        raise NotFound("This link was used already, or it is too old. Ask an administrator for a new one.")
    return user
