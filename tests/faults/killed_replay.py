"""Does a day of work come out the same when its processes are killed 200 times? Replays it twice: `make faults`.

Once undisturbed. Once in processes that are killed within acts, within sweeps and between them; each time a new one
goes on. A contact is sent again under its key; any other act is looked for on the record first. After some deaths
nobody sweeps for a while, and then what `mash sweep --once --at …` does is done once.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from sqlalchemy import select

from mash import audit_check, clock, doctor, recording_file, rulebook
from mash.accounts.users import create_user
from mash.clock import INSTANT
from mash.db import Database
from mash.errors import MashError
from mash.models.contact import Contact
from mash.permissions import FOR_REGISTERED, Actor
from mash.recording_file import Line
from mash.replay import Progress, Replay, results
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Role
from mash.workflow.details import AnnounceBankHoliday, ReceiveContact
from mash.workflow.sweep import next_due, sweep
from tests.faults.deaths import POINTS, databases, on_record, say
from tests.faults.dying import Death, Mortal, Told, Where, life
from tests.faults.restoring import wait_for_the_dead
from tests.support.hub import northbridge
from tests.support.recordings import NAMES, events_file

DAY = date(2026, 11, 10)
"""The second day of the main recording: busy, with a day of contacts behind it."""
LINES, SECONDS = 9_000, 0.015
"""About as long as an act with the sweeps before it takes: a child may die that much after it has begun."""


@dataclass(frozen=True)
class Day:
    """Some lines of a recording, and the lines before them."""

    earlier: tuple[Line, ...]
    lines: tuple[Line, ...]
    rules: RuleSet = field(default_factory=northbridge)


@dataclass
class Played:
    """What a day came to: its results, and what the database, the doctor or the audit trail say against it."""

    results: list[str]
    wrong: list[str]
    kills: Counter[str] = field(default_factory=Counter)
    found_done: int = 0
    late_sweeps: int = 0


def a_day(name: str, day: date | None = None, most: int | None = None) -> Day:
    """A day of a recording; the whole of it where no day is given, at most so many lines."""
    lines = recording_file.read(events_file(name), ["northbridge"])
    first = day or clock.london_date(lines[0].at)
    earlier = [line for line in lines if clock.london_date(line.at) < first]
    own = [line for line in lines if day is None or clock.london_date(line.at) == day]
    return Day(tuple(earlier), tuple(own[:most]))


# -- who does the work ------------------------------------------------------------------------------------------------


class Client(Replay):
    """Does each line under a name of its own, by which it can be found again."""

    def was_done(self, line: Line) -> bool:
        """Whether a line that may have been done was. A contact is simply sent again."""
        kept = not isinstance(line.details, ReceiveContact)
        return kept and bool(on_record(self.db, _request(line)))

    def do(self, line: Line) -> list[str] | None:
        """The reasons against it, where it is refused."""
        if line.verb is None:
            return None
        try:
            with clock.at(line.at):
                self._act(line)
        except MashError as error:
            return list(error.reasons)
        return None

    def _act(self, line: Line) -> None:
        assert line.verb is not None and line.details is not None
        actor = self._actor(line, line.borough or self._any_borough())
        if isinstance(line.details, AnnounceBankHoliday):
            self.office.announce(actor, line.details, request_id=_request(line))
        elif isinstance(line.details, ReceiveContact):
            named = {"key": _request(line), "reference": line.contact, "request_id": _request(line)}
            self.ids[str(line.contact)] = self.office.receive(actor, line.details, **named).contact_id
        elif line.contact in self.ids:
            self.office.perform(actor, line.verb, self.ids[line.contact], line.details, request_id=_request(line))
        else:
            raise MashError("The contact was refused when it arrived.")

    def remember(self) -> None:
        """A new process knows of the contacts what the database says."""
        with self.db.reading() as look:
            self.ids = {row.reference: row.id for row in look.execute(select(Contact.reference, Contact.id))}


def _request(line: Line) -> str:
    return f"line {line.number}"


def _users(db: Database, lines: Iterable[Line]) -> dict[tuple[str, str], Actor]:
    """Everybody who acts, made before the day begins."""
    users: dict[tuple[str, str], Actor] = {}
    for line in lines:
        borough = line.borough or "northbridge"
        key, name = (line.by, borough), f"{line.by}@{borough}"
        if key not in users:
            is_user, registered = line.role is not Role.SYSTEM, line.role in FOR_REGISTERED
            user_id = (
                create_user(db, name, name, line.role, [borough], line.desk, registered=registered)
                if is_user
                else line.by
            )
            users[key] = Actor(user_id, name, line.role, borough, line.desk)
    return users


# -- the two ways through the day -------------------------------------------------------------------------------------


def undisturbed(db: Database, day: Day) -> Played:
    """Replayed as `mash replay` does."""
    rulebook.install(db, [day.rules])
    played = Replay(db)
    before = played.play(day.earlier)
    progress = played.play(day.lines)
    progress.refusals[:0] = before.refusals
    return _came_to(db, day, progress)


def killed(db: Database, day: Day, kills: int, seed: int) -> Played:
    """With so many deaths on the way, or fewer where the day is over before."""
    rulebook.install(db, [day.rules])
    users = _users(db, [*day.earlier, *day.lines])
    before = Replay(db, users).play(day.earlier)
    way = _Way(db, day, users, Random(f"{seed} {db.is_sqlite}"), kills)
    while way.done <= len(day.lines):
        way.one_life()
    progress = Progress(refusals=[*before.refusals, *(way.refusals[n] for n in sorted(way.refusals))])
    played = _came_to(db, day, progress)
    played.kills, played.found_done, played.late_sweeps = way.kills, way.found_done, way.late_sweeps
    return played


def _came_to(db: Database, day: Day, progress: Progress) -> Played:
    lines = [json.dumps(line, sort_keys=True) for line in results(db, progress) if "summary" not in line]
    wrong = [
        *(finding.sentence for finding in audit_check.verify(db)),
        *(f"{finding.reference}: {finding.sentence}" for finding in doctor.examine(db, day.lines[-1].at)),
    ]
    return Played(sorted(lines), wrong)


@dataclass
class _Way:
    """Through the day, from death to death. The parent's side: it knows what it was told and nothing else."""

    db: Database
    day: Day
    users: dict[tuple[str, str], Actor]
    dice: Random
    kills_left: int
    done: int = 0
    asleep_until: int = 0
    refusals: dict[int, tuple[int, str, tuple[str, ...]]] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    found_done: int = 0
    late_sweeps: int = 0

    def one_life(self) -> None:
        """From birth to death; the last life ends with the day."""
        death, quiet = None, len(self.day.lines) + 2
        if self.kills_left:
            left = len(self.day.lines) - self.done
            # Death comes about a line and a half later; the last one is not to come after the end.
            most = min(left - 3, int(2 * (left / self.kills_left - 1.5)))
            death, quiet = self._death(), self.done + self.dice.randint(0, max(0, most))
        worker = _Worker(self.db, self.day, self.users, self.done, quiet, self.asleep_until)
        told = life(self.db, worker.live, death or Death(Where.DONE))
        wait_for_the_dead(self.db)
        self._hear(told)
        self.asleep_until = self.done + self.dice.choice((0, 0, self.dice.randint(1, 8)))

    def _death(self) -> Death:
        where = self.dice.choices(list(Where), (5, 3, 2, 2))[0]
        after = {Where.LINE: self.dice.randint(1, LINES), Where.COMMIT: 0.004 * self.dice.random() ** 3}
        return Death(where, after.get(where, self.dice.uniform(0, SECONDS)))

    def _hear(self, told: Told) -> None:
        within = "between"
        for said, _ in told:
            word, _, rest = said.partition(" ")
            if word == "failed":
                raise RuntimeError(f"A process failed after line {self.done}: {rest}")
            within = {"act": "in an act", "sweep": "in a sweep", Where.DONE: "between"}.get(word, within)
            self.found_done += word == "found"
            self.late_sweeps += word == "late"
            if word == Where.DONE:
                self._note(json.loads(rest))
        if told[-1][0].split()[0] != "survived":
            self.kills[within] += 1
            self.kills_left -= 1

    def _note(self, reasons: list[str] | None) -> None:
        if reasons is not None:
            line = self.day.lines[self.done]
            self.refusals[line.number] = (line.number, str(line.verb), tuple(reasons))
        self.done += 1


@dataclass
class _Worker:
    """The child's side: one process that goes on where the one before it died."""

    db: Database
    day: Day
    users: dict[tuple[str, str], Actor]
    first: int
    quiet: int
    asleep_until: int

    def live(self, mortal: Mortal) -> None:
        """Every line from the first one on, and what falls due that day; death may come once `quiet` lines are done."""
        client = Client(self.db, self.users)
        client.remember()
        for number in range(self.first, len(self.day.lines) + 1):
            if number == self.quiet:
                mortal.begin()
            self._sweep(mortal, client, number)
            reasons = self._act(mortal, client, number)
            mortal.tell(f"{Where.DONE} {json.dumps(reasons)}")

    def _act(self, mortal: Mortal, client: Client, number: int) -> list[str] | None:
        if number == len(self.day.lines):
            return None
        mortal.tell("act")
        line = self.day.lines[number]
        if number == self.first and client.was_done(line):
            mortal.tell("found")
            return None
        return client.do(line)

    def _instant(self, number: int) -> datetime:
        end = number == len(self.day.lines)
        return self.day.lines[-1].at + INSTANT if end else self.day.lines[number].at

    def _sweep(self, mortal: Mortal, client: Client, number: int) -> None:
        """What falls due before this line; nothing while nobody sweeps, and all of it at once after that."""
        at = self._instant(number)
        asleep = number < min(self.asleep_until, len(self.day.lines))
        if asleep or (number and at == self._instant(number - 1)):
            return
        if number == self.asleep_until:
            mortal.tell("late")
            _sweep_once(mortal, client, at - INSTANT)
        while (due := next_due(self.db)) is not None and due < at:
            with clock.at(due):
                _sweep_once(mortal, client, due)


def _sweep_once(mortal: Mortal, client: Client, at: datetime) -> None:
    """As `mash sweep --once --at …`."""
    mortal.tell("sweep")
    if sweep(client.db, client.rulebook, at + INSTANT).failed:
        raise RuntimeError("The sweep could not work out every contact.")


# -- the run ----------------------------------------------------------------------------------------------------------


def compared(one: Played, other: Played) -> list[str]:
    """What speaks against the second: lines that only one of them has, and whatever is adrift."""
    lost, found = Counter(one.results) - Counter(other.results), Counter(other.results) - Counter(one.results)
    lines = [f"- {line}" for line in lost.elements()] + [f"+ {line}" for line in found.elements()]
    return [*lines, *(f"undisturbed: {what}" for what in one.wrong), *(f"killed: {what}" for what in other.wrong)]


def _run(kind: str, day: Day, kills: int, seed: int) -> int:
    """Prints what happened; how much went wrong."""
    started = time.monotonic()
    with databases(kind) as make:
        one = undisturbed(make(), day)
        other = killed(make(), day, kills, seed)
    wrong = compared(one, other)
    if other.kills.total() < kills:
        wrong.append(f"the day was over after {other.kills.total()} kills of {kills}")
    counted = ", ".join(f"{number} {where}" for where, number in sorted(other.kills.items()))
    say(f"{kind}, seed {seed}: {len(day.lines)} lines after {len(day.earlier)}, {len(one.results)} results")
    say(f"  {other.kills.total()} kills ({counted}); {other.late_sweeps} late sweeps; {other.found_done} found done")
    say(f"  {time.monotonic() - started:.0f} s, {len(wrong)} violations")
    for what in wrong:
        say(f"  {what}")
    return len(wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", choices=NAMES, default="main")
    parser.add_argument("--day", type=date.fromisoformat, default=DAY)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=list(POINTS), help="only this one")
    parser.add_argument("--seed", type=int, default=clock.london_date(clock.now()).toordinal())
    chosen = parser.parse_args()
    day = a_day(chosen.recording, chosen.day)
    if not day.lines:
        parser.error(f"the recording {chosen.recording} has no line on {chosen.day}")
    kinds = [chosen.database] if chosen.database else list(POINTS)
    wrong = [_run(kind, day, chosen.kills, chosen.seed) for kind in kinds]
    sys.exit(1 if any(wrong) else 0)


if __name__ == "__main__":
    main()
