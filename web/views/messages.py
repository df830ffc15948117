"""Do messages about alerts get out, and where do one's own go? The administrator's page, and everybody's own."""

from fastapi.responses import Response

from mash import clock
from mash.accounts import colleagues
from mash.accounts.colleagues import Reach
from mash.errors import BadInput
from mash.messages import seen
from mash.permissions import Permission
from web.fields import Field, Section, Sheet, Typed
from web.forms import Errors
from web.routing import Routes
from web.visits import Form, Here, Visit
from web.words import marked

routes = Routes()

DONE = marked({"again": "It goes out with the next round, within half a minute."})
ADDRESS = Field("email", "E-mail address", hint="Of your work. Leave it blank to get no mail.")
OWN: Sheet = (
    Section(fields=(ADDRESS,)),
    Section(
        title=marked("Quiet hours"),
        hint=marked(
            "What comes in between waits for their end, in one mail. Red contacts, and contacts that nobody has rated "
            "yet, never wait."
        ),
        fields=(
            Field("quiet_from", "From", hint="Such as 22:00. Leave both blank for none."),
            Field("quiet_to", "To", hint="Such as 07:00."),
        ),
        grid=True,
    ),
)


@routes.get("/admin/messages", Permission.MANAGE_MESSAGES)
def messages(visit: Here, done: str = "") -> Response:
    """What carries messages and how it fares; what waits, what has failed, and the last error of each."""
    found = seen.messages(visit.house.db, visit.actor, clock.now())
    return visit.page("admin/messages.html", found=found, done=DONE.get(done, ""))


@routes.post("/admin/messages/{message_id}/again", Permission.MANAGE_MESSAGES)
def again(visit: Here, message_id: str) -> Response:
    """Try one again now."""
    seen.try_again(visit.house.db, visit.actor, message_id)
    return visit.see_other("/admin/messages?done=again")


@routes.get("/account/messages", Permission.OWN_REACH)
def own(visit: Here) -> Response:
    """One's address and quiet hours."""
    reach = colleagues.own_reach(visit.house.db, visit.actor)
    return _own_page(visit, Typed({name: (text,) for name, text in vars(reach).items()}))


@routes.post("/account/messages", Permission.OWN_REACH)
def change_own(visit: Here, form: Form) -> Response:
    """Change them."""
    typed = Typed.of(form)
    try:
        reach = Reach(typed.one("email"), typed.one("quiet_from"), typed.one("quiet_to"))
        colleagues.change_own_reach(visit.house.db, visit.actor, reach)
    except BadInput as wrong:
        return _own_page(visit, typed, wrong)
    return visit.see_other("/account?done=reach")


def _own_page(visit: Visit, typed: Typed, wrong: BadInput | None = None) -> Response:
    status = wrong.status if wrong else 200
    return visit.page("account_messages.html", status, sheet=OWN, typed=typed, errors=_errors_of(wrong))


def _errors_of(wrong: BadInput | None) -> Errors:
    """The reasons, each at the field that it is about."""
    return {"email" if "address" in reason else "quiet_from": reason for reason in (wrong.reasons if wrong else ())}
