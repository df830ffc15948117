"""How does a contact come to where each verb is possible? One row for each; a verb without a row is an error.

What came due a minute before is not yet said: the act has to say it too (all but a new contact, of which nothing is
due before it is there). Each act adds at most one row with an id of its own to a table, so that two databases with
other random ids can be compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mash import clock
from mash.db import Database
from mash.permissions import Actor
from mash.rulebook import Rulebook
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS, AnnounceBankHoliday, Details, ReceiveContact
from mash.workflow.sweep import next_due
from mash.workflow.write import Office
from tests.support.hub import MONDAY, Hub, northbridge_with

EXCEPTION = {"fabricated_illness": {"label": "Fabricated illness", "lifts": ["decision"]}}
TIANA = {"label": "tiana", "forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}
SOL = {"label": "sol", "forename": "Sol", "surname": "Mockford", "date_of_birth": "2021-01-05", "address": "1 Elm Row"}
AUNT = {"name": "Ada Mockford", "relationship": "other", "address": "A refuge", "address_withheld": True}
REASON: dict[str, Any] = {"reason": "The facts have changed."}
LATE = {"cause": "capacity", "remedy": "Rated at once when it was seen."}
PAUSE: dict[str, Any] = {**REASON, "clock": "decision", "until": (MONDAY + timedelta(days=3)).isoformat()}
DECISION: dict[str, Any] = {
    "outcome": "no_further_action",
    "rationale": "No harm found.",
    "without": ["health", "education"],
}
REPLY = {"agency": "health", "reply": "information_held", "summary": "Seen in March.", "handling": "hub_only"}
ARRIVED = {
    "children": [{**SOL, "address_withheld": True}],
    "adults": [AUNT],
    "concerns": ["physical_abuse"],
    "narrative": "A mark on the arm.",
    "referrer": {"name": "Yara Silva", "role": "Teacher", "shielded": True},
    "received_at": (MONDAY - timedelta(hours=4)).isoformat(),
}


@dataclass(frozen=True)
class Act:
    """One act that a client asks for, and asks for again when it hears nothing."""

    verb: Verb
    actor: Actor
    contact_id: str
    details: Details
    version: int
    at: datetime
    key: str = "form-1"

    def do(self, db: Database, rulebook: Rulebook) -> None:
        """Ask for it. Raises MashError where it is refused."""
        office = Office(db, rulebook)
        with clock.at(self.at):
            if isinstance(self.details, ReceiveContact):
                office.receive(self.actor, self.details, key=self.key, request_id=self.key)
            elif isinstance(self.details, AnnounceBankHoliday):
                office.announce(self.actor, self.details, request_id=self.key)
            else:
                how: dict[str, Any] = {"version": self.version, "request_id": self.key}
                office.perform(self.actor, self.verb, self.contact_id, self.details, **how)


@dataclass(frozen=True)
class Stage:
    """Who does it, to a contact that was brought how far, saying what (or whom of the hub's people it names).

    `may_be_repeated`: doing it twice makes sense, so that a client that heard nothing looks at the record before it
    asks again. Every other act is refused the second time or changes nothing.
    """

    who: str
    bring: Callable[[Hub], str]
    fields: Mapping[str, Any] | Callable[[Hub], Mapping[str, Any]] = field(default_factory=dict)
    may_be_repeated: bool = False


# -- how far ----------------------------------------------------------------------------------------------------------


def received(hub: Hub) -> str:
    return hub.receive(children=[TIANA], concerns=["neglect"], narrative="Often alone in the evening.")


def by_edt(hub: Hub) -> str:
    return hub.receive("edt", children=[TIANA])


def with_worker(hub: Hub) -> str:
    return hub.receive(children=[{**TIANA, "open_case": True}])


def screening(hub: Hub) -> str:
    return hub.screened(children=[TIANA], concerns=["neglect"])


def amber(hub: Hub) -> str:
    return hub.screened("amber", children=[TIANA])


def gathering(hub: Hub) -> str:
    contact_id = amber(hub)
    hub.do("screener", Verb.REQUEST_INFORMATION, contact_id)
    return contact_id


def paused(hub: Hub) -> str:
    contact_id = amber(hub)
    hub.do("decider", Verb.PAUSE_CLOCK, contact_id, **PAUSE)
    return contact_id


def unsigned(hub: Hub) -> str:
    contact_id = gathering(hub)
    hub.do("decider", Verb.RECORD_DECISION, contact_id, **DECISION)
    return contact_id


def decided(hub: Hub) -> str:
    return hub.decided()


def closed(hub: Hub) -> str:
    contact_id = hub.decided()
    hub.do("screener", Verb.CLOSE, contact_id)
    return contact_id


def in_hand(hub: Hub) -> str:
    contact_id = screening(hub)
    hub.do("screener", Verb.CLAIM, contact_id)
    return contact_id


def warned(hub: Hub) -> str:
    """The clock “screening” has been warned of, and that has been said."""
    contact_id = screening(hub)
    due = next_due(hub.db)
    assert due is not None
    hub.at = due + timedelta(minutes=1)
    assert hub.sweep().alerts
    return contact_id


def out_of_timescale(hub: Hub) -> str:
    """The clock “screening” ran out an hour ago, and that has been said."""
    contact_id = screening(hub)
    hub.at = MONDAY + timedelta(hours=5)
    assert hub.sweep().alerts
    return contact_id


def the_manager(hub: Hub) -> dict[str, Any]:
    return {"to": hub.actors["manager"].user_id, "note": "You know the family."}


def the_manager_for_screening(hub: Hub) -> dict[str, Any]:
    return {"clock": "screening", **the_manager(hub)}


def returned(hub: Hub) -> str:
    contact_id = screening(hub)
    hub.do("decider", Verb.RETURN_TO_REFERRER, contact_id, reason="Name the school.")
    return contact_id


def transferring(hub: Hub) -> str:
    contact_id = gathering(hub)
    hub.do("decider", Verb.TRANSFER_OUT, contact_id, to="Southmere", rationale="They live there.")
    return contact_id


def waiting(hub: Hub) -> str:
    """Several contacts, of which a bank holiday is announced."""
    return [amber(hub), received(hub), by_edt(hub)][0]


# -- the table --------------------------------------------------------------------------------------------------------

V = Verb
STAGES: dict[Verb, Stage] = {
    V.RECEIVE_CONTACT: Stage("officer", received, ARRIVED),
    V.ADD_FACTS: Stage("officer", screening, {"children": [SOL], "adults": [AUNT], "concerns": ["sexual_abuse"]}),
    V.RECORD_AGREEMENT: Stage("officer", screening, {"status": "refused", "reason": "They want no help."}, True),
    V.ACKNOWLEDGE: Stage("officer", received),
    V.ACCEPT_HANDOVER: Stage("screener", by_edt),
    V.CONFIRM_READ: Stage("screener", with_worker),
    V.START_SCREENING: Stage("screener", received),
    V.RATE_CONTACT: Stage("screener", screening, {"rag": "red", "rationale": "A mark on the arm."}),
    V.REQUEST_INFORMATION: Stage("screener", amber, {"question": "Is the child known to you?"}),
    V.RETURN_INFORMATION: Stage("health", gathering, REPLY, True),
    V.PROCEED_WITHOUT: Stage("decider", gathering, {"agencies": ["health"], "rationale": "The school knows enough."}),
    V.RECORD_DECISION: Stage("decider", gathering, DECISION),
    V.WITHDRAW_DECISION: Stage("decider", unsigned, REASON),
    V.SIGN_OFF: Stage("manager", unsigned, {"agree": False, "comment": "Ask the school first."}),
    V.GIVE_FEEDBACK: Stage("officer", decided, {"note": "Told by phone."}),
    V.RECORD_EVENT: Stage("screener", screening, {"event": "police_protection_begun"}, True),
    V.PAUSE_CLOCK: Stage("decider", amber, PAUSE),
    V.RESUME_CLOCK: Stage("screener", paused, {"clock": "decision", **REASON}),
    V.LIFT_DEADLINE: Stage("decider", amber, {"clock": "decision", "exception": "fabricated_illness", **REASON}),
    V.RESOLVE_BREACH: Stage("manager", out_of_timescale, {"clock": "screening", **LATE}, True),
    V.ANNUL_BREACH: Stage("manager", out_of_timescale, {"clock": "screening", **REASON}),
    V.RETURN_TO_REFERRER: Stage("decider", screening, REASON),
    V.RESUBMIT: Stage("officer", returned),
    V.TRANSFER_OUT: Stage("decider", gathering, {"to": "Southmere", "rationale": "They live there."}),
    V.TRANSFER_ACCEPTED: Stage("decider", transferring),
    V.TRANSFER_REFUSED: Stage("decider", transferring, REASON),
    V.REOPEN: Stage("screener", closed, REASON),
    V.CLOSE: Stage("screener", decided),
    V.CLAIM: Stage("screener", screening),
    V.RELEASE: Stage("screener", in_hand, REASON),
    V.HAND_TO: Stage("screener", in_hand, the_manager),
    V.TAKE_ALERT: Stage("decider", warned, {"clock": "screening"}),
    V.HAND_ALERT_TO: Stage("decider", warned, the_manager_for_screening),
    V.ADD_NOTE: Stage("officer", screening, {"note": "Rang twice; nobody answered."}, True),
    V.ANNOUNCE_BANK_HOLIDAY: Stage("manager", waiting, {"date": "2026-11-10", "name": "A day of mourning"}),
}


def hub_for_stages(db: Database) -> Hub:
    """A front door whose rules know every verb."""
    return Hub(db, rules=northbridge_with(exceptions=EXCEPTION))


def prepared(hub: Hub, verb: Verb) -> Act:
    """Brings a contact to where the verb is possible, up to a minute after something has come due."""
    if verb not in STAGES:
        raise LookupError(f"{verb}: say in tests/faults/stages.py how a contact comes to where this is possible.")
    stage, hub.at = STAGES[verb], MONDAY
    contact_id = stage.bring(hub)
    due = next_due(hub.db)
    assert due is not None, f"{verb}: no clock runs at this stage, so nothing could come due."
    hub.at = due + timedelta(minutes=1)
    details = DETAILS[verb].model_validate(dict(stage.fields(hub) if callable(stage.fields) else stage.fields))
    version = hub.page(contact_id).version
    return Act(verb, hub.actors[stage.who], contact_id, details, version, hub.at)
