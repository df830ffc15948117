"""Which sources are quiet, what is usual of each, and what is known of a silence? What pages show, and one act."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select, update

from mash import audit, clock
from mash.db import Database
from mash.errors import Refused
from mash.models.accounts import User
from mash.models.silence import Silence
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.silence.flows import Flow, flows, seconds
from mash.silence.usual import PAST, RECENT
from mash.vocabulary import SHORT_SOURCES, Labelled, Source
from mash.workflow.details import Details, Prose


class Standing(Labelled):
    """How a source stands."""

    QUIET = "quiet", "Quiet"
    AS_USUAL = "as_usual", "As usual"
    TOO_SELDOM = "too_seldom", "Too few to tell"
    TOO_SHORT = "too_short", "Too little past to tell"


@dataclass(frozen=True)
class QuietSource:
    """A source that is or was quiet: what was so when it was called so, and what somebody noted of it. UTC."""

    source: Source
    since: datetime
    raised_at: datetime
    came: int
    usual: int
    least: int | None
    ended_at: datetime | None
    known_by: str | None
    known_at: datetime | None
    known_because: str | None

    @property
    def name(self) -> str:
        """The source in a few words."""
        return SHORT_SOURCES[self.source]


@dataclass(frozen=True)
class SourceLine:
    """One source: when its last contact was recorded, how many are usual in an ordinary week, how it stands.

    `shows_at` is when it would be called quiet if nothing came any more; None where it stands otherwise than as usual.
    """

    name: str
    last_at: datetime
    a_week: float
    standing: Standing
    shows_at: datetime | None


@dataclass(frozen=True)
class Sources:
    """The whole page: silences that last, every source with contacts of the last four weeks, silences of before."""

    quiet: tuple[QuietSource, ...]
    lines: tuple[SourceLine, ...]
    earlier: tuple[QuietSource, ...]


class KnownSilence(Details):
    """What somebody notes of a silence."""

    source: Source
    because: Prose


def quiet_now(db: Database, actor: Actor) -> tuple[QuietSource, ...]:
    """The silences of the actor's borough that last, the longest first. Raises NotPermitted."""
    require(actor, Permission.VIEW_SOURCES)
    with db.reading() as look:
        return _silences(look, actor, Silence.ended_at.is_(None))


def sources(db: Database, rulebook: Rulebook, actor: Actor, now: datetime) -> Sources:
    """How every source of the actor's borough stands, the busiest first. Raises NotPermitted."""
    require(actor, Permission.VIEW_SOURCES)
    lately = Silence.ended_at > now - timedelta(days=PAST)
    with db.reading() as look:
        found = flows(look, rulebook, actor.borough, now)
        quiet, earlier = _silences(look, actor, Silence.ended_at.is_(None)), _silences(look, actor, lately)
    lines = sorted((_line(flow, now) for flow in found), key=lambda line: (-line.a_week, line.name))
    return Sources(quiet, tuple(lines), earlier[::-1])


def note_known(db: Database, actor: Actor, known: KnownSilence, request_id: str | None = None) -> None:
    """Put on record what is known of a silence that lasts. Raises NotPermitted; Refused where it is over or noted."""
    require(actor, Permission.NOTE_SILENCE)
    at = clock.now()
    with db.transaction() as tx:
        of = Silence.borough == actor.borough, Silence.source == known.source, Silence.ended_at.is_(None)
        noted = {"known_by": actor.user_id, "known_at": at, "known_because": known.because}
        if tx.execute(update(Silence).where(*of, Silence.known_at.is_(None)).values(noted)).rowcount == 0:
            raise Refused("Contacts come again, or a colleague has noted what is known already.")
        audit.record(
            tx,
            audit.SYSTEM,
            at=at,
            action="silence_known",
            actor=actor,
            borough=actor.borough,
            facts={"source": known.source},
            request_id=request_id,
        )


def _silences(look: Connection, actor: Actor, which: ColumnElement[bool]) -> tuple[QuietSource, ...]:
    rows = (
        select(Silence.__table__, User.name.label("who"))
        .outerjoin(User, User.id == Silence.known_by)
        .where(Silence.borough == actor.borough, which)
        .order_by(Silence.raised_at, Silence.source)
    )
    return tuple(
        QuietSource(
            source=Source(row.source),
            since=row.since,
            raised_at=row.raised_at,
            came=row.came,
            usual=row.usual,
            least=row.least,
            ended_at=row.ended_at,
            known_by=row.who,
            known_at=row.known_at,
            known_because=row.known_because,
        )
        for row in look.execute(rows)
    )


def _line(flow: Flow, now: datetime) -> SourceLine:
    shows_at = flow.judged(seconds(now)).shows_at
    return SourceLine(
        name=SHORT_SOURCES[flow.source],
        last_at=datetime.fromtimestamp(flow.arrivals[0], UTC),
        a_week=flow.usual.a_month * 7 / RECENT,
        standing=(standing := _standing(flow, shows_at)),
        shows_at=datetime.fromtimestamp(shows_at, UTC) if shows_at and standing is Standing.AS_USUAL else None,
    )


def _standing(flow: Flow, shows_at: int | None) -> Standing:
    if flow.raised_at:
        return Standing.QUIET
    if not flow.usual.is_known:
        return Standing.TOO_SHORT
    return Standing.AS_USUAL if shows_at else Standing.TOO_SELDOM
