"""A bank holiday became known late: what would it move, what has it moved? A manager's pages; nothing moves unseen."""

from datetime import date

from fastapi.responses import Response

from mash import access, clock
from mash.errors import NotFound, Refused
from mash.permissions import Permission
from mash.workflow import late_holidays
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.late_holidays import MovedDeadline
from web import forms
from web.fields import Field, Look, Section, Sheet, Typed
from web.routing import Routes
from web.visits import Form, Here, Visit

routes = Routes()

SHEET: Sheet = (
    Section(
        fields=(
            Field("date", "Date", Look.DAY, hint="For example 7/12/2026", required="Give the date."),
            Field("name", "Name", hint="As it is announced, such as State funeral", required="Give its name."),
        )
    ),
)


@routes.get("/rules/bank-holidays", Permission.ANNOUNCE_BANK_HOLIDAY)
def bank_holidays(visit: Here) -> Response:
    """What was announced late so far, and the form for another."""
    return _page(visit, Typed())


@routes.post("/rules/bank-holidays", Permission.ANNOUNCE_BANK_HOLIDAY)
def announce(visit: Here, form: Form) -> Response:
    """First what would move; then, once that has been seen and is confirmed, the announcement itself."""
    typed = Typed.of(form)
    read = forms.read(SHEET, typed, AnnounceBankHoliday)
    if read.details is None or typed.one("step") == "change":
        return _page(visit, typed, read.errors if typed.one("step") != "change" else {})
    details = read.details.model_copy(update={"borough": visit.actor.borough})
    try:
        if typed.one("step") != "announce":
            return _preview(visit, typed, details)
        visit.house.office.announce(visit.actor, details, request_id=visit.request_id)
    except Refused as no:
        return _page(visit, typed, reasons=no.reasons, status=no.status)
    return visit.see_other(f"/rules/bank-holidays/{details.date.isoformat()}?done=announced")


@routes.get("/rules/bank-holidays/{day}", Permission.ANNOUNCE_BANK_HOLIDAY)
def bank_holiday(visit: Here, day: str, done: str = "") -> Response:
    """What the announcement of this day has moved, from when to when."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise NotFound("No bank holiday on this date was announced late.") from None
    house = visit.house
    moved = late_holidays.moved(house.db, house.office.rulebook, visit.actor, on, clock.now())
    _looked_at(visit, moved)
    (holiday,) = (one for one in late_holidays.announced(house.db, visit.actor) if one.day == on)
    return visit.page("rules/bank_holiday.html", holiday=holiday, moved=moved, done=done == "announced")


def _preview(visit: Visit, typed: Typed, details: AnnounceBankHoliday) -> Response:
    house = visit.house
    moved = late_holidays.would_move(house.db, house.office.rulebook, visit.actor, details, clock.now())
    _looked_at(visit, moved)
    return visit.page("rules/bank_holiday_preview.html", details=details, typed=typed, moved=moved)


def _looked_at(visit: Visit, moved: tuple[MovedDeadline, ...]) -> None:
    """A list of contacts is about to be shown."""
    if moved:
        access.looked_at(visit.house.db, visit.actor, None, "bank holidays", visit.request_id)


def _page(
    visit: Visit,
    typed: Typed,
    errors: forms.Errors | None = None,
    reasons: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    return visit.page(
        "rules/bank_holidays.html",
        422 if errors else status,
        announced=late_holidays.announced(visit.house.db, visit.actor),
        sheet=SHEET,
        typed=typed,
        errors=errors or {},
        reasons=reasons,
        error_count=len(errors or {}) + len(reasons),
    )
