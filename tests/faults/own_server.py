"""A PostgreSQL server of one's own that loses nothing it confirmed, and can be killed and started again."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mash.db import Database
from tests.support import postgres
from tests.support.databases import PostgresDatabases, SqliteFiles


class OwnServer:
    """One server in a folder. What the tests share has `fsync` off, and the programs refuse such a one."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, postgres.free_port()
        self.process: subprocess.Popen[bytes] | None = None
        kind = ("--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8")
        subprocess.run([programs / "initdb", "--pgdata", folder / "data", *kind], check=True, **self._how())

    @property
    def url(self) -> str:
        """As its superuser."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def _how(self) -> dict[str, object]:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return postgres.as_server(self.folder) | quiet

    def start(self) -> None:
        """Again on the same port; returns when it answers."""
        settings = postgres.SETTINGS | {"fsync": "on"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), *words]
        self.process = subprocess.Popen(command, start_new_session=True, **self._how())
        postgres.wait_until_ready(self.process, self.port, Path(os.devnull))

    def kill(self) -> None:
        """All its processes at once, as when the machine fails."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """In good order."""
        if self.process is not None:
            postgres.end(self.process)


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """It runs inside the block."""
    programs = postgres.find()
    if programs is None:
        raise RuntimeError("No PostgreSQL here: `make test` installs it.")
    with TemporaryDirectory(prefix="mash-postgres-", dir="/tmp") as name:
        server = OwnServer(programs, Path(name))
        server.start()
        try:
            yield server
        finally:
            server.end()


@contextmanager
def durable(kind: str) -> Iterator[Database]:
    """A live database of this kind that the programs agree to run on."""
    with ExitStack() as made:
        if kind == "sqlite":
            source: SqliteFiles | PostgresDatabases = SqliteFiles(Path(made.enter_context(TemporaryDirectory())))
        else:
            source = PostgresDatabases(made.enter_context(own_server()).url)
            made.callback(source.close)
        yield made.enter_context(source.copy("live"))
