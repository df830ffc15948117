"""Every longer run, as many at once as there are processors, the longest first: `make faults`.

In under 40 minutes on two processors; with `--full` as much of everything as we promise. Most have a new seed each day.
Each is a command of its own too (`python -m tests.faults.racers --help`). What it says is shown when it has ended.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

RUNS = (
    (("deaths", "--database", "sqlite"), ("--points", "250")),
    (("random_play", "--at-a-time", "1"), ("--programs", "500")),
    (("many_due",), ()),
    (("dead_man",), ()),
    (("reaching", "--at-a-time", "1"), ("--histories", "300")),
    (("deaths", "--database", "postgresql"), ("--points", "100")),
    (("racers",), ("--contacts", "500")),
    (("silence",), ("--seeds", "2")),
    (("killed_replay",), ()),
    (("server_kills",), ()),
    (("deadlines",), ()),
    (("rule_files",), ()),
    (("outage",), ()),
)
"""What runs, and how much of it where not everything is asked for."""


@dataclass(frozen=True)
class Ended:
    """What became of a run."""

    command: str
    passed: bool
    seconds: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="as much of everything as we promise")
    full, begun, ended = parser.parse_args().full, time.monotonic(), list[Ended]()
    for one in all_of_them([words if full else (*words, *fewer) for words, fewer in RUNS]):
        ended.append(one)
        sys.stdout.write(f"== {one.command}: {one.seconds:.0f} s, {_verdict(one)}\n{one.said}\n")
        sys.stdout.flush()
    for one in ended:
        sys.stdout.write(f"{_verdict(one):8}{one.seconds:6.0f} s  {one.command}\n")
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s in all\n")
    sys.exit(0 if all(one.passed for one in ended) else 1)


def all_of_them(runs: Iterable[Sequence[str]]) -> Iterator[Ended]:
    """Each when it has ended."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as lanes:
        for run in as_completed([lanes.submit(_run, *words) for words in runs]):
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
