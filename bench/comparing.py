"""How many contacts a second are compared, and how much faster is that than playing them through the database?

A year of work is made of the main recording of the tests: 43 times the same two weeks, a week apart, each with other
references and other children. That is 16,000 contacts of about eight acts.
"""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.measuring import Figure
from mash import migrate, rulebook
from mash.comparing.compare import compare
from mash.db import Database
from mash.dry_run import DryRun
from mash.recording_file import Line, checked
from mash.replay import Replay
from tests.support.hub import northbridge, northbridge_with
from tests.support.recordings import events_file

WEEKS = 43
ROUNDS = 3
_INSTANTS = ("at", "received_at", "occurred_at", "until")
_QUICKER = {"due": "4 clock_hours", "warn": "1 h", "escalate": "2 h"}


def figures() -> Iterator[Figure]:
    """The speed, with 200 as its limit, then the ratio."""
    year = a_year(_texts("main"))
    rates = [_rate(year) for _ in range(ROUNDS)]
    contacts = f"{_contacts(year):,} contacts compared, contacts a second"
    yield Figure(contacts, rates, "", 200, at_least=True, gated=False)
    fewer = checked(_texts("christmas"), None, "christmas")
    _in_memory(fewer)
    each = [(_into_a_database(fewer), _in_memory(fewer)) for _ in range(ROUNDS)]
    what = "a recording played: into SQLite over in memory"
    yield Figure(what, [slow / fast for slow, fast in each], "×", 20, at_least=True, gated=False, each=each)


def _texts(name: str) -> list[str]:
    return [text for text in events_file(name).read_text(encoding="utf-8").split("\n") if text.strip()]


def a_year(texts: list[str]) -> list[Line]:
    """The recording again and again, a week later each time, in the order of time."""
    moved = [_moved(json.loads(text), week) for week in range(WEEKS) for text in texts]
    return checked((json.dumps(data) for data in sorted(moved, key=lambda data: str(data["at"]))), None, "a year")


def _moved(data: dict[str, Any], week: int) -> dict[str, Any]:
    """So many weeks later, about other contacts and other children."""
    for name in _INSTANTS:
        if name in data:
            later = datetime.fromisoformat(data[name]) + timedelta(weeks=week)
            data[name] = later.isoformat()
    if "contact" in data:
        data["contact"] = f"{data['contact']}-{week}"
    if isinstance(data.get("children"), list):
        data["children"] = [_another(child, week) for child in data["children"]]
    return data


def _another(child: dict[str, Any], week: int) -> dict[str, Any]:
    number = child.get("nhs_number")
    return child | {
        "forename": f"{child.get('forename', 'A')} {week}",
        **({"nhs_number": re.sub(r"\s", "", number)[:8] + f"{week:02}"} if number else {}),
    }


def _contacts(lines: list[Line]) -> int:
    return sum(line.verb == "receive_contact" for line in lines)


def _rate(lines: list[Line]) -> float:
    """Contacts a second of the processor, both rule sets together."""
    new = northbridge_with(version=2, clocks__decision__by_rating__amber=_QUICKER)
    begun = time.process_time()
    found = compare(lines, northbridge(), new)
    return found.contacts / (time.process_time() - begun)


def _in_memory(lines: list[Line]) -> float:
    begun = time.process_time()
    run = DryRun([northbridge()])
    run.play(lines)
    run.results()
    return time.process_time() - begun


def _into_a_database(lines: list[Line]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/bench.db")
        migrate.build(db)
        rulebook.install(db, [northbridge()])
        begun = time.process_time()
        Replay(db).play(lines)
        spent = time.process_time() - begun
        db.close()
    return spent
