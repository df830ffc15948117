"""Is anything adrift? Open contacts, requests and hand-overs that nobody waits for; messages that reach nobody; rules
that are not what was put in force. Nothing found is the promise. Contacts of rules that cannot be read are not
examined: the rules are the finding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from mash.clock import iso
from mash.db import Database
from mash.messages.reaching import findings
from mash.models.contact import Contact
from mash.models.information import InformationRequest
from mash.rule_versions import not_as_put_in_force
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.vocabulary import FINISHED, Kind, Role, State, Verb
from mash.workflow import rows
from mash.workflow.aside import standing_aside
from mash.workflow.clocks import timeline
from mash.workflow.episodes import Timeline, as_instant, seconds
from mash.workflow.history import Event, Picture, picture
from mash.workflow.settle import Stored, key_of

BATCH = 500
RAISED_WITHIN = timedelta(minutes=5)
_MAY_REST = FINISHED | {State.DECIDED, State.WITH_ALLOCATED_WORKER}
"""Stages in which no clock need run: what remains is to tell, to read or to close."""


@dataclass(frozen=True)
class Finding:
    """Something adrift: the contact's reference, or the rules' name, and a sentence that says what and what to do."""

    reference: str
    sentence: str


def examine(db: Database, now: datetime) -> list[Finding]:
    """Everything adrift in the database; an empty list is health."""
    rulebook, after = Rulebook(), 0
    with db.reading() as look:
        altered = list(not_as_put_in_force(look, rulebook))
        found = [Finding(f"{one.slug}@{one.version}", one.sentence) for one in altered]
        found += [Finding(about, sentence) for about, sentence in findings(look, now)]
        unreadable = {(one.slug, one.version) for one in altered if not one.readable}
        found += [
            Finding(
                one.reference,
                f"It could not be worked out since {iso(one.since)} (tried {one.tries} times: {one.error}). Nothing is "
                "raised for it meanwhile. Tell the makers.",
            )
            for one in standing_aside(look)
        ]
        while batch := _batch(look, after):
            after = batch[-1].number
            sound = [row for row in batch if (row.rule_set, row.rule_set_version) not in unreadable]
            found += _examine(look, rulebook, sound, now)
    return found


def _batch(look: Connection, after: int) -> list[Row[Any]]:
    columns = rows.contact_rows().add_columns(Contact.keyed_role, Contact.threshold_level)
    return list(look.execute(columns.where(Contact.number > after).order_by(Contact.number).limit(BATCH)))


def _examine(look: Connection, rulebook: Rulebook, batch: list[Row[Any]], now: datetime) -> Iterator[Finding]:
    for borough in {row.borough for row in batch}:
        own = [row for row in batch if row.borough == borough]
        ids = [row.id for row in own]
        events, stored = rows.events_of(look, ids), rows.deadlines_of(look, borough, ids)
        raised = rows.alerts_of(look, borough, ids)
        holidays, awaited = rulebook.late_holidays(look, borough), _awaited(look, borough, ids)
        for row in own:
            rules = rulebook.version(look, row.rule_set, row.rule_set_version)
            try:
                line = timeline(rules, events[row.id], holidays, now)
                contact = _Contact(row, rules, events[row.id], line, awaited.get(row.id, set()), now)
                sentences = [*contact.adrift(), *_differs(row, line, Stored.of(stored[row.id], raised[row.id]), now)]
            except Exception as error:  # whatever is wrong with one contact, the others are examined
                sentences = [
                    f"It cannot be worked out ({type(error).__name__}). Verify the audit trail; tell the makers."
                ]
            yield from (Finding(row.reference, sentence) for sentence in sentences)


def _awaited(look: Connection, borough: str, ids: list[str]) -> dict[str, set[str]]:
    asked = select(InformationRequest.contact_id, InformationRequest.agency).where(
        InformationRequest.borough == borough,
        InformationRequest.contact_id.in_(ids),
        InformationRequest.answered_at.is_(None),
        InformationRequest.waived_at.is_(None),
    )
    found: dict[str, set[str]] = {}
    for row in look.execute(asked):
        found.setdefault(row.contact_id, set()).add(row.agency)
    return found


@dataclass(frozen=True)
class _Contact:
    row: Row[Any]
    rules: RuleSet
    events: list[Event]
    line: Timeline
    awaited: set[str]
    now: datetime

    @property
    def picture(self) -> Picture:
        return picture(self.events)

    def adrift(self) -> Iterator[str]:
        """What nobody waits for, or what the rows say differently."""
        state, p = State(self.row.state), self.picture
        running = {(e.clock, e.agency) for e in self.line.episodes if e.running}
        if not self.events or self.events[-1].state != state:
            yield "The stage differs from the last act on record. Verify the audit trail."
        if state not in _MAY_REST and not running and not self._explicitly_untimed():
            yield f"It is open ({state.label}) and no clock runs. Look at it now; check the rule set's clocks."
        if self.awaited != p.awaited:
            yield "The requests awaiting reply differ from the acts on record. Verify the audit trail."
        for agency in sorted(self.awaited):
            if not any(key[1] == agency for key in running) and state not in FINISHED and self._timed(agency):
                yield f"{self.rules.agencies[agency].label} was asked and no clock runs for the reply."
        if self._handover_adrift(p, running):
            yield "The hand-over from the emergency duty team was not accepted and no clock runs for it."
        due = self.row.next_due_at
        if due is not None and due < self.now - RAISED_WITHIN:
            yield "A deadline came due and nothing was raised. Check that the timers run: mash timers."

    def _explicitly_untimed(self) -> bool:
        """The rule set says which few clocks this kind gets, or `none` for what is known of it; or one was lifted."""
        contact = rows.as_contact(self.row)
        few = self.rules.kinds[contact.kind].clocks is not None
        lifted = any(event.verb is Verb.LIFT_DEADLINE for event in self.events)
        level = self.row.threshold_level or self.rules.level_of(contact.rag)
        scales = (
            clock.timescale_for(contact.rag, self.picture.suggested, level)
            for clock in self.rules.clocks.values()
            if clock.counts_from_receipt
        )
        return few or lifted or any(scale is not None and not scale.has_target for scale in scales)

    def _timed(self, agency: str) -> bool:
        """Whether the rule set gives every request to the agency a deadline."""
        own = [clock for clock in self.rules.clocks.values() if clock.of_agencies]
        own = [clock for clock in own if not (clock.only_for and agency not in (clock.only_for.agencies or (agency,)))]
        return bool(own) and all(scale.has_target for clock in own for _, scale in clock.timescales)

    def _handover_adrift(self, p: Picture, running: set[tuple[str, str]]) -> bool:
        clocks = [name for name, clock in self.rules.clocks.items() if clock.stop == "handover_accepted"]
        owed = self.row.keyed_role == Role.EDT and not p.handover_accepted and bool(clocks)
        never = self.events[0].facts["passed_on"] or self._explicitly_untimed() or self._first_rated_when_reopened()
        finished = State(self.row.state) in FINISHED
        return owed and not never and not finished and not any((c, "") in running for c in clocks)

    def _first_rated_when_reopened(self) -> bool:
        """It was keyed as of a kind with few clocks, and of the others only those that reopening starts came later."""
        few = self.rules.kinds[Kind(self.events[0].facts["kind"])].clocks is not None
        return few and any(event.verb is Verb.REOPEN or event.facts.get("reopens") for event in self.events)


def _differs(row: Row[Any], line: Timeline, stored: Stored, now: datetime) -> Iterator[str]:
    """Stored deadlines and alerts are what the fold says, but for what the next sweep will raise."""
    told, is_due = Stored.by(line), row.next_due_at is not None and row.next_due_at < now
    if told.deadlines.keys() != stored.deadlines.keys():
        yield "The stored deadlines are not those that follow from the acts on record."
        return
    for episode in line.episodes:
        key = key_of(episode)
        own, theirs = stored.named(key), told.named(key)
        if any(own[name] != theirs[name] for name in ("due_at", "met_at", "cancelled_at")):
            yield f"The stored deadline “{key[0]}” (episode {key[2]}) is not what follows from the acts on record."
        elif own["agenda"] is not None and _to_come(own["agenda"], now, is_due) != theirs["agenda"]:
            yield f"What will be raised for “{key[0]}” (episode {key[2]}) is not what follows from the acts on record."
    if not is_due and row.next_due_at != as_instant(line.next_at):
        yield "When something is due next is not what follows from the acts on record: a sweep may never look at it."
    if not is_due and told.alerts - stored.alerts:
        yield "An alert that follows from the acts on record was not raised, or is gone."


def _to_come(agenda: Sequence[Sequence[Any]], now: datetime, is_due: bool) -> list[Any]:
    """Where a sweep has something to raise, what it will not raise now."""
    return [item for item in agenda if not is_due or item[0] >= seconds(now)]
