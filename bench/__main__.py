"""Print every figure with its limit; ends with status 1 where a ratio misses its own: `make bench`.

The memory of a simulated month takes too long for it: `python -m bench.month`.
"""

import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

import pandas as pd

from bench import comparing, living, queueing, ratios, recorded, sweeping
from bench.measuring import ROUNDS, Figure


def main() -> None:
    """All of them, one after the other."""
    _say(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, pandas {pd.__version__}, {_cores()} cores")
    rounds = f"{ROUNDS} rounds in each of {ratios.INTERPRETERS} interpreters"
    _say(f"Ratios: median of {rounds}, the middle half of them, and the median time of each side.\n")
    missed = [figure for figure in _all() if figure.gated and not figure.kept]
    sys.exit(1 if missed else 0)


def _all() -> Iterator[Figure]:
    for figure in chain(
        ratios.figures(),
        living.figures(),
        sweeping.figures(),
        queueing.figures(),
        recorded.figures(),
        comparing.figures(),
    ):
        _say(figure.line)
        yield figure


def _cores() -> int:
    """Those that we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
