"""Who let the live board be shown on a wall? Links that show its figures and nothing else, to whoever has them.

A session on a wall would end when nobody touches it, or would let in whoever walks up to it. A link does neither. It
shows what its maker may see, for as long as its maker may see it, ninety days at most.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from mash import audit, clock
from mash.accounts.sessions import hash_of
from mash.accounts.users import boroughs_of
from mash.db import Database
from mash.errors import NotFound
from mash.models.accounts import User, WallLink
from mash.permissions import Actor, Permission, allowed, require
from mash.vocabulary import Role

LASTS = timedelta(days=90)


@dataclass(frozen=True)
class Shown:
    """A link that works: who made it, since and until when (UTC)."""

    id: str
    made_by: str
    made_at: datetime
    until: datetime


def put_up(db: Database, actor: Actor) -> str:
    """A new link's token; it is told this once. Raises NotPermitted."""
    require(actor, Permission.SHOW_ON_WALL)
    token, at = secrets.token_urlsafe(32), clock.now()
    with db.transaction() as tx:
        row = {"id_hash": hash_of(token), "borough": actor.borough, "made_by": actor.user_id, "made_at": at}
        tx.execute(insert(WallLink).values(row))
        audit.record(tx, audit.SYSTEM, at=at, action="wall_link_made", actor=actor, borough=actor.borough, facts={})
    return token


def take_down(db: Database, actor: Actor, link_id: str) -> None:
    """The link shows nothing from now on. Raises NotPermitted, and NotFound where there is none."""
    require(actor, Permission.SHOW_ON_WALL)
    at = clock.now()
    own = update(WallLink).where(
        WallLink.id_hash == link_id, WallLink.borough == actor.borough, WallLink.ended_at.is_(None)
    )
    with db.transaction() as tx:
        if tx.execute(own.values(ended_at=at).returning(WallLink.id_hash)).first() is None:
            raise NotFound("There is no such link, or it shows nothing any more.")
        audit.record(tx, audit.SYSTEM, at=at, action="wall_link_ended", actor=actor, borough=actor.borough, facts={})


def put_up_now(db: Database, actor: Actor) -> list[Shown]:
    """The links of the actor's borough that work, the latest first. Raises NotPermitted."""
    require(actor, Permission.SHOW_ON_WALL)
    rows = (
        select(WallLink.id_hash, User.name, WallLink.made_at)
        .join(User, User.id == WallLink.made_by)
        .where(WallLink.borough == actor.borough, WallLink.ended_at.is_(None), WallLink.made_at > clock.now() - LASTS)
        .order_by(WallLink.made_at.desc())
    )
    with db.reading() as look:
        found = look.execute(rows).all()
    return [Shown(row.id_hash, row.name, row.made_at, row.made_at + LASTS) for row in found]


def on_wall(db: Database, token: str) -> Actor:
    """For whom this link shows the board: its maker. Raises NotFound where it, or its maker's right, has ended."""
    rows = (
        select(WallLink.borough, User.id, User.name, User.role, User.desk)
        .join(User, User.id == WallLink.made_by)
        .where(
            WallLink.id_hash == hash_of(token),
            WallLink.ended_at.is_(None),
            WallLink.made_at > clock.now() - LASTS,
            User.active,
        )
    )
    with db.reading() as look:
        row = look.execute(rows).first()
        if row is None or row.borough not in boroughs_of(look, row.id):
            raise NotFound
    maker = Actor(row.id, row.name, Role(row.role), row.borough, row.desk)
    if not allowed(maker, Permission.SHOW_ON_WALL):
        raise NotFound
    return maker
