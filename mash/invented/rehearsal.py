"""What would the engine make of a journey? Plays it on paper, through the real verbs and clocks; knows no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from mash.errors import MashError
from mash.invented.journeys import HOUR, Act, Hub, instant
from mash.invented.reports import Pace
from mash.permissions import Actor
from mash.vocabulary import State
from mash.workflow.details import DETAILS
from mash.workflow.on_paper import Paper


@dataclass(frozen=True)
class Standing:
    """Where the contact stands at the present moment, and how its worst clock does."""

    state: State
    rag: str | None
    pace: Pace


def rehearse(hub: Hub, acts: Sequence[Act], actors: Mapping[str, Actor]) -> Standing | None:
    """Where the acts lead, or None where one of them would be refused."""
    ids = count(1)
    paper = Paper(hub.rules, "", "", lambda: str(next(ids)))
    try:
        for act in acts:
            details = DETAILS[act.verb].model_validate(act.details)
            paper.do(actors[act.by], act.verb, instant(act.at), details)
    except MashError:
        return None
    return Standing(paper.contact.state, paper.contact.rag, _pace(hub, paper))


def _pace(hub: Hub, paper: Paper) -> Pace:
    """Late; soon late, within an hour of opening time; or calm. As the queue sees it."""
    line = paper.timeline((), instant(hub.now))
    counting = [episode for episode in line.episodes if episode.running and episode.paused_at is None]
    if not counting:
        return "calm"
    worst = min(counting, key=lambda episode: episode.due_at)
    if worst.breached_at is not None or worst.due_at < hub.now:
        return "late"
    return "soon" if worst.due_at <= hub.hours.forward(hub.now, HOUR) else "calm"
