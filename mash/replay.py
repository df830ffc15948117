"""What would the engine make of this recorded work? Drives the real operations under a simulated clock.

The recording has been read and checked whole (recording_file.py) before anything happens: nothing is half-applied.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mash import clock
from mash.accounts.users import create_user
from mash.clock import INSTANT
from mash.db import Database
from mash.errors import MashError
from mash.permissions import FOR_REGISTERED, Actor
from mash.recording_file import Line, role_and_desk
from mash.rulebook import Rulebook
from mash.vocabulary import Role
from mash.workflow.details import AnnounceBankHoliday, Details, HandTo, ReceiveContact
from mash.workflow.results import result_lines
from mash.workflow.sweep import next_due, sweep
from mash.workflow.write import Office


@dataclass
class Progress:
    """What a replay did: lines applied, refusals by line, alerts raised, and how long it took."""

    events: int = 0
    alerts: int = 0
    refusals: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    until: datetime | None = None
    seconds: float = 0.0


class Replay:
    """A recording being played into a database."""

    def __init__(self, db: Database, actors: Mapping[tuple[str, str], Actor] | None = None) -> None:
        """`actors` are users who are there already, by (`by`, borough); a user is made for every other one."""
        self.db = db
        self.rulebook = Rulebook()
        self.office = Office(db, self.rulebook)
        self.ids: dict[str, str] = {}
        self.users = dict(actors or {})

    def play(self, lines: Iterable[Line], until: datetime | None = None) -> Progress:
        """Apply the lines, sweeping at every due instant in between; ends at `until` or at the last line."""
        progress, started, last = Progress(), time.monotonic(), None
        for line in lines:
            if until is not None and line.at > until:
                break
            if line.at != last:
                self._pass_time(line.at, progress)
                last = line.at
            self._apply(line, progress)
        end = until or last
        if end is not None:
            self._pass_time(end, progress)
            progress.alerts += self._sweep(end)
        progress.until, progress.seconds = end, time.monotonic() - started
        return progress

    def _pass_time(self, to: datetime, progress: Progress) -> None:
        while (due := next_due(self.db)) is not None and due < to:
            progress.alerts += self._sweep(due)

    def _sweep(self, at: datetime) -> int:
        """What is due up to and with this instant, whose events have all been applied."""
        with clock.at(at):
            done = sweep(self.db, self.rulebook, before=at + INSTANT)
        if done.failed:
            raise RuntimeError(f"The sweep could not work out {len(done.failed)} contacts.")
        return done.alerts

    def _apply(self, line: Line, progress: Progress) -> None:
        progress.events += 1
        if line.verb is None:
            return
        progress.verbs[line.verb.value] += 1
        try:
            with clock.at(line.at):
                self._act(line)
        except MashError as error:
            progress.refusals.append((line.number, line.verb.value, error.reasons))

    def _act(self, line: Line) -> None:
        assert line.verb is not None and line.details is not None
        if isinstance(line.details, AnnounceBankHoliday):
            borough = line.borough or self._any_borough()
            self.office.announce(self._actor(line, borough), line.details)
            return
        assert line.borough is not None and line.contact is not None
        actor = self._actor(line, line.borough)
        if isinstance(line.details, ReceiveContact):
            outcome = self.office.receive(actor, line.details, reference=line.contact)
            self.ids[line.contact] = outcome.contact_id
        elif line.contact in self.ids:
            self.office.perform(actor, line.verb, self.ids[line.contact], self._with_people(line))
        else:
            raise MashError("The contact was refused when it arrived.")

    def _with_people(self, line: Line) -> Details:
        """A colleague who is named as in `by` is the user who was made for that name."""
        assert line.details is not None and line.borough is not None
        if not isinstance(line.details, HandTo):
            return line.details
        role, desk = role_and_desk(line.details.to)
        colleague = self._actor(replace(line, by=line.details.to, role=role, desk=desk), line.borough)
        return line.details.model_copy(update={"to": colleague.user_id})

    def _any_borough(self) -> str:
        with self.db.reading() as look:
            return self.rulebook.boroughs(look)[0]

    def _actor(self, line: Line, borough: str) -> Actor:
        key = (line.by, borough)
        if key not in self.users:
            name = f"{line.by}@{borough}"
            is_user = line.role is not Role.SYSTEM
            registered = line.role in FOR_REGISTERED
            user_id = (
                create_user(self.db, name, name, line.role, [borough], line.desk, registered=registered)
                if is_user
                else line.by
            )
            self.users[key] = Actor(user_id, name, line.role, borough, line.desk)
        return self.users[key]


def results(db: Database, progress: Progress) -> Iterator[dict[str, Any]]:
    """The results in the replay format, section 6, the summary last."""
    counts: Counter[str] = Counter()
    for kind, line in result_lines(db):
        counts[kind] += 1
        yield line
    for number, verb, reasons in progress.refusals:
        yield {"refused": number, "do": verb, "reasons": list(reasons)}
    rate = round(progress.events / progress.seconds) if progress.seconds else None
    yield {
        "summary": {
            "events": progress.events,
            "refused": len(progress.refusals),
            **counts,
            "until": clock.iso(progress.until) if progress.until else None,
            "seconds": round(progress.seconds, 2),
            "events_a_second": rate,
            "verbs": dict(progress.verbs),
        }
    }
