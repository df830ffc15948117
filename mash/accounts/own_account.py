"""What may somebody see and change of their own account? Password, second factor, proof of being themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from mash import audit, clock
from mash.accounts import passwords, second_factor, sessions, throttle
from mash.accounts.purpose import is_demo
from mash.accounts.second_factor import SetUp, State
from mash.accounts.sessions import SessionToken
from mash.accounts.users import boroughs_of
from mash.accounts.vault import Vault
from mash.db import Database
from mash.errors import BadInput, NotPermitted, Refused
from mash.models.accounts import Session, User
from mash.permissions import Actor, Permission, require


@dataclass(frozen=True)
class Profile:
    """What an account page says first."""

    username: str
    boroughs: tuple[str, ...]
    registered: bool
    has_password: bool
    second_factor: State


def profile(db: Database, actor: Actor) -> Profile:
    """The actor's own account."""
    require(actor, Permission.OWN_ACCOUNT)
    with db.reading() as connection:
        user = _user(connection, actor)
        factor = second_factor.state_of(connection, user.id)
        has_password = user.password_hash is not None
        return Profile(user.username, boroughs_of(connection, user.id), user.registered, has_password, factor)


def change_password(db: Database, actor: Actor, token: str, current: str, new: str) -> SessionToken:
    """A new password, for the current one; the token under which this session goes on. All others end.

    In a demonstration, who has none yet gives none. Raises BadInput with every reason, or TooManyAttempts.
    """
    require(actor, Permission.OWN_ACCOUNT)
    at = clock.now()
    _prove(db, actor, current, at)
    with db.reading() as connection:
        user = _user(connection, actor)
        if reasons := passwords.wrong_with(connection, user.username, new):
            raise BadInput(*reasons)
    password_hash = passwords.hashed(new)
    with db.transaction() as connection:
        connection.execute(update(User).where(User.id == actor.user_id).values(password_hash=password_hash))
        sessions.end_all_of(connection, actor.user_id, at, but=token)
        _record(connection, at, "password_changed", actor)
        return sessions.proved(connection, token, at)


def prove(db: Database, actor: Actor, token: str, password: str) -> SessionToken:
    """The password again, before what protects an account is changed; the token under which the session goes on.

    Raises BadInput where it is wrong, or TooManyAttempts.
    """
    at = clock.now()
    _prove(db, actor, password, at)
    with db.transaction() as connection:
        _record(connection, at, "password_given_again", actor)
        return sessions.proved(connection, token, at)


def begin_factor(db: Database, vault: Vault, actor: Actor, token: str) -> None:
    """Begin to set up a second factor, or another. The one that is there is good until the new one is confirmed."""
    _require_proof(db, actor, token)
    with db.transaction() as connection:
        locked = second_factor.new_secret(vault, actor.user_id)
        connection.execute(update(Session).where(_this(token)).values(pending_secret=locked))


def pending_factor(db: Database, vault: Vault, actor: Actor, token: str) -> SetUp | None:
    """The second factor that is being set up in this session, if any."""
    with db.reading() as connection:
        locked = _pending(connection, token)
        user = _user(connection, actor)
    return None if locked is None else second_factor.set_up(vault, user.id, user.username, locked)


def confirm_factor(db: Database, vault: Vault, actor: Actor, token: str, code: str) -> list[str]:
    """The second factor that is being set up takes effect; ends the other sessions. Returns new recovery codes.

    Raises Refused where none is being set up, BadInput where the code is wrong, or TooManyAttempts.
    """
    _require_proof(db, actor, token)
    at = clock.now()
    too_many = "Too many wrong codes. Wait 15 minutes, then try again."
    attempt = throttle.count_attempt(db, throttle.key("code", actor.user_id), at, too_many)
    with db.transaction() as connection:
        locked = _pending(connection, token)
        if locked is None:
            throttle.succeeded(connection, attempt)
            raise Refused("No second factor is being set up here. Begin again.")
        step = second_factor.step_of(vault, actor.user_id, locked, code, at)
        if step is not None:
            throttle.succeeded(connection, attempt)
            connection.execute(update(Session).where(_this(token)).values(pending_secret=None))
            sessions.end_all_of(connection, actor.user_id, at, but=token)
            return second_factor.keep(connection, actor.user_id, locked, step, at)
    raise BadInput("This code is wrong. Wait for the next one and type that.")


def renew_recovery_codes(db: Database, actor: Actor, token: str) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing. Raises Refused without a second factor."""
    _require_proof(db, actor, token)
    with db.transaction() as connection:
        if _user(connection, actor).totp_secret is None:
            raise Refused("Recovery codes stand in for a second factor. Set one up first.")
        return second_factor.new_recovery_codes(connection, actor.user_id, clock.now())


def _require_proof(db: Database, actor: Actor, token: str) -> None:
    require(actor, Permission.OWN_ACCOUNT)
    if not sessions.proved_lately(db, token, clock.now()):
        raise NotPermitted("Give your password again first.")


def _prove(db: Database, actor: Actor, password: str, at: datetime) -> None:
    with db.reading() as connection:
        user = _user(connection, actor)
        if user.password_hash is None and is_demo(connection):
            return
    too_many = "Too many wrong passwords. Wait 15 minutes, then try again."
    attempt = throttle.count_attempt(db, throttle.key("proof", user.id), at, too_many)
    if not passwords.matches(user.password_hash, password):
        with db.transaction() as connection:
            _record(connection, at, "password_wrong", actor)
        raise BadInput("This is not your current password.")
    with db.transaction() as connection:
        throttle.succeeded(connection, attempt)


def _user(connection: Connection, actor: Actor) -> Row[Any]:
    return connection.execute(select(User.__table__).where(User.id == actor.user_id)).one()


def _pending(connection: Connection, token: str) -> str | None:
    return connection.execute(select(Session.pending_secret).where(_this(token))).scalar()


def _this(token: str) -> Any:
    return (Session.id_hash == sessions.hash_of(token)) & Session.ended_at.is_(None)


def _record(connection: Connection, at: datetime, action: str, actor: Actor) -> None:
    facts = {"user_id": actor.user_id}
    audit.record(connection, audit.SESSION, at=at, action=action, actor=actor, facts=facts)
