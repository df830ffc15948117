"""Which rules apply? Rule sets as rows: put in force once, never changed, kept as long as a contact."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, insert, select

from mash import audit, clock
from mash.db import Database
from mash.errors import BadInput, Refused, Unsafe
from mash.models.contact import Contact
from mash.models.time import LateBankHoliday, RuleSetVersion, RuleSetWithdrawal
from mash.permissions import Actor
from mash.rules.calendars import instant
from mash.rules.changes import changes
from mash.rules.in_force import none_in_force
from mash.rules.loader import fingerprint, from_text, resolved_text, same
from mash.rules.ruleset import RuleSet
from mash.workflow.clocks import BankHoliday
from mash.workflow.turns import hold_turn

PUT_IN_FORCE = "rules_put_in_force"
_SHOWN = 3
_DAY = timedelta(days=1)


class _Begins(NamedTuple):
    version: int
    in_force_from: date


V = RuleSetVersion
IS_WITHDRAWN = (
    select(RuleSetWithdrawal.version)
    .where(RuleSetWithdrawal.slug == V.slug, RuleSetWithdrawal.version == V.version)
    .exists()
)
"""Of a row of `rule_sets`: whether that version was withdrawn before it came into force."""


def kept_out(rules: RuleSet, *, demonstration: bool) -> bool:
    """Whether a database must not hold these rules: figures that nobody has confirmed; what is invented, if it is live.

    A demonstration has no people of another borough, so unconfirmed rules would only stand about in it.
    """
    return rules.unconfirmed or (rules.invented and not demonstration)


def install(db: Database, rule_sets: Iterable[RuleSet]) -> list[str]:
    """Put versions that the database does not have yet in it; names of those added.

    Raises BadInput with every reason where a file differs from the version of the same number that is already there
    (what is in force is never changed, a new version is added instead), or where a new one does not fit those there.
    """
    added: list[str] = []
    reasons: list[str] = []
    with db.transaction() as tx:
        for rules in sorted(rule_sets, key=lambda rules: (rules.name, rules.version)):
            hold_turn(tx, rules.name)  # nobody receives a contact meanwhile
            there = tx.execute(_texts().where(V.slug == rules.name, V.version == rules.version)).first()
            found = why_not(tx, rules) if there is None else _why_changed(tx, rules, _read(there))
            reasons += found
            if there is None and not found:
                put_in_force(tx, rules)
                added.append(rules.full_name)
        if reasons:
            raise BadInput(*reasons)
    return added


def _why_changed(tx: Connection, rules: RuleSet, there: RuleSet) -> list[str]:
    """Compared as this program reads both: a key that came later does not make a stored version another one."""
    if same(rules, there):
        return []
    found = changes(there, rules)
    more = [f"And {len(found) - _SHOWN} more."] if len(found) > _SHOWN else []
    return [
        f"{rules.full_name}: the file differs from the version that is in force in this database: "
        f"{' '.join([*found[:_SHOWN], *more])} What is in force is never changed. Give the changed rules "
        f"`version: {next_version(tx, rules.name)}` and an `in_force_from` from {_tomorrow()} on, and keep the file "
        f"of version {rules.version} as it was (`mash rules show {rules.name} --version {rules.version} --as-loaded`)."
    ]


def why_not(tx: Connection, rules: RuleSet) -> list[str]:
    """Every reason why this version cannot be added to those of its borough that are there."""
    others = [_Begins(*row) for row in tx.execute(standing(rules.name)) if row.version != rules.version]
    return [*_out_of_order(rules, others)] or [*_too_late(tx, rules, others)]


def _out_of_order(rules: RuleSet, others: list[_Begins]) -> Iterator[str]:
    """A higher number never begins before a lower one."""
    since = rules.in_force_from
    for other in others:
        if other.version < rules.version and since < other.in_force_from:
            yield (
                f"{rules.full_name}: `in_force_from: {since}` lies before that of version {other.version}. "
                f"Write {other.in_force_from} or later."
            )
        if other.version > rules.version and since > other.in_force_from:
            yield (
                f"{rules.full_name}: `in_force_from: {since}` lies after that of version {other.version}, which is "
                f"there already. Give it a `version` above {max(row.version for row in others)}."
            )


def _too_late(tx: Connection, rules: RuleSet, others: list[_Begins]) -> Iterator[str]:
    """It would apply to days on which contacts were received that follow another version: a replay would differ."""
    later = min((row.in_force_from for row in others if row.version > rules.version), default=None)
    last = tx.execute(
        select(func.max(Contact.received_at)).where(
            Contact.rule_set == rules.name,
            Contact.rule_set_version != rules.version,
            Contact.received_at >= _begins(rules.in_force_from),
            *([Contact.received_at < _begins(later)] if later else []),
        )
    ).scalar()
    if last is not None:
        day = max(clock.london_date(last) + _DAY, _tomorrow())
        yield (
            f"{rules.full_name}: `in_force_from: {rules.in_force_from}` cannot be, for since then contacts have been "
            f"received under another version, which they keep. Write `in_force_from: {day}` or later."
        )


def put_in_force(tx: Connection, rules: RuleSet, actor: Actor | None = None, request_id: str | None = None) -> None:
    """Add a version, on record in the borough's audit stream. The caller holds the borough's turn and asked `why_not`.

    `actor` is who did it in the browser; None, where it came from a file.
    """
    text, now = resolved_text(rules), clock.now()
    row = {"slug": rules.name, "version": rules.version, "in_force_from": rules.in_force_from}
    by = actor.user_id if actor else None
    tx.execute(insert(V).values(**row, sha256=fingerprint(text), resolved=text, loaded_at=now, loaded_by=by))
    facts = {"version": rules.version, "in_force_from": rules.in_force_from, "sha256": fingerprint(text)}
    on_record(tx, PUT_IN_FORCE, rules.name, facts, actor, request_id)


def on_record(
    tx: Connection, action: str, slug: str, facts: dict[str, Any], actor: Actor | None, request_id: str | None = None
) -> None:
    """What was done with a borough's rules, in its audit stream."""
    stream = f"borough:{slug}"
    audit.record(
        tx, stream, at=clock.now(), action=action, actor=actor, facts=facts, borough=slug, request_id=request_id
    )


def next_version(tx: Connection, slug: str) -> int:
    """The number that a new version has to have: one above all that there ever were, also those withdrawn."""
    return (tx.execute(select(func.max(V.version)).where(V.slug == slug)).scalar() or 0) + 1


def standing(slug: str | BindParameter[str]) -> Select[int, date]:
    """A borough's versions that were not withdrawn, in the order in which they apply."""
    columns = select(V.version, V.in_force_from)
    return columns.where(V.slug == slug, ~IS_WITHDRAWN).order_by(V.in_force_from, V.version)


_BEGUN = standing(bindparam("slug")).where(V.in_force_from <= bindparam("on"))
_LATE = (
    select(LateBankHoliday.announced_at, LateBankHoliday.day)
    .where(LateBankHoliday.borough == bindparam("borough"))
    .order_by(LateBankHoliday.number)
)


class Rulebook:
    """The rule sets of a database. A version never changes, so it is read once."""

    @cached_property
    def _read(self) -> dict[tuple[str, int], RuleSet]:
        return {}

    def version(self, tx: Connection, slug: str, version: int) -> RuleSet:
        """One version of a borough's rules, also one that was withdrawn.

        Raises KeyError where the database has no such version, Unsafe where its text was altered.
        """
        if (slug, version) not in self._read:
            row = tx.execute(_texts().where(V.slug == slug, V.version == version)).first()
            if row is None:
                raise KeyError((slug, version))
            self._read[slug, version] = _read(row)
        return self._read[slug, version]

    def in_force(self, tx: Connection, slug: str, on: date) -> RuleSet:
        """The rules in force on a London date. Raises Refused where there are none yet, and says from when."""
        begun = [row.version for row in tx.execute(_BEGUN, {"slug": slug, "on": on})]
        if not begun:
            first = tx.execute(standing(slug)).first()
            raise none_in_force(slug, on, first.in_force_from if first else None)
        return self.version(tx, slug, begun[-1])

    def title(self, tx: Connection, slug: str, on: date) -> str:
        """The borough's name in words, by the rules in force on a London date; without them, its code."""
        try:
            return self.in_force(tx, slug, on).title
        except Refused:
            return slug.capitalize()

    def coming(self, tx: Connection, slug: str, on: date) -> list[RuleSet]:
        """Versions that come into force after a London date, the first to come first."""
        later = [row.version for row in tx.execute(standing(slug).where(V.in_force_from > on))]
        return [self.version(tx, slug, version) for version in later]

    def versions(self, tx: Connection, slug: str) -> list[tuple[int, date]]:
        """Every version of a borough's rules that was not withdrawn, with its first day, the latest first."""
        return [(row.version, row.in_force_from) for row in tx.execute(standing(slug))][::-1]

    def boroughs(self, tx: Connection) -> list[str]:
        """Every borough that has rules."""
        return list(tx.execute(select(V.slug).distinct().order_by(V.slug)).scalars())

    @staticmethod
    def late_names(tx: Connection, borough: str) -> dict[date, str]:
        """What each bank holiday announced late to a borough is called."""
        rows = select(LateBankHoliday.day, LateBankHoliday.name).where(LateBankHoliday.borough == borough)
        return {row.day: row.name for row in tx.execute(rows.order_by(LateBankHoliday.day))}

    @staticmethod
    def late_holidays(tx: Connection, borough: str) -> list[BankHoliday]:
        """Bank holidays announced late to a borough, in the order in which they became known."""
        return [BankHoliday(*row) for row in tx.execute(_LATE, {"borough": borough})]


def text_of(tx: Connection, rules: RuleSet) -> str:
    """The text of a version as it is stored, to the letter."""
    wanted = _texts().where(V.slug == rules.name, V.version == rules.version)
    return str(tx.execute(wanted).one().resolved)


def is_withdrawn(tx: Connection, rules: RuleSet) -> bool:
    """Whether this version was withdrawn before it came into force."""
    return (
        tx.execute(_texts().where(V.slug == rules.name, V.version == rules.version, IS_WITHDRAWN)).first() is not None
    )


def _texts() -> Select[str, int, str, str]:
    return select(V.slug, V.version, V.resolved, V.sha256)


def _read(row: Row[str, int, str, str]) -> RuleSet:
    """The rules of a row. Raises Unsafe where they are not those that were put in force."""
    if fingerprint(row.resolved) != row.sha256:
        raise Unsafe(
            f"The rules {row.slug}@{row.version} were altered in the database after they were put in force: their text "
            "does not have its fingerprint any more. Nothing is counted by them. Run `mash doctor` and `mash audit "
            "verify`, and restore the table rule_sets from a backup."
        )
    try:
        return from_text(row.resolved)
    except ValueError:
        raise Unsafe(
            f"The rules {row.slug}@{row.version} were stored by another program than this and cannot be read by it. "
            "Install the version that stored them, and tell the makers."
        ) from None


def _begins(day: date) -> datetime:
    return datetime.fromtimestamp(instant(day, 0), UTC)


def _tomorrow() -> date:
    return clock.london_date(clock.now()) + _DAY


def _written(day: date) -> str:
    return f"{day:%-d %B %Y}"
