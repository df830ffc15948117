"""Every longer run, as many at once as there are processors, the longest first: `make faults`.

Each is a command of its own too (`python -m tests.faults.racers --help`). What it says is shown when it has ended.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

RUNS = (
    ("deaths", "--database", "sqlite"),
    ("random_play", "--programs", "2000", "--seed", "1", "--at-a-time", "1"),
    ("deaths", "--database", "postgresql"),
    ("reaching", "--histories", "1000", "--seed", "1"),
    ("dead_man",),
    ("many_due",),
    ("racers", "--contacts", "1500"),
    ("silence", "--seeds", "5"),
    ("killed_replay", "--kills", "200"),
    ("server_kills",),
    ("deadlines", "--cases", "20000"),
    ("rule_files", "--mutants", "2000"),
    ("outage",),
)


@dataclass(frozen=True)
class Ended:
    """What became of a run."""

    command: str
    passed: bool
    seconds: float
    said: str


def main() -> None:
    begun, ended = time.monotonic(), []
    for one in all_of_them():
        ended.append(one)
        sys.stdout.write(f"== {one.command}: {one.seconds:.0f} s, {_verdict(one)}\n{one.said}\n")
        sys.stdout.flush()
    for one in ended:
        sys.stdout.write(f"{_verdict(one):8}{one.seconds:6.0f} s  {one.command}\n")
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s in all\n")
    sys.exit(0 if all(one.passed for one in ended) else 1)


def all_of_them() -> Iterator[Ended]:
    """Each when it has ended."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as lanes:
        for run in as_completed([lanes.submit(_run, *words) for words in RUNS]):
            yield run.result()


def _run(name: str, *options: str) -> Ended:
    command, begun = ["-m", f"tests.faults.{name}", *options], time.monotonic()
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    ran = subprocess.run([sys.executable, *command], text=True, **both)
    return Ended(" ".join(command[1:]), ran.returncode == 0, time.monotonic() - begun, ran.stdout)


def _verdict(one: Ended) -> str:
    return "passed" if one.passed else "FAILED"


if __name__ == "__main__":
    main()
