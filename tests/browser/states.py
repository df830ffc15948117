"""A front door with a contact in every state in which a page looks different, and one where nothing has happened."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from mash import clock, drafts, proposals, rule_versions
from mash.accounts import administration, walls
from mash.db import Database
from mash.messages import outbox
from mash.messages.carriers import set_up
from mash.messages.sending import NotNow, Outgoing
from mash.models.contact import Contact
from mash.rulebook import Rulebook
from mash.rules.written import as_file
from mash.settings import Settings
from mash.silence.judging import Quiet
from mash.silence.page import KnownSilence, note_known
from mash.silence.watch import call_quiet
from mash.vocabulary import Carrier, Role, Source, Verb
from mash.workflow import aside, rows
from tests.support.databases import SqliteFiles
from tests.support.hub import CONFIG, Hub, northbridge_with, nothing_to_consider
from tests.support.receiving import with_addresses
from tests.support.serving import served

QUESTION = "Any injuries, missed appointments or worries about the parents since January?"
WORDS = "Came to school hungry again, for the third time this month; nobody answers the telephone at home."
BECAUSE = "School and the GP are working with the mother. Nothing that needs a social worker."
FAMILY = [
    {"label": "t", "forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"},
    {"label": "k", "forename": "Kofi"},
    {"label": "u", "expected_date_of_delivery": "2027-01-20"},
]
ADULTS = [{"name": "Dana Mockford", "relationship": "mother", "address": "1 Nowhere Lane", "address_withheld": True}]
RULES = {"exceptions": {"no_contact": {"label": "The family cannot be found", "lifts": ["decision"]}}}
"""Northbridge lifts no deadline: for the form that lifts one there is an exception here."""


@dataclass
class Front:
    """A front door that browsers reach: its address, its people, and what the addresses of its pages are made of."""

    home: str
    hub: Hub
    ids: dict[str, str] = field(default_factory=dict)


class World(Front):
    """A hub at work: `ids` names a contact in each state."""

    def __init__(self, db: Database, home: str) -> None:
        self.now = clock.now()
        self.standings: dict[str, dict[tuple[Verb, bool], str]] = {}
        super().__init__(home, Hub(db, self.now - timedelta(days=10), northbridge_with(**RULES)))
        self._late()
        self.hub.at = self.now - timedelta(minutes=30)
        self._screening()
        self._deciding()
        self._elsewhere()
        self.hub.sweep()
        self.hub.at = self.now
        self.hub.sweep()
        self._aside()
        self._drafts()
        self._people()
        self._rules()
        self._sources()
        self._unsent()

    def new(self, name: str, who: str = "officer", **fields: object) -> str:
        """A contact that has come in."""
        told = {"children": FAMILY, "adults": ADULTS, "concerns": ["neglect"], "narrative": WORDS}
        self.ids[name] = self.hub.receive(who, **{**told, **fields})
        return self.ids[name]

    def rated(self, name: str, rag: str, *, agreed: bool = True) -> str:
        """A contact with a colour."""
        contact_id = self.new(name, agreement={"status": "given" if agreed else "not_sought"})
        self.hub.do("screener", Verb.START_SCREENING, contact_id)
        self.hub.do("screener", Verb.RATE_CONTACT, contact_id, rag=rag, rationale="Threshold document applied.")
        return contact_id

    def asked(self, name: str, rag: str) -> str:
        """A contact of which three agencies were asked; one has answered."""
        contact_id = self.rated(name, rag)
        agencies = ["police", "health", "education"]
        self.hub.do("screener", Verb.REQUEST_INFORMATION, contact_id, agencies=agencies, question=QUESTION)
        held = {"agency": "health", "reply": "partial", "summary": "Seen twice this year with a rash."}
        self.hub.do("health", Verb.RETURN_INFORMATION, contact_id, **held, handling="shareable_with_team")
        return contact_id

    def decided(self, name: str, **fields: object) -> str:
        """A contact with a decision."""
        contact_id = self.rated(name, "amber")
        without = {"outcome": "no_further_action", "rationale": BECAUSE, "without": ["health", "education"]}
        self.hub.do("decider", Verb.RECORD_DECISION, contact_id, **{**without, **fields})
        return contact_id

    def _late(self) -> None:
        self.new("unlooked", concerns=[], narrative=None, adults=[], children=[{"forename": "Ines"}])
        self.asked("late", "amber")

    def _screening(self) -> None:
        self.new("received", referrer={"anonymous": True})
        self.new("shielded", referrer={"name": "Yara Silva", "phone": "020 7946 0101", "shielded": True})
        self.new("handed_over", "edt")
        self.new("simple", concerns=[], narrative="A neighbour hears them quarrel.")
        self.hub.do("screener", Verb.START_SCREENING, self.new("screening"))
        self.hub.do("screener", Verb.CLAIM, self.ids["screening"])
        self.rated("rated", "red", agreed=False)
        self.rated("green", "green")
        self.hub.do("decider", Verb.PAUSE_CLOCK, self.rated("paused", "green"), **self._until_tomorrow())
        answered = self.asked("answered", "red")
        for agency in ("police", "health", "education"):
            self.hub.do(agency, Verb.RETURN_INFORMATION, answered, agency=agency, reply="nothing_known")
        self.asked("asked", "amber")

    def _until_tomorrow(self) -> dict[str, str]:
        return {"clock": "decision", "reason": "Abroad.", "until": (self.now + timedelta(days=1)).isoformat()}

    def _deciding(self) -> None:
        self.decided("decided")
        each = {"t": "early_help", "k": "no_further_action"}
        self.hub.do("second_decider", Verb.SIGN_OFF, self.decided("overseen", children=each), agree=True)
        self.hub.do("second_decider", Verb.SIGN_OFF, self.decided("closed"), agree=True)
        self.hub.do("officer", Verb.GIVE_FEEDBACK, self.ids["closed"], note="By phone.")
        self.hub.do("screener", Verb.CLOSE, self.ids["closed"])

    def _elsewhere(self) -> None:
        self.hub.do("decider", Verb.RETURN_TO_REFERRER, self.new("returned"), reason="Who lives with them?")
        for name in ("offered", "transferred"):
            self.hub.do("decider", Verb.TRANSFER_OUT, self.rated(name, "amber"), to="Eastmere", rationale="They moved.")
        self.hub.do("decider", Verb.TRANSFER_ACCEPTED, self.ids["transferred"])
        self.new("passed_on", children=[{"forename": "Kit", "open_case": True}])

    def _drafts(self) -> None:
        self.draft("decider", f"/contacts/{self.ids['rated']}/rate_contact", self.ids["rated"], rationale=WORDS)
        self.draft("decider", f"/contacts/{self.ids['simple']}/screen_out", self.ids["simple"], rationale=WORDS)
        self.draft("decider", f"/contacts/{self.ids['asked']}/add_note", self.ids["asked"], note=WORDS)
        self.draft("decider", "/contacts/new", None, narrative=WORDS)
        self.draft("police", f"/desk/{self.ids['asked']}", self.ids["asked"], summary=WORDS)

    def draft(self, who: str, form: str, contact_id: str | None, **fields: str) -> None:
        """Somebody has begun to type."""
        version = {"version": ["1"]} if contact_id else {}
        typed = version | {name: [text] for name, text in fields.items()}
        drafts.keep(self.hub.db, self.hub.actors[who], form, typed, contact_id)

    def _aside(self) -> None:
        with self.hub.db.transaction() as tx:
            row = tx.execute(rows.contact_rows().where(Contact.id == self.ids["received"])).one()
            aside.put(tx, row, KeyError(), self.now)

    def _people(self) -> None:
        users = {name: actor.user_id for name, actor in self.hub.actors.items()}
        users["former"] = self.hub.person("former", Role.SCREENER).user_id
        administrator = self.hub.actors["administrator"]
        administration.deactivate(self.hub.db, administrator, users["former"])
        self.ids |= {f"user_{name}": user_id for name, user_id in users.items()}
        self.ids["link"] = administration.invite(self.hub.db, administrator, users["education"])
        self.ids["wall"] = walls.put_up(self.hub.db, self.hub.actors["manager"])

    def _rules(self) -> None:
        """Versions: still to come, and withdrawn. Proposals: what they came from, thrown away, and open."""
        db, who, day = self.hub.db, self.hub.actors["administrator"], self.now.date()
        for name, hours in (("coming", 4), ("withdrawn", 5), ("discarded", 6), ("open", 7)):
            begun = as_file(nothing_to_consider(2, day)) if name == "coming" else None
            text = begun or proposals.text_to_start_from(db, Rulebook(), who)
            text = re.sub(r"amber: {due: \d working_\w+", f"amber: {{due: {hours} working_hours", text)
            self.ids[f"proposal_{name}"] = proposals.propose(db, CONFIG, who, text.encode())
            if name in ("coming", "withdrawn"):
                since = day + timedelta(days=10 * hours)
                proposals.put_proposal_in_force(db, who, self.ids[f"proposal_{name}"], since)
        rule_versions.withdraw(db, who, 3)
        proposals.throw_away(db, who, self.ids["proposal_discarded"])
        self.ids["day"] = (day + timedelta(days=100)).isoformat()

    def _sources(self) -> None:
        """Two are quiet; of one it is known why."""
        since = int(self.now.timestamp()) - 9_000
        for source, came in ((Source.POLICE, 0), (Source.SCHOOLS, 2)):
            call_quiet(self.hub.db, "northbridge", source, Quiet(since, came, 9.2), 5, self.now)
        why = "Their new system has been down since the morning: incident 4711."
        note_known(self.hub.db, self.hub.actors["manager"], KnownSilence(source=Source.SCHOOLS, because=why))

    def _unsent(self) -> None:
        """Alerts that should have been mailed, and a mail server that nobody reaches."""

        def fails(message: Outgoing) -> None:
            raise NotNow("The mail server could not be used: [Errno 111] Connection refused.")

        with_addresses(self.hub.db)
        with clock.at(self.now - timedelta(days=10)):
            set_up(self.hub.db, {Carrier.EMAIL: fails})
        with clock.at(self.now):
            outbox.ring(self.hub.db, self.hub.office.rulebook, {Carrier.EMAIL: fails})

    def possible(self, verb: Verb, who: str = "decider") -> str:
        """A contact to which this person can do this now. Raises KeyError where there is none."""
        return self._standings(who)[verb, True]

    def impossible(self, verb: Verb, who: str = "decider") -> str:
        """A contact to which this person cannot do this now, and is told why. Raises KeyError where there is none."""
        return self._standings(who)[verb, False]

    def _standings(self, who: str) -> dict[tuple[Verb, bool], str]:
        if who in self.standings:
            return self.standings[who]
        found = self.standings[who] = {}
        with clock.at(self.now):
            for name in CONTACTS:
                for option in self.hub.page(self.ids[name], who).verbs:
                    found.setdefault((option.verb, option.possible), self.ids[name])
        return found


CONTACTS = (
    "rated",
    "asked",
    "answered",
    "green",
    "received",
    "unlooked",
    "shielded",
    "handed_over",
    "screening",
    "paused",
    "decided",
    "overseen",
    "closed",
    "returned",
    "offered",
    "transferred",
    "passed_on",
    "late",
)
"""The names of contacts, in the order in which they are thought of first when something has to be done to one."""


@contextmanager
def world(files: SqliteFiles) -> Iterator[World]:
    """A front door at work, open to browsers."""
    with files.copy("demo") as db, served(db, Settings(insecure_http=True)) as home:
        yield World(db, home)


@contextmanager
def nothing(files: SqliteFiles) -> Iterator[Front]:
    """A front door at which nothing has happened yet; its timers have never run."""
    with files.copy("demo") as db, served(db, Settings(insecure_http=True)) as home:
        yield Front(home, Hub(db, clock.now()))
