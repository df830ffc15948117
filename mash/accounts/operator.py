"""What can whoever runs the machine do about users? The command line's way, by username; it needs nobody's leave.

None of it opens a session, and none of it gets round the second factor.
"""

from datetime import datetime

from sqlalchemy import Connection, update

from mash import audit, clock
from mash.accounts import invitations, passwords, second_factor, sessions
from mash.accounts.invitations import InvitationToken
from mash.accounts.users import known_user
from mash.accounts.vault import Vault
from mash.db import Database
from mash.errors import BadInput
from mash.models.accounts import User


def set_password(db: Database, username: str, password: str) -> None:
    """A new password; ends all sessions of the user. Raises NotFound, or BadInput with every reason."""
    password_hash, at = passwords.hashed(password), clock.now()
    with db.transaction() as connection:
        user = known_user(connection, username)
        if reasons := passwords.wrong_with(connection, username, password):
            raise BadInput(*reasons)
        connection.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
        _ended(connection, user.id, "password_set", at)


def set_active(db: Database, username: str, active: bool) -> None:
    """Let a user in, also one whose account was dormant, or out: then all their sessions end. Raises NotFound."""
    at = clock.now()
    with db.transaction() as connection:
        user = known_user(connection, username)
        changed = {"active": True, "woken_at": at} if active else {"active": False}
        connection.execute(update(User).where(User.id == user.id).values(changed))
        _ended(connection, user.id, "user_activated" if active else "user_deactivated", at)


def invite(db: Database, username: str) -> InvitationToken:
    """A link with which the user chooses a password. Raises NotFound."""
    with db.transaction() as connection:
        return invitations.invite(connection, known_user(connection, username).id, clock.now(), None)


def forget_factor(db: Database, username: str) -> None:
    """The user sets up a new second factor at the next sign-in; their sessions end. Raises NotFound."""
    at = clock.now()
    with db.transaction() as connection:
        user = known_user(connection, username)
        second_factor.forget(connection, user.id, at, None)
        sessions.end_all_of(connection, user.id, at)


def forget_lost_factors(db: Database, vault: Vault) -> int:
    """The same for every user whose second factor cannot be read with this key. How many there were."""
    lost, at = second_factor.unreadable(db, vault), clock.now()
    with db.transaction() as connection:
        for user_id in lost:
            second_factor.forget(connection, user_id, at, None)
            sessions.end_all_of(connection, user_id, at)
    return len(lost)


def _ended(connection: Connection, user_id: str, action: str, at: datetime) -> None:
    sessions.end_all_of(connection, user_id, at)
    audit.record(connection, audit.SYSTEM, at=at, action=action, facts={"user_id": user_id})
