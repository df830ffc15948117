"""Who has it in hand, who has an alert in hand, and what was tried meanwhile? Pure: no stage changes by it."""

from mash.clock import LONDON
from mash.permissions import MAY_PUT_BACK_ANOTHER_S, Actor
from mash.vocabulary import Verb
from mash.workflow.change import Change, Reasons, Situation, move, said
from mash.workflow.details import AddNote, HandAlertTo, HandTo, NoDetails, OneDeadline, Reason
from mash.workflow.episodes import Episode


def claim(s: Situation, actor: Actor, d: NoDetails) -> Change:
    """Somebody takes it on. Who comes second is told who was first."""
    reasons = Reasons(Verb.CLAIM, s.contact.state)
    if s.picture.held_by == actor.user_id:
        reasons.add(True, "You have it already.")
    elif s.picture.held_by is not None:
        reasons.add(True, f"{_holder(s)}. Ask them to hand it to you, or to put it back.")
    reasons.refuse_if_any()
    return Change(verb=Verb.CLAIM, state=move(s, Verb.CLAIM))


def release(s: Situation, actor: Actor, d: Reason) -> Change:
    """It goes back to the queue, by who has it or by somebody who answers for the work."""
    reasons = Reasons(Verb.RELEASE, s.contact.state)
    reasons.add(s.picture.held_by is None, "Nobody has it: it is in the queue.")
    _check_whose(reasons, s, actor)
    reasons.refuse_if_any()
    return Change(verb=Verb.RELEASE, state=move(s, Verb.RELEASE), words=said(reason=d.reason))


def hand_to(s: Situation, actor: Actor, d: HandTo) -> Change:
    """It goes from hand to hand: it is never nobody's in between."""
    reasons = Reasons(Verb.HAND_TO, s.contact.state)
    reasons.add(d.to not in s.staff, "Choose a colleague of this front door.")
    reasons.add(d.to in s.staff and d.to == s.picture.held_by, f"{s.staff.get(d.to)} has it already.")
    _check_whose(reasons, s, actor)
    reasons.refuse_if_any()
    return Change(verb=Verb.HAND_TO, state=move(s, Verb.HAND_TO), facts={"to": d.to}, words=said(note=d.note))


def _check_whose(reasons: Reasons, s: Situation, actor: Actor) -> None:
    another_s = s.picture.held_by not in (None, actor.user_id)
    reasons.add(another_s and actor.role not in MAY_PUT_BACK_ANOTHER_S, f"{_holder(s)}, and you do not.")


def _holder(s: Situation) -> str:
    since = s.picture.held_since
    when = f" since {since.astimezone(LONDON):%-d %b %H:%M}" if since else ""
    return f"{s.staff.get(s.picture.held_by or '', 'A colleague')} has it{when}"


def take_alert(s: Situation, actor: Actor, d: OneDeadline) -> Change:
    """Somebody answers for what is late, or about to be. The alert stays; it climbs no further unseen."""
    reasons = Reasons(Verb.TAKE_ALERT, s.contact.state)
    own = _alarming(s, d, reasons)
    reasons.add(own is not None and own.taken_by == actor.user_id, "You have taken this on already.")
    reasons.refuse_if_any()
    return Change(verb=Verb.TAKE_ALERT, state=move(s, Verb.TAKE_ALERT), facts=d.named)


def hand_alert_to(s: Situation, actor: Actor, d: HandAlertTo) -> Change:
    """A colleague answers for it from now on: whoever had it gives it, or somebody who answers for the work does."""
    reasons = Reasons(Verb.HAND_ALERT_TO, s.contact.state)
    own = _alarming(s, d, reasons)
    reasons.add(d.to not in s.staff, "Choose a colleague of this front door.")
    if own is not None:
        known = d.to in s.staff and d.to == own.taken_by
        reasons.add(known, f"{s.staff.get(d.to)} answers for it already.")
        if own.taken_by != actor.user_id and actor.role not in MAY_PUT_BACK_ANOTHER_S:
            whose = f"{s.staff.get(own.taken_by, 'A colleague')} answers for it" if own.taken_by else _NOBODY_S
            reasons.add(True, f"{whose}, and you do not.")
    reasons.refuse_if_any()
    facts = {**d.named, "to": d.to}
    return Change(Verb.HAND_ALERT_TO, move(s, Verb.HAND_ALERT_TO), facts=facts, words=said(note=d.note))


_NOBODY_S = "Nobody has taken it on"


def _alarming(s: Situation, d: OneDeadline, reasons: Reasons) -> Episode | None:
    """The deadline, where it runs and something was raised about it; else the reason why nobody can answer for it."""
    own = s.timeline.episode(*d.key)
    reasons.add(own is None, "There is no such deadline on this contact.")
    if own is not None:
        reasons.add(not own.raised, "No alert has been raised for this deadline.")
        reasons.add(not own.running, "What it was about has been done, or is no longer asked.")
    return own


def add_note(s: Situation, actor: Actor, d: AddNote) -> Change:
    """The call log: what was tried, by whom and when."""
    reasons = Reasons(Verb.ADD_NOTE, s.contact.state)
    reasons.add(not d.note, "Write the note.")
    reasons.refuse_if_any()
    return Change(verb=Verb.ADD_NOTE, state=move(s, Verb.ADD_NOTE), words=said(note=d.note))
