"""Who is there to hear of something, where, and when do they not want to be woken? Reads; and changes what one may say.

Somebody is there who may act in the borough and could sign in: neither deactivated nor dormant.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from mash import audit, clock
from mash.accounts.directory import ids_known_to
from mash.accounts.purpose import is_demo
from mash.accounts.users import is_dormant, wrong_with_address
from mash.db import Database
from mash.errors import BadInput, NotFound
from mash.models.accounts import User, UserBorough
from mash.permissions import Actor, Permission, require
from mash.vocabulary import Role

_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class QuietHours:
    """Between these times of day in London, past midnight where the second is the earlier, only what cannot wait."""

    begin: time
    end: time

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours end in which this instant lies; None where it lies in none."""
        there = now.astimezone(clock.LONDON)
        for day in (there.date() - timedelta(days=1), there.date()):
            ends_on = day + timedelta(days=1) if self.end <= self.begin else day
            begin = datetime.combine(day, self.begin, clock.LONDON)
            end = datetime.combine(ends_on, self.end, clock.LONDON)
            if begin <= there < end:
                return end.astimezone(now.tzinfo)
        return None


@dataclass(frozen=True)
class Colleague:
    """Somebody who is there: in which role, and how they are reached."""

    id: str
    name: str
    role: Role
    email: str | None
    quiet: QuietHours | None


@dataclass(frozen=True)
class Reach:
    """How somebody wants to be reached, as typed: an address, and quiet hours as `22:00`; blank for none."""

    email: str = ""
    quiet_from: str = ""
    quiet_to: str = ""


def colleagues(look: Connection, borough: str, now: datetime) -> list[Colleague]:
    """Everybody who is there in a borough, by name: staff and administrators, no desks."""
    wanted = select(User.__table__).join(UserBorough, UserBorough.user_id == User.id)
    wanted = wanted.where(UserBorough.borough == borough, User.active, User.role != Role.DESK.value)
    demo = is_demo(look)
    return [_colleague(row) for row in look.execute(wanted.order_by(User.name)) if demo or not is_dormant(row, now)]


def _colleague(row: Row[Any]) -> Colleague:
    quiet = QuietHours(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_to)) if row.quiet_from else None
    return Colleague(row.id, row.name, Role(row.role), row.email, quiet)


def reach_of(look: Connection, user_id: str) -> Reach:
    """How somebody is reached now."""
    row = look.execute(select(User.email, User.quiet_from, User.quiet_to).where(User.id == user_id)).one()
    return Reach(row.email or "", row.quiet_from or "", row.quiet_to or "")


def own_reach(db: Database, actor: Actor) -> Reach:
    """How one is reached oneself."""
    require(actor, Permission.OWN_REACH)
    with db.reading() as look:
        return reach_of(look, actor.user_id)


def change_own_reach(db: Database, actor: Actor, reach: Reach) -> None:
    """Say how one wants to be reached. Raises BadInput with every reason."""
    require(actor, Permission.OWN_REACH)
    if wrong := [*wrong_with_address(reach.email), *_wrong_with_quiet_hours(reach)]:
        raise BadInput(*wrong)
    begin, end = (_time_of_day(text) for text in (reach.quiet_from, reach.quiet_to))
    with db.transaction() as tx:
        _store(tx, actor, actor.user_id, email=reach.email or None, quiet_from=begin, quiet_to=end)


def change_address(db: Database, actor: Actor, user_id: str, email: str) -> None:
    """An administrator says where somebody is reached. Raises BadInput, and NotFound for whom they do not know."""
    require(actor, Permission.MANAGE_USERS)
    with db.transaction() as tx:
        if tx.execute(ids_known_to(actor).where(UserBorough.user_id == user_id)).first() is None:
            raise NotFound
        if wrong := wrong_with_address(email):
            raise BadInput(*wrong)
        _store(tx, actor, user_id, email=email or None)


def _store(tx: Connection, actor: Actor, user_id: str, **values: str | None) -> None:
    tx.execute(update(User).where(User.id == user_id).values(values))
    facts = {"user_id": user_id, "has_address": values["email"] is not None}
    audit.record(tx, audit.SYSTEM, at=clock.now(), action="reach_changed", actor=actor, facts=facts)


def _wrong_with_quiet_hours(reach: Reach) -> Iterable[str]:
    given = [text for text in (reach.quiet_from, reach.quiet_to) if text]
    if len(given) == 1:
        yield "Quiet hours need a beginning and an end. Give both, or neither."
    elif any(_TIME_OF_DAY.fullmatch(text) is None for text in given):
        yield "Write quiet hours as times of day, such as 22:00 and 07:00."
    elif given and _time_of_day(given[0]) == _time_of_day(given[1]):
        yield "Quiet hours begin and end at the same time. Give two different times, or neither."


def _time_of_day(text: str) -> str | None:
    return f"{text:0>5}" if text else None
