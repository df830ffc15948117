"""The reference lifecycle: one contact from its receipt to its end, seventeen durable transactions by seven people."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from mash import clock, rulebook
from mash.accounts.users import create_user
from mash.db import Database
from mash.permissions import FOR_REGISTERED, Actor
from mash.rules.loader import load_file
from mash.rules.ruleset import RuleSet
from mash.settings import ROOT
from mash.vocabulary import Role, Verb
from mash.workflow.details import DETAILS, ReceiveContact
from mash.workflow.write import Office

BEGINS = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
CONFIG = ROOT / "config"
OFFICES = (Role.CONTACT_OFFICER, Role.SCREENER, Role.DECISION_MAKER, Role.SERVICE_MANAGER)
DESKS = ("police", "health", "education", "housing")
ARRIVAL = {
    "kind": "referral",
    "channel": "online_form",
    "source": "2A",
    "referrer": {"name": "Yara Silva", "role": "Teacher", "email": "y.silva@school.example"},
    "concerns": ["neglect"],
    "agreement": {"status": "given"},
    "narrative": "Hungry again today; nobody has answered the door for a week.",
}
Step = tuple[str, Verb, dict[str, Any]]
STEPS: tuple[Step, ...] = (
    ("contact_officer", Verb.ACKNOWLEDGE, {}),
    ("screener", Verb.START_SCREENING, {}),
    ("screener", Verb.RATE_CONTACT, {"rag": "green", "rationale": "One descriptor."}),
    ("screener", Verb.RATE_CONTACT, {"rag": "amber", "rationale": "The school called again."}),
    *(("screener", Verb.REQUEST_INFORMATION, {"agencies": [agency]}) for agency in DESKS),
    *(
        (agency, Verb.RETURN_INFORMATION, {"agency": agency, "reply": "nothing_known", "handling": "hub_only"})
        for agency in DESKS
    ),
    ("decision_maker", Verb.RECORD_DECISION, {"outcome": "no_further_action", "rationale": "Support is there."}),
    ("service_manager", Verb.SIGN_OFF, {"agree": True, "comment": "Agreed."}),
    ("contact_officer", Verb.GIVE_FEEDBACK, {"to": "referrer", "note": "Told what was decided."}),
    ("decision_maker", Verb.CLOSE, {"reason": "Nothing more to do."}),
)


class Ours:
    """The engine over one database, with one person in each office and at each desk of a borough: Northbridge.

    A process has one engine: who has several boroughs gives it to each.
    """

    def __init__(self, db: Database, rules: RuleSet | None = None, office: Office | None = None) -> None:
        self.office = office or Office(db)
        self.rules = rules or load_file(CONFIG / "boroughs" / "northbridge.yaml", CONFIG)
        rulebook.install(db, [self.rules])
        with clock.at(BEGINS):
            people = [(role.value, role, None) for role in OFFICES] + [(desk, Role.DESK, desk) for desk in DESKS]
            self.actors = {name: self._person(name, role, desk) for name, role, desk in people}

    def _person(self, name: str, role: Role, desk: str | None) -> Actor:
        borough, shown = self.rules.name, name.capitalize()
        who = create_user(
            self.office.db, f"{borough}-{name}", shown, role, [borough], desk, registered=role in FOR_REGISTERED
        )
        return Actor(who, shown, role, borough, desk)

    def live(self, number: int) -> str:
        """One contact to its end; its id."""
        return list(self.steps(number))[-1]

    def begun(self, number: int, at: datetime) -> str:
        """One contact that is rated and waits; its id."""
        return list(itertools.islice(self.steps(number, at), 4))[-1]

    def steps(
        self, number: int, at: datetime = BEGINS, every: timedelta = timedelta(minutes=4), **arrival: Any
    ) -> Iterator[str]:
        """The contact's id after each of its steps. It has a child of its own, unless `arrival` says otherwise."""
        child = {"forename": "Tiana", "surname": f"Mockford{number}", "date_of_birth": "2015-06-22"}
        with clock.at(at):
            details = ReceiveContact.model_validate(ARRIVAL | {"children": [child]} | arrival)
            contact = self.office.receive(self.actors["contact_officer"], details, key=f"form-{number:09}").contact_id
        yield contact
        for who, verb, fields in STEPS:
            at += every
            with clock.at(at):
                self.office.perform(self.actors[who], verb, contact, DETAILS[verb].model_validate(fields))
            yield contact


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile; its beginnings and ends of transactions are not counted."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
