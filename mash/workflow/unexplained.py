"""What was out of timescale, is over, and nobody has said why? For those who may say it. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from mash.agencies.visibility import visible_contacts
from mash.db import Database
from mash.models.contact import Contact
from mash.models.time import Deadline
from mash.permissions import Actor, Permission, allowed, require
from mash.rulebook import Rulebook
from mash.vocabulary import Verb

LOOKS_BACK = timedelta(days=28)
MOST_SHOWN = 50


@dataclass(frozen=True)
class Unexplained:
    """One deadline that was missed: of which contact, what had to be done, when it was due."""

    contact_id: str
    reference: str
    label: str
    due_at: datetime


def unexplained(db: Database, rulebook: Rulebook, actor: Actor, now: datetime) -> list[Unexplained]:
    """The latest first, four weeks back, so many at most; nothing for who may not say why. Raises NotPermitted."""
    require(actor, Permission.VIEW_ALERTS)
    if not allowed(actor, Verb.RESOLVE_BREACH):
        return []
    columns = (Contact.id, Contact.reference, Contact.rule_set, Contact.rule_set_version)
    missed = (
        select(*columns, Deadline.clock, Deadline.agency, Deadline.due_at)
        .join(Deadline, (Deadline.borough == Contact.borough) & (Deadline.contact_id == Contact.id))
        .where(
            Contact.id.in_(visible_contacts(actor)),
            Deadline.borough == actor.borough,
            Deadline.breached_at >= now - LOOKS_BACK,
            Deadline.resolved_at.is_(None),
            Deadline.annulled_at.is_(None),
            or_(Deadline.met_at.is_not(None), Deadline.cancelled_at.is_not(None)),
        )
    )
    found = []
    with db.reading() as look:
        for row in look.execute(missed.order_by(Deadline.breached_at.desc()).limit(MOST_SHOWN)):
            rules = rulebook.version(look, row.rule_set, row.rule_set_version)
            agency = f"{rules.agencies[row.agency].label}: " if row.agency else ""
            found.append(Unexplained(row.id, row.reference, f"{agency}{rules.clocks[row.clock].label}", row.due_at))
    return found
