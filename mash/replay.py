"""What would the engine make of this recorded work? Drives the real operations under a simulated clock.

The recording is read and checked whole before anything happens: one message with file and line, nothing half-applied.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mash import clock
from mash.accounts.users import create_user
from mash.db import Database
from mash.errors import BadInput, MashError
from mash.permissions import FOR_REGISTERED, Actor
from mash.rulebook import Rulebook
from mash.vocabulary import Role, Verb
from mash.workflow.details import (
    DETAILS,
    AnnounceBankHoliday,
    Details,
    HandTo,
    Instant,
    ReceiveContact,
    without_blanks,
)
from mash.workflow.results import result_lines
from mash.workflow.sweep import next_due, sweep
from mash.workflow.write import Office

END = "end_of_record"
INSTANT = timedelta(seconds=1)
"""Time is counted in whole seconds: what is due at an instant is due before the next one."""
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_OF_THE_RECORD = ("at", "do", "by", "contact", "borough")


@dataclass(frozen=True)
class Line:
    """One checked line of a recording. `verb` is None for the end of the record."""

    number: int
    at: datetime
    verb: Verb | None
    role: Role
    desk: str | None
    by: str
    contact: str | None
    borough: str | None
    details: Details | None


@dataclass
class Progress:
    """What a replay did: lines applied, refusals by line, alerts raised, and how long it took."""

    events: int = 0
    alerts: int = 0
    refusals: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    until: datetime | None = None
    seconds: float = 0.0


def read(file: Path, boroughs: Iterable[str]) -> list[Line]:
    """The recording, checked. Raises BadInput with `file:line: what is wrong`."""
    known, last = set(boroughs), None
    labels: dict[str, str] = {}
    lines: list[Line] = []
    for number, text in enumerate(_text(file).split("\n"), 1):
        if not text.strip():
            continue
        try:
            line = _line(number, text, known, labels)
            if last is not None and line.at < last:
                raise BadInput(f"the time runs backwards: {line.at.isoformat()} comes after {last.isoformat()}.")
        except BadInput as error:
            raise BadInput(f"{file}:{number}: {error}") from None
        last = line.at
        lines.append(line)
    return lines


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        raise BadInput(f"{file}: cannot be read. Check the name and that it may be read.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file}: is not text in UTF-8.") from None


def _line(number: int, text: str, boroughs: set[str], labels: dict[str, str]) -> Line:
    data = _object(text)
    at = _instant(data, "at")
    role, desk = _by(data.get("by"))
    name = data.get("do")
    if name == END:
        return Line(number, at, None, role, desk, str(data["by"]), None, None, None)
    verb = next((verb for verb in Verb if verb.value == name), None)
    if verb is None:
        raise BadInput(f"do: “{name}” is not a verb. Verbs are {', '.join(Verb)} and {END}.")
    label, borough = _about(data, verb, boroughs, labels)
    details = _details(verb, data, borough)
    _not_later(details, at)
    if isinstance(details, HandTo):
        _by(details.to)
    return Line(number, at, verb, role, desk, str(data["by"]), label, borough, details)


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"is not JSON: {error}.") from None
    if not isinstance(data, dict):
        raise BadInput("is not an object: write one {…} a line.")
    return without_blanks(data) or {}


def _instant(data: dict[str, Any], field_name: str) -> datetime:
    try:
        return _INSTANT.validate_python(data.get(field_name))
    except ValidationError:
        raise BadInput(f"{field_name}: write an instant with its offset, like 2026-11-09T09:04+00:00.") from None


def _by(by: Any) -> tuple[Role, str | None]:
    kind, _, desk = str(by).partition("#")[0].partition(":")
    role = next((role for role in Role if role.value == kind), None)
    if role is None or (role is Role.DESK) != bool(desk):
        raise BadInput(f"by: “{by}” is not a role. Roles are {', '.join(Role)}; a desk is written desk:police.")
    return role, desk or None


def _about(
    data: dict[str, Any], verb: Verb, boroughs: set[str], labels: dict[str, str]
) -> tuple[str | None, str | None]:
    """The contact's label and its borough."""
    borough, label = _name(data, "borough"), _name(data, "contact")
    if borough is not None and borough not in boroughs:
        raise BadInput(f"borough: “{borough}” has no rules here. There are {', '.join(sorted(boroughs))}.")
    if verb is Verb.ANNOUNCE_BANK_HOLIDAY:
        return None, borough
    if not label:
        raise BadInput("contact: is missing: give the contact's label.")
    if verb is Verb.RECEIVE_CONTACT:
        if label in labels:
            raise BadInput(f"contact: “{label}” is used a second time: labels are given once.")
        if borough is None:
            raise BadInput("borough: is missing: say whose front door this is.")
        labels[label] = borough
    elif label not in labels:
        raise BadInput(f"contact: “{label}” is not known: no receive_contact before this line gives it.")
    return label, labels[label]


def _name(data: dict[str, Any], field_name: str) -> str | None:
    value = data.get(field_name)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{field_name}: write it as text.")
    return value


def _details(verb: Verb, data: dict[str, Any], borough: str | None) -> Details:
    fields = {key: value for key, value in data.items() if key not in _OF_THE_RECORD}
    if verb is Verb.ANNOUNCE_BANK_HOLIDAY:
        fields["borough"] = borough
    if any(isinstance(child, dict) and "label" not in child for child in _children(verb, fields)):
        raise BadInput("children: a child has no label: give each one, the same for the same person through the file.")
    try:
        return DETAILS[verb].model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BadInput(f"{where or verb}: {first['msg'].removeprefix('Value error, ')}.") from None


def _children(verb: Verb, fields: dict[str, Any]) -> list[Any]:
    children = fields.get("children") if verb in (Verb.RECEIVE_CONTACT, Verb.ADD_FACTS) else None
    return children if isinstance(children, list) else []


def _not_later(details: Details, at: datetime) -> None:
    for name in ("received_at", "occurred_at"):
        instant = getattr(details, name, None)
        if instant is not None and instant > at:
            raise BadInput(f"{name}: lies later than `at`: it cannot have happened yet.")


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
        role, desk = _by(line.details.to)
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
