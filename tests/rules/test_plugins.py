"""A package's rules and conditions are found, checked and used like any other; one that fails loses no report."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mash import clock, recording_file, replay, rulebook
from mash.accounts.users import create_user
from mash.db import Database
from mash.errors import BadInput
from mash.permissions import Actor
from mash.rules import plugins
from mash.rules.conditions import Condition
from mash.rules.facts import Facts
from mash.rules.linter import problems
from mash.rules.loader import from_text, load_file, load_files, load_folder, resolved_text
from mash.rules.ruleset import RuleSet
from mash.rules.suggestions import NOT_WORKED_OUT, NOTHING_FITS, Suggested, fits, raised_only, suggest
from mash.settings import ROOT
from mash.vocabulary import Role, Verb
from mash.workflow.contact_page import contact_page
from mash.workflow.details import ReceiveContact
from tests.plugins.installing import PROJECT, install, on_path, write
from tests.support.hub import CONFIG, MONDAY, Hub, northbridge, northbridge_with

CLOSER = "riverside.closer_together"
REASON = "The last four reports about a child came each sooner than the one before."
DAYS = (0, 30, 45, 50)
"""When the same child is reported on: each time sooner than the time before."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("riverside"))


@pytest.fixture
def riverside(site: Path) -> Iterator[Path]:
    """Riverside's package is installed; its rule-set file."""
    with on_path(site):
        yield site / "riverside_rules" / "riverside.yaml"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with Northbridge alone."""
    folder = tmp_path / "config"
    (folder / "boroughs").mkdir(parents=True)
    for name in ("calendars.yaml", "agencies.yaml", "boroughs/_baseline.yaml", "boroughs/northbridge.yaml"):
        shutil.copy(CONFIG / name, folder / name)
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """An empty folder of installed packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    with on_path(folder):
        yield folder


def with_rule(python: str = CLOSER) -> RuleSet:
    return northbridge_with(suggestions__P1={"colour": "red", "when": {"python": python}, "because": REASON})


def asking(condition: dict[str, object]) -> Condition:
    return Condition.model_validate(condition)


# -- found, checked, used ---------------------------------------------------------------------------------------------


def test_the_rule_sets_and_conditions_of_installed_packages_are_found(riverside: Path, config: Path) -> None:
    assert plugins.files() == [riverside]
    assert plugins.condition_names() == [CLOSER]
    assert {rules.full_name for rules in load_folder(config)} == {"northbridge@1", "riverside@1"}


def test_without_packages_there_are_only_the_files_of_the_configuration(config: Path) -> None:
    assert plugins.files() == []
    assert [rules.full_name for rules in load_folder(config)] == ["northbridge@1"]


def test_a_mistake_in_a_file_of_a_package_is_named_with_its_line_key_and_remedy(
    site: Path, tmp_path: Path, config: Path
) -> None:
    other = Path(shutil.copytree(site, tmp_path / "site"))
    file = other / "riverside_rules" / "riverside.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("colour: amber", "colour: ambre").replace("to: dec", "to: dek"), encoding="utf-8")
    lines = text.splitlines()
    line, to = lines.index("    colour: amber") + 1, lines.index("    to: decision_recorded") + 1
    with on_path(other), pytest.raises(BadInput) as refused:
        load_folder(config)
    clock_, colour = refused.value.reasons
    assert clock_.startswith(f"{file}:{to}: clocks.decision.to: `dekision_recorded` is not a moment")
    assert colour.startswith(f"{file}:{line}: suggestions.R2.colour: `ambre` is not a colour")


def test_a_condition_that_no_package_has_is_refused_with_those_there_are(riverside: Path, config: Path) -> None:
    file = config / "boroughs" / "northbridge.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{child_under: 5}", "{python: riverside.closer}", 1), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    (reason,) = refused.value.reasons
    assert re.match(rf"{file}:\d+: suggestions\.S2\.when\.all\.1\.python: ", reason)
    assert reason.endswith(f"no installed package has the condition `riverside.closer`. There are: {CLOSER}.")
    with pytest.raises(BadInput, match=f"No installed package has the condition `gone.closer`. There are: {CLOSER}."):
        plugins.python_condition("gone.closer")


def test_a_file_of_the_configuration_may_use_the_condition_of_a_package(riverside: Path, config: Path) -> None:
    file = config / "boroughs" / "northbridge.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{child_under: 5}", f"{{python: {CLOSER}}}", 1), encoding="utf-8")
    rules = load_file(file, config)
    assert from_text(resolved_text(rules)) == rules


def test_the_same_version_in_a_package_and_in_the_configuration_is_refused(riverside: Path, config: Path) -> None:
    shutil.copy(riverside, config / "boroughs")
    with pytest.raises(BadInput, match=r"riverside@1 is also in .* Give one of them another `version`"):
        load_folder(config)


def test_contacts_are_received_under_the_rules_of_a_package(riverside: Path, database: Database) -> None:
    hub = Hub(database, rules=load_files([riverside], CONFIG)[0])
    user_id = create_user(database, "rita", "Rita Quill", Role.CONTACT_OFFICER, ["riverside"], None)
    rita = Actor(user_id, "Rita Quill", Role.CONTACT_OFFICER, "riverside", None)
    child = {"forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}
    details = ReceiveContact.model_validate({"children": [child], "concerns": ["domestic_abuse"]})
    suggested = []
    for day in DAYS:
        with clock.at(MONDAY + timedelta(days=day)):
            contact_id = hub.office.receive(rita, details).contact_id
            suggested.append(contact_page(database, rita, clock.now(), contact_id).suggested)
    assert suggested == ["amber", "amber", "amber", "red"]


def test_a_recording_of_a_package_s_borough_is_replayed(riverside: Path, database: Database, tmp_path: Path) -> None:
    rulebook.install(database, load_files([riverside], CONFIG))
    file = tmp_path / "recording.jsonl"
    days = [(MONDAY + timedelta(days=day)).isoformat() for day in DAYS]
    received = {"do": "receive_contact", "by": "contact_officer", "borough": "riverside"}
    child = {"label": "a", "forename": "Tiana", "surname": "Mockford", "date_of_birth": "2015-06-22"}
    lines = [json.dumps({**received, "at": at, "contact": at, "children": [child]}) for at in days]
    file.write_text("\n".join(lines), encoding="utf-8")
    done = replay.Replay(database).play(recording_file.read(file, ["riverside"]))
    suggested = {line["contact"]: line["suggested"] for line in replay.results(database, done) if "suggested" in line}
    assert [suggested[at]["rag"] for at in days] == [None, None, None, "amber"]


# -- packages that cannot be used -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "import atlantis",
            "`wrong:RULES` cannot be imported: ModuleNotFoundError: No module named 'atlantis'. Repair",
        ),
        ("raise SystemExit(3)", "`wrong:RULES` cannot be imported: SystemExit: 3. Repair"),
        ("OTHER = 1", "cannot be imported: AttributeError"),
        ("RULES = {'conditions': {}}", "is not a PythonRuleSet. Offer `PythonRuleSet(files=…, conditions=…)`"),
        ("RULES = PythonRuleSet()", "offers nothing. Give `files`, `conditions` or both"),
        ("RULES = PythonRuleSet(files='rules.yaml')", "`files` is not a list. Write `files=[Path("),
        ("RULES = PythonRuleSet(files=['rules.yaml'])", "`rules.yaml` is not a Path. Write `Path("),
        ("RULES = PythonRuleSet(files=[Path(__file__).parent / 'gone.yaml'])", "gone.yaml is not there. Name it in"),
        (f"RULES = PythonRuleSet(files=[Path('{CONFIG / 'calendars.yaml'}')])", "lies outside the package. Put it"),
        ("RULES = PythonRuleSet(conditions=[len])", "`conditions` is not a mapping. Write `conditions={"),
        ("RULES = PythonRuleSet(conditions={'a.b': len})", "`a.b` is not a name: write letters, digits, hyphens"),
        ("RULES = PythonRuleSet(conditions={'': len})", "`` is not a name: write letters"),
        ("RULES = PythonRuleSet(conditions={7: len})", "`7` is not a name: write letters"),
        ("RULES = PythonRuleSet(conditions={'old': 'len'})", "`old` is not a function. Give one that takes Facts"),
    ],
)
def test_a_package_that_cannot_be_used_is_named_with_what_to_do(
    fresh: Path, config: Path, source: str, said: str
) -> None:
    write(fresh, "wrong", source)
    with pytest.raises(BadInput) as refused:
        load_folder(config)
    (reason,) = refused.value.reasons
    assert reason.startswith("wrong: entry point `riverside` (mash.rule_sets): ")
    assert said in reason


def test_all_packages_that_cannot_be_used_are_told_at_once(fresh: Path) -> None:
    write(fresh, "one", "import atlantis", point="same")
    write(fresh, "other", "RULES = PythonRuleSet(conditions={'b c': 1, 'd': 2})", point="same")
    write(fresh, "third", "RULES = PythonRuleSet(conditions={'a': len})", point="dot.ted")
    with pytest.raises(BadInput) as refused:
        plugins.installed()
    twice, dotted, one, blank, uncallable = refused.value.reasons
    assert twice.startswith("other: entry point `same`") and "one has one of this name too. Rename one" in twice
    assert dotted.startswith("third: ") and "`dot.ted` is not a name" in dotted
    assert one.startswith("one: ") and "cannot be imported" in one
    assert "`b c` is not a name" in blank and "`d` is not a function" in uncallable


# -- conditions that fail ---------------------------------------------------------------------------------------------

RAISES = """
def fails(facts):
    raise KeyError("Tiana Mockford")

def odd(facts):
    return len(facts.children)

def holds(facts):
    return True

RULES = PythonRuleSet(conditions={"fails": fails, "odd": odd, "holds": holds})
"""
FAILING = Facts(received_at=MONDAY)
FAILS, HOLDS, NEVER = {"python": "riverside.fails"}, {"python": "riverside.holds"}, {"anonymous": "true"}


@pytest.mark.parametrize("name", ["fails", "odd"])
def test_a_condition_that_fails_loses_neither_the_report_nor_the_suggestion_of_others(
    fresh: Path, database: Database, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    write(fresh, "failing", RAISES)
    hub = Hub(database, rules=with_rule(f"riverside.{name}"))
    page = hub.page(hub.receive(concerns=["neglect"]))
    doubt = f"{NOT_WORKED_OUT} Red: {REASON}"
    assert page.suggested == "amber"
    assert page.because == ("Amber: A concern of harm that needs more than advice.", doubt)
    assert hub.page(hub.receive()).because == (NOTHING_FITS, doubt)
    said = {"fails": "could not be worked out: KeyError in __init__.py, line 6", "odd": "gave int instead of True"}
    assert f"The condition riverside.{name} {said[name]}" in caplog.text
    assert "Mockford" not in caplog.text


def test_a_contact_is_received_when_the_package_is_not_there_any_more(site: Path, database: Database) -> None:
    with on_path(site):
        hub = Hub(database, rules=with_rule())
    page = hub.page(hub.receive(concerns=["neglect"]))
    assert page.suggested == "amber"
    assert page.because[-1] == f"{NOT_WORKED_OUT} Red: {REASON}"


def test_a_doubt_comes_with_what_is_added_later(fresh: Path, database: Database) -> None:
    write(fresh, "failing", RAISES)
    hub = Hub(database, rules=with_rule("riverside.fails"))
    contact_id = hub.receive()
    hub.do("officer", Verb.ADD_FACTS, contact_id, concerns=["neglect"])
    assert hub.page(contact_id).because[-1].startswith(NOT_WORKED_OUT)


def test_a_suggestion_that_never_falls_takes_up_new_doubts() -> None:
    rules = northbridge_with(rating__suggestion_never_falls=True)
    doubt = f"{NOT_WORKED_OUT} Red: {REASON}"
    before, after = Suggested("amber", ("Amber: it is so.",)), Suggested(None, (NOTHING_FITS, doubt))
    assert raised_only(rules, before, after) == Suggested("amber", ("Amber: it is so.", doubt))
    assert raised_only(rules, Suggested("amber", (doubt,)), after) == Suggested("amber", (doubt,))
    assert raised_only(northbridge(), before, after) == after


@pytest.mark.parametrize(
    ("condition", "doubtful", "true"),
    [
        (FAILS, True, False),
        ({"not": FAILS}, True, False),
        ({"any": [FAILS, NEVER]}, True, False),
        ({"any": [FAILS, HOLDS]}, False, True),
        ({"all": [FAILS, HOLDS]}, True, False),
        ({"all": [FAILS, NEVER]}, False, False),
        ({"not": {"any": [FAILS, HOLDS]}}, False, False),
        ({"not": {"all": [NEVER, FAILS]}}, False, True),
        ({"not": {"all": [HOLDS, FAILS]}}, True, False),
    ],
)
def test_what_fails_leaves_a_doubt_only_where_the_rule_hangs_on_it(
    fresh: Path, condition: dict[str, object], doubtful: bool, true: bool
) -> None:
    write(fresh, "failing", RAISES)
    only = {"P1": {"colour": "red", "when": condition, "because": REASON}}
    rules = northbridge_with(suggestions=only)
    found = suggest(rules, FAILING)
    assert (found.rag == "red") is true is fits(asking(condition), rules, FAILING)
    assert any(line.startswith(NOT_WORKED_OUT) for line in found.because) is doubtful


def test_what_is_stored_is_read_without_the_package_and_checked_only_with_it(site: Path) -> None:
    with on_path(site):
        text = resolved_text(with_rule())
    ((route, said),) = problems(from_text(text))
    assert route == ("suggestions", "P1", "when", "python") and said.endswith("There are: none.")


# -- the documentation ------------------------------------------------------------------------------------------------


def test_the_package_in_the_documentation_is_the_package_that_is_tested() -> None:
    page = (ROOT / "docs" / "python-rule-sets.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    written = [f for f in PROJECT.rglob("*") if f.suffix in (".py", ".toml", ".yaml") and "__pycache__" not in f.parts]
    assert shown == {f.relative_to(PROJECT).as_posix(): f.read_text(encoding="utf-8") for f in written}


def test_the_package_s_own_tests_pass_where_it_is_installed(site: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    environment = os.environ | {"PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(project)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
