"""What waits to go out, and what became of it? One round: write messages, send what is due, note how it went.

Sent after the alert was committed and at least once: a message is claimed, sent outside any transaction, then ended.
Who dies in between leaves a claim that runs out; the next round sends it again under the same key. Any number of rounds
may run at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, func, select, tuple_, update

from mash.accounts.colleagues import colleagues
from mash.db import Database, right_time
from mash.errors import where_raised
from mash.messages.addressing import MOST_AT_ONCE, Addressing, key_of, lines_of, rules_of
from mash.messages.sending import Line, NotNow, NotThere, Outgoing, Send
from mash.models.messages import ALERT_KEY, CarrierState, Message, MessageLine
from mash.models.time import Alert
from mash.rulebook import Rulebook
from mash.vocabulary import AlertKind, Carrier, Ending

EVERY_SECONDS = 15
CLAIM = timedelta(seconds=60)
"""How long a claimed message is left alone: longer than a delivery may take."""
_DELAYS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 1200, 1800))
_LATER = timedelta(hours=1)
MOST_TRIES = 24
"""So often a message is refused while others are taken, in about eighteen hours: then others are told instead."""
NOBODY = "Nobody whom it could be for has an e-mail address. Enter one under Users."
GONE = "Whom it was for is no longer here, or has no e-mail address any more."

log = structlog.get_logger()


@dataclass(frozen=True)
class Round:
    """What one round did: alerts addressed, messages sent, and attempts that failed."""

    addressed: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True)
class _Claim:
    """A message that is ours to send until then (by the right time), as it was before."""

    row: Row[Any]
    until: datetime
    outgoing: Outgoing


Problem = NotThere | NotNow


def ring(db: Database, book: Rulebook, carriers: Mapping[Carrier, Send]) -> Round:
    """Write messages about every new alert, send all that is due. A carrier that fails rests until the next round."""
    addressed = _address(db, book)
    up, sent, failed = dict(carriers), 0, 0
    while up and (claim := _claim(db, book, up)):
        carrier = Carrier(claim.row.carrier)
        problem = _try(up[carrier], claim)
        sent, failed = sent + (problem is None), failed + (problem is not None)
        _end(db, book, claim, problem)
        if isinstance(problem, NotNow) and problem.carrier_fails:
            del up[carrier]
    return Round(addressed, sent, failed)


def _address(db: Database, book: Rulebook) -> int:
    total = 0
    while True:
        with db.transaction() as tx:
            addressing = Addressing(tx, book, right_time(tx))
            addressing.release()
            found = addressing.address()
        total += found
        if found < MOST_AT_ONCE:
            return total


def _claim(db: Database, book: Rulebook, up: Mapping[Carrier, Send]) -> _Claim | None:
    """The message that has waited longest, kept from others for a while. Its lines are now fixed."""
    with db.transaction() as tx:
        now = right_time(tx)
        due = select(Message.__table__).where(Message.ending.is_(None), Message.try_at <= now)
        mine = due.where(Message.carrier.in_([carrier.value for carrier in up])).order_by(Message.try_at, Message.id)
        row = tx.execute(mine.limit(1).with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        until = now + CLAIM
        tx.execute(_unended(row).values(tries=row.tries + 1, tried_at=now, try_at=until, claimed_until=until))
        lines = tuple(_line(tx, book, alert) for alert in lines_of(tx, row.id))
        return _Claim(row, until, Outgoing(row.id, _address_of(tx, row, now), lines))


def _address_of(tx: Connection, row: Row[Any], now: datetime) -> str | None:
    return next((one.email for one in colleagues(tx, row.borough, now) if one.id == row.user_id), None)


def _line(tx: Connection, book: Rulebook, alert: Row[Any]) -> Line:
    return Line(
        borough=alert.borough,
        contact_id=alert.contact_id,
        reference=alert.reference,
        kind=AlertKind(alert.kind),
        level=alert.level,
        clock=alert.clock,
        label=_label(tx, book, alert),
        at=alert.at,
        due_at=alert.due_at,
        over=alert.met_at is not None or alert.cancelled_at is not None,
    )


def _label(tx: Connection, book: Rulebook, alert: Row[Any]) -> str:
    """What the clock is called by the rules; where they do not tell, its code in words."""
    rules = rules_of(tx, book, alert)
    if rules is None or alert.clock not in rules.clocks:
        return str(alert.clock).replace("_", " ").capitalize()
    return rules.clocks[alert.clock].label


def _try(send: Send, claim: _Claim) -> Problem | None:
    """Send it; what went wrong, if anything."""
    row, outgoing = claim.row, claim.outgoing
    if row.carrier == Carrier.EMAIL and outgoing.to is None:
        return NotThere(NOBODY if _is_nobody_s(row) else GONE)
    try:
        send(outgoing)
    except (NotThere, NotNow) as problem:
        return problem
    except Exception as bug:
        log.error("outbox.send_failed", message=row.id, error=where_raised(bug))
        return NotNow(f"It could not be written ({type(bug).__name__}). Tell the makers.", carrier_fails=False)
    return None


def _end(db: Database, book: Rulebook, claim: _Claim, problem: Problem | None) -> None:
    """Note how it went.

    What has gone out has gone out, whoever else has sent it too. A failure counts only for who still has the claim.
    """
    row = claim.row
    with db.transaction() as tx:
        now = right_time(tx)
        if problem is None:
            _note(tx, row.carrier, worked_at=now)
            tx.execute(_unended(row).values(ending=Ending.SENT, ended_at=now, error=None, claimed_until=None))
            return
        problem = _judged(tx, row, problem)
        if isinstance(problem, NotNow) and problem.carrier_fails:
            _note(tx, row.carrier, failed_at=now, error=str(problem))
        ours = _unended(row).where(Message.claimed_until == claim.until)
        if tx.execute(ours.values(claimed_until=None, error=str(problem))).rowcount:
            _go_on(tx, book, row, problem, now)
    log.warning("outbox.not_sent", message=row.id, carrier=row.carrier, tries=row.tries + 1)


def _judged(tx: Connection, row: Row[Any], problem: Problem) -> Problem:
    """A doubtful refusal is the carrier's failing, until it has taken another's since this was tried last."""
    doubtful = isinstance(problem, NotThere) and problem.doubtful
    return NotNow(str(problem)) if doubtful and not _has_taken_since(tx, row.carrier, row.tried_at) else problem


def _has_taken_since(tx: Connection, carrier: str, since: datetime | None) -> bool:
    """Whether the carrier has taken anything since then. It has not, where there is no such moment."""
    if since is None:
        return False
    has = select(CarrierState.name).where(CarrierState.name == carrier, CarrierState.worked_at > since)
    return tx.execute(has).first() is not None


def _go_on(tx: Connection, book: Rulebook, row: Row[Any], problem: Problem, now: datetime) -> None:
    """Give up on whom it is for, if they are the reason; else try again later. While the carrier fails nobody is."""
    own = isinstance(problem, NotThere) or not problem.carrier_fails
    refused = row.refused + own
    gives_up = isinstance(problem, NotThere) or (
        own and refused >= MOST_TRIES and _has_taken_since(tx, row.carrier, row.due_at)
    )
    if gives_up and _pass_on(tx, book, row, now):
        tx.execute(_unended(row).values(ending=Ending.PASSED_ON, ended_at=now))
    elif gives_up and not _is_nobody_s(row):
        tx.execute(_unended(row).values(ending=Ending.FAILED, ended_at=now))
    else:
        tx.execute(_unended(row).values(try_at=now + _delay(row.tries + 1), refused=refused))


def _is_nobody_s(row: Row[Any]) -> bool:
    """An e-mail for which nobody was found: it never ends but with somebody."""
    return row.carrier == Carrier.EMAIL and row.user_id is None


def _delay(tries: int) -> timedelta:
    return _DELAYS[tries - 1] if tries <= len(_DELAYS) else _LATER


def _unended(row: Row[Any]) -> Any:
    """What has ended stays as it ended."""
    return update(Message).where(Message.id == row.id, Message.ending.is_(None))


def _note(tx: Connection, carrier: str, **values: Any) -> None:
    """How the carrier fares. Its row is there, or was removed by who set up the timers anew."""
    tx.execute(update(CarrierState).where(CarrierState.name == carrier).values(values))


def _pass_on(tx: Connection, book: Rulebook, row: Row[Any], now: datetime) -> bool:
    """Tell whom its alerts are for without those who cannot be reached. Whether everybody is told who has to be."""
    if row.carrier != Carrier.EMAIL:
        return False
    mine = {key_of(alert): alert for alert in lines_of(tx, row.id)}
    unreachable, told = {row.user_id or ""}, defaultdict[tuple[Any, ...], set[str]](set)
    for other in tx.execute(_others(row, mine)):
        if other.ending in (Ending.FAILED, Ending.PASSED_ON):
            unreachable.add(other.user_id or "")
        elif other.user_id is not None:
            told[key_of(other)].add(other.user_id)
    return Addressing(tx, book, now).mail(list(mine.values()), frozenset(unreachable), told)


def _others(row: Row[Any], alerts: Iterable[tuple[Any, ...]]) -> Select[Any]:
    """The other e-mails about these alerts."""
    line = tuple(getattr(MessageLine, column) for column in ALERT_KEY)
    own = select(Message.user_id, Message.ending, *line).join(MessageLine, MessageLine.message_id == Message.id)
    return own.where(tuple_(*line).in_(alerts), Message.carrier == Carrier.EMAIL, Message.id != row.id)


def oldest_waiting_seconds(look: Connection, now: datetime) -> int | None:
    """For how long the oldest message, or alert without one, has waited that could have gone; None where none does.

    What quiet hours hold does not wait: its time has not come.
    """
    waiting = select(func.min(Message.due_at)).where(Message.ending.is_(None), Message.due_at <= now)
    since = select(func.min(CarrierState.since)).scalar_subquery()
    unaddressed = select(func.min(Alert.raised_at)).where(Alert.addressed_at.is_(None), Alert.raised_at >= since)
    found = [at for at in (look.execute(waiting).scalar(), look.execute(unaddressed).scalar()) if at is not None]
    return max(0, int((now - min(found)).total_seconds())) if found else None
