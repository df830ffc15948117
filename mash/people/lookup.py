"""Have we heard of this family before? Earlier contacts for a call taker; it links nothing.

Candidates come from an index of what people are found by (LookupKey); what is shown says in words why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, union_all

from mash.agencies.visibility import visible_contacts
from mash.db import Database
from mash.models.contact import Contact
from mash.models.people import ContactAdult, ContactChild, LookupKey
from mash.people.alike import ENOUGH, Known, Sought, Why, why
from mash.people.keys import FoundBy, Key, place_keys
from mash.people.names import Name, plain_words, sound, sounds_to_look_for
from mash.permissions import Actor, Permission, require
from mash.rulebook import Rulebook
from mash.vocabulary import Kind, State

MOST = 8
"""How many earlier contacts are shown."""

CANDIDATES = 250
"""How many people of one kind of likeness are looked at more closely, those that agree in most first."""

_PREFIX_FROM = 3
"""Fewer consonants than these begin too many names."""


@dataclass(frozen=True)
class EarlierFound:
    """One earlier contact, and in a sentence for each person why it may be about the same family."""

    contact_id: str
    reference: str
    received_at: datetime
    kind: Kind
    state: State
    outcome: str | None
    why: tuple[str, ...]


@dataclass(frozen=True)
class Earlier:
    """The nearest first, the latest first of those equally near; and how many more there are."""

    found: tuple[EarlierFound, ...] = ()
    more: int = 0


def look_for(db: Database, actor: Actor, people: Sequence[Sought], rulebook: Rulebook | None = None) -> Earlier:
    """Earlier contacts of the actor's borough that may be about one of these people. Raises NotPermitted for a desk."""
    require(actor, Permission.VIEW_CONTACT)
    wanted = [person for person in people if person.tells_something]
    if not wanted:
        return Earlier()
    with db.reading() as look:
        reasons: dict[str, list[Why]] = defaultdict(list)
        for person in wanted:
            for contact_id, reason in _nearest(_known(look, actor.borough, person), person).items():
                reasons[contact_id].append(reason)
        return _shown(look, actor, reasons, rulebook or Rulebook())


def near_names(look: Connection, actor: Actor, text: str) -> set[str]:
    """Ids of the contacts, of those that the actor may know of, in which somebody's name sounds like this one."""
    sounding = select(LookupKey.contact_id).where(
        LookupKey.borough == actor.borough,
        LookupKey.kind.in_((FoundBy.CHILD_NAME.value, FoundBy.ADULT_NAME.value)),
        LookupKey.key.in_(sorted(sounds_to_look_for(plain_words(text)))),
    )
    visible = select(Contact.id).where(
        Contact.borough == actor.borough, Contact.id.in_(sounding), Contact.id.in_(visible_contacts(actor))
    )
    return set(look.execute(visible).scalars())


def _known(look: Connection, borough: str, person: Sought) -> list[Known]:
    """People on record who share something with the one that is sought."""
    ids = _by_name(look, borough, person) if person.name else set()
    for key in (*(Key(FoundBy.BORN, day) for day in person.days_of_birth), *sorted(person.places)):
        same = select(LookupKey.reported_id).where(LookupKey.borough == borough, *_is(key))
        ids.update(look.execute(same.limit(CANDIDATES)).scalars())
    if person.nhs_number:
        numbered = (ContactChild.borough == borough, ContactChild.nhs_number == person.nhs_number)
        ids.update(look.execute(select(ContactChild.id).where(*numbered).limit(CANDIDATES)).scalars())
    return _rows_of(look, borough, sorted(ids))


def _by_name(look: Connection, borough: str, person: Sought) -> set[str]:
    """Those who agree in most sounds of the name, counted in the index."""
    ways = _name_conditions(person.name, FoundBy.CHILD_NAME if person.is_child else FoundBy.ADULT_NAME)
    shared = union_all(*(select(LookupKey.reported_id).where(LookupKey.borough == borough, way) for way in ways))
    found = shared.subquery().c.reported_id
    most = select(found).group_by(found).order_by(func.count().desc(), found).limit(CANDIDATES)
    return set(look.execute(most).scalars())


def _is(key: Key) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LookupKey.kind == key.kind.value, LookupKey.key == key.key


def _name_conditions(name: Name, kind: FoundBy) -> list[ColumnElement[bool]]:
    """The sounds of the name and of its other forms, and names that begin as what has been typed so far."""
    exact = sounds_to_look_for(name.forenames) | sounds_to_look_for(name.surnames)
    begun = {heard for heard in map(sound, (*name.forenames, *name.surnames)) if _begins(heard)}
    found = [and_(*_is(Key(kind, key))) for key in sorted(exact - begun)]
    for key in sorted(begun):
        after = key[:-1] + chr(ord(key[-1]) + 1)
        found.append(and_(LookupKey.kind == kind.value, LookupKey.key >= key, LookupKey.key < after))
    return found


def _begins(heard: str) -> bool:
    return len(heard) >= _PREFIX_FROM and heard.isascii()


def _rows_of(look: Connection, borough: str, ids: list[str]) -> list[Known]:
    if not ids:
        return []
    found = []
    for table in (ContactChild, ContactAdult):
        rows = select(table.__table__).where(table.borough == borough, table.id.in_(ids))
        found += [_as_known(row, is_child=table is ContactChild) for row in look.execute(rows)]
    return found


def _as_known(row: Row[Any], *, is_child: bool) -> Known:
    if is_child:
        shown = " ".join(part for part in (row.forename, row.surname) if part)
        places = frozenset(place_keys(row.address, row.postcode))
        return Known(
            row.contact_id,
            True,
            Name.of(row.forename, row.surname),
            shown,
            row.date_of_birth,
            row.expected_date_of_delivery,
            row.nhs_number,
            places,
        )
    places = frozenset(place_keys(row.address, None))
    return Known(row.contact_id, False, Name.whole(row.name), row.name or "", row.date_of_birth, None, None, places)


def _nearest(people: Iterable[Known], sought: Sought) -> Mapping[str, Why]:
    """For each contact the person who is nearest to the one that is sought."""
    found: dict[str, Why] = {}
    for known in people:
        reason = why(sought, known)
        if reason and (known.contact_id not in found or reason.strength > found[known.contact_id].strength):
            found[known.contact_id] = reason
    return found


def _shown(look: Connection, actor: Actor, reasons: Mapping[str, list[Why]], rulebook: Rulebook) -> Earlier:
    """What is near enough, of what the actor may know of."""
    strength = {contact_id: sum(reason.strength for reason in found) for contact_id, found in reasons.items()}
    near = sorted((one for one in strength if strength[one] >= ENOUGH), key=lambda one: -strength[one])[:CANDIDATES]
    columns = (
        Contact.id,
        Contact.reference,
        Contact.received_at,
        Contact.kind,
        Contact.state,
        Contact.outcome,
        Contact.rule_set,
        Contact.rule_set_version,
    )
    wanted = select(*columns).where(
        Contact.borough == actor.borough,
        Contact.id.in_(visible_contacts(actor)),
        Contact.id.in_(near),
    )
    rows: list[Row[Any]] = sorted(look.execute(wanted), key=lambda row: row.received_at, reverse=True)
    rows.sort(key=lambda row: -strength[row.id])
    return Earlier(
        tuple(_as_found(look, rulebook, row, reasons[row.id]) for row in rows[:MOST]), max(0, len(rows) - MOST)
    )


def _as_found(look: Connection, rulebook: Rulebook, row: Row[Any], reasons: list[Why]) -> EarlierFound:
    rules = rulebook.version(look, row.rule_set, row.rule_set_version)
    outcome = rules.outcomes[row.outcome].label if row.outcome else None
    said = dict.fromkeys(r.sentence for r in sorted(reasons, key=lambda r: -r.strength))
    return EarlierFound(row.id, row.reference, row.received_at, Kind(row.kind), State(row.state), outcome, tuple(said))
