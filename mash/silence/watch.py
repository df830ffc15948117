"""Has a source gone quiet, and is one back? The bell that raises and ends silences, each once, whoever else rings.

It is no act on a contact and no part of the sweep: nothing waits for it, and replay knows nothing of it.
"""

from datetime import UTC, datetime

import structlog
from sqlalchemy import ColumnElement, Connection, insert, select, update

from mash import audit, clock
from mash.db import Database
from mash.errors import where_raised
from mash.models.silence import Silence
from mash.rulebook import Rulebook
from mash.silence.flows import flows, least, seconds
from mash.silence.judging import Quiet
from mash.vocabulary import Source

EVERY_SECONDS = 300

log = structlog.get_logger()


def watch(db: Database, rulebook: Rulebook) -> None:
    """Raise the silences that have begun and end those that are over, of every borough, as of now.

    A borough that cannot be watched keeps no other from it. Then raises what the first of them raised: the bell has not
    done all that it is for, and must be missed.
    """
    now, failed = clock.now(), list[Exception]()
    with db.reading() as look:
        boroughs = rulebook.boroughs(look)
    for borough in boroughs:
        try:
            _watch_one(db, rulebook, borough, now)
        except Exception as error:
            log.error("silence.borough_failed", borough=borough, error=where_raised(error))
            failed.append(error)
    if failed:
        raise failed[0]


def _watch_one(db: Database, rulebook: Rulebook, borough: str, now: datetime) -> None:
    with db.reading() as look:
        found = flows(look, rulebook, borough, now)
        begun = [(flow, quiet) for flow in found if (quiet := flow.begins_to_be_quiet(seconds(now)))]
        raised = [(flow.source, quiet, least(look, borough, flow, quiet, now)) for flow, quiet in begun]
    for source, quiet, fewest in raised:
        call_quiet(db, borough, source, quiet, fewest, now)
    for flow in found:
        if flow.is_back(seconds(now)):
            _end(db, borough, flow.source, now)


def call_quiet(db: Database, borough: str, source: Source, quiet: Quiet, fewest: int | None, now: datetime) -> None:
    """Put a silence on record, unless one of this source lasts already."""
    with db.transaction() as tx:
        audit.locked_head(tx, audit.SYSTEM)  # of two that found the same, one waits here and then sees the other's
        if tx.execute(select(Silence.source).where(*_running(borough, source))).first():
            return
        since = datetime.fromtimestamp(quiet.since, UTC)
        row = {"borough": borough, "source": source, "since": since, "raised_at": now}
        told = {"came": quiet.came, "usual": round(quiet.usual), "least": fewest}
        tx.execute(insert(Silence).values(row | told))
        _on_record(tx, "source_quiet", borough, {"source": source, "since": since} | told, now)


def _end(db: Database, borough: str, source: Source, now: datetime) -> None:
    with db.transaction() as tx:
        audit.locked_head(tx, audit.SYSTEM)
        if tx.execute(update(Silence).where(*_running(borough, source)).values(ended_at=now)).rowcount:
            _on_record(tx, "source_back", borough, {"source": source}, now)


def _running(borough: str, source: Source) -> tuple[ColumnElement[bool], ...]:
    return Silence.borough == borough, Silence.source == source, Silence.ended_at.is_(None)


def _on_record(tx: Connection, action: str, borough: str, facts: dict[str, object], now: datetime) -> None:
    audit.record(tx, audit.SYSTEM, at=now, action=action, borough=borough, facts=facts)
