"""How does a borough begin its rules? `mash rules new`: a short dialogue, or options, to one file. Decides nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, TypeVar

import typer

from mash import clock
from mash.cli_rules import rule_sets
from mash.console import out
from mash.errors import BadInput
from mash.rules import answers, loader
from mash.rules.answers import Grade
from mash.rules.newfile import Answers, Start, begun_from, written
from mash.rules.notation import WEEKDAYS
from mash.rules.ruleset import RuleSet
from mash.rules.yamlfile import read_yaml
from mash.settings import Settings

Read = TypeVar("Read")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def new_rules(
    slug: Annotated[str, typer.Argument(help="The borough's short name, like `riverside`. It never changes.")],
    begin_from: Annotated[
        str | None, typer.Option("--from", help="Begin from the file of this authority, like `oxfordshire`.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Its name on screen.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Two to four capital letters that begin references.")] = None,
    in_force_from: Annotated[str | None, typer.Option(help="A date, like 2026-04-01.")] = None,
    confirms: Annotated[str | None, typer.Option(help="Who is to confirm the rules.")] = None,
    hours: Annotated[
        list[str] | None, typer.Option(help="Opening hours, like `mon-thu 09:00-17:15`; several times, all weekdays.")
    ] = None,
    bank_holidays: Annotated[str | None, typer.Option(help="Whether the hub is open on them: yes or no.")] = None,
    colours: Annotated[
        str | None, typer.Option(help="RAG, BRAG, levels, or names of your own with commas, the lowest first.")
    ] = None,
    time: Annotated[
        list[str] | None, typer.Option(help="Time to the decision, like `red=4 clock hours`; once for each colour.")
    ] = None,
    acknowledgement: Annotated[str | None, typer.Option(help="Time to acknowledge to the referrer.")] = None,
    feedback: Annotated[str | None, typer.Option(help="Time to tell the referrer the outcome, or none.")] = None,
    agencies: Annotated[str | None, typer.Option(help="Whom the hub asks, with commas.")] = None,
    ask: Annotated[
        list[str] | None, typer.Option(help="When an agency must be asked, like `police=amber, red`; for each.")
    ] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="Where to write it; else beside the others.")] = None,
) -> None:
    """Begin the rules of a borough: asks for what no option says, and writes a file that is checked and explained."""
    config = Settings().config
    there = rule_sets(None)
    target = _target(slug, out_file or config / "boroughs" / f"{slug}.yaml", there)
    source = _begun(begin_from, there, config) if begin_from else None
    start = _start(slug, title, prefix, in_force_from, confirms, there)
    if source:
        rules, file = source
        text = begun_from(file.read_text(encoding="utf-8"), start, rules.title)
    else:
        scheme = _asked("--colours", colours, "Colours: RAG, BRAG, levels, or your own, lowest first", answers.scheme)
        week = _week(hours)
        wish = "Is the hub open on bank holidays"
        opened = _asked("--bank-holidays", bank_holidays, wish, answers.yes_or_no, "no")
        times = _times(time, scheme)
        wish = "How soon is it acknowledged to the referrer"
        reply = _asked("--acknowledgement", acknowledgement, wish, answers.time_allowed, "1 working day until closing")
        wish = "How soon after the decision is the referrer told"
        told = _asked("--feedback", feedback, wish, answers.time_allowed, "none")
        wish = "Which agencies are asked, with commas"
        asked = _asked("--agencies", agencies, wish, answers.agencies, "police, health, education")
        required = _required(ask, asked, scheme)
        named = frozenset(read_yaml(config / "agencies.yaml").data)
        text = written(Answers(start, week, opened, scheme, times, reply, told, asked, required, named))
    _write(text, target, config)
    _say_what_is_next(slug, target)


# -- before anything is asked -----------------------------------------------------------------------------------------


def _target(slug: str, target: Path, there: Sequence[RuleSet]) -> Path:
    _given("SLUG", slug, answers.slug)
    if slug in {rules.name for rules in there}:
        raise BadInput(f"There are rules of `{slug}` already. Choose another name; docs/add-a-borough.md changes them.")
    if target.exists():
        raise BadInput(f"{target} is there already: nothing was written. Name another file with --out.")
    if not target.parent.is_dir():
        raise BadInput(f"{target.parent}: there is no such folder. Make it, or name another with --out.")
    return target


def _begun(name: str, there: Sequence[RuleSet], config: Path) -> tuple[RuleSet, Path]:
    """The rules to begin from, and their file."""
    known = {rules.name: rules for rules in there if rules.unconfirmed}
    files = {str(read_yaml(file).data.get("name")): file for file in loader.files_of(config)}
    if name not in known or name not in files:
        raise BadInput(f"--from: `{name}` is none of the authorities to begin from: {', '.join(known)}.")
    return known[name], files[name]


# -- questions --------------------------------------------------------------------------------------------------------


def _given(option: str, text: str, read: Callable[[str], Read]) -> Read:
    try:
        return read(text)
    except ValueError as error:
        raise BadInput(f"{option}: {error}") from None


def _asked(
    option: str, given: str | None, question: str, read: Callable[[str], Read], default: str | None = None
) -> Read:
    """What the option says; without it, asked until it can be understood."""
    if given is not None:
        return _given(option, given, read)
    while True:
        try:
            return read(str(typer.prompt(question, default=default)))
        except ValueError as error:
            out.print(str(error), markup=False)


def _start(
    slug: str,
    title: str | None,
    prefix: str | None,
    in_force_from: str | None,
    confirms: str | None,
    there: Sequence[RuleSet],
) -> Start:
    taken = {rules.reference_prefix for rules in there}
    name = _asked("--title", title, "The borough's name on screen", answers.words, slug.replace("-", " ").title())
    letters = _asked(
        "--prefix",
        prefix,
        "Two to four capital letters that begin references",
        lambda text: answers.prefix(text, taken),
    )
    since = _asked("--in-force-from", in_force_from, "In force from, like 2026-04-01", answers.day)
    who = _asked("--confirms", confirms, "Who is to confirm these rules, by name or post", answers.words)
    return Start(slug, name, letters, since, who, clock.london_date(clock.now()))


def _week(given: list[str] | None) -> dict[str, str]:
    if given:
        return _given("--hours", "\n".join(given), lambda text: answers.open_some_day(answers.week(text.split("\n"))))
    while True:
        found: dict[str, str] = {}
        last = "09:00-17:00"
        for day, name in zip(WEEKDAYS, _DAYS, strict=True):
            default = "closed" if day == "sat" else last
            last = found[day] = _asked("", None, f"Open on {name}, or closed", answers.opening_hours, default)
        try:
            return answers.open_some_day(found)
        except ValueError as error:
            out.print(str(error), markup=False)


def _times(given: list[str] | None, scheme: Sequence[Grade]) -> dict[str, str]:
    """The most urgent first."""
    said = _by_name("--time", given, [grade.code for grade in scheme])
    if len(said) < len(scheme):
        out.print(f"Times are written like {answers.LIKE}.", markup=False)
    return {
        grade.code: _asked(
            "--time",
            said.get(grade.code),
            f"{grade.label}: how long from receipt to the decision",
            answers.time_allowed,
            "none" if grade.asks_nobody else None,
        )
        for grade in reversed(scheme)
    }


def _required(given: list[str] | None, asked: dict[str, str], scheme: Sequence[Grade]) -> dict[str, tuple[str, ...]]:
    said = _by_name("--ask", given, list(asked))
    return {
        code: _asked(
            "--ask",
            said.get(code),
            f"For which colours must {label} be asked, with commas, or none",
            lambda text: answers.grades_of(text, scheme),
            "none",
        )
        for code, label in asked.items()
    }


def _by_name(option: str, given: list[str] | None, known: list[str]) -> dict[str, str]:
    """`red=4 clock hours` several times, by the code before the sign."""
    found: dict[str, str] = {}
    for text in given or ():
        name, sign, answer = text.partition("=")
        code = answers.code_of(name)
        if not sign or code not in known:
            raise BadInput(
                f"{option}: `{text}` is not understood. Write one of {', '.join(known)}, `=` and the answer."
            )
        found[code] = answer
    return found


# -- the file ---------------------------------------------------------------------------------------------------------


def _write(text: str, target: Path, config: Path) -> None:
    """Once it is sound, in one go, and never over another file."""
    with TemporaryDirectory() as folder:
        draft = Path(folder) / target.name
        draft.write_text(text, encoding="utf-8")
        loader.load_file(draft, config)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadInput(f"{target} is there already: nothing was written. Name another file with --out.") from None
    except OSError as error:
        raise BadInput(f"{target}: cannot be written: {error.strerror}.") from None


def _say_what_is_next(slug: str, target: Path) -> None:
    out.print(f"Written: {target}", markup=False)
    out.print("Nobody has confirmed it: as long as it says `unconfirmed`, a live database keeps it out. Next:")
    steps = (
        ("Read it, and put in what is missing", "docs/add-a-borough.md has a phrase book"),
        ("Check it", f"mash rules check {target}"),
        ("What if a contact arrives on a Friday at 16:20", f"mash rules due --help, with --rules {target}"),
        ("Compare it with other rules", "mash rules compare --help"),
        ("Try it on your past contacts", "mash import --help"),
        ("Have every figure confirmed", "docs/authorities.md says how it is put in force then"),
    )
    for number, (what, how) in enumerate(steps, 1):
        out.print(f"  {number}. {what}: {how}", markup=False)
    out.print(f"The borough is `{slug}` in commands and in recordings.", markup=False)
