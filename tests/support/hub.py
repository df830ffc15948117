"""A front door in a test: Northbridge's rules, people in every role, and a clock that the test sets."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from mash import clock, rulebook
from mash.accounts.users import Post, add
from mash.db import Database, metadata
from mash.permissions import FOR_REGISTERED, Actor
from mash.rulebook import Rulebook
from mash.rules.linter import problems
from mash.rules.loader import load_folder, resolved_text
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Role, Verb
from mash.workflow.contact_page import contact_page
from mash.workflow.details import DETAILS, ReceiveContact
from mash.workflow.heartbeats import SWEEP, beat
from mash.workflow.shown import ContactPage
from mash.workflow.sweep import Swept, sweep
from mash.workflow.write import Office, Outcome

CONFIG = Path(__file__).resolve().parents[2] / "config"
MONDAY = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
PEOPLE = {
    "officer": (Role.CONTACT_OFFICER, None),
    "screener": (Role.SCREENER, None),
    "decider": (Role.DECISION_MAKER, None),
    "second_decider": (Role.DECISION_MAKER, None),
    "manager": (Role.SERVICE_MANAGER, None),
    "edt": (Role.EDT, None),
    "police": (Role.DESK, "police"),
    "health": (Role.DESK, "health"),
    "education": (Role.DESK, "education"),
    "administrator": (Role.ADMINISTRATOR, None),
}


@cache
def northbridge() -> RuleSet:
    (rules,) = (r for r in load_folder(CONFIG) if r.name == "northbridge")
    return rules


def northbridge_with(**changes: object) -> RuleSet:
    """Northbridge's rules with some keys changed: `clocks__decision__on_return="pause"`; None removes a key."""
    data = json.loads(resolved_text(northbridge()))
    for path, value in changes.items():
        *above, key = path.split("__")
        part = data
        for step in above:
            part = part.setdefault(step, {})
        part[key] = value
        if value is None:
            del part[key]
    rules = RuleSet.model_validate(data)
    assert not list(problems(rules))
    return rules


def nothing_to_consider(version: int, in_force_from: date) -> RuleSet:
    """A later version of Northbridge's rules: somebody has to ask every agency, and a rule mentions every concern."""
    required = {f"agencies__{code}__required_for": ["red"] for code in ("housing", "probation", "early_help")}
    every = {
        "colour": "green",
        "when": {"any_concern": list(northbridge().concerns)},
        "because": "Some concern is there.",
    }
    dated = {"version": version, "in_force_from": in_force_from.isoformat()}
    return northbridge_with(suggestions__S10=every, **required, **dated)


def swept(db: Database, rulebook: Rulebook) -> Swept:
    """As the timers do it: with a heartbeat."""
    done = sweep(db, rulebook)
    beat(db, SWEEP, 15, 0.1)
    return done


Rows = list[tuple[Table, list[dict[str, Any]]]]
_FIRST_FILLED = [metadata.tables[name] for name in ("rule_sets", "users")]
_BEGUN: list[tuple[dict[str, Actor], Rows]] = []
"""People and rows of the first usual hub of this process, before anything happens. To hire them takes half a test."""


def rows_there(look: Connection) -> Rows:
    """Every row but the one that says what the database is for."""
    tables = [table for table in metadata.sorted_tables if table.name != "installation"]
    found = [(table, [dict(row) for row in look.execute(select(table)).mappings()]) for table in tables]
    return [(table, rows) for table, rows in found if rows]


class Hub:
    """Does what the named person does, at the hub's time; `hub.at` is moved by the test."""

    def __init__(self, db: Database, at: datetime = MONDAY, rules: RuleSet | None = None) -> None:
        self.db, self.at = db, at
        self.office = Office(db)
        with db.reading() as look:
            is_new = not any(look.execute(select(table).limit(1)).first() for table in _FIRST_FILLED)
        is_usual = is_new and rules is None and at == MONDAY
        if is_usual and _BEGUN:
            actors, there = _BEGUN[0]
            self.actors = dict(actors)
            with db.transaction() as tx:
                for table, rows in there:
                    tx.execute(insert(table), rows)
            return
        rulebook.install(db, [rules or northbridge()])
        with db.transaction() as tx:
            self.actors = {name: self._person(tx, name, role, desk) for name, (role, desk) in PEOPLE.items()}
            if is_usual:
                _BEGUN.append((dict(self.actors), rows_there(tx)))

    def person(self, name: str, role: Role, desk: str | None = None) -> Actor:
        """Somebody who may sign in."""
        with self.db.transaction() as tx:
            return self._person(tx, name, role, desk)

    def _person(self, tx: Connection, name: str, role: Role, desk: str | None) -> Actor:
        shown, post = name.replace("_", " ").title(), Post(role, ("northbridge",), desk, role in FOR_REGISTERED)
        with clock.at(self.at):
            return Actor(add(tx, name, shown, post, clock.now()), shown, role, "northbridge", desk)

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def receive(self, who: str = "officer", **fields: Any) -> str:
        given = {"children": [{"forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}], **fields}
        given.setdefault("referrer", {"name": "Yara Silva", "role": "Teacher"})
        with clock.at(self.at):
            return self.office.receive(self.actors[who], ReceiveContact.model_validate(given)).contact_id

    def do(self, who: str, verb: Verb, contact_id: str, *, version: int | None = None, **fields: Any) -> Outcome:
        with clock.at(self.at):
            details = DETAILS[verb].model_validate(fields)
            return self.office.perform(self.actors[who], verb, contact_id, details, version=version)

    def sweep(self) -> Swept:
        with clock.at(self.at):
            return swept(self.db, self.office.rulebook)

    def page(self, contact_id: str, who: str = "screener") -> ContactPage:
        return contact_page(self.db, self.actors[who], self.at, contact_id)

    def screened(self, rag: str | None = None, **fields: Any) -> str:
        """A contact in screening, or rated with a colour."""
        contact_id = self.receive(**fields)
        self.do("screener", Verb.START_SCREENING, contact_id)
        if rag:
            self.do("screener", Verb.RATE_CONTACT, contact_id, rag=rag, rationale="Threshold document applied.")
        return contact_id

    def decided(self, outcome: str = "early_help") -> str:
        """A green contact with a decision."""
        contact_id = self.screened("green", agreement={"status": "given"})
        self.do("decider", Verb.RECORD_DECISION, contact_id, outcome=outcome, rationale="Support offered.")
        return contact_id
