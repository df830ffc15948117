"""How does a Change become rows? Audit entry, words, people, requests, clocks and the contact's own row.

Only `write.Office` calls it, with the contact locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from mash import audit
from mash.models.base import into, rows_of
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.information import InformationRequest, InformationReturn
from mash.models.people import ContactAdult, ContactChild, LookupKey, Referrer, ShieldedReferrer, WithheldAddress
from mash.people import matching
from mash.people.keys import keys_of, match_key, nhs_number
from mash.permissions import Actor
from mash.rules.ruleset import RuleSet
from mash.vocabulary import State, Verb
from mash.workflow import rows
from mash.workflow.change import Change
from mash.workflow.details import Adult, Child
from mash.workflow.episodes import Timeline, as_instant
from mash.workflow.history import Event, Picture, picture
from mash.workflow.kept import History
from mash.workflow.settle import NOTHING, Stored, Writing
from mash.workflow.together import Together

_NEW_CONTACT, _WORDS, _HUB_ONLY_WORDS, _CHILDREN, _ADULTS, _KEYS, _ADDRESSES, _REFERRER, _SHIELDED, _ASK, _RETURN = (
    into(table)
    for table in (
        Contact,
        EventWords,
        HubOnlyWords,
        ContactChild,
        ContactAdult,
        LookupKey,
        WithheldAddress,
        Referrer,
        ShieldedReferrer,
        InformationRequest,
        InformationReturn,
    )
)
_CONTACT = update(rows_of(Contact)).where(
    Contact.borough == bindparam("own_borough"), Contact.id == bindparam("own_id")
)
_END_REQUESTS = update(rows_of(InformationRequest)).where(
    InformationRequest.borough == bindparam("own_borough"),
    InformationRequest.contact_id == bindparam("own_id"),
    InformationRequest.agency == bindparam("own_agency"),
    InformationRequest.answered_at.is_(None),
    InformationRequest.waived_at.is_(None),
)


@dataclass(frozen=True)
class Past:
    """What was there before the act; `fresh` is the row of a contact that the act begins.

    The act becomes a part of `history`; its clocks have not gone beyond the act's instant, and `stored` is what the
    rows say of them.
    """

    history: History
    state: State | None = None
    version: int = 0
    stored: Stored = NOTHING
    fresh: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Recording:
    """One act on one contact, within the transaction of the act. Its rows wait in `together` to be written."""

    together: Together
    actor: Actor
    rules: RuleSet
    contact_id: str
    now: datetime
    turn: int | None
    request_id: str | None

    @property
    def key(self) -> dict[str, str]:
        return {"borough": self.actor.borough, "contact_id": self.contact_id}

    def record(self, change: Change, past: Past) -> None:
        """Audit entry, words, people, requests, clocks and the contact's row."""
        sealed, order = audit.seal(change.words), {"calendar_version": len(past.history.holidays)}
        facts = {**change.facts, **order, **({"turn": self.turn} if self.turn is not None else {})}
        entry = audit.entry(
            self.contact_id,
            past.history.head,
            at=self.now,
            action=change.verb.value,
            actor=self.actor,
            facts=facts,
            borough=self.actor.borough,
            states=(past.state.value if past.state else None, change.state.value),
            sealed=sealed,
            request_id=self.request_id,
        )
        head = audit.head_after(entry)
        event = Event(
            seq=head.seq,
            verb=change.verb,
            at=self.now,
            actor_id=self.actor.user_id,
            role=self.actor.role,
            desk=self.actor.desk,
            state_before=past.state,
            state=change.state,
            facts=facts,
        )
        past.history.go_on(event, head)
        line = past.history.clocks.before(self.now)
        self._contact(change, head, past, picture(past.history.events), line)
        self.together.add(audit.ADD, entry)
        if sealed:
            words = _HUB_ONLY_WORDS if change.hub_only else _WORDS
            self.together.add(words, {**self.key, "seq": head.seq, "salt": sealed.salt, "words": sealed.words})
        self._people(change, head.seq, is_new=past.fresh is not None)
        self._information(change, head.seq)
        writing = Writing(self.actor.borough, self.now)
        past.history.stored = writing.note(self.contact_id, self.rules, line, past.stored)
        past.history.next_due_at = as_instant(line.next_at)
        writing.store(self.together.add, self.together.tx.dialect.name)

    def _contact(self, change: Change, head: audit.Head, past: Past, known: Picture, line: Timeline) -> None:
        values = {
            **change.contact,
            "state": change.state,
            "version": past.version + 1,
            "changed_at": self.now,
            "chain_seq": head.seq,
            "chain_hash": head.hash,
            "next_due_at": as_instant(line.next_at),
            "held_by": known.held_by,
            "held_since": known.held_since,
        }
        if past.fresh is not None:
            self.together.add(_NEW_CONTACT, {**past.fresh, **values})
        else:
            self.together.add(_CONTACT, {**values, "own_borough": self.actor.borough, "own_id": self.contact_id})

    def _people(self, change: Change, seq: int, *, is_new: bool) -> None:
        if change.children:
            first = 0 if is_new else len(rows.children_of(self.together.tx, **self.key))
            children = [self._child(c, i, seq, first + n) for n, (i, c) in enumerate(change.children)]
            self.together.add(_CHILDREN, children)
            self.together.write()
            matching.link(self.together.tx, self.actor.borough, change.children, self.now)
        if change.adults:
            first = 0 if is_new else len(rows.adults_of(self.together.tx, **self.key))
            adults = [self._adult(a, i, seq, first + n) for n, (i, a) in enumerate(change.adults)]
            self.together.add(_ADULTS, adults)
        people: list[tuple[str, Child | Adult]] = [*change.children, *change.adults]
        if keys := keys_of(people):
            self.together.add(_KEYS, [{**self.key, **key} for key in keys])
        withheld = [self._withheld(i, p) for i, p in people if p.address_withheld]
        if withheld:
            self.together.add(_ADDRESSES, withheld)
        if change.referrer:
            self._referrer(change)

    def _child(self, child: Child, child_id: str, seq: int, position: int) -> dict[str, Any]:
        shown = not child.address_withheld
        given = child.model_dump(exclude={"label", "address", "postcode", "nhs_number"})
        return {
            **self.key,
            **given,
            "id": child_id,
            "label": child.label or child_id,
            "position": position,
            "seq": seq,
            "nhs_number": nhs_number(child),
            "match_key": match_key(child),
            "address": child.address if shown else None,
            "postcode": child.postcode if shown else None,
        }

    def _adult(self, adult: Adult, adult_id: str, seq: int, position: int) -> dict[str, Any]:
        shown = adult.address if not adult.address_withheld else None
        return {
            **self.key,
            **adult.model_dump(),
            "address": shown,
            "id": adult_id,
            "position": position,
            "seq": seq,
        }

    def _withheld(self, reported_id: str, person: Child | Adult) -> dict[str, Any]:
        postcode = person.postcode if isinstance(person, Child) else None
        return {**self.key, "reported_id": reported_id, "address": person.address, "postcode": postcode}

    def _referrer(self, change: Change) -> None:
        assert change.referrer is not None
        given = change.referrer.model_dump()
        hidden = given.pop("shielded") or given["anonymous"]
        flags = {"anonymous": given.pop("anonymous"), "shielded": hidden}
        blank = dict.fromkeys(given)
        self.together.add(_REFERRER, {**self.key, **flags, **(blank if hidden else given)})
        if hidden and any(given.values()):
            self.together.add(_SHIELDED, {**self.key, **given})

    def _information(self, change: Change, seq: int) -> None:
        facts = change.facts
        if change.verb is Verb.REQUEST_INFORMATION:
            asked = {**self.key, "seq": seq, "asked_at": self.now, "asked_by": self.actor.user_id}
            self.together.add(_ASK, [{**asked, "agency": a} for a in facts["agencies"]])
        elif change.verb is Verb.RETURN_INFORMATION:
            given = {k: facts[k] for k in ("agency", "reply", "handling", "risk", "volunteered")}
            by = {"returned_at": self.now, "recorded_by": self.actor.user_id}
            self.together.add(_RETURN, {**self.key, "seq": seq, **given, **by})
            if facts["stops_clock"]:
                self._end_requests([facts["agency"]], answered_at=self.now)
        elif facts.get("agencies"):
            self._end_requests(facts["agencies"], waived_at=self.now)

    def _end_requests(self, agencies: Sequence[str], **ended: datetime) -> None:
        own = {"own_borough": self.actor.borough, "own_id": self.contact_id}
        self.together.add(_END_REQUESTS, [{**own, "own_agency": agency, **ended} for agency in agencies])
