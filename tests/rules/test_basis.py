"""What a figure stands on: looked up from the nearest key, and missed where an unconfirmed rule set does not say it."""

import shutil
from pathlib import Path

import pytest

from mash.errors import BadInput
from mash.rules import basis
from mash.rules.loader import from_text, load_file, resolved_text
from mash.rules.ruleset import RuleSet
from tests.support.hub import CONFIG, northbridge

MERTON = "boroughs/merton.yaml"
FLAG = "unconfirmed: true\n"
RED = ("clocks", "agency_return", "by_rating", "red")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def changed(config: Path, old: str, new: str) -> Path:
    file = config / MERTON
    text = file.read_text(encoding="utf-8")
    assert old in text, old
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def refusal(file: Path, config: Path) -> list[str]:
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    return list(refused.value.reasons)


def merton() -> RuleSet:
    return load_file(CONFIG / MERTON, CONFIG)


# -- looked up --------------------------------------------------------------------------------------------------------


def test_the_nearest_key_above_a_figure_says_what_it_stands_on() -> None:
    rules = merton()
    own, above = basis.footing(rules, RED), basis.footing(rules, ("clocks", "acknowledgement", "timescale"))
    assert own is not None and own.sentences == (
        "Published: Merton Multi-Agency Safeguarding Hub, Guide for Professionals (undated, read November 2026).",
        "Assumed: From the request, by the clock.",
    )
    assert above is not None and list(above.published) == ["working_together"] and above.assumed
    assert basis.footing(rules, ("title",)) is None


def test_a_source_says_its_own_date_where_it_has_one() -> None:
    rules = load_file(CONFIG / "boroughs" / "st-helens.yaml", CONFIG)
    found = basis.footing(rules, ("clocks", "review", "timescale"))
    assert found is not None and "(dated 2018, read November 2026)" in found.sentences[0]


def test_a_rule_set_without_any_basis_needs_none_and_reads_as_before() -> None:
    rules = northbridge()
    assert not rules.basis and not rules.sources and basis.warning(rules) is None
    text = resolved_text(rules)
    for key in ("unconfirmed", "sources", "basis"):
        lines = [line for line in text.splitlines() if not line.startswith(f' "{key}"')]
        text = "\n".join(lines)
    assert '"basis"' not in text and from_text(text) == rules


def test_the_grounds_are_kept_with_the_rules() -> None:
    again = from_text(resolved_text(merton()))
    assert again.unconfirmed and basis.footing(again, RED) == basis.footing(merton(), RED)


# -- told of ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("agency_return.by_rating.blue: {published: leaflet}", "agency_return.by_rating.blue: {published: leaflat}",
         "`leaflat` is not a source of this rule set. Did you mean `leaflet`?"),
        ("  clocks.worker_has_read: {assumed", "  clocks.worker_has_red: {assumed",
         "there is no `clocks.worker_has_red` in this rule set. Did you mean `clocks.worker_has_read`?"),
        ("by_rating.green: {published", "by_rating.greene: {published",
         "there is no `clocks.agency_return.by_rating.greene` in this rule set. "
         "Did you mean `clocks.agency_return.by_rating.green`?"),
        ("  calendars.hub: {assumed", "  calendars: {assumed",
         "basis.calendars.hub: is missing. Say where the figure comes from: `published:` with a source, "
         "`assumed:` with the reason."),
        ("  who_may.rate_contact:\n    published: mash_page\n", "  who_may.rate_contact:\n    published: []\n",
         "basis.who_may.rate_contact.published: is an empty list. Name at least one, or leave the key out."),
        ("  suggestions.M1: {published: leaflet}\n", "", "basis.suggestions.M1: is missing."),
        ("  suggestions.M1: {published: leaflet}\n", "  suggestions.M1: {}\n", "say `published:` with a source, or"),
        ("url: https://www.merton", "url: www.merton", "write an address that begins with `https://` or `http://`"),
        (FLAG, FLAG + "confirmed_by: Head of service\n", "confirmed_by: cannot stand beside `unconfirmed: true`."),
        (FLAG, "", "confirmed_by: is missing. Say who at the authority confirmed these figures and when, or write"),
        (FLAG, "confirmed_by: Head of service, 9 March 2026\n",
         "what is confirmed is no longer assumed: put the figure right and remove this. The same goes for"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_grounds_is_told_with_its_remedy(config: Path, old: str, new: str, said: str) -> None:
    reasons = refusal(changed(config, old, new), config)
    assert any(said in reason for reason in reasons), reasons
    assert all(".yaml:" in reason for reason in reasons)


def test_a_new_clock_of_an_unconfirmed_authority_needs_its_grounds(config: Path) -> None:
    clock = "  look:\n    {label: Look, from: receipt, to: screening_started, timescale: {due: 1 clock_hours}}\n"
    file = changed(config, "clocks:\n", "clocks:\n" + clock)
    (reason,) = refusal(file, config)
    assert "basis.clocks.look.timescale: is missing." in reason


def test_every_figure_without_grounds_is_named(config: Path) -> None:
    file = config / MERTON
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("basis:\n")], encoding="utf-8")
    (reason,) = refusal(file, config)
    assert "basis.colours: is missing." in reason and "The same goes for calendars.hub" in reason


def test_confirmed_figures_without_assumptions_are_sound(config: Path) -> None:
    """What an authority does that adopts the file: each assumption is put right, or removed because it is so."""
    file = changed(config, FLAG, "confirmed_by: Head of service, 9 March 2026\n")
    for one in (file, config / "boroughs" / "_published.yaml"):
        lines, kept, below = one.read_text(encoding="utf-8").splitlines(), [], False
        for line in lines:
            below = below or line == "basis:"
            if not below:
                kept.append(line)
        one.write_text("\n".join([*kept, "basis: {colours: {published: working_together}}", ""]), encoding="utf-8")
    rules = load_file(file, config)
    assert rules.confirmed_by == "Head of service, 9 March 2026" and not rules.unconfirmed
