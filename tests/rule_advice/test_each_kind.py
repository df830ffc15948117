"""Each kind of advice has a rule file that deserves it and one, almost the same, that does not.

The folder of a kind holds `foolish.yaml` and `sound.yaml`. The first line of the foolish one is the sentence that it
gets, and `# told` stands where it is told.
"""

import difflib
from datetime import date
from pathlib import Path

import pytest

from mash.rule_advice.advice import advice
from mash.rule_advice.kinds import Advice, AdviceKind
from mash.rules.loader import Written, read_file
from tests.support.hub import CONFIG, northbridge

HERE = Path(__file__).parent
TODAY = date(2026, 10, 1)


def read(kind: AdviceKind, name: str) -> Written:
    return read_file(HERE / kind.value / f"{name}.yaml", CONFIG)


def of(kind: AdviceKind, written: Written) -> list[Advice]:
    return [one for one in advice(written.rules, TODAY) if one.kind is kind]


def lines(kind: AdviceKind, name: str) -> list[str]:
    return (HERE / kind.value / f"{name}.yaml").read_text(encoding="utf-8").splitlines()


def test_there_is_a_folder_for_each_kind_and_no_other() -> None:
    assert {folder.name for folder in HERE.iterdir() if (folder / "foolish.yaml").exists()} == set(AdviceKind)


@pytest.mark.parametrize("kind", AdviceKind)
def test_the_foolish_file_gets_its_sentence_on_its_line(kind: AdviceKind) -> None:
    written, text = read(kind, "foolish"), lines(kind, "foolish")
    (found,) = of(kind, written)
    assert f"# {found.text}" == text[0]
    (told,) = (number for number, line in enumerate(text, 1) if line.endswith("# told"))
    assert str(written.place(found.route)) == f"{HERE / kind.value / 'foolish.yaml'}:{told}"


@pytest.mark.parametrize("kind", AdviceKind)
def test_the_sound_file_gets_none_and_differs_in_little(kind: AdviceKind) -> None:
    assert not of(kind, read(kind, "sound"))
    foolish = [line.removesuffix("  # told") for line in lines(kind, "foolish")[1:]]
    changed = [line for line in difflib.ndiff(foolish, lines(kind, "sound")) if line[0] in "+-"]
    assert 1 <= len(changed) <= 7


@pytest.mark.parametrize("kind", AdviceKind)
def test_a_sentence_says_it_in_words_and_ends(kind: AdviceKind) -> None:
    (found,) = of(kind, read(kind, "foolish"))
    assert found.text[0] in "“" or found.text[0].isupper()
    assert found.text.endswith(".") and "breach" not in found.text and "  " not in found.text


def test_the_sample_borough_deserves_two() -> None:
    found = advice(northbridge(), TODAY)
    assert [one.kind for one in found] == [AdviceKind.AGENCY_NEVER_REQUIRED, AdviceKind.CONCERNS_UNMENTIONED]
    agencies, concerns = found
    assert "Housing, Probation or Early help" in agencies.text
    for concern in ("no recourse to public funds", "young carer", "housing need", "private fostering", "bereavement"):
        assert concern in concerns.text


def test_advice_is_the_same_twice() -> None:
    assert advice(northbridge(), TODAY) == advice(northbridge(), TODAY)
