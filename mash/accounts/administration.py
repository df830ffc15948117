"""Who is let in, as what, and who no longer? What an administrator does; every change is in the audit trail.

Nobody changes themselves here, and no borough loses its last administrator.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from mash import audit, clock
from mash.accounts import invitations, second_factor, sessions, users
from mash.accounts.directory import ids_known_to, why_not_changed
from mash.accounts.invitations import InvitationToken
from mash.accounts.purpose import is_demo
from mash.accounts.users import Post, boroughs_of, is_dormant
from mash.db import Database
from mash.errors import BadInput, NotFound, NotPermitted, Refused
from mash.models.accounts import User, UserBorough
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.vocabulary import Role


def add_user(
    db: Database, book: Rulebook, actor: Actor, username: str, name: str, post: Post, *, email: str = ""
) -> tuple[str, InvitationToken]:
    """A new user's id, and the link with which they set up their account. Raises BadInput with every reason."""
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        reasons = [*_wrong_with_place(connection, book, actor, post, at), *users.wrong_with_address(email)]
        user_id = users.add(connection, username, name, post, at, by=actor, email=email, reasons=reasons)
        return user_id, invitations.invite(connection, user_id, at, actor)


def change_post(db: Database, book: Rulebook, actor: Actor, user_id: str, post: Post) -> bool:
    """Employ somebody as something else; ends their sessions. Whether anything changed.

    Raises BadInput with every reason, Refused where a borough would lose its last administrator.
    """
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        before = _post_of(connection, actor, user_id)
        if reasons := [*users.wrong_with(post), *_wrong_with_place(connection, book, actor, post, at)]:
            raise BadInput(*reasons)
        if before == post:
            return False
        still_there = post.boroughs if post.role is Role.ADMINISTRATOR else ()
        if before.role is Role.ADMINISTRATOR:
            _require_another(connection, set(before.boroughs) - set(still_there), user_id, at)
        values = {"role": post.role.value, "desk": post.desk, "registered": post.registered}
        connection.execute(update(User).where(User.id == user_id).values(values))
        connection.execute(delete(UserBorough).where(UserBorough.user_id == user_id))
        connection.execute(insert(UserBorough), [{"user_id": user_id, "borough": b} for b in post.boroughs])
        sessions.end_all_of(connection, user_id, at)
        facts = {"user_id": user_id, "from": before.facts, "to": post.facts}
        audit.record(connection, audit.SYSTEM, at=at, action="user_changed", actor=actor, facts=facts)
    return True


def deactivate(db: Database, actor: Actor, user_id: str) -> None:
    """Let somebody out: no more signing in, and their sessions end. Raises Refused for a last administrator."""
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        post = _post_of(connection, actor, user_id)
        if post.role is Role.ADMINISTRATOR:
            _require_another(connection, post.boroughs, user_id, at)
        connection.execute(update(User).where(User.id == user_id).values(active=False))
        sessions.end_all_of(connection, user_id, at)
        _record(connection, at, "user_deactivated", actor, user_id)


def activate(db: Database, actor: Actor, user_id: str) -> None:
    """Let somebody in again who was deactivated or whose account was dormant."""
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        _post_of(connection, actor, user_id)
        connection.execute(update(User).where(User.id == user_id).values(active=True, woken_at=at))
        _record(connection, at, "user_activated", actor, user_id)


def reset_second_factor(db: Database, actor: Actor, user_id: str) -> None:
    """Somebody has lost telephone and recovery codes: after the password they set up a new second factor.

    Ends their sessions; they are told when they next sign in. Raises Refused where there is none.
    """
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        _post_of(connection, actor, user_id)
        if connection.execute(select(User.totp_secret).where(User.id == user_id)).scalar() is None:
            raise Refused("This person has no second factor.")
        second_factor.forget(connection, user_id, at, actor)
        sessions.end_all_of(connection, user_id, at)


def invite(db: Database, actor: Actor, user_id: str) -> InvitationToken:
    """A new link with which somebody chooses a password. Raises Refused where they could not sign in anyhow."""
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        _post_of(connection, actor, user_id)
        user = connection.execute(select(User.__table__).where(User.id == user_id)).one()
        if not user.active or (is_dormant(user, at) and not is_demo(connection)):
            raise Refused("This account lets nobody in. Activate it first.")
        return invitations.invite(connection, user_id, at, actor)


def end_sessions(db: Database, actor: Actor, user_id: str) -> int:
    """End all sessions of a user. How many there were."""
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.transaction() as connection:
        _post_of(connection, actor, user_id)
        ended = sessions.end_all_of(connection, user_id, at)
        _record(connection, at, "sessions_ended", actor, user_id)
    return ended


def end_session(db: Database, actor: Actor, session_id: str) -> None:
    """End one session of a user of the actor's boroughs. Raises Refused where it has ended."""
    require(actor, Permission.VIEW_SESSIONS)
    with db.transaction() as connection:
        sessions.end_one(connection, session_id, clock.now(), actor, ids_known_to(actor))


def _post_of(connection: Connection, actor: Actor, user_id: str) -> Post:
    """What this user is employed as. Raises NotFound or NotPermitted where the actor cannot change them."""
    known = ids_known_to(actor).where(UserBorough.user_id == user_id)
    if connection.execute(known).first() is None:
        raise NotFound
    if user_id == actor.user_id:
        raise NotPermitted("Nobody changes their own rights. Ask another administrator.")
    row = connection.execute(select(User.role, User.desk, User.registered).where(User.id == user_id)).one()
    post = Post(Role(row.role), boroughs_of(connection, user_id), row.desk, row.registered)
    if reason := why_not_changed(connection, actor, post):
        raise NotPermitted(reason)
    return post


def _wrong_with_place(connection: Connection, book: Rulebook, actor: Actor, post: Post, at: datetime) -> list[str]:
    own = boroughs_of(connection, actor.user_id)
    foreign = [f"“{borough}” is not a borough that you administer." for borough in post.boroughs if borough not in own]
    return foreign or users.wrong_with_places(connection, book, post, at)


def _require_another(connection: Connection, boroughs: Iterable[str], but: str, at: datetime) -> None:
    """Raises Refused where one of these boroughs would have no administrator left who can sign in.

    Locks all administrators first: of two who deactivate each other at once, one waits and is refused.
    """
    is_administrator = User.role == Role.ADMINISTRATOR.value
    query = select(User.__table__).where(is_administrator, User.active).order_by(User.id).with_for_update()
    demo = is_demo(connection)
    left = {
        borough
        for user in connection.execute(query).all()
        if user.id != but and (demo or (user.password_hash and not is_dormant(user, at)))
        for borough in boroughs_of(connection, user.id)
    }
    if missing := sorted(set(boroughs) - left):
        raise Refused(f"{', '.join(missing).capitalize()} would have no administrator left. Add another one first.")


def _record(connection: Connection, at: datetime, action: str, actor: Actor, user_id: str) -> None:
    audit.record(connection, audit.SYSTEM, at=at, action=action, actor=actor, facts={"user_id": user_id})
