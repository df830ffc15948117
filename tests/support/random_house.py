"""A front door of three boroughs on one database: it does acts, sweeps and starts again, at the instants it is told."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from mash import clock, rulebook
from mash.accounts.users import create_user
from mash.db import Database, metadata
from mash.errors import MashError
from mash.permissions import FOR_REGISTERED, Actor
from mash.rulebook import Rulebook
from mash.rules.loader import load_files
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from mash.workflow.details import Details, HandTo
from mash.workflow.sweep import next_due, sweep
from mash.workflow.write import Office
from tests.support.databases import SqliteFiles
from tests.support.random_acts import Act

CONFIG = Path(__file__).resolve().parents[2] / "config"
INVENTED = Path(__file__).resolve().parent / "boroughs"
SECOND = timedelta(seconds=1)
PEOPLE = (
    *("contact_officer", "screener", "decision_maker", "decision_maker#2"),
    *("edt", "service_manager", "screener#2", "system"),
)

READ = Rulebook()
"""What has been read of the rule sets; a version is the same in every database. After a restart it is read anew."""

Answer = tuple[str, ...]
"""Why an act was refused; empty where it was done."""


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Northbridge's and those of two invented boroughs, one of them with a second version."""
    files = [CONFIG / "boroughs" / "northbridge.yaml", *sorted(INVENTED.glob("*.yaml"))]
    return tuple(load_files(files, CONFIG))


@cache
def boroughs() -> tuple[str, ...]:
    return tuple(dict.fromkeys(rules.name for rules in rule_sets()))


@cache
def people(borough: str) -> tuple[str, ...]:
    """Somebody in every role, some twice, and a desk of every agency."""
    desks = {agency for rules in rule_sets() if rules.name == borough for agency in rules.agencies}
    return (*PEOPLE, *(f"desk:{agency}" for agency in sorted(desks)))


def in_force(borough: str, on: date) -> RuleSet:
    found = [rules for rules in rule_sets() if rules.name == borough and rules.in_force_from <= on]
    return max(found, key=lambda rules: rules.version)


Actors = dict[tuple[str, str], Actor]


def prepare(db: Database) -> Actors:
    """Rule sets and users."""
    with clock.at(datetime.fromisoformat("2026-01-02T09:00+00:00")):
        rulebook.install(db, rule_sets())
        return {(by, borough): _somebody(db, by, borough) for borough in boroughs() for by in people(borough)}


def _somebody(db: Database, by: str, borough: str) -> Actor:
    act = Act(clock.now(), Verb.RECEIVE_CONTACT, by, borough)
    name = f"{by}@{borough}"
    registered = act.role in FOR_REGISTERED
    hire = by != "system"
    user_id = create_user(db, name, name, act.role, [borough], act.desk, registered=registered) if hire else by
    return Actor(user_id, name, act.role, borough, act.desk)


@dataclass
class House:
    """A front door of all boroughs on one database: acts, sweeps and restarts at the instants that it is told."""

    db: Database
    actors: Actors
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office = Office(self.db, READ)

    def restart(self) -> None:
        """Everything that is not in the database is gone."""
        self.db.close()
        self.db = Database(self.db.url)
        self.office = Office(self.db)

    def do(self, act: Act) -> Answer:
        with clock.at(act.at):
            try:
                self._do(act, self.actors[act.by, act.borough])
            except MashError as error:
                assert error.reasons and all(error.reasons), f"refused without a reason: {act.line()}"
                return error.reasons
        return ()

    def _do(self, act: Act, actor: Actor) -> None:
        if act.verb is Verb.ANNOUNCE_BANK_HOLIDAY:
            self.office.announce(actor, act.details)
        elif act.verb is Verb.RECEIVE_CONTACT:
            assert act.contact is not None
            outcome = self.office.receive(actor, act.details, key=act.key, reference=act.contact)
            self.ids.setdefault(outcome.reference, outcome.contact_id)
        else:
            contact_id = self.ids[act.contact or ""]
            self.office.perform(actor, act.verb, contact_id, self._with_people(act), version=act.seen)

    def _with_people(self, act: Act) -> Details:
        """As in the replay format, a colleague is named as in `by`."""
        details: Details = act.details
        if isinstance(details, HandTo):
            return details.model_copy(update={"to": self.actors[details.to, act.borough].user_id})
        return details

    def sweep(self, at: datetime) -> None:
        """What came due before this instant is raised at it."""
        with clock.at(at):
            assert not sweep(self.db, self.office.rulebook).failed

    def sweep_punctually(self, until: datetime) -> None:
        """A sweep as soon as something has come due, up to an instant."""
        while (due := next_due(self.db)) is not None and due < until:
            self.sweep(due + SECOND)

    def everything(self) -> dict[str, Counter[str]]:
        """Every row of every table, as the database gives it."""
        with self.db.reading() as look:
            names = [table.name for table in metadata.sorted_tables]
            return {name: Counter(map(repr, look.exec_driver_sql(f"SELECT * FROM {name}"))) for name in names}


Houses = Callable[[], AbstractContextManager[House]]
_numbers = count()


def houses(copy: Callable[[], AbstractContextManager[Database]]) -> Houses:
    """Each on a database of its own, made ready."""

    @contextmanager
    def house() -> Iterator[House]:
        with copy() as db:
            made = House(db, prepare(db))
            try:
                yield made
            finally:
                made.db.close()

    return house


@cache
def houses_on_files(files: SqliteFiles) -> Houses:
    """The same, each on a copy of one SQLite file that is made ready once."""
    with files.copy("live") as master:
        actors = prepare(master)
        master.close()
        content = Path(str(master.url.database)).read_bytes()

    @contextmanager
    def house() -> Iterator[House]:
        file = files.folder / f"house-{next(_numbers)}.db"
        file.write_bytes(content)
        made = House(Database(f"sqlite:///{file}"), actors)
        try:
            yield made
        finally:
            made.db.close()
            file.unlink()

    return house
