"""The page of real authorities has every figure of their files, with what it stands on, and no figure more."""

import re
import subprocess
import sys

import pytest

from mash.rules import basis
from mash.rules.loader import load_folder
from mash.rules.ruleset import RuleSet
from mash.settings import ROOT

PAGE = ROOT / "docs" / "authorities.md"
SIX = [rules for rules in load_folder(ROOT / "config") if rules.unconfirmed]


def part_of(rules: RuleSet) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"\n## {rules.title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_page_is_what_make_docs_writes() -> None:
    command = [sys.executable, "-c", "import authorities, sys; sys.stdout.write(authorities.page())"]
    written = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True, check=True).stdout
    assert PAGE.read_text(encoding="utf-8") == written, "Run: make docs"


@pytest.mark.parametrize("rules", SIX, ids=lambda rules: rules.name)
def test_every_figure_of_an_authority_is_on_the_page(rules: RuleSet) -> None:
    rows = re.findall(r"(?m)^\| (?!figure|-)(.+) \|$", part_of(rules))
    assert len(rows) == len(list(basis.figures(rules)))
    for row in rows:
        *_, published, assumed = row.split(" | ")
        assert published != "–" or assumed != "–", row


@pytest.mark.parametrize("rules", SIX, ids=lambda rules: rules.name)
def test_every_source_is_on_the_page_with_its_address_and_date(rules: RuleSet) -> None:
    for number, source in enumerate(rules.sources.values(), 1):
        assert f"\n{number}. [{source.title}]({source.url}), {source.when}\n" in part_of(rules)


def test_figures_that_everybody_looks_for_stand_there_as_published() -> None:
    wanted = {
        "Oxfordshire": "| Decision: red | 4 clock hours, nights and weekends included | 4 |",
        "Merton": "| Reply: amber | 6 clock hours, nights and weekends included | 4 |",
        "St Helens": "| With the duty assessment team: level 4 | 4 clock hours, nights and weekends included | 4 |",
        "Islington": "| Hours: hub | Mon 09:00 to 17:00; Tue 09:00 to 17:00;",
        "Surrey": "| Dealt with by the police desk: amber | 24 working hours | 4 |",
        "Gloucestershire": "| Decision: green | 72 clock hours, nights and weekends included | 4 |",
    }
    assert {rules.title for rules in SIX} == set(wanted)
    for rules in SIX:
        assert wanted[rules.title] in part_of(rules)
