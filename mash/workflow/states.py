"""Which stage follows which? The transition table as data, one shared machine, and why something is not possible. Pure.

Routing conditions choose between destinations; they are exclusive and exhaustive (tested). Whether an act is allowed
at all for other reasons is said by the verb itself, in words. Source of the table: replay format, section 2.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from transitions import Machine

from mash.errors import Refused
from mash.vocabulary import FINISHED, State, Verb

NEW = "new"
"""Before there is a contact."""


@dataclass
class Move:
    """What decides where an act leads, once the act is done. `state` is the stage before, then after."""

    state: str
    awaiting_reply: bool = False
    asked_or_waived: bool = False
    needs_oversight: bool = False
    agrees: bool = True
    passed_on: bool = False
    needs_hub: bool = False
    before_transfer: str | None = None


Routing = Callable[[Move], bool]


def awaiting_reply(move: Move) -> bool:
    return move.awaiting_reply


def nobody_asked(move: Move) -> bool:
    return not move.awaiting_reply and not move.asked_or_waived


def all_replies_in(move: Move) -> bool:
    return not move.awaiting_reply and move.asked_or_waived


def no_reply_awaited(move: Move) -> bool:
    return not move.awaiting_reply


def needs_oversight(move: Move) -> bool:
    return move.needs_oversight


def needs_no_oversight(move: Move) -> bool:
    return not move.needs_oversight


def agreed(move: Move) -> bool:
    return move.agrees


def not_agreed(move: Move) -> bool:
    return not move.agrees


def passed_on(move: Move) -> bool:
    return move.passed_on


def for_the_hub(move: Move) -> bool:
    return not move.passed_on


def needs_hub(move: Move) -> bool:
    return move.needs_hub


def stays_with_worker(move: Move) -> bool:
    return not move.needs_hub


def was_received(move: Move) -> bool:
    return move.before_transfer == State.RECEIVED


def was_in_screening(move: Move) -> bool:
    return move.before_transfer == State.SCREENING


def was_returned(move: Move) -> bool:
    return move.before_transfer == State.RETURNED


def was_rated(move: Move) -> bool:
    return move.before_transfer in _RATED


@dataclass(frozen=True)
class Transition:
    """From `source`, the verb leads to `dest` when every routing condition holds."""

    verb: Verb
    source: str
    dest: str
    when: tuple[Routing, ...] = ()


S = State
_RATED = (S.RATED, S.GATHERING, S.READY)
_ALL_BUT_TRANSFERRED = tuple(state for state in S if state is not S.TRANSFERRED)
_SETTLED: tuple[tuple[State, Routing], ...] = (
    (S.GATHERING, awaiting_reply),
    (S.READY, all_replies_in),
    (S.RATED, nobody_asked),
)


def _to(verb: Verb, dest: State, *sources: State) -> Iterator[Transition]:
    yield from (Transition(verb, source.value, dest.value) for source in sources)


def _stay(verb: Verb, *sources: State) -> Iterator[Transition]:
    yield from (Transition(verb, source.value, source.value) for source in sources)


def _settle(verb: Verb, *sources: State, when: tuple[Routing, ...] = ()) -> Iterator[Transition]:
    for source in sources:
        yield from (Transition(verb, source.value, dest.value, (*when, route)) for dest, route in _SETTLED)


def _table() -> Iterator[Transition]:
    v = Verb
    yield Transition(v.RECEIVE_CONTACT, NEW, S.WITH_ALLOCATED_WORKER.value, (passed_on,))
    yield Transition(v.RECEIVE_CONTACT, NEW, S.RECEIVED.value, (for_the_hub,))
    with_worker = S.WITH_ALLOCATED_WORKER
    yield from _stay(v.ADD_FACTS, *(s for s in _ALL_BUT_TRANSFERRED if s is not with_worker))
    yield Transition(v.ADD_FACTS, with_worker.value, S.SCREENING.value, (needs_hub,))
    yield Transition(v.ADD_FACTS, with_worker.value, with_worker.value, (stays_with_worker,))
    for verb in (
        v.RECORD_AGREEMENT,
        v.ACKNOWLEDGE,
        v.ACCEPT_HANDOVER,
        v.RECORD_EVENT,
        v.PAUSE_CLOCK,
        v.RESUME_CLOCK,
        v.LIFT_DEADLINE,
        v.TAKE_ALERT,
        v.HAND_ALERT_TO,
        v.ADD_NOTE,
    ):
        yield from _stay(verb, *_ALL_BUT_TRANSFERRED)
    for verb in (v.RESOLVE_BREACH, v.ANNUL_BREACH):
        yield from _stay(verb, *S)
    for verb in (v.CLAIM, v.RELEASE, v.HAND_TO):
        yield from _stay(verb, *(state for state in S if state not in FINISHED))
    yield from _stay(v.CONFIRM_READ, with_worker)
    yield from _to(v.START_SCREENING, S.SCREENING, S.RECEIVED)
    yield from _settle(v.RATE_CONTACT, S.SCREENING)
    yield from _stay(v.RATE_CONTACT, *_RATED)
    yield from _to(v.REQUEST_INFORMATION, S.GATHERING, *_RATED)
    yield from _stay(v.REQUEST_INFORMATION, S.SCREENING)
    yield from _stay(v.RETURN_INFORMATION, *(s for s in S if s is not S.GATHERING))
    yield Transition(v.RETURN_INFORMATION, S.GATHERING.value, S.GATHERING.value, (awaiting_reply,))
    yield Transition(v.RETURN_INFORMATION, S.GATHERING.value, S.READY.value, (no_reply_awaited,))
    yield from _settle(v.PROCEED_WITHOUT, *_RATED)
    for source in _RATED:
        yield Transition(v.RECORD_DECISION, source.value, S.AWAITING_SIGN_OFF.value, (needs_oversight,))
        yield Transition(v.RECORD_DECISION, source.value, S.DECIDED.value, (needs_no_oversight,))
    yield from _settle(v.WITHDRAW_DECISION, S.AWAITING_SIGN_OFF)
    yield Transition(v.SIGN_OFF, S.AWAITING_SIGN_OFF.value, S.DECIDED.value, (agreed,))
    yield from _settle(v.SIGN_OFF, S.AWAITING_SIGN_OFF, when=(not_agreed,))
    yield from _stay(v.GIVE_FEEDBACK, S.DECIDED, S.CLOSED, S.TRANSFERRED, S.AWAITING_SIGN_OFF)
    yield from _to(v.RETURN_TO_REFERRER, S.RETURNED, S.RECEIVED, S.SCREENING)
    yield from _to(v.RESUBMIT, S.RECEIVED, S.RETURNED)
    yield from _to(v.TRANSFER_OUT, S.TRANSFERRING, S.RECEIVED, S.SCREENING, *_RATED, S.RETURNED)
    yield from _to(v.TRANSFER_ACCEPTED, S.TRANSFERRED, S.TRANSFERRING)
    back = ((S.RECEIVED, was_received), (S.SCREENING, was_in_screening), (S.RETURNED, was_returned))
    for dest, route in back:
        yield Transition(v.TRANSFER_REFUSED, S.TRANSFERRING.value, dest.value, (route,))
    yield from _settle(v.TRANSFER_REFUSED, S.TRANSFERRING, when=(was_rated,))
    yield from _to(v.REOPEN, S.SCREENING, S.DECIDED, S.CLOSED, with_worker)
    yield from _to(v.CLOSE, S.CLOSED, S.DECIDED, with_worker, S.RECEIVED, S.SCREENING)


TRANSITIONS = tuple(_table())


def build_machine(table: tuple[Transition, ...]) -> Machine:
    """A machine without a model of its own: it moves whatever is handed to `fire`."""
    rows: list[Any] = [
        {"trigger": t.verb.value, "source": t.source, "dest": t.dest, "conditions": list(t.when)} for t in table
    ]
    states = [NEW, *(state.value for state in State)]
    return Machine(model=None, states=states, initial=NEW, transitions=rows, auto_transitions=False, send_event=False)


_machine = build_machine(TRANSITIONS)
_POSSIBLE = frozenset((t.verb, t.source) for t in TRANSITIONS)

_WHY_NOT = {
    (Verb.START_SCREENING, S.SCREENING): "Screening has already been started.",
    (Verb.RATE_CONTACT, S.RECEIVED): "Screening has not been started yet.",
    (Verb.REQUEST_INFORMATION, S.RECEIVED): "Screening has not been started yet.",
    (Verb.RECORD_DECISION, S.RECEIVED): "The contact has not been rated yet.",
    (Verb.RECORD_DECISION, S.SCREENING): "The contact has not been rated yet.",
    (Verb.PROCEED_WITHOUT, S.SCREENING): "The contact has not been rated yet.",
    (Verb.SIGN_OFF, S.DECIDED): "The decision already stands and nobody has to sign it.",
    (Verb.CLOSE, S.AWAITING_SIGN_OFF): "Management oversight is still to be given.",
}


def possible(verb: Verb, state: str) -> bool:
    """Whether the table has a way from this stage by this verb."""
    return (verb, state) in _POSSIBLE


def blockers(verb: Verb, state: State) -> list[str]:
    """Why the stage does not allow it, in words; empty when it does."""
    if possible(verb, state.value):
        return []
    if (verb, state) in _WHY_NOT:
        return [_WHY_NOT[verb, state]]
    if state in (S.RATED, S.GATHERING, S.READY) and verb in (Verb.CLOSE, Verb.GIVE_FEEDBACK, Verb.SIGN_OFF):
        return ["No decision has been recorded yet."]
    return [f"{verb.label}: not possible while the contact is at the stage “{state.label}”."]


def fire(verb: Verb, move: Move) -> State:
    """The stage after the act. Raises Refused where the table has no way."""
    if not possible(verb, move.state):
        raise Refused(*blockers(verb, State(move.state)))
    moved = _machine.events[verb.value].trigger(move, move)
    if not moved:
        raise AssertionError(f"No route for {verb} from {move.state}: routing conditions must be exhaustive.")
    return State(move.state)


def as_markdown() -> str:
    """The table as a page: docs/states.md. `make docs` writes it."""
    moves = [t for t in TRANSITIONS if t.source != t.dest]
    lines = [f"    {_node(t.source)} --> {t.dest}: {_edge(t)}" for t in moves]
    stays = {verb: [t.source for t in TRANSITIONS if t.verb is verb and t.source == t.dest] for verb in Verb}
    rows = [f"| `{verb}` | {', '.join(State(s).label for s in found)} |" for verb, found in stays.items() if found]
    return _PAGE.format(moves="\n".join(lines), stays="\n".join(rows))


def _node(state: str) -> str:
    return "[*]" if state == NEW else state


def _edge(transition: Transition) -> str:
    when = ", ".join(route.__name__.replace("_", " ") for route in transition.when)
    return f"{transition.verb} [{when}]" if when else str(transition.verb)


_PAGE = """# Stages

Generated from `mash/workflow/states.py` by `make docs`; a test keeps it in step. Conditions in brackets choose between
destinations. Whether an act is refused for other reasons is said by the verb, in words.

## Moves

```mermaid
stateDiagram-v2
{moves}
```

## Acts that leave the stage as it is

| act | in |
|---|---|
{stays}
"""
