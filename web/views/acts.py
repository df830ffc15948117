"""How is something done to a contact? A form for every verb; what was typed survives every refusal."""

from dataclasses import dataclass

from fastapi.responses import Response

from mash import clock
from mash.errors import BadInput, Conflict, Refused
from mash.permissions import Permission
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS, AddFacts, Details
from mash.workflow.shown import ContactPage
from mash.workflow.write import WHOLE_PICTURE
from web.act_forms import FORMS, needs_agreement, start
from web.contact_form import read_facts
from web.fields import Sheet, Typed
from web.forms import Errors, Read, changed, read, tidied
from web.routing import Routes
from web.views.contacts import looked_up
from web.visits import Form, Here, Visit

routes = Routes()


@dataclass(frozen=True)
class Answer:
    """What the form has to say to what was sent: errors by field, reasons against it, and what changed meanwhile."""

    errors: Errors
    reasons: tuple[str, ...] = ()
    conflict: bool = False
    seen: int | None = None
    status: int = 200


ASKED = Answer({})


def _declare(verb: Verb) -> None:
    permission, path = Permission(verb.value), f"/contacts/{{contact_id}}/{verb.value}"

    @routes.get(path, permission)
    def ask(visit: Here, contact_id: str) -> Response:
        page = looked_up(visit, contact_id, verb.value)
        return _form_page(visit, verb, page, start(FORMS[verb], page, visit.request.query_params), ASKED)

    @routes.post(path, permission)
    def act(visit: Here, contact_id: str, form: Form) -> Response:
        page = looked_up(visit, contact_id, verb.value)
        return _act(visit, verb, page, Typed.of(form))


for _verb in FORMS:
    _declare(_verb)


def _act(visit: Visit, verb: Verb, page: ContactPage, typed: Typed) -> Response:
    sheet = FORMS[verb].sheet(page, visit.actor)
    if (other := changed(sheet, typed)) is not None:
        return _form_page(visit, verb, page, other, ASKED)
    typed = tidied(sheet, typed)
    found = _read(verb, sheet, typed)
    if found.details is None:
        return _form_page(visit, verb, page, typed, Answer(found.errors, status=422))
    try:
        _perform(visit, verb, page, found.details, _version(verb, typed))
    except (Refused, Conflict) as no:
        return _refused(visit, verb, page, typed, no)
    return visit.see_other(f"/contacts/{page.contact_id}?done={verb}")


def _read(verb: Verb, sheet: Sheet, typed: Typed) -> Read[AddFacts] | Read[Details]:
    if verb is Verb.ADD_FACTS:
        return read_facts(sheet, typed, clock.now())
    return read(sheet, typed, DETAILS[verb])


def _perform(visit: Visit, verb: Verb, page: ContactPage, details: Details, version: int | None) -> None:
    visit.house.office.perform(
        visit.actor, verb, page.contact_id, details, version=version, request_id=visit.request_id
    )


def _version(verb: Verb, typed: Typed) -> int | None:
    """The contact as the person saw it, for verbs that judge the whole picture."""
    if verb not in WHOLE_PICTURE:
        return None
    given = typed.one("version")
    if not given.isdecimal() or len(given) > 9:
        raise BadInput("The form does not say which state of the contact you saw. Load the page again.")
    return int(given)


def _refused(visit: Visit, verb: Verb, page: ContactPage, typed: Typed, no: Refused | Conflict) -> Response:
    fresh = looked_up(visit, page.contact_id, verb.value)
    conflict = isinstance(no, Conflict)
    seen = _version(verb, typed) if conflict else None
    return _form_page(visit, verb, fresh, typed, Answer({}, no.reasons, conflict, seen, no.status))


def _form_page(visit: Visit, verb: Verb, page: ContactPage, typed: Typed, answer: Answer) -> Response:
    form = FORMS[verb]
    option = next(option for option in page.verbs if option.verb is verb)
    since = page.version - answer.seen if answer.seen is not None else 0
    return visit.page(
        "act.html",
        answer.status,
        page=page,
        verb=verb,
        form=form,
        sheet=form.sheet(page, visit.actor),
        typed=typed,
        answer=answer,
        errors=answer.errors,
        error_count=len(answer.errors) + len(answer.reasons),
        impossible=option.reasons if answer is ASKED else (),
        news=page.timeline[: max(0, since)],
        needs_agreement=verb is Verb.REQUEST_INFORMATION and needs_agreement(page),
    )
