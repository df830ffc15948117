"""Why this time, why this colour: what is told agrees with what is stored, whatever anybody did. Times by hand."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from mash import clock
from mash.db import Database
from mash.errors import BadInput, NotFound, NotPermitted
from mash.rules.counting import when
from mash.rules.suggestions import NOT_WORKED_OUT, NOTHING_FITS
from mash.vocabulary import Verb
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.explaining import TimeExplained
from mash.workflow.suggested import sentence
from mash.workflow.why import Explanation, why, why_by_reference
from tests.support.databases import PostgresDatabases, SqliteFiles
from tests.support.hub import Hub, northbridge, northbridge_with
from tests.support.random_house import houses, houses_on_files
from tests.support.random_play import Play, play
from tests.support.random_promises import Seen, key_of

V = Verb
MONDAY_NINE = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
"""Nine o'clock in London, in summer."""


def at(hub: Hub, text: str) -> Hub:
    """Set the hub's time: `09 14:30` is the ninth of June, in UTC; the sweep comes by."""
    day, time = text.split()
    hub.at = datetime.fromisoformat(f"2026-06-{day}T{time}:00+00:00")
    hub.sweep()
    return hub


def explained(hub: Hub, contact_id: str) -> Explanation:
    return why(hub.db, hub.actors["screener"], hub.at, contact_id)


def one(hub: Hub, contact_id: str, clock: str) -> TimeExplained:
    (found,) = (time for time in explained(hub, contact_id).times if time.clock == clock)
    return found


# ---- Whatever anybody does ------------------------------------------------------------------------------------------


class Explained(Play):
    """After every third step each stored deadline and each suggestion is asked for its reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.due: dict[object, list[str]] = defaultdict(list)

    def look(self, entries: int) -> None:
        super().look(entries)
        for row in self.seen.deadlines.values():
            told = self.due[key_of(row)]
            if not told or told[-1] != when(int(row.due_at.timestamp())):
                told.append(when(int(row.due_at.timestamp())))
        if self.steps % 3 == 0:
            wrong = [line for row in self.seen.contacts.values() for line in self._disagrees(row.id)]
            assert not wrong, "\n".join(wrong)

    def _disagrees(self, contact_id: str) -> Iterator[str]:
        row = self.seen.contacts[contact_id]
        found = why_by_reference(self.house.db, row.reference, self.seen.at, borough=row.borough)
        if not self.seen.pending(contact_id):  # else a sweep is still to come that writes what the fold says
            yield from times_disagree(found, contact_id, self.seen, self.due)
        yield from colour_disagrees(found, row.suggested_rag, row.suggested_because, alone=len(self.seen.contacts) == 1)


def times_disagree(found: Explanation, contact_id: str, seen: Seen, observed: dict[object, list[str]]) -> Iterator[str]:
    told = {(contact_id, time.clock, time.agency, time.episode): time for time in found.times}
    stored = {key: row for key, row in seen.deadlines.items() if key[0] == contact_id}
    if told.keys() != stored.keys():
        yield f"told of {sorted(told)}, stored {sorted(stored)}"
    for key, row in stored.items():
        lines, due = told[key].count, when(int(row.due_at.timestamp()))
        if lines[-1] != f"Due {due}.":
            yield f"{key}: {lines[-1]}, stored {due}"
        if told[key].ended != (row.met_at is not None or row.cancelled_at is not None):
            yield f"{key}: told as {told[key].standing}"
        if told[key].late != (row.breached_at is not None and row.annulled_at is None):
            yield f"{key}: late {told[key].late}, stored {row.breached_at}, annulled {row.annulled_at}"
        if not is_among(observed[key], chain(told[key])):
            yield f"{key}: was stored as due {observed[key]}, told as {chain(told[key])}"


def chain(time: TimeExplained) -> list[str]:
    """Every due time that the deadline had, by what is told of its countings."""
    befores = [move.counted_before[-1] for move in time.moves if move.counted_before]
    return [line.removeprefix("Due ").removesuffix(".") for line in (*befores, time.count[-1])]


def is_among(some: list[str], all_of_them: list[str]) -> bool:
    """Whether they come in this order, others between them allowed."""
    rest = iter(all_of_them)
    return all(any(one == other for other in rest) for one in some)


def colour_disagrees(found: Explanation, colour: str | None, because: list[str], *, alone: bool) -> Iterator[str]:
    rules, told = found.rules, found.colour
    reasons = [line for line in because if line != NOTHING_FITS and not line.startswith(NOT_WORKED_OUT)]
    if (told.colour, [sentence(rules, rule) for rule in told.fitting]) != (colour, reasons):
        yield f"{found.reference}: suggested {colour} {reasons}, told {told.colour} {told.fitting}"
    if not (told.fitting or told.doubts):
        yield f"{found.reference}: nothing is told of {because}"
    if told.history[-1].at != told.since or {one.name for one in told.fitting} & {one.name for one in told.others}:
        yield f"{found.reference}: {told.history}"
    if alone and told.remark and not rules.rating.suggestion_never_falls:
        yield f"{found.reference}: nothing else can have changed, but {told.remark}"


def test_what_is_told_is_what_is_stored_whatever_anybody_does(sqlite_files: SqliteFiles) -> None:
    play(Explained, houses_on_files(sqlite_files), programs=12, doctor_every=1000)


def test_it_is_on_postgresql_too(postgres_databases: PostgresDatabases) -> None:
    play(Explained, houses(lambda: postgres_databases.copy("live")), programs=2, doctor_every=1000)


# ---- One after the other, by hand -----------------------------------------------------------------------------------


def test_a_deadline_tells_its_start_its_count_its_moves_and_its_end(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.screened("green", agreement={"status": "given"})
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="amber", rationale="Worse.")
    at(hub, "08 11:00")
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Abroad.", until="2026-06-10T09:00+00:00")
    at(hub, "10 10:00")
    with clock.at(hub.at):
        told = AnnounceBankHoliday.model_validate({"date": "2026-06-11", "name": "Jubilee"})
        hub.office.announce(hub.actors["manager"], told)
    fields = {"outcome": "no_further_action", "rationale": "None.", "without": ["health", "education"]}
    at(hub, "10 11:00").do("decider", V.RECORD_DECISION, contact_id, **fields)
    found = one(hub, contact_id, "decision")
    assert found.start == (
        "The contact arrived, whenever it was keyed: Monday 8 June 2026 09:00.",
        "It has had a due time since: Rated green. Screener, screener, Monday 8 June 2026 09:00.",
    )
    assert found.count == (
        "Starts Monday 8 June 2026 09:00, in hours.",
        "Paused from Monday 8 June 2026 12:00 to Wednesday 10 June 2026 10:00: not counted.",
        "Monday 8 June: the day it counts from.",
        "Tuesday 9 June: working day 1.",
        "Wednesday 10 June: working day 2, put back for a day paused.",
        "Thursday 11 June: not counted, a bank holiday announced late.",
        "Friday 12 June: working day 3, put back for a day paused.",
        "Due Friday 12 June 2026 09:00.",
    )
    assert [move.sentence for move in found.moves] == [
        "The colour changed: from Thursday 11 June 2026 17:15 to Tuesday 9 June 2026 09:00.",
        "Its pause was over: from Tuesday 9 June 2026 09:00 to Thursday 11 June 2026 09:00. It had stood still from "
        "Monday 8 June 2026 12:00 to Wednesday 10 June 2026 10:00. Clock paused: Decision. Decider, decision maker, "
        "Monday 8 June 2026 12:00.",
        "A bank holiday became known late: from Thursday 11 June 2026 09:00 to Friday 12 June 2026 09:00.",
    ]
    assert found.moves[0].by == "Rated amber (was green). Screener, screener, Monday 8 June 2026 11:00."
    assert found.moves[0].counted_before[-2:] == ("That day closes at 17:15.", "Due Thursday 11 June 2026 17:15.")
    assert found.standing == (
        "Done Wednesday 10 June 2026 12:00. Decision: no further action. Decided without Education and Health. It "
        "waits for management oversight. Decider, decision maker, Wednesday 10 June 2026 12:00.",
    )
    assert ("In the rule set", "clocks.decision.by_rating.amber") in found.rule
    assert not found.late and found.ended


def test_what_is_out_of_timescale_does_not_move_and_tells_whom_it_was_raised_for(database: Database) -> None:
    ladder = {"due": "1 working_days_same_time", "warn": ["2 h"], "escalate": ["2 h to service_manager", "8 h"]}
    rules = northbridge_with(clocks__decision__by_rating__amber=ladder)
    hub = Hub(database, MONDAY_NINE, rules)
    contact_id = hub.screened("amber")
    at(hub, "09 10:00")
    with clock.at(hub.at):
        hub.office.announce(
            hub.actors["manager"], AnnounceBankHoliday.model_validate({"date": "2026-06-10", "name": "Jubilee"})
        )
    hub.do("decider", V.TAKE_ALERT, contact_id, clock="decision", agency="", episode=1)
    found = one(hub, contact_id, "decision")
    assert found.late and found.moves == ()
    assert found.standing == (
        "Out of timescale since Tuesday 9 June 2026 09:00. A due time that has passed is not moved any more.",
        "It still runs: what it waits for has not been done.",
    )
    assert found.alerts[:3] == (
        "Warning 1: raised Monday 8 June 2026 15:15, for the front door.",
        "Out of timescale: raised Tuesday 9 June 2026 09:00, for the front door.",
        "Alert taken on: Decision. Decider, decision maker, Tuesday 9 June 2026 11:00.",
    )
    assert found.alerts[3:] == (
        "Escalation level 2: Tuesday 9 June 2026 11:00, for the service manager, if nobody acts before.",
        # eight open hours after 09:00 on Tuesday, which has eight and a quarter
        "Escalation level 3: Tuesday 9 June 2026 17:00, for the front door, if nobody acts before.",
    )


def test_a_clock_that_stands_still_keeps_its_time_and_says_until_when(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.screened("amber")
    at(hub, "08 11:00")
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Abroad.", until="2026-06-10T09:00+00:00")
    hub.do("screener", V.RATE_CONTACT, contact_id, rag="green", rationale="Better.")
    found = one(hub, contact_id, "decision")
    assert found.count[-1] == "Due Tuesday 9 June 2026 09:00."
    assert found.standing == (
        "It stands still since Monday 8 June 2026 12:00, until Wednesday 10 June 2026 10:00 at the latest.",
        "Until then it keeps the due time that it had, and nothing is raised.",
        "Its timescale became “3 working days, until closing” while it stood still: the due time was counted before.",
    )
    assert found.alerts == ("Nothing was raised.",)


def test_what_ends_while_it_stands_still_has_not_moved_and_says_so(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.screened("amber")
    at(hub, "08 11:00")
    hub.do("decider", V.PAUSE_CLOCK, contact_id, clock="decision", reason="Abroad.", until="2026-06-12T09:00+00:00")
    fields = {"outcome": "no_further_action", "rationale": "None.", "without": ["health", "education"]}
    at(hub, "10 13:00").do("decider", V.RECORD_DECISION, contact_id, **fields)
    found = one(hub, contact_id, "decision")
    assert found.count[-1] == "Due Tuesday 9 June 2026 09:00." and not found.late
    assert found.standing[1:] == (
        "It stood still from Monday 8 June 2026 12:00 to Wednesday 10 June 2026 14:00; the due time stayed as it was.",
    )


def test_the_earlier_of_the_two_and_a_deadline_that_was_past_when_it_was_set_are_told(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge_with(clocks__decision__on_rerating="earlier_of_the_two"))
    contact_id = hub.screened("amber")
    at(hub, "08 10:00").do("screener", V.RATE_CONTACT, contact_id, rag="green", rationale="Better.")
    at(hub, "08 14:00").do("screener", V.RATE_CONTACT, contact_id, rag="red", rationale="Worse.")
    found = one(hub, contact_id, "decision")
    assert [move.sentence for move in found.moves] == [
        "The colour or level changed and the time that it had stays: it stays Tuesday 9 June 2026 09:00. By these "
        "rules the earlier of the two counts.",
        "The colour changed: from Tuesday 9 June 2026 09:00 to Monday 8 June 2026 13:00.",
    ]
    hub.sweep()
    at(hub, "08 14:30")
    assert one(hub, contact_id, "decision").standing[0] == (
        "Out of timescale since Monday 8 June 2026 15:00: when it was set, the time had already passed."
    )


def test_a_colour_tells_the_facts_that_made_each_rule_fit_and_names_nobody(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    child = {"forename": "Tiana", "surname": "Mockford", "date_of_birth": "2022-06-09"}  # turns four tomorrow
    contact_id = hub.receive(children=[child], concerns=["neglect"])
    at(hub, "08 09:00").do("officer", V.ADD_FACTS, contact_id, concerns=["physical_abuse"])
    colour = explained(hub, contact_id).colour
    assert (colour.colour, colour.since, colour.remark) == ("red", hub.at, "")
    assert [(rule.name, rule.found) for rule in colour.fitting] == [
        ("S2", ("Concerns: Physical abuse.", "Children, by age on the day of receipt: 3.")),
        ("S6", ("Concerns: Physical abuse, Neglect.",)),
    ]
    assert ("S8", ("Different concerns: 2.",)) in [(rule.name, rule.found) for rule in colour.others]
    assert [(one.sentence, one.what) for one in colour.history] == [
        ("Amber was suggested.", ""),
        ("Red was suggested.", "Added: Physical abuse."),
    ]
    assert "Tiana" not in repr(explained(hub, contact_id)) and "Mockford" not in repr(explained(hub, contact_id))


def test_where_no_rule_matched_it_says_that_you_judge(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    colour = explained(hub, hub.receive()).colour
    assert (colour.colour, colour.fitting, colour.doubts) == (None, (), ("No rule matched: you judge.",))
    assert len(colour.others) == len(northbridge().suggestions)


def test_what_other_contacts_became_since_is_not_passed_off_as_what_was_known_then(database: Database) -> None:
    """Three contacts on three days suggest amber. The first child's entry is changed by a later addition."""
    hub = Hub(database, MONDAY_NINE, northbridge())
    other = {"forename": "Ravi", "surname": "Mockford", "date_of_birth": "2012-01-05"}
    first = hub.receive(children=[other])
    at(hub, "09 08:00").receive()
    third = at(hub, "10 08:00").receive()
    before = explained(hub, third).colour
    tiana = {"forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}
    at(hub, "11 08:00").do("officer", V.ADD_FACTS, first, children=[tiana])
    after = explained(hub, third).colour
    assert (before.colour, before.remark) == (after.colour, "") == (None, "")
    assert after.recorded == ("No rule matched: you judge.",)
    assert after.fitting == () and after.remark.startswith("Worked out again from what is on record today, other rules")


def test_as_it_stood_at_an_earlier_instant(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.receive(concerns=["neglect"])
    at(hub, "08 08:30").do("screener", V.START_SCREENING, contact_id)
    at(hub, "08 09:00").do("officer", V.ADD_FACTS, contact_id, concerns=["sexual_abuse"])
    reference, then = hub.page(contact_id).reference, datetime(2026, 6, 8, 8, 20, tzinfo=UTC)
    past = why_by_reference(hub.db, reference, hub.at, at=then)
    assert (past.state, past.colour.colour, past.colour.recorded) == ("received", "amber", None)
    assert [rule.name for rule in past.colour.fitting] == ["S6"]
    assert {time.clock: time.ended for time in past.times}["first_look"] is False
    with pytest.raises(BadInput, match="was not recorded yet"):
        why_by_reference(hub.db, reference, hub.at, at=datetime(2026, 6, 8, 7, 0, tzinfo=UTC))
    with pytest.raises(BadInput, match="There is no contact NB-0"):
        why_by_reference(hub.db, "NB-0", hub.at)


def test_a_desk_does_not_get_it_and_another_borough_s_contact_is_not_there(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.receive()
    with pytest.raises(NotPermitted):
        why(hub.db, hub.actors["police"], hub.at, contact_id)
    with pytest.raises(NotFound):
        why(hub.db, hub.actors["screener"], hub.at, "another")


def test_every_move_follows_on_the_one_before(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge())
    contact_id = hub.screened("red")
    for number, colour in enumerate(("amber", "green", "amber"), 9):
        at(hub, f"08 {number:02}:30").do("screener", V.RATE_CONTACT, contact_id, rag=colour, rationale="Otherwise.")
    found = one(hub, contact_id, "decision")
    assert all(later.sentence != earlier.sentence for earlier, later in pairwise(found.moves))
    assert chain(found) == [
        "Monday 8 June 2026 13:00",
        "Tuesday 9 June 2026 09:00",
        "Thursday 11 June 2026 17:15",
        "Tuesday 9 June 2026 09:00",
    ]


def suggesting(**condition: object) -> dict[str, object]:
    """Northbridge with one more rule, which suggests red."""
    because = "A rule that is made up for this test."
    return {"suggestions__K": {"colour": "red", "when": condition, "because": because}}


def test_what_came_in_as_advice_is_a_referral_once_it_is_rated(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge_with(**suggesting(kind="advice")))
    contact_id = hub.screened("amber", kind="advice")
    assert [rule.name for rule in explained(hub, contact_id).colour.fitting] == ["K"]
    at(hub, "08 09:00").do("officer", V.ADD_FACTS, contact_id, concerns=["neglect"])
    colour = explained(hub, contact_id).colour
    assert ([rule.name for rule in colour.fitting], colour.remark) == (["S6"], "")
    assert ("K", ("Kind: Referral.",)) in [(rule.name, rule.found) for rule in colour.others]


def test_an_adult_who_was_added_later_was_not_known_before(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge_with(**suggesting(adult={"role": "alleged_perpetrator"})))
    contact_id = hub.receive(adults=[{"name": "Dana Mockford", "relationship": "mother"}])
    added = [{"name": "Abel Mockford", "relationship": "father", "role": "alleged_perpetrator"}]
    at(hub, "08 09:00").do("officer", V.ADD_FACTS, contact_id, adults=added)
    now = explained(hub, contact_id).colour
    then = why_by_reference(hub.db, hub.page(contact_id).reference, hub.at, at=MONDAY_NINE).colour
    assert [(rule.name, rule.found) for rule in now.fitting] == [
        ("K", ("Adults: mother, father (person said to pose the risk).",))
    ]
    assert (then.fitting, then.remark) == ((), "")
    assert ("K", ("Adults: mother.",)) in [(rule.name, rule.found) for rule in then.others]


def test_a_bank_holiday_that_was_known_by_then_counts_for_the_colour(database: Database) -> None:
    hub = Hub(database, MONDAY_NINE, northbridge_with(**suggesting(outside_hours_of="hub")))
    with clock.at(hub.at):
        told = AnnounceBankHoliday.model_validate({"date": "2026-06-10", "name": "Jubilee"})
        hub.office.announce(hub.actors["manager"], told)
    colour = explained(hub, at(hub, "10 09:00").receive()).colour
    assert ([rule.name for rule in colour.fitting], colour.remark) == (["K"], "")
    assert colour.fitting[0].found == ("Received Wednesday 10 June 2026 10:00.",)
