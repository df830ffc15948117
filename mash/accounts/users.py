"""Who works here, and as what? Users and their places. Knows no password, no session and no page."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from mash import audit, clock
from mash.accounts import passwords
from mash.accounts.passwords import canonical
from mash.accounts.purpose import is_demo
from mash.db import Database
from mash.errors import BadInput, NotFound
from mash.models.accounts import User, UserBorough
from mash.models.base import new_id
from mash.permissions import FOR_REGISTERED, Actor
from mash.rulebook import Rulebook
from mash.vocabulary import Role

DORMANT_AFTER = timedelta(days=90)
"""An account that nobody used for so long lets nobody in until an administrator wakes it."""


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class Post:
    """What somebody is employed as: a role, where, for which agency's desk, and whether on the register."""

    role: Role
    boroughs: tuple[str, ...]
    desk: str | None = None
    registered: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """As the audit trail has it."""
        return {
            "role": self.role.value,
            "desk": self.desk,
            "boroughs": list(self.boroughs),
            "registered": self.registered,
        }


@dataclass(frozen=True)
class DemoUser:
    """Somebody as whom anybody may sign in, in a demonstration."""

    username: str
    name: str
    role: Role
    desk: str | None


def demo_users(db: Database) -> list[DemoUser]:
    """As whom one may sign in by one click, in the order of the work. Nobody, unless in a demonstration."""
    with db.reading() as connection:
        if not is_demo(connection):
            return []
        users = connection.execute(select(User.__table__).where(User.active).order_by(User.name))
        people = [DemoUser(user.username, user.name, Role(user.role), user.desk) for user in users]
    return sorted(people, key=lambda person: list(Role).index(person.role))


def create_user(
    db: Database,
    username: str,
    name: str,
    role: Role,
    boroughs: Iterable[str],
    desk: str | None = None,
    password: str | None = None,
    *,
    registered: bool = False,
) -> str:
    """A new user's id. Without a password nobody signs in as them. Raises BadInput with every reason."""
    post = Post(role, tuple(sorted(set(boroughs))), desk, registered)
    password_hash = None if password is None else passwords.hashed(password)
    with db.transaction() as connection:
        reasons = [] if password is None else passwords.wrong_with(connection, username, password)
        return add(connection, username, name, post, clock.now(), password_hash=password_hash, reasons=reasons)


def add(
    connection: Connection,
    username: str,
    name: str,
    post: Post,
    at: datetime,
    *,
    by: Actor | None = None,
    email: str = "",
    password_hash: str | None = None,
    reasons: Iterable[str] = (),
) -> str:
    """As `create_user`, within a transaction. `by` is nobody on the command line. Raises BadInput with every reason."""
    if wrong := [*_wrong_with_name(username, name), *wrong_with(post), *reasons]:
        raise BadInput(*wrong)
    user = {
        "id": new_id(),
        "username": canonical(username),
        "name": name.strip(),
        "role": post.role.value,
        "desk": post.desk,
        "registered": post.registered,
        "email": email or None,
        "password_hash": password_hash,
        "active": True,
        "created_at": at,
    }
    if user_by_name(connection, username) is not None:
        raise BadInput(_taken(username))
    try:
        connection.execute(insert(User).values(user))
    except IntegrityError:  # somebody else was quicker
        raise BadInput(_taken(username)) from None
    user_id = str(user["id"])
    connection.execute(insert(UserBorough), [{"user_id": user_id, "borough": borough} for borough in post.boroughs])
    facts = {"user_id": user_id} | post.facts
    audit.record(connection, audit.SYSTEM, at=at, action="user_created", actor=by, facts=facts)
    return user_id


def _taken(username: str) -> str:
    return f"There is a user {canonical(username)} already. Choose another username."


def user_by_name(connection: Connection, username: str) -> Row[Any] | None:
    """The row of a user, however the name is written."""
    return connection.execute(select(User.__table__).where(User.username == canonical(username))).first()


def known_user(connection: Connection, username: str) -> Row[Any]:
    """The row of a user. Raises NotFound."""
    user = user_by_name(connection, username)
    if user is None:
        raise NotFound(f"There is no user {canonical(username)}.")
    return user


def boroughs_of(connection: Connection, user_id: str) -> tuple[str, ...]:
    """Where a user may act, in the order of the alphabet."""
    where = select(UserBorough.borough).where(UserBorough.user_id == user_id).order_by(UserBorough.borough)
    return tuple(connection.execute(where).scalars())


def is_dormant(user: Row[Any], at: datetime) -> bool:
    """Whether nobody has used the account for 90 days, nor has it been made or woken since."""
    used = max(since for since in (user.created_at, user.woken_at, user.last_signed_in_at) if since is not None)
    return bool(at - used >= DORMANT_AFTER)


def wrong_with(post: Post) -> list[str]:
    """Every reason why nobody can be employed like this."""
    wrong = {
        "A user needs at least one borough.": not post.boroughs,
        "The system is not somebody who signs in: choose another role.": post.role is Role.SYSTEM,
        "A desk user needs the agency's desk, and nobody else has one.": (post.role is Role.DESK) != bool(post.desk),
        f"{post.role.label}: this role rates or decides, and is for registered social workers only. Choose another "
        "role, or confirm the registration.": post.role in FOR_REGISTERED and not post.registered,
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]


def wrong_with_places(connection: Connection, book: Rulebook, post: Post, at: datetime) -> list[str]:
    """Every reason why the boroughs or the desk do not fit the rules in force."""
    known, reasons = book.boroughs(connection), []
    for borough in post.boroughs:
        if borough not in known:
            reasons.append(f"“{borough}” has no rules here. There are {', '.join(known) or 'none'}.")
            continue
        agencies = book.in_force(connection, borough, clock.london_date(at)).agencies
        if post.desk is not None and post.desk not in agencies:
            reasons.append(f"{borough} has no agency “{post.desk}”. It has {', '.join(agencies)}.")
    return reasons


def wrong_with_address(email: str) -> list[str]:
    """Why no message can be sent there; nothing for a blank one."""
    if not email or (len(email) <= LONGEST_ADDRESS and ".." not in email and _ADDRESS.fullmatch(email)):
        return []
    return ["This is not an e-mail address. Write one like j.smith@council.example."]


def _wrong_with_name(username: str, name: str) -> list[str]:
    wrong = {
        "A user needs a username.": not canonical(username),
        "A user needs a name.": not name.strip(),
        "The username is too long: 200 characters at most.": len(canonical(username)) > 200,
        "The name is too long: 200 characters at most.": len(name.strip()) > 200,
        "The username or the name holds a character that cannot be shown.": any(
            unicodedata.category(letter).startswith("C") for letter in username + name
        ),
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]
