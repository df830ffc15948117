"""Is anything lost or done twice when four colleagues act on one contact at the same moment? `make faults`.

Each is a process with connections of its own. Contact by contact they claim it at once, then each writes a note, then
all look at it and rate it as they saw it. One claim and one rating hold; the others are told who was first. What was
confirmed to somebody is on the record once, and nothing else is.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from sqlalchemy import select

from mash import audit_check, clock, doctor
from mash.db import Database
from mash.errors import Conflict, Refused
from mash.models.audit import AuditEntry
from mash.models.contact import Contact, EventWords
from mash.permissions import Actor
from mash.vocabulary import Role, Verb
from mash.workflow.details import DETAILS
from mash.workflow.write import Office
from tests.faults.deaths import POINTS, databases, say
from tests.support.hub import Hub

RACERS, PATIENCE_SECONDS = 4, 60
VERBS = (Verb.CLAIM, Verb.ADD_NOTE, Verb.RATE_CONTACT)
CONTESTED = (Verb.CLAIM, Verb.RATE_CONTACT)
"""What only one of them may do."""


class Try(NamedTuple):
    """What somebody tried, the words of it, and the answer: "" where it was confirmed."""

    contact_id: str
    racer: str
    verb: Verb
    words: str
    answer: str


@dataclass
class Race:
    """What came of it, and what speaks against it."""

    tries: list[Try]
    wrong: list[str] = field(default_factory=list)

    def done(self, verb: Verb) -> int:
        """How often this was confirmed to somebody."""
        return sum(one.verb is verb and not one.answer for one in self.tries)


def race(db: Database, contacts: int) -> Race:
    """Four racers on each of so many contacts."""
    hub = Hub(db)
    racers = [hub.person(f"racer_{n}", Role.SCREENER) for n in range(1, RACERS + 1)]
    ids = [hub.screened() for _ in range(contacts)]
    db.close()  # a child is not to inherit a connection
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(RACERS)
    with fork.Pool(RACERS, _prepare, (db, start, hub.at)) as pool:
        answers = pool.starmap(_run, [(racer, ids) for racer in racers], chunksize=1)
    tries = [one for own in answers for one in own]
    return Race(tries, [*_against(db, ids, tries), *_adrift(db, hub.at)])


# -- a racer's side ---------------------------------------------------------------------------------------------------

_own: dict[str, Any] = {}


def _prepare(db: Database, start: Barrier, at: datetime) -> None:
    _own.update(db=db, start=start, at=at, office=Office(db))


def _run(racer: Actor, ids: Sequence[str]) -> list[Try]:
    """All contacts, one after the other; at each act the others are waited for."""
    tries = []
    with clock.at(_own["at"]):
        for contact_id in ids:
            tries.append(_try(racer, contact_id, Verb.CLAIM))
            tries.append(_try(racer, contact_id, Verb.ADD_NOTE, note=f"{racer.name} rang about {contact_id}."))
            _wait()
            seen = _version(contact_id)
            why = f"{racer.name} rated {contact_id}."
            tries.append(_try(racer, contact_id, Verb.RATE_CONTACT, seen, rag="amber", rationale=why))
    return tries


def _wait() -> None:
    _own["start"].wait(PATIENCE_SECONDS)


def _version(contact_id: str) -> int:
    with _own["db"].reading() as look:
        return int(look.execute(select(Contact.version).where(Contact.id == contact_id)).scalar_one())


def _try(racer: Actor, contact_id: str, verb: Verb, version: int | None = None, **fields: str) -> Try:
    details, answer = DETAILS[verb].model_validate(fields), ""
    _wait()
    try:
        _own["office"].perform(racer, verb, contact_id, details, version=version)
    except (Refused, Conflict) as against:
        answer = str(against)
    return Try(contact_id, racer.user_id, verb, fields.get("note") or fields.get("rationale", ""), answer)


# -- what speaks against it -------------------------------------------------------------------------------------------


def _against(db: Database, ids: Sequence[str], tries: Sequence[Try]) -> list[str]:
    confirmed = {(one.contact_id, one.verb, one.racer) for one in tries if not one.answer}
    said = {one.words for one in tries if one.words and not one.answer}
    with db.reading() as look:
        entries = select(AuditEntry.stream, AuditEntry.action, AuditEntry.actor_id).where(AuditEntry.action.in_(VERBS))
        recorded = Counter((row.stream, Verb(row.action), row.actor_id) for row in look.execute(entries))
        written = {words for row in look.execute(select(EventWords.words)) for words in row.words.values()}
    done = Counter((contact_id, verb) for contact_id, verb, _ in recorded.elements())
    wrong = [f"{what}: confirmed and not on the record" for what in confirmed - recorded.keys()]
    wrong += [f"{what}: on the record and not confirmed" for what in recorded.keys() - confirmed]
    wrong += [f"{what}: on the record {times} times" for what, times in recorded.items() if times > 1]
    wrong += [
        f"{one}, {verb}: done {done[one, verb]} times" for one in ids for verb in CONTESTED if done[one, verb] != 1
    ]
    wrong += [f"lost: {words}" for words in said - written]
    wrong += [f"{one}: refused without a name" for one in tries if one.answer and "Racer " not in one.answer]
    return wrong


def _adrift(db: Database, at: datetime) -> list[str]:
    found = [*doctor.examine(db, at), *audit_check.verify(db)]
    return [finding.sentence for finding in found]


# -- the run ----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1500)
    parser.add_argument("--database", choices=list(POINTS), help="only this one")
    chosen = parser.parse_args()
    wrong = 0
    for kind in [chosen.database] if chosen.database else list(POINTS):
        started = time.monotonic()
        with databases(kind) as make:
            ran = race(make(), chosen.contacts)
        counted = ", ".join(f"{verb} {ran.done(verb)}" for verb in VERBS)
        say(f"{kind}: {chosen.contacts} contacts, {RACERS} racers; of {RACERS * chosen.contacts} tries: {counted}")
        say(f"  {time.monotonic() - started:.0f} s, {len(ran.wrong)} violations")
        for what in ran.wrong:
            say(f"  {what}")
        wrong += len(ran.wrong)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
