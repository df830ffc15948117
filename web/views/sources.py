"""From whom do contacts come as usual, and from whom no longer? And what somebody knows of a silence."""

from fastapi.responses import Response

from mash import clock
from mash.errors import Refused
from mash.permissions import Permission, allowed
from mash.silence import page
from mash.silence.page import KnownSilence, QuietSource
from web import forms
from web.fields import Choice, Field, Look, Section, Sheet, Typed
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()


@routes.get("/alerts/sources", Permission.VIEW_SOURCES)
def sources(visit: Here, done: str = "") -> Response:
    """Every source with what is usual of it; those that are quiet first."""
    return _page(visit, done=done == "noted")


@routes.post("/alerts/sources", Permission.NOTE_SILENCE)
def note(visit: Here, form: Form) -> Response:
    """Note what is known of a silence; once it is noted, everybody sees that somebody looks after it."""
    typed, house = Typed.of(form), visit.house
    read = forms.read(_sheet(page.quiet_now(house.db, visit.actor)), typed, KnownSilence)
    if read.details is None:
        return _page(visit, typed, read.errors)
    try:
        page.note_known(house.db, visit.actor, read.details, visit.request_id)
    except Refused as no:
        return _page(visit, typed, reasons=no.reasons, status=no.status)
    return visit.see_other("/alerts/sources?done=noted")


def _sheet(quiet: tuple[QuietSource, ...]) -> Sheet:
    open_ones = tuple(Choice(one.source, one.name) for one in quiet if one.known_at is None)
    return (
        Section(
            fields=(
                Field("source", "Source", Look.RADIOS, choices=open_ones, required="Choose the source.", inline=True),
                Field(
                    "because",
                    "What is known",
                    Look.PROSE,
                    hint="Whom you rang and when, what they said, the number of the incident. No family’s name.",
                    required="Say what is known.",
                    rows=3,
                ),
            )
        ),
    )


def _page(
    visit: Visit,
    typed: Typed | None = None,
    errors: forms.Errors | None = None,
    reasons: tuple[str, ...] = (),
    status: int = 200,
    done: bool = False,
) -> Response:
    house, wrong = visit.house, errors or {}
    found = page.sources(house.db, house.office.rulebook, visit.actor, clock.now())
    (asked,) = (section.fields[0].choices for section in _sheet(found.quiet))
    alone = {"source": (asked[0].value,)} if len(asked) == 1 else {}
    return visit.page(
        "sources.html",
        422 if wrong else status,
        sources=found,
        sheet=_sheet(found.quiet) if asked and allowed(visit.actor, Permission.NOTE_SILENCE) else None,
        typed=typed or Typed(alone),
        errors=wrong,
        reasons=reasons,
        error_count=len(wrong) + len(reasons),
        done=done,
    )
