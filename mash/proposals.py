"""What rules is an administrator thinking of, and how do they come into force? Changed rules from text to version.

A proposal changes nothing. Put in force, it is a version like one from a file: never changed, on record, for contacts
received from a day to come on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from mash import clock
from mash.accounts.purpose import is_demo
from mash.db import Database
from mash.errors import BadInput, NotFound, Refused
from mash.models.base import new_id
from mash.models.time import RuleProposal
from mash.permissions import Actor, Permission, require
from mash.rule_versions import names_of_users
from mash.rulebook import Rulebook, next_version, put_in_force, standing, why_not
from mash.rules import contract
from mash.rules.changes import changes
from mash.rules.loader import fingerprint, from_text, load_text, resolved_text
from mash.rules.names import Problem
from mash.rules.ruleset import RuleSet
from mash.rules.written import as_file
from mash.workflow.turns import hold_turn

TEXT = "Your text"
"""What the text is called in messages."""
LONGEST = timedelta(days=731)
"""How far ahead rules can be put in force: what lies further is a slip of the keyboard."""


@dataclass(frozen=True)
class Listed:
    """A proposal in a list. `version` is what it became, once it was put in force."""

    id: str
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    version: int | None

    @property
    def is_open(self) -> bool:
        """Whether it can still be put in force or thrown away."""
        return self.ended_at is None


@dataclass(frozen=True)
class Proposal:
    """One proposal: the text as it was written, the whole rule set, and the rules that it would follow.

    `earliest`: the first day from which it can be put in force.
    """

    listed: Listed
    text: str
    rules: RuleSet
    before: RuleSet | None
    earliest: date

    @property
    def changes(self) -> list[str]:
        """What would be different from the version before."""
        return changes(self.before, self.rules) if self.before else []

    @property
    def fingerprint(self) -> str:
        """Of the text that goes on record."""
        return fingerprint(resolved_text(self.rules))

    @property
    def last_day_to_withdraw(self) -> date:
        """The day before it comes into force."""
        return self.rules.in_force_from - timedelta(days=1)

    def from_day(self, day: date) -> "Proposal":
        """As it would be, put in force from this day on."""
        return replace(self, rules=_from(self.rules, day))


def text_to_start_from(db: Database, book: Rulebook, actor: Actor, version: int | None = None) -> str:
    """A version of the borough's rules (the newest, where none is named) as a file, with the number of the next one.

    Raises NotFound where there is no such version, Refused where there is none at all.
    """
    require(actor, Permission.CHANGE_RULES)
    with db.reading() as look:
        try:
            rules = book.version(look, actor.borough, version) if version else _newest(look, book, actor.borough)
        except KeyError:
            raise NotFound from None
        if rules is None:
            raise Refused("Your borough has no rules yet. docs/add-a-borough.md says how to write the first.")
        again = {"version": next_version(look, actor.borough), "in_force_from": _earliest(look, actor.borough)}
        return as_file(rules.model_copy(update=again))


def propose(db: Database, config: Path, actor: Actor, text: bytes) -> str:
    """Keep changed rules as a proposal; its id. Raises BadInput with every problem and its line, and keeps nothing."""
    require(actor, Permission.CHANGE_RULES)
    with db.reading() as look:
        number, demonstration = next_version(look, actor.borough), is_demo(look)

    def also(rules: RuleSet) -> Iterator[Problem]:
        return _out_of_place(rules, actor.borough, number, demonstration=demonstration)

    rules = load_text(text, TEXT, config, also)
    if broken := contract.broken(rules):
        raise BadInput(*(f"{TEXT}: {sentence}" for sentence in broken))
    row = {"id": new_id(), "borough": actor.borough, "text": _plain(text), "resolved": resolved_text(rules)}
    with db.transaction() as tx:
        tx.execute(insert(RuleProposal).values(**row, made_by=actor.user_id, made_at=clock.now()))
    return row["id"]


def _out_of_place(rules: RuleSet, borough: str, number: int, *, demonstration: bool) -> Iterator[Problem]:
    """What may stand in a file, and not in the next version of this borough's rules."""
    if rules.name != borough:
        yield ("name",), f"`{rules.name}` is not your borough. Write `{borough}`."
    if rules.version != number:
        yield ("version",), f"has to be the next number. Write `{number}`."
    if rules.invented and not demonstration:
        yield ("invented",), "rules of an invented borough are never put in a live database. Remove the line."


def proposals(db: Database, actor: Actor) -> list[Listed]:
    """Those of the actor's borough that are open, the latest first."""
    require(actor, Permission.CHANGE_RULES)
    with db.reading() as look:
        wanted = _of(actor).where(RuleProposal.ended_at.is_(None))
        names = names_of_users(look)
        return [_listed(row, names) for row in look.execute(wanted.order_by(RuleProposal.made_at.desc()))]


def proposal(db: Database, book: Rulebook, actor: Actor, proposal_id: str) -> Proposal:
    """One of the actor's borough. Raises NotFound."""
    require(actor, Permission.CHANGE_RULES)
    with db.reading() as look:
        row = look.execute(_of(actor).where(RuleProposal.id == proposal_id)).first()
        if row is None:
            raise NotFound
        rules = from_text(row.resolved)
        before = _newest(look, book, actor.borough, below=rules.version)
        earliest = _earliest(look, actor.borough)
        return Proposal(_listed(row, names_of_users(look)), row.text, rules, before, earliest)


def throw_away(db: Database, actor: Actor, proposal_id: str) -> None:
    """Nothing comes of it. Raises NotFound, and Refused where it has ended."""
    require(actor, Permission.CHANGE_RULES)
    with db.transaction() as tx:
        _open(tx, actor, proposal_id)
        _end(tx, actor, proposal_id, None)


def put_proposal_in_force(
    db: Database, actor: Actor, proposal_id: str, day: date, request_id: str | None = None
) -> int:
    """From this London date on contacts follow it; the number of the version. Raises NotFound, or Refused with why."""
    require(actor, Permission.CHANGE_RULES)
    with db.transaction() as tx:
        hold_turn(tx, actor.borough)
        rules = _from(from_text(_open(tx, actor, proposal_id).resolved), day)
        earliest, number = _earliest(tx, actor.borough), next_version(tx, actor.borough)
        if rules.version != number:
            raise Refused(
                f"Meanwhile another version was put in force. Write `version: {number}` into the text and propose it "
                "again: what it changes has to be looked at anew."
            )
        if reason := why_not_from(day, earliest):
            raise Refused(reason)
        if reasons := why_not(tx, rules):
            raise Refused(*reasons)
        put_in_force(tx, rules, actor, request_id)
        _end(tx, actor, proposal_id, number)
        return number


def why_not_from(day: date, earliest: date) -> str | None:
    """Why rules cannot be put in force from this day on; None where they can."""
    if day < earliest:
        return f"Rules can be put in force from {earliest:%-d %B %Y} at the earliest: what has begun is not changed."
    if day > earliest + LONGEST:
        return f"Choose a day before {earliest + LONGEST:%-d %B %Y}. Check the year."
    return None


def _earliest(look: Connection, borough: str) -> date:
    """Tomorrow, in London; or when the last version begins, where that is still to come."""
    begins: list[date] = [row.in_force_from for row in look.execute(standing(borough))]
    return max([clock.london_date(clock.now()) + timedelta(days=1), *begins])


def _newest(look: Connection, book: Rulebook, borough: str, below: int | None = None) -> RuleSet | None:
    numbers = [row.version for row in look.execute(standing(borough)) if below is None or row.version < below]
    return book.version(look, borough, max(numbers)) if numbers else None


def _from(rules: RuleSet, day: date) -> RuleSet:
    return rules.model_copy(update={"in_force_from": day})


def _plain(text: bytes) -> str:
    return text.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _of(actor: Actor) -> Select[Any]:
    return select(RuleProposal.__table__).where(RuleProposal.borough == actor.borough)


def _open(tx: Connection, actor: Actor, proposal_id: str) -> Row[Any]:
    """The proposal, locked. Raises NotFound, and Refused where it has ended."""
    row = tx.execute(_of(actor).where(RuleProposal.id == proposal_id).with_for_update()).first()
    if row is None:
        raise NotFound
    if row.ended_at is not None:
        what = "was thrown away" if row.version is None else f"was put in force as version {row.version}"
        raise Refused(f"This proposal {what} already.")
    return row


def _end(tx: Connection, actor: Actor, proposal_id: str, version: int | None) -> None:
    values = {"ended_by": actor.user_id, "ended_at": clock.now(), "version": version}
    tx.execute(update(RuleProposal).where(RuleProposal.id == proposal_id).values(values))


def _listed(row: Row[Any], names: dict[str, str]) -> Listed:
    by = names.get(row.ended_by or "")
    return Listed(row.id, names[row.made_by], row.made_at, by, row.ended_at, row.version)
