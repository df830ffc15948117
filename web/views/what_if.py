"""When would a contact that arrives then be due? The table of the borough's clocks by colours, for any instant."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from fastapi.responses import Response
from pydantic import BaseModel

from mash import clock
from mash.errors import Refused
from mash.permissions import Permission
from mash.proposals import Proposal
from mash.rules.moments import worth_asking
from mash.rules.ruleset import RuleSet
from mash.rules.what_if import how_long, main_calendar, what_if
from mash.workflow.details import Instant
from web.fields import Choice, Field, Look, Section, Sheet, Typed
from web.forms import Errors, read
from web.proposed import every, named, proposed
from web.routing import Routes
from web.visits import Here, Visit
from web.words import Saying, marked

routes = Routes()


class Wanted(BaseModel):
    """What may be asked: an instant, else now; the number of a version, else the one in force then."""

    when: Instant | None = None
    version: str = ""


@dataclass(frozen=True)
class Meant:
    """The instant and the rules, or what is wrong with what was asked."""

    at: datetime
    rules: RuleSet
    errors: Errors = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


@routes.get("/rules/what-if", Permission.VIEW_RULES)
def asked(visit: Here) -> Response:
    """What would be due now, at one of the instants that are hard to count, or at one that is typed."""
    now = clock.now().replace(second=0)
    with visit.house.db.reading() as look:
        versions = visit.house.office.rulebook.versions(look, visit.actor.borough)
        late = frozenset(visit.house.office.rulebook.late_names(look, visit.actor.borough))
    given = visit.request.query_params
    typed = Typed({name: given.getlist(name) for name in given})
    sheet = _sheet(versions, every(visit))
    meant = _meant(visit, sheet, typed, now)
    hours = meant.rules.working_times(late)[main_calendar(meant.rules)]
    version = typed.one("version")
    return visit.page(
        "rules/what_if.html",
        422 if meant.errors or meant.reasons else 200,
        sheet=sheet,
        typed=typed if meant.errors or meant.reasons else Typed.at("when", meant.at).plus({"version": (version,)}),
        meant=meant,
        rules=meant.rules,
        error_count=len(meant.errors) + len(meant.reasons),
        found=what_if(meant.rules, _seconds(meant.at), late),
        choices=[
            (one.label, _address(_instant(one.at), version), _instant(one.at) == meant.at)
            for one in worth_asking(_seconds(now), hours)
        ],
        how_long=how_long,
        instant=_instant,
    )


def _meant(visit: Visit, sheet: Sheet, typed: Typed, now: datetime) -> Meant:
    """Where something is wrong with what was asked the table is that of now."""
    in_force = visit.house.rules(visit.actor.borough)
    wanted = read(sheet, typed, Wanted)
    if wanted.details is None:
        return Meant(now, in_force, wanted.errors)
    at = (wanted.details.when or now).astimezone(UTC)
    try:
        return Meant(at, _rules(visit, wanted.details.version, clock.london_date(at)))
    except Refused as refused:
        return Meant(now, in_force, reasons=refused.reasons)


def _rules(visit: Visit, version: str, on: date) -> RuleSet:
    """The version asked for, else the one in force then. Raises Refused where there is none."""
    if proposal := proposed(visit, version):
        return proposal.rules
    rulebook, borough = visit.house.office.rulebook, visit.actor.borough
    with visit.house.db.reading() as look:
        if not version:
            return rulebook.in_force(look, borough, on)
        known = {str(number): number for number, _ in rulebook.versions(look, borough)}
        if version not in known:
            raise Refused(marked("There is no such version of these rules. Choose one from the list."))
        return rulebook.version(look, borough, known[version])


def _sheet(versions: list[tuple[int, date]], proposals: list[Proposal]) -> Sheet:
    """An instant, and a version where there are several; proposed ones for those who may change rules."""
    at = Field("when", marked("When it arrives"), Look.WHEN, hint=marked("London time, like 24/12/2026 and 16:50."))
    choices = tuple(Choice(str(number), f"{number}, {since:%-d %B %Y}") for number, since in versions)
    choices += tuple(Choice(named(one.listed.id), Saying("%(n)s, proposed", n=one.rules.version)) for one in proposals)
    which = Field("version", marked("Version of the rules, in force from"), Look.SELECT, choices=choices)
    return (Section(fields=(at, which) if len(choices) > 1 else (at,)),)


def _address(at: datetime, version: str) -> str:
    """The page for an instant, as the form would send it."""
    typed = Typed.at("when", at)
    asked = {name: typed.one(name) for name in typed.values} | {"version": version}
    return f"/rules/what-if?{urlencode({name: value for name, value in asked.items() if value})}"


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
