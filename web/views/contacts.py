"""What is recorded, and what is known of one contact? Recording a contact, and its page."""

from fastapi.responses import Response

from mash import access, clock
from mash.errors import Refused
from mash.permissions import Permission, require
from mash.vocabulary import Verb
from mash.workflow.contact_page import contact_page
from mash.workflow.details import DETAILS, NoDetails
from mash.workflow.shown import ContactPage, VerbOption
from web import screen_out
from web.begun import Begun, begun, sent
from web.contact_form import KEY, blank_contact, contact_sheet, read_contact, with_key
from web.earlier import earlier_contacts
from web.fields import Typed
from web.forms import Errors, changed, tidied
from web.routing import Routes
from web.visits import Form, Here, Visit
from web.words import marked

routes = Routes()

ONE_BUTTON = frozenset(verb for verb, details in DETAILS.items() if details is NoDetails)
"""Acts of which nothing more is asked: a button on the contact's page."""

GROUPS = marked(
    (
        (
            "Screen and decide",
            (
                Verb.START_SCREENING,
                Verb.RATE_CONTACT,
                Verb.REQUEST_INFORMATION,
                Verb.RETURN_INFORMATION,
                Verb.PROCEED_WITHOUT,
                Verb.RECORD_DECISION,
                Verb.WITHDRAW_DECISION,
                Verb.SIGN_OFF,
            ),
        ),
        ("Who has it", (Verb.CLAIM, Verb.RELEASE, Verb.HAND_TO, Verb.TAKE_ALERT, Verb.HAND_ALERT_TO)),
        ("Add to the record", (Verb.ADD_NOTE, Verb.ADD_FACTS, Verb.RECORD_AGREEMENT, Verb.RECORD_EVENT)),
        ("Referrer", (Verb.ACKNOWLEDGE, Verb.GIVE_FEEDBACK, Verb.RETURN_TO_REFERRER, Verb.RESUBMIT)),
        (
            "Clocks",
            (Verb.PAUSE_CLOCK, Verb.RESUME_CLOCK, Verb.LIFT_DEADLINE, Verb.RESOLVE_BREACH, Verb.ANNUL_BREACH),
        ),
        (
            "Hand on or close",
            (
                Verb.ACCEPT_HANDOVER,
                Verb.CONFIRM_READ,
                Verb.TRANSFER_OUT,
                Verb.TRANSFER_ACCEPTED,
                Verb.TRANSFER_REFUSED,
                Verb.CLOSE,
                Verb.REOPEN,
            ),
        ),
    )
)
"""The acts as they stand together on the contact's page."""


@routes.get("/contacts/new", Permission.RECEIVE_CONTACT)
def new_contact(visit: Here) -> Response:
    """An empty form: one child, received now; or one that was begun. A desk has a form of its own."""
    if visit.actor.is_desk:
        return visit.see_other("/desk/report")
    draft = begun(visit, visit.path)
    return _form_page(visit, draft.typed if draft else blank_contact(clock.now()), draft=draft)


@routes.post("/contacts/new", Permission.RECEIVE_CONTACT)
def receive_contact(visit: Here, form: Form) -> Response:
    """Store it, or show the form again with everything that was typed."""
    require(visit.actor, Permission.VIEW_CONTACT)
    sheet, typed = contact_sheet(visit.house.rules(visit.actor.borough)), with_key(Typed.of(form))
    if (other := changed(sheet, typed)) is not None:
        return _form_page(visit, other)
    typed = tidied(sheet, typed)
    found = read_contact(sheet, typed, clock.now())
    if found.details is None:
        return _form_page(visit, typed, errors=found.errors, status=422)
    try:
        stored = visit.house.office.receive(visit.actor, found.details, key=typed.one(KEY), request_id=visit.request_id)
    except Refused as refused:
        return _form_page(visit, typed, reasons=refused.reasons, status=409)
    sent(visit, typed)
    return visit.see_other(f"/contacts/{stored.contact_id}?done={Verb.RECEIVE_CONTACT}")


def _form_page(
    visit: Visit,
    typed: Typed,
    *,
    errors: Errors | None = None,
    reasons: tuple[str, ...] = (),
    status: int = 200,
    draft: Begun | None = None,
) -> Response:
    return visit.page(
        "contact_new.html",
        status,
        sheet=contact_sheet(visit.house.rules(visit.actor.borough)),
        typed=typed,
        earlier=earlier_contacts(visit, typed),
        errors=errors or {},
        reasons=reasons,
        draft=draft,
        error_count=len(errors or {}) + len(reasons),
    )


@routes.get("/contacts/{contact_id}", Permission.VIEW_CONTACT)
def contact(visit: Here, contact_id: str, done: str = "") -> Response:
    """Who, what, how urgent, what is known, what is waited for, and what can be done now."""
    page = looked_up(visit, contact_id, "contact")
    return visit.page(
        "contact.html",
        page=page,
        done=_done(page, done),
        just_recorded=done == Verb.RECEIVE_CONTACT,
        steps=_steps(page),
        impossible=[option for option in page.verbs if not option.possible],
        one_button=ONE_BUTTON,
        can_screen_out=screen_out.fits(page),
        can_note=any(option.verb is Verb.ADD_NOTE and option.possible for option in page.verbs),
        note=_note_begun(visit, page),
    )


def _note_begun(visit: Visit, page: ContactPage) -> str:
    draft = begun(visit, f"/contacts/{page.contact_id}/{Verb.ADD_NOTE}")
    return draft.typed.one("note") if draft else ""


def looked_up(visit: Visit, contact_id: str, page: str) -> ContactPage:
    """The contact, and on record that this person looked. Raises NotFound or NotPermitted, and then nothing is."""
    found = contact_page(visit.house.db, visit.actor, clock.now(), contact_id)
    access.looked_at(visit.house.db, visit.actor, contact_id, page, visit.request_id)
    return found


def _done(page: ContactPage, verb: str) -> str:
    """What was just done, from the record itself."""
    if verb == Verb.RECEIVE_CONTACT:
        return marked("The contact is recorded.")
    return next((entry.what for entry in page.timeline if entry.verb == verb), "")


def _steps(page: ContactPage) -> list[tuple[str, list[VerbOption]]]:
    """What can be done now, beside the next step."""
    possible = {option.verb: option for option in page.verbs if option.possible and option.verb is not page.next_step}
    grouped = [(title, [possible[verb] for verb in verbs if verb in possible]) for title, verbs in GROUPS]
    return [(title, options) for title, options in grouped if options]
