"""Does every alert reach somebody, whoever leaves and whatever fails? A thousand random histories: `make faults`.

Each is played as `tests.support.random_reaching` says. One that fails is told as what happened in it.
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from mash.clock import LONDON
from tests.support.databases import SqliteFiles
from tests.support.random_reaching import history

AT_ONCE = 25


def some_histories(first: int, number: int) -> tuple[Counter[str], list[str]]:
    """What these came to, and what was wrong with them."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    counts, wrong = Counter[str](), list[str]()
    with TemporaryDirectory() as name:
        files = SqliteFiles(Path(name))
        for seed in range(first, first + number):
            with files.copy("live") as db:
                played = history(db, seed)
            counts += played.counts
            if played.wrong:
                wrong.append("\n".join([f"history {seed}:", *played.said, *played.wrong]))
    return counts, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=datetime.now(LONDON).toordinal())
    parser.add_argument("--at-a-time", type=int, default=os.cpu_count() or 1, help="how many processes play")
    chosen = parser.parse_args()
    started, whole, failed = time.monotonic(), Counter[str](), list[str]()
    firsts = range(0, chosen.histories, AT_ONCE)
    sizes = [min(AT_ONCE, chosen.histories - first) for first in firsts]
    with ProcessPoolExecutor(chosen.at_a_time) as players:
        for counts, wrong in players.map(some_histories, [chosen.seed * 1_000_000 + n for n in firsts], sizes):
            whole += counts
            failed += wrong
    for name, number in sorted(whole.items()):
        sys.stdout.write(f"{name}: {number}\n")
    told = "\n\n".join(failed[:3])
    sys.stdout.write(
        f"{len(failed)} silent ends or other failures, seed {chosen.seed}, {time.monotonic() - started:.0f} s\n{told}\n"
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
