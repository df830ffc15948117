"""Do alerts reach those whom they are for? What the doctor says of messages; nothing, where nothing is to be sent."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from mash.accounts.colleagues import colleagues
from mash.messages.addressing import alert_rows, told
from mash.messages.seen import trouble_in
from mash.models.messages import CarrierState
from mash.models.time import Alert, Deadline
from mash.vocabulary import Carrier, Role
from mash.workflow.audience import audience


def findings(look: Connection, now: datetime) -> Iterator[tuple[str, str]]:
    """About what (a borough, or messages as such), and what is wrong and what to do, as a sentence."""
    found = trouble_in(look, now)
    for one in found.failing:
        yield "messages", f"{one.carrier.label} fails: {one.error} See “Messages”."
    if found.is_late:
        waits = f"{found.waiting} messages wait, the oldest for {found.oldest_seconds} seconds"
        yield "messages", f"{waits}. Check that the timers run: mash timers."
    if found.failed:
        yield "messages", f"{found.failed} messages have reached nobody. See “Messages”, and try them again."
    if look.execute(select(CarrierState.name).where(CarrierState.name == Carrier.EMAIL)).first():
        yield from _fallen(look, now)


def _fallen(look: Connection, now: datetime) -> Iterator[tuple[str, str]]:
    """Roles for which alerts are meant now, and in which nobody who is there has an e-mail address."""
    running = alert_rows(Deadline.met_at.is_(None), Deadline.cancelled_at.is_(None), Deadline.taken_by.is_(None))
    in_order = look.execute(running.order_by(Alert.at))
    latest = {(row.borough, row.contact_id, row.clock, row.agency, row.episode): row for row in in_order}
    reachable = {
        borough: [one for one in colleagues(look, borough, now) if one.email] for borough in {key[0] for key in latest}
    }
    fallen: Counter[tuple[str, Role]] = Counter()
    for (borough, *_), row in latest.items():
        if role := audience(told(row), reachable[borough]).instead_of:
            fallen[borough, role] += 1
    for (borough, role), number in sorted(fallen.items()):
        fell = f"{number} alert{'s have' if number > 1 else ' has'} fallen to others"
        lacking = f"Nobody here has an e-mail address as {role.label.lower()}: {fell}."
        yield borough, f"{lacking} Enter one, or add somebody, under Users."
