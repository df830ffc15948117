"""How does a Change become rows? Audit entry, words, people, requests, clocks and the contact's own row.

Only `write.Office` calls it, with the contact locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from mash import audit
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
from mash.workflow.clocks import BankHoliday, timeline
from mash.workflow.details import Adult, Child
from mash.workflow.episodes import Timeline, as_instant
from mash.workflow.history import Event, picture
from mash.workflow.settle import store_clocks


@dataclass(frozen=True)
class Recording:
    """One act on one contact, within the transaction of the act."""

    tx: Connection
    actor: Actor
    rules: RuleSet
    contact_id: str
    now: datetime
    turn: int | None
    request_id: str | None

    @property
    def key(self) -> dict[str, str]:
        return {"borough": self.actor.borough, "contact_id": self.contact_id}

    def record(
        self,
        change: Change,
        before: State | None,
        head: audit.Head,
        events: Sequence[Event],
        holidays: Sequence[BankHoliday],
        *,
        version: int,
    ) -> None:
        """Audit entry, words, people, requests, clocks and the contact's row, all of them or none."""
        sealed, order = audit.seal(change.words), {"calendar_version": len(holidays)}
        facts = {**change.facts, **order, **({"turn": self.turn} if self.turn is not None else {})}
        new_head = audit.append(
            self.tx,
            self.contact_id,
            head,
            at=self.now,
            action=change.verb.value,
            actor=self.actor,
            facts=facts,
            borough=self.actor.borough,
            states=(before.value if before else None, change.state.value),
            sealed=sealed,
            request_id=self.request_id,
        )
        if sealed:
            table = HubOnlyWords if change.hub_only else EventWords
            row = {**self.key, "seq": new_head.seq, "salt": sealed.salt, "words": sealed.words}
            self.tx.execute(insert(table).values(row))
        self._people(change, new_head.seq)
        self._information(change, new_head.seq)
        event = Event(
            seq=new_head.seq,
            verb=change.verb,
            at=self.now,
            actor_id=self.actor.user_id,
            role=self.actor.role,
            desk=self.actor.desk,
            state_before=before,
            state=change.state,
            facts=facts,
        )
        now_known = picture([*events, event])
        line = timeline(self.rules, [*events, event], holidays, self.now)
        self._clocks(line, fresh=not events)
        values = {
            **change.contact,
            "state": change.state,
            "version": version,
            "changed_at": self.now,
            "chain_seq": new_head.seq,
            "chain_hash": new_head.hash,
            "next_due_at": as_instant(line.next_at),
            "held_by": now_known.held_by,
            "held_since": now_known.held_since,
        }
        own = and_(Contact.borough == self.actor.borough, Contact.id == self.contact_id)
        self.tx.execute(update(Contact).where(own).values(values))

    def _clocks(self, line: Timeline, *, fresh: bool) -> None:
        borough, ids = self.actor.borough, [self.contact_id]
        stored = {} if fresh else rows.deadlines_of(self.tx, borough, ids)[self.contact_id]
        alerts = set() if fresh else rows.alerts_of(self.tx, borough, ids)[self.contact_id]
        store_clocks(self.tx, borough, self.contact_id, self.rules, line, stored, alerts, self.now)

    def _people(self, change: Change, seq: int) -> None:
        if change.children:
            first = len(rows.children_of(self.tx, **self.key))
            children = [self._child(c, i, seq, first + n) for n, (i, c) in enumerate(change.children)]
            self.tx.execute(insert(ContactChild), children)
            matching.link(self.tx, self.actor.borough, change.children, self.now)
        if change.adults:
            count = select(ContactAdult.id).where(
                ContactAdult.borough == self.actor.borough, ContactAdult.contact_id == self.contact_id
            )
            first = len(self.tx.execute(count).all())
            adults = [self._adult(a, i, seq, first + n) for n, (i, a) in enumerate(change.adults)]
            self.tx.execute(insert(ContactAdult), adults)
        people: list[tuple[str, Child | Adult]] = [*change.children, *change.adults]
        if keys := keys_of(people):
            self.tx.execute(insert(LookupKey), [{**self.key, **key} for key in keys])
        withheld = [self._withheld(i, p) for i, p in people if p.address_withheld]
        if withheld:
            self.tx.execute(insert(WithheldAddress), withheld)
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
        self.tx.execute(insert(Referrer).values({**self.key, **flags, **(blank if hidden else given)}))
        if hidden and any(given.values()):
            self.tx.execute(insert(ShieldedReferrer).values({**self.key, **given}))

    def _information(self, change: Change, seq: int) -> None:
        facts = change.facts
        if change.verb is Verb.REQUEST_INFORMATION:
            asked = {**self.key, "seq": seq, "asked_at": self.now, "asked_by": self.actor.user_id}
            self.tx.execute(insert(InformationRequest), [{**asked, "agency": a} for a in facts["agencies"]])
        elif change.verb is Verb.RETURN_INFORMATION:
            given = {k: facts[k] for k in ("agency", "reply", "handling", "risk", "volunteered")}
            by = {"returned_at": self.now, "recorded_by": self.actor.user_id}
            self.tx.execute(insert(InformationReturn).values({**self.key, "seq": seq, **given, **by}))
            if facts["stops_clock"]:
                self._end_requests([facts["agency"]], answered_at=self.now)
        elif facts.get("agencies"):
            self._end_requests(facts["agencies"], waived_at=self.now)

    def _end_requests(self, agencies: Sequence[str], **ended: datetime) -> None:
        waiting = and_(
            InformationRequest.borough == self.actor.borough,
            InformationRequest.contact_id == self.contact_id,
            InformationRequest.agency.in_(agencies),
            InformationRequest.answered_at.is_(None),
            InformationRequest.waived_at.is_(None),
        )
        self.tx.execute(update(InformationRequest).where(waiting).values(ended))
