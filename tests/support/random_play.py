"""Everybody does anything: a machine of Hypothesis that plays all verbs by all roles in three boroughs.

`House` does acts on a database; `Play` makes them up, one after the other, and looks after each whether what must hold
holds. A program that fails is told as lines of the replay format.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import select

from mash import accounts, clock, rulebook
from mash.clock import LONDON, iso
from mash.db import Database, metadata
from mash.errors import MashError
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.rules.loader import load_files
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Role, Verb
from mash.workflow.sweep import next_due, sweep
from mash.workflow.write import VERBS, WHOLE_PICTURE, Office
from tests.support import random_paper as paper
from tests.support import random_promises as promises
from tests.support.random_acts import Act, Draw, Sight, details, mostly, one_of
from tests.support.random_promises import Seen
from tests.test_permissions import MAY
from tests.workflow.test_states import ALLOWED_IN

CONFIG = Path(__file__).resolve().parents[2] / "config"
INVENTED = Path(__file__).resolve().parent / "boroughs"
SECOND = timedelta(seconds=1)
PEOPLE = (
    *("contact_officer", "screener", "decision_maker", "decision_maker#2"),
    *("edt", "service_manager", "screener#2", "system"),
)
MOST_CONTACTS = 6

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
    user_id = by if by == "system" else accounts.create_user(db, name, name, act.role, [borough], act.desk)
    return Actor(user_id, name, act.role, borough, act.desk)


@dataclass
class House:
    """A front door of all boroughs on one database: acts, sweeps and restarts at the instants that it is told."""

    db: Database
    actors: Actors
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office = Office(self.db)

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
            self.office.perform(actor, act.verb, self.ids[act.contact or ""], act.details, version=act.seen)

    def sweep(self, at: datetime) -> None:
        """What came due before this instant is raised at it."""
        with clock.at(at):
            assert not sweep(self.db, self.office.rulebook).failed

    def sweep_punctually(self, until: datetime) -> None:
        """A sweep as soon as something has come due, up to an instant."""
        while (due := next_due(self.db)) is not None and due < until:
            self.sweep(due + SECOND)

    def digest(self) -> str:
        """Of every row of every table."""
        with self.db.reading() as look:
            tables = [sorted(map(repr, look.execute(select(table)))) for table in metadata.sorted_tables]
        return hashlib.sha256(repr(tables).encode()).hexdigest()


Houses = Callable[[], AbstractContextManager[House]]


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


def houses_on_files(folder: Path, master: Database) -> Houses:
    """Each on a copy of one SQLite file that is made ready once; `master` is migrated and has no rows yet."""
    actors = prepare(master)
    master.close()
    content = Path(str(master.url.database)).read_bytes()

    @contextmanager
    def house() -> Iterator[House]:
        file = folder / f"{hashlib.sha256(content).hexdigest()[:8]}-{next(_numbers)}.db"
        file.write_bytes(content)
        made = House(Database(f"sqlite:///{file}"), actors)
        try:
            yield made
        finally:
            made.db.close()
            file.unlink()

    return house


# -- what is made up --------------------------------------------------------------------------------------------------

STARTS = (
    "2026-06-08T08:00:00+00:00",  # a Monday morning in summer
    "2026-11-13T16:20:00+00:00",  # a Friday before closing
    "2026-03-27T16:45:00+00:00",  # before the clocks go forward
    "2026-10-23T14:00:00+00:00",  # before the clocks go back, and a new version of rules
    "2026-10-25T00:10:00+00:00",  # in the doubled hour
    "2026-12-23T15:30:00+00:00",  # before Christmas
    "2026-12-31T22:00:00+00:00",
    "2027-03-25T11:00:00+00:00",  # before Easter, and the clocks go forward
)
TURNS = (0, 450, 510, 540, 570, 630, 720, 750, 810, 960, 990, 1005, 1020, 1035, 1080, 1200)
"""Minutes of the day at which somebody opens, closes or counts arrivals as tomorrow's."""
MARKS = tuple(
    datetime.fromisoformat(text)
    for text in (
        *("2026-03-29T00:30:00+00:00", "2026-04-02T16:00:00+00:00", "2026-08-28T15:45:00+00:00"),
        *("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00", "2026-10-27T00:00:00+00:00"),
        *("2026-12-24T11:30:00+00:00", "2026-12-25T10:30:00+00:00", "2026-12-31T23:59:00+00:00"),
        *("2027-03-25T16:30:00+00:00", "2027-03-28T01:00:00+00:00", "2027-10-31T00:59:59+00:00"),
    )
)
FORWARD = (
    *(Verb.START_SCREENING, Verb.RATE_CONTACT, Verb.REQUEST_INFORMATION, Verb.RETURN_INFORMATION),
    *(Verb.PROCEED_WITHOUT, Verb.RECORD_DECISION, Verb.SIGN_OFF),
)


def a_while_later(draw: Draw, at: datetime) -> datetime:
    """Seconds to weeks later; often when something opens or closes, or on a night that is hard to count."""
    kind = draw(st.sampled_from(("minutes", "hours", "turn", "days", "weeks", "mark", "seconds")))
    if kind == "turn":
        return _at_a_turn(draw, at)
    if kind == "mark":
        return next((mark for mark in MARKS if mark > at), at + timedelta(days=1))
    return at + timedelta(**{kind: draw(st.integers(1, _MOST[kind]))})


_MOST = {"seconds": 90, "minutes": 120, "hours": 14, "days": 5, "weeks": 3}


def _at_a_turn(draw: Draw, at: datetime) -> datetime:
    """The next time of the day at which something opens or closes, on a London clock."""
    minute = one_of(draw, TURNS)
    day = at.astimezone(LONDON).date()
    turns = (datetime.combine(day + timedelta(days=n), time(), LONDON) for n in (0, 1))
    found = next((t for t in (turn + timedelta(minutes=minute) for turn in turns) if t > at), at)
    return max(at, found.astimezone(at.tzinfo)) + mostly(draw, 0, 1) * SECOND


@dataclass
class Tally:
    """What was played."""

    programs: int = 0
    steps: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)


class Play(RuleBasedStateMachine):
    """One program: what people do one after the other, and what must hold after each step."""

    houses: ClassVar[Houses]
    tally: ClassVar[Tally] = Tally()
    examine_every: ClassVar[int] = 1
    """After how many steps the doctor comes: it is the dearest of those who look."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.house = self.stack.enter_context(self.houses())
        self.acts: list[Act] = []
        self.script: list[str] = []
        self.answers: list[Answer] = []
        self.sheets: dict[str, paper.Sheet] = {}
        self.arrivals = self.steps = 0
        self.keyed: Act | None = None
        self.whole = True
        self.fold = promises.StoredIsTheFold(Rulebook())
        self.checks = (
            *(promises.one_entry_for_each_change, promises.chains_verify, self.fold),
            *(promises.episodes_count_from_one, promises.a_deadline_is_in_order, promises.alerts_are_in_order),
            promises.TheStatutoryClock(self.sheets),
            promises.WhatHasHappenedStopsItsClocks(self.sheets),
            promises.NobodyIsForgotten(self.sheets),
        )

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: str) -> None:
        self.at = datetime.fromisoformat(start)
        self.seen = Seen.now(self.house.db, self.at)

    def teardown(self) -> None:
        try:
            if self.whole and self.acts:
                self.at_the_end()
        finally:
            note("\n".join(["The program:", *self.script]))
            self.stack.close()
            self.tally.programs += 1
            self.tally.steps += self.steps

    def at_the_end(self) -> None:
        """For those who want to look once more."""

    # -- steps --------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.arrivals < MOST_CONTACTS)
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        draw = data.draw
        self.arrivals += 1
        borough = one_of(draw, boroughs())
        by = self._somebody(draw, borough, Verb.RECEIVE_CONTACT)
        sight = Sight(in_force(borough, self.at.date()), self.at)
        fields = details(draw, Verb.RECEIVE_CONTACT, sight)
        key = one_of(draw, (None, f"form-{self.arrivals}"))
        act = Act(self.at, Verb.RECEIVE_CONTACT, by, borough, f"C{self.arrivals}", fields, key=key)
        if not self.attempt(act) and key:
            self.keyed = act

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def go_forward(self, data: st.DataObject) -> None:
        self._go_on(data.draw, FORWARD)

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def go_anywhere(self, data: st.DataObject) -> None:
        self._go_on(data.draw, tuple(VERBS))

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def go_somewhere(self, data: st.DataObject) -> None:
        self._go_on(data.draw, tuple(verb for verb in VERBS if verb not in FORWARD))

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def try_anything(self, data: st.DataObject) -> None:
        verbs = [verb for verb in VERBS if verb is not Verb.RECEIVE_CONTACT]
        self._act(data.draw, one_of(data.draw, self.sheets), one_of(data.draw, verbs))

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def wait_a_while(self, data: st.DataObject) -> None:
        self._wait(data.draw, a_while_later(data.draw, self.at))

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def wait_for_a_deadline(self, data: st.DataObject) -> None:
        """Up to the very instant, or a second before or after it."""
        due = next_due(self.house.db)
        if due is not None:
            self._wait(data.draw, max(self.at, due + one_of(data.draw, (0, 1, -1)) * SECOND))

    @precondition(lambda self: self.sheets)
    @rule(data=st.data())
    def rest(self, data: st.DataObject) -> None:
        """A sweep, a restart, a form that is sent again, or a bank holiday made known."""
        one_of(data.draw, (self._sweep, self._restart, self._send_again, self._announce))(data.draw)

    def _go_on(self, draw: Draw, verbs: tuple[Verb, ...]) -> None:
        """Something that the stage of a contact allows."""
        fitting = [
            (name, verb)
            for name, sheet in self.sheets.items()
            for verb in verbs
            if sheet.state in ALLOWED_IN[verb.value].split()
        ]
        if fitting:
            self._act(draw, *one_of(draw, fitting))

    def _act(self, draw: Draw, name: str, verb: Verb) -> None:
        sheet, row = self.sheets[name], self.seen.contacts[self.house.ids[name]]
        borough = mostly(draw, row.borough, one_of(draw, boroughs()), of=40)
        by = self._somebody(draw, borough, verb)
        running = self.seen.running(row.id)
        sight = Sight(
            sheet.rules,
            self.at,
            desk=by.partition(":")[2] or None,
            rag=sheet.rag,
            awaited=tuple(sorted(sheet.awaited)),
            required=tuple(sorted(sheet.required)),
            running=tuple(sorted({one.clock for one in running if not one.paused})),
            paused=tuple(sorted({one.clock for one in running if one.paused})),
            children=tuple(sheet.children),
        )
        seen = mostly(draw, None, row.version - draw(st.integers(0, 1)), of=8)
        self.attempt(Act(self.at, verb, by, borough, name, details(draw, verb, sight), seen))

    def _somebody(self, draw: Draw, borough: str, verb: Verb) -> str:
        """Most often one who may do it by the format's table."""
        may = [by for by in people(borough) if verb.value in MAY[Act(self.at, verb, by, borough).role].split()]
        return mostly(draw, one_of(draw, may), one_of(draw, people(borough)), of=12)

    def _wait(self, draw: Draw, until: datetime) -> None:
        self.at = until
        how = one_of(draw, ("punctual", "late", "none"))
        if how == "punctual":
            self.house.sweep_punctually(until)
        elif how == "late":
            self.house.sweep(until)
        self._say(f"# {iso(until)}, sweeps: {how}")
        self.look(entries=0)

    def _sweep(self, draw: Draw) -> None:
        self.house.sweep(self.at)
        self._say("# a sweep")
        self.look(entries=0)

    def _restart(self, draw: Draw) -> None:
        before = self.house.digest()
        self.house.restart()
        assert self.house.digest() == before
        self._say("# a restart")

    def _send_again(self, draw: Draw) -> None:
        """The same form is the same contact; other content under its key is refused."""
        if self.keyed is None:
            return
        other = draw(st.booleans())
        fields = self.keyed.fields | ({"narrative": "Other words."} if other else {})
        act = replace(self.keyed, at=self.at, fields=fields, contact=f"{self.keyed.contact} again")
        before = self.house.digest()
        self._say(f"# the form {act.key} is sent again{' with other words' if other else ''}")
        assert bool(self.house.do(act)) == (other or "received_at" in fields and self._too_early(act))
        assert self.house.digest() == before, "sending a form again changed something"

    @staticmethod
    def _too_early(act: Act) -> bool:
        return False

    def _announce(self, draw: Draw) -> None:
        borough = one_of(draw, boroughs())
        by = self._somebody(draw, borough, Verb.ANNOUNCE_BANK_HOLIDAY)
        sight = Sight(in_force(borough, self.at.date()), self.at, boroughs=boroughs())
        fields = details(draw, Verb.ANNOUNCE_BANK_HOLIDAY, sight)
        self.attempt(Act(self.at, Verb.ANNOUNCE_BANK_HOLIDAY, by, borough, None, fields))

    # -- looking ------------------------------------------------------------------------------------------------------

    def attempt(self, act: Act) -> Answer:
        """Do it. Refused, it must have changed nothing; done or refused, the format must have said so."""
        self.whole = False
        against, unsure = self._against(act)
        before, told = self.house.digest(), self._told(act)
        self._say(act.line())
        answer = self.house.do(act)
        self.acts.append(act)
        self.answers.append(answer)
        counts = self.tally.refused if answer else self.tally.done
        counts[act.verb.value] += 1
        if answer:
            self.script[-1] += f"  # refused: {' '.join(answer)}"
            assert self.house.digest() == before, "a refusal changed something"
            assert against or unsure, f"refused although the format has nothing against it: {answer}"
        else:
            assert not against, f"done although {' and '.join(against)}"
            self._write_down(act)
        self.look(entries=0 if answer else told)
        return answer

    def _against(self, act: Act) -> tuple[list[str], bool]:
        """What the format has against it, and whether others may have something against it too."""
        if act.verb is Verb.ANNOUNCE_BANK_HOLIDAY:
            return self._against_announcing(act), False
        if act.verb is Verb.RECEIVE_CONTACT:
            on = (act.details.received_at or act.at).astimezone(LONDON).date()
            return paper.against_receiving(act, in_force(act.borough, on)), False
        row = self.seen.contacts[self.house.ids[act.contact or ""]]
        if row.borough != act.borough:
            return ["it is another borough's contact"], False
        sheet = self.sheets[row.reference]
        of_clock = act.verb in (Verb.PAUSE_CLOCK, Verb.RESUME_CLOCK)
        found = paper.against(act, sheet, self.seen.running(row.id))
        if of_clock and (self.seen.pending(row.id) or sheet.away):
            return [], True
        if act.seen not in (None, row.version) and act.verb in WHOLE_PICTURE:
            found.append("somebody else changed it meanwhile")
        return found, act.verb not in paper.OF_THE_FORMAT

    @staticmethod
    def _against_announcing(act: Act) -> list[str]:
        past = act.details.date <= act.at.astimezone(LONDON).date()
        may = "announce_bank_holiday" in MAY[act.role].split()
        return ["the role may not do it"] * (not may) + ["it is not in the future"] * past

    def _told(self, act: Act) -> int:
        """How many entries the act writes where it is done: one, or one for each borough that does not know it yet."""
        if act.verb is not Verb.ANNOUNCE_BANK_HOLIDAY:
            return 1
        with self.house.db.reading() as look:
            return sum(
                act.details.date not in {holiday.day for holiday in Rulebook.late_holidays(look, borough)}
                for borough in ([act.details.borough] if act.details.borough else boroughs())
            )

    def _write_down(self, act: Act) -> None:
        if act.verb is Verb.RECEIVE_CONTACT:
            assert act.contact is not None
            on = (act.details.received_at or act.at).astimezone(LONDON).date()
            self.sheets[act.contact] = paper.opened(in_force(act.borough, on), act)
        elif act.contact is not None:
            paper.done(act, self.sheets[act.contact])

    def look(self, entries: int) -> None:
        """Everything that must hold, now and compared with the moment before."""
        self.whole = False
        self.steps += 1
        after = Seen.now(self.house.db, self.at)
        wrong = [f"{after.entries - self.seen.entries} entries, not {entries}"] * (
            after.entries - self.seen.entries != entries
        )
        wrong += promises.nothing_is_taken_back(self.seen, after)
        wrong += promises.new_ones_are_not_late_before_they_are_set(self.seen, after)
        for name, sheet in self.sheets.items():
            row = after.contacts[self.house.ids[name]]
            self.tally.stages[row.state] += 1
            sheet.suggested = row.suggested_rag
            for column in ("state", "rag", "outcome", "kind", "agreement"):
                if getattr(row, column) != getattr(sheet, column):
                    wrong.append(f"{name}: {column} {getattr(row, column)}, on paper {getattr(sheet, column)}")
        doctor = (promises.doctor_finds_nothing,) if self.steps % self.examine_every == 0 else ()
        for check in (*self.checks, *doctor):
            wrong += check(self.house.db, after)
        assert not wrong, "\n".join(wrong)
        self.seen = after
        self.whole = True

    def _say(self, line: str) -> None:
        self.script.append(line)


_numbers = iter(range(1 << 40))
