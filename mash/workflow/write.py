"""How does an act become rows? The one write path: Situation from rows, verb, Change to rows, in one transaction.

What came due before the act is raised with it, so that a late sweep and a punctual one leave the same record.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select

from mash import audit, clock
from mash.db import Database, right_time
from mash.errors import Conflict, NotFound, Refused
from mash.models.base import into, new_id
from mash.models.contact import Contact, Receipt
from mash.models.time import LateBankHoliday
from mash.people import matching
from mash.people.keys import match_key, nhs_number
from mash.permissions import Actor, require
from mash.rulebook import Rulebook
from mash.rules.facts import ChildFacts, EarlierContact
from mash.rules.ruleset import RuleSet
from mash.vocabulary import State, Verb
from mash.workflow import rows
from mash.workflow.carefully import carefully
from mash.workflow.change import Change, Situation
from mash.workflow.clocks import Clocks
from mash.workflow.details import AnnounceBankHoliday, Child, Details, ReceiveContact
from mash.workflow.history import Event
from mash.workflow.judging import OF_CHILDREN, OF_COLLEAGUES, VERBS, require_by_rules, require_still_to_come
from mash.workflow.kept import History, Kept
from mash.workflow.recording import Past, Recording
from mash.workflow.settle import settle
from mash.workflow.together import Together
from mash.workflow.turns import TAKES_TURN, count_alone, count_with_others, take_turn
from mash.workflow.verbs import intake

WHOLE_PICTURE = frozenset(
    {
        Verb.RATE_CONTACT,
        Verb.REQUEST_INFORMATION,
        Verb.PROCEED_WITHOUT,
        Verb.RECORD_DECISION,
        Verb.WITHDRAW_DECISION,
        Verb.SIGN_OFF,
        Verb.CLOSE,
    }
)
"""Verbs that judge all that is known: they carry the version that the person saw, and lose politely."""

NO_NEWS = OF_COLLEAGUES | {Verb.TAKE_ALERT, Verb.RESOLVE_BREACH}
"""Verbs that say who sees to it, and nothing of the child: done meanwhile they spoil nobody's form."""

_RECEIPT = into(Receipt)
_RECEIVED = (
    select(Receipt.content_hash, Contact.id, Contact.reference, Contact.state)
    .join(Contact, and_(Contact.borough == Receipt.borough, Contact.id == Receipt.contact_id))
    .where(Receipt.borough == bindparam("borough"), Receipt.key == bindparam("key"))
)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Outcome:
    """What became of an act: the contact, its reference and its stage now."""

    contact_id: str
    reference: str
    state: State


class Office:
    """The one way in for everything that changes a contact."""

    def __init__(self, db: Database, rulebook: Rulebook | None = None) -> None:
        self.db = db
        self.rulebook = rulebook or Rulebook()
        self._kept = Kept()

    def receive(
        self,
        actor: Actor,
        details: ReceiveContact,
        *,
        key: str | None = None,
        reference: str | None = None,
        request_id: str | None = None,
    ) -> Outcome:
        """Key a contact. Raises NotPermitted or Refused; nothing is stored then.

        With a `key` of the sender, the same key and content gives the contact that is there already; other content
        under the same key is refused.
        """
        require(actor, Verb.RECEIVE_CONTACT)
        with self.db.transaction() as tx:
            count_with_others(tx, actor.borough)
            if key is not None and (earlier := _received_before(tx, actor, key, details)):
                return earlier
            turn = take_turn(tx, actor.borough)
            now = right_time(tx)
            received_on = clock.london_date(details.received_at or now)
            rules = self.rulebook.in_force(tx, actor.borough, received_on)
            require_by_rules(rules, actor, Verb.RECEIVE_CONTACT)
            holidays = self.rulebook.late_holidays(tx, actor.borough)
            late = frozenset(holiday.day for holiday in holidays)
            arrival = intake.Arrival(rules, now, _history(tx, actor.borough, None), new_id, late)
            change = intake.receive_contact(arrival, actor, details)
            contact_id = new_id()
            row = _new_contact(actor, rules, contact_id, reference or new_reference(rules), now)
            together = Together(tx)
            recording = Recording(together, actor, rules, contact_id, now, turn, request_id)
            history = History.blank(rules, holidays)
            recording.record(change, Past(history, fresh=row))
            if key is not None:
                receipt = {"key": key, "content_hash": _content_hash(actor, details)}
                together.add(_RECEIPT, {**recording.key, **receipt})
            together.write()
        self._kept.keep(contact_id, history)
        return Outcome(contact_id, row["reference"], change.state)

    def perform(
        self,
        actor: Actor,
        verb: Verb,
        contact_id: str,
        details: Details,
        *,
        version: int | None = None,
        request_id: str | None = None,
    ) -> Outcome:
        """Do it, or refuse with every reason. Raises NotPermitted, NotFound, Refused or Conflict, and stores nothing.

        `version` is that of the contact as the person saw it, for verbs that judge the whole picture.
        """
        return self.perform_in_turn(actor, contact_id, [(verb, details)], version=version, request_id=request_id)

    def perform_in_turn(
        self,
        actor: Actor,
        contact_id: str,
        acts: Sequence[tuple[Verb, Details]],
        *,
        version: int | None = None,
        request_id: str | None = None,
    ) -> Outcome:
        """Do one after the other, each an act of its own on the record; or, where one of them is refused, none.

        Raises as `perform` does. There must be at least one act.
        """
        for verb, _ in acts:
            require(actor, verb)
        seen = version if any(verb in WHOLE_PICTURE for verb, _ in acts) else None
        history = self._kept.take(contact_id)
        with self.db.transaction() as tx:
            outcome, history = self._perform(tx, actor, *acts[0], contact_id, history, seen, request_id)
            for verb, details in acts[1:]:
                outcome, history = self._perform(tx, actor, verb, details, contact_id, history, None, request_id)
        self._kept.keep(contact_id, history)
        return outcome

    def _perform(
        self,
        tx: Connection,
        actor: Actor,
        verb: Verb,
        details: Details,
        contact_id: str,
        known: History | None,
        seen: int | None,
        request_id: str | None,
    ) -> tuple[Outcome, History]:
        """What became of the act, and the history with it; `known` is what is known of the history before."""
        row = rows.locked(tx, actor.borough, contact_id)
        if row is None:
            raise NotFound("There is no such contact, or you may not see it.")
        turn = take_turn(tx, row.borough) if verb in TAKES_TURN else None
        history, server_time = self._history(tx, row, known)
        now = max(right_time(tx, server_time), history.events[-1].at)
        situation = self._situation(tx, row, history, now, verb)
        require_by_rules(situation.rules, actor, verb)
        if seen is not None and (news := [event for event in history.events[seen:] if event.verb not in NO_NEWS]):
            raise Conflict(_changed_by(news[-1], rows.staff_of(tx, row.borough), situation.rules))
        stored = history.rows(now, row.next_due_at)
        change = self._judge(tx, situation, row.number, actor, verb, details)
        together = Together(tx)
        recording = Recording(together, actor, situation.rules, contact_id, now, turn, request_id)
        recording.record(
            change,
            Past(
                history=history,
                state=situation.contact.state,
                version=row.version,
                stored=stored,
            ),
        )
        together.write()
        return Outcome(contact_id, row.reference, change.state), history

    def _history(self, tx: Connection, row: Row[Any], known: History | None) -> tuple[History, datetime | None]:
        """That of a contact whose row is locked, and the server's time where it was asked for the history.

        What is known of the history goes on, unless it is not the beginning of it.
        """
        head = audit.Head(row.chain_seq, row.chain_hash)
        if known is not None and (known.head, len(known.holidays)) == (head, row.announced):
            return known, None
        if known is not None:
            later, announced, at = rows.history_after(tx, row.borough, row.id, known.head)
            goes_on = not later or later[0].follows == known.head.hash
            knows_all = announced == len(known.holidays)
            if goes_on and knows_all and (later[-1].head if later else known.head) == head:
                for entry in later:
                    known.go_on(entry.event, entry.head)
                return known, at
        entries, announced, at = rows.history_after(tx, row.borough, row.id, audit.START)
        events = [entry.event for entry in entries]
        rules = self.rulebook.version(tx, row.rule_set, row.rule_set_version)
        holidays = self.rulebook.late_holidays(tx, row.borough) if announced else []
        return History(Clocks(rules, events, holidays), events, head, holidays), at

    def _situation(
        self,
        tx: Connection,
        row: Row[Any],
        history: History,
        now: datetime,
        verb: Verb,
    ) -> Situation:
        """What this verb judges by."""
        adds = verb is Verb.ADD_FACTS
        children = rows.children_of(tx, row.borough, row.id) if verb in OF_CHILDREN else []
        facts = [
            ChildFacts(
                child.date_of_birth,
                child.expected_date_of_delivery,
                matching.earlier(tx, row.borough, child.nhs_number, child.match_key, row.number),
                child.open_case,
            )
            for child in (children if adds else ())
        ]
        return Situation(
            contact=rows.as_contact(row),
            children=rows.as_children(children, facts if adds else None),
            adults=rows.adults_of(tx, row.borough, row.id) if adds else (),
            suggested_because=tuple(row.suggested_because),
            events=history.events,
            rules=self.rulebook.version(tx, row.rule_set, row.rule_set_version),
            holidays=history.holidays,
            now=now,
            ready=history.clocks,
            staff=rows.staff_of(tx, row.borough) if verb in OF_COLLEAGUES else {},
        )

    def _judge(
        self, tx: Connection, situation: Situation, number: int, actor: Actor, verb: Verb, details: Details
    ) -> Change:
        if verb is Verb.ADD_FACTS:
            history = _history(tx, actor.borough, number)
            return VERBS[verb](situation, actor, details, history=history, new_id=new_id)
        return VERBS[verb](situation, actor, details)

    def announce(self, actor: Actor, details: AnnounceBankHoliday, *, request_id: str | None = None) -> int:
        """A bank holiday made known late: running deadlines are counted anew. How many contacts it was applied to.

        A contact that cannot be worked out stands aside until it can; then it is applied. Raises NotPermitted, and
        Refused for a date that is not in the future.
        """
        require(actor, Verb.ANNOUNCE_BANK_HOLIDAY)
        with self.db.transaction() as tx:
            boroughs = [details.borough] if details.borough else self.rulebook.boroughs(tx)
            for borough in boroughs:
                count_alone(tx, borough)
            waiting = [row for borough in boroughs for row in _waiting(tx, borough)]
            now = right_time(tx)  # after the contacts are locked: no sweep comes between
            require_still_to_come(details.date, now)
            for borough in boroughs:
                self._announce_to(tx, borough, actor, details, now, request_id)
            return carefully(tx, self.rulebook, waiting, now, settle).contacts

    def _announce_to(
        self,
        tx: Connection,
        borough: str,
        actor: Actor,
        details: AnnounceBankHoliday,
        now: datetime,
        request_id: str | None,
    ) -> None:
        """A borough that has been told this date already is passed over."""
        stream = f"borough:{borough}"
        audit.locked_head(tx, stream)  # of two who announce the same at once, one waits here for the other
        known = select(LateBankHoliday.day).where(
            LateBankHoliday.borough == borough, LateBankHoliday.day == details.date
        )
        if tx.execute(known).first():
            return
        number = audit.record(
            tx,
            stream,
            at=now,
            action=Verb.ANNOUNCE_BANK_HOLIDAY.value,
            actor=actor,
            facts={"date": details.date.isoformat(), "name": details.name},
            borough=borough,
            request_id=request_id,
        )
        row = {"borough": borough, "day": details.date, "number": number, "name": details.name}
        tx.execute(insert(LateBankHoliday).values(**row, announced_at=now, announced_by=actor.user_id))


def _waiting(tx: Connection, borough: str) -> list[Row[Any]]:
    """The contacts of a borough that have a clock running, locked."""
    running = rows.contact_rows().where(Contact.borough == borough, Contact.next_due_at.is_not(None))
    return list(tx.execute(running.order_by(Contact.number).with_for_update()))


def _received_before(tx: Connection, actor: Actor, key: str, details: ReceiveContact) -> Outcome | None:
    """The contact stored under this key. On PostgreSQL a second sender waits here for the first one."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{actor.borough}|{key}", 0))))
    row = tx.execute(_RECEIVED, {"borough": actor.borough, "key": key}).first()
    if row is None:
        return None
    if row.content_hash != _content_hash(actor, details):
        raise Refused("This form was sent before with other content. Begin a new contact for what is new.")
    return Outcome(row.id, row.reference, State(row.state))


def _content_hash(actor: Actor, details: ReceiveContact) -> str:
    return hashlib.sha256(f"{actor.user_id}{details.model_dump_json()}".encode()).hexdigest()


def _changed_by(event: Event, staff: Mapping[str, str], rules: RuleSet) -> str:
    desk = rules.agencies.get(event.desk or "")
    who = staff.get(event.actor_id) or (f"The {desk.label.lower()} desk" if desk else event.role.label)
    done = f"“{event.verb.label}” at {event.at.astimezone(clock.LONDON):%H:%M}"
    return f"{who} changed this contact while you were looking at it: {done}. Look again before you go on."


def _history(tx: Connection, borough: str, before: int | None) -> intake.History:
    def history(child: Child) -> tuple[EarlierContact, ...]:
        return matching.earlier(tx, borough, nhs_number(child), match_key(child), before)

    return history


def new_reference(rules: RuleSet) -> str:
    """A reference that reveals no count, such as NB-7QK4-92MX: 40 random bits, letters that cannot be misread."""
    letters = "".join(secrets.choice(_CROCKFORD) for _ in range(8))
    return f"{rules.reference_prefix}-{letters[:4]}-{letters[4:]}"


def _new_contact(actor: Actor, rules: RuleSet, contact_id: str, reference: str, now: datetime) -> dict[str, Any]:
    return {
        "borough": actor.borough,
        "id": contact_id,
        "reference": reference,
        "keyed_at": now,
        "keyed_role": actor.role,
        "rag": None,
        "outcome": None,
        "threshold_level": None,
        "child_outcomes": {},
        "rule_set": rules.name,
        "rule_set_version": rules.version,
        "version": 0,
        "changed_at": now,
        "chain_seq": 0,
        "chain_hash": audit.GENESIS,
    }
