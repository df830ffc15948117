"""What does a contact's page hold? Plain values, read once; knows no database and no markup."""

from dataclasses import dataclass
from datetime import datetime

from mash.permissions import MAY_PUT_BACK_ANOTHER_S, Actor
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Agreement, Handling, Kind, Reply, State, Verb
from mash.workflow.history import Picture
from mash.workflow.queries import RunningClock, anchor


@dataclass(frozen=True)
class PersonShown:
    """A child or adult as reported. `label` names the child in forms; `about` is age and role in words."""

    id: str
    label: str
    name: str
    about: str
    address: str | None
    address_withheld: bool
    details: tuple[tuple[str, str], ...]
    outcome: str | None = None


@dataclass(frozen=True)
class ReplyShown:
    """One thing that an agency said."""

    at: datetime
    reply: Reply
    handling: Handling
    risk: str | None
    volunteered: bool
    by: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AgencyShown:
    """What one agency was asked and said. `due_at` and `late` only while a reply is awaited."""

    code: str
    label: str
    required: bool
    awaited: bool
    waived: bool
    asked_at: datetime | None
    due_at: datetime | None
    late: bool
    replies: tuple[ReplyShown, ...]


@dataclass(frozen=True)
class Annulment:
    """A manager said that it should not have been out of timescale: who, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Resolution:
    """Somebody said why it was out of timescale, and what was done about it."""

    by: str
    at: datetime
    cause: str
    remedy: str


@dataclass(frozen=True)
class DeadlineShown:
    """One deadline, running or ended, with how it was counted. What was annulled is not `late`, and says so.

    `alarms`: it runs and something was raised about it; `taken_by` is the id, and `taker` the name,
    of who answers for that.
    """

    clock: str
    label: str
    agency: str
    agency_label: str
    episode: int
    due_at: datetime
    met_at: datetime | None
    breached_at: datetime | None
    cancelled_at: datetime | None
    paused: bool
    pausable: bool
    late: bool
    alarms: bool
    taken_by: str | None
    taker: str | None
    resolved: Resolution | None
    annulled: Annulment | None
    annullable: bool
    reading: str

    @property
    def named(self) -> str:
        """Which deadline of its contact it is, as a form carries it."""
        return f"{self.clock}/{self.agency}/{self.episode}"

    @property
    def ended(self) -> bool:
        """Met, or no longer needed."""
        return self.met_at is not None or self.cancelled_at is not None

    @property
    def resolvable(self) -> bool:
        """It was out of timescale, and rightly so."""
        return self.breached_at is not None and self.annulled is None

    def may_be_handed_on_by(self, actor: Actor) -> bool:
        """Whether this person may give its alerts to a colleague: their own, or anybody's where they answer for all."""
        return self.alarms and (self.taken_by == actor.user_id or actor.role in MAY_PUT_BACK_ANOTHER_S)

    @property
    def anchor(self) -> str:
        """Where it stands on the page that explains it."""
        return anchor(self.clock, self.agency, self.episode)


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    seq: int
    at: datetime
    who: str
    verb: Verb
    what: str
    words: tuple[tuple[str, str], ...]
    hub_only: bool


@dataclass(frozen=True)
class VerbOption:
    """Something that this person could do to the contact, now or not; `reasons` say why not."""

    verb: Verb
    possible: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class DecisionShown:
    """The decision in force, and who took it."""

    outcome: str
    destination: str | None
    threshold_level: int | None
    rationale: str
    by: str
    at: datetime
    stands: bool


@dataclass(frozen=True)
class ContactPage:
    """Everything on a contact's page. `version` goes into its forms."""

    contact_id: str
    reference: str
    version: int
    kind: Kind
    channel: str
    source: str
    team: str | None
    holder: str | None
    colleagues: tuple[tuple[str, str], ...]
    received_at: datetime
    keyed_at: datetime
    keyed_late: bool
    state: State
    rag: str | None
    rag_label: str
    rag_tag: str
    suggested: str | None
    suggested_label: str | None
    suggested_tag: str
    because: tuple[str, ...]
    agreement: Agreement
    parents_informed: bool | None
    narrative: str
    concerns: tuple[str, ...]
    children: tuple[PersonShown, ...]
    adults: tuple[PersonShown, ...]
    referrer: tuple[tuple[str, str], ...]
    referrer_shielded: bool
    referrer_anonymous: bool
    agencies: tuple[AgencyShown, ...]
    clocks: tuple[DeadlineShown, ...]
    worst: RunningClock | None
    decision: DecisionShown | None
    timeline: tuple[Entry, ...]
    earlier: tuple[tuple[str, str, datetime, str], ...]
    liftable: tuple[tuple[str, str], ...]
    verbs: tuple[VerbOption, ...]
    next_step: Verb | None
    picture: Picture
    rules: RuleSet

    @property
    def notes(self) -> tuple[Entry, ...]:
        """The call log: what was tried, the latest first."""
        return tuple(entry for entry in self.timeline if entry.verb is Verb.ADD_NOTE)
