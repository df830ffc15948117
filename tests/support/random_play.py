"""Everybody does anything: a machine of Hypothesis that plays all verbs by all roles in three boroughs.

It makes acts up, one after the other, and looks after each whether what must hold holds. A program that fails is told
as lines of the replay format.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, note, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Row

from mash.clock import LONDON, iso
from mash.rulebook import Rulebook
from mash.vocabulary import Role, Verb
from mash.workflow.judging import VERBS
from mash.workflow.sweep import next_due
from mash.workflow.write import NO_NEWS, WHOLE_PICTURE
from tests.support import random_paper as paper
from tests.support import random_promises as promises
from tests.support.random_acts import Act, Draw, Sight, details, one_of, rarely
from tests.support.random_house import READ, SECOND, Answer, Houses, boroughs, in_force, people
from tests.support.random_promises import Seen
from tests.test_permissions import MAY
from tests.workflow.test_states import ALLOWED_IN

# -- what is made up --------------------------------------------------------------------------------------------------

MOST_CONTACTS = 6
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
ANY = tuple(verb for verb in VERBS if verb is not Verb.RECEIVE_CONTACT)
ASIDE = tuple(verb for verb in ANY if verb not in FORWARD or verb is Verb.RETURN_INFORMATION)
ALWAYS = frozenset(verb for verb in ASIDE if len(ALLOWED_IN[verb.value].split()) > 8) - {
    *(Verb.PAUSE_CLOCK, Verb.RESUME_CLOCK, Verb.LIFT_DEADLINE, Verb.TAKE_ALERT, Verb.HAND_ALERT_TO),
    *(Verb.RESOLVE_BREACH, Verb.ANNUL_BREACH),
}
"""What can be done at nearly every stage."""


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
    return max(at, found.astimezone(at.tzinfo)) + rarely(draw, 4) * SECOND


@dataclass
class Tally:
    """What was played, as far as it is worth counting: a program of fewer than ten steps is none."""

    programs: int = 0
    steps: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.programs += other.programs
        self.steps += other.steps
        for name in ("done", "refused", "stages"):
            getattr(self, name).update(getattr(other, name))


class Play(RuleBasedStateMachine):
    """One program: what people do one after the other, and what must hold after each step."""

    houses: ClassVar[Houses]
    tally: ClassVar[Tally] = Tally()
    doctor_every: ClassVar[int] = 1
    """After how many steps the doctor comes: it is the dearest of those who look."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.house = self.stack.enter_context(self.houses())
        self.acts: list[Act] = []
        self.script: list[str] = []
        self.answers: list[Answer] = []
        self.sheets: dict[str, paper.Sheet] = {}
        self.latest: dict[str, Verb] = {}
        self.arrivals = self.steps = 0
        self.keyed: Act | None = None
        self.whole = True
        self.fold = promises.StoredIsTheFold(READ)
        self.checks = (
            *(promises.one_entry_for_each_change, promises.chains_verify, self.fold),
            *(promises.episodes_count_from_one, promises.a_deadline_is_in_order, promises.alerts_are_in_order),
            promises.TheStatutoryClock(self.sheets),
            promises.WhatHasHappenedStopsItsClocks(self.sheets),
            promises.NobodyIsForgotten(self.sheets),
        )

    @initialize(start=st.sampled_from(STARTS), most=st.sampled_from((1, 2, 3, MOST_CONTACTS)))
    def begin(self, start: str, most: int) -> None:
        self.most = most
        self.at = datetime.fromisoformat(start)
        self.seen = Seen.now(self.house.db, self.at)

    def teardown(self) -> None:
        try:
            if self.whole and self.acts:
                self.at_the_end()
        finally:
            note("\n".join(["The program:", *self.script]))
            self.stack.close()
            self.tally.programs += self.steps >= 10
            self.tally.steps += self.steps

    def at_the_end(self) -> None:
        """For those who want to look once more."""

    # -- steps --------------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        if len(self.sheets) < self.most:
            self._receive(data.draw)
        else:
            self._go_on(data.draw, FORWARD)

    def _receive(self, draw: Draw) -> None:
        self.arrivals += 1
        borough = one_of(draw, boroughs())
        by = self._somebody(draw, borough, Verb.RECEIVE_CONTACT)
        sight = Sight(in_force(borough, self.at.date()), self.at, rarely(draw, 6))
        fields = details(draw, Verb.RECEIVE_CONTACT, sight)
        key = one_of(draw, (None, f"form-{self.arrivals}"))
        act = Act(self.at, Verb.RECEIVE_CONTACT, by, borough, f"C{self.arrivals}", fields, key=key)
        if not self.attempt(act) and key:
            self.keyed = act

    @rule(data=st.data())
    def go_forward(self, data: st.DataObject) -> None:
        self._go_on(data.draw, FORWARD)

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """What brings a contact to its decision."""
        for _ in range(one_of(data.draw, (1, 2, 3))):
            self._perhaps_wait(data.draw)
            self._go_on(data.draw, FORWARD)

    @rule(data=st.data())
    def go_aside(self, data: st.DataObject) -> None:
        self._perhaps_wait(data.draw)
        self._go_on(data.draw, ASIDE)

    @rule(data=st.data())
    def try_anything(self, data: st.DataObject) -> None:
        """Mostly what cannot be."""
        if self.sheets and rarely(data.draw, 2):
            self._act(data.draw, one_of(data.draw, self.sheets), one_of(data.draw, ANY))
        else:
            self._go_on(data.draw, ANY)

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        self._wait(data.draw)

    @rule(data=st.data())
    def rest(self, data: st.DataObject) -> None:
        """A sweep, a restart, a form that is sent again, or a bank holiday made known."""
        one_of(data.draw, (self._sweep, self._restart, self._send_again, self._announce))(data.draw)

    def _perhaps_wait(self, draw: Draw) -> None:
        if rarely(draw, 3):
            self._wait(draw)

    def _go_on(self, draw: Draw, verbs: tuple[Verb, ...]) -> None:
        """Something that the stage of a contact allows; what is seldom possible is then likely."""
        fitting = [
            (name, verb)
            for name, sheet in self.sheets.items()
            for verb in verbs
            for _ in range(1 if verb in ALWAYS else 4)
            if sheet.state in ALLOWED_IN[verb.value].split() and self._makes_sense(name, verb, verbs)
        ]
        if fitting:
            self._act(draw, *one_of(draw, fitting))
        else:
            self._receive(draw)

    def _makes_sense(self, name: str, verb: Verb, verbs: tuple[Verb, ...]) -> bool:
        """Whether there is anything to do it to: else it would nearly always be refused."""
        sheet = self.sheets[name]
        if verb in (Verb.PAUSE_CLOCK, Verb.RESUME_CLOCK, Verb.LIFT_DEADLINE):
            running = self.seen.running(self.house.ids[name])
            return bool(paper.clocks_for(verb, sheet, running))
        if verb is Verb.RETURN_INFORMATION and verbs is FORWARD:
            return bool(sheet.awaited)
        if verb in (Verb.TAKE_ALERT, Verb.HAND_ALERT_TO):
            return bool(self._alerted(self.house.ids[name]))
        if verb in (Verb.RESOLVE_BREACH, Verb.ANNUL_BREACH):
            return bool(self._breached(self.house.ids[name]))
        return paper.makes_sense(verb, sheet)

    def _act(self, draw: Draw, name: str, verb: Verb) -> None:
        sheet, row = self.sheets[name], self.seen.contacts[self.house.ids[name]]
        odd = rarely(draw, 5)
        borough = one_of(draw, boroughs()) if odd and rarely(draw, 8) else row.borough
        by = self._somebody(draw, borough, verb, odd)
        running = self.seen.running(row.id)
        sight = Sight(
            sheet.rules,
            self.at,
            odd,
            desk=by.partition(":")[2] or None,
            rag=sheet.rag,
            awaited=tuple(sorted(sheet.awaited)),
            required=tuple(sorted(sheet.required)),
            running=tuple(sorted({one.clock for one in running if not one.paused})),
            paused=tuple(sorted({one.clock for one in running if one.paused})),
            children=tuple(sheet.children),
            alerted=self._alerted(row.id),
            breached=self._breached(row.id),
            people=people(borough),
        )
        seen = row.version - one_of(draw, (0, 1)) if odd and rarely(draw, 4) else None
        self.attempt(Act(self.at, verb, by, borough, name, details(draw, verb, sight), seen))

    def _alerted(self, contact_id: str) -> tuple[str, ...]:
        """Deadlines that run and of which something was said."""
        running = [
            row for row in self.seen.of(contact_id) if promises.runs(row) and promises.key_of(row) in self.seen.alerts
        ]
        return _named(running)

    def _breached(self, contact_id: str) -> tuple[str, ...]:
        """Deadlines that were out of timescale, and are not annulled."""
        return _named([row for row in self.seen.of(contact_id) if row.breached_at and not row.annulled_at])

    def _somebody(self, draw: Draw, borough: str, verb: Verb, odd: bool = False) -> str:
        """Most often one who may do it by the format's table and the borough's rules."""
        if odd and rarely(draw, 3):
            return one_of(draw, people(borough))
        rules = in_force(borough, self.at.date())
        roles = {role for role in Role if verb.value in MAY[role].split() and role in rules.who_may.get(verb, (role,))}
        return one_of(draw, [by for by in people(borough) if Act(self.at, verb, by, borough).role in roles])

    def _wait(self, draw: Draw) -> None:
        """Some time, or up to the very instant of a deadline, or a second before or after it."""
        until, due = a_while_later(draw, self.at), next_due(self.house.db)
        if due is not None and draw(st.booleans()):
            until = max(self.at, due + one_of(draw, (0, 1, -1)) * SECOND)
        self.at = until
        how = one_of(draw, ("punctual", "late", "none"))
        self._say(f"# {iso(until)}, sweeps: {how}")
        if how == "punctual":
            self.house.sweep_punctually(until)
        elif how == "late":
            self.house.sweep(until)
        self.look(entries=0)

    def _sweep(self, draw: Draw) -> None:
        self._say("# a sweep")
        self.house.sweep(self.at)
        self.look(entries=0)

    def _restart(self, draw: Draw) -> None:
        before = self.house.everything()
        self._say("# a restart")
        self.house.restart()
        assert self.house.everything() == before, "a restart changed something"
        self.look(entries=0)

    def _send_again(self, draw: Draw) -> None:
        """The same form is the same contact; other content under its key is refused."""
        if self.keyed is None:
            return
        other = draw(st.booleans())
        fields = self.keyed.fields | ({"narrative": "Other words."} if other else {})
        act = replace(self.keyed, at=self.at, fields=fields, contact=f"{self.keyed.contact} again")
        before = self.house.everything()
        self._say(f"# the form {act.key} is sent again{' with other words' if other else ''}")
        assert bool(self.house.do(act)) == other
        assert self.house.everything() == before, "sending a form again changed something"
        self.look(entries=0)

    def _announce(self, draw: Draw) -> None:
        borough = one_of(draw, boroughs())
        by = self._somebody(draw, borough, Verb.ANNOUNCE_BANK_HOLIDAY)
        sight = Sight(in_force(borough, self.at.date()), self.at, rarely(draw, 4), boroughs=boroughs())
        fields = details(draw, Verb.ANNOUNCE_BANK_HOLIDAY, sight)
        self.attempt(Act(self.at, Verb.ANNOUNCE_BANK_HOLIDAY, by, borough, None, fields))

    # -- looking ------------------------------------------------------------------------------------------------------

    def attempt(self, act: Act) -> Answer:
        """Do it. Refused, it must have changed nothing; done or refused, the format must have said so."""
        against, unsure = self._against(act)
        before, told = self.house.everything(), self._told(act)
        self._say(act.line())
        answer = self.house.do(act)
        self.acts.append(act)
        self.answers.append(answer)
        counts = self.tally.refused if answer else self.tally.done
        counts[act.verb.value] += 1
        if answer:
            self.script[-1] += f"  # refused: {' '.join(answer)}"
            assert self.house.everything() == before, "a refusal changed something"
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
        unseen = act.seen not in (None, row.version) and self.latest[row.reference] not in NO_NEWS
        if unseen and act.verb in WHOLE_PICTURE:
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
        if act.contact is not None:
            self.latest[act.contact] = act.verb

    def look(self, entries: int) -> None:
        """Everything that must hold, now and compared with the moment before."""
        self.steps += 1
        after = Seen.now(self.house.db, self.at)
        written = after.entries - self.seen.entries
        wrong = [f"{written} audit entries written, not {entries}"] if written != entries else []
        wrong += promises.nothing_is_taken_back(self.seen, after)
        wrong += promises.new_ones_are_not_late_before_they_are_set(self.seen, after)
        wrong += self._not_as_on_paper(after)
        doctor = (promises.doctor_finds_nothing,) if self.steps % self.doctor_every == 0 else ()
        for check in (*self.checks, *doctor):
            wrong += check(self.house.db, after)
        assert not wrong, "\n".join(wrong)
        self.seen = after
        self.whole = True

    def _not_as_on_paper(self, after: Seen) -> Iterator[str]:
        for name, sheet in self.sheets.items():
            row = after.contacts[self.house.ids[name]]
            self.tally.stages[row.state] += 1
            sheet.suggested = row.suggested_rag  # what is suggested is for other tests to judge
            for column in ("state", "rag", "outcome", "kind", "agreement"):
                if getattr(row, column) != getattr(sheet, column):
                    yield f"{name}: {column} {getattr(row, column)}, on paper {getattr(sheet, column)}"

    def _say(self, line: str) -> None:
        self.whole = False
        self.script.append(line)


def _named(deadlines: list[Row[Any]]) -> tuple[str, ...]:
    """As a form names them."""
    return tuple(sorted(f"{row.clock}/{row.agency}/{row.episode}" for row in deadlines))


class Unmixed(HypothesisProvider):
    """Draws as Hypothesis does, and no more: by itself it makes five in six programs out of copies of their own parts.

    Such a program does one and the same thing many times, and never gets to a decision.
    """


AVAILABLE_PROVIDERS["unmixed"] = Unmixed


def play(
    machine: type[Play],
    where: Houses,
    *,
    programs: int,
    seed: int | None = None,
    doctor_every: int = 6,
    tally: Tally | None = None,
) -> None:
    """Play so many programs of thirty steps. Raises for the first that fails, shrunk.

    They are the same for the same seed, and without one the same each time.
    """
    given = {"houses": staticmethod(where), "doctor_every": doctor_every, "tally": tally or Tally()}
    own = type(machine.__name__, (machine,), given)
    how = settings(
        max_examples=programs,
        backend="unmixed",
        stateful_step_count=30,
        derandomize=seed is None,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(own if seed is None else hypothesis_seed(seed)(own), settings=how)
