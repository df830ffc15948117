"""Is an act done wholly or not at all, wherever its process dies? Kills it at seeded points: `make faults`.

Each point begins with the same database, in which a contact stands where the verb is possible and something has come
due that the act must say too. A child does the act and is killed at a line of its code, in its commit, or at any time.
Then the database is opened as a new process does: it is sound, wholly as before or wholly as after, and once the
client has asked again the act is on the record once.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from mash import audit_check, clock, doctor
from mash.db import Database
from mash.errors import MashError
from mash.models.audit import AuditEntry
from mash.models.time import Alert
from mash.rulebook import Rulebook
from mash.vocabulary import Verb
from tests.faults.dying import Death, Mortal, Told, Where, life
from tests.faults.pictures import Rows, differences, picture, rows_of, tokens
from tests.faults.restoring import Restorable, restorable, wait_for_the_dead
from tests.faults.stages import STAGES, Act, hub_for_stages, prepared
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteFiles
from tests.support.hub import Hub

POINTS = {"sqlite": 1000, "postgresql": 300}
BEFORE, AFTER, NEITHER = "before", "after", "neither before nor after"


@dataclass
class Count:
    """What became of the points of one verb."""

    verb: Verb
    points: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    unheard: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """One act, the database before it, and what it looks like after it; how long the act takes in lines and time.

    Its lines are counted meanwhile, so that without that it takes about half as long.
    """

    place: Restorable
    rulebook: Rulebook
    act: Act
    kept: object
    rows: Rows
    after: tuple[str, ...]
    repeats: bool = False
    lines_before_commit: int = 0
    lines: int = 0
    seconds: float = 0.0
    commit_seconds: float = 0.0

    @cached_property
    def known(self) -> frozenset[str]:
        """Ids and hashes that were there before."""
        return tokens(self.rows)

    @cached_property
    def before(self) -> tuple[str, ...]:
        """What it looks like before the act."""
        return picture(self.rows, self.known)

    def end(self, rows: Rows) -> str:
        """Before, after or neither."""
        if rows == self.rows:
            return BEFORE
        return {self.after: AFTER, self.before: BEFORE}.get(picture(rows, self.known), NEITHER)

    def living(self, mortal: Mortal) -> None:
        """What the child does."""
        mortal.begin()
        self.act.do(self.place.db, self.rulebook)
        mortal.tell(Where.DONE)
        self.place.db.close()


# -- before the first death -------------------------------------------------------------------------------------------


class Bench:
    """A database with a front door, to which each verb's contact is added in turn."""

    def __init__(self, place: Restorable) -> None:
        self.place = place
        self.hub: Hub = hub_for_stages(place.db)
        self._empty = place.keep()

    def act(self, verb: Verb) -> Act:
        """An act that is possible in the database as it now is. Raises LookupError for a verb without a stage."""
        self.place.restore(self._empty)
        return prepared(self.hub, verb)

    def case(self, act: Act) -> Case:
        """The act, done once undisturbed. Raises AssertionError where it says nothing that came due before."""
        db, rulebook = self.place.db, self.hub.office.rulebook
        kept, rows, alerts = self.place.keep(), rows_of(db), _alerts(db)
        act.do(db, rulebook)
        may_say_nothing = act.verb is Verb.RECEIVE_CONTACT  # of a new contact nothing is due yet
        assert may_say_nothing or _alerts(db) > alerts, f"{act.verb}: nothing had come due that the act could say."
        after = rows_of(db)
        case = Case(self.place, rulebook, act, kept, rows, picture(after, tokens(rows)))
        assert not (found := _adrift(case)), f"{act.verb}, undisturbed: {found}"
        return _measured(case, after)


def _alerts(db: Database) -> int:
    with db.reading() as look:
        return look.execute(select(func.count()).select_from(Alert)).scalar_one()


def _measured(case: Case, after: Rows) -> Case:
    """With what an undisturbed child shows: whether it is done again, how many lines and how long it takes."""
    again = _asked_again(case) and rows_of(case.place.db) != after
    case.place.restore(case.kept)
    *told, (survived, _) = life(case.place.db, case.living, None)
    _, before_commit, lines = survived.split()
    at = dict(told)
    return replace(
        case,
        repeats=again,
        lines_before_commit=int(before_commit),
        lines=int(lines),
        seconds=at[Where.DONE] - at[Where.BEGUN],
        commit_seconds=at[Where.DONE] - at[Where.COMMIT],
    )


def _asked_again(case: Case) -> bool:
    """Whether it was not refused."""
    try:
        case.act.do(case.place.db, case.rulebook)
    except MashError:
        return False
    return True


def deaths(case: Case, seed: int, points: int) -> Iterator[Death]:
    """So many, the same for the same seed. Of seven: four at a line, one at a line of the commit or after it, one so
    long after the commit began, one so long after the act began. Now and then one at once when it is confirmed.
    """
    dice = Random(f"{seed} {case.act.verb} {case.place.db.is_sqlite}")
    for n in range(points):
        first = case.lines_before_commit if n % 7 == 3 else 1
        at_a_line = Death(Where.LINE, dice.randint(first, case.lines))
        in_the_commit = Death(Where.COMMIT, dice.uniform(0, case.commit_seconds))
        at_any_time = Death(Where.BEGUN, dice.uniform(0, 0.6 * case.seconds))
        other = {1: in_the_commit, 2: at_any_time}.get(n % 7, at_a_line)
        yield Death(Where.DONE) if n % 49 == 48 else other


# -- after each death -------------------------------------------------------------------------------------------------


def die_once(case: Case, death: Death, count: Count, name: str = "") -> None:
    """One point: death, a look, the client asks again, another look. Adds to the count."""
    case.place.restore(case.kept)
    heard = any(said == Where.DONE for said, _ in _life(case, death))
    found = rows_of(case.place.db)
    end = case.end(found)
    wrong = [*_looked_at(case, found, end, heard=heard), *_retry(case)]
    count.points += 1
    count.ends[end] += 1
    count.unheard += end == AFTER and not heard
    if wrong:
        count.wrong.append("\n    ".join([f"{name}{death}:", *wrong]))


def _looked_at(case: Case, found: Rows, end: str, *, heard: bool) -> list[str]:
    wrong = [] if found == case.rows else _adrift(case)
    if end == NEITHER:
        wrong += [f"it is {NEITHER}:", *differences(case.after, picture(found, case.known))]
    if heard and end == BEFORE:
        wrong.append("it was confirmed and is lost")
    return wrong


def _life(case: Case, death: Death) -> Told:
    told = life(case.place.db, case.living, death)
    failed = [said for said, _ in told if said.startswith("failed")]
    if failed:
        raise RuntimeError(f"{case.act.verb}: {failed}")
    return told


def _retry(case: Case) -> list[str]:
    """A client that heard nothing asks again. Where the verb may be done twice it looks first whether it was."""
    db, wrong, looks_first = case.place.db, list[str](), STAGES[case.act.verb].may_be_repeated
    if looks_first:
        wait_for_the_dead(db)
    if not (looks_first and on_record(db, case.act.key)):
        wrong += _fails(case)
    wait_for_the_dead(db)
    found, times = picture(rows_of(db), case.known), on_record(db, case.act.key)
    wrong += [f"asked again: {what}" for what in _adrift(case)]
    if found != case.after:
        wrong += ["asked again, it is not as after the undisturbed act:", *differences(case.after, found)]
    return [*wrong, *([f"it is on the record {times} times"] if times != 1 else [])]


def _fails(case: Case) -> list[str]:
    """What happens when it is asked again, unless it is done or refused."""
    try:
        _asked_again(case)
    except Exception as error:
        return [f"asked again, it fails: {error!r}"]
    return []


def on_record(db: Database, request: str) -> int:
    """How often something was done for this request."""
    with db.reading() as look:
        entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.request_id == request)
        return look.execute(entries).scalar_one()


def _adrift(case: Case) -> list[str]:
    """What the database, `mash doctor` and `mash audit verify` find."""
    broken, db = case.place.whole(), case.place.db
    return [
        *broken,
        *(finding.sentence for finding in doctor.examine(db, case.act.at)),
        *(finding.sentence for finding in audit_check.verify(db)),
    ]


# -- the run ----------------------------------------------------------------------------------------------------------


def run(bench: Bench, verb: Verb, seed: int, points: int, only: int | None = None) -> Count:
    """All points of one verb, or the one with this number."""
    started, count = time.monotonic(), Count(verb)
    case = bench.case(bench.act(verb))
    if case.repeats and not STAGES[verb].may_be_repeated:
        count.wrong.append("asked for twice, it is done twice")
    for number, death in enumerate(deaths(case, seed, points)):
        if only in (None, number):
            die_once(case, death, count, f"point {number}, ")
    count.seconds = time.monotonic() - started
    return count


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], Database]]:
    """Makes live databases of this kind."""
    with ExitStack() as made:
        if kind == "sqlite":
            folder = made.enter_context(TemporaryDirectory())
            source: SqliteFiles | PostgresDatabases = SqliteFiles(Path(folder))
        else:
            source = PostgresDatabases(made.enter_context(postgres.server()))
            made.callback(source.close)
        yield lambda: made.enter_context(source.copy("live"))


def _run_all(kind: str, verbs: list[Verb], seed: int, points: int, only: int | None) -> int:
    """Prints a line for each verb; how much went wrong."""
    wrong = 0
    say(f"{kind}, seed {seed}: points, before, after (of them nobody had heard), seconds")
    with databases(kind) as make, restorable(make()) as place:
        bench = Bench(place)
        for verb in verbs:
            count = run(bench, verb, seed, points, only)
            say(
                f"{verb:22} {count.points:5} {count.ends[BEFORE]:5} {count.ends[AFTER]:5} ({count.unheard:4})"
                f" {count.seconds:5.0f} s"
            )
            for what in count.wrong:
                say(f"  {what}")
            if count.wrong:
                again = f"--database {kind} --verb {verb} --seed {seed} --points {points} --only N"
                say(f"  again, with the number of a point for N: python -m tests.faults.deaths {again}")
            wrong += len(count.wrong)
    return wrong


def say(line: str) -> None:
    """At once: a longer run is watched."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, help="of each verb; 1000 on SQLite and 300 on PostgreSQL where absent")
    parser.add_argument("--verb", choices=list(Verb), type=Verb, help="only this one")
    parser.add_argument("--database", choices=list(POINTS), help="only this one")
    parser.add_argument("--seed", type=int, default=clock.london_date(clock.now()).toordinal())
    parser.add_argument("--only", type=int, help="only the point of this number: one at a line is the same again")
    chosen = parser.parse_args()
    wrong, started = 0, time.monotonic()
    for kind, points in POINTS.items():
        if chosen.database in (None, kind):
            verbs = [chosen.verb] if chosen.verb else list(Verb)
            wrong += _run_all(kind, verbs, chosen.seed, chosen.points or points, chosen.only)
    say(f"seed {chosen.seed}, {time.monotonic() - started:.0f} s, {wrong} violations")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
