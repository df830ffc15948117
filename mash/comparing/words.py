"""How is the difference between two rule sets told? Sentences for each contact. Pure; holds no personal data."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mash.clock import LONDON
from mash.comparing.compared import ActChange, AgencyChange, ContactChange, DeadlineChange, Side, SuggestionChange
from mash.rules.notation import duration_text
from mash.vocabulary import Labelled
from mash.workflow.change import in_words


class Limit(Labelled):
    """What a comparison cannot tell."""

    TIMES = (
        "times",
        "What people did is taken as it is on record. Under other rules they would have acted at other times: who "
        "knows of a deadline works towards it.",
    )
    GIVEN = (
        "given",
        "A reason, a signature or an agency that only one of the two rule sets asks for is taken as given at that "
        "instant, and said to be. What one of them does not allow at all is left out there, with all that hangs on it.",
    )
    COLOURS = "colours", "A colour that was set stays as it was set, also where another would have been suggested."
    ENDS = (
        "ends",
        "Where only the new rules have a deadline and nothing on record ends it, it cannot be told whether it would "
        "have been met.",
    )


def sentences(change: ContactChange) -> tuple[str, ...]:
    """Everything that differs for a contact, what is out of timescale first."""
    return tuple(_sentences(change))


def headline(change: ContactChange) -> str:
    """The most important of it, in half a line."""
    deadlines = sorted(change.deadlines, key=_weight)
    if deadlines:
        return f"{named(deadlines[0])}: {_from_to(deadlines[0])}"
    return next(_sentences(change))


def named(change: DeadlineChange) -> str:
    """The clock, with the agency whose reply it waits for, and which of several it is."""
    agency = f", {change.agency_label or change.agency}" if change.agency else ""
    return f"{change.label}{agency}{f' ({change.episode})' if change.episode > 1 else ''}"


def _sentences(change: ContactChange) -> Iterator[str]:
    for deadline in sorted(change.deadlines, key=_weight):
        yield _deadline(deadline)
    if change.suggestion:
        yield from _suggestion(change.suggestion)
    if change.agencies:
        yield from _agencies(change.agencies)
    for side in Side:
        yield from _acts([act for act in change.acts if act.side is side], side)


def _weight(change: DeadlineChange) -> tuple[object, ...]:
    return (
        not change.is_newly_late,
        change.moved >= timedelta(),
        not change.is_no_longer_late,
        change.label,
        change.agency,
        change.episode,
    )


# -- deadlines --------------------------------------------------------------------------------------------------------


def _deadline(change: DeadlineChange) -> str:
    return f"{named(change)}: {_times(change)}{_late(change)}"


def _from_to(change: DeadlineChange) -> str:
    old, new = (when(stand.due_at) if stand else "none" for stand in (change.old, change.new))
    late = " (newly out of timescale)" if change.is_newly_late else ""
    late = " (no longer out of timescale)" if change.is_no_longer_late else late
    return f"{old} → {new}{late}" if old != new else f"{new}{late or ' (told otherwise)'}"


def _times(change: DeadlineChange) -> str:
    old, new = change.old, change.new
    if new is None:
        assert old is not None
        return f"no deadline; it was due {when(old.due_at)}."
    if old is None:
        return f"a deadline that there was not, due {when(new.due_at)}."
    if not change.moved:
        return f"due {when(new.due_at)} under both."
    later = "later" if change.moved > timedelta() else "earlier"
    return f"due {when(new.due_at)} instead of {when(old.due_at)}, {_length(change.moved)} {later}."


def _late(change: DeadlineChange) -> str:
    old, new = change.old, change.new
    if change.is_without_end:
        return " Nothing on record ends it: whether it would have been met cannot be told."
    if change.is_newly_late:
        assert new is not None and new.breached_at is not None
        at_once = ", when it was set" if new.breached_at > new.due_at else ""
        return f" Out of timescale under the new rules only, from {when(new.breached_at)}{at_once}."
    if change.is_no_longer_late:
        return " Out of timescale under the old rules only."
    told = f" {old.alerts} alerts under the old rules, {new.alerts} under the new." if old and new else ""
    told = "" if old and new and old.alerts == new.alerts else told
    if old and new and old.breached_at and new.breached_at and old.breached_at != new.breached_at:
        return f" Out of timescale under both, from {when(new.breached_at)} instead of {when(old.breached_at)}.{told}"
    return told


def _length(moved: timedelta) -> str:
    seconds = abs(int(moved.total_seconds()))
    return duration_text(seconds) if seconds >= 60 else f"{seconds} s"


def when(at: datetime) -> str:
    """`Mon 9 Nov 2026 13:04`, in London."""
    return f"{at.astimezone(LONDON):%a %-d %b %Y %H:%M}"


# -- the rest ---------------------------------------------------------------------------------------------------------


def _suggestion(change: SuggestionChange) -> Iterator[str]:
    yield f"Suggested: {change.new_label} instead of {change.old_label}."
    for which, own, other in (
        ("Only under the new rules", change.new_because, change.old_because),
        ("Only under the old rules", change.old_because, change.new_because),
    ):
        if reasons := [reason for reason in own if reason not in other]:
            yield f"{which}: {' '.join(reasons)}"


def _agencies(change: AgencyChange) -> Iterator[str]:
    told = (
        ("Would have to be asked as well", change.required_as_well),
        ("Would not have to be asked", change.no_longer_required),
        ("Would have been asked as well, as the record says “whoever is required”", change.asked_as_well),
        ("Would not have been asked, as the record says “whoever is required”", change.no_longer_asked),
    )
    yield from (f"{what}: {in_words(agencies)}." for what, agencies in told if agencies)


def _acts(acts: list[ActChange], side: Side) -> Iterator[str]:
    """What was taken as given, then the first act that is left out; what follows from that is counted."""
    for act in acts:
        if not act.is_left_out:
            yield (
                f"{_act(act)} would not have been done so under the {side} rules: {' '.join(act.reasons)} "
                "What they want is taken as given."
            )
    left_out = [act for act in acts if act.is_left_out]
    if not left_out:
        return
    reasons = " ".join(left_out[0].reasons)
    further = len(left_out) - 1
    follows = f" So are {further} later acts." if further > 1 else " So is one later act." if further else ""
    yield f"{_act(left_out[0])} is not possible under the {side} rules and is left out there: {reasons}{follows}"


def _act(act: ActChange) -> str:
    return f"“{act.verb.label}”, {when(act.at)},"
