"""Who is signed in, and for how long? Sessions are rows: what is ended here is over with the next request.

Every row is a whole session. Outside a demonstration it is worth something only if a second factor was given:
`begin` refuses to make another, and `session_actor` to believe in one.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NewType

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, insert, or_, select, update

from mash import audit, clock
from mash.accounts.purpose import is_demo
from mash.accounts.users import boroughs_of
from mash.db import Database
from mash.errors import BadInput, NotPermitted, Refused
from mash.models.accounts import HalfSignIn, Installation, Session, User, UserBorough
from mash.permissions import Actor
from mash.settings import Settings
from mash.vocabulary import Role

SessionToken = NewType("SessionToken", str)

SEEN_AT_MOST_EVERY = timedelta(minutes=1)
PROOF_LASTS = timedelta(minutes=15)
"""For how long after giving the password somebody may change what protects an account."""


@dataclass(frozen=True)
class Shown:
    """A session that runs, as its user or an administrator sees it."""

    id: str
    user_id: str
    name: str
    role: Role
    desk: str | None
    borough: str
    since: datetime
    last_seen_at: datetime
    is_own: bool


def begin(
    connection: Connection,
    user: Row[Any],
    at: datetime,
    *,
    second_factor: bool,
    password_at: datetime | None = None,
    request_id: str | None = None,
) -> SessionToken:
    """A new session. Raises NotPermitted without a second factor, unless in a demonstration; or without a borough."""
    if not second_factor and not is_demo(connection):
        raise NotPermitted("Signing in without a second factor is for demonstrations only.")
    boroughs = boroughs_of(connection, user.id)
    if not boroughs:
        raise NotPermitted("You are not a user of any borough. Ask an administrator.")
    token, borough = _new_token(), boroughs[0]
    row = {"id_hash": hash_of(token), "user_id": user.id, "borough": borough, "created_at": at, "last_seen_at": at}
    connection.execute(insert(Session).values(row | {"second_factor": second_factor, "password_at": password_at}))
    connection.execute(update(User).where(User.id == user.id).values(last_signed_in_at=at))
    actor = Actor(user.id, user.name, Role(user.role), borough, user.desk)
    facts = {"second_factor": second_factor}
    _record(connection, at, "signed_in", actor, facts, borough=borough, request_id=request_id)
    return token


def session_actor(db: Database, token: str, settings: Settings, *, touch: bool = True) -> Actor | None:
    """Who is signed in with this token, or None. An idle, old or deactivated user's session ends here.

    `touch=False` (pages that refresh themselves) does not count as being there.
    """
    at, id_hash = clock.now(), hash_of(token)
    with db.reading() as connection:
        found: Any = connection.execute(_SESSION, {"id_hash": id_hash}).first()
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
    _end(db, hash_of(token), clock.now(), "signed_out")


def end_all_of(connection: Connection, user_id: str, at: datetime, *, but: str | None = None) -> int:
    """End every session of a user, and every sign-in that is half done, but for the one with this token. How many."""
    kept = hash_of(but) if but else ""
    running = (Session.user_id == user_id) & Session.ended_at.is_(None) & (Session.id_hash != kept)
    ended = connection.execute(update(Session).where(running).values(ended_at=at)).rowcount
    half = (HalfSignIn.user_id == user_id) & HalfSignIn.ended_at.is_(None)
    connection.execute(update(HalfSignIn).where(half).values(ended_at=at))
    return ended


def end_others(db: Database, actor: Actor, token: str) -> int:
    """End all sessions of the actor but this one. How many there were."""
    at = clock.now()
    with db.transaction() as connection:
        ended = end_all_of(connection, actor.user_id, at, but=token)
        _record(connection, at, "other_sessions_ended", actor, {"ended": ended})
    return ended


def end_one(connection: Connection, session_id: str, at: datetime, by: Actor, user_ids: Select[str]) -> None:
    """End a session of one of these users. Raises Refused where it has ended, or is none of theirs."""
    theirs = (Session.id_hash == session_id) & Session.ended_at.is_(None) & Session.user_id.in_(user_ids)
    ended = update(Session).where(theirs).values(ended_at=at).returning(Session.user_id)
    user_id = connection.execute(ended).scalar()
    if user_id is None:
        raise Refused("This session has ended already.")
    _record(connection, at, "session_ended", by, {"user_id": user_id, "why": "ended_by_administrator"})


def running(connection: Connection, settings: Settings, at: datetime, own_token: str | None) -> list[Shown]:
    """All sessions that have not ended, the one used last first."""
    oldest = at - timedelta(hours=settings.session_hours)
    quiet = at - timedelta(minutes=settings.idle_minutes)
    alive = and_(_worth_something(), Session.ended_at.is_(None), User.active)
    recent = and_(Session.created_at > oldest, Session.last_seen_at > quiet)
    query = select(Session.__table__, User.name, User.role, User.desk).join(User, User.id == Session.user_id)
    query = query.where(alive, recent).order_by(Session.last_seen_at.desc(), Session.created_at.desc())
    own = hash_of(own_token) if own_token else None
    return [_shown(row, own) for row in connection.execute(query)]


def running_of(db: Database, actor: Actor, settings: Settings, at: datetime, token: str) -> list[Shown]:
    """The actor's own sessions, this one among them."""
    with db.reading() as connection:
        return [shown for shown in running(connection, settings, at, token) if shown.user_id == actor.user_id]


def switch_borough(db: Database, actor: Actor, token: str, borough: str) -> None:
    """Act in another of one's boroughs from now on. Raises BadInput where the actor does not work there."""
    with db.transaction() as connection:
        if borough not in boroughs_of(connection, actor.user_id):
            raise BadInput("Choose one of the boroughs in which you work.")
        connection.execute(update(Session).where(Session.id_hash == hash_of(token)).values(borough=borough))
        facts = {"from": actor.borough, "to": borough}
        _record(connection, clock.now(), "borough_switched", actor, facts, borough=borough)


def proved_lately(db: Database, token: str, at: datetime) -> bool:
    """Whether the password was given within 15 minutes. In a demonstration, who has none need not."""
    query = select(Session.password_at, User.password_hash).join(User, User.id == Session.user_id)
    with db.reading() as connection:
        found = connection.execute(query.where(Session.id_hash == hash_of(token))).first()
        if found is None:
            return False
        if found.password_hash is None:
            return is_demo(connection)
        return found.password_at is not None and at - found.password_at < PROOF_LASTS


def proved(connection: Connection, token: str, at: datetime) -> SessionToken:
    """The password was given again: the session goes on under a new token."""
    new = _new_token()
    stepped_up = {"id_hash": hash_of(new), "password_at": at, "last_seen_at": at}
    connection.execute(update(Session).where(Session.id_hash == hash_of(token)).values(stepped_up))
    return new


def hash_of(token: str) -> str:
    """As which the database knows a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token() -> SessionToken:
    return SessionToken(secrets.token_urlsafe(32))


def _worth_something() -> ColumnElement[bool]:
    demo = select(Installation.id).where(Installation.purpose == "demo").exists()
    return or_(Session.second_factor, demo)


_SESSION = (
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
    .outerjoin(UserBorough, (UserBorough.user_id == Session.user_id) & (UserBorough.borough == Session.borough))
    .where(Session.id_hash == bindparam("id_hash"), Session.ended_at.is_(None), _worth_something())
)


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
            _record(connection, at, "session_ended", None, {"user_id": user_id, "why": why})


def _record(
    connection: Connection, at: datetime, action: str, actor: Actor | None, facts: dict[str, Any], **rest: Any
) -> None:
    audit.record(connection, audit.SESSION, at=at, action=action, actor=actor, facts=facts, **rest)


def _shown(row: Row[Any], own: str | None) -> Shown:
    who = (row.user_id, row.name, Role(row.role), row.desk)
    return Shown(row.id_hash, *who, row.borough, row.created_at, row.last_seen_at, row.id_hash == own)
