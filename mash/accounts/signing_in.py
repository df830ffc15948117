"""How does somebody come in? The password, then the second factor; only the two together open a session.

Between them stands a half sign-in: a row of its own, with a token of its own, which opens nothing but the next step.
Whoever has no second factor yet sets one up there. A demonstration lets its people in by one click.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NewType, TypeVar

from sqlalchemy import Connection, Row, delete, insert, select, update

from mash import audit, clock
from mash.accounts import passwords, second_factor, sessions, throttle
from mash.accounts.passwords import canonical
from mash.accounts.purpose import is_demo
from mash.accounts.second_factor import SetUp
from mash.accounts.sessions import SessionToken
from mash.accounts.users import is_dormant, user_by_name
from mash.accounts.vault import Vault
from mash.db import Database
from mash.errors import MashError, NotFound, NotPermitted
from mash.models.accounts import HalfSignIn, User

HalfToken = NewType("HalfToken", str)
T = TypeVar("T")

HALF_LASTS = timedelta(minutes=15)
"""Long enough to find a telephone and put an app on it."""


class SignInRefused(MashError):
    """Something of the sign-in is wrong; never says more than that."""

    status = 401


class BeginAgain(MashError):
    """There is no half sign-in, or it has been waiting for too long: the password comes first."""

    status = 401


@dataclass(frozen=True)
class Half:
    """The password was right. With a second factor a code comes next, else setting one up."""

    token: HalfToken
    has_factor: bool


@dataclass(frozen=True)
class Waiting:
    """What the page of the next step needs. `set_up` is None for whoever has a second factor."""

    username: str
    name: str
    set_up: SetUp | None
    reset_at: datetime | None


def sign_in(
    db: Database,
    username: str,
    password: str,
    address: str,
    now: datetime | None = None,
    request_id: str | None = None,
) -> Half | SessionToken:
    """The password was right: a half sign-in; in a demonstration, for who has no second factor, a session.

    Raises SignInRefused, the same and as slowly for an unknown user, or TooManyAttempts: after five failures of one
    account from one address within 15 minutes it waits for the oldest to pass. Nobody elsewhere has to wait.
    """
    at, key = now or clock.now(), throttle.key(canonical(username), address)
    too_many = "This account was tried too often from here. Wait 15 minutes, then try again."
    attempt = throttle.count_attempt(db, key, at, too_many)
    with db.reading() as connection:
        user = user_by_name(connection, username)
        demo = is_demo(connection)
    right = passwords.matches(user.password_hash if user else None, password)
    if not user or not right or not _may_come_in(user, at, demo):
        _refused(db, "sign_in_failed", user.id if user else None, at, request_id)
        raise SignInRefused("The username or the password is wrong.")
    with db.transaction() as connection:
        throttle.succeeded(connection, attempt)
        if demo and user.totp_secret is None:
            return sessions.begin(connection, user, at, second_factor=False, password_at=at, request_id=request_id)
        return begin_half(connection, user, at)


def demo_sign_in(
    db: Database, username: str, now: datetime | None = None, request_id: str | None = None
) -> SessionToken:
    """A new session without a password. Raises NotPermitted unless the database is a demonstration."""
    with db.transaction() as connection:
        if not is_demo(connection):
            raise NotPermitted("Signing in without a password is for demonstrations only.")
        user = user_by_name(connection, username)
        if user is None or not user.active:
            raise NotFound("There is no such user.")
        return sessions.begin(connection, user, now or clock.now(), second_factor=False, request_id=request_id)


def begin_half(connection: Connection, user: Row[Any], at: datetime) -> Half:
    """A half sign-in of somebody who has just given, or chosen, the password. Those that are long over are removed."""
    connection.execute(delete(HalfSignIn).where(HalfSignIn.created_at <= at - timedelta(days=1)))
    token = HalfToken(secrets.token_urlsafe(32))
    row = {"id_hash": sessions.hash_of(token), "user_id": user.id, "created_at": at}
    connection.execute(insert(HalfSignIn).values(row))
    return Half(token, user.totp_secret is not None)


def waiting(db: Database, vault: Vault, token: str) -> Waiting:
    """What comes next for this half sign-in. A new second factor is the same until it is confirmed.

    Raises BeginAgain where there is no such half sign-in.
    """
    with db.transaction() as connection:
        user = _half(connection, token, clock.now())
        if user.totp_secret is not None:
            return Waiting(user.username, user.name, None, user.factor_reset_at)
        locked = user.pending_secret or second_factor.new_secret(vault, user.id)
        if user.pending_secret is None:
            here = HalfSignIn.id_hash == sessions.hash_of(token)
            connection.execute(update(HalfSignIn).where(here).values(pending_secret=locked))
        set_up = second_factor.set_up(vault, user.id, user.username, locked)
        return Waiting(user.username, user.name, set_up, user.factor_reset_at)


def give_code(db: Database, vault: Vault, token: str, code: str, request_id: str | None = None) -> SessionToken:
    """A session for a half sign-in and a one-time code. Raises BeginAgain, SignInRefused or TooManyAttempts."""

    def use(connection: Connection, user: Row[Any], at: datetime) -> bool | None:
        return second_factor.use_code(connection, vault, user, code, at) or None

    return _finish(db, token, use, request_id)[0]


def give_recovery_code(db: Database, token: str, code: str, request_id: str | None = None) -> SessionToken:
    """A session for a half sign-in and a recovery code. Raises BeginAgain, SignInRefused or TooManyAttempts."""

    def use(connection: Connection, user: Row[Any], at: datetime) -> bool | None:
        used = user.totp_secret is not None and second_factor.use_recovery_code(connection, user.id, code, at)
        if used:
            facts = {"user_id": user.id}
            audit.record(connection, audit.SESSION, at=at, action="recovery_code_used", facts=facts)
        return used or None

    return _finish(db, token, use, request_id)[0]


def confirm_set_up(
    db: Database, vault: Vault, token: str, code: str, request_id: str | None = None
) -> tuple[SessionToken, list[str]]:
    """A session, and recovery codes, for a half sign-in and the first code of a new second factor.

    Raises BeginAgain, SignInRefused or TooManyAttempts; never replaces a second factor that is there.
    """

    def use(connection: Connection, user: Row[Any], at: datetime) -> list[str] | None:
        if user.totp_secret is not None or user.pending_secret is None:
            return None
        step = second_factor.step_of(vault, user.id, user.pending_secret, code, at)
        return None if step is None else second_factor.keep(connection, user.id, user.pending_secret, step, at)

    return _finish(db, token, use, request_id)


def _finish(
    db: Database, token: str, use: Callable[[Connection, Row[Any], datetime], T | None], request_id: str | None
) -> tuple[SessionToken, T]:
    """Turn the half sign-in into a session if what was given is right."""
    at = clock.now()
    with db.reading() as connection:
        user_id = _half(connection, token, at).id
    too_many = "Too many wrong codes. Wait 15 minutes, then try again."
    attempt = throttle.count_attempt(db, throttle.key("code", user_id), at, too_many)
    with db.transaction() as connection:
        user = _half(connection, token, at)
        given = use(connection, user, at)
        if given is not None:
            throttle.succeeded(connection, attempt)
            _end_half(connection, token, at)
            proved = user.half_at
            token_of_session = sessions.begin(
                connection, user, at, second_factor=True, password_at=proved, request_id=request_id
            )
            return token_of_session, given
    _refused(db, "code_failed", user_id, at, request_id)
    raise SignInRefused("This code is wrong, or it was used before. Wait for the next one and type that.")


def _half(connection: Connection, token: str, at: datetime) -> Row[Any]:
    """The user of a half sign-in, with what it holds, locked where the transaction writes."""
    mine = (HalfSignIn.id_hash == sessions.hash_of(token)) & HalfSignIn.ended_at.is_(None)
    columns = (*User.__table__.c, HalfSignIn.pending_secret, HalfSignIn.created_at.label("half_at"))
    query = select(*columns).join(HalfSignIn, HalfSignIn.user_id == User.id).where(mine)
    if connection.get_execution_options().get("writes"):
        query = query.with_for_update()
    user = connection.execute(query).first()
    if user is None or at - user.half_at >= HALF_LASTS or not _may_come_in(user, at, is_demo(connection)):
        raise BeginAgain("This took too long, or it was never begun. Sign in with your password first.")
    return user


def _end_half(connection: Connection, token: str, at: datetime) -> None:
    mine = HalfSignIn.id_hash == sessions.hash_of(token)
    connection.execute(update(HalfSignIn).where(mine).values(ended_at=at, pending_secret=None))


def _may_come_in(user: Row[Any], at: datetime, demo: bool) -> bool:
    return bool(user.active) and (demo or not is_dormant(user, at))


def _refused(db: Database, action: str, user_id: str | None, at: datetime, request_id: str | None) -> None:
    with db.transaction() as connection:
        facts = {"user_id": user_id}
        audit.record(connection, audit.SESSION, at=at, action=action, facts=facts, request_id=request_id)
