"""Which rule sets can be compared here, and over what work? Reads a database; writes nothing anywhere.

The work stays in memory and without words, addresses and referrers (export.py). What differs: compare.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, func, select

from mash.agencies.visibility import visible_contacts
from mash.clock import LONDON
from mash.comparing.compare import compare
from mash.comparing.compared import Comparison
from mash.db import Database
from mash.errors import BadInput
from mash.export import export_since
from mash.models.contact import Contact
from mash.models.time import LateBankHoliday
from mash.permissions import Actor, Permission, allowed
from mash.recording_file import Line, checked
from mash.rulebook import Rulebook, standing
from mash.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Offer:
    """A rule set that can be compared: its name as `rules_named` takes it, and since when it is in force.

    `proposed`: it is not in force, and has a name of its own.
    """

    name: str
    version: int
    in_force_from: date
    proposed: bool = False


def offers(look: Connection, borough: str) -> list[Offer]:
    """The versions of a borough's rules that were not withdrawn, the newest first."""
    found = [
        Offer(f"{borough}@{row.version}", row.version, row.in_force_from) for row in look.execute(standing(borough))
    ]
    return found[::-1]


def rules_named(look: Connection, rulebook: Rulebook, name: str, today: date) -> RuleSet:
    """`northbridge@2`, or `northbridge` for the version in force. Raises BadInput where there is none."""
    borough, at, version = name.partition("@")
    known = rulebook.boroughs(look)
    if borough not in known:
        there = f"There are {', '.join(known)}." if known else "It has no rules yet."
        raise BadInput(f"{name}: the database has no rules of “{borough}”. {there}")
    if not at:
        return rulebook.in_force(look, borough, today)
    numbers = [offer.version for offer in offers(look, borough)]
    if version not in map(str, numbers):
        raise BadInput(f"{name}: there is no such version. There are {', '.join(map(str, sorted(numbers)))}.")
    return rulebook.version(look, borough, int(version))


def compare_record(db: Database, old: RuleSet, new: RuleSet, since: date, until: datetime) -> Comparison:
    """The contacts of the old rules' borough received since a London date, under both; clocks run to `until`."""
    begins = datetime.combine(since, time(), LONDON).astimezone(UTC)
    lines = _lines(db, old.name, begins)
    return compare(lines, old, new, since, until, all_done=True)


def _lines(db: Database, borough: str, begins: datetime) -> list[Line]:
    return checked(export_since(db, borough, begins), [borough], "the record")


def head_of_record(look: Connection, borough: str) -> tuple[int, ...]:
    """Numbers that change with every act on a borough's contacts and with every bank holiday announced to it."""
    contacts = select(func.count(), func.coalesce(func.sum(Contact.version), 0)).where(Contact.borough == borough)
    holidays = select(func.count()).select_from(LateBankHoliday).where(LateBankHoliday.borough == borough)
    count, versions = look.execute(contacts).one()
    return count, int(versions), look.execute(holidays).scalar_one()


def ids_of(look: Connection, actor: Actor, references: Sequence[str]) -> dict[str, str]:
    """The ids of these contacts, of those that the actor may open."""
    if not allowed(actor, Permission.VIEW_CONTACT):
        return {}
    rows = visible_contacts(actor).with_only_columns(Contact.reference, Contact.id)
    return {row.reference: row.id for row in look.execute(rows.where(Contact.reference.in_(references)))}
