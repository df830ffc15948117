"""Past work under two rule sets: what was worked out on paper differs, the same each time, and nothing is written."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mash.clock import LONDON
from mash.comparing.compare import compare
from mash.comparing.compared import Comparison, ContactChange, Side
from mash.comparing.sources import compare_record
from mash.comparing.words import headline, sentences
from mash.db import Database, metadata
from mash.export import export_events
from mash.models.contact import Contact
from mash.models.time import Deadline
from mash.recording_file import checked
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Verb
from tests.support import command
from tests.support.by_hand import arrival, decided, end, line, rated, read
from tests.support.databases import SqliteFiles
from tests.support.hub import CONFIG, Hub, northbridge, northbridge_with
from tests.support.random_house import SECOND, boroughs, houses_on_files, rule_sets
from tests.support.random_play import Play, play
from tests.support.recordings import NAMES, events_file

TWICE = {"at_least": 2, "within_days": 90}
FOUR_HOURS = {"due": "4 clock_hours", "warn": "1 h", "escalate": "2 h"}


def quicker() -> RuleSet:
    """Amber within four hours by the clock, instead of by the same time on the next working day."""
    return northbridge_with(version=2, clocks__decision__by_rating__amber=FOUR_HOURS)


def on_paper() -> list[Any]:
    """Five contacts. Monday is 9 November; the hub closes at 17:15, on Fridays at 17:00."""
    return read(
        *rated("09T09:00", "09T09:30", "decided-after-five-hours", "amber"),
        decided("09T14:00", "decided-after-five-hours"),
        *rated("09T10:00", "09T10:05", "decided-after-two-hours", "amber"),
        decided("09T12:00", "decided-after-two-hours"),
        *rated("09T10:30", "09T10:40", "red", "red"),
        arrival("09T11:00", "never-rated"),
        *rated("13T15:00", "13T15:10", "over-the-weekend", "amber"),
        decided("16T11:00", "over-the-weekend"),
        end("20T17:00"),
    )


def test_what_differs_is_what_was_worked_out_on_paper() -> None:
    found = compare(on_paper(), northbridge(), quicker())
    assert [change.reference for change in found.differing] == [
        "decided-after-five-hours",
        "over-the-weekend",
        "decided-after-two-hours",
    ]
    assert [told(change) for change in found.differing] == [
        # Due at the same time on Tuesday, warned from 15:15 on Monday; or four hours on, and breached at 13:00.
        ("10T09:00", None, 0, "09T13:00", "09T13:00", 2),
        # Saturday and Sunday are no working days; by the clock it was due on Friday evening, and told again at 21:00.
        ("16T15:00", None, 0, "13T19:00", "13T19:00", 3),
        ("10T10:00", None, 0, "09T14:00", None, 0),
    ]


def told(change: ContactChange) -> tuple[Any, ...]:
    (deadline,) = change.deadlines
    assert deadline.old and deadline.new and (deadline.clock, deadline.episode) == ("decision", 1)
    return (
        *(short(deadline.old.due_at), short(deadline.old.breached_at), deadline.old.alerts),
        *(short(deadline.new.due_at), short(deadline.new.breached_at), deadline.new.alerts),
    )


def short(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%dT%H:%M}" if at else None


def test_totals_count_what_moved_and_what_is_out_of_timescale_by_clock_and_colour() -> None:
    found = compare(on_paper(), northbridge(), quicker())
    (total,) = [total for total in found.totals if total.differs]
    assert (total.clock, total.colour) == ("decision", "amber")
    assert (total.old, total.new, total.late_old, total.late_new) == (3, 3, 0, 2)
    assert (total.newly_late, total.no_longer_late, total.earlier, total.later) == (2, 0, 3, 0)
    (red,) = [total for total in found.totals if (total.clock, total.colour) == ("decision", "red")]
    assert (red.old, red.new, red.late_old, red.late_new) == (1, 1, 1, 1)
    assert found.contacts == 5


def test_the_other_way_round_what_was_late_no_longer_is() -> None:
    found = compare(on_paper(), quicker(), northbridge())
    (total,) = [total for total in found.totals if total.differs]
    assert (total.newly_late, total.no_longer_late, total.earlier, total.later) == (0, 2, 0, 3)


def test_a_difference_is_told_in_words_and_london_time() -> None:
    first, *_ = compare(on_paper(), northbridge(), quicker()).differing
    assert sentences(first) == (
        "Decision: due Mon 9 Nov 2026 13:00 instead of Tue 10 Nov 2026 09:00, 20 h earlier. "
        "Out of timescale under the new rules only, from Mon 9 Nov 2026 13:00.",
    )
    assert headline(first) == "Decision: Tue 10 Nov 2026 09:00 → Mon 9 Nov 2026 13:00 (newly out of timescale)"


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_set_beside_itself_differs_in_nothing(name: str) -> None:
    lines = checked(events_file(name).read_text(encoding="utf-8").split("\n"), None, name)
    found = compare(lines, northbridge(), northbridge())
    assert found.differing == () and not [total for total in found.totals if total.differs]
    assert found.contacts > 20


def test_the_same_comparison_is_the_same_twice() -> None:
    lines = checked(events_file("main").read_text(encoding="utf-8").split("\n"), None, "main")
    assert compare(lines, northbridge(), quicker()) == compare(lines, northbridge(), quicker())


# -- what other rules would have wanted -------------------------------------------------------------------------------


def the_one(lines: list[Any], new: RuleSet, old: RuleSet | None = None) -> ContactChange:
    (change,) = compare(lines, old or northbridge(), new).differing
    return change


def amber_and_decided(outcome: str = "early_help", **fields: Any) -> list[Any]:
    return read(
        *rated("09T09:00", "09T09:30", "A", "amber", **fields), decided("09T14:00", "A", outcome), end("12T09:00")
    )


def test_another_colour_may_be_suggested_and_the_rating_stays_as_it_was() -> None:
    because = "Neglect is looked at today."
    new = northbridge_with(suggestions__X1={"colour": "red", "when": {"any_concern": "neglect"}, "because": because})
    change = the_one(amber_and_decided(concerns=["neglect"]), new)
    assert change.suggestion and (change.suggestion.old, change.suggestion.new) == ("amber", "red")
    assert change.suggestion.new_because[0] == f"Red: {because}"
    assert change.colour == "amber"
    looked_at = [deadline for deadline in change.deadlines if deadline.clock == "first_look"]
    assert [deadline.moved for deadline in looked_at] == [timedelta(hours=-3)]
    (act,) = change.acts
    assert (act.verb, act.side, act.is_left_out) == (Verb.RATE_CONTACT, Side.NEW, False)
    assert act.reasons == ("The colour is lower than suggested: say why.",)
    assert "Suggested: Red instead of Amber." in sentences(change)


def test_an_agency_that_only_the_new_rules_require_is_said_and_the_decision_is_taken_all_the_same() -> None:
    change = the_one(amber_and_decided(), northbridge_with(agencies__housing__required_for=["amber"]))
    assert change.agencies and change.agencies.required_as_well == ("Housing",)
    assert not change.deadlines
    assert [(act.verb, act.is_left_out) for act in change.acts] == [(Verb.RECORD_DECISION, False)]
    assert "Would have to be asked as well: Housing." in sentences(change)


def test_a_signature_that_only_the_new_rules_want_is_taken_as_given_at_once() -> None:
    change = the_one(amber_and_decided(), northbridge_with(outcomes__early_help__oversight_for=["always"]))
    (deadline,) = change.deadlines
    assert deadline.clock == "sign_off" and deadline.old is None and deadline.new and not deadline.new.breached_at
    assert [(act.verb, act.is_left_out) for act in change.acts] == [(Verb.RECORD_DECISION, False)]


def test_a_signature_that_the_new_rules_do_not_want_hinders_nothing() -> None:
    signed = line("09T16:00", "sign_off", "decision_maker#2", "A", agree=True)
    told_of = line("10T09:00", "give_feedback", "contact_officer", "A")
    lines = read(
        *rated("09T09:00", "09T09:30", "A", "amber"), decided("09T14:00", "A", "no_further_action"), signed, told_of
    )
    change = the_one(lines, northbridge_with(outcomes__no_further_action__oversight_for=[]))
    gone, earlier = sorted(change.deadlines, key=lambda deadline: deadline.clock, reverse=True)
    assert (gone.clock, gone.new) == ("sign_off", None)
    assert (earlier.clock, earlier.moved) == ("feedback", timedelta(hours=-2))
    assert [(act.verb, act.is_left_out) for act in change.acts] == [(Verb.SIGN_OFF, False)]


def test_an_act_that_the_new_rules_leave_to_another_role_is_done_all_the_same() -> None:
    change = the_one(amber_and_decided(), northbridge_with(who_may={"rate_contact": ["decision_maker"]}))
    assert not change.deadlines
    assert [(act.verb, act.is_left_out) for act in change.acts] == [(Verb.RATE_CONTACT, False)]


def test_a_concern_that_the_new_rules_do_not_know_is_left_out_and_the_contact_received() -> None:
    old = northbridge_with(concerns__cuckooing="Cuckooing")
    change = the_one(amber_and_decided(concerns=["cuckooing"]), northbridge(), old)
    assert not change.deadlines
    assert [(act.verb, act.is_left_out) for act in change.acts] == [(Verb.RECEIVE_CONTACT, False)]


def test_a_colour_that_the_new_rules_do_not_have_is_left_out_with_all_that_hangs_on_it() -> None:
    data = json.loads(northbridge().model_dump_json(by_alias=True, exclude_none=True))
    data["colours"]["blue"] = {"label": "Blue"}
    for timescales in (data["clocks"]["decision"]["by_rating"], data["clocks"]["agency_return"]["by_rating"]):
        timescales["blue"] = {"due": "1 clock_hours"}
    old = RuleSet.model_validate(data)
    lines = read(*rated("09T09:00", "09T09:30", "A", "blue"), decided("09T14:00", "A"), end("12T09:00"))
    found = compare(lines, old, northbridge())
    (change,) = found.differing
    assert found.left_out == 1
    assert [(act.verb, act.is_left_out) for act in change.acts] == [
        (Verb.RATE_CONTACT, True),
        (Verb.RECORD_DECISION, True),
    ]
    assert (
        "“Rate”, Mon 9 Nov 2026 09:30, is not possible under the new rules and is left out there: "
        "“blue” is not a colour of Northbridge's rules. So is one later act." in sentences(change)
    )


def test_what_the_old_rules_refuse_was_not_done_and_the_new_ones_may_allow_it() -> None:
    lowered = line("09T11:00", "rate_contact", "screener", "A", rag="green")
    lines = read(*rated("09T09:00", "09T09:30", "A", "amber"), lowered, end("12T09:00"))
    assert compare(lines, northbridge(), northbridge_with(version=2)).differing == ()
    change = the_one(lines, northbridge_with(rating={"rerating": "free"}))
    assert [(act.verb, act.side) for act in change.acts] == [(Verb.RATE_CONTACT, Side.OLD)]


def test_a_deadline_that_nobody_knew_of_and_nothing_ends_is_not_said_to_be_missed() -> None:
    visit = {"label": "Visit", "from": "receipt", "to": "closed", "timescale": {"due": "1 clock_hours"}}
    found = compare(amber_and_decided(), northbridge(), northbridge_with(clocks__visit=visit))
    (change,) = found.differing
    (deadline,) = change.deadlines
    assert deadline.is_without_end and not deadline.is_newly_late
    (total,) = [total for total in found.totals if total.differs]
    assert (total.without_end, total.newly_late, total.only_new) == (1, 0, 1)


def test_contacts_of_another_borough_are_passed_over_and_counted() -> None:
    other = arrival("09T09:00", "B", borough="oxmoor")
    found = compare([*amber_and_decided(), *read(other)], northbridge(), quicker())
    assert (found.contacts, found.elsewhere) == (1, 1)


# -- the record of a database -----------------------------------------------------------------------------------------


def digest(db: Database) -> list[list[str]]:
    with db.reading() as look:
        return [sorted(map(repr, look.execute(select(table)))) for table in metadata.sorted_tables]


def test_comparing_the_record_writes_nothing_and_finds_what_moved(database: Database) -> None:
    hub = Hub(database)
    contact_id = hub.screened("amber")
    hub.later(hours=5)
    before = digest(database)
    found = compare_record(database, northbridge(), quicker(), hub.at.date(), hub.at)
    assert digest(database) == before
    (change,) = found.differing
    with database.reading() as look:
        reference = look.execute(select(Contact.reference).where(Contact.id == contact_id)).scalar()
    assert change.reference == reference
    assert [short(d.new.breached_at) for d in change.deadlines if d.new] == ["09T14:00"]
    assert compare_record(database, northbridge(), quicker(), hub.at.date() + timedelta(days=1), hub.at).contacts == 0


def test_earlier_contacts_about_the_same_child_count_though_they_are_not_compared(database: Database) -> None:
    hub = Hub(database)
    again = {
        "colour": "red",
        "when": {"contact_days": {"at_least": 2, "within_days": 90}},
        "because": "Reported again.",
    }
    new = northbridge_with(version=2, suggestions__X1=again)
    hub.receive()
    hub.receive(children=[{"forename": "Ines"}])
    hub.later(days=1)
    hub.receive()
    found = compare_record(database, northbridge(), new, hub.at.date(), hub.at)
    assert found.contacts == 1
    assert [change.suggestion and change.suggestion.new for change in found.differing] == ["red"]


class Compared(Play):
    """A random history, compared with itself, with what is stored, and from a day on."""

    def at_the_end(self) -> None:
        self.house.sweep(self.at + SECOND)
        texts = list(export_events(self.house.db))
        lines = checked(texts, boroughs(), "the export")
        for borough in boroughs():
            versions = [rules for rules in rule_sets() if rules.name == borough]
            for rules in versions:
                found = compare(lines, rules, rules, until=self.at, all_done=True)
                assert found.differing == ()
                if len(versions) == 1:
                    assert late_by_clock(found) == self._stored(borough)
            if self.sheets:
                self._from_a_day_on(lines, versions)

    def _from_a_day_on(self, lines: list[Any], versions: list[RuleSet]) -> None:
        """Read from the record from a day on, it is what the whole export gives from that day on."""
        days = sorted(row.received_at.astimezone(LONDON).date() for row in self.seen.contacts.values())
        since, (old, *_), *_ = days[len(days) // 2], versions
        stricter = old.model_copy(update={"version": 99, "suggestions": {}})
        for new in (stricter, versions[-1]):
            found = compare_record(self.house.db, old, new, since, self.at)
            wanted = compare(lines, old, new, since, self.at, all_done=True)
            assert found.differing == wanted.differing
            assert (found.contacts, found.totals) == (wanted.contacts, wanted.totals)

    def _stored(self, borough: str) -> dict[tuple[str, str | None], tuple[int, int]]:
        own = select(Deadline.clock, Contact.rag, Deadline.breached_at).join(Contact, Contact.id == Deadline.contact_id)
        stored: dict[tuple[str, str | None], tuple[int, int]] = {}
        with self.house.db.reading() as look:
            for clock_name, rag, breached_at in look.execute(own.where(Contact.borough == borough)):
                number, late = stored.get((clock_name, rag), (0, 0))
                stored[clock_name, rag] = number + 1, late + (breached_at is not None)
        return stored


def late_by_clock(found: Comparison) -> dict[tuple[str, str | None], tuple[int, int]]:
    assert all((total.old, total.late_old) == (total.new, total.late_new) for total in found.totals)
    return {(total.clock, total.colour): (total.old, total.late_old) for total in found.totals}


def test_a_random_history_compares_as_it_is_stored(sqlite_files: SqliteFiles) -> None:
    play(Compared, houses_on_files(sqlite_files), programs=10)


# -- the command ------------------------------------------------------------------------------------------------------


def mash(*words: str, database: str = "sqlite:////nowhere/none.db") -> subprocess.CompletedProcess[str]:
    environment = command.environment(MASH_DATABASE_URL=database)
    return command.mash("rules", "compare", *words, environment=environment)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Northbridge's file, the same with amber in four hours, and the work on paper."""
    text = (CONFIG / "boroughs" / "northbridge.yaml").read_text(encoding="utf-8")
    old = "amber: {due: 1 working_days_same_time, warn: 2 h, escalate: [2 h, 8 h]}"
    assert old in text
    new = text.replace(old, "amber: {due: 4 clock_hours, warn: 1 h, escalate: 2 h}").replace("version: 1", "version: 2")
    events = chain(rated("09T09:00", "09T09:30", "NB-A", "amber"), [decided("09T14:00", "NB-A"), end("12T09:00")])
    contents = {"old.yaml": text, "new.yaml": new, "events.jsonl": "\n".join(events)}
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {name: str(tmp_path / name) for name in contents}


def test_the_command_tells_totals_then_each_contact_and_twice_the_same(files: dict[str, str]) -> None:
    words = (files["old.yaml"], files["new.yaml"], "--events", files["events.jsonl"])
    done = mash(*words)
    assert done.returncode == 0, done.stderr
    first, heading, row, contact, *_ = done.stdout.splitlines()
    assert first == "1 contacts, northbridge@1 → northbridge@2: 1 differ."
    assert heading.split()[:2] == ["Clock", "Colour"]
    assert row.split() == ["Decision", "Amber", "1", "→", "1", "0", "→", "1", "1", "1"]
    assert contact.startswith("NB-A  Decision: Tue 10 Nov 2026 09:00 → Mon 9 Nov 2026 13:00")
    as_json = mash(*words, "--json")
    assert mash(*words, "--json").stdout == as_json.stdout
    (change,) = json.loads(as_json.stdout)["differing"]
    assert change["deadlines"][0]["new"]["due_at"] == "2026-11-09T13:00:00Z"


def test_the_command_compares_the_record_of_a_database(files: dict[str, str], sqlite_files: SqliteFiles) -> None:
    with sqlite_files.copy("live") as db:
        hub = Hub(db)
        hub.screened("amber")
        before, url = digest(db), db.url.render_as_string(hide_password=False)
        until = f"{hub.at + timedelta(hours=5):%Y-%m-%dT%H:%M+00:00}"
        words = ("northbridge@1", files["new.yaml"], "--since", "2026-11-09", "--until", until)
        done = mash(*words, database=url)
        assert done.returncode == 0, done.stderr
        assert "1 contacts received since 9 November 2026, northbridge@1 → northbridge@2: 1 differ." in done.stdout
        assert "(newly out of timescale)" in done.stdout
        assert digest(db) == before
        unknown = mash("northbridge@7", files["new.yaml"], database=url)
        assert unknown.returncode == 2 and "northbridge@7: there is no such version. There are 1." in unknown.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("old.yaml", "nowhere.yaml", "--events", "events.jsonl"), "nowhere.yaml"),
        (("old.yaml", "new.yaml", "--events", "nowhere.jsonl"), "cannot be read"),
        (("old.yaml", "new.yaml", "--events", "events.jsonl", "--since", "2026-11-01"), "give one of them"),
        (("old.yaml", "new.yaml", "--since", "yesterday"), "--since: `yesterday` is not a date"),
        (("old.yaml", "new.yaml", "--events", "new.yaml"), "new.yaml:1: is not JSON"),
    ],
)
def test_what_cannot_be_compared_is_one_message(files: dict[str, str], words: tuple[str, ...], said: str) -> None:
    done = mash(*(files.get(word, word) for word in words))
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
