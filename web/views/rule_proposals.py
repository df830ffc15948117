"""How are rules changed in the browser? From a text to a proposal, and from that to a version. Shows no contact."""

import re
from dataclasses import dataclass
from datetime import date

from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from mash import clock, proposals
from mash.errors import BadInput, Refused
from mash.permissions import Permission
from mash.proposals import Proposal
from mash.rule_advice.advice import advice
from mash.rule_advice.parts import by_part
from mash.rules.yamltext import UNSEEN
from web.fields import Typed
from web.proposed import named
from web.routing import Routes
from web.views.rule_versions import as_file
from web.views.rules import in_words
from web.visits import Form, Here, Visit
from web.wall import Unreadable, read_day
from web.words import marked

routes = Routes()

DONE = marked({"discarded": "The proposal is thrown away. Nothing was changed."})
NEWEST = "newest"
_AT = re.compile(rf"{re.escape(proposals.TEXT)}:(\d+): (.*)", re.DOTALL)


@dataclass(frozen=True)
class Trouble:
    """Something wrong in a text: the line, where one is to blame, what stands there, and what to do."""

    line: int | None
    stands: str
    sentence: str


@routes.get("/rules/proposals", Permission.CHANGE_RULES)
def all_proposals(visit: Here, start: str = "", of: str = "", done: str = "") -> Response:
    """What is proposed, and a box for a text: empty, with a version to start from, or with that of a proposal."""
    return _list(visit, _text_of(visit, of) if of else _start(visit, start) if start else "", done=DONE.get(done, ""))


@routes.post("/rules/proposals", Permission.CHANGE_RULES)
def propose(visit: Here, form: Form) -> Response:
    """Read the text, or the file that was chosen; every problem at once, or a proposal."""
    given = _given(form)
    try:
        proposal_id = proposals.propose(visit.house.db, visit.house.settings.config, visit.actor, given)
    except BadInput as wrong:
        shown = UNSEEN.sub("\ufffd", given.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n"))
        return _list(visit, shown, _troubles(visit, wrong, shown))
    return visit.see_other(f"/rules/proposals/{proposal_id}")


@routes.get("/rules/text", Permission.CHANGE_RULES)
def starting_text(visit: Here, start: str = NEWEST) -> Response:
    """A version as a file to change, with the number of the next one."""
    return as_file(_start(visit, start), f"{visit.actor.borough}-next.yaml")


@routes.get("/rules/proposals/{proposal_id}", Permission.CHANGE_RULES)
def proposal(visit: Here, proposal_id: str) -> Response:
    """What it would change, what is foolish in it, and what can be done with it."""
    return _proposal(visit, _known(visit, proposal_id))


@routes.post("/rules/proposals/{proposal_id}", Permission.CHANGE_RULES)
def choose_day(visit: Here, form: Form, proposal_id: str) -> Response:
    """From which day? Then it is said exactly what will happen."""
    known, typed = _known(visit, proposal_id), Typed.of(form).one("from")
    try:
        day = read_day(typed)
    except Unreadable as wrong:
        return _proposal(visit, known, typed, str(wrong))
    if reason := proposals.why_not_from(day, known.earliest):
        return _proposal(visit, known, typed, reason)
    return visit.see_other(f"/rules/proposals/{proposal_id}/confirm?day={day.isoformat()}")


@routes.get("/rules/proposals/{proposal_id}/confirm", Permission.CHANGE_RULES)
def confirm_page(visit: Here, proposal_id: str, day: str = "") -> Response:
    """Exactly what will happen, and when."""
    known = _known(visit, proposal_id)
    try:
        return _confirm_page(visit, known, read_day(day))
    except Unreadable:
        return visit.see_other(f"/rules/proposals/{proposal_id}")


@routes.post("/rules/proposals/{proposal_id}/confirm", Permission.CHANGE_RULES)
def put_in_force(visit: Here, form: Form, proposal_id: str) -> Response:
    """Put it in force from this day on."""
    known, day = _known(visit, proposal_id), str(form.get("day", ""))
    try:
        proposals.put_proposal_in_force(visit.house.db, visit.actor, proposal_id, read_day(day), visit.request_id)
    except Unreadable:
        return visit.see_other(f"/rules/proposals/{proposal_id}")
    except Refused as refusal:
        return _confirm_page(visit, known, read_day(day), refusal)
    return visit.see_other("/rules/versions?done=put-in-force")


@routes.post("/rules/proposals/{proposal_id}/discard", Permission.CHANGE_RULES)
def discard(visit: Here, proposal_id: str) -> Response:
    """Nothing comes of it."""
    try:
        proposals.throw_away(visit.house.db, visit.actor, proposal_id)
    except Refused as refusal:
        return _proposal(visit, _known(visit, proposal_id), refusal=refusal)
    return visit.see_other("/rules/proposals?done=discarded")


def _known(visit: Visit, proposal_id: str) -> Proposal:
    house = visit.house
    return proposals.proposal(house.db, house.office.rulebook, visit.actor, proposal_id)


def _start(visit: Visit, start: str) -> str:
    house, number = visit.house, int(start) if re.fullmatch("[1-9][0-9]{0,5}", start) else None
    return proposals.text_to_start_from(house.db, house.office.rulebook, visit.actor, number)


def _text_of(visit: Visit, proposal_id: str) -> str:
    return _known(visit, proposal_id).text


def _given(form: FormData) -> bytes:
    """The file that was chosen, else what stands in the box."""
    chosen = form.get("file")
    if isinstance(chosen, UploadFile) and (raw := chosen.file.read()):
        return raw
    return str(form.get("text", "")).encode()


def _troubles(visit: Visit, wrong: BadInput, text: str) -> list[Trouble]:
    """By line; of the files from which the text inherits without the folder where they are."""
    lines, folder = text.split("\n"), f"{visit.house.settings.config}/"
    return [_trouble(reason.replace(folder, ""), lines) for reason in wrong.reasons]


def _trouble(reason: str, lines: list[str]) -> Trouble:
    found = _AT.fullmatch(reason)
    if not found:
        return Trouble(None, "", reason)
    number = int(found[1])
    return Trouble(number, lines[number - 1].strip() if number <= len(lines) else "", found[2])


def _list(visit: Visit, text: str = "", troubles: list[Trouble] | None = None, done: str = "") -> Response:
    return visit.page(
        "rules/proposals.html",
        422 if troubles else 200,
        proposals=proposals.proposals(visit.house.db, visit.actor),
        text=text,
        troubles=troubles or [],
        done=done,
    )


def _proposal(
    visit: Visit, known: Proposal, typed: str = "", wrong: str = "", refusal: Refused | None = None
) -> Response:
    wanted = known.rules.in_force_from
    day = wanted if wanted >= known.earliest else known.earliest
    return visit.page(
        "rules/proposal.html",
        refusal.status if refusal else 422 if wrong else 200,
        proposal=known,
        typed=typed or f"{day.day}/{day.month}/{day.year}",
        errors={"from": wrong} if wrong else {},
        reasons=refusal.reasons if refusal else (),
        advice=by_part(advice(known.rules, clock.london_date(clock.now()))),
        name=named(known.listed.id),
        compare_with=visit.house.rules(visit.actor.borough).full_name if known.before else "",
        **in_words(known.rules, clock.london_date(clock.now())),
    )


def _confirm_page(visit: Visit, known: Proposal, day: date, refusal: Refused | None = None) -> Response:
    return visit.page(
        "rules/confirm.html",
        refusal.status if refusal else 200,
        proposal=known.from_day(day),
        day=day,
        reasons=refusal.reasons if refusal else (),
    )
