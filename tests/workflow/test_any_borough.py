"""What other boroughs' rules say: levels, filters, cut-offs, the earlier of two, exceptions, who may, whose it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from mash import clock, rulebook
from mash.db import Database
from mash.errors import NotPermitted, Refused
from mash.models.time import Alert
from mash.rules.clockrules import Owner
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from mash.workflow.alerts import alerts
from mash.workflow.results import result_lines
from tests.support.hub import Hub, northbridge_with

V = Verb
MONDAY = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
"""Nine o'clock in London, in summer; the hub is open from nine to a quarter past five, on Fridays to five."""

PLAN = {"label": "Plan", "from": ["receipt"], "to": "closed", "calendar": "hub"}


def hub_with(database: Database, **changes: object) -> Hub:
    return Hub(database, MONDAY, northbridge_with(**changes))


def at(hub: Hub, day: int, hour: int, minute: int = 0) -> Hub:
    """London time in June 2026; the sweep comes by."""
    hub.at = datetime(2026, 6, day, hour - 1, minute, tzinfo=UTC)
    hub.sweep()
    return hub


def lines(hub: Hub, kind: str, name: str) -> list[dict[str, Any]]:
    found = [line for k, line in result_lines(hub.db) if k == kind and line["clock"] == name]
    return sorted(found, key=lambda line: (line["contact"], line["episode"], str(line.get("at"))))


def dues(hub: Hub, name: str) -> list[str]:
    """Day and London time of each deadline; with a + where it is running, ! where it is out of timescale."""
    found = []
    for line in lines(hub, "deadlines", name):
        due = datetime.fromisoformat(line["due_at"]).astimezone(clock.LONDON)
        mark = "!" if line["breached_at"] else "" if line["met_at"] or line["cancelled_at"] else "+"
        found.append(f"{due:%d %H:%M}{mark}")
    return found


def test_a_level_gives_a_clock_its_target_once_it_is_known(database: Database) -> None:
    none = {"due": "none"}
    by_level = {"1": none, "2": none, "3": {"due": "2 working_days_close"}, "4": {"due": "30 clock_hours"}}
    hub = hub_with(database, clocks__plan=PLAN | {"by_level": by_level})
    contact_id = hub.screened("amber", agreement={"status": "given"})
    assert dues(hub, "plan") == []
    without = ["health", "education"]
    fields = {"outcome": "child_and_family_assessment", "rationale": "Need.", "without": without}
    at(hub, 8, 12).do("decider", V.RECORD_DECISION, contact_id, threshold_level=3, **fields)
    assert dues(hub, "plan") == ["10 17:15+"]
    hub.do("screener", V.REOPEN, contact_id, reason="Worse.")
    hub.do("screener", V.RATE_CONTACT, contact_id, rag="amber")
    at(hub, 8, 13).do("decider", V.RECORD_DECISION, contact_id, threshold_level=4, **fields)
    assert dues(hub, "plan") == ["09 15:00+"]
    at(hub, 8, 14).do("screener", V.CLOSE, contact_id)
    assert dues(hub, "plan") == ["09 15:00"]


def test_a_colour_that_goes_with_a_level_gives_it_at_once(database: Database) -> None:
    none = {"due": "none"}
    by_level = {"1": none, "2": none, "3": none, "4": {"due": "4 working_hours"}}
    plan = PLAN | {"by_level": by_level, "to": "decision_recorded"}
    hub = hub_with(database, clocks__plan=plan, colours__red__level=4, colours__amber__level=3)
    contact_id = hub.screened("amber")
    assert dues(hub, "plan") == []
    at(hub, 8, 15).do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="Worse.")
    assert dues(hub, "plan") == ["08 13:00+"]
    at(hub, 8, 16)
    (late,) = lines(hub, "deadlines", "plan")
    assert late["breached_at"] == "2026-06-08T14:00:00Z", "out of timescale when it is set, not before"


def test_an_outcome_s_level_is_taken_where_the_decision_names_none(database: Database) -> None:
    hub = hub_with(database, outcomes__early_help__level=2, outcomes__early_help__destination="Family hub")
    page = hub.page(hub.decided("early_help"))
    assert page.decision is not None
    assert (page.decision.threshold_level, page.decision.destination) == (2, "Family hub")


@pytest.mark.parametrize(
    ("only_for", "received", "started"),
    [
        ({"channels": ["phone"]}, {"channel": "phone"}, True),
        ({"channels": ["phone"]}, {"channel": "email"}, False),
        ({"channels": ["phone"]}, {}, False),
        ({"sources": ["2A", "2B"]}, {"source": "2B"}, True),
        ({"sources": ["2A"]}, {"source": "6"}, False),
        ({"concerns": ["neglect"]}, {"concerns": ["missing", "neglect"]}, True),
        ({"concerns": ["neglect"]}, {"concerns": ["missing"]}, False),
        ({"channels": ["phone"], "concerns": ["neglect"]}, {"channel": "phone"}, False),
    ],
)
def test_a_clock_is_only_for_some_contacts(
    database: Database, only_for: dict[str, Any], received: dict[str, Any], started: bool
) -> None:
    plan = PLAN | {"only_for": only_for, "timescale": {"due": "1 working_hours"}}
    hub = hub_with(database, clocks__plan=plan)
    hub.receive(**received)
    assert dues(hub, "plan") == ["08 10:00+"] * started


def test_a_concern_heard_of_later_starts_its_clock_then_and_once(database: Database) -> None:
    plan = PLAN | {"only_for": {"concerns": ["neglect", "fgm_risk"]}, "timescale": {"due": "2 working_hours"}}
    hub = hub_with(database, clocks__plan=plan)
    contact_id = hub.receive(concerns=["missing"])
    at(hub, 8, 11).do("officer", V.ADD_FACTS, contact_id, concerns=["neglect"])
    at(hub, 8, 12).do("officer", V.ADD_FACTS, contact_id, concerns=["fgm_risk"])
    assert dues(hub, "plan") == ["08 13:00+"]


def test_a_clock_is_only_for_some_outcomes_levels_and_agencies(database: Database) -> None:
    plan = PLAN | {"from": ["decision_recorded"], "timescale": {"due": "1 working_hours"}}
    reply = {"label": "Reply", "from": ["agency_asked"], "to": "agency_replied", "calendar": "agency"}
    hub = hub_with(
        database,
        clocks__plan=plan | {"only_for": {"outcomes": ["early_help"]}},
        clocks__other=plan | {"only_for": {"levels": ["3", "4"]}},
        clocks__police_reply=reply | {"only_for": {"agencies": ["police"]}, "timescale": {"due": "1 working_hours"}},
    )
    contact_id = hub.screened("green", agreement={"status": "given"})
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["police", "housing"])
    assert dues(hub, "police_reply") == ["08 10:00+"]
    fields = {"outcome": "early_help", "rationale": "Support.", "without": ["police", "housing"]}
    hub.do("decider", V.RECORD_DECISION, contact_id, threshold_level=2, **fields)
    assert dues(hub, "plan") == ["08 10:00+"] and dues(hub, "other") == []


def test_after_the_cut_off_a_contact_counts_as_the_next_working_day_s(database: Database) -> None:
    cut_off = {
        "at": {"mon": "16:30", "tue": "10:00"},
        "clocks": ["screening", "statutory_decision"],
        "not_for": ["red"],
    }
    hub = hub_with(database, intake__calendar="hub", intake__cut_off=cut_off)
    at(hub, 8, 16, 29).receive()
    at(hub, 8, 16, 30).receive()
    at(hub, 9, 10, 0).receive()
    at(hub, 10, 17, 0).receive()
    at(hub, 15, 16, 30).receive(concerns=["sexual_abuse"])
    screening = [line["due_at"][5:16] for line in lines(hub, "deadlines", "screening")]
    assert sorted(screening) == ["06-09T11:14", "06-09T12:00", "06-10T12:00", "06-11T11:45", "06-16T11:15"]
    started = {line["started_at"][5:16] for line in lines(hub, "deadlines", "screening")}
    assert "06-08T15:30" in started, "the true instant of receipt is kept"
    statutory = sorted(line["due_at"][5:16] for line in lines(hub, "deadlines", "statutory_decision"))
    assert statutory == ["06-09T16:15", "06-10T16:15", "06-11T16:15", "06-11T16:15", "06-16T16:15"]


def test_of_two_timescales_the_earlier_counts_and_says_how_alerts_count(database: Database) -> None:
    scale = {"due": "1 working_days_close", "no_later_than": "24 clock_hours", "warn": ["2 h"], "escalate": ["2 h"]}
    hub = hub_with(database, clocks__plan=PLAN | {"timescale": scale})
    at(hub, 12, 10).receive()
    assert dues(hub, "plan") == ["13 10:00+"], "Saturday by the clock, not Monday's closing"
    at(hub, 15, 9)
    alerts = [(line["alert"], line["at"][8:16]) for line in lines(hub, "alerts", "plan")]
    assert alerts == [("warning", "13T07:00"), ("breach", "13T09:00"), ("escalation", "13T11:00")]
    at(hub, 15, 10).receive()
    assert sorted(dues(hub, "plan")) == ["13 10:00!", "16 10:00+"]


def test_a_recorded_event_that_happens_twice_before_rating_is_owed_two_deadlines(database: Database) -> None:
    none = {"due": "none"}
    visit = {"label": "Seen", "from": ["police_protection_begun"], "to": "police_protection_ended", "calendar": "hub"}
    by_rating = {"red": {"due": "2 clock_hours"}, "amber": none, "green": none}
    hub = hub_with(database, clocks__visit=visit | {"by_rating": by_rating})
    contact_id = hub.screened()
    for hour in (10, 11):
        at(hub, 8, hour).do("screener", V.RECORD_EVENT, contact_id, event="police_protection_begun")
    at(hub, 8, 11, 30).do("screener", V.RATE_CONTACT, contact_id, rag="red")
    assert dues(hub, "visit") == ["08 12:00+", "08 13:00+"]
    ended = {"event": "police_protection_ended", "occurred_at": "2026-06-08T09:30+00:00"}
    hub.do("screener", V.RECORD_EVENT, contact_id, **ended)
    assert dues(hub, "visit") == ["08 12:00", "08 13:00+"], "the one that had not begun by then runs on"


def test_a_return_and_a_closing_start_and_stop_clocks(database: Database) -> None:
    back = {"label": "Comes back", "from": ["returned"], "to": "resubmitted", "owner": "referrer", "calendar": "hub"}
    hub = hub_with(database, clocks__back=back | {"timescale": {"due": "2 working_days_close"}})
    contact_id = hub.receive()
    hub.do("decider", V.RETURN_TO_REFERRER, contact_id, reason="Which school?")
    assert dues(hub, "back") == ["10 17:15+"]
    hub.do("officer", V.RESUBMIT, contact_id)
    assert dues(hub, "back") == ["10 17:15"]


def test_an_exception_lifts_a_deadline_and_keeps_a_breach(database: Database) -> None:
    exception = {"label": "Fabricated illness", "lifts": ["decision"]}
    hub = hub_with(database, exceptions={"fabricated_illness": exception})
    contact_id = hub.screened("red")
    at(hub, 8, 16)
    fields = {"clock": "decision", "exception": "fabricated_illness"}
    with pytest.raises(Refused, match="Say why the deadline is lifted"):
        hub.do("decider", V.LIFT_DEADLINE, contact_id, **fields)
    for wrong in ({"exception": "holiday"}, {"clock": "statutory_decision"}, {"clock": "sign_off"}):
        with pytest.raises(Refused):
            hub.do("decider", V.LIFT_DEADLINE, contact_id, **(fields | wrong), reason="The chronology comes first.")
    hub.do("decider", V.LIFT_DEADLINE, contact_id, **fields, reason="The chronology comes first.")
    (lifted,) = lines(hub, "deadlines", "decision")
    assert (lifted["cancelled_at"], lifted["breached_at"]) == ("2026-06-08T15:00:00Z", "2026-06-08T12:00:00Z")
    at(hub, 9, 16)
    raised = [(line["alert"], line["level"]) for line in lines(hub, "alerts", "decision")]
    assert raised == [("warning", 1), ("breach", 1), ("escalation", 2)], "nothing more is raised"
    assert dues(hub, "statutory_decision") == ["09 17:15+"]


def test_rules_may_leave_an_act_to_fewer_roles(database: Database) -> None:
    hub = hub_with(
        database, who_may={"rate_contact": ["decision_maker"], "receive_contact": ["contact_officer", "edt"]}
    )
    contact_id = hub.screened()
    with pytest.raises(NotPermitted, match="leave this to decision maker"):
        hub.do("screener", V.RATE_CONTACT, contact_id, rag="red")
    with pytest.raises(NotPermitted, match="contact officer or emergency duty team"):
        hub.receive("screener")
    assert V.RATE_CONTACT not in {option.verb for option in hub.page(contact_id, "screener").verbs}
    hub.do("decider", V.RATE_CONTACT, contact_id, rag="red")


def test_a_colour_may_ask_nobody_and_a_concern_may_ask_somebody(database: Database) -> None:
    hub = hub_with(database, agencies__housing__required_for_concerns=["neglect"], colours__green__asks_nobody=True)
    amber = hub.screened("amber", concerns=["neglect"])
    hub.do("screener", V.REQUEST_INFORMATION, amber)
    assert [agency.code for agency in hub.page(amber).agencies if agency.awaited] == ["health", "education", "housing"]
    green = hub.screened("green", concerns=["neglect"], agreement={"status": "given"})
    with pytest.raises(Refused, match="For green nobody is asked"):
        hub.do("screener", V.REQUEST_INFORMATION, green, agencies=["police"])
    hub.do("decider", V.RECORD_DECISION, green, outcome="early_help", rationale="Support.")


def test_only_those_whom_the_rules_name_ask_without_agreement(database: Database) -> None:
    hub = hub_with(database, sharing__agreement_waived_by=["service_manager"])
    contact_id = hub.screened("green")
    why = {"agencies": ["health"], "without_agreement_because": "It would put her at risk."}
    with pytest.raises(Refused):
        hub.do("decider", V.REQUEST_INFORMATION, contact_id, **why)
    hub.do("manager", V.REQUEST_INFORMATION, contact_id, **why)


@pytest.mark.parametrize(("never_falls", "suggested"), [(True, "red"), (False, "amber")])
def test_a_suggestion_falls_with_the_facts_unless_the_rules_say_never(
    database: Database, never_falls: bool, suggested: str
) -> None:
    rule = {"colour": "red", "when": {"agreement": ["refused"]}, "because": "Agreement is refused."}
    hub = hub_with(database, suggestions__S0=rule, rating__suggestion_never_falls=never_falls)
    contact_id = hub.receive(concerns=["neglect"], agreement={"status": "refused"})
    hub.do("officer", V.RECORD_AGREEMENT, contact_id, status="given")
    hub.do("officer", V.ADD_FACTS, contact_id, concerns=["missing"])
    assert hub.page(contact_id).suggested == suggested


def test_what_arrives_belongs_to_whoever_is_there_or_knew_the_child_lately(database: Database) -> None:
    intake = {"calendar": "hub", "in_hours": "Day team", "re_referral": {"within": "4 weeks", "to": "Last worker"}}
    hub = hub_with(database, intake=intake)
    child = {"forename": "Ana", "surname": "Example", "date_of_birth": "2019-01-01"}
    first = at(hub, 8, 17, 14).receive(children=[child], kind="advice")
    assert hub.page(first).team == "Day team"
    assert hub.page(at(hub, 8, 17, 15).receive()).team == "Emergency duty team"
    assert hub.page(at(hub, 9, 10).receive(children=[child])).team == "Day team", "the first one is still open"
    hub.do("screener", V.CLOSE, first, reason="Advice given.")
    hub.at = datetime(2026, 7, 7, 9, 0, tzinfo=UTC)
    assert hub.page(hub.receive(children=[child])).team == "Last worker"
    hub.at = datetime(2026, 7, 8, 9, 0, tzinfo=UTC)
    assert hub.page(hub.receive(children=[child])).team == "Day team"


def version(number: int, since: str, hours: int) -> RuleSet:
    scale = {"due": f"{hours} working_hours"}
    return northbridge_with(version=number, in_force_from=since, clocks__screening__timescale=scale)


def test_a_contact_follows_the_version_in_force_on_its_day_of_receipt(database: Database) -> None:
    hub = Hub(database, MONDAY, version(1, "2026-01-01", 4))
    rulebook.install(database, [version(2, "2026-06-09", 2)])
    for day, hour in ((8, 9), (9, 9)):
        at(hub, day, hour).receive(received_at=hub.at if day == 8 else None)
    late = "2026-06-08T15:00:00+00:00"
    at(hub, 9, 9).receive(received_at=late)
    found = sorted((line["started_at"], line["due_at"]) for line in lines(hub, "deadlines", "screening"))
    assert [(a[8:16], b[8:16]) for a, b in found] == [
        ("08T08:00", "08T12:00"),
        ("08T15:00", "09T10:45"),
        ("09T08:00", "09T10:00"),
    ]
    with pytest.raises(Refused, match="No rules of “northbridge” are in force on 31 December 2025"):
        hub.receive(received_at="2025-12-31T12:00:00+00:00")


def test_an_alert_says_whose_deadline_it_is_and_whom_the_ladder_names(database: Database) -> None:
    red = {"due": "4 clock_hours", "warn": ["2 h"], "escalate": ["1 h", "2 h to service_manager", "16 h"]}
    red["at_closing"] = "hand_to_edt"
    form = {"label": "Form", "from": ["receipt"], "to": "resubmitted", "owner": "referrer"}
    hub = hub_with(
        database,
        clocks__decision__by_rating__red=red,
        clocks__form=form | {"timescale": {"due": "3 clock_hours"}},
    )
    at(hub, 8, 14).screened("red")
    at(hub, 9, 12)
    (row,) = alerts(database, hub.office.rulebook, hub.actors["manager"], hub.at).rows
    assert row.clock.clock == "form"
    assert [said.owner for said in row.said] == [Owner.REFERRER]
    assert row.whom is not None and row.whom.words == "Decider and Second Decider"
    with database.reading() as look:
        told = select(Alert.kind, Alert.level, Alert.owner, Alert.for_role).where(Alert.clock == "decision")
        found = [tuple(line) for line in look.execute(told.order_by(Alert.at))]
    assert found == [
        ("warning", 1, "hub", None),
        ("breach", 1, "edt", None),
        ("escalation", 2, "edt", None),
        ("escalation", 3, "edt", "service_manager"),
        ("escalation", 4, "hub", None),
    ]
    decision = next(clock for clock in hub.page(row.row.contact_id).clocks if clock.clock == "decision")
    assert "At closing it passes to the emergency duty team." in decision.reading


def test_an_agency_may_have_timescales_of_its_own(database: Database) -> None:
    own = {"not_rated": {"due": "1 working_hours"}, "red": {"due": "30 clock_hours"}}
    own |= {"amber": {"due": "3 working_hours"}, "green": {"due": "none"}}
    hub = hub_with(database, clocks__agency_return__for_agency={"police": own})
    contact_id = hub.screened(agreement={"status": "given"})
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["police", "health"])
    assert sorted(dues(hub, "agency_return")) == ["08 10:00+", "08 13:00+"]
    hub.do("screener", V.RATE_CONTACT, contact_id, rag="red")
    hub.do("screener", V.REQUEST_INFORMATION, contact_id, agencies=["police"])
    assert "09 15:00+" in dues(hub, "agency_return")


def test_a_reading_says_that_the_cut_off_was_past(database: Database) -> None:
    hub = hub_with(database, intake__cut_off={"at": {"mon": "16:30"}, "clocks": ["screening"]})
    page = hub.page(at(hub, 8, 16, 45).receive())
    (reading,) = [clock.reading for clock in page.clocks if clock.clock == "screening"]
    assert "counted from Mon 8 Jun 2026 16:45, after the intake cut-off, so from Tue 9 Jun 2026 09:00" in reading


def test_without_a_suggestion_the_gate_goes_by_the_lowest_colour_that_says_how_urgent(database: Database) -> None:
    blue = {"label": "Blue", "type_of_work": "Request for information"}
    none = {"due": "none"}
    colours = {"blue": blue, "green": {"label": "Green"}, "amber": {"label": "Amber"}, "red": {"label": "Red"}}
    hub = hub_with(
        database, colours=colours, clocks__decision__by_rating__blue=none, clocks__agency_return__by_rating__blue=none
    )
    with pytest.raises(Refused, match="For green, agencies are asked with the family's agreement"):
        hub.do("screener", V.REQUEST_INFORMATION, hub.screened(), agencies=["health"])
