"""Which contacts have this reference, name or telephone number? Open and finished ones, within rights. Reads only.

Who reported and is shielded or anonymous is never found by name or number: their words lie in a table that is not read
here, so that nobody learns from a search who told.
"""

import re
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from mash.agencies.visibility import visible_contacts
from mash.db import Database
from mash.models.contact import Contact
from mash.models.people import ContactAdult, ContactChild, Referrer
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.workflow.queue import PAGE, Before, Found, page_of

FEWEST_LETTERS = 2
FEWEST_DIGITS = 5
FEWEST_OF_A_REFERENCE, FEWEST_OF_A_WHOLE_REFERENCE = 4, 10
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_COUNTRY = "44"


def is_number(text: str) -> bool:
    """Whether it can only be a telephone number or an NHS number."""
    return bool(re.fullmatch(r"[+\d\s().-]+", text.strip()))


def can_be_looked_for(text: str) -> bool:
    """Whether there is enough of it to look for."""
    if is_number(text):
        return len(_digits(text)) >= FEWEST_DIGITS
    return sum(map(str.isalnum, text)) >= FEWEST_LETTERS


def search(
    db: Database, rulebook: Rulebook, actor: Actor, now: datetime, text: str, before: Before | None = None
) -> Found:
    """Contacts that match, the last received first, a page at a time. Raises NotPermitted.

    `text` is a reference or its end, a telephone or NHS number, or names: each word begins a name of one person.
    """
    require(actor, Permission.VIEW_QUEUE)
    own = visible_contacts(actor).with_only_columns(Contact.id, Contact.received_at).where(_matches(actor, text))
    if before is not None:
        earlier = (Contact.received_at == before.at) & (Contact.id < before.contact_id)
        own = own.where(or_(Contact.received_at < before.at, earlier))
    with db.reading() as look:
        newest = own.order_by(Contact.received_at.desc(), Contact.id.desc()).limit(PAGE + 1)
        return page_of(look, rulebook, actor, now, [Before(row.received_at, row.id) for row in look.execute(newest)])


def only_by_reference(found: Found, text: str) -> str | None:
    """The id of the one contact found, where the text is its reference, or the end of it and cannot be a name."""
    typed = _bare(text)
    if len(found.rows) != 1 or found.more or len(typed) < FEWEST_OF_A_REFERENCE:
        return None
    own, readings = found.rows[0], _readings(typed)
    whole = _bare(own.reference)
    is_end = bool(re.search(r"\d", typed)) and whole.endswith(tuple(readings))
    return own.contact_id if whole in readings or is_end else None


def by_reference(db: Database, rulebook: Rulebook, actor: Actor, now: datetime, text: str) -> Found:
    """Contacts whose reference is this or ends so, at most a page of them. Raises NotPermitted."""
    require(actor, Permission.VIEW_QUEUE)
    own = visible_contacts(actor).with_only_columns(Contact.id, Contact.received_at).where(_has_reference(text))
    with db.reading() as look:
        newest = own.order_by(Contact.received_at.desc(), Contact.id.desc()).limit(PAGE)
        return page_of(look, rulebook, actor, now, [Before(row.received_at, row.id) for row in look.execute(newest)])


def _matches(actor: Actor, text: str) -> ColumnElement[bool]:
    if is_number(text):
        return or_(_has_number(actor, _digits(text)), _has_reference(text))
    return or_(_has_reference(text), _has_name(actor, text.split()))


def _has_reference(text: str) -> ColumnElement[bool]:
    """The end of a reference, without its hyphens; letters that it never has are read as the figures they look like."""
    typed = _bare(text)
    if len(typed) < FEWEST_OF_A_REFERENCE:
        return Contact.id.is_(None)
    readings = _readings(typed)
    if len(typed) >= FEWEST_OF_A_WHOLE_REFERENCE:
        return Contact.reference.in_([f"{whole[:-8]}-{whole[-8:-4]}-{whole[-4:]}" for whole in readings])
    bare = func.replace(Contact.reference, "-", "")
    return or_(*(bare.endswith(reading, autoescape=True) for reading in readings))


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _readings(typed: str) -> list[str]:
    return sorted({typed, typed[:-8] + typed[-8:].translate(_MISREAD)})


def _has_number(actor: Actor, digits: str) -> ColumnElement[bool]:
    local = digits.removeprefix("00").removeprefix(_COUNTRY).lstrip("0") or digits
    stored: ColumnElement[str] = func.coalesce(Referrer.phone, "")
    for sign in (" ", "-", "(", ")", "+", "."):
        stored = func.replace(stored, sign, "")
    called = _of(actor, Referrer, stored.contains(local, autoescape=True))
    return or_(called, _of(actor, ContactChild, ContactChild.nhs_number == digits))


def _has_name(actor: Actor, words: list[str]) -> ColumnElement[bool]:
    child = func.coalesce(ContactChild.forename, "") + " " + func.coalesce(ContactChild.surname, "")
    return or_(
        _of(actor, ContactChild, *(_begins(child, word) for word in words)),
        _of(actor, ContactAdult, *(_begins(func.coalesce(ContactAdult.name, ""), word) for word in words)),
        _of(
            actor,
            Referrer,
            *(_begins(func.coalesce(Referrer.name, ""), word) for word in words),
        ),
    )


def _of(
    actor: Actor, table: type[ContactChild | ContactAdult | Referrer], *wanted: ColumnElement[bool]
) -> ColumnElement[bool]:
    return Contact.id.in_(select(table.contact_id).where(table.borough == actor.borough, *wanted))


def _begins(name: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whether a part of the name begins so, in small or capital letters (SQLite knows only those of English)."""
    spellings = [word] if word.isascii() else sorted({word, word.lower(), word.upper(), word.title()})
    return or_(*((" " + name).icontains(f"{sign}{one}", autoescape=True) for one in spellings for sign in (" ", "-")))


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter in "0123456789")
