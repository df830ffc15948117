"""A damaged, odd or hostile rule file is refused where it is damaged, everything at once, and nothing twice."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from mash.errors import BadInput
from mash.rules.loader import load_file, load_files, load_folder
from tests.faults.rule_files import EQUAL, FAILED, REFUSED, TEXT_ONLY, Bench
from tests.faults.shipped import CONFIG, FILES, NORTHBRIDGE
from tests.faults.spoilt import KINDS, Spoiler
from tests.rules.test_authorities import SHIPPED

MUTANTS, SEED = 300, 1


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


@pytest.fixture
def northbridge(config: Path) -> Path:
    return config / NORTHBRIDGE


def change(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def refusal(file: Path, config: Path) -> list[str]:
    """The problems, without the folder in which the files are."""
    with pytest.raises(BadInput) as refused:
        load_file(file, config)
    return [reason.replace(f"{config}/", "").replace("boroughs/", "") for reason in refused.value.reasons]


def line_of(file: Path, text: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


# -- random damage ----------------------------------------------------------------------------------------------------


def test_a_damaged_file_is_refused_where_it_is_damaged_or_means_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    outcomes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for mutant in Spoiler(SEED).mutants(MUTANTS):
        verdict = bench.try_out(mutant)
        outcomes[verdict.outcome] += 1
        kinds[mutant.kind] += 1
        assert verdict.outcome != FAILED, (mutant.kind, mutant.file, mutant.line, mutant.damage, verdict.reasons)
        assert len(verdict.reasons) <= 5, (mutant.kind, mutant.file, mutant.line, mutant.damage, verdict.reasons)
    assert set(kinds) == set(KINDS)
    assert outcomes[REFUSED] > 0.9 * MUTANTS and outcomes[REFUSED] + outcomes[TEXT_ONLY] + outcomes[EQUAL] == MUTANTS


def test_every_file_that_makes_up_northbridge_is_damaged() -> None:
    others = {"house.yaml", *(f"boroughs/{name}.yaml" for name in ("_published", *SHIPPED))}
    assert {str(file.relative_to(CONFIG)) for file in CONFIG.rglob("*.yaml")} - others == set(FILES)
    assert {mutant.file for mutant in Spoiler(SEED).mutants(MUTANTS)} == set(FILES)


# -- everything at once -----------------------------------------------------------------------------------------------


def test_problems_of_every_sort_in_every_file_are_told_at_once(config: Path, northbridge: Path) -> None:
    change(
        northbridge,
        ("title: Northbridge", "title: Northbridge: the borough"),
        ("    wed: 09:00-17:15", "   wed: 09:00-17:15"),
        ("mon: 08:00-18:00", "mon: 18:00-08:00"),
        ("required_for: red}", "required_for: rde}"),
        ("agreement_needed_for: green", "agreement_needed_for: [green"),
        ("    because: Sexual", '    because: "Sexual'),
        ("any_concern: physical_abuse", "any_concern: physical_abus"),
    )
    change(config / "boroughs" / "_baseline.yaml", ("unless_anonymous: true", "unless_anonymus: true"))
    change(config / "calendars.yaml", ("2026-12-25:", "2026-12-32:"), ("Good Friday", "'Good Friday"))
    change(config / "agencies.yaml", ("housing: Housing", "housing:"))
    told = refusal(northbridge, config)
    wrong = {
        "northbridge.yaml": ("title:", "   wed:", "18:00-08:00", ": rde", "[green", '"Sexual', "physical_abus}"),
        "_baseline.yaml": ("unless_anonymus",),
    }
    shared = {"calendars.yaml": ("2026-12-32", "'Good Friday"), "agencies.yaml": ("housing:",)}
    places = {f"{f}:{line_of(config / 'boroughs' / f, text)}" for f, texts in wrong.items() for text in texts}
    places |= {f"{f}:{line_of(config / f, text)}" for f, texts in shared.items() for text in texts}
    assert {":".join(reason.split(":")[:2]) for reason in told} == places
    assert len(told) == len(places)


def test_problems_of_several_boroughs_are_told_at_once_and_those_they_share_once(
    config: Path, northbridge: Path
) -> None:
    other = config / "boroughs" / "southbridge.yaml"
    change(northbridge, ("colour: amber", "colour: ambre"))
    shutil.copy(northbridge, other)
    change(config / "boroughs" / "_baseline.yaml", ("from: receipt", "from: reciept"))
    with pytest.raises(BadInput) as refused:
        load_folder(config)
    named = [Path(reason.split(":")[0]).name for reason in refused.value.reasons]
    assert sorted(named) == ["_baseline.yaml", "northbridge.yaml", "southbridge.yaml"]


def test_two_files_with_the_same_version_are_refused(config: Path, northbridge: Path) -> None:
    other = Path(shutil.copy(northbridge, config / "boroughs" / "northbridge-2.yaml"))
    with pytest.raises(BadInput, match="Give one of them another `version`"):
        load_files([northbridge, other], config)


# -- one thing is told once -------------------------------------------------------------------------------------------

WEEK = "tue: closed, wed: closed, thu: closed, fri: closed, sat: closed"
FAIR = f"{{mon: closed, {WEEK}, sun: 9:00-17:00, working_days: fete}}"
FETE = f"{{mon: 9:00-17:00, {WEEK}, sun: 9-5}}"
ONE = {
    "a calendar that is faulty is still a calendar": ("    mon: 09:00-17:15", "    mon: 17:15-09:00"),
    "a calendar that another repeats": ("&office_hours\n    mon: 09:00-17:00", "&office_hours\n    mon: 17:00-09:00"),
    "a calendar whose last day is moved out": ("    sun: closed\n  education", "  sun: closed\n  education"),
    "a calendar that shares its working days with a faulty one": (
        "  police:\n",
        f"  fair: {FAIR}\n  fete: {FETE}\n  police:\n",
    ),
    "a calendar without its opening line": ("  police:\n    mon", "  police\n    mon"),
    "a calendar indented too far": ("  police:\n    mon", "    police:\n    mon"),
    "a calendar indented too little": ("  police:\n    mon", " police:\n    mon"),
    "a calendar without a key": ("  hub:\n", "  hub: closed\n"),
    "a clock whose start is misspelt": ("from: agency_asked", "from: agency_aksed"),
    "a clock whose calendar is a list": ("    calendar: agency", "    calendar: [agency]"),
    "a clock whose calendar is misspelt as a key": ("calendar: agency", "calender: agency"),
    "a colour with a stray bracket": ("tag: orange}", "tag: orange}}"),
    "a colour that is not closed": ("tag: orange}", "tag: orange"),
    "a group that is misspelt": ("\nclocks:", "\nclock:"),
    "a group without its colon": ("\nclocks:", "\nclocks"),
    "a group with a remark that is none": ("agencies:                       #", "agencies:    "),
    "a calendar after a tab": ("  health: &", "  \thealth: &"),
    "a calendar one blank too far": ("  police:\n    mon", "   police:\n    mon"),
    "the ways of a clock one blank out": ("    by_suggestion:", "   by_suggestion:"),
    "the ways of a clock one blank too far": ("    by_suggestion:", "     by_suggestion:"),
    "a line with a tab": ("    tue: 08:00-18:00", "\ttue: 08:00-18:00"),
    "a line of a clock moved out": ("    to: handover_accepted", "  to: handover_accepted"),
    "a name in quotes that are not closed": ("  police:\n", "  'police:\n"),
    "an alias to nowhere": ("partners: *office_hours", "partners: *nowhere"),
    "a condition with a key that is glued": ("{child_under: 5}]}\n", "{child_under:5}]}\n"),
    "a missing dash": ("        - missing\n", "        missing\n"),
    "inherits misspelt": ("inherits:", "inherit:"),
    "inherits in a bracket that is not closed": ("inherits: _baseline", "inherits: [_baseline"),
    "the label of a clock moved out": ("    label: Read by", "  label: Read by"),
    "the condition of a suggestion moved out": ("    when: {different", "  when: {different"),
    "the timescale of a clock moved out": ("    timescale: {due: end", "  timescale: {due: end"),
    "inherits from nowhere": ("inherits: _baseline", "inherits: _base"),
    "inherits from itself": ("inherits: _baseline", "inherits: northbridge"),
    "a required key misspelt": ("    from: decision_recorded", "    form: decision_recorded"),
    "a required key without value": ("    from: decision_recorded", "    from:"),
    "a required key after a long one": ("    because: A concern of harm that needs more than advice.\n", ""),
    "a required key removed": ("title: Northbridge", "title: ~"),
    "a level of warnings that is no target": ("due: 72 clock_hours, warn: 12 h", "due: 72 hours, warn: 12 h"),
    "a word that nothing can be": ("rerating: with_reason", "rerating: perhaps"),
    "a second document": ("\nevents:", "\n---\nevents:"),
}


@pytest.mark.parametrize("name", ONE)
def test_one_mistake_is_told_once(config: Path, northbridge: Path, name: str) -> None:
    old, new = ONE[name]
    text = northbridge.read_text(encoding="utf-8")
    first = text[: text.index(old)].count("\n") + 1 + old.startswith("\n")
    change(northbridge, (old, new))
    (reason,) = refusal(northbridge, config)
    file, line, _ = reason.split(":", 2)
    assert file == "northbridge.yaml" and abs(int(line) - first) <= 2, reason


ONE_BELOW = {
    "a timescale that is not closed": ("boroughs/_baseline.yaml", "working_days_close}", "working_days_close"),
    "a group that is misspelt": ("boroughs/_baseline.yaml", "\nclocks:", "\nclock:"),
    "a key that is misspelt": ("boroughs/_baseline.yaml", "    timescale:", "    timescaale:"),
    "a clock indented too far": ("boroughs/_baseline.yaml", "  statutory_decision:", "    statutory_decision:"),
    "a moment that is misspelt": ("boroughs/_baseline.yaml", "from: receipt", "from: reciept"),
    "the key of the lists": ("calendars.yaml", "bank_holidays:", "bank_holiday:"),
    "a list indented too far": ("calendars.yaml", "  england:", "    england:"),
    "a date that cannot be": ("calendars.yaml", "2026-12-25", "2026-12-35"),
    "an agency without a name": ("agencies.yaml", "housing: Housing", "housing:"),
    "an agency with a list for a name": ("agencies.yaml", "housing: Housing", "housing: [Housing]"),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_BELOW)
def test_one_mistake_in_a_file_that_boroughs_share_is_told_once_and_there(
    config: Path, northbridge: Path, name: str
) -> None:
    file, old, new = ONE_BELOW[name]
    text = (config / file).read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1 + old.startswith("\n")
    change(config / file, (old, new))
    (reason,) = refusal(northbridge, config)
    assert reason.startswith(f"{Path(file).name}:{line}: "), reason


@pytest.mark.parametrize(
    "line",
    ["      red:       {due: 1 clock", "  hub:", "    thu: 09:00-17:15", "  police:", "    label: First look", "  S2:"],
)
@pytest.mark.parametrize("blanks", [-1, 1])
def test_a_line_in_an_odd_column_is_the_one_that_is_named(
    config: Path, northbridge: Path, line: str, blanks: int
) -> None:
    wanted = line_of(northbridge, line)
    change(northbridge, (f"\n{line}", f"\n {line}" if blanks > 0 else f"\n{line[1:]}"))
    (reason,) = refusal(northbridge, config)
    assert reason.startswith(f"northbridge.yaml:{wanted}: cannot be read: is indented by "), reason


def test_what_stands_below_a_line_that_could_not_be_read_is_read_in_its_place(config: Path, northbridge: Path) -> None:
    baseline = config / "boroughs" / "_baseline.yaml"
    change(baseline, ("  statutory_decision:", "\tstatutory_decision:"), ("decision_stands", "decision_stnds"))
    told = refusal(northbridge, config)
    assert [reason.split(": ")[1] for reason in told] == ["cannot be read", "clocks.statutory_decision.to"]


def test_a_calendar_at_the_margin_takes_no_other_with_it(config: Path, northbridge: Path) -> None:
    change(northbridge, ("  education:\n    mon", "education:\n    mon"))
    first, last = line_of(northbridge, "education:"), line_of(northbridge, "  partners: *")
    assert [reason.split(":")[1] for reason in refusal(northbridge, config)] == [str(first), str(last)]


def test_two_lines_in_a_row_that_cannot_be_read_are_both_told(config: Path, northbridge: Path) -> None:
    change(northbridge, ("tag: green}", "tag: green"), ("tag: orange}", "tag: [orange}"))
    first = line_of(northbridge, "tag: green")
    assert [reason.split(":")[1] for reason in refusal(northbridge, config)] == [str(first), str(first + 1)]


BOTH_ENDS = {
    "a colour": (NORTHBRIDGE, "  green: {", "  gren: {", "colours.gren", "sharing.agreement_needed_for"),
    "a calendar": (NORTHBRIDGE, "  hub:\n", "  hbu:\n", "calendars.hbu", "clocks.acknowledgement.calendar"),
    "a concern": (NORTHBRIDGE, "  neglect:", "  neglekt:", "concerns.neglekt", "suggestions.S6.when.any_concern.2"),
    "an event": (
        *(NORTHBRIDGE, "  police_protection_begun:", "  police_protecton_begun:"),
        *("events.police_protecton_begun", "clocks.police_protection.from"),
    ),
    "a clock of open cases": (
        *(NORTHBRIDGE, "  allocated_worker_read:", "  alocated_worker_read:"),
        *("clocks.alocated_worker_read", "open_cases.clocks.1"),
    ),
    "an inherited clock": (
        *("boroughs/_baseline.yaml", "  acknowledgement:", "  acknowledgment:"),
        *("clocks.acknowledgment", "clocks.acknowledgement"),
    ),
    "an agency": (NORTHBRIDGE, "  police:     {", "  polcie:     {", "agencies.polcie", "police"),
    "a name of an agency": ("agencies.yaml", "police:", "polcie:", "polcie", "agencies.police"),
    "a list of bank holidays": ("calendars.yaml", "england:", "engladn:", "bank_holidays.engladn", "bank_holidays"),
    "an anchor": (NORTHBRIDGE, "&office_hours", "&ofice_hours", "&ofice_hours", "*office_hours"),
}


@pytest.mark.parametrize("name", BOTH_ENDS)
def test_a_misspelt_name_is_told_where_it_is_given_and_where_it_is_used(
    config: Path, northbridge: Path, name: str
) -> None:
    file, old, new, given, used = BOTH_ENDS[name]
    change(config / file, (old, new))
    told = refusal(northbridge, config)
    assert any(f": {given}: " in reason or f"`{given}`" in reason for reason in told), told
    assert any(f": {used}: " in reason or f"`{used}` repeats" in reason for reason in told), told
    assert len(told) <= 3


def test_a_name_that_is_used_in_many_places_is_told_at_one_with_the_number(config: Path, northbridge: Path) -> None:
    change(northbridge, ("  hub:\n", "  hubb:\n"))
    reference = next(reason for reason in refusal(northbridge, config) if "`hub` is not a calendar" in reason)
    assert reference.endswith("Did you mean `hubb`? It stands in 7 more places.")


def test_long_lists_of_names_are_cut_short(config: Path, northbridge: Path) -> None:
    change(northbridge, ("any_concern: domestic_abuse", "any_concern: xyz"))
    (reason,) = refusal(northbridge, config)
    assert reason.endswith("`xyz` is not a concern of this rule set. Write one of physical_abuse, unexplained_injury, "
                           "injury_in_non_mobile_baby, sexual_abuse, harmful_sexual_behaviour, neglect, "
                           "emotional_abuse, domestic_abuse and 20 more.")  # fmt: skip


def test_what_a_clock_lacks_is_told_in_both_files_that_make_it(config: Path, northbridge: Path) -> None:
    change(config / "boroughs" / "_baseline.yaml", ("{due: 1 working_days_close}", "{warn: 3 h}"))
    told = refusal(northbridge, config)
    assert [reason.split(":")[0] for reason in told] == ["_baseline.yaml", "northbridge.yaml"]
    assert all("clocks.acknowledgement.timescale.due: is missing. Add `due:`." in reason for reason in told)


def test_what_is_faulty_in_an_inherited_file_is_told_there_even_where_the_heir_adds_to_it(
    config: Path, northbridge: Path
) -> None:
    baseline = config / "boroughs" / "_baseline.yaml"
    change(baseline, ("timescale: {due: 1 working_days_close}", "timescale: 1 working_days_close"))
    line = line_of(baseline, "timescale: 1 working")
    (reason,) = refusal(northbridge, config)
    assert reason.startswith(f"_baseline.yaml:{line}: clocks.acknowledgement.timescale: has to be keys with values")


# -- odd and hostile files --------------------------------------------------------------------------------------------

BOMB = "x0: &x0 [a, b, c, d, e, f, g, h]\n" + "".join(
    f"x{n}: &x{n} {{{', '.join(f'k{m}: *x{n - 1}' for m in range(9))}}}\n" for n in range(1, 9)
)
HOSTILE = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n# a remark\n", "is empty"),
    "a word": (b"hello", "has to consist of keys with values"),
    "a list": (b"- a\n- b\n", "has to consist of keys with values"),
    "deep brackets": (b"a: " + b"[" * 50_000, "is nested too deeply"),
    "deep braces": (b"a: " + b"{a: " * 20_000 + b"}" * 20_000, "is nested too deeply"),
    "deep lines": (b"\n".join(b" " * n + b"a:" for n in range(500)), "is nested too deeply"),
    "too large": (b"#" * 400_000, "is larger than a rule file can be"),
    "UTF-16": ("title: x\n".encode("utf-16"), "Save it as UTF-8"),
    "binary": (bytes(range(256)) * 100, "Save it as UTF-8"),
    "very many mistakes": (b"\n".join(b"k%d: x" % n for n in range(5000)), "There are"),
    "very many open quotes": (b"\n".join(b'k%d: "x' % n for n in range(500)), "a quotation mark opens"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_a_rule_set_is_refused_in_a_sentence(config: Path, northbridge: Path, name: str) -> None:
    contents, said = HOSTILE[name]
    northbridge.write_bytes(contents)
    told = refusal(northbridge, config)
    assert any(said in reason for reason in told), told
    assert len(told) <= 101 and all(len(reason) < 500 for reason in told)


CLOSED = ", ".join(f"{day}: closed" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
MISSING = "{any_concern: missing}, "
ODD = {
    "a bomb of aliases": ("closing: {feedback_first: false}", BOMB, "repeats so much by `*`"),
    "an alias within itself": ("{longest_days: 5}", "&p {longest_days: *p}", "inside of what it repeats"),
    "a key that is a list": ("closing: {", "? [a, b]\n: c\nclosing: {", "a key has to be a word"),
    "a key that is nothing": ("closing: {", '"": c\nclosing: {', "a key has to be a word"),
    "a merge": ("  partners: *office_hours", "  partners: {<<: *office_hours}", "is not used here"),
    "an item without its dash": ("        - missing\n", "        missing\n", "begins with a dash"),
    "an item without the blank after its dash": ("        - missing\n", "        -missing\n", "begins with a dash"),
    "a key without its colon": ("    tue: 08:00", "    tue 08:00", "a colon is missing"),
    "a key without the blank after its colon": ("    tue: 08:00", "    tue:08:00", "a colon is missing"),
    "a tab": ("    tue: 08:00", "\ttue: 08:00", "Indent with blanks"),
    "a line that is no key": ("# its closing minute", "its closing minute", "neither a key with its value nor an item"),
    "a remark that is a key": ("# Northbridge is", "Northbridge is", "Put `#` before it if it is a remark."),
    "a value and keys below": ("agencies:    ", "agencies: many", "has a value, and keys below it"),
    "a quotation mark": ("    because: Sexual", '    because: "Sexual', "a quotation mark opens in this line"),
    "a bracket": ("tag: orange}", "tag: orange", "a bracket opens in this line"),
    "a tag": ("title: North", "title: !!python/name:os.system North", "begins with `!`"),
    "a tag with a value that cannot be": ("version: 1", "version: !!int one", "begins with `!`"),
    "an anchor of its own": ("title: North", "title: & North", "need a name right after them"),
    "an endless amount": ("due: 4 clock_hours", "due: 999999999999 clock_hours", "longer than a deadline can be"),
    "an endless version": ("version: 1", "version: 99999999999999999999", "write a whole number"),
    "version nought": ("version: 1", "version: 0", "`0` is too small: write 1 or more"),
    "a pause without end": ("longest_days: 5", "longest_days: 29", "`29` is too big: write 28 or less"),
    "the year 1": ("in_force_from: 2026-01-01", "in_force_from: 0001-01-01", "not a date from 2000 to 2100"),
    "the year 9999": ("{2026-12-24:", "{9999-12-31:", "not a date from 2000 to 2100"),
    "a calendar that never opens": (": *office_hours", f": {{{CLOSED}}}", "no weekday has a window"),
    "hours as a list": ("mon: 09:00-17:15", "mon: [[540, 1020]]", "write opening hours in one text"),
    "a timescale as keys": ("due: 4 clock_hours", "due: {unit: clock_hours, amount: 5}", "write an amount and a unit"),
    "alerts within alerts": ("escalate: [1 h, 4 h]", "escalate: [[a, b, c]]", "is not a duration"),
    "a closed date twice": ("to 2026-10-30,", "to 2026-10-30, 2026-10-28,", "2026-10-28 stands in it twice"),
    "a condition twice": (MISSING, MISSING + MISSING, "stands here a second time"),
    "more concerns than there are": ("different_concerns: 3", "different_concerns: 90", "there are 28 concerns"),
    "more dates than there are": ("at_least: 3, within_days: 365", "at_least: 9, within_days: 7", "not so many dates"),
    "a parent in another folder": ("inherits: _baseline", "inherits: ../../x", "the plain name of one file"),
    "a parent with its ending": ("inherits: _baseline", "inherits: _baseline.yaml", "the plain name of one file"),
    "two parents": ("inherits: _baseline", "inherits: [_baseline, other]", "the plain name of one file"),
    "a parent with a long name": ("inherits: _baseline", f"inherits: {'x' * 5000}", "the plain name of one file"),
    "a backslash": ("title: Northbridge", 'title: "C:\\dir"', "holds a backslash that means nothing"),
    "a sign that cannot be seen": ("title: Northbridge", 'title: "North\\0bridge"', "holds a sign that cannot be seen"),
    "a byte that is no text": ("title: Northbridge", "title: North\0bridge", "holds a sign that cannot be seen"),
    "a text after a bar": ("title: Northbridge", "title: |Northbridge", "the text begins in the next line"),
    "an at sign": ("title: Northbridge", "title: @Northbridge", "a text cannot begin with such a sign"),
    "an item without value": ("[red, amber]", "[red, ~]", "is an item without a value"),
    "removing nothing": ("closing: {feedback_first: false}", "closing: {feedback_first: ~}", "removes nothing"),
    "two ways to say when": ("due: 72 clock_hours, escalate: 24 h}", "due: none}\n    by_level: {}", "cannot stand"),
    "no way to say when": (
        *("    timescale: {due: end_of_same_working_day, warn: 1 h, escalate: 2 h}\n", ""),
        "timescale: is missing. Give exactly one of",
    ),
    "a key that is no name": ("  S1:\n", "  S 1:\n", "is not a code"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_refused_with_one_sentence(config: Path, northbridge: Path, name: str) -> None:
    old, new, said = ODD[name]
    change(northbridge, (old, new))
    (reason,) = refusal(northbridge, config)
    assert said in reason, reason


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n", "\r\n"), ("\n", "\r"), ("#", "\ufeff#"), ("title: Northbridge", 'title: "Northbridge"'), ("  ", "    ")],
)
def test_a_file_may_be_written_by_any_editor(config: Path, northbridge: Path, old: str, new: str) -> None:
    whole = load_file(northbridge, config)
    text = northbridge.read_text(encoding="utf-8")
    northbridge.write_bytes(text.replace(old, new, 1 if "\ufeff" in new else -1).encode())
    assert load_file(northbridge, config) == whole


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_are_counted_as_editors_count_them(config: Path, northbridge: Path, end: str) -> None:
    change(northbridge, ("    because: Sexual", '    because: "Sexual'))
    line = line_of(northbridge, '"Sexual')
    northbridge.write_bytes(northbridge.read_bytes().replace(b"\n", end.encode()))
    (reason,) = refusal(northbridge, config)
    assert reason.startswith(f"northbridge.yaml:{line}: ")


def test_letters_that_are_not_utf_8_are_named_by_their_line(config: Path, northbridge: Path) -> None:
    line = line_of(northbridge, "Sexual exploitation")
    northbridge.write_bytes(northbridge.read_bytes().replace(b"Sexual exploitation", b"S\xe9xual exploitation"))
    (reason,) = refusal(northbridge, config)
    assert reason.startswith(f"northbridge.yaml:{line}: cannot be read: holds letters that are not written in UTF-8.")


def test_colours_may_be_numbers(config: Path, northbridge: Path) -> None:
    text = northbridge.read_text(encoding="utf-8")
    for n, colour in enumerate(("green", "amber", "red"), 1):
        text = text.replace(f"{colour}:", f"{n}:").replace(f": {colour}\n", f": {n}\n").replace(f" {colour}]", f" {n}]")
        text = (
            text.replace(f"[{colour},", f"[{n},")
            .replace(f"for: {colour}}}", f"for: {n}}}")
            .replace(f"for: {colour} ", f"for: {n} ")
        )
    northbridge.write_text(text, encoding="utf-8")
    assert list(load_file(northbridge, config).colours) == ["1", "2", "3"]


# -- files and folders ------------------------------------------------------------------------------------------------


def test_a_lone_file_finds_the_rest_in_the_configuration(config: Path, northbridge: Path, tmp_path: Path) -> None:
    lone = Path(shutil.move(northbridge, tmp_path / "lone.yaml"))
    assert load_file(lone, config).name == "northbridge"


def test_a_file_that_is_a_folder_or_not_there_is_refused(config: Path, northbridge: Path) -> None:
    assert refusal(config, config) == [f"{config}:1: is not a file. Name a file that ends in .yaml."]
    assert refusal(config / "x.yaml", config) == ["x.yaml:1: is not there. Check the name and the folder."]
    (config / "boroughs" / "_baseline.yaml").unlink()
    (reason,) = refusal(northbridge, config)
    assert "inherits: there is no _baseline.yaml" in reason


@pytest.mark.parametrize("name", ["calendars.yaml", "agencies.yaml"])
def test_a_shared_file_that_is_not_there_is_one_problem_beside_the_others(
    config: Path, northbridge: Path, name: str
) -> None:
    (config / name).unlink()
    change(northbridge, ("colour: amber", "colour: ambre"))
    told = refusal(northbridge, config)
    assert {reason.split(":")[0] for reason in told} == {name, "northbridge.yaml"} and len(told) == 2
    assert f"{name}:1: is not there. Check the name and the folder." in told


def test_files_that_inherit_from_each_other_are_refused(config: Path, northbridge: Path) -> None:
    change(config / "boroughs" / "_baseline.yaml", ("bank_holidays:", "inherits: northbridge\nbank_holidays:"))
    (reason,) = refusal(northbridge, config)
    assert reason == "_baseline.yaml:7: inherits: goes round in a circle. Remove `inherits` from one of the files."
