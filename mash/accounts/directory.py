"""Who works here, who is signed in, and who answers for each agency? The administrator's reading side.

An administrator knows of the users of their own boroughs and of nobody else. They change those who work nowhere else:
whoever also works elsewhere belongs to the administrator of both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from mash import clock
from mash.accounts import invitations, sessions
from mash.accounts.purpose import is_demo
from mash.accounts.second_factor import State, state_of
from mash.accounts.users import Post, boroughs_of, is_dormant
from mash.db import Database
from mash.errors import NotFound, Refused
from mash.models.accounts import Session, User, UserBorough
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.settings import Settings
from mash.vocabulary import Labelled, Role


class Standing(Labelled):
    """Whether somebody can sign in."""

    ACTIVE = "active", "Active"
    INVITED = "invited", "Not set up yet"
    DORMANT = "dormant", "Dormant"
    DEACTIVATED = "deactivated", "Deactivated"


@dataclass(frozen=True)
class Listed:
    """A line of the list of users."""

    id: str
    username: str
    name: str
    post: Post
    standing: Standing
    has_factor: bool
    last_seen_at: datetime | None


@dataclass(frozen=True)
class Known:
    """One user, as an administrator sees them. `why_not`: why this administrator cannot change them, if so."""

    listed: Listed
    email: str
    created_at: datetime
    invited_until: datetime | None
    factor: State
    sessions: list[sessions.Shown]
    why_not: str | None


@dataclass(frozen=True)
class Desk:
    """An agency of a borough's rules, and who can answer for it."""

    code: str
    label: str
    people: tuple[Listed, ...]

    @property
    def able(self) -> tuple[Listed, ...]:
        """Those who can sign in now."""
        return tuple(one for one in self.people if one.standing is Standing.ACTIVE)


@dataclass(frozen=True)
class Place:
    """A borough, as a form offers it: its name, and its agencies by code."""

    code: str
    title: str
    agencies: dict[str, str]


def users(
    db: Database,
    actor: Actor,
    *,
    words: str = "",
    role: Role | None = None,
    standing: Standing | None = None,
) -> list[Listed]:
    """The users of the actor's boroughs by name. `words` must all be in the name or the username."""
    require(actor, Permission.MANAGE_USERS)
    with db.reading() as connection:
        listed = _listed(connection, ids_known_to(actor))
    wanted = words.casefold().split()
    return [
        one
        for one in listed
        if all(word in f"{one.name} {one.username}".casefold() for word in wanted)
        and role in (None, one.post.role)
        and standing in (None, one.standing)
    ]


def user(db: Database, actor: Actor, settings: Settings, user_id: str) -> Known:
    """One user of the actor's boroughs. Raises NotFound for anybody else."""
    require(actor, Permission.MANAGE_USERS)
    at = clock.now()
    with db.reading() as connection:
        listed = _listed(connection, ids_known_to(actor).where(UserBorough.user_id == user_id))
        if not listed:
            raise NotFound
        (one,) = listed
        own = connection.execute(select(User.created_at, User.email).where(User.id == user_id)).one()
        theirs = [shown for shown in sessions.running(connection, settings, at, None) if shown.user_id == user_id]
        until = invitations.open_until(connection, user_id, at)
        why_not = why_not_changed(connection, actor, one.post)
        return Known(one, own.email or "", own.created_at, until, state_of(connection, user_id), theirs, why_not)


def running_sessions(db: Database, actor: Actor, settings: Settings, token: str) -> list[sessions.Shown]:
    """Who is signed in now, of the users of the actor's boroughs."""
    require(actor, Permission.VIEW_SESSIONS)
    with db.reading() as connection:
        known = set(connection.execute(ids_known_to(actor)).scalars())
        found = sessions.running(connection, settings, clock.now(), token)
    return [shown for shown in found if shown.user_id in known]


def desks(db: Database, book: Rulebook, actor: Actor) -> list[tuple[Place, list[Desk]]]:
    """Each of the actor's boroughs with its agencies, those for which nobody can answer first."""
    require(actor, Permission.MANAGE_USERS)
    with db.reading() as connection:
        everybody = _listed(connection, ids_known_to(actor))
        found = _places(connection, book, boroughs_of(connection, actor.user_id))
    return [(place, sorted(_desks(place, everybody), key=lambda desk: bool(desk.able))) for place in found]


def places(db: Database, book: Rulebook, actor: Actor) -> list[Place]:
    """The boroughs in which the actor may employ somebody, with their agencies."""
    require(actor, Permission.MANAGE_USERS)
    with db.reading() as connection:
        return _places(connection, book, boroughs_of(connection, actor.user_id))


def ids_known_to(actor: Actor) -> Select[str]:
    """The ids of all users who work in a borough in which the actor does."""
    own = select(UserBorough.borough).where(UserBorough.user_id == actor.user_id)
    return select(UserBorough.user_id).where(UserBorough.borough.in_(own)).distinct()


def why_not_changed(connection: Connection, actor: Actor, post: Post) -> str | None:
    """Why this administrator cannot change somebody in this post; None where they can."""
    elsewhere = set(post.boroughs) - set(boroughs_of(connection, actor.user_id))
    if elsewhere:
        return (
            "This person also works in a borough that you do not administer. An administrator of both can change this."
        )
    return None


def _desks(place: Place, everybody: Iterable[Listed]) -> list[Desk]:
    here = [one for one in everybody if place.code in one.post.boroughs and one.post.desk]
    return [
        Desk(code, label, tuple(one for one in here if one.post.desk == code)) for code, label in place.agencies.items()
    ]


def _places(connection: Connection, book: Rulebook, boroughs: Iterable[str]) -> list[Place]:
    found, today = [], clock.london_date(clock.now())
    for borough in boroughs:
        try:
            rules = book.in_force(connection, borough, today)
        except Refused:  # rules that are not in force yet: there are no desks to staff
            found.append(Place(borough, borough.capitalize(), {}))
            continue
        agencies = {code: agency.label for code, agency in rules.agencies.items()}
        found.append(Place(borough, rules.title, agencies))
    return found


def _listed(connection: Connection, ids: Select[str]) -> list[Listed]:
    seen = select(Session.user_id, func.max(Session.last_seen_at).label("last_seen_at")).group_by(Session.user_id)
    last = seen.subquery()
    query = select(User.__table__, last.c.last_seen_at).outerjoin(last, last.c.user_id == User.id)
    rows = connection.execute(query.where(User.id.in_(ids)).order_by(User.name, User.username)).all()
    where: dict[str, list[str]] = {}
    pairs = select(UserBorough.user_id, UserBorough.borough).order_by(UserBorough.borough)
    for user_id, borough in connection.execute(pairs):
        where.setdefault(user_id, []).append(borough)
    at, demo = clock.now(), is_demo(connection)
    return [_line(row, tuple(where[row.id]), _standing(row, at, demo)) for row in rows]


def _line(row: Row[Any], boroughs: tuple[str, ...], standing: Standing) -> Listed:
    post = Post(Role(row.role), boroughs, row.desk, row.registered)
    return Listed(row.id, row.username, row.name, post, standing, row.totp_secret is not None, row.last_seen_at)


def _standing(row: Row[Any], at: datetime, demo: bool) -> Standing:
    """In a demonstration nobody needs a password, and no account falls asleep."""
    if not row.active:
        return Standing.DEACTIVATED
    if demo:
        return Standing.ACTIVE
    if is_dormant(row, at):
        return Standing.DORMANT
    return Standing.ACTIVE if row.password_hash else Standing.INVITED
