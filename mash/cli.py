"""What can be asked for on the command line? `mash --help`. Calls functions; decides nothing itself."""

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
import typer
import uvicorn
from rich.progress import track
from sqlalchemy.engine import make_url

from mash import audit_check, clock, demo, doctor, export, migrate, recording_file, replay, rulebook
from mash.accounts.purpose import is_demo_database
from mash.accounts.users import demo_users
from mash.cli_compare import compare_command
from mash.cli_explain import explain
from mash.cli_import import import_command
from mash.cli_new_rules import new_rules
from mash.cli_rules import RULES, rule_sets, rules_app
from mash.cli_users import users_app
from mash.cli_versions import show
from mash.cli_what_if import what_if_command
from mash.console import err, instant, open_database, out
from mash.db import Database
from mash.errors import BadInput, MashError, Unsafe
from mash.messages import outbox
from mash.messages.carriers import carriers, set_up
from mash.ping import PING_SECONDS, ping
from mash.rules.loader import load_folder
from mash.settings import ROOT, Settings
from mash.silence import watch
from mash.workflow.heartbeats import SWEEP
from mash.workflow.results import is_empty
from mash.workflow.scheduler import Bell, ringing
from mash.workflow.sweep import is_still_to_come
from mash.workflow.sweep import sweep as run_sweep

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The front door of children's social care.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
rules_app.command("compare")(compare_command)
rules_app.command("new")(new_rules)
rules_app.command("explain")(explain)
rules_app.command("what-if")(what_if_command)
rules_app.command("show")(show)
app.add_typer(rules_app, name="rules")
app.add_typer(audit_app, name="audit")
app.add_typer(users_app, name="users")
app.command("import")(import_command)

DEMO = ROOT / "demo.db"
APPLICATION = "web.app:served"


def main() -> None:
    """The program. An expected failure is one message and exit status 2; a bug is a trace."""
    _log_as_json()
    try:
        app()
    except MashError as error:
        for reason in error.reasons:
            err.print(reason, markup=False)
        sys.exit(2)


def _log_as_json() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@app.command("migrate")
def migrate_command(
    check: Annotated[bool, typer.Option("--check", help="Only compare the migrations with the code.")] = False,
) -> None:
    """Bring the database to the shape that this program needs, and put new rule sets in it."""
    if check:
        if found := migrate.drift():
            raise Unsafe(*found, "Write a migration: make migration M='what changes'.")
        out.print("Migrations and tables are in step.")
        return
    settings = Settings()
    for notice in migrate.migrate(settings, purpose=None):
        err.print(notice, markup=False)
    with open_database() as db:
        _install_rules(db, settings)
    out.print("The database is up to date.")


def _install_rules(db: Database, settings: Settings) -> None:
    """Rules that are invented or confirmed by nobody never get into a live database; of the latter that is said."""
    demonstration = is_demo_database(db)
    configured = load_folder(settings.config)
    rule_sets = [rules for rules in configured if not rulebook.kept_out(rules, demonstration=demonstration)]
    if not rule_sets:
        err.print("No borough of yours has rules here yet: docs/add-a-borough.md says how to write them.")
    unconfirmed = [rules.title for rules in configured if rules.unconfirmed]
    if unconfirmed and not demonstration:
        err.print(
            f"Kept out, as nobody there has confirmed the figures: {', '.join(unconfirmed)}. {_ADOPT}", markup=False
        )
    for name in rulebook.install(db, rule_sets):
        err.print(f"Rule set {name} is now in the database.", markup=False)
    with db.reading() as look:
        withdrawn = [rules.full_name for rules in rule_sets if rulebook.is_withdrawn(look, rules)]
    for name in withdrawn:
        err.print(f"Rule set {name} was withdrawn before it came into force: its file has no effect.", markup=False)


_ADOPT = (
    "To adopt one: copy its file, have every figure confirmed, replace `unconfirmed: true` by `confirmed_by:`. "
    "docs/authorities.md says how."
)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    with_timers: Annotated[bool, typer.Option(help="Run the timers in this process too: one machine, SQLite.")] = False,
) -> None:
    """Serve the pages."""
    settings = Settings()
    with open_database() as db:
        _install_rules(db, settings)
        scheduler = ringing(db, _bells(db, settings), in_background=True) if with_timers else None
        if scheduler:
            scheduler.start()
        _serve(host, port)
        if scheduler:
            scheduler.shutdown()


def _serve(host: str, port: int) -> None:
    # The access log would hold nothing that the audit trail lacks, and addresses of pages belong in no log.
    uvicorn.run(
        APPLICATION, factory=True, host=host, port=port, access_log=False, server_header=False, log_level="warning"
    )


@app.command()
def timers() -> None:
    """Run the timers: the sweep, the watch for quiet sources, and what is set up: messages, anchoring, ping."""
    settings = Settings()
    with open_database() as db:
        _install_rules(db, settings)
        scheduler = ringing(db, _bells(db, settings), in_background=False)
        try:
            scheduler.start()
        except KeyboardInterrupt:
            scheduler.shutdown(wait=False)


def _bells(db: Database, settings: Settings) -> list[Bell]:
    book, file, address = rulebook.Rulebook(), settings.anchor_file, settings.address_to_ping()
    bells = [
        Bell(SWEEP, lambda: run_sweep(db, book), settings.sweep_seconds),
        Bell("silence", lambda: watch.watch(db, book), watch.EVERY_SECONDS),
    ]
    ways_out = carriers(settings, demo=is_demo_database(db))
    set_up(db, ways_out)
    if ways_out:
        bells.append(Bell("outbox", lambda: outbox.ring(db, book, ways_out), outbox.EVERY_SECONDS))
    if file is not None:
        anchoring: Callable[[], object] = lambda: audit_check.anchor(db, file, clock.now())  # noqa: E731
        bells.append(Bell("anchor", anchoring, 60 * settings.anchor_minutes))
    if address is not None:
        pinging: Callable[[], object] = lambda: ping(db, address, settings.sweep_stale_seconds)  # noqa: E731
        bells.append(Bell("ping", pinging, PING_SECONDS))
    return bells


@app.command()
def sweep(
    once: Annotated[bool, typer.Option("--once", help="Sweep once and stop.")] = False,
    at: Annotated[str | None, typer.Option(help="What is due up to and with this instant, instead of now.")] = None,
) -> None:
    """Raise everything that has come due."""
    if not once:
        raise BadInput("Say --once, or run the timers for good with: mash timers.")
    until = instant(at)
    with open_database() as db:
        if until and is_still_to_come(db, until):
            raise BadInput("--at: lies in the future. Alerts would be raised before they are due.")
        done = run_sweep(db, rulebook.Rulebook(), until + clock.INSTANT if until else None)
    out.print(f"{done.contacts} contacts looked at, {done.alerts} alerts raised.")
    if done.failed:
        raise Unsafe(f"{len(done.failed)} contacts could not be worked out: see the log, and run mash doctor.")


@app.command("demo")
def demo_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="First port to try.")] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin the demonstration anew.")] = False,
    fill_only: Annotated[bool, typer.Option("--fill-only", help="Fill the database and stop.")] = False,
) -> None:
    """Serve a demonstration hub: invented people, signing in without a password, timers included."""
    os.environ.setdefault("MASH_DATABASE_URL", f"sqlite:///{DEMO}")
    os.environ["MASH_INSECURE_HTTP"] = "true"
    settings = Settings()
    if fresh:
        _remove_demo(settings)
    _make_demo(settings)
    if fill_only:
        return
    with open_database() as db:
        scheduler = ringing(db, _bells(db, settings), in_background=True)
        scheduler.start()
        port = _free_port(host, port)
        _greet(f"http://{host}:{port}/", db)
        _serve(host, port)
        scheduler.shutdown(wait=False)


def _make_demo(settings: Settings) -> None:
    """A SQLite file is filled under another name first: one that is there is whole."""
    url = make_url(settings.database_url)
    file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    if file is None or file.exists():
        _fill_demo(settings)
        return
    unfinished = file.with_name(f"{file.name}.unfinished")
    for part in _parts(unfinished):
        part.unlink(missing_ok=True)
    _fill_demo(settings.model_copy(update={"database_url": f"sqlite:///{unfinished}"}))
    unfinished.rename(file)


def _fill_demo(settings: Settings) -> None:
    migrate.migrate(settings, purpose="demo")
    with open_database(settings.database_url) as db:
        try:
            _install_rules(db, settings)
        except BadInput as no:
            anew = "Or begin the demonstration anew: `make run FRESH=1`, or `mash demo --fresh`."
            raise BadInput(*no.reasons, *([anew] if demo.is_filled(db) else [])) from None
        if not demo.is_filled(db):
            err.print("Filling the demonstration: this takes some seconds.")
            demo.fill(db, clock.now())


def _parts(file: Path) -> list[Path]:
    return [file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")]


def _remove_demo(settings: Settings) -> None:
    """Only a SQLite file that is a demonstration is ever removed."""
    db = Database(settings.database_url)
    if not db.is_sqlite or db.url.database is None:
        raise BadInput("--fresh is for a demonstration in a SQLite file. Drop and create the database yourself.")
    file = Path(db.url.database)
    if file.exists():
        if not is_demo_database(db):
            raise Unsafe("This database is not a demonstration: nothing was removed.")
        db.close()
        for part in _parts(file):
            part.unlink(missing_ok=True)


def _free_port(host: str, first: int) -> int:
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) != 0:
                return port
    raise Unsafe(f"No port from {first} to {first + 99} is free. Name another with --port.")


def _greet(address: str, db: Database) -> None:
    out.print(f"\n[bold]The front door of Northbridge is open at {address}[/bold]")
    out.print("Every name in it is invented. On the sign-in page choose who to be, no password:\n")
    for user in demo_users(db):
        desk = f" ({user.desk.replace('_', ' ')})" if user.desk else ""
        out.print(f"  {user.name:28} {user.role.label}{desk}", markup=False)
    out.print("\nStop with Ctrl-C. Begin anew with: make run FRESH=1\n")


@app.command("replay")
def replay_command(
    events: Annotated[Path, typer.Argument(help="A recording, one event a line.")],
    out_file: Annotated[Path, typer.Option("--out", help="Where the results go.")],
    rules: Annotated[Path | None, RULES] = None,
    database: Annotated[str | None, typer.Option(help="Keep the result in this empty database.")] = None,
    until: Annotated[str | None, typer.Option(help="Stop at this instant.")] = None,
) -> None:
    """Drive the real operations through recorded work, and write what the engine made of it."""
    end = instant(until)
    if not out_file.parent.is_dir():
        raise BadInput(f"{out_file.parent}: there is no such folder for the results.")
    chosen = rule_sets(rules)
    lines = recording_file.read(events, {r.name for r in chosen})
    with TemporaryDirectory() as folder:
        db = Database(database or f"sqlite:///{folder}/replay.db")
        migrate.build(db)
        if not is_empty(db):
            raise BadInput("The database has contacts already: replay needs an empty one.")
        named = {line.borough for line in lines}
        rulebook.install(db, [own for own in chosen if own.name in named] or chosen)
        shown = track(lines, "Replaying", console=err, disable=not sys.stderr.isatty(), transient=True)
        progress = replay.Replay(db).play(shown, end)
        with out_file.open("w", encoding="utf-8") as results:
            for line in replay.results(db, progress):
                results.write(json.dumps(line, ensure_ascii=False) + "\n")
        db.close()
    err.print(f"{progress.events} events in {progress.seconds:.1f} s, {len(progress.refusals)} refused: {out_file}")


@app.command("export-events")
def export_command() -> None:
    """Write the whole record as a recording that `mash replay` reads. It holds personal data."""
    with open_database() as db:
        for line in export.export_events(db):
            typer.echo(line)


@app.command("doctor")
def doctor_command() -> None:
    """Find contacts, requests and hand-overs that nobody waits for. Exit status 1 where there are any."""
    with open_database() as db:
        found = doctor.examine(db, clock.now())
    for finding in found:
        out.print(f"{finding.reference}: {finding.sentence}", markup=False)
    if found:
        raise typer.Exit(1)
    out.print("Nothing is adrift.")


@app.command()
def routes(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Every route with its method and the permission that it needs."""
    table = uvicorn.importer.import_from_string("web.app:all_routes")()
    rows = [{"route": path, "method": method, "permission": permission} for method, path, permission in table]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        out.print(f"{row['method']:6} {row['route']:50} {row['permission']}", markup=False)


@audit_app.command("verify")
def verify_audit(
    anchor: Annotated[Path | None, typer.Option(help="An anchor file: also finds a cut or rewritten end.")] = None,
) -> None:
    """Recompute every chain. Exit status 1, with the place, where anything was altered or removed."""
    with open_database() as db:
        found = audit_check.verify(db, anchor or Settings().anchor_file)
    for finding in found:
        out.print(finding.sentence, markup=False)
    if found:
        raise typer.Exit(1)
    out.print("Every chain is whole.")


@audit_app.command("anchor")
def anchor_audit(
    file: Annotated[Path | None, typer.Option(help="The anchor file; MASH_ANCHOR_FILE if absent.")] = None,
) -> None:
    """Write the ends of changed chains to a file outside the database."""
    target = file or Settings().anchor_file
    if target is None:
        raise BadInput("Name the anchor file with --file, or set MASH_ANCHOR_FILE.")
    with open_database() as db:
        out.print(f"{audit_check.anchor(db, target, clock.now())} chains anchored in {target}.", markup=False)
