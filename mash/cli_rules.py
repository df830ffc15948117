"""What can be asked of a borough's rules on the command line? `mash rules --help`."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from mash.cli_advice import considerations
from mash.clock import iso
from mash.console import open_database, out
from mash.errors import BadInput
from mash.permissions import Actor
from mash.rules import basis, contract, counting, loader
from mash.rules.calendars import london_day
from mash.rules.clockrules import NOT_RATED, OF_AGENCY, OTHERWISE, AtClosing, ClockRules, Timescale
from mash.rules.ruleset import RuleSet
from mash.settings import Settings
from mash.vocabulary import Role
from mash.workflow.details import AnnounceBankHoliday
from mash.workflow.episodes import as_instant
from mash.workflow.write import Office

rules_app = typer.Typer(no_args_is_help=True, help="A borough's rules.")

RULES = typer.Option(help="A rule-set file or a folder of them, instead of the configuration.")


def rule_sets(path: Path | None) -> list[RuleSet]:
    """The rule sets of a file, of a folder of files, of a configuration folder, or those configured.

    Bank holidays, names of agencies and `_baseline` come from the configuration where the folder has none of its own.
    """
    if path is None:
        return loader.load_folder(Settings().config)
    files, config = _files(path)
    return loader.load_files(files, config)


def _files(path: Path) -> tuple[list[Path], Path]:
    """The rule-set files that are meant, and the configuration that has what they share."""
    config = Settings().config
    if not path.is_dir():
        return [path], config
    folder = path / "boroughs" if (path / "boroughs").is_dir() else path
    own = path if (path / "calendars.yaml").exists() and (path / "agencies.yaml").exists() else config
    shared = ("calendars.yaml", "agencies.yaml")
    files = sorted(f for f in folder.glob("*.yaml") if not f.name.startswith("_") and f.name not in shared)
    if not files:
        raise BadInput(f"{path}: holds no rule set. Name a folder with .yaml files, or one file.")
    return files, own


@rules_app.command("check")
def check_rules(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Rule-set files or folders; all of the configuration if none.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="What should be considered counts as a problem.")] = False,
) -> None:
    """Check rule sets: every problem with file, line, key and remedy. Exit status 2 where there are any.

    Of those without a problem it says what should be considered: what is valid and foolish.
    """
    config = Settings().config
    reasons: list[str] = []
    sound: dict[str, Path] = {}
    for file in [one for path in files or loader.files_of(config) for one in _files(path)[0]]:
        try:
            written = loader.read_file(file, _files(file)[1])
        except BadInput as error:
            reasons += error.reasons
            continue
        rules = written.rules
        broken = contract.broken(rules)
        if other := sound.get(rules.full_name):
            broken.append(f"{rules.full_name} is also in {other}. Give one of the two another `version`.")
        sound[rules.full_name] = file
        reasons += [f"{file}: {sentence}" for sentence in broken]
        if not broken:
            since = f"version {rules.version}, in force from {rules.in_force_from}"
            since += ", confirmed by nobody" if rules.unconfirmed else ""
            out.print(f"{file}: {rules.title}, {since}. No problems.", markup=False)
            considered = considerations(written)
            reasons += considered if strict else []
            for sentence in () if strict else considered:
                out.print(f"Consider: {sentence}", markup=False)
    if reasons:
        raise BadInput(*dict.fromkeys(reasons))


@rules_app.command("due")
def due(
    clock: Annotated[str, typer.Argument(help="A clock of the rule set, like `decision`.")],
    borough: Annotated[str, typer.Option(help="The borough's short name.")],
    start: Annotated[str, typer.Option(help="When it starts: London time like 2026-11-13T16:30, or with an offset.")],
    colour: Annotated[
        str | None, typer.Option(help="The rating, or the suggested colour, for clocks that go by it.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="The threshold level, for clocks that go by it.")] = None,
    agency: Annotated[str | None, typer.Option(help="The agency asked, for clocks of agencies.")] = None,
    version: Annotated[int | None, typer.Option(help="A version; else the one in force at the start.")] = None,
    rules: Annotated[Path | None, RULES] = None,
) -> None:
    """When would a clock be due, and how is that counted? Step by step, in London time."""
    try:
        begun = counting.london_instant(start)
    except ValueError:
        raise BadInput(f"--start: `{start}` is not an instant. Write it like 2026-11-13T16:30.") from None
    chosen = version_for(rule_sets(rules), borough, version, begun)
    own = _clock(chosen, clock, agency)
    key, scale = _timescale(chosen, own, colour, level, agency)
    question = counting.Question(chosen, clock, _agency(chosen, own, agency), colour)
    shown = f", {chosen.colour_label(colour).lower() if colour in chosen.colours else colour}" if colour else ""
    out.print(f"{own.label}, {chosen.title} version {chosen.version}{shown}{f', level {level}' if level else ''}")
    out.print(f"Timescale: {scale.words}.", markup=False)
    for line in basis.of_timescale(chosen, clock, key, agency or ""):
        out.print(line, markup=False)
    handed = ", at closing handed to the emergency duty team" if scale.at_closing is AtClosing.HAND_TO_EDT else ""
    out.print(f"Whose: {own.whose.label.lower()}{handed}.", markup=False)
    if question.calendar:
        out.print(f"Hours of {question.calendar}: {counting.hours_in_words(chosen, question.calendar)}.", markup=False)
    for n, line in enumerate(counting.explain(question, scale, begun), 1):
        out.print(f"{n:3}. {line}", markup=False)
    if scale.has_target and (at := as_instant(counting.count(question, scale, begun, ()).due_at)):
        out.print(f"due_at {iso(at)}", markup=False)


def version_for(
    found: list[RuleSet],
    borough: str,
    version: int | None,
    at: int,
    *,
    named: str = "--borough",
    start: str = "--start",
) -> RuleSet:
    """The version asked for, else the one in force at an instant. Raises BadInput, which names the two parameters."""
    own = sorted((r for r in found if r.name == borough), key=lambda r: (r.in_force_from, r.version))
    if not own:
        known = ", ".join(dict.fromkeys(r.name for r in found))
        raise BadInput(f"{named}: there are no rules of `{borough}`. There are {known}.")
    if version is not None:
        own = [rules for rules in own if rules.version == version]
        if not own:
            raise BadInput(f"--version: `{borough}` has no version {version} here.")
        return own[0]
    in_force = [rules for rules in own if rules.in_force_from <= london_day(at)]
    if not in_force:
        raise BadInput(
            f"{start}: no rules of `{borough}` are in force then. The first begin on {own[0].in_force_from}."
        )
    return in_force[-1]


def _clock(rules: RuleSet, name: str, agency: str | None) -> ClockRules:
    if name not in rules.clocks:
        raise BadInput(f"`{name}` is not a clock of {rules.full_name}. It has {', '.join(rules.clocks)}.")
    only = rules.clocks[name].only_for
    if only and only.agencies and agency is not None and agency not in only.agencies:
        raise BadInput(f"--agency: `{name}` is only for {', '.join(only.agencies)}.")
    return rules.clocks[name]


def _agency(rules: RuleSet, clock: ClockRules, agency: str | None) -> str:
    if agency is not None and agency not in rules.agencies:
        raise BadInput(f"--agency: `{agency}` is not an agency of {rules.full_name}: {', '.join(rules.agencies)}.")
    if agency is None and clock.calendar == OF_AGENCY:
        raise BadInput(f"--agency: say which, for this clock counts by its hours: {', '.join(rules.agencies)}.")
    return agency or ""


def _timescale(
    rules: RuleSet, clock: ClockRules, colour: str | None, level: str | None, agency: str | None
) -> tuple[str, Timescale]:
    """The timescale that is meant, with its key. Raises BadInput where the question leaves it open."""
    scales = dict(clock.for_agency.get(agency or "") or clock.timescales)
    if colour not in (None, NOT_RATED, OTHERWISE, *rules.colours):
        raise BadInput(f"--colour: `{colour}` is not a colour of {rules.full_name}: {', '.join(rules.colours)}.")
    by_level = clock.by_level is not None
    option, said = ("--level", level) if by_level else ("--colour", colour)
    key = "" if clock.way == "timescale" else said
    if OTHERWISE in scales and key not in scales:
        key = OTHERWISE
    if key not in scales:
        raise BadInput(f"{option}: say which, for this clock goes by it: {', '.join(scales)}.")
    return str(key), scales[str(key)]


@rules_app.command("announce")
def announce_bank_holiday(
    date: Annotated[str, typer.Argument(help="The date, like 2026-12-07.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    borough: Annotated[str | None, typer.Option(help="Only this borough; all if absent.")] = None,
) -> None:
    """Make a bank holiday known late: running deadlines are counted anew, met and missed ones stay as they were."""
    try:
        details = AnnounceBankHoliday(date=date, name=name, borough=borough)
    except ValidationError:
        raise BadInput(f"{date}: write a date like 2026-12-07, and a name.") from None
    with open_database() as db:
        office = Office(db)
        with db.reading() as look:
            boroughs = office.rulebook.boroughs(look)
        if not boroughs:
            raise BadInput("No borough has rules in this database yet.")
        if borough not in (None, *boroughs):
            raise BadInput(f"There are no rules of “{borough}” here. There are {', '.join(boroughs)}.")
        system = Actor("system", "The system", Role.SYSTEM, boroughs[0])
        out.print(f"{office.announce(system, details)} open contacts were counted anew.")
