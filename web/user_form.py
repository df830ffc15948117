"""What does an administrator say of a user? The fields of the form, and what they amount to."""

from collections.abc import Iterable

from mash.accounts.directory import Place
from mash.accounts.users import Post
from mash.errors import BadInput
from mash.permissions import FOR_REGISTERED
from mash.vocabulary import Role
from web.fields import Choice, Field, Look, Section, Sheet, Typed
from web.forms import Errors
from web.words import marked

ROLES = tuple(role for role in Role if role is not Role.SYSTEM)
_FIELD_OF = (
    ("e-mail", "email"),
    ("username", "username"),
    ("registered", "role"),
    ("role", "role"),
    ("desk", "desk"),
    ("agency", "desk"),
    ("borough", "boroughs"),
    ("name", "name"),
)
"""Under which field a reason is shown: the first whose word it holds."""


ADDRESS = Field("email", "E-mail address for alerts", hint="Of their work. Blank for none: they can enter it too.")
ADDRESS_SHEET: Sheet = (Section(fields=(ADDRESS,)),)


def sheet(places: Iterable[Place], *, new: bool) -> Sheet:
    """The questions: who it is, where that is not known yet, and as what they work."""
    places = tuple(places)
    who = (
        Field("name", "Name", hint="As colleagues read it beside what this person did."),
        Field("username", "Username", hint="With this the person signs in. It cannot be changed later."),
        ADDRESS,
    )
    roles = tuple(Choice(role.value, role.label, _HINTS.get(role, "")) for role in ROLES)
    desks = {code: label for place in places for code, label in place.agencies.items()}
    post = (
        Field("role", "Role", Look.RADIOS, choices=roles),
        Field("registered", "Registered social worker", Look.TICK, hint="On the register of Social Work England."),
        Field("desk", "Agency", Look.SELECT, hint="For an agency desk only.", choices=_choices(desks.items())),
        Field(
            "boroughs",
            "Boroughs",
            Look.CHECKBOXES,
            choices=_choices((place.code, place.title) for place in places),
        ),
    )
    return (*((Section(fields=who),) if new else ()), Section(fields=post))


_HINTS = dict.fromkeys(FOR_REGISTERED, marked("For registered social workers.")) | marked(
    {
        Role.DESK: "Sees and answers only what its agency is asked.",
        Role.ADMINISTRATOR: "Users, sessions and desks. Sees no contacts.",
    }
)


def typed_of(post: Post) -> Typed:
    """The form as it stands for somebody."""
    return Typed(
        {
            "role": (post.role.value,),
            "registered": ("yes",) if post.registered else (),
            "desk": (post.desk or "",),
            "boroughs": post.boroughs,
        }
    )


def post_of(typed: Typed) -> Post:
    """What was chosen. A desk counts for a desk user only. Raises BadInput without a role."""
    role = next((role for role in ROLES if role.value == typed.one("role")), None)
    if role is None:
        raise BadInput(marked("Choose a role."))
    desk = typed.one("desk") or None
    boroughs = tuple(sorted(set(typed.many("boroughs"))))
    return Post(role, boroughs, desk if role is Role.DESK else None, bool(typed.one("registered")))


def errors_of(wrong: BadInput) -> Errors:
    """The reasons, each at the field that it is about."""
    errors: Errors = {}
    for reason in wrong.reasons:
        place = next((field for word, field in _FIELD_OF if word in reason.casefold()), "role")
        errors[place] = f"{errors[place]} {reason}" if place in errors else reason
    return errors


def _choices(pairs: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(code, label) for code, label in pairs)
