"""Who is this, and may they still come in? Users, passwords, sessions. Knows nothing of contacts or pages."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Any, NewType

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from mash import audit, clock
from mash.db import Database
from mash.errors import BadInput, MashError, NotFound, NotPermitted
from mash.models.accounts import Installation, Session, SignInFailure, User, UserBorough
from mash.models.base import new_id
from mash.permissions import Actor
from mash.settings import Settings
from mash.vocabulary import Role

SessionToken = NewType("SessionToken", str)

SHORTEST_PASSWORD = 15
FAILURES_BEFORE_WAITING = 5
WAIT = timedelta(minutes=15)
SEEN_AT_MOST_EVERY = timedelta(minutes=1)

_passwords = PasswordHasher()
_few_at_once = BoundedSemaphore(2)  # each check takes 64 MiB: a crowd at the door must not use up the machine


class SignInRefused(MashError):
    """The username or the password is wrong; never says which."""

    status = 401


class TooManyAttempts(MashError):
    """This account was tried too often from this address. Nobody elsewhere has to wait."""

    status = 429


@dataclass(frozen=True)
class DemoUser:
    """Somebody as whom anybody may sign in, in a demonstration."""

    username: str
    name: str
    role: Role
    desk: str | None


def is_demo(db: Database) -> bool:
    """Whether this database was made for demonstration. The answer never changes: the database refuses that."""
    with db.reading() as connection:
        return _is_demo(connection)


def sign_in(
    db: Database,
    username: str,
    password: str,
    address: str,
    now: datetime | None = None,
    request_id: str | None = None,
) -> SessionToken:
    """A new session. Raises SignInRefused, the same and as slowly for an unknown user, or TooManyAttempts.

    After five failures of one account from one address within 15 minutes it waits for the oldest to pass.
    """
    at, key = now or clock.now(), _throttle_key(username, address)
    attempt = _count_attempt(db, key, at)
    with db.reading() as connection:
        user = _user_by_name(connection, username)
    if not _matches(user.password_hash if user else None, password) or not user or not user.active:
        return _refuse(db, user, at, request_id)
    with db.transaction() as connection:
        connection.execute(delete(SignInFailure).where(SignInFailure.id == attempt))
        return _open_session(connection, user, at, request_id)


def demo_users(db: Database) -> list[DemoUser]:
    """As whom one may sign in by one click, in the order of the work. Nobody, unless in a demonstration."""
    with db.reading() as connection:
        if not _is_demo(connection):
            return []
        users = connection.execute(select(User.__table__).where(User.active).order_by(User.name))
        people = [DemoUser(user.username, user.name, Role(user.role), user.desk) for user in users]
    return sorted(people, key=lambda person: list(Role).index(person.role))


def demo_sign_in(
    db: Database, username: str, now: datetime | None = None, request_id: str | None = None
) -> SessionToken:
    """A new session without a password. Raises NotPermitted unless the database is a demonstration."""
    with db.transaction() as connection:
        if not _is_demo(connection):
            raise NotPermitted("Signing in without a password is for demonstrations only.")
        user = _user_by_name(connection, username)
        if user is None or not user.active:
            raise NotFound("There is no such user.")
        return _open_session(connection, user, now or clock.now(), request_id)


def session_actor(db: Database, token: str, settings: Settings, *, touch: bool = True) -> Actor | None:
    """Who is signed in with this token, or None. An idle, old or deactivated user's session ends here.

    `touch=False` (pages that refresh themselves) does not count as being there.
    """
    at, id_hash = clock.now(), _session_hash(token)
    with db.reading() as connection:
        found = _session(connection, id_hash)
    if found is None:
        return None
    if ending := _why_over(found, at, settings):
        _end(db, id_hash, at, ending)
        return None
    if touch and at - found.last_seen_at >= SEEN_AT_MOST_EVERY:
        with db.transaction() as connection:
            connection.execute(update(Session).where(Session.id_hash == id_hash).values(last_seen_at=at))
    return Actor(found.user_id, found.name, Role(found.role), found.borough, found.desk)


def sign_out(db: Database, token: str) -> None:
    """End the session at once. A token that is not known, or has ended already, changes nothing."""
    _end(db, _session_hash(token), clock.now(), "signed_out")


def create_user(
    db: Database,
    username: str,
    name: str,
    role: Role,
    boroughs: Iterable[str],
    desk: str | None = None,
    password: str | None = None,
) -> str:
    """A new user's id. Without a password nobody signs in as them. Raises BadInput with every reason."""
    at, user_id, where = clock.now(), new_id(), sorted(set(boroughs))
    password_hash = None if password is None else _hash(password)
    with db.transaction() as connection:
        reasons = _wrong_with_user(username, name, role, where, desk)
        if password is not None:
            reasons += _wrong_with_password(connection, username, password)
        if reasons:
            raise BadInput(*reasons)
        user = {
            "id": user_id,
            "username": _canonical(username),
            "name": name.strip(),
            "role": role.value,
            "desk": desk,
            "password_hash": password_hash,
            "active": True,
            "created_at": at,
        }
        try:
            connection.execute(insert(User).values(user))
        except IntegrityError:
            raise BadInput(f"There is a user {_canonical(username)} already. Choose another username.") from None
        connection.execute(insert(UserBorough), [{"user_id": user_id, "borough": borough} for borough in where])
        facts = {"user_id": user_id, "role": role.value, "desk": desk, "boroughs": where}
        audit.record(connection, audit.SYSTEM, at=at, action="user_created", facts=facts)
    return user_id


def set_password(db: Database, username: str, password: str) -> None:
    """A new password; ends all sessions of the user. Raises NotFound, or BadInput with every reason."""
    password_hash = _hash(password)
    with db.transaction() as connection:
        user = _known_user(connection, username)
        if reasons := _wrong_with_password(connection, username, password):
            raise BadInput(*reasons)
        connection.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
        _end_sessions_of(connection, user.id, "password_set")


def set_active(db: Database, username: str, active: bool) -> None:
    """Let a user in, or out: deactivating ends all their sessions. Raises NotFound."""
    with db.transaction() as connection:
        user = _known_user(connection, username)
        connection.execute(update(User).where(User.id == user.id).values(active=active))
        _end_sessions_of(connection, user.id, "user_activated" if active else "user_deactivated")


def _is_demo(connection: Connection) -> bool:
    return connection.execute(select(Installation.purpose)).scalar() == "demo"


def _canonical(username: str) -> str:
    return unicodedata.normalize("NFKC", username).strip().casefold()


def _user_by_name(connection: Connection, username: str) -> Row[Any] | None:
    return connection.execute(select(User.__table__).where(User.username == _canonical(username))).first()


def _known_user(connection: Connection, username: str) -> Row[Any]:
    user = _user_by_name(connection, username)
    if user is None:
        raise NotFound(f"There is no user {_canonical(username)}.")
    return user


def _hash(password: str) -> str:
    with _few_at_once:
        return _passwords.hash(unicodedata.normalize("NFKC", password))


@cache
def _hash_of_nobody() -> str:
    return _hash(secrets.token_urlsafe())


def _matches(password_hash: str | None, password: str) -> bool:
    known, nobody = password_hash, _hash_of_nobody()
    with _few_at_once:
        try:
            _passwords.verify(known or nobody, unicodedata.normalize("NFKC", password))
        except VerificationError:
            return False
    return known is not None


def _throttle_key(username: str, address: str) -> str:
    return hashlib.sha256(f"{_canonical(username)}\n{address}".encode()).hexdigest()


def _count_attempt(db: Database, key: str, at: datetime) -> str:
    """An attempt counts as failed until it has succeeded, so that many at once cannot slip past the count."""
    attempt, recent = new_id(), at - WAIT
    with db.transaction() as connection:
        connection.execute(delete(SignInFailure).where(SignInFailure.at <= recent))
        count = select(func.count()).select_from(SignInFailure).where(SignInFailure.key == key)
        if connection.execute(count).scalar_one() >= FAILURES_BEFORE_WAITING:
            raise TooManyAttempts("This account was tried too often from here. Wait 15 minutes, then try again.")
        connection.execute(insert(SignInFailure).values(id=attempt, key=key, at=at))
    return attempt


def _refuse(db: Database, user: Row[Any] | None, at: datetime, request_id: str | None) -> SessionToken:
    facts = {"user_id": user.id if user else None}
    with db.transaction() as connection:
        audit.record(connection, audit.SESSION, at=at, action="sign_in_failed", facts=facts, request_id=request_id)
    raise SignInRefused("The username or the password is wrong.")


def _open_session(connection: Connection, user: Row[Any], at: datetime, request_id: str | None) -> SessionToken:
    token = SessionToken(secrets.token_urlsafe(32))
    first = select(UserBorough.borough).where(UserBorough.user_id == user.id).order_by(UserBorough.borough)
    borough = connection.execute(first).scalars().first()
    if borough is None:
        raise NotPermitted("You are not a user of any borough. Ask an administrator.")
    row = {"id_hash": _session_hash(token), "user_id": user.id, "borough": borough}
    connection.execute(insert(Session).values(**row, created_at=at, last_seen_at=at, ended_at=None))
    actor = Actor(user.id, user.name, Role(user.role), borough, user.desk)
    audit.record(
        connection,
        audit.SESSION,
        at=at,
        action="signed_in",
        actor=actor,
        borough=borough,
        request_id=request_id,
    )
    return token


def _session_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(connection: Connection, id_hash: str) -> Any:
    still_there = (UserBorough.user_id == Session.user_id) & (UserBorough.borough == Session.borough)
    query = (
        select(
            Session.user_id,
            Session.borough,
            Session.created_at,
            Session.last_seen_at,
            User.name,
            User.role,
            User.desk,
            User.active,
            UserBorough.borough.label("may_act_in"),
        )
        .join(User, User.id == Session.user_id)
        .outerjoin(UserBorough, still_there)
        .where(Session.id_hash == id_hash, Session.ended_at.is_(None))
    )
    return connection.execute(query).first()


def _why_over(session: Row[Any], at: datetime, settings: Settings) -> str | None:
    if not session.active or session.may_act_in is None:
        return "user_deactivated"
    if at - session.created_at >= timedelta(hours=settings.session_hours):
        return "session_too_old"
    if at - session.last_seen_at >= timedelta(minutes=settings.idle_minutes):
        return "session_idle"
    return None


def _end(db: Database, id_hash: str, at: datetime, why: str) -> None:
    ended = update(Session).where(Session.id_hash == id_hash, Session.ended_at.is_(None)).values(ended_at=at)
    with db.transaction() as connection:
        user_id = connection.execute(ended.returning(Session.user_id)).scalar()
        if user_id is not None:
            facts = {"user_id": user_id, "why": why}
            audit.record(connection, audit.SESSION, at=at, action="session_ended", facts=facts)


def _end_sessions_of(connection: Connection, user_id: str, why: str) -> None:
    at = clock.now()
    running = update(Session).where(Session.user_id == user_id, Session.ended_at.is_(None))
    connection.execute(running.values(ended_at=at))
    audit.record(connection, audit.SYSTEM, at=at, action=why, facts={"user_id": user_id})


def _wrong_with_user(username: str, name: str, role: Role, boroughs: list[str], desk: str | None) -> list[str]:
    wrong = {
        "A user needs a username.": not _canonical(username),
        "A user needs a name.": not name.strip(),
        "A user needs at least one borough.": not boroughs,
        "The system is not somebody who signs in: choose another role.": role is Role.SYSTEM,
        "A desk user needs the agency's desk, and nobody else has one.": (role is Role.DESK) != bool(desk),
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]


def _wrong_with_password(connection: Connection, username: str, password: str) -> list[str]:
    short = len(password) < SHORTEST_PASSWORD and not _is_demo(connection)
    wrong = {
        f"The password needs at least {SHORTEST_PASSWORD} characters. Three or four words make a good one.": short,
        "The password is empty.": not password,
        "The password must not be the username.": bool(password) and _canonical(password) == _canonical(username),
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]
