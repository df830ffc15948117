"""Is every receipt stored once when the PostgreSQL server is killed while people send? `make faults`.

Eight clients send contacts, each under a key of its own, and send again under that key whatever they do not hear of.
Meanwhile all processes of the server are killed and started again. Whoever got a receipt finds the contact, once; and
once the server answers, the first receipt is there within 15 seconds.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Event

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from mash import audit_check, clock, doctor
from mash.db import Database
from mash.errors import Unsure
from mash.models.contact import Contact, Receipt
from mash.workflow.details import ReceiveContact
from mash.workflow.write import Office
from tests.faults.deaths import say
from tests.faults.own_server import OwnServer, own_server
from tests.support.databases import PostgresDatabases
from tests.support.hub import Hub

CLIENTS, AGAIN_AFTER_SECONDS, SECONDS_TO_RECOVER = 8, 0.1, 15
UNHEARD = (OperationalError, InterfaceError, InternalError, NoConnection, Unsure)
"""What the pages answer with 503: somebody sends again."""


@dataclass
class Sent:
    """What all clients heard, and what speaks against it."""

    receipts: dict[str, str] = field(default_factory=dict)
    heard_at: list[float] = field(default_factory=list)
    unheard: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    slowest_recovery: float = 0.0
    wrong: list[str] = field(default_factory=list)


def sent_while_killed(server: OwnServer, db: Database, seconds: float, kills: int, seed: int) -> Sent:
    """So many kills within so many seconds."""
    hub, dice, sent, over = Hub(db, at=clock.now()), Random(seed), Sent(), Event()
    with ThreadPoolExecutor(CLIENTS) as clients:
        ends = [clients.submit(_client, hub, n, sent, over) for n in range(CLIENTS)]
        with _until_the_end(over):
            began = time.monotonic()
            for at in sorted(dice.uniform(0.02, 0.98) * seconds for _ in range(kills)):
                time.sleep(max(0.0, began + at - time.monotonic()))
                _kill(server, sent)
            time.sleep(max(0.0, began + seconds - time.monotonic()))
    for end in ends:
        end.result()
    sent.wrong += _against(db, hub, sent)
    return sent


@contextmanager
def _until_the_end(over: Event) -> Iterator[None]:
    try:
        yield
    finally:
        over.set()


def _kill(server: OwnServer, sent: Sent) -> None:
    server.kill()
    server.start()
    sent.kills += 1
    back, patience = time.monotonic(), SECONDS_TO_RECOVER
    while not any(at > back for at in sent.heard_at[-CLIENTS:]):
        if time.monotonic() - back > patience:
            sent.wrong.append(f"nothing was stored within {patience} s of the server's return")
            return
        time.sleep(0.02)
    sent.slowest_recovery = max(sent.slowest_recovery, time.monotonic() - back)


def _client(hub: Hub, number: int, sent: Sent, over: Event) -> None:
    """Sends one contact after the other; ends when it has heard of its last one."""
    office, count = Office(hub.db), 0
    while not over.is_set():
        key = f"client {number}, form {count}"
        details = ReceiveContact.model_validate({"children": [{"forename": "Ann", "surname": key}]})
        sent.receipts[key] = _until_heard(office, hub, key, details, sent)
        count += 1


def _until_heard(office: Office, hub: Hub, key: str, details: ReceiveContact, sent: Sent) -> str:
    while True:
        try:
            reference = office.receive(hub.actors["officer"], details, key=key).reference
        except UNHEARD as error:
            sent.unheard[type(error).__name__] += 1
            time.sleep(AGAIN_AFTER_SECONDS)
        else:
            sent.heard_at.append(time.monotonic())
            return reference


def _against(db: Database, hub: Hub, sent: Sent) -> list[str]:
    with db.reading() as look:
        rows = look.execute(
            select(Receipt.key, Contact.reference).join(
                Contact, (Contact.borough == Receipt.borough) & (Contact.id == Receipt.contact_id)
            )
        ).all()
        contacts = len(look.execute(select(Contact.id)).all())
    stored = {row.key: row.reference for row in rows}
    wrong = [
        f"{key}: confirmed as {ref}, stored as {stored.get(key)}"
        for key, ref in sent.receipts.items()
        if stored.get(key) != ref
    ]
    wrong += [f"{key}: stored and never confirmed" for key in stored.keys() - sent.receipts.keys()]
    if not contacts == len(rows) == len(sent.receipts):
        wrong.append(f"{contacts} contacts, {len(rows)} keys, {len(sent.receipts)} receipts")
    found = [*doctor.examine(db, clock.now()), *audit_check.verify(db)]
    return [*wrong, *(finding.sentence for finding in found)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--seed", type=int, default=clock.london_date(clock.now()).toordinal())
    chosen = parser.parse_args()
    with own_server() as server:
        databases = PostgresDatabases(server.url)
        with databases.copy("live") as db:
            sent = sent_while_killed(server, db, chosen.seconds, chosen.kills, chosen.seed)
    say(f"seed {chosen.seed}: {sent.kills} kills in {chosen.seconds:.0f} s, {CLIENTS} clients")
    say(f"  {len(sent.receipts)} receipts; not heard of: {dict(sent.unheard)}")
    say(f"  at most {sent.slowest_recovery:.1f} s from the server's return to the next receipt")
    say(f"  {len(sent.wrong)} violations")
    for what in sent.wrong[:50]:
        say(f"  {what}")
    sys.exit(1 if sent.wrong else 0)


if __name__ == "__main__":
    main()
