"""Which versions of a borough's rules are on record, since when, by whom, and followed by how many contacts?

Names no contact. A version is put in force in mash/rulebook.py and mash/proposals.py; here one that is still to come is
withdrawn, and what is stored is compared with what was put in force.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from mash import clock
from mash.db import Database
from mash.errors import MashError, NotFound, Refused
from mash.models.accounts import User
from mash.models.audit import AuditEntry
from mash.models.contact import Contact
from mash.models.time import RuleSetVersion, RuleSetWithdrawal
from mash.permissions import Actor, Permission, require
from mash.rulebook import PUT_IN_FORCE, Rulebook, on_record, text_of
from mash.rules import earlier
from mash.rules.changes import changes
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Labelled
from mash.workflow.turns import hold_turn

WITHDRAWN = "rules_withdrawn"


class Standing(Labelled):
    """Whether contacts that arrive now get a version."""

    IN_FORCE = "in_force", "In force"
    COMING = "coming", "Still to come"
    PAST = "past", "Replaced"
    WITHDRAWN = "withdrawn", "Withdrawn"


@dataclass(frozen=True)
class Version:
    """One version on record. `until` is its last day; `by` is None where it came from a file."""

    number: int
    in_force_from: date
    until: date | None
    standing: Standing
    loaded_at: datetime
    by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    contacts: int
    sha256: str

    @property
    def may_be_withdrawn(self) -> bool:
        """Until the day before it comes into force, while no contact follows it."""
        return self.standing is Standing.COMING and not self.contacts


@dataclass(frozen=True)
class Shown:
    """One version whole: its rules, its text as stored, keys that this program does not know, and what it changed."""

    version: Version
    rules: RuleSet
    text: str
    set_aside: tuple[str, ...]
    before: int | None
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Altered:
    """A version that is not as it was put in force, with a sentence. `readable`: whether it can be counted by."""

    slug: str
    version: int
    readable: bool
    sentence: str


def versions(db: Database, actor: Actor) -> list[Version]:
    """All of the actor's borough, the highest number first."""
    require(actor, Permission.VIEW_RULES)
    with db.reading() as look:
        return _versions(look, actor.borough)


def version(db: Database, book: Rulebook, actor: Actor, number: int) -> Shown:
    """One of the actor's borough. Raises NotFound, and Unsafe where its text was altered."""
    require(actor, Permission.VIEW_RULES)
    with db.reading() as look:
        known = _versions(look, actor.borough)
        own = _numbered(known, number)
        rules = book.version(look, actor.borough, number)
        text = text_of(look, rules)
        before = next((v.number for v in known if v.number < number and v.standing is not Standing.WITHDRAWN), None)
        found = changes(book.version(look, actor.borough, before), rules) if before is not None else []
        return Shown(own, rules, text, earlier.read(text)[1], before, tuple(found))


def number_on(db: Database, book: Rulebook, actor: Actor, day: date) -> int:
    """The version in force on a London date. Raises Refused, and says from when there are rules."""
    require(actor, Permission.VIEW_RULES)
    with db.reading() as look:
        return book.in_force(look, actor.borough, day).version


def withdraw(db: Database, actor: Actor, number: int, request_id: str | None = None) -> None:
    """Take back a version that is still to come: it stays on record and never applies. Raises NotFound or Refused."""
    require(actor, Permission.CHANGE_RULES)
    with db.transaction() as tx:
        hold_turn(tx, actor.borough)
        now = clock.now()
        own = _numbered(_versions(tx, actor.borough), number)
        if own.standing is Standing.WITHDRAWN:
            raise Refused(f"Version {number} was withdrawn before.")
        if not own.may_be_withdrawn:
            raise Refused(
                f"Version {number} is in force from {own.in_force_from:%-d %B %Y}: until the day before it could be "
                "withdrawn. Put another version in force instead."
            )
        row = {"slug": actor.borough, "version": number, "withdrawn_at": now, "withdrawn_by": actor.user_id}
        tx.execute(insert(RuleSetWithdrawal).values(row))
        on_record(tx, WITHDRAWN, actor.borough, {"version": number, "sha256": own.sha256}, actor, request_id)


def not_as_put_in_force(look: Connection, book: Rulebook) -> Iterator[Altered]:
    """Versions whose text is not what was put in force, or cannot be read whole."""
    columns = select(RuleSetVersion.slug, RuleSetVersion.version, RuleSetVersion.sha256, RuleSetVersion.resolved)
    noted = _noted(look)
    for row in look.execute(columns.order_by(RuleSetVersion.slug, RuleSetVersion.version)):
        key = row.slug, row.version
        try:
            book.version(look, *key)
        except MashError as error:
            yield Altered(*key, False, str(error))
            continue
        if noted.get(key, row.sha256) != row.sha256:
            yield Altered(*key, True, _EXCHANGED)
        if aside := earlier.read(row.resolved)[1]:
            yield Altered(*key, True, _UNKNOWN.format(keys=", ".join(aside)))


_EXCHANGED = (
    "Its text and its fingerprint were exchanged together: the audit trail has another fingerprint of what was put in "
    "force. Restore the table rule_sets from a backup."
)
_UNKNOWN = (
    "This program does not know {keys} any more; contacts of this version are counted as if that were not there. Tell "
    "the makers."
)


def names_of_users(look: Connection) -> dict[str, str]:
    """What everybody is called who was ever a user, by id."""
    return {user.id: user.name for user in look.execute(select(User.id, User.name))}


def _noted(look: Connection) -> dict[tuple[str, int], str]:
    """The fingerprints in the audit trail; versions of earlier programs have none there."""
    entries = select(AuditEntry.borough, AuditEntry.facts).where(AuditEntry.action == PUT_IN_FORCE)
    facts = [(borough, json.loads(text)) for borough, text in look.execute(entries)]
    return {(str(borough), one["version"]): one["sha256"] for borough, one in facts}


def _numbered(known: list[Version], number: int) -> Version:
    own = next((version for version in known if version.number == number), None)
    if own is None:
        raise NotFound
    return own


def _versions(look: Connection, slug: str) -> list[Version]:
    counts = select(Contact.rule_set_version, func.count()).where(Contact.borough == slug)
    contacts = {row[0]: row[1] for row in look.execute(counts.group_by(Contact.rule_set_version))}
    names = names_of_users(look)
    rows = list(look.execute(_rows(slug)))
    order = [row for row in rows if row.withdrawn_at is None]
    until = {row.version: then.in_force_from for row, then in pairwise(order)}
    today = clock.london_date(clock.now())
    found = [_version(row, until.get(row.version), today, contacts.get(row.version, 0), names) for row in rows]
    return sorted(found, key=lambda one: -one.number)


def _rows(slug: str) -> Any:
    withdrawn = (RuleSetWithdrawal.slug == RuleSetVersion.slug) & (RuleSetWithdrawal.version == RuleSetVersion.version)
    columns = select(RuleSetVersion.__table__, RuleSetWithdrawal.withdrawn_at, RuleSetWithdrawal.withdrawn_by)
    found = columns.outerjoin(RuleSetWithdrawal, withdrawn).where(RuleSetVersion.slug == slug)
    return found.order_by(RuleSetVersion.in_force_from, RuleSetVersion.version)


def _version(row: Row[Any], then: date | None, today: date, contacts: int, names: dict[str, str]) -> Version:
    """`then`: from when on the next version applies."""
    return Version(
        number=row.version,
        in_force_from=row.in_force_from,
        until=then - timedelta(days=1) if then else None,
        standing=_standing(row, then, today),
        loaded_at=row.loaded_at,
        by=names.get(row.loaded_by or ""),
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=names.get(row.withdrawn_by or ""),
        contacts=contacts,
        sha256=row.sha256,
    )


def _standing(row: Row[Any], then: date | None, today: date) -> Standing:
    if row.withdrawn_at is not None:
        return Standing.WITHDRAWN
    if then is not None and then <= max(today, row.in_force_from):
        return Standing.PAST
    return Standing.COMING if row.in_force_from > today else Standing.IN_FORCE
