"""What is said of clocks: each reason for which one never starts or is stopped by nobody, and that it is so."""

from functools import cache
from typing import Any

import pytest

from mash.errors import Refused
from mash.rule_advice.clocks import clocks
from mash.rule_advice.course import Course, brings
from mash.rule_advice.kinds import AdviceKind
from mash.rule_advice.resting import resting
from mash.rule_advice.story import received
from mash.rule_advice.telling import telling
from mash.rules.clockrules import Moment
from mash.rules.loader import load_files
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Kind, State, Verb
from mash.workflow.details import RateContact, Reason
from mash.workflow.verbs import after, intake, screening
from tests.rule_advice.walks import walk
from tests.support.hub import CONFIG, northbridge, northbridge_with
from tests.support.random_house import INVENTED

NEW = "clocks__new__"
STARTS, STOPS = AdviceKind.CLOCK_NEVER_STARTS, AdviceKind.CLOCK_NEVER_STOPS


@cache
def boroughs() -> tuple[RuleSet, ...]:
    return tuple(load_files([CONFIG / "boroughs" / "northbridge.yaml", *sorted(INVENTED.glob("*.yaml"))], CONFIG))


def with_clock(start: Any, stop: str, changes: dict[str, Any] | None = None, **more: Any) -> RuleSet:
    clock = {"label": "New", "from": start, "to": stop, "timescale": {"due": "4 clock_hours"}, **more}
    return northbridge_with(clocks__new=clock, **(changes or {}))


def said(rules: RuleSet, kind: AdviceKind) -> list[str]:
    return [one.text for one in clocks(rules) if one.kind is kind and "“New”" in one.text]


NO_OVERSIGHT = {f"outcomes__{name}__oversight_for": "never" for name in northbridge().outcomes}
NO_EDT = {"who_may": {"receive_contact": ["contact_officer", "screener"]}}
NOBODY_ASKED = {"sharing__before_rating": False} | {f"colours__{c}__asks_nobody": True for c in northbridge().colours}
NOBODY_ASKED |= {f"agencies__{name}__required_for": [] for name in northbridge().agencies}


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (with_clock("receipt", "reading_confirmed", {"open_cases": {"pass_on": False}}), "nothing is passed on"),
        (with_clock("reading_confirmed", "closed", {"open_cases": {"pass_on": False}}), "nothing is passed on"),
        (with_clock("receipt", "reading_confirmed"), "Name `new` under `open_cases.clocks`"),
        (with_clock("receipt", "handover_accepted", NO_EDT), "do not let the emergency duty team record"),
        (with_clock("handover_accepted", "rated", NO_EDT), "do not let the emergency duty team record"),
        (with_clock("signed_off", "closed", NO_OVERSIGHT), "no outcome needs oversight in any colour"),
        (with_clock("decision_recorded", "signed_off", NO_OVERSIGHT), "give an outcome `oversight_for`"),
        (with_clock("agency_asked", "agency_replied", NOBODY_ASKED), "let nobody be asked"),
        (
            with_clock("receipt", "rated", {f"kinds__{kind}__clocks": ["acknowledgement"] for kind in Kind}),
            "no kind of contact has it",
        ),
    ],
)
def test_a_clock_that_never_starts(rules: RuleSet, why: str) -> None:
    (text,) = said(rules, STARTS)
    assert why in text


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (with_clock("receipt", "signed_off", NO_OVERSIGHT), "no outcome needs oversight in any colour"),
        (with_clock("receipt", "signed_off"), "where the decision needs no oversight"),
        (with_clock("rated", "agency_replied", NOBODY_ASKED), "let nobody be asked"),
        (with_clock("rated", "handover_accepted", NO_EDT), "nothing to hand over"),
        (with_clock("screening_started", "handover_accepted"), "where the day staff recorded the contact"),
        (with_clock("rated", "acknowledged", unless_anonymous=True), "before it was rated for the first time"),
        (with_clock("receipt", "acknowledged"), "where the referrer is anonymous"),
        (with_clock("decision_stands", "referrer_told"), "where the referrer is anonymous"),
        (with_clock("rated", "reading_confirmed"), "it can never come to it afterwards"),
        (with_clock("transfer_accepted", "closed"), "it can never come to it afterwards"),
        (with_clock("rated", "screening_started"), "unless the contact is sent back"),
        (with_clock("receipt", "resubmitted"), "unless the contact is sent back"),
        (with_clock("decision_stands", "signed_off"), "only once it is signed"),
        (with_clock("receipt", "screening_started", restarts_on="reopen"), "when a contact is reopened, unless"),
        (
            with_clock("receipt", "acknowledged", restarts_on="reopen", unless_anonymous=True),
            "that comes only once. Remove `restarts_on: reopen`",
        ),
    ],
)
def test_a_clock_that_nobody_stops(rules: RuleSet, why: str) -> None:
    (text,) = said(rules, STOPS)
    assert why in text


@pytest.mark.parametrize(
    "rules",
    [
        with_clock("receipt", "closed"),
        with_clock("receipt", "handover_accepted"),
        with_clock("decision_recorded", "signed_off"),
        with_clock("closed", "reopened"),
        with_clock("returned", "resubmitted"),
        with_clock("rated", "police_protection_ended"),
        with_clock("receipt", "acknowledged", unless_anonymous=True),
        with_clock("receipt", "acknowledged", only_for={"sources": ["2A", "6"]}),
        with_clock("receipt", "rated", restarts_on="reopen"),
        with_clock("agency_asked", "decision_stands", calendar="agency"),
    ],
)
def test_a_clock_of_which_there_is_nothing_to_say(rules: RuleSet) -> None:
    assert not said(rules, STARTS) and not said(rules, STOPS)


def test_a_clock_of_what_is_passed_on_that_the_worker_does_not_stop() -> None:
    rules = northbridge_with(open_cases__clocks=["acknowledgement", "allocated_worker_read", "screening"])
    (found,) = (one for one in clocks(rules) if one.route == ("open_cases", "clocks"))
    assert found.kind is STOPS and "“Rated” begins and is stopped by nobody" in found.text


@pytest.mark.parametrize("stop", ["rated", "screening_started"])
def test_a_clock_that_goes_by_a_colour_before_there_is_one(stop: str) -> None:
    by_rating = {colour: {"due": "1 clock_hours"} for colour in northbridge().colours}
    rules = northbridge_with(clocks__new={"label": "New", "from": "receipt", "to": stop, "by_rating": by_rating})
    (text,) = said(rules, AdviceKind.CLOCK_WITHOUT_DEADLINE)
    assert "there is no deadline" in text
    story = received(rules, Kind.REFERRAL, "red")
    assert "new" not in {episode.clock for episode in story.timeline.episodes}


def test_a_clock_without_any_target() -> None:
    (text,) = said(with_clock("receipt", "rated", timescale={"due": "none"}), AdviceKind.CLOCK_WITHOUT_DEADLINE)
    assert "has no deadline for anything" in text


def test_a_clock_really_runs_on_when_a_contact_is_closed_early() -> None:
    rules = northbridge_with(kinds__advice__clocks=["acknowledgement", "statutory_decision"])
    assert [one.kind for one in clocks(rules)] == [AdviceKind.CLOCK_OUTLIVES_CLOSING]
    story = (
        received(rules, Kind.ADVICE).after(intake.acknowledge).after(after.close, Reason(reason="Told whom to ask."))
    )
    assert story.stage is State.CLOSED
    assert [episode.clock for episode in story.timeline.episodes if episode.running] == ["statutory_decision"]


# -- held against what really happens ---------------------------------------------------------------------------------


VARIED = [
    *boroughs(),
    northbridge_with(open_cases={"pass_on": False}, **NO_OVERSIGHT, **NO_EDT),
    northbridge_with(**NOBODY_ASKED),
    with_clock(["rated", "transfer_accepted"], "reading_confirmed"),
    with_clock("decision_stands", "signed_off", NO_OVERSIGHT),
]


@pytest.mark.parametrize("rules", VARIED, ids=[f"{n}-{rules.full_name}" for n, rules in enumerate(VARIED)])
def test_no_contact_contradicts_what_is_said_of_clocks(rules: RuleSet) -> None:
    told = [(one.route[1], one) for one in clocks(rules) if one.route[0] == "clocks"]
    never_starts = {name for name, one in told if one.kind is STARTS}
    never_stops = {
        name for name, one in told if one.kind is STOPS and ("nobody:" in one.text or "afterwards" in one.text)
    }
    course = Course(rules)
    for seed in range(40):
        *_, last = walk(rules, seed)
        for event in last.events:
            if event.facts.get("volunteered"):
                continue
            came = {m for m in Moment if event.verb in brings(m)}
            assert not came or any(course.can_come(moment) for moment in came), event.verb
        for episode in last.timeline.episodes:
            assert episode.clock not in never_starts
            if episode.met_at is not None:
                assert episode.clock not in never_stops
                (by,) = {event.verb for event in last.events if int(event.at.timestamp()) == episode.met_at}
                assert by in brings(rules.clocks[episode.clock].stop)


def test_in_the_sample_borough_a_child_s_contact_always_has_a_deadline_until_the_referrer_is_told() -> None:
    """Also in ways that the search for such a stage does not go."""
    assert not list(resting(northbridge()))
    undecided = {
        s for s in State if s not in (State.DECIDED, State.CLOSED, State.TRANSFERRED, State.WITH_ALLOCATED_WORKER)
    }
    for seed in range(60):
        for story in walk(northbridge(), seed, 16):
            rests = story.stage in undecided or (story.stage is State.DECIDED and story.situation.picture.feedback_owed)
            early = northbridge().kinds[story.contact.kind].may_close_early
            if rests and not early:
                assert any(episode.running for episode in story.timeline.episodes), (seed, story.stage)


RESTING: list[tuple[dict[str, Any], str]] = [
    ({"clocks__feedback__timescale": {"due": "none"}}, "decided and its referrer has not been told yet"),
    ({"open_cases__clocks": ["acknowledgement"]}, "passed on to an allocated worker who has not read it yet"),
]


@pytest.mark.parametrize(("changes", "when"), RESTING)
def test_where_a_contact_can_lie_without_a_deadline(changes: dict[str, Any], when: str) -> None:
    (found,) = resting(northbridge_with(**changes))
    assert when in found.text


def test_a_stage_is_told_with_the_colours_and_kinds_that_it_is_about() -> None:
    statutory = {"clocks__statutory_decision": None, "kinds__notification__clocks": ["acknowledgement"]}
    rules = northbridge_with(**statutory, clocks__decision__by_rating__green={"due": "none"})
    first = "can lie without any deadline when nobody has looked at it, when it is being screened, when"
    told = [one.text for one in resting(rules)]
    assert any(text.startswith(f"A notification {first}") for text in told)
    assert any(text.startswith("A green contact can lie without any deadline when it has been rated") for text in told)
    assert any(
        text.startswith("An amber or red notification can lie without any deadline when it has") for text in told
    )
    assert not any("referral" in text for text in told)


# -- who is told ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "role", "in_vain"),
    [
        ("decision", "contact_officer", True),
        ("decision", "screener", True),
        ("decision", "edt", False),
        ("acknowledgement", "contact_officer", False),
        ("sign_off", "service_manager", False),
        ("police_protection", "screener", False),
        ("police_protection", "contact_officer", True),
        ("decision", "desk", True),
    ],
)
def test_an_alert_for_somebody_who_can_do_nothing(clock: str, role: str, in_vain: bool) -> None:
    way = northbridge().clocks[clock].way
    route = f"clocks__{clock}__{way}" + ("__red" if way == "by_rating" else "")
    found = list(telling(northbridge_with(**{f"{route}__escalate": f"1 h to {role}"})))
    assert [one.kind for one in found] == [AdviceKind.TOLD_IN_VAIN] * in_vain


def test_who_may_take_alerts_is_for_the_rules_too() -> None:
    rules = northbridge_with(
        who_may={"take_alert": "service_manager"}, clocks__sign_off__timescale__escalate="2 h to edt"
    )
    assert [one.kind for one in telling(rules)] == [AdviceKind.TOLD_IN_VAIN]
    assert not list(telling(northbridge_with(clocks__sign_off__timescale__escalate="2 h to edt")))


def test_colours_without_an_escalation_are_named() -> None:
    (found,) = telling(northbridge_with(clocks__decision__by_rating__red__escalate=None))
    assert "When “Decision” (red) is out of timescale" in found.text
    assert found.route == ("clocks", "decision", "by_rating", "red")


def test_clocks_without_any_escalation_are_told_of_in_one_sentence() -> None:
    changes = {f"clocks__{name}__timescale__escalate": None for name in ("feedback", "screening", "sign_off")}
    (found,) = telling(northbridge_with(**changes))
    assert "When “Rated”, “Management oversight” or “Tell the referrer the outcome” is out of timescale" in found.text
    assert found.route == ("clocks", "screening", "timescale")


def test_what_holds_in_every_colour_names_none() -> None:
    (found,) = resting(northbridge_with(clocks__feedback__timescale={"due": "none"}))
    assert found.text.startswith("A contact can lie without any deadline when it has been decided")


def test_every_moment_has_the_acts_that_bring_it() -> None:
    assert all(brings(moment) for moment in Moment)
    assert brings("police_protection_began") == (Verb.RECORD_EVENT,)


def test_a_verb_that_is_refused_leaves_the_story_as_it_was() -> None:
    story = received(northbridge(), Kind.REFERRAL)
    with pytest.raises(Refused):
        story.after(screening.rate_contact, RateContact())
    assert story.stage is State.RECEIVED and len(story.events) == 1
