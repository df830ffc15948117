"""What was begun in a form and not sent? Kept while somebody types, offered again in the same form."""

import re
from dataclasses import dataclass

from mash import drafts
from mash.errors import BadInput
from mash.vocabulary import Verb
from web.fields import Typed
from web.visits import Visit
from web.words import Saying, marked, spoken

FORM = "draft"
"""The field in which a form says which one it is: its path, with the agency that it was opened for; where many may be
begun, with its key.
"""

NEW = marked(
    {"/contacts/new": "Record a contact", "/advice": "Record an advice call", "/desk/report": "Report a concern"}
)
"""Forms of which each one sent is something new."""

NOT_KEPT = frozenset({FORM, "csrf_token", "change"})

_NEW = re.compile(rf"(?P<page>{'|'.join(NEW)})\?form_key=[\w-]{{16,64}}", re.ASCII)
_OF_CONTACT = re.compile(r"/(contacts|desk)/(?P<id>[\w-]{1,40})(/(?P<act>[a-z_]{1,40}))?(\?agency=\w{1,60})?", re.ASCII)


@dataclass(frozen=True)
class Begun:
    """A form that was begun: its address, and what it is in words."""

    draft: drafts.Unsent
    title: str

    @property
    def href(self) -> str:
        """Where it is gone on with."""
        return self.draft.form

    @property
    def typed(self) -> Typed:
        """Its fields as they were left."""
        return Typed(self.draft.fields)

    @property
    def seen(self) -> int | None:
        """The version of the contact that its writer saw."""
        given = self.typed.one("version")
        return int(given) if given.isdecimal() and len(given) < 10 else None


def begun(visit: Visit, form: str) -> Begun | None:
    """What this person left in this form."""
    draft = drafts.kept(visit.house.db, visit.actor, form)
    return Begun(draft, _title(draft)) if draft else None


def all_begun(visit: Visit) -> list[Begun]:
    """Every form that this person has begun, the latest first."""
    return [Begun(draft, _title(draft)) for draft in drafts.unsent(visit.house.db, visit.actor)]


def keep(visit: Visit, typed: Typed) -> None:
    """Keep what is in the fields. Raises BadInput where they do not say which form it is."""
    form = _form(typed)
    of_contact = _OF_CONTACT.fullmatch(form)
    fields = {name: given for name, given in typed.values.items() if name not in NOT_KEPT}
    drafts.keep(visit.house.db, visit.actor, form, fields, of_contact["id"] if of_contact else None)


def discard(visit: Visit, typed: Typed) -> str:
    """The form is begun afresh: what was kept of it goes. The form's address."""
    form = _form(typed)
    drafts.discard(visit.house.db, visit.actor, form)
    return form


def sent(visit: Visit, typed: Typed) -> None:
    """The form was accepted: what was kept of it has served."""
    if typed.one(FORM):
        discard(visit, typed)


def _form(typed: Typed) -> str:
    form = typed.one(FORM)
    if not (_NEW.fullmatch(form) or _OF_CONTACT.fullmatch(form)):
        raise BadInput("This form does not say which one it is. Load the page again.")
    return form


def _title(draft: drafts.Unsent) -> str:
    if new := _NEW.fullmatch(draft.form):
        return NEW[new["page"]]
    found = _OF_CONTACT.fullmatch(draft.form)
    assert found
    what = (
        Verb(found["act"]).label
        if found["act"] in set(Verb)
        else marked("Reply")
        if not found["act"]
        else marked("Screen out")
    )
    return Saying("%(what)s: %(reference)s", what=spoken(what), reference=draft.reference) if draft.reference else what
