"""What does a demonstration show? A lived-in hub of invented people at the present moment, made by the real verbs.

Every report of mash/invented is worked on as its `way` says, at times counted back from the present in the hub's open
hours. It is first tried on paper: one that would be refused, or would not stand where it should, is tried at another
time. Then all acts are played in order, with the sweep in between, so that every deadline and alert is genuine.
"""

from collections.abc import Mapping
from datetime import datetime

from mash import clock
from mash.accounts.users import DemoUser, create_user, demo_users
from mash.db import Database
from mash.invented.journeys import EDT, SYSTEM, Act, Hub, instant
from mash.invented.plan import Plan
from mash.permissions import FOR_REGISTERED, Actor
from mash.recording_file import Line
from mash.replay import Progress, Replay
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Role
from mash.workflow.details import DETAILS

BOROUGH = "northbridge"

DEMO_USERS: Mapping[str, DemoUser] = {
    "contact_officer": DemoUser("tamsin", "Tamsin Mockford-Bailey", Role.CONTACT_OFFICER, None),
    "screener": DemoUser("amara", "Amara Specimen-Okoye", Role.SCREENER, None),
    "screener#2": DemoUser("rhys", "Rhys Testley-Nowak", Role.SCREENER, None),
    "decision_maker": DemoUser("farah", "Farah Sample-Haddad", Role.DECISION_MAKER, None),
    "decision_maker#2": DemoUser("declan", "Declan Fictum-Byrne", Role.DECISION_MAKER, None),
    EDT: DemoUser("viktor", "Viktor Example-Novik", Role.EDT, None),
    "service_manager": DemoUser("grace", "Grace Hollow-Mensah", Role.SERVICE_MANAGER, None),
    "desk:police": DemoUser("jordan", "Jordan Marlow-Pryce", Role.DESK, "police"),
    "desk:health": DemoUser("priya", "Priya Quill-Santos", Role.DESK, "health"),
    "desk:education": DemoUser("owen", "Owen Tolley-Vellum", Role.DESK, "education"),
    "desk:housing": DemoUser("leila", "Leila Testley-Demir", Role.DESK, "housing"),
    "administrator": DemoUser("bea", "Bea Placeholder-Quinn", Role.ADMINISTRATOR, None),
}
"""Who works at the invented hub, by the name under which their acts are recorded."""


def is_filled(db: Database) -> bool:
    """Whether the demonstration has its people already."""
    return bool(demo_users(db))


def fill(db: Database, now: datetime) -> None:
    """Fill an empty demonstration as it would stand at `now`. The borough's rules are installed already.

    Raises RuntimeError where an act is refused: then this module and the rules do not fit each other.
    """
    if refusals := play(db, now).refusals:
        raise RuntimeError(f"{len(refusals)} acts of the demonstration were refused; the first: {refusals[0]}")


def play(db: Database, now: datetime) -> Progress:
    """As `fill`, with what happened on the way."""
    with db.reading() as look:
        rules = Rulebook().in_force(look, BOROUGH, clock.london_date(now))
    lines = recording(rules, now)
    with clock.at(lines[0].at):
        actors = _hire(db)
    return Replay(db, {(by, BOROUGH): actor for by, actor in actors.items()}).play(lines, until=now)


def recording(rules: RuleSet, now: datetime) -> list[Line]:
    """All that the invented hub has done up to `now`, in order. The same moment gives the same."""
    hub = Hub(rules, int(now.timestamp()), frozenset(user.desk for user in DEMO_USERS.values() if user.desk))
    stories = Plan(hub, {by: actor_of(by) for by in (*DEMO_USERS, SYSTEM)}, BOROUGH).stories()
    every = sorted((act.at, n, m, act) for n, story in enumerate(stories) for m, act in enumerate(story.acts))
    return [_line(number, stories[n].reference, act) for number, (_, n, _, act) in enumerate(every, 1)]


def actor_of(by: str) -> Actor:
    """The person before they have an account."""
    if by == SYSTEM:
        return Actor(SYSTEM, "The system", Role.SYSTEM, BOROUGH)
    user = DEMO_USERS[by]
    return Actor(by, user.name, user.role, BOROUGH, user.desk)


def _hire(db: Database) -> dict[str, Actor]:
    made = {}
    for by, user in DEMO_USERS.items():
        registered = user.role in FOR_REGISTERED
        user_id = create_user(db, user.username, user.name, user.role, [BOROUGH], user.desk, registered=registered)
        made[by] = Actor(user_id, user.name, user.role, BOROUGH, user.desk)
    return made | {SYSTEM: actor_of(SYSTEM)}


def _line(number: int, reference: str, act: Act) -> Line:
    actor = actor_of(act.by)
    details = DETAILS[act.verb].model_validate(act.details)
    return Line(number, instant(act.at), act.verb, actor.role, actor.desk, act.by, reference, BOROUGH, details)
