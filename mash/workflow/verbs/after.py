"""The referrer is told, things happen, clocks are paused, the contact is closed. Pure."""

from mash.clock import iso, london_date
from mash.permissions import Actor
from mash.vocabulary import State, Verb
from mash.workflow.change import Change, Reasons, Situation, move, said
from mash.workflow.details import (
    AnnulBreach,
    GiveFeedback,
    LiftDeadline,
    PauseClock,
    Reason,
    RecordEvent,
    ResolveBreach,
    ResumeClock,
)
from mash.workflow.episodes import Episode


def give_feedback(s: Situation, actor: Actor, d: GiveFeedback) -> Change:
    """The referrer is told what may be told of a decision that stands, or of a transfer."""
    reasons = Reasons(Verb.GIVE_FEEDBACK, s.contact.state)
    reasons.add(s.picture.anonymous, "The referrer is anonymous: there is nobody to tell.")
    if reasons.stage_allows:
        nothing_stands = not s.picture.stands and s.contact.state is not State.TRANSFERRED
        reasons.add(nothing_stands, "There is no decision that stands yet, so there is nothing to tell.")
        told = not nothing_stands and not s.picture.feedback_owed
        reasons.add(told, "The referrer has already been told of this.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.GIVE_FEEDBACK,
        state=move(s, Verb.GIVE_FEEDBACK),
        facts={"to": d.to},
        words=said(note=d.note),
    )


def record_event(s: Situation, actor: Actor, d: RecordEvent) -> Change:
    """Something that happened, perhaps earlier; clocks may start or stop with it."""
    occurred_at = d.occurred_at or s.now
    reasons = Reasons(Verb.RECORD_EVENT, s.contact.state)
    reasons.add(d.event not in s.rules.events, f"“{d.event}” is not an event of {s.rules.title}'s rules.")
    reasons.add(occurred_at > s.now, "The time at which it happened lies in the future.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.RECORD_EVENT,
        state=move(s, Verb.RECORD_EVENT),
        facts={"event": d.event, "occurred_at": iso(occurred_at)},
    )


def pause_clock(s: Situation, actor: Actor, d: PauseClock) -> Change:
    """Stop a clock for a while, with a reason and an end."""
    reasons = Reasons(Verb.PAUSE_CLOCK, s.contact.state)
    reasons.add(not d.reason, "Say why the clock is paused.")
    longest = s.rules.pausing.longest_days
    if d.until is None or d.until <= s.now:
        reasons.add(True, "Say until when: a time later than now.")
    else:
        days = (london_date(d.until) - london_date(s.now)).days
        reasons.add(days > longest, f"The longest pause is {longest} days.")
    running = s.timeline.running(d.clock)
    _check_running(reasons, s, d.clock, running)
    if running:
        reasons.add(all(e.paused_at is not None for e in running), "The clock is already paused.")
        reasons.add(all(e.breached_at is not None for e in running), "The clock is already out of timescale.")
        colours = s.rules.clocks[d.clock].pausable_for
        reasons.add(s.contact.rag not in colours, "This clock cannot be paused in this colour.")
    reasons.refuse_if_any()
    assert d.until is not None
    return Change(
        verb=Verb.PAUSE_CLOCK,
        state=move(s, Verb.PAUSE_CLOCK),
        facts={"clock": d.clock, "until": iso(d.until)},
        words=said(reason=d.reason),
    )


def resume_clock(s: Situation, actor: Actor, d: ResumeClock) -> Change:
    """The clock goes on with what it had left."""
    reasons = Reasons(Verb.RESUME_CLOCK, s.contact.state)
    running = s.timeline.running(d.clock)
    _check_running(reasons, s, d.clock, running)
    paused = [e for e in running if e.paused_at is not None]
    reasons.add(bool(running) and not paused, "The clock is not paused.")
    away = bool(paused) and all(e.pause_until is None for e in paused)
    reasons.add(away, "The contact is with the referrer: the clock goes on when it comes back.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.RESUME_CLOCK,
        state=move(s, Verb.RESUME_CLOCK),
        facts={"clock": d.clock},
        words=said(reason=d.reason),
    )


def lift_deadline(s: Situation, actor: Actor, d: LiftDeadline) -> Change:
    """An exception of the rules applies: the clock has no deadline any more. A breach that was stays on record."""
    reasons = Reasons(Verb.LIFT_DEADLINE, s.contact.state)
    reasons.add(not d.reason, "Say why the deadline is lifted.")
    exception = s.rules.exceptions.get(d.exception)
    reasons.add(exception is None, f"“{d.exception}” is not an exception of {s.rules.title}'s rules.")
    running = s.timeline.running(d.clock)
    _check_running(reasons, s, d.clock, running)
    if exception is not None and running:
        label = s.rules.clocks[d.clock].label
        reasons.add(d.clock not in exception.lifts, f"“{exception.label}” does not lift the clock “{label}”.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.LIFT_DEADLINE,
        state=move(s, Verb.LIFT_DEADLINE),
        facts={"clock": d.clock, "exception": d.exception},
        words=said(reason=d.reason),
    )


def resolve_breach(s: Situation, actor: Actor, d: ResolveBreach) -> Change:
    """Why it was late and what was done. It stays late and on record, and a clock that still runs runs on.

    Said again, the later one counts.
    """
    reasons = Reasons(Verb.RESOLVE_BREACH, s.contact.state)
    reasons.add(d.cause is None, "Choose why it was out of timescale.")
    reasons.add(not d.remedy, "Say what was done about it.")
    own = s.timeline.episode(*d.key)
    reasons.add(own is None, "There is no such deadline on this contact.")
    if own is not None:
        reasons.add(own.breached_at is None, "It was never out of timescale: there is nothing to explain.")
        reasons.add(own.annulled_at is not None, "It has been annulled: it counts as in time.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.RESOLVE_BREACH,
        state=move(s, Verb.RESOLVE_BREACH),
        facts={**d.named, "cause": d.cause},
        words=said(remedy=d.remedy),
    )


def annul_breach(s: Situation, actor: Actor, d: AnnulBreach) -> Change:
    """A breach should not have been. It stays on record and says so; a clock that still runs begins anew from now.

    So nothing that is yet to be done is ever left without a deadline.
    """
    reasons = Reasons(Verb.ANNUL_BREACH, s.contact.state)
    reasons.add(not d.reason, "Say why it should not have been out of timescale.")
    own = s.timeline.episode(*d.key)
    reasons.add(own is None, "There is no such deadline on this contact.")
    if own is not None:
        reasons.add(own.breached_at is None, "It was never out of timescale: there is nothing to annul.")
        reasons.add(own.annulled_at is not None, "It has been annulled already.")
        statutory = own.running and s.rules.clocks[own.clock].is_statutory
        reasons.add(statutory, "The statutory clock never begins anew: record the decision first, then annul.")
    reasons.refuse_if_any()
    return Change(
        verb=Verb.ANNUL_BREACH,
        state=move(s, Verb.ANNUL_BREACH),
        facts=d.named,
        words=said(reason=d.reason),
    )


def _check_running(reasons: Reasons, s: Situation, clock: str, running: list[Episode]) -> None:
    if clock not in s.rules.clocks:
        reasons.add(True, f"“{clock}” is not a clock of {s.rules.title}'s rules.")
    else:
        reasons.add(not running, f"The clock “{s.rules.clocks[clock].label}” is not running.")


def close(s: Situation, actor: Actor, d: Reason) -> Change:
    """Nothing more is to be done. Clocks that still run, such as feedback, run on."""
    reasons = Reasons(Verb.CLOSE, s.contact.state)
    state = s.contact.state
    if state in (State.RECEIVED, State.SCREENING):
        early = s.rules.kinds[s.contact.kind].may_close_early
        reasons.add(not early, "A contact of this kind is closed after a decision.")
        reasons.add(not d.reason, "Say why it is closed without a decision.")
    if state is State.WITH_ALLOCATED_WORKER:
        reasons.add(not s.picture.reading_confirmed, "The allocated worker has not confirmed the reading yet.")
    owed = s.picture.feedback_owed and not s.picture.anonymous
    reasons.add(owed and s.rules.closing.feedback_first, "The referrer has not been told the outcome yet.")
    reasons.refuse_if_any()
    return Change(verb=Verb.CLOSE, state=move(s, Verb.CLOSE), words=said(reason=d.reason))
