"""Which rules apply? Rule sets as rows: loaded from files once, never changed in force, kept as long as a contact."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from mash import clock
from mash.db import Database
from mash.errors import BadInput
from mash.models.time import LateBankHoliday, RuleSetVersion
from mash.rules.in_force import none_in_force
from mash.rules.loader import fingerprint, from_text, resolved_text
from mash.rules.ruleset import RuleSet
from mash.workflow.clocks import BankHoliday


def kept_out(rules: RuleSet, *, demonstration: bool) -> bool:
    """Whether a database must not hold these rules: figures that nobody has confirmed; what is invented, if it is live.

    A demonstration has no people of another borough, so unconfirmed rules would only stand about in it.
    """
    return rules.unconfirmed or (rules.invented and not demonstration)


def install(db: Database, rule_sets: Iterable[RuleSet]) -> list[str]:
    """Put versions that the database does not have yet in it; names of those added.

    Raises BadInput where a file differs from the version of the same number that is already there: what is in force
    is never changed, a new version is added instead.
    """
    added = []
    with db.transaction() as tx:
        for rules in rule_sets:
            text = resolved_text(rules)
            same = (RuleSetVersion.slug == rules.name) & (RuleSetVersion.version == rules.version)
            there = tx.execute(select(RuleSetVersion.resolved).where(same)).scalar()
            if there is None and _add(tx, rules, text):
                added.append(rules.full_name)
            elif there is not None and from_text(there) != rules:
                raise BadInput(
                    f"{rules.full_name}: the file differs from the version that is in force in this database. "
                    f"Give the changed rules `version: {rules.version + 1}` and a later `in_force_from`."
                )
    return added


def _add(tx: Connection, rules: RuleSet, text: str) -> bool:
    """Whether we added it: several processes may start at once, and one of them is first."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    row = dialect.insert(RuleSetVersion).values(_row(rules, text)).on_conflict_do_nothing()
    return tx.execute(row.returning(RuleSetVersion.version)).first() is not None


def _row(rules: RuleSet, text: str) -> dict[str, object]:
    return {
        "slug": rules.name,
        "version": rules.version,
        "in_force_from": rules.in_force_from,
        "sha256": fingerprint(text),
        "resolved": text,
        "loaded_at": clock.now(),
    }


class Rulebook:
    """The rule sets of a database. A version never changes, so it is read once."""

    @cached_property
    def _read(self) -> dict[tuple[str, int], RuleSet]:
        return {}

    def version(self, tx: Connection, slug: str, version: int) -> RuleSet:
        """One version of a borough's rules. Raises KeyError where the database has no such version."""
        if (slug, version) not in self._read:
            text = tx.execute(
                select(RuleSetVersion.resolved).where(RuleSetVersion.slug == slug, RuleSetVersion.version == version)
            ).scalar()
            if text is None:
                raise KeyError((slug, version))
            self._read[slug, version] = from_text(text)
        return self._read[slug, version]

    def in_force(self, tx: Connection, slug: str, on: date) -> RuleSet:
        """The rules in force on a London date. Raises Refused where there are none yet."""
        versions = select(RuleSetVersion.version).where(RuleSetVersion.slug == slug, RuleSetVersion.in_force_from <= on)
        newest = versions.order_by(RuleSetVersion.in_force_from.desc(), RuleSetVersion.version.desc()).limit(1)
        found = tx.execute(newest).scalar()
        if found is None:
            raise none_in_force(slug, on)
        return self.version(tx, slug, found)

    def coming(self, tx: Connection, slug: str, on: date) -> list[RuleSet]:
        """Versions that come into force after a London date, the first to come first."""
        later = select(RuleSetVersion.version).where(RuleSetVersion.slug == slug, RuleSetVersion.in_force_from > on)
        in_order = later.order_by(RuleSetVersion.in_force_from, RuleSetVersion.version)
        return [self.version(tx, slug, version) for version in tx.execute(in_order).scalars().all()]

    def versions(self, tx: Connection, slug: str) -> list[tuple[int, date]]:
        """Every version of a borough's rules with the day from which it is in force, the latest first."""
        own = select(RuleSetVersion.version, RuleSetVersion.in_force_from).where(RuleSetVersion.slug == slug)
        found = tx.execute(own.order_by(RuleSetVersion.in_force_from.desc(), RuleSetVersion.version.desc()))
        return [(row.version, row.in_force_from) for row in found]

    def boroughs(self, tx: Connection) -> list[str]:
        """Every borough that has rules."""
        return list(tx.execute(select(RuleSetVersion.slug).distinct().order_by(RuleSetVersion.slug)).scalars())

    @staticmethod
    def late_names(tx: Connection, borough: str) -> dict[date, str]:
        """What each bank holiday announced late to a borough is called."""
        rows = select(LateBankHoliday.day, LateBankHoliday.name).where(LateBankHoliday.borough == borough)
        return {row.day: row.name for row in tx.execute(rows.order_by(LateBankHoliday.day))}

    @staticmethod
    def late_holidays(tx: Connection, borough: str) -> list[BankHoliday]:
        """Bank holidays announced late to a borough, in the order in which they became known."""
        rows = select(LateBankHoliday.announced_at, LateBankHoliday.day).where(LateBankHoliday.borough == borough)
        return [BankHoliday(*row) for row in tx.execute(rows.order_by(LateBankHoliday.number))]
