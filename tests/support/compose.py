"""The house of `docker-compose.yml`, started as it says, without Docker: its own commands, settings and healthchecks.

Each service is a process with the argv and the environment that stand in the file, in the order that `depends_on` asks
for. What only containers have is put in their place, here and nowhere else (`_Here`): the database's host and port, the
port and address that `web` listens on, and where secrets and volumes are mounted. The image of the database becomes a
server of PostgreSQL on this machine, with the roles, the database and the first script that the file gives it.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import yaml

from tests.support import postgres

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
LOOPBACK, PATIENCE_SECONDS = "127.0.0.1", 60
_VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


@dataclass(frozen=True)
class Service:
    """One service of the file: what runs, with which settings, how many, and how one asks whether it is well."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    replicas: int
    healthcheck: str | None
    waits_for: Mapping[str, str]
    port: str | None
    """On which it listens, in its container."""


@dataclass(frozen=True)
class Compose:
    """What the file says, with its variables filled in."""

    data: Mapping[str, Any]

    @classmethod
    def read(cls, text: str, variables: Mapping[str, str]) -> "Compose":
        """Raises KeyError for a variable that has no value."""
        return cls(yaml.safe_load(_VARIABLE.sub(lambda found: variables[found[1]], text)))

    @property
    def services(self) -> dict[str, Service]:
        """In the order in which they can start."""
        left = {name: _service(name, said) for name, said in self.data["services"].items()}
        found: dict[str, Service] = {}
        while left:
            name = next(name for name, one in left.items() if one.waits_for.keys() <= found.keys())
            found[name] = left.pop(name)
        return found

    def first_script(self) -> str:
        """What the database's image runs once, when it makes the database."""
        (config,) = self.data["services"]["db"]["configs"]
        assert config["target"].startswith("/docker-entrypoint-initdb.d/")
        return str(self.data["configs"][config["source"]]["content"])


def _service(name: str, said: Mapping[str, Any]) -> Service:
    return Service(
        name=name,
        argv=tuple(shlex.split(said.get("command", ""))),
        environment=dict(said.get("environment", {})),
        replicas=said.get("deploy", {}).get("replicas", 1),
        healthcheck=said.get("healthcheck", {}).get("test"),
        waits_for={other: how["condition"] for other, how in said.get("depends_on", {}).items()},
        port=said["ports"][0].rpartition(":")[2] if "ports" in said else None,
    )


@dataclass(frozen=True)
class _Here:
    """What stands on this machine for what only containers have."""

    folder: Path
    database: str

    def said(self, text: str, service: Service, port: int) -> str:
        text = text.replace("@db/", f"@{self.database}/").replace("/run/secrets/", f"{self.folder}/secrets/")
        text = text.replace("/var/lib/mash/", f"{self.folder}/volume/").replace("0.0.0.0", LOOPBACK)
        return re.sub(rf"(?<![\w.]){service.port}(?!\w)", str(port), text) if service.port else text


@dataclass
class Running:
    """One process of a service."""

    service: Service
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    port: int
    log: Path

    def end(self) -> None:
        """As Docker stops a container: asked first."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class House:
    """The services as they run, by name; `database_url` is the application's own."""

    here: _Here
    compose: Compose
    settings: Mapping[str, str]
    running: dict[str, list[Running]] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        return self._environment(self.compose.services["web"], 0)["MASH_DATABASE_URL"]

    def start(self, service: Service, number: int) -> None:
        """Start one of a service; wait for its end where another waits for that, else until it is well."""
        port = postgres.free_port() if service.port else 0
        argv = [self.here.said(word, service, port) for word in service.argv]
        log = self.here.folder / f"{service.name}-{number}.log"
        environment = self._environment(service, port)
        with log.open("wb") as output:
            how: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            process = subprocess.Popen(argv, cwd=ROOT, env=environment, start_new_session=True, **how)
        one = Running(service, process, environment, port, log)
        self.running.setdefault(service.name, []).append(one)
        conditions = {other.waits_for.get(service.name) for other in self.compose.services.values()}
        if "service_completed_successfully" in conditions:
            assert process.wait(PATIENCE_SECONDS) == 0, log.read_text()

    def run(self, service: str, *words: str, typed: str = "") -> str:
        """As `docker compose run --rm SERVICE WORDS`: what it said."""
        environment = self._environment(self.compose.services[service], 0)
        done = subprocess.run(
            words, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, start_new_session=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_well(self, one: Running) -> bool:
        """What the file's healthcheck says of it."""
        assert one.service.healthcheck
        test = self.here.said(one.service.healthcheck, one.service, one.port)
        return subprocess.run(test, shell=True, env=one.environment, capture_output=True).returncode == 0

    def wait_until_well(self) -> None:
        """Until every process that has a healthcheck passes it."""
        waiting = [one for some in self.running.values() for one in some if one.service.healthcheck]
        patience = time.monotonic() + PATIENCE_SECONDS
        for one in waiting:
            while not self.is_well(one):
                assert one.process.poll() is None and time.monotonic() < patience, one.log.read_text()
                time.sleep(0.1)

    def end(self) -> None:
        """Stop everything, what started last first."""
        for one in [one for some in self.running.values() for one in some][::-1]:
            if one.process.poll() is None:
                one.end()

    def _environment(self, service: Service, port: int) -> dict[str, str]:
        """The image's PATH, the file's environment, and the settings of the test."""
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        base = {"PATH": programs, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), "HOME": str(self.here.folder)}
        own = {name: self.here.said(str(value), service, port) for name, value in service.environment.items()}
        return base | own | self.settings


@contextmanager
def started(variables: Mapping[str, str], settings: Mapping[str, str], extra: Mapping[str, int]) -> Iterator[House]:
    """The whole house of the file, well; `settings` go to every service, `extra` says of which more are started."""
    compose = Compose.read(FILE.read_text(encoding="utf-8"), variables)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mash-compose-")))
        for name in ("secrets", "volume"):
            (folder / name).mkdir()
        for name in compose.data["secrets"]:
            (folder / "secrets" / name).write_text(variables[name], encoding="utf-8")
        database = stack.enter_context(_database(compose))
        house = House(_Here(folder, database), compose, settings)
        stack.callback(house.end)
        for service in compose.services.values():
            for number in range(service.replicas + extra.get(service.name, 0) if service.argv else 0):
                house.start(service, number)
        house.wait_until_well()
        yield house


@contextmanager
def _database(compose: Compose) -> Iterator[str]:
    """Host and port of a server that its image would have set up like this."""
    service = compose.services["db"]
    said = service.environment
    programs = postgres.find()
    if programs is None:
        raise RuntimeError("No PostgreSQL here whose programs can be started: `make test` installs it.")
    assert set(shlex.split(said["POSTGRES_INITDB_ARGS"])) == {"--locale=C", "--encoding=UTF8"}, "as for every test"
    safe = {name: value for name, value in postgres.SETTINGS.items() if name != "fsync"}
    with (
        TemporaryDirectory(prefix="mash-postgres-", dir="/tmp") as name,
        postgres.running(programs, Path(name), safe) as port,
    ):
        owner, password = said["POSTGRES_USER"], said["POSTGRES_PASSWORD"]
        _execute(port, "postgres", "postgres", f"CREATE ROLE {owner} SUPERUSER LOGIN PASSWORD '{password}'")
        _execute(port, "postgres", "postgres", f"CREATE DATABASE {said['POSTGRES_DB']} OWNER {owner}")
        _execute(port, owner, said["POSTGRES_DB"], compose.first_script())
        here = {"PATH": f"{programs}:{os.environ['PATH']}", "PGPORT": str(port)}
        assert service.healthcheck
        subprocess.run(shlex.split(service.healthcheck), env=here, check=True, capture_output=True)
        yield f"{LOOPBACK}:{port}"


def _execute(port: int, user: str, database: str, sql: str) -> None:
    with psycopg.connect(host=LOOPBACK, port=port, user=user, dbname=database, autocommit=True) as connection:
        connection.execute(sql.encode())
