"""The house of docker-compose.yml at work: two web processes behind a proxy with TLS, two timers, one PostgreSQL.

Everything is started by the file's own commands (`tests.support.compose`). The proxy asks the web processes in turn,
request by request, so that nothing that a page needs may live in one of them.
"""

import re
import shlex
import shutil
import time
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from playwright.sync_api import Browser
from sqlalchemy import select

from mash import audit_check, clock
from mash.accounts.users import create_user
from mash.accounts.vault import Vault
from mash.db import Database
from mash.models.time import Alert
from mash.permissions import FOR_REGISTERED, Actor
from mash.rulebook import Rulebook
from mash.vocabulary import Role, Verb
from mash.workflow.details import DETAILS, ReceiveContact
from mash.workflow.write import Office
from tests.browser.conftest import PEOPLE
from tests.browser.stops import in_by_password
from tests.browser.test_journey import worked_to_close
from tests.browser.test_night_and_manager import handed_over, taken_on_and_handed
from tests.browser.touring import Visitor
from tests.support import tls
from tests.support.compose import FILE, House, started
from tests.support.telephone import code, enrolled
from tests.support.watching import HEIGHT, WIDE

PASSWORD = "four words make a password"
SECRETS = {"MASH_OWNER_PASSWORD": "owner0", "MASH_APP_PASSWORD": "app0", "secret_key": "k" * 64}
NIGHT = "Dot Nightly"
SWEEP, STALE, PATIENCE_SECONDS = 1, 10, 30
"""Seconds between sweeps; after how many without one everybody must know; how long a test waits for what must come."""


def test_the_house_of_the_compose_file_works_a_contact_to_its_close_and_says_when_its_timers_are_dead(
    chromium: Browser, tmp_path: Path
) -> None:
    quick = {"MASH_SWEEP_SECONDS": str(SWEEP), "MASH_SWEEP_STALE_SECONDS": str(STALE)}
    with (
        started(SECRETS, quick | {"MASH_CONFIG": own_config(tmp_path)}, extra={"timers": 1}) as house,
        tls.in_front_of([web.port for web in house.running["web"]]) as proxy,
    ):
        is_started_as_the_file_says(house)
        db = Database(house.database_url)
        the_first_administrator_sets_up(house, visitor(chromium, proxy))
        actors = everybody_else(db)
        due_at = a_contact_whose_warning_is_due_soon(db, actors)
        late = a_contact_that_ran_out(db, actors)
        at_work = cache(lambda name: signed_in(visitor(chromium, proxy), name))
        worked_to_close(at_work)
        handed_over(at_work(NIGHT), at_work("Sam Whitlock"))
        taken_on_and_handed(at_work("Grace Hollow"), late, to="Sam Whitlock")
        assert len(proxy.answered) == 2 and max(proxy.answered.values()) - min(proxy.answered.values()) <= 1
        is_warned_of_once(db, due_at)
        tells_when_its_timers_are_dead(house)
        assert audit_check.verify(db) == []
        db.close()
        said = "".join(one.log.read_text() for some in house.running.values() for one in some)
        assert not re.search("error|failed|Traceback", said), said


def is_started_as_the_file_says(house: House) -> None:
    """Each process with the file's own command, but for the address and the port."""
    assert {name: len(some) for name, some in house.running.items()} == {"migrate": 1, "web": 2, "timers": 2}
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    for name, some in house.running.items():
        for one in some:
            command = said[name]["command"].replace("0.0.0.0", "127.0.0.1").replace("8000", str(one.port))
            assert one.process.args == shlex.split(command)


def own_config(folder: Path) -> str:
    """A council's own: a live database refuses rules that are invented."""
    shutil.copytree(FILE.parent / "config", folder / "config")
    borough = folder / "config" / "boroughs" / "northbridge.yaml"
    borough.write_text(re.sub("invented: true.*", "", borough.read_text(encoding="utf-8")), encoding="utf-8")
    return str(folder / "config")


def visitor(chromium: Browser, proxy: tls.Proxy) -> Visitor:
    """A browser that has been told to trust the proxy's certificate."""
    size = {"width": WIDE, "height": HEIGHT}
    return Visitor(chromium.new_context(ignore_https_errors=True, viewport=size), proxy.address, True)  # type: ignore[arg-type]


def the_first_administrator_sets_up(house: House, administrator: Visitor) -> None:
    """Added by the operator's command, let in with a second factor and not without."""
    who = ("--name", "Bea Thorne", "--role", "administrator", "--borough", "northbridge")
    assert "bea may sign in." in house.run("web", "mash", "users", "add", "bea", *who, typed=f"{PASSWORD}\n" * 2)
    administrator.go("/sign-in")
    in_by_password(administrator, "bea", PASSWORD)
    administrator.fill(code=code(administrator.words(".app-key").replace(" ", "")))
    administrator.press("Confirm")
    administrator.press("I have kept them, continue")
    assert administrator.page.locator("h1").inner_text() == "Users"
    administrator.follow("Sessions")
    assert "Bea Thorne" in administrator.words()


def everybody_else(db: Database) -> dict[str, Actor]:
    """With passwords and second factors of their own."""
    actors = {}
    for name, (role, desk) in {**PEOPLE, NIGHT: (Role.EDT, None)}.items():
        if role is not Role.ADMINISTRATOR:
            username, registered = name.split()[0].lower(), role in FOR_REGISTERED
            user_id = create_user(db, username, name, role, ["northbridge"], desk, PASSWORD, registered=registered)
            actors[name] = Actor(user_id, name, role, "northbridge", desk)
    enrolled(db, Vault(SECRETS["secret_key"]), {name.split()[0].lower() for name in actors})
    return actors


def signed_in(person: Visitor, name: str) -> Visitor:
    person.go("/sign-in")
    in_by_password(person, name.split()[0].lower(), PASSWORD)
    person.fill(code=code())
    person.press("Continue")
    return person


def a_contact_that_ran_out(db: Database, actors: dict[str, Actor]) -> str:
    """Days ago, and nobody has looked at it; its id."""
    told = {"received_at": clock.now() - timedelta(days=10), "children": [{"forename": "Noor"}]}
    return Office(db, Rulebook()).receive(actors["Sam Whitlock"], ReceiveContact.model_validate(told)).contact_id


def a_contact_whose_warning_is_due_soon(db: Database, actors: dict[str, Actor]) -> datetime:
    """Red is to be decided within four hours, and warned of an hour before: that will be in a few seconds."""
    due_at = clock.now() + timedelta(seconds=5)
    told = {"received_at": due_at - timedelta(hours=3), "children": [{"forename": "Ines"}]}
    office, screener = Office(db, Rulebook()), actors["Sam Whitlock"]
    contact_id = office.receive(screener, ReceiveContact.model_validate(told)).contact_id
    for verb, fields in ((Verb.START_SCREENING, {}), (Verb.RATE_CONTACT, {"rag": "red", "rationale": "Alone."})):
        office.perform(screener, verb, contact_id, DETAILS[verb].model_validate(fields))
    return due_at


def is_warned_of_once(db: Database, due_at: datetime) -> None:
    """By one of the timers, within a few sweeps; and both have swept many times since."""
    with db.reading() as look:
        said = select(Alert.raised_at).where(Alert.clock == "decision", Alert.at == due_at)
        (raised_at,) = look.execute(said).scalars()
    assert due_at <= raised_at <= due_at + timedelta(seconds=PATIENCE_SECONDS)


def tells_when_its_timers_are_dead(house: House) -> None:
    """One may die and nobody notices; when both are dead, each web process says so."""
    first, second = house.running["timers"]
    first.process.kill()
    time.sleep(STALE / 4)
    assert all(house.is_well(web) for web in house.running["web"])
    second.process.kill()
    killed = time.monotonic()
    for web in house.running["web"]:
        while house.is_well(web):
            assert time.monotonic() < killed + STALE + PATIENCE_SECONDS
            time.sleep(0.5)
    assert time.monotonic() - killed >= STALE - 2 * SWEEP
