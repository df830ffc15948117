"""The real programs, `mash timers` and `mash serve`, as processes that can be killed, stopped and told a wrong time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mash.db import Database
from mash.settings import ROOT

PATIENCE_SECONDS = 120


def faketime() -> Path | None:
    """The library that gives one program another time than the machine's."""
    places = (folder.glob("faketime/libfaketimeMT.so.1") for folder in Path("/usr/lib").glob("*-linux-gnu*"))
    return next((found for place in places for found in place), None)


def have_faketime() -> None:
    """Install it where we may; else stop with one line that says what to do."""
    if faketime() is None:
        sys.path.insert(0, str(ROOT / "scripts"))
        from machine import apt_install, can_apt, stop

        if not can_apt():
            stop("No faketime for this run. Ask for it once: sudo apt-get install faketime")
        apt_install("faketime")


@dataclass
class Program:
    """One command of `mash` over a database.

    `wrong_by`: by how much its clock is wrong, such as "+10m". `fault`: what comes with a signal (failing.py).
    """

    db: Database
    command: tuple[str, ...]
    wrong_by: str | None = None
    settings: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Once more, where it has ended."""
        ours = ("-m", "tests.faults.failing", self.fault) if self.fault else ("-c", "from mash.cli import main; main()")
        run = [sys.executable, *ours, *self.command]
        with open(self.log or os.devnull, "ab") as output:
            self.process = subprocess.Popen(run, cwd=ROOT, env=self._environment(), stdout=output, stderr=output)

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
        ours |= {"PYTHONPATH": str(ROOT), "MASH_DATABASE_URL": self.db.url.render_as_string(hide_password=False)}
        ours |= {"MASH_SWEEP_SECONDS": "1"} | self.settings
        if self.wrong_by is not None:
            ours |= {"LD_PRELOAD": str(faketime()), "FAKETIME": self.wrong_by, "DONT_FAKE_MONOTONIC": "1"}
        return ours

    def send(self, what: signal.Signals) -> None:
        """A signal."""
        assert self.process is not None
        self.process.send_signal(what)

    def kill(self) -> None:
        """As `kill -9`."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """They run inside the block, and are killed at its end."""
    try:
        for program in programs:
            program.start()
        yield
    finally:
        for program in programs:
            program.kill()


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS, every: float = 0.2) -> float | None:
    """How many seconds it took until it held; None where it did not within the time."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(every)
    return time.monotonic() - began
