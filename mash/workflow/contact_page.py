"""What does the hub know of one contact? Everything its page shows, for hub staff only. Reads only."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select

from mash.agencies.visibility import visible_contacts
from mash.clock import london_date
from mash.db import Database
from mash.errors import NotFound
from mash.models.accounts import User
from mash.models.contact import Contact, EventWords, HubOnlyWords
from mash.models.information import InformationRequest, InformationReturn
from mash.models.people import ContactAdult, ContactChild, Referrer, ShieldedReferrer, WithheldAddress
from mash.models.time import Alert, Deadline
from mash.people.matching import earlier_contacts
from mash.permissions import Actor, Permission, allowed, require
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.vocabulary import (
    AdultRole,
    Agreement,
    Cause,
    Channel,
    Handling,
    Kind,
    Relationship,
    Reply,
    Role,
    Source,
    State,
    Verb,
)
from mash.workflow import rows
from mash.workflow.history import Event, Picture, picture
from mash.workflow.queries import RunningClock, age_on, child_name, running_clocks, worst_of
from mash.workflow.shown import (
    AgencyShown,
    Annulment,
    ContactPage,
    DeadlineShown,
    DecisionShown,
    Entry,
    PersonShown,
    ReplyShown,
    Resolution,
    VerbOption,
)
from mash.workflow.states import blockers
from mash.workflow.telling import labelled, tell
from mash.workflow.verbs.sharing import NOBODY_FOR_THIS_KIND


def contact_page(db: Database, actor: Actor, now: datetime, contact_id: str) -> ContactPage:
    """The page of one contact. Raises NotPermitted for a desk, NotFound for what this person may not know of."""
    require(actor, Permission.VIEW_CONTACT)
    with db.reading() as look:
        own = select(Contact.__table__).where(
            Contact.borough == actor.borough, Contact.id == contact_id, Contact.id.in_(visible_contacts(actor))
        )
        row = look.execute(own).first()
        if row is None:
            raise NotFound("There is no such contact, or you may not see it.")
        return _Page(look, actor, row, now).build()


class _Page:
    """Reads the parts of one page."""

    def __init__(self, look: Connection, actor: Actor, row: Row[Any], now: datetime) -> None:
        self.look, self.actor, self.row, self.now = look, actor, row, now
        self.rules = Rulebook().version(look, row.rule_set, row.rule_set_version)
        self.events = rows.events_of(look, [row.id])[row.id]
        self.picture = picture(self.events)
        self.words = self._words(EventWords)
        self.hub_only = self._words(HubOnlyWords)
        self.clocks = sorted(self._all(Deadline), key=_clock_order)
        self.running = [c for c in self.clocks if c.met_at is None and c.cancelled_at is None]
        self.raised = {(alert.clock, alert.agency, alert.episode) for alert in self._all(Alert)}
        self.names = {user.id: user for user in look.execute(select(User.id, User.name, User.role, User.desk))}

    @cached_property
    def shown(self) -> tuple[DeadlineShown, ...]:
        return tuple(self._deadline(clock) for clock in self.clocks)

    def build(self) -> ContactPage:
        row, rules = self.row, self.rules
        shown = running_clocks(rules, [c for c in self.running if c.paused_at is None])
        options = self._options()
        referrer, shielded, anonymous = self._referrer()
        return ContactPage(
            contact_id=row.id,
            reference=row.reference,
            version=row.version,
            kind=Kind(row.kind),
            channel=Channel(row.channel).label if row.channel else "Not recorded",
            source=Source(row.source).label if row.source else "Not recorded",
            team=self.events[0].facts.get("team"),
            holder=self._name(row.held_by),
            colleagues=tuple(rows.staff_of(self.look, row.borough).items()),
            received_at=row.received_at,
            keyed_at=row.keyed_at,
            keyed_late=(row.keyed_at - row.received_at).total_seconds() > 3600,
            state=State(row.state),
            rag=row.rag,
            rag_label=rules.colour_label(row.rag),
            rag_tag=rules.colours[row.rag].tag if row.rag else "grey",
            suggested=row.suggested_rag,
            suggested_label=rules.colours[row.suggested_rag].label if row.suggested_rag else None,
            suggested_tag=rules.colours[row.suggested_rag].tag if row.suggested_rag else "grey",
            because=tuple(row.suggested_because),
            agreement=Agreement(row.agreement),
            parents_informed=row.parents_informed,
            narrative=self.words.get(1, {}).get("narrative", ""),
            concerns=tuple(rules.concerns.get(code, code) for code in row.concerns),
            children=tuple(self._child(child) for child in self._all(ContactChild, ContactChild.position)),
            adults=tuple(self._adult(adult) for adult in self._all(ContactAdult, ContactAdult.position)),
            referrer=referrer,
            referrer_shielded=shielded,
            referrer_anonymous=anonymous,
            agencies=self._agencies(shown),
            clocks=self.shown,
            worst=worst_of(running_clocks(rules, self.running), self.now),
            decision=self._decision(),
            timeline=tuple(self._entry(event) for event in reversed(self.events)),
            earlier=tuple(
                (contact_id, reference, received_at, State(state).label)
                for contact_id, reference, received_at, state in earlier_contacts(self.look, self.actor.borough, row.id)
            ),
            liftable=tuple(self._liftable()),
            verbs=options,
            next_step=_next_step(State(row.state), self.picture, self.rules, row.rag, options),
            picture=self.picture,
            rules=rules,
        )

    def _all(self, table: Any, *order: Any) -> list[Row[Any]]:
        own = select(table.__table__).where(table.borough == self.row.borough, table.contact_id == self.row.id)
        return list(self.look.execute(own.order_by(*order)))

    def _words(self, table: Any) -> dict[int, dict[str, str]]:
        return {words.seq: words.words for words in self._all(table)}

    def _who(self, user_id: str, role: str, desk: str | None) -> str:
        user = self.names.get(user_id)
        title = f"{self.rules.agencies[desk].label} desk" if desk in self.rules.agencies else Role(role).label
        return f"{user.name}, {title.lower() if not desk else title}" if user else title

    def _name(self, user_id: str | None) -> str | None:
        return self.names[user_id].name if user_id in self.names else None

    def _options(self) -> tuple[VerbOption, ...]:
        state = State(self.row.state)
        verbs = [v for v in Verb if v not in (Verb.RECEIVE_CONTACT, Verb.ANNOUNCE_BANK_HOLIDAY)]
        found = []
        for verb in verbs:
            if allowed(self.actor, verb) and self.rules.lets(self.actor.role, verb):
                reasons = tuple(blockers(verb, state)) or self._not_now(verb)
                found.append(VerbOption(verb, not reasons, reasons))
        return tuple(found)

    def _not_now(self, verb: Verb) -> tuple[str, ...]:
        """What every attempt would be refused for, whatever one types."""
        p, state = self.picture, State(self.row.state)
        early = self.rules.kinds[Kind(self.row.kind)].may_close_early and self.row.rag is None
        unasked = [agency for agency in self._required() if agency not in p.asked_or_waived]
        owed = p.feedback_owed and not p.anonymous
        why = self._not_of_clocks() | {
            Verb.REQUEST_INFORMATION: [(state is State.SCREENING and early, NOBODY_FOR_THIS_KIND)],
            Verb.PROCEED_WITHOUT: [(not p.awaited and not unasked, "No reply is waited for.")],
            Verb.CLAIM: [(p.held_by is not None, f"{self._name(p.held_by)} has it.")],
            Verb.RELEASE: [(p.held_by is None, "Nobody has it: it is in the queue.")],
            Verb.RECORD_EVENT: [(not self.rules.events, "These rules name no events.")],
            Verb.CLOSE: [
                (
                    state in (State.RECEIVED, State.SCREENING) and not early,
                    "A contact of this kind is closed after a decision.",
                ),
                (
                    state is State.WITH_ALLOCATED_WORKER and not p.reading_confirmed,
                    "The allocated worker has not confirmed the reading yet.",
                ),
                (owed and self.rules.closing.feedback_first, "The referrer has not been told the outcome yet."),
            ],
            Verb.ACKNOWLEDGE: [
                (p.acknowledged, "The contact has already been acknowledged."),
                (p.anonymous, "The referrer is anonymous: there is nobody to acknowledge to."),
            ],
            Verb.ACCEPT_HANDOVER: [
                (p.keyed_role is not Role.EDT, "The emergency duty team did not key this contact."),
                (p.handover_accepted, "The hand-over has already been accepted."),
            ],
            Verb.CONFIRM_READ: [(p.reading_confirmed, "The reading has already been confirmed.")],
            Verb.SIGN_OFF: [
                (p.decided_by == self.actor.user_id, "You recorded this decision: oversight is for another person.")
            ],
            Verb.GIVE_FEEDBACK: [
                (p.anonymous, "The referrer is anonymous: there is nobody to tell."),
                (not p.feedback_owed, "Nothing is owed to the referrer now."),
            ],
        }
        return tuple(reason for holds, reason in why.get(verb, []) if holds)

    def _not_of_clocks(self) -> dict[Verb, list[tuple[bool, str]]]:
        """The same for what is done to clocks and their alerts."""
        mine = self.actor.user_id
        return {
            Verb.TAKE_ALERT: [
                (
                    not any(one.alarms and one.taken_by != mine for one in self.shown),
                    "No alert waits for somebody here.",
                )
            ],
            Verb.HAND_ALERT_TO: [
                (
                    not any(one.may_be_handed_on_by(self.actor) for one in self.shown),
                    "There is no alert here that is yours to hand on.",
                )
            ],
            Verb.RESOLVE_BREACH: [
                (not any(one.resolvable for one in self.shown), "Nothing here was out of timescale.")
            ],
            Verb.PAUSE_CLOCK: [(not any(self._pausable(c) for c in self.running), "No clock may be paused now.")],
            Verb.LIFT_DEADLINE: [(not self._liftable(), "No exception of the rules lifts a clock that runs.")],
            Verb.ANNUL_BREACH: [
                (
                    not any(one.annullable for one in self.shown),
                    "Nothing here was out of timescale that may be annulled.",
                )
            ],
            Verb.RESUME_CLOCK: [(all(c.paused_at is None for c in self.running), "No clock is paused.")],
        }

    def _liftable(self) -> list[tuple[str, str]]:
        """Exception and clock, of those that run."""
        running = {clock.clock for clock in self.running}
        return [(e, clock) for e, rule in self.rules.exceptions.items() for clock in rule.lifts if clock in running]

    def _required(self) -> tuple[str, ...]:
        return self.rules.required_for(self.row.rag, self.picture.concerns)

    def _pausable(self, clock: Row[Any]) -> bool:
        waits = clock.paused_at is None and clock.breached_at is None and clock.due_at >= self.now
        return waits and self.row.rag in self.rules.clocks[clock.clock].pausable_for

    def _referrer(self) -> tuple[tuple[tuple[str, str], ...], bool, bool]:
        found = self._all(Referrer)
        if not found:
            return (), False, False
        row = found[0]
        told = next(iter(self._all(ShieldedReferrer)), row) if row.shielded else row
        fields = (("Name", "name"), ("Role", "role"), ("Organisation", "organisation"), ("Phone", "phone"))
        shown = [(label, getattr(told, name)) for label, name in (*fields, ("E-mail", "email"))]
        return tuple((label, text) for label, text in shown if text), row.shielded, row.anonymous

    def _child(self, child: Row[Any]) -> PersonShown:
        today = london_date(self.now)
        details = [
            ("Date of birth", f"{child.date_of_birth:%-d %B %Y}" if child.date_of_birth else None),
            ("NHS number", child.nhs_number),
            ("Has an allocated worker", "Yes" if child.open_case else None),
        ]
        outcome = self.row.child_outcomes.get(child.id)
        return PersonShown(
            id=child.id,
            label=child.label,
            name=child_name(child),
            about=age_on(child.date_of_birth, child.expected_date_of_delivery, today),
            address=", ".join(part for part in (child.address, child.postcode) if part) or self._withheld(child.id),
            address_withheld=child.address_withheld,
            details=tuple((label, text) for label, text in details if text),
            outcome=self.rules.outcomes[outcome].label if outcome else None,
        )

    def _adult(self, adult: Row[Any]) -> PersonShown:
        relationship = Relationship(adult.relationship).label if adult.relationship else None
        role = AdultRole(adult.role).label if adult.role and adult.role != AdultRole.OTHER else None
        born = f"{adult.date_of_birth:%-d %B %Y}" if adult.date_of_birth else None
        return PersonShown(
            id=adult.id,
            label=adult.label or "",
            name=adult.name or "Name not known",
            about=", ".join(part for part in (relationship, role) if part),
            address=adult.address or self._withheld(adult.id),
            address_withheld=adult.address_withheld,
            details=(("Date of birth", born),) if born else (),
        )

    def _withheld(self, reported_id: str) -> str | None:
        for row in self._all(WithheldAddress):
            if row.reported_id == reported_id:
                return ", ".join(part for part in (row.address, row.postcode) if part) or None
        return None

    def _agencies(self, running: list[RunningClock]) -> tuple[AgencyShown, ...]:
        requests, returns = self._all(InformationRequest), self._all(InformationReturn, InformationReturn.seq)
        due = {clock.agency: clock for clock in sorted(running, key=lambda c: c.due_at, reverse=True) if clock.agency}
        shown = []
        for code, agency in self.rules.agencies.items():
            asked = [r.asked_at for r in requests if r.agency == code]
            replies = tuple(self._reply(r) for r in returns if r.agency == code)
            required = code in self._required()
            if asked or replies or required or code in self.picture.waived:
                clock = due.get(code)
                shown.append(
                    AgencyShown(
                        code=code,
                        label=agency.label,
                        required=required,
                        awaited=code in self.picture.awaited,
                        waived=code in self.picture.waived,
                        asked_at=max(asked, default=None),
                        due_at=clock.due_at if clock else None,
                        late=clock.late(self.now) if clock else False,
                        replies=replies,
                    )
                )
        return tuple(shown)

    def _reply(self, row: Row[Any]) -> ReplyShown:
        event = next(event for event in self.events if event.seq == row.seq)
        words = self.words.get(row.seq) or self.hub_only.get(row.seq) or {}
        return ReplyShown(
            at=row.returned_at,
            reply=Reply(row.reply),
            handling=Handling(row.handling),
            risk=self.rules.colours[row.risk].label if row.risk else None,
            volunteered=row.volunteered,
            by=self._who(event.actor_id, event.role, event.desk),
            words=tuple(labelled(words)),
        )

    def _deadline(self, row: Row[Any]) -> DeadlineShown:
        (clock,) = running_clocks(self.rules, [row])
        running = row.met_at is None and row.cancelled_at is None
        annulled = self._annulled(row)
        return DeadlineShown(
            clock=row.clock,
            label=clock.label,
            agency=row.agency,
            agency_label=clock.agency_label,
            episode=row.episode,
            due_at=row.due_at,
            met_at=row.met_at,
            breached_at=row.breached_at,
            cancelled_at=row.cancelled_at,
            paused=running and row.paused_at is not None,
            pausable=running and self._pausable(row),
            late=clock.late(self.now) if running else row.breached_at is not None and not annulled,
            alarms=running and (row.clock, row.agency, row.episode) in self.raised,
            taken_by=row.taken_by,
            taker=self._name(row.taken_by),
            resolved=self._resolved(row),
            annulled=annulled,
            annullable=self._annullable(row),
            reading=row.reading,
        )

    def _annullable(self, row: Row[Any]) -> bool:
        """Out of timescale once, and not annulled; the statutory clock not while it runs."""
        running = row.met_at is None and row.cancelled_at is None
        statutory = running and self.rules.clocks[row.clock].is_statutory
        return row.breached_at is not None and row.annulled_at is None and not statutory

    def _annulled(self, row: Row[Any]) -> Annulment | None:
        if row.annulled_at is None:
            return None
        event = self._last_about(row, Verb.ANNUL_BREACH)
        reason = self.words.get(event.seq, {}).get("reason", "")
        return Annulment(self._who(event.actor_id, event.role, event.desk), row.annulled_at, reason)

    def _resolved(self, row: Row[Any]) -> Resolution | None:
        if row.resolved_at is None:
            return None
        event = self._last_about(row, Verb.RESOLVE_BREACH)
        remedy = self.words.get(event.seq, {}).get("remedy", "")
        by = self._who(event.actor_id, event.role, event.desk)
        return Resolution(by, row.resolved_at, Cause(row.cause).label, remedy)

    def _last_about(self, row: Row[Any], verb: Verb) -> Event:
        """The last such act on this deadline."""
        key = {"clock": row.clock, "agency": row.agency, "episode": row.episode}
        return next(e for e in reversed(self.events) if e.verb is verb and key.items() <= e.facts.items())

    def _decision(self) -> DecisionShown | None:
        if self.row.outcome is None:
            return None
        event = next(e for e in reversed(self.events) if e.verb is Verb.RECORD_DECISION)
        return DecisionShown(
            outcome=self.rules.outcomes[self.row.outcome].label,
            destination=self.rules.outcomes[self.row.outcome].destination,
            threshold_level=self.row.threshold_level,
            rationale=self.words.get(event.seq, {}).get("rationale", ""),
            by=self._who(event.actor_id, event.role, event.desk),
            at=event.at,
            stands=self.picture.stands,
        )

    def _entry(self, event: Event) -> Entry:
        hub_only = event.seq in self.hub_only
        words: Mapping[str, str] = self.hub_only.get(event.seq, {}) if hub_only else self.words.get(event.seq, {})
        return Entry(
            seq=event.seq,
            at=event.at,
            who=self._who(event.actor_id, event.role, event.desk),
            verb=event.verb,
            what=tell(event, self.rules),
            words=tuple(labelled(words)),
            hub_only=hub_only,
        )


def _clock_order(clock: Row[Any]) -> tuple[object, ...]:
    return (clock.met_at is not None or clock.cancelled_at is not None, clock.due_at, clock.clock, clock.agency)


def _next_step(
    state: State, p: Picture, rules: RuleSet, rag: str | None, options: tuple[VerbOption, ...]
) -> Verb | None:
    """The one obvious thing to do next, where this person may do it."""
    still_to_ask = [a for a in rules.required_for(rag, p.concerns) if a not in p.asked_or_waived]
    wanted = {
        State.RECEIVED: [Verb.START_SCREENING],
        State.SCREENING: [Verb.RATE_CONTACT],
        State.RATED: [Verb.REQUEST_INFORMATION if still_to_ask else Verb.RECORD_DECISION],
        State.GATHERING: [Verb.REQUEST_INFORMATION if still_to_ask else Verb.RETURN_INFORMATION],
        State.READY: [Verb.REQUEST_INFORMATION if still_to_ask else Verb.RECORD_DECISION],
        State.AWAITING_SIGN_OFF: [Verb.SIGN_OFF],
        State.DECIDED: [Verb.GIVE_FEEDBACK if p.feedback_owed and not p.anonymous else Verb.CLOSE],
        State.CLOSED: [Verb.GIVE_FEEDBACK] if p.feedback_owed and not p.anonymous else [],
        State.RETURNED: [Verb.RESUBMIT],
        State.TRANSFERRING: [Verb.TRANSFER_ACCEPTED],
        State.TRANSFERRED: [Verb.GIVE_FEEDBACK] if p.feedback_owed and not p.anonymous else [],
        State.WITH_ALLOCATED_WORKER: [Verb.CLOSE if p.reading_confirmed else Verb.CONFIRM_READ],
    }[state]
    possible = {option.verb for option in options if option.possible}
    return next((verb for verb in wanted if verb in possible), None)
