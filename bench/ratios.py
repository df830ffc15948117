"""The gated figures, measured in several interpreters one after the other and put together.

Each interpreter hashes words differently, and how fast a dictionary is depends on that: one alone can be 15 % off.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain

from bench import deadlines, suggesting
from bench.measuring import Figure

INTERPRETERS = 5


def figures() -> Iterator[Figure]:
    """Each with the rounds of all interpreters."""
    found = [_in_another(seed) for seed in range(INTERPRETERS)]
    for first, *others in zip(*found, strict=True):
        yield first.with_rounds_of(others)


def _in_another(seed: int) -> list[Figure]:
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-m", "bench.ratios"]
    text = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [Figure(**fields) for fields in json.loads(text)]


if __name__ == "__main__":
    json.dump([asdict(figure) for figure in chain(deadlines.figures(), suggesting.figures())], sys.stdout)
