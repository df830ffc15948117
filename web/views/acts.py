"""How is something done to a contact? A form for every verb; what was typed survives every refusal."""

from dataclasses import dataclass, replace

from fastapi.responses import Response

from mash import clock
from mash.errors import BadInput, Conflict, Refused
from mash.permissions import Permission
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS, AddFacts, Details
from mash.workflow.shown import ContactPage
from mash.workflow.write import WHOLE_PICTURE
from web.act_forms import FORMS, needs_agreement, start
from web.begun import FORM, Begun, begun, sent
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


@dataclass(frozen=True)
class Asking:
    """A form about one contact: what it is called, where it is sent, what it asks, what is known beside it."""

    title: str
    name: str
    button: str
    sheet: Sheet
    beside: tuple[str, ...] = ()
    hint: str = ""
    impossible: tuple[str, ...] = ()
    needs_agreement: bool = False
    has_groups: bool = False


def _declare(verb: Verb) -> None:
    permission, path = Permission(verb.value), f"/contacts/{{contact_id}}/{verb.value}"

    @routes.get(path, permission)
    def ask(visit: Here, contact_id: str) -> Response:
        page = looked_up(visit, contact_id, verb.value)
        typed = start(FORMS[verb], page, visit.request.query_params)
        return begun_or_new(visit, page, _asking(visit, verb, page), typed)

    @routes.post(path, permission)
    def act(visit: Here, contact_id: str, form: Form) -> Response:
        page = looked_up(visit, contact_id, verb.value)
        return _act(visit, verb, page, Typed.of(form))


for _verb in FORMS:
    _declare(_verb)


def _act(visit: Visit, verb: Verb, page: ContactPage, typed: Typed) -> Response:
    asking = _asking(visit, verb, page)
    if (other := changed(asking.sheet, typed)) is not None:
        return form_page(visit, page, asking, other)
    typed = tidied(asking.sheet, typed)
    found = _read(verb, asking.sheet, typed)
    if found.details is None:
        return form_page(visit, page, asking, typed, Answer(found.errors, status=422))
    version = seen_version(typed) if verb in WHOLE_PICTURE else None
    try:
        visit.house.office.perform(
            visit.actor, verb, page.contact_id, found.details, version=version, request_id=visit.request_id
        )
    except (Refused, Conflict) as no:
        fresh = looked_up(visit, page.contact_id, verb.value)
        return form_page(visit, fresh, _asking(visit, verb, fresh), typed, refused(no, typed))
    sent(visit, typed)
    return visit.see_other(f"/contacts/{page.contact_id}?done={verb}")


def _read(verb: Verb, sheet: Sheet, typed: Typed) -> Read[AddFacts] | Read[Details]:
    if verb is Verb.ADD_FACTS:
        return read_facts(sheet, typed, clock.now())
    return read(sheet, typed, DETAILS[verb])


def _asking(visit: Visit, verb: Verb, page: ContactPage) -> Asking:
    form = FORMS[verb]
    option = next(option for option in page.verbs if option.verb is verb)
    return Asking(
        verb.label,
        verb.value,
        form.button,
        form.sheet(page, visit.actor),
        form.beside,
        form.hint,
        option.reasons,
        needs_agreement=verb is Verb.REQUEST_INFORMATION and needs_agreement(page),
        has_groups=verb is Verb.ADD_FACTS,
    )


# ---- The same for every form about a contact ------------------------------------------------------------------------


def seen_version(typed: Typed) -> int:
    """The contact as the person saw it. Raises BadInput where the form does not say."""
    given = typed.one("version")
    if not given.isdecimal() or len(given) > 9:
        raise BadInput("The form does not say which state of the contact you saw. Load the page again.")
    return int(given)


def refused(no: Refused | Conflict, typed: Typed) -> Answer:
    """The answer to what could not be done."""
    conflict = isinstance(no, Conflict)
    return Answer({}, no.reasons, conflict, seen_version(typed) if conflict else None, no.status)


def begun_or_new(visit: Visit, page: ContactPage, asking: Asking, new: Typed) -> Response:
    """The form as this person left it, or as new."""
    draft = begun(visit, visit.path)
    if draft is None or asking.impossible:
        return form_page(visit, page, asking, new)
    return form_page(visit, page, asking, draft.typed, replace(ASKED, seen=draft.seen), draft)


def form_page(
    visit: Visit,
    page: ContactPage,
    asking: Asking,
    typed: Typed,
    answer: Answer = ASKED,
    draft: Begun | None = None,
) -> Response:
    """The form with what is typed in it, what was wrong with it, and what is new since it was opened."""
    since = page.version - answer.seen if answer.seen is not None else 0
    return visit.page(
        "act.html",
        answer.status,
        page=page,
        asking=asking,
        typed=typed,
        answer=answer,
        errors=answer.errors,
        error_count=len(answer.errors) + len(answer.reasons),
        impossible=asking.impossible if not (answer.reasons or answer.errors) else (),
        draft=draft,
        form_name=typed.one(FORM) or visit.path,
        news=page.timeline[: max(0, since)],
    )
