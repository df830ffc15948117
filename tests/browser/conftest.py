"""A browser, a server over each database, and the people of a small demonstration."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, sync_playwright

from mash import rulebook
from mash.accounts.users import create_user
from mash.db import Database
from mash.permissions import FOR_REGISTERED, Actor
from mash.rulebook import Rulebook
from mash.settings import Settings
from mash.vocabulary import Role
from mash.workflow.sweep import Swept
from mash.workflow.write import Office
from tests.conftest import MakeDatabase, databases_of
from tests.support.browser import launch_options
from tests.support.hub import northbridge, swept
from tests.support.serving import served
from tests.support.watching import Person

PEOPLE = {
    "Nadia Quill": (Role.CONTACT_OFFICER, None),
    "Sam Whitlock": (Role.SCREENER, None),
    "Iris Calloway": (Role.DECISION_MAKER, None),
    "Ravi Stone": (Role.DECISION_MAKER, None),
    "Grace Hollow": (Role.SERVICE_MANAGER, None),
    "Jo Harker": (Role.DESK, "police"),
    "Pat Lindqvist": (Role.DESK, "health"),
    "Eli Marsh": (Role.DESK, "education"),
    "Bea Thorne": (Role.ADMINISTRATOR, None),
}


@dataclass
class Door:
    """A front door that is open: its address, its records, and who works there."""

    address: str
    db: Database
    office: Office
    actors: dict[str, Actor]

    def sweep(self) -> Swept:
        return swept(self.db, Rulebook())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@contextmanager
def opened(db: Database) -> Iterator[Door]:
    """A front door over an empty demonstration, with rules and people."""
    rulebook.install(db, [northbridge()])
    actors = {name: _hired(db, name, role, desk) for name, (role, desk) in PEOPLE.items()}
    with served(db, Settings(insecure_http=True)) as address:
        yield Door(address, db, Office(db), actors)


@pytest.fixture(params=["sqlite"])
def make_database(request: pytest.FixtureRequest) -> Iterator[MakeDatabase]:
    """What a page does in a browser does not depend on the database; what it does in the server is tested on both."""
    yield from databases_of(request)


WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize(
    ("make_database", "scripted"),
    [("sqlite", True), ("postgresql", False)],
    indirect=["make_database"],
    ids=["with-script", "without-script"],
)
"""For what must be possible without a script too: once with it on SQLite, once without it on PostgreSQL."""


@pytest.fixture
def door(make_database: MakeDatabase) -> Iterator[Door]:
    with opened(make_database("demo")) as door:
        yield door


def _hired(db: Database, name: str, role: Role, desk: str | None) -> Actor:
    user_id = create_user(db, name.split()[0], name, role, ["northbridge"], desk, registered=role in FOR_REGISTERED)
    return Actor(user_id, name, role, "northbridge", desk)


@pytest.fixture
def person(chromium: Browser, door: Door) -> Iterator[Callable[..., Person]]:
    """Makes people with browsers of their own. At the end nobody may have met anything that was wrong."""
    people: list[Person] = []

    def make(name: str | None, *, scripted: bool = True) -> Person:
        people.append(Person.at(chromium, door.address, scripted=scripted))
        if name is not None:
            people[-1].sign_in(name)
        return people[-1]

    yield make
    for one in people:
        one.context.close()
    assert [complaint for one in people for complaint in one.complaints] == []
